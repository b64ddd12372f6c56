package sim

import (
	"fmt"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMessagesFollowTheSchemas has phones of each version say all they can and
// puts their messages before the official schemas.
func TestMessagesFollowTheSchemas(t *testing.T) {
	dir := os.Getenv("PHONEACS_XSD")
	lint, err := exec.LookPath("xmllint")
	if err != nil && os.Getenv("PHONEACS_REQUIRE_PEERS") == "1" {
		t.Fatalf("PHONEACS_REQUIRE_PEERS=1, but %v", err)
	}
	if dir == "" || err != nil {
		t.Skip("needs PHONEACS_XSD, the folder of the CWMP schemas, and xmllint")
	}
	for version := range namespaces {
		for _, name := range Models() {
			t.Run(version+"/"+name, func(t *testing.T) {
				var paths []string
				out := t.TempDir()
				for i, raw := range sayAll(t, name, version) {
					path := filepath.Join(out, fmt.Sprintf("%02d.xml", i))
					if err := os.WriteFile(path, raw, 0o600); err != nil {
						t.Fatal(err)
					}
					paths = append(paths, path)
				}
				if len(paths) < 18 {
					t.Fatalf("%d messages; want all kinds", len(paths))
				}
				driver := filepath.Join(dir, "drivers", "envelope-cwmp-"+strings.ReplaceAll(version, ".", "-")+".xsd")
				cmd := exec.CommandContext(t.Context(), lint, append([]string{"--nonet", "--noout", "--schema", driver}, paths...)...)
				cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(dir, "catalog.xml"))
				if said, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("xmllint: %v\n%s", err, said)
				}
			})
		}
	}
}

// sayAll gives the envelopes of a phone that is asked everything.
func sayAll(t *testing.T, name, version string) [][]byte {
	acs := newACS()
	acs.keepRaw = true
	srv := acs.start(t)
	f := run(t, New(Options{ACS: srv.URL, Models: []string{name}, Version: version, Manual: true}))
	p := f.Phone(0)
	url := newServer(t, &files{body: map[string][]byte{"/fw": FirmwareImage([]string{name}, "9.9", 1000)}})
	root := p.Root()
	acs.order(p, "GetRPCMethods", "")
	acs.order(p, "GetParameterNames", "<ParameterPath></ParameterPath><NextLevel>0</NextLevel>")
	acs.order(p, "GetParameterNames", "<ParameterPath>"+root+"</ParameterPath><NextLevel>1</NextLevel>")
	acs.order(p, "GetParameterValues", names(""))
	acs.order(p, "GetParameterValues", names("X.Y"))
	acs.order(p, "GetParameterAttributes", names(root))
	acs.order(p, "SetParameterValues", spv(p, map[string]string{"DeviceInfo.ProvisioningCode": "a<&>\"'\t\r\n"}, "string"))
	acs.order(p, "SetParameterValues", spv(p, map[string]string{"DeviceInfo.UpTime": "1", "No.Such": "2"}, "string"))
	acs.order(p, "SetParameterAttributes", `<ParameterList n:arrayType="c:SetParameterAttributesStruct[1]"><SetParameterAttributesStruct><Name>`+root+
		`DeviceInfo.</Name><NotificationChange>1</NotificationChange><Notification>1</Notification><AccessListChange>0</AccessListChange>`+
		`<AccessList n:arrayType="x:string[0]"/></SetParameterAttributesStruct></ParameterList>`)
	acs.order(p, "Upload", "")
	acs.order(p, "Download", downloadArgs("bad", "1 Firmware Upgrade Image", "tftp://x/"))
	acs.order(p, "Download", downloadArgs("gone", "3 Vendor Configuration File", url+"/absent"))
	acs.order(p, "Download", downloadArgs("fw", "1 Firmware Upgrade Image", url+"/fw"))
	acs.order(p, "Reboot", keyArg("rb"))
	if err := p.Inform(t.Context(), "0 BOOTSTRAP", "1 BOOT", "2 PERIODIC", "6 CONNECTION REQUEST", "M ScheduleInform=x"); err != nil {
		t.Fatal(err)
	}
	await(t, p, "reports", reported(2))
	p.SetParam(root+"DeviceInfo.FirstUseDate", "2026-01-01T00:00:00Z")
	p.Set(Behaviour{DownloadNow: true})
	acs.order(p, "Download", downloadArgs("now", "2 Web Content", url+"/fw"))
	acs.order(p, "FactoryReset", "")
	acs.beforeReport = func(http.ResponseWriter) bool { return false }
	if err := p.Inform(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l := p.Ledger(); len(l.Breaches) != 0 || l.Total("Download") != 4 {
		t.Errorf("ledger = %+v", l)
	}
	acs.mu.Lock()
	defer acs.mu.Unlock()
	return acs.raw
}

// TestSpeaksForItself: nothing of the server's may be shared, or a mistake in it
// would cancel out.
func TestSpeaksForItself(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, name := range sources {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			if path := strings.Trim(spec.Path.Value, `"`); strings.HasPrefix(path, "phoneacs") || strings.Contains(path, ".") {
				t.Errorf("%s imports %s; want the standard library alone", name, path)
			}
		}
	}
}
