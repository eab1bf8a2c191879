// Package overview is the Overview page: what the engine did in the past hour,
// second by second, what it does now, and who keeps it busy.
//
// The charts and numbers are of the shell's [page.Past] and its newest sample;
// the page itself asks only for the engine's events and the categories' counts.
// Its cursor is the time cursor of the whole UI.
package overview
