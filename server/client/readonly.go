package client

import "errors"

// ErrReadOnly is returned for whatever would change something on the server,
// without asking it, by a client made with [WithReadOnly].
var ErrReadOnly = errors.New("read-only: this client changes nothing")

// WithReadOnly refuses whatever would change something on the server, and
// [Client.Call], of which it cannot be known. It guards against one's own
// hands, not against others': those need another token.
func WithReadOnly() Option { return func(s *shared) { s.refuse = true } }

// ReadOnly reports whether the client was made with [WithReadOnly].
func (c *Client) ReadOnly() bool { return c.shared.refuse }

// allows returns ErrReadOnly for what a read-only client does not send.
func (c *Client) allows(kind callKind) error {
	if kind != reading && c.shared.refuse {
		return ErrReadOnly
	}
	return nil
}
