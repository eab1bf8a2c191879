package bench

import "testing"

func TestLastNumber(t *testing.T) {
	for _, c := range []struct {
		answer           string
		position, global int64
	}{
		{`{"position":3,"globalPosition":88}`, 3, 88},
		{`{"positions":[0,9],"globalPositions":[78,87]}`, 9, 87},
	} {
		position, err1 := lastNumber([]byte(c.answer), "osition")
		global, err2 := lastNumber([]byte(c.answer), "lobalPosition")
		if err1 != nil || err2 != nil || position != c.position || global != c.global {
			t.Errorf("%s: %d, %v and %d, %v", c.answer, position, err1, global, err2)
		}
	}
	for _, bad := range []string{"", "{}", `{"position":"x"}`, `{"position":`} {
		if n, err := lastNumber([]byte(bad), "osition"); err == nil {
			t.Errorf("%q has %d", bad, n)
		}
	}
}

func TestPagesThatAreWrongAreFound(t *testing.T) {
	r := &reader{kind: readStream, size: 2}
	for page, good := range map[string]bool{
		`[["i","T",0,5,{},null,"t"],["i","T",1,7,{},null,"t"]]`: true,
		`[["i","T",0,5,{},null,"t"]]`:                           false,
		`[["i","T",0,7,{},null,"t"],["i","T",1,5,{},null,"t"]]`: false,
		`[["i","T"],["i","T"]]`:                                 false,
		`{}`:                                                    false,
	} {
		if err := r.check([]byte(page)); (err == nil) != good {
			t.Errorf("%s: %v", page, err)
		}
	}
}
