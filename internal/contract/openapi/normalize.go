package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// object is a JSON object.
type object = map[string]any

// normalizer turns a document into its normal form: texts gone, references to
// anything but schemas replaced by what they name, every default left out.
type normalizer struct {
	doc     object
	schemas object   // normal form of those that are used
	queue   []string // names of schemas that are used and have no normal form yet
}

// normalize returns the normal form of a document, a tree of object, []any,
// string, float64 and bool. It has the members paths and components; a schema
// that nothing uses is left out.
func normalize(document []byte) (object, error) {
	var doc object
	if err := json.Unmarshal(document, &doc); err != nil {
		return nil, fmt.Errorf("not a JSON object: %w", err)
	}
	return normal(doc)
}

// normal is normalize for a document that is read already; it leaves it as it is.
func normal(doc object) (object, error) {
	if version, _ := doc["openapi"].(string); !strings.HasPrefix(version, "3.") {
		return nil, errors.New("not an OpenAPI 3 document: the member openapi is not 3.x")
	}
	n := &normalizer{doc: doc, schemas: object{}}
	paths := object{}
	for path, item := range members(doc, "paths") {
		normal, err := n.path(n.resolve(item))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		paths[path] = normal
	}
	for len(n.queue) > 0 {
		name := n.queue[0]
		n.queue = n.queue[1:]
		if _, done := n.schemas[name]; done {
			continue
		}
		if named, ok := members(members(doc, "components"), "schemas")[name]; ok {
			n.schemas[name] = n.schema(named)
		}
	}
	return object{"paths": paths, "components": object{"schemas": n.schemas}}, nil
}

// path is the normal form of what stands at one path: its operations by method.
func (n *normalizer) path(item object) (object, error) {
	normal := object{}
	shared, _ := item["parameters"].([]any)
	for key, value := range plain(item) {
		switch key {
		case "parameters":
		case "get", "put", "post", "delete", "options", "head", "patch", "trace":
			operation, ok := value.(object)
			if !ok {
				return nil, fmt.Errorf("%s is not an object", key)
			}
			normal[key] = n.operation(operation, shared)
		default:
			normal[key] = value
		}
	}
	return normal, nil
}

func (n *normalizer) operation(operation object, shared []any) object {
	normal := plain(operation)
	if tags, ok := operation["tags"].([]any); ok { // a client's modules are called after them
		normal["tags"] = sorted(slices.Clone(tags))
	}
	delete(normal, "parameters")
	own, _ := operation["parameters"].([]any)
	if parameters := n.parameters(slices.Concat(shared, own)); len(parameters) > 0 {
		normal["parameters"] = parameters
	}
	if body, ok := operation["requestBody"]; ok {
		normal["requestBody"] = n.message(body)
	}
	responses := object{}
	for status, response := range members(operation, "responses") {
		responses[status] = n.message(response)
	}
	normal["responses"] = responses
	delete(normal, "security")
	if security := n.security(operation); len(security) > 0 {
		normal["security"] = security
	}
	return normal
}

// parameters are keyed by place and name; an operation's own replaces one of its path.
func (n *normalizer) parameters(list []any) object {
	normal := object{}
	for _, one := range list {
		parameter := n.resolve(one)
		place, _ := parameter["in"].(string)
		name, _ := parameter["name"].(string)
		if place == "header" {
			name = http.CanonicalHeaderKey(name)
		}
		field := n.field(parameter)
		delete(field, "in")
		delete(field, "name")
		styles := map[string]string{"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
		if field["style"] == styles[place] {
			delete(field, "style")
		}
		if schema, ok := field["schema"].(object); ok {
			delete(schema, "nullable") // a URL or a header field cannot say null
		}
		normal[place+":"+name] = field
	}
	return normal
}

// field is the normal form of a parameter or a header field.
func (n *normalizer) field(value object) object {
	normal := plain(value)
	if explode, _ := normal["explode"].(bool); !explode || normal["style"] == nil || normal["style"] == "form" {
		delete(normal, "explode")
	}
	if schema, ok := value["schema"]; ok {
		normal["schema"] = n.schema(schema)
	}
	if content := n.content(value); len(content) > 0 {
		normal["content"] = content
	}
	return normal
}

// message is the normal form of a request body or a response.
func (n *normalizer) message(value any) object {
	from := n.resolve(value)
	normal := plain(from)
	delete(normal, "headers")
	delete(normal, "content")
	headers := object{}
	for name, header := range members(from, "headers") {
		if name = http.CanonicalHeaderKey(name); name != "Content-Type" { // the content says it
			field := n.field(n.resolve(header))
			if field["style"] == "simple" {
				delete(field, "style")
			}
			headers[name] = field
		}
	}
	if len(headers) > 0 {
		normal["headers"] = headers
	}
	if content := n.content(from); len(content) > 0 {
		normal["content"] = content
	}
	return normal
}

func (n *normalizer) content(message object) object {
	normal := object{}
	for name, one := range members(message, "content") {
		if parsed, _, err := mime.ParseMediaType(name); err == nil {
			name = parsed
		}
		body, _ := one.(object)
		kept := plain(body)
		if schema, ok := body["schema"]; ok {
			kept["schema"] = n.schema(schema)
		}
		normal[name] = kept
	}
	return normal
}

// security lists the alternatives, each as what its schemes are: their names
// are nobody's business.
func (n *normalizer) security(operation object) []any {
	list, own := operation["security"].([]any)
	if !own {
		list, _ = n.doc["security"].([]any)
	}
	schemes := members(members(n.doc, "components"), "securitySchemes")
	var normal []any
	for _, one := range list {
		alternative, _ := one.(object)
		all := []any{}
		for name, scopes := range alternative {
			scheme := object{"unknown": name}
			if defined, ok := schemes[name]; ok {
				scheme = plain(n.resolve(defined))
				delete(scheme, "bearerFormat") // a hint for people
			}
			if asked, _ := scopes.([]any); len(asked) > 0 {
				scheme["scopes"] = asked
			}
			all = append(all, scheme)
		}
		normal = append(normal, sorted(all))
	}
	return sorted(normal)
}

// resolve follows references within the document, but at most as many as make
// sense; what is no object is an empty one.
func (n *normalizer) resolve(value any) object {
	for range 8 {
		at, ok := value.(object)
		if !ok {
			return object{}
		}
		reference, ok := at["$ref"].(string)
		if !ok {
			return at
		}
		path, local := strings.CutPrefix(reference, "#/")
		if !local {
			return at
		}
		value = n.doc
		for step := range strings.SplitSeq(path, "/") {
			step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
			inner, _ := value.(object)
			value = inner[step]
		}
	}
	return object{}
}

// plain copies the members of an object that mean something: neither texts for
// people nor extensions, and no flag that is off, as flags are by default.
func plain(from object) object {
	normal := object{}
	for key, value := range from {
		switch key {
		case "description", "summary", "externalDocs", "example", "examples":
			continue
		case "required", "deprecated", "allowEmptyValue", "allowReserved":
			if value == false {
				continue
			}
		}
		if !strings.HasPrefix(key, "x-") {
			normal[key] = value
		}
	}
	return normal
}

// members are those of an object's member, empty if it is none.
func members(of object, name string) object {
	inner, _ := of[name].(object)
	return inner
}

// sorted orders values by their JSON.
func sorted(list []any) []any {
	slices.SortFunc(list, func(a, b any) int { return strings.Compare(compact(a), compact(b)) })
	return list
}
