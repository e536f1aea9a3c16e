package contract

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"example.com/scaffold/internal/service"
)

const (
	bootLimit   = 10 * time.Second // by section B
	goodLimit   = 20 * time.Second // by BOOT-07
	bootsAtOnce = 2
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

// refusal is a start that must fail.
type refusal struct {
	what  string
	set   service.Env
	unset []string
	names string // the variables that the message may name, separated by spaces; one is enough
	on    *service.Postgres
}

// refuseStarts tries the starts, a few at a time, after the unchanged
// environment has started.
func (t *T) refuseStarts(cases []refusal) {
	good, err := t.Host().Normal()
	t.Control(err == nil, "the service does not start with a good environment: %v", err)
	slots := make(chan struct{}, bootsAtOnce)
	var wg sync.WaitGroup
	for _, c := range cases {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			t.refuseStart(good, c)
		})
	}
	wg.Wait()
}

func (t *T) refuseStart(good *service.Instance, c refusal) {
	t.refusals.Add(1)
	spec := service.Spec{Name: "boot", Set: c.set, Unset: c.unset, Share: good}
	if c.on != nil {
		spec.Share, spec.Database = nil, c.on
	}
	began := time.Now()
	in, failure, err := t.Host().Launch(t.ctx, spec, bootLimit)
	if err != nil {
		t.Errorf("%s: the start could not be tried: %v", c.what, err)
		return
	}
	took := time.Since(began)
	code, ended := in.Exited()
	if !ended {
		_, err := in.Stop()
		t.Errorf("%s: the service runs (ready: %t; stopped: %v), want a refusal within %v", c.what, failure == nil, err == nil, bootLimit)
		return
	}
	if code == 0 {
		t.Errorf("%s: exit code 0, want another", c.what)
	}
	if took > bootLimit {
		t.Errorf("%s: the refusal took %v, want at most %v", c.what, took, bootLimit)
	}
	raw, err := in.Output()
	if err != nil {
		t.Errorf("%s: %v", c.what, err)
		return
	}
	output := string(raw)
	named := false
	for name := range strings.FieldsSeq(c.names) {
		named = named || strings.Contains(output, name)
	}
	if !named {
		t.Errorf("%s: the message does not name %s:\n%s", c.what, strings.Join(strings.Fields(c.names), " or "), clip(raw))
	}
	for name, value := range c.set {
		if secretVariable(name) && len(value) >= 8 && strings.Contains(output, value) {
			t.Errorf("%s: the message shows the value of %s", c.what, name)
		}
	}
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
	var cases []refusal
	cursor := func(what, value string) {
		cases = append(cases, refusal{what: what, set: service.Env{"CURSOR_SECRET": value}, names: "CURSOR_SECRET"})
	}
	cases = append(cases, refusal{what: "CURSOR_SECRET missing", unset: []string{"CURSOR_SECRET"}, names: "CURSOR_SECRET"})
	cursor("CURSOR_SECRET empty", "")
	for _, word := range []string{"changeme", "changethis", "secret", "example"} {
		cursor("placeholder "+word, word)
		cursor("long placeholder "+word, strings.Repeat(word+"-", 7)+word)
	}
	cursor("31 bytes", randomOf("abcdefghijklmnopqrstuvwxyz0123456789", 31))
	cursor("one character", strings.Repeat("a", 48))
	cursor("four characters", strings.Repeat("abcd", 12))
	if t.Accounts() {
		good, err := t.Host().Normal()
		t.Control(err == nil, "the service does not start with a good environment: %v", err)
		cases = append(cases,
			refusal{what: "JWT_PRIVATE_KEYS missing", unset: []string{"JWT_PRIVATE_KEYS"}, names: "JWT_PRIVATE_KEYS"},
			refusal{what: "one secret for two purposes", set: service.Env{"CURSOR_SECRET": good.Env()["JWT_PRIVATE_KEYS"]}, names: "CURSOR_SECRET JWT_PRIVATE_KEYS"},
			refusal{what: "SMTP_URL missing", unset: []string{"SMTP_URL"}, names: "SMTP_URL"},
		)
	}
	t.refuseStarts(cases)
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
	var cases []refusal
	for what, value := range map[string]string{
		"RSA-1024":               pem(rsa.GenerateKey(rand.Reader, 1024)),
		"RSA-2048":               pem(rsa.GenerateKey(rand.Reader, 2048)),
		"P-224":                  weak,
		"P-224 as second key":    good + weak,
		"no key at all":          "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n",
		"text in place of a key": randomOf(lowerCase, 48),
	} {
		cases = append(cases, refusal{what: what, set: service.Env{"JWT_PRIVATE_KEYS": value}, names: "JWT_PRIVATE_KEYS"})
	}
	if t.run.target.Facts.Has("mfa") {
		short := base64.StdEncoding.EncodeToString([]byte(Random(8)))
		cases = append(cases, refusal{what: "16-byte field key", set: service.Env{"FIELD_KEYS": short}, names: "FIELD_KEYS"})
	}
	t.refuseStarts(cases)
}

func boot03(t *T) {
	var cases []refusal
	for name, values := range map[string][]string{
		"CORS_ORIGINS": {
			"*", "null", "http://app.example.test", "https://app.example.test/path", "https://app.example.test/",
			"https://app.example.test,*", "https://*.example.test", "app.example.test",
		},
		"ALLOWED_HOSTS":   {"", "*", "api.example.test,*"},
		"TRUSTED_PROXIES": {"0.0.0.0/0", "::/0", "10.0.0.0/8,0.0.0.0/0", "not an address"},
	} {
		for _, value := range values {
			cases = append(cases, refusal{what: name + "=" + value, set: service.Env{name: value}, names: name})
		}
	}
	t.refuseStarts(cases)
}

func boot04(t *T) {
	cases := []refusal{
		{what: "metrics on the public port", set: service.Env{"METRICS_PORT": service.SamePort}, names: "METRICS_PORT"},
		{what: "PUBLIC_URL missing", unset: []string{"PUBLIC_URL"}, names: "PUBLIC_URL"},
	}
	for _, setting := range [][2]string{
		{"DEBUG", "1"}, {"DEBUG", "true"}, {"RELOAD", "1"}, {"DOCS", "on"},
		{"PUBLIC_URL", "http://api.example.test"}, {"APP_URL", "http://app.example.test"},
	} {
		cases = append(cases, refusal{what: setting[0] + "=" + setting[1], set: service.Env{setting[0]: setting[1]}, names: setting[0]})
	}
	t.refuseStarts(cases)
}

func boot05(t *T) {
	secret := randomOf(lowerCase, 24)
	var cases []refusal
	database := func(what, value string) {
		cases = append(cases, refusal{what: what, set: service.Env{"DATABASE_URL": value}, names: "DATABASE_URL"})
	}
	database("default password postgres", "postgresql://app:postgres@127.0.0.1:5432/app")
	database("default password password", "postgresql://app:password@127.0.0.1:5432/app")
	database("default password changethis", "postgresql://app:changethis@127.0.0.1:5432/app")
	database("remote database without TLS", "postgresql://app:"+secret+"@db.example.test/app")
	database("remote database with optional TLS", "postgresql://app:"+secret+"@db.example.test/app?sslmode=prefer")
	database("missing", "")
	cases = append(cases,
		refusal{what: "remote Redis without TLS", set: service.Env{"REDIS_URL": "redis://:" + secret + "@cache.example.test:6379"}, names: "REDIS_URL"},
		refusal{what: "two replicas without Redis", set: service.Env{"REPLICAS": "2"}, unset: []string{"REDIS_URL"}, names: "REPLICAS REDIS_URL"},
	)
	server, err := t.Host().NewPostgres(t.ctx)
	if err == nil {
		cases = append(cases, t.superuser(server))
	}
	t.refuseStarts(cases)
	if err != nil {
		t.Skip("the superuser role needs PostgreSQL's programs on this machine: " + err.Error())
	}
}

// superuser is a start on a migrated database as its server's superuser, after
// the plain role was accepted there.
func (t *T) superuser(server *service.Postgres) refusal {
	plain := t.Start(service.Spec{Name: "plain role", Database: server})
	t.ClientTo(plain.URL, nil).Get("/readyz").Control()
	address, err := url.Parse(strings.Replace(plain.Env()["DATABASE_URL"], "@/", "@localhost/", 1))
	if err != nil {
		t.Fatalf("DATABASE_URL: %v", err)
	}
	return refusal{
		what: "superuser role", names: "DATABASE_URL superuser",
		set: service.Env{"DATABASE_URL": server.URL("postgres", randomOf(lowerCase, 24), strings.TrimPrefix(address.Path, "/"))},
	}
}

func boot06(t *T) {
	settings := [][2]string{{"RATE_DEFAULT", "0/60"}, {"RATE_DEFAULT", "none"}, {"MAX_ITEMS", "0"}}
	if t.Accounts() {
		settings = append(settings, [][2]string{
			{"PASSWORD_MIN_LENGTH", "7"}, {"PASSWORD_MIN_LENGTH", "10"}, {"PASSWORD_MIN_LENGTH", "14"},
			{"ACCESS_TTL", "3600"}, {"ACCESS_TTL", "901"}, {"ACCESS_TTL", "0"}, {"REFRESH_GRACE_SECONDS", "31"},
			{"RATE_AUTH_IP", "0/60"}, {"LOCKOUT_CEILING", "0"},
		}...)
	}
	var cases []refusal
	for _, s := range settings {
		cases = append(cases, refusal{what: s[0] + "=" + s[1], set: service.Env{s[0]: s[1]}, names: s[0]})
	}
	t.refuseStarts(cases)
}

func boot07(t *T) {
	began := time.Now()
	good := t.Start(service.Spec{Name: "production"})
	took := time.Since(began)
	t.ClientTo(good.URL, nil).Get("/readyz").Control()
	t.Check(took <= goodLimit, "the service was ready after %v, want at most %v", took, goodLimit)

	development := []string{
		"BIND", "PUBLIC_URL", "APP_URL", "ALLOWED_HOSTS", "CORS_ORIGINS", "SMTP_URL", "MAIL_FROM", "REDIS_URL", "TRUSTED_PROXIES",
	}
	closed := t.Start(service.Spec{Name: "development", Set: service.Env{"APP_ENV": "development"}, Unset: development})
	t.ClientTo(closed.URL, nil).Get("/readyz").Control()
	outside := outsideAddress()
	if outside != "" {
		t.Refusal(!reachable(outside, closed.URL), nil, "in development the service listens on %s", outside)
	}
	open := t.Start(service.Spec{Name: "development", Set: service.Env{"APP_ENV": "development", "BIND": "0.0.0.0"}, Unset: development[1:]})
	if outside != "" {
		t.Control(reachable(outside, open.URL), "with BIND=0.0.0.0 nothing answers on %s", outside)
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
func reachable(host, base string) bool {
	_, port, err := net.SplitHostPort(hostPort(base))
	if err != nil {
		return false
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, port), 2*time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
