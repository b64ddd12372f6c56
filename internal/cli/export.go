package cli

import (
	"cmp"
	"context"
	"io"

	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// Fields that filters over files and jobs may name.
const (
	fileFilter = "id, name, kind, vendor, models, version, sha256 and created"
	jobFilter  = "id, kind, state, by, created and file"
)

func exportCommand() *cobra.Command {
	files := exportList(client.Files, fileFilter, "List the files of the catalogue", `
With --content DIR the bytes come too: the list is DIR/files.jsonl, and each
file's bytes are DIR/blobs/ and their SHA-256, which is checked. What is there
already is not fetched again. import files DIR takes such a directory in.`, "--content backup-of-files")
	files.Flags().String("content", "", "also fetch the bytes, into this `directory`")
	return noun("export", "Write lists of phones, sites, tags, files or jobs",
		exportList(client.Phones, phoneFilter, "List phones as import phones takes them", "", `--filter 'state = "approved"' --output phones.csv`),
		exportList(client.Sites, "", "List sites as import sites takes them", "", "--output sites.csv"),
		exportList(client.Tags, phoneFilter, "List the tags of phones as import tags takes them", "", "--filter 'tags:lobby'"),
		files,
		exportList(client.Jobs, jobFilter, "List jobs with what became of each task", `
As JSON lines each job is whole and has its tasks after it, as import jobs takes
them; as CSV there is a row for each task. Values of secrets are left out.`, "--format jsonl --output jobs.jsonl"),
	)
}

// exportList makes a command that writes a list. fields are what its filter may
// name; "": it has none.
func exportList(kind, fields, short, more, example string) *cobra.Command {
	cmd := &cobra.Command{
		Use: kind, Short: short, Args: count(0, 0),
		Long: short + `, as CSV or one JSON object a line. With --output it is
written to a file that must not be there yet, whole or not at all. In CSV, cells
that a spreadsheet would run begin with a ', which an import takes away.` + more,
		Example: "  phoneacs export " + kind + "\n  phoneacs export " + kind + " " + example,
	}
	f := cmd.Flags()
	f.String("format", "", "`format`: csv, or jsonl, as with --json; not given: csv")
	f.String("output", "", "`file` to write; not given: standard output")
	if fields != "" {
		f.String("filter", "", "only those that an AIP-160 `filter` passes; it may name "+fields)
	}
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]cobra.Completion{client.CSV, client.JSONL}, cobra.ShellCompDirectiveNoFileComp)) // of a flag that is there
	return verb(cmd, func(ctx context.Context, s *session, _ []string) error {
		format := s.flag("format")
		if format == "" && s.json {
			format = client.JSONL
		}
		switch format = cmp.Or(format, client.CSV); format {
		case client.CSV, client.JSONL:
		default:
			return usage("--format: %q is neither csv nor jsonl", format)
		}
		if dir := s.flag("content"); dir != "" {
			return s.exportContent(ctx, dir, s.flag("filter"))
		}
		in, err := s.Export(ctx, kind, format, s.flag("filter"))
		if err != nil {
			return err
		}
		defer in.Close()
		return s.exported(in, kind)
	})
}

// exported writes a list that comes in.
func (s *session) exported(in io.Reader, kind string) error {
	path := s.flag("output")
	if path == "" || path == "-" {
		_, err := s.bytes("", in)
		return err
	}
	body, done := s.metered(in, -1, kind)
	n, err := s.bytes(path, body)
	done()
	if err != nil {
		return err
	}
	s.note("%s: %s", path, size(n))
	return nil
}
