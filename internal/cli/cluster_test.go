package cli

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evtui/evtui/internal/host"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

// onCluster is what commands on a cluster are tried with: its URL, and a data directory.
type onCluster struct {
	t        *testing.T
	url, dir string
}

func mustCluster(t *testing.T) *onCluster {
	t.Helper()
	c := jettest.Start(t, jettest.Options{})
	u := c.URL()
	user, password := c.Account(t)
	u.User = url.User(user)
	t.Setenv("EVTUI_NATS_PASSWORD", password)
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	return &onCluster{t, u.String(), filepath.Join(t.TempDir(), "data")}
}

// run runs a command on the cluster, which must work. After the first its directory alone names it.
func (c *onCluster) run(args ...string) (out, errs string) {
	c.t.Helper()
	out, errs, err := runCommand(c.t, c.args(args)...)
	if err != nil {
		c.t.Fatalf("%v: %v\n%s%s", args, err, out, errs)
	}
	return out, errs
}

func (c *onCluster) args(args []string) []string {
	args = append(args, "--data", c.dir)
	if !host.Place(c.dir).HoldsStore() {
		args = append(args, "--db-url", c.url)
	}
	return args
}

// refused runs a command that must fail with all of these words, and without what only
// somebody who reads the code could use.
func (c *onCluster) refused(args []string, words ...string) {
	c.t.Helper()
	_, errs, err := runCommand(c.t, c.args(args)...)
	if err == nil {
		c.t.Errorf("%v works", args)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error()+errs, word) {
			c.t.Errorf("%v says %v, without %q", args, err, word)
		}
	}
	for _, never := range []string{"goroutine ", ".go:", "projection/ns", "%!"} {
		if strings.Contains(err.Error()+errs, never) {
			c.t.Errorf("%v says %v", args, err)
		}
	}
}

// TestCommandsOnACluster goes through what commands do on a cluster, and through what it does
// not offer.
func TestCommandsOnACluster(t *testing.T) {
	c := mustCluster(t)
	other := t.TempDir()
	for _, stream := range []string{"order-1", "order-2", "customer"} {
		c.run("append", stream, "Placed", `{"n":1}`)
	}
	if out, _ := c.run("messages", "--all", "--fresh", "-o", "ndjson"); strings.Count(out, "\n") != 3 {
		t.Errorf("messages: %s", out)
	}
	// Another directory is another evtui, which reads all of the log first.
	second := filepath.Join(t.TempDir(), "second")
	if out, errs, err := runCommand(t, "state", "order-1", "--data", second, "--db-url", c.url); err != nil || !strings.Contains(out, `"n": 1`) {
		t.Errorf("state on a new directory: %s%s%v", out, errs, err)
	}
	if out, _ := c.run("ns", "create", "shop"); !strings.Contains(out, "ns_") {
		t.Errorf("ns create: %s", out)
	}
	c.run("ns", "token", "shop", "--new")
	if out, _ := c.run("ns", "list"); !strings.Contains(out, "shop") {
		t.Errorf("ns list: %s", out)
	}
	file := filepath.Join(other, "all.ndjson")
	c.run("export", file)
	c.run("import", file, "--ns", "shop")
	_, digests := c.run("verify", "--digest", "-o", "json")
	if digests != "" {
		t.Errorf("verify says %s", digests)
	}
	for _, command := range [][]string{{"stats"}, {"groups"}, {"events"}, {"log"}, {"types"}, {"categories"}, {"streams"}, {"load", "--duration", "200ms"}, {"stats", "--storage"}} {
		c.run(command...)
	}
	c.refused([]string{"import", file, "--ns", "shop", "--force", "--yes"}, "not offered", "new namespace")
	c.refused([]string{"backup", "--to", filepath.Join(other, "backup")}, "evtui export")
	c.refused([]string{"verify", "--accept-older", "shop", "--yes"}, "not offered", "--repair")
	c.refused([]string{"load", "--duration", "1s", "--durability", "interval"}, "the cluster decides", "sync_interval")
	c.refused([]string{"append", "order-1", "T", `{}`, "--token", "ns_ZGVmYXVsdA_" + strings.Repeat("0", 64)}, "not the one that the namespace default was made with")
	c.refused([]string{"messages", "x", "--db-url", "nats://me:secret@host"}, "--db-password-file")
	c.run("ns", "delete", "shop", "--yes")
}

// TestClusterCopyIsRepaired damages this machine's copy, a table of it and then its registry:
// verify says so, and --repair copies it again from the log.
func TestClusterCopyIsRepaired(t *testing.T) {
	c := mustCluster(t)
	c.run("load", "--duration", "1s")
	c.run("ns", "create", "shop")
	before := digestsOf(c)
	tables := filepath.Join(c.dir, "projection", "ns", "*", "*.sst")
	names, err := filepath.Glob(tables)
	if err != nil || len(names) == 0 {
		t.Fatalf("there is no table: %v, %v", names, err)
	}
	for _, name := range names {
		if err := os.Truncate(name, 100); err != nil {
			t.Fatal(err)
		}
	}
	c.refused([]string{"verify"}, "default")
	if _, errs := c.run("verify", "--repair"); !strings.Contains(errs, "default: built again: ") {
		t.Errorf("repair says %s", errs)
	}
	if after := digestsOf(c); after != before {
		t.Errorf("after the repair it holds %s, and held %s", after, before)
	}
	registry := filepath.Join(c.dir, "projection", "registry", "namespaces.log")
	if err := os.WriteFile(registry, []byte("no registry\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.refused([]string{"verify"}, "registry")
	if _, errs := c.run("verify", "--repair"); !strings.Contains(errs, "is put aside") || !strings.Contains(errs, "projection.damaged-") {
		t.Errorf("repair of the registry says %s", errs)
	}
	if after := digestsOf(c); after != before {
		t.Errorf("after that repair it holds %s, and held %s", after, before)
	}
}

// digestsOf is what the namespaces hold, all that was acknowledged.
func digestsOf(c *onCluster) string {
	c.t.Helper()
	c.run("messages", "--all", "--limit", "1") // which catches up
	c.run("messages", "--all", "--limit", "1", "--ns", "shop")
	out, _ := c.run("verify", "--digest", "-o", "ndjson")
	return out
}
