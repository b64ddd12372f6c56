package sim

import "regexp"

// envelopeDialects change how envelopes are built, whatever is in them.
var envelopeDialects = []Dialect{
	{"no-header", []int{22, 26}, "writes no Header at all",
		func(h *habits) {
			h.inform.noID = true
			writes(alter(`<[\w-]+:Header>.*</[\w-]+:Header>`, ""))(h)
		}},
	{"no-id", []int{22}, "writes an empty Header",
		func(h *habits) {
			h.inform.noID = true
			writes(alter(`(<[\w-]+:Header>).*(</[\w-]+:Header>)`, "$1$2"))(h)
		}},
	{"id-blank", []int{24}, "writes an ID that is nothing but a blank", func(h *habits) { h.inform.id = " " }},
	{"prefix-of-encoding", []int{26}, "binds the prefix of the envelope to the encoding namespace",
		writes(swap(`"`+nsEnvelope+`"`, `"`+nsEncoding+`"`))},
	{"prefix-odd", []int{26}, "uses prefixes that nobody else does",
		writes(alter(`\b(?:SOAP-ENV|soapenv)(:|=)`, "_s.0-a$1"), alter(`\bcwmp(:|=)`, "ns--1$1"))},
	{"prefix-none", []int{26, 74}, "makes the namespaces of SOAP and CWMP the default ones instead of using prefixes",
		writes(alter(`<(?:SOAP-ENV|soapenv):Envelope `, `<Envelope xmlns="`+nsEnvelope+`" `), alter(`<(/?)(?:SOAP-ENV|soapenv):`, "<$1"),
			defaultCWMP)},
	{"undeclared-prefixes", []int{74}, "declares none of the prefixes that it uses", writes(alter(` xmlns:[\w-]+="[^"]*"`, ""))},
	{"schema-1999", []int{74}, "uses the XML Schema of 1999", writes(swap("http://www.w3.org/2001/XMLSchema", "http://www.w3.org/1999/XMLSchema"))},
	{"namespace-no-slash", []int{29}, "leaves out the slash at the end of SOAP's namespaces, and ends names with a blank",
		writes(swap(nsEnvelope, nsEnvelope[:len(nsEnvelope)-1]), swap(nsEncoding, nsEncoding[:len(nsEncoding)-1]), swap("</Name>", " </Name>"))},
	{"array-counts", []int{30}, "pads the lengths of its lists, and gets them wrong", writes(alter(`\[\d+\]`, "[0009]"))},
	{"array-none", []int{30}, "does not say what its lists are of", writes(alter(` [\w-]+:arrayType="[^"]*"`, ""))},
	{"attribute-twice", []int{74}, "writes an attribute twice on one element", writes(alter(`( xsi:type="[^"]*")`, "$1$1"))},
	{"typed-elements", []int{37}, "types elements that have no type, and asks for HoldRequests 0",
		writes(swap("<MaxEnvelopes>", `<MaxEnvelopes xsi:type="xsd:unsignedInt">`), swap("<FaultCode>", `<FaultCode xsi:type="xsd:unsignedInt">`),
			swap("<Status>", `<Status xsi:type="xsd:int">`),
			alter(`(<[\w-]+:Header>)`, `$1<cwmp:HoldRequests>0</cwmp:HoldRequests>`))},
	{"control-characters", []int{32}, "lets control characters into its values",
		writes(alter(`(<Value[^>]*>)`, "$1\x02"), swap("<FaultString>", "<FaultString>\x1f"))},
	{"ampersands", []int{32}, "does not escape ampersands in values",
		writes(alter(`(ConnectionRequestURL</Name><Value[^>]*>)([^<]+)`, "$1$2?a=1&b=2&&c&copy;"))},
	{"children-qualified", []int{26}, "puts arguments into the namespace of CWMP",
		writes(alter(`<(/?)(DeviceId|Event|EventStruct|EventCode|CommandKey|ParameterList|ParameterValueStruct|Name|Value|Status|SerialNumber|OUI)\b`, "<${1}cwmp:$2"))},
}

var (
	declaredCWMP = regexp.MustCompile(` xmlns:cwmp="([^"]*)"`)
	startCWMP    = regexp.MustCompile(`<cwmp:(\w+)`)
	endCWMP      = regexp.MustCompile(`</cwmp:`)
)

// defaultCWMP makes the namespace of CWMP the default one of its elements.
func defaultCWMP(m []byte) []byte {
	ns := declaredCWMP.FindSubmatch(m)
	if ns == nil {
		return m
	}
	m = startCWMP.ReplaceAll(m, []byte(`<$1 xmlns="`+string(ns[1])+`"`))
	return endCWMP.ReplaceAll(m, []byte("</"))
}
