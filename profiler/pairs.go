package profiler

// pairs maps two small numbers to an index: a hash table with open addressing,
// since a large profile asks it tens of millions of times.
type pairs struct {
	keys  []uint64
	slots []int32 // the index plus 1; 0 is free
	used  int
}

func newPairs(sizeHint int) pairs {
	size := 64
	for size < 4*sizeHint {
		size *= 2
	}
	return pairs{keys: make([]uint64, size), slots: make([]int32, size)}
}

// find returns the slot of (a, b): the one that holds it, or the free one
// where it belongs.
func (p *pairs) find(a, b int32) int { return p.findKey(uint64(uint32(a))<<32 | uint64(uint32(b))) }

func (p *pairs) findKey(key uint64) int {
	mask := len(p.slots) - 1
	h := key * 0x9e3779b97f4a7c15
	i := int(h>>32) & mask
	for p.slots[i] != 0 && p.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

// at returns the index in a slot, or -1 when it is free.
func (p *pairs) at(slot int) int32 { return p.slots[slot] - 1 }

// put fills the free slot that find gave for (a, b).
func (p *pairs) put(slot int, a, b, index int32) {
	p.keys[slot] = uint64(uint32(a))<<32 | uint64(uint32(b))
	p.slots[slot] = index + 1
	if p.used++; 2*p.used > len(p.slots) {
		p.grow()
	}
}

func (p *pairs) grow() {
	keys, slots := p.keys, p.slots
	p.keys, p.slots = make([]uint64, 2*len(keys)), make([]int32, 2*len(slots))
	for i, at := range slots {
		if at != 0 {
			j := p.findKey(keys[i])
			p.keys[j], p.slots[j] = keys[i], at
		}
	}
}
