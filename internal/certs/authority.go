package certs

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The files of an authority, within its directory.
const (
	caCertFile = "ca.crt"
	caKeyFile  = "ca.key"
	serverFile = "server.pem" // certificate and key in one, so that both change at once
)

const (
	caTime     = 20 * 365 * 24 * time.Hour
	serverTime = 397 * 24 * time.Hour
	renewTime  = 30 * 24 * time.Hour // before its end a certificate is renewed
	retryTime  = time.Hour           // after a renewal that failed
)

// An Authority signs the certificate of one server. It is safe for concurrent use.
type Authority struct {
	dir   string
	names []string
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	pem   []byte // of cert

	mu  sync.Mutex
	due time.Time // when the server's certificate is to be renewed
}

// OpenAuthority opens the authority of a directory, which it makes, with mode
// 0700, where there is none. The server's certificate is for names, host names
// and addresses without port, of which there must be one; it is made anew if
// the one that is there lacks a name or ends soon.
func OpenAuthority(dir string, names []string, now time.Time) (*Authority, error) {
	if len(names) == 0 {
		return nil, errors.New("a server certificate needs a name")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make directory of certificates: %w", err)
	}
	a := &Authority{dir: dir, names: names}
	if err := a.load(now); err != nil {
		return nil, err
	}
	if err := inTime(a.cert, now); err != nil {
		return nil, fmt.Errorf("%s: %w", a.path(caCertFile), err)
	}
	a.due = a.dueOf(a.path(serverFile))
	if _, err := a.Renew(now); err != nil {
		return nil, err
	}
	return a, nil
}

// PEM is the authority's own certificate, which is what phones must trust.
func (a *Authority) PEM() []byte { return a.pem }

// ServerFile is where the server's certificate and its key are, in one.
func (a *Authority) ServerFile() string { return a.path(serverFile) }

// CAFile is where the authority's own certificate is.
func (a *Authority) CAFile() string { return a.path(caCertFile) }

func (a *Authority) path(name string) string { return filepath.Join(a.dir, name) }

// load reads the authority, or makes what is missing of it. The key is kept
// first, so where there is a key alone the certificate has been lost or never
// was: one of the same name and key takes its place for those who had it.
func (a *Authority) load(now time.Time) (err error) {
	certText, certErr := readBounded(a.path(caCertFile))
	keyText, keyErr := readBounded(a.path(caKeyFile))
	switch {
	case certErr != nil && !errors.Is(certErr, fs.ErrNotExist):
		return fmt.Errorf("read authority: %w", certErr)
	case keyErr == nil:
		if a.key, err = parseKey(keyText); err != nil {
			return fmt.Errorf("%s: %w", a.path(caKeyFile), err)
		}
	case !errors.Is(keyErr, fs.ErrNotExist):
		return fmt.Errorf("read authority: %w", keyErr)
	case certErr == nil:
		return fmt.Errorf("%s is there and its key %s is not: bring the key back, or remove both to begin anew with phones that trust nothing yet",
			a.path(caCertFile), a.path(caKeyFile))
	default:
		if a.key, err = a.newKey(caKeyFile); err != nil {
			return err
		}
	}
	if certErr != nil {
		if certText, err = a.newCA(now); err != nil {
			return err
		}
	}
	block, _ := pem.Decode(certText)
	if block == nil || block.Type != certType {
		return fmt.Errorf("%s holds no certificate in PEM form", a.path(caCertFile))
	}
	if a.cert, err = x509.ParseCertificate(block.Bytes); err != nil {
		return fmt.Errorf("%s: %w", a.path(caCertFile), err)
	}
	if !a.key.PublicKey.Equal(a.cert.PublicKey) || !a.cert.IsCA {
		return fmt.Errorf("%s is no authority's certificate with the key %s", a.path(caCertFile), a.path(caKeyFile))
	}
	a.pem = pem.EncodeToMemory(block)
	return nil
}

// dueOf is when the certificate in a file is to be renewed; zero, if it is not
// what this authority would make now.
func (a *Authority) dueOf(path string) time.Time {
	pair, err := loadPair(path, path)
	if err != nil || pair.Leaf.CheckSignatureFrom(a.cert) != nil {
		return time.Time{}
	}
	for _, name := range a.names {
		if pair.Leaf.VerifyHostname(name) != nil {
			return time.Time{}
		}
	}
	return pair.Leaf.NotAfter.Add(-renewTime)
}

// Renew makes the server's certificate anew if it is time for that, and says
// whether it has. After an error it does nothing for an hour.
func (a *Authority) Renew(now time.Time) (renewed bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Before(a.due) {
		return false, nil
	}
	ends, err := a.newServer(now)
	if err != nil {
		a.due = now.Add(retryTime)
		return false, err
	}
	a.due = ends.Add(-renewTime)
	return true, nil
}

// caName tells authorities apart, and is the same for the same key.
func caName(key *ecdsa.PrivateKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("name the authority: %w", err)
	}
	sum := sha256.Sum256(der)
	return "phoneacs CA " + hex.EncodeToString(sum[:4]), nil
}
