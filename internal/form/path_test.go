package form_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sizes are those of the terminals that the form must serve.
var sizes = [][2]int{{80, 24}, {40, 20}, {200, 60}}

// step is a screen, known by a text that only it has, and the keys to send there.
type step struct {
	title string
	keys  []string
}

// guided is the whole way by the guidance, to the summary.
func guided() []step {
	return []step{
		{"How do you want to choose the stack?", []string{enter}},
		{"What are you building?", []string{" ", down, down, down, down, down, down, " ", enter}},
		{"Who builds it?", []string{enter}},
		{"What matters most?", []string{enter}},
		{"Will it hold data", []string{"s"}},
		{"Will the same people write a front end", []string{enter}},
		{"Answer a few more questions?", []string{enter}},
		{"Take the recommendation?", []string{enter}},
		{"What is the service called?", []string{"shop", enter}},
		{"What does it do, in one sentence?", []string{"It's a shop", enter}},
		{"Who holds the copyright?", []string{enter}},
		{"Under which licence?", []string{down, enter}},
		{"Who reviews changes?", []string{enter}},
		{"Where are security problems reported?", []string{enter}},
		{"How much should it start with?", []string{enter}},
		{"Who may call it?", []string{enter}},
		{"Which database while you develop?", []string{enter}},
		{"Where does CI run?", []string{enter}},
		{"What should come with it?", []string{down, " ", enter}},
	}
}

func (term *terminal) walk(steps []step) {
	term.t.Helper()
	for _, s := range steps {
		term.see(s.title)
		term.send(s.keys...)
	}
}

// tree is every file below a folder, repository apart, with mode and content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if e != nil && e.Name() == ".git" {
				return fs.SkipDir
			}
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		info, err := e.Info()
		rel, _ := filepath.Rel(dir, p)
		files[rel] = fmt.Sprint(info.Mode()) + string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

var again = regexp.MustCompile(`(?m)^  again +(scaffold .*?)\r?$`)

// A person is guided to a stack, sees why, names the project, sees what would be
// made and how to make it again, and has it; the command makes the same bytes.
func TestWholePath(t *testing.T) {
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			term := h.start(t, size[0], size[1], nil)
			steps := guided()
			term.walk(steps[:3])
			// The panel: rank, rule, section, what would change it.
			screen := term.see("What matters most?", "Recommendation: clear", "1 FastAPI", "R01 ", "[Python", "~ ")
			if below := strings.Contains(screen, "────"); below != (size[0] < 80) {
				t.Errorf("panel below the question: %v\n%s", below, screen)
			}
			term.walk(steps[3:])
			summary := term.see("Write it?", "Yes, write it", "The same in one line", "--stack python-fastapi")
			if _, err := os.Stat(filepath.Join(h.dir, "shop")); err == nil {
				t.Error("something was written before it was confirmed")
			}
			term.send(pageDown)
			if size[0] < 80 { // answers and files are one text
				term.send(pageDown)
			}
			term.await("files with their owner", regexp.MustCompile(`(?m)Makefile +base|LICENSE +license`).MatchString)
			term.send(enter)
			if code := term.wait(); code != 0 {
				t.Fatalf("exit %d\n%s", code, term.output())
			}
			found := again.FindStringSubmatch(term.output())
			if found == nil {
				t.Fatalf("no command in\n%s", term.output())
			}
			for _, want := range []string{"--idempotency", "--license=mit", "--set ai_ml=5", `--description='It'\''s a shop'`} {
				if !strings.Contains(found[1], want) {
					t.Errorf("%s is not in %s", want, found[1])
				}
			}
			if size[0] == 40 && !strings.Contains(flat(summary), found[1]) {
				t.Errorf("the summary does not show\n%s\nbut\n%s", found[1], summary)
			}
			if _, err := os.Stat(filepath.Join(h.dir, "shop", ".git", "HEAD")); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(h.kept()); err == nil {
				t.Error("the answers are still kept although the project is written")
			}
			other := newHome(t)
			cmd := other.command(t, nil)
			sh := exec.Command("sh", "-c", found[1])
			sh.Dir, sh.Env = cmd.Dir, slices.Concat(cmd.Env, []string{"PATH=" + filepath.Dir(cmd.Path) + ":" + os.Getenv("PATH")})
			if out, err := sh.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			one, two := tree(t, filepath.Join(h.dir, "shop")), tree(t, filepath.Join(other.dir, "shop"))
			if len(one) < 40 || len(one) != len(two) {
				t.Errorf("%d files by the form, %d by its command", len(one), len(two))
			}
			for p, data := range one {
				if two[p] != data {
					t.Errorf("%s differs between the form and its command", p)
				}
			}
		})
	}
}

// Going back keeps what was said, and a changed answer changes what follows.
func TestBackAndChange(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	term := h.start(t, 200, 60, nil, "new", "shop", "--stack", "python-fastapi")
	term.walk([]step{
		{"What does it do", []string{"First", enter}},
		{"Who holds the copyright?", []string{enter}},
		{"Under which licence?", []string{enter}},
		{"Who reviews changes?", []string{enter}},
		{"Where are security problems reported?", []string{enter}},
		{"How much should it start with?", []string{down, enter}}, // minimal
		{"Who may call it?", []string{enter}},
		{"Which database while you develop?", []string{down, enter}},
		{"Where does CI run?", []string{down, enter}},
		{"What should come with it?", []string{down, down, " ", enter}},
	})
	before := term.see("Write it?", "Anybody who reaches it", "PostgreSQL", "GitLab CI", "kubernetes", ".gitlab-ci.yml")
	if strings.Contains(before, "passwords.txt") {
		t.Errorf("accounts in\n%s", before)
	}
	for _, title := range []string{"What should come with it?", "Where does CI run?", "Which database", "Who may call it?", "How much should it start with?"} {
		term.send(shiftTab)
		screen := term.see(title)
		switch title {
		case "What should come with it?":
			if !strings.Contains(screen, "[x] Kubernetes") {
				t.Errorf("mark lost:\n%s", screen)
			}
		case "Where does CI run?":
			if !strings.Contains(screen, "> GitLab CI") {
				t.Errorf("choice lost:\n%s", screen)
			}
		}
	}
	term.send(up, ctrlN) // service, and on to where the person was
	after := term.see("Write it?", "People with accounts", "PostgreSQL", "GitLab CI", "kubernetes", "passwords.txt")
	if strings.Contains(after, "Anybody who reaches it") {
		t.Errorf("auth did not follow the preset:\n%s", after)
	}
	term.send(enter)
	if code := term.wait(); code != 0 {
		t.Fatalf("exit %d\n%s", code, term.output())
	}
	if _, err := os.Stat(filepath.Join(h.dir, "shop", "src", "app", "auth")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(h.dir, "shop", ".gitlab-ci.yml")); err != nil {
		t.Error(err)
	}
}

// The person may take another stack than the recommended one, and the decision
// record tells of it.
func TestOverrule(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	term := h.start(t, 80, 24, nil)
	term.walk([]step{
		{"How do you want", []string{enter}},
		{"What are you building?", []string{" ", enter}},
		{"Who builds it?", []string{down}},
	})
	term.see("Who builds it?", "1 NestJS") // while it is only considered
	term.send(enter)
	term.walk([]step{
		{"What matters most?", []string{enter}},
		{"Will it hold data", []string{"s"}},
		{"Will the same people write", []string{down, down, enter}},
	})
	term.see("Answer a few more questions?")
	if strings.Contains(term.screen(), "> Yes") {
		term.send(up)
	}
	term.send(enter)
	term.see("Take the recommendation?", "> NestJS (recommended)", "Express", "FastAPI")
	for range 4 {
		if strings.Contains(term.screen(), "> FastAPI") {
			break
		}
		was := term.screen()
		term.send(down)
		term.await("the cursor to move", func(s string) bool { return s != was })
	}
	term.send(enter)
	term.see("What is the service called?")
	term.send("shop", enter)
	for _, s := range guided()[9:18] {
		term.see(s.title)
		term.send(enter)
	}
	term.see("What should come with it?")
	term.send(enter)
	term.see("Write it?")
	term.send(enter)
	if code := term.wait(); code != 0 {
		t.Fatalf("exit %d\n%s", code, term.output())
	}
	record, err := os.ReadFile(filepath.Join(h.dir, "shop", "docs", "decisions", "0001-stack.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(record), "NestJS") || !strings.Contains(string(record), "FastAPI") {
		t.Errorf("the record does not tell of both:\n%s", record)
	}
}

// A window that changes its size keeps the question, the marks and the cursor.
func TestResize(t *testing.T) {
	t.Parallel()
	term := newHome(t).start(t, 80, 24, nil)
	term.see("How do you want")
	term.send(enter)
	term.see("What are you building?")
	term.send(" ", down, down, down, down, down, down, " ")
	term.see("> [x] AI or machine learning", "│")
	for _, size := range [][2]int{{40, 20}, {200, 60}, {24, 10}, {10, 5}, {79, 24}, {80, 24}} {
		term.resize(size[0], size[1])
		if size[0] < 24 {
			term.see("window larger")
			continue
		}
		want := []string{"What are you building?", "> [x] AI or"}
		if size[1] > 10 {
			want = append(want, "1 FastAPI")
		}
		term.see(want...)
		term.await("the panel's place", func(s string) bool {
			return strings.Contains(s, "│") == (size[0] >= 80)
		})
	}
	term.send(enter)
	term.see("Who builds it?")
}
