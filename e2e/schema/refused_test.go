package schema

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"phoneacs/cwmp"
)

// refusals are right messages with one thing changed that makes them wrong.
// looser says why the official schemas let it pass, where they do.
var refusals = []struct {
	name    string
	version cwmp.Version
	rpc     string
	old     string
	new     string
	looser  string
}{
	{"no body", cwmp.V1_0, "GetRPCMethods", "<soap-env:Body><cwmp:GetRPCMethods></cwmp:GetRPCMethods></soap-env:Body>", "", ""},
	{"empty body", cwmp.V1_0, "GetRPCMethods", "<cwmp:GetRPCMethods></cwmp:GetRPCMethods>", "", "bodies of any number"},
	{"two messages", cwmp.V1_0, "GetRPCMethods", "<cwmp:GetRPCMethods></cwmp:GetRPCMethods>", "<cwmp:GetRPCMethods></cwmp:GetRPCMethods><cwmp:GetRPCMethods></cwmp:GetRPCMethods>", "bodies of any number"},
	{"unknown method", cwmp.V1_4, "GetRPCMethods", "<cwmp:GetRPCMethods></cwmp:GetRPCMethods>", "<cwmp:GetRPCMethodes/>", "unknown elements in a body"},
	{"header after body", cwmp.V1_0, "Reboot", "</soap-env:Body>", "</soap-env:Body><soap-env:Header/>", ""},
	{"arguments qualified", cwmp.V1_0, "Reboot", "<CommandKey>task-3</CommandKey>", "<cwmp:CommandKey>task-3</cwmp:CommandKey>", ""},
	{"text for nothing", cwmp.V1_0, "RebootResponse", "></cwmp:RebootResponse>", ">ok</cwmp:RebootResponse>", ""},

	{"ID that may be ignored", cwmp.V1_0, "Reboot", `<cwmp:ID soap-env:mustUnderstand="1">`, "<cwmp:ID>", ""},
	{"ID of 33", cwmp.V1_0, "Reboot", ">a-7</cwmp:ID>", ">" + strings.Repeat("7", 33) + "</cwmp:ID>", "an ID of any length"},
	{"HoldRequests maybe", cwmp.V1_0, "Reboot", ">1</cwmp:HoldRequests>", ">maybe</cwmp:HoldRequests>", ""},
	{"SessionTimeout before 1.3", cwmp.V1_2, "Reboot", "</soap-env:Header>", "<cwmp:SessionTimeout>60</cwmp:SessionTimeout></soap-env:Header>", "unknown headers"},
	{"SessionTimeout below 0", cwmp.V1_3, "Inform", ">90</cwmp:SessionTimeout>", ">-1</cwmp:SessionTimeout>", ""},
	{"UseCWMPVersion before 1.4", cwmp.V1_3, "InformResponse", "</soap-env:Header>", `<cwmp:UseCWMPVersion soap-env:mustUnderstand="1">1.3</cwmp:UseCWMPVersion></soap-env:Header>`, "unknown headers"},
	{"two versions in use", cwmp.V1_4, "InformResponse", ">1.4</cwmp:UseCWMPVersion>", ">1.3,1.4</cwmp:UseCWMPVersion>", "versions of any form"},
	{"versions by blanks", cwmp.V1_4, "Inform", ">1.0,1.1,", ">1.0 1.1,", "versions of any form"},

	{"Inform without RetryCount", cwmp.V1_0, "Inform", "<RetryCount>2</RetryCount>", "", ""},
	{"RetryCount in words", cwmp.V1_0, "Inform", "<RetryCount>2</RetryCount>", "<RetryCount>two</RetryCount>", ""},
	{"RetryCount out of place", cwmp.V1_0, "Inform", "<MaxEnvelopes>1</MaxEnvelopes>", "<RetryCount>2</RetryCount><MaxEnvelopes>1</MaxEnvelopes>", ""},
	{"MaxEnvelopes below 0", cwmp.V1_0, "InformResponse", ">1</MaxEnvelopes>", ">-1</MaxEnvelopes>", ""},
	{"CurrentTime of no zone", cwmp.V1_0, "Inform", begun + "</CurrentTime>", "2026-03-01T02:00:07</CurrentTime>", "times without a zone"},
	{"CurrentTime without T", cwmp.V1_0, "Inform", begun + "</CurrentTime>", "2026-03-01 02:00:07Z</CurrentTime>", ""},
	{"OUI in lower case", cwmp.V1_0, "Inform", "<OUI>0C383E</OUI>", "<OUI>0c383e</OUI>", ""},
	{"OUI of 5", cwmp.V1_0, "Inform", "<OUI>0C383E</OUI>", "<OUI>0C383</OUI>", ""},
	{"another identity", cwmp.V1_0, "Inform", "</DeviceId>", "<WanIPAddress>192.0.2.1</WanIPAddress></DeviceId>", ""},
	{"event without number", cwmp.V1_2, "Inform", "<EventCode>1 BOOT</EventCode>", "<EventCode>BOOT</EventCode>", ""},
	{"event told twice", cwmp.V1_2, "Inform", "<CommandKey>task-7</CommandKey>", "<CommandKey>task-3</CommandKey>", "an event any number of times"},
	{"list without length", cwmp.V1_0, "Inform", ` soap-enc:arrayType="cwmp:EventStruct[4]"`, "", ""},
	{"list of no length", cwmp.V1_0, "Inform", "cwmp:EventStruct[4]", "cwmp:EventStruct[]", "an arrayType of any form"},

	{"parameter set twice", cwmp.V1_0, "SetParameterValues", long + "Enable", "Device.DeviceInfo.SoftwareVersion", "a parameter any number of times"},
	{"no ParameterKey", cwmp.V1_0, "SetParameterValues", "<ParameterKey>profile 7</ParameterKey>", "", ""},
	{"ParameterKey of 33", cwmp.V1_0, "SetParameterValues", "profile 7", strings.Repeat("7", 33), ""},
	{"value not of its type", cwmp.V1_0, "GetParameterValuesResponse", "86400", "daily", ""},
	{"Status 2", cwmp.V1_0, "SetParameterValuesResponse", ">1</Status>", ">2</Status>", ""},
	{"no names", cwmp.V1_0, "GetParameterValues", "<string>Device.DeviceInfo.</string><string>" + long + "Enable</string>", "", ""},
	{"name of 257", cwmp.V1_0, "GetParameterValues", "Device.DeviceInfo.<", strings.Repeat("n", 257) + "<", ""},
	{"NextLevel yes", cwmp.V1_0, "GetParameterNames", "<NextLevel>1</NextLevel>", "<NextLevel>yes</NextLevel>", ""},
	{"Writable missing", cwmp.V1_0, "GetParameterNamesResponse", "<Writable>0</Writable>", "", ""},
	{"Notification 7", cwmp.V1_4, "SetParameterAttributes", "<Notification>2</Notification>", "<Notification>7</Notification>", ""},
	{"access for all", cwmp.V1_0, "SetParameterAttributes", "<string>Subscriber</string>", "<string>Everybody</string>", ""},
	{"AccessList without length", cwmp.V1_0, "SetParameterAttributes", ` soap-enc:arrayType="xsd:string[0]"`, "", ""},
	{"object without dot", cwmp.V1_0, "AddObject", "Line.<", "Line<", ""},
	{"instance 0", cwmp.V1_0, "AddObjectResponse", "<InstanceNumber>3<", "<InstanceNumber>0<", ""},

	{"Download without URL", cwmp.V1_0, "Download", "<URL>https://acs.example/files/f?a=1&amp;b=2</URL>", "", ""},
	{"file type without number", cwmp.V1_0, "Download", ">1 Firmware Upgrade Image<", ">Firmware<", ""},
	{"FileSize below 0", cwmp.V1_0, "Download", "<FileSize>17825792<", "<FileSize>-1<", ""},
	{"CommandKey of 33", cwmp.V1_0, "Download", "task-1", strings.Repeat("k", 33), ""},
	{"Status without times", cwmp.V1_0, "DownloadResponse", "<CompleteTime>" + ended + "</CompleteTime>", "", ""},
	{"fault that no transfer ends in", cwmp.V1_2, "TransferComplete", "<FaultCode>9010<", "<FaultCode>9013<", ""},
	{"fault of the ACS in a transfer", cwmp.V1_2, "TransferComplete", "<FaultCode>9010<", "<FaultCode>8001<", ""},
	{"no StartTime", cwmp.V1_2, "TransferComplete", "<StartTime>" + begun + "</StartTime>", "", ""},
	{"transfer in state 4", cwmp.V1_1, "GetAllQueuedTransfersResponse", "<State>3<", "<State>4<", ""},
	{"window without mode", cwmp.V1_2, "ScheduleDownload", "<WindowMode>3 When Idle</WindowMode>", "", ""},
	{"ScheduleInform at once", cwmp.V1_0, "ScheduleInform", "<DelaySeconds>600<", "<DelaySeconds>0<", "a delay of 0"},

	{"operation of no kind", cwmp.V1_2, "ChangeDUState", ` xsi:type="cwmp:InstallOpStruct"`, "", ""},
	{"operation of a strange kind", cwmp.V1_2, "ChangeDUState", "cwmp:InstallOpStruct", "cwmp:ReplaceOpStruct", ""},
	{"UUID in braces", cwmp.V1_2, "AutonomousDUStateChangeComplete", unit, "{" + unit + "}", ""},
	{"unit half installed", cwmp.V1_2, "AutonomousDUStateChangeComplete", ">Failed<", ">Pending<", ""},

	{"faultcode of HTTP", cwmp.V1_0, "Fault", "<faultcode>Client<", "<faultcode>500<", ""},
	{"fault without code", cwmp.V1_0, "Fault", "<FaultCode>9003</FaultCode>", "", ""},
	{"fault 7000", cwmp.V1_0, "Fault", "<FaultCode>9003<", "<FaultCode>7000<", ""},
	{"fault of no parameter", cwmp.V1_0, "Fault", "<ParameterName>" + long + "Gain</ParameterName>", "", ""},
}

// TestRefused: our schemas find what is wrong, and so do the official ones but
// for what they leave open.
func TestRefused(t *testing.T) {
	own := ownSchemas(t)
	refuse(t, own, func(i int) bool { return true })
}

// TestRefusedOfficially keeps the table honest: what both refuse is no whim of
// ours, and where ours are stricter the table says so.
func TestRefusedOfficially(t *testing.T) {
	official := officialSchemas(t)
	refuse(t, official, func(i int) bool { return refusals[i].looser == "" })
}

func refuse(t *testing.T, j judge, refused func(int) bool) {
	t.Helper()
	dir := t.TempDir()
	files := map[cwmp.Version][]string{}
	index := map[string]int{}
	for i, tt := range refusals {
		m := messages()[slices.IndexFunc(messages(), func(m cwmp.Message) bool { return m.RPC() == tt.rpc })]
		right := string(encode(t, tt.version, m))
		if tt.old == "" || strings.Count(right, tt.old) != 1 {
			t.Errorf("%s: %q stands %d times in %s", tt.name, tt.old, strings.Count(right, tt.old), right)
			continue
		}
		file := write(t, dir, strings.ReplaceAll(tt.name, " ", "-"), []byte(strings.Replace(right, tt.old, tt.new, 1)))
		if _, twice := index[file]; twice {
			t.Fatalf("two rows are named %q", tt.name)
		}
		files[tt.version], index[file] = append(files[tt.version], file), i
	}
	for _, v := range slices.Sorted(maps.Keys(files)) {
		found := j.faults(t, v, files[v])
		for _, file := range files[v] {
			i := index[file]
			if _, is := found[file]; is != refused(i) {
				t.Errorf("%s: refused %t by %s schemas; want %t", filepath.Base(file), is, j.name, refused(i))
			}
		}
	}
}
