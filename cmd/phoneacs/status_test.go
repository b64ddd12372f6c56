package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"phoneacs/admin/client"
	"phoneacs/db"
	"phoneacs/internal/app"
	"phoneacs/internal/cli"
)

func TestExitStatus(t *testing.T) {
	setting := &app.ConfigError{Setting: "cwmp", Err: errors.New("cannot listen")}
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"none", nil, 0},
		{"another", errors.New("disk on fire"), 1},
		{"no space", fmt.Errorf("open store: %w", db.ErrNoSpace), 1},
		{"setting", setting, 2},
		{"setting, wrapped", fmt.Errorf("serve: %w", errors.Join(setting, setting)), 2},
		{"command line", &usageError{errors.New("unknown flag")}, 2},
		{"locked", fmt.Errorf("open store: %w", db.ErrLocked), 3},
		{"store", fmt.Errorf("serve: %w", db.ErrFailed), 4},
		{"not found", fmt.Errorf("show: %w", &client.Problem{Type: "urn:phoneacs:problem:x", Status: 404}), 5},
		{"refused", &client.Problem{Type: "urn:phoneacs:problem:x", Status: 409}, 6},
		{"the server fails", &client.Problem{Type: "urn:phoneacs:problem:x", Status: 500}, 6},
		{"somebody else answers", &client.Problem{Status: 404}, 7},
		{"nobody there", fmt.Errorf("list: %w", &client.Unreachable{Err: errors.New("refused")}), 7},
		{"lines that were refused", fmt.Errorf("list: %w", cli.ErrRefused), 8},
		{"tasks that failed", fmt.Errorf("j1: %w", cli.ErrFailures), 8},
		{"a setting, and the store on closing", errors.Join(setting, db.ErrFailed), 4},
	} {
		if got := exitStatus(tt.err); got != tt.want {
			t.Errorf("%s: %d; want %d", tt.name, got, tt.want)
		}
	}
}

// TestStatusesAreTold holds the help to the table, and the table to the numbers
// that scripts rely on.
func TestStatusesAreTold(t *testing.T) {
	help := runLine(t.Context(), "--help").out
	for i, s := range statuses {
		if s.status != i {
			t.Errorf("the table has %d in the place of %d", s.status, i)
		}
		if line := fmt.Sprintf("\n  %d  %s\n", s.status, s.meaning); !strings.Contains(help, line) {
			t.Errorf("the help does not say %q:\n%s", line, help)
		}
	}
	if len(statuses) != exitStrict+1 {
		t.Errorf("there are %d statuses in the table", len(statuses))
	}
}

func TestUsageErrorUnwraps(t *testing.T) {
	cause := errors.New("cause")
	if err := error(&usageError{cause}); !errors.Is(err, cause) || err.Error() != "cause" {
		t.Errorf("%v", err)
	}
}
