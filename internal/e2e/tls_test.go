package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mustVouch makes an authority and a certificate that it vouches for, of the
// name localhost, and writes ca.pem, cert.pem and key.pem into a directory.
func mustVouch(t *testing.T, dir string) {
	t.Helper()
	authority, certificate := mustKey(t), mustKey(t)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	secret, err := x509.MarshalECPrivateKey(certificate)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"ca.pem":   {Type: "CERTIFICATE", Bytes: mustSign(t, ca, ca, authority, authority)},
		"cert.pem": {Type: "CERTIFICATE", Bytes: mustSign(t, leaf, ca, certificate, authority)},
		"key.pem":  {Type: "EC PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func mustKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// mustSign has a parent vouch for a certificate of a key.
func mustSign(t *testing.T, cert, parent *x509.Certificate, key, parents *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, &key.PublicKey, parents)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// TestContextOverTLS has a server take its certificate from a configuration
// file, and goes there by a context that says who vouches for it: with the
// terminal UI, and with commands. A context that does not say so is refused.
func TestContextOverTLS(t *testing.T) {
	files, data, home := t.TempDir(), t.TempDir(), t.TempDir()
	mustVouch(t, files)
	conf := filepath.Join(files, "server.toml")
	if err := os.WriteFile(conf, []byte("tls_cert = \"cert.pem\"\ntls_key = \"key.pem\"\nmax_body = \"1KiB\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := mustLaunch(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--config", conf)
	if err := p.AwaitStderr("msg=serving", patience); err != nil {
		t.Fatal(err)
	}
	url, token, err := awaitServer(data)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(url, "https://") {
		t.Fatalf("it serves at %s", url)
	}
	url = strings.Replace(url, "127.0.0.1", "localhost", 1)
	mustConfigure(t, home, fmt.Sprintf("[contexts.prod]\nurl = %q\ntoken = %q\ntls_ca = %q\n[contexts.blind]\nurl = %q\ntoken = %q\n",
		url, token, filepath.Join(files, "ca.pem"), url, token))
	mustRun(t, home, 0, "append", "order-1", "Placed", `{"n":1}`, "--context", "prod")
	if _, said := mustRun(t, home, 1, "append", "order-1", "Placed", `{"n":"`+strings.Repeat("x", 2000)+`"}`, "--context", "prod"); !strings.Contains(said, "at most 1024 bytes") {
		t.Errorf("a body beyond the file's limit: %s", said)
	}
	if out, _ := mustRun(t, home, 0, "messages", "order-1", "--context", "prod"); !strings.Contains(out, "Placed") {
		t.Errorf("messages says %s", out)
	}
	mustRun(t, home, 0, "health", "--context", "prod")
	if _, said := mustRun(t, home, 1, "messages", "order-1", "--context", "blind"); !strings.Contains(said, "certificate") || !strings.Contains(said, "--tls-ca") {
		t.Errorf("nobody vouches for it, and it says %s", said)
	}
	mustRun(t, home, 0, "messages", "order-1", "--context", "blind", "--tls-ca", filepath.Join(files, "ca.pem"))

	term := mustOpenIn(t, home, "--context", "prod")
	mustSee(t, term, " prod ", "1 Overview")
	mustPress(t, term, "3")
	mustSee(t, term, "order-1", "Placed")
	mustTell(t, term, "ctx blind")
	mustSee(t, term, "context \"blind\"")
	mustPress(t, term, "q")
	mustEnd(t, term, 0)
}
