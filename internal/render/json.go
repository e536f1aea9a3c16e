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
		if !strings.HasPrefix(pointer, "/") {
			return nil, fmt.Errorf("merge: %q is not a JSON pointer", pointer)
		}
		if remove(doc, steps(pointer)) == 0 {
			return nil, fmt.Errorf("merge: nothing at %s to remove", pointer)
		}
	}
	for _, pointer := range slices.Sorted(maps.Keys(m.Set)) {
		parent, last, err := follow(doc, pointer)
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

// steps are the names that a JSON pointer leads through.
func steps(pointer string) []string {
	names := strings.Split(pointer[1:], "/")
	for i, name := range names {
		names[i] = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
	}
	return names
}

// remove takes out every member that the steps lead to and counts them. A star in
// a step stands for any text.
func remove(at any, steps []string) int {
	var inner []any
	switch at := at.(type) {
	case *jsondoc.Object:
		matching := slices.DeleteFunc(slices.Clone(at.Keys), func(key string) bool { return !fits(steps[0], key) })
		if len(steps) == 1 {
			for _, key := range matching {
				at.Remove(key)
			}
			return len(matching)
		}
		for _, key := range matching {
			inner = append(inner, at.Values[key])
		}
	case []any:
		for i, item := range at {
			if fits(steps[0], strconv.Itoa(i)) && len(steps) > 1 {
				inner = append(inner, item)
			}
		}
	}
	removed := 0
	for _, one := range inner {
		removed += remove(one, steps[1:])
	}
	return removed
}

// fits reports whether a name is what a step says, where a star is any text.
func fits(step, name string) bool {
	before, after, star := strings.Cut(step, "*")
	if !star {
		return step == name
	}
	return len(name) >= len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}

// follow walks a JSON pointer (RFC 6901) to the value that holds its last
// member; objects on the way that are missing are made.
func follow(doc any, pointer string) (parent any, last string, err error) {
	if !strings.HasPrefix(pointer, "/") {
		return nil, "", fmt.Errorf("merge: %q is not a JSON pointer", pointer)
	}
	steps := steps(pointer)
	at := doc
	for i, step := range steps[:len(steps)-1] {
		var next any
		switch here := at.(type) {
		case *jsondoc.Object:
			member, found := here.Values[step]
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
