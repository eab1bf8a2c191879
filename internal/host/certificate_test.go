package host

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/server/client"
)

// mustCertify writes a certificate for a name, and its key, over what is in
// the files.
func mustCertify(t *testing.T, certFile, keyFile, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	mustWritePEM(t, certFile, "CERTIFICATE", der)
	mustWritePEM(t, keyFile, "EC PRIVATE KEY", secret)
}

func mustWritePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// secured starts a host that serves TLS for a name, on a directory.
func secured(t *testing.T, name string) (h *Host, dir Place, cert, key string) {
	t.Helper()
	files := t.TempDir()
	cert, key = filepath.Join(files, "cert.pem"), filepath.Join(files, "key.pem")
	mustCertify(t, cert, key, name)
	dir = Place(t.TempDir())
	h = mustOpen(t, Config{Dir: dir, Listen: "127.0.0.1:0", Network: Network{Cert: cert, Key: key}})
	return h, dir, cert, key
}

// TestTLSByTheDataDirectory: who comes by the directory trusts what the server
// shows there, even after it was renewed, and nothing else.
func TestTLSByTheDataDirectory(t *testing.T) {
	h, dir, cert, key := secured(t, "db.example")
	if !strings.HasPrefix(h.URL(), "https://") {
		t.Fatalf("it serves at %s", h.URL())
	}
	come := func() error {
		url, token, err := dir.Endpoint()
		if err != nil {
			return err
		}
		pinned, err := dir.Pinned()
		if err != nil {
			return err
		}
		c, err := client.New(url, client.WithToken(token), client.WithTLS(pinned), client.WithRetries(client.Once()))
		if err != nil {
			return err
		}
		defer c.Close()
		_, err = c.Namespaces(t.Context())
		return err
	}
	if err := come(); err != nil {
		t.Fatal(err)
	}
	mustCertify(t, cert, key, "renewed.example")
	h.shown.mu.Lock()
	h.shown.checked = time.Time{} // the next handshake looks at once
	h.shown.mu.Unlock()
	if err := come(); err == nil {
		// The handshake that finds it new shows it already.
		t.Log("renewed")
	} else if !errors.Is(err, ErrOtherServer) {
		t.Fatal(err)
	}
	if err := come(); err != nil {
		t.Errorf("after the certificate was renewed: %v", err)
	}
	if leaf := h.shown.current.Leaf; leaf.DNSNames[0] != "renewed.example" {
		t.Errorf("it shows the certificate of %v", leaf.DNSNames)
	}
	// Another server on the port, whoever vouches for it.
	mustCertify(t, dir.certificateFile(), filepath.Join(t.TempDir(), "key"), "renewed.example")
	if err := come(); !errors.Is(err, ErrOtherServer) {
		t.Errorf("another server's certificate: %v", err)
	}
}

// TestCertificates: one that cannot be used stops the start, but not a server
// that runs.
func TestCertificates(t *testing.T) {
	dir := t.TempDir()
	cert, key, others := filepath.Join(dir, "cert"), filepath.Join(dir, "key"), filepath.Join(dir, "others")
	mustCertify(t, cert, key, "db.example")
	mustCertify(t, filepath.Join(dir, "x"), others, "db.example")
	for _, keyFile := range []string{filepath.Join(dir, "nowhere"), cert, others} {
		if _, err := Open(t.Context(), Config{Listen: "127.0.0.1:0", Network: Network{Cert: cert, Key: keyFile}}); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("with the key %s: %v", keyFile, err)
		}
	}
	var taken [][]byte
	c, err := openCertificate(cert, key, slog.New(slog.DiscardHandler), func(chain []byte) { taken = append(taken, chain) })
	if err != nil {
		t.Fatal(err)
	}
	before := c.current
	if err := os.WriteFile(cert, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c.checked = time.Time{}
		if got, err := c.get(&tls.ClientHelloInfo{}); got != before || err != nil {
			t.Errorf("a broken file takes the certificate away: %v", err)
		}
	}
	mustCertify(t, cert, key, "renewed.example")
	c.checked = time.Time{}
	if got, err := c.get(&tls.ClientHelloInfo{}); err != nil || got.Leaf.DNSNames[0] != "renewed.example" {
		t.Errorf("%v", err)
	}
	if len(taken) != 2 {
		t.Errorf("%d certificates were taken up, want 2", len(taken))
	}
}
