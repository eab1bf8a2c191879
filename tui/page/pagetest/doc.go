// Package pagetest takes a page through its contract, for the pages' tests: a
// [Pane] is sent messages, answered, and drawn, without the shell around it.
package pagetest
