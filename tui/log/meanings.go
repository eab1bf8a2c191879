package log

import "github.com/evtui/evtui/tui/page"

// Meanings says what stands in the log's columns.
func (p *logPage) Meanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "level", Words: "DEBUG, INFO, WARN or ERROR. Filter with level>=warn to see what needs attention."},
		{Figure: "from", Words: "server: logged by the server and its engine. evtui: messages of this UI's footer, which only this terminal shows."},
		{Figure: "time", Words: "when the line was logged, by the logging process's clock."},
		{Figure: "hidden", Words: "lines that do not match the filter. The page keeps the newest lines; --log-file keeps them all."},
	}
}
