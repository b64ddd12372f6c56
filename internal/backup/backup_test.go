package backup

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"phoneacs/db"
)

// contents are the bytes that the archives of these tests refer to.
var contents = []string{"firmware", "a config", strings.Repeat("ring", 1000)}

type blob struct{ *strings.Reader }

func (blob) Close() error { return nil }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func refs() iter.Seq2[db.BlobRef, error] {
	return func(yield func(db.BlobRef, error) bool) {
		all := slices.Clone(contents)
		slices.SortFunc(all, func(a, b string) int { return strings.Compare(digest(a), digest(b)) })
		for _, c := range all {
			if !yield(db.BlobRef{SHA256: digest(c), Size: int64(len(c))}, nil) {
				return
			}
		}
	}
}

func open(_ context.Context, sum string) (db.Blob, error) {
	for _, c := range contents {
		if digest(c) == sum {
			return blob{strings.NewReader(c)}, nil
		}
	}
	return nil, db.ErrNotFound
}

// archive writes one of a store that has no more than a few words in it.
func archive(tb testing.TB) (b []byte, m Manifest) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "store")
	if err := os.WriteFile(path, []byte("the store"), 0o600); err != nil {
		tb.Fatal(err)
	}
	snap := db.Snapshot{Path: path, Layout: 2, Counts: db.SnapshotCounts{Phones: 3}, Blobs: refs()}
	m, err := Describe(&snap)
	if err != nil {
		tb.Fatal(err)
	}
	m.Version, m.Made = "1.2.3", time.Date(2026, 5, 17, 9, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	if err := Write(tb.Context(), &out, &m, &snap, open, nil); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes(), m
}

func taken(*Manifest) error { return nil }

// What is written is read to the same, and by tar.
func TestRoundTrip(t *testing.T) {
	b, want := archive(t)
	dir := t.TempDir()
	got, err := Extract(t.Context(), bytes.NewReader(b), dir, taken)
	if err != nil || got != want {
		t.Fatalf("Extract = %+v, %v; want %+v", got, err, want)
	}
	if s, err := os.ReadFile(filepath.Join(dir, "phoneacs.db")); err != nil || string(s) != "the store" {
		t.Errorf("the store is %q, %v", s, err)
	}
	for _, c := range contents {
		if s, err := os.ReadFile(filepath.Join(dir, "blobs", digest(c)[:2], digest(c))); err != nil || string(s) != c {
			t.Errorf("bytes of %.20q are %.20q, %v", c, s, err)
		}
	}
	cmd := exec.Command("tar", "tzf", "-")
	cmd.Stdin = bytes.NewReader(b)
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), "\n") != 2+len(contents) || !strings.HasPrefix(string(out), "manifest.json\nphoneacs.db\nblobs/") {
		t.Errorf("tar says %v:\n%s", err, out)
	}
}

// Bytes that are not as long as their record says are no part of a backup.
func TestWriteRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	if err := os.WriteFile(path, []byte("the store"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, ref := range map[string]db.BlobRef{
		"shorter": {SHA256: digest("firmware"), Size: 9}, "longer": {SHA256: digest("firmware"), Size: 7}, "missing": {SHA256: digest("x"), Size: 1},
	} {
		snap := db.Snapshot{Path: path, Layout: 2, Blobs: func(yield func(db.BlobRef, error) bool) { yield(ref, nil) }}
		m, err := Describe(&snap)
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(t.Context(), io.Discard, &m, &snap, open, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// rewrite packs an archive anew, as change leaves its members.
func rewrite(tb testing.TB, b []byte, change func(i int, h *tar.Header, body []byte) ([]byte, bool)) []byte {
	tb.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	r, w := tar.NewReader(z), tar.NewWriter(zw)
	for i := 0; ; i++ {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			tb.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			tb.Fatal(err)
		}
		body, keep := change(i, h, body)
		if !keep {
			continue
		}
		h.Size = int64(len(body))
		if err := w.WriteHeader(h); err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			tb.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zw.Close()); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// manifest changes that of an archive.
func manifest(tb testing.TB, b []byte, change func(*Manifest)) []byte {
	return rewrite(tb, b, func(i int, _ *tar.Header, body []byte) ([]byte, bool) {
		if i > 0 {
			return body, true
		}
		var m Manifest
		if err := json.Unmarshal(body, &m); err != nil {
			tb.Fatal(err)
		}
		change(&m)
		body, err := json.Marshal(&m)
		if err != nil {
			tb.Fatal(err)
		}
		return body, true
	})
}

func TestExtractRefuses(t *testing.T) {
	b, _ := archive(t)
	at := func(n int, change func(h *tar.Header, body []byte) ([]byte, bool)) []byte {
		return rewrite(t, b, func(i int, h *tar.Header, body []byte) ([]byte, bool) {
			if i == n {
				return change(h, body)
			}
			return body, true
		})
	}
	named := func(n int, name string) []byte {
		return at(n, func(h *tar.Header, body []byte) ([]byte, bool) { h.Name = name; return body, true })
	}
	without := func(n int) []byte {
		return at(n, func(*tar.Header, []byte) ([]byte, bool) { return nil, false })
	}
	flipped := func(n int) []byte {
		return at(n, func(_ *tar.Header, body []byte) ([]byte, bool) { body[0] ^= 1; return body, true })
	}
	for _, tt := range []struct {
		name  string
		b     []byte
		wants string
	}{
		{"no gzip", []byte("no archive at all"), "gzip"},
		{"no manifest", without(0), "not with its manifest"},
		{"no store", without(1), "stands where the store should"},
		{"a file missing", without(3), "is missing"},
		{"the last missing", without(4), "is missing"},
		{"another store", flipped(1), "has the digest"},
		{"another file", flipped(2), "has the digest"},
		{"out of its place", named(2, "../../etc/passwd"), "none of its files"},
		{"of another name", named(2, "blobs/00/"+strings.Repeat("0", 64)), "has the digest"},
		{"a link", at(2, func(h *tar.Header, _ []byte) ([]byte, bool) {
			h.Typeflag, h.Linkname = tar.TypeSymlink, "/etc/passwd"
			return nil, true
		}), "no plain file"},
		{"fewer said", manifest(t, b, func(m *Manifest) { m.Blobs.Count-- }), "not those of its manifest"},
		{"smaller said", manifest(t, b, func(m *Manifest) { m.Blobs.Size-- }), "larger than its manifest says"},
		{"others said", manifest(t, b, func(m *Manifest) { m.Blobs.SHA256 = digest("x") }), "not those of its manifest"},
		{"a file too many", manifest(t, b, func(m *Manifest) {
			m.Blobs, _ = addUp(func(yield func(db.BlobRef, error) bool) {
				for ref := range refs() {
					yield(ref, nil)
					return
				}
			})
		}), "is not in its manifest"},
		{"a store of nothing", manifest(t, b, func(m *Manifest) { m.Store.Size = 0 }), "says too little"},
		{"a newer format", manifest(t, b, func(m *Manifest) { m.Format = 2 }), "use the newer program"},
		{"cut", b[:len(b)-20], "unexpected EOF"},
		{"cut before its end", b[:len(b)-1], "proper end"},
		{"with more behind it", append(slices.Clone(b), 'x'), "follows its end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Extract(t.Context(), bytes.NewReader(tt.b), t.TempDir(), taken)
			if err == nil || !errors.Is(err, ErrArchive) || !strings.Contains(err.Error(), tt.wants) {
				t.Errorf("error %v; want %q", err, tt.wants)
			}
		})
	}
	no := errors.New("not this one")
	dir := t.TempDir()
	if _, err := Extract(t.Context(), bytes.NewReader(b), dir, func(*Manifest) error { return no }); !errors.Is(err, no) {
		t.Errorf("not accepted: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("not accepted, and %v written (%v)", left, err)
	}
}

// FuzzExtract holds that whatever comes, nothing is written outside of the
// directory, and that what is taken for an archive is as its manifest says.
func FuzzExtract(f *testing.F) {
	b, _ := archive(f)
	unpacked, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		f.Fatal(err)
	}
	plain, err := io.ReadAll(unpacked)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add(plain[:1024])
	f.Fuzz(func(t *testing.T, tarred []byte) {
		var in bytes.Buffer
		z := gzip.NewWriter(&in)
		if _, err := z.Write(tarred); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		above := t.TempDir()
		dir := filepath.Join(above, "into")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		m, err := Extract(t.Context(), &in, dir, taken)
		if names, rerr := os.ReadDir(above); rerr != nil || len(names) != 1 {
			t.Fatalf("written beside the directory: %v (%v)", names, rerr)
		}
		if err != nil {
			return
		}
		store, err := os.ReadFile(filepath.Join(dir, storeName))
		if err != nil || digest(string(store)) != m.Store.SHA256 {
			t.Errorf("taken with a store of another digest (%v)", err)
		}
	})
}
