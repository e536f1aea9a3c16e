package merge3_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/merge3"
)

// gitMerge is the reference: `git merge-file`, which exits with the number of conflicts.
func gitMerge(t testing.TB, dir, base, ours, theirs string) (string, bool) {
	t.Helper()
	var names []string
	for name, text := range map[string]string{"ours": ours, "base": base, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ours", "base", "theirs"} {
		names = append(names, filepath.Join(dir, name))
	}
	cmd := exec.Command("git", append([]string{"merge-file", "-p", "--quiet"}, names...)...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); err != nil && (code < 0 || code > 127) {
		t.Fatalf("git merge-file: %v %s", err, stderr.String())
	}
	return out.String(), err == nil
}

// check holds one merge against git's. Ours may be the more careful one; it
// never calls clean what git calls a conflict, never merges to another text, and
// every line of both sides' changes is in the result.
func check(t testing.TB, dir, base, ours, theirs string) {
	t.Helper()
	got := merge3.Merge([]byte(base), []byte(ours), []byte(theirs), labels)
	want, clean := gitMerge(t, dir, base, ours, theirs)
	show := func() string {
		return fmt.Sprintf("base %q\nours %q\ntheirs %q\nresult %q\ngit %q", base, ours, theirs, got.Text, want)
	}
	switch {
	case got.Clean() && !clean:
		t.Fatalf("clean here, a conflict to git\n%s", show())
	case got.Clean() && string(got.Text) != want:
		t.Fatalf("both clean, but different\n%s", show())
	case !got.Clean() && clean:
		t.Fatalf("a conflict here, clean to git\n%s", show())
	}
	for _, side := range []string{ours, theirs} {
		for line := range strings.Lines(side) {
			line = strings.TrimSuffix(line, "\n")
			if !strings.Contains(base+"\n", line+"\n") && !bytes.Contains(got.Text, []byte(line)) {
				t.Fatalf("line %q is lost\n%s", line, show())
			}
		}
	}
}

// steps of random edits; one seed, so that a failure can be had again.
const steps = 700

func TestAgreesWithGit(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(7, 11))
	for range steps {
		// Few different lines repeat, and repetition is what makes alignments ambiguous.
		alphabet := []int{2, 3, 5, 12, 60}[r.IntN(5)]
		base := randomText(r, alphabet, r.IntN(40))
		check(t, dir, base, edit(r, base, alphabet), edit(r, base, alphabet))
	}
}

func randomText(r *rand.Rand, alphabet, n int) string {
	var s strings.Builder
	for range n {
		fmt.Fprintf(&s, "%c\n", 'A'+r.IntN(alphabet))
	}
	return s.String()
}

// edit inserts, deletes, changes, repeats or moves a few runs of lines.
func edit(r *rand.Rand, s string, alphabet int) string {
	all := strings.SplitAfter(strings.TrimSuffix(s, "\n"), "\n")
	all[len(all)-1] += "\n"
	for range 1 + r.IntN(4) {
		at := r.IntN(len(all) + 1)
		run := all[at:min(len(all), at+r.IntN(4))]
		fresh := strings.SplitAfter(randomText(r, alphabet, r.IntN(4)), "\n")
		fresh = fresh[:len(fresh)-1]
		rest := all[at+len(run):]
		switch r.IntN(4) {
		case 0:
			all = concat(all[:at], fresh, all[at:])
		case 1:
			all = concat(all[:at], rest)
		case 2:
			all = concat(all[:at], fresh, rest)
		default:
			all = concat(all[:at], run, run, rest)
		}
	}
	text := strings.Join(all, "")
	if r.IntN(20) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

func concat(parts ...[]string) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func FuzzAgreesWithGit(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nX\nc\n", "a\nb\nc\nd\n")
	f.Add(strings.Repeat("a\n", 3), strings.Repeat("a\n", 2), strings.Repeat("a\n", 4))
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		for _, s := range []string{base, ours, theirs} {
			// git takes NUL for binary, and knows no "line ends as a whole".
			if strings.ContainsAny(s, "\x00\r\ufeff") || len(s) > 4000 {
				return
			}
		}
		check(t, t.TempDir(), base, ours, theirs)
	})
}

// Git's own diff, without the heuristic that only moves hunks for readers.
func TestUnifiedIsGitsDiff(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(3, 5))
	for range 200 {
		alphabet := []int{3, 12, 60}[r.IntN(3)]
		a := randomText(r, alphabet, 1+r.IntN(60))
		b := edit(r, a, alphabet)
		for name, text := range map[string]string{"a": a, "b": b} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("git", "diff", "--no-index", "--no-indent-heuristic", "--no-color", "--no-ext-diff", "--no-prefix", "a", "b")
		cmd.Dir = dir
		out, err := cmd.Output()
		if code := cmd.ProcessState.ExitCode(); code > 1 {
			t.Fatal(err)
		}
		_, want, _ := strings.Cut(string(out), "\n--- ")
		got := strings.TrimPrefix(string(merge3.Unified("a", "b", []byte(a), []byte(b))), "--- ")
		if lines := strings.SplitAfter(want, "\n"); want != "" {
			for i, l := range lines {
				if strings.HasPrefix(l, "@@ ") { // git adds the line above as a heading
					lines[i] = l[:strings.Index(l[3:], " @@")+6] + "\n"
				}
			}
			want = strings.Join(lines, "")
		}
		if got != want {
			t.Fatalf("a %q\nb %q\ngot\n%s\nwant\n%s", a, b, got, want)
		}
	}
}
