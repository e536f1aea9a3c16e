package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/internal/jsondoc"
	"example.com/scaffold/internal/pack"
)

// mergeJSON applies a declared merge to a JSON text: first what it removes, then
// what it sets, in the order of the pointers.
func mergeJSON(data []byte, m pack.Merge) ([]byte, error) {
	doc, err := jsondoc.Parse(data)
	if err != nil {
		return nil, err
	}
	for _, pointer := range m.Remove {
		parent, last, err := follow(doc, pointer, false)
		if err != nil {
			return nil, err
		}
		switch parent := parent.(type) {
		case *jsondoc.Object:
			if _, ok := parent.Values[last]; !ok {
				return nil, fmt.Errorf("merge: nothing at %s to remove", pointer)
			}
			parent.Remove(last)
		default:
			return nil, fmt.Errorf("merge: %s does not end in an object's member", pointer)
		}
	}
	for _, pointer := range slices.Sorted(maps.Keys(m.Set)) {
		parent, last, err := follow(doc, pointer, true)
		if err != nil {
			return nil, err
		}
		o, ok := parent.(*jsondoc.Object)
		if !ok {
			return nil, fmt.Errorf("merge: %s does not end in an object's member", pointer)
		}
		o.Set(last, jsondoc.Ordered(m.Set[pointer]))
	}
	return jsondoc.Encode(doc)
}

// follow walks a JSON pointer (RFC 6901) to the value that holds its last
// member. With create, objects on the way that are missing are made.
func follow(doc any, pointer string, create bool) (parent any, last string, err error) {
	if !strings.HasPrefix(pointer, "/") {
		return nil, "", fmt.Errorf("merge: %q is not a JSON pointer", pointer)
	}
	steps := strings.Split(pointer[1:], "/")
	for i, s := range steps {
		steps[i] = strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
	}
	at := doc
	for i, step := range steps[:len(steps)-1] {
		var next any
		switch here := at.(type) {
		case *jsondoc.Object:
			member, found := here.Values[step]
			if !found && !create {
				return nil, "", fmt.Errorf("merge: nothing at /%s", strings.Join(steps[:i+1], "/"))
			}
			if !found {
				member = jsondoc.NewObject()
				here.Set(step, member)
			}
			next = member
		case []any:
			n, convErr := strconv.Atoi(step)
			if convErr != nil || n < 0 || n >= len(here) {
				return nil, "", fmt.Errorf("merge: no element %s at /%s", step, strings.Join(steps[:i], "/"))
			}
			next = here[n]
		default:
			return nil, "", fmt.Errorf("merge: /%s is neither an object nor an array", strings.Join(steps[:i], "/"))
		}
		at = next
	}
	return at, steps[len(steps)-1], nil
}
