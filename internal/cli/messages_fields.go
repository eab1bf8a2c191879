package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/command"
	"github.com/evtui/evtui/internal/cli/output"
	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/internal/text"
	"github.com/evtui/evtui/store"
)

// messageChoice says which messages are shown and what of them.
type messageChoice struct {
	line, columnList, share string // as given

	filter  filter.Filter
	columns []filter.Column
	member  store.Group
}

func (c *messageChoice) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.line, "filter", "", "show messages matching, such as 'type~Dep* and data.amount>100'")
	f.StringVar(&c.columnList, "columns", "", "columns to show, such as time,stream,type,data.amount")
	f.StringVar(&c.share, "member", "", "only messages of one consumer group member, as MEMBER/SIZE such as 0/4")
}

// check reads what was given; stream is the one that is read, if any.
func (c *messageChoice) check(cmd *cobra.Command, stream string) (err error) {
	if c.filter, err = filter.Parse(c.line, time.Now()); err != nil {
		return command.Usage(cmd, "%v", err)
	}
	if c.columns, err = filter.ParseColumns(c.columnList); err != nil {
		return command.Usage(cmd, "--columns: %v", err)
	}
	if c.share == "" {
		return nil
	}
	if stream != "" {
		return command.Usage(cmd, "--member divides a category, not a stream")
	}
	if _, err := fmt.Sscanf(c.share, "%d/%d", &c.member.Member, &c.member.Size); err != nil || c.share != fmt.Sprintf("%d/%d", c.member.Member, c.member.Size) {
		return command.Usage(cmd, "--member must be MEMBER/SIZE such as 0/4, not %q", c.share)
	}
	if c.member.Size == 0 || c.member.Check() != nil {
		return command.Usage(cmd, "--member %s: needs 0 <= MEMBER < SIZE", c.share)
	}
	return nil
}

// sifts reports whether messages must be looked at to know whether they are
// shown.
func (c *messageChoice) sifts() bool { return !c.filter.IsZero() || !c.member.IsZero() }

// dataCells is how much of a document a table shows.
const dataCells = 100

// line is a message in the import format (protocol section 8).
type line struct {
	ID       string          `json:"id"`
	Stream   string          `json:"stream"`
	Type     string          `json:"type"`
	Position int64           `json:"pos"`
	Global   int64           `json:"gpos"`
	Data     json.RawMessage `json:"data"`
	Metadata json.RawMessage `json:"meta"`
	Time     time.Time       `json:"time"`
}

// value is what JSON shows of a message: all of it, or the columns.
func (c *messageChoice) value(m *store.Message) any {
	if len(c.columns) == 0 {
		return line{m.ID.String(), m.Stream, m.Type, m.Position, m.GlobalPosition, m.Data, m.Metadata, m.Time.UTC()}
	}
	var object bytes.Buffer
	object.WriteByte('{')
	for i, column := range c.columns {
		if i > 0 {
			object.WriteByte(',')
		}
		name, _ := json.Marshal(column.String()) // no string fails
		object.Write(name)
		object.WriteByte(':')
		object.Write(cellJSON(column, m))
	}
	object.WriteByte('}')
	return json.RawMessage(object.Bytes())
}

// cellJSON is a column as JSON; null where there is nothing.
func cellJSON(column filter.Column, m *store.Message) []byte {
	if column.Document() {
		if raw, ok := column.JSON(m); ok {
			return raw
		}
		return []byte("null")
	}
	if figures(column) {
		return []byte(column.Text(m))
	}
	raw, _ := json.Marshal(column.Text(m)) // no string fails
	return raw
}

// figures reports whether a column is of whole numbers.
func figures(column filter.Column) bool {
	return column.String() == "position" || column.String() == "gpos"
}

// fields are the columns of a table and of CSV. clock is how a table shows
// times.
func (c *messageChoice) fields(clock string) []output.Field[*store.Message] {
	columns, chosen := c.columns, true
	if len(columns) == 0 {
		columns, chosen = usualColumns(), false
	}
	fields := make([]output.Field[*store.Message], len(columns))
	for i, column := range columns {
		fields[i] = output.Field[*store.Message]{
			Name: column.String(), Right: figures(column), Raw: column.Text,
			Show: func(m *store.Message) string { return text.Truncate(text.Sanitize(column.Text(m)), dataCells) },
		}
		switch name := column.String(); {
		case name == "time":
			fields[i].Show = func(m *store.Message) string { return m.Time.Local().Format(clock) }
		case figures(column):
			fields[i].Min = 6
		case name == "stream" || name == "type":
			fields[i].Min = 20
		case !chosen && (name == "id" || name == "metadata"):
			fields[i].Show = nil // in CSV only
		}
	}
	return fields
}

// usualColumns are those that nobody chose.
func usualColumns() []filter.Column {
	columns, err := filter.ParseColumns("time,gpos,stream,position,type,id,data,metadata")
	if err != nil {
		panic(fmt.Sprintf("cli: columns of messages: %v", err))
	}
	return columns
}
