package client

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestReadOnlySendsNothingThatWrites tries all that changes something, and
// checks that the server never hears of it while reading goes on.
func TestReadOnlySendsNothingThatWrites(t *testing.T) {
	f := newFake(t, always(200, `null`))
	c, err := New(f.URL, WithReadOnly())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx := context.Background()
	event := Event{Type: "T", Data: []byte(`{}`)}
	for name, call := range map[string]func(*Client) error{
		"write": func(c *Client) error { _, err := c.Write(ctx, "a-1", event, AnyVersion()); return err },
		"append": func(c *Client) error {
			_, err := c.Append(ctx, Write{Stream: "a-1", Events: []Event{event}})
			return err
		},
		"create": func(c *Client) error { _, err := c.CreateNamespace(ctx, "x", NamespaceOptions{}); return err },
		"delete": func(c *Client) error { _, err := c.DeleteNamespace(ctx, "x"); return err },
		"import": func(c *Client) error { _, err := c.Import(ctx, strings.NewReader(""), true, nil); return err },
		"flush":  func(c *Client) error { return c.Flush(ctx, "x") },
		"compact": func(c *Client) error {
			return c.Compact(ctx, "x")
		},
		"call": func(c *Client) error { _, err := c.Call(ctx, "ns.delete", "x"); return err },
	} {
		for _, from := range []*Client{c, c.In("other")} {
			if err := call(from); !errors.Is(err, ErrReadOnly) {
				t.Errorf("%s in %s: %v", name, from.Namespace(), err)
			}
		}
	}
	if sent := f.last(); sent != "" {
		t.Errorf("the server was sent %s", sent)
	}
	if _, err := c.Version(ctx, "a-1"); err != nil || !c.In("other").ReadOnly() {
		t.Errorf("reading: %v", err)
	}
}
