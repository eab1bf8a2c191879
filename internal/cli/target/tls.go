package target

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/evtui/evtui/server/client"
)

// TrustFlag adds the flag that says whom to trust.
func (t *Target) TrustFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.Trusted, "tls-ca", "", "file of CA certificates, in PEM, to trust besides the system's")
}

// trust returns how a server's certificate is judged.
func (t *Target) trust() ([]client.Option, error) {
	var (
		config *tls.Config
		err    error
	)
	switch {
	case t.Serves != "":
		config, err = t.Serves.Pinned()
	case t.Trusted != "":
		config, err = Authorities(t.Trusted)
	}
	if config == nil || err != nil {
		return nil, err
	}
	return []client.Option{client.WithTLS(config)}, nil
}

// Authorities returns a TLS config that trusts those of a PEM file, beside
// those that the system trusts.
func Authorities(file string) (*tls.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("read the authorities: %s holds no certificate in PEM", file)
	}
	return &tls.Config{RootCAs: pool}, nil
}
