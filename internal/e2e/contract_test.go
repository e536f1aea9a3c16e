package e2e

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/contract"
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
				// Of starts, those whose back ends are others.
				[]string{"--postgres", "--redis", "--replicas", "2", "--proxied", "--run", strings.Join(append(groupsBut("BOOT"), "BOOT-05", "BOOT-07"), ",")},
			},
			// Starts, logs, limits and ends are the same with options.
			{"without options", nil, []string{"--run", strings.Join(groupsBut("BOOT", "LOG", "RATE", "KEY", "TLS", "OPS"), ",")}},
			{"minimal", []string{"--preset", "minimal", "--idempotency"}, nil},
		} {
			if tc.name == "minimal" && !s.offers("preset", "minimal") {
				continue
			}
			if tc.name == "without options" && len(s.pack.Parts) > 0 {
				continue // its gateway is another stack's, tried there
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
	var again []string // the second time, no others
	var out string
	complaint := twice(t, func() string {
		var err error
		if len(again) > 0 {
			if i := slices.Index(argv, "--run"); i >= 0 {
				argv = slices.Delete(argv, i, i+2)
			}
			argv = append(argv, "--run", strings.Join(again, ","))
		}
		if out, err = try(t, dir, 15*time.Minute, argv...); err == nil {
			return ""
		}
		for _, m := range failures.FindAllStringSubmatch(out, -1) {
			again = append(again, m[1])
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

// groupsBut are the groups of the suite's tests without some of them.
func groupsBut(some ...string) []string {
	var groups []string
	for _, test := range contract.Tests() {
		if g := test.Group(); !slices.Contains(some, g) && !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
	}
	return groups
}
