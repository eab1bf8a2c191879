// Package docs is evtui's written documentation, as far as the program shows it
// itself.
package docs

import _ "embed"

// filter is the page on the filter language.
//
//go:embed filter.md
var filter string

// Filter returns the page on the filter language, in Markdown.
func Filter() string { return filter }
