package db

import (
	"context"
	"slices"

	"phoneacs/db/filter"
)

// MaxEdit is how many phones are edited in one commit.
const MaxEdit = 500

// A PhoneEdit is one change of many phones.
type PhoneEdit struct {
	Approve    bool // phones that are pending; others stay as they are
	Site       SiteID
	AddTags    []string
	RemoveTags []string
}

// Apply changes a phone, and reports whether anything is different.
func (e *PhoneEdit) Apply(p *Phone) (changed bool) {
	if e.Approve {
		if p.State == PhoneApproved || p.State == PhoneReplaced {
			return false
		}
		p.State, changed = PhoneApproved, true
	}
	if e.Site != 0 && p.Site != e.Site {
		p.Site, changed = e.Site, true
	}
	tags := slices.DeleteFunc(slices.Clone(p.Tags), func(t string) bool { return slices.Contains(e.RemoveTags, t) })
	tags = append(tags, e.AddTags...)
	slices.Sort(tags)
	if tags = slices.Compact(tags); !slices.Equal(tags, p.Tags) {
		p.Tags, changed = tags, true
	}
	return changed
}

// EditResult says what became of the phones of one edit.
type EditResult struct {
	Changed   int
	Unchanged int // they are so already, or the filter passes them no more
	Failed    int // they cannot be so: more tags than a phone may have
}

// PhoneEdits changes many phones.
type PhoneEdits interface {
	// EditPhones changes up to MaxEdit phones in one commit: those of ids that
	// the filter passes at that moment (nil: all). Phones that are approved by
	// it are woken if tasks are ready for them. Those that are gone are left
	// out. A *FieldError for a site that is not there.
	EditPhones(ctx context.Context, ids []PhoneID, f *filter.Filter, e PhoneEdit, by string) (EditResult, error)
}
