// Package selfhost makes a target for the contract suite out of a repository:
// it starts the service as in production, with a mail sink, the shipped proxy
// and, on demand, PostgreSQL, Redis and several replicas.
package selfhost

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/smtpsink"
	"example.com/scaffold/internal/service"
)

// FactsFile is where a repository says what the suite has to know.
const FactsFile = ".scaffold/contract.yaml"

// Options say what to start.
type Options struct {
	Dir      string          // the repository's root
	Facts    *contract.Facts // nil: those of FactsFile
	Setup    bool            // run the repository's setup command first
	Migrated string          // an SQLite database to start on copies of; empty: migrate one
	Postgres bool            // PostgreSQL instead of SQLite
	Redis    bool            // Redis instead of memory
	Replicas int             // more than one needs Redis; they share the database
	Proxied  bool            // everything is sent through the shipped TLS proxy
	LogDir   string          // keeps the logs; empty: they go with the run
	Extra    service.Env     // added to every instance's environment
	Progress func(string)    // takes one-line messages for a person; may be nil
}

// Run is a service that was started for the suite.
type Run struct {
	Host   *service.Host
	Target *contract.Target

	sink *smtpsink.Sink
}

// Open starts everything. Whatever was started by the time of an error has been
// ended again.
func Open(ctx context.Context, o Options) (run *Run, err error) {
	var facts contract.Facts
	if o.Facts != nil {
		facts = *o.Facts
	} else if facts, err = ReadFacts(o.Dir); err != nil {
		return nil, err
	}
	if o.Replicas > 1 && !o.Redis {
		return nil, errors.New("several replicas need Redis: without it each would count its own limits")
	}
	sink, err := smtpsink.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	run = &Run{sink: sink}
	defer func() {
		if err != nil {
			err = errors.Join(err, run.Close())
			run = nil
		}
	}()
	run.Host, err = service.Open(ctx, service.Config{
		Dir: o.Dir, Commands: service.Commands(facts.Run), SMTPURL: "smtp://" + sink.Addr(),
		Migrated: o.Migrated, Postgres: o.Postgres, Extra: o.Extra, Progress: o.Progress, KeepLogs: o.LogDir,
	})
	if err != nil {
		return run, err
	}
	if o.Setup {
		if err := run.Host.Setup(ctx); err != nil {
			return run, err
		}
	}
	return run, run.start(ctx, o, facts)
}

// start starts the instances and describes them.
func (run *Run) start(ctx context.Context, o Options, facts contract.Facts) error {
	set := service.Env{"TRUSTED_PROXIES": "127.0.0.1/32"}
	if o.Redis {
		redis, err := run.Host.NewRedis(ctx)
		if err != nil {
			return err
		}
		set["REDIS_URL"] = redis.URL()
	}
	if o.Replicas > 1 {
		set["REPLICAS"] = strconv.Itoa(o.Replicas)
	}
	run.Host.Configure(set)
	first, err := run.Host.Normal()
	if err != nil {
		return err
	}
	replicas := []*service.Instance{first}
	for len(replicas) < o.Replicas {
		next, err := run.Host.Start(ctx, service.Spec{Name: "replica", Share: first})
		if err != nil {
			return err
		}
		replicas = append(replicas, next)
	}
	env := first.Env()
	tg := &contract.Target{
		Base: first.URL, Facts: facts, Profile: contract.Production,
		PublicURL: service.PublicURL, AppURL: service.AppURL, Origin: service.AppURL,
		Mail: run.sink, Direct: first.URL, Host: run.Host, Secrets: secrets(env), Lifetime: lifetimes(),
	}
	for _, in := range replicas {
		tg.Logs, tg.Errors = append(tg.Logs, in.LogPath), append(tg.Errors, in.ErrPath)
	}
	run.Target = tg
	if facts.Accounts() {
		if tg.Key, err = signingKey(env["JWT_PRIVATE_KEYS"]); err != nil {
			return err
		}
	}
	proxy, err := run.Host.NewProxy(ctx, replicas...)
	switch {
	case err == nil:
		tg.TLSURL, tg.PlainURL, tg.Roots = proxy.URL, proxy.Plain, proxy.Roots
	case o.Proxied || (!errors.Is(err, service.ErrNoProxy) && !errors.Is(err, service.ErrNotInstalled)):
		return err
	case o.Progress != nil:
		o.Progress(err.Error() + ": the tests of the proxy are skipped")
	}
	if o.Proxied {
		tg.Base = tg.TLSURL
	}
	return nil
}

// ReadFacts reads a repository's contract file.
func ReadFacts(dir string) (contract.Facts, error) {
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(FactsFile)))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return contract.Facts{}, fmt.Errorf("%s is no repository made by scaffold: it has no %s", dir, FactsFile)
		}
		return contract.Facts{}, fmt.Errorf("read what to verify: %w", err)
	}
	return contract.ParseFacts(data)
}

// Close ends everything that was started.
func (run *Run) Close() error {
	var errs []error
	if run.Host != nil {
		errs = append(errs, run.Host.Close())
	}
	return errors.Join(append(errs, run.sink.Close())...)
}

// lifetimes are those of service.FastTimes as the suite's tests take them.
func lifetimes() contract.Lifetimes {
	env := service.FastTimes()
	seconds := func(name string) time.Duration {
		n, err := strconv.Atoi(env[name])
		if err != nil {
			panic(name + " is no number of seconds: " + env[name])
		}
		return time.Duration(n) * time.Second
	}
	return contract.Lifetimes{
		Access: seconds("ACCESS_TTL"), StepUp: seconds("STEP_UP_TTL"), Idle: seconds("REFRESH_IDLE_TTL"),
		Absolute: seconds("REFRESH_MAX_TTL"), Verify: seconds("VERIFY_TTL"), Reset: seconds("RESET_TTL"),
		Backoff: seconds("LOGIN_BACKOFF_SECONDS"),
	}
}

// signingKey is the first of the keys in JWT_PRIVATE_KEYS.
func signingKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("JWT_PRIVATE_KEYS holds no PEM key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("JWT_PRIVATE_KEYS: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("JWT_PRIVATE_KEYS: a key of type %T cannot sign", key)
	}
	return signer, nil
}

// secrets are the values of an environment that must never be logged: keys line
// by line, for a log might show only one of them.
func secrets(env service.Env) []string {
	out := []string{env["CURSOR_SECRET"]}
	for line := range strings.Lines(env["JWT_PRIVATE_KEYS"]) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "-----") {
			out = append(out, line)
		}
	}
	if address, err := url.Parse(strings.Replace(env["DATABASE_URL"], "@/", "@localhost/", 1)); err == nil {
		if password, ok := address.User.Password(); ok {
			out = append(out, password)
		}
	}
	return out
}
