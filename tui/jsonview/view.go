package jsonview

import "github.com/evtui/evtui/tui/text"

// Styles are the pens of a view, by role.
type Styles struct {
	Key     text.Pen
	String  text.Pen
	Escape  text.Pen // \n, \u00e9 inside strings
	Number  text.Pen
	Literal text.Pen // true, false, null
	Punct   text.Pen // braces, brackets, commas, colons
	Fold    text.Pen // the summary of what is folded
	Fault   text.Pen // where the document is no JSON
	Cursor  text.Pen // under the cursor's line
	Match   text.Pen // over what the search found
	Current text.Pen // over the match that the cursor is on
}
