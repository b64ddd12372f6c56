package db

import "strings"

// counting are the last parts of names whose values change by themselves.
var counting = map[string]bool{
	"uptime": true, "currentlocaltime": true, "currenttime": true, "cpuusage": true, "free": true,
}

// OnlyCounts reports whether a parameter counts or tells the time: its value is
// kept, and that it changed says nothing. Else a phone whose tree is read each
// night would fill its history with that alone.
func OnlyCounts(name string) bool {
	name = strings.ToLower(name)
	return counting[name[strings.LastIndexByte(name, '.')+1:]] || strings.Contains(name, ".stats.") || strings.Contains(name, ".processstatus.")
}
