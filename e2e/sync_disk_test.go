package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"phoneacs/db/bolt"
	"phoneacs/internal/seal"
)

// A disk is what a trace says of the store's directory: what was written to it
// and when it was synced. A write that no sync has covered may be on the disk
// after the power has failed, or not, or in part; so may a name whose
// directory was not synced since it was made.
type disk struct {
	dir   string
	ops   []diskOp // on the store's file, in order
	syncs []diskSync
	names map[string]*name // below dir, and dir itself
}

// A diskOp is a write, or a change of size if data is nil.
type diskOp struct {
	end  int
	at   int64 // offset, or the new size
	data []byte
}

// A diskSync made the first n operations durable.
type diskSync struct{ begin, end, n int }

// A name is a file or directory that the server made.
type name struct {
	made    int // line
	durable int // line on which the sync of its directory ended; 0: never
	wrote   int // line of the last write
	synced  int // line on which a sync after that ended; 0: never
}

// readDisk follows the store's directory through a trace. A call that changes
// it in a way that is not known here fails the test.
func readDisk(t *testing.T, dir string, calls []call) *disk {
	t.Helper()
	d := &disk{dir: dir, names: map[string]*name{}}
	for _, c := range calls {
		path := c.path
		if len(c.data) > 0 && path == "" {
			path = string(c.data[0])
		}
		if c.ret < 0 || path != filepath.Dir(dir) && path != dir && !strings.HasPrefix(path, dir+"/") {
			continue
		}
		switch c.name {
		case "open", "openat":
			if strings.Contains(strings.Join(c.rest, " "), "O_CREAT") && d.names[path] == nil {
				d.names[path] = &name{made: c.end}
			}
		case "mkdir", "mkdirat":
			d.names[path] = &name{made: c.end}
		case "rename", "renameat", "renameat2":
			to := string(c.data[1])
			moved := *d.names[path]
			moved.made, moved.durable = c.end, 0
			delete(d.names, path)
			d.names[to] = &moved
		case "write", "pwrite64", "ftruncate":
			d.write(path, c)
		case "fsync", "fdatasync":
			d.sync(path, c)
		case "unlink", "unlinkat": // of what is being written: losing it is no loss
			delete(d.names, path)
		case "read":
		default:
			t.Errorf("%s on %s: the model of the disk does not know it", c.name, path)
		}
	}
	return d
}

func (d *disk) write(path string, c call) {
	if n := d.names[path]; n != nil {
		n.wrote, n.synced = c.end, 0
	}
	if filepath.Base(path) != bolt.FileName {
		return
	}
	switch c.name {
	case "ftruncate":
		d.ops = append(d.ops, diskOp{end: c.end, at: c.number(0)})
	case "pwrite64":
		d.ops = append(d.ops, diskOp{end: c.end, at: c.number(1), data: c.data[0][:c.ret]})
	}
}

func (d *disk) sync(path string, c call) {
	if n := d.names[path]; n != nil && n.synced == 0 && n.wrote < c.begin {
		n.synced = c.end
	}
	if filepath.Base(path) == bolt.FileName {
		n := 0
		for n < len(d.ops) && d.ops[n].end < c.begin {
			n++
		}
		d.syncs = append(d.syncs, diskSync{c.begin, c.end, n})
		return
	}
	for p, n := range d.names {
		if filepath.Dir(p) == path && n.durable == 0 && n.made < c.begin {
			n.durable = c.end
		}
	}
}

// durable is how many operations are on the disk for sure, by a line.
func (d *disk) durable(line int) (n int) {
	for _, s := range d.syncs {
		if s.end < line {
			n = max(n, s.n)
		}
	}
	return n
}

// named reports whether a path can be found for sure, by a line.
func (d *disk) named(path string, line int) bool {
	for ; path != filepath.Dir(d.dir); path = filepath.Dir(path) {
		if n := d.names[path]; n == nil || n.durable == 0 || n.durable >= line {
			return false
		}
	}
	return true
}

// after makes the directory that a restart finds when the power fails on a
// line: the store's file after these operations, and of the other files those
// that are there for sure.
func (d *disk) after(t *testing.T, line int, ops []diskOp) (dir string) {
	t.Helper()
	dir, err := os.MkdirTemp(scratch, "disk-")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, bolt.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range ops {
		if o.data == nil {
			err = f.Truncate(o.at)
		} else {
			_, err = f.WriteAt(o.data, o.at)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for path, n := range d.names {
		rel := strings.TrimPrefix(path, d.dir+"/")
		if !strings.HasPrefix(rel, "blobs/") && rel != seal.FileName || n.wrote == 0 || n.synced == 0 || n.synced >= line || !d.named(path, line) {
			continue
		}
		to := filepath.Join(dir, rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(path, to); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A loss is what the failing power makes of the operations that no sync covers.
type loss struct {
	name string
	of   func([]diskOp) []diskOp
}

var losses = []loss{
	{"all of them lost", func([]diskOp) []diskOp { return nil }},
	{"none lost", func(o []diskOp) []diskOp { return o }},
	{"only the last kept", func(o []diskOp) []diskOp { return o[max(0, len(o)-1):] }},
	{"the last lost", func(o []diskOp) []diskOp { return o[:max(0, len(o)-1)] }},
	{"every second kept, in reverse", func(o []diskOp) (kept []diskOp) {
		for i := len(o) - 1; i >= 0; i -= 2 {
			kept = append(kept, o[i])
		}
		return kept
	}},
	{"each torn after a sector", func(o []diskOp) []diskOp {
		torn := slices.Clone(o)
		for i := range torn {
			if len(torn[i].data) > sector {
				torn[i].data = bytes.Clone(torn[i].data[:sector])
			}
		}
		return torn
	}},
}

// sector is what a disk writes whole.
const sector = 512
