package update_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/update"
)

// histories and their length; one seed each, so that a failure can be had again.
const (
	histories = 2000
	events    = 25
)

// history is a project and its pack on their way through time. Each line that
// either of them writes is written once, so that it can be found again.
type history struct {
	r    *rand.Rand
	line int
	base files // what the pack gave at the last update
	pack files // what it gives now
	ours disk
	log  []string
}

func (h *history) fresh(who string) string {
	h.line++
	return fmt.Sprintf("%s %d", who, h.line)
}

func (h *history) text(who string) string {
	var s strings.Builder
	for range 4 + h.r.IntN(12) {
		s.WriteString(h.fresh(who) + "\n")
	}
	return s.String()
}

func pick[V any](r *rand.Rand, m map[string]V) string {
	keys := slices.Sorted(maps.Keys(m))
	return keys[r.IntN(len(keys))]
}

// edit inserts, changes or deletes a run of lines.
func (h *history) edit(s, who string) string {
	all := strings.SplitAfter(s, "\n")
	at := h.r.IntN(len(all))
	n := min(h.r.IntN(3), len(all)-at)
	var added []string
	for range h.r.IntN(3) {
		added = append(added, h.fresh(who)+"\n")
	}
	return strings.Join(slices.Concat(all[:at], added, all[at+n:]), "")
}

func (h *history) newPath() string {
	return []string{"", "a/", "a/b/", "c/"}[h.r.IntN(4)] + []string{"f", "g", "x.txt", "y.py"}[h.r.IntN(4)]
}

// free says whether a path may become a file beside the others.
func free[V any](m map[string]V, p string) bool {
	for other := range m {
		if other == p || strings.HasPrefix(other, p+"/") || strings.HasPrefix(p, other+"/") {
			return false
		}
	}
	return true
}

func (h *history) user() {
	if len(h.ours) == 0 {
		return
	}
	p := pick(h.r, h.ours)
	switch h.r.IntN(8) {
	case 0:
		delete(h.ours, p)
		h.log = append(h.log, "user deletes "+p)
	case 1:
		if to := h.newPath(); free(h.ours, to) {
			h.ours[to] = h.ours[p]
			delete(h.ours, p)
			h.log = append(h.log, "user renames "+p+" to "+to)
		}
	case 2:
		if to := h.newPath(); free(h.ours, to) {
			h.ours[to] = tree.File{Data: []byte(h.text("user"))}
			h.log = append(h.log, "user adds "+to)
		}
	case 3:
		f := h.ours[p]
		f.Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
		f.Data = bytes.ReplaceAll(f.Data, []byte("\r\r\n"), []byte("\r\n"))
		h.ours[p] = f
		h.log = append(h.log, "user switches "+p+" to CRLF")
	default:
		f := h.ours[p]
		f.Data = []byte(h.edit(string(f.Data), "user"))
		h.ours[p] = f
		h.log = append(h.log, "user edits "+p)
	}
}

func (h *history) release() {
	p := pick(h.r, h.pack)
	switch to, roll := h.newPath(), h.r.IntN(8); {
	case roll == 0 && len(h.pack) > 1:
		delete(h.pack, p)
		h.log = append(h.log, "pack deletes "+p)
	case roll == 1 && free(h.pack, to):
		h.pack[to] = h.pack[p]
		delete(h.pack, p)
		h.log = append(h.log, "pack renames "+p+" to "+to)
	case roll == 2 && free(h.pack, to):
		h.pack[to] = h.text("pack")
		h.log = append(h.log, "pack adds "+to)
	default:
		h.pack[p] = h.edit(h.pack[p], "pack")
		h.log = append(h.log, "pack edits "+p)
	}
}

// written are the lines of the person that stand on a disk, and where markers do.
func written(d disk) (lines map[string]bool, markers int) {
	lines = map[string]bool{}
	for _, f := range d {
		for l := range strings.Lines(string(f.Data)) {
			l = strings.TrimRight(l, "\r\n")
			if strings.HasPrefix(l, "user ") {
				lines[l] = true
			}
			if strings.HasPrefix(l, "<<<<<<<") {
				markers++
			}
		}
	}
	return lines, markers
}

func (h *history) update(t *testing.T) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf(format+"\n%s\ndisk\n%s", append(args, strings.Join(h.log, "\n"), h.ours)...)
	}
	untouched := maps.EqualFunc(h.ours, h.base.disk(), func(a, b tree.File) bool { return bytes.Equal(a.Data, b.Data) })
	plan, err := update.New(h.base.tree(t), h.pack.tree(t), h.ours, update.Options{Label: "pack"})
	if err != nil {
		if strings.Contains(err.Error(), update.BesideSuffix+" is in the way") {
			for p := range h.ours { // the person settles what is left, and tries again
				if strings.HasSuffix(p, update.BesideSuffix) {
					delete(h.ours, p)
				}
			}
			h.update(t)
			return
		}
		fail("update: %v", err)
	}
	before, markersBefore := written(h.ours)
	theirsBefore := besides(h.ours)
	h.ours = h.ours.apply(plan.Steps)
	after, markers := written(h.ours)
	for _, s := range plan.Steps {
		h.log = append(h.log, fmt.Sprintf("  %s %s %s", s.State, s.Path, s.Note))
	}
	for _, l := range slices.Sorted(maps.Keys(before)) {
		if !after[l] {
			fail("lost: %q", l)
		}
	}
	conflicts := len(plan.Conflicts())
	if left := markers > markersBefore || besides(h.ours) > theirsBefore; left && conflicts == 0 {
		fail("conflicts are left, and none was said")
	}
	if untouched && (conflicts > 0 || h.ours.String() != h.pack.disk().String()) {
		fail("the person changed nothing, and the project is not what the pack gives\n%s", h.pack.disk())
	}
	h.base = maps.Clone(h.pack)
	again, err := update.New(h.base.tree(t), h.pack.tree(t), h.ours, update.Options{Label: "pack"})
	if err != nil || len(again.Steps) > 0 {
		fail("an update right after an update is no no-op: %v %v", again.Steps, err)
	}
}

func besides(d disk) (n int) {
	for p := range d {
		if strings.HasSuffix(p, update.BesideSuffix) {
			n++
		}
	}
	return n
}

// TestHistories makes random histories of edits, versions and updates, and checks
// after every update that nothing the person wrote is lost, that conflicts are
// said exactly when there are some, and that a second update does nothing.
func TestHistories(t *testing.T) {
	for seed := range uint64(histories) {
		h := &history{r: rand.New(rand.NewPCG(seed, 1)), pack: files{}}
		for len(h.pack) < 4 {
			if p := h.newPath(); free(h.pack, p) {
				h.pack[p] = h.text("pack")
			}
		}
		h.base, h.ours = maps.Clone(h.pack), h.pack.disk()
		h.log = append(h.log, fmt.Sprintf("seed %d", seed))
		for range events {
			switch h.r.IntN(5) {
			case 0, 1:
				h.user()
			case 2, 3:
				h.release()
			default:
				h.log = append(h.log, "update")
				h.update(t)
			}
		}
	}
}
