package admin

import (
	"net/http"
	"time"

	"phoneacs/db"
	"phoneacs/internal/record"
)

// unreadableView is a message that was not understood, as version 1 shows it.
type unreadableView struct {
	First   time.Time  `json:"first"`
	Last    time.Time  `json:"last"`
	Count   int        `json:"count"`
	Rule    string     `json:"rule"`
	Means   string     `json:"means"`
	Detail  string     `json:"detail,omitempty"`
	Address string     `json:"address"`
	Phone   db.PhoneID `json:"phone,omitempty"`
	Agent   string     `json:"agent,omitempty"`
	Size    int        `json:"size"`
	Line    int        `json:"line,omitempty"`
	Column  int        `json:"column,omitempty"`
	Offset  *int       `json:"offset,omitempty"`
	Excerpt string     `json:"excerpt"`
	From    int        `json:"from"`
	Masked  int        `json:"masked"`
}

func viewUnreadable(u *db.Unreadable) unreadableView {
	v := unreadableView{
		First: u.First, Last: u.Last, Count: u.Count, Rule: u.Rule, Means: record.Means(u.Rule), Detail: u.Detail,
		Address: u.Address, Phone: u.Phone, Agent: u.Agent, Size: u.Size, Line: u.Line, Column: u.Column,
		Excerpt: u.Excerpt, From: u.From, Masked: u.Masked,
	}
	if u.Line > 0 {
		v.Offset = &u.Offset
	}
	return v
}

// listUnreadable serves GET /api/v1/unreadable.
func (a *API) listUnreadable(w http.ResponseWriter, r *http.Request) error {
	q, err := readPage(r, db.UnreadableFields)
	if err != nil {
		return err
	}
	page, err := a.store.ListUnreadable(r.Context(), q)
	if err != nil {
		return about(err, "unreadable messages")
	}
	return writePage(w, page, viewUnreadable)
}
