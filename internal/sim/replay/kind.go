package replay

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"strings"
)

// maxTokens bounds how much of a message is looked at.
const maxTokens = 1_000_000

// facts are what is looked at of an envelope.
type facts struct {
	rpc       string   // local name of the message; empty: none was found
	namespace string   // of the message, or the first of CWMP
	id        string   // cwmp:ID
	status    string   // of a response
	fault     string   // FaultCode
	keys      []string // CommandKeys
	events    []string // of an Inform
}

// request reports whether the message asks for something.
func (f *facts) request() bool {
	return f.rpc != "" && f.rpc != "Fault" && !strings.HasSuffix(f.rpc, "Response")
}

const cwmpPrefix = "urn:dslforum-org:cwmp-1-"

// read takes an envelope apart, as far as it is one.
func read(body []byte) (f facts) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var path []string
	var text strings.Builder
	for range maxTokens {
		tok, err := d.Token()
		if err != nil {
			return f
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if f.namespace == "" {
				for _, a := range t.Attr {
					if strings.HasPrefix(a.Value, cwmpPrefix) {
						f.namespace = a.Value
					}
				}
			}
			path = append(path, t.Name.Local)
			if len(path) == 3 && path[1] == "Body" && f.rpc == "" {
				f.rpc = t.Name.Local
			}
			text.Reset()
		case xml.CharData:
			text.Write(t)
		case xml.EndElement:
			f.element(path, strings.TrimSpace(text.String()))
			text.Reset()
			if len(path) > 0 {
				path = path[:len(path)-1]
			}
		}
	}
	return f
}

// element looks at one that has ended.
func (f *facts) element(path []string, text string) {
	if len(path) == 0 {
		return
	}
	switch last := path[len(path)-1]; {
	case last == "ID" && len(path) == 3 && path[1] == "Header":
		f.id = text
	case last == "CommandKey" && text != "":
		f.keys = append(f.keys, text)
	case last == "EventCode":
		f.events = append(f.events, text)
	case last == "FaultCode" && f.fault == "":
		f.fault = text
	case last == "Status" && len(path) == 4:
		f.status = text
	}
}

// kind says what a message of the phone is, with what a server goes by.
func kind(body []byte) string {
	if len(bytes.TrimSpace(body)) == 0 {
		return "nothing"
	}
	f := read(body)
	switch {
	case f.rpc == "":
		return "no envelope"
	case f.rpc == "Fault":
		return strings.TrimSpace("Fault " + f.fault)
	case strings.HasSuffix(f.rpc, "Response") && f.status != "":
		return f.rpc + " with status " + f.status
	}
	return f.rpc
}

// answerKind says what an answer of the server is.
func answerKind(status int, body []byte) string {
	switch {
	case status == 204 || status == 200 && len(body) == 0:
		return "nothing"
	case status == 200:
		return kind(body)
	}
	said := strings.TrimSpace(string(body))
	if len(said) > 64 || strings.ContainsAny(said, "<\n") {
		said = "" // a page for people
	}
	return strings.TrimSpace("HTTP " + strconv.Itoa(status) + " " + said)
}

// swaps are texts of elements that are others now.
type swaps struct{ pairs [][2]string }

// note has a text replaced from now on.
func (s *swaps) note(old, now string) {
	if old != "" && now != "" && old != now {
		s.pairs = append(s.pairs, [2]string{old, now})
	}
}

// in replaces them in a body: whole texts of elements, the latest one of each.
func (s *swaps) in(body string) string {
	for i := len(s.pairs) - 1; i >= 0; i-- {
		var now strings.Builder
		_ = xml.EscapeText(&now, []byte(s.pairs[i][1])) // a Builder takes all
		body = strings.ReplaceAll(body, ">"+s.pairs[i][0]+"<", ">"+now.String()+"<")
	}
	return body
}
