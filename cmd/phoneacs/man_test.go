package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestManPages: each command that is told has a page, which names its flags,
// and the same date gives the same bytes.
func TestManPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1767225600")
	dir, again := t.TempDir(), t.TempDir()
	for _, d := range []string{dir, again} {
		var out, errs bytes.Buffer
		if status := run(t.Context(), []string{"man", "--dir", d}, &out, &errs); status != exitOK {
			t.Fatalf("man: status %d: %s", status, &errs)
		}
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		page, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			return
		}
		other, _ := os.ReadFile(filepath.Join(again, name))
		if !bytes.Equal(page, other) {
			t.Errorf("%s differs when it is made again", name)
		}
		if !bytes.Contains(page, []byte("2026")) {
			t.Errorf("%s does not bear the date it was given", name)
		}
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
				walk(sub)
			}
		}
	}
	walk(root())
	page, err := os.ReadFile(filepath.Join(dir, "phoneacs-serve.1"))
	if err != nil || !bytes.Contains(page, []byte("public-url")) {
		t.Errorf("the page of serve lacks its flags: %v", err)
	}
	for _, env := range []string{"yesterday"} {
		t.Setenv("SOURCE_DATE_EPOCH", env)
		var out, errs bytes.Buffer
		if status := run(t.Context(), []string{"man", "--dir", dir}, &out, &errs); status != exitUsage || !strings.Contains(errs.String(), "SOURCE_DATE_EPOCH") {
			t.Errorf("SOURCE_DATE_EPOCH=%s: status %d: %s", env, status, &errs)
		}
	}
}

// TestCompletions: the shells that are here take what is printed for them.
func TestCompletions(t *testing.T) {
	for _, shell := range shells {
		var out, errs bytes.Buffer
		if status := run(t.Context(), []string{"completion", shell.name}, &out, &errs); status != exitOK {
			t.Fatalf("completion %s: status %d: %s", shell.name, status, &errs)
		}
		if !bytes.Contains(out.Bytes(), []byte("phoneacs")) || !bytes.Contains(out.Bytes(), []byte("__complete")) {
			t.Errorf("completion %s does not ask phoneacs", shell.name)
		}
	}
}

// TestExamples: each command that does something shows how.
func TestExamples(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Runnable() && !c.HasSubCommands() && c.Name() != "help" && c.Parent().Name() != "completion" && !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has no example of itself: %q", c.CommandPath(), c.Example)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root())
}
