package tui

import (
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// streamsCommands are the palette's ways into the lists.
func streamsCommands() []page.Command {
	return []page.Command{
		{Name: "category", Usage: "category NAME", Help: "the streams of a category", Subject: page.SubjectCategory, Rank: page.RankStreams, Run: runCategory},
		{Name: "stream", Usage: "stream NAME", Help: "the messages of a stream", Subject: page.SubjectStream, Rank: page.RankStreams, Run: runStream},
		{Name: "pos", Usage: "pos N", Help: "go to a global position", Rank: page.RankPosition, Run: runPosition},
	}
}

func runCategory(t *page.Turn, arg string) any {
	if err := store.CheckCategory(arg); err != nil {
		t.Toast(page.LevelWarn, ":category %v", err)
		return nil
	}
	t.Go(page.Location{Page: page.Streams, Category: arg})
	return nil
}

func runStream(t *page.Turn, arg string) any {
	if err := store.CheckStreamName(arg); err != nil {
		t.Toast(page.LevelWarn, ":stream %v", err)
		return nil
	}
	t.Go(page.Location{Page: page.Streams, Stream: arg})
	return nil
}

func runPosition(t *page.Turn, arg string) any {
	n, err := kit.ParsePosition(arg)
	if err != nil {
		t.Toast(page.LevelWarn, ":pos %v", err)
		return nil
	}
	t.Go(page.Location{Page: page.Streams, GlobalPosition: max(n, 1)})
	return nil
}
