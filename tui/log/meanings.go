package log

import "github.com/evtui/evtui/tui/page"

// Meanings says what stands in the log's columns.
func (p *logPage) Meanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "level", Words: "DEBUG, INFO, WARN or ERROR. level>=warn as a filter keeps what wants attention."},
		{Figure: "from", Words: "server: what the server and its engine log. evtui: what this UI said in its footer; only this terminal has those lines."},
		{Figure: "time", Words: "when it was logged, by the clock of whoever logged it."},
		{Figure: "hidden", Words: "lines that the filter leaves out. The page keeps the newest lines; the server's own log keeps what it is told to."},
	}
}
