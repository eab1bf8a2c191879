package page

// Edit is a text for the user's editor ($VISUAL, else $EDITOR), or with
// [Env.ReadOnly] for the pager ($PAGER). The file is the user's alone, and is
// removed when the editor ends.
type Edit struct {
	ID   string // comes back in EditedMsg
	Name string // of the file, with its ending
	Text []byte
}

// EditedMsg says what became of a text in the editor.
type EditedMsg struct {
	ID      string
	Text    []byte
	Changed bool
}

// Edit opens a text in the user's editor. What it becomes comes back as an
// [EditedMsg]; a failure is a toast.
func (t *Turn) Edit(e Edit) { t.effects.Edit = &e }
