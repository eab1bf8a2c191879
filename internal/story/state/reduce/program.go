package reduce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/itchyny/gojq"
)

// program is a jq program, compiled.
type program struct{ code *gojq.Code }

// compile reads a program. It may name $event, and neither modules nor input.
func compile(source string) (*program, error) {
	query, err := gojq.Parse(source)
	if err != nil {
		return nil, errors.New(lineOf(source, err))
	}
	if query.Meta != nil || len(query.Imports) > 0 {
		return nil, errors.New("modules, import and include are not available here")
	}
	code, err := gojq.Compile(query, gojq.WithVariables([]string{"$event"}))
	if err != nil {
		return nil, err
	}
	return &program{code}, nil
}

// lineOf says where in a program an error of its grammar is: line and column, in
// characters from 1.
func lineOf(source string, err error) string {
	at, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return err.Error()
	}
	before := source[:min(max(at.Offset-len(at.Token), 0), len(source))]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d: %v", line, column, err)
}

// errNothing is returned for a program that put out nothing.
var errNothing = errors.New("no output")

// run returns the last of what the program puts out, or only lets it put out the first;
// errNothing for nothing.
func (p *program) run(state, event any, most time.Duration, first bool) (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	var last any
	err := errNothing
	for outputs := p.code.RunWithContext(ctx, state, event); ; {
		v, ok := outputs.Next()
		if !ok {
			return last, err
		}
		if failed, is := v.(error); is {
			return nil, reason(failed, most)
		}
		if last, err = v, nil; first {
			return last, nil
		}
	}
}

// reason puts into words why a program ended.
func reason(err error, most time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("it took longer than %v", most)
	}
	if halt, ok := errors.AsType[*gojq.HaltError](err); ok {
		if halt.Value() == nil {
			return errors.New("the program ended itself (halt)")
		}
		return fmt.Errorf("the program ended itself: %s", short(gojq.Preview(halt.Value())))
	}
	return errors.New(short(err.Error()))
}

// maxReason is how long the words of a program's own error may be.
const maxReason = 400

func short(s string) string {
	if len(s) <= maxReason {
		return s
	}
	cut := maxReason
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}

// decode reads JSON as gojq takes it: numbers stay as they are written until
// something is computed of them.
func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
