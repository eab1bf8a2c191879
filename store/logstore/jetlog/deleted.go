package jetlog

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store/logstore"
)

// What was deleted on purpose stands in a stream of its own, a message for each identity.
// No namespace's stream nor subjects have these names: Token writes capital hexadecimal
// digits behind its sign.
const (
	graveStream = "evtui=deleted"
	gravePrefix = "=evtui.deleted."
)

func graveConfig(replicas int) jetstream.StreamConfig {
	c := keptStream(graveStream, "which namespaces of evtui were deleted on purpose: keep it", gravePrefix+"*", replicas)
	c.DenyPurge = true
	return c
}

// bury notes for good that a namespace was meant to go. To do so twice is harmless.
func (l *Log) bury(ctx context.Context, ns logstore.Namespace) error {
	body, err := json.Marshal(map[string]any{"id": ns.ID, "at": time.Now().UTC()})
	if err != nil {
		return err
	}
	made := false
	return l.retry(ctx, ns.ID, func(ctx context.Context) error {
		a, err := l.ask(ctx, &nats.Msg{Subject: gravePrefix + logstore.Token(ns.Identity), Data: body})
		if certain(err) && !made { // nobody has it yet, or it has no leader
			if err := l.call(ctx, "STREAM.CREATE."+graveStream, graveConfig(l.replicas), nil); err != nil && !isCode(err, codeNameInUse) {
				return err
			}
			made = true
			a, err = l.ask(ctx, &nats.Msg{Subject: gravePrefix + logstore.Token(ns.Identity), Data: body})
		}
		if err != nil {
			return err
		}
		var got ack
		if err := json.Unmarshal(a.Data, &got); err != nil {
			return err
		}
		if got.Error != nil {
			return got.Error
		}
		if got.Stream != graveStream {
			return fmt.Errorf("stream %q has the subjects of %s", got.Stream, graveStream)
		}
		return nil
	})
}

// Deleted reports whether a namespace of that identity was meant to go.
func (l *Log) Deleted(ctx context.Context, identity string) (bool, error) {
	err := l.read(ctx, "", "STREAM.MSG.GET."+graveStream, map[string]string{"last_by_subj": gravePrefix + logstore.Token(identity)}, nil)
	switch {
	case err == nil:
		return true, nil
	case isCode(err, codeNoMessage, codeNoStream):
		return false, nil
	}
	return false, l.explain(err)
}
