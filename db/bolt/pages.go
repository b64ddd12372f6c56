package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"go.etcd.io/bbolt"
	bberrors "go.etcd.io/bbolt/errors"

	"phoneacs/db"
	"phoneacs/internal/seal"
)

// openFile opens a file of bbolt whose pages are whole. bbolt follows them when
// it opens a file, in a goroutine of its own, and believes what they say: one
// that a disk has spoilt, or a file that was cut short, would end the program.
// The error wraps db.ErrLocked if another process has the file, and
// db.ErrFailed if it is damaged.
func openFile(path string, o *bbolt.Options) (b *bbolt.DB, err error) {
	var f *os.File
	o.OpenFile = func(path string, flag int, mode os.FileMode) (_ *os.File, err error) {
		f, err = os.OpenFile(path, flag, mode)
		return f, err
	}
	defer func() {
		if r := recover(); r != nil { // nothing is known that does
			b, err = nil, damaged(fmt.Errorf("%v", r))
			_ = f.Close() // and with it the lock
		}
	}()
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		// Opened to read it is locked, and none of its pages is looked at.
		r, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: o.Timeout})
		if err == nil {
			err = errors.Join(provePages(path), r.Close())
		}
		if err != nil {
			return nil, openError(err)
		}
	}
	if b, err = bbolt.Open(path, 0o600, o); err != nil {
		return nil, openError(err)
	}
	return b, nil
}

// openError says what keeps a file from being opened: whatever is not the
// system's to say is of the file.
func openError(err error) error {
	var number syscall.Errno
	switch {
	case errors.Is(err, bberrors.ErrTimeout):
		return db.ErrLocked
	case errors.As(err, &number):
		return noSpace(err)
	}
	return damaged(err)
}

func damaged(err error) error {
	if !errors.Is(err, errCorrupt) {
		err = fmt.Errorf("%w: %w", errCorrupt, err)
	}
	return fmt.Errorf("%w: %w; restore a backup with `phoneacs restore`, and look at the disk", db.ErrFailed, err)
}

var errEmpty = errors.New("the file is empty")

// neverLost refuses a store's file that is empty though it was not always, as
// existing says, or as the key does, which is made only once the file has
// pages. bbolt would make a new store of it, as at the first start.
func neverLost(dir string, existing bool) error {
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Size() > 0 {
		return nil // what cannot be opened is said by who opens it
	}
	if _, err := os.Stat(filepath.Join(dir, seal.FileName)); err != nil && !existing {
		return nil
	}
	return fmt.Errorf("%w; or remove it, and begin with nothing", damaged(errEmpty))
}

// What a file of bbolt is made of. Numbers are in the order of the machine.
const (
	pageHead    = 16 // id, flags (2), count (2), overflow (4)
	pageElement = 16
	metaSize    = 64
	metaMagic   = 0xED0CDAED

	branchPage = 0x01
	leafPage   = 0x02
	bucketLeaf = 0x01
)

// A branch is a page that is still to be followed, and between which keys its
// own are: from min on, below max; nil: all.
type branch struct {
	id       uint64
	min, max []byte
}

// A pageWalk follows the pages of a file from the root of the newest meta.
type pageWalk struct {
	f    io.ReaderAt
	size int64 // of the file
	page int64
	high uint64 // pages from here on are not in the file, or not in use
	seen []uint64
	todo []branch
	buf  []byte
}

// provePages returns an error that wraps errCorrupt if the tree of pages in a
// file cannot be followed: a page outside of the file, one that is another's,
// of no known kind or named twice, an entry that leaves its page, or keys that
// are out of order. Values are not looked at.
func provePages(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // only read
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w := &pageWalk{f: f, size: info.Size()}
	if err := w.begin(); err != nil {
		return err
	}
	for len(w.todo) > 0 {
		to := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		if err := w.follow(to); err != nil {
			return fmt.Errorf("page %d: %w", to.id, err)
		}
	}
	return nil
}

// begin finds the meta page that counts, which is at the begin of the file and
// again one page later.
func (w *pageWalk) begin() error {
	first, ok := w.meta(0)
	w.page = int64(first.page)
	for size := int64(1 << 10); !ok && size <= 64<<10; size <<= 1 { // without the first one the size has to be found
		if second, found := w.meta(size); found && int64(second.page) == size {
			first, w.page, ok = second, size, true
		}
	}
	if !ok || w.page < 1<<10 || w.page > 64<<10 {
		return fmt.Errorf("no begin of a store is whole: %w", errCorrupt)
	}
	if second, ok := w.meta(w.page); ok && second.tx > first.tx {
		first = second
	}
	w.high = min(first.high, uint64(w.size/w.page)) // the last pages may be free, and were never written then
	w.seen = make([]uint64, w.high/64+1)
	w.todo = []branch{{id: first.root}}
	return nil
}

type metaPage struct {
	page           uint32
	root, high, tx uint64
}

// meta reads the meta page at an offset, if there is a whole one.
func (w *pageWalk) meta(at int64) (m metaPage, ok bool) {
	var b [pageHead + metaSize]byte
	if _, err := w.f.ReadAt(b[:], at); err != nil {
		return m, false
	}
	n, body := binary.NativeEndian, b[pageHead:]
	sum := fnv.New64a()
	_, _ = sum.Write(body[:56]) // never fails
	if n.Uint32(body) != metaMagic || n.Uint64(body[56:]) != sum.Sum64() {
		return m, false
	}
	return metaPage{page: n.Uint32(body[8:]), root: n.Uint64(body[16:]), high: n.Uint64(body[40:]), tx: n.Uint64(body[48:])}, true
}

// follow proves one page and notes those that it names.
func (w *pageWalk) follow(to branch) error {
	id := to.id
	if id < 2 || id >= w.high {
		return fmt.Errorf("is not one of the %d in the file; was it cut short? %w", w.high, errCorrupt)
	}
	at, n := int64(id)*w.page, binary.NativeEndian
	if err := w.read(at, w.page); err != nil {
		return err
	}
	flags, count, over := n.Uint16(w.buf[8:]), int64(n.Uint16(w.buf[10:])), uint64(n.Uint32(w.buf[12:]))
	switch {
	case n.Uint64(w.buf) != id:
		return fmt.Errorf("says that it is page %d: %w", n.Uint64(w.buf), errCorrupt)
	case over >= w.high-id:
		return fmt.Errorf("goes on beyond the end: %w", errCorrupt)
	case flags != branchPage && flags != leafPage, flags == branchPage && count == 0:
		return fmt.Errorf("is of no known kind: %w", errCorrupt)
	}
	for i := id; i <= id+over; i++ {
		if w.seen[i/64]&(1<<(i%64)) != 0 {
			return fmt.Errorf("is named twice: %w", errCorrupt)
		}
		w.seen[i/64] |= 1 << (i % 64)
	}
	room := int64(over+1) * w.page
	table := pageHead + count*pageElement
	if table > room {
		return fmt.Errorf("has more entries than room: %w", errCorrupt)
	}
	if table > w.page {
		if err := w.read(at, table); err != nil {
			return err
		}
	}
	return w.entries(at, room, count, flags == leafPage, to)
}

// entries proves what lies in a page of room bytes at an offset, whose head and
// table are in buf.
func (w *pageWalk) entries(at, room, count int64, leaf bool, within branch) error {
	n, table := binary.NativeEndian, pageHead+count*pageElement
	last := within.min
	children := len(w.todo)
	for i := range count {
		off := pageHead + i*pageElement
		e := w.buf[off : off+pageElement]
		pos, keySize, valueSize := int64(n.Uint32(e)), int64(n.Uint32(e[4:])), int64(0)
		if leaf {
			pos, keySize, valueSize = int64(n.Uint32(e[4:])), int64(n.Uint32(e[8:])), int64(n.Uint32(e[12:]))
		}
		begin := off + pos
		if begin < table || keySize > bbolt.MaxKeySize || begin+keySize+valueSize > room {
			return fmt.Errorf("entry %d is not within it: %w", i, errCorrupt)
		}
		key, err := w.key(at, begin, keySize)
		if err != nil {
			return err
		}
		if c := bytes.Compare(last, key); c > 0 || c == 0 && i > 0 || within.max != nil && bytes.Compare(key, within.max) >= 0 {
			return fmt.Errorf("entry %d is not in order: %w", i, errCorrupt)
		}
		last = key
		switch {
		case !leaf:
			last = bytes.Clone(key)
			if len(w.todo) > children {
				w.todo[len(w.todo)-1].max = last
			}
			w.todo = append(w.todo, branch{n.Uint64(e[8:]), last, within.max})
		case n.Uint32(e)&bucketLeaf != 0:
			if err := w.bucket(at+begin+keySize, valueSize); err != nil {
				return fmt.Errorf("entry %d: %w", i, err)
			}
		}
	}
	return nil
}

// key reads a key: mostly it is in buf with the page.
func (w *pageWalk) key(at, begin, size int64) ([]byte, error) {
	if begin+size <= int64(len(w.buf)) {
		return w.buf[begin : begin+size], nil
	}
	key := make([]byte, size)
	if _, err := w.f.ReadAt(key, at+begin); err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	return key, nil
}

// bucket proves a bucket of size bytes at an offset: it has a root elsewhere,
// or is small and has its only page with it.
func (w *pageWalk) bucket(at, size int64) error {
	const head = 16 // root, sequence
	n := binary.NativeEndian
	var b [head + pageHead]byte
	if size < head {
		return fmt.Errorf("is too short for a bucket: %w", errCorrupt)
	}
	if _, err := w.f.ReadAt(b[:min(size, int64(len(b)))], at); err != nil {
		return err
	}
	if root := n.Uint64(b[:]); root != 0 {
		w.todo = append(w.todo, branch{id: root})
		return nil
	}
	count := int64(n.Uint16(b[head+10:]))
	if size < head+pageHead+count*pageElement || n.Uint16(b[head+8:]) != leafPage {
		return fmt.Errorf("is no small bucket: %w", errCorrupt)
	}
	inner := &pageWalk{f: w.f, size: w.size}
	if err := inner.read(at+head, pageHead+count*pageElement); err != nil {
		return err
	}
	if err := inner.entries(at+head, size-head, count, true, branch{}); err != nil {
		return err
	}
	if len(inner.todo) > 0 {
		return fmt.Errorf("has a bucket in a small one: %w", errCorrupt)
	}
	return nil
}

// read fills buf.
func (w *pageWalk) read(at, size int64) error {
	if int64(cap(w.buf)) < size {
		w.buf = make([]byte, size)
	}
	w.buf = w.buf[:size]
	if _, err := w.f.ReadAt(w.buf, at); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	return nil
}
