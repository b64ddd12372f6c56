package cli

import (
	"fmt"

	"phoneacs/admin/client"
)

// heldBy says which hold stops tasks of a job, and how many.
func (o *output) heldBy(h client.HeldTasks) string {
	scope := over(h.Scope)
	if h.SiteName != "" {
		scope += " (" + h.SiteName + ")"
	}
	tasks := fmt.Sprintf("%d tasks", h.Tasks)
	switch {
	case h.AtLeast:
		tasks += " or more"
	case h.Tasks == 1:
		tasks = "1 task"
	}
	text := fmt.Sprintf("%s: %s, since %s", scope, tasks, o.both(h.Since))
	if h.By != "" {
		text += " by " + h.By
	}
	if h.Reason != "" {
		text += ": " + h.Reason
	}
	return text
}

// clearing is the command that takes a hold away.
func clearing(s client.Scope) string {
	switch {
	case s.All:
		return "phoneacs hold clear --all"
	case s.Site != "":
		return "phoneacs hold clear --site " + s.Site
	}
	return "phoneacs hold clear --phone " + s.Phone
}

// holds says once by which holds a job is stopped, and that it no longer is.
func (p *progress) holds(j client.Job) {
	key := ""
	for _, h := range j.Held {
		key += fmt.Sprintln(over(h.Scope), h.Since)
	}
	if p.json || key == p.held {
		return
	}
	p.held = key
	for _, h := range j.Held {
		p.remark("held over " + p.heldBy(h) + "; go on with `" + clearing(h.Scope) + "`")
	}
	if key == "" && j.State != client.JobEnded {
		p.remark("no hold stops it any more")
	}
}
