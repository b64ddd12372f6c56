package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// startOdd is a server with an operator's file of quirks, and one phone.
func startOdd(t *testing.T, file string, ctc bool) *one {
	t.Helper()
	s := startServer(t, t.TempDir(), "--enrol", "open", "--phone-networks", "127.0.0.0/8", "--log-level", "debug", "--quirks", file)
	fleet := runFleet(t, sim.Options{
		ACS: s.ACS(), Phones: 1, Models: []string{"X6"}, PeriodicInterval: time.Second, BootTime: time.Millisecond, RetryScale: 0.02, CTC: ctc,
	})
	known := s.awaitPhones(t, 1, 30*time.Second)
	p := fleet.Phone(0)
	t.Cleanup(func() {
		if b := p.Ledger().Breaches; len(b) > 0 {
			t.Errorf("the phone met breaches of the standard: %v", b)
		}
	})
	return &one{server: s, t: t, phone: p, id: known[0].ID, root: p.Root()}
}

// treated is how the phone is treated, as the API tells it: switch by switch,
// the value and who says so.
func (o *one) treated() map[string]string {
	o.t.Helper()
	var got struct {
		Items []struct {
			Name  string
			Value any
			From  string
			File  string
			Line  int
		}
	}
	o.call(o.t, http.MethodGet, "/api/v1/phones/"+o.id+"/quirks", nil, &got)
	out := make(map[string]string)
	for _, e := range got.Items {
		out[e.Name] = strings.TrimSpace(fmt.Sprint(e.Value, " ", e.From, " ", filepath.Base(e.File)))
	}
	return out
}

func (o *one) wantTreated(name, want string) {
	o.t.Helper()
	if got := o.treated()[name]; got != want {
		o.t.Errorf("%s is %q; want %q", name, got, want)
	}
}

func emptyFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "quirks.yaml")
	if err := os.WriteFile(path, []byte("# none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestACSTypes manages a Fanvil that is set to speak with a common ACS, and one
// that is set to China Telecom's.
func TestACSTypes(t *testing.T) {
	for _, ctc := range []bool{false, true} {
		name, root, xml := "common", "Device.", "false default ."
		if ctc {
			name, root, xml = "ctc", "InternetGatewayDevice.", "true file quirks.yaml"
		}
		t.Run(name, func(t *testing.T) {
			o := startOdd(t, emptyFile(t), ctc)
			if o.root != root {
				t.Fatalf("the phone's root is %s", o.root)
			}
			o.wantTreated("config_xml", xml)

			text := o.addFile(t, "a.cfg", "config", "", "", []byte("<<VOIP CONFIG FILE>>Version:2.0000000000\r\n"))
			k := o.do("download", map[string]any{"file": text})
			if ctc {
				o.ended(k, "skipped", "as XML alone, and the name of a.cfg does not end in .xml")
			} else {
				o.ended(k, "succeeded", "the phone has taken the file")
			}
			file := o.addFile(t, "b.xml", "config", "", "", []byte("<sysConf><Version>2.0000000000</Version></sysConf>"))
			o.ended(o.do("download", map[string]any{"file": file}), "succeeded", "the phone has taken the file")

			interval := root + "ManagementServer.PeriodicInformInterval"
			o.ended(o.set(interval, "unsignedInt", "2"), "succeeded", "read back: 1 value as ordered")
			if ctc {
				o.ended(o.set(root+"X_CT-COM_UserInfo.UserName", "", "depot"), "succeeded", "read back: 1 value as ordered")
			}
			if n := o.phone.Ledger().Total("Download"); n != map[bool]int{false: 2, true: 1}[ctc] {
				t.Errorf("%d Downloads were sent", n)
			}

			// A server that starts again knows it by what the phone had shown.
			if err := o.Term(); err != nil {
				t.Fatal(err)
			}
			o.Start()
			o.wantTreated("config_xml", xml)
		})
	}
}

// TestQuirksChange: what is said of one phone, and a changed file, hold from
// the next session on; a wrong file changes nothing.
func TestQuirksChange(t *testing.T) {
	path := emptyFile(t)
	o := startOdd(t, path, false)
	upgrades := o.root + "ManagementServer.UpgradesManaged"
	setTo := func(ordered, has string) {
		t.Helper()
		o.ended(o.set(upgrades, "boolean", ordered), "succeeded", "read back: 1 value as ordered")
		if v, _ := o.phone.Param(upgrades); v != has {
			t.Errorf("the phone has %q; want %q", v, has)
		}
	}
	setTo("1", "1")
	o.call(t, http.MethodPut, "/api/v1/phones/"+o.id+"/quirks", map[string]any{"boolean_form": "words", "close_after_end": true}, nil)
	o.wantTreated("boolean_form", "words phone .")
	setTo("0", "false")
	if err := o.Term(); err != nil {
		t.Fatal(err)
	}
	o.Start()
	o.wantTreated("boolean_form", "words phone .")
	o.call(t, http.MethodDelete, "/api/v1/phones/"+o.id+"/quirks", nil, nil)
	setTo("1", "1")

	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := func(want string) {
		t.Helper()
		eventually(t, 20*time.Second, "a line of the log", func() error {
			if !strings.Contains(o.Log(), want) {
				return fmt.Errorf("the log has no %q", want)
			}
			return nil
		})
	}
	write("- vendor: fanvil\n  models: [X6]\n  why: w\n  source: s\n  set: {boolean_form: words, close_after_end: true}\n")
	said("changed quirks in force")
	o.wantTreated("boolean_form", "words file quirks.yaml")
	setTo("0", "false")
	write("- vendor: fanvil\n  colour: red\n")
	said("quirks.yaml:2: colour: there is no such key")
	o.wantTreated("boolean_form", "words file quirks.yaml")
}

// TestQuirksChecked: a file that cannot be used stops the start, and is told
// with its line.
func TestQuirksChecked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "quirks.yaml")
	if err := os.WriteFile(path, []byte("- vendor: fanvil\n  set: {max_names: 0}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, t.TempDir(), "--quirks", path)
	s.launch()
	if err := s.Wait(); err == nil {
		t.Error("it starts all the same")
	}
	if want := "--quirks: " + path + ":2: set.max_names: want a whole number from 1 to 256"; !strings.Contains(s.Log(), want) {
		t.Errorf("said %q; want %q", s.Log(), want)
	}
}
