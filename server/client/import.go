package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// ImportProgress says how far an import is.
type ImportProgress struct {
	Imported       int64
	GlobalPosition int64 // of the last message stored
}

// ImportResult sums up an import.
type ImportResult struct {
	Imported int64
	Elapsed  time.Duration // as the server measured it
}

// ImportError is returned by Import when the server refuses a line. What came
// before the line's batch is stored.
type ImportError struct {
	Line int64 // from 1; 0 when the server does not tell
	Err  *Error
}

func (e *ImportError) Error() string {
	if e.Line == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("line %d: %v", e.Line, e.Err)
}

// Unwrap returns the server's error.
func (e *ImportError) Unwrap() error { return e.Err }

// importLine is one of the answers while an import runs.
type importLine struct {
	Imported int64  `json:"imported"`
	GPos     int64  `json:"gpos"`
	Done     bool   `json:"done"`
	Elapsed  string `json:"elapsed"`
	Error    string `json:"error"`
	Message  string `json:"message"`
	Line     int64  `json:"line"`
}

// Import sends r, lines in the import format of protocol section 8, as they
// are read, to be stored with their positions, ids and times as given. force
// empties the namespace first. progress, unless nil, is called from this
// goroutine. It returns an *ImportError for a line that is refused.
func (c *Client) Import(ctx context.Context, r io.Reader, force bool, progress func(ImportProgress)) (ImportResult, error) {
	result, err := c.importFrom(ctx, r, force, progress)
	if err != nil {
		return result, fmt.Errorf("import: %w", err)
	}
	return result, nil
}

func (c *Client) importFrom(ctx context.Context, r io.Reader, force bool, progress func(ImportProgress)) (ImportResult, error) {
	if err := c.allows(writing); err != nil {
		return ImportResult{}, err
	}
	if err := c.mayName(ctx); err != nil {
		return ImportResult{}, err
	}
	query := url.Values{}
	if force {
		query.Set("force", "true")
	}
	src := &source{r: r}
	defer func() { _ = src.Close() }() // ends the reading; it has nothing to tell
	req, err := c.request(ctx, http.MethodPost, "/import", query, src)
	if err != nil {
		return ImportResult{}, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	started := time.Now()
	resp, err := c.do(ctx, req)
	if err != nil {
		return ImportResult{}, src.explain(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return ImportResult{}, refusal(resp)
	}
	result, err := followImport(newSSEReader(resp.Body, c.shared.limits.Event), src, progress)
	if result.Elapsed == 0 {
		result.Elapsed = time.Since(started)
	}
	if e, ok := errors.AsType[*ImportError](err); ok {
		return result, e
	}
	if err != nil && !errors.Is(err, errAnswer) && !errors.Is(err, ErrTooLarge) {
		err = src.explain(transportError(ctx, err))
	}
	return result, err
}

// errCutShort is returned when the server ends without saying how it went.
var errCutShort = errors.New("the server ended the answer before it was done")

// followImport reads the reports of an import of what src has sent. Each tells
// of more than the one before, and none of more messages than there were bytes,
// so that it ends even if the server does not want it to.
func followImport(events *sseReader, src *source, progress func(ImportProgress)) (ImportResult, error) {
	var result ImportResult
	for {
		_, data, err := events.next()
		if errors.Is(err, io.EOF) {
			return result, errCutShort
		}
		if err != nil {
			return result, err
		}
		var line importLine
		if json.Unmarshal(data, &line) != nil {
			return result, errAnswer
		}
		if line.Error != "" {
			return result, &ImportError{Line: line.Line, Err: &Error{Code: line.Error, Message: line.Message}}
		}
		if line.Imported > src.sent.Load() || !line.Done && line.Imported <= result.Imported {
			return result, errAnswer
		}
		result.Imported = line.Imported
		if line.Done {
			// An odd form of it is no reason to call a good import bad.
			result.Elapsed, _ = time.ParseDuration(line.Elapsed)
			return result, nil
		}
		if progress != nil {
			progress(ImportProgress{Imported: line.Imported, GlobalPosition: line.GPos})
		}
	}
}

// source remembers the error of what is imported, which net/http mixes up with
// its own, and is read no more once the answer is there.
type source struct {
	r      io.Reader
	sent   atomic.Int64 // bytes
	closed atomic.Bool
	failed atomic.Pointer[error]
}

func (s *source) Read(p []byte) (int, error) {
	if s.closed.Load() {
		return 0, io.ErrClosedPipe
	}
	n, err := s.r.Read(p)
	s.sent.Add(int64(n))
	if err != nil && err != io.EOF {
		s.failed.Store(&err)
	}
	return n, err
}

func (s *source) Close() error {
	s.closed.Store(true)
	return nil
}

// explain prefers what the source said over what the connection made of it.
func (s *source) explain(err error) error {
	if failed := s.failed.Load(); failed != nil {
		return fmt.Errorf("read what is to be imported: %w", *failed)
	}
	return err
}
