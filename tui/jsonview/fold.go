package jsonview

// opens reports whether the line begins an object or array that has something in it.
func (v *View) opens(i int32) bool { return v.lines[i].pair > i }

// isFolded reports whether the line's object or array is folded.
func (v *View) isFolded(i int32) bool { return v.folded != nil && v.folded[i] }

// Toggle folds or unfolds the object or array under the cursor; on a scalar or
// a closing line it folds what that stands in.
func (v *View) Toggle() {
	if v.literal() || v.rowCount() == 0 {
		return
	}
	i := v.place().line
	switch l := v.lines[i]; {
	case v.opens(i):
	case l.pair >= 0:
		i = l.pair
	case l.parent >= 0:
		i = l.parent
	default:
		return
	}
	v.fold(i, !v.isFolded(i))
	v.refold(i)
}

// FoldLevel folds all objects and arrays that are n deep or deeper and unfolds
// the rest: 0 folds all into one line, 1 shows the document's members.
func (v *View) FoldLevel(n int) {
	if v.literal() || v.rowCount() == 0 {
		return
	}
	i := v.place().line
	for j := range v.lines {
		if j := int32(j); v.opens(j) {
			v.fold(j, int(v.lines[j].depth) >= n)
		}
	}
	v.refold(i)
}

func (v *View) fold(i int32, on bool) {
	if v.folded == nil {
		if !on {
			return
		}
		v.folded = make([]bool, len(v.lines))
	}
	v.folded[i] = on
}

// refold lists the lines that are shown and puts the cursor on line i, or on
// the fold that hides it.
func (v *View) refold(i int32) {
	v.shown = nil
	if v.folded != nil {
		v.shown = make([]int32, 0, 64)
		for j := int32(0); int(j) < len(v.lines); j++ {
			v.shown = append(v.shown, j)
			if v.folded[j] {
				j = v.lines[j].pair
			}
		}
	}
	for p := v.lines[i].parent; p >= 0; p = v.lines[p].parent {
		if v.isFolded(p) {
			i = p
		}
	}
	if l := v.lines[i]; l.pair >= 0 && l.pair < i && v.isFolded(l.pair) {
		i = l.pair
	}
	v.relayout(v.first(i))
}

// expose unfolds what hides line i.
func (v *View) expose(i int32) {
	if v.folded == nil || len(v.lines) == 0 {
		return
	}
	hidden := false
	for p := v.lines[i].parent; p >= 0; p = v.lines[p].parent {
		if v.folded[p] {
			hidden = true
			v.folded[p] = false
		}
	}
	if hidden {
		v.refold(i)
	}
}
