package packs

import (
	"testing"

	"example.com/scaffold/internal/vcs"
)

func TestPick(t *testing.T) {
	const a, b, c = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccccccccccccccccccc"
	refs := vcs.Refs{
		Head:     c,
		Branches: map[string]string{"main": c, "feature/one": a, "v2": a},
		Tags:     map[string]string{"v1.9.0": a, "v1.10.0": b, "v2.0.0-rc.1": c, "nightly": c, "v2": b},
	}
	for ref, want := range map[string]Origin{
		"":            {"v1.10.0", b}, // as versions, not as texts, and no pre-release
		"main":        {"main", c},
		"feature/one": {"feature/one", a},
		"v2":          {"v2", b}, // a tag before a branch
		"aaaaaaa":     {"", a},
	} {
		if got, err := pick(refs, ref); err != nil || got != want {
			t.Errorf("%q: %+v, %v", ref, got, err)
		}
	}
	for _, ref := range []string{"v3", "aaaaaa", "HEAD~1"} {
		if got, err := pick(refs, ref); err == nil {
			t.Errorf("%q: %+v", ref, got)
		}
	}
	if got, err := pick(vcs.Refs{Head: a}, ""); err != nil || got.Commit != a {
		t.Errorf("no tags: %+v, %v", got, err)
	}
	if _, err := pick(vcs.Refs{}, ""); err == nil {
		t.Error("an empty repository has a commit")
	}
}
