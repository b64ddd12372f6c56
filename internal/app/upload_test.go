package app

import (
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"
)

// An upload is a request that is open until finish is called.
type upload struct {
	tb     testing.TB
	body   *io.PipeWriter
	status chan int // of the answer; 0: there was none
}

// beginUpload returns when the request's handler reads.
func (r *running) beginUpload() *upload {
	r.tb.Helper()
	body, write := io.Pipe()
	begun := make(chan struct{})
	ctx := httptrace.WithClientTrace(r.tb.Context(), &httptrace.ClientTrace{Got100Continue: func() { close(begun) }})
	url := "http://" + r.AdminAddr().String() + "/api/v1/files?name=a.txt&kind=config&vendor=fanvil&models=X6&version=1"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		r.tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	req.Header.Set("Expect", "100-continue")
	u := &upload{tb: r.tb, body: write, status: make(chan int, 1)}
	client := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: patience}}
	go func() {
		res, err := client.Do(req)
		if err != nil {
			body.CloseWithError(err)
			u.status <- 0
			return
		}
		res.Body.Close()
		u.status <- res.StatusCode
	}()
	select {
	case <-begun:
	case <-time.After(patience):
		r.tb.Fatal("the upload does not begin")
	}
	return u
}

// finish sends the file and returns the status of the answer.
func (u *upload) finish() int {
	u.tb.Helper()
	if _, err := io.WriteString(u.body, "<<VOIP CONFIG FILE>>Version:2.0002\n"); err != nil {
		u.tb.Errorf("upload: %v", err)
	}
	u.body.Close()
	return <-u.status
}

// awaitClosed waits until no further request is taken.
func (r *running) awaitClosed() {
	r.tb.Helper()
	eventually(r.tb, "closed to others", func() bool {
		c, err := net.Dial("tcp", r.AdminAddr().String())
		if err == nil {
			c.Close()
		}
		return err != nil
	})
}

// TestStopLetsRequestsEnd: an upload that has begun is not lost.
func TestStopLetsRequestsEnd(t *testing.T) {
	r := serve(t, testConfig(t))
	u := r.beginUpload()
	r.stop()
	r.awaitClosed()
	if got := u.finish(); got != http.StatusCreated {
		t.Errorf("upload: status %d; want %d", got, http.StatusCreated)
	}
	if err := r.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
}
