package service

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func fetch(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestInstance(t *testing.T) {
	t.Setenv("DATABASE_URL", "sqlite:///of/the/developer.db")
	t.Setenv("DEVELOPER_TOKEN", "do not hand on")
	h := hosted(t, "service", nil)
	in, err := h.Normal()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.Normal(); err != nil || again != in {
		t.Errorf("the normal instance was started twice: %v", err)
	}
	env := fetch(t, in.URL+"/env")
	for _, want := range []string{
		"APP_ENV=production", "BIND=127.0.0.1", "SMTP_URL=smtp://127.0.0.1:1", "PUBLIC_URL=https://api.example.test",
		"DATABASE_URL=sqlite:////", "JWT_PRIVATE_KEYS=-----BEGIN PRIVATE KEY-----", "CURSOR_SECRET=",
	} {
		if !strings.Contains(env, want) {
			t.Errorf("the service does not see %s…", want)
		}
	}
	for _, unwanted := range []string{"developer.db", "DEVELOPER_TOKEN"} {
		if strings.Contains(env, unwanted) {
			t.Errorf("the service sees %s of our own environment", unwanted)
		}
	}
	before := in.URL
	if err := in.Restart(t.Context(), Env{"MAX_ITEMS": "3"}, "SMTP_URL"); err != nil {
		t.Fatal(err)
	}
	env = fetch(t, in.URL+"/env")
	if in.URL == before || !strings.Contains(env, "MAX_ITEMS=3") || strings.Contains(env, "SMTP_URL") {
		t.Errorf("the restart did not change the environment")
	}
	if code, err := in.Stop(); code != 0 || err != nil {
		t.Errorf("stop: exit code %d, %v", code, err)
	}
	output, err := in.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(output), "sys_startup"); got != 2 {
		t.Errorf("the log has %d starts, want those before and after the restart", got)
	}
	if _, ended := in.Exited(); !ended {
		t.Error("a stopped instance has not exited")
	}
}

func TestSecretsDiffer(t *testing.T) {
	a, b := hosted(t, "service", nil), hosted(t, "service", nil)
	for _, name := range []string{"JWT_PRIVATE_KEYS", "CURSOR_SECRET"} {
		if a.base[name] == b.base[name] || len(a.base[name]) < 32 {
			t.Errorf("%s is not fresh", name)
		}
	}
}

func TestShareAndOwnDatabases(t *testing.T) {
	h := hosted(t, "service", func(cfg *Config) {
		migrate := script(t, `PLAY=migrate exec "`+self()+`"`)
		cfg.Commands.Migrate = []string{migrate}
	})
	first, err := h.Start(t.Context(), Spec{Name: "first"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := h.Start(t.Context(), Spec{Name: "other"})
	if err != nil {
		t.Fatal(err)
	}
	replica, err := h.Start(t.Context(), Spec{Name: "replica", Share: first, Set: Env{"REPLICAS": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	if first.Env()["DATABASE_URL"] == other.Env()["DATABASE_URL"] {
		t.Error("two instances got one database")
	}
	if first.Env()["DATABASE_URL"] != replica.Env()["DATABASE_URL"] || first.Env()["CURSOR_SECRET"] != replica.Env()["CURSOR_SECRET"] {
		t.Error("a replica got a database or secrets of its own")
	}
	dump, err := other.Dump(t.Context())
	if err != nil || string(dump) != "migrated" {
		t.Errorf("the database is not a copy of the migrated one: %q, %v", dump, err)
	}
}

func TestRefusalsToStart(t *testing.T) {
	for name, c := range map[string]struct {
		role  string
		limit time.Duration
		ended bool
		code  int
		want  string
	}{
		"crash at start": {"crash", 20 * time.Second, true, 3, "exit code 3"},
		"never ready":    {"silent", 300 * time.Millisecond, false, 0, "not ready after 300ms"},
	} {
		t.Run(name, func(t *testing.T) {
			h := hosted(t, c.role, nil)
			began := time.Now()
			in, failure, err := h.Launch(t.Context(), Spec{Name: "x"}, c.limit)
			if err != nil {
				t.Fatal(err)
			}
			if failure == nil || !strings.Contains(failure.Error(), c.want) {
				t.Errorf("failure %v does not say %q", failure, c.want)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("noticed only after %v", took)
			}
			code, ended := in.Exited()
			if ended != c.ended || code != c.code {
				t.Errorf("exited %t with %d, want %t with %d", ended, code, c.ended, c.code)
			}
			if c.ended && !strings.Contains(failure.Error(), "CURSOR_SECRET is missing") {
				t.Errorf("failure does not show the last output: %v", failure)
			}
		})
	}
	t.Run("no such program", func(t *testing.T) {
		h := hosted(t, "service", func(cfg *Config) { cfg.Commands.Start = []string{"./none", "serve"} })
		if _, err := h.Normal(); err == nil || !strings.Contains(err.Error(), "./none serve") {
			t.Errorf("error %v does not show the command", err)
		}
	})
	t.Run("nothing said", func(t *testing.T) {
		_, err := (&launch{Name: "setup", Argv: []string{"false"}}).runOnce(t.Context(), "")
		if err == nil || !strings.HasSuffix(err.Error(), "; it wrote nothing") {
			t.Errorf("the error is %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		h := hosted(t, "silent", nil)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if _, err := h.Start(ctx, Spec{Name: "x"}); err == nil {
			t.Error("a cancelled start succeeded")
		}
	})
}

// A part of a service may be alive before another refuses to start.
func TestAliveIsNotReady(t *testing.T) {
	for role, want := range map[string]bool{"half": false, "service": true} {
		probe := map[string]string{"half": "/healthz", "service": "/readyz"}[role]
		in, failure, err := hosted(t, role, nil).Launch(t.Context(), Spec{Name: role, Probe: probe}, time.Minute)
		if err != nil || failure != nil {
			t.Fatalf("%s is not alive: %v, %v", role, failure, err)
		}
		if got := in.Stays(t.Context(), time.Minute); got != want {
			t.Errorf("%s stays: %t", role, got)
		}
		if code, ended := in.Exited(); !want && (!ended || code != 3) {
			t.Errorf("%s: code %d, ended %t", role, code, ended)
		}
	}
}

func TestStubbornServiceIsKilled(t *testing.T) {
	h := hosted(t, "stubborn", nil)
	in, err := h.Normal()
	if err != nil {
		t.Fatal(err)
	}
	code, err := in.stop(200 * time.Millisecond)
	if code != -1 || err == nil {
		t.Errorf("code %d, error %v: want a kill to be reported", code, err)
	}
}

func TestGrandchildrenEndWithTheService(t *testing.T) {
	pidfile := filepath.Join(t.TempDir(), "pid")
	h := hosted(t, "family", func(cfg *Config) { cfg.Extra["PIDFILE"] = pidfile })
	in, err := h.Normal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Stop(); err != nil {
		t.Fatal(err)
	}
	gone(t, readPID(t, pidfile))
}

// TestNoOrphans kills a process that holds a Host in every way that leaves it no
// chance to clean up, and looks for what it had started.
func TestNoOrphans(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGQUIT} {
		t.Run(sig.String(), func(t *testing.T) {
			pidfile := filepath.Join(t.TempDir(), "pid")
			cmd := exec.Command(self())
			cmd.Env = append(os.Environ(), "PLAY=host", "PIDFILE="+pidfile)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // it was killed
			gone(t, pid)
			gone(t, readPID(t, pidfile))
		})
	}
}

func TestCommands(t *testing.T) {
	h := hosted(t, "service", func(cfg *Config) {
		cfg.Commands.Setup = []string{"sh", "-c", "echo made > made"}
		cfg.Commands.OpenAPI = []string{"sh", "-c", `echo "{}"; echo noise >&2`}
		cfg.Commands.CreateAdmin = []string{script(t, `PLAY=admin exec "`+self()+`" "$@"`)}
	})
	if err := h.Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(h.cfg.Dir, "made")); err != nil {
		t.Errorf("setup did not run in the repository: %v", err)
	}
	if out, err := h.OpenAPI(t.Context()); err != nil || strings.TrimSpace(string(out)) != "{}" {
		t.Errorf("openapi: %q, %v", out, err)
	}
	in, err := h.Normal()
	if err != nil {
		t.Fatal(err)
	}
	err = in.CreateAdmin(t.Context(), "a@example.test", "secret word")
	if err == nil || !strings.Contains(err.Error(), "a@example.test secret word") || !strings.Contains(err.Error(), "exit status 9") {
		t.Errorf("create-admin: %v", err)
	}
}

func TestOpenWithoutStartCommand(t *testing.T) {
	if _, err := Open(t.Context(), Config{Dir: "."}); err == nil || !strings.Contains(err.Error(), "run.start") {
		t.Errorf("error %v does not name run.start", err)
	}
}
