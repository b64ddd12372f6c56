package jobs

import (
	"context"
	"fmt"
	"sync"

	"phoneacs/db"
)

// maxCachedFiles bounds the cache of catalogue entries. A fleet has a few
// dozen files in use at a time.
const maxCachedFiles = 512

// fileCache keeps catalogue entries, which never change once they are added.
type fileCache struct {
	mu sync.Mutex
	m  map[db.FileID]*db.File
}

func (c *fileCache) get(id db.FileID) *db.File {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m[id]
}

func (c *fileCache) put(f *db.File) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= maxCachedFiles {
		c.m = make(map[db.FileID]*db.File)
	}
	c.m[f.ID] = f
}

// file returns the file that a job is about; nil if its kind needs none. The
// record is shared and not to be changed.
func (s *Service) file(ctx context.Context, j *db.Job) (*db.File, error) {
	id := j.Args.File
	if id == 0 {
		return nil, nil
	}
	if f := s.files.get(id); f != nil {
		return f, nil
	}
	f, err := s.store.File(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("file of %v: %w", j.ID, err)
	}
	s.files.put(&f)
	return &f, nil
}
