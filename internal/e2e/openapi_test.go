package e2e

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/openapi"
)

var updateOpenAPI = flag.Bool("update-openapi", false, "write base/openapi.json of each stack from what its service prints")

// What a service says of itself is the contract's one document, and is, byte for
// byte, the openapi.json that its repository starts with.
func TestOpenAPI(t *testing.T) {
	forEach(t, func(t *testing.T, s stack) {
		timed(t, s.name)
		describesTheContract(t, s, *updateOpenAPI, "--native", "--idempotency")
		describesTheContract(t, s, false)
		if s.offers("preset", "minimal") {
			describesTheContract(t, s, false, "--preset", "minimal")
			describesTheContract(t, s, false, "--preset", "minimal", "--idempotency")
		}
	})
}

func describesTheContract(t *testing.T, s stack, update bool, flags ...string) {
	t.Helper()
	dir := s.prepare(t, flags...)
	text, err := os.ReadFile(filepath.Join(dir, ".scaffold", "contract.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	facts, err := contract.ParseFacts(text)
	if err != nil {
		t.Fatal(err)
	}
	// A description needs no settings: a fresh checkout has none.
	if err := os.Remove(filepath.Join(dir, ".env")); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	printed := command(t, dir, facts.Run.OpenAPI...)
	differences, err := openapi.Compare([]byte(printed), openapi.OptionsOf(facts.Accounts(), facts.Options))
	if err != nil {
		t.Fatalf("%s %v: %v", s.name, flags, err)
	}
	for _, one := range differences {
		t.Errorf("%s %v: %s", s.name, flags, one)
	}
	if update {
		file := filepath.Join(root, "templates", s.name, "base", "openapi.json")
		sample := strings.Replace(printed, `"title": "Shop"`, `"title": "Scaffold Sample"`, 1)
		if err := os.WriteFile(file, []byte(sample), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	committed, err := os.ReadFile(filepath.Join(dir, s.openapi(dir)))
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != printed {
		t.Errorf("%s %v: openapi.json is not what the service prints (%s): go test ./internal/e2e -run TestOpenAPI -update-openapi",
			s.name, flags, firstDifference(string(committed), printed))
	}
}

// firstDifference shows the first lines in which two texts differ.
func firstDifference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("line %d: %q, printed %q", i+1, left[i], right[i])
		}
	}
	return fmt.Sprintf("%d lines, printed %d", len(left), len(right))
}

// openapi is the path of a project's openapi.json: of the service, or of the part
// that people reach.
func (s stack) openapi(dir string) string {
	for _, part := range s.pack.Parts {
		if _, err := os.Stat(filepath.Join(dir, part.Into, "openapi.json")); err == nil {
			return filepath.Join(part.Into, "openapi.json")
		}
	}
	return "openapi.json"
}
