package load

import "bytes"

// An rpc is what a session needs of a message of the server. Its fields alias
// the message; they are as they came, with references unresolved, and so can
// be sent back in XML as they are.
type rpc struct {
	name       []byte // local name of the body's one element: "Download"
	id         []byte // of the header; empty when there is none
	commandKey []byte // empty when there is none
}

// scan finds the rpc in an envelope. It searches for elements by local name,
// whatever their prefix, and does not check that the rest is well-formed: the
// server's own tests do. It returns false when there is no body element.
func scan(envelope []byte) (rpc, bool) {
	body, ok := find(envelope, "Body")
	if !ok {
		return rpc{}, false
	}
	_, first, ok := next(envelope[body:])
	if !ok {
		return rpc{}, false
	}
	m := rpc{name: first}
	m.id = text(envelope[:body], "ID")
	m.commandKey = text(envelope[body:], "CommandKey")
	return m, true
}

// text returns the text at the beginning of the first element of that local
// name, or nil.
func text(xml []byte, local string) []byte {
	at, ok := find(xml, local)
	if !ok {
		return nil
	}
	end := bytes.IndexByte(xml[at:], '<')
	if end < 0 {
		return nil
	}
	return bytes.TrimSpace(xml[at : at+end])
}

// find returns where the content of the first element of that local name
// begins.
func find(xml []byte, local string) (int, bool) {
	at := 0
	for {
		after, name, ok := next(xml[at:])
		if !ok {
			return 0, false
		}
		at += after
		if string(name) == local {
			return at, true
		}
	}
}

// next returns the first start tag in xml: where it ends, and its local name.
func next(xml []byte) (after int, name []byte, ok bool) {
	at := 0
	for {
		open := bytes.IndexByte(xml[at:], '<')
		if open < 0 {
			return 0, nil, false
		}
		at += open + 1
		end := bytes.IndexByte(xml[at:], '>')
		if end < 0 {
			return 0, nil, false
		}
		tag := xml[at : at+end]
		at += end + 1
		if len(tag) == 0 || tag[0] == '/' || tag[0] == '?' || tag[0] == '!' {
			continue
		}
		if i := bytes.IndexAny(tag, " \t\r\n/"); i >= 0 {
			tag = tag[:i]
		}
		if i := bytes.LastIndexByte(tag, ':'); i >= 0 {
			tag = tag[i+1:]
		}
		return at, tag, true
	}
}
