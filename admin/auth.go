package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"phoneacs/db"
	"phoneacs/internal/logkey"
)

type callerKey struct{}

// caller returns the token that a guarded request came with.
func caller(r *http.Request) db.Token {
	t, _ := r.Context().Value(callerKey{}).(db.Token)
	return t
}

// guarded serves a route to those who have its role.
func (a *API) guarded(rt route) http.Handler {
	serve := func(w http.ResponseWriter, r *http.Request) error { return rt.serve(a, w, r) }
	if rt.role == "" {
		return a.adapt(rt.name, serve)
	}
	return a.adapt(rt.name, func(w http.ResponseWriter, r *http.Request) error {
		token, err := a.authenticate(r)
		if err != nil {
			return err
		}
		x := w.(*exchange)
		x.user, x.token = token.Name, token
		if !db.RoleMay(token.Role, rt.role) {
			return newProblem(kindForbidden, "this needs the role %s; the token has %q", rt.role, token.Role)
		}
		if err := checkQuery(r, rt.query); err != nil {
			return err
		}
		if err := a.checkDisk(r); err != nil {
			return err
		}
		return serve(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, token)))
	})
}

// authenticate finds the token that a request brings (RFC 6750). The secret is
// hashed before it is looked up, so that the time a look-up takes tells
// nothing about stored secrets. An address from which many wrong ones came is
// not listened to for a while, but for tokens that were right before.
func (a *API) authenticate(r *http.Request) (db.Token, error) {
	const challenge = `Bearer realm="phoneacs"`
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return db.Token{}, newProblem(kindUnauthorized, "send Authorization: Bearer and a token").
			with("WWW-Authenticate", challenge)
	}
	refused := newProblem(kindUnauthorized, "the token is not known here").
		with("WWW-Authenticate", challenge+`, error="invalid_token"`)
	scheme, secret, ok := strings.Cut(values[0], " ")
	if !ok || len(values) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return db.Token{}, refused
	}
	hash, from := db.HashToken(strings.TrimSpace(secret)), peer(r)
	if wait := a.guesses.closed(from, hash); wait > 0 {
		return db.Token{}, newProblem(kindGuessing, "too many wrong tokens came from this address").
			with("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
	}
	token, err := a.store.TokenByHash(r.Context(), hash)
	switch {
	case errors.Is(err, db.ErrNotFound):
		if a.guesses.wrong(from) {
			a.log.WarnContext(r.Context(), "many wrong tokens; refusing more for a while", logkey.Addr, from)
		}
		return db.Token{}, refused
	case err != nil:
		return db.Token{}, fmt.Errorf("find token: %w", err)
	}
	a.guesses.right(hash)
	if token.Expired(a.clock.Now()) {
		return db.Token{}, newProblem(kindUnauthorized, "the token has expired").
			with("WWW-Authenticate", challenge+`, error="invalid_token"`)
	}
	return token, nil
}
