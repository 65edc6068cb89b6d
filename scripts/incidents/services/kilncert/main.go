// Command kilncert writes a private authority (ca.pem), a certificate for a server (server.pem, server.key) and one for each
// client (NAME.pem, NAME.key) that ends after its lifetime.
//
//	kilncert DIR NAME=LIFETIME...
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	dir, now := os.Args[1], time.Now()
	caKey := newKey()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Pottery House CA"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	check(err)
	write(filepath.Join(dir, "ca.pem"), "CERTIFICATE", der)
	for i, arg := range append([]string{"server=24h"}, os.Args[2:]...) {
		name, lifetime, _ := strings.Cut(arg, "=")
		d, err := time.ParseDuration(lifetime)
		check(err)
		key := newKey()
		cert := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 2)), Subject: pkix.Name{CommonName: name + ".pottery.internal"},
			DNSNames: []string{name + ".pottery.internal", "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			NotBefore: now.Add(-time.Hour), NotAfter: now.Add(d), KeyUsage: x509.KeyUsageDigitalSignature,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		}
		der, err := x509.CreateCertificate(rand.Reader, cert, ca, &key.PublicKey, caKey)
		check(err)
		keyDER, err := x509.MarshalECPrivateKey(key)
		check(err)
		write(filepath.Join(dir, name+".pem"), "CERTIFICATE", der)
		write(filepath.Join(dir, name+".key"), "EC PRIVATE KEY", keyDER)
	}
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	return key
}

func write(name, kind string, der []byte) {
	check(os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
