package seal

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

// sealed is a stream of n bytes, and these.
func sealed(t testing.TB, k *Key, n int) (stream, plain []byte) {
	t.Helper()
	plain = bytes.Repeat([]byte("secret, "), n/8+1)[:n]
	var b bytes.Buffer
	w, err := k.Stream(&b)
	if err != nil {
		t.Fatal(err)
	}
	for p := plain; len(p) > 0; {
		m := min(len(p), 1+rand.IntN(3*ChunkSize))
		if got, err := w.Write(p[:m]); got != m || err != nil {
			t.Fatalf("Write = %d, %v; want %d", got, err, m)
		}
		p = p[m:]
	}
	if err := w.Finish("blob a"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), plain
}

// TestStream reads streams of every length around a chunk's, in every way.
func TestStream(t *testing.T) {
	k := Random()
	for _, n := range []int{0, 1, ChunkSize - 1, ChunkSize, ChunkSize + 1, 2 * ChunkSize, 3*ChunkSize + 17} {
		stream, plain := sealed(t, k, n)
		if bytes.Contains(stream, []byte("secret")) {
			t.Errorf("%d bytes are in clear", n)
		}
		r, err := k.OpenStream("blob a", bytes.NewReader(stream), int64(len(stream)))
		if err != nil || r.Size() != int64(n) {
			t.Fatalf("OpenStream of %d: %v", n, err)
		}
		if err := iotest.TestReader(r, plain); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	a, _ := sealed(t, k, 40)
	b, _ := sealed(t, k, 40)
	if bytes.Equal(a[streamHead:], b[streamHead:]) {
		t.Error("the same bytes look the same twice")
	}
}

// TestStreamDamage: whatever is changed, cut off, moved or taken from another
// stream is found, when it is opened or when it is read.
func TestStreamDamage(t *testing.T) {
	k := Random()
	stream, _ := sealed(t, k, 3*ChunkSize+5)
	other, _ := sealed(t, k, 3*ChunkSize+5)
	chunk := func(b []byte, n int) []byte { return b[streamHead+n*sealedSize:][:sealedSize] }
	for name, change := range map[string]func(b []byte) []byte{
		"version":          func(b []byte) []byte { b[0]++; return b },
		"salt":             func(b []byte) []byte { b[20]++; return b },
		"first chunk":      func(b []byte) []byte { b[streamHead]++; return b },
		"last byte":        func(b []byte) []byte { b[len(b)-1]++; return b },
		"cut by a byte":    func(b []byte) []byte { return b[:len(b)-1] },
		"cut by a chunk":   func(b []byte) []byte { return b[:streamHead+3*sealedSize] },
		"cut within a tag": func(b []byte) []byte { return b[:streamHead+3*sealedSize+3] },
		"longer":           func(b []byte) []byte { return append(b, 0) },
		"chunks exchanged": func(b []byte) []byte {
			c := bytes.Clone(chunk(b, 0))
			copy(chunk(b, 0), chunk(b, 1))
			copy(chunk(b, 1), c)
			return b
		},
		"of another stream": func(b []byte) []byte { copy(chunk(b, 1), chunk(other, 1)); return b },
		"nothing":           func([]byte) []byte { return nil },
		"the head alone":    func(b []byte) []byte { return b[:streamHead] },
	} {
		b := change(bytes.Clone(stream))
		r, err := k.OpenStream("blob a", bytes.NewReader(b), int64(len(b)))
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v; want ErrBroken", name, err)
		}
	}
	if _, err := k.OpenStream("blob b", bytes.NewReader(stream), int64(len(stream))); !errors.Is(err, ErrBroken) {
		t.Errorf("in another context: %v", err)
	}
	if _, err := Random().OpenStream("blob a", bytes.NewReader(stream), int64(len(stream))); !errors.Is(err, ErrOtherKey) {
		t.Errorf("with another key: %v", err)
	}
	fails := errors.New("disk gone")
	if _, err := k.Stream(failing{fails}); !errors.Is(err, fails) {
		t.Errorf("Stream = %v", err)
	}
	w, err := k.Stream(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	w.to = failing{fails}
	if _, err := w.Write(make([]byte, 2*ChunkSize)); !errors.Is(err, fails) || !errors.Is(w.Finish("x"), fails) {
		t.Errorf("Write = %v", err)
	}
}

type failing struct{ error }

func (f failing) Write([]byte) (int, error) { return 0, f.error }

// FuzzOpenStream holds that what opens is what was sealed, whatever was changed
// of it: nothing else does.
func FuzzOpenStream(f *testing.F) {
	k := NewKey([KeySize]byte{1})
	stream, plain := sealed(f, k, ChunkSize+9)
	f.Add(0, byte(1), len(stream))
	f.Add(len(stream)-1, byte(0), len(stream))
	f.Add(7, byte(0), 50)
	f.Fuzz(func(t *testing.T, at int, by byte, size int) {
		b := bytes.Clone(stream)
		if at >= 0 && at < len(b) {
			b[at] ^= by
		}
		if size >= 0 && size < len(b) {
			b = b[:size]
		}
		r, err := k.OpenStream("blob a", bytes.NewReader(b), int64(len(b)))
		var got []byte
		if err == nil {
			got, err = io.ReadAll(r)
		}
		if same := bytes.Equal(b, stream); same != (err == nil) || same && !bytes.Equal(got, plain) {
			t.Fatalf("changed %v: %v", !same, err)
		}
	})
}

// TestStreamCutWithoutContext: that the last chunk is the last is known by more
// than its context.
func TestStreamCutWithoutContext(t *testing.T) {
	k := Random()
	var b bytes.Buffer
	w, err := k.Stream(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 3*ChunkSize)); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(""); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	if _, err := k.OpenStream("", bytes.NewReader(whole), int64(len(whole))); err != nil {
		t.Fatal(err)
	}
	cut := whole[:streamHead+2*sealedSize]
	if _, err := k.OpenStream("", bytes.NewReader(cut), int64(len(cut))); !errors.Is(err, ErrBroken) {
		t.Errorf("cut by a chunk: %v; want ErrBroken", err)
	}
}
