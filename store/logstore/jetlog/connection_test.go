package jetlog_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/evtui/evtui/store"
	"github.com/evtui/evtui/store/logstore"
	"github.com/evtui/evtui/store/logstore/jetlog"
	"github.com/evtui/evtui/store/logstore/jetlog/jettest"
)

// What was sent and not answered is unanswered as soon as the connection is lost; what is
// published while there is none was certainly not stored, and does not come later.
func TestConnectionLost(t *testing.T) {
	c := jettest.Start(t, jettest.Options{Servers: 1})
	var o jetlog.Options
	o.User, o.Password = c.Account(t)
	l, reader := mustOpenOn(t, c, o), mustOpenOn(t, c, o)
	ns := mustCreate(t, l, "default")
	mustPublish(t, l, ns.ID, "cat.i0", "first", 0)
	f := mustFollow(t, reader, ns, 0)
	c.Stop(t, 0)
	before := l.Handed()
	sent := make(chan error, 10)
	for i := range cap(sent) {
		go func() {
			_, err := l.Publish(within(t, time.Minute), ns.ID, logstore.Publication{Subject: fmt.Sprintf("cat.i%d", i+1), ID: fmt.Sprint(i), Parts: [][]byte{{1}}})
			sent <- err
		}()
	}
	short, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer cancel()
		for deadline := within(t, time.Minute); l.Handed() < before+uint64(cap(sent))+1 && deadline.Err() == nil; {
			<-time.After(time.Millisecond)
		}
	}()
	if _, err := l.Publish(short, ns.ID, logstore.Publication{Subject: "cat.short", Parts: [][]byte{{1}}}); !errors.Is(err, logstore.ErrUnanswered) {
		t.Errorf("given up after it was sent: %v", err)
	}
	var not *store.UnavailableError
	if _, err := l.Publish(short, ns.ID, logstore.Publication{Subject: "cat.late", Parts: [][]byte{{1}}}); !errors.As(err, &not) {
		t.Errorf("given up before it was sent: %v", err)
	}
	c.Kill(0)
	for range cap(sent) {
		if err := <-sent; !errors.Is(err, logstore.ErrUnanswered) {
			t.Errorf("sent before the connection was lost: %v", err)
		}
	}
	began := time.Now()
	for i := range 10 {
		if _, err := l.Publish(within(t, time.Minute), ns.ID, logstore.Publication{Subject: fmt.Sprintf("cat.late%d", i), Parts: [][]byte{{1}}}); !errors.As(err, &not) {
			t.Errorf("published without a connection: %v", err)
		}
	}
	if waited := time.Since(began); waited > 10*time.Second {
		t.Errorf("what cannot be sent waited for %s", waited)
	}
	if _, err := l.End(within(t, 300*time.Millisecond), ns.ID); !errors.As(err, &not) {
		t.Errorf("end without a connection: %v", err)
	}
	c.Restart(t, 0)
	end, err := l.End(within(t, time.Minute), ns.ID)
	if err != nil {
		t.Fatal(err)
	}
	last := mustPublish(t, l, ns.ID, "cat.again", "again", 0)
	if last != end+1 {
		t.Errorf("%d came behind the end %d", last, end)
	}
	for _, r := range mustRead(t, f, int(last)) {
		if strings.HasPrefix(r.Subject, "cat.late") {
			t.Errorf("%s was published without a connection, and came later", r.Subject)
		}
	}
}

// TLS, with a certificate of the client's own.
func TestTLS(t *testing.T) {
	files := mustCertificates(t)
	c := jettest.Start(t, jettest.Options{Servers: 1, Extra: fmt.Sprintf("tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true }\n", files.cert, files.key, files.ca)})
	var o jetlog.Options
	o.User, o.Password = c.Account(t)
	if l, err := jetlog.Open(within(t, 10*time.Second), c.URL(), o); err == nil {
		_ = l.Close()
		t.Error("a server with a certificate of nobody's was believed")
	}
	o.CA = files.ca
	if l, err := jetlog.Open(within(t, 10*time.Second), c.URL(), o); err == nil {
		_ = l.Close()
		t.Error("the server took a client without a certificate")
	}
	o.Cert, o.Key = files.cert, files.key
	for _, scheme := range []string{jetlog.Scheme, jetlog.SchemeTLS} {
		u := c.URL()
		u.Scheme = scheme
		l, err := jetlog.Open(within(t, 10*time.Second), u, o)
		if err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		if !strings.HasPrefix(l.Place(), scheme+"://127.0.0.1:") {
			t.Errorf("its place is %s", l.Place())
		}
		if _, err := l.Namespaces(within(t, time.Minute)); err != nil {
			t.Error(err)
		}
		_ = l.Close()
	}
}

type certificates struct{ ca, cert, key string }

// mustCertificates makes a certificate for 127.0.0.1 that signs itself, for both sides.
func mustCertificates(t *testing.T) certificates {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	one := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "jettest"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, one, one, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	file := write("cert.pem", "CERTIFICATE", cert)
	return certificates{ca: file, cert: file, key: write("key.pem", "EC PRIVATE KEY", secret)}
}
