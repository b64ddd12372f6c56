package cli

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// A directory of files holds a list, a File a line, and the bytes by digest:
// names are of whoever added a file, and say nothing of where it may lie.
const (
	filesList  = "files.jsonl"
	filesBlobs = "blobs"
)

// maxFileLine bounds a line of the list, in bytes.
const maxFileLine = 1 << 20

// exportContent fetches files with their bytes. The list comes last: with it
// the directory is whole.
func (s *session) exportContent(ctx context.Context, dir, filter string) error {
	if err := os.MkdirAll(filepath.Join(dir, filesBlobs), 0o700); err != nil {
		return &UsageError{fmt.Errorf("--content: %w", err)}
	}
	in, err := s.Export(ctx, client.Files, client.JSONL, filter)
	if err != nil {
		return err
	}
	defer in.Close()
	part, err := os.CreateTemp(dir, filesList+".part-")
	if err != nil {
		return &UsageError{fmt.Errorf("--content: %w", err)}
	}
	defer os.Remove(part.Name()) // it has its name by then, or is half of one
	fetched, n := 0, 0
	err = eachFile(io.TeeReader(in, part), func(_ int, f client.File) error {
		n++
		new, err := s.fetchFile(ctx, dir, f)
		if new {
			fetched++
		}
		return err
	})
	if err = errors.Join(err, part.Close()); err != nil {
		return fmt.Errorf("export files: %w; what is there already is not fetched again", err)
	}
	if err := os.Rename(part.Name(), filepath.Join(dir, filesList)); err != nil {
		return fmt.Errorf("export files: %w", err)
	}
	return s.say("%s in %s, %d fetched", many(n, "file"), dir, fetched)
}

// fetchFile brings the bytes of a file, unless they are there. It leaves none that
// have not the digest.
func (s *session) fetchFile(ctx context.Context, dir string, f client.File) (fetched bool, err error) {
	path, err := blobPath(dir, f.SHA256)
	if err != nil {
		return false, err
	}
	if sum, err := digest(path); err == nil && sum == f.SHA256 {
		return false, nil
	}
	in, err := s.FileContent(ctx, f.ID)
	if err != nil {
		return false, fmt.Errorf("file %s: %w", f.ID, err)
	}
	defer in.Close()
	part, err := os.CreateTemp(filepath.Join(dir, filesBlobs), "part-")
	if err != nil {
		return false, fmt.Errorf("file %s: %w", f.ID, err)
	}
	defer os.Remove(part.Name())
	h := sha256.New()
	body, done := s.metered(in, f.Size, f.Name)
	_, err = io.Copy(io.MultiWriter(part, h), body)
	done()
	if err = errors.Join(err, part.Close()); err != nil {
		return false, fmt.Errorf("file %s: %w", f.ID, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 {
		return false, fmt.Errorf("file %s (%s): the bytes that came have the digest %s, not %s", f.ID, plain(f.Name), got, f.SHA256)
	}
	return true, os.Rename(part.Name(), path)
}

// blobPath is where bytes lie. What is no digest names no path.
func blobPath(dir, sum string) (string, error) {
	if len(sum) != 2*sha256.Size || strings.Trim(sum, "0123456789abcdef") != "" {
		return "", fmt.Errorf("sha256: %q is not 64 lower-case hex digits", plain(sum))
	}
	return filepath.Join(dir, filesBlobs, sum), nil
}

func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// eachFile calls do for each line of a list of files, with its number.
func eachFile(r io.Reader, do func(line int, f client.File) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxFileLine)
	for n := 1; lines.Scan(); n++ {
		var f client.File
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			return fmt.Errorf("line %d: not a file: %w", n, err)
		}
		if err := do(n, f); err != nil {
			return err
		}
	}
	return lines.Err()
}

func importFilesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "files DIR",
		Short: "Add the files of a directory that export files --content made",
		Long: `Add the files of a directory that export files --content made, each checked by
its digest. One that is in the catalogue already, by its name, kind and bytes,
is unchanged.`,
		Example: `  phoneacs import files backup-of-files --dry-run
  phoneacs import files backup-of-files`,
		Args: count(1, 1),
	}
	cmd.Flags().Bool("dry-run", false, "tell what would become of each file, and change nothing")
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		in, err := os.Open(filepath.Join(args[0], filesList))
		if errors.Is(err, fs.ErrNotExist) {
			return usage("%s holds no %s; make it with `phoneacs export files --content DIR`", args[0], filesList)
		} else if err != nil {
			return &UsageError{err}
		}
		defer in.Close()
		m, dry := s.newMoving(client.Files, -1), s.isSet("dry-run")
		m.bar = nil // each file has its own
		err = eachFile(in, func(line int, f client.File) error {
			fate, err := s.importFile(ctx, args[0], f, dry)
			var p *client.Problem
			switch {
			case errors.As(err, &p) && p.Status < 500:
				fate = client.ImportFate{Fate: client.FateRefused, Field: p.Field, Detail: p.Detail}
			case errors.Is(err, errBytes):
				fate = client.ImportFate{Fate: client.FateRefused, Field: "sha256", Detail: err.Error()}
			case err != nil:
				return err
			}
			fate.Line = line
			return m.fate(fate)
		})
		n := m.fates
		return m.end(client.ImportResult{
			Created: n[client.FateCreated], Unchanged: n[client.FateUnchanged], Failed: n[client.FateRefused], DryRun: dry, Through: m.last,
			Errors: []client.ImportError{},
		}, dry, err)
	})
}

// errBytes says that a directory has not the bytes that its list tells.
var errBytes = errors.New("the bytes are not there, or are others")

// importFile adds one file, unless the catalogue has it.
func (s *session) importFile(ctx context.Context, dir string, f client.File, dry bool) (fate client.ImportFate, err error) {
	path, err := blobPath(dir, f.SHA256)
	if err != nil {
		return fate, fmt.Errorf("%w: %w", errBytes, err)
	}
	if sum, err := digest(path); err != nil || sum != f.SHA256 {
		return fate, errBytes
	}
	same := fmt.Sprintf("sha256 = %s AND name = %s AND kind = %s", quote(f.SHA256), quote(f.Name), quote(f.Kind))
	there := ""
	if _, err := each(ctx, maxPage, same, s.ListFiles, func(f client.File) { there = f.ID }); err != nil {
		return fate, err
	}
	if there != "" {
		return client.ImportFate{Fate: client.FateUnchanged, ID: there}, nil
	}
	if fate.Fate = client.FateCreated; dry {
		return fate, nil
	}
	in, err := os.Open(path)
	if err != nil {
		return fate, err
	}
	defer in.Close()
	body, done := s.metered(in, f.Size, f.Name)
	added, err := s.AddFile(ctx, client.NewFile{Name: f.Name, Kind: f.Kind, Vendor: f.Vendor, Models: f.Models, Version: f.Version, Size: f.Size}, body)
	done()
	fate.ID = added.ID
	return fate, err
}
