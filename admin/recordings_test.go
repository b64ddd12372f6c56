package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// fakeRecordings keeps orders in a map and has a few recordings.
type fakeRecordings struct {
	orders     map[db.PhoneID]db.RecordingOrder
	recordings []db.Recording
	unreadable []db.Unreadable
}

func newFakeRecordings() fakeRecordings {
	log := []db.RecordedMessage{
		{At: now, From: db.FromPhone, RPC: "Inform", Size: 9, Body: "<a><b>1</b></a>", Header: map[string]string{"Cookie": "****"}, Masked: 1},
		{At: now.Add(120 * time.Millisecond), From: db.FromServer, Status: 204, Cut: true, Latin: true, Rebuilt: true},
	}
	rec := func(id db.RecordingID, phone db.PhoneID, how string) db.Recording {
		return db.Recording{ID: id, Phone: phone, Session: "ABCD-1", Address: "10.0.0.9", Began: now, Ended: now.Add(time.Second),
			How: how, Failed: how == "silent", Rule: "session.unasked", Messages: 2, Bytes: 9, Log: log}
	}
	return fakeRecordings{
		orders:     map[db.PhoneID]db.RecordingOrder{4: {Phone: 4, Until: now.Add(time.Hour), Since: now, By: "ops"}},
		recordings: []db.Recording{rec(7, 1, "done"), rec(6, 3, "silent"), rec(5, 1, "silent")},
		unreadable: []db.Unreadable{
			{First: now, Last: now, Count: 2, Rule: "xml.malformed", Detail: "line 1", Address: "10.0.0.9", Source: "10.0.0.9", Phone: 1, Agent: "x", Size: 3, Line: 1, Column: 1, Excerpt: "<a>", Masked: 1},
			{First: now, Last: now, Count: 1, Rule: "rpc.unknown", Address: "10.0.0.8", Source: "10.0.0.8", Size: 3, Excerpt: "<b>"},
		},
	}
}

func (s *fakeStore) RecordingOrder(_ context.Context, id db.PhoneID) (db.RecordingOrder, error) {
	defer s.lock()()
	o, ok := s.recorded.orders[id]
	if !ok {
		return o, fmt.Errorf("bucket 7: %w", db.ErrNotFound)
	}
	return o, s.err
}

func (s *fakeStore) Recording(_ context.Context, id db.RecordingID) (db.Recording, error) {
	defer s.lock()()
	for _, r := range s.recorded.recordings {
		if r.ID == id {
			return r, s.err
		}
	}
	return db.Recording{}, fmt.Errorf("bucket 7: %w", db.ErrNotFound)
}

func (s *fakeStore) ListRecordings(_ context.Context, phone db.PhoneID, q db.Query) (db.Page[db.Recording], error) {
	defer s.lock()()
	var all []db.Recording
	for _, r := range s.recorded.recordings {
		if r.Log = nil; phone == 0 || phone == r.Phone {
			all = append(all, r)
		}
	}
	return pageOf(all, q, (*db.Recording).Field)
}

func (s *fakeStore) ListUnreadable(_ context.Context, q db.Query) (db.Page[db.Unreadable], error) {
	defer s.lock()()
	return pageOf(s.recorded.unreadable, q, (*db.Unreadable).Field)
}

// A fakeRecorder keeps orders in its store.
type fakeRecorder struct{ store *fakeStore }

func (r *fakeRecorder) Record(_ context.Context, o db.RecordingOrder) error {
	defer r.store.lock()()
	if len(r.store.recorded.orders) == 3 {
		return fmt.Errorf("bucket 7: %w", db.ErrTooMany)
	}
	r.store.recorded.orders[o.Phone] = o
	return nil
}

func (r *fakeRecorder) Stop(_ context.Context, id db.PhoneID) error {
	defer r.store.lock()()
	if _, ok := r.store.recorded.orders[id]; !ok {
		return fmt.Errorf("bucket 7: %w", db.ErrNotFound)
	}
	delete(r.store.recorded.orders, id)
	return nil
}

// TestRecordPhone orders recordings, and asks for them back.
func TestRecordPhone(t *testing.T) {
	h := newHarness(t)
	const path = "/api/v1/phones/0c383e000001/recording"
	h.do(http.MethodGet, path, "").refuses(kindNotFound, "")
	h.do(http.MethodDelete, path, "").refuses(kindNotFound, "")
	for body, until := range map[string]time.Time{
		`{}`:                                   now.Add(24 * time.Hour),
		`{"for":"90m"}`:                        now.Add(90 * time.Minute),
		`{"for":"30d"}`:                        now.Add(30 * 24 * time.Hour),
		`{"until":"` + isoIn(time.Hour) + `"}`: now.Add(time.Hour).Truncate(time.Second),
	} {
		var o db.RecordingOrder
		h.do(http.MethodPut, path, body).is(200).into(&o)
		if !o.Until.Equal(until) || o.Phone != 1 || o.By != "ops" || !o.Since.Equal(now) {
			t.Errorf("%s: %+v; want until %v", body, o, until)
		}
		h.do(http.MethodGet, path, "").is(200).into(&o)
	}
	for body, field := range map[string]string{
		`{"for":"0s"}`:                                    "for",
		`{"for":"30d1s"}`:                                 "for",
		`{"for":"soon"}`:                                  "for",
		`{"until":"soon"}`:                                "until",
		`{"until":"` + isoIn(-time.Hour) + `"}`:           "until",
		`{"until":"` + isoIn(31*24*time.Hour) + `"}`:      "until",
		`{"for":"1h","until":"` + isoIn(time.Hour) + `"}`: "for",
	} {
		h.do(http.MethodPut, path, body).refuses(kindInvalid, field)
	}
	h.do(http.MethodPut, "/api/v1/phones/p99/recording", "{}").refuses(kindNotFound, "")
	h.do(http.MethodPut, "/api/v1/phones/p2/recording", "{}").is(200)
	h.do(http.MethodPut, "/api/v1/phones/p3/recording", "{}").refuses(kindTooMany, "")
	h.do(http.MethodDelete, path, "").is(204)
	h.do(http.MethodDelete, path, "").refuses(kindNotFound, "")

	h.clock.Advance(25 * time.Hour)
	h.do(http.MethodGet, "/api/v1/phones/p2/recording", "").refuses(kindNotFound, "") // it is over
}

func isoIn(d time.Duration) string { return now.Add(d).UTC().Format(time.RFC3339) }

// TestRecordings lists and reads them.
func TestRecordings(t *testing.T) {
	h := newHarness(t)
	ids := func(path string) (ids []string) {
		t.Helper()
		var page struct {
			Items []struct {
				ID  string
				Log []any
			}
		}
		h.do(http.MethodGet, path, "").is(200).into(&page)
		for _, r := range page.Items {
			ids = append(ids, r.ID)
			if r.Log != nil {
				t.Errorf("%s: a list has messages", path)
			}
		}
		return ids
	}
	for path, want := range map[string][]string{
		"/api/v1/recordings":                                            {"r7", "r6", "r5"},
		"/api/v1/recordings?failed":                                     {"r6", "r5"},
		"/api/v1/recordings?failed=true&filter=phone%3Dp1":              {"r5"},
		"/api/v1/recordings?failed=false":                               {"r7"},
		"/api/v1/recordings?failed&filter=phone%3Dp1%20OR%20how%3Ddone": {"r5"},
		"/api/v1/phones/p1/recordings":                                  {"r7", "r5"},
		"/api/v1/phones/p1/recordings?filter=how%3Ddone":                {"r7"},
		"/api/v1/phones/p2/recordings":                                  nil,
	} {
		if got := ids(path); !slices.Equal(got, want) {
			t.Errorf("%s: %v; want %v", path, got, want)
		}
	}
	h.do(http.MethodGet, "/api/v1/recordings?failed=perhaps", "").refuses(kindInvalid, "failed")
	h.do(http.MethodGet, "/api/v1/recordings?failed&filter=x)%20OR%20(y", "").refuses(kindFilter, "filter")
	for _, path := range []string{"p1/recordings/r6", "p1/recordings/r99", "p1/recordings/7", "p1/recordings/r0", "p99/recordings/r7"} {
		h.do(http.MethodGet, "/api/v1/phones/"+path, "").refuses(kindNotFound, "")
	}
	for accept, media := range map[string]string{
		"": "application/json", "*/*": "application/json", "text/plain": "text/plain; charset=utf-8",
		"application/json, text/plain": "application/json", "text/html;q=1, text/plain;q=0.5": "text/plain; charset=utf-8", "text/plain;q=0": "application/json",
	} {
		a := h.do(http.MethodGet, "/api/v1/phones/p1/recordings/r7", "", "Accept", accept).is(200)
		if got := a.header.Get("Content-Type"); got != media {
			t.Errorf("Accept %q: %s; want %s", accept, got, media)
		}
	}
}

// TestUnreadable lists messages that were not understood, with what that means.
func TestUnreadable(t *testing.T) {
	h := newHarness(t)
	var page struct {
		Items []struct{ Rule, Means string }
	}
	h.do(http.MethodGet, "/api/v1/unreadable?filter=rule%3Dxml.malformed", "").is(200).into(&page)
	if len(page.Items) != 1 || !strings.Contains(page.Items[0].Means, "not XML") {
		t.Errorf("listed: %+v", page.Items)
	}
}
