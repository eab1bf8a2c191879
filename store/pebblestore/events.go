package pebblestore

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// eventsKept is how many engine events are remembered.
const eventsKept = 4096

// events remembers what the engine did last. Pebble's callbacks push into it
// while they hold Pebble's locks, so that it must neither wait nor call back.
type events struct {
	mu   sync.Mutex // guards what follows
	list []store.EngineEvent
	seq  uint64
}

func (e *events) add(one store.EngineEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seq++
	one.Seq = e.seq
	if one.Time.IsZero() {
		one.Time = time.Now().UTC()
	}
	if len(e.list) < eventsKept {
		e.list = append(e.list, one)
		return
	}
	e.list[(e.seq-1)%eventsKept] = one
}

// EngineEvents returns the events after the given sequence number, oldest first.
func (s *Store) EngineEvents(after uint64) []store.EngineEvent {
	e := &s.shared.events
	e.mu.Lock()
	defer e.mu.Unlock()
	oldest := uint64(1)
	if e.seq > eventsKept {
		oldest = e.seq - eventsKept + 1
	}
	list := []store.EngineEvent{}
	for seq := max(after+1, oldest); seq <= e.seq; seq++ {
		list = append(list, e.list[(seq-1)%eventsKept])
	}
	return list
}

// listener turns Pebble's callbacks for one database into events and log lines.
func (l *pebbleLogger) listener(id string, events *events) *pebble.EventListener {
	add := func(e store.EngineEvent, err error) {
		e.Namespace = id
		if err != nil {
			e.Error = fmt.Sprintf("%s did not finish", e.Kind) // the reason is the log's
		}
		events.add(e)
	}
	e := pebble.MakeLoggingEventListener(l)
	logFlush, logCompaction := e.FlushEnd, e.CompactionEnd
	e.FlushEnd = func(info pebble.FlushInfo) {
		logFlush(info)
		add(store.EngineEvent{
			Kind: store.EventFlush, Reason: info.Reason, BytesIn: int64(info.InputBytes),
			BytesOut: tableBytes(info.Output), Duration: info.TotalDuration,
		}, info.Err)
	}
	e.CompactionEnd = func(info pebble.CompactionInfo) {
		logCompaction(info)
		l.files.work.result(info.Err)
		add(compactionEvent(info), info.Err)
	}
	e.WriteStallBegin = func(info pebble.WriteStallBeginInfo) {
		l.files.stalled.Store(true)
		l.logger.Warn("write stall", "reason", info.Reason)
		add(store.EngineEvent{Kind: store.EventStall, Reason: info.Reason}, nil)
	}
	e.WriteStallEnd = func() {
		l.files.stalled.Store(false)
		l.logger.Info("write stall ended")
		add(store.EngineEvent{Kind: store.EventStallEnd}, nil)
	}
	e.LowDiskSpace = func(info pebble.LowDiskSpaceInfo) {
		l.logger.Warn("disk space is low", "left", info.AvailBytes, "of", info.TotalBytes)
		add(store.EngineEvent{Kind: store.EventDiskLow, Reason: fmt.Sprintf("under %d %% are left", info.PercentThreshold)}, nil)
	}
	e.BackgroundError = func(err error) {
		l.logger.Error("background error", "error", err)
		// What runs in the background tries again at once, for ever.
		time.Sleep(l.files.pause)
	}
	e.DataCorruption = func(info pebble.DataCorruptionInfo) {
		if !l.files.damage.note(info.Path, info.Details) {
			return
		}
		l.logger.Error("data is damaged", slog.Any("details", info.Details))
		add(store.EngineEvent{Kind: store.EventDamaged, Reason: "table " + filepath.Base(info.Path)}, nil)
	}
	return &e
}

func compactionEvent(info pebble.CompactionInfo) store.EngineEvent {
	e := store.EngineEvent{
		Kind: store.EventCompact, Reason: info.Reason, ToLevel: info.Output.Level,
		BytesOut: tableBytes(info.Output.Tables), Duration: info.TotalDuration,
	}
	for i, input := range info.Input {
		if i == 0 {
			e.FromLevel = input.Level
		}
		e.BytesIn += tableBytes(input.Tables)
	}
	return e
}

func tableBytes(tables []pebble.TableInfo) (sum int64) {
	for _, t := range tables {
		sum += int64(t.Size)
	}
	return sum
}
