package contract

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/scaffold/internal/service"
)

const (
	bootLimit  = 10 * time.Second // by section B
	goodLimit  = 20 * time.Second // by BOOT-07
	bootGiveUp = 60 * time.Second
)

func bootTests() []Test {
	control := []Need{NeedControl}
	test := func(id, name string, clauses []string, run func(*T)) Test {
		return Test{ID: id, Name: name, Needs: control, Clauses: clauses, Limit: 3 * time.Minute, Run: run}
	}
	return []Test{
		test("BOOT-01", "secrets", []string{"B1"}, boot01),
		test("BOOT-02", "keys", []string{"B2"}, boot02),
		test("BOOT-03", "CORS and hosts", []string{"B3", "B6", "B7"}, boot03),
		test("BOOT-04", "debug and exposure", []string{"B4", "B6", "B11"}, boot04),
		test("BOOT-05", "back ends", []string{"B5", "B9"}, boot05),
		test("BOOT-06", "floors", []string{"B8"}, boot06),
		test("BOOT-07", "good", []string{"B12"}, boot07),
	}
}

// setting is one bad value of one variable.
type setting struct {
	name, value string
	unset       bool   // the variable is missing instead
	names       string // what the message may name instead of the variable, separated by spaces
}

func (s setting) String() string {
	if s.unset {
		return s.name + " missing"
	}
	if strings.Contains(s.value, "-----BEGIN") {
		return s.name + " with another key"
	}
	return s.name + "=" + s.value
}

// start is one attempt to start with bad settings, of one variable each.
type start struct {
	settings []setting
	extra    service.Env // needed for the bad settings to matter
	on       *service.Postgres

	in  *service.Instance
	out string // what it wrote
}

// together puts settings into as few starts as have each variable once: a
// message that names every one of them has noticed every one of them.
func together(settings ...setting) []*start {
	var starts []*start
next:
	for _, s := range settings {
		for _, st := range starts {
			if !slices.ContainsFunc(st.settings, func(other setting) bool { return other.name == s.name }) {
				st.settings = append(st.settings, s)
				continue next
			}
		}
		starts = append(starts, &start{settings: []setting{s}})
	}
	return starts
}

// refuseStarts asserts that every start is refused, after one with an unchanged
// environment succeeded beside them: it is also the measure of how long a start
// takes on this machine now.
func (t *T) refuseStarts(starts []*start) {
	var wg sync.WaitGroup
	for _, st := range starts {
		wg.Go(func() { t.launch(st) })
	}
	good, failure, err := t.Host().Launch(t.ctx, service.Spec{Name: "good"}, bootGiveUp)
	wg.Wait()
	t.Control(err == nil && failure == nil, "the service does not start with a good environment: %v %v", err, failure)
	if _, err := good.Stop(); err != nil {
		t.Errorf("%v", err)
	}
	limit := max(bootLimit, 2*good.Took)
	var alone []*start
	for _, st := range starts {
		if st.in == nil || len(st.settings) == 1 || st.refused(limit) == "" {
			continue
		}
		for _, s := range st.settings {
			single := &start{settings: []setting{s}, extra: st.extra, on: st.on}
			t.launch(single)
			alone = append(alone, single)
		}
		st.in = nil
	}
	for _, st := range append(starts, alone...) {
		if st.in == nil {
			continue
		}
		t.refusals.Add(1)
		if complaint := st.refused(limit); complaint != "" {
			t.Errorf("%s", complaint)
		}
	}
}

// launch makes the attempt and ends what runs.
func (t *T) launch(st *start) {
	spec := service.Spec{Name: "boot", Set: service.Env{}, Database: st.on}
	maps.Copy(spec.Set, st.extra)
	for _, s := range st.settings {
		if s.unset {
			spec.Unset = append(spec.Unset, s.name)
		} else {
			spec.Set[s.name] = s.value
		}
	}
	in, _, err := t.Host().Launch(t.ctx, spec, bootGiveUp)
	if err != nil {
		t.Errorf("%v: the start could not be tried: %v", st.settings, err)
		return
	}
	st.in = in
	if _, ended := in.Exited(); !ended {
		if _, err := in.Stop(); err != nil {
			t.Errorf("%v: %v", st.settings, err)
		}
		st.out = running
	} else if raw, err := in.Output(); err != nil {
		t.Errorf("%v: %v", st.settings, err)
	} else {
		st.out = string(raw)
	}
}

const running = "\x00running" // in place of the output of a service that did not refuse

// refused says what is wrong with a start that should have been refused; empty:
// nothing.
func (st *start) refused(limit time.Duration) string {
	what := fmt.Sprint(st.settings)
	code, _ := st.in.Exited()
	switch {
	case st.out == running:
		return what + ": the service starts"
	case code == 0:
		return what + ": exit code 0, want another"
	case st.in.Took > limit:
		return fmt.Sprintf("%s: the refusal took %v, want at most %v", what, st.in.Took, limit)
	}
	for _, s := range st.settings {
		words := append(strings.Fields(s.names), s.name)
		if !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(st.out, word) }) {
			return fmt.Sprintf("%s: the message does not name %s:\n%s", what, strings.Join(words, " or "), clip([]byte(st.out)))
		}
		if secretVariable(s.name) && len(s.value) >= 8 && strings.Contains(st.out, s.value) {
			return fmt.Sprintf("%s: the message shows the value of %s", what, s.name)
		}
	}
	return ""
}

// secretVariable reports whether a variable's value may never be shown.
func secretVariable(name string) bool {
	switch name {
	case "CURSOR_SECRET", "JWT_PRIVATE_KEYS", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "FIELD_KEYS":
		return true
	}
	return false
}

func boot01(t *T) {
	settings := []setting{{name: "CURSOR_SECRET", unset: true}}
	for _, value := range []string{
		"", "changeme-changeme-changeme-changeme-changeme", "changethis-changethis-changethis-changethis", "secretsecretsecretsecretsecretsecret",
		"example-example-example-example-example", randomOf("abcdefghijklmnopqrstuvwxyz0123456789", 31), strings.Repeat("a", 48), strings.Repeat("abcd", 12),
	} {
		settings = append(settings, setting{name: "CURSOR_SECRET", value: value})
	}
	if !t.Accounts() {
		t.refuseStarts(together(settings...))
		return
	}
	settings = append(settings, setting{name: "JWT_PRIVATE_KEYS", unset: true}, setting{name: "SMTP_URL", unset: true}, setting{name: "JWT_PRIVATE_KEYS", value: "changethis"})
	key, err := service.NewSigningKey()
	if err != nil {
		t.Fatalf("%v", err)
	}
	twice := &start{settings: []setting{{name: "CURSOR_SECRET", value: key, names: "JWT_PRIVATE_KEYS"}}, extra: service.Env{"JWT_PRIVATE_KEYS": key}}
	t.refuseStarts(append(together(settings...), twice))
}

func boot02(t *T) {
	if !t.Accounts() {
		t.Skip("auth=none: nothing is signed")
	}
	pem := func(key any, err error) string {
		if err != nil {
			t.Fatalf("make a key: %v", err)
		}
		text, err := service.MarshalKey(key)
		if err != nil {
			t.Fatalf("%v", err)
		}
		return text
	}
	weak := pem(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	good := pem(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	var settings []setting
	for _, value := range []string{
		pem(rsa.GenerateKey(rand.Reader, 1024)), //nolint:gosec // a key that the service must refuse
		pem(rsa.GenerateKey(rand.Reader, 2048)), weak, good + weak,
		"-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n", randomOf(lowerCase, 48),
	} {
		settings = append(settings, setting{name: "JWT_PRIVATE_KEYS", value: value})
	}
	if t.run.target.Facts.Has("mfa") {
		settings = append(settings, setting{name: "FIELD_KEYS", value: base64.StdEncoding.EncodeToString([]byte(Random(8)))})
	}
	t.refuseStarts(together(settings...))
}

func boot03(t *T) {
	var settings []setting
	for name, values := range map[string][]string{
		"CORS_ORIGINS": {
			"*", "null", "http://app.example.test", "https://app.example.test/path", "https://app.example.test/",
			"https://app.example.test,*", "https://*.example.test", "app.example.test",
		},
		"ALLOWED_HOSTS":   {"", "*", "api.example.test,*"},
		"TRUSTED_PROXIES": {"0.0.0.0/0", "::/0", "10.0.0.0/8,0.0.0.0/0", "not an address"},
	} {
		for _, value := range values {
			settings = append(settings, setting{name: name, value: value})
		}
	}
	t.refuseStarts(together(settings...))
}

func boot04(t *T) {
	t.refuseStarts(together(
		setting{name: "METRICS_PORT", value: service.SamePort},
		setting{name: "PUBLIC_URL", unset: true}, setting{name: "PUBLIC_URL", value: "http://api.example.test"},
		setting{name: "APP_URL", value: "http://app.example.test"}, setting{name: "APP_URL", unset: true},
		setting{name: "DEBUG", value: "1"}, setting{name: "DEBUG", value: "true"}, setting{name: "RELOAD", value: "1"}, setting{name: "DOCS", value: "on"},
	))
}

func boot05(t *T) {
	secret := randomOf(lowerCase, 24)
	settings := []setting{
		{name: "REDIS_URL", value: "redis://:" + secret + "@cache.example.test:6379"},
		{name: "SMTP_URL", value: "http://mail.example.test"},
	}
	for _, value := range []string{
		"", "postgresql://app:postgres@127.0.0.1:5432/app", "postgresql://app:password@127.0.0.1:5432/app", "postgresql://app:changethis@127.0.0.1:5432/app",
		"postgresql://app:" + secret + "@db.example.test/app", "postgresql://app:" + secret + "@db.example.test/app?sslmode=prefer",
	} {
		settings = append(settings, setting{name: "DATABASE_URL", value: value})
	}
	starts := append(together(settings...), &start{settings: []setting{
		{name: "REPLICAS", value: "2", names: "REDIS_URL"}, {name: "REDIS_URL", unset: true, names: "REPLICAS"},
	}})
	server, err := t.Host().NewPostgres(t.ctx)
	if err == nil {
		starts = append(starts, t.superuser(server))
	}
	t.refuseStarts(starts)
	t.OrSkip(err) // what else there is has been tested
}

// superuser is a start on a migrated database as its server's superuser, after
// the plain role was accepted there.
func (t *T) superuser(server *service.Postgres) *start {
	plain := t.Start(service.Spec{Name: "plain role", Database: server})
	t.ClientTo(plain.URL, nil).Get("/readyz").Control()
	address, err := url.Parse(strings.Replace(plain.Env()["DATABASE_URL"], "@/", "@localhost/", 1))
	if err != nil {
		t.Fatalf("DATABASE_URL: %v", err)
	}
	super := server.URL("postgres", randomOf(lowerCase, 24), strings.TrimPrefix(address.Path, "/"))
	return &start{settings: []setting{{name: "DATABASE_URL", value: super}}}
}

func boot06(t *T) {
	settings := []setting{{name: "RATE_DEFAULT", value: "0/60"}, {name: "RATE_DEFAULT", value: "none"}, {name: "MAX_ITEMS", value: "0"}}
	if t.Accounts() {
		for name, values := range map[string][]string{
			"PASSWORD_MIN_LENGTH": {"7", "10", "14"}, "ACCESS_TTL": {"3600", "901", "0"}, "REFRESH_GRACE_SECONDS": {"31"},
			"RATE_AUTH_IP": {"0/60"}, "LOCKOUT_CEILING": {"0"},
		} {
			for _, value := range values {
				settings = append(settings, setting{name: name, value: value})
			}
		}
	}
	t.refuseStarts(together(settings...))
}

func boot07(t *T) {
	good := t.Start(service.Spec{Name: "production"})
	t.ClientTo(good.URL, nil).Get("/readyz").Control()
	t.Check(good.Took <= goodLimit, "the service was ready after %v, want at most %v", good.Took, goodLimit)

	development := []string{
		"BIND", "PUBLIC_URL", "APP_URL", "ALLOWED_HOSTS", "CORS_ORIGINS", "SMTP_URL", "MAIL_FROM", "REDIS_URL", "TRUSTED_PROXIES",
	}
	closed := t.Start(service.Spec{Name: "development", Set: service.Env{"APP_ENV": "development"}, Unset: development})
	t.ClientTo(closed.URL, nil).Get("/readyz").Control()
	outside := outsideAddress()
	if outside != "" {
		t.Refusal(!reachable(t.ctx, outside, closed.URL), nil, "in development the service listens on %s", outside)
	}
	open := t.Start(service.Spec{Name: "development", Set: service.Env{"APP_ENV": "development", "BIND": "0.0.0.0"}, Unset: development[1:]})
	if outside != "" {
		t.Control(reachable(t.ctx, outside, open.URL), "with BIND=0.0.0.0 nothing answers on %s", outside)
	}
	output, err := open.Output()
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Check(strings.Contains(strings.ToLower(string(output)), "warn") && strings.Contains(string(output), "BIND"),
		"a development service on every address does not warn about BIND:\n%s", clip(output))
}

// outsideAddress is one of this machine's addresses that is not loopback; empty
// when there is none.
func outsideAddress() string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && !network.IP.IsLoopback() && network.IP.To4() != nil {
			return network.IP.String()
		}
	}
	return ""
}

// reachable reports whether an address takes connections on the port of a URL.
func reachable(ctx context.Context, host, base string) bool {
	_, port, err := net.SplitHostPort(hostPort(base))
	if err != nil {
		return false
	}
	dialer := net.Dialer{Timeout: 2 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
