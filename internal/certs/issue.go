package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

// The types of PEM blocks.
const (
	certType = "CERTIFICATE"
	keyType  = "PRIVATE KEY"
)

// early is how long before now certificates begin, for clocks that are behind.
const early = 24 * time.Hour

// newKey makes a key and keeps it in a file.
func (a *Authority) newKey(file string) (*ecdsa.PrivateKey, error) {
	key, text, err := makeKey()
	if err != nil {
		return nil, err
	}
	return key, replace(a.path(file), text, 0o600)
}

// newCA makes the authority's own certificate.
func (a *Authority) newCA(now time.Time) ([]byte, error) {
	name, err := caName(a.key)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-early),
		NotAfter:              now.Add(caTime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	text, err := sign(t, t, &a.key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	return text, replace(a.path(caCertFile), text, 0o644)
}

// newServer makes the server's certificate, of a new key, and says when it ends.
func (a *Authority) newServer(now time.Time) (ends time.Time, err error) {
	key, keyText, err := makeKey()
	if err != nil {
		return ends, err
	}
	ends = now.Add(serverTime).Truncate(time.Second) // as certificates have it
	if ends.After(a.cert.NotAfter) {
		ends = a.cert.NotAfter
	}
	t := &x509.Certificate{
		Subject:               pkix.Name{CommonName: a.names[0]}, // old phones look here alone
		NotBefore:             now.Add(-early),
		NotAfter:              ends,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, name := range a.names {
		if ip, err := netip.ParseAddr(name); err == nil {
			t.IPAddresses = append(t.IPAddresses, ip.Unmap().AsSlice())
			continue
		}
		t.DNSNames = append(t.DNSNames, name)
	}
	certText, err := sign(t, a.cert, &key.PublicKey, a.key)
	if err != nil {
		return ends, fmt.Errorf("make server certificate: %w", err)
	}
	return ends, replace(a.path(serverFile), bytes.Join([][]byte{certText, keyText}, nil), 0o600)
}

func makeKey() (key *ecdsa.PrivateKey, text []byte, err error) {
	if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	return key, pem.EncodeToMemory(&pem.Block{Type: keyType, Bytes: der}), nil
}

func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != keyType {
		return nil, errors.New("no key in PEM form")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("not a key of ECDSA")
	}
	return key, nil
}

// sign gives t a random number and returns it signed, in PEM form.
func sign(t, parent *x509.Certificate, public *ecdsa.PublicKey, by *ecdsa.PrivateKey) ([]byte, error) {
	var err error
	if t.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, public, by)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: certType, Bytes: der}), nil
}

// replace gives a file new content at once: it is whole at any instant.
func replace(path string, text []byte, mode os.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
