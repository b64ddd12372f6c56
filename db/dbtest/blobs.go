package dbtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"phoneacs/db"
)

// blob stores bytes.
func (f *fixture) blob(content string) (sum string, size int64) {
	f.t.Helper()
	return f.blobBy(f.CreateBlob, content)
}

// sealedBlob stores bytes that nobody is to read at rest.
func (f *fixture) sealedBlob(content string) (sum string, size int64) {
	f.t.Helper()
	return f.blobBy(f.CreateSealedBlob, content)
}

func (f *fixture) blobBy(create func(context.Context) (db.BlobWriter, error), content string) (sum string, size int64) {
	f.t.Helper()
	w, err := create(f.ctx)
	f.ok(err, "CreateBlob")
	_, err = io.WriteString(w, content)
	f.ok(err, "Write")
	sum, size, err = w.Commit()
	f.ok(err, "Commit")
	f.ok(w.Close(), "Close after Commit")
	return sum, size
}

// bytes reads stored bytes.
func (f *fixture) bytes(sum string) string {
	f.t.Helper()
	b, err := f.OpenBlob(f.ctx, sum)
	f.ok(err, "OpenBlob")
	content, err := io.ReadAll(b)
	f.ok(err, "Read")
	f.ok(b.Close(), "Close")
	if b.Size() != int64(len(content)) {
		f.t.Errorf("the blob's size is %d, it has %d bytes", b.Size(), len(content))
	}
	return string(content)
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

var blobTests = []testCase{
	{"bytes are found by their digest", func(f *fixture) {
		for _, content := range []string{"firmware", "", strings.Repeat("\x00\xff", 1<<20)} {
			sum, size := f.blob(content)
			if sum != digest(content) || size != int64(len(content)) {
				f.t.Errorf("Commit of %d bytes = %s, %d", len(content), sum, size)
			}
			if f.bytes(sum) != content {
				f.t.Errorf("%d bytes come back changed", len(content))
			}
		}
		f.reopen()
		if f.bytes(digest("firmware")) != "firmware" {
			f.t.Error("after a restart the bytes are others")
		}
	}},

	{"open bytes can be read from anywhere", func(f *fixture) {
		sum, _ := f.blob("0123456789")
		b, err := f.OpenBlob(f.ctx, sum)
		f.ok(err, "OpenBlob")
		defer b.Close()
		if at, err := b.Seek(-3, io.SeekEnd); at != 7 || err != nil {
			f.t.Errorf("Seek = %d, %v", at, err)
		}
		rest, err := io.ReadAll(b)
		f.ok(err, "Read")
		part := make([]byte, 3)
		_, err = b.ReadAt(part, 2)
		f.ok(err, "ReadAt")
		if string(rest) != "789" || string(part) != "234" {
			f.t.Errorf("read %q and %q", rest, part)
		}
	}},

	{"sealed bytes are as others to those who open them", func(f *fixture) {
		for _, content := range []string{"", "password = 1", strings.Repeat("0123456789", 10_000)} {
			sum, size := f.sealedBlob(content)
			if sum != digest(content) || size != int64(len(content)) || f.bytes(sum) != content {
				f.t.Errorf("Commit of %d bytes = %s, %d", len(content), sum, size)
			}
			f.reopen()
			if f.bytes(sum) != content {
				f.t.Errorf("%d bytes are others after a restart", len(content))
			}
			b, err := f.OpenBlob(f.ctx, sum)
			f.ok(err, "OpenBlob")
			for _, at := range []int{0, len(content) / 3, len(content) * 9 / 10, len(content)} {
				part := make([]byte, min(100, len(content)-at))
				_, err := b.ReadAt(part, int64(at))
				f.ok(err, "ReadAt")
				_, err = b.Seek(int64(at), io.SeekStart)
				f.ok(err, "Seek")
				rest, err := io.ReadAll(b)
				f.ok(err, "Read")
				if string(part) != content[at:at+len(part)] || string(rest) != content[at:] {
					f.t.Errorf("other bytes at %d", at)
				}
			}
			f.ok(b.Close(), "Close")
		}
	}},

	{"bytes that come sealed and not are kept once", func(f *fixture) {
		for _, first := range []bool{true, false} {
			content := fmt.Sprint("the same ", first)
			for _, sealed := range []bool{first, !first, first} {
				put := f.blob
				if sealed {
					put = f.sealedBlob
				}
				if sum, size := put(content); f.bytes(sum) != content || size != int64(len(content)) {
					f.t.Errorf("sealed %v: other bytes", sealed)
				}
			}
			f.ok(f.DeleteBlob(f.ctx, digest(content)), "DeleteBlob")
			_, err := f.OpenBlob(f.ctx, digest(content))
			f.fails(err, db.ErrNotFound, "OpenBlob of deleted bytes")
		}
	}},

	{"nothing is seen before it is committed", func(f *fixture) {
		w, err := f.CreateBlob(f.ctx)
		f.ok(err, "CreateBlob")
		_, err = io.WriteString(w, "half")
		f.ok(err, "Write")
		_, err = f.OpenBlob(f.ctx, digest("half"))
		f.fails(err, db.ErrNotFound, "OpenBlob before Commit")
		_, err = f.crash().OpenBlob(f.ctx, digest("half"))
		f.fails(err, db.ErrNotFound, "OpenBlob after a power cut before Commit")
		f.ok(w.Close(), "Close without Commit")
		_, err = f.OpenBlob(f.ctx, digest("half"))
		f.fails(err, db.ErrNotFound, "OpenBlob after Close without Commit")
	}},

	{"the same bytes twice are kept once", func(f *fixture) {
		a, _ := f.blob("same")
		open, err := f.OpenBlob(f.ctx, a)
		f.ok(err, "OpenBlob")
		if b, _ := f.blob("same"); b != a {
			f.t.Errorf("the same bytes have the digests %s and %s", a, b)
		}
		if got, err := io.ReadAll(open); string(got) != "same" || err != nil {
			f.t.Errorf("bytes that were open read %q, %v", got, err)
		}
		f.ok(open.Close(), "Close")
		f.ok(f.DeleteBlob(f.ctx, a), "DeleteBlob")
		_, err = f.OpenBlob(f.ctx, a)
		f.fails(err, db.ErrNotFound, "OpenBlob")
		f.ok(f.DeleteBlob(f.ctx, a), "DeleteBlob of missing bytes")
	}},

	{"several are written at the same time", func(f *fixture) {
		a, err := f.CreateBlob(f.ctx)
		f.ok(err, "CreateBlob")
		b, err := f.CreateBlob(f.ctx)
		f.ok(err, "CreateBlob")
		for range 100 {
			_, err = a.Write([]byte("a"))
			f.ok(err, "Write")
			_, err = b.Write([]byte("b"))
			f.ok(err, "Write")
		}
		for w, content := range map[db.BlobWriter]string{a: strings.Repeat("a", 100), b: strings.Repeat("b", 100)} {
			sum, _, err := w.Commit()
			f.ok(err, "Commit")
			f.ok(w.Close(), "Close")
			if !bytes.Equal([]byte(f.bytes(sum)), []byte(content)) {
				f.t.Errorf("%.5s… came back as %.5s…", content, f.bytes(sum))
			}
		}
	}},

	{"what is no digest is not found", func(f *fixture) {
		f.blob("x")
		for _, sum := range []string{"", "..", "../../etc/passwd", digest("y"), digest("x")[:63], digest("x") + "0", strings.Repeat("/", 64), "zz" + digest("x")[2:]} {
			b, err := f.OpenBlob(f.ctx, sum)
			if b != nil {
				f.t.Errorf("OpenBlob(%q) opens %d bytes", sum, b.Size())
			}
			f.fails(err, db.ErrNotFound, "OpenBlob(%q)", sum)
		}
	}},
}
