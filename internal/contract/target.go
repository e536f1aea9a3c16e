package contract

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"example.com/scaffold/internal/contract/canary"
	"example.com/scaffold/internal/contract/smtpsink"
	"example.com/scaffold/internal/service"
)

// Profile is the way a service runs.
type Profile string

// The profiles. The contract describes production.
const (
	Production  Profile = "production"
	Development Profile = "development"
)

// Credentials are an account that was given to the suite.
type Credentials struct {
	Email    string
	Password string
}

// Lifetimes are the short ones of the instance for tests of need F.
type Lifetimes struct {
	Access, StepUp, Idle, Absolute, Verify, Reset, Backoff time.Duration
}

// Target is the service under test and what the suite may use beside it. Nil
// and zero members are needs that are not met.
type Target struct {
	Base    string // address, such as http://127.0.0.1:8000
	Facts   Facts
	Profile Profile

	PublicURL string // the service's own origin, as configured
	AppURL    string // the front-end that mailed links point to
	Origin    string // one of CORS_ORIGINS

	Mail   *smtpsink.Sink
	Canary *canary.Listener // made by Run when nil and the target is on loopback
	Users  []Credentials    // at most two, throw-away
	Key    crypto.Signer    // signs access tokens
	Logs   []string         // files with the service's log, one a process
	Errors []string         // files with their standard error, which is searched for secrets
	Host   *service.Host    // starts and stops services: the control hook

	Short    string // address of the instance with short lifetimes; empty with a Host: Host.Fast
	Lifetime Lifetimes

	TLSURL   string // the shipped proxy
	PlainURL string // its plain port
	Direct   string // the service behind it; empty: Base, if that is plain http

	Secrets     []string       // secrets of the service's environment, for the search of logs
	Roots       *x509.CertPool // trusted when an address is https; nil: the system's
	AllowRemote bool
	MaxWait     time.Duration // tests that would wait longer are skipped; zero: 15 s
}

// CheckAddress refuses an address that is none, and one that belongs to others,
// each error with its way out.
func (tg *Target) CheckAddress() error {
	u, err := url.Parse(tg.Base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%q is no address of a service: give http://HOST:PORT", tg.Base)
	}
	if u.User != nil {
		return fmt.Errorf("%s: leave user name and password out of the address; accounts are given by --user-a and --user-b", u.Redacted())
	}
	tg.Base = strings.TrimSuffix(tg.Base, "/")
	if !tg.Loopback() && !tg.AllowRemote {
		return fmt.Errorf("%s is not on loopback: the suite sends attacks and makes accounts, so say --allow-remote if it is yours", tg.Base)
	}
	return nil
}

// setDefaults fills in what was not said, as the profile's own defaults are.
func (tg *Target) setDefaults() {
	if tg.Profile == "" {
		tg.Profile = Production
	}
	public, app := "https://api.example.test", "https://app.example.test"
	if tg.Profile == Development {
		public, app = "http://localhost:8000", "http://localhost:3000"
	}
	tg.PublicURL = cmp.Or(tg.PublicURL, public)
	tg.AppURL = cmp.Or(tg.AppURL, app)
	tg.Origin = cmp.Or(tg.Origin, tg.AppURL)
	tg.MaxWait = cmp.Or(tg.MaxWait, 15*time.Second)
}

// Loopback reports whether the service is reached over loopback.
func (tg *Target) Loopback() bool {
	u, err := url.Parse(tg.Base)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback()
}

// HostPort is the address to dial.
func (tg *Target) HostPort() string { return hostPort(tg.Base) }

func hostPort(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	if u.Port() != "" {
		return u.Host
	}
	port := "80"
	if u.Scheme == "https" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (tg *Target) has(n Need) bool {
	switch n {
	case NeedMail:
		return tg.Mail != nil
	case NeedKey:
		return tg.Key != nil
	case NeedShort:
		return tg.Short != "" || tg.Host != nil
	case NeedLog:
		return len(tg.Logs) > 0
	case NeedTLS:
		return tg.TLSURL != ""
	case NeedControl:
		return tg.Host != nil
	case NeedLocal:
		return tg.Loopback()
	case needUser:
		return tg.Mail != nil || len(tg.Users) > 0
	}
	return false
}

// short is the address of the instance with short lifetimes.
func (tg *Target) short() (string, error) {
	if tg.Short != "" {
		return tg.Short, nil
	}
	in, err := tg.Host.Fast()
	if err != nil {
		return "", err
	}
	return in.URL, nil
}

// direct is the address of the service itself over plain http; empty when only
// the proxy's is known.
func (tg *Target) direct() string {
	if tg.Direct == "" && !tg.proxied() {
		return tg.Base
	}
	return tg.Direct
}

// proxied reports whether everything is sent through the proxy.
func (tg *Target) proxied() bool { return strings.HasPrefix(tg.Base, "https://") }
