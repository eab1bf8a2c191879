package tui

import "github.com/evtui/evtui/tui/page"

// headMeanings says what the figures of the header mean; they stand above every
// page.
func headMeanings() []page.Meaning {
	return []page.Meaning{
		{Figure: "w/s", Words: "messages appended in the last full second, by all programs. The built-in load counts, this UI does not."},
		{Figure: "r/s", Words: "messages handed out in the last full second. Readers that find nothing new read none."},
		{Figure: "p99", Words: "99 of 100 writes of the last second took at most so long, from request to durable answer."},
		{Figure: "durable", Words: "what is acknowledged is synced to disk and survives a crash. Anything else stands here as a warning."},
		{Figure: "cpu", Words: "of one core, by the server's whole process: 200% are two cores."},
		{Figure: "ui", Words: "the UI's part of it. With ~ it is the time that its event loop takes, by the clock; decoding and the terminal are not in it."},
	}
}
