package recording

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/server/wire"
)

// ask asks for all that is due.
func (r *Recorder) ask(ctx context.Context) error {
	steps := []func(context.Context) error{r.samples, r.sequence(kindEvent, "engine.events", &r.event), r.sequence(kindLog, "engine.log", &r.line)}
	if r.rounds == 0 || r.lost {
		steps = append([]func(context.Context) error{r.info}, steps...)
	}
	if r.rounds%looksEvery == 0 {
		steps = append(steps, r.look(kindFigures, "engine.figures"), r.look(kindSections, "engine.sections"), r.look(kindGroups, "engine.groups", map[string]any{"messages": true}), r.look(kindSubscriptions, "engine.subscriptions"))
	}
	if r.rounds%namesEvery == 0 {
		steps = append(steps, r.look(kindNamespaces, "ns.list"), r.look(kindCategories, "ns.categories"))
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if len(r.lacks) > 0 && r.lacks["engine.history"] && r.lacks["engine.events"] && r.lacks["engine.log"] {
		return fmt.Errorf("%w: figures, events and log are not offered by this server, or need the admin token", errNothing)
	}
	r.rounds++
	return nil
}

// call asks for what the server offers; ok is false for what it does not.
func (r *Recorder) call(ctx context.Context, method string, args ...any) (raw json.RawMessage, ok bool, err error) {
	if r.lacks[method] {
		return nil, false, nil
	}
	raw, err = r.server.Call(ctx, method, args...)
	if client.NotOffered(err) || client.Unauthorized(err) {
		r.lacks[method] = true
		return nil, false, nil
	}
	return raw, err == nil, err
}

// info asks which process it is: another one numbers its events from scratch.
func (r *Recorder) info(ctx context.Context) error {
	raw, ok, err := r.call(ctx, "engine.info")
	if err != nil || !ok {
		return err
	}
	var info wire.Info
	if err := json.Unmarshal(raw, &info); err != nil {
		return fmt.Errorf("understand engine.info: %w", err)
	}
	if info.StartedAt.Equal(r.started) {
		return nil
	}
	r.started, r.event, r.line = info.StartedAt, 0, 0
	return r.write(kindInfo, r.o.Now(), raw)
}

// look asks for an answer of which the newest counts.
func (r *Recorder) look(kind, method string, args ...any) func(context.Context) error {
	return func(ctx context.Context) error {
		raw, ok, err := r.call(ctx, method, args...)
		if err != nil || !ok {
			return err
		}
		return r.write(kind, r.o.Now(), raw)
	}
}

func (r *Recorder) samples(ctx context.Context) error {
	return r.each(ctx, "engine.history", map[string]any{"since": r.sample.UTC().Format(time.RFC3339Nano)}, func(raw json.RawMessage, s numbered) error {
		if !s.Time.After(r.sample) {
			return nil
		}
		r.sample = s.Time
		r.mu.Lock()
		r.report.Samples++
		r.mu.Unlock()
		return r.write(kindSample, s.Time, raw)
	})
}

// sequence writes what is numbered above after, and not older than what is
// recorded.
func (r *Recorder) sequence(kind, method string, after *uint64) func(context.Context) error {
	return func(ctx context.Context) error {
		return r.each(ctx, method, map[string]any{"after": *after, "limit": 1000}, func(raw json.RawMessage, n numbered) error {
			if n.Seq <= *after {
				return nil
			}
			*after = n.Seq
			if n.Time.Before(r.from) {
				return nil
			}
			return r.write(kind, n.Time, raw)
		})
	}
}

// numbered is what is read of a value that is passed on verbatim.
type numbered struct {
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time"`
}

// each calls a method that answers a list, and f with each of its values.
func (r *Recorder) each(ctx context.Context, method string, options map[string]any, f func(json.RawMessage, numbered) error) error {
	raw, ok, err := r.call(ctx, method, options)
	if err != nil || !ok {
		return err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("understand %s: %w", method, err)
	}
	for _, value := range list {
		var n numbered
		if err := json.Unmarshal(value, &n); err != nil {
			return fmt.Errorf("understand %s: %w", method, err)
		}
		if err := f(value, n); err != nil {
			return err
		}
	}
	return nil
}
