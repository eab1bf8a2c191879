package engine

import (
	"context"
	"errors"
	"time"

	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/kit"
	"github.com/evtui/evtui/tui/page"
)

// engineCommand is something that the page can have the engine do.
type engineCommand string

// The commands, by their names in the palette.
const (
	commandFlush      engineCommand = "flush"
	commandCompact    engineCommand = "compact"
	commandCheckpoint engineCommand = "checkpoint"
	commandReopen     engineCommand = "reopen"
)

// engineActMsg asks the page for a command that takes a while. It comes from the
// palette.
type engineActMsg struct {
	command engineCommand
	name    string // of the namespace, or of the checkpoint to be made
}

// engineCommands are the palette entries; each asks for the
// name again before it begins.
func engineCommands() []page.Command {
	return []page.Command{
		{Name: "flush", Usage: "flush NAMESPACE", Help: "flush a namespace's memtables to tables; asks for its name", Subject: page.SubjectNamespace, Rank: page.RankEngine, Run: runEngineCommand(commandFlush)},
		{Name: "compact", Usage: "compact NAMESPACE", Help: "compact all of a namespace's tables into the bottom level; asks for its name", Subject: page.SubjectNamespace, Rank: page.RankEngine, Run: runEngineCommand(commandCompact)},
		{Name: "checkpoint", Usage: "checkpoint NAME", Help: "copy all namespaces to the server's disk under a new name; asks for the name again", Rank: page.RankEngine, Run: runEngineCommand(commandCheckpoint)},
		{Name: "reopen", Usage: "reopen NAMESPACE", Help: "close and reopen a namespace whose WAL failed; asks for its name", Subject: page.SubjectNamespace, Rank: page.RankEngine, Run: runEngineCommand(commandReopen)},
	}
}

// runEngineCommand takes a command to the page, which confirms it.
func runEngineCommand(command engineCommand) func(*page.Turn, string) any {
	return func(t *page.Turn, arg string) any {
		msg := engineActMsg{command, arg}
		if t.ReadOnly {
			t.Toast(page.LevelWarn, "read-only: %s is disabled", msg.verb())
			return nil
		}
		if err := msg.check(); err != nil {
			t.Toast(page.LevelWarn, ":%s %v", msg.verb(), err)
			return nil
		}
		return msg
	}
}

// verb names the action.
func (m engineActMsg) verb() string { return string(m.command) }

// check reports what is wrong with the name.
func (m engineActMsg) check() error {
	if m.command == commandCheckpoint {
		return store.CheckCheckpointName(m.name)
	}
	return store.CheckNamespaceID(m.name)
}

// do does it. The value is a store.Checkpoint for one of these.
func (m engineActMsg) do(ctx context.Context, c *client.Client) (any, error) {
	switch c = c.In(""); m.command {
	case commandCheckpoint:
		return c.Checkpoint(ctx, m.name)
	case commandCompact:
		return nil, c.Compact(ctx, m.name)
	case commandReopen:
		return nil, c.Reopen(ctx, m.name)
	}
	return nil, c.Flush(ctx, m.name)
}

// engineJob is an action under way.
type engineJob struct {
	engineActMsg
	gen    uint64
	began  time.Time
	cancel context.CancelFunc
}

// jobs are what the user has the engine do: one at a time.
type jobs struct {
	job          *engineJob    // nil: nothing runs
	confirmation *engineActMsg // an action that waits until its namespace's name is typed
}

// actPrompt names the prompt that confirms an action.
const actPrompt = "confirm"

// confirm asks for the name, unless nothing may be changed.
func (j *jobs) confirm(t *page.Turn, msg engineActMsg) {
	switch {
	case t.ReadOnly:
		t.Toast(page.LevelWarn, "read-only: %s is disabled", msg.verb())
	case j.job != nil:
		t.Toast(page.LevelWarn, "%s of %s is running: esc cancels it", j.job.verb(), j.job.name)
	default:
		j.confirmation = &msg
		hint := "type its name again; esc cancels"
		t.Prompt(page.Prompt{ID: actPrompt, Label: msg.verb() + " " + msg.name + "?", Hint: hint})
	}
}

// prompted takes what was typed to confirm; gen counts the page's questions.
func (j *jobs) prompted(t *page.Turn, gen *uint64, msg page.PromptMsg) {
	confirmation := j.confirmation
	j.confirmation = nil
	switch {
	case confirmation == nil || msg.ID != actPrompt:
	case msg.State == page.PromptDone && msg.Text == confirmation.name:
		// It begins now; esc cancels it.
		call, cancel := kit.Stoppable(confirmation.do)
		*gen++
		j.job = &engineJob{engineActMsg: *confirmation, gen: *gen, began: t.Now, cancel: cancel}
		t.Ask(*gen, call)
	default:
		t.Toast(page.LevelInfo, "%s cancelled: the name does not match", confirmation.verb())
	}
}

// replied takes how an action ended, and reports whether one did.
func (j *jobs) replied(t *page.Turn, msg page.Reply) bool {
	job := j.job
	if job == nil || msg.Gen != job.gen {
		return false
	}
	j.job = nil
	took := t.Now.Sub(job.began)
	made, isCopy := msg.Value.(store.Checkpoint)
	switch {
	case msg.Err == nil && isCopy:
		t.Toast(page.LevelInfo, "checkpoint %s: %s", job.name, madeWords(&made, took))
	case msg.Err == nil:
		t.Toast(page.LevelInfo, "%s of %s took %s", job.verb(), job.name, kit.ShortDuration(took))
	case errors.Is(msg.Err, context.Canceled):
		left := "finished work is kept"
		if job.command == commandCheckpoint {
			left = "nothing was kept"
		}
		t.Toast(page.LevelWarn, "%s of %s cancelled; %s", job.verb(), job.name, left)
	case client.Unreachable(msg.Err):
		t.Toast(page.LevelWarn, "%s of %s: the server was lost meanwhile; it may have finished or not", job.verb(), job.name)
	case kit.NoEngine(msg.Err) != "":
		t.Toast(page.LevelWarn, "%s: %s", job.verb(), kit.NoEngine(msg.Err))
	default:
		t.Toast(page.LevelError, "%s %s: %v", job.verb(), job.name, msg.Err)
	}
	return true
}

// madeWords say what a checkpoint holds and where it lies.
func madeWords(made *store.Checkpoint, took time.Duration) string {
	return text.Count(int64(made.Namespaces)) + " " + text.Plural(int64(made.Namespaces), "namespace") + ", " +
		text.Count(made.Messages) + " " + text.Plural(made.Messages, "message") + " in " + made.Dir + ", took " + kit.ShortDuration(took)
}
