package client

import (
	"context"
	"time"
)

// A Token lets a program or a person use the API.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Role    string    `json:"role"` // viewer, operator or admin
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"`
	By      string    `json:"by,omitempty"`
	Expired bool      `json:"expired"`
	Secret  string    `json:"secret,omitempty"` // from CreateToken alone
}

// A NewToken is a token to be made.
type NewToken struct {
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Expires time.Time `json:"expires,omitzero"`
}

// ListTokens returns tokens, oldest first.
func (c *Client) ListTokens(ctx context.Context, q Query) (Page[Token], error) {
	return get[Page[Token]](ctx, c, "listTokens", call{query: q.values()})
}

// CreateToken makes a token; nothing shows its secret again.
func (c *Client) CreateToken(ctx context.Context, t NewToken) (Token, error) {
	return get[Token](ctx, c, "createToken", call{body: t})
}

// RevokeToken revokes one.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	return c.do(ctx, "revokeToken", call{path: []string{id}}, nil)
}

// An AuditEntry says who asked for a change.
type AuditEntry struct {
	Time    time.Time `json:"time"`
	Token   string    `json:"token"`
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Address string    `json:"address,omitempty"`
	Method  string    `json:"method"`
	Route   string    `json:"route"`
	Object  string    `json:"object,omitempty"`
	Status  int       `json:"status"`
	Request string    `json:"request"`
}

// ListAudit returns who asked for which change, newest first.
func (c *Client) ListAudit(ctx context.Context, q Query) (Page[AuditEntry], error) {
	return get[Page[AuditEntry]](ctx, c, "listAudit", call{query: q.values()})
}

// A Replacement is what became of putting one phone in the place of another.
type Replacement struct {
	Phone     Phone `json:"phone"` // the new one
	Again     bool  `json:"again"`
	Made      bool  `json:"made"`
	Moved     int   `json:"moved"`
	Cancelled int   `json:"cancelled"`
	Unknown   int   `json:"unknown"`
	OwnTasks  int   `json:"own_tasks"`
	OwnQuirks bool  `json:"own_quirks"`
}

// ReplacePhone puts a phone, by reference or MAC, in the place of another.
func (c *Client) ReplacePhone(ctx context.Context, old, with string) (Replacement, error) {
	return get[Replacement](ctx, c, "replacePhone", call{path: []string{old}, body: map[string]string{"with": with}})
}
