package plan

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"example.com/scaffold/internal/answers"
	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/pack"
)

// Part is the plan of a pack that is rendered into a folder of the project.
type Part struct {
	Into string // the folder
	Plan *Plan  // of the part by itself: its paths begin below Into
}

// addPart plans a part and lays it under its folder. A file of the composing
// pack takes the place of the part's.
func (pl *Plan) addPart(part pack.LoadedPart, extra map[string]any) error {
	told, err := pl.told(part)
	if err != nil {
		return err
	}
	extra = maps.Clone(extra)
	if extra == nil {
		extra = map[string]any{}
	}
	above, _ := pl.Data["subpath"].(string)
	extra["subpath"] = path.Join(above, part.Into)
	own, err := build(part.Pack, told, extra)
	if err != nil {
		return fmt.Errorf("part %s: %w", part.Into, err)
	}
	replaced := make(map[string]string) // path -> the file that takes its place
	for _, e := range pl.Entries {
		if e.Part == "" {
			replaced[e.Path] = e.Layer.Name(e.Source)
		}
	}
	for _, lock := range part.Locks {
		from := path.Join(part.Into, own.Replacer().Replace(lock.From))
		if by, ok := replaced[from]; ok {
			return fmt.Errorf("%s: takes the place of %s, which the lock %s is made from; replace it in a pack that extends %s",
				by, from, lock.File, part.Source)
		}
	}
	for _, e := range own.Entries {
		e.Path, e.Part = path.Join(part.Into, e.Path), part.Into
		if _, ok := replaced[e.Path]; !ok {
			pl.Entries = append(pl.Entries, e)
		}
	}
	pl.Parts = append(pl.Parts, Part{part.Into, own})
	return nil
}

// told is what a part's questions are answered with: what the composing pack
// sets, and for the others what was answered for the whole.
func (pl *Plan) told(part pack.LoadedPart) (answers.Resolved, error) {
	place := fmt.Sprintf("part %s (%s)", part.Into, part.Source)
	shared := answers.Layer{Source: answers.FromFile, Name: place, Values: answers.Values{}}
	set := answers.Layer{Source: answers.Set, Values: answers.Values{}}
	schema := part.Answerable()
	for _, id := range schema.IDs() {
		if value, ok := pl.Answers.Value(id); ok && id != answers.PresetID {
			shared.Values[id] = value
		}
	}
	for _, id := range slices.Sorted(maps.Keys(part.Set)) {
		value := part.Set[id]
		if text, ok := value.(string); ok && strings.Contains(text, expr.Left) {
			var err error
			if value, err = expr.Text("part", text, pl.Data); err != nil {
				return answers.Resolved{}, fmt.Errorf("%s: %s: %w", place, id, err)
			}
		}
		set.Values[id] = value
	}
	told, err := answers.Resolve(schema, shared, set)
	var all *answers.Problems
	if errors.As(err, &all) {
		all = &answers.Problems{List: slices.Clone(all.List)}
		for i := range all.List {
			all.List[i].Place = place
		}
		return told, all
	}
	return told, err
}
