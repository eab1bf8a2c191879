package profiler

import (
	"bytes"
	"regexp"
	"strings"
)

// recognize says what data is that is no profile in protobuf form, and what
// would be right instead; "" for what it does not know. It is asked only once
// decoding has failed, so a profile that begins like something else is safe.
func recognize(data []byte) string {
	for _, m := range magics() {
		if bytes.HasPrefix(data, []byte(m.prefix)) {
			return m.says
		}
	}
	if isLegacyCPU(data) {
		return legacySays
	}
	if !isText(data) {
		return ""
	}
	return recognizeText(strings.TrimLeft(strings.TrimPrefix(string(data[:min(len(data), sniffed)]), "\ufeff"), " \t\r\n"))
}

// sniffed is how many bytes are looked at to tell what a text is.
const sniffed = 4096

// magic is how files of a format begin.
type magic struct{ prefix, says string }

const legacySays = "it is in gperftools' old format: go tool pprof -proto FILE > new.pb.gz converts it"

func magics() []magic {
	const unpack = "it is compressed with %s: unpack it first"
	packed := func(name string) string { return strings.Replace(unpack, "%s", name, 1) }
	return []magic{
		{"\x28\xb5\x2f\xfd", packed("zstd (zstd -d FILE)")},
		{"\xfd7zXZ\x00", packed("xz (xz -d FILE)")},
		{"BZh", packed("bzip2 (bzip2 -d FILE)")},
		{"\x04\x22\x4d\x18", packed("lz4 (lz4 -d FILE)")},
		{"PK\x03\x04", packed("zip (unzip FILE)")},
		{"\x1f\x8b", packed("gzip twice (gzip -d < FILE)")},
		{"PERFILE2", "it is a recording of Linux perf: perf_to_profile converts it"},
		{"\x7fELF", "it is a program, not a profile of one"},
		{"MZ", "it is a program, not a profile of one"},
		{"JAVA PROFILE", "it is a Java heap dump, not a pprof profile"},
		{"SQLite format 3\x00", "it is a SQLite database"},
	}
}

// isLegacyCPU knows the binary CPU profiles of gperftools: words of 4 or 8
// bytes in either order, of which the first five are 0, 3, 0, the period, 0.
func isLegacyCPU(data []byte) bool {
	for _, size := range []int{4, 8} {
		if len(data) < 5*size {
			return false
		}
		little, big := true, true
		for i, want := range []byte{0, 3, 0} {
			word := data[i*size : (i+1)*size]
			little = little && word[0] == want && isZero(word[1:])
			big = big && word[size-1] == want && isZero(word[:size-1])
		}
		if (little || big) && isZero(data[4*size:5*size]) {
			return true
		}
	}
	return false
}

func isZero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// isText reports whether the beginning of data is text, or an execution trace,
// which begins like one.
func isText(data []byte) bool {
	head := data[:min(len(data), 512)]
	if bytes.HasPrefix(head, []byte("go 1.")) {
		return true
	}
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' || c == 0x7f {
			return false
		}
	}
	return len(head) > 0
}

var (
	// goTrace is how an execution trace of Go 1.5 and later begins.
	goTrace = regexp.MustCompile(`^go 1\.\d+ trace\x00`)
	// goText is how Go prints a profile with debug=1, except for goroutines
	// with debug=2. The name is the profile's.
	goText = regexp.MustCompile(`^([a-zA-Z0-9_./-]+) profile: (total )?\d+`)
	// legacyHeap is how gperftools prints a heap: like Go, with another end.
	legacyHeap = regexp.MustCompile(`^heap profile: .*@ (heapprofile|growthz|heapz_v2/|heap_v2/)`)
	stackDump  = regexp.MustCompile(`^goroutine \d+ .*\[.*\]:`)
	folded     = regexp.MustCompile(`^[^\n;]+(;[^\n;]+)+ -?\d+\r?\n`)
)

// recognizeText distinguishes texts.
func recognizeText(s string) string {
	const debug = ": fetch it without debug= in its address"
	begins := func(prefixes ...string) bool {
		for _, prefix := range prefixes {
			if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
				return true
			}
		}
		return false
	}
	switch {
	case goTrace.MatchString(s):
		return "it is an execution trace: go tool trace FILE opens it"
	case legacyHeap.MatchString(s), begins("--- symbol", "--- profile", "--- heapz", "--- contentionz", "--- growthz", "--- threadz"):
		return legacySays
	case begins("--- mutex:", "--- contention:"):
		return "it is the text of a mutex or block profile" + debug
	case goText.MatchString(s):
		return "it is the text of a " + goText.FindStringSubmatch(s)[1] + " profile" + debug
	case stackDump.MatchString(s):
		return "it is a dump of goroutines as text" + debug
	case begins("{", "["):
		return "it is JSON" + saidInJSON(s) + ", not a profile"
	case begins("<!doctype", "<html", "<?xml", "<head", "<svg"):
		return "it is a web page or XML: a profile's address is like http://HOST/debug/pprof/heap"
	case folded.MatchString(s):
		return "it is folded stacks, which name no units: a flame graph program opens it"
	case begins("version https://git-lfs"):
		return "it is a pointer of Git LFS: git lfs pull fetches the file"
	default:
		return "it is text"
	}
}

// saidInJSON finds in the answer of a server what went wrong.
func saidInJSON(s string) string {
	for _, key := range []string{"traceEvents", "nodes", "profiles"} {
		if strings.Contains(s, `"`+key+`"`) {
			return " of another profiler"
		}
	}
	found := regexp.MustCompile(`"(?:error|message)"\s*:\s*"((?:[^"\\]|\\.)*)"`).FindStringSubmatch(s)
	if found == nil {
		return ""
	}
	return ` that says "` + found[1] + `"`
}
