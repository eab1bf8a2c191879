package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// Patience is how long one look may take.
const Patience = 3 * time.Second

// Window is the time over which rates, latency and stalls are kept.
const Window = time.Minute

// ErrSilent is returned when a look got no answer within [Patience].
var ErrSilent = errors.New("no answer within " + Patience.String())

// Sight is what one look at a server found.
type Sight struct {
	Program bool          // it is a Go program that serves its profiles, and no event store
	Version string        // "": not told, or told by an earlier look
	Backend string        // the engine; "" as Version
	Samples []wire.Sample // since the look before, oldest first; nil: none came
	Refused string        // why there are no samples; "" when there are
	Plain   bool          // it was not asked for more than whether it answers
	Lagged  bool          // the server told the lag of its consumers
	Lag     *Lag          // the largest known; nil: none is
}

// Question is what a look asks for.
type Question struct {
	Since time.Time // samples after this one, by the server's clock; zero: those of the last [Window]
	Lag   bool      // which consumer is furthest behind, too
	Plain bool      // whether it answers, no more: it is known to show no metrics
}

// Lag is how far a consumer is behind.
type Lag struct {
	Behind    int64  `json:"messages"`
	Bound     string `json:"bound,omitempty"` // "at least" or "at most", where Behind is no exact count
	Namespace string `json:"namespace"`
	Category  string `json:"category"` // "": the whole namespace
	Consumer  string `json:"consumer"` // "0/4", a member of a group, or a consumer's name
}

// Within runs a look with its deadline. A look that ends by it fails with
// [ErrSilent].
func Within(ctx context.Context, look func(ctx context.Context) (Sight, error)) (Sight, error) {
	bounded, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	s, err := look(bounded)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		err = ErrSilent
	}
	return s, err
}

// Look asks an event store.
func Look(ctx context.Context, c *client.Client, q Question) (s Sight, err error) {
	c = c.In("")
	if q.Plain {
		health, err := c.Health(ctx)
		return Sight{Backend: health.Backend, Plain: true}, err
	}
	if q.Since.IsZero() {
		s, err = first(ctx, c)
	} else if s.Samples, err = c.History(ctx, q.Since); err != nil {
		s, err = unsampled(ctx, c, err)
	}
	if err != nil || !q.Lag || s.Refused != "" {
		return s, err
	}
	s.Lag, err = worstLag(ctx, c)
	if client.NotOffered(err) || client.Unauthorized(err) {
		return s, nil // the server is as well as it was
	}
	s.Lagged = err == nil
	return s, err
}

// first looks at a server of which nothing is known. The window ends with the
// server's newest sample: its clock need not be this machine's.
func first(ctx context.Context, c *client.Client) (Sight, error) {
	info, err := c.Info(ctx)
	if err != nil {
		return unsampled(ctx, c, err)
	}
	newest, err := c.Sample(ctx)
	if err != nil {
		return unsampled(ctx, c, err)
	}
	s := Sight{Version: info.Version, Backend: info.Backend}
	if s.Samples, err = c.History(ctx, newest.Time.Add(-Window)); err != nil {
		return s, err
	}
	if len(s.Samples) == 0 {
		s.Samples = []wire.Sample{newest}
	}
	return s, nil
}

// unsampled looks at a server that gives no metrics, for the reason that err
// says: whether it answers whoever has this token, and its version.
func unsampled(ctx context.Context, c *client.Client, err error) (Sight, error) {
	var s Sight
	switch {
	case client.NotOffered(err):
		s.Refused = "metrics are not offered by this server"
	case client.Unauthorized(err):
		s.Refused = "metrics need the admin token"
	default:
		return s, err
	}
	health, err := c.Health(ctx)
	if err != nil {
		return s, err
	}
	s.Backend = health.Backend
	if version, err := c.ServerVersion(ctx); err == nil {
		s.Version = version // a server without /version has none to show
	}
	return s, nil
}

// worstLag is the largest known lag of any consumer, the first of two that are
// as large; nil where none is known.
func worstLag(ctx context.Context, c *client.Client) (*Lag, error) {
	members, err := c.GroupMembers(ctx, client.GroupsQuery{Messages: true})
	if err != nil {
		return nil, err
	}
	var worst *Lag
	for i := range members {
		if l := lagOf(&members[i]); l != nil && (worst == nil || l.Behind > worst.Behind) {
			worst = l
		}
	}
	return worst, nil
}

// lagOf is how far one member is behind: in messages, or where those were not
// counted in global positions, of which there are at least as many; nil where it
// is not known, and for what was heard of once and may be no consumer.
func lagOf(m *wire.GroupMember) *Lag {
	l := &Lag{Namespace: m.Namespace, Category: m.Category, Consumer: m.Consumer}
	switch {
	case m.Once:
		return nil
	case m.Messages != nil:
		if l.Behind = *m.Messages; m.AtLeast {
			l.Bound = "at least"
		}
	case m.Lag != nil:
		if l.Behind = *m.Lag; l.Behind > 0 {
			l.Bound = "at most"
		}
	default:
		return nil
	}
	if m.Size > 0 {
		l.Consumer = fmt.Sprintf("%d/%d", m.Member, m.Size)
	}
	return l
}

// String is the number of messages, with a sign where it is a bound.
func (l *Lag) String() string {
	switch l.Bound {
	case "at least":
		return "≥" + text.Count(l.Behind)
	case "at most":
		return "≤" + text.Count(l.Behind)
	}
	return text.Count(l.Behind)
}
