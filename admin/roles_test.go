package admin

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"phoneacs/db"
)

// TestEveryRouteWithEachRole calls each operation with a token of each role:
// what its role is enough for succeeds, the rest is refused.
func TestEveryRouteWithEachRole(t *testing.T) {
	secrets := map[string]string{db.RoleViewer: "viewer-secret", db.RoleOperator: "operator-secret", db.RoleAdmin: secret}
	for _, rt := range routes {
		ok, found := successes[rt.name]
		if rt.role == "" || !found { // the stream: TestEvents; without a success: TestEveryRouteSucceeds
			continue
		}
		for i, role := range db.Roles {
			t.Run(rt.name+"/"+role, func(t *testing.T) {
				h := newHarness(t)
				media := "application/json"
				if ok.media != "" {
					media = ok.media
				}
				a := h.do(rt.method, ok.path, ok.body, "Content-Type", media, "Authorization", "Bearer "+secrets[role])
				if i >= slices.Index(db.Roles, rt.role) {
					a.is(ok.status)
				} else {
					a.refuses(kindForbidden, "")
				}
			})
		}
	}
}

// TestRolesOfRoutes says in words what a lower role reaches, so that no route
// is opened to it by a slip: a viewer changes nothing and reads nothing that
// phones sent, an operator has none of what is an admin's.
func TestRolesOfRoutes(t *testing.T) {
	for name := range lowest {
		if !slices.ContainsFunc(routes, func(rt route) bool { return rt.name == name }) {
			t.Errorf("%s is in roles.go and is no route", name)
		}
	}
	for _, rt := range routes {
		if rt.role == db.RoleViewer && rt.method != http.MethodGet {
			t.Errorf("a viewer may %s: %s %s", rt.name, rt.method, rt.path)
		}
		for _, private := range []string{"/content", "recording", "/result", "/unreadable", "/tokens", "/audit"} {
			if rt.role == db.RoleViewer && strings.Contains(rt.path, private) {
				t.Errorf("a viewer may %s: %s", rt.name, rt.path)
			}
		}
		for _, admins := range []string{"/tokens", "/audit", "/backup", "/enrolment-rules", "/quirks"} {
			if rt.role == db.RoleOperator && strings.Contains(rt.path, admins) {
				t.Errorf("an operator may %s: %s %s", rt.name, rt.method, rt.path)
			}
		}
	}
}

func TestRoleMay(t *testing.T) {
	want := map[[2]string]bool{
		{db.RoleViewer, db.RoleViewer}: true, {db.RoleOperator, db.RoleViewer}: true, {db.RoleAdmin, db.RoleViewer}: true,
		{db.RoleOperator, db.RoleOperator}: true, {db.RoleAdmin, db.RoleOperator}: true, {db.RoleAdmin, db.RoleAdmin}: true,
	}
	all := append(slices.Clone(db.Roles), "", "root")
	for _, has := range all {
		for _, needs := range all {
			if got := db.RoleMay(has, needs); got != want[[2]string{has, needs}] {
				t.Errorf("RoleMay(%q, %q) = %v", has, needs, got)
			}
		}
	}
}

func TestRawIsAnAdmins(t *testing.T) {
	h := newHarness(t)
	op := []string{"Authorization", "Bearer operator-secret"}
	raw := `{"kind":"raw","args":{"raw":{"rpc":"X_Reset"}},"selection":{"phones":["p1"]},"when":{"now":true}}`
	h.do("POST", "/api/v1/jobs", raw, op...).refuses(kindForbidden, "kind")
	standing := `{"name":"x","all":true,"items":[{"kind":"reboot"},{"kind":"raw"}]}`
	h.do("POST", "/api/v1/standing-orders", standing, op...).refuses(kindForbidden, "items[1].kind")
	h.do("PUT", "/api/v1/standing-orders/o1", standing, op...).refuses(kindForbidden, "items[1].kind")
	recurring := `{"name":"x","kind":"raw","selection":{"all":true},"cron":"0 3 * * *"}`
	h.do("POST", "/api/v1/recurring-jobs", recurring, op...).refuses(kindForbidden, "kind")
	h.do("PUT", "/api/v1/recurring-jobs/c1", recurring, op...).refuses(kindForbidden, "kind")
	h.store.jobs[0].Kind = db.KindRaw
	h.do("POST", "/api/v1/jobs/j1/retry", "", op...).refuses(kindForbidden, "kind")
	h.do("POST", "/api/v1/jobs/j1/retry", "").is(200)
}

func TestAudit(t *testing.T) {
	h := newHarness(t)
	h.do("GET", "/api/v1/phones", "").is(200)
	h.do("PATCH", "/api/v1/phones/p1", `{"name":"x","connection_request_password":"hunter2"}`, "Authorization", "Bearer operator-secret").is(200)
	h.do("PATCH", "/api/v1/phones/0C383E-X4%2FU-B%202", `{"nonsense":1}`).is(400)
	h.do("DELETE", "/api/v1/phones/p2", "", "Authorization", "Bearer viewer-secret").is(403)
	h.do("DELETE", "/api/v1/phones/p2", "", "Authorization", "Bearer wrong").is(401)
	h.do("POST", "/api/v1/sites", `{"name":"South"}`).is(201)
	h.do("DELETE", "/api/v1/hold?site=s2", "").is(204)
	var page db.Page[db.AuditEntry]
	a := h.do("GET", "/api/v1/audit", "").is(200)
	a.into(&page)
	if strings.Contains(string(a.body), "hunter2") {
		t.Errorf("a secret is shown: %s", a.body)
	}
	var got []string
	for _, e := range page.Items {
		if e.Request == "" || !e.Time.Equal(now) || e.Address != "192.0.2.1" {
			t.Errorf("entry %+v", e)
		}
		got = append(got, strings.Join([]string{e.Name, e.Role, e.Method, e.Route, e.Object, http.StatusText(e.Status)}, " "))
	}
	site := h.store.sites[len(h.store.sites)-1].ID.String()
	want := []string{
		"ops admin DELETE clearHold s2 No Content",
		"ops admin POST createSite " + site + " Created",
		"guest viewer DELETE deletePhone p2 Forbidden",
		"ops admin PATCH updatePhone 0C383E-X4/U-B 2 Bad Request",
		"shift operator PATCH updatePhone p1 OK",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("audit trail (-want +got)\n%s", diff)
	}
	h.do("GET", "/api/v1/audit?filter=name+%3D+%22shift%22", "").is(200).into(&page)
	if len(page.Items) != 1 {
		t.Errorf("filtered: %+v", page.Items)
	}
}
