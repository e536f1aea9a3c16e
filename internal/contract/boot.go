package contract

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"net"
	"net/url"
	"strings"
	"time"

	"example.com/scaffold/internal/service"
)

const goodLimit = 20 * time.Second // by BOOT-07

func bootTests() []Test {
	control := []Need{NeedControl}
	test := func(id, name string, clauses []string, run func(*T)) Test {
		return Test{ID: id, Name: name, Needs: control, Clauses: clauses, Limit: 3 * time.Minute, Run: run}
	}
	return []Test{
		test("BOOT-01", "secrets", []string{"B1"}, boot01),
		test("BOOT-02", "keys", []string{"B2"}, boot02),
		test("BOOT-03", "CORS and hosts", []string{"B3", "B6", "B7"}, func(t *T) { t.refuseStarts() }),
		test("BOOT-04", "debug and exposure", []string{"B4", "B6", "B11"}, func(t *T) { t.refuseStarts() }),
		test("BOOT-05", "back ends", []string{"B5", "B9"}, boot05),
		test("BOOT-06", "floors", []string{"B8"}, func(t *T) { t.refuseStarts() }),
		test("BOOT-07", "good", []string{"B12"}, boot07),
	}
}

// badSettings are what BOOT-01 to BOOT-06 try, each marked with its test.
func badSettings(f Facts) ([]setting, error) {
	keys, err := badKeys()
	if err != nil {
		return nil, err
	}
	var out []setting
	add := func(test, name string, values ...string) {
		for _, value := range values {
			out = append(out, setting{test: test, name: name, value: value})
		}
	}
	missing := func(test, name string) { out = append(out, setting{test: test, name: name, unset: true}) }

	missing("BOOT-01", "CURSOR_SECRET")
	add("BOOT-01", "CURSOR_SECRET", "", strings.Repeat("changeme-", 5), strings.Repeat("changethis-", 4), strings.Repeat("secret", 6),
		strings.Repeat("example-", 5), randomOf("abcdefghijklmnopqrstuvwxyz0123456789", 31), strings.Repeat("a", 48), strings.Repeat("abcd", 12))
	add("BOOT-03", "CORS_ORIGINS", "*", "null", "http://app.example.test", "https://app.example.test/path", "https://app.example.test/",
		"https://app.example.test,*", "https://*.example.test", "app.example.test")
	add("BOOT-03", "ALLOWED_HOSTS", "", "*", "api.example.test,*")
	add("BOOT-03", "TRUSTED_PROXIES", "0.0.0.0/0", "::/0", "10.0.0.0/8,0.0.0.0/0", "not an address")
	add("BOOT-04", "METRICS_PORT", service.SamePort)
	missing("BOOT-04", "PUBLIC_URL")
	add("BOOT-04", "PUBLIC_URL", "http://api.example.test")
	add("BOOT-04", "DEBUG", "1", "true")
	add("BOOT-04", "RELOAD", "1")
	add("BOOT-04", "DOCS", "on")
	add("BOOT-05", "REDIS_URL", "redis://:"+randomOf(lowerCase, 24)+"@cache.example.test:6379")
	remote := "postgresql://app:" + randomOf(lowerCase, 24) + "@db.example.test/app"
	add("BOOT-05", "DATABASE_URL", "", "postgresql://app:postgres@127.0.0.1:5432/app", "postgresql://app:password@127.0.0.1:5432/app",
		"postgresql://app:changethis@127.0.0.1:5432/app", remote, remote+"?sslmode=prefer")
	early := func(name string, values ...string) {
		for _, value := range values {
			out = append(out, setting{test: "BOOT-06", name: name, value: value, early: true})
		}
	}
	early("RATE_DEFAULT", "0/60", "none")
	early("MAX_ITEMS", "0")
	if f.Accounts() {
		missing("BOOT-01", "JWT_PRIVATE_KEYS")
		missing("BOOT-01", "SMTP_URL")
		add("BOOT-02", "JWT_PRIVATE_KEYS", keys...)
		missing("BOOT-04", "APP_URL")
		add("BOOT-04", "APP_URL", "http://app.example.test")
		add("BOOT-05", "SMTP_URL", "http://mail.example.test")
		add("BOOT-06", "PASSWORD_MIN_LENGTH", "7", "10", "14")
		add("BOOT-06", "ACCESS_TTL", "3600", "901")
		add("BOOT-06", "REFRESH_GRACE_SECONDS", "31")
		early("ACCESS_TTL", "0")
		early("RATE_AUTH_IP", "0/60")
		early("LOCKOUT_CEILING", "0")
	}
	if f.Has("mfa") {
		add("BOOT-02", "FIELD_KEYS", base64.StdEncoding.EncodeToString([]byte(Random(8))))
	}
	return out, nil
}

// badKeys are values of JWT_PRIVATE_KEYS that must not sign anything.
func badKeys() ([]string, error) {
	good, err := service.NewSigningKey()
	if err != nil {
		return nil, err
	}
	var made []any
	for _, generate := range []func() (any, error){
		func() (any, error) { return rsa.GenerateKey(rand.Reader, 1024) }, //nolint:gosec // a key that the service must refuse
		func() (any, error) { return rsa.GenerateKey(rand.Reader, 2048) },
		func() (any, error) { return ecdsa.GenerateKey(elliptic.P224(), rand.Reader) },
	} {
		key, err := generate()
		if err != nil {
			return nil, err
		}
		made = append(made, key)
	}
	out := []string{"-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n", randomOf(lowerCase, 48)}
	for _, key := range made {
		text, err := service.MarshalKey(key)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return append(out, good+out[len(out)-1]), nil
}

func boot01(t *T) {
	if !t.Accounts() {
		t.refuseStarts()
		return
	}
	key, err := service.NewSigningKey()
	if err != nil {
		t.Fatalf("%v", err)
	}
	var more []*start
	if same := (setting{name: "CURSOR_SECRET", value: key, called: "CURSOR_SECRET as JWT_PRIVATE_KEYS", names: "JWT_PRIVATE_KEYS"}); t.run.tries(same.called) {
		more = append(more, &start{settings: []setting{same}, extra: service.Env{"JWT_PRIVATE_KEYS": key}})
	}
	t.refuseStarts(more...)
}

func boot02(t *T) {
	if !t.Accounts() {
		t.Skip("auth=none: nothing is signed")
	}
	t.refuseStarts()
}

func boot05(t *T) {
	var more []*start
	if t.run.tries("REPLICAS=2") {
		more = append(more, &start{settings: []setting{{name: "REPLICAS", value: "2", names: "REDIS_URL"}, {name: "REDIS_URL", unset: true, names: "REPLICAS"}}})
	}
	var err error
	if t.run.tries(asSuperuser) {
		var server *service.Postgres
		if server, err = t.Host().NewPostgres(t.ctx); err == nil {
			more = append(more, t.superuser(server))
		}
	}
	t.refuseStarts(more...)
	t.OrSkip(err) // what else there is has been tested
}

const asSuperuser = "DATABASE_URL of a superuser"

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
	return &start{settings: []setting{{name: "DATABASE_URL", value: super, called: asSuperuser}}}
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
	var output []byte
	warned := func() bool {
		var err error
		if output, err = open.Output(); err != nil {
			t.Fatalf("%v", err)
		}
		return strings.Contains(strings.ToLower(string(output)), "warn") && strings.Contains(string(output), "BIND")
	}
	for range 50 { // a logger may write later than the service answers
		if warned() {
			break
		}
		t.Wait(100 * time.Millisecond)
	}
	t.Check(warned(), "a development service on every address does not warn about BIND:\n%s", clip(output))
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
