package db

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Masked is the call without the values of secrets, as it may be shown.
func (c *RawCall) Masked() RawCall {
	out := RawCall{RPC: c.RPC}
	out.Args, _ = MaskJSON(c.Args)
	out.XML, _ = maskXML(c.XML)
	return out
}

// Secrets are the values that Masked leaves out.
func (c *RawCall) Secrets() []string {
	_, a := MaskJSON(c.Args)
	_, b := maskXML(c.XML)
	return append(a, b...)
}

// MaskJSON takes the values of secrets out of JSON: of members whose name is
// that of a secret, and the Value beside a Name that is. What is no JSON comes
// back as nothing.
func MaskJSON(b json.RawMessage) (masked json.RawMessage, secrets []string) {
	if len(b) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, nil
	}
	hide(v, &secrets)
	masked, err := json.Marshal(v)
	if err != nil {
		return nil, secrets
	}
	return masked, secrets
}

func hide(v any, secrets *[]string) {
	switch v := v.(type) {
	case map[string]any:
		name, _ := v["Name"].(string)
		for key, member := range v {
			if SecretName(key) || key == "Value" && SecretName(name) {
				v[key] = ""
				gather(member, secrets)
				continue
			}
			hide(member, secrets)
		}
	case []any:
		for _, item := range v {
			hide(item, secrets)
		}
	}
}

func gather(v any, secrets *[]string) {
	switch v := v.(type) {
	case string:
		if v != "" {
			*secrets = append(*secrets, v)
		}
	case json.Number:
		*secrets = append(*secrets, v.String())
	case map[string]any:
		for _, member := range v {
			gather(member, secrets)
		}
	case []any:
		for _, item := range v {
			gather(item, secrets)
		}
	}
}

// maskXML takes the texts of secrets out of an element. What it cannot read, or
// has a secret in an attribute, comes back as nothing.
func maskXML(s string) (masked string, secrets []string) {
	if s == "" {
		return "", nil
	}
	type level struct {
		name         string
		text         strings.Builder
		from         int64
		leaf         bool
		named        bool // a Name below it is that of a secret
		values       [][2]int64
		valueSecrets []string
	}
	var cuts [][2]int64
	var stack []*level
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		before := d.InputOffset()
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", []string{s}
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			for _, a := range tok.Attr {
				if SecretName(a.Name.Local) {
					return "", []string{a.Value}
				}
			}
			if n := len(stack); n > 0 {
				stack[n-1].leaf = false
			}
			stack = append(stack, &level{name: tok.Name.Local, from: d.InputOffset(), leaf: true})
		case xml.CharData:
			if n := len(stack); n > 0 {
				stack[n-1].text.Write(tok)
			}
		case xml.EndElement:
			l := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			cut, text := [2]int64{l.from, before}, l.text.String()
			if l.named {
				cuts, secrets = append(cuts, l.values...), append(secrets, l.valueSecrets...)
			}
			switch {
			case SecretName(l.name):
				cuts, secrets = append(cuts, cut), append(secrets, text)
			case len(stack) > 0 && l.leaf && l.name == "Value":
				up := stack[len(stack)-1]
				up.values, up.valueSecrets = append(up.values, cut), append(up.valueSecrets, text)
			case len(stack) > 0 && l.leaf && l.name == "Name" && SecretName(strings.TrimSpace(text)):
				stack[len(stack)-1].named = true
			}
		}
	}
	var out strings.Builder
	at := int64(0)
	for at < int64(len(s)) {
		end, next := int64(len(s)), int64(len(s))
		for _, c := range cuts {
			if c[0] >= at && c[0] < end {
				end, next = c[0], max(c[0], c[1])
			} else if c[0] < at && c[1] > at {
				end, next = at, c[1]
			}
		}
		out.WriteString(s[at:end])
		if next <= at {
			break
		}
		at = next
	}
	return out.String(), secrets
}
