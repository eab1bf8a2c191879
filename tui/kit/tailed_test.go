package kit

import "testing"

func TestParseTailed(t *testing.T) {
	for line, want := range map[string]string{
		"": "", "all": "", "order": "order", " order  account ": "order account", "order order": "order", "1/3": "1/3",
		`"my category" order 0/2`: `"my category" order 0/2`, `"1/3"`: `"1/3"`, "order 2/3 account": "order account 2/3",
	} {
		w, err := ParseTailed(line)
		if err != nil || w.String() != want {
			t.Errorf("%q: %q, %v", line, w.String(), err)
			continue
		}
		if again, err := ParseTailed(w.String()); err != nil || !again.Equal(w) {
			t.Errorf("%q reads back as %v, %v", w.String(), again, err)
		}
	}
	for _, line := range []string{"3/3", "-1/3", "0/0", "a-b"} {
		if w, err := ParseTailed(line); err == nil {
			t.Errorf("%q is taken as %v", line, w)
		}
	}
}
