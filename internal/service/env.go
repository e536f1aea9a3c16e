package service

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
)

// Env is a process environment: variable name to value.
type Env map[string]string

// list is the environment as os/exec takes it, sorted so that runs are alike.
func (e Env) list() []string {
	list := make([]string, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		list = append(list, name+"="+e[name])
	}
	return list
}

// with returns a copy with some variables set and others removed.
func (e Env) with(set Env, unset ...string) Env {
	out := maps.Clone(e)
	maps.Copy(out, set)
	for _, name := range unset {
		delete(out, name)
	}
	return out
}

// inherited is the part of our own environment that a service may see: what a
// process needs to run at all, and nothing that could configure it.
func inherited() Env {
	env := Env{}
	for _, name := range []string{"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH"} {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	return env
}

// Addresses of the production profile. Their hosts are reserved names (RFC
// 2606): the suite reaches the service by address, and no link leads anywhere.
const (
	PublicURL     = "https://api.example.test"
	AppURL        = "https://app.example.test"
	allowedHosts  = "127.0.0.1,localhost,api.example.test"
	mailFrom      = "Sample <no-reply@example.test>"
	productionEnv = "production"
)

// production is a complete environment of the production profile with secrets
// made for this run alone. Ports, database and mail address are added later.
func production() (Env, error) {
	key, err := NewSigningKey()
	if err != nil {
		return nil, err
	}
	return inherited().with(Env{
		"APP_ENV":          productionEnv,
		"BIND":             "127.0.0.1",
		"PUBLIC_URL":       PublicURL,
		"APP_URL":          AppURL,
		"ALLOWED_HOSTS":    allowedHosts,
		"CORS_ORIGINS":     AppURL,
		"MAIL_FROM":        mailFrom,
		"JWT_PRIVATE_KEYS": key,
		"CURSOR_SECRET":    NewSecret(),
	}), nil
}

// FastTimes are the short lifetimes of need F, in seconds: long enough for a
// test to act in, short enough to wait for. A rotated refresh token has no grace.
func FastTimes() Env {
	env := Env{}
	for name, seconds := range map[string]int{
		"ACCESS_TTL": 3, "STEP_UP_TTL": 3, "REFRESH_IDLE_TTL": 6, "REFRESH_MAX_TTL": 12, "REFRESH_GRACE_SECONDS": 0,
		"VERIFY_TTL": 3, "RESET_TTL": 3, "LOGIN_BACKOFF_SECONDS": 2,
	} {
		env[name] = strconv.Itoa(seconds)
	}
	return env
}

// NewSecret is 32 bytes from the system's generator in base64.
func NewSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime ends the program instead
	return base64.StdEncoding.EncodeToString(b[:])
}

// rawSecret is a secret of letters and digits only, safe in a URL and in SQL.
func rawSecret() string { return rand.Text() }

// NewSigningKey is a fresh P-256 key for ES256, as PKCS #8 in PEM.
func NewSigningKey() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("make a signing key: %w", err)
	}
	return MarshalKey(key)
}

// MarshalKey is a private key as PKCS #8 in PEM, the form of JWT_PRIVATE_KEYS.
func MarshalKey(key any) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("encode a signing key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}
