package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/scaffold/internal/service"
)

// A minute after `make run` a person has registered, read the mail in the
// development mailbox, signed in and made an item; or has pasted what `make seed`
// printed. And the same service, still running, is verified by its address.
func TestFirstMinute(t *testing.T) { forEach(t, firstMinute) }

func firstMinute(t *testing.T, s stack) {
	timed(t, s.name)
	dir := s.prepare(t)
	ports, err := service.FreePorts("127.0.0.1", 2)
	if err != nil {
		t.Fatal(err)
	}
	port, metrics := strconv.Itoa(ports[0]), strconv.Itoa(ports[1])
	base := "http://localhost:" + port
	env := environ(t.TempDir(), "PORT="+port, "METRICS_PORT="+metrics, "PUBLIC_URL="+base)

	ctx, stop := context.WithCancel(t.Context())
	serve := exec.CommandContext(ctx, "make", "run")
	serve.Dir, serve.Env = dir, env
	serve.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	serve.Cancel = func() error { return syscall.Kill(-serve.Process.Pid, syscall.SIGTERM) }
	serve.WaitDelay = 30 * time.Second // one that outlives the signal holds our pipes
	var log bytes.Buffer
	serve.Stdout, serve.Stderr = &log, &log
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		stop()
		_ = serve.Wait() // ended by our signal
		if t.Failed() {
			t.Logf("make run:\n%s", tail(log.String()))
		}
	}()
	waitFor(t, base+"/readyz")

	if page := get(t, base+"/docs", http.StatusOK); !strings.Contains(page, "<script") {
		t.Errorf("the docs page is no page:\n%s", page)
	}
	get(t, base+"/openapi.json", http.StatusOK)

	account := `{"email":"ada@example.com","password":"seventeen green lamps sing"}`
	post(t, base+"/v1/auth/register", "", account, http.StatusAccepted)
	var mail string
	for deadline := time.Now().Add(2 * time.Minute); mail == "" && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if page := get(t, base+"/dev/mailbox", http.StatusOK); strings.Contains(page, "token=") {
			mail = page
		}
	}
	token := regexp.MustCompile(`token=([A-Za-z0-9_-]+)`).FindStringSubmatch(mail)
	if token == nil {
		t.Fatalf("no verification mail in the mailbox:\n%s", mail)
	}
	post(t, base+"/v1/auth/verify-email", "", fmt.Sprintf(`{"token":%q,"password":"seventeen green lamps sing"}`, token[1]), http.StatusNoContent)
	signedIn := post(t, base+"/v1/auth/login", "", account, http.StatusOK)
	access, _ := signedIn["access_token"].(string)
	item := post(t, base+"/v1/items", access, `{"title":"Mine","body":"text"}`, http.StatusCreated)
	if item["title"] != "Mine" {
		t.Errorf("made %v", item)
	}

	seed := exec.CommandContext(t.Context(), "make", "seed")
	seed.Dir, seed.Env = dir, env
	out, err := seed.CombinedOutput()
	if err != nil {
		t.Fatalf("make seed: %v\n%s", err, out)
	}
	at := strings.LastIndex(string(out), "curl ")
	if at < 0 {
		t.Fatalf("make seed prints no request:\n%s", out)
	}
	answer := command(t, dir, "sh", "-c", string(out[at:]))
	if !strings.Contains(answer, `"items"`) {
		t.Errorf("the printed request answers %s", answer)
	}

	// A development process: relaxed clauses are skipped and say so, none fails.
	report, err := try(t, dir, 15*time.Minute, scaffold, "verify", "http://127.0.0.1:"+port, "--run", "HDR,CORS,OPS-01")
	if err != nil || !strings.Contains(report, "development") {
		t.Errorf("verify of the running service: %v\n%s", err, tail(report))
	}
}

func waitFor(t *testing.T, url string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if res, err := http.Get(url); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	t.Fatalf("%s does not answer", url)
}

func get(t *testing.T, url string, want int) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		t.Fatalf("GET %s: %s %v\n%s", url, res.Status, err, body)
	}
	return string(body)
}

func post(t *testing.T, url, token, body string, want int) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != want {
		t.Fatalf("POST %s: %s %v\n%s", url, res.Status, err, text)
	}
	answer := map[string]any{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatal(err)
		}
	}
	return answer
}
