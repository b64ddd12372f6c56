package db

import (
	"context"
	"time"
)

// MaxImport is how many lines of a list go into one commit.
const MaxImport = 1000

// An Existing says what an import does with what the store has already.
type Existing string

// What may be done with it.
const (
	ExistingUpdate Existing = "update" // change what the line gives; "" is the same
	ExistingSkip   Existing = "skip"   // leave it as it is
	ExistingRefuse Existing = "refuse" // the line is wrong: ErrExists
)

// A Fate is what became of one line of a list.
type Fate string

// The fates.
const (
	FateCreated   Fate = "created"
	FateUpdated   Fate = "updated"
	FateUnchanged Fate = "unchanged" // it is so already
	FateSkipped   Fate = "skipped"   // passed over, as was asked for
	FateRefused   Fate = "refused"   // nothing of it was taken
)

// ImportOptions say how a list is taken in.
type ImportOptions struct {
	Now      time.Time
	By       string
	Existing Existing
	// DryRun writes nothing, and tells the fates that lines would have, each
	// beside what is stored now: not beside the lines before it.
	DryRun bool
}

// An Imported is the fate of one line.
type Imported struct {
	Fate  Fate
	Phone PhoneID // the line is about; 0 if it was refused, or would be new
	Site  SiteID
	Err   error // why it was refused: a *FieldError or ErrExists
}

// A SiteImport is one line of a list of sites, known by its name. What is empty
// says nothing; Networks and Ways that are empty and not nil take those of the
// site away.
type SiteImport struct {
	Name, Zone, URL string
	Networks, Ways  []string
}

// A TagImport is one line of a list of tags: a phone has a tag.
type TagImport struct {
	Phone string // any reference that FindPhone takes
	Tag   string
}

// Imports takes lists in: up to MaxImport lines in one commit, each with its
// fate in the same order; a line that is refused touches no other. ErrTooMany
// for more lines.
type Imports interface {
	// ImportList adds or updates phones, as ImportPhones does.
	ImportList(ctx context.Context, in []PhoneImport, o ImportOptions) ([]Imported, error)
	// ImportSites adds or updates sites.
	ImportSites(ctx context.Context, in []SiteImport, o ImportOptions) ([]Imported, error)
	// ImportTags adds tags to phones that are known; it takes none away.
	// Options.Existing says nothing here.
	ImportTags(ctx context.Context, in []TagImport, o ImportOptions) ([]Imported, error)
}
