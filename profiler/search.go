package profiler

import "regexp"

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
	names := nameMatcher{f: f, rx: rx, verdicts: make([]int8, len(f.names))}
	m := &Matches{Nodes: make([]bool, len(f.nodes))}
	type visit struct {
		node    int32
		counted bool // a node above matched already
	}
	for todo := []visit{{node: int32(root)}}; len(todo) > 0; {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if names.match(at.node) {
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

// nameMatcher asks the expression once a name, however many nodes have it.
type nameMatcher struct {
	f        *Flame
	rx       *regexp.Regexp
	verdicts []int8 // by name: 1 it matches, -1 it does not, 0 not asked yet
}

func (m *nameMatcher) match(node int32) bool {
	name := m.f.nodes[node].name
	if name < 0 {
		return false // the root
	}
	if m.verdicts[name] == 0 {
		m.verdicts[name] = -1
		if m.rx.MatchString(m.f.names[name]) {
			m.verdicts[name] = 1
		}
	}
	return m.verdicts[name] > 0
}
