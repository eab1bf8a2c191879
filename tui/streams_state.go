package tui

import (
	"encoding/json"

	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// streamsState is what is kept of the page: the innermost list and the columns.
type streamsState struct {
	Category string `json:"category,omitempty"`
	Stream   string `json:"stream,omitempty"`
	Process  string `json:"correlation,omitempty"`
	Messages bool   `json:"messages,omitempty"`
	Streams  bool   `json:"streams,omitempty"`
	Prefix   string `json:"prefix,omitempty"`
	Filter   string `json:"filter,omitempty"`
	Oldest   bool   `json:"oldest,omitempty"`
	Columns  string `json:"columns,omitempty"`
}

// Save implements [page.Stateful].
func (p *streams) Save() json.RawMessage {
	s := streamsState{Columns: kit.ColumnNames(p.paths)}
	if len(p.stack) > 0 {
		of := p.top().of
		if of.kind == listMessages || of.kind == listStreams {
			s.Category, s.Stream, s.Process, s.Prefix, s.Filter = of.category, of.stream, of.process, of.prefix, of.filter.String()
			s.Oldest, s.Messages, s.Streams = of.oldest, of.kind == listMessages, of.kind == listStreams
		}
	}
	if s == (streamsState{}) {
		return nil
	}
	raw, _ := json.Marshal(s) // texts alone
	return raw
}

// restore goes back to where the page was left.
func (p *streams) restore(t *page.Turn, msg page.RestoreMsg) {
	var s streamsState
	if !msg.Into(t, &s) {
		return
	}
	p.paths = kit.RestoredColumns(t, s.Columns)
	for _, l := range p.lists() {
		l.show(p.paths)
	}
	of := source{kind: listStreams, namespace: t.Namespace, category: s.Category, prefix: s.Prefix}
	switch {
	case s.Messages:
		of = source{kind: listMessages, namespace: t.Namespace, category: s.Category, stream: s.Stream, process: s.Process, oldest: s.Oldest}
		of.filter = kit.RestoredFilter(t, s.Filter)
	case !s.Streams:
		return
	}
	p.begin(t.Env)
	if s.Stream != "" {
		p.into(source{kind: listStreams, namespace: t.Namespace, category: s.Category}, s.Stream)
		p.stack = append(p.stack, p.newList(of, -1))
		return
	}
	p.into(of, "")
}
