package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"phoneacs/db"
)

// tokenView is a token as version 1 shows it. Its secret is shown once, when it
// is made.
type tokenView struct {
	ID      db.TokenID `json:"id"`
	Name    string     `json:"name"`
	Role    string     `json:"role"`
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires,omitzero"`
	By      string     `json:"by,omitempty"`
	Expired bool       `json:"expired"`
	Secret  string     `json:"secret,omitempty"`
}

func (a *API) viewToken(t *db.Token) tokenView {
	return tokenView{ID: t.ID, Name: t.Name, Role: t.Role, Created: t.Created, Expires: t.Expires, By: t.By, Expired: t.Expired(a.clock.Now())}
}

// listTokens serves GET /api/v1/tokens.
func (a *API) listTokens(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, nil)
	if err != nil {
		return err
	}
	page, err := a.store.ListTokens(r.Context(), q)
	if err != nil {
		return about(err, "tokens")
	}
	return writePage(w, page, a.viewToken)
}

// newToken is the body of POST /api/v1/tokens.
type newToken struct {
	Name    string  `json:"name"`
	Role    string  `json:"role"`
	Expires *string `json:"expires"`
}

// createToken serves POST /api/v1/tokens.
func (a *API) createToken(w http.ResponseWriter, r *http.Request) error {
	var in newToken
	if _, err := readJSON(w, r, maxJSON, &in); err != nil {
		return err
	}
	now := a.clock.Now().UTC()
	t := db.Token{Name: in.Name, Role: in.Role, Created: now, By: caller(r).Name}
	if strings.TrimSpace(in.Name) == "" {
		return invalid("name", "want a name: changes are shown to be of it")
	}
	if err := checkText("name", in.Name, db.MaxTokenName); err != nil {
		return err
	}
	if err := db.CheckRole(in.Role); err != nil {
		return err
	}
	if in.Expires != nil {
		at, err := time.Parse(time.RFC3339, *in.Expires)
		if err != nil {
			return invalid("expires", "want a time, as in 2026-01-31T08:00:00Z")
		}
		if t.Expires = at.UTC(); t.Expired(now) {
			return invalid("expires", "is in the past")
		}
	}
	secret := rand.Text()
	t.Hash = db.HashToken(secret)
	t, err := a.store.AddToken(r.Context(), t)
	if err != nil {
		return about(err, "token")
	}
	v := a.viewToken(&t)
	v.Secret = secret
	return writeCreated(w, v1+"/tokens/"+t.ID.String(), v)
}

// revokeToken serves DELETE /api/v1/tokens/{id}.
func (a *API) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "token", db.ParseTokenID)
	if err != nil {
		return err
	}
	_, err = a.store.RevokeToken(r.Context(), id)
	switch {
	case errors.Is(err, db.ErrInUse):
		return newProblem(kindInUse, "token %s: it is the last of an admin that does not expire; make another first", id).because(err)
	case err != nil:
		return about(err, "token %s", id)
	}
	return writeGone(w)
}

// Tokens are the parts of [db.Tokens] that admin needs.
type Tokens interface {
	TokenByHash(ctx context.Context, hash [32]byte) (db.Token, error)
	AddToken(ctx context.Context, t db.Token) (db.Token, error)
	ListTokens(ctx context.Context, q db.Query) (db.Page[db.Token], error)
	RevokeToken(ctx context.Context, id db.TokenID) (db.Token, error)
}
