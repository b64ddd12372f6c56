package admin

import (
	"net/http"

	"phoneacs/db"
)

// listPhones serves GET /api/v1/phones.
func (a *API) listPhones(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.PhoneFields)
	if err != nil {
		return err
	}
	page, err := a.store.ListPhones(r.Context(), q)
	if err != nil {
		return about(err, "phones")
	}
	return writePage(w, page, a.showPhone)
}

// getPhone serves GET /api/v1/phones/{id}.
func (a *API) getPhone(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	return a.answerPhone(w, r, http.StatusOK, id)
}

// answerPhone answers with a phone as it is now.
func (a *API) answerPhone(w http.ResponseWriter, r *http.Request, status int, id db.PhoneID) error {
	p, err := a.store.Phone(r.Context(), id)
	if err != nil {
		return about(err, "phone %s", id)
	}
	return writeJSON(w, status, a.showPhone(&p))
}

// deletePhone serves DELETE /api/v1/phones/{id}.
func (a *API) deletePhone(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	if err := a.store.DeletePhone(r.Context(), id); err != nil {
		return about(err, "phone %s", id)
	}
	return writeGone(w)
}

// phonePatch is the body of PATCH /api/v1/phones/{id}.
type phonePatch struct {
	Name                      *string   `json:"name"`
	Site                      *string   `json:"site"`
	Tags                      *[]string `json:"tags"`
	ConnectionRequestUser     *string   `json:"connection_request_user"`
	ConnectionRequestPassword *string   `json:"connection_request_password"`
	Proof                     *string   `json:"proof"`
}

// updatePhone serves PATCH /api/v1/phones/{id}.
func (a *API) updatePhone(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	var in phonePatch
	if _, err := readJSON(w, r, maxJSON, &in, "application/json", "application/merge-patch+json"); err != nil {
		return err
	}
	patch, err := a.checkPatch(r, in)
	if err != nil {
		return err
	}
	p, err := a.store.UpdatePhone(r.Context(), id, patch, caller(r).Name)
	if err != nil {
		return about(err, "phone %s", id)
	}
	return writeJSON(w, http.StatusOK, a.showPhone(&p))
}

func (a *API) checkPatch(r *http.Request, in phonePatch) (db.PhonePatch, error) {
	out := db.PhonePatch{
		Name: in.Name, Tags: in.Tags,
		ConnectionRequestUser: in.ConnectionRequestUser, ConnectionRequestPassword: in.ConnectionRequestPassword,
	}
	if in == (phonePatch{}) {
		return out, newProblem(kindInvalid, "nothing is to be changed; give at least one member")
	}
	for _, text := range []struct {
		field string
		value *string
		most  int
	}{
		{"name", in.Name, maxPhoneName},
		{"connection_request_user", in.ConnectionRequestUser, maxCredential},
		{"connection_request_password", in.ConnectionRequestPassword, maxCredential},
	} {
		if text.value == nil {
			continue
		}
		if err := checkText(text.field, *text.value, text.most); err != nil {
			return out, err
		}
	}
	if in.Tags != nil {
		if err := checkTags("tags", *in.Tags); err != nil {
			return out, err
		}
	}
	if in.Proof != nil {
		waived := *in.Proof == string(db.ProvesWaived)
		if !waived && *in.Proof != string(db.ProvesOwn) {
			return out, invalid("proof", "want %q, or %q for a phone that cannot take credentials", db.ProvesOwn, db.ProvesWaived)
		}
		out.ProofWaived = &waived
	}
	if in.Site != nil {
		site, err := a.findSite(r.Context(), "site", *in.Site)
		if err != nil {
			return out, err
		}
		out.Site = &site
	}
	return out, nil
}
