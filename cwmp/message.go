package cwmp

import (
	"strings"

	"github.com/beevik/etree"
)

// Message is the one element of a SOAP body: a request, a response or a fault.
// The messages of this package are pointers to structs, and [*Unknown] stands
// for all others. RPC returns the local name of the element: "Inform",
// "DownloadResponse", "Fault".
type Message interface {
	RPC() string
}

// codec is what each message of this package also is. decode fills an empty
// message from its element and never fails: what is missing or unreadable
// takes the value its field documents. encode writes the element's children.
type codec interface {
	Message
	decode(e *etree.Element)
	encode(w *writer)
}

// IsResponse reports whether m answers a request: a fault, or a message whose
// name ends in "Response".
func IsResponse(m Message) bool {
	name := m.RPC()
	return name == "Fault" || strings.HasSuffix(name, "Response")
}
