package service

import (
	"crypto/tls"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPostgres(t *testing.T) {
	h := hosted(t, "service", func(cfg *Config) { cfg.Postgres = true })
	server, err := h.server()
	if err != nil {
		t.Fatal(err)
	}
	in, err := h.Normal()
	if err != nil {
		t.Fatal(err)
	}
	if url := in.Env()["DATABASE_URL"]; !strings.HasPrefix(url, "postgresql://app:") || !strings.Contains(url, "?host=/") {
		t.Errorf("DATABASE_URL is %q", url)
	}
	if answer, err := server.SQL(t.Context(), appRole, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"); err != nil || answer != "f" {
		t.Errorf("the service's role is a superuser: %q, %v", answer, err)
	}
	if dump, err := in.Dump(t.Context()); err != nil || !strings.Contains(string(dump), "PostgreSQL database dump") {
		t.Errorf("dump: %q, %v", dump, err)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := server.SQL(t.Context(), appRole, "SELECT 1"); err == nil {
		t.Error("a stopped server answers")
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if answer, err := server.SQL(t.Context(), appRole, "SELECT count(*) FROM pg_database WHERE datname LIKE 'app%'"); err != nil || answer != "2" {
		t.Errorf("databases after the restart: %q, %v; want the template and the copy", answer, err)
	}
}

func TestRedis(t *testing.T) {
	h := hosted(t, "service", nil)
	redis, err := h.NewRedis(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reachable := answersDial("unix", redis.socket())
	if !strings.HasPrefix(redis.URL(), "unix:///") || !reachable(t.Context()) {
		t.Errorf("nothing answers at %s", redis.URL())
	}
	if err := redis.Stop(); err != nil {
		t.Fatal(err)
	}
	if reachable(t.Context()) {
		t.Error("a stopped server answers")
	}
	if err := redis.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestProxy(t *testing.T) {
	shipped, err := os.ReadFile("../../templates/common/base/" + proxyTemplate)
	if err != nil {
		t.Fatal(err)
	}
	h := hosted(t, "service", nil)
	in, err := h.Normal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.NewProxy(t.Context(), in); !errors.Is(err, ErrNoProxy) {
		t.Errorf("without a configuration: %v", err)
	}
	path := filepath.Join(h.cfg.Dir, proxyTemplate)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, shipped, 0o600); err != nil {
		t.Fatal(err)
	}
	proxy, err := h.NewProxy(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: proxy.Roots}}}
	response, err := client.Get(proxy.URL + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || response.TLS.Version != tls.VersionTLS13 {
		t.Errorf("status %d over TLS %x", response.StatusCode, response.TLS.Version)
	}
	if plain, err := http.Get(proxy.Plain + "/readyz"); err == nil {
		defer plain.Body.Close()
		if plain.StatusCode < 400 {
			t.Errorf("the plain port answers %d", plain.StatusCode)
		}
	}
}

func TestFillIn(t *testing.T) {
	got, err := fillIn("listen ${HTTP_PORT}; # $remote_addr", map[string]string{"HTTP_PORT": "127.0.0.1:1"})
	if err != nil || got != "listen 127.0.0.1:1; # $remote_addr" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := fillIn("${NEW_THING}", nil); err == nil || !strings.Contains(err.Error(), "NEW_THING") {
		t.Errorf("error %v does not name the variable", err)
	}
}

func TestMissingProgramNamesItsPackage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := find("redis-server", "redis-server"); err == nil || !strings.Contains(err.Error(), "Debian package redis-server") {
		t.Errorf("error %v does not say what to install", err)
	}
}
