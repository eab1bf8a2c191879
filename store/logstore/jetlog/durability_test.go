package jetlog

import (
	"encoding/json"
	"errors"
	"testing"
)

// TestDurabilityOfServers: a cluster syncs when all of its servers say so. A server whose routes
// name itself, as a configuration that is the same on all servers has it, is counted once.
func TestDurabilityOfServers(t *testing.T) {
	server := func(config string, size string) sight {
		var v sight
		text := `{"cluster":{"urls":["a:6222","b:6222","c:6222"]},"jetstream":{"config":` + config + `,"meta":` + size + `}}`
		if err := json.Unmarshal([]byte(text), &v.varz); err != nil {
			t.Fatal(err)
		}
		return v
	}
	const always, minutes = `{"sync_interval":120000000000,"sync_always":true}`, `{"sync_interval":120000000000}`
	const three, alone = `{"cluster_size":3}`, `null`
	silent := sight{err: errors.New("nobody answers")}
	for name, c := range map[string]struct {
		told []sight
		want string
	}{
		"nothing is told":          {nil, syncUnknown},
		"all three sync":           {[]sight{server(always, three), server(always, three), server(always, three)}, syncAlways},
		"two of three are told of": {[]sight{server(always, three), server(always, three)}, syncUnknown},
		"one does not answer":      {[]sight{server(always, three), server(always, three), silent}, syncUnknown},
		"one does not sync":        {[]sight{server(always, three), server(minutes, three), silent}, "interval 2m0s"},
		"one stores nothing":       {[]sight{server(always, three), server(always, three), server(`null`, three)}, syncAlways},
		"one server alone":         {[]sight{server(always, alone)}, syncAlways},
	} {
		if got := durability(c.told); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
