package server_test

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
)

// owner says by the words of the protocol alone which member of a group a
// stream belongs to; -1 for none.
func owner(stream string, size int64) int64 {
	_, id, dashed := strings.Cut(stream, "-")
	cardinal, _, _ := strings.Cut(id, "+")
	if !dashed || cardinal == "" {
		return -1
	}
	sum := md5.Sum([]byte(cardinal))
	hash := new(big.Int).SetInt64(int64(binary.BigEndian.Uint64(sum[:8])))
	return new(big.Int).Mod(hash.Abs(hash), big.NewInt(size)).Int64()
}

// TestOneRuleOwnsStreams holds reads, subscriptions and the distribution
// against the words of the protocol, for names that are split in odd ways.
func TestOneRuleOwnsStreams(t *testing.T) {
	h := newHost(t)
	names := []string{"job", "job-", "job-+", "job-+x", "job-1", "job-1+retry", "job-1+2+3", "job-a-b-c", "job-a-b+c-d", "job--", "job-日本", "job-日本+x", "job- ", "job-0", "job-00"}
	for i := range 20 {
		names = append(names, fmt.Sprintf("job-%d", 1000+i))
	}
	for _, name := range names {
		h.write(name, 1)
	}
	for _, size := range []int64{1, 2, 3, 7, 1<<31 - 1} {
		for _, member := range []int64{0, 1, 2, 6, owner("job-1", size), owner("job-a-b-c", size)} {
			if member >= size {
				continue
			}
			var want []string
			for _, name := range names {
				if owner(name, size) == member {
					want = append(want, name)
				}
			}
			var got []string
			for _, r := range rows(t, h.call(fmt.Sprintf(`["category.get","job",{"consumerGroup":{"member":%d,"size":%d}}]`, member, size))) {
				var name string
				mustDecode(t, string(r[1]), &name)
				got = append(got, name)
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("member %d of %d reads %q, want %q", member, size, got, want)
			}
			e := h.subscribe(fmt.Sprintf("category=job&position=0&consumer=%d&size=%d", member, size))
			for _, name := range want {
				if got := e.poke().Stream; got != name {
					t.Errorf("member %d of %d hears of %q, want %q", member, size, got, name)
				}
			}
			e.close()
		}
	}
	var d wire.Distribution
	mustDecode(t, h.call(`["category.distribution","job",{"size":3,"top":100}]`), &d)
	for _, m := range append(d.Members, d.Unassigned) {
		for _, s := range m.Hottest {
			if owner(s.Stream, 3) != int64(m.Member) {
				t.Errorf("%q is shown with member %d", s.Stream, m.Member)
			}
		}
	}
}

// TestFiltersTogether reads a category by group, correlation, position and
// batch size at once: no page is cut short.
func TestFiltersTogether(t *testing.T) {
	h := newHost(t)
	want := map[string]bool{}
	for i := range 300 {
		stream, metadata := fmt.Sprintf("job-%d", i%40), "null"
		if i%3 == 0 {
			metadata = `{"correlationStreamName":"order-1"}`
		}
		if i%3 == 0 && owner(stream, 2) == 1 {
			want[fmt.Sprint(i+1)] = true
		}
		h.call(fmt.Sprintf(`["stream.write",%q,{"type":"T","data":{},"metadata":%s}]`, stream, metadata))
	}
	for from, done := int64(1), false; !done; {
		page := rows(t, h.call(fmt.Sprintf(`["category.get","job",{"position":%d,"batchSize":7,"correlation":"order","consumerGroup":{"member":1,"size":2}}]`, from)))
		done = len(page) < 7
		for _, r := range page {
			if !want[string(r[4])] {
				t.Fatalf("message %s does not belong here, or came twice", r[4])
			}
			delete(want, string(r[4]))
			mustDecode(t, string(r[4]), &from)
			from++
		}
	}
	if len(want) > 0 {
		t.Errorf("a short page came before these: %v", want)
	}
}

// TestTimeNeverRunsBackwards writes after what was imported from the future.
func TestTimeNeverRunsBackwards(t *testing.T) {
	h := newHost(t)
	future := time.Now().Add(time.Hour).UTC().Format(time.RFC3339Nano)
	h.wantEvents(h.importAll("", strings.Replace(record(1), "2026-01-15T10:30:00.123456789Z", future, 1)), `{"imported":1,"gpos":1}`, "done 1")
	h.write("a-1", 3)
	var last string
	for _, r := range rows(t, h.call(`["category.get",""]`)) {
		var at string
		mustDecode(t, string(r[7]), &at)
		parsed, err := time.Parse(time.RFC3339Nano, at)
		if err != nil || !strings.HasSuffix(at, "Z") {
			t.Errorf("%s is no time in UTC (%v)", at, err)
		}
		if before, err := time.Parse(time.RFC3339Nano, last); err == nil && parsed.Before(before) {
			t.Errorf("%s comes after %s", at, last)
		}
		last = at
	}
}

// TestHealthCountsConnections opens and closes some.
func TestHealthCountsConnections(t *testing.T) {
	h := newHost(t)
	count := func() (n int) {
		t.Helper()
		var health struct{ Connections int }
		mustDecode(t, h.call(`["sys.health"]`), &health)
		return health.Connections
	}
	before := count()
	var open []net.Conn
	for range 5 {
		s := h.strange(t)
		s.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		s.answer("GET")
		open = append(open, s.conn)
	}
	if got := count(); got != before+5 {
		t.Errorf("with five more there are %d connections, were %d", got, before)
	}
	for _, conn := range open {
		_ = conn.Close()
	}
	h.eventually("they are counted off", func() bool { return count() == before })
}

// TestDeletedNamespaceIsGone looks for what it wrote in the data directory.
func TestDeletedNamespaceIsGone(t *testing.T) {
	h, _, data := onDisk(t)
	token := h.namespace("doomed")
	files := func() (names []string) {
		t.Helper()
		err := filepath.WalkDir(data, func(path string, _ os.DirEntry, err error) error {
			names = append(names, path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	h.callAs(token, `["stream.write","a-1",{"type":"T","data":{}}]`)
	h.call(`["engine.flush","doomed"]`)
	with := len(files())
	h.call(`["ns.delete","doomed"]`)
	var left []string
	for _, name := range files() {
		if strings.Contains(name, "doomed") || strings.Contains(name, "ZG9vbWVk") {
			left = append(left, name)
		}
	}
	if len(left) > 0 || len(files()) >= with {
		t.Errorf("left are %q of %d files, now %d", left, with, len(files()))
	}
	if _, err := h.store.TokenHash(t.Context(), "doomed"); err == nil {
		t.Error("its token is still known")
	}
}

// TestVersionIsSemantic pins the form of the two ways to ask for it.
func TestVersionIsSemantic(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Version = "" })
	h.expect(`["sys.version"]`, `"0.0.0"`)
	answer, text := h.request(http.MethodGet, "/version", "", "")
	if answer.StatusCode != http.StatusOK || text != `{"version":"0.0.0"}` || answer.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s %s %v", answer.Status, text, answer.Header)
	}
}
