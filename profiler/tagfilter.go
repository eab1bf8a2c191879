package profiler

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/pprof/profile"
)

// tagFilter compiles pprof's tagfocus and tagignore expressions:
// "expression,expression" matched against "key:value" of the labels, of which
// all must match; "key=expression,…" against that label's values, of which one
// must; and ranges such as "32kb", ":64kb", "4mb:" and "12kb:64mb" against
// numeric labels. An empty one gives nil.
func tagFilter(name, value string, units map[string]string) (profile.TagMatch, error) {
	if value == "" {
		return nil, nil
	}
	key, rest, keyed := strings.Cut(value, "=")
	if keyed {
		value = rest
	} else {
		key = ""
	}
	inRange, err := tagRange(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if inRange != nil {
		return numberMatch(key, units, inRange), nil
	}
	var rxs []*regexp.Regexp
	for _, part := range strings.Split(value, ",") {
		rx, err := regexp.Compile(part)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		rxs = append(rxs, rx)
	}
	if key != "" {
		return keyMatch(key, rxs), nil
	}
	return anyKeyMatch(rxs), nil
}

func numberMatch(key string, units map[string]string, in func(int64, string) bool) profile.TagMatch {
	return func(s *profile.Sample) bool {
		for k, values := range s.NumLabel {
			if (key == "" || k == key) && slices.ContainsFunc(values, func(v int64) bool { return in(v, units[k]) }) {
				return true
			}
		}
		return false
	}
}

func keyMatch(key string, rxs []*regexp.Regexp) profile.TagMatch {
	return func(s *profile.Sample) bool {
		return slices.ContainsFunc(rxs, func(rx *regexp.Regexp) bool {
			return slices.ContainsFunc(s.Label[key], rx.MatchString)
		})
	}
}

func anyKeyMatch(rxs []*regexp.Regexp) profile.TagMatch {
	matches := func(s *profile.Sample, rx *regexp.Regexp) bool {
		for key, values := range s.Label {
			for _, v := range values {
				if rx.MatchString(key + ":" + v) {
					return true
				}
			}
		}
		return false
	}
	return func(s *profile.Sample) bool {
		return !slices.ContainsFunc(rxs, func(rx *regexp.Regexp) bool { return !matches(s, rx) })
	}
}

// rangeEnd is a number with an optional unit.
var rangeEnd = regexp.MustCompile("([+-]?[[:digit:]]+)([[:alpha:]]+)?")

// tagRange reads "32kb", ":64kb", "4mb:" or "12kb:64mb", ends included. What is
// not a range gives nil.
func tagRange(s string) (func(value int64, unit string) bool, error) {
	ends := rangeEnd.FindAllStringSubmatch(s, 2)
	if len(ends) == 0 {
		return nil, nil
	}
	low, unit, err := rangeValue(ends[0], ends[0][2])
	if err != nil {
		return nil, err
	}
	high, first := low, ends[0][0]
	switch {
	case len(ends) == 2 && s == first+":"+ends[1][0]:
		var other string
		if high, other, err = rangeValue(ends[1], unit); err != nil || other != unit {
			return nil, err
		}
	case len(ends) == 2:
		return nil, nil
	case s == first:
	case s == first+":":
		high = math.Inf(1)
	case s == ":"+first:
		low = math.Inf(-1)
	default:
		return nil, nil
	}
	return func(v int64, u string) bool {
		scaled, in := scale(v, u, unit)
		return in == unit && scaled >= low && scaled <= high
	}, nil
}

func rangeValue(end []string, to string) (float64, string, error) {
	n, err := strconv.ParseInt(end[1], 10, 64)
	if err != nil {
		return 0, "", fmt.Errorf("range: %w", err)
	}
	v, unit := scale(n, end[2], to)
	return v, unit, nil
}
