package profiler

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrNoMatch is returned when an expression names no function of the profile.
var ErrNoMatch = errors.New("no function matches")

// Call is one caller or callee.
type Call struct {
	Name   string
	Inline bool  // every such call was inlined
	Weight int64 // spent in these calls
}

// Function is one function between those that call it and those it calls.
type Function struct {
	Name      string
	Flat, Cum int64
	Callers   []Call // heaviest first
	Callees   []Call // heaviest first
}

// Sandwich is the callers-and-callees view of some functions. It equals what
// `go tool pprof -peek` prints.
type Sandwich struct {
	Functions []Function // by flat, the largest first

	all *Table // for header, unit and total
}

// Callers returns the functions whose names match the expression, each with
// its callers and callees. It returns ErrNoMatch when there is none.
func (v *View) Callers(expr string) (*Sandwich, error) {
	rx, err := compileSearch(expr)
	if err != nil {
		return nil, err
	}
	g := v.trim(0, 0, 0, false)
	t := &Table{Total: v.total, typ: v.typ, unit: v.unit(g.graph, "")}
	s := &Sandwich{all: t}
	places := make(map[int32]int) // node → index in s.Functions
	for _, n := range g.order {
		t.Rows = append(t.Rows, Row{Flat: g.flat[n]})
		if rx.MatchString(v.names[n]) {
			places[n] = len(s.Functions)
			s.Functions = append(s.Functions, Function{Name: v.names[n], Flat: g.flat[n], Cum: g.cum[n]})
		}
	}
	t.Header = v.header(t, g, 0)
	if len(s.Functions) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoMatch, expr)
	}
	for _, e := range g.edges.list {
		if i, ok := places[e.to]; ok {
			s.Functions[i].Callers = append(s.Functions[i].Callers, Call{Name: v.names[e.from], Inline: e.inline, Weight: e.weight})
		}
		if i, ok := places[e.from]; ok {
			s.Functions[i].Callees = append(s.Functions[i].Callees, Call{Name: v.names[e.to], Inline: e.inline, Weight: e.weight})
		}
	}
	for i := range s.Functions {
		sortCalls(s.Functions[i].Callers)
		sortCalls(s.Functions[i].Callees)
	}
	return s, nil
}

func sortCalls(calls []Call) {
	slices.SortFunc(calls, func(a, b Call) int {
		return cmp.Or(cmp.Compare(abs(b.Weight), abs(a.Weight)), strings.Compare(a.Name, b.Name))
	})
}

// Total returns what percentages of the functions are of.
func (s *Sandwich) Total() int64 { return s.all.Total }

// Format prints a value in the view's unit.
func (s *Sandwich) Format(value int64) string { return s.all.Format(value) }

// Write prints the functions as `go tool pprof -peek` does.
func (s *Sandwich) Write(w io.Writer) error {
	const separator = "----------------------------------------------------------+-------------"
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, strings.Join(s.all.Header, "\n"))
	fmt.Fprintln(b, separator)
	fmt.Fprintln(b, "      flat  flat%   sum%        cum   cum%   calls calls% + context 	 	 ")
	var sum int64
	for _, f := range s.Functions {
		fmt.Fprintln(b, separator)
		s.writeCalls(b, f.Callers, f.Cum)
		sum += f.Flat
		fmt.Fprintf(b, "%10s %s %s %10s %s                | %s\n",
			s.Format(f.Flat), Percent(f.Flat, s.Total()), Percent(sum, s.Total()),
			s.Format(f.Cum), Percent(f.Cum, s.Total()), f.Name)
		s.writeCalls(b, f.Callees, f.Cum)
	}
	fmt.Fprintln(b, separator)
	return flushed(b, "callers")
}

func (s *Sandwich) writeCalls(w io.Writer, calls []Call, cum int64) {
	for _, c := range calls {
		inline := ""
		if c.Inline {
			inline = " (inline)"
		}
		fmt.Fprintf(w, "%50s %s |   %s%s\n", s.Format(c.Weight), Percent(c.Weight, cum), c.Name, inline)
	}
}

// WritePeek prints the functions that match the expression as
// `go tool pprof -peek` does. It returns ErrNoMatch when there is none.
func (v *View) WritePeek(w io.Writer, expr string) error {
	s, err := v.Callers(expr)
	if err != nil {
		return err
	}
	return s.Write(w)
}
