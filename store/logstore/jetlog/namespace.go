package jetlog

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

// Namespaces lists the streams of the account that carry evtui's mark. One that cannot be read, such as
// one that a newer evtui made, is left out, and Warnings says so.
func (l *Log) Namespaces(ctx context.Context) ([]logstore.Namespace, error) {
	infos, err := l.streams(ctx)
	if err != nil {
		return nil, l.explain(err)
	}
	var list []logstore.Namespace
	for _, info := range infos {
		ns, err := namespace(info.Config.Metadata)
		if err != nil {
			l.warn(err.Error())
			continue
		}
		list = append(list, ns)
	}
	return list, nil
}

// streams returns what JetStream knows of all streams of ours.
func (l *Log) streams(ctx context.Context) ([]jetstream.StreamInfo, error) {
	var all []jetstream.StreamInfo
	for offset := 0; ; {
		var page struct {
			Total   int                    `json:"total"`
			Streams []jetstream.StreamInfo `json:"streams"`
			Missing []string               `json:"missing"`
		}
		try := func(ctx context.Context) error {
			page.Streams, page.Missing = nil, nil
			if err := l.call(ctx, "STREAM.LIST", map[string]int{"offset": offset}, &page); err != nil {
				return err
			}
			if len(page.Missing) > 0 { // whose leader did not answer in time
				return fmt.Errorf("%w: of %v", errNoResponders, page.Missing)
			}
			return nil
		}
		if err := l.retry(ctx, "", try); err != nil {
			return nil, err
		}
		for _, info := range page.Streams {
			if ours(info.Config.Metadata) {
				all = append(all, info)
			}
		}
		offset += len(page.Streams)
		if offset >= page.Total || len(page.Streams) == 0 {
			return all, nil
		}
	}
}

// stream returns what the leader of a namespace's stream says of it. A stream of that name
// that is not ours is none.
func (l *Log) stream(ctx context.Context, id string) (jetstream.StreamInfo, logstore.Namespace, error) {
	var info jetstream.StreamInfo
	err := l.read(ctx, id, "STREAM.INFO."+streamName(id), nil, &info)
	if err != nil {
		return info, logstore.Namespace{}, l.explain(err)
	}
	if !ours(info.Config.Metadata) || info.Config.Metadata[keyID] != id {
		return info, logstore.Namespace{}, store.ErrNamespaceNotFound
	}
	ns, err := namespace(info.Config.Metadata)
	return info, ns, err
}

func random() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// peersTime is how long servers are waited for that a new leader has not heard of yet.
const peersTime = 5 * time.Second

// Create makes a namespace's stream. It is asked for again when no answer comes: what is
// the same again is no other.
func (l *Log) Create(ctx context.Context, ns logstore.Namespace) error {
	meta, err := metadata(ns, random())
	if err != nil {
		return err
	}
	for began := time.Now(); ; {
		err = l.change(ctx, ns.ID, "STREAM.CREATE."+streamName(ns.ID), config(ns, l.replicas, meta))
		if !isCode(err, codeNoSuitablePeers) || time.Since(began) > peersTime {
			break
		}
		select {
		case <-ctx.Done():
			return unavailable(ns.ID, err)
		case <-l.done.Done():
			return store.ErrClosed
		case <-time.After(retryTime):
		}
	}
	switch {
	case err == nil:
		return nil
	case isCode(err, codeNameInUse):
		return l.taken(ctx, ns)
	case isCode(err, codeOverlap):
		return fmt.Errorf("create namespace %q: another stream of this account has the subjects %s: it must be removed, or evtui be given an account of its own", ns.ID, config(ns, 1, nil).Subjects[0])
	case isCode(err, codeNoSuitablePeers, codeInsufficient, codeReplicas):
		return fmt.Errorf("create namespace %q: the cluster has not got %d servers for its replicas that can be reached and have room: %w", ns.ID, l.replicas, err)
	}
	return err
}

// taken says whose the stream is that has a namespace's name. One that is being made is not
// there yet.
func (l *Log) taken(ctx context.Context, ns logstore.Namespace) error {
	name := streamName(ns.ID)
	var info jetstream.StreamInfo
	err := l.retry(ctx, ns.ID, func(ctx context.Context) error {
		err := l.call(ctx, "STREAM.INFO."+name, nil, &info)
		if isCode(err, codeNoStream) {
			return fmt.Errorf("%w: it is being made", errNoResponders)
		}
		return err
	})
	switch {
	case errors.As(err, new(*store.UnavailableError)):
		return store.ErrNamespaceExists
	case err != nil:
		return l.explain(err)
	case !ours(info.Config.Metadata) || info.Config.Metadata[keyID] != ns.ID:
		return fmt.Errorf("create namespace %q: the account has a stream %s that is not evtui's", ns.ID, name)
	}
	found, err := namespace(info.Config.Metadata)
	if errors.As(err, new(*formatError)) {
		return err
	}
	if err == nil && found.Identity == ns.Identity { // an earlier try of this call made it
		return nil
	}
	return store.ErrNamespaceExists
}
