package jetlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store"
)

// lease is how long ago a leader may have heard from a replica for it to count. A
// replica stands for election after four seconds without a leader.
const lease = 2500 * time.Millisecond

var errNoQuorum = errors.New("the leader does not hear a majority")

// Last asks the leader for the last sequence of a subject.
func (l *Log) Last(ctx context.Context, id, subject string) (uint64, error) {
	var got struct {
		Message struct {
			Sequence uint64 `json:"seq"`
		} `json:"message"`
	}
	err := l.read(ctx, id, "STREAM.MSG.GET."+streamName(id), map[string]string{"last_by_subj": prefix(id) + "." + subject}, &got)
	if isCode(err, codeNoMessage) {
		return 0, nil
	}
	return got.Message.Sequence, l.explain(err)
}

// End asks the leader for the last sequence of a namespace.
//
// A leader that was cut off goes on believing for up to ten seconds that it is the leader. So its
// word counts only when it heard from a majority within lease, itself included. When it heard
// from all replicas, none of them can have stood for election. When it did not hear from
// some, those may be electing another with the votes of the rest; then it must have heard from
// a majority after this call began, which takes up to the second between two heartbeats.
func (l *Log) End(ctx context.Context, id string) (uint64, error) {
	var last uint64
	began := time.Now()
	err := l.retry(ctx, id, func(ctx context.Context) error {
		var info jetstream.StreamInfo
		if err := l.call(ctx, "STREAM.INFO."+streamName(id), nil, &info); err != nil {
			return err
		}
		if !ours(info.Config.Metadata) || info.Config.Metadata[keyID] != id {
			return store.ErrNamespaceNotFound
		}
		last = info.State.LastSeq
		return leads(info, time.Since(began))
	})
	return last, l.explain(err)
}

// leads returns an error unless the word of who told this counts, to somebody who began to ask so long ago. A
// member of a group without a leader tells as well what it knows: it names no leader, or
// another.
func leads(info jetstream.StreamInfo, asked time.Duration) error {
	all := info.Config.Replicas
	if all <= 1 {
		return nil
	}
	c := info.Cluster
	if c == nil || c.LeaderSince == nil || len(c.Replicas) != all-1 {
		return errNoQuorum
	}
	live, after := 1, 1
	for _, r := range c.Replicas {
		if r.Name == c.Leader {
			return errNoQuorum
		}
		if r.Offline || r.Active <= 0 || r.Active >= lease { // 0: a new leader, which has not heard from it yet
			continue
		}
		live++
		if r.Active < asked {
			after++
		}
	}
	if live == all || after > all/2 {
		return nil
	}
	return fmt.Errorf("%w: %d of %d", errNoQuorum, live, all)
}

// Drop removes the records below a sequence.
func (l *Log) Drop(ctx context.Context, id string, below uint64) error {
	if below <= 1 {
		return nil
	}
	return l.change(ctx, id, "STREAM.PURGE."+streamName(id), map[string]uint64{"seq": below})
}
