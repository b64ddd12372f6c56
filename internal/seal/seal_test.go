package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var testRoot = func() (r [KeySize]byte) {
	for i := range r {
		r[i] = byte(i*7 + 1)
	}
	return r
}()

func TestParse(t *testing.T) {
	root := testRoot[:]
	want := NewKey(testRoot).ID()
	for name, text := range map[string]string{
		"hex":             hex.EncodeToString(root),
		"hex, capital":    strings.ToUpper(hex.EncodeToString(root)),
		"base64":          base64.StdEncoding.EncodeToString(root),
		"base64, no pad":  base64.RawStdEncoding.EncodeToString(root),
		"base64 of URLs":  base64.URLEncoding.EncodeToString(root),
		"with line break": " " + hex.EncodeToString(root) + "\r\n",
	} {
		if k, err := Parse(text); err != nil || k.ID() != want {
			t.Errorf("%s: %v, %v", name, k, err)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "short": hex.EncodeToString(root[:31]), "long": hex.EncodeToString(root) + "00",
		"a phrase": "correct horse battery staple", "short base64": base64.StdEncoding.EncodeToString(root[:24]),
		"zeros": strings.Repeat("0", 64), "one letter": strings.Repeat("ab", 32),
	} {
		k, err := Parse(text)
		if err == nil || !strings.Contains(err.Error(), "openssl rand") || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, %v; want an error that says how to make a key and does not show this one", name, k, err)
		}
	}
}

func TestOpen(t *testing.T) {
	k := NewKey(testRoot)
	sealed := k.Seal("phone p1", []byte("hunter2"))
	if again := k.Seal("phone p1", []byte("hunter2")); bytes.Equal(again, sealed) {
		t.Error("the same text looks the same twice")
	}
	if len(sealed) != len("hunter2")+Overhead || bytes.Contains(sealed, []byte("hunter2")) {
		t.Errorf("sealed %q", sealed)
	}
	if got, err := k.Open("phone p1", sealed); err != nil || string(got) != "hunter2" {
		t.Fatalf("Open = %q, %v", got, err)
	}
	if _, err := k.Open("phone p2", sealed); !errors.Is(err, ErrBroken) {
		t.Errorf("in another context: %v", err)
	}
	if _, err := Random().Open("phone p1", sealed); !errors.Is(err, ErrOtherKey) || errors.Is(err, ErrBroken) {
		t.Errorf("by another key: %v", err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x40
		want := ErrBroken
		if i >= 1 && i <= idSize {
			want = ErrOtherKey
		}
		if _, err := k.Open("phone p1", bad); !errors.Is(err, want) {
			t.Errorf("byte %d changed: %v; want %v", i, err, want)
		}
		if _, err := k.Open("phone p1", sealed[:i]); !errors.Is(err, ErrBroken) {
			t.Errorf("cut to %d: %v", i, err)
		}
	}
}

// golden is a text that was sealed by this key when the format was made.
const golden = "016342997da3c463631b51c84b80f68f34e8d14f6484b49fed897c45592686239aec028c4440fa97b5a70f92f13d9e35f465af947db7fbf744aafd815ba69a18"

// What an earlier program sealed must open for ever.
func TestOpenAsSealedBefore(t *testing.T) {
	k := NewKey(testRoot)
	b, err := hex.DecodeString(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open("credentials p7", b); err != nil || string(got) != "kept from the first release" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if got := hex.EncodeToString(k.Seal("x", nil)); got[:18] != golden[:18] {
		t.Errorf("a sealed text begins with %s; want %s", got[:18], golden[:18])
	}
}

func TestSubkeys(t *testing.T) {
	k := NewKey(testRoot)
	seen := map[string]string{string(testRoot[:]): "the key"}
	for _, p := range []string{"seal", "id", "nonce", ""} {
		b := string(k.Subkey(p))
		if len(b) != KeySize || seen[b] != "" {
			t.Errorf("subkey %q is of %d bytes, and that of %q", p, len(b), seen[b])
		}
		seen[b] = p
		if b != string(k.Subkey(p)) || b == string(Random().Subkey(p)) {
			t.Errorf("subkey %q is not the key's own", p)
		}
	}
}

func TestKeyIsNotShown(t *testing.T) {
	k := NewKey(testRoot)
	js, err := json.Marshal(struct{ K *Key }{k})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "k", k, "in", struct{ K *Key }{k})
	said := fmt.Sprintf("%v %+v %#v %s %q %x %X %d", k, k, k, k, k, k, k, k) + string(js) + log.String()
	for _, secret := range []string{
		hex.EncodeToString(testRoot[:8]), strings.ToUpper(hex.EncodeToString(testRoot[:8])),
		string(testRoot[:8]), strings.Trim(fmt.Sprint(testRoot[:8]), "[]"), "0x1, 0x8, 0xf",
	} {
		if strings.Contains(said, secret) {
			t.Errorf("%q is in %q", secret, said)
		}
	}
	if !strings.Contains(said, k.ID()) {
		t.Errorf("its id is not in %q", said)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("Load of nothing: %v", err)
	}
	// What a start left that was cut short is no key.
	if err := os.WriteFile(filepath.Join(dir, FileName+".new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := Make(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, FileName)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("in the directory are %v, %v", files, err)
	}
	if got, err := Load(dir); err != nil || got.ID() != made.ID() {
		t.Errorf("Load = %v, %v; want %v", got, err, made)
	}
	if _, err := Make(dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Make over a key: %v", err)
	}
	if got, err := Load(dir); err != nil || got.ID() != made.ID() {
		t.Errorf("after a second Make: %v, %v; want %v", got, err, made)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o666, 0o601} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "chmod 600") || !strings.Contains(err.Error(), path) {
			t.Errorf("mode %#o: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err != nil {
		t.Errorf("mode 0400: %v", err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("secret-but-no-key"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || strings.Contains(err.Error(), "secret-but") || !strings.Contains(err.Error(), path) {
		t.Errorf("no key in it: %v", err)
	}
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory: %v", err)
	}
}

// FuzzOpen holds that Open never panics, that what it opens was sealed, and
// that what is sealed opens.
func FuzzOpen(f *testing.F) {
	k := NewKey(testRoot)
	f.Add("a", []byte{}, []byte("x"))
	f.Add("credentials p1", k.Seal("credentials p1", []byte("pw")), []byte{})
	f.Fuzz(func(t *testing.T, context string, sealed, plain []byte) {
		if got, err := k.Open(context, sealed); err == nil {
			if again, err := k.Open(context, k.Seal(context, got)); err != nil || !bytes.Equal(again, got) {
				t.Errorf("opened %q, then %q, %v", got, again, err)
			}
		}
		got, err := k.Open(context, k.Seal(context, plain))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("sealed %q, opened %q, %v", plain, got, err)
		}
	})
}

// FuzzParse holds that a key that is read is the same when its file is.
func FuzzParse(f *testing.F) {
	f.Add(hex.EncodeToString(testRoot[:]))
	f.Add(base64.URLEncoding.EncodeToString(testRoot[:]))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		k, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(k.text()); err != nil || again.ID() != k.ID() {
			t.Errorf("read %v, then %v, %v", k, again, err)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	k := NewKey(testRoot)
	sealed := k.Seal("credentials p1", make([]byte, 120))
	for b.Loop() {
		if _, err := k.Open("credentials p1", sealed); err != nil {
			b.Fatal(err)
		}
	}
}
