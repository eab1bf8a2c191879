package client

import (
	"bytes"
	"testing"
)

// FuzzEvents: no event stream makes the client panic, or keep more of it than
// an event may take.
func FuzzEvents(f *testing.F) {
	for _, in := range []string{
		": ready\n\nevent: poke\ndata: {\"stream\":\"a-1\",\"position\":0,\"globalPosition\":1}\n\n", "data\n\n", "data:\ndata:x\n\n", ": end {\"error\":{}}\n\n", "event:poke\r\ndata: 1\r\n\r\n", "id: 1\nretry: 5\n\n", "\n\n\n", "data: \xff",
	} {
		f.Add([]byte(in))
	}
	const maxEvent = 64 << 10
	f.Fuzz(func(t *testing.T, in []byte) {
		r := newSSEReader(bytes.NewReader(in), maxEvent)
		for n := 0; ; n++ {
			name, data, err := r.next()
			if err != nil {
				return
			}
			if len(data) > maxEvent || bytes.ContainsRune([]byte(name), '\n') || n > len(in) {
				t.Fatalf("event %d is %q with %d bytes", n, name, len(data))
			}
		}
	})
}
