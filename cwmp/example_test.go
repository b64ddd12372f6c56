package cwmp_test

import (
	"fmt"

	"phoneacs/cwmp"
)

// An ACS answers each request in the namespace and with the ID of its sender.
func ExampleDecode() {
	env, err := cwmp.Decode([]byte(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:dslforum-org:cwmp-1-0">
		<s:Header><c:ID s:mustUnderstand="1">42</c:ID></s:Header>
		<s:Body><c:TransferComplete>
			<CommandKey>t7-1</CommandKey>
			<FaultStruct><FaultCode>9016</FaultCode><FaultString>404</FaultString></FaultStruct>
		</c:TransferComplete></s:Body></s:Envelope>`))
	if err != nil {
		fmt.Println(err)
		return
	}
	switch m := env.Body.(type) {
	case *cwmp.TransferComplete:
		fmt.Println(m.CommandKey, m.Fault.Code, m.Fault.Code.Meaning())
		fmt.Println(m.Fault.Code.Hint())
		env.Body = &cwmp.TransferCompleteResponse{}
	case *cwmp.Unknown:
		env.Body = &cwmp.Fault{Code: cwmp.FaultMethodNotSupportedACS}
	}
	answer, err := env.Encode()
	fmt.Println(len(answer) > 0, err)
	// Output:
	// t7-1 9016 The file server answered, but the file could not be had.
	// Check that the file exists and that the link has not expired.
	// true <nil>
}

func ExampleInform_Parameter() {
	inform := &cwmp.Inform{Parameters: []cwmp.ParameterValue{
		{Name: "InternetGatewayDevice.DeviceInfo.SoftwareVersion", Type: "string", Value: "2.12.1"},
	}}
	fmt.Println(inform.Parameter("DeviceInfo.SoftwareVersion"))
	// Output: 2.12.1 true
}
