package logstore

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

func sampleAppend() *entry {
	return &entry{of: "an identity", kind: recordAppend, token: newToken(), made: []bool{false, true}, write: store.Write{
		Stream: "account-12 $é", ExpectedVersion: -1, Events: []store.Event{
			{ID: store.ID{1}, Type: "Opened", Data: []byte(`{"a": 1.10}`), Metadata: []byte(`{}`), Correlation: "desk"},
			{ID: store.ID{2}, Type: "Closed", Data: []byte(`null`)},
		},
	}}
}

func sampleImport() *entry {
	return &entry{of: "an identity", kind: recordImport, token: newToken(), imports: []store.ImportMessage{{Correlation: "c", Message: store.Message{
		ID: store.ID{3}, Stream: "a-1", Type: "T", Position: 4, GlobalPosition: 99, Time: time.Date(-4, 1, 2, 3, 4, 5, 6, time.UTC),
		Data: []byte(`{}`), Metadata: []byte(`{"x":1}`),
	}}}}
}

// TestRecordComesBack encodes entries in one part and in many, and reads them again.
func TestRecordComesBack(t *testing.T) {
	for name, e := range map[string]*entry{"append": sampleAppend(), "import": sampleImport(), "truncate": {of: "an identity", kind: recordTruncate, token: newToken()}} {
		for _, limit := range []int{1 << 20, partOverhead + 200} {
			parts, err := e.encode(limit)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var whole *entry
			for i, body := range parts {
				if len(body) > limit {
					t.Errorf("%s: a part of %d bytes, at most %d were asked for", name, len(body), limit)
				}
				one, err := decode("an identity", e.subject(), body)
				if err != nil {
					t.Fatalf("%s, part %d of %d: %v", name, i, len(parts), err)
				}
				if one.part != i || one.parts != len(parts) {
					t.Errorf("%s: part %d of %d, want %d of %d", name, one.part, one.parts, i, len(parts))
				}
				if i == 0 {
					whole = one
				} else {
					whole = join(whole, one)
				}
			}
			whole.part, whole.parts = e.part, e.parts
			if !reflect.DeepEqual(whole, e) {
				t.Errorf("%s by parts of %d:\n got %+v\nwant %+v", name, limit, whole, e)
			}
		}
	}
}

// TestForeignRecords changes every byte, and cuts everywhere: nothing of it is a record.
func TestForeignRecords(t *testing.T) {
	e := sampleAppend()
	parts, err := e.encode(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	body := parts[0]
	for i := range body {
		other := bytes.Clone(body)
		other[i] ^= 0x40
		if one, err := decode("an identity", e.subject(), other); err == nil {
			t.Errorf("byte %d changed: read as %+v", i, one)
		}
		if _, err := decode("an identity", e.subject(), body[:i]); err == nil {
			t.Errorf("cut after %d bytes: read", i)
		}
	}
	if _, err := decode("an identity", Subject("account-13"), body); err == nil || !strings.Contains(err.Error(), e.subject()) {
		t.Errorf("below another subject: %v", err)
	}
	if _, err := decode("another identity", e.subject(), body); !errors.Is(err, errSum) {
		t.Errorf("in another namespace: %v", err)
	}
	body[0]++
	if _, err := decode("an identity", e.subject(), body); !errors.Is(err, errFormat) {
		t.Errorf("newer format: %v", err)
	}
	if _, err := decode("an identity", "x", []byte(`{"foreign":true}`)); !errors.Is(err, errForeign) {
		t.Errorf("foreign: %v", err)
	}
}

// FuzzDecode reads anything without a panic, and never more than was there.
func FuzzDecode(f *testing.F) {
	for _, e := range []*entry{sampleAppend(), sampleImport()} {
		parts, err := e.encode(1 << 20)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(parts[0][:len(parts[0])-4])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := reader{rest: body}
		var e entry
		if len(body) > 0 {
			e.kind = recordKind(body[0])
		}
		r.entry(&e)
		if n := e.count(); n > len(body) {
			t.Errorf("%d events of %d bytes", n, len(body))
		}
	})
}

// TestSubjects: no two streams share a subject, and none holds what NATS reads itself.
func TestSubjects(t *testing.T) {
	seen := map[string]string{}
	for _, stream := range []string{"a", "a-", "a-_", "a-1", "a-i1", "a.b", "a.b-c", "a b", "$JS", "*", ">", "a->", "_-_", "é", "=", "a=2E", "a-1-2", "A", "a:x+y", "\u00a0"} {
		s := Subject(stream)
		if other, twice := seen[s]; twice {
			t.Errorf("%q and %q share %q", stream, other, s)
		}
		seen[s] = stream
		if strings.Count(s, ".") != 1 || strings.ContainsAny(s, " \t*>$") || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") {
			t.Errorf("%q becomes %q", stream, s)
		}
		if s == controlSubject {
			t.Errorf("%q has the subject of control records", stream)
		}
	}
}
