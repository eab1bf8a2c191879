package cli

import (
	"context"
	"fmt"

	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/server/client"
)

// missingStream returns an error when the namespace has no such stream.
func missingStream(ctx context.Context, c *client.Client, stream string) error {
	version, err := c.Version(ctx, stream)
	if err != nil || version >= 0 {
		return err
	}
	return fmt.Errorf("namespace %s has no stream %q", c.Namespace(), stream)
}

// missing says why nothing was listed, when what was asked for is not there. A
// list that is empty for another reason, such as its filter, is none.
func (l *messageList) missing(ctx context.Context, c *client.Client) error {
	switch {
	case l.seen() > 0 || l.at != "":
		return nil
	case l.stream != "":
		if err := missingStream(ctx, c, l.stream); err != nil || !l.hasFrom || l.backward {
			return err
		}
		version, err := c.Version(ctx, l.stream)
		if err == nil && l.from > version+1 { // right behind the end is where a script that polls goes on
			err = fmt.Errorf("--from %d: stream %q ends at position %s", l.from, l.stream, text.Count(version))
		}
		return err
	case l.category != "":
		if err := target.MissingCategory(ctx, c, l.category); err != nil {
			return err
		}
	}
	if !l.hasFrom || l.backward {
		return nil
	}
	head, err := c.Head(ctx)
	if client.NotOffered(err) {
		return nil
	}
	if err == nil && l.from > head+1 {
		err = fmt.Errorf("--from %d: namespace %s ends at global position %s", l.from, c.Namespace(), text.Count(head))
	}
	return err
}
