package filter

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/evtui/evtui/store"
)

// BenchmarkKeeps is one message of about 330 bytes, as the load test makes them.
func BenchmarkKeeps(b *testing.B) {
	m := deposited()
	m.Data = bytes.Replace(m.Data, []byte(`esc\u0061pe`), []byte("escape"), 1) // a rarity
	for _, line := range []string{"withdrawn", "type~Wit*", "data.day>2030", "type~Dep* and data.amount>1000", "/W[a-z]+n/", "data~/zzz$/"} {
		b.Run(line, func(b *testing.B) {
			f, err := Parse(line, noon)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(m.Data)))
			b.ReportAllocs()
			for b.Loop() {
				if f.Keeps(m) {
					b.Fatal("kept")
				}
			}
		})
	}
}

// BenchmarkMegabyte looks for what stands at the end of a document of 1 MB.
func BenchmarkMegabyte(b *testing.B) {
	var doc bytes.Buffer
	doc.WriteString(`{"items":[`)
	for i := 0; doc.Len() < 1<<20; i++ {
		fmt.Fprintf(&doc, `{"sku":"A-%d","name":"some \"thing\" of length","n":%d},`, i, i)
	}
	doc.WriteString(`{}],"last":1}`)
	m := &store.Message{Data: doc.Bytes()}
	for _, line := range []string{"data.last=2", "data.items[*].n<0", "nowhere"} {
		b.Run(line, func(b *testing.B) {
			f, err := Parse(line, noon)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(doc.Len()))
			for b.Loop() {
				if f.Keeps(m) {
					b.Fatal("kept")
				}
			}
		})
	}
}
