// Package jsondoc reads and writes JSON without losing the order of members.
package jsondoc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Object is a JSON object that keeps the order of its members.
type Object struct {
	Keys   []string
	Values map[string]any
}

// NewObject is an object without members.
func NewObject() *Object { return &Object{Values: make(map[string]any)} }

// Set gives a member its value; a new one comes last.
func (o *Object) Set(key string, value any) {
	if _, ok := o.Values[key]; !ok {
		o.Keys = append(o.Keys, key)
	}
	o.Values[key] = value
}

// Remove drops a member, if there is one of that name.
func (o *Object) Remove(key string) {
	if _, ok := o.Values[key]; ok {
		delete(o.Values, key)
		o.Keys = slices.DeleteFunc(o.Keys, func(k string) bool { return k == key })
	}
}

// Child is the member of an object that is an object itself, or nil.
func (o *Object) Child(key string) *Object {
	if o == nil {
		return nil
	}
	c, _ := o.Values[key].(*Object)
	return c
}

// maxDepth bounds how deep JSON may nest.
const maxDepth = 200

// Parse reads a JSON text into *Object, []any, string, json.Number, bool
// and nil.
func Parse(data []byte) (any, error) {
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
		o := NewObject()
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return nil, err
			}
			name, ok := key.(string)
			if !ok {
				return nil, fmt.Errorf("%v is no member name", key)
			}
			if _, twice := o.Values[name]; twice {
				return nil, fmt.Errorf("member %q twice", name)
			}
			value, err := parseValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			o.Set(name, value)
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

// Encode writes a value with an indentation of two spaces and a final
// newline, as npm and most formatters do.
func Encode(v any) ([]byte, error) { return EncodeIndent(v, "  ") }

// EncodeIndent is Encode with another indentation.
func EncodeIndent(v any, indent string) ([]byte, error) {
	var out bytes.Buffer
	if err := writeJSON(&out, v, "\n", indent); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func writeJSON(out *bytes.Buffer, v any, newline, indent string) error {
	inner := newline + indent
	switch v := v.(type) {
	case *Object:
		if len(v.Keys) == 0 {
			out.WriteString("{}")
			return nil
		}
		for i, key := range v.Keys {
			out.WriteString(separator(i, "{") + inner)
			if err := writeScalar(out, key); err != nil {
				return err
			}
			out.WriteString(": ")
			if err := writeJSON(out, v.Values[key], inner, indent); err != nil {
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
			if err := writeJSON(out, item, inner, indent); err != nil {
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

// Ordered turns what YAML decoded into the types of Parse; the members of a
// mapping come in the order of their names.
func Ordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		o := NewObject()
		for _, key := range slices.Sorted(maps.Keys(v)) {
			o.Set(key, Ordered(v[key]))
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = Ordered(item)
		}
		return list
	default:
		return v
	}
}
