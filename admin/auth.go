package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"phoneacs/db"
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
		w.(*exchange).user = token.Name
		if token.Role != rt.role {
			return newProblem(kindForbidden, "this needs the role %s; the token has %q", rt.role, token.Role)
		}
		if err := checkQuery(r, rt.query); err != nil {
			return err
		}
		return serve(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, token)))
	})
}

// authenticate finds the token that a request brings (RFC 6750). The secret is
// hashed before it is looked up, so that the time a look-up takes tells
// nothing about stored secrets.
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
	token, err := a.store.TokenByHash(r.Context(), db.HashToken(strings.TrimSpace(secret)))
	if errors.Is(err, db.ErrNotFound) {
		return db.Token{}, refused
	}
	if err != nil {
		return db.Token{}, fmt.Errorf("find token: %w", err)
	}
	return token, nil
}
