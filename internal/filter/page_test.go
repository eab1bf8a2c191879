package filter

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
)

// TestPage runs every example of docs/filter.md on the message that it shows.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/filter.md")
	if err != nil {
		t.Fatal(err)
	}
	data := fences(string(page), "json")
	if len(data) != 1 {
		t.Fatalf("the page shows %d messages, want one", len(data))
	}
	m := &store.Message{
		Stream: "account-123+retry", Type: "Deposited", Position: 7, GlobalPosition: 88120, Time: noon.Add(-3 * time.Minute),
		Data: []byte(data[0]), Metadata: []byte(`{"correlationStreamName":"order-7"}`),
	}
	var ran int
	for _, fence := range fences(string(page), "filter") {
		for line := range strings.Lines(fence) {
			source, says, found := strings.Cut(line, " # ")
			if !found {
				t.Errorf("%q does not say what it does", line)
				continue
			}
			verdict, _, _ := strings.Cut(strings.TrimSpace(says), ":")
			if verdict != "keeps" && verdict != "drops" {
				t.Errorf("%q says neither keeps nor drops", line)
			}
			f, err := Parse(source, noon)
			if err != nil {
				t.Errorf("parse %q: %v", source, err)
				continue
			}
			if got := f.Keeps(m); got != (verdict == "keeps") {
				t.Errorf("%q keeps: %v, the page says %s", source, got, verdict)
			}
			ran++
		}
	}
	if ran < 30 {
		t.Errorf("ran %d examples: the page's fences were not found", ran)
	}
}

// fences are the insides of a page's code blocks of one language.
func fences(page, language string) []string {
	var out []string
	for _, part := range strings.Split(page, "\n```"+language+"\n")[1:] {
		inside, _, _ := strings.Cut(part, "\n```")
		out = append(out, inside)
	}
	return out
}

func TestSingleQuotes(t *testing.T) {
	for line, at := range map[string]int{`'two words'`: 0, `'word'`: 0, `type='Deposited'`: 5, `ann data.owner.name='Ann Lée'`: 20} {
		_, err := Parse(line, noon)
		fault, ok := err.(*Error)
		if !ok || fault.At != at || !strings.Contains(fault.Reason, `"`) {
			t.Errorf("Parse(%s) = %v, want a fault at %d that shows double quotes", line, err, at)
		}
	}
	for _, line := range []string{`'tis`, `ann's`, `"'quoted'"`, `data.owner.name!='`} {
		if _, err := Parse(line, noon); err != nil {
			t.Errorf("Parse(%s): %v", line, err)
		}
	}
}
