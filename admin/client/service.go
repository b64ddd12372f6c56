package client

import (
	"context"
	"encoding/json"
	"io"
)

// Health is what a server that works says.
type Health struct {
	Status  string `json:"status"`
	Version string `json:"version,omitempty"`
	Demo    bool   `json:"demo,omitempty"` // its phones are simulated
}

// Readiness is what a server says of whether requests may be sent to it.
type Readiness struct {
	Status  string   `json:"status"`            // ok, starting, stopping, full, stuck or failed
	Reasons []string `json:"reasons,omitempty"` // sentences: why not
	Version string   `json:"version,omitempty"`
	Warning string   `json:"warning,omitempty"` // a sentence: what is refused, or will soon be wrong
	Demo    bool     `json:"demo,omitempty"`
}

// GetHealth asks whether the server answers. It needs no token.
func (c *Client) GetHealth(ctx context.Context) (Health, error) {
	return get[Health](ctx, c, "getHealth", call{})
}

// GetReadiness asks whether writes succeed. It needs no token. A server that is
// not ready is a [Problem] with its reasons.
func (c *Client) GetReadiness(ctx context.Context) (Readiness, error) {
	return get[Readiness](ctx, c, "getReadiness", call{})
}

// GetOpenAPI returns the document of the server's API. It needs no token.
func (c *Client) GetOpenAPI(ctx context.Context) (json.RawMessage, error) {
	return get[json.RawMessage](ctx, c, "getOpenAPI", call{})
}

// GetCA returns, in PEM form, the certificate that phones must trust.
func (c *Client) GetCA(ctx context.Context) ([]byte, error) { return c.text(ctx, "getCA", call{}) }

// GetMetrics returns metrics in the format of Prometheus.
func (c *Client) GetMetrics(ctx context.Context) ([]byte, error) {
	return c.text(ctx, "getMetrics", call{})
}

// text makes a request whose answer is not JSON.
func (c *Client) text(ctx context.Context, name string, in call) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	res, err := c.send(ctx, name, in)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, c.unreachable(ctx, err)
	}
	return b, nil
}
