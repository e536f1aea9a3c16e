package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The heart of it: what is generated keeps the contract, on the embedded default
// and as it would run in production.
func TestContract(t *testing.T) {
	for _, tc := range []struct {
		name   string
		flags  []string // of new
		verify []string
	}{
		{"sqlite and memory", []string{"--native", "--idempotency"}, nil},
		{
			"postgres, redis, two replicas, behind the proxy",
			[]string{"--native", "--idempotency", "--database", "postgres"},
			[]string{"--postgres", "--redis", "--replicas", "2", "--proxied"},
		},
		{"without options", nil, nil},
		{"minimal", []string{"--preset", "minimal", "--idempotency"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := generate(t, tc.flags...)
			command(t, dir, "make", "setup")
			argv := append([]string{scaffold, "verify", dir, "--log-dir", filepath.Join(t.TempDir(), "logs")}, tc.verify...)
			out, err := try(t, dir, 15*time.Minute, argv...)
			if err != nil {
				t.Fatalf("%v\n%s", err, tail(out))
			}
			lines := strings.Split(strings.TrimSpace(out), "\n")
			t.Log(lines[len(lines)-1])
			if strings.Contains(out, "needs ") {
				t.Errorf("a test was skipped for want of something that this machine has:\n%s", tail(out))
			}
		})
	}
}
