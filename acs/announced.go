package acs

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"phoneacs/cwmp"
	"phoneacs/db"
)

// maxNamed is how many characters of one text of a phone stand in its history.
const maxNamed = 64

// keep has the phone's history tell what a request announces, durably: the
// answer makes the phone forget it. What somebody says who has not proven to be
// the phone is not kept. False if the session is over; the phone then has its
// answer.
func (x *exchange) keep(m cwmp.Message) bool {
	text := announced(m)
	if text == "" || x.sess.db.Proof == db.ProofNone {
		return true
	}
	err := x.s.opts.Store.NoteAnnounced(x.lasting(), x.sess.db.Phone.ID, x.sess.db.Token, text, x.s.opts.Clock.Now())
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		x.fail(fmt.Errorf("keep %s: %w", m.RPC(), err))
		return false
	}
	return true
}

// announced says what a phone did, or asks for, by itself; "" if a message is
// about neither. Of a URL only the host is told, and of arguments their names:
// both may hold what is secret. A phone's own words of a fault may, too.
func announced(m cwmp.Message) string {
	switch m := m.(type) {
	case *cwmp.AutonomousTransferComplete:
		way := "upload of %s to %s"
		if m.IsDownload {
			way = "download of %s from %s"
		}
		return "autonomous " + fmt.Sprintf(way, named(m.FileType), hostOf(m.TransferURL)) + ended(m.Fault)
	case *cwmp.DUStateChangeComplete:
		return units("software modules changed", m.Results)
	case *cwmp.AutonomousDUStateChangeComplete:
		return units("software modules changed by the phone itself", m.Results)
	case *cwmp.RequestDownload:
		var args []string
		for _, a := range m.Args[:min(len(m.Args), 8)] {
			args = append(args, named(a.Name))
		}
		if len(args) == 0 {
			return "asked for a download of " + named(m.FileType)
		}
		return fmt.Sprintf("asked for a download of %s, by %s", named(m.FileType), strings.Join(args, ", "))
	case *cwmp.Kicked:
		return "kicked by a page of " + hostOf(m.Referer)
	}
	return ""
}

// units tells of the first few modules of a result.
func units(what string, list []cwmp.DUResult) string {
	const most = 4
	var parts []string
	for i := range list[:min(len(list), most)] {
		r := &list[i]
		done := ""
		if r.OperationPerformed != "" {
			done = named(r.OperationPerformed) + ", "
		}
		parts = append(parts, fmt.Sprintf("version %s: %s%s%s", named(r.Version), done, named(r.CurrentState), ended(r.Fault)))
	}
	if len(list) > most {
		parts = append(parts, fmt.Sprintf("and %d more", len(list)-most))
	}
	if len(parts) == 0 {
		return what
	}
	return what + ": " + strings.Join(parts, "; ")
}

func ended(f cwmp.FaultStruct) string { return fmt.Sprintf(": fault %d", phoneCode(f.Code)) }

// hostOf returns the host of a URL, without a user, a path or a query.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return "an unnamed host"
	}
	return named(u.Hostname())
}

// named is a short text of a phone as it can be shown.
func named(s string) string {
	n := 0
	s = strings.Map(func(r rune) rune {
		if n++; n > maxNamed {
			return -1
		}
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.TrimSpace(s))
	if s == "" {
		return "nothing named"
	}
	return s
}
