package cwmp

import "github.com/beevik/etree"

// GetOptions reads the options enabled by vouchers (TR-069 A.4.1.4, deprecated).
type GetOptions struct {
	OptionName string // at most 64 characters; "" for all
}

// RPC returns "GetOptions".
func (*GetOptions) RPC() string { return "GetOptions" }

func (m *GetOptions) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "OptionName" {
			m.OptionName = token(c)
		}
	}
}

func (m *GetOptions) encode(w *writer) {
	w.text("OptionName", m.OptionName, max64)
}

// GetOptionsResponse lists them.
type GetOptionsResponse struct {
	Options []Option
}

// RPC returns "GetOptionsResponse".
func (*GetOptionsResponse) RPC() string { return "GetOptionsResponse" }

func (m *GetOptionsResponse) decode(e *etree.Element) {
	for c := range e.ChildElementsSeq() {
		if c.Tag == "OptionList" {
			m.Options = parseOptions(c, m.Options)
		}
	}
}

func (m *GetOptionsResponse) encode(w *writer) {
	w.options(m.Options)
}

// Option is one option of the CPE.
type Option struct {
	Name           string // at most 64 characters
	VoucherSN      uint32
	State          uint32 // 0 off, 1 on, 2 and 3 as before but not set up
	Mode           int    // 0 disabled, 1 with an expiry, 2 without
	StartDate      string // dateTime; UnknownTime when empty
	ExpirationDate string // dateTime; "" when absent
	IsTransferable int    // 0 no, 1 yes
}

func parseOptions(e *etree.Element, list []Option) []Option {
	for c := range e.ChildElementsSeq() {
		o := Option{StartDate: UnknownTime}
		for f := range c.ChildElementsSeq() {
			switch f.Tag {
			case "OptionName":
				o.Name = token(f)
			case "VoucherSN":
				o.VoucherSN = parseUint(f)
			case "State":
				o.State = parseUint(f)
			case "Mode":
				o.Mode = parseInt(f, 0)
			case "StartDate":
				o.StartDate = parseTime(f)
			case "ExpirationDate":
				o.ExpirationDate = token(f)
			case "IsTransferable":
				o.IsTransferable = parseInt(f, 0)
			}
		}
		list = append(list, o)
	}
	return list
}

func (w *writer) options(list []Option) {
	const tag = "OptionList"
	w.openArray(tag, "cwmp:OptionStruct", len(list))
	for i, o := range list {
		w.at(tag, i)
		w.open("OptionStruct")
		w.text("OptionName", o.Name, max64)
		w.uint("VoucherSN", o.VoucherSN)
		w.uint("State", o.State)
		w.int("Mode", o.Mode)
		w.time("StartDate", o.StartDate)
		w.optional("ExpirationDate", o.ExpirationDate, max64)
		w.int("IsTransferable", o.IsTransferable)
		w.close("OptionStruct")
	}
	w.closeArray(tag)
}
