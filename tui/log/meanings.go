package log

import "github.com/evtui/evtui/tui/page"

// Meanings says what stands in the log's columns.
func (p *logPage) Meanings() []page.Meaning {
	return []page.Meaning{
		page.Figure("level", "DEBUG, INFO, WARN or ERROR. Filter with level>=warn to see what needs attention.").
			From("engine.log and this UI", "words", "when the line was logged", "always known"),
		page.Figure("from", "server: logged by the server and its engine. evtui: messages of this UI's footer, which only this terminal shows.").
			From("who logged it", "words", "when the line was logged", "the title says why where the server's log cannot be read"),
		page.Figure("time", "when the line was logged, by the logging process's clock.").
			From("the line", "time of day in this terminal's zone", "when the line was logged", "always known"),
		page.Figure("text", "what happened, with its attributes behind it as key=value. The line under the cursor is shown whole below.").
			From("the line", "words", "when the line was logged", "always known"),
		page.Figure("last error", "the newest line of level ERROR, whole, and when it was logged. It stays until a newer one comes, whatever the filter hides.").
			From("the lines loaded here", "words", "the newest 5,000 lines", "absent when none of them is an error"),
		page.Figure("hidden", "lines that do not match the filter. The page keeps the newest lines; --log-file keeps them all.").
			From("the lines loaded here", "lines", "the newest 5,000 lines", "absent when none are hidden"),
	}
}
