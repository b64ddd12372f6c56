package app

import (
	"errors"
	"testing"
	"time"

	"phoneacs/db"
	"phoneacs/db/bolt"
)

func TestMakeToken(t *testing.T) {
	cfg := Config{Data: t.TempDir()}
	open := func() *bolt.Store {
		s, err := bolt.Open(t.Context(), bolt.Options{Dir: cfg.Data})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	if _, err := MakeToken(t.Context(), cfg, "me", db.RoleAdmin, 0); !errors.Is(err, db.ErrLocked) {
		t.Errorf("of a store that is open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for setting, make := range map[string]func() (string, error){
		"role":       func() (string, error) { return MakeToken(t.Context(), cfg, "me", "root", 0) },
		"name":       func() (string, error) { return MakeToken(t.Context(), cfg, " ", db.RoleAdmin, 0) },
		"expires-in": func() (string, error) { return MakeToken(t.Context(), cfg, "me", db.RoleAdmin, -1) },
	} {
		var bad *ConfigError
		if _, err := make(); !errors.As(err, &bad) || bad.Setting != setting {
			t.Errorf("%s: %v", setting, err)
		}
	}
	secret, err := MakeToken(t.Context(), cfg, "me", db.RoleAdmin, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	s = open()
	defer s.Close()
	tok, err := s.TokenByHash(t.Context(), db.HashToken(secret))
	if err != nil || tok.Name != "me" || tok.Role != db.RoleAdmin || tok.Expires.Sub(tok.Created) != time.Hour {
		t.Errorf("%+v, %v", tok, err)
	}
}
