package db

import "time"

// Kinds of jobs.
const (
	KindDownload       = "download"
	KindReboot         = "reboot"
	KindSetParameters  = "set-parameters"
	KindGetParameters  = "get-parameters"
	KindFactoryReset   = "factory-reset"
	KindScheduleInform = "schedule-inform"
	KindAddObject      = "add-object"
	KindDeleteObject   = "delete-object"
	KindSetAttributes  = "set-attributes"
	KindGetAttributes  = "get-attributes"
	KindGetNames       = "get-names"
	KindRaw            = "raw"
	KindUpload         = "upload"
	KindCheckSync      = "check-sync"
)

// Kinds are all kinds of jobs, in the order in which they are told.
var Kinds = []string{
	KindDownload, KindReboot, KindSetParameters, KindGetParameters,
	KindFactoryReset, KindScheduleInform, KindAddObject, KindDeleteObject,
	KindSetAttributes, KindGetAttributes, KindGetNames, KindRaw,
	KindUpload, KindCheckSync,
}

// Args are the arguments of a job, by kind.
type Args struct {
	File       FileID        `json:"file,omitempty"`       // download
	Parameters []Setting     `json:"parameters,omitempty"` // set-parameters
	Names      []string      `json:"names,omitempty"`      // get-parameters, get-attributes, get-names; what ends in "." stands for all below
	Delay      time.Duration `json:"delay,omitempty"`      // schedule-inform
	Object     string        `json:"object,omitempty"`     // add-object, delete-object; ends in "."
	Attributes []Attribute   `json:"attributes,omitempty"` // set-attributes
	Raw        *RawCall      `json:"raw,omitempty"`        // raw
	Upload     *UploadArg    `json:"upload,omitempty"`     // upload
	Reboot     bool          `json:"reboot,omitempty"`     // check-sync
}

// A Setting is the value that a parameter is to have. That of a secret one (see
// [SecretName]) is stored sealed, as it has to be sent, and is never to be shown.
type Setting struct {
	Name  string `json:"name"`
	Type  string `json:"type,omitempty"` // XML Schema name; empty stands for "string"
	Value string `json:"value"`
}
