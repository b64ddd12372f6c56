package load

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

const (
	envelopeOpen = `<?xml version="1.0" encoding="UTF-8"?>` +
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"` +
		` xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"` +
		` xmlns:xsd="http://www.w3.org/2001/XMLSchema"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
		` xmlns:cwmp="urn:dslforum-org:cwmp-1-0">` +
		`<soapenv:Header><cwmp:ID soapenv:mustUnderstand="1">`
	envelopeBody  = `</cwmp:ID></soapenv:Header><soapenv:Body>`
	envelopeClose = `</soapenv:Body></soapenv:Envelope>`

	forcedParameters = 8       // in every Inform of the Device:1 model (TR-106)
	maxExtra         = 4 << 20 // bytes

	// unchanged is the provisioning code of a phone with nothing new to tell.
	// A code has codeDigits digits.
	unchanged  = 0
	codeDigits = 15
)

// An inform is what differs between two Informs.
type inform struct {
	phone      Phone
	event      Event
	commandKey []byte // of a download that ended; adds the two events of it. As it came, escaped
	code       uint64 // provisioning code: the parameter that changes; 15 digits at most
	extra      []byte // further ParameterValueStructs
	extras     int    // how many
	now        time.Time
}

// append appends the Inform's envelope (TR-069 A.3.3.1).
func (m *inform) append(dst []byte) []byte {
	dst = append(dst, envelopeOpen+"1"+envelopeBody+
		`<cwmp:Inform><DeviceId><Manufacturer>Fanvil</Manufacturer><OUI>`+oui+
		`</OUI><ProductClass>X3U</ProductClass><SerialNumber>`+serialPrefix...)
	dst = m.phone.AppendMAC(dst)
	dst = append(dst, `</SerialNumber></DeviceId>`...)
	dst = m.appendEvents(dst)
	dst = append(dst, `<MaxEnvelopes>1</MaxEnvelopes><CurrentTime>`...)
	dst = m.now.UTC().AppendFormat(dst, time.RFC3339)
	dst = append(dst, `</CurrentTime><RetryCount>0</RetryCount>`+
		`<ParameterList soapenc:arrayType="cwmp:ParameterValueStruct[`...)
	dst = strconv.AppendInt(dst, int64(forcedParameters+m.extras), 10)
	dst = append(dst, `]">`...)

	dst = appendParameter(dst, "Device.DeviceSummary", "Device:1.4[](Baseline:1), VoiceService:1.0[1](SIPEndpoint:1)")
	dst = appendParameter(dst, "Device.DeviceInfo.SpecVersion", "1.0")
	dst = appendParameter(dst, "Device.DeviceInfo.HardwareVersion", "V1.0")
	dst = appendParameter(dst, "Device.DeviceInfo.SoftwareVersion", "2.12.1.7")
	dst = appendParameter(dst, "Device.DeviceInfo.ProvisioningCode", appendCode(nil, m.code))
	dst = appendParameter(dst, "Device.ManagementServer.ParameterKey", "")
	addr := string(m.phone.appendAddr(nil))
	dst = appendParameter(dst, "Device.ManagementServer.ConnectionRequestURL", "http://"+addr+":7547/cr")
	dst = appendParameter(dst, "Device.LAN.IPAddress", addr)
	dst = append(dst, m.extra...)
	return append(dst, `</ParameterList></cwmp:Inform>`+envelopeClose...)
}

func (m *inform) appendEvents(dst []byte) []byte {
	const closeEvent = `</CommandKey></EventStruct>`
	if m.commandKey == nil {
		dst = append(dst, `<Event soapenc:arrayType="cwmp:EventStruct[1]"><EventStruct><EventCode>`...)
		dst = append(dst, m.event...)
		return append(dst, `</EventCode><CommandKey>`+closeEvent+`</Event>`...)
	}
	// The key rides with the M event alone (TR-069 3.7.1.5).
	dst = append(dst, `<Event soapenc:arrayType="cwmp:EventStruct[2]">`+
		`<EventStruct><EventCode>7 TRANSFER COMPLETE</EventCode><CommandKey>`+closeEvent+
		`<EventStruct><EventCode>M Download</EventCode><CommandKey>`...)
	dst = append(dst, m.commandKey...)
	return append(dst, closeEvent+`</Event>`...)
}

func appendParameter[T string | []byte](dst []byte, name string, value T) []byte {
	dst = append(dst, `<ParameterValueStruct><Name>`...)
	dst = append(dst, name...)
	dst = append(dst, `</Name><Value xsi:type="xsd:string">`...)
	dst = append(dst, value...)
	return append(dst, `</Value></ParameterValueStruct>`...)
}

// appendCode appends a provisioning code: always codeDigits digits.
func appendCode(dst []byte, code uint64) []byte {
	return fmt.Appendf(dst, "%0*d", codeDigits, code)
}

// appendExtra appends parameters whose names and values are size bytes
// together, and returns how many they are.
func appendExtra(dst []byte, size int) ([]byte, int) {
	n := 0
	for ; size > 0; n++ {
		name := fmt.Sprintf("Device.Services.VoiceService.1.VoiceProfile.1.Line.%d.SIP.X_0C383E_Setting%03d", 1+n/100, n%100)
		value := bytes.Repeat([]byte{'a' + byte(n%26)}, min(24, max(0, size-len(name))))
		dst = appendParameter(dst, name, value)
		size -= len(name) + len(value)
	}
	return dst, n
}
