package client

import "context"

// A Site is a place with phones. Without an ID it is one to be added.
type Site struct {
	ID       string   `json:"id,omitempty"`
	Name     string   `json:"name,omitempty"`
	Zone     string   `json:"zone,omitempty"`
	Networks []string `json:"networks,omitempty"`
	URL      string   `json:"url,omitempty"`
	Ways     []string `json:"ways,omitempty"` // in which its phones are made to speak, in this order; none: the default
}

// ListSites returns sites in the order of their ids.
func (c *Client) ListSites(ctx context.Context, q Query) (Page[Site], error) {
	return get[Page[Site]](ctx, c, "listSites", call{query: q.values()})
}

// CreateSite adds a site.
func (c *Client) CreateSite(ctx context.Context, s Site) (Site, error) {
	return get[Site](ctx, c, "createSite", call{body: s})
}

// A SitePatch changes what is not nil.
type SitePatch struct {
	Name     *string   `json:"name,omitempty"`
	Zone     *string   `json:"zone,omitempty"`
	Networks *[]string `json:"networks,omitempty"`
	URL      *string   `json:"url,omitempty"`
	Ways     *[]string `json:"ways,omitempty"`
}

// UpdateSite takes an id or a name.
func (c *Client) UpdateSite(ctx context.Context, ref string, p SitePatch) (Site, error) {
	return get[Site](ctx, c, "updateSite", call{path: []string{ref}, body: p})
}

// DeleteSite takes an id or a name.
func (c *Client) DeleteSite(ctx context.Context, ref string) error {
	return c.do(ctx, "deleteSite", call{path: []string{ref}}, nil)
}

// GetSite takes an id or a name.
func (c *Client) GetSite(ctx context.Context, ref string) (Site, error) {
	return get[Site](ctx, c, "getSite", call{path: []string{ref}})
}
