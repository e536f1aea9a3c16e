package update

import (
	"bytes"
	"errors"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/pelletier/go-toml/v2"

	"example.com/scaffold/internal/merge3"
)

// mergeStructure takes a merge of lines if it is right, and settles edits of a JSON,
// TOML, YAML or .env file whose lines touch, as two settings added at one place do.
// The text is merged by lines, so that comments and formatting stay; it counts only
// if it says exactly what merging the three values member by member gives. JSON whose
// lines do not is written anew.
func mergeStructure(name string, base, ours, theirs []byte, lines merge3.Result) (merged []byte, ok bool) {
	parse := parserOf(name)
	if parse == nil {
		return lines.Text, lines.Clean()
	}
	var values [3]any
	for i, data := range [][]byte{base, ours, theirs} {
		v, err := parse(data)
		if err != nil {
			return lines.Text, lines.Clean()
		}
		values[i] = v
	}
	want, ok := mergeData(values[0], values[1], values[2])
	if lines.Clean() {
		// One setting added by both at two places would stand there twice.
		if got, err := parse(lines.Text); err == nil && (!ok || alikeData(got, want)) {
			return lines.Text, true
		}
	}
	if !ok {
		return nil, false
	}
	for _, order := range [][2][]byte{{ours, theirs}, {theirs, ours}} {
		text, ok := merge3.Loose(base, order[0], order[1])
		if !ok {
			continue
		}
		if got, err := parse(text); err == nil && alikeData(got, want) {
			return text, true
		}
	}
	if strings.HasSuffix(name, ".json") {
		return writeJSON(want, ours, theirs)
	}
	return nil, false
}

func parserOf(name string) func([]byte) (any, error) {
	file := path.Base(name)
	switch {
	case strings.HasPrefix(file, ".env"):
		return parseEnv
	case strings.HasSuffix(file, ".json"):
		return parseJSON
	case strings.HasSuffix(file, ".toml"):
		return func(data []byte) (any, error) {
			v := map[string]any{}
			return v, toml.Unmarshal(data, &v)
		}
	case strings.HasSuffix(file, ".yaml"), strings.HasSuffix(file, ".yml"):
		return parseYAML
	}
	return nil
}

// maxYAML bounds what is parsed; aliases could make a small text large.
const maxYAML = 256 << 10

func parseYAML(data []byte) (any, error) {
	if len(data) > maxYAML || bytes.ContainsAny(data, "&*!") {
		return nil, errors.New("has anchors, aliases or tags, or is large")
	}
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	return v, nil
}

// parseEnv reads lines NAME=value; a name twice is refused.
func parseEnv(data []byte) (any, error) {
	values := map[string]any{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, found := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		if _, twice := values[name]; twice || !found {
			return nil, errors.New("is no list of settings")
		}
		values[name] = value
	}
	return values, nil
}

// gone stands for a member that is not there.
type gone struct{}

// mergeData merges three values: objects member by member, lists of plain values
// as sets, anything else only if one side left it alone.
func mergeData(base, ours, theirs any) (any, bool) {
	switch {
	case reflect.DeepEqual(ours, theirs), reflect.DeepEqual(base, theirs):
		return ours, true
	case reflect.DeepEqual(base, ours):
		return theirs, true
	}
	if o, t, ok := both[map[string]any](ours, theirs); ok {
		b, _ := base.(map[string]any)
		merged := map[string]any{}
		for _, m := range []map[string]any{o, t} {
			for key := range m {
				v, ok := mergeData(value(b, key), value(o, key), value(t, key))
				if !ok {
					return nil, false
				}
				if v != (gone{}) {
					merged[key] = v
				}
			}
		}
		return merged, true
	}
	if o, t, ok := both[[]any](ours, theirs); ok {
		b, _ := base.([]any)
		return mergeList(b, o, t)
	}
	return nil, false
}

func both[T any](a, b any) (x, y T, ok bool) {
	x, okX := a.(T)
	y, okY := b.(T)
	return x, y, okX && okY
}

func value(m map[string]any, key string) any {
	if v, ok := m[key]; ok {
		return v
	}
	return gone{}
}

// mergeList keeps ours without what theirs dropped, and adds what theirs added.
func mergeList(base, ours, theirs []any) (any, bool) {
	for _, list := range [][]any{base, ours, theirs} {
		for i, v := range list {
			if !plain(v) || slices.Contains(list[:i], v) {
				return nil, false
			}
		}
	}
	merged := slices.DeleteFunc(slices.Clone(ours), func(v any) bool {
		return slices.Contains(base, v) && !slices.Contains(theirs, v)
	})
	for _, v := range theirs {
		if !slices.Contains(base, v) && !slices.Contains(merged, v) {
			merged = append(merged, v)
		}
	}
	return merged, true
}

func plain(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return v == nil || reflect.TypeOf(v).Comparable()
}

// alikeData compares two values; lists of plain values as sets, since where an
// addition stands among others is for the text to say.
func alikeData(a, b any) bool {
	if x, y, ok := both[map[string]any](a, b); ok {
		if len(x) != len(y) {
			return false
		}
		for key, v := range x {
			if other, ok := y[key]; !ok || !alikeData(v, other) {
				return false
			}
		}
		return true
	}
	x, y, ok := both[[]any](a, b)
	if !ok || len(x) != len(y) || !allPlain(x) || !allPlain(y) {
		return reflect.DeepEqual(a, b)
	}
	for _, v := range x {
		if !slices.Contains(y, v) {
			return false
		}
	}
	return true
}

func allPlain(list []any) bool {
	return !slices.ContainsFunc(list, func(v any) bool { return !plain(v) })
}
