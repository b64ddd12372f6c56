package schemas

import (
	"embed"
	"io/fs"
)

//go:embed cwmp/*.xsd
var cwmp embed.FS

// CWMP returns the XML schemas of the messages of TR-069: for a version, say
// 1.2, message-1-2.xsd describes a whole envelope of it in either direction.
// The files name each other by relative paths. They say what is right to send,
// which is less than what has to be understood.
func CWMP() fs.FS {
	sub, err := fs.Sub(cwmp, "cwmp")
	if err != nil {
		panic(err) // a valid path cannot fail
	}
	return sub
}
