package profiler

// Matches is what a search found in a flame.
type Matches struct {
	Nodes  []bool // by node: its name matches
	Count  int    // how many do
	Weight int64  // of all stacks below the searched node that hold a match, each counted once
}

// Search finds the nodes at and below root whose names match the expression.
func (f *Flame) Search(expr string, root int) (*Matches, error) {
	rx, err := compileSearch(expr)
	if err != nil {
		return nil, err
	}
	matches := make([]bool, len(f.names)) // by name: asked once, however many nodes have it
	for i, name := range f.names {
		matches[i] = rx.MatchString(name)
	}
	m := &Matches{Nodes: make([]bool, len(f.nodes))}
	type visit struct {
		node    int32
		counted bool // a node above matched already
	}
	for todo := []visit{{node: int32(root)}}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if name := f.nodes[at.node].name; name >= 0 && matches[name] {
			m.Nodes[at.node] = true
			m.Count++
			if !at.counted {
				m.Weight += f.nodes[at.node].weight
				at.counted = true
			}
		}
		for _, k := range f.run(at.node) {
			todo = append(todo, visit{k, at.counted})
		}
	}
	return m, nil
}
