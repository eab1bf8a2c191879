package jetlog

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	watchTime    = time.Second           // between two looks at what streams there are
	watchPerItem = 20 * time.Millisecond // a look costs a question to each stream's leader
	moveTime     = 4 * time.Second       // without a leader, before another server is tried
	moveMost     = time.Minute
)

// Changed is sent to when the set of namespaces, or one of them, may have changed.
func (l *Log) Changed() <-chan struct{} { return l.changed }

// advisories are where JetStream says that a stream was made, changed or removed.
var advisories = []string{"$JS.EVENT.ADVISORY.STREAM.CREATED.*", "$JS.EVENT.ADVISORY.STREAM.UPDATED.*", "$JS.EVENT.ADVISORY.STREAM.DELETED.*"}

// watch looks what streams there are, at once when JetStream says that one changed, and else again and
// again: an account need not be allowed to hear that.
func (l *Log) watch() {
	look := make(chan struct{}, 1)
	for _, subject := range advisories {
		_, _ = l.conn.Subscribe(subject, func(m *nats.Msg) {
			if strings.Contains(m.Subject, "."+namePrefix) {
				ring(l.changed)
				ring(look)
			}
		})
	}
	var before []string
	answered := time.Now()
	move := moveTime
	wait := time.Duration(0)
	for {
		select {
		case <-l.done.Done():
			return
		case <-look:
		case <-time.After(wait):
		}
		now, err := l.look()
		switch {
		case err == nil:
			answered, move = time.Now(), moveTime
			if before != nil && !slices.Equal(before, now) {
				ring(l.changed)
			}
			before = now
			wait = max(watchTime, time.Duration(len(now))*watchPerItem)
		case time.Since(answered) > move && l.conn.IsConnected():
			// The server that we talk to may be cut off from the others.
			l.logger.Warn("the log has no leader that this server knows: trying another server", "server", l.conn.ConnectedServerName(), "error", err)
			_ = l.conn.ForceReconnect()
			answered, move = time.Now(), min(2*move, moveMost)
			wait = watchTime
		default:
			wait = watchTime
		}
	}
}

// look returns what tells the namespaces' states apart, and tells feeds how far their
// streams are. The result is not nil.
func (l *Log) look() ([]string, error) {
	ctx, cancel := context.WithTimeout(l.done, tryTime)
	defer cancel()
	infos, err := l.streams(ctx)
	if err != nil {
		return nil, err
	}
	list := []string{}
	ends := map[string]uint64{}
	for _, info := range infos {
		m := info.Config.Metadata
		list = append(list, info.Config.Name+" "+m[keyIdentity]+" "+m[keyChange])
		ends[m[keyIdentity]] = info.State.LastSeq
	}
	slices.Sort(list)
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.feeds {
		end, there := ends[f.identity]
		f.compare(end, there)
	}
	return list, nil
}

// reconnected has all feeds begin again: what they asked for was asked elsewhere.
func (l *Log) reconnected() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for f := range l.feeds {
		f.breakDown()
	}
	ring(l.changed)
}

func (l *Log) warn(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.warnings, text) {
		l.warnings = append(l.warnings, text)
		l.logger.Warn(text)
	}
}
