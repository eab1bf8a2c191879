package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/evtui/evtui/server/wire"
)

// Health is how a server feels.
type Health struct {
	Status      string `json:"status"`
	Backend     string `json:"backend"`
	Connections int    `json:"connections"`
}

// Health asks with sys.health.
func (c *Client) Health(ctx context.Context) (Health, error) {
	return ask[Health](ctx, c, newLook("sys.health"), reading, "ask health")
}

// newLook begins a call that is asked again and again to see how the server does.
func newLook(method string) *exchange {
	x := newExchange(method)
	x.kind = lookAnswer
	return x
}

// Ping returns nil if the server answers; no token is sent, and it is not tried
// again.
func (c *Client) Ping(ctx context.Context) error {
	if _, err := c.fetchBare(ctx, "/health"); err != nil {
		return fmt.Errorf("ping: %w", err)
	}
	return nil
}

// ServerVersion asks which version the server is (semver); no token is sent.
func (c *Client) ServerVersion(ctx context.Context) (string, error) {
	var body []byte
	err := c.retry(ctx, reading, func() (err error) {
		body, err = c.fetchBare(ctx, "/version")
		return err
	})
	if err != nil {
		return "", fmt.Errorf("ask version: %w", err)
	}
	var answer struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Version == "" {
		return "", fmt.Errorf("ask version: %w", errAnswer)
	}
	return answer.Version, nil
}

// Info tells what the engine is; like all below it needs the admin token.
func (c *Client) Info(ctx context.Context) (wire.Info, error) {
	return ask[wire.Info](ctx, c, newLook("engine.info"), reading, "ask engine")
}

// Sample returns the engine's last full second.
func (c *Client) Sample(ctx context.Context) (wire.Sample, error) {
	return ask[wire.Sample](ctx, c, newLook("engine.sample"), reading, "read sample")
}

// History returns the samples after since, oldest first, of the last hour at
// most; a zero since stands for all of them.
func (c *Client) History(ctx context.Context, since time.Time) ([]wire.Sample, error) {
	x := newExchange("engine.history")
	if !since.IsZero() {
		x.text("since", since.UTC().Format(time.RFC3339Nano))
	}
	return ask[[]wire.Sample](ctx, c, x, reading, "read history")
}

// Log returns the lines of the server's log whose Seq is above after, oldest
// first, limit at most; 0 leaves the limit to the server.
func (c *Client) Log(ctx context.Context, after uint64, limit int) ([]wire.LogLine, error) {
	return ask[[]wire.LogLine](ctx, c, sequenceCall("engine.log", after, limit), reading, "read log")
}

// Profile captures a profile of the kind that /debug/pprof names (heap,
// allocs, goroutine, mutex, block, …), or "cpu". With seconds above 0 it is of
// that time, and the call takes as long. A
// heap profile of now comes after a collection, or it would be as old as the
// last one. The bytes are gzipped protobuf. NotOffered holds for the error of a
// server without such profiles.
func (c *Client) Profile(ctx context.Context, kind string, seconds int) ([]byte, error) {
	path := kind
	if kind == "cpu" {
		path = "profile"
	}
	query := url.Values{}
	if seconds > 0 {
		query.Set("seconds", strconv.Itoa(seconds))
	} else if kind == "heap" {
		query.Set("gc", "1")
	}
	limit := c.shared.timeout
	if limit > 0 {
		limit += time.Duration(seconds) * time.Second
	}
	body, err := c.fetchPath(ctx, "/debug/pprof/"+url.PathEscape(path), query, limit, bound{total: c.shared.limits.Profile})
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusNotFound {
		err = notOffered(kind + " profiles")
	}
	if err != nil {
		return nil, fmt.Errorf("capture %s profile: %w", kind, err)
	}
	return body, nil
}

func (c *Client) fetchPath(ctx context.Context, path string, query url.Values, limit time.Duration, b bound) (body []byte, err error) {
	req, err := c.request(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return nil, err
	}
	err = c.retry(ctx, reading, func() (err error) {
		body, err = c.fetch(ctx, req, limit, nil, b)
		return err
	})
	return body, err
}

// fetchBare asks for what a server tells everybody: no token goes out, which
// whoever answers there might have no right to.
func (c *Client) fetchBare(ctx context.Context, path string) ([]byte, error) {
	req, err := c.request(ctx, http.MethodGet, path, nil, nil)
	if err != nil {
		return nil, err
	}
	req.Header = c.shared.bareHeader()
	return c.fetch(ctx, req, c.shared.timeout, nil, bound{total: min(maxShort, c.shared.limits.Answer)})
}

// sequenceCall asks for what is numbered above after, limit at most; 0 leaves
// the limit to the server.
func sequenceCall(method string, after uint64, limit int) *exchange {
	x := newExchange(method)
	x.optional().raw("after", strconv.AppendUint(nil, after, 10))
	if limit > 0 {
		x.num("limit", int64(limit))
		x.kind, x.rows = pageAnswer, limit
	}
	return x
}
