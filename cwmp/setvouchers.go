package cwmp

import "github.com/beevik/etree"

// SetVouchers enables options by signed vouchers (TR-069 A.4.1.3, deprecated).
type SetVouchers struct {
	Vouchers []string // at least one, in base64
}

// RPC returns "SetVouchers".
func (*SetVouchers) RPC() string { return "SetVouchers" }

func (m *SetVouchers) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "VoucherList" {
			m.Vouchers = parseStrings(c, m.Vouchers)
		}
	}
}

func (m *SetVouchers) encode(w *writer) {
	w.vouchers(m.Vouchers)
}

// SetVouchersResponse says that the vouchers are accepted.
type SetVouchersResponse struct{}

// RPC returns "SetVouchersResponse".
func (*SetVouchersResponse) RPC() string { return "SetVouchersResponse" }

func (*SetVouchersResponse) decode(*etree.Element) {}
func (*SetVouchersResponse) encode(*writer)        {}

func (w *writer) vouchers(list []string) {
	const tag = "VoucherList"
	w.atLeastOne(tag, len(list))
	w.openArray(tag, "soap-enc:base64", len(list))
	for i, v := range list {
		w.at(tag, i)
		w.text("base64", v, noLimit)
	}
	w.closeArray(tag)
}
