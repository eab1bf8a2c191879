package jsonview

// Toggle folds or unfolds the object or array under the cursor; on a scalar or
// a closing line it folds what that stands in.
func (v *View) Toggle() {
	if v.form.literal() || v.Rows() == 0 {
		return
	}
	i := v.place().line
	switch l := v.form.lines[i]; {
	case v.form.opens(i):
	case l.pair >= 0:
		i = l.pair
	case l.parent >= 0:
		i = l.parent
	default:
		return
	}
	v.form.fold(i, !v.form.isFolded(i))
	v.refold(i)
}

// FoldLevel folds all objects and arrays that are n deep or deeper and unfolds
// the rest: 0 folds all into one line, 1 shows the document's members.
func (v *View) FoldLevel(n int) {
	if v.form.literal() || v.Rows() == 0 {
		return
	}
	i := v.place().line
	for j := range v.form.lines {
		if j := int32(j); v.form.opens(j) {
			v.form.fold(j, int(v.form.lines[j].depth) >= n)
		}
	}
	v.refold(i)
}

// refold lays the lines out again, with the cursor on line i.
func (v *View) refold(i int32) { v.relayout(v.form.first(v.form.relist(i))) }

// isFolded reports whether the line's object or array is folded.
func (f *form) isFolded(i int32) bool { return f.folded != nil && f.folded[i] }

func (f *form) fold(i int32, on bool) {
	if f.folded == nil {
		if !on {
			return
		}
		f.folded = make([]bool, len(f.lines))
	}
	f.folded[i] = on
}

// relist finds out which lines are shown, and returns line i or that of the fold
// that hides it.
func (f *form) relist(i int32) int32 {
	f.shown = nil
	if f.folded != nil {
		f.shown = make([]int32, 0, 64)
		for j := int32(0); int(j) < len(f.lines); j++ {
			f.shown = append(f.shown, j)
			if f.folded[j] {
				j = f.lines[j].pair
			}
		}
	}
	for p := f.lines[i].parent; p >= 0; p = f.lines[p].parent {
		if f.isFolded(p) {
			i = p
		}
	}
	if l := f.lines[i]; l.pair >= 0 && l.pair < i && f.isFolded(l.pair) {
		i = l.pair
	}
	return i
}

// expose unfolds what hides line i, and reports whether anything did.
func (f *form) expose(i int32) (hidden bool) {
	if f.literal() || f.folded == nil || len(f.lines) == 0 {
		return false
	}
	for p := f.lines[i].parent; p >= 0; p = f.lines[p].parent {
		if f.folded[p] {
			hidden = true
			f.folded[p] = false
		}
	}
	return hidden
}
