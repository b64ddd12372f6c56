package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/db/bolt"
)

// A promise is an answer that makes somebody rely on what it says: kept looks
// for that in the store of a server whose power failed as the answer left.
type promise struct {
	kind   string
	what   string
	leaves int // line of the trace
	kept   func(context.Context, *bolt.Store) error
}

var (
	soapSerial = regexp.MustCompile(`<SerialNumber>([^<]*)</SerialNumber>`)
	soapEvent  = regexp.MustCompile(`<EventCode>([^<]*)</EventCode>\s*<CommandKey>([^<]*)</CommandKey>`)
	soapKey    = regexp.MustCompile(`<CommandKey>([^<]+)</CommandKey>`)
	soapFault  = regexp.MustCompile(`<FaultCode>0</FaultCode>`)
	soapOrder  = regexp.MustCompile(`:(Download|Reboot)>\s*<CommandKey>([^<]+)</CommandKey>`)
	soapCode   = regexp.MustCompile(`<Name>([^<]*ProvisioningCode)</Name>\s*<Value[^>]*>([^<]*)<`)
	soapStatus = regexp.MustCompile(`<Status>([01])</Status>`)
)

// promises finds them in what the server answered. Soft answers, as to a
// periodic Inform that brings nothing new, are none.
func promises(t *testing.T, all []exchange) (out []promise) {
	t.Helper()
	asked := map[string]string{} // connection → CommandKey of the last request
	boots := map[string]time.Time{}
	for _, x := range all {
		in, answer := string(x.in), string(x.out)
		add := func(kind, what string, kept func(context.Context, *bolt.Store) error) {
			out = append(out, promise{kind, what, x.leaves, kept})
		}
		switch {
		case strings.Contains(answer, "InformResponse>"):
			informPromises(t, in, boots, add)
		case strings.Contains(answer, "TransferCompleteResponse") && soapFault.MatchString(in):
			key := soapKey.FindStringSubmatch(in)[1]
			add("TransferCompleteResponse", key, attemptIs(key, "complete or done", complete))
		case strings.HasPrefix(answer, "HTTP/1.1 201 ") && strings.HasPrefix(in, "POST /api/v1/jobs"):
			j := created(t, answer)
			add("job", j.ID, func(ctx context.Context, s *bolt.Store) error { return jobIs(ctx, s, j) })
		case strings.HasPrefix(answer, "HTTP/1.1 201 ") && strings.HasPrefix(in, "POST /api/v1/files"):
			f := created(t, answer)
			add("file", f.ID, func(ctx context.Context, s *bolt.Store) error {
				id, err := db.ParseFileID(f.ID)
				if err == nil {
					_, err = s.File(ctx, id)
				}
				return err // that its bytes are there is for Check
			})
		}
		if key := asked[x.conn]; strings.Contains(in, "DownloadResponse>") && key != "" {
			if soapStatus.FindStringSubmatch(in)[1] == "0" { // no TransferComplete will follow
				add("DownloadResponse", key, attemptIs(key, "complete or done", complete))
			} else {
				add("DownloadResponse", key, attemptIs(key, "accepted", accepted))
			}
		} else if strings.Contains(in, "RebootResponse") && key != "" {
			add("RebootResponse", key, attemptIs(key, "accepted", accepted))
		}
		if m := soapOrder.FindStringSubmatch(answer); m != nil {
			asked[x.conn] = m[2]
			add(m[1], m[2], attemptIs(m[2], "sent", func(task db.Task, a db.Attempt) bool {
				return task.State == db.TaskSent && !a.Sent.IsZero() && !a.Deadline.IsZero()
			}))
		}
	}
	return out
}

// informPromises are what an InformResponse makes a phone forget.
func informPromises(t *testing.T, in string, boots map[string]time.Time, add func(kind, what string, kept func(context.Context, *bolt.Store) error)) {
	t.Helper()
	serial := soapSerial.FindStringSubmatch(in)[1]
	mac := serial[len(serial)-12:]
	for _, e := range soapEvent.FindAllStringSubmatch(in, -1) {
		code, key := e[1], e[2]
		switch code {
		case "0 BOOTSTRAP":
			add(code, mac, func(ctx context.Context, s *bolt.Store) error {
				p, err := phoneIs(ctx, s, mac)
				if err == nil && p.Bootstrap.IsZero() {
					err = fmt.Errorf("no bootstrap of %s", p.ID)
				}
				return err
			})
		case "1 BOOT": // each makes the last one newer
			add(code, mac, func(ctx context.Context, s *bolt.Store) error {
				p, err := phoneIs(ctx, s, mac)
				if err == nil && !p.Boot.After(boots[mac]) {
					err = fmt.Errorf("the last boot of %s is %v, known before", p.ID, p.Boot)
				}
				boots[mac] = p.Boot
				return err
			})
		case "4 VALUE CHANGE":
			param := soapCode.FindStringSubmatch(in)
			add(code, mac, func(ctx context.Context, s *bolt.Store) error {
				p, err := phoneIs(ctx, s, mac)
				if err != nil {
					return err
				}
				page, err := s.Parameters(ctx, p.ID, param[1], db.Query{})
				if err == nil && (len(page.Items) != 1 || page.Items[0].Value != param[2]) {
					err = fmt.Errorf("%s of %s is %+v, was told to be %q", param[1], p.ID, page.Items, param[2])
				}
				return err
			})
		case "M Reboot":
			add(code, key, attemptIs(key, "done, or awaits its lines", func(task db.Task, a db.Attempt) bool {
				return a.Awaited() || a.Outcome == db.OutcomeDone && task.State == db.TaskSucceeded
			}))
		}
	}
}

func phoneIs(ctx context.Context, s *bolt.Store, mac string) (db.PhoneStatus, error) {
	id, err := s.FindPhone(ctx, mac)
	if err != nil {
		return db.PhoneStatus{}, err
	}
	return s.Phone(ctx, id)
}

func jobIs(ctx context.Context, s *bolt.Store, want createdBody) error {
	id, err := db.ParseJobID(want.ID)
	if err != nil {
		return err
	}
	j, err := s.Job(ctx, id)
	if err == nil && j.Selected != want.Selected {
		err = fmt.Errorf("%s selects %d phones, was accepted for %d", id, j.Selected, want.Selected)
	}
	return err
}

func accepted(_ db.Task, a db.Attempt) bool { return !a.Accepted.IsZero() }

// complete is what a transfer's end makes of an attempt. One that was shown by
// the version before is done without.
func complete(_ db.Task, a db.Attempt) bool {
	return !a.Complete.IsZero() || a.Outcome == db.OutcomeDone
}

// attemptIs looks an attempt up by its CommandKey.
func attemptIs(key, what string, ok func(db.Task, db.Attempt) bool) func(context.Context, *bolt.Store) error {
	return func(ctx context.Context, s *bolt.Store) error {
		id, ours := db.ParseCommandKey(key, s.StoreTag())
		if !ours {
			return fmt.Errorf("key %s is not of this store", key)
		}
		task, err := s.Task(ctx, id.Task)
		if err != nil {
			return fmt.Errorf("task %s: %w", id.Task, err)
		}
		for _, a := range task.Attempts {
			if a.Key == key && ok(task, a) {
				return nil
			}
		}
		return fmt.Errorf("attempt %s is not %s: %+v", key, what, task)
	}
}

// createdBody is what the tests read of an answer 201.
type createdBody struct {
	ID       string `json:"id"`
	Selected int    `json:"selected"`
}

func created(t *testing.T, answer string) (b createdBody) {
	t.Helper()
	_, body, _ := strings.Cut(answer, "\r\n\r\n")
	if err := json.NewDecoder(strings.NewReader(body)).Decode(&b); err != nil {
		t.Fatalf("answer of 201: %v in %.300q", err, answer)
	}
	return b
}

// lookInto opens the store in dir, demands that Check has nothing to say, asks
// for what a promise was about, if any, and removes dir.
func lookInto(t *testing.T, dir string, kept func(context.Context, *bolt.Store) error) error {
	t.Helper()
	defer os.RemoveAll(dir)
	store, err := bolt.Open(t.Context(), bolt.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer store.Close()
	faults, err := store.Check(t.Context())
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("check: %s", strings.Join(faults, "; "))
	}
	if err == nil && kept != nil {
		err = kept(t.Context(), store)
	}
	return err
}
