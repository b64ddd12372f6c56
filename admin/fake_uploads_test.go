package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"phoneacs/db"
)

// addUpload keeps an upload with its bytes.
func (s *fakeStore) addUpload(u db.Upload, content string) {
	sum := sha256.Sum256([]byte(content))
	u.ID, u.SHA256, u.Size = db.UploadID(len(s.uploads)+1), hex.EncodeToString(sum[:]), int64(len(content))
	s.uploads = append(s.uploads, u)
	if s.bytes == nil {
		s.bytes = make(map[string]string)
	}
	s.bytes[u.SHA256] = content
}

func (s *fakeStore) Upload(_ context.Context, phone db.PhoneID, id db.UploadID) (db.Upload, error) {
	defer s.lock()()
	for _, u := range s.uploads {
		if u.Phone == phone && u.ID == id {
			return u, s.err
		}
	}
	return db.Upload{}, fmt.Errorf("upload: %w", db.ErrNotFound)
}

func (s *fakeStore) PhoneUploads(_ context.Context, phone db.PhoneID, q db.Query) (p db.Page[db.Upload], err error) {
	defer s.lock()()
	if s.err != nil {
		return p, s.err
	}
	of := slices.DeleteFunc(slices.Clone(s.uploads), func(u db.Upload) bool { return u.Phone != phone })
	slices.Reverse(of)
	return pageOf(of, q, (*db.Upload).Field)
}

func (s *fakeStore) OpenBlob(_ context.Context, sum string) (db.Blob, error) {
	defer s.lock()()
	content, ok := s.bytes[sum]
	if !ok {
		return nil, fmt.Errorf("blob: %w", db.ErrNotFound)
	}
	return fakeBlob{strings.NewReader(content)}, nil
}

type fakeBlob struct{ *strings.Reader }

func (fakeBlob) Close() error { return nil }
