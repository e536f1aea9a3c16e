package render

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/expr"
	"example.com/scaffold/internal/pack"
)

// Superset is a manifest of dependencies with everything on, from which the lock
// that a pack carries is made: every branch of its markers, what any merge adds,
// and placeholders as they stand. Data is for values that are printed in it. The
// layer is the one that has the file.
func Superset(p *pack.Pack, file string, data map[string]any) ([]byte, pack.Layer, error) {
	layer, source, err := owner(p, file)
	if err != nil {
		return nil, layer, err
	}
	text, err := read(layer, source)
	if err != nil {
		return nil, layer, err
	}
	langs := append(comments(file), bare)
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		if _, isMarker := marker(string(line), langs); !isMarker {
			out.Write(line)
		}
	}
	text = out.Bytes()
	if strings.Contains(out.String(), expr.Left) {
		t, err := expr.Parse("source", out.String())
		if err == nil {
			text, err = t.Execute(data)
		}
		if err != nil {
			return nil, layer, fmt.Errorf("%s: %w", layer.Name(source), expr.Plain(err))
		}
	}
	for _, m := range p.Merges {
		if m.File != file || len(m.Set) == 0 {
			continue
		}
		m.Remove = nil
		if text, err = merge(file, text, m); err != nil {
			return nil, layer, fmt.Errorf("%s: %w", layer.Name(source), err)
		}
	}
	return text, layer, nil
}

// owner is the last layer of a pack that has a file in its base/.
func owner(p *pack.Pack, file string) (pack.Layer, string, error) {
	for _, l := range slices.Backward(p.Layers) {
		for _, f := range l.Files {
			if f.Path == file && f.Feature == "" {
				return l, f.Source, nil
			}
		}
	}
	return pack.Layer{}, "", errors.New("no layer of the pack has " + file + " in its base/")
}

// Carried is the lock that a pack carries now; ok is false if it has none.
func Carried(p *pack.Pack, file string) (data []byte, ok bool, err error) {
	layer, source, err := owner(p, file)
	if err != nil {
		return nil, false, nil //nolint:nilerr // the first one is about to be made
	}
	data, err = read(layer, source)
	return data, err == nil, err
}
