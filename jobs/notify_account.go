package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"phoneacs/db"
)

const (
	accountPage  = 500
	accountPages = 8 // of what a phone reported of its lines; a phone of 16 lines reports some 1,000 values
)

// account finds in what a phone reported as whom it is registered, and where it
// takes SIP; 0 for a port that it did not tell. Some value of TR-104 must have
// been read from it for that: until then the user is its MAC, or its serial
// number, which some phones take.
func (s *Service) account(ctx context.Context, p *db.Phone) (user string, port uint16, err error) {
	var all []db.Parameter
	for _, root := range []string{"Device.", "InternetGatewayDevice."} {
		q := db.Query{Limit: accountPage}
		for range accountPages {
			page, err := s.store.Parameters(ctx, p.ID, root+"Services.VoiceService.", q)
			if err != nil {
				return "", 0, fmt.Errorf("lines of %v: %w", p.ID, err)
			}
			all = append(all, page.Items...)
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	if user, port = sipAccount(all); user == "" {
		if user = p.MAC; user == "" {
			user = p.Serial
		}
	}
	return user, port, nil
}

// sipAccount picks the first line that is not off and has a user; its port is
// that of its profile. A line is an object of TR-104 1.x, "…Line.{i}.", whose
// profile has the port, or a client of 2.x, "…SIP.Client.{i}.", with its own.
func sipAccount(reported []db.Parameter) (user string, port uint16) {
	type line struct {
		path, uri, login, number string
		off                      bool
	}
	var lines []*line
	ports := map[string]uint16{} // by the path of what has it
	at := func(path string) *line {
		for _, l := range lines {
			if l.path == path {
				return l
			}
		}
		lines = append(lines, &line{path: path})
		return lines[len(lines)-1]
	}
	for _, p := range reported {
		for _, m := range []struct {
			suffix, below string
			take          func(l *line)
		}{
			{"SIP.URI", ".Line.", func(l *line) { l.uri = userOf(p.Value) }},
			{"SIP.AuthUserName", ".Line.", func(l *line) { l.login = p.Value }},
			{"DirectoryNumber", ".Line.", func(l *line) { l.number = p.Value }},
			{"Enable", ".Line.", func(l *line) { l.off = off(p.Value) }},
			{"RegisterURI", ".SIP.Client.", func(l *line) { l.uri = userOf(p.Value) }},
			{"AuthUserName", ".SIP.Client.", func(l *line) { l.login = p.Value }},
			{"Enable", ".SIP.Client.", func(l *line) { l.off = off(p.Value) }},
		} {
			path, ok := strings.CutSuffix(p.Name, m.suffix)
			if i := strings.LastIndex(path, m.below); ok && i >= 0 && strings.Count(path[i+len(m.below):], ".") == 1 {
				m.take(at(path))
			}
		}
		if path, ok := strings.CutSuffix(p.Name, "UserAgentPort"); ok {
			if n, err := strconv.ParseUint(strings.TrimSpace(p.Value), 10, 16); err == nil {
				ports[path] = uint16(n)
			}
		}
	}
	for _, l := range lines {
		for _, user := range []string{l.uri, l.login, l.number} {
			if user == "" || l.off {
				continue
			}
			if port, own := ports[l.path]; own {
				return user, port
			}
			profile := l.path
			if i := strings.LastIndex(l.path, "Line."); i >= 0 {
				profile = l.path[:i] + "SIP."
			}
			return user, ports[profile]
		}
	}
	for _, p := range ports { // whoever it is registered as, it is there
		port = max(port, p)
	}
	return "", port
}

// off says whether a value of Enable takes a line out of service. A quiescent
// one (TR-104) still takes requests.
func off(enable string) bool {
	switch strings.ToLower(strings.TrimSpace(enable)) {
	case "disabled", "false", "0":
		return true
	}
	return false
}

// userOf is the user part of a SIP URI, or of what phones write for one: some
// give the user alone.
func userOf(uri string) string {
	uri = strings.TrimSpace(uri)
	if _, rest, ok := strings.Cut(uri, "<"); ok {
		uri, _, _ = strings.Cut(rest, ">")
	}
	for _, scheme := range []string{"sip:", "sips:", "tel:"} {
		if len(uri) >= len(scheme) && strings.EqualFold(uri[:len(scheme)], scheme) {
			uri = uri[len(scheme):]
			break
		}
	}
	uri, _, _ = strings.Cut(uri, "@")
	uri, _, _ = strings.Cut(uri, ";")
	return uri
}
