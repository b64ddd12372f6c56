package load

import (
	"bytes"
	"strconv"
	"time"
)

// A form is a whole HTTP request with an Inform in it, in which only the
// fields of fixed width are filled in for each phone. Filling costs a few
// short copies, and sending it one write.
type form struct {
	head  []byte // of each POST, up to the value of Content-Length
	extra []byte // the further parameters, built once
	count int    // how many they are
	event Event
	now   time.Time

	post   []byte
	serial int    // where the MAC stands in post
	addrs  [2]int // where the address stands, in the URL and by itself
	code   int    // where the provisioning code stands
}

// newForm builds the form of a run that began at now. It is shared, and not
// changed again: each worker fills in its own copy of it.
func newForm(o Options, now time.Time) *form {
	f := &form{event: o.Event, now: now}
	f.head = append(f.head, "POST "+o.Path+" HTTP/1.1\r\nHost: "+o.Addr.String()+
		"\r\nUser-Agent: Fanvil X3U 2.12.1.7 load\r\n"...)
	f.extra, f.count = appendExtra(nil, o.Extra)

	// Built for any phone; its fields show where those of the others go.
	const sample Phone = 0
	f.post = f.appendPost(nil, nil, f.inform(sample, nil).append(nil))
	mac, addr := sample.AppendMAC(nil), sample.appendAddr(nil)
	f.serial = bytes.Index(f.post, mac)
	f.code = bytes.Index(f.post, appendCode(nil, unchanged))
	f.addrs[0] = bytes.Index(f.post, addr)
	f.addrs[1] = bytes.LastIndex(f.post, addr)
	return f
}

// copy returns a form that a worker may fill in.
func (f *form) copy() *form {
	g := *f
	g.post = bytes.Clone(f.post)
	return &g
}

// fill returns the request that opens a session of p. It is valid until the
// next call.
func (f *form) fill(p Phone) []byte {
	p.AppendMAC(f.post[f.serial:f.serial])
	for _, at := range f.addrs {
		p.appendAddr(f.post[at:at])
	}
	if f.event == ValueChange {
		f.fillCode(newCode())
	}
	return f.post
}

func (f *form) fillCode(code uint64) {
	for i := f.code + codeDigits - 1; i >= f.code; i-- {
		f.post[i] = '0' + byte(code%10)
		code /= 10
	}
}

// newCode returns a provisioning code that no earlier session of the phone
// had: a session takes longer than a microsecond.
func newCode() uint64 { return uint64(time.Now().UnixMicro()) % 1e15 }

// inform returns the Inform of p, for a download that ended when key is not
// nil.
func (f *form) inform(p Phone, key []byte) *inform {
	return &inform{
		phone: p, event: f.event, commandKey: key, code: unchanged,
		extra: f.extra, extras: f.count, now: f.now,
	}
}

// appendPost appends a request with the given cookies ("a=b; c=d", or none)
// and body; an empty body goes without the headers that belong to an envelope
// (TR-069 3.4.1).
func (f *form) appendPost(dst, cookies, body []byte) []byte {
	dst = append(dst, f.head...)
	if len(body) > 0 {
		dst = append(dst, "Content-Type: text/xml; charset=\"utf-8\"\r\nSOAPAction: \"\"\r\n"...)
	}
	if len(cookies) > 0 {
		dst = append(dst, "Cookie: "...)
		dst = append(dst, cookies...)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(len(body)), 10)
	dst = append(dst, "\r\n\r\n"...)
	return append(dst, body...)
}
