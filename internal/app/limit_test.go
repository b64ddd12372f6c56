package app

import (
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
)

// TestLimitConns holds that one connection more than may be open waits until
// one closes, is then served, and that who waits does not outlive the listener.
func TestLimitConns(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	l := newConnLimit(2, slog.New(slog.NewTextHandler(&said, nil))).listener(inner)
	for range 3 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Accept(); err != nil {
		t.Fatal(err)
	}
	third := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		third <- err
	}()
	if half, ok := first.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
		t.Error("our side of a connection cannot be ended alone")
	}
	for range 2 { // a slot is given back once
		_ = first.Close()
	}
	if err := <-third; err != nil {
		t.Fatalf("the third after the first has closed: %v", err)
	}
	go func() {
		_, err := l.Accept()
		third <- err
	}()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-third; !errors.Is(err, net.ErrClosed) {
		t.Errorf("who waited for a slot got %v; want net.ErrClosed", err)
	}
	if n := strings.Count(said.String(), "phones wait"); n > 1 {
		t.Errorf("said %d times within a minute that phones wait", n)
	}
}
