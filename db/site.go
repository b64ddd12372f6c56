package db

import "context"

// A Site is a place with phones.
type Site struct {
	ID       SiteID   `json:"id"`
	Name     string   `json:"name"`               // unique, 1 to 64 characters
	Zone     string   `json:"zone,omitempty"`     // IANA zone; empty: the server's
	Networks []string `json:"networks,omitempty"` // CIDR
	URL      string   `json:"url,omitempty"`      // what its phones reach us by; empty: the server's
	Ways     []string `json:"ways,omitempty"`     // of [Ways], in which its phones are made to speak; empty: see [Site.SpeakBy]
}

// Sites keeps places.
type Sites interface {
	// CreateSite adds a site and gives it its id; ErrExists if the name is taken,
	// a *FieldError for one that cannot be.
	CreateSite(ctx context.Context, s Site) (Site, error)
	// Site returns one, or ErrNotFound.
	Site(ctx context.Context, id SiteID) (Site, error)
	// FindSite resolves an id or a name, or returns ErrNotFound.
	FindSite(ctx context.Context, ref string) (SiteID, error)
	// ListSites returns sites in the order of their ids; no filter.
	ListSites(ctx context.Context, q Query) (Page[Site], error)
	// UpdateSite replaces a site, all but its id. Another zone has what waits in
	// windows without one of their own filed anew. ErrNotFound; ErrExists if
	// another has the name; a *FieldError.
	UpdateSite(ctx context.Context, s Site) (Site, error)
	// DeleteSite takes a site away. ErrNotFound; ErrInUse, as an *InUseError,
	// while phones, a hold or enrolment rules are of it, and for the default site.
	DeleteSite(ctx context.Context, id SiteID) error
}
