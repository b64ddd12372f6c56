package fanvil

import (
	"strings"
	"testing"

	"phoneacs/phones/internal/base"
)

// TestLead holds whole configs, byte by byte.
func TestLead(t *testing.T) {
	const url = "http://acs.example/files/abc/500.vcf"
	head := func(version string) string {
		return "<<VOIP CONFIG FILE>>Version:" + version + strings.Repeat(" ", 34-len(version)) + "\r\n<AUTOUPDATE CONFIG MODULE>\r\n"
	}
	for _, tt := range []struct{ kind, model, want string }{
		{base.KindPhonebook, "X6", head("2.0000000000") + "Auto Pbook Url     :" + url + "\r\n<<END OF FILE>>\r\n"},
		{base.KindPhonebook, "X4", head("2.0002") + "Auto Pbook Url     :" + url + "\r\n<<END OF FILE>>\r\n"},
		{base.KindCertificate, "", head("2.0000000000") + "Auto Etc Url       :" + url + "\r\n<<END OF FILE>>\r\n"},
		{base.KindBackground, "X6", head("2.0000000000") + "Auto Logo Url      :" + url + "\r\n<<END OF FILE>>\r\n"},
		{base.KindBackground, "C600", ""},
		{base.KindMMISet, "X6", head("2.0000000000") + "Auto Mmiset Url    :" + url + "\r\n<<END OF FILE>>\r\n"},
		{base.KindLanguage, "X6", head("2.0000000000") + "Auto Mmiset Url    :" + url + "\r\n<<END OF FILE>>\r\n"},
		{base.KindLanguage, "X7A", ""},
		{base.KindDialRules, "i31S", head("2.0002") + "Auto DPeer Url     :" + url + "\r\n<<END OF FILE>>\r\n"},
		{base.KindDialRules, "X6", ""},
		{base.KindAccessList, "i33V", head("2.0002") + "Auto AList Url     :" + url + "\r\n<<END OF FILE>>\r\n"},
		{base.KindAccessList, "i10", ""},
		{base.KindAccessList, "", ""},
		{base.KindRinger, "X6", ""},
		{base.KindFirmware, "X6", ""},
	} {
		got, ok := Vendor{}.Lead(tt.kind, tt.model, url)
		if string(got) != tt.want || ok != (tt.want != "") {
			t.Errorf("Lead of a %s for %q = %q, %v; want %q", tt.kind, tt.model, got, ok, tt.want)
		}
		if ok && string(got[62:64]) != "\r\n" {
			t.Errorf("the head of %q is not 64 bytes", got)
		}
	}
	got, ok := Vendor{}.UploadLead(base.UploadConfig, "X6", url)
	want := head("2.0000000000") + "Enable User Config Upload:1\r\nUser Config Upload Method:0\r\nUser Config Provision Url:" + url + "\r\n<<END OF FILE>>\r\n"
	if string(got) != want || !ok {
		t.Errorf("UploadLead = %q, %v; want %q", got, ok, want)
	}
}

// TestTables holds that the tables name models that there are.
func TestTables(t *testing.T) {
	known := map[string]bool{}
	for _, m := range models {
		known[m] = true
	}
	for name, list := range map[string][]string{"android": android, "doors": doors, "industry": industry, "oldPlatform": oldPlatform} {
		for _, m := range list {
			if !known[m] {
				t.Errorf("%s has %q, which is no model", name, m)
			}
		}
	}
}
