package e2e

import (
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

// aPersonsEdits are changes of one stack's project, in testdata/afterbirth/<stack>.yaml.
type aPersonsEdits struct {
	// From takes in another stack's edits of files in some folders, below a folder.
	From struct {
		Stack   string   `yaml:"stack"`
		Below   string   `yaml:"below"`
		Folders []string `yaml:"folders"`
	} `yaml:"from"`
	Edits []aPersonsEdit `yaml:"edits"`
}

// aPersonsEdit puts lines behind the first line that begins with a text (or instead
// of the one that holds it), or at the end of a file, which is made if it is not there.
type aPersonsEdit struct {
	File    string `yaml:"file"`
	Behind  string `yaml:"behind"`
	Instead string `yaml:"instead"`
	Lines   string `yaml:"lines"`
}

func readEdits(t *testing.T, stack string) []aPersonsEdit {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "internal", "e2e", "testdata", "afterbirth", stack+".yaml"))
	if err != nil {
		t.Fatalf("every stack has edits to try its options with: %v", err)
	}
	var all aPersonsEdits
	if err := yaml.UnmarshalWithOptions(data, &all, yaml.Strict()); err != nil {
		t.Fatalf("%s: %v", stack, err)
	}
	if all.From.Stack != "" {
		for _, e := range readEdits(t, all.From.Stack) {
			if top, _, below := strings.Cut(e.File, "/"); below && slices.Contains(all.From.Folders, top) {
				e.File = path.Join(all.From.Below, e.File)
				all.Edits = append(all.Edits, e)
			}
		}
	}
	return all.Edits
}

func (e aPersonsEdit) make(t *testing.T, dir string) {
	t.Helper()
	at := filepath.Join(dir, filepath.FromSlash(e.File))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(at)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	was := slices.Collect(strings.Lines(string(data)))
	found := slices.IndexFunc(was, func(line string) bool {
		return e.Behind != "" && strings.HasPrefix(strings.TrimSpace(line), e.Behind) || e.Instead != "" && strings.Contains(line, e.Instead)
	})
	switch {
	case found < 0 && e.Behind+e.Instead != "":
		t.Fatalf("%s has no line %q", e.File, e.Behind+e.Instead)
	case found < 0:
		was = append(was, e.Lines)
	case e.Behind != "":
		was = slices.Insert(was, found+1, e.Lines)
	default:
		was[found] = e.Lines
	}
	if err := os.WriteFile(at, []byte(strings.Join(was, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}

// stands says whether every line of the edit is in the file.
func (e aPersonsEdit) stands(t *testing.T, dir string) bool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(e.File)))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(e.Lines) {
		if !strings.Contains(string(data), line) {
			return false
		}
	}
	return true
}

// TestOptionsAfterBirth lets a person work on a project of every stack. Then options
// come, and go, which gives the bytes back; and some come and others go, for good: what
// that gives is linted, passes its own tests with the person's, and keeps the contract.
func TestOptionsAfterBirth(t *testing.T) {
	forEach(t, func(t *testing.T, s stack) {
		timed(t, s.name)
		var options [2][]string // at birth, and later
		for i, o := range s.pack.Options {
			options[i%2] = append(options[i%2], o.ID)
		}
		var born []string
		for _, id := range options[0] {
			born = append(born, "--set", id+"=true")
		}
		dir := s.prepare(t, born...)
		edits := readEdits(t, s.name)
		for _, e := range edits {
			e.make(t, dir)
		}
		command(t, dir, "make", "openapi") // for the route that is new
		change := func(verb string, ids []string) {
			t.Helper()
			command(t, dir, append([]string{scaffold, verb}, ids...)...)
			s.linkPackages(t, dir) // for other locks, others
		}

		before := contents(t, dir)
		change("add", options[1])
		change("remove", options[1])
		after := contents(t, dir)
		for _, p := range slices.Sorted(maps.Keys(after)) {
			if before[p] != after[p] {
				t.Errorf("%s is not what it was before options came and went", p)
			}
		}
		for p := range before {
			if _, ok := after[p]; !ok {
				t.Errorf("%s is gone with the options", p)
			}
		}

		change("add", options[1])
		change("remove", options[0])
		for _, e := range edits {
			if !e.stands(t, dir) {
				t.Errorf("the edit of %s is lost", e.File)
			}
		}
		command(t, dir, "make", "setup")
		s.lint(t, dir)
		if complaint := twice(t, func() string {
			out, err := try(t, dir, 15*time.Minute, "nice", "-n", "10", "make", "test")
			if err != nil || !ranTests.MatchString(out) || complains.MatchString(out) {
				return tail(out)
			}
			return ""
		}); complaint != "" {
			t.Errorf("make test: %s", complaint)
		}
		// What options and edits reach; their routes and description are with lint and tests.
		verify := []string{scaffold, "verify", dir, "--no-setup", "--run", "HDR,REG,LOGIN,SES,REF,OBJ", "--log-dir", filepath.Join(t.TempDir(), "logs")}
		if complaint := twice(t, func() string {
			if out, err := try(t, dir, 15*time.Minute, verify...); err != nil {
				return tail(out)
			}
			return ""
		}); complaint != "" {
			t.Errorf("the contract: %s", complaint)
		}
	})
}

// The workflow that we show for following a pack is one that GitHub takes; what its
// script does is tried in cmd/scaffold.
func TestExampleWorkflowIsValid(t *testing.T) {
	command(t, root, tool("actionlint"), "-no-color", filepath.Join("docs", "follow-the-pack.yml"))
}

// contents are the files of a project that git would keep, and their modes.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	command(t, dir, "git", "init", "-q")
	all := map[string]string{}
	for p := range strings.SplitSeq(command(t, dir, "git", "ls-files", "-z", "--others", "--exclude-standard"), "\x00") {
		info, err := os.Lstat(filepath.Join(dir, p))
		if p == "" || err != nil || !info.Mode().IsRegular() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		all[p] = info.Mode().String() + string(data)
	}
	return all
}
