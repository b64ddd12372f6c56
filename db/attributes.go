package db

import "encoding/json"

// An Attribute is what SetParameterAttributes is to change of a parameter, or
// of all below a path that ends in ".".
type Attribute struct {
	Name         string    `json:"name"`
	Notification *int      `json:"notification,omitempty"` // 0 off, 1 passive, 2 active, 3 to 6 lightweight (CWMP 1.4); nil: as it is
	AccessList   *[]string `json:"access_list,omitempty"`  // who besides the server may write; nil: as it is
}

// A RawCall is an RPC as an expert wrote it. Values that are secret (see
// [SecretName]) in Args and XML are stored, as they have to be sent, and are
// never to be shown.
type RawCall struct {
	RPC  string          `json:"rpc"`            // "GetOptions", "X_VENDOR_Method"
	Args json.RawMessage `json:"args,omitempty"` // an object in the RPC's own names
	XML  string          `json:"xml,omitempty"`  // of a vendor's RPC: its element
}
