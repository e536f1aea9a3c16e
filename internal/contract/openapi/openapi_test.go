package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// everything is the source with all options on.
var everything = Options{Accounts: true, Native: true, Idempotency: true}

func choices() []Options {
	return []Options{
		everything,
		{Accounts: true},
		{Accounts: true, Native: true},
		{Accounts: true, Idempotency: true},
		{Idempotency: true},
		{Title: "Shop"},
	}
}

func render(t *testing.T, o Options) []byte {
	t.Helper()
	document, err := Render(o)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestRenderIsComplete(t *testing.T) {
	for _, o := range choices() {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			document := render(t, o)
			var doc object
			if err := json.Unmarshal(document, &doc); err != nil {
				t.Fatal(err)
			}
			for _, broken := range danglingReferences(doc) {
				t.Errorf("%s refers to nothing", broken)
			}
			for _, name := range unusedComponents(string(document), doc) {
				t.Errorf("%s is not used", name)
			}
			if found, err := Compare(document, o); err != nil || len(found) > 0 {
				t.Errorf("it differs from itself: %v, %v", found, err)
			}
			if strings.Contains(string(document), "x-") {
				t.Error("a mark of the source is left")
			}
			for _, trace := range traces(o) {
				if strings.Contains(string(document), trace) {
					t.Errorf("%s is left, and is not chosen", trace)
				}
			}
		})
	}
}

// traces are words that only what is not chosen may use.
func traces(o Options) []string {
	var words []string
	if !o.Accounts {
		words = append(words, "accessToken", "/v1/me", "/v1/auth", "401", "Login", "WWW-Authenticate")
	}
	if !o.Native {
		words = append(words, "refresh_token", "transport")
	}
	if !o.Idempotency {
		words = append(words, "Idempoten")
	}
	return words
}

func danglingReferences(doc object) []string {
	var broken []string
	n := &normalizer{doc: doc}
	each(doc, "", func(pointer string, value any) {
		if at, ok := value.(object); ok && at["$ref"] != nil && len(n.resolve(at)) == 0 {
			broken = append(broken, pointer)
		}
	})
	return broken
}

func unusedComponents(text string, doc object) []string {
	var unused []string
	for kind, named := range members(doc, "components") {
		for name := range named.(object) {
			used := strings.Contains(text, fmt.Sprintf(`"#/components/%s/%s"`, kind, name))
			if kind == "securitySchemes" {
				used = strings.Count(text, fmt.Sprintf("%q: ", name)) > 1
			}
			if !used {
				unused = append(unused, kind+"/"+name)
			}
		}
	}
	return unused
}

// Whatever is taken out of the source or changed in it is seen, but for what a
// client cannot notice.
func TestEveryChangeIsSeen(t *testing.T) {
	// The last steps of pointers to what may change unseen. A member of this name
	// that a schema declares is no such place.
	free := []string{"summary", "description", "title", "default", "info", "version", "bearerFormat"}
	var doc object
	if err := json.Unmarshal(render(t, everything), &doc); err != nil {
		t.Fatal(err)
	}
	var pointers []string
	each(doc, "", func(pointer string, _ any) {
		if pointer != "" {
			pointers = append(pointers, pointer)
		}
	})
	seen := 0
	for _, pointer := range pointers {
		if isFree(pointer, free) || pointer == "/openapi" {
			continue
		}
		part := around(doc, pointer)
		want, err := normal(part)
		if err != nil {
			t.Fatal(err)
		}
		for _, change := range []func(any, string) any{drop, other} {
			changed, ok := change(clone(part), pointer).(object)
			if !ok {
				continue
			}
			got, err := normal(changed)
			if err == nil && len(differences(nil, "", want, got)) == 0 && !isSaidTwice(doc, pointer) {
				t.Errorf("a change at %s is not seen", pointer)
			}
			seen++
		}
	}
	if seen < 2000 {
		t.Errorf("only %d changes were tried", seen)
	}
}

// around is a document without the other paths than the one that a pointer leads
// through: as much as the change can touch, and quickly compared.
func around(doc object, pointer string) object {
	steps := strings.Split(pointer, "/")
	if len(steps) < 3 || steps[1] != "paths" {
		return doc
	}
	path := strings.ReplaceAll(strings.ReplaceAll(steps[2], "~1", "/"), "~0", "~")
	return object{
		"openapi": doc["openapi"], "components": doc["components"],
		"paths": object{path: get(doc, "paths")[path]},
	}
}

// isFree reports whether a pointer is at or below a text for people.
func isFree(pointer string, free []string) bool {
	steps := strings.Split(pointer, "/")[1:]
	for i, step := range steps {
		if i > 0 && steps[i-1] == "properties" {
			continue // the name of a schema's member
		}
		if slices.Contains(free, step) {
			return true
		}
	}
	return false
}

// isSaidTwice reports whether a pointer is at the type beside the only values
// there are.
func isSaidTwice(doc any, pointer string) bool {
	schema, isType := strings.CutSuffix(pointer, "/type")
	said := false
	each(doc, "", func(at string, v any) {
		if isType && at == schema {
			said = v.(object)["enum"] != nil || v.(object)["const"] != nil
		}
	})
	return said
}

// drop takes out what is at a pointer.
func drop(doc any, pointer string) any {
	return change(doc, pointer, func(any) (any, bool) { return nil, false })
}

// other puts something else at a pointer to a scalar, and nil stands for a
// document that cannot be changed so.
func other(doc any, pointer string) any {
	possible := true
	changed := change(doc, pointer, func(old any) (any, bool) {
		switch old := old.(type) {
		case string:
			return old + "x", true
		case float64:
			return old + 1, true
		case bool:
			return !old, true
		default:
			possible = false
			return old, true
		}
	})
	if !possible {
		return nil
	}
	return changed
}

// change replaces the value at a pointer, or removes it.
func change(v any, pointer string, by func(any) (any, bool)) any {
	if pointer == "" {
		changed, _ := by(v)
		return changed
	}
	step, rest, deeper := strings.Cut(pointer[1:], "/")
	if deeper {
		rest = "/" + rest
	}
	switch v := v.(type) {
	case object:
		name := strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if deeper {
			v[name] = change(v[name], rest, by)
		} else if changed, keep := by(v[name]); keep {
			v[name] = changed
		} else {
			delete(v, name)
		}
		return v
	case []any:
		var i int
		if _, err := fmt.Sscan(step, &i); err != nil {
			panic(err)
		}
		if deeper {
			v[i] = change(v[i], rest, by)
		} else if changed, keep := by(v[i]); keep {
			v[i] = changed
		} else {
			v = slices.Delete(v, i, i+1)
		}
		return v
	}
	return v
}

// each calls a function with every value of a document and its pointer.
func each(v any, pointer string, visit func(string, any)) {
	visit(pointer, v)
	switch v := v.(type) {
	case object:
		for name, member := range v {
			each(member, pointer+"/"+escape(name), visit)
		}
	case []any:
		for i, item := range v {
			each(item, fmt.Sprintf("%s/%d", pointer, i), visit)
		}
	}
}

func clone(v any) any {
	switch v := v.(type) {
	case object:
		c := object{}
		for name, member := range v {
			c[name] = clone(member)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, item := range v {
			c[i] = clone(item)
		}
		return c
	default:
		return v
	}
}

// Additions are as wrong as omissions: a client would not know of them.
func TestAdditionsAreSeen(t *testing.T) {
	for name, edit := range map[string]func(object){
		"an operation": func(d object) { get(d, "paths", "/v1/items")["head"] = object{"responses": object{}} },
		"a path":       func(d object) { get(d, "paths")["/v1/orders"] = object{"get": object{"responses": object{}}} },
		"a status":     func(d object) { get(d, "paths", "/v1/items", "get", "responses")["418"] = object{} },
		"a parameter": func(d object) {
			op := get(d, "paths", "/v1/me", "get")
			op["parameters"] = []any{object{"name": "fields", "in": "query", "schema": object{"type": "string"}}}
		},
		"a member of an answer": func(d object) {
			get(d, "components", "schemas", "Me", "properties")["password_hash"] = object{"type": "string"}
		},
		"a header field": func(d object) {
			get(d, "components", "responses", "404", "headers")["X-Powered-By"] = object{"schema": object{"type": "string"}}
		},
		"a media type": func(d object) {
			get(d, "components", "responses", "404", "content")["text/html"] = object{}
		},
		"null": func(d object) { get(d, "components", "schemas", "Login", "properties", "email")["nullable"] = true },
		"a weaker security": func(d object) {
			get(d, "paths", "/v1/me", "get")["security"] = []any{object{"accessToken": []any{}}, object{}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			found := compareEdited(t, edit)
			if len(found) == 0 {
				t.Error("it is not seen")
			}
		})
	}
}

// The same contract in other words.
func TestSpellingsAreEqual(t *testing.T) {
	for name, edit := range map[string]func(object){
		"null as a choice": func(d object) {
			name := get(d, "components", "schemas", "Me", "properties")
			name["name"] = object{"anyOf": []any{object{"type": "string"}, object{"type": "null"}}, "title": "Name"}
		},
		"nullable of 3.0": func(d object) {
			d["openapi"] = "3.0.3"
			get(d, "components", "schemas", "Me", "properties")["name"] = object{"type": "string", "nullable": true}
		},
		"an enum of one": func(d object) {
			get(d, "components", "schemas", "Accepted", "properties")["status"] = object{"enum": []any{"accepted"}}
		},
		"patterns together": func(d object) {
			get(d, "components", "schemas", "AddressOnly", "properties")["email"] = object{
				"allOf": []any{object{"type": "string", "maxLength": 254}, object{"pattern": `^[^\u0000-\u001f\u007f]*$`}},
			}
		},
		"a header field where it is used": func(d object) {
			get(d, "components", "responses", "404", "headers")["x-request-id"] = object{"required": true, "schema": object{"type": "string"}}
			delete(get(d, "components", "responses", "404", "headers"), "X-Request-Id")
		},
		"a response where it is used": func(d object) {
			get(d, "paths", "/v1/me", "get", "responses")["406"] = get(d, "components", "responses", "406")
		},
		"security of all": func(d object) {
			d["security"] = []any{object{"accessToken": []any{}}}
			for _, item := range get(d, "paths") {
				for method, op := range item.(object) {
					if operation, ok := op.(object); ok && method != "parameters" && operation["security"] == nil {
						operation["security"] = []any{}
					}
				}
			}
			delete(get(d, "paths", "/v1/me", "get"), "security")
		},
		"bounds of a number": func(d object) {
			get(d, "components", "schemas", "SignedIn", "properties", "expires_in")["maximum"] = 9007199254740991
		},
		"an unused schema": func(d object) { get(d, "components", "schemas")["Unused"] = object{"type": "string"} },
		"texts": func(d object) {
			d["info"] = object{"title": "Shop", "version": "2"}
			get(d, "paths", "/v1/me", "get")["summary"] = "Me"
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, one := range compareEdited(t, edit) {
				t.Error(one)
			}
		})
	}
}

func compareEdited(t *testing.T, edit func(object)) []Difference {
	t.Helper()
	var doc object
	if err := json.Unmarshal(render(t, everything), &doc); err != nil {
		t.Fatal(err)
	}
	edit(doc)
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	found, err := Compare(text, everything)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// get follows names to an object.
func get(doc object, names ...string) object {
	for _, name := range names {
		doc = doc[name].(object)
	}
	return doc
}

func TestDifferenceSaysWhatAndWhere(t *testing.T) {
	found := compareEdited(t, func(d object) {
		get(d, "components", "schemas", "ItemCreate", "properties", "title")["maxLength"] = 201
		delete(get(d, "paths", "/v1/items", "post", "responses"), "409")
		get(d, "paths", "/healthz", "get")["deprecated"] = true
	})
	want := []string{
		"/components/schemas/ItemCreate/properties/title/maxLength: expected 200, got 201",
		"/paths/~1healthz/get/deprecated: not expected, but there is true",
		`/paths/~1v1~1items/post/responses/409: missing; expected {"content":{"application/problem+json":`,
	}
	if len(found) != len(want) {
		t.Fatalf("found %v", found)
	}
	for i, one := range found {
		if !strings.HasPrefix(one.String(), want[i]) {
			t.Errorf("%s\nis not %s", one, want[i])
		}
	}
}

func TestNoDocument(t *testing.T) {
	for _, text := range []string{"", "[]", "{}", `{"swagger":"2.0"}`, `{"openapi":"3.1.0","paths":{"/a":{"get":1}}}`} {
		if _, err := Compare([]byte(text), everything); err == nil {
			t.Errorf("%q passes for a document", text)
		}
	}
}
