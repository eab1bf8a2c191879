package jetlog

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// TestWordOfALeader: what a leader says of itself counts when it heard from all replicas lately, or from a majority
// since it was asked. A new leader says of a replica that it has not heard from yet that this was 0 s ago.
func TestWordOfALeader(t *testing.T) {
	since := time.Now()
	leader := func(active ...time.Duration) jetstream.StreamInfo {
		info := jetstream.StreamInfo{Config: jetstream.StreamConfig{Replicas: len(active) + 1}, Cluster: &jetstream.ClusterInfo{Leader: "a", LeaderSince: &since}}
		for i, one := range active {
			info.Cluster.Replicas = append(info.Cluster.Replicas, &jetstream.PeerInfo{Name: string(rune('b' + i)), Active: one, Current: true})
		}
		return info
	}
	const asked = 100 * time.Millisecond
	for name, c := range map[string]struct {
		info jetstream.StreamInfo
		want bool
	}{
		"heard from both lately":                   {leader(time.Second, 2*time.Second), true},
		"heard from one since it was asked":        {leader(time.Millisecond, time.Minute), true},
		"heard from one before it was asked":       {leader(time.Second, time.Minute), false},
		"never from one, from the other before":    {leader(time.Second, 0), false},
		"never from one, from the other since":     {leader(time.Millisecond, 0), true},
		"never from anybody":                       {leader(0, 0), false},
		"of five heard from two since, never else": {leader(time.Millisecond, time.Millisecond, 0, 0), true},
		"of five heard from one since, never else": {leader(time.Millisecond, time.Second, 0, 0), false},
	} {
		if err := leads(c.info, asked); (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
