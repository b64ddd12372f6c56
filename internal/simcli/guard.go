package simcli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"phoneacs/internal/sim"
)

// guardFlag is the name by which a server is said to be no real one.
const guardFlag = "yes-this-is-a-test-server"

const guardHelp = `

Simulated phones enrol like real ones and are served like real ones: they show
up in lists, count in jobs, and can only be told apart by their MAC, which is
0c383e000001 and up unless --start-mac says otherwise. So this refuses a server
that does not say of itself that it is a demo (phoneacs serve --demo), unless
--` + guardFlag + ` is given.`

// guard refuses a server whose phones may be real: all but those that say in
// their answers that they are a demo's.
func (f *flags) guard(ctx context.Context) error {
	client := &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{TLSClientConfig: f.o.TLS, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.o.ACS, nil)
	if err != nil {
		return fmt.Errorf("%w: --acs: %w", ErrUsage, err)
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask whether %s is a test server: %w", f.o.ACS, err)
	}
	_ = res.Body.Close() // it is not read
	if res.Header.Get(sim.DemoHeader) != "true" {
		return fmt.Errorf("%w: %s may serve real phones, and simulated ones would enrol among them: "+
			"point at a demo, or say --%s", ErrUsage, f.o.ACS, guardFlag)
	}
	return nil
}
