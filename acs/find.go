package acs

import "net/http"

// find returns the session that a request belongs to: that of its cookie or,
// if it has none of ours, the one whose Inform came over the same connection,
// which is never noted of one that several phones share. A cookie is believed
// alone, because connections are shared by proxies that nobody has told us of.
func (s *Server) find(r *http.Request, c *connection) *session {
	named := false
	for _, header := range r.Header["Cookie"] {
		for header != "" {
			token, rest := nextToken(header)
			header = rest
			if token == "" {
				continue
			}
			if sess := s.sessions.find(token); sess != nil {
				return sess
			}
			named = true
		}
	}
	if named || c.shared.Load() {
		return nil
	}
	return c.session.Load()
}
