package pack

import (
	"slices"

	"github.com/Masterminds/semver/v3"
)

// Since is what changed its name on the way from a version to the pack's own:
// files by path, before names are replaced, and answers by id. Several changes of
// one name are followed to the last. From a newer version, or one that is none,
// nothing has to be renamed.
func (p *Pack) Since(version string) (files, answers map[string]string) {
	files, answers = map[string]string{}, map[string]string{}
	from, err := semver.StrictNewVersion(version)
	if err != nil {
		return files, answers
	}
	steps := slices.Clone(p.Migrations)
	slices.SortStableFunc(steps, func(a, b Migration) int { return compareVersions(a.To, b.To) })
	for _, m := range steps {
		if to, err := semver.StrictNewVersion(m.To); err == nil && to.GreaterThan(from) {
			follow(files, m.Files)
			follow(answers, m.Answers)
		}
	}
	return files, answers
}

// Older says whether this is an older version of the pack than the one given; never
// if either is no version.
func (p *Pack) Older(version string) bool { return compareVersions(p.Version, version) < 0 }

// follow appends one version's renames to those before it.
func follow(all, next map[string]string) {
	for before, now := range all {
		if later, ok := next[now]; ok {
			all[before] = later
		}
	}
	for before, after := range next {
		if _, known := all[before]; !known {
			all[before] = after
		}
	}
}

func compareVersions(a, b string) int {
	x, errX := semver.StrictNewVersion(a)
	y, errY := semver.StrictNewVersion(b)
	if errX != nil || errY != nil {
		return 0
	}
	return x.Compare(y)
}
