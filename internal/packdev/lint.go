// Package packdev is for the author of a pack: what looks wrong in it, a start
// for a new one, and its tests.
package packdev

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/render"
)

// Lint says what is wrong with a pack that loads, and what only looks wrong:
// questions nobody uses, placeholders that stand nowhere, what looks like a secret,
// and files that run by themselves when a project is opened or installed.
func Lint(p *pack.Pack) (problems, remarks []answers.Problem) {
	var all *answers.Problems
	if err := render.Lint(p); errors.As(err, &all) {
		problems = all.List
	} else if err != nil {
		problems = []answers.Problem{{Message: err.Error()}}
	}
	used := render.Uses(p)
	own := p.Layers[len(p.Layers)-1]
	texts := map[string][]byte{} // of the pack's own files, by source
	for _, f := range own.Files {
		data, err := fs.ReadFile(own.FS, f.Source)
		if err != nil {
			problems = append(problems, answers.Problem{Place: own.Name(f.Source), Message: err.Error()})
		}
		texts[f.Source] = data
	}
	for _, q := range own.Manifest.Questions {
		if q.ID != "name" && q.ID != answers.PresetID && !used[q.ID] {
			remarks = append(remarks, answers.Problem{Place: own.Name(pack.ManifestFile), Message: fmt.Sprintf("question %s changes nothing: no file and no condition uses it", q.ID)})
		}
	}
	for _, o := range own.Manifest.Options {
		if !used[o.ID] && !slices.ContainsFunc(own.Files, func(f pack.File) bool { return f.Feature == o.ID }) {
			remarks = append(remarks, answers.Problem{Place: own.Name(pack.ManifestFile), Message: fmt.Sprintf("option %s changes nothing: it has no folder in features/, and nothing names it", o.ID)})
		}
	}
	for placeholder := range own.Manifest.Names {
		if !slices.ContainsFunc(own.Files, func(f pack.File) bool {
			return bytes.Contains(texts[f.Source], []byte(placeholder)) || strings.Contains(f.Path, placeholder)
		}) {
			remarks = append(remarks, answers.Problem{Place: own.Name(pack.ManifestFile), Message: fmt.Sprintf("the placeholder %q stands nowhere", placeholder)})
		}
	}
	for _, f := range own.Files {
		remarks = append(remarks, lintFile(own, f, texts[f.Source])...)
	}
	slices.SortFunc(remarks, func(a, b answers.Problem) int { return strings.Compare(a.Place+a.Message, b.Place+b.Message) })
	return problems, remarks
}

// secrets are the forms of what must never be in a pack.
var secrets = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[baprs]-[0-9A-Za-z-]{10,}|\bglpat-[0-9A-Za-z_-]{20}\b`)

func lintFile(l pack.Layer, f pack.File, data []byte) []answers.Problem {
	var remarks []answers.Problem
	if at := secrets.FindIndex(data); at != nil {
		line := 1 + bytes.Count(data[:at[0]], []byte("\n"))
		remarks = append(remarks, answers.Problem{Place: fmt.Sprintf("%s:%d", l.Name(f.Source), line), Message: "looks like a secret: every project would have it"})
	}
	if why := RunsByItself(f.Path, data); why != "" {
		remarks = append(remarks, answers.Problem{Place: l.Name(f.Source), Message: why})
	}
	return remarks
}
