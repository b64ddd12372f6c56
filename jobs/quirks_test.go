package jobs_test

import (
	"context"
	"crypto/sha256"
	"os"
	"strings"
	"testing"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/jobs"
	"phoneacs/phones"
	"phoneacs/phones/quirks"
)

// shownRoots are phones without quirks, whose root is that of the names they told.
type shownRoots struct {
	oddPhones
	store db.Store
}

func (s shownRoots) Root(ctx context.Context, p *db.Phone) string {
	page, err := s.store.Parameters(ctx, p.ID, "", db.Query{Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return ""
	}
	root, _, _ := strings.Cut(page.Items[0].Name, ".")
	return root + "."
}

// oddPhones treats all phones alike.
type oddPhones struct{ q *quirks.Quirks }

func (o oddPhones) Of(context.Context, *db.Phone) *quirks.Quirks { return o.q }

func (o oddPhones) Root(context.Context, *db.Phone) string { return o.q.Root }

// treat has all phones of a rig be treated so from now on.
func (r *rig) treat(q *quirks.Quirks) {
	r.t.Helper()
	r.treatAs(oddPhones{q})
}

func (r *rig) treatAs(q jobs.Quirks) {
	r.t.Helper()
	var err error
	r.svc, err = jobs.New(jobs.Options{Store: r.store, Waker: r.waker, Files: fakeLinks{}, Clock: r.clock, Quirks: q})
	r.must(err)
}

// show reads the message of a switch: an entry, then our request, then the
// phone's answer.
func show(t *testing.T, name string) (q *quirks.Quirks, ours string, answer cwmp.Message) {
	t.Helper()
	text, err := os.ReadFile("testdata/quirks/" + name + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(text), "---\n< ")
	ours, theirs, _ := strings.Cut(rest, "\n> ")
	list, err := quirks.Read(name, []byte(head), phones.Lookup)
	if err != nil {
		t.Fatal(err)
	}
	book, err := quirks.NewBook(phones.Lookup, nil)
	if err != nil {
		t.Fatal(err)
	}
	book.SetFile(list)
	env, err := cwmp.Decode([]byte(theirs))
	if err != nil {
		t.Fatal(err)
	}
	return book.Of(0, quirks.Who{}), ours, env.Body
}

// written is a message as it leaves, with what differs from run to run blotted out.
func written(t *testing.T, m cwmp.Message) string {
	t.Helper()
	switch m := m.(type) {
	case *cwmp.SetParameterValues:
		m.ParameterKey = "KEY"
	case *cwmp.Download:
		m.CommandKey, m.URL = "KEY", "URL"
	}
	env := cwmp.Envelope{ID: "1", Body: m}
	b, err := env.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestQuirkMessages sends what two switches were made for, with and without them.
func TestQuirkMessages(t *testing.T) {
	for _, name := range []string{"boolean_form", "file_types"} {
		for _, with := range []bool{true, false} {
			r := newRig(t)
			q, ours, answer := show(t, name)
			if !with {
				q = quirks.Standard()
			}
			r.treat(q)
			phone := r.inform("1", "2.4")
			j := downloadOf(r.file(db.FileConfig, ""))
			if name == "boolean_form" {
				j = setOf(
					db.Setting{Name: "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.AutoChannelEnable", Type: "boolean", Value: "false"},
					db.Setting{Name: "InternetGatewayDevice.DeviceInfo.ProvisioningCode", Value: "true"})
			}
			job := r.order(j, phone)
			s := r.inform("1", "2.4")
			msg, id := s.next()
			if got := written(t, msg); (got == ours) != with {
				t.Errorf("%s, with the switch %v: sent\n%s\nwant\n%s", name, with, got, ours)
			}
			s.answer(id, answer)
			r.task(job, phone, db.TaskProving)
			if name != "boolean_form" {
				continue
			}
			// What is read back is compared as a value, however it is written.
			_, id = given[*cwmp.GetParameterValues](s)
			s.answer(id, &cwmp.GetParameterValuesResponse{Parameters: []cwmp.ParameterValue{
				{Name: "InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.AutoChannelEnable", Type: "boolean", Value: "0"},
				{Name: "InternetGatewayDevice.DeviceInfo.ProvisioningCode", Value: "true"}}})
			r.task(job, phone, db.TaskSucceeded)
		}
	}
}

// TestFileTypesNotTaken: a kind of file that a model does not take by Download
// is not sent, whatever its vendor's phones take.
func TestFileTypesNotTaken(t *testing.T) {
	for fileType, want := range map[string]db.TaskState{"": db.TaskSkipped, quirks.ByConfig: db.TaskSkipped, "3 X": db.TaskReady} {
		r := newRig(t)
		r.treat(&quirks.Quirks{FileTypes: map[string]string{"config": fileType}})
		phone := r.inform("1", "2.4")
		task := r.task(r.order(downloadOf(r.file(db.FileConfig, ""))), phone, want)
		if want == db.TaskSkipped {
			r.says("task", task.Why, "a fanvil X6 takes no config, by Download")
		}
		r.task(r.order(downloadOf(r.file(db.FileFirmware, "2.5")), phone), phone, db.TaskReady)
	}
}

// TestConfigXML: a phone that takes XML alone is not given another config, also
// where that is found out only when the session begins.
func TestConfigXML(t *testing.T) {
	r := newRig(t)
	phone := r.inform("1", "2.4")
	early := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	firmware := r.order(downloadOf(r.file(db.FileFirmware, "2.5")), phone)
	r.treat(&quirks.Quirks{ConfigXML: true})
	late := r.order(downloadOf(r.file(db.FileConfig, "")), phone)
	r.says("task", r.task(late, phone, db.TaskSkipped).Why, "as XML alone, and the name of config-.z does not end in .xml")
	s := r.inform("1", "2.4")
	s.download()
	r.task(early, phone, db.TaskSkipped)
	r.task(firmware, phone, db.TaskSent)
}

// TestFetchedIsDone: what was fetched whole counts where a phone never reports,
// and only there.
func TestFetchedIsDone(t *testing.T) {
	for _, tt := range []struct {
		name  string
		q     *quirks.Quirks
		bytes int64
		want  db.TaskState
	}{
		{"with the switch", &quirks.Quirks{FetchedIsDone: true}, 6, db.TaskSucceeded},
		{"without", quirks.Standard(), 6, db.TaskWaiting},
		{"fetched in part", &quirks.Quirks{FetchedIsDone: true}, 5, db.TaskWaiting},
		{"not fetched", &quirks.Quirks{FetchedIsDone: true}, 0, db.TaskWaiting},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.treat(tt.q)
			phone := r.inform("1", "2.4")
			j := downloadOf(r.file(db.FileConfig, ""))
			job := r.order(j, phone)
			s := r.inform("1", "2.4")
			d, id := s.download()
			s.answer(id, &cwmp.DownloadResponse{Status: 1})
			if tt.bytes > 0 {
				r.must(r.store.RecordFetch(t.Context(), sha256.Sum256([]byte(d.URL)), db.Fetch{Time: r.clock.Now(), Bytes: tt.bytes, Status: 200}))
				r.must(r.store.Flush(t.Context()))
			}
			r.wait(20 * time.Minute)
			r.task(job, phone, db.TaskProving)
			r.wait(11 * time.Minute)
			task := r.task(job, phone, tt.want)
			if tt.want == db.TaskSucceeded {
				r.evidence(task, "inferred: all of the file was fetched")
			}
		})
	}
}
