package cwmp

import "github.com/beevik/etree"

// GetRPCMethods asks the peer which methods it answers, in either direction
// (TR-069 A.3.1.1).
type GetRPCMethods struct{}

// RPC returns "GetRPCMethods".
func (*GetRPCMethods) RPC() string { return "GetRPCMethods" }

func (*GetRPCMethods) decode(*etree.Element) {}
func (*GetRPCMethods) encode(*writer)        {}

// GetRPCMethodsResponse lists the methods.
type GetRPCMethodsResponse struct {
	Methods []string // at most 64 characters each
}

// RPC returns "GetRPCMethodsResponse".
func (*GetRPCMethodsResponse) RPC() string { return "GetRPCMethodsResponse" }

func (m *GetRPCMethodsResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "MethodList" {
			m.Methods = parseStrings(c, m.Methods)
		}
	}
}

func (m *GetRPCMethodsResponse) encode(w *writer) { w.strings("MethodList", m.Methods, max64) }
