package update

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"example.com/scaffold/internal/tree"
)

const (
	// alike is the least share of bytes, in lines that two versions have in
	// common, for one to be the other's new place. Half is git's measure.
	alike = 0.5
	// tiny files are alike by chance; they are followed only when identical.
	tiny = 64 // bytes
	// maxFollowed bounds the comparisons: each of the files that are gone
	// against each that is new.
	maxFollowed = 40_000
)

// packRenames finds where files of base went in theirs: what the pack declares,
// then identical files, then the most similar ones. Old path to new.
func packRenames(base, theirs *tree.Tree, declared map[string]string) map[string]string {
	gone, fresh := map[string]tree.File{}, map[string]tree.File{}
	for p, f := range base.All() {
		if _, stays := theirs.Get(p); !stays {
			gone[p] = f
		}
	}
	for p, f := range theirs.All() {
		if _, known := base.Get(p); !known {
			fresh[p] = f
		}
	}
	moved := map[string]string{}
	for _, old := range slices.Sorted(maps.Keys(declared)) {
		if _, ok := gone[old]; !ok {
			continue
		}
		if _, ok := fresh[declared[old]]; ok {
			moved[old] = declared[old]
			delete(gone, old)
			delete(fresh, declared[old])
		}
	}
	maps.Copy(moved, pair(gone, fresh))
	return moved
}

// pair matches files that are gone with files that are new, best match first.
// Each is used once; equal matches are settled by the order of paths.
func pair(gone, fresh map[string]tree.File) map[string]string {
	type match struct {
		from, to string
		score    float64
	}
	if len(gone) == 0 || len(fresh) == 0 || len(gone)*len(fresh) > maxFollowed {
		return nil
	}
	var matches []match
	for _, from := range slices.Sorted(maps.Keys(gone)) {
		for _, to := range slices.Sorted(maps.Keys(fresh)) {
			if s := similarity(gone[from].Data, fresh[to].Data); s >= alike {
				if base(from) == base(to) {
					s += 0.1 // a file that only changed its folder is the likelier one
				}
				matches = append(matches, match{from, to, s})
			}
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	moved, taken := map[string]string{}, map[string]bool{}
	for _, m := range matches {
		if _, used := moved[m.from]; !used && !taken[m.to] {
			moved[m.from], taken[m.to] = m.to, true
		}
	}
	return moved
}

func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// similarity is the share of the larger file's bytes that stand in lines both have.
func similarity(a, b []byte) float64 {
	if bytes.Equal(a, b) && len(a) > 0 {
		return 1
	}
	largest := max(len(a), len(b))
	if min(len(a), len(b)) < tiny || float64(min(len(a), len(b))) < alike*float64(largest) || !text(a) || !text(b) {
		return 0
	}
	lines := map[string]int{}
	for l := range bytes.Lines(a) {
		lines[string(trimEnd(l))]++
	}
	common := 0
	for l := range bytes.Lines(b) {
		key := string(trimEnd(l))
		if lines[key] > 0 {
			lines[key]--
			common += len(l)
		}
	}
	return float64(common) / float64(largest)
}

func trimEnd(line []byte) []byte { return bytes.TrimRight(line, "\r\n") }
