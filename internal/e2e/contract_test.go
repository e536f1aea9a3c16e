package e2e

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var failures = regexp.MustCompile(`(?m)^\s*failed\s+([A-Z]+-[0-9]+)\b`)

// The heart of it: what is generated keeps the contract, on the embedded default
// and as it would run in production.
func TestContract(t *testing.T) {
	forEach(t, func(t *testing.T, s stack) {
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
			if tc.name == "minimal" && !s.offers("preset", "minimal") {
				continue
			}
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				timed(t, s.name)
				keepsContract(t, s, tc.flags, tc.verify)
			})
		}
	})
}

func keepsContract(t *testing.T, s stack, flags, verify []string) {
	dir := s.prepare(t, flags...)
	argv := append([]string{scaffold, "verify", dir, "--no-setup", "--log-dir", filepath.Join(t.TempDir(), "logs")}, verify...)
	var out string
	complaint := twice(t, func() string {
		var err error
		if out, err = try(t, dir, 15*time.Minute, argv...); err == nil {
			return ""
		}
		for _, m := range failures.FindAllStringSubmatch(out, -1) { // the second time, no others
			argv = append(argv, "--run", m[1])
		}
		return fmt.Sprintf("%v\n%s", err, tail(out))
	})
	if complaint != "" {
		t.Fatal(complaint)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	t.Log(lines[len(lines)-1])
	if strings.Contains(out, "needs ") {
		t.Errorf("a test was skipped for want of something that this machine has:\n%s", tail(out))
	}
}
