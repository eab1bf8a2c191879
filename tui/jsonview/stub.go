package jsonview

// View shows one document.
type View struct{ lines []string }

// New makes a view of no document and no size.
func New(s Styles) *View { return &View{} }

// SetStyles replaces the pens.
func (v *View) SetStyles(s Styles) {}

// SetSize sets the cells and lines that Lines fills.
func (v *View) SetSize(w, h int) {}

// SetData shows another document, unfolded, from its start; search, raw mode
// and wrapping stay. The view keeps raw, which must not change.
func (v *View) SetData(raw []byte) {}

// Err says why the document is not JSON, nil when it is.
func (v *View) Err() error { return nil }

// SetRaw shows the document to the letter (true) or pretty (false).
func (v *View) SetRaw(raw bool) {}

// Raw reports whether the document is shown to the letter.
func (v *View) Raw() bool { return false }

// SetWrap breaks long lines (true) or cuts them (false).
func (v *View) SetWrap(wrap bool) {}

// Wrapped reports whether long lines are broken.
func (v *View) Wrapped() bool { return false }

// SetFocus says whether the cursor's line is marked.
func (v *View) SetFocus(on bool) {}

// Move moves the cursor by n lines.
func (v *View) Move(n int) {}

// Page moves the cursor by n pages.
func (v *View) Page(n int) {}

// HalfPage moves the cursor by n half pages.
func (v *View) HalfPage(n int) {}

// Home moves the cursor to the first line.
func (v *View) Home() {}

// End moves the cursor to the last line.
func (v *View) End() {}

// Scroll moves the lines under a resting cursor by n rows.
func (v *View) Scroll(n int) {}

// Sideways scrolls unwrapped lines by n cells.
func (v *View) Sideways(n int) {}

// Toggle folds or unfolds the object or array under the cursor; on a scalar or
// a closing line it folds what that stands in.
func (v *View) Toggle() {}

// FoldLevel folds all objects and arrays that are n deep and unfolds the
// rest: 0 folds all into one line, 1 shows the document's members.
func (v *View) FoldLevel(n int) {}

// UnfoldAll unfolds everything.
func (v *View) UnfoldAll() {}

// Search looks for text in keys and values, ignoring case unless the query has
// upper case, and returns how many matches there are. "" ends the search. The
// cursor goes to the first match at or after it, unfolding what hides it.
func (v *View) Search(query string) int { return 0 }

// NextMatch goes to the next match, around the end.
func (v *View) NextMatch() {}

// PrevMatch goes to the match before, around the start.
func (v *View) PrevMatch() {}

// Match returns which match the cursor is on, from 1 (0: none), of how many.
func (v *View) Match() (current, total int) { return 0, 0 }

// Path names the value under the cursor: items[3].amount, meta["odd key"]; ""
// for the document itself.
func (v *View) Path() string { return "" }

// Value returns the JSON of the value under the cursor, to the letter, without
// its key. It is part of the document: do not change it.
func (v *View) Value() []byte { return nil }

// HitLine moves the cursor to what is at a row of the screen (0 is the first).
func (v *View) HitLine(y int) {}

// Status says where the view stands: "line 3 of 41".
func (v *View) Status() string { return "" }

// Lines returns the view in exactly the lines and cells of its size. The slice
// is the view's, valid until its next change.
func (v *View) Lines() []string { return v.lines }
