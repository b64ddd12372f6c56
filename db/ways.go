package db

import (
	"fmt"
	"slices"
	"strings"
)

// The ways in which a phone is made to speak, and one in which it need not.
const (
	WayHTTP           = "http"            // a connection request (TR-069 3.2.2)
	WayUDP            = "udp"             // a connection request through a NAT (Annex G)
	WayScheduleInform = "schedule-inform" // asked in an earlier session to inform at its slot
	WayPeriodicInform = "periodic-inform" // its periodic Informs are moved to its slot

	// WayScheduleDownload is for downloads alone: in an earlier session the phone
	// is sent what it is to fetch in its window (TR-069 A.4.1.8). Only sites that
	// name it have it.
	WayScheduleDownload = "schedule-download"
)

// Ways are those in which phones are made to speak, in the order in which they
// are tried unless a site says otherwise.
var Ways = []string{WayHTTP, WayUDP, WayScheduleInform, WayPeriodicInform}

// AllWays are those that a site may name.
var AllWays = append(slices.Clone(Ways), WayScheduleDownload)

// SpeakBy is in which ways the phones of a site are made to speak, in this
// order. It is not to be changed.
func (s *Site) SpeakBy() []string {
	if len(s.Ways) == 0 {
		return Ways
	}
	return s.Ways
}

// CheckWays refuses what is no way, or is named twice, as a *FieldError.
func CheckWays(field string, ways []string) error {
	for i, w := range ways {
		switch {
		case !slices.Contains(AllWays, w):
			return &FieldError{Field: field, Err: fmt.Errorf("%q is no way to make a phone speak; there are %s", clipWay(w), strings.Join(AllWays, ", "))}
		case slices.Contains(ways[:i], w):
			return &FieldError{Field: field, Err: fmt.Errorf("%s is named twice", w)}
		}
	}
	return nil
}

func clipWay(s string) string {
	if r := []rune(s); len(r) > 32 {
		return string(r[:32]) + "…"
	}
	return s
}
