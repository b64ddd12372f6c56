package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"phoneacs/cwmp"
	"phoneacs/db"
	"phoneacs/phones/model"
)

// Told is what phones told beside values: the parts of the store's roles that
// read.
type Told interface {
	ParameterTraits(ctx context.Context, phone db.PhoneID, names []string) (map[string]db.Trait, error)
	Methods(ctx context.Context, phone db.PhoneID) (db.Methods, error)
	Result(ctx context.Context, task db.TaskID) (db.Result, error)
}

// parameterView is a reported parameter as version 1 shows it, with what is
// known of it otherwise.
type parameterView struct {
	Name         string    `json:"name"`
	Type         string    `json:"type,omitempty"`
	Value        string    `json:"value"`
	Changed      time.Time `json:"changed"`
	Writable     *bool     `json:"writable,omitempty"`
	Notification *int      `json:"notification,omitempty"`
	AccessList   *[]string `json:"access_list,omitempty"`
	Known        string    `json:"known_type,omitempty"`
	Description  string    `json:"description,omitempty"`
}

// parameterViewer shows the parameters of one page.
func (a *API) parameterViewer(ctx context.Context, id db.PhoneID, page []db.Parameter) (func(*db.Parameter) parameterView, error) {
	names := make([]string, len(page))
	for i := range page {
		names[i] = page[i].Name
	}
	traits, err := a.store.ParameterTraits(ctx, id, names)
	if err != nil {
		return nil, err
	}
	return func(p *db.Parameter) parameterView {
		t := traits[p.Name]
		v := parameterView{
			Name: p.Name, Type: p.Type, Value: p.Value, Changed: p.Changed,
			Writable: t.Writable, Notification: t.Notification, AccessList: t.AccessList,
		}
		if known, ok := model.Lookup(p.Name); ok {
			v.Known, v.Description = known.Type, known.Description
		}
		return v
	}, nil
}

// methodsView is what a phone takes as version 1 shows it.
type methodsView struct {
	State    string    `json:"state"` // "unknown", "known", "outdated", "refused"
	Methods  []string  `json:"methods"`
	Firmware string    `json:"firmware,omitempty"`
	Asked    time.Time `json:"asked,omitzero"`
	Why      string    `json:"why,omitempty"`
}

// getPhoneMethods serves GET /api/v1/phones/{id}/methods.
func (a *API) getPhoneMethods(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathPhone(r)
	if err != nil {
		return err
	}
	p, err := a.store.Phone(r.Context(), id)
	if err != nil {
		return about(err, "phone %s", id)
	}
	m, err := a.store.Methods(r.Context(), id)
	if err != nil {
		return about(err, "phone %s", id)
	}
	v := methodsView{State: "known", Methods: orEmpty(m.Names), Firmware: m.Firmware, Asked: m.Asked, Why: m.Refused}
	switch {
	case m.Asked.IsZero():
		v.State = "unknown"
	case m.Firmware != p.SoftwareVersion:
		v.State = "outdated"
	case len(m.Names) == 0:
		v.State = "refused"
	}
	return writeJSON(w, http.StatusOK, v)
}

// resultView is what a phone answered to a task as version 1 shows it.
type resultView struct {
	Task db.TaskID `json:"task"`
	db.Result
}

// getTaskResult serves GET /api/v1/tasks/{id}/result.
func (a *API) getTaskResult(w http.ResponseWriter, r *http.Request) error {
	ref, err := pathRef(r)
	if err != nil {
		return err
	}
	id, err := db.ParseTaskID(ref)
	if err != nil {
		return newProblem(kindNotFound, "task %q: not known here", ref)
	}
	res, err := a.store.Result(r.Context(), id)
	if err != nil {
		return about(err, "result of task %s", id)
	}
	return writeJSON(w, http.StatusOK, resultView{id, res})
}

// help says what to try after the fault of a task's last attempt; "" if that
// had none, or the task succeeded all the same.
func help(t *db.Task) string {
	last := t.Last()
	if last == nil || last.Fault < 9000 || t.State == db.TaskSucceeded {
		return ""
	}
	return cwmp.FaultCode(last.Fault).Hint()
}

type newAttribute struct {
	Name         string   `json:"name"`
	Notification *int     `json:"notification"`
	AccessList   []string `json:"access_list"`
}

func readAttributes(in []newAttribute) []db.Attribute {
	if in == nil {
		return nil
	}
	out := make([]db.Attribute, len(in))
	for i, p := range in {
		out[i] = db.Attribute{Name: p.Name, Notification: p.Notification}
		if p.AccessList != nil {
			out[i].AccessList = &p.AccessList
		}
	}
	return out
}

type newRaw struct {
	RPC  string          `json:"rpc"`
	Args json.RawMessage `json:"args"`
	XML  string          `json:"xml"`
}

func (in *newRaw) read() *db.RawCall { return &db.RawCall{RPC: in.RPC, Args: in.Args, XML: in.XML} }

// maskRaw is a raw RPC as it may be shown: without the values of secrets.
func maskRaw(c *db.RawCall) *db.RawCall {
	out := &db.RawCall{RPC: c.RPC}
	out.Args, _ = db.MaskJSON(c.Args)
	out.XML, _ = cwmp.MaskXML(c.XML, db.SecretName)
	return out
}

var rawType = reflect.TypeFor[json.RawMessage]()

// raw takes any value.
func (d memberCheck) raw(at string) error {
	var v json.RawMessage
	if err := d.Decode(&v); err != nil {
		return err
	}
	if string(v) == "null" {
		return invalid(at, "want an object")
	}
	return nil
}
