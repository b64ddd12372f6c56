package sim

import "strings"

// httpHabits are how a phone speaks HTTP.
type httpHabits struct {
	cookie      func(jar []string) string // writes the Cookie header; nil: as RFC 6265 has it
	cookiePath  bool                      // a cookie without Path=/ is dropped
	cookieFresh bool                      // only the cookies of the last answer are known
	cookieRoom  bool                      // more cookies than there is room for end the session
	expect      bool                      // the body waits for 100 Continue
	contentType string                    // "": text/xml
	soapAction  string                    // header line; "": an empty one
	closing     bool                      // each request asks for the end of the connection
	closed401   bool                      // a 401 ends the connection
	pack        func([]byte) []byte       // content coding
	coding      string                    // its name
	emptyFirst  bool                      // an empty POST goes before the Inform
	emptyAfter  int                       // so many go after the end
	neverInform bool                      // nothing but empty POSTs
}

var httpDialects = []Dialect{
	{"cookie-path", []int{1}, "drops a cookie that has no Path=/", func(h *habits) { h.http.cookiePath = true }},
	{"cookie-fresh", []int{3}, "returns only what the very last answer set, so the cookie is wanted in every answer",
		func(h *habits) { h.http.cookieFresh = true }},
	{"cookie-room", nil, "has room for 512 bytes of cookies, and gives up on more", func(h *habits) { h.http.cookieRoom = true }},
	{"cookie-commas", []int{5}, "separates cookies by commas, among others of its own",
		func(h *habits) {
			h.http.cookie = func(jar []string) string {
				return strings.Join(append([]string{"lang=en"}, append(jar, "seen=1")...), ", ")
			}
		}},
	{"cookie-quoted", []int{5}, "returns cookies quoted, with $Version and $Path (RFC 2965)",
		func(h *habits) {
			h.http.cookie = func(jar []string) string {
				out := `$Version="1"`
				for _, c := range jar {
					name, value, _ := strings.Cut(c, "=")
					out += "; " + name + `="` + value + `"; $Path="/"`
				}
				return out
			}
		}},
	{"cookie-attributes", []int{73}, "returns cookies with the attributes that they were set with",
		func(h *habits) {
			h.http.cookie = func(jar []string) string { return strings.Join(jar, "; ") + "; Path=/" }
		}},
	{"expect-continue", []int{10}, "waits for 100 Continue before a body, and calls it text/html",
		func(h *habits) { h.http.expect, h.http.contentType = true, "text/html" }},
	{"soapaction-none", []int{11}, "sends no SOAPAction", func(h *habits) { h.http.soapAction = "X-None: 1" }},
	{"soapaction-quotes", []int{11}, "sends an empty SOAPAction in quotes", func(h *habits) { h.http.soapAction = `SOAPAction: ""` }},
	{"soapaction-name", []int{11}, "names the RPC in SOAPAction", func(h *habits) { h.http.soapAction = `SOAPAction: "cwmp:Inform"` }},
	{"no-keep-alive", []int{14}, "asks for the end of the connection with each request", func(h *habits) { h.http.closing = true }},
	{"closed-after-401", []int{9, 68}, "opens a new connection after a 401", func(h *habits) { h.http.closed401 = true }},
	{"only-empty", []int{15}, "posts nothing three times, and never an Inform", func(h *habits) { h.http.neverInform = true }},
	{"empty-first", []int{70}, "posts nothing before its Inform, to collect a 401", func(h *habits) { h.http.emptyFirst = true }},
	{"empty-after", []int{16}, "posts nothing twice more after the end", func(h *habits) { h.http.emptyAfter = 2 }},
}

// dress gives the headers and the body that an envelope goes out with.
func (h *httpHabits) dress(envelope []byte) (header string, body []byte) {
	header = "Content-Type: " + orDefault(h.contentType, "text/xml; charset=utf-8") + "\r\n" +
		orDefault(h.soapAction, "SOAPAction:") + "\r\n"
	if h.pack != nil {
		header += "Content-Encoding: " + h.coding + "\r\n"
		envelope = h.pack(envelope)
	}
	if h.expect {
		header += "Expect: 100-continue\r\n"
	}
	return header, envelope
}

// cookieHeader writes the value of a Cookie header.
func (h *httpHabits) cookieHeader(jar []string) string {
	if h.cookie != nil {
		return h.cookie(jar)
	}
	return strings.Join(jar, "; ")
}

// awaitContinue sends the body that was held back once the server wants it. An
// answer that comes instead is the final one.
func (c *client) awaitContinue() (*reply, error) {
	r, err := readHead(c.br)
	if err != nil {
		return nil, err
	}
	if r.status != 100 {
		r.body = r.reader(c.br, "POST")
		r.close = true // the body it did not want never comes
		return r, nil
	}
	_, err = c.conn.Write(c.held)
	return nil, err
}
