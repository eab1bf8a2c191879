package server

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/rawjson"
	"github.com/evtui/evtui/server/wire"
	"github.com/evtui/evtui/store"
)

// A batch is stored when it holds importBatch messages, or, so that memory
// stays bounded, importBytes of text.
const (
	importBatch = 1000
	importBytes = 4 << 20
)

// batchPatience is how many times longer than a write a batch may take, which
// may have to wait until an engine has made room for it.
const batchPatience = 10

// drainBytes is how much of a body is still read after an import failed, so
// that a client that sends all before it reads gets to see why.
const drainBytes = 64 << 20

// serveImport answers POST /import. The body is read line by line while
// progress is told.
func (s *Server) serveImport(w http.ResponseWriter, r *http.Request) error {
	granted, err := s.authorize(r, "")
	if err == nil {
		err = granted.mayWrite("import")
	}
	if err == nil {
		err = s.enter(r, &s.load.imports, s.cfg.Limits.Imports, "imports")
	}
	if err != nil {
		return err
	}
	defer s.load.imports.Add(-1)
	s.labels.set("import", granted.namespace, "", isUI(r))
	ctx, cancel := s.untilStopped(r.Context())
	defer cancel()
	into, err := s.importTarget(ctx, granted.namespace, r)
	if err != nil {
		return err
	}
	defer s.discard(into, granted.namespace)
	out := http.NewResponseController(w)
	// HTTP/2 and tests' recorders are full-duplex, or have no connection. Not
	// before the last refusal: a connection that is full-duplex ends with a
	// body unread, and does not say so.
	_ = out.EnableFullDuplex()
	sseHeaders(w.Header())
	// The connection goes on to other requests, which set no such deadline.
	defer func() { _ = out.SetWriteDeadline(time.Time{}) }()
	body := &patientBody{body: r.Body, out: out, stall: s.cfg.Limits.StallTime, stopping: s.stopping}
	defer context.AfterFunc(s.stopping, func() { _ = out.SetReadDeadline(time.Now()) })()
	i := &importer{s: s, w: w, out: out, namespace: granted.namespace, into: into, body: body, started: time.Now()}
	if err := i.run(ctx); err != nil {
		i.fail(err)
	}
	if !isUI(r) {
		s.figures.appended.Add(i.imported)
	}
	return nil
}

type importTarget struct {
	store.Replacement
	zipped bool // the body is gzip, as its header says
	force  bool // what is there is replaced, all or nothing
}

// importTarget checks the request and begins the replacement if there is to be
// one. A namespace that is not there, or that cannot be written to, is refused
// here: once the answer is an event stream, its status says 200.
func (s *Server) importTarget(ctx context.Context, namespace string, r *http.Request) (into importTarget, err error) {
	query, err := queryOf(r)
	if err != nil {
		return into, err
	}
	if into.force, err = boolParameter(query, "force"); err != nil {
		return into, err
	}
	if into.zipped, err = importEncoding(r); err != nil {
		return into, err
	}
	if s.cfg.Store.Describe().ReadOnly {
		return into, store.ErrReadOnly
	}
	importer, err := offered[store.Importer](s)
	if err != nil {
		return into, err
	}
	if into.force {
		into.Replacement, err = importer.Replace(ctx, namespace)
		return into, err
	}
	into.Replacement = addition{importer, namespace}
	_, err = s.cfg.Store.Head(ctx, namespace)
	return into, err
}

// addition is an import that adds to what is there: each batch counts at once.
type addition struct {
	importer  store.Importer
	namespace string
}

func (a addition) Import(ctx context.Context, messages []store.ImportMessage) error {
	return a.importer.Import(ctx, a.namespace, messages)
}

func (a addition) Commit(context.Context) error { return nil }

func (a addition) Discard() error { return nil }

// discard gives up a replacement that was not committed.
func (s *Server) discard(into importTarget, namespace string) {
	if err := into.Discard(); err != nil {
		s.log.Warn("give up a replacement", "namespace", namespace, "error", err.Error())
	}
}

var errStopping = &importError{code: wire.ImportFailed, message: "the server is stopping"}

// importError is an error line of an import.
type importError struct {
	code    string
	message string
	line    int64 // from 1; 0: none
}

func (e *importError) Error() string { return e.code + ": " + e.message }

type importer struct {
	s         *Server
	w         http.ResponseWriter
	out       *http.ResponseController
	namespace string
	into      importTarget
	started   time.Time

	body  *patientBody
	lines *bufio.Reader
	line  int64 // number of the line read last

	batch    []store.ImportMessage
	numbers  []int64 // the line of each message in batch
	text     []byte  // the lines that batch's bytes alias
	imported int64
}

func (i *importer) run(ctx context.Context) error {
	lines, err := openLines(bufio.NewReaderSize(i.body, linesBuffer), i.into.zipped)
	if err != nil {
		return i.brokeOff(err)
	}
	i.lines = lines
	for {
		line, err := i.nextLine()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) > 0 {
			if err := i.add(line); err != nil {
				return err
			}
		}
		last := err != nil
		if len(i.batch) == importBatch || len(i.text) >= importBytes || last && len(i.batch) > 0 {
			if err := i.store(ctx); err != nil {
				return err
			}
		}
		if last {
			if err := i.commit(ctx); err != nil {
				return err
			}
			elapsed := fmt.Sprintf("%.1fs", time.Since(i.started).Seconds())
			return i.tell(struct {
				Done     bool   `json:"done"`
				Imported int64  `json:"imported"`
				Elapsed  string `json:"elapsed"`
			}{true, i.imported, elapsed})
		}
	}
}

// commit makes a forced import count. It may take as long as reading all of it.
func (i *importer) commit(ctx context.Context) error {
	if !i.into.force {
		return nil
	}
	if i.imported == 0 {
		return &importError{code: wire.ImportFailed, message: "the body holds no message: nothing was replaced"}
	}
	defer i.stillHere()()
	if err := i.into.Commit(ctx); err != nil {
		return i.refused(err)
	}
	return nil
}

// stillHere sends comments until the function that it returns is called, which
// waits for the last: proxies take an answer that is silent for a dead one.
func (i *importer) stillHere() (stop func()) {
	over := make(chan struct{})
	var sending sync.WaitGroup
	sending.Go(func() {
		tick := time.NewTicker(i.s.cfg.Limits.Heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				_ = i.send(": still here\n\n") // the next event meets the error
			}
		}
	})
	return func() {
		close(over)
		sending.Wait()
	}
}

// nextLine appends the next line to text and returns it; empty for a blank
// one. The last line comes with io.EOF.
func (i *importer) nextLine() ([]byte, error) {
	i.line++
	start := len(i.text)
	for {
		part, err := i.lines.ReadSlice('\n')
		if len(i.text)-start+len(part) > i.s.cfg.Limits.LineBytes {
			return nil, i.wrong(wire.InvalidRecord, "the line is longer than %d bytes", i.s.cfg.Limits.LineBytes)
		}
		i.text = append(i.text, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return nil, i.brokeOff(err)
		}
		line := i.text[start:]
		if len(bytes.Trim(line, " \t\r\n")) == 0 {
			i.text = i.text[:start]
			line = nil
		}
		return line, err
	}
}

// brokeOff says why there are no more lines, which is no end.
func (i *importer) brokeOff(err error) error {
	if _, known := errors.AsType[*importError](err); known {
		return err
	}
	if fault := unzipFault(err); fault != "" && !i.body.broken {
		return i.wrong(wire.ImportFailed, "%s", fault)
	}
	return i.wrong(wire.ImportFailed, "the body broke off")
}

func (i *importer) wrong(code, format string, args ...any) error {
	return &importError{code: code, message: fmt.Sprintf(format, args...), line: i.line}
}

// add parses a line and adds its message to the batch.
func (i *importer) add(line []byte) error {
	m, err := readRecord(line)
	if err != nil {
		// A wrong field is found before the end of the line; what is not JSON
		// at all is that first.
		whole := rawjson.New(line)
		if syntax := cmp.Or(whole.Skip(), whole.End()); syntax != nil {
			return i.wrong(wire.InvalidJSON, "%s", syntax)
		}
		return i.wrong(wire.InvalidRecord, "%s", err)
	}
	i.batch = append(i.batch, m)
	i.numbers = append(i.numbers, i.line)
	return nil
}

// store stores the batch and tells how far the import has come.
func (i *importer) store(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, batchPatience*i.s.cfg.Limits.WriteTime)
	err := i.into.Import(limited, i.batch)
	cancel()
	if err != nil {
		return i.refused(err)
	}
	i.imported += int64(len(i.batch))
	position := i.batch[len(i.batch)-1].GlobalPosition
	// The engine may still look at the batch's bytes only until Import
	// returned, so one buffer serves all batches.
	clear(i.batch)
	i.batch, i.numbers, i.text = i.batch[:0], i.numbers[:0], i.text[:0]
	return i.tell(struct {
		Imported int64 `json:"imported"`
		Position int64 `json:"gpos"`
	}{i.imported, position})
}

// refused turns the store's error into the import's.
func (i *importer) refused(err error) error {
	told := &importError{code: wire.ImportFailed}
	var (
		at      *store.ImportError
		illegal *store.InvalidError
		m       *store.ImportMessage
	)
	if len(i.numbers) > 0 {
		told.line, m = i.numbers[0], &i.batch[0]
	}
	if errors.As(err, &at) && at.Index < len(i.numbers) {
		told.line, m = i.numbers[at.Index], &i.batch[at.Index]
	}
	switch {
	case errors.Is(err, store.ErrPositionExists) && m != nil:
		told.code = wire.PositionExists
		told.message = fmt.Sprintf("gpos %d, or pos %d of stream %q, is taken", m.GlobalPosition, m.Position, m.Stream)
	case errors.As(err, &illegal):
		told.code, told.message = wire.InvalidRecord, illegal.Error()
	case errors.Is(err, context.Canceled):
		told.message = "the import was broken off"
	default:
		f, unknown := faultOf("import", err)
		if unknown {
			i.s.log.Error("import failed", "namespace", i.namespace, "error", err.Error())
		}
		told.message = f.message
	}
	return told
}

// fail sends the error line, and reads on for a while.
func (i *importer) fail(err error) {
	told := &importError{code: wire.ImportFailed, message: "the client takes no answer"}
	errors.As(err, &told)
	i.s.figures.failed(told.code)
	_ = i.tell(struct {
		Code    string `json:"error"`
		Message string `json:"message"`
		Line    int64  `json:"line,omitempty"`
	}{told.code, told.message, told.line})
	if i.body.broken {
		_ = i.out.SetReadDeadline(time.Now()) // nothing more will come
		return
	}
	_, _ = io.CopyN(io.Discard, i.body, drainBytes)
}

func (i *importer) tell(event any) error {
	encoded, err := json.Marshal(event)
	if err != nil {
		return err
	}
	return i.send("data: " + string(encoded) + "\n\n")
}

func (i *importer) send(text string) error {
	_ = i.out.SetWriteDeadline(time.Now().Add(i.s.cfg.Limits.StallTime))
	if _, err := io.WriteString(i.w, text); err != nil {
		return err
	}
	return i.out.Flush()
}
