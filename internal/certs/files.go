package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// maxFile bounds a file of certificates, in bytes.
const maxFile = 1 << 20

// A stamp tells whether a file has changed; that of a file that cannot be
// looked at is zero.
type stamp struct {
	modified, size int64
}

func (o *Options) stamps() (all [3]stamp) {
	for i, path := range []string{o.Cert, o.Key, o.ClientCA} {
		if info, err := os.Stat(path); err == nil {
			all[i] = stamp{info.ModTime().UnixNano(), info.Size()}
		}
	}
	return all
}

// Check reports what is wrong with the files of o, as [New] would.
func (o *Options) Check() error {
	_, err := o.load()
	return err
}

// CheckClientCA reports what is wrong with a file of authorities.
func CheckClientCA(path string) error {
	_, err := loadPool(path)
	return err
}

// load reads all files.
func (o *Options) load() (*loaded, error) {
	pair, err := loadPair(o.Cert, o.Key)
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{
		Certificates: []tls.Certificate{pair},
		MinVersion:   o.Min,
		CipherSuites: suites(o.Min),
		NextProtos:   []string{"http/1.1"}, // no phone speaks another
	}
	if o.ClientCA != "" {
		if cfg.ClientCAs, err = loadPool(o.ClientCA); err != nil {
			return nil, err
		}
		cfg.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return &loaded{cfg, pair.Leaf}, nil
}

func loadPair(cert, key string) (tls.Certificate, error) {
	chain, err := readBounded(cert)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read certificate: %w", err)
	}
	secret, err := readBounded(key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read key: %w", err)
	}
	pair, err := tls.X509KeyPair(chain, secret)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %s with key %s: %w", cert, key, err)
	}
	return pair, nil
}

func loadPool(path string) (*x509.CertPool, error) {
	text, err := readBounded(path)
	if err != nil {
		return nil, fmt.Errorf("read authorities of clients: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", path)
	}
	return pool, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxFile)
	}
	return text, err
}

// inTime reports a certificate that has ended or not begun.
func inTime(leaf *x509.Certificate, now time.Time) error {
	switch {
	case now.After(leaf.NotAfter):
		return fmt.Errorf("the certificate ended at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("the certificate begins at %s only", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

// versions are the lowest versions that can be asked for, by their name.
var versions = map[string]uint16{
	"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
}

// errVersion reports a version that is none.
var errVersion = errors.New("want 1.0, 1.1, 1.2 or 1.3")

// Version reads the name of a lowest version; empty is 1.2.
func Version(name string) (uint16, error) {
	if name == "" {
		return tls.VersionTLS12, nil
	}
	if v, ok := versions[name]; ok {
		return v, nil
	}
	return 0, fmt.Errorf("%q: %w", name, errVersion)
}

// suites are those of Go's choice, nil. Phones that know nothing newer than
// TLS 1.1 often know no key exchange but that by RSA either: who lets them in
// by name gets the two such suites that have not been broken outright, last.
func suites(lowest uint16) []uint16 {
	if lowest >= tls.VersionTLS12 {
		return nil
	}
	var ids []uint16
	for _, s := range tls.CipherSuites() {
		ids = append(ids, s.ID)
	}
	return append(ids, tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA)
}
