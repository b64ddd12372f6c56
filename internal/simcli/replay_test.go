package simcli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"phoneacs/internal/sim/replay"
)

// recordingFile writes a recording: an Inform, and a session without work.
func recordingFile(t *testing.T, inform string) string {
	t.Helper()
	const env = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><e:Header>` +
		`<cwmp:ID e:mustUnderstand="1">1</cwmp:ID></e:Header><e:Body><cwmp:%s/></e:Body></e:Envelope>`
	b, err := json.Marshal(replay.Recording{Messages: 4, Log: []replay.Message{
		{From: "phone", Body: fmt.Sprintf(env, "Inform")},
		{From: "server", Status: 200, Body: fmt.Sprintf(env, inform)},
		{From: "phone"},
		{From: "server", Status: 204},
	}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "session.json")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReplay plays a recording to a server, and holds the exit status to what
// the help says.
func TestReplay(t *testing.T) {
	url := acs(t)
	good, changed := recordingFile(t, "InformResponse"), recordingFile(t, "Reboot")
	notes := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notes, []byte("no JSON"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args, says string
		want       int
	}{
		{good + " --url " + url, "#4", 0},
		{changed + " --url " + url, "DIFFERS: recorded was Reboot", 3},
		{"--serve " + good + " --timeout 50ms", "serving http://127.0.0.1:", 3},
		{notes + " --url " + url, "", 1},
		{"/nonexistent --url " + url, "", 1},
		{"--serve " + good + " --listen nonsense", "", 1},
		{good + " --url http://127.0.0.1:1/", "", 1},
		{good, "", 2},
		{good + " --serve --url " + url, "", 2},
		{good + " --url ftp://x/", "", 2},
		{good + " --url " + url + " --timeout -1s", "", 2},
		{"--url " + url, "", 2},
		{good + " " + good + " --url " + url, "", 2},
	} {
		out, err := phonesim(t, append([]string{"replay"}, strings.Fields(tt.args)...)...)
		if ExitCode(err) != tt.want || !strings.Contains(out, tt.says) {
			t.Errorf("phonesim replay %s: exit %d (%v); want %d, and %q in\n%s", tt.args, ExitCode(err), err, tt.want, tt.says, out)
		}
	}
}
