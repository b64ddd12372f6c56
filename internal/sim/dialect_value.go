package sim

// valueDialects change the values that a phone tells, and their types.
var valueDialects = []Dialect{
	{"untyped-values", []int{23, 35}, "gives values no type, and leaves out those that are empty",
		writes(alter(`<Value xsi:type="[^"]*"></Value>`, ""), alter(`<Value xsi:type="[^"]*">`, "<Value>"))},
	{"type-without-name", []int{36}, "gives values the type xsd: and no more", writes(alter(`xsi:type="xsd:\w+"`, `xsi:type="xsd:"`))},
	{"type-of-its-own", []int{36}, "gives strings a type of its own", writes(swap(`"xsd:string"`, `"xsd:json"`))},
	{"booleans-odd", []int{43}, "writes TRUE and False",
		writes(alter(`("xsd:boolean">)(?:true|1)<`, "${1}TRUE<"), alter(`("xsd:boolean">)(?:false|0)<`, "${1}False<"))},
	{"empty-numbers", []int{43}, "leaves numbers and booleans empty", writes(alter(`("xsd:(?:unsignedInt|int|boolean)">)[^<]*<`, "$1<"))},
	{"times-none", []int{44}, "tells times that are none, and the year 1",
		writes(alter(`<CurrentTime>[^<]*`, "<CurrentTime>0000-00-00T25:61:00"), alter(`<(Start|Complete)Time>[^<]*`, "<${1}Time>0001-01-01T00:00:00"))},
	{"times-no-zone", []int{35, 74}, "tells times without a zone",
		writes(alter(`(<(?:Current|Start|Complete)Time>[\dT:-]{19})[^<]*`, "$1"))},
	{"identity-padded", []int{24}, "pads what it says of itself with blanks, and names no manufacturer",
		writes(alter(`<(OUI|ProductClass|SerialNumber)>([^<]*)<`, "<$1>\n  $2 <"), alter(`<Manufacturer>[^<]*`, "<Manufacturer>"))},
	{"identity-extra", []int{39}, "has a DeviceId with one child more, and an event without a code",
		writes(swap("</DeviceId>", "<WanIPAddress>10.0.0.9</WanIPAddress></DeviceId>"),
			swap("</Event>", "<EventStruct><CommandKey></CommandKey></EventStruct></Event>"))},
	{"oui-lower", []int{40}, "writes its OUI in lower case, and (null) for its ParameterKey",
		writes(lowerOUI, alter(`(ParameterKey</Name><Value[^>]*>)[^<]*`, "${1}(null)"))},
	{"serial-placeholder", []int{41}, "has the serial number 001122334455, as all others of its make",
		writes(alter(`<SerialNumber>[^<]*`, "<SerialNumber>001122334455"))},
	{"class-odd", []int{42}, "has a ProductClass with blanks, a slash and more",
		writes(alter(`<ProductClass>[^<]*`, `<ProductClass>IP Phone/2 #é%2F "x"?`))},
	{"secrets-told", []int{79}, "tells its user name and its passwords in each Inform", func(h *habits) { h.inform.secrets = true }},
}

// lowerOUI writes the identity's OUI in lower case.
func lowerOUI(m []byte) []byte {
	re := ouiElement.FindIndex(m)
	if re == nil {
		return m
	}
	out := append([]byte(nil), m...)
	for i := re[0] + len("<OUI>"); i < re[1]; i++ {
		if c := out[i]; c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}
