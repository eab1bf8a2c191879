package jetlog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
)

const (
	namePrefix   = "evtui-"
	maxNameToken = 180 // bytes; JetStream takes 255, and directories of the servers have the name
	format       = 1
	dedupWindow  = 2 * time.Minute
	maxMetadata  = 128 << 10 // JetStream's own limit on a stream's metadata
	metadataRoom = 1 << 10   // that JetStream's own entries take of it
	keyFormat    = "evtui.format"
	keyID        = "evtui.id"
	keyIdentity  = "evtui.identity"
	keyCreated   = "evtui.created"
	keyDesc      = "evtui.description"
	keyMetadata  = "evtui.metadata"
	keyTokens    = "evtui.tokens"
	keyChange    = "evtui.change" // random, a new one with every change
)

// prefix is the first token of a namespace's subjects. One that begins with an underscore would
// be among NATS' own, such as _INBOX; Token writes no "=5F", so no two namespaces share one.
func prefix(id string) string {
	token := logstore.Token(id)
	if strings.HasPrefix(token, "_") {
		return "=5F" + token[1:]
	}
	return token
}

// streamName is the name of a namespace's stream. A long one is cut and told apart by its hash;
// Token writes no "==".
func streamName(id string) string {
	token := strings.ReplaceAll(prefix(id), ":", "=3A") // a colon is no part of a file's name everywhere
	if len(token) > maxNameToken {
		sum := sha256.Sum256([]byte(id))
		token = token[:100] + "==" + hex.EncodeToString(sum[:])
	}
	return namePrefix + token
}

// token is a store.Token in a stream's metadata.
type token struct {
	Hash     string     `json:"hash"`
	ReadOnly bool       `json:"readOnly,omitempty"`
	Created  time.Time  `json:"created"`
	Until    *time.Time `json:"until,omitempty"`
}

// metadata is what a stream says of its namespace.
func metadata(ns logstore.Namespace, change string) (map[string]string, error) {
	var tokens []token
	for _, t := range ns.Tokens {
		one := token{Hash: hex.EncodeToString(t.Hash[:]), ReadOnly: t.ReadOnly, Created: t.CreatedAt}
		if !t.Until.IsZero() {
			one.Until = &t.Until
		}
		tokens = append(tokens, one)
	}
	list, err := json.Marshal(tokens)
	if err != nil {
		return nil, err
	}
	m := map[string]string{
		keyFormat: strconv.Itoa(format), keyID: ns.ID, keyIdentity: ns.Identity, keyCreated: ns.CreatedAt.UTC().Format(time.RFC3339Nano),
		keyDesc: ns.Description, keyMetadata: string(ns.Metadata), keyTokens: string(list), keyChange: change,
	}
	size := metadataRoom
	for key, value := range m {
		size += len(key) + len(value)
	}
	if size > maxMetadata {
		return nil, &store.InvalidError{Field: "metadata", Reason: fmt.Sprintf("must be smaller: JetStream keeps %d bytes of metadata, description and tokens together, these have %d", maxMetadata-metadataRoom, size-metadataRoom)}
	}
	return m, nil
}

// formatError says that a namespace is of a format that this evtui does not know.
type formatError struct{ id, format string }

func (e *formatError) Error() string {
	return fmt.Sprintf("namespace %q is in the log in format %s, this evtui knows up to %d: take a newer one", e.id, e.format, format)
}

// ours reports whether a stream carries evtui's mark.
func ours(meta map[string]string) bool { return meta[keyFormat] != "" }

// namespace reads what a stream says of its namespace.
func namespace(meta map[string]string) (logstore.Namespace, error) {
	ns := logstore.Namespace{ID: meta[keyID], Identity: meta[keyIdentity], Description: meta[keyDesc]}
	if n, err := strconv.Atoi(meta[keyFormat]); err != nil || n > format {
		return ns, &formatError{id: ns.ID, format: meta[keyFormat]}
	}
	var err error
	if ns.CreatedAt, err = time.Parse(time.RFC3339Nano, meta[keyCreated]); err != nil {
		return ns, fmt.Errorf("namespace %q: when it was made: %w", ns.ID, err)
	}
	if text := meta[keyMetadata]; text != "" {
		ns.Metadata = json.RawMessage(text)
	}
	var tokens []token
	if err := json.Unmarshal([]byte(meta[keyTokens]), &tokens); err != nil {
		return ns, fmt.Errorf("namespace %q: its tokens: %w", ns.ID, err)
	}
	for _, t := range tokens {
		one := store.Token{ReadOnly: t.ReadOnly, CreatedAt: t.Created}
		if n, err := hex.Decode(one.Hash[:], []byte(t.Hash)); err != nil || n != len(one.Hash) || len(t.Hash) != 2*n {
			return ns, fmt.Errorf("namespace %q: one of its tokens is damaged", ns.ID)
		}
		if t.Until != nil {
			one.Until = *t.Until
		}
		ns.Tokens = append(ns.Tokens, one)
	}
	return ns, nil
}

// config is how the stream of a namespace is kept.
func config(ns logstore.Namespace, replicas int, meta map[string]string) jetstream.StreamConfig {
	c := keptStream(streamName(ns.ID), "a namespace of evtui: only evtui may write its subjects", prefix(ns.ID)+".>", replicas)
	c.AllowAtomicPublish, c.Metadata = true, meta
	return c
}

// keptStream is a stream that is kept for good, replicated, and from which nothing is
// read but what its leader says.
func keptStream(name, about, subjects string, replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: name, Description: about, Subjects: []string{subjects}, Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage,
		MaxConsumers: -1, MaxMsgs: -1, MaxBytes: -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, Discard: jetstream.DiscardNew,
		Replicas: replicas, Duplicates: dedupWindow, DenyDelete: true,
	}
}
