package command

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestInterruptibleReadsAll(t *testing.T) {
	broken := errors.New("broken")
	in := &interruptible{ctx: t.Context(), in: io.MultiReader(strings.NewReader("one"), strings.NewReader("two"), &failing{broken})}
	if got, err := io.ReadAll(in); string(got) != "onetwo" || !errors.Is(err, broken) {
		t.Errorf("%q, %v", got, err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }
