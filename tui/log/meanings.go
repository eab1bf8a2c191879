package log

import "github.com/evtui/evtui/tui/page"

// Meanings says what stands in the log's columns.
func (p *logPage) Meanings() []page.Meaning {
	return []page.Meaning{
		{
			Figure: "level", Words: "DEBUG, INFO, WARN or ERROR. Filter with level>=warn to see what needs attention.",
			Source: "engine.log and this UI", Unit: "words", Window: "when the line was logged", Unknown: "always known",
		},
		{
			Figure: "from", Words: "server: logged by the server and its engine. evtui: messages of this UI's footer, which only this terminal shows.",
			Source: "who logged it", Unit: "words", Window: "when the line was logged", Unknown: "the title says why where the server's log cannot be read",
		},
		{
			Figure: "time", Words: "when the line was logged, by the logging process's clock.",
			Source: "the line", Unit: "time of day in this terminal's zone", Window: "when the line was logged", Unknown: "always known",
		},
		{
			Figure: "text", Words: "what happened, with its attributes behind it as key=value. The line under the cursor is shown whole below.",
			Source: "the line", Unit: "words", Window: "when the line was logged", Unknown: "always known",
		},
		{
			Figure: "last error", Words: "the newest line of level ERROR, whole, and when it was logged. It stays until a newer one comes, whatever the filter hides.",
			Source: "the lines loaded here", Unit: "words", Window: "the newest 5,000 lines", Unknown: "absent when none of them is an error",
		},
		{
			Figure: "hidden", Words: "lines that do not match the filter. The page keeps the newest lines; --log-file keeps them all.",
			Source: "the lines loaded here", Unit: "lines", Window: "the newest 5,000 lines", Unknown: "absent when none are hidden",
		},
	}
}
