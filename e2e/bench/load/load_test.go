package load

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"phoneacs/e2e/bench/floor"
)

// serve runs h on loopback and returns where.
func serve(t *testing.T, h http.Handler) netip.AddrPort {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return netip.MustParseAddrPort(srv.Listener.Addr().String())
}

func TestRunAgainstFloor(t *testing.T) {
	addr := serve(t, floor.Handler())
	for _, event := range []Event{Periodic, Boot, ValueChange} {
		t.Run(string(event), func(t *testing.T) {
			r, err := Run(t.Context(), Options{
				Addr: addr, Path: "/acs", Phones: Fleet(25), AtOnce: 4, Event: event, Passes: 3,
			})
			if err != nil {
				t.Fatal(err)
			}
			if r.Done != 75 || r.Lost() != 0 || len(r.Latencies) != 75 {
				t.Errorf("Done %d, Lost %d, %d latencies, first error %v; want 75, 0, 75",
					r.Done, r.Lost(), len(r.Latencies), r.FirstError)
			}
			if r.Percentile(0.5) <= 0 || r.Percentile(0.5) > r.Percentile(1) || r.Rate() <= 0 {
				t.Errorf("p50 %v, p100 %v, rate %v", r.Percentile(0.5), r.Percentile(1), r.Rate())
			}
		})
	}
}

func TestRunEnds(t *testing.T) {
	addr := serve(t, floor.Handler())
	base := Options{Addr: addr, Phones: Fleet(4), AtOnce: 2}

	t.Run("after a time", func(t *testing.T) {
		o := base
		o.For = 20 * time.Millisecond
		r, err := Run(t.Context(), o)
		if err != nil || r.Lost() != 0 || r.Elapsed < o.For {
			t.Errorf("Run = %+v, %v; want no loss, and at least %v", r, err, o.For)
		}
	})
	t.Run("when told to stop", func(t *testing.T) {
		stop := make(chan struct{})
		o := base
		o.Stop, o.For = stop, time.Hour
		var once sync.Once
		o.Addr = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			once.Do(func() { close(stop) })
			floor.Handler().ServeHTTP(w, r)
		}))
		r, err := Run(t.Context(), o)
		if err != nil || r.Done == 0 || r.Lost() != 0 {
			t.Errorf("Run = %+v, %v; want the session under way done", r, err)
		}
	})
	t.Run("with its context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		o := base
		o.Addr = serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done() // never answers: only the phone's leaving ends it
		}))
		r, err := Run(ctx, o)
		if !errors.Is(err, context.Canceled) || r.Done != 0 || r.Lost() != 0 {
			t.Errorf("Run = %+v, %v; want nothing counted and %v", r, err, context.Canceled)
		}
	})
}

func TestRunCountsWhatGoesWrong(t *testing.T) {
	const response = `<a:Envelope><a:Body><b:InformResponse/></a:Body></a:Envelope>`
	for _, tt := range []struct {
		name            string
		handler         http.HandlerFunc
		refused, failed int
		why             string
	}{
		{"busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, 2, 0, "status 503"},
		{"slow down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, 2, 0, "status 429"},
		{"asks who it is", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, 0, 2, "status 401"},
		{"fault", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<Fault/>") }, 0, 2, "no InformResponse"},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, 2, "EOF"},
		{"no envelope", func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength == 0 {
				io.WriteString(w, "hello")
				return
			}
			io.WriteString(w, response)
		}, 0, 2, "no request in answer"},
		{"asks for ever", func(w http.ResponseWriter, r *http.Request) {
			if b, _ := io.ReadAll(r.Body); strings.Contains(string(b), "<cwmp:Inform>") {
				io.WriteString(w, response)
				return
			}
			io.WriteString(w, `<a:Envelope><a:Body><b:Reboot/></a:Body></a:Envelope>`)
		}, 0, 2, "more than 64"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Run(t.Context(), Options{Addr: serve(t, tt.handler), Phones: Fleet(2), AtOnce: 1, Passes: 1})
			if err != nil {
				t.Fatal(err)
			}
			if r.Done != 0 || r.Refused != tt.refused || r.Failed != tt.failed {
				t.Errorf("Done %d, Refused %d, Failed %d; want 0, %d, %d", r.Done, r.Refused, r.Failed, tt.refused, tt.failed)
			}
			if r.FirstError == nil || !strings.Contains(r.FirstError.Error(), tt.why) {
				t.Errorf("FirstError = %v; want one with %q", r.FirstError, tt.why)
			}
		})
	}

	t.Run("nobody there", func(t *testing.T) {
		srv := httptest.NewServer(http.NotFoundHandler())
		addr := netip.MustParseAddrPort(srv.Listener.Addr().String())
		srv.Close()
		r, err := Run(t.Context(), Options{Addr: addr, Phones: Fleet(2), AtOnce: 1, Passes: 1})
		if err != nil || r.Refused != 2 {
			t.Errorf("Run = %+v, %v; want 2 refused", r, err)
		}
	})
}

func TestRunWantsOptions(t *testing.T) {
	addr := netip.MustParseAddrPort("127.0.0.1:1")
	for name, o := range map[string]Options{
		"no server address":  {Phones: Fleet(1), AtOnce: 1},
		"sessions at a time": {Addr: addr, Phones: Fleet(1)},
		"cannot hold":        {Addr: addr, Phones: Fleet(3), AtOnce: 4},
		"the last one is":    {Addr: addr, Phones: []Phone{MaxPhones}, AtOnce: 1},
		"extra bytes":        {Addr: addr, Phones: Fleet(1), AtOnce: 1, Extra: maxExtra + 1},
	} {
		if _, err := Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Run = %v; want an error with %q", err, name)
		}
	}
}

func TestMerge(t *testing.T) {
	a := &Result{Done: 2, Elapsed: time.Second, Latencies: []time.Duration{1, 4}, RPCs: map[string]int{"Download": 1}}
	b := &Result{Done: 1, Refused: 3, Elapsed: time.Second, Latencies: []time.Duration{2}, RPCs: map[string]int{"Download": 2}, FirstError: io.EOF}
	got := Merge(a, b)
	if got.Done != 3 || got.Refused != 3 || got.Rate() != 1.5 || got.Percentile(0.5) != 2 ||
		got.RPCs["Download"] != 3 || got.FirstError != io.EOF {
		t.Errorf("Merge = %+v", got)
	}
}
