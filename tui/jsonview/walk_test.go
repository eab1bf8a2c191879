package jsonview

import (
	"fmt"
	"strings"
	"testing"
)

// TestRandomWalk does random things at random sizes and checks that every
// frame is exact and that the cursor is in sight.
func TestRandomWalk(t *testing.T) {
	r := seeded(t)
	docs := []string{sample, "not json \x1b[2J", "", strings.Repeat("[", 300) + strings.Repeat("]", 300), "\"" + strings.Repeat("日本語 e\u0301 \u202e", 200) + "\"", "{\n \"a\": [1,\n2]\n}\n"}
	for range 20 {
		docs = append(docs, randomJSON(r, 5))
	}
	v := New(pens())
	moves := []func(){
		func() { v.SetData([]byte(docs[r.IntN(len(docs))])) }, func() { v.SetSize(r.IntN(90), r.IntN(14)) },
		func() { v.Move(r.IntN(21) - 10) }, func() { v.Page(r.IntN(3) - 1) }, func() { v.HalfPage(r.IntN(3) - 1) }, func() { v.Home() }, func() { v.End() },
		func() { v.Scroll(r.IntN(9) - 4) }, func() { v.Sideways(r.IntN(41) - 20) }, func() { v.SetRaw(r.IntN(2) == 0) }, func() { v.SetWrap(r.IntN(2) == 0) },
		func() { v.Toggle() }, func() { v.FoldLevel(r.IntN(6)) },
		func() { v.Search([]string{"", "k1", "l", "日", "x"}[r.IntN(5)]) }, func() { v.NextMatch() }, func() { v.PrevMatch() },
		func() { v.SetFocus(r.IntN(2) == 0) }, func() { v.SetASCII(r.IntN(2) == 0) },
	}
	for step := range 4000 {
		moves[r.IntN(len(moves))]()
		checkExact(t, v)
		if n := v.Rows(); n > 0 && v.h > 0 && (v.cursor < v.top || v.cursor >= v.top+v.h || v.cursor >= n) {
			t.Fatalf("step %d: cursor %d of %d rows, top %d, height %d", step, v.cursor, n, v.top, v.h)
		}
		_, _ = v.Path(), v.Value()
	}
}

// bigDocument is about a megabyte of orders.
func bigDocument() []byte {
	var b strings.Builder
	b.WriteString(`{"orders":[`)
	for i := 0; b.Len() < 1_000_000; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"customer":"customer-%d","amount":%d.50,"currency":"EUR","lines":[{"sku":"sku-%d","quantity":2}],"paid":true}`, i, i%977, i, i%31)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

func BenchmarkOpen1MB(b *testing.B) {
	doc := bigDocument()
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		v := New(pens())
		v.SetSize(160, 50)
		v.SetData(doc)
		v.Lines()
	}
}

func BenchmarkFrame1MB(b *testing.B) {
	for name, set := range map[string]func(v *View){
		"pretty": func(*View) {}, "raw": func(v *View) { v.SetRaw(true) }, "rawwrapped": func(v *View) { v.SetRaw(true); v.SetWrap(true) },
	} {
		b.Run(name, func(b *testing.B) {
			v := New(pens())
			v.SetSize(160, 50)
			v.SetData(bigDocument())
			set(v)
			v.End()
			for i := 0; b.Loop(); i++ {
				v.Move(1 - i%2*2)
				v.fresh = false
				v.Lines()
			}
		})
	}
}

func BenchmarkWrapAndSearch1MB(b *testing.B) {
	v := New(pens())
	v.SetSize(160, 50)
	v.SetData(bigDocument())
	b.Run("wrap", func(b *testing.B) {
		for b.Loop() {
			v.SetWrap(!v.Wrapped())
		}
	})
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			v.Search("Customer-5")
			v.Search("customer-5")
		}
	})
	b.Run("fold", func(b *testing.B) {
		for b.Loop() {
			v.FoldLevel(2)
			v.FoldLevel(99)
		}
	})
}
