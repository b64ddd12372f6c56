package admin

import (
	"time"

	"phoneacs/db"
)

// phoneView is a phone as version 1 shows it: what the store keeps, without
// any password.
type phoneView struct {
	ID           db.PhoneID    `json:"id"`
	State        db.PhoneState `json:"state"`
	MAC          string        `json:"mac,omitempty"`
	Name         string        `json:"name,omitempty"`
	Site         db.SiteID     `json:"site"`
	Tags         []string      `json:"tags"`
	Vendor       string        `json:"vendor,omitempty"`
	Model        string        `json:"model,omitempty"`
	Manufacturer string        `json:"manufacturer,omitempty"`
	OUI          string        `json:"oui,omitempty"`
	ProductClass string        `json:"product_class,omitempty"`
	Serial       string        `json:"serial,omitempty"`

	SoftwareVersion string `json:"software_version,omitempty"`
	HardwareVersion string `json:"hardware_version,omitempty"`
	CWMP            string `json:"cwmp,omitempty"`

	ConnectionRequestURL  string `json:"connection_request_url,omitempty"`
	ConnectionRequestUser string `json:"connection_request_user,omitempty"`

	Proof     db.ProofState `json:"proof"`
	Refused   string        `json:"proof_refused,omitempty"`
	RefusedAt time.Time     `json:"proof_refused_at,omitzero"`

	Created    time.Time `json:"created"`
	Bootstrap  time.Time `json:"bootstrap,omitzero"`
	Boot       time.Time `json:"boot,omitzero"`
	LastInform time.Time `json:"last_inform,omitzero"`
	Address    string    `json:"address,omitempty"`
	Informs    uint64    `json:"informs"`
	LastWake   time.Time `json:"last_wake,omitzero"`
	WakeError  string    `json:"wake_error,omitempty"`
	WakeWay    string    `json:"wake_way,omitempty"`
	Held       bool      `json:"held"`
	Remarks    []string  `json:"remarks,omitempty"`
}

func viewPhone(p *db.PhoneStatus) phoneView {
	return phoneView{
		ID: p.ID, State: p.State, MAC: p.MAC, Name: p.Name, Site: p.Site, Tags: orEmpty(p.Tags),
		Vendor: p.Vendor, Model: p.Model, Manufacturer: p.Manufacturer,
		OUI: p.OUI, ProductClass: p.ProductClass, Serial: p.Serial,
		SoftwareVersion: p.SoftwareVersion, HardwareVersion: p.HardwareVersion, CWMP: p.CWMP,
		ConnectionRequestURL: p.ConnectionRequestURL, ConnectionRequestUser: p.ConnectionRequestUser,
		Proof: p.Proof, Refused: p.Refused, RefusedAt: p.RefusedAt,
		Created: p.Created, Bootstrap: p.Bootstrap, Boot: p.Boot,
		LastInform: p.LastInform, Address: p.Address, Informs: p.Informs,
		LastWake: p.LastWake, WakeError: p.WakeError, WakeWay: p.WakeWay, Held: p.Held,
	}
}

// showPhone is viewPhone with what is odd about the phone just now.
func (a *API) showPhone(p *db.PhoneStatus) phoneView {
	v := viewPhone(p)
	if a.remarks != nil {
		v.Remarks = a.remarks.Remarks(p.ID)
	}
	return v
}

// orEmpty makes a list that may be nil one that JSON writes as [].
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
