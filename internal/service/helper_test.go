package service

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain makes the test binary play the services of the tests when it is told
// to, so that real processes are started, waited for and ended.
func TestMain(m *testing.M) {
	switch role := os.Getenv("PLAY"); role {
	case "":
		os.Exit(m.Run())
	case "service", "stubborn", "family":
		playService(role)
	case "crash":
		fmt.Fprintln(os.Stderr, "CURSOR_SECRET is missing")
		os.Exit(3)
	case "half":
		http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
		time.AfterFunc(300*time.Millisecond, func() { os.Exit(3) })
		must(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
	case "silent":
		time.Sleep(time.Hour)
	case "migrate":
		path := strings.TrimPrefix(os.Getenv("DATABASE_URL"), "sqlite:///")
		must(os.WriteFile(path, []byte("migrated"), 0o600))
	case "admin":
		password, err := io.ReadAll(os.Stdin)
		must(err)
		fmt.Fprintf(os.Stderr, "%s %s", os.Args[len(os.Args)-1], password)
		os.Exit(9) // the caller shows what was written
	case "host":
		playHost()
	default:
		panic(role)
	}
}

// say writes a line to standard output: here the process is the program itself.
func say(line string) {
	_, err := io.WriteString(os.Stdout, line+"\n")
	must(err)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// playService answers on PORT; "stubborn" ignores SIGTERM, "family" leaves a
// grandchild behind in its group.
func playService(role string) {
	if role == "family" {
		child := exec.Command("sleep", "600")
		must(child.Start())
		must(os.WriteFile(os.Getenv("PIDFILE"), []byte(strconv.Itoa(child.Process.Pid)), 0o600))
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	go func() {
		for range ended {
			if role != "stubborn" {
				say(`{"event":"sys_shutdown"}`)
				os.Exit(0)
			}
		}
	}()
	say(`{"event":"sys_startup"}`)
	http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/env", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, strings.Join(os.Environ(), "\n"))
	})
	must(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

// playHost starts a family under a Host and then waits to be killed.
func playHost() {
	h, err := Open(context.Background(), Config{
		Dir: ".", Commands: Commands{Start: []string{self()}},
		Extra: Env{"PLAY": "family", "PIDFILE": os.Getenv("PIDFILE")},
	})
	must(err)
	in, err := h.Normal()
	must(err)
	say(strconv.Itoa(in.prog.cmd.Process.Pid))
	time.Sleep(time.Hour)
}

func self() string {
	path, err := os.Executable()
	must(err)
	return path
}

// hosted opens a Host whose service is this binary in a role.
func hosted(t *testing.T, role string, change func(*Config)) *Host {
	t.Helper()
	cfg := Config{
		Dir: t.TempDir(), SMTPURL: "smtp://127.0.0.1:1", Extra: Env{"PLAY": role},
		Commands: Commands{Start: []string{self()}},
	}
	if change != nil {
		change(&cfg)
	}
	h, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(h.dir); !os.IsNotExist(err) {
			t.Errorf("the temporary folder is still there: %v", err)
		}
	})
	return h
}

// script writes an executable shell script and returns its path.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// gone waits until no process of the id is left (a zombie counts as gone).
func gone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d is still running", pid)
}

func readPID(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
