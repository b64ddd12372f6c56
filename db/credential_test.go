package db

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
)

func TestLoginIsNotShown(t *testing.T) {
	c := Claim{Credentials: Credentials{Own: Login{"user", "planted"}, ConnectionRequestNext: Login{"acs", "planted"}}}
	var said bytes.Buffer
	for _, v := range []any{c, &c, c.Credentials, c.Credentials.Own, &c.Credentials.Own, Offer{Own: c.Credentials.Own}} {
		fmt.Fprintf(&said, "%v %+v %#v %s %q %x %X\n", v, v, v, v, v, v, v)
		js, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(js)
		slog.New(slog.NewTextHandler(&said, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&said, nil)).Info("x", "v", v)
	}
	for _, secret := range []string{"planted", "706c616e746564", "706C616E746564"} {
		if bytes.Contains(said.Bytes(), []byte(secret)) {
			t.Errorf("%q is in %s", secret, &said)
		}
	}
	if !bytes.Contains(said.Bytes(), []byte("with a password")) {
		t.Errorf("nothing is said of them: %s", &said)
	}
}

func TestTakeSecrets(t *testing.T) {
	a := Args{Parameters: []Setting{{Name: "A.Password", Value: "x"}, {Name: "B", Value: "plain"}, {Name: "C.PIN", Value: ""}}}
	rest, secrets := a.TakeSecrets()
	if a.Parameters[0].Value != "x" || rest.Parameters[0].Value != "" || rest.Parameters[1].Value != "plain" || len(secrets) != 2 || secrets[0] != "x" {
		t.Fatalf("taken %q from %+v, which leaves %+v", secrets, a, rest)
	}
	for n, ok := range map[int]bool{0: false, 1: false, 2: true} {
		again, _ := a.TakeSecrets()
		if again.PutSecrets(secrets[:n]) != ok {
			t.Errorf("%d secrets fit: %v", n, !ok)
		}
	}
	if rest.PutSecrets([]string{"x", "", "y"}) {
		t.Error("one too many fits")
	}
}
