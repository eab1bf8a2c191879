package tui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/tui/page/pagetest"
)

// trade is 40 orders: placed, paid and shipped, each caused by the one before, with
// what the tabs are there to find. The totals of two are text, one was shipped unpaid,
// and the payment of one took long.
func trade() []store.ImportMessage {
	var out []store.ImportMessage
	positions := map[string]int64{}
	at := pagetest.Noon.Add(-time.Hour)
	put := func(stream, kind, data string, after time.Duration, cause *store.Message) *store.Message {
		at = at.Add(after)
		m := store.Message{
			ID: store.MakeID(at, [10]byte{8, byte(len(out))}), Stream: stream, Type: kind, Position: positions[stream],
			GlobalPosition: int64(len(out) + 1), Time: at, Data: []byte(data),
		}
		if cause != nil {
			m.Metadata = fmt.Appendf(nil, `{"causationMessageStreamName":%q,"causationMessagePosition":%d}`, cause.Stream, cause.Position)
		}
		positions[stream]++
		out = append(out, store.ImportMessage{Message: m})
		return &m
	}
	for i := range 40 {
		order, payment := fmt.Sprintf("order-%d", i+1), fmt.Sprintf("payment-%d", i+1)
		total := fmt.Sprint(20 + i)
		if i%20 == 7 {
			total = `"` + total + `"`
		}
		last := put(order, "OrderPlaced", `{"customer":"ann","total":`+total+`}`, time.Second, nil)
		if i != 11 {
			slow := 800 * time.Millisecond
			if i == 30 {
				slow = 25 * time.Minute
			}
			last = put(payment, "PaymentRequested", `{"order":"`+order+`"}`, 100*time.Millisecond, last)
			last = put(payment, "PaymentCaptured", `{"order":"`+order+`"}`, slow, last)
			last = put(order, "OrderPaid", `{"paid":`+total+`}`, 20*time.Millisecond, last)
		}
		if i%4 > 0 {
			put(order, "OrderShipped", `{"parcel":{"weight":3}}`, 2*time.Second, last)
		}
	}
	return out
}

// TestGoldenStory keeps the tabs of the log as a story: one each where there is room,
// and those whose layout gives way where there is little.
func TestGoldenStory(t *testing.T) {
	for name, c := range map[string]struct {
		keys  []string
		small bool
		says  []string
	}{
		"types":  {[]string{":types", "enter"}, false, []string{"OrderPlaced order 40", "187 messages of 5 types"}},
		"fields": {[]string{":types order OrderPlaced", "enter", "G", "k"}, true, []string{"data.total is a string in 2 of 40", "└ string"}},
		"flow":   {[]string{":flow order", "enter"}, true, []string{"OrderPlaced OrderShipped 1 2.5%", "25m 00s"}},
		"graph":  {[]string{":flow order", "enter", "tab"}, false, []string{"│ OrderPlaced │", "│ OrderPaid │"}},
		"state":  {[]string{":stream order-2", "enter", "]", ","}, true, []string{"state after #1", `"paid": 21`, "what #1 changed"}},
		"causes": {[]string{":causes order-31#2", "enter"}, true, []string{"◆ +25m 00s", "slowest, 99%", "└ ▸ OrderShipped"}},
	} {
		for _, size := range [][2]int{{120, 40}, {80, 24}} {
			if size[0] == 80 && !c.small {
				continue
			}
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				s := newStage(t, size[0], size[1], trade())
				for _, k := range c.keys {
					s.press(k)
					s.frames(3)
				}
				screen := headless(s.text())
				says := c.says
				if size[0] == 80 && name == "state" {
					says = says[:2] // the change is behind tab
				}
				pagetest.Says(t, screen, says...)
				golden.RequireEqual(t, trimmed(untimed(screen)))
			})
		}
	}
}

// untimed takes off what reading took, which is another time each time, with the rest
// of its line.
func untimed(screen string) string {
	took := regexp.MustCompile(`[\d.]+ (ns|µs|ms|s)( to read| *│$)`)
	lines := strings.Split(screen, "\n")
	for i, line := range lines {
		if strings.Contains(line, " read") {
			if at := took.FindStringIndex(line); at != nil {
				lines[i] = line[:at[0]] + "…"
			}
		}
	}
	return strings.Join(lines, "\n")
}
