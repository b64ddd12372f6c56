package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"phoneacs/internal/sim"
)

// A clerk places orders with a server that is killed now and then. It repeats
// each until it is answered, and remembers the answers.
type clerk struct {
	s      *server
	phones []phone
	wire   *tripwire // tripped by each order
	wg     sync.WaitGroup

	mu       sync.Mutex
	number   int
	accepted map[string]int // job → tasks that it was ordered with
	replayed int            // orders whose first answer was lost
}

func newClerk(s *server, phones []phone, wire *tripwire) *clerk {
	return &clerk{s: s, phones: phones, wire: wire, accepted: map[string]int{}}
}

// work places orders in n rows until ctx ends; what was begun is finished.
func (c *clerk) work(ctx context.Context, t *testing.T, n int) {
	for range n {
		c.wg.Go(func() {
			for ctx.Err() == nil {
				if err := c.place(t.Context()); err != nil {
					t.Error(err)
					return
				}
				pass(upTo(400 * time.Millisecond))
			}
		})
	}
}

// finish waits until every order that was begun has been answered.
func (c *clerk) finish() { c.wg.Wait() }

// place places one order of any kind and keeps at it.
func (c *clerk) place(ctx context.Context) error {
	c.mu.Lock()
	c.number++
	n := c.number
	c.mu.Unlock()
	selection, size := c.some()
	o := rebootNow(selection)
	if n%3 != 0 {
		path, content := "name=e2e.cfg&kind=config", fmt.Appendf(nil, "config %d\n%s", n, strings.Repeat("x", 4000))
		if n%3 == 1 && n%2 == 0 {
			model := sim.Models()[rand.IntN(len(sim.Models()))]
			version := fmt.Sprintf("9.%d.1", n)
			path = fmt.Sprintf("name=e2e.z&kind=firmware&models=%s&version=%s", url.QueryEscape(model), version)
			content = sim.FirmwareImage([]string{model}, version, 200_000)
			selection = map[string]any{"filter": fmt.Sprintf("model = %q", model)}
			size = 0
			for _, p := range c.phones {
				if p.Model == model {
					size++
				}
			}
		}
		var file struct {
			ID string `json:"id"`
		}
		if _, err := c.insist(ctx, "/api/v1/files?vendor=fanvil&"+path, content, &file); err != nil {
			return err
		}
		o = downloadNow(file.ID, selection)
	}
	o.Deadline = fmt.Sprintf("%ds", 2+rand.IntN(3))
	o.Retry = map[string]any{"max": 3, "backoff": "500ms"}
	var j job
	a, err := c.insist(ctx, "/api/v1/jobs", o, &j, "Idempotency-Key", fmt.Sprintf("order-%d", n))
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if a.header.Get("Idempotency-Replayed") != "" {
		c.replayed++
	}
	if _, twice := c.accepted[j.ID]; twice || j.Selected != size {
		return fmt.Errorf("order %d was answered with %s for %d phones; want a new job for %d", n, j.ID, j.Selected, size)
	}
	c.accepted[j.ID] = size
	return nil
}

// some selects a few phones by id, or now and then all of them.
func (c *clerk) some() (selection map[string]any, size int) {
	if rand.IntN(12) == 0 {
		return map[string]any{"all": true}, len(c.phones)
	}
	var ids []string
	for _, i := range rand.Perm(len(c.phones))[:1+rand.IntN(8)] {
		ids = append(ids, c.phones[i].ID)
	}
	return map[string]any{"phones": ids}, len(ids)
}

// insist repeats a POST while the server is down or says that it cannot now,
// and decodes the answer that it gets in the end.
func (c *clerk) insist(ctx context.Context, path string, in, out any, header ...string) (a answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var refused error
	err = poll(ctx, func() error {
		if len(header) > 0 {
			c.wire.sends()
		}
		if a, err = c.s.do(ctx, http.MethodPost, path, in, header...); err != nil {
			return err
		}
		switch {
		case a.status == http.StatusCreated:
			return json.Unmarshal(a.body, out)
		case a.status >= 500, a.status == http.StatusConflict:
			return fmt.Errorf("status %d: %.300s", a.status, a.body)
		}
		refused = fmt.Errorf("POST %s: status %d: %.500s", path, a.status, a.body)
		return nil
	})
	return a, errors.Join(err, refused)
}

// verify holds that the server has just the jobs that were ordered.
func (c *clerk) verify(t *testing.T, a *account) {
	t.Helper()
	for id, size := range c.accepted {
		if j, ok := a.jobs[id]; !ok || j.Selected != size {
			t.Errorf("%s was accepted for %d phones, and is now %+v", id, size, j)
		}
	}
	for id := range a.jobs {
		if _, ok := c.accepted[id]; !ok {
			t.Errorf("%s was not ordered, or twice with one key", id)
		}
	}
}
