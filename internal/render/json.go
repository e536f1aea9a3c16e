package render

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/internal/pack"
)

// object is a JSON object that keeps the order of its members.
type object struct {
	keys   []string
	values map[string]any
}

func newObject() *object { return &object{values: make(map[string]any)} }

func (o *object) set(key string, value any) {
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

func (o *object) remove(key string) {
	if _, ok := o.values[key]; ok {
		delete(o.values, key)
		o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
	}
}

// child is the member of an object that is an object itself, or nil.
func (o *object) child(key string) *object {
	if o == nil {
		return nil
	}
	c, _ := o.values[key].(*object)
	return c
}

// maxDepth bounds how deep JSON may nest.
const maxDepth = 200

// parseJSON reads a JSON text into *object, []any, string, json.Number, bool
// and nil.
func parseJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := parseValue(dec, 0)
	if err != nil {
		return nil, jsonError(data, dec, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, jsonError(data, dec, errors.New("more follows after the end"))
	}
	return v, nil
}

func jsonError(data []byte, dec *json.Decoder, err error) error {
	line := 1 + bytes.Count(data[:min(int(dec.InputOffset()), len(data))], []byte("\n"))
	return fmt.Errorf("line %d: not valid JSON: %w", line, err)
}

func parseValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := newObject()
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if !ok {
				return nil, fmt.Errorf("%v is no member name", key)
			}
			if _, twice := o.values[name]; twice {
				return nil, fmt.Errorf("member %q twice", name)
			}
			value, err := parseValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			o.set(name, value)
		}
		_, err := dec.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			value, err := parseValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := dec.Token()
		return list, err
	default:
		return token, nil
	}
}

// encodeJSON writes a value with an indentation of two spaces and a final
// newline, as npm and most formatters do.
func encodeJSON(v any) ([]byte, error) {
	var out bytes.Buffer
	if err := writeJSON(&out, v, "\n"); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func writeJSON(out *bytes.Buffer, v any, newline string) error {
	inner := newline + "  "
	switch v := v.(type) {
	case *object:
		if len(v.keys) == 0 {
			out.WriteString("{}")
			return nil
		}
		for i, key := range v.keys {
			out.WriteString(separator(i, "{") + inner)
			if err := writeScalar(out, key); err != nil {
				return err
			}
			out.WriteString(": ")
			if err := writeJSON(out, v.values[key], inner); err != nil {
				return err
			}
		}
		out.WriteString(newline + "}")
		return nil
	case []any:
		if len(v) == 0 {
			out.WriteString("[]")
			return nil
		}
		for i, item := range v {
			out.WriteString(separator(i, "[") + inner)
			if err := writeJSON(out, item, inner); err != nil {
				return err
			}
		}
		out.WriteString(newline + "]")
		return nil
	default:
		return writeScalar(out, v)
	}
}

func separator(i int, first string) string {
	if i == 0 {
		return first
	}
	return ","
}

func writeScalar(out *bytes.Buffer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the newline Encode adds
	return nil
}

// ordered turns what YAML decoded into the types of parseJSON; the members of a
// mapping come in the order of their names.
func ordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := newObject()
		for _, key := range slices.Sorted(maps.Keys(v)) {
			o.set(key, ordered(v[key]))
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = ordered(item)
		}
		return list
	default:
		return v
	}
}

// mergeJSON applies a declared merge to a JSON text: first what it removes, then
// what it sets, in the order of the pointers.
func mergeJSON(data []byte, m pack.Merge) ([]byte, error) {
	doc, err := parseJSON(data)
	if err != nil {
		return nil, err
	}
	for _, pointer := range m.Remove {
		parent, last, err := follow(doc, pointer, false)
		if err != nil {
			return nil, err
		}
		switch parent := parent.(type) {
		case *object:
			if _, ok := parent.values[last]; !ok {
				return nil, fmt.Errorf("merge: nothing at %s to remove", pointer)
			}
			parent.remove(last)
		default:
			return nil, fmt.Errorf("merge: %s does not end in an object's member", pointer)
		}
	}
	for _, pointer := range slices.Sorted(maps.Keys(m.Set)) {
		parent, last, err := follow(doc, pointer, true)
		if err != nil {
			return nil, err
		}
		o, ok := parent.(*object)
		if !ok {
			return nil, fmt.Errorf("merge: %s does not end in an object's member", pointer)
		}
		o.set(last, ordered(m.Set[pointer]))
	}
	return encodeJSON(doc)
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
		case *object:
			member, found := here.values[step]
			if !found && !create {
				return nil, "", fmt.Errorf("merge: nothing at /%s", strings.Join(steps[:i+1], "/"))
			}
			if !found {
				member = newObject()
				here.set(step, member)
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
