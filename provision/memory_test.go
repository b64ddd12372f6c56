package provision

import (
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"testing"

	"phoneacs/db"
)

// A file of 64 MiB comes in and goes out in less memory than an eighth of it,
// counting everything that was allocated on the way, at both ends. Most of that
// is the race detector's, which has pools of buffers lose some.
func TestMemoryStaysFlat(t *testing.T) {
	const size, limit = 64 << 20, 8 << 20
	e := newEnv(t, nil)
	allocated := func(do func()) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	var f db.File
	n := allocated(func() {
		var err error
		f, err = e.Add(t.Context(), db.File{Name: "big.cfg", Kind: db.FileConfig}, io.LimitReader(rand.NewChaCha8([32]byte{}), size))
		if err != nil || f.Size != size {
			t.Fatalf("size %d, %v", f.Size, err)
		}
	})
	if n > limit {
		t.Errorf("adding took %d bytes of memory", n)
	}
	u, _ := e.link(t, e.http.URL, f)
	n = allocated(func() {
		resp, err := http.Get(u)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if got, err := io.Copy(io.Discard, resp.Body); got != size || err != nil {
			t.Fatalf("%d bytes, %v", got, err)
		}
	})
	if n > limit {
		t.Errorf("serving took %d bytes of memory", n)
	}
}

func BenchmarkServe(b *testing.B) {
	const size = 64 << 20
	e := newEnv(b, nil)
	f, err := e.Add(b.Context(), db.File{Name: "big.cfg", Kind: db.FileConfig}, io.LimitReader(rand.NewChaCha8([32]byte{}), size))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	for b.Loop() {
		u, _ := e.link(b, e.http.URL, f)
		resp, err := http.Get(u)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}
