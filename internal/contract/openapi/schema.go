package openapi

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// hexEscape is the short way to write a character's number in a pattern.
var hexEscape = regexp.MustCompile(`\\x([0-9A-Fa-f]{2})`)

// schema is the normal form of a JSON schema as OpenAPI 3.0 or 3.1 writes it. A
// reference stays, as the name of what it refers to: names are what the types of
// a client are called. Null is written as the member nullable.
func (n *normalizer) schema(value any) any {
	from, ok := value.(object)
	if !ok {
		return value // true and false are schemas too
	}
	normal := object{}
	for key, member := range from {
		if meaningful(key, member) {
			normal[key] = n.keyword(key, member)
		}
	}
	unwrap(normal)
	takeNull(normal)
	spellOut(normal)
	return normal
}

// meaningful reports whether a keyword restricts or names anything.
func meaningful(key string, value any) bool {
	switch key {
	case "title", "description", "default", "example", "examples", "externalDocs", "xml", "$comment", "$schema", "$id":
		return false
	case "minLength", "minItems", "minProperties":
		return value != float64(0)
	case "uniqueItems", "deprecated", "readOnly", "writeOnly", "nullable":
		return value != false
	case "additionalProperties", "unevaluatedProperties", "items":
		empty, isObject := value.(object)
		return value != true && (!isObject || len(empty) > 0)
	case "properties", "patternProperties", "$defs":
		inner, _ := value.(object)
		return len(inner) > 0
	case "required":
		inner, _ := value.([]any)
		return len(inner) > 0
	default:
		return !strings.HasPrefix(key, "x-")
	}
}

// keyword is the normal form of one keyword's value.
func (n *normalizer) keyword(key string, value any) any {
	switch key {
	case "$ref":
		reference, _ := value.(string)
		if name, ok := strings.CutPrefix(reference, "#/components/schemas/"); ok {
			n.queue = append(n.queue, name)
			return name
		}
		return value
	case "properties", "patternProperties", "$defs", "dependentSchemas":
		inner, _ := value.(object)
		normal := object{}
		for name, one := range inner {
			normal[name] = n.schema(one)
		}
		return normal
	case "items", "additionalProperties", "unevaluatedProperties", "not", "contains", "propertyNames", "if", "then", "else":
		return n.schema(value)
	case "anyOf", "oneOf", "allOf", "prefixItems":
		list, _ := value.([]any)
		normal := make([]any, 0, len(list))
		for _, one := range list {
			normal = append(normal, n.schema(one))
		}
		return normal
	case "required", "enum", "type":
		if list, ok := value.([]any); ok {
			return sorted(slices.Clone(list))
		}
		return value
	case "pattern":
		text, _ := value.(string)
		return hexEscape.ReplaceAllString(text, `\u00$1`)
	default:
		return value
	}
}

// unwrap writes a combination of one schema, or of schemas that say different
// things, as the one schema it is. A choice of null or something is something
// that may be null.
func unwrap(normal object) {
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		list, ok := normal[key].([]any)
		if !ok {
			continue
		}
		rest := list
		if key != "allOf" {
			rest = slices.DeleteFunc(slices.Clone(list), isNull)
		}
		together := object{}
		if len(rest) > 1 && key != "allOf" || !merge(together, rest) || !disjoint(normal, together) {
			normal[key] = sorted(slices.Clone(list))
			continue
		}
		delete(normal, key)
		maps.Copy(normal, together)
		if len(rest) < len(list) {
			normal["nullable"] = true
		}
	}
}

func isNull(schema any) bool {
	s, ok := schema.(object)
	return ok && len(s) == 1 && s["type"] == "null"
}

// merge puts schemas together in one; false if two say something under one keyword.
func merge(into object, schemas []any) bool {
	for _, one := range schemas {
		schema, ok := one.(object)
		if !ok || !disjoint(into, schema) {
			return false
		}
		maps.Copy(into, schema)
	}
	return true
}

// disjoint reports whether no keyword of one schema says something else in another.
func disjoint(a, b object) bool {
	for key, value := range b {
		if other, both := a[key]; both && !reflect.DeepEqual(other, value) {
			return false
		}
	}
	return true
}

// takeNull moves null out of a list of types and out of an enum.
func takeNull(normal object) {
	null := func(v any) bool { return v == nil || v == "null" }
	if types, ok := normal["type"].([]any); ok {
		rest := slices.DeleteFunc(slices.Clone(types), null)
		if len(rest) < len(types) && len(rest) > 0 {
			normal["nullable"] = true
			normal["type"] = rest
		}
		if len(rest) == 1 {
			normal["type"] = rest[0]
		}
	}
	if values, ok := normal["enum"].([]any); ok && slices.Contains(values, nil) && normal["nullable"] == true {
		normal["enum"] = slices.DeleteFunc(slices.Clone(values), func(v any) bool { return v == nil })
	}
}

// spellOut writes the shorthands of values and numbers in one way.
func spellOut(normal object) {
	if value, ok := normal["const"]; ok {
		normal["enum"] = []any{value}
		delete(normal, "const")
	}
	if values, ok := normal["enum"].([]any); ok && normal["type"] == nil {
		if !slices.ContainsFunc(values, func(v any) bool { _, text := v.(string); return !text }) {
			normal["type"] = "string"
		}
	}
	// OpenAPI 3.0 flags a bound as exclusive, 3.1 writes it there.
	for exclusive, bound := range map[string]string{"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"} {
		switch normal[exclusive] {
		case true:
			normal[exclusive] = normal[bound]
			delete(normal, bound)
		case false:
			delete(normal, exclusive)
		}
	}
	// The bounds of a double's integers say nothing about the value.
	const largest = 1<<53 - 1
	if normal["type"] == "integer" {
		if high, ok := normal["maximum"].(float64); ok && high >= largest {
			delete(normal, "maximum")
		}
		if low, ok := normal["minimum"].(float64); ok && low <= -largest {
			delete(normal, "minimum")
		}
	}
}
