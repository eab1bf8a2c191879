package cli

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/internal/cli/target"
	"github.com/evtui/evtui/internal/host"
)

func mustWritePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// secured starts a host that serves TLS for 127.0.0.1, on a directory.
func secured(t *testing.T) (h *host.Host, dir host.Place, cert string) {
	t.Helper()
	lender := httptest.NewTLSServer(nil) // for its certificate
	lender.Close()
	pair := lender.TLS.Certificates[0]
	secret, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	cert, key := filepath.Join(files, "cert.pem"), filepath.Join(files, "key.pem")
	mustWritePEM(t, cert, "CERTIFICATE", pair.Certificate[0])
	mustWritePEM(t, key, "PRIVATE KEY", secret)
	dir = host.Place(t.TempDir())
	h = mustHost(t, host.Config{Dir: dir, Listen: "127.0.0.1:0", Network: host.Network{Cert: cert, Key: key}})
	return h, dir, cert
}

// TestTLSByTheDataDirectory: who comes by the directory trusts what the server
// shows there, and nothing else.
func TestTLSByTheDataDirectory(t *testing.T) {
	_, dir, cert := secured(t)
	tg := target.Target{Data: string(dir)}
	s, err := tg.Open(t.Context(), &cobra.Command{}, target.ToRead)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.WriteFile(filepath.Join(string(dir), "endpoint.crt"), []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if other, err := tg.Open(t.Context(), &cobra.Command{}, target.ToRead); !errors.Is(err, host.ErrOtherServer) {
		t.Errorf("another server than that of %s: %v, %v", cert, other, err)
	}
}

func TestTLSByURL(t *testing.T) {
	h, _, cert := secured(t)
	url := h.URL()
	for name, c := range map[string]struct {
		url, trusted, want string
	}{
		"an authority that is given": {url, cert, ""},
		"nobody vouches for it":      {url, "", "certificate"},
		"it is another's name":       {strings.Replace(url, "127.0.0.1", "localhost", 1), cert, "localhost"},
		"no TLS":                     {strings.Replace(url, "https", "http", 1), "", "https://"},
		"no authorities there":       {url, filepath.Join(t.TempDir(), "nowhere"), "read the authorities"},
		"no authorities in it":       {url, h.Dir.TokenFile(), "no certificate"},
	} {
		tg := target.Target{URL: c.url, Token: h.Token, Trusted: c.trusted}
		s, err := tg.Open(t.Context(), &cobra.Command{}, target.ToRead)
		if err == nil {
			_, err = s.Namespaces(t.Context())
			s.Close()
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
