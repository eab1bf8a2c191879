package fields

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/internal/filter"
	"github.com/evtui/evtui/store"
)

var start = time.Date(2026, 11, 29, 14, 0, 0, 0, time.UTC)

// message is the one at a global position, a second after the one before.
func message(global int64, data string) *store.Message {
	return &store.Message{
		Stream: "order-1", Type: "OrderPlaced", GlobalPosition: global, Time: start.Add(time.Duration(global) * time.Second), Data: []byte(data),
	}
}

// naive is what a field comes to, counted in the plainest way.
type naive struct {
	messages    map[int64]bool
	kinds       map[string]int64
	values      map[string]bool
	first, last int64
}

// count walks a value by encoding/json's tokens, which keep members that stand
// twice.
func count(into map[string]*naive, d *json.Decoder, path string, global int64) {
	n := into[path]
	if n == nil {
		n = &naive{messages: map[int64]bool{}, kinds: map[string]int64{}, values: map[string]bool{}, first: global, last: global}
		into[path] = n
	}
	n.messages[global] = true
	n.first, n.last = min(n.first, global), max(n.last, global)
	token, err := d.Token()
	if err != nil {
		panic(err)
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '[' {
			n.kinds["array"]++
			for d.More() {
				count(into, d, path+"[]", global)
			}
		} else {
			n.kinds["object"]++
			for d.More() {
				name, err := d.Token()
				if err != nil {
					panic(err)
				}
				count(into, d, strings.TrimPrefix(path+"."+name.(string), "."), global)
			}
		}
		if _, err := d.Token(); err != nil {
			panic(err)
		}
		return
	case string:
		n.kinds["string"]++
	case json.Number:
		n.kinds["number"]++
	case bool:
		n.kinds["bool"]++
	case nil:
		n.kinds["null"]++
	}
	n.values[fmt.Sprintf("%T %v", token, token)] = true
}

// random writes a random value.
func random(r *rand.Rand, depth int) string {
	switch r.IntN(8 + 4*min(depth, 1)) {
	case 0, 1:
		return fmt.Sprint(r.IntN(300) - 100)
	case 2:
		return fmt.Sprintf("%q", strings.Repeat("x", r.IntN(3))+fmt.Sprint(r.IntN(30)))
	case 3:
		return "true"
	case 4:
		return "null"
	case 5, 6:
		parts := make([]string, r.IntN(4))
		for i := range parts {
			parts[i] = random(r, depth+1)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case 7:
		parts := make([]string, r.IntN(6))
		for i := range parts {
			parts[i] = fmt.Sprintf("%q : %s", string(rune('a'+r.IntN(6))), random(r, depth+1))
		}
		return "{" + strings.Join(parts, " ,") + " }"
	}
	return "false"
}

// TestExact compares a Set with a naive count over random messages, read as the
// tab reads them: from somewhere back, with new ones in between.
func TestExact(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	const total = 400
	messages := make([]*store.Message, total)
	for i := range messages {
		messages[i] = message(int64(i+1), fmt.Sprintf(`{"id":%d,"v":%s,"w":%s}`, i, random(r, 0), random(r, 0)))
	}
	s, low, high := New(), total/2, total/2
	for low > 0 || high < total {
		if low > 0 && (high == total || r.IntN(2) == 0) {
			low--
			if !s.Add(messages[low]) {
				t.Fatal("an older message is not taken")
			}
			continue
		}
		if !s.Add(messages[high]) {
			t.Fatal("a newer message is not taken")
		}
		high++
	}
	if s.Add(messages[total/3]) || s.Messages() != total {
		t.Fatal("a message is counted twice")
	}
	want := map[string]*naive{}
	for _, m := range messages {
		d := json.NewDecoder(bytes.NewReader(m.Data))
		d.UseNumber()
		count(want, d, "", m.GlobalPosition)
	}
	delete(want, "") // always an object
	got := s.Fields()
	if len(got) != len(want) {
		t.Fatalf("%d fields, want %d", len(got), len(want))
	}
	for _, f := range got {
		n := want[f.Path]
		if n == nil {
			t.Fatalf("field %q is in no message", f.Path)
		}
		kinds := map[string]int64{}
		for _, k := range f.Kinds {
			kinds[k.Kind.String()] = k.Count
		}
		if f.Present != int64(len(n.messages)) || !maps.Equal(kinds, n.kinds) || f.First.Global != n.first || f.Last.Global != n.last {
			t.Errorf("%s: %+v, want %d messages, %v, #%d to #%d", f.Path, f, len(n.messages), n.kinds, n.first, n.last)
		}
		if !f.About && f.Distinct != int64(len(n.values)) {
			t.Errorf("%s: %d distinct, want %d", f.Path, f.Distinct, len(n.values))
		}
	}
	compareSides(t, s, messages)
}

// compareSides holds that since and until count what a look at all messages does.
func compareSides(t *testing.T, s *Set, messages []*store.Message) {
	t.Helper()
	w := walk{set: s, each: func(n *node, path, line string) {
		if n.parent == nil {
			return
		}
		has := make([]bool, len(messages))
		for i, m := range messages {
			c, err := filter.Parse(parentOf(line), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			has[i] = parentOf(line) == "data" || c.Keeps(m)
		}
		since, until := int64(0), int64(0)
		for i, m := range messages {
			if has[i] && m.GlobalPosition >= n.first.global {
				since++
			}
			if has[i] && m.GlobalPosition <= n.last.global {
				until++
			}
		}
		if n.since() != since || n.until() != until {
			t.Errorf("%s: %d since and %d until, want %d and %d", path, n.since(), n.until(), since, until)
		}
	}}
	w.visit(s.roots[Data], "", "data")
}

// parentOf leaves out the last step of a path.
func parentOf(line string) string {
	if rest, ok := strings.CutSuffix(line, "[*]"); ok {
		return rest
	}
	return line[:strings.LastIndexByte(line, '.')]
}

func TestEnds(t *testing.T) {
	s := New()
	for i, data := range []string{`{"n":9007199254740993}`, `{"n":9007199254740992}`, `{"n":-1.50}`, `{"n":1e3}`, `{"n":9007199254740993.0}`} {
		s.Add(message(int64(i+1), data))
	}
	f := s.Fields()[0]
	if f.Least != "-1.50" || f.Greatest != "9007199254740993" {
		t.Errorf("from %s to %s", f.Least, f.Greatest)
	}
	if f.Distinct != 5 || f.About {
		t.Errorf("%d distinct values, as they are spelled", f.Distinct)
	}
	s = New()
	for i, data := range []string{`{"a":"\u0062"}`, `{"a":"a"}`, `{"a":"c\"d"}`, `{"a":7}`} {
		s.Add(message(int64(i+1), data))
	}
	if f := s.Fields()[0]; f.Least != "a" || f.Greatest != `c"d` {
		t.Errorf("from %q to %q", f.Least, f.Greatest)
	}
}

func TestDistinctIsAbout(t *testing.T) {
	for _, n := range []int{256, 257, 5_000, 100_000} {
		s := New()
		for i := range n {
			s.Add(message(int64(i+1), fmt.Sprintf(`{"id":"%d"}`, i)))
			s.Add(message(int64(i+1), `{}`))
		}
		f := s.Fields()[0]
		if f.About != (n > 256) {
			t.Errorf("%d values: about is %t", n, f.About)
		}
		if off := float64(f.Distinct)/float64(n) - 1; f.About && (off < -0.12 || off > 0.12) || !f.About && off != 0 {
			t.Errorf("%d values are counted as %d", n, f.Distinct)
		}
	}
}

// changesOf says in words what a set's changes are.
func changesOf(s *Set) []string {
	list, _ := s.Changes()
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Words(func(n int64) string { return fmt.Sprint(n) }, func(at time.Time) string { return at.Format("15:04:05") })
	}
	return out
}

func TestChanges(t *testing.T) {
	for _, back := range []bool{false, true} {
		s := New()
		for i := range int64(1000) {
			n := i + 1
			if back {
				n = 1000 - i
			}
			data := fmt.Sprintf(`{"amount":%d,"note":"x"`, n)
			if n == 700 {
				data = `{"amount":"12","note":"x"`
			}
			if n >= 900 {
				data += `,"discount":{"percent":5}`
			}
			if n%2 == 0 {
				data += `,"optional":1`
			}
			if n <= 200 {
				data += `,"legacy":true,"code":1`
			} else {
				data += `,"code":"1"`
			}
			if n == 500 {
				data += `,"odd":1`
			}
			s.Add(message(n, data+"}"))
		}
		want := []string{
			"data.discount since #900 (14:15:00), in 101 of 101 since",
			"data.amount is a string in 1 of 1000, else a number; first #700 (14:11:40)",
			"data.code became a string at #201 (14:03:21), was a number",
			"data.legacy not since #200 (14:03:20), in 200 of 200 until then",
			"data.odd in only 1 of 1000, first #500 (14:08:20)",
		}
		if got := changesOf(s); !slices.Equal(got, want) {
			t.Errorf("back %t:\n%s\nwant\n%s", back, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestNoDrift holds that what is merely optional is no change, however it falls.
func TestNoDrift(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	wrong := 0
	for range 100 {
		s := New()
		share := 0.05 + 0.9*r.Float64()
		for i := range int64(300) {
			data := `{"a":1}`
			if r.Float64() < share {
				data = `{"a":1,"maybe":null}`
			}
			s.Add(message(i+1, data))
		}
		if len(changesOf(s)) > 0 {
			wrong++
		}
	}
	if wrong > 5 { // each time it may be so in 2 of 1,000
		t.Errorf("an optional field is called a change %d of 100 times", wrong)
	}
}

func TestHostile(t *testing.T) {
	deep := strings.Repeat(`{"a":[`, 250) + "1" + strings.Repeat("]}", 250)
	var names strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&names, `"k%d":{"x%d":%d},`, i, i, i)
	}
	long := strings.Repeat("n", 1<<20)
	for name, data := range map[string]string{
		"deep":    deep,
		"names":   `{"map":{` + strings.TrimSuffix(names.String(), ",") + `},"after":1}`,
		"long":    `{"` + long + `":"` + long + `","n":` + strings.Repeat("9", 1<<16) + `}`,
		"escapes": `{"\u001b[31mred":"\u001b]0;x\u0007","a\nb":1,"":2,"\ud800":3,"a.b":{"c]d":4},"\"q\\":5}`,
		"twice":   `{"a":1,"a":"x","a":{"a":2}}`,
		"scalar":  ` "text" `, "array": `[1,[2,[3]],{}]`, "blank": " { \"a\" : [ ] , \"b\" : { } } ",
	} {
		s := New()
		for i := range int64(3) {
			s.Add(message(i+1, data))
		}
		if s.Invalid() != 0 {
			t.Errorf("%s: %d documents are called invalid", name, s.Invalid())
		}
		for _, f := range s.Fields() {
			if f.Present != 3 || len(f.Least) > 100 || len(f.Path) > 40*maxName {
				t.Errorf("%s: %+v", name, f)
			}
			if f.Filter == "" {
				continue
			}
			made, err := filter.Parse(f.Filter, time.Now())
			if err != nil || f.Filter != "data" && !strings.Contains(f.Path, "ud800") && !made.Keeps(message(1, data)) {
				t.Errorf("%s: filter %q: %v", name, f.Filter, err)
			}
		}
	}
	s := New()
	s.Add(message(1, `{"a":1`))
	s.Add(message(2, "{\"a\":\"\xff\"}"))
	s.Add(message(3, ``))
	if s.Invalid() != 2 || len(s.Fields()) != 0 {
		t.Errorf("%d invalid, %d fields", s.Invalid(), len(s.Fields()))
	}
}

// TestBounded holds that names which never repeat take no more than the bounds.
func TestBounded(t *testing.T) {
	s := New()
	for i := range int64(20_000) {
		m := message(i+1, fmt.Sprintf(`{"k%d":{"x":{"y%d":1}},"m":{"z%d":1},"fixed":1}`, i, i, i))
		m.Metadata = fmt.Appendf(nil, `{"t%d":1}`, i)
		s.Add(m)
	}
	fields := s.Fields()
	if len(fields) > 2*(MaxPaths+MaxPaths) || !s.Merged() {
		t.Errorf("%d fields, merged %t", len(fields), s.Merged())
	}
	rest := int64(0)
	for _, f := range fields {
		if f.Path == "*" && f.Part == Data {
			rest = f.Present
		}
		if f.Rest && f.Filter != "" {
			t.Errorf("%s has the filter %q", f.Path, f.Filter)
		}
	}
	if rest < 19_000 {
		t.Errorf("beyond the bound there are %d messages", rest)
	}
	if list, _ := s.Changes(); len(list) > MaxChanges {
		t.Errorf("%d changes", len(list))
	}
}

func TestExamples(t *testing.T) {
	s := New()
	for i, status := range []string{"open", "paid", "paid", "sent", "paid"} {
		s.Add(message(int64(i+1), fmt.Sprintf(`{"status":%q,"id":%d}`, status, i)))
	}
	f := s.Fields()[0]
	if len(f.Examples) != 3 || f.Examples[0].Value != `"paid"` || f.Examples[0].Count != 3 || f.Examples[0].At.Global != 2 {
		t.Errorf("examples: %+v", f.Examples)
	}
	for i := range int64(100) {
		s.Add(message(100+i, fmt.Sprintf(`{"status":"%d"}`, i)))
	}
	if f := s.Fields()[0]; len(f.Examples) != maxExamples || f.Examples[0].Count != 0 {
		t.Errorf("of many: %+v", f.Examples)
	}
}

func TestTally(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 3))
	type key struct{ category, name string }
	want := map[key]*store.TypeCount{}
	var tally Tally
	for _, i := range r.Perm(5000) {
		m := message(int64(i+1), `{}`)
		m.Stream, m.Type = fmt.Sprintf("c%d-%d", r.IntN(5), i), fmt.Sprintf("T%d\x1b", r.IntN(20))
		k := key{store.Category(m.Stream), m.Type}
		seen := store.Seen{Position: m.GlobalPosition, Time: m.Time}
		c := want[k]
		if c == nil {
			c = &store.TypeCount{Category: k.category, Type: k.name, First: seen, Last: seen}
			want[k] = c
		}
		c.Count++
		if seen.Position < c.First.Position {
			c.First = seen
		}
		if seen.Position > c.Last.Position {
			c.Last = seen
		}
		tally.Add(m)
	}
	got := tally.Counts()
	if len(got.Types) != len(want) || got.Counted != 5000 || got.Overflow != 0 {
		t.Fatalf("%d types of %d messages, want %d of 5000", len(got.Types), got.Counted, len(want))
	}
	for _, c := range got.Types {
		if w := want[key{c.Category, c.Type}]; w == nil || c != *w {
			t.Errorf("%+v, want %+v", c, w)
		}
	}
}

// TestMillionTypes holds that types without end take no more than the bound.
func TestMillionTypes(t *testing.T) {
	var tally Tally
	m := message(1, "")
	for i := range int64(1_000_000) {
		m.GlobalPosition, m.Type = i+1, fmt.Sprintf("T%d", i)
		tally.Add(m)
	}
	got := tally.Counts()
	if len(got.Types) != MaxTypes || got.Overflow != 1_000_000-MaxTypes || got.Counted != 1_000_000 {
		t.Errorf("%d types, %d messages of others, of %d", len(got.Types), got.Overflow, got.Counted)
	}
}

// BenchmarkAdd learns the fields of 65,000 messages as the load test writes
// them, which must take half a second at most.
func BenchmarkAdd(b *testing.B) {
	const count = 65_000
	messages := make([]*store.Message, count)
	bytes := 0
	for i := range messages {
		messages[i] = message(int64(i+1), fmt.Sprintf(`{"accountId":"account-%d","amount":%d.%02d,"currency":"EUR","reference":"%032x","at":"2026-11-29T14:%02d:%02d.%03dZ",`+
			`"owner":{"name":"Ann Example","verified":true},"items":[{"sku":"A-%d","n":%d},{"sku":"B-%d","n":1}],"note":null}`,
			i%1000, i%5000, i%100, i*7919, i/3600%60, i/60%60, i%1000, i%50, i%9, i%70))
		messages[i].Metadata = fmt.Appendf(nil, `{"correlationStreamName":"process-%d","traceId":"%032x"}`, i%3000, i*104729)
		bytes += len(messages[i].Data) + len(messages[i].Metadata)
	}
	b.SetBytes(int64(bytes))
	b.ReportAllocs()
	for b.Loop() {
		s := New()
		for i := len(messages) - 1; i >= 0; i-- { // newest first
			s.Add(messages[i])
		}
		if len(s.Fields()) == 0 {
			b.Fatal("no fields")
		}
	}
}
