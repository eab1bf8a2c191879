package peer

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
)

// Options says what the server offers beyond what every one must.
type Options struct {
	Profiles bool // /debug/pprof
	// Refused, unless nil, gets each method and path that is not
	// offered. It is called from many goroutines.
	Refused func(what string)
}

// Handler returns a server of sections 1 to 8, made of inner, one of evtui's.
func Handler(inner http.Handler, o Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Evtui-") {
				r.Header.Del(name)
			}
		}
		switch path := r.URL.Path; {
		case path == "/rpc":
			o.call(inner, w, r)
		case slices.Contains([]string{"/subscribe", "/import", "/health", "/version"}, path),
			o.Profiles && strings.HasPrefix(path, "/debug/pprof/"):
			inner.ServeHTTP(w, r)
		default:
			o.refuse(w, "NOT_FOUND", "path", path)
		}
	})
}

// methods lists what is offered, with the options that are known.
func methods() map[string][]string {
	return map[string][]string{
		"stream.write":   {"id", "expectedVersion", "type", "data", "metadata"},
		"stream.get":     {"position", "globalPosition", "batchSize"},
		"stream.last":    {"type"},
		"stream.version": nil,
		"category.get":   {"position", "globalPosition", "batchSize", "correlation", "consumerGroup"},
		"ns.create":      {"description", "token", "metadata"},
		"ns.delete":      nil,
		"ns.list":        nil,
		"ns.info":        nil,
		"ns.streams":     {"prefix", "cursor", "limit"},
		"ns.categories":  nil,
		"sys.version":    nil,
		"sys.health":     nil,
	}
}

// call passes a call on without what is not known here, as a server does that
// ignores it.
func (o Options) call(inner http.Handler, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone
	}
	var parts []json.RawMessage
	var method string
	if json.Unmarshal(body, &parts) == nil && len(parts) > 0 && json.Unmarshal(parts[0], &method) == nil {
		known, offered := methods()[method]
		if !offered {
			o.refuse(w, "METHOD_NOT_FOUND", "method", method)
			return
		}
		for i := range parts[1:] {
			parts[i+1] = only(parts[i+1], known)
		}
		body, _ = json.Marshal(parts) // it was JSON before
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if method != "ns.categories" {
		inner.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	inner.ServeHTTP(answer, r)
	maps.Copy(w.Header(), answer.Header())
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = w.Write(each(answer.Body.Bytes(), []string{"category", "streamCount", "messageCount"}))
}

// only returns an object with the named members alone; anything else as it is.
func only(value json.RawMessage, names []string) json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(value, &members) != nil || members == nil {
		return value
	}
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return !slices.Contains(names, name) })
	cut, _ := json.Marshal(members) // it was JSON before
	return cut
}

// each cuts every object of an array to the named members.
func each(array []byte, names []string) []byte {
	var values []json.RawMessage
	if json.Unmarshal(array, &values) != nil {
		return array
	}
	for i := range values {
		values[i] = only(values[i], names)
	}
	cut, _ := json.Marshal(values) // it was JSON before
	return cut
}

func (o Options) refuse(w http.ResponseWriter, code, kind, name string) {
	if o.Refused != nil {
		o.Refused(name)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusNotFound)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": "unknown " + kind + ": " + name}})
}
