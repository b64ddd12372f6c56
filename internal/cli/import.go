package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"phoneacs/admin/client"
)

// ErrRefused is what an import ends with when lines of its list were refused.
var ErrRefused = errors.New("not all lines were taken")

// shownRefusals is how many refused lines are told one by one.
const shownRefusals = 20

func importCommand() *cobra.Command {
	return noun("import", "Take lists of phones, sites, tags, files or jobs in",
		importPhonesCommand("phones"),
		importList(&cobra.Command{
			Use:   "sites FILE",
			Short: "Add or update sites from a list",
			Long: `Add or update sites from a list, or from standard input where it is named -. The
columns: name, zone, networks, url; networks stand between spaces. A site is
known by its name.` + listWords,
			Example: `  phoneacs import sites sites.csv --dry-run
  phoneacs import sites sites.csv`,
		}, client.Sites),
		importList(&cobra.Command{
			Use:   "tags FILE",
			Short: "Tag phones from a list",
			Long: `Tag phones from a list, or from standard input where it is named -: a phone and
one tag a line, columns phone and tag. Tags are added; none is taken away. ` + refs + listWords,
			Example: `  phoneacs import tags tags.csv
  printf 'phone,tag\n0c383e000011,lobby\n' | phoneacs import tags -`,
		}, client.Tags),
		importFilesCommand(),
		importList(&cobra.Command{
			Use:   "jobs FILE",
			Short: "Order anew, and paused, what was not done elsewhere",
			Long: `Take in what export jobs --format jsonl wrote on another server. A job that has
not ended is ordered for the phones that it was still to be sent to, by MAC or
serial, with its expiry, and paused: nothing is sent before job resume. Phones
and files are to be imported first. Jobs that have ended are skipped, and what
was sent is not sent twice.` + listWords,
			Example: `  phoneacs import jobs jobs.jsonl --dry-run
  phoneacs import jobs jobs.jsonl
  phoneacs job resume j1`,
		}, client.Jobs),
	)
}

// listWords is what the help of all imports says.
const listWords = `

Lists are CSV, with commas, semicolons or tabs, or one JSON object a line; which
of the two is seen by how they begin. What is empty says nothing. What has
arrived is done while the rest is still on its way. A line that is wrong is
refused alone, and the status is then 8; sending a list again does no harm. With
--json the fate of each line is printed as it is told.`

// importPhonesCommand stands in two places.
func importPhonesCommand(name string) *cobra.Command {
	path := map[string]string{"phones": "phoneacs import phones", "import": "phoneacs phone import"}[name]
	cmd := importList(&cobra.Command{
		Use:   name + " FILE",
		Short: "Add or update phones from a list",
		Long: `Add or update phones from a list, or from standard input where it is named -.
The columns, in any order: mac, serial, oui, site, name, tags, vendor, model.
Listed phones are approved.` + listWords,
		Example: "  " + path + " phones.csv --dry-run\n  " + path + " phones.csv --create-sites\n" +
			`  printf 'mac,site\n0c383e000011,s1\n' | ` + path + " -",
	}, client.Phones)
	cmd.Flags().Bool("create-sites", false, "create the sites that the list names and that are not known")
	return cmd
}

// importList makes a command that takes a list in.
func importList(cmd *cobra.Command, kind string) *cobra.Command {
	cmd.Args = count(1, 1)
	f := cmd.Flags()
	f.Bool("dry-run", false, "tell what would become of each line, and change nothing")
	existing := "`what` to do with what is there already: update it, skip the line, or refuse it"
	if kind != client.Tags {
		f.String("existing", "update", existing)
		_ = cmd.RegisterFlagCompletionFunc("existing", cobra.FixedCompletions([]cobra.Completion{"update", "skip", "refuse"}, cobra.ShellCompDirectiveNoFileComp)) // of a flag that is there
	}
	return verb(cmd, func(ctx context.Context, s *session, args []string) error {
		o := client.ImportOptions{DryRun: s.isSet("dry-run"), Existing: s.flag("existing"), CreateSites: s.isSet("create-sites")}
		if o.Existing != "" && !strings.Contains(" update skip refuse ", " "+o.Existing+" ") {
			return usage("--existing: %q is none of update, skip and refuse", o.Existing)
		}
		in, err := s.input(args[0])
		if err != nil {
			return err
		}
		defer in.Close()
		begun := bufio.NewReader(in)
		o.Format = listFormat(begun)
		m := s.newMoving(kind, fileSize(in))
		sum, err := s.Import(ctx, kind, m.read(begun), o, m.fate)
		return m.end(sum, o.DryRun, err)
	})
}

// listFormat looks how a list begins.
func listFormat(r *bufio.Reader) string {
	for n := 1; n <= r.Size(); n++ {
		b, err := r.Peek(n)
		if text := bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\ufeff"))); len(text) > 0 && (n > 3 || text[0] != 0xef) {
			if text[0] == '{' {
				return client.JSONL
			}
			return client.CSV
		}
		if err != nil {
			break
		}
	}
	return client.CSV
}

// fileSize is -1 where it is not known.
func fileSize(r io.Reader) int64 {
	if f, ok := r.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			return info.Size()
		}
	}
	return -1
}

// A moving is a list on its way in: it counts the fates and, on a terminal,
// shows how far it has come.
type moving struct {
	*output
	kind    string
	bar     *progressbar.ProgressBar
	room    int // columns beside it
	fates   map[string]int
	refused []client.ImportFate // the first
	last    int                 // line with a fate
}

func (o *output) newMoving(kind string, size int64) *moving {
	m := &moving{output: o, kind: kind, fates: map[string]int{}}
	if o.live && !o.json {
		m.bar, m.room = o.byteBar(size, len("phones: 100000 done, 1000 refused"))
		m.bar.Describe(cut(kind, m.room))
	}
	return m
}

// read counts what is sent.
func (m *moving) read(r io.Reader) io.Reader {
	if m.bar == nil {
		return r
	}
	return io.TeeReader(r, m.bar)
}

// fate takes what became of one line.
func (m *moving) fate(f client.ImportFate) error {
	m.fates[f.Fate]++
	m.last = f.Line
	if f.Fate == client.FateRefused && len(m.refused) < shownRefusals {
		m.refused = append(m.refused, f)
	}
	if m.bar != nil && m.last%100 == 0 {
		m.bar.Describe(cut(fmt.Sprintf("%s: %d done, %d refused", m.kind, m.done(), m.fates[client.FateRefused]), m.room))
	}
	if m.json {
		return m.line(f)
	}
	return nil
}

// done is how many lines have a fate.
func (m *moving) done() (n int) {
	for _, c := range m.fates {
		n += c
	}
	return n
}

// counts tells the fates in words.
func (m *moving) counts(dry bool) string {
	text := fmt.Sprintf("%d created, %d updated, %d unchanged, %d skipped, %d refused", m.fates[client.FateCreated],
		m.fates[client.FateUpdated], m.fates[client.FateUnchanged], m.fates[client.FateSkipped], m.fates[client.FateRefused])
	if dry {
		text += " (a dry run: nothing was changed)"
	}
	return m.kind + ": " + text
}

// end tells what became of a list, also of one that was broken off.
func (m *moving) end(sum client.ImportResult, dry bool, err error) error {
	if m.bar != nil {
		_ = m.bar.Clear() // that nobody can see it changes nothing
	}
	if err != nil && m.last == 0 {
		return err
	}
	if told := m.tell(sum, dry, err == nil); told != nil {
		return errors.Join(told, err)
	}
	switch bad := m.fates[client.FateRefused]; {
	case err != nil && dry:
		return fmt.Errorf("broken off after line %d: %w", m.last, err)
	case err != nil:
		return fmt.Errorf("broken off: lines up to %d are done as told, and more may be; send the list again for the rest: %w", m.last, err)
	case bad > 0:
		return fmt.Errorf("%w: %d were refused; the list may be sent again when they are mended", ErrRefused, bad)
	}
	return nil
}

// tell prints what became of the lines. A program is told the sum if it is
// whole.
func (m *moving) tell(sum client.ImportResult, dry, whole bool) error {
	if m.json && !whole {
		return nil
	}
	if m.json {
		return m.line(client.ImportEnd{Summary: sum})
	}
	if len(m.refused) > 0 {
		t := newTable(m.output, []column[client.ImportFate]{
			{title: "LINE", right: true, cell: func(f client.ImportFate) string { return number(f.Line) }},
			{title: "FIELD", cell: func(f client.ImportFate) string { return f.Field }},
			{title: "REFUSED BECAUSE", cell: func(f client.ImportFate) string { return f.Detail }},
		})
		if err := t.page(m.refused); err != nil {
			return err
		}
		if more := m.fates[client.FateRefused] - len(m.refused); more > 0 {
			m.note("and %d more; --json tells each", more)
		}
	}
	text := m.counts(dry)
	if sum.SitesCreated > 0 {
		text += fmt.Sprintf("; %s created", many(sum.SitesCreated, "site"))
	}
	return m.say("%s", text)
}
