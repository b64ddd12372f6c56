package sim

// faultDialects change how a phone refuses.
var faultDialects = []Dialect{
	{"fault-capitals", []int{38}, "shouts its faultstring, and a type with each part of it",
		writes(swap("<faultstring>CWMP fault", `<faultstring xsi:type="xsd:string">CWMP FAULT`))},
	{"fault-no-id", []int{23}, "refuses without a Header",
		writes(alter(`<[\w-]+:Header>.*</[\w-]+:Header>(<[\w-]+:Body><[\w-]+:Fault>)`, "$1"))},
	{"fault-nested", []int{74}, "puts the fault of CWMP into faultstring",
		writes(alter(`<faultstring>[^<]*</faultstring><detail>(.*)</detail>`, "<faultstring>$1</faultstring>"))},
	{"fault-soap-alone", []int{38, 75}, "refuses by a fault of SOAP that has no detail",
		writes(alter(`<faultstring>[^<]*</faultstring><detail>.*</detail>`, "<faultstring>Method not implemented</faultstring>"))},
}
