package engine

import (
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
)

// treeless reports whether a namespace's engine has no tree of levels to show.
// One that has tells its levels, and what stops its writes, from the start.
func treeless(n *store.NamespaceFigures) bool {
	return len(n.Levels) == 0 && n.Limits == store.Limits{}
}

// notATree is said in the place of the tree.
func (p drawing) notATree(w int) []string {
	var lines []string
	for _, line := range text.Wrap("Levels, memtables, compactions and filters are not offered by this engine: "+
		"it has no LSM tree. The metrics that it reports are below, and under storage.", max(w-2, 1)) {
		lines = append(lines, text.Fit(" "+p.theme.Muted.Paint(line), w))
	}
	return append(lines, text.Spaces(w))
}

// plainFacts are the facts of a namespace without a tree.
func (p drawing) plainFacts(n *store.NamespaceFigures) []fact {
	t := p.theme
	say := func(figure, words string) string { return t.Title.Paint(figure) + t.Muted.Paint(" "+words) }
	count := func(k int64, noun string) string { return text.Count(k) + " " + text.Plural(k, noun) }
	commits := t.Muted.Paint("nothing synced since it was opened")
	if n.Fsyncs > 0 {
		commits = say("p50 "+p.fsync(n, n.FsyncP50.Seconds())+", p99 "+p.fsync(n, n.FsyncP99.Seconds()), "of "+count(n.Fsyncs, "commit")+" with their syncs")
	}
	disk := "on disk"
	if n.Messages > 0 {
		disk += ", " + perMessage(n.DiskBytes, n.Messages) + " per message"
	}
	return append(p.lost(n), []fact{
		{"log", say(text.Bytes(float64(n.WAL.Size)), "in "+count(n.WAL.Files, "file")+", "+text.Bytes(float64(n.WAL.BytesIn))+" of payloads through it")},
		{"checkpoints", say(text.Count(n.Flushes), "of the log since it was opened")},
		{"fsync", commits},
		{"disk", say(text.Bytes(float64(n.DiskBytes)), disk)},
		{"open", say(text.Duration(n.Uptime.Truncate(time.Second)), "")},
	}...)
}
