package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
)

// A sealed stream is a head, and chunks: each what AES-256-GCM makes of
// [ChunkSize] bytes, of the last one what is left. The head is a byte for its
// version, the id of its key and a random salt, from which with the key the
// stream has a key of its own; the nonce of a chunk is its number, and whether
// it is the last. So chunks cannot be moved, left out, or taken from another
// stream. The context is in the last chunk alone, as what a stream is for may
// be known only at its end.
const (
	streamVersion = 2
	saltSize      = 32
	streamHead    = 1 + idSize + saltSize
	tagSize       = 16
	// ChunkSize is how many bytes of a stream are sealed, read and kept in
	// memory at a time.
	ChunkSize  = 16 << 10
	sealedSize = ChunkSize + tagSize
	maxChunks  = 1 << 32
)

// stream makes the cipher of a stream with a head.
func (k *Key) stream(head []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, k.root[:], head[1+idSize:], "phoneacs stream", KeySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func chunkNonce(n int64, last bool) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 3, nonceSize), uint64(n))
	if last {
		return append(b, 1)
	}
	return append(b, 0)
}

// A StreamWriter seals what is written to it. It is not safe for concurrent use.
type StreamWriter struct {
	to   io.Writer
	head []byte
	aead cipher.AEAD
	n    int64  // of the chunk in buf
	buf  []byte // plain, at most a chunk; has room for its tag
	err  error
}

// Stream begins a stream, whose head it writes at once.
func (k *Key) Stream(to io.Writer) (*StreamWriter, error) {
	head := make([]byte, streamHead)
	head[0] = streamVersion
	copy(head[1:], k.id[:])
	_, _ = rand.Read(head[1+idSize:]) // never fails
	aead, err := k.stream(head)
	if err != nil {
		return nil, fmt.Errorf("begin sealed stream: %w", err)
	}
	if _, err := to.Write(head); err != nil {
		return nil, err
	}
	return &StreamWriter{to: to, head: head, aead: aead, buf: make([]byte, 0, sealedSize)}, nil
}

// Write seals p. The error is that of the writer below, and stays.
func (w *StreamWriter) Write(p []byte) (n int, err error) {
	for len(p) > 0 && w.err == nil {
		if len(w.buf) == ChunkSize {
			w.seal(false, nil)
			continue
		}
		took := min(len(p), ChunkSize-len(w.buf))
		w.buf = append(w.buf, p[:took]...)
		p, n = p[took:], n+took
	}
	return n, w.err
}

// Finish seals the last chunk for a context; without it a stream does not open.
// Nothing may be written after.
func (w *StreamWriter) Finish(context string) error {
	if w.err == nil {
		w.seal(true, []byte(context))
	}
	return w.err
}

func (w *StreamWriter) seal(last bool, context []byte) {
	if w.n >= maxChunks {
		w.err = fmt.Errorf("sealed stream: more than %d chunks", int64(maxChunks))
		return
	}
	bound := append(append(make([]byte, 0, streamHead+len(context)), w.head...), context...)
	sealed := w.aead.Seal(w.buf[:0], chunkNonce(w.n, last), w.buf, bound)
	_, w.err = w.to.Write(sealed)
	w.buf, w.n = w.buf[:0], w.n+1
}

// A StreamReader opens a sealed stream at any place. It holds one chunk, and is
// not safe for concurrent use, but for ReadAt.
type StreamReader struct {
	from io.ReaderAt
	open opener
	at   int64  // of Read
	n    int64  // of the chunk in buf; -1: none
	buf  []byte // plain
}

// opener opens chunks; it is not changed after it was made.
type opener struct {
	aead      cipher.AEAD
	head, end []byte // what the chunks are bound to, and the last one
	chunks    int64
	size      int64 // plain
}

// OpenStream opens a stream of size bytes, sealed for a context. The error
// wraps ErrOtherKey, ErrBroken, or is that of from. Each chunk is checked when
// it is read, the last one here.
func (k *Key) OpenStream(context string, from io.ReaderAt, size int64) (*StreamReader, error) {
	fail := func(why string) (*StreamReader, error) {
		return nil, fmt.Errorf("open %s: %s: %w", context, why, ErrBroken)
	}
	body := size - streamHead
	if body < tagSize {
		return fail(fmt.Sprintf("%d bytes", size))
	}
	head := make([]byte, streamHead)
	if _, err := from.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("open %s: %w", context, err)
	}
	switch {
	case head[0] != streamVersion:
		return fail(fmt.Sprintf("version %d is not known", head[0]))
	case [idSize]byte(head[1:]) != k.id:
		return nil, fmt.Errorf("open %s: its key is %s, this is %s: %w", context, hex.EncodeToString(head[1:1+idSize]), k.ID(), ErrOtherKey)
	}
	o := opener{head: head, end: append(head[:len(head):len(head)], context...)}
	o.chunks = (body + sealedSize - 1) / sealedSize
	if o.size = body - o.chunks*tagSize; body-(o.chunks-1)*sealedSize < tagSize {
		return fail("it is cut short")
	}
	var err error
	if o.aead, err = k.stream(head); err != nil {
		return nil, fmt.Errorf("open %s: %w", context, err)
	}
	r := &StreamReader{from: from, open: o, n: -1, buf: make([]byte, 0, sealedSize)}
	if err := r.load(o.chunks - 1); err != nil {
		return nil, fmt.Errorf("open %s: %w", context, err)
	}
	return r, nil
}

// chunk reads chunk n into buf, which has room for it sealed.
func (o *opener) chunk(from io.ReaderAt, n int64, buf []byte) ([]byte, error) {
	last := n == o.chunks-1
	length, bound := int64(sealedSize), o.head
	if last {
		length, bound = o.size-n*ChunkSize+tagSize, o.end
	}
	sealed := buf[:length]
	if _, err := from.ReadAt(sealed, streamHead+n*sealedSize); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("chunk %d: %w", n, err)
	}
	plain, err := o.aead.Open(sealed[:0], chunkNonce(n, last), sealed, bound)
	if err != nil {
		return nil, fmt.Errorf("chunk %d: %w", n, ErrBroken)
	}
	return plain, nil
}

func (r *StreamReader) load(n int64) error {
	if r.n == n {
		return nil
	}
	r.n = -1
	plain, err := r.open.chunk(r.from, n, r.buf[:cap(r.buf)])
	if err != nil {
		return err
	}
	r.buf, r.n = plain, n
	return nil
}

// Size is how many bytes the stream has in clear.
func (r *StreamReader) Size() int64 { return r.open.size }

// Read reads on from where the last Read or Seek left off.
func (r *StreamReader) Read(p []byte) (int, error) {
	if r.at >= r.open.size {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := r.load(r.at / ChunkSize); err != nil {
		return 0, err
	}
	n := copy(p, r.buf[r.at%ChunkSize:])
	r.at += int64(n)
	return n, nil
}

// Seek sets where Read goes on.
func (r *StreamReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.open.size
	default:
		return 0, fmt.Errorf("seek: whence %d", whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek to %d", offset)
	}
	r.at = offset
	return offset, nil
}

// ReadAt is as io.ReaderAt has it, safe for concurrent use, and keeps nothing
// of what it reads.
func (r *StreamReader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("read at %d", off)
	}
	buf := make([]byte, sealedSize)
	for n < len(p) {
		if off >= r.open.size {
			return n, io.EOF
		}
		plain, err := r.open.chunk(r.from, off/ChunkSize, buf)
		if err != nil {
			return n, err
		}
		took := copy(p[n:], plain[off%ChunkSize:])
		n, off = n+took, off+int64(took)
	}
	return n, nil
}
