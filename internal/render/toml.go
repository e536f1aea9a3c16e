package render

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"example.com/scaffold/internal/pack"
)

// mergeTOML adds texts to arrays of a TOML text, such as a package to
// /project/dependencies/-, and leaves every other byte as it is. What else a pack
// changes in TOML it changes by markers, for which TOML has comments.
func mergeTOML(data []byte, m pack.Merge) ([]byte, error) {
	if len(m.Remove) > 0 {
		return nil, errors.New("merge: nothing can be removed from TOML: put markers around it, in comments")
	}
	for _, pointer := range slices.Sorted(maps.Keys(m.Set)) {
		path, appends := strings.CutSuffix(pointer, "/-")
		text, isText := m.Set[pointer].(string)
		if !strings.HasPrefix(path, "/") || !appends || !isText {
			return nil, fmt.Errorf("merge: %s: to TOML only a text can be added at the end of an array, such as /project/dependencies/-", pointer)
		}
		at, err := findArray(data, steps(path))
		if err != nil {
			return nil, fmt.Errorf("merge: %s: %w", pointer, err)
		}
		data = at.insert(data, fmt.Sprintf("%q", text))
	}
	return data, nil
}

// tomlArray is where an array stands in a text.
type tomlArray struct {
	open   int // behind its [
	last   int // behind its last element, or open
	close  int // of its ]
	commas bool
}

func findArray(data []byte, path []string) (tomlArray, error) {
	p := unstable.Parser{}
	p.Reset(data)
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = keys(e.Key())
		case unstable.KeyValue:
			if !slices.Equal(slices.Concat(table, keys(e.Key())), path) {
				continue
			}
			if e.Value().Kind != unstable.Array {
				return tomlArray{}, errors.New("is no array")
			}
			return locate(data, e), nil
		default:
		}
	}
	if err := p.Error(); err != nil {
		return tomlArray{}, err
	}
	return tomlArray{}, errors.New("there is no such array")
}

func keys(it unstable.Iterator) []string {
	var names []string
	for it.Next() {
		names = append(names, string(it.Node().Data))
	}
	return names
}

// locate finds the brackets of the array that is the value of a key.
func locate(data []byte, e *unstable.Node) tomlArray {
	var a tomlArray
	for it := e.Key(); it.Next(); {
		a.open = int(it.Node().Raw.Offset + it.Node().Raw.Length)
	}
	a.open += bytes.IndexByte(data[a.open:], '[') + 1
	a.last = a.open
	for it := e.Value().Children(); it.Next(); {
		if n := it.Node(); n.Raw.Length > 0 {
			a.last = int(n.Raw.Offset + n.Raw.Length)
		}
	}
	for a.close = a.last; data[a.close] != ']'; a.close++ {
		switch data[a.close] {
		case ',':
			a.commas = true
		case '#':
			a.close += bytes.IndexByte(data[a.close:], '\n')
		}
	}
	return a
}

// insert puts an element behind the last one, in the array's own manner: on a line
// of its own if the others are.
func (a tomlArray) insert(data []byte, element string) []byte {
	comma := ""
	if a.last > a.open && !a.commas {
		comma = ","
	}
	lineStart := bytes.LastIndexByte(data[:a.close], '\n') + 1
	if lineStart <= a.last || len(bytes.TrimSpace(data[lineStart:a.close])) > 0 {
		separator := ""
		switch {
		case a.commas:
			separator = " "
		case a.last > a.open:
			separator = ", "
		}
		return slices.Concat(data[:a.close], []byte(separator+element), data[a.close:])
	}
	indent := "    "
	if a.last > a.open {
		line := data[bytes.LastIndexByte(data[:a.last], '\n')+1 : a.last]
		indent = string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
	}
	return slices.Concat(data[:a.last], []byte(comma), data[a.last:lineStart], []byte(indent+element+",\n"), data[lineStart:])
}
