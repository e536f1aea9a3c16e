package cli

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/selfhost"
	"example.com/scaffold/internal/contract/smtpsink"
)

// remoteOptions describe a service that runs already.
type remoteOptions struct {
	userA, userB string // EMAIL:PASSWORD
	disposable   bool
	smtp         string
	key          string
	ttl          []string
	logs         []string
	tls, plain   string
	ca           string
	origin       string
	publicURL    string
	appURL       string
	profile      string
	allowRemote  bool
}

func (r *remoteOptions) flags(flags *pflag.FlagSet) {
	flags.StringVar(&r.userA, "user-a", "", "URL: a throw-away account, `EMAIL:PASSWORD` (or SCAFFOLD_USER_A)")
	flags.StringVar(&r.userB, "user-b", "", "URL: another one (or SCAFFOLD_USER_B)")
	flags.BoolVar(&r.disposable, "disposable-users", false, "URL: yes, those accounts may be changed and deleted")
	flags.StringVar(&r.smtp, "smtp-listen", "", "URL: receive the service's mail at `HOST:PORT`, where its SMTP_URL points")
	flags.StringVar(&r.key, "signing-key", "", "URL: PEM `FILE` with the key that signs access tokens")
	flags.StringSliceVar(&r.ttl, "ttl", nil, "URL: short lifetimes the service was started with, such as access=3s,stepup=3s,idle=6s,absolute=12s,verify=3s,reset=3s,backoff=2s")
	flags.StringSliceVar(&r.logs, "log-file", nil, "URL: `FILE` the service's log goes to, one for each process")
	flags.StringVar(&r.tls, "tls-url", "", "URL: address of the TLS proxy in front of the service")
	flags.StringVar(&r.plain, "plain-url", "", "URL: address of that proxy's plain port")
	flags.StringVar(&r.ca, "ca", "", "URL: PEM `FILE` with the certificate to trust")
	flags.StringVar(&r.origin, "origin", "", "URL: one of CORS_ORIGINS (default that of --app-url)")
	flags.StringVar(&r.publicURL, "public-url", "", "URL: the service's PUBLIC_URL (default https://api.example.test, in development http://localhost:8000)")
	flags.StringVar(&r.appURL, "app-url", "", "URL: the service's APP_URL (default https://app.example.test, in development http://localhost:3000)")
	flags.StringVar(&r.profile, "profile", "", "URL: production or development (default: found out)")
	flags.BoolVar(&r.allowRemote, "allow-remote", false, "URL: the service is mine although it is not on loopback")
}

// given reports whether any of the flags was set that only an address has.
func (r *remoteOptions) given() bool {
	return r.userA+r.userB+r.smtp+r.key+r.tls+r.plain+r.ca+r.origin+r.publicURL+r.appURL+r.profile != "" || len(r.ttl) > 0 || len(r.logs) > 0 || r.disposable || r.allowRemote
}

// open makes the target of a running service.
func (r *remoteOptions) open(ctx context.Context, o *verifyOptions) (tg *contract.Target, done func() error, err error) {
	tg = &contract.Target{
		Base: o.target, PublicURL: r.publicURL, AppURL: r.appURL, Origin: r.origin,
		Logs: r.logs, TLSURL: r.tls, PlainURL: r.plain, AllowRemote: r.allowRemote, Profile: contract.Profile(r.profile),
	}
	if tg.Facts, err = o.facts(); err != nil {
		return nil, nil, err
	}
	if err := tg.CheckAddress(); err != nil {
		return nil, nil, usagef("see scaffold verify --help", "%w", err)
	}
	for _, step := range []func(*contract.Target) error{r.trust, r.signer, r.lifetimes} {
		if err := step(tg); err != nil {
			return nil, nil, err
		}
	}
	if err := r.users(o.f, tg); err != nil {
		return nil, nil, err
	}
	if err := r.findProfile(ctx, tg); err != nil {
		return nil, nil, unreachable(err)
	}
	if tg.Facts.Accounts() {
		if err := contract.CheckUsers(ctx, tg); err != nil {
			return nil, nil, usagef("name accounts of this service whose address is verified, without a second factor", "%w", err)
		}
	}
	done = func() error { return nil }
	if r.smtp != "" {
		if tg.Mail, err = smtpsink.Listen(ctx, r.smtp); err != nil {
			return nil, nil, err
		}
		done = tg.Mail.Close
	}
	return tg, done, nil
}

// facts reads the contract file, or takes the defaults where there is none.
func (o *verifyOptions) facts() (contract.Facts, error) {
	path := o.contract
	if path == "" {
		at, err := above(".", selfhost.FactsFile)
		if err != nil {
			return contract.Facts{}, err
		}
		if at == "" {
			fmt.Fprintf(o.f.io.Err, "no %s here: taking the routes of a new project, and no options; --contract FILE names the service's own\n", selfhost.FactsFile)
			return contract.DefaultFacts(), nil
		}
		path = filepath.Join(at, filepath.FromSlash(selfhost.FactsFile))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return contract.Facts{}, usagef("give the .scaffold/contract.yaml of the repository", "%w", err)
	}
	f, err := contract.ParseFacts(data)
	if err != nil {
		return f, usagef("mend "+path, "%w", err)
	}
	return f, nil
}

// unreachable adds the way out to the error of a service that does not answer.
func unreachable(err error) error {
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return &exitError{code: exitFailed, err: err, hint: "--ca FILE names the certificate to trust, such as secrets/tls.crt; the address must be one of its names"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &exitError{code: exitFailed, err: err, hint: "start it (make run), or let it be started: scaffold verify DIR"}
	}
	return err
}

func (r *remoteOptions) findProfile(ctx context.Context, tg *contract.Target) error {
	switch tg.Profile {
	case contract.Production, contract.Development:
		return nil
	case "":
	default:
		return usagef("say production or development", "there is no profile %q", tg.Profile)
	}
	p, err := contract.DetectProfile(ctx, tg)
	tg.Profile = p
	return err
}

// trust reads the certificate of --ca.
func (r *remoteOptions) trust(tg *contract.Target) error {
	if r.ca == "" {
		return nil
	}
	data, err := os.ReadFile(r.ca)
	if err != nil {
		return usagef("", "--ca: %w", err)
	}
	tg.Roots = x509.NewCertPool()
	if !tg.Roots.AppendCertsFromPEM(data) {
		return usagef("it begins with -----BEGIN CERTIFICATE-----", "--ca: %s holds no certificate in PEM", r.ca)
	}
	return nil
}

// signer reads the private key of --signing-key.
func (r *remoteOptions) signer(tg *contract.Target) error {
	if r.key == "" {
		return nil
	}
	data, err := os.ReadFile(r.key)
	if err != nil {
		return usagef("", "--signing-key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return usagef("it begins with -----BEGIN PRIVATE KEY-----", "--signing-key: %s holds no key in PEM", r.key)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return usagef("convert it with: openssl pkcs8 -topk8 -nocrypt", "--signing-key: %s: %w", r.key, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return usagef("", "--signing-key: %s cannot sign", r.key)
	}
	tg.Key = signer
	return nil
}

// lifetimes reads --ttl; the service itself is then the one with short lifetimes.
func (r *remoteOptions) lifetimes(tg *contract.Target) error {
	if len(r.ttl) == 0 {
		return nil
	}
	l := &tg.Lifetime
	fields := map[string]*time.Duration{
		"access": &l.Access, "stepup": &l.StepUp, "idle": &l.Idle, "absolute": &l.Absolute,
		"verify": &l.Verify, "reset": &l.Reset, "backoff": &l.Backoff,
	}
	for _, pair := range r.ttl {
		name, value, _ := strings.Cut(pair, "=")
		field := fields[name]
		if field == nil {
			return usagef("names are access, stepup, idle, absolute, verify, reset, backoff", "--ttl: %q is no lifetime", name)
		}
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return usagef("write it as in access=3s", "--ttl: %q is no duration", value)
		}
		*field = d
	}
	for name, field := range fields {
		if *field == 0 {
			return usagef("give all of access, stepup, idle, absolute, verify, reset, backoff", "--ttl: %s is missing", name)
		}
	}
	tg.Short = tg.Base
	return nil
}

// users reads the accounts given by flag or environment.
func (r *remoteOptions) users(f *factory, tg *contract.Target) error {
	for _, u := range []struct{ flag, value, env string }{
		{"--user-a", r.userA, "SCAFFOLD_USER_A"}, {"--user-b", r.userB, "SCAFFOLD_USER_B"},
	} {
		if u.value == "" {
			u.value = f.env(u.env)
		}
		if u.value == "" {
			continue
		}
		email, password, ok := strings.Cut(u.value, ":")
		if !ok || !strings.Contains(email, "@") || password == "" {
			return usagef("write it as EMAIL:PASSWORD", "%s is no account", u.flag)
		}
		tg.Users = append(tg.Users, contract.Credentials{Email: email, Password: password})
	}
	if len(tg.Users) > 0 && !r.disposable {
		return usagef("say --disposable-users if that is all right", "the run changes the passwords of the given accounts and deletes them")
	}
	return nil
}
