package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"iter"

	"github.com/evtui/evtui/store"
)

// digest is the SHA-256 of all that clients can read of a namespace: each
// message with its positions, id, time, type, data and metadata, in the
// namespace's order, which messages yields. Space between JSON's tokens does not
// count, since an export may leave it out.
func digest(namespace string, messages iter.Seq2[store.Message, error]) (string, error) {
	sum := sha256.New()
	var scratch bytes.Buffer
	for m, err := range messages {
		if err != nil {
			return "", fmt.Errorf("digest namespace %q: %w", namespace, err)
		}
		var fixed [40]byte
		copy(fixed[:16], m.ID[:])
		binary.BigEndian.PutUint64(fixed[16:], uint64(m.Position))
		binary.BigEndian.PutUint64(fixed[24:], uint64(m.GlobalPosition))
		binary.BigEndian.PutUint64(fixed[32:], uint64(m.Time.UnixNano()))
		_, _ = sum.Write(fixed[:]) // a hash never fails
		for _, field := range [][]byte{[]byte(m.Stream), []byte(m.Type)} {
			addField(sum, field)
		}
		for _, value := range [][]byte{m.Data, m.Metadata} {
			scratch.Reset()
			if value != nil {
				if err := json.Compact(&scratch, value); err != nil {
					return "", fmt.Errorf("digest message %d of namespace %q: %w", m.GlobalPosition, namespace, err)
				}
			}
			addField(sum, scratch.Bytes())
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func addField(sum hash.Hash, field []byte) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(field)))
	_, _ = sum.Write(length[:])
	_, _ = sum.Write(field)
}
