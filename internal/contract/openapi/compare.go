package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Difference is one place where a document says something else than the source.
type Difference struct {
	Pointer string // JSON pointer into the normal form: as in the document, but for parameters, which go by "in:name"
	Want    any    // nil: the source has nothing there
	Got     any    // nil: the document has nothing there
}

func (d Difference) String() string {
	switch {
	case d.Got == nil:
		return fmt.Sprintf("%s: missing; expected %s", d.Pointer, brief(d.Want))
	case d.Want == nil:
		return fmt.Sprintf("%s: not expected, but there is %s", d.Pointer, brief(d.Got))
	default:
		return fmt.Sprintf("%s: expected %s, got %s", d.Pointer, brief(d.Want), brief(d.Got))
	}
}

// Compare holds an OpenAPI document (JSON) against the source for a choice of
// options. It returns where they differ, in the order of the pointers, and an
// error if the text is no OpenAPI 3 document.
func Compare(document []byte, o Options) ([]Difference, error) {
	source, err := Render(o)
	if err != nil {
		return nil, err
	}
	want, err := normalize(source)
	if err != nil {
		return nil, err
	}
	got, err := normalize(document)
	if err != nil {
		return nil, err
	}
	return differences(nil, "", want, got), nil
}

// differences appends those between two values at a pointer.
func differences(found []Difference, pointer string, want, got any) []Difference {
	w, isObject := want.(object)
	g, alsoObject := got.(object)
	if !isObject || !alsoObject {
		if !reflect.DeepEqual(want, got) {
			found = append(found, Difference{pointer, want, got})
		}
		return found
	}
	keys := slices.AppendSeq(slices.Collect(maps.Keys(w)), maps.Keys(g))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		found = differences(found, pointer+"/"+escape(key), w[key], g[key])
	}
	return found
}

// escape writes a member's name as a step of a JSON pointer (RFC 6901).
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// brief is a value as JSON, cut where a line would become unreadable.
func brief(v any) string {
	const longest = 160
	text := compact(v)
	if len(text) > longest {
		return strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// compact is a value as JSON; equal values have the same.
func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
