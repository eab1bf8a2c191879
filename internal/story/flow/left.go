package flow

// Note is something that a graph does not count, or counts with a caveat.
type Note struct {
	Count int64
	Noun  string // of what, for one
	Why   string
}

// Notes say what is not in the graph.
func (s *Sum) Notes() []Note {
	var out []Note
	for _, n := range []Note{
		{s.Middle, "stream", "first seen past their beginning: no start, no variant"},
		{s.Holes, "hole", "positions of a stream are missing: nothing is counted across them"},
		{s.Backwards, "time", "below zero, since a clock ran backwards: counted as 0"},
		{s.Repeated, "message", "at a position that its stream has had: not counted"},
		{s.Beyond.Streams, "stream", "beyond the memory for streams: not counted"},
		{s.Beyond.Messages, "message", "of streams beyond that memory: not counted"},
		{s.Beyond.Typed, "message", "of types beyond those kept: their transitions are not listed"},
		{s.Beyond.Transitions, "transition", "beyond those kept: not listed"},
		{s.Beyond.Ends, "stream", "ending on a type beyond those kept: not listed"},
	} {
		if n.Count > 0 {
			out = append(out, n)
		}
	}
	return out
}

// Notes say of which streams the order is not known.
func (v *Variants) Notes() []Note {
	var out []Note
	for _, n := range []Note{
		{v.Middle, "stream", "first seen past their beginning: no variant"},
		{v.Holes, "stream", "with positions missing: no variant"},
		{v.Long, "stream", "longer than variants are kept: no variant"},
		{v.Full, "stream", "beyond the memory for variants, or of types beyond those kept: no variant"},
		{v.Rest, "stream", "of rarer variants, not listed"},
	} {
		if n.Count > 0 {
			out = append(out, n)
		}
	}
	return out
}
