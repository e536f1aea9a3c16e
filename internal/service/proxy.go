package service

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
	"io/fs"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// proxyTemplate is the proxy configuration that a repository ships, with
// envsubst variables.
const proxyTemplate = "deploy/nginx.conf.template"

// Proxy is nginx with the repository's own configuration and a certificate made
// for it.
type Proxy struct {
	URL   string         // https://127.0.0.1:port
	Plain string         // http://127.0.0.1:port
	Roots *x509.CertPool // trusts the proxy's certificate
}

// ErrNoProxy says that the repository ships no proxy configuration.
var ErrNoProxy = errors.New("the repository has no " + proxyTemplate)

// NewProxy starts the repository's TLS proxy in front of the given instances. It
// ends with the Host.
func (h *Host) NewProxy(ctx context.Context, upstream ...*Instance) (*Proxy, error) {
	source, err := os.ReadFile(filepath.Join(h.cfg.Dir, filepath.FromSlash(proxyTemplate)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoProxy
	}
	if err != nil {
		return nil, fmt.Errorf("read the proxy's configuration: %w", err)
	}
	binary, err := find("nginx", "nginx", "/usr/sbin", "/usr/local/sbin")
	if err != nil {
		return nil, err
	}
	dir, err := h.folder("proxy")
	if err != nil {
		return nil, err
	}
	ports, err := FreePorts(onLoopback, 2)
	if err != nil {
		return nil, err
	}
	roots, err := writeCertificate(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		return nil, err
	}
	var servers strings.Builder
	for _, in := range upstream {
		address, err := url.Parse(in.URL)
		if err != nil {
			return nil, fmt.Errorf("address of %s: %w", in.Name, err)
		}
		servers.WriteString("server " + address.Host + "; ")
	}
	values := map[string]string{
		"HTTP_PORT": loopback(ports[0]), "HTTPS_PORT": loopback(ports[1]), "TLS_PROTOCOLS": "TLSv1.3",
		"TLS_CERT": filepath.Join(dir, "cert.pem"), "TLS_KEY": filepath.Join(dir, "key.pem"),
		"ACME_ROOT": dir, "APP_SERVERS": servers.String(),
	}
	site, err := fillIn(string(source), values)
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, []byte(wrapProxy(dir, site)), 0o600); err != nil {
		return nil, fmt.Errorf("write the proxy's configuration: %w", err)
	}
	log := filepath.Join(dir, "log")
	prog, err := launch{
		Name: "nginx", Dir: dir, Env: inherited(), Stdout: log, Stderr: log,
		Argv: []string{binary, "-p", dir, "-c", config, "-e", "stderr"},
	}.start()
	if err != nil {
		return nil, err
	}
	if err := h.onClose(func() error { prog.kill(); return nil }); err != nil {
		return nil, err
	}
	p := &Proxy{URL: "https://" + loopback(ports[1]), Plain: "http://" + loopback(ports[0]), Roots: roots}
	return p, prog.await(ctx, backendLimit, answersDial("tcp", loopback(ports[1])))
}

// fillIn does what envsubst does for the variables of the template, and refuses
// one that it does not know: nginx would take it for a variable of its own.
func fillIn(source string, values map[string]string) (string, error) {
	var unknown []string
	text := os.Expand(source, func(name string) string {
		if value, ok := values[name]; ok {
			return value
		}
		if name == strings.ToUpper(name) {
			unknown = append(unknown, name)
		}
		return "$" + name // nginx's own, such as $remote_addr
	})
	if len(unknown) > 0 {
		return "", fmt.Errorf("%s uses %s, which nobody sets", proxyTemplate, strings.Join(unknown, ", "))
	}
	return text, nil
}

// wrapProxy is what the image's own nginx.conf adds around the template, with
// every path inside dir.
func wrapProxy(dir, site string) string {
	var paths strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&paths, "    %s_temp_path %s;\n", kind, filepath.Join(dir, kind))
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n" // the folder is ours alone
	}
	return fmt.Sprintf("%sdaemon off;\nworker_processes 1;\npid %s;\nevents { worker_connections 512; }\nhttp {\n    access_log off;\n%s%s\n}\n",
		user, filepath.Join(dir, "pid"), paths.String(), site)
}

// writeCertificate makes a P-256 key and a certificate for the loopback names,
// signed by itself and good for a day.
func writeCertificate(certPath, keyPath string) (*x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the proxy's key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make the proxy's certificate: %w", err)
	}
	public, err := url.Parse(PublicURL)
	if err != nil {
		return nil, fmt.Errorf("make the proxy's certificate: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "loopback"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost", public.Hostname()}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make the proxy's certificate: %w", err)
	}
	keyPEM, err := MarshalKey(key)
	if err != nil {
		return nil, err
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := errors.Join(os.WriteFile(certPath, certPEM, 0o600), os.WriteFile(keyPath, []byte(keyPEM), 0o600)); err != nil {
		return nil, fmt.Errorf("write the proxy's certificate: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(certPEM) {
		return nil, errors.New("the proxy's certificate cannot be read back")
	}
	return roots, nil
}
