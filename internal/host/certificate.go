package host

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/evtui/evtui/internal/durable"
)

// certificate is what a server shows, read again when its files change: who
// renews it need not restart the server. SIGHUP ends evtui, so it is the
// handshakes that look, at most once every recheckTime.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger
	changed           func(chain []byte) // gets each that is taken up, in PEM

	mu      sync.Mutex // guards what follows
	current *tls.Certificate
	seen    [2]fileState // of certFile and keyFile, when current was read or refused
	checked time.Time
}

const recheckTime = time.Second

// fileState shows whether a file is the one that was read.
type fileState struct {
	modified time.Time
	size     int64
}

// openCertificate reads the files; an error says what is wrong with them.
func openCertificate(certFile, keyFile string, log *slog.Logger, changed func(chain []byte)) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log, changed: changed}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked = time.Now()
	return c, c.loadLocked()
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) >= recheckTime {
		c.checked = now
		c.refreshLocked()
	}
	return c.current, nil
}

// refreshLocked takes up a certificate that has changed. One that cannot be
// used is reported once, and the one before stays.
func (c *certificate) refreshLocked() {
	if now := c.states(); now == c.seen {
		return
	}
	if err := c.loadLocked(); err != nil {
		c.log.Error("the changed certificate cannot be used; the previous one stays in use", "error", err.Error())
		return
	}
	c.log.Info("certificate reloaded", "file", c.certFile, "until", c.current.Leaf.NotAfter.UTC())
}

func (c *certificate) states() [2]fileState {
	var all [2]fileState
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			all[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return all
}

func (c *certificate) loadLocked() error {
	c.seen = c.states()
	chain, err := os.ReadFile(c.certFile)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	key, err := os.ReadFile(c.keyFile)
	if err != nil {
		return fmt.Errorf("read the certificate's key: %w", err)
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return fmt.Errorf("read the certificate %s with the key %s: %w", c.certFile, c.keyFile, err)
	}
	if until := pair.Leaf.NotAfter; time.Now().After(until) {
		c.log.Warn("the certificate has expired", "file", c.certFile, "until", until.UTC())
	}
	if warning := OpenToOthers(c.keyFile); warning != "" {
		c.log.Warn(warning)
	}
	c.current = &pair
	c.changed(chain)
	return nil
}

// ErrOtherServer is returned when a server shows another certificate than the
// one that its data directory names.
var ErrOtherServer = errors.New("it does not show the certificate of the server on this data directory")

// Pinned returns a TLS config for the server on a data directory, which keeps
// the certificate that it shows there: whatever names that is for, and whoever
// vouches for it, it is the right one. It is nil when there is none.
func (p Place) Pinned() (*tls.Config, error) {
	if _, err := os.Stat(p.certificateFile()); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return &tls.Config{
		InsecureSkipVerify: true, // VerifyConnection does, by other means
		VerifyConnection: func(state tls.ConnectionState) error {
			// Read each time: it may have been renewed.
			text, err := os.ReadFile(p.certificateFile())
			if err != nil {
				return fmt.Errorf("read the certificate of the server on %s: %w", p, err)
			}
			block, _ := pem.Decode(text)
			if block == nil || !bytes.Equal(block.Bytes, state.PeerCertificates[0].Raw) {
				return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: ErrOtherServer}
			}
			return nil
		},
	}, nil
}

// keepCertificate leaves the server's certificate where pinned finds it.
func (p Place) keepCertificate(chain []byte) error {
	if err := durable.Write(p.certificateFile(), chain); err != nil {
		return fmt.Errorf("publish the certificate: %w", err)
	}
	return nil
}
