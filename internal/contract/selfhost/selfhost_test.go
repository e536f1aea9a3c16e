package selfhost

import (
	"crypto/ecdsa"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/service"
)

func TestSigningKeyAndSecrets(t *testing.T) {
	first, err := service.NewSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	second, err := service.NewSigningKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := signingKey(first + second)
	if err != nil {
		t.Fatal(err)
	}
	again, err := signingKey(first)
	if err != nil || !key.(*ecdsa.PrivateKey).Equal(again) {
		t.Errorf("the first key is not the one that is used: %v", err)
	}
	for _, bad := range []string{"", "text", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"} {
		if _, err := signingKey(bad); err == nil || !strings.Contains(err.Error(), "JWT_PRIVATE_KEYS") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
	got := secrets(service.Env{"CURSOR_SECRET": "c", "JWT_PRIVATE_KEYS": first, "DATABASE_URL": "postgresql://app:pw@/db?host=/s"})
	if len(got) != 5 || got[0] != "c" || got[4] != "pw" {
		t.Errorf("secrets are %q, want the cursor's, three lines of the key, the password", got)
	}
}

func TestLifetimesFollowTheEnvironment(t *testing.T) {
	life := lifetimes()
	if life.Access <= 0 || life.Idle <= life.Access || life.Absolute <= life.Idle || life.Backoff <= 0 {
		t.Errorf("lifetimes do not fit together: %+v", life)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), FactsFile) {
		t.Errorf("no contract file: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, ".scaffold"), 0o700); err != nil {
		t.Fatal(err)
	}
	facts := "contract: 0\nauth: none\nresources:\n- {path: /v1/a, create: {t: x}, update: {t: y}, members: [id, t], read_only: [id], text: t}\n"
	if err := os.WriteFile(filepath.Join(dir, FactsFile), []byte(facts), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir, Replicas: 2}); err == nil || !strings.Contains(err.Error(), "Redis") {
		t.Errorf("replicas without Redis: %v", err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "run.start") {
		t.Errorf("no start command: %v", err)
	}
	facts += "run: {start: [sh, -c, 'echo broken >&2; exit 4']}\n"
	if err := os.WriteFile(filepath.Join(dir, FactsFile), []byte(facts), 0o600); err != nil {
		t.Fatal(err)
	}
	if run, err := Open(t.Context(), Options{Dir: dir}); run != nil || err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("a service that does not start: %v, %v", run, err)
	}
}
