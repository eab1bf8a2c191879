// Package flow is the tab of the Streams page that shows how events follow each
// other in the streams of a category: as a table of transitions, as a drawing, and
// as whole orders of types.
//
// # Nouns
//
// A pane reads the category from its start, or from a time on, and keeps taking what
// comes. [github.com/evtui/evtui/internal/story/flow] counts; a drawing places what is
// counted on the screen.
//
// # What it promises
//
// It says what it read, stops on esc and goes on by a key. Every count that is shown
// is exact for what was read, and what the drawing has no room for is counted under
// it.
package flow
