package pebblestore

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/evtui/evtui/store"
)

// emptyTable is the error of a flush that had nothing to write, as the one of each
// opening after a clean stop. Pebble exports no value for it.
const emptyTable = "pebble: empty table"

// listener turns Pebble's callbacks for one database into events and log lines.
func (l *pebbleLogger) listener(id string, note func(store.EngineEvent)) *pebble.EventListener {
	add := func(e store.EngineEvent, err error) {
		if note == nil || err != nil && l.files.closing.Err() != nil {
			return // it ends since the database does
		}
		e.Namespace = id
		if err != nil {
			e.Error = fmt.Sprintf("%s did not finish", e.Kind) // the reason is the log's
		}
		note(e)
	}
	e := pebble.MakeLoggingEventListener(l)
	logFlush, logCompaction := e.FlushEnd, e.CompactionEnd
	e.FlushEnd = func(info pebble.FlushInfo) {
		logFlush(info)
		if info.Err != nil && len(info.Output) == 0 && info.Err.Error() == emptyTable {
			return
		}
		add(store.EngineEvent{
			Kind: store.EventFlush, Reason: info.Reason, BytesIn: int64(info.InputBytes),
			BytesOut: tableBytes(info.Output), Duration: info.TotalDuration,
		}, info.Err)
	}
	e.CompactionEnd = func(info pebble.CompactionInfo) {
		logCompaction(info)
		if errors.Is(info.Err, pebble.ErrCancelledCompaction) {
			info.Err = nil // another took its place
		}
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
		add(store.EngineEvent{Kind: store.EventDiskLow, Reason: fmt.Sprintf("disk space fell below the threshold of %d %%", info.PercentThreshold)}, nil)
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
