package jetlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

const (
	lockName = "evtui-change" // the consumer that is the lock
	lockTime = 10 * time.Second
	lockWait = 50 * time.Millisecond // between two tries to get it
)

// locked calls do while no other evtui changes or removes the namespace's stream. The lock is a
// consumer: of several that make one of that name, each with a holder of its own, JetStream lets
// one; and it orders that with changes and removals of streams, which one leader decides as well. JetStream removes it when
// its holder does not within lockTime. do is given at most half of that.
func (l *Log) locked(ctx context.Context, id string, do func(context.Context) error) error {
	if _, _, err := l.stream(ctx, id); err != nil { // nothing is made in a stream that is not ours
		return err
	}
	if err := l.lock(ctx, id, random()); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, lockTime/2)
	err := do(limited)
	cancel()
	free, stop := context.WithTimeout(context.WithoutCancel(ctx), tryTime)
	defer stop()
	if unlocked := l.call(free, "CONSUMER.DELETE."+streamName(id)+"."+lockName, nil, nil); unlocked != nil {
		l.logger.Debug("the lock of a namespace is left to end by itself", "namespace", id, "error", unlocked)
	}
	return err
}

func (l *Log) lock(ctx context.Context, id, holder string) error {
	name := streamName(id)
	request := map[string]any{
		"stream_name": name, "action": "create",
		"config": map[string]any{
			"name": lockName, "deliver_policy": "new", "ack_policy": "none", "replay_policy": "instant",
			"inactive_threshold": lockTime, "num_replicas": 1, "mem_storage": true, "metadata": map[string]string{"evtui.holder": holder},
		},
	}
	for {
		err := l.read(ctx, id, "CONSUMER.CREATE."+name+"."+lockName, request, nil)
		if !isCode(err, codeConsumerExists) {
			return l.explain(err)
		}
		select {
		case <-ctx.Done():
			return &store.UnavailableError{Namespace: id, Reason: "another evtui is changing it", After: time.Second}
		case <-time.After(lockWait):
		}
	}
}

// Change replaces what a stream says of its namespace.
func (l *Log) Change(ctx context.Context, id string, change func(logstore.Namespace) (logstore.Namespace, error)) error {
	return l.locked(ctx, id, func(ctx context.Context) error {
		info, now, err := l.stream(ctx, id)
		if err != nil {
			return err
		}
		next, err := change(now)
		if err != nil {
			return err
		}
		next.ID, next.Identity, next.CreatedAt = now.ID, now.Identity, now.CreatedAt
		mark := random()
		meta, err := metadata(next, mark)
		if err != nil {
			return err
		}
		wanted := info.Config
		wanted.Metadata = meta
		if err := l.change(ctx, id, "STREAM.UPDATE."+streamName(id), wanted); err != nil {
			return err
		}
		after, _, err := l.stream(ctx, id)
		if err == nil && after.Config.Metadata[keyChange] != mark {
			return fmt.Errorf("change namespace %q: another change came over it: %w", id, logstore.ErrUnanswered)
		}
		return err
	})
}

// Delete removes a namespace's stream, and notes first that it was meant to go.
func (l *Log) Delete(ctx context.Context, id, identity string) error {
	return l.locked(ctx, id, func(ctx context.Context) error {
		_, now, err := l.stream(ctx, id)
		if err != nil {
			return err
		}
		if now.Identity != identity {
			return store.ErrNamespaceNotFound
		}
		if err := l.bury(ctx, now); err != nil {
			return fmt.Errorf("note that namespace %q goes: %w", id, err)
		}
		err = l.change(ctx, id, "STREAM.DELETE."+streamName(id), nil)
		if errors.Is(err, store.ErrNamespaceNotFound) { // an earlier try removed it
			return nil
		}
		return err
	})
}

// change asks until there is an answer for something that may be done twice. When
// there is none it is not known whether it was done.
func (l *Log) change(ctx context.Context, id, operation string, request any) error {
	sent := false
	err := l.retry(ctx, id, func(ctx context.Context) error {
		err := l.call(ctx, operation, request, nil)
		sent = sent || err != nil && passing(err) && !certain(err)
		return err
	})
	if sent && (errors.As(err, new(*store.UnavailableError)) || errors.Is(err, context.Canceled)) {
		return fmt.Errorf("namespace %q: %w", id, logstore.ErrUnanswered)
	}
	return l.explain(err)
}
