package server

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/evtui/evtui/server/internal/tally"
	"github.com/evtui/evtui/store"
)

// metricsPage is what /metrics serves, made at the first scrape. Nothing is
// collected between scrapes.
type metricsPage struct {
	once    sync.Once
	handler http.Handler
}

// serveMetrics answers GET /metrics, which needs the admin token: in the
// header, or in the query for scrapers that can send none.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) error {
	done, err := s.admitAdmin(r, r.URL.Query().Get("token"), "metrics")
	if err != nil {
		return err
	}
	defer done()
	s.metrics.once.Do(func() {
		registry := prometheus.NewRegistry()
		registry.MustRegister(
			&collector{s: s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		)
		s.metrics.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{
			MaxRequestsInFlight: maxScrapes, ErrorHandling: promhttp.HTTPErrorOnError,
		})
	})
	s.metrics.handler.ServeHTTP(w, r)
	return nil
}

const maxScrapes = 4

// collector tells Prometheus the server's figures and those of the engine. It
// holds nothing but what the metrics are called.
type collector struct {
	s     *Server
	descs sync.Map // by name: *prometheus.Desc
}

// maxLagging is how many members of consumer groups a scrape tells of: those
// heard of last.
const maxLagging = 1000

// Describe says nothing, which makes the collector an unchecked one: which
// namespaces there are is known only when it collects.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect reads the figures; it costs microseconds an open namespace.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	m := metricsOut{c, out}
	c.requests(m)
	c.consumers(m)
	damaged := map[string]bool{}
	if engine := c.s.journal.engine; engine != nil {
		f := engine.EngineFigures()
		c.engine(m, f)
		for i := range f.Namespaces {
			damaged[f.Namespaces[i].ID] = false
		}
	}
	if engine, err := offered[store.Sectioned](c.s); err == nil {
		c.sections(m, engine.Sections())
	}
	for _, d := range c.s.damaged() {
		damaged[d.Namespace] = true
	}
	for namespace, is := range damaged {
		m.gauge("namespace_damaged", "1 when what the namespace held is not there, and it refuses every call.",
			oneIf(is), "namespace", namespace)
	}
}

// sections tells the numbers in an engine's sections, but for rows that come and go
// and what an engine tells in metrics of its own.
func (c *collector) sections(m metricsOut, list []store.Section) {
	for i := range list {
		s := &list[i]
		if s.Passing || s.Elsewhere {
			continue
		}
		for _, row := range s.Rows {
			for n, v := range row.Values {
				column := ""
				if n < len(s.Columns) {
					column = s.Columns[n]
				}
				if v.Unit != store.UnitUnknown && v.Unit != store.UnitText {
					m.gauge("engine_value", "What the engine measured of itself: see engine.sections.", v.Number,
						"namespace", s.Namespace, "section", s.Name, "row", row.Name, "value", column, "unit", string(v.Unit))
				}
			}
		}
	}
}

// metricsOut sends metrics. Of each it takes the name, the help, the value, and the labels as names
// and values in turn.
type metricsOut struct {
	c   *collector
	out chan<- prometheus.Metric
}

func (m metricsOut) count(name, help string, n int64, labels ...string) {
	desc, values := m.desc(name, help, labels)
	m.out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), values...)
}

func (m metricsOut) gauge(name, help string, n float64, labels ...string) {
	desc, values := m.desc(name, help, labels)
	m.out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, n, values...)
}

// desc returns what a metric is called, and the values of its labels.
func (m metricsOut) desc(name, help string, labels []string) (*prometheus.Desc, []string) {
	var names, values []string
	for i := 0; i < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	known, ok := m.c.descs.Load(name)
	if !ok {
		known, _ = m.c.descs.LoadOrStore(name, prometheus.NewDesc("evtui_"+name, help, names, nil))
	}
	return known.(*prometheus.Desc), values
}

func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (c *collector) requests(m metricsOut) {
	f, d := &c.s.figures, c.s.cfg.Store.Describe()
	m.gauge("info", "Always 1; the labels tell what is running.",
		1, "version", c.s.cfg.Version, "backend", d.Backend, "durability", d.Durability)
	m.count("messages_appended_total", "Messages written.", f.appended.Load())
	m.count("messages_read_total", "Messages handed out.", f.read.Load())
	m.count("messages_scanned_total", "Messages that scans looked at, whether or not their filter kept them.", f.scanned.Load())
	m.count("messages_announced_total", "Messages announced to subscriptions.", f.announced.Load())
	for code, n := range f.codes.Range {
		m.count("request_errors_total", "Requests answered with an error, by its code; those of imports too.",
			n.(*atomic.Int64).Load(), "code", code.(string))
	}
	m.gauge("subscriptions", "Open subscriptions.", float64(c.s.subs.clients.Load()))
	m.gauge("connections", "Open HTTP connections.", float64(c.s.conns.open.Load()))
	const again = ", by namespace; begins again when nothing happened there for long."
	for namespace, sum := range f.messages.Totals() {
		m.count("namespace_messages_appended_total", "Messages written"+again, sum[0], "namespace", namespace)
		m.count("namespace_messages_read_total", "Messages handed out"+again, sum[1], "namespace", namespace)
	}
	for name, method := range c.s.methods {
		if total := method.calls.Totals(); total.Calls > 0 {
			m.histogram(name, total)
		}
	}
}

func (c *collector) consumers(m metricsOut) {
	g := newGroupList(c.s, false)
	seen := c.s.observed.list("", "", true, g.connected)
	slices.SortFunc(seen, func(a, b sighting) int { return b.at.Compare(a.at) })
	for _, row := range g.observed(c.s.stopping, seen[:min(len(seen), maxLagging)]) {
		if row.Once {
			continue // nobody is to be woken for a call that somebody tried out
		}
		labels := []string{
			"namespace", row.Namespace, "category", row.Category, "correlation", row.Correlation,
			"size", strconv.Itoa(row.Size), "member", strconv.Itoa(row.Member),
		}
		if row.Lag != nil {
			m.gauge("consumer_group_lag", "Global positions between where a consumer group's member asks to read and the head of its category.",
				float64(*row.Lag), labels...)
		}
		if row.SilentFor != nil {
			m.gauge("consumer_group_silent_seconds", "For how long a consumer group's member was not heard of.",
				time.Duration(*row.SilentFor).Seconds(), labels...)
		}
	}
}

func (m metricsOut) histogram(method string, total tally.Totals) {
	buckets := make(map[float64]uint64)
	below := uint64(0)
	for i, bound := range tally.Bounds() {
		below += total.Counts[i]
		buckets[float64(bound)/1e9] = below
	}
	desc, labels := m.desc("request_duration_seconds", "How long calls took, by method, up to the last full second.", []string{"method", method})
	m.out <- prometheus.MustNewConstHistogram(desc, total.Calls, float64(total.Spent)/1e9, buckets, labels...)
}

func (c *collector) engine(m metricsOut, f store.EngineFigures) {
	m.gauge("namespaces", "Namespaces there are.", float64(f.Known))
	m.gauge("open_namespaces", "Namespaces whose database is open.", float64(len(f.Namespaces)))
	m.count("namespace_opens_total", "Databases of namespaces opened.", f.Opened)
	m.count("namespace_closes_total", "Databases of namespaces closed.", f.Closed)
	m.gauge("stalled_namespaces", "Namespaces whose writes stand still.", float64(c.s.journal.stalls()))
	for name, cache := range map[string]store.CacheFigures{"block": f.BlockCache, "file": f.FileCache} {
		m.gauge("cache_bytes", "Size of a cache that all namespaces share.", float64(cache.Size), "cache", name)
		m.count("cache_hits_total", "Lookups that a cache answered.", cache.Hits, "cache", name)
		m.count("cache_misses_total", "Lookups that a cache could not answer.", cache.Misses, "cache", name)
	}
	for i := range f.Namespaces {
		m.tree(&f.Namespaces[i])
	}
}

func (m metricsOut) tree(n *store.NamespaceFigures) {
	of := []string{"namespace", n.ID}
	m.gauge("namespace_messages", "Messages stored, by open namespace.", float64(n.Messages), of...)
	m.gauge("disk_bytes", "Bytes on disk, by open namespace.", float64(n.DiskBytes), of...)
	m.gauge("wal_bytes", "Size of the write-ahead log.", float64(n.WAL.Size), of...)
	m.count("wal_written_bytes_total", "Bytes written to the log since the namespace was opened.", n.WAL.BytesWritten, of...)
	m.gauge("memtable_bytes", "Size of the memtables.", float64(n.MemtableBytes), of...)
	m.gauge("lsm_read_amplification", "Tables that a read may have to look into.", float64(n.ReadAmp), of...)
	m.gauge("lsm_compaction_debt_bytes", "Estimated bytes to compact until the tree is in shape.", float64(n.Debt), of...)
	m.count("lsm_flushes_total", "Flushes since the namespace was opened.", n.Flushes, of...)
	m.count("lsm_compactions_total", "Compactions since the namespace was opened.", n.Compactions, of...)
	m.count("wal_fsyncs_total", "Syncs of the log since the namespace was opened.", n.Fsyncs, of...)
	for quantile, took := range map[string]time.Duration{"0.5": n.FsyncP50, "0.99": n.FsyncP99} {
		m.gauge("wal_fsync_seconds", "How long syncs of the log took since the namespace was opened.",
			took.Seconds(), "namespace", n.ID, "quantile", quantile)
	}
	m.gauge("namespace_poisoned", "1 when the namespace's log has failed.", oneIf(n.Poisoned), of...)
	for _, level := range n.Levels {
		at := []string{"namespace", n.ID, "level", strconv.Itoa(level.Level)}
		m.gauge("lsm_level_bytes", "Bytes in a level of the tree.", float64(level.Size), at...)
		m.gauge("lsm_level_tables", "Tables in a level of the tree.", float64(level.Tables), at...)
		if level.Level == 0 {
			m.gauge("lsm_sublevels", "Sublevels of level 0.", float64(level.Sublevels), of...)
		}
	}
}
