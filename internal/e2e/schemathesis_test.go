package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/contract/selfhost"
	"example.com/scaffold/internal/service"
)

// Schemathesis, with every check it has, finds nothing in what the service
// answers that its OpenAPI document does not say. The exceptions are those of the
// schemathesis.toml that the repository ships.
func TestSchemathesis(t *testing.T) {
	forEach(t, func(t *testing.T, s stack) {
		timed(t, s.name)
		schemathesis(t, s, "--native", "--idempotency")
		if s.offers("preset", "minimal") {
			schemathesis(t, s, "--preset", "minimal")
		}
	})
}

func schemathesis(t *testing.T, s stack, flags ...string) {
	dir := s.prepare(t, flags...)
	run, err := selfhost.Open(t.Context(), selfhost.Options{Dir: dir, Extra: service.Env{
		"RATE_DEFAULT": "1000000/60", "RATE_AUTH_IP": "1000000/60",
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	in, err := run.Host.Normal()
	if err != nil {
		t.Fatal(err)
	}
	document := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(document, []byte(command(t, dir, run.Target.Facts.Run.OpenAPI...)), 0o600); err != nil {
		t.Fatal(err)
	}
	if !run.Target.Facts.Accounts() {
		fuzz(t, dir, document, in.URL, "")
		return
	}
	// These two end the session whose token is used, so they come last and with an
	// account of their own.
	last := []string{"delete_me", "end_session"}
	fuzz(t, dir, document, in.URL, accessToken(t, in, "first@example.test"), each("--exclude-operation-id", last)...)
	fuzz(t, dir, document, in.URL, accessToken(t, in, "last@example.test"), each("--include-operation-id", last)...)
}

// fuzz runs Schemathesis and fails the test with its report unless it found nothing
// and had nothing to warn of.
func fuzz(t *testing.T, dir, document, url, token string, flags ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	argv := append([]string{
		"--config-file", filepath.Join(dir, "schemathesis.toml"), "run", document,
		"--url", url, "--max-examples", "25", "--no-color",
	}, flags...)
	cmd := exec.CommandContext(ctx, tool("schemathesis"), argv...)
	cmd.Dir = t.TempDir() // it keeps what it found in its working directory
	cmd.Env = environ(t.TempDir(), "ACCESS_TOKEN="+token)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(string(out)))
	}
	if strings.Contains(string(out), "WARNINGS") {
		t.Errorf("it warns:\n%s", tail(string(out)))
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Log(lines[len(lines)-1])
}

// each puts a flag before each value.
func each(flag string, values []string) []string {
	var out []string
	for value := range slices.Values(values) {
		out = append(out, flag, value)
	}
	return out
}

// accessToken makes an account that may sign in at once, and signs it in.
func accessToken(t *testing.T, in *service.Instance, email string) string {
	t.Helper()
	const password = "correct-stapler-of-nine-horses"
	if err := in.CreateAdmin(t.Context(), email, password); err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, in.URL+"/v1/auth/login", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("sign-in of %s: %s, %v", email, res.Status, err)
	}
	return answer.AccessToken
}
