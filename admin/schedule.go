package admin

import (
	"net/http"
	"time"

	"phoneacs/db"
)

// workView is work that the server does by itself over and over.
type workView struct {
	Name  string    `json:"name"`
	Every string    `json:"every"`
	Last  time.Time `json:"last,omitzero"`
	Next  time.Time `json:"next,omitzero"`
	Error string    `json:"error,omitempty"`
}

// getSchedule serves GET /api/v1/schedule.
func (a *API) getSchedule(w http.ResponseWriter, _ *http.Request) error {
	page := db.Page[db.Work]{Items: a.orders.Schedule()}
	return writePage(w, page, func(k *db.Work) workView {
		return workView{Name: k.Name, Every: k.Every.String(), Last: k.Last, Next: k.Next, Error: k.Error}
	})
}
