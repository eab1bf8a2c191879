package server_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

// maybe writes what may be unknown.
func maybe(n *int64) string {
	if n == nil {
		return "?"
	}
	return number(*n)
}

func TestEngineSubscriptions(t *testing.T) {
	h := newHost(t)
	h.namespace("tenant")
	h.write("account-1", 3)
	h.write("order-1", 1)
	short := func(options string) string {
		t.Helper()
		var list []wire.Subscription
		h.quietly(`["engine.subscriptions"`+options+`]`, &list)
		var all []string
		for i, s := range list {
			if i > 0 && s.ID <= list[i-1].ID || s.Remote == "" || time.Since(s.Since) > time.Minute || s.UI {
				t.Errorf("got %+v", s)
			}
			all = append(all, fmt.Sprintf("%s %s %s %d/%d cursor %s lag %s sent %d", s.Namespace, s.Kind, s.Name, s.Member, s.Size, maybe(s.Cursor), maybe(s.Lag), s.Sent))
		}
		return strings.Join(all, "\n")
	}
	h.expect(`["engine.subscriptions"]`, `[]`)
	category := h.subscribe("category=account&position=0&consumer=1&size=2")
	h.subscribe("all=true")
	stream := h.subscribe("stream=account-1&position=2")
	stream.pokes(1)
	// MD5 puts account-1 with member 0 of two: nothing is announced, and nothing is
	// missing either once it has waited.
	h.eventually("all have caught up", func() bool {
		return short("") == `default category account 1/2 cursor 0 lag 0 sent 0
default all  0/0 cursor 4 lag 0 sent 0
default stream account-1 0/0 cursor 3 lag 0 sent 1`
	})
	if got := short(`,{"namespace":"tenant"}`); got != "" {
		t.Errorf("another namespace has %s", got)
	}
	h.refused(h.admin, `["engine.subscriptions",{"namespace":"a/b"}]`, 400, "INVALID_REQUEST")
	category.close()
	stream.close()
	h.eventually("two are closed", func() bool { return strings.Count(short(""), "\n") == 0 })
	h.eventually("the sample counts one", func() bool { return h.sample().Subscribers == 1 })
}

// TestASlowSubscriptionLags: it does not read, so that its cursor stays behind.
func TestASlowSubscriptionLags(t *testing.T) {
	h := newHost(t)
	name := "account-" + strings.Repeat("x", 1000)
	events := strings.Repeat(`,{"type":"T","data":{}}`, 10000)[1:]
	for range 4 {
		h.call(`["stream.append",` + quote(name) + `,[` + events + `]]`)
	}
	h.subscribe("category=&position=0")
	var list []wire.Subscription
	last := int64(-1)
	h.eventually("its client's buffers are full", func() bool {
		h.quietly(`["engine.subscriptions"]`, &list)
		full := list[0].Sent == last && last > 0 && !list[0].Waiting
		last = list[0].Sent
		return full
	})
	s := list[0]
	if s.Waiting || *s.Cursor != s.Sent || *s.Lag != 40000-s.Sent || *s.Lag < 1000 {
		t.Errorf("cursor %d, lag %s, sent %d, waiting %t", *s.Cursor, maybe(s.Lag), s.Sent, s.Waiting)
	}
}

func (h *host) groups(options string) string {
	h.t.Helper()
	var list []wire.GroupMember
	h.quietly(`["engine.groups"`+options+`]`, &list)
	var all []string
	for _, m := range list {
		all = append(all, fmt.Sprintf("%s/%s/%s %d/%d%s %s: at %s of %s, given %s, lag %s, %d calls, %d connected",
			m.Namespace, m.Category, m.Correlation, m.Member, m.Size, m.Consumer, m.Via,
			maybe(m.Position), maybe(m.Head), maybe(m.Given), maybe(m.Lag), m.Calls, m.Connected))
		known := m.Via != ""
		if known != (m.LastHeard != nil) || known != (m.SilentFor != nil) || known && time.Duration(*m.SilentFor) > time.Minute {
			h.t.Errorf("%+v: heard at %v", m, m.LastHeard)
		}
	}
	return strings.Join(all, "\n")
}

func (h *host) wantGroups(options, want string) {
	h.t.Helper()
	if got := h.groups(options); got != want {
		h.t.Errorf("groups %s\n got %s\nwant %s", options, got, want)
	}
}

// consume reads two messages as a member of a group does.
func (h *host) consume(category string, position int64, member, size int) {
	h.t.Helper()
	h.call(fmt.Sprintf(`["category.get",%s,{"position":%d,"batchSize":2,"consumerGroup":{"member":%d,"size":%d}}]`, quote(category), position, member, size))
}

func TestGroupsAreObserved(t *testing.T) {
	h := newHost(t)
	h.write("account-1", 3)
	h.write("order-1", 1)
	// None of these is a consumer's: without a group, backward, of no message, by the UI.
	h.call(`["category.get","account",{"position":1}]`)
	h.call(`["category.get","account",{"backward":true,"consumerGroup":{"member":0,"size":1}}]`)
	h.call(`["category.get","account",{"batchSize":0,"consumerGroup":{"member":0,"size":1}}]`)
	var ignored any
	h.quietly(`["category.get","account",{"consumerGroup":{"member":0,"size":1}}]`, &ignored)
	h.expect(`["engine.groups"]`, `[]`)

	const who = "default/account/ 0/1 category.get: "
	h.consume("account", 1, 0, 1)
	h.wantGroups("", who+"at 1 of 3, given 2, lag 3, 1 calls, 0 connected")
	h.consume("account", 3, 0, 1)
	h.wantGroups("", who+"at 3 of 3, given 3, lag 1, 2 calls, 0 connected")
	h.consume("account", 4, 0, 1)
	h.wantGroups("", who+"at 4 of 3, given 3, lag 0, 3 calls, 0 connected")
	h.write("account-1", 1)
	h.wantGroups("", who+"at 4 of 5, given 3, lag 1, 3 calls, 0 connected")
	h.consume("account", 1, 0, 1) // begins again
	h.wantGroups("", who+"at 1 of 5, given 2, lag 5, 4 calls, 0 connected")
	// With a correlation it is another consumer, and so it is in another namespace.
	h.call(`["category.get","account",{"position":6,"correlation":"checkout","consumerGroup":{"member":0,"size":1}}]`)
	h.namespace("tenant")
	h.request("POST", "/rpc", h.admin, `["category.get","",{"consumerGroup":{"member":0,"size":1}}]`, wire.NamespaceHeader, "tenant")
	const other = "default/account/checkout 0/1 category.get: at 6 of 5, given ?, lag 0, 1 calls, 0 connected"
	const tenant = "tenant// 0/1 category.get: at 0 of 0, given ?, lag 0, 1 calls, 0 connected"
	const first = who + "at 1 of 5, given 2, lag 5, 4 calls, 0 connected"
	h.wantGroups("", first+"\n"+other+"\n"+tenant)
	h.wantGroups(`,{"namespace":"default"}`, first+"\n"+other)
	h.wantGroups(`,{"category":"account"}`, first+"\n"+other)
	h.wantGroups(`,{"category":""}`, tenant)
	h.wantGroups(`,{"category":null,"namespace":null}`, first+"\n"+other+"\n"+tenant)
	h.wantGroups(`,{"category":"order"}`, "")
	h.refused(h.admin, `["engine.groups",{"namespace":"nowhere"}]`, 404, "NAMESPACE_NOT_FOUND")
	h.refused(h.admin, `["engine.groups",{"category":"a-1"}]`, 400, "INVALID_REQUEST")
	h.call(`["ns.delete","tenant"]`)
	h.wantGroups("", first+"\n"+other)
}

// TestUnheardMembers are unknown, not at 0. Which member owns a stream is the
// store's to say.
func TestUnheardMembers(t *testing.T) {
	h := newHost(t)
	h.write("account-1", 3)
	owner := store.MemberOf(store.Hash("1"), 3)
	stranger := (owner + 1) % 3
	for range 2 { // they come back: a group
		h.consume("account", 1, owner, 3)
		h.consume("account", 1, stranger, 3)
	}
	lines := [3]string{}
	for member := range lines {
		lines[member] = fmt.Sprintf("default/account/ %d/3 : at ? of 3, given ?, lag ?, 0 calls, 0 connected", member)
	}
	lines[owner] = fmt.Sprintf("default/account/ %d/3 category.get: at 1 of 3, given 2, lag 3, 2 calls, 0 connected", owner)
	// It asked from 1 and found nothing at all: nothing is left for it.
	lines[stranger] = fmt.Sprintf("default/account/ %d/3 category.get: at 1 of 3, given ?, lag 0, 2 calls, 0 connected", stranger)
	h.wantGroups("", strings.Join(lines[:], "\n"))
	h.consume("account", 1, 700, 1000) // too large to list everyone
	if got := h.groups(""); strings.Count(got, "\n") != 3 || !strings.HasPrefix(strings.Split(got, "\n")[3], "default/account/ 700/1000 category.get") {
		t.Errorf("got %s", got)
	}
}

// allClosed says that no namespace is open, and fails a test that opens one.
type allClosed struct {
	store.Store
	t *testing.T
}

func (s *allClosed) Namespace(ctx context.Context, id string) (store.Namespace, error) {
	ns, err := s.Store.Namespace(ctx, id)
	ns.Open = false
	return ns, err
}

func (s *allClosed) Categories(context.Context, string) ([]store.CategoryCount, error) {
	s.t.Error("a closed namespace was opened")
	return nil, nil
}

// TestClosedNamespacesStayClosed: how far a category reaches there is unknown.
func TestClosedNamespacesStayClosed(t *testing.T) {
	h := newHost(t, func(c *server.Config) { c.Store = &allClosed{c.Store, t} })
	h.write("account-1", 3)
	h.consume("account", 1, 0, 1)
	h.subscribe("category=account&position=0").pokes(3)
	h.wantGroups("", "default/account/ 0/1 category.get: at 1 of ?, given 2, lag ?, 1 calls, 0 connected")
	var list []wire.Subscription
	h.eventually("the subscription has all the same", func() bool {
		h.quietly(`["engine.subscriptions"]`, &list)
		return len(list) == 1 && maybe(list[0].Lag) == "0"
	})
}

func TestSubscribedMembers(t *testing.T) {
	h := newHost(t)
	h.write("account-1", 3)
	owner := store.MemberOf(store.Hash("1"), 2)
	who := fmt.Sprintf("default/account/ %d/2 ", owner)
	mine := func() string {
		for line := range strings.SplitSeq(h.groups(""), "\n") {
			if strings.HasPrefix(line, who) {
				return strings.TrimPrefix(line, who)
			}
		}
		return "nothing"
	}
	h.subscribe("category=order&consumer=0&size=2&position=0") // of another category
	sub := h.subscribe(fmt.Sprintf("category=account&consumer=%d&size=2&position=0", owner))
	sub.pokes(3)
	h.eventually("its cursor is its position", func() bool {
		return mine() == "subscription: at 4 of 3, given ?, lag 0, 1 calls, 1 connected"
	})
	// Once it reads, that says more than what was announced to it.
	h.consume("account", 2, owner, 2)
	if got := mine(); got != "category.get: at 2 of 3, given 3, lag 2, 2 calls, 1 connected" {
		t.Error(got)
	}
	h.consume("account", 4, owner, 2)
	stranger := "account-x"
	for i := 0; store.MemberOf(store.Hash(store.CardinalID(stranger)), 2) == owner; i++ {
		stranger = "account-" + number(int64(i))
	}
	h.write(stranger, 5)
	// It waits for news, and what came since is another member's.
	h.eventually("others' messages are no lag", func() bool {
		return mine() == "category.get: at 4 of 8, given 3, lag 0, 3 calls, 1 connected"
	})
	sub.close()
	h.eventually("it is gone", func() bool {
		return mine() == "category.get: at 4 of 8, given 3, lag 5, 3 calls, 0 connected"
	})
}

func TestPositionStreams(t *testing.T) {
	h := newHost(t)
	h.write("account-1", 5)
	for stream, data := range map[string]string{
		"account:position-shipping":     `{"position":3}`,
		"account:position":              `{"position":0}`,
		"account:position-broken":       `{"position":"3"}`,
		"orders:position-shipping":      `{"position":1}`,
		"account:command+position-bill": `{"position":5}`,
	} {
		h.call(`["stream.write",` + quote(stream) + `,{"type":"Recorded","data":{"position":1}}]`)
		h.call(`["stream.write",` + quote(stream) + `,{"type":"Recorded","data":` + data + `}]`)
		h.call(`["stream.write",` + quote(stream) + `,{"type":"Other","data":{"position":9}}]`)
	}
	h.call(`["stream.write","account:position-other",{"type":"Other","data":{"position":2}}]`)
	h.wantGroups(`,{"namespace":"default"}`, "")
	h.wantGroups(`,{"category":"account"}`, "")
	h.wantGroups(`,{"namespace":"default","category":"account"}`, ""+
		"default/account/ 0/0 position stream: at 1 of 5, given 0, lag 5, 0 calls, 0 connected\n"+
		"default/account/ 0/0broken position stream: at ? of 5, given ?, lag ?, 0 calls, 0 connected\n"+
		"default/account/ 0/0shipping position stream: at 4 of 5, given 3, lag 2, 0 calls, 0 connected")
	h.wantGroups(`,{"namespace":"default","category":"account:command"}`, ""+
		"default/account:command/ 0/0bill position stream: at 6 of 0, given 5, lag 0, 0 calls, 0 connected")
}

// TestOneReadMakesNoConsumer: whoever tries a call out once is told of for a while, as
// one that read once. It makes no group of which the others are missing, it is not
// counted for, and no alert can fire on it. Once it comes back, it is a consumer.
func TestOneReadMakesNoConsumer(t *testing.T) {
	h := newHost(t)
	h.write("account-1", 3)
	member := store.MemberOf(store.Hash("1"), 3)
	h.consume("account", 1, member, 3)
	list := func() (rows []wire.GroupMember) {
		h.quietly(`["engine.groups",{"namespace":"default","messages":true}]`, &rows)
		return rows
	}
	if rows := list(); len(rows) != 1 || !rows[0].Once || rows[0].Messages != nil {
		t.Errorf("after one read: %+v", rows)
	}
	lagging := func() bool {
		for name := range h.scrape() {
			if strings.HasPrefix(name, "evtui_consumer_group_") {
				return true
			}
		}
		return false
	}
	if lagging() {
		t.Error("the metrics tell of somebody who read once")
	}
	h.consume("account", 3, member, 3)
	rows := list()
	if len(rows) != 3 || rows[member].Once || *rows[member].Messages != 1 {
		t.Errorf("after it came back: %+v", rows)
	}
	if !lagging() {
		t.Error("the metrics tell nothing of a consumer")
	}
}

// TestLagIsInMessagesOfTheCategory: what others write between is no lag, and neither is
// what other members of the group are to handle.
func TestLagIsInMessagesOfTheCategory(t *testing.T) {
	h := newHost(t)
	own, other := "", ""
	for i := 0; own == "" || other == ""; i++ {
		name := "account-" + number(int64(i))
		if store.MemberOf(store.Hash(store.CardinalID(name)), 2) == 0 {
			own = name
		} else {
			other = name
		}
	}
	for range 5 {
		h.write("noise-1", 20)
		h.write(own, 2)
		h.write(other, 3)
	}
	h.call(`["stream.write","account:position-reports",{"type":"Recorded","data":{"position":50}}]`)
	h.call(`["stream.write","account:position-reports-0-of-2",{"type":"Recorded","data":{"position":50}}]`)
	h.call(`["stream.write","order:command+position-bill",{"type":"Recorded","data":{"position":5}}]`)
	for range 2 {
		h.consume("account", 1, 0, 2)
	}
	look := func() string {
		var rows []wire.GroupMember
		h.quietly(`["engine.groups",{"namespace":"default","recorded":true,"messages":true}]`, &rows)
		var all []string
		for _, m := range rows {
			all = append(all, fmt.Sprintf("%s %d/%d%s %s: %s", m.Category, m.Member, m.Size, m.Consumer, m.Via, maybe(m.Messages)))
		}
		return strings.Join(all, "\n")
	}
	const want = `account 0/2 category.get: 10
account 1/2 : ?
account 0/0reports position stream: 15
account 0/0reports-0-of-2 position stream: 6
order:command 0/0bill position stream: 0`
	if got := look(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// More messages and a step forward are counted from where the last look was.
	h.write(own, 4)
	h.write("noise-1", 50)
	h.call(`["stream.write","account:position-reports-0-of-2",{"type":"Recorded","data":{"position":75}}]`)
	if got := look(); !strings.Contains(got, "account 0/2 category.get: 14") || !strings.Contains(got, "reports position stream: 19") || !strings.Contains(got, "reports-0-of-2 position stream: 8") {
		t.Errorf("after more: %s", got)
	}
}
