package server

import (
	"net/http"
	"slices"
	"strconv"
	"sync"
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
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	done, ok := s.admitAdmin(w, r, r.URL.Query().Get("token"), "metrics", "metrics")
	if !ok {
		return
	}
	defer done()
	s.metrics.once.Do(func() {
		registry := prometheus.NewRegistry()
		registry.MustRegister(
			newCollector(s), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		)
		s.metrics.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{
			MaxRequestsInFlight: maxScrapes, ErrorHandling: promhttp.HTTPErrorOnError,
		})
	})
	s.metrics.handler.ServeHTTP(w, r)
}

// maxScrapes is how many scrapes are answered at once.
const maxScrapes = 4

// collector tells Prometheus the server's figures and those of the engine. It
// holds nothing but what the metrics are called.
type collector struct {
	s *Server

	appended, read, announced, errors, duration       *prometheus.Desc
	scanned                                           *prometheus.Desc
	nsAppended, nsRead, subscriptions, connections    *prometheus.Desc
	info, known, open, opens, closes, stalled         *prometheus.Desc
	messages, disk, wal, walWritten, memtable         *prometheus.Desc
	levelBytes, levelTables, sublevels, readAmp, debt *prometheus.Desc
	flushes, compactions, fsyncs, fsync, poisoned     *prometheus.Desc
	cacheBytes, cacheHits, cacheMisses                *prometheus.Desc
	lag, silent, damaged, value                       *prometheus.Desc
}

func newCollector(s *Server) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("evtui_"+name, help, labels, nil)
	}
	return &collector{
		s:         s,
		info:      desc("info", "Always 1; the labels tell what is running.", "version", "backend", "durability"),
		appended:  desc("messages_appended_total", "Messages written."),
		read:      desc("messages_read_total", "Messages handed out."),
		scanned:   desc("messages_scanned_total", "Messages that scans looked at, whether or not their filter kept them."),
		announced: desc("messages_announced_total", "Messages announced to subscriptions."),
		errors:    desc("request_errors_total", "Requests answered with an error, by its code; those of imports too.", "code"),
		duration:  desc("request_duration_seconds", "How long calls took, by method, up to the last full second.", "method"),

		nsAppended:    desc("namespace_messages_appended_total", "Messages written, by namespace; begins again when nothing happened there for long.", "namespace"),
		nsRead:        desc("namespace_messages_read_total", "Messages handed out, by namespace; begins again when nothing happened there for long.", "namespace"),
		subscriptions: desc("subscriptions", "Open subscriptions."),
		connections:   desc("connections", "Open HTTP connections."),

		known:   desc("namespaces", "Namespaces there are."),
		open:    desc("open_namespaces", "Namespaces whose database is open."),
		opens:   desc("namespace_opens_total", "Databases of namespaces opened."),
		closes:  desc("namespace_closes_total", "Databases of namespaces closed."),
		stalled: desc("stalled_namespaces", "Namespaces whose writes stand still."),

		messages:    desc("namespace_messages", "Messages stored, by open namespace.", "namespace"),
		disk:        desc("disk_bytes", "Bytes on disk, by open namespace.", "namespace"),
		wal:         desc("wal_bytes", "Size of the write-ahead log.", "namespace"),
		walWritten:  desc("wal_written_bytes_total", "Bytes written to the log since the namespace was opened.", "namespace"),
		memtable:    desc("memtable_bytes", "Size of the memtables.", "namespace"),
		levelBytes:  desc("lsm_level_bytes", "Bytes in a level of the tree.", "namespace", "level"),
		levelTables: desc("lsm_level_tables", "Tables in a level of the tree.", "namespace", "level"),
		sublevels:   desc("lsm_sublevels", "Sublevels of level 0.", "namespace"),
		readAmp:     desc("lsm_read_amplification", "Tables that a read may have to look into.", "namespace"),
		debt:        desc("lsm_compaction_debt_bytes", "Estimated bytes to compact until the tree is in shape.", "namespace"),
		flushes:     desc("lsm_flushes_total", "Flushes since the namespace was opened.", "namespace"),
		compactions: desc("lsm_compactions_total", "Compactions since the namespace was opened.", "namespace"),
		fsyncs:      desc("wal_fsyncs_total", "Syncs of the log since the namespace was opened.", "namespace"),
		fsync:       desc("wal_fsync_seconds", "How long syncs of the log took since the namespace was opened.", "namespace", "quantile"),
		poisoned:    desc("namespace_poisoned", "1 when the namespace's log has failed.", "namespace"),
		damaged:     desc("namespace_damaged", "1 when what the namespace held is not there, and it refuses every call.", "namespace"),

		value: desc("engine_value", "What the engine measured of itself: see engine.sections.", "namespace", "section", "row", "value", "unit"),

		lag:    desc("consumer_group_lag", "Global positions between where a consumer group's member asks to read and the head of its category.", memberLabels()...),
		silent: desc("consumer_group_silent_seconds", "For how long a consumer group's member was not heard of.", memberLabels()...),

		cacheBytes:  desc("cache_bytes", "Size of a cache that all namespaces share.", "cache"),
		cacheHits:   desc("cache_hits_total", "Lookups that a cache answered.", "cache"),
		cacheMisses: desc("cache_misses_total", "Lookups that a cache could not answer.", "cache"),
	}
}

func memberLabels() []string {
	return []string{"namespace", "category", "correlation", "size", "member"}
}

// maxLagging is how many members of consumer groups a scrape tells of: those
// heard of last.
const maxLagging = 1000

// Describe says nothing, which makes the collector an unchecked one: which
// namespaces there are is known only when it collects.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect reads the figures; it costs microseconds an open namespace.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	m := metricsOut{out}
	c.requests(m)
	c.consumers(m)
	damaged := map[string]float64{}
	if engine := c.s.journal.engine; engine != nil {
		f := engine.EngineFigures()
		c.engine(m, f)
		for i := range f.Namespaces {
			damaged[f.Namespaces[i].ID] = 0
		}
	}
	if engine, err := offered[store.Sectioned](c.s); err == nil {
		c.sections(m, engine.Sections())
	}
	for _, d := range c.s.damaged() {
		damaged[d.Namespace] = 1
	}
	for namespace, is := range damaged {
		m.gauge(c.damaged, is, namespace)
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
					m.gauge(c.value, v.Number, s.Namespace, s.Name, row.Name, column, string(v.Unit))
				}
			}
		}
	}
}

// metricsOut sends metrics.
type metricsOut struct{ out chan<- prometheus.Metric }

func (m metricsOut) count(d *prometheus.Desc, n int64, labels ...string) {
	m.out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (m metricsOut) gauge(d *prometheus.Desc, n float64, labels ...string) {
	m.out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, labels...)
}

func (c *collector) requests(m metricsOut) {
	f, description := &c.s.figures, c.s.cfg.Store.Describe()
	m.gauge(c.info, 1, c.s.cfg.Version, description.Backend, description.Durability)
	m.count(c.appended, f.appended.Load())
	m.count(c.read, f.read.Load())
	m.count(c.scanned, f.scanned.Load())
	m.count(c.announced, f.announced.Load())
	for code, n := range f.codes.all() {
		m.count(c.errors, n, code)
	}
	m.gauge(c.subscriptions, float64(c.s.subs.count()))
	m.gauge(c.connections, float64(c.s.conns.open.Load()))
	for namespace, sum := range f.messages.Totals() {
		m.count(c.nsAppended, sum[0], namespace)
		m.count(c.nsRead, sum[1], namespace)
	}
	for name, method := range c.s.methods {
		if total := method.calls.Totals(); total.Calls > 0 {
			m.out <- c.histogram(name, total)
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
		labels := []string{row.Namespace, row.Category, row.Correlation, strconv.Itoa(row.Size), strconv.Itoa(row.Member)}
		if row.Lag != nil {
			m.gauge(c.lag, float64(*row.Lag), labels...)
		}
		if row.SilentFor != nil {
			m.gauge(c.silent, time.Duration(*row.SilentFor).Seconds(), labels...)
		}
	}
}

func (c *collector) histogram(method string, total tally.Totals) prometheus.Metric {
	buckets := make(map[float64]uint64)
	below := uint64(0)
	for i, bound := range tally.Bounds() {
		below += total.Counts[i]
		buckets[float64(bound)/1e9] = below
	}
	return prometheus.MustNewConstHistogram(c.duration, total.Calls, float64(total.Spent)/1e9, buckets, method)
}

func (c *collector) engine(m metricsOut, f store.EngineFigures) {
	m.gauge(c.known, float64(f.Known))
	m.gauge(c.open, float64(len(f.Namespaces)))
	m.count(c.opens, f.Opened)
	m.count(c.closes, f.Closed)
	m.gauge(c.stalled, float64(c.s.journal.stalls()))
	for name, cache := range map[string]store.CacheFigures{"block": f.BlockCache, "file": f.FileCache} {
		m.gauge(c.cacheBytes, float64(cache.Size), name)
		m.count(c.cacheHits, cache.Hits, name)
		m.count(c.cacheMisses, cache.Misses, name)
	}
	for i := range f.Namespaces {
		c.tree(m, &f.Namespaces[i])
	}
}

func (c *collector) tree(m metricsOut, n *store.NamespaceFigures) {
	m.gauge(c.messages, float64(n.Messages), n.ID)
	m.gauge(c.disk, float64(n.DiskBytes), n.ID)
	m.gauge(c.wal, float64(n.WAL.Size), n.ID)
	m.count(c.walWritten, n.WAL.BytesWritten, n.ID)
	m.gauge(c.memtable, float64(n.MemtableBytes), n.ID)
	m.gauge(c.readAmp, float64(n.ReadAmp), n.ID)
	m.gauge(c.debt, float64(n.Debt), n.ID)
	m.count(c.flushes, n.Flushes, n.ID)
	m.count(c.compactions, n.Compactions, n.ID)
	m.count(c.fsyncs, n.Fsyncs, n.ID)
	m.gauge(c.fsync, n.FsyncP50.Seconds(), n.ID, "0.5")
	m.gauge(c.fsync, n.FsyncP99.Seconds(), n.ID, "0.99")
	poisoned := 0.0
	if n.Poisoned {
		poisoned = 1
	}
	m.gauge(c.poisoned, poisoned, n.ID)
	for _, level := range n.Levels {
		name := strconv.Itoa(level.Level)
		m.gauge(c.levelBytes, float64(level.Size), n.ID, name)
		m.gauge(c.levelTables, float64(level.Tables), n.ID, name)
		if level.Level == 0 {
			m.gauge(c.sublevels, float64(level.Sublevels), n.ID)
		}
	}
}
