package sim

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// shelf takes what is put to it, and serves what it has.
type shelf struct {
	mu     sync.Mutex
	files  map[string][]byte
	status int // of answers to PUT; 0: 201
	cut    int
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err != nil:
		s.cut++
	case r.Method == "PUT":
		if s.status == 0 {
			s.files[r.URL.Path] = body
			w.WriteHeader(201)
			return
		}
		w.WriteHeader(s.status)
	default:
		_, _ = w.Write(s.files[r.URL.Path])
	}
}

func (s *shelf) get(path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.files[path])
}

func uploadArgs(key, fileType, url string) string {
	return fmt.Sprintf("<CommandKey>%s</CommandKey><FileType>%s</FileType><URL>%s</URL><Username/><Password/><DelaySeconds>0</DelaySeconds>", key, fileType, url)
}

func TestUpload(t *testing.T) {
	for name, tt := range map[string]struct {
		conduct Behaviour
		status  int
		fault   int
		cut     int
	}{
		"whole":     {conduct: Behaviour{TakesUpload: true}},
		"in chunks": {conduct: Behaviour{TakesUpload: true, Chunked: true}},
		"cut":       {conduct: Behaviour{TakesUpload: true, CutUpload: 100}, cut: 1},
		"refused":   {conduct: Behaviour{TakesUpload: true}, status: 507, fault: 9011},
	} {
		t.Run(name, func(t *testing.T) {
			acs := newACS()
			p := fleetOf(t, acs, tt.conduct)
			s := &shelf{files: map[string][]byte{}, status: tt.status}
			acs.order(p, "Upload", uploadArgs("up", "1 Vendor Configuration File", newServer(t, s)+"/in"))
			if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
				t.Fatal(err)
			}
			if got := acs.lastAnswer(t); got.Method != "UploadResponse" || got.Status != "1" {
				t.Errorf("answer = %+v", got)
			}
			l := await(t, p, "report", reported(1))
			if l.Reports[0] != (Report{"up", tt.fault, 1}) {
				t.Errorf("report = %+v", l.Reports[0])
			}
			if got := s.get("/in"); (tt.fault == 0) != strings.Contains(got, "DeviceInfo.Manufacturer:") || s.cut != tt.cut {
				t.Errorf("the server has %d bytes, %d were cut", len(got), s.cut)
			}
			if tt.fault == 0 && (len(l.Sent) != 1 || l.Sent[0].Digest != digestOf([]byte(s.get("/in")))) {
				t.Errorf("sent = %+v", l.Sent)
			}
			await(t, p, "second session", func(l Ledger) bool { return l.Sessions == 2 })
			if events := fmt.Sprint(acs.seenInforms()[1].Events); events != "[7 TRANSFER COMPLETE M Upload=up]" {
				t.Errorf("events = %s", events)
			}
			noBreaches(t, p)
		})
	}
}

func TestUploadNow(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{TakesUpload: true, DownloadNow: true})
	s := &shelf{files: map[string][]byte{}}
	acs.order(p, "Upload", uploadArgs("up", "2 Vendor Log File", newServer(t, s)+"/log"))
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	if got := acs.lastAnswer(t); got.Method != "UploadResponse" || got.Status != "0" || !strings.Contains(s.get("/log"), "booted") {
		t.Errorf("answer = %+v, log %q", got, s.get("/log"))
	}
}

func TestUploadUnknown(t *testing.T) {
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	acs.order(p, "Upload", uploadArgs("up", "2 Vendor Log File", "http://127.0.0.1:1/log"))
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	if got := acs.lastAnswer(t); got.Fault != 9000 {
		t.Errorf("answer = %+v; want fault 9000", got)
	}
}

// TestFollow is a phone that takes a configuration with URLs.
func TestFollow(t *testing.T) {
	s := &shelf{files: map[string][]byte{"/book.xml": []byte("<PhoneBook/>")}}
	base := newServer(t, s)
	s.files["/a.cfg"] = fmt.Appendf(nil, "%-62s\r\n<AUTOUPDATE CONFIG MODULE>\r\nAuto Pbook Url     :%s/book.xml\r\nEnable User Config Upload:1\r\n"+
		"User Config Provision Url:%s/out\r\n<<END OF FILE>>\r\n", "<<VOIP CONFIG FILE>>Version:2.0002", base, base)
	acs := newACS()
	p := fleetOf(t, acs, Behaviour{})
	acs.order(p, "Download", downloadArgs("cfg", "3 Vendor Configuration File", base+"/a.cfg"))
	if err := p.Inform(t.Context(), "2 PERIODIC"); err != nil {
		t.Fatal(err)
	}
	l := await(t, p, "what the configuration asks for", func(l Ledger) bool { return len(l.Sent) == 1 && len(l.Applied) == 2 && len(l.Reports) == 1 })
	if l.Applied[1].FileType != "Auto Pbook Url" || l.Applied[1].Digest != digestOf([]byte("<PhoneBook/>")) {
		t.Errorf("applied = %+v", l.Applied)
	}
	if !strings.HasPrefix(s.get("/out"), configHead) || len(acs.reports) != 1 {
		t.Errorf("sent %.80q; reports %v", s.get("/out"), acs.reports)
	}
	noBreaches(t, p)
}

func TestReadAuto(t *testing.T) {
	good := fmt.Sprintf("%-62s\r\n<NET CONFIG MODULE>\r\nAuto Etc Url:no\r\n<AUTOUPDATE CONFIG MODULE>\r\nAuto Pbook Url     :http://a/b\r\n<<END OF FILE>>\r\n", configHead+"2.0002")
	set := readAuto([]byte(good))
	if len(set) != 1 || set["Auto Pbook Url"] != "http://a/b" {
		t.Errorf("read %v", set)
	}
	for name, bad := range map[string]string{
		"empty": "", "head too short": strings.Replace(good, "  \r\n", "\r\n", 1), "head too long": strings.Replace(good, "\r\n", "   \r\n", 1),
		"no end": strings.TrimSuffix(good, "<<END OF FILE>>\r\n"), "another file": "<html>" + good,
	} {
		if set := readAuto([]byte(bad)); set != nil {
			t.Errorf("%s: read %v", name, set)
		}
	}
}

// FuzzReadAuto promises that what is read stands in the file.
func FuzzReadAuto(f *testing.F) {
	f.Add([]byte(fmt.Sprintf("%-62s\r\n<AUTOUPDATE CONFIG MODULE>\r\nAuto Pbook Url:x\r\n<<END OF FILE>>\r\n", configHead)))
	f.Fuzz(func(t *testing.T, file []byte) {
		for key, value := range readAuto(file) {
			if !strings.Contains(string(file), key) || !strings.Contains(string(file), ":"+value) {
				t.Fatalf("read %q: %q", key, value)
			}
		}
	})
}
