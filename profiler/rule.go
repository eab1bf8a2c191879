package profiler

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rule is a condition on what is observed second by second. Make it with
// ParseRule.
type Rule struct {
	Metric string        // a key of Observation.Values: "heap", "p99(stream.write)"…
	Below  bool          // holds below Limit, not above
	Limit  float64       // in the metric's unit: nanoseconds, bytes, a number
	For    time.Duration // how long it must hold; 0: one observation
	text   string
}

// String returns the rule as it was written.
func (r Rule) String() string { return r.text }

// Metrics that rules can name. Those of calls take a method in parentheses.
const (
	MetricStall      = "stall"      // namespaces whose writes stand still
	MetricHeap       = "heap"       // bytes
	MetricRSS        = "rss"        // bytes
	MetricGoroutines = "goroutines" // how many
	MetricCPU        = "cpu"        // cores busy
	MetricErrors     = "errors"     // a second
	MetricGCPause    = "gcpause"    // nanoseconds of a second
)

// rulePattern is METRIC or METRIC(METHOD), a comparison unless it is stall, and a span.
var rulePattern = regexp.MustCompile(`^([a-z0-9]+)(\([a-z]+\.[a-z]+\))?(?:\s*([<>])\s*([0-9.]+)\s*([a-zA-Zµ]*))?(?:\s+for\s+([0-9a-zµ.]+))?$`)

// DefaultRules are sane for an engine of which nothing is known.
func DefaultRules() []string {
	return []string{
		"stall", "p99(stream.write) > 100ms for 10s", "p99(stream.append) > 250ms for 10s",
		"heap > 1GB for 10s", "goroutines > 10000",
	}
}

// ParseRule reads a rule such as `p99(stream.write) > 5ms for 3s`, `stall` or
// `heap > 500MB`.
func ParseRule(text string) (Rule, error) {
	text = strings.TrimSpace(text)
	parts := rulePattern.FindStringSubmatch(text)
	if parts == nil {
		return Rule{}, fmt.Errorf("rule %q: must be like stall, heap > 500MB or p99(stream.write) > 5ms for 3s", text)
	}
	metric, method, comparison, number, unit, span := parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]
	units, err := unitsOf(metric, method != "")
	if err != nil {
		return Rule{}, fmt.Errorf("rule %q: %w", text, err)
	}
	r := Rule{Metric: metric + method, Below: comparison == "<", text: text}
	switch {
	case comparison == "" && metric != MetricStall:
		return Rule{}, fmt.Errorf("rule %q: needs a limit, such as > 5", text)
	case comparison != "":
		if r.Limit, err = limit(number, unit, units); err != nil {
			return Rule{}, fmt.Errorf("rule %q: %w", text, err)
		}
	}
	if span != "" {
		if r.For, err = time.ParseDuration(span); err != nil || r.For > time.Hour {
			return Rule{}, fmt.Errorf("rule %q: %q must be a time of at most an hour, such as 3s", text, span)
		}
	}
	return r, nil
}

// measures says what the values of each metric are in; "" is a number.
var measures = map[string]string{
	"p50": "nanoseconds", "p99": "nanoseconds", "max": "nanoseconds", MetricGCPause: "nanoseconds",
	MetricHeap: "bytes", MetricRSS: "bytes",
	MetricStall: "", MetricGoroutines: "", MetricCPU: "", MetricErrors: "",
}

// unitsOf returns the units in which a metric's limit is given; "" stands for none.
func unitsOf(metric string, ofCalls bool) (map[string]float64, error) {
	if slices.Contains([]string{"p50", "p99", "max"}, metric) != ofCalls {
		return nil, fmt.Errorf("%s: p50, p99 and max are of a method, as in p99(stream.write), and no others", metric)
	}
	switch in, known := measures[metric]; {
	case !known:
		return nil, fmt.Errorf("%q is no metric: there are p50, p99, max, stall, heap, rss, goroutines, cpu, errors, gcpause", metric)
	case in == "nanoseconds":
		return map[string]float64{"ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9}, nil
	case in == "bytes":
		return map[string]float64{"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}, nil
	}
	return map[string]float64{"": 1}, nil
}

func limit(number, unit string, units map[string]float64) (float64, error) {
	n, err := strconv.ParseFloat(number, 64)
	factor, known := units[unit]
	if err != nil || !known {
		var names []string
		for name := range units {
			names = append(names, strconv.Quote(name))
		}
		slices.Sort(names)
		return 0, fmt.Errorf("%q must be a number in one of the units %s", number+unit, strings.Join(names, ", "))
	}
	return n * factor, nil
}

// holds reports whether the rule's condition is met. What was not observed, such
// as the latency of a method that nobody called, meets none.
func (r Rule) holds(o Observation) bool {
	value, known := o.Values[r.Metric]
	switch {
	case !known:
		return false
	case r.Below:
		return value < r.Limit
	default:
		return value > r.Limit
	}
}
