// Package openapi has the one OpenAPI document of the contract and compares the
// documents of services with it.
//
// The document is contract.yaml, for a service with everything on. Render leaves
// out what a choice of options does not have. Compare holds what a service says
// of itself against that: two documents are the same if a client could not tell
// them apart, so texts, order, references and spellings of one meaning do not
// count, while every operation, parameter, status, header field, schema member
// and bound does.
package openapi

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed contract.yaml
var source []byte

// Options are the choices that change what the document has.
type Options struct {
	Title       string // of info; the source's own if empty
	Accounts    bool   // auth=accounts; Native needs it
	Native      bool
	Idempotency bool
}

// has reports whether a choice that the source names is on.
func (o Options) has(name string) (on, known bool) {
	switch name {
	case "accounts":
		return o.Accounts, true
	case "native":
		return o.Accounts && o.Native, true
	case "idempotency":
		return o.Idempotency, true
	default:
		return false, false
	}
}

// Render writes the document for a choice of options as JSON, indented by two
// spaces, the members of an object in the order of their names, with a final
// newline.
func Render(o Options) ([]byte, error) {
	doc, err := build(source, o)
	if err != nil {
		return nil, err
	}
	if info, ok := doc["info"].(map[string]any); ok && o.Title != "" {
		info["title"] = o.Title
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return []byte(out.String()), nil
}

// build reads the source and takes away what is not chosen.
func build(source []byte, o Options) (map[string]any, error) {
	var all map[string]any
	if err := yaml.Unmarshal(source, &all); err != nil {
		return nil, fmt.Errorf("openapi: contract.yaml: %s", yaml.FormatError(err, false, true))
	}
	chosen, err := choose(all, o)
	if err != nil {
		return nil, err
	}
	doc, _ := chosen.(map[string]any)
	return doc, nil
}

// choose copies a value without mappings whose x-when is off and without members
// that start with x-. A list or mapping that this empties goes too: nil stands
// for what is not there.
func choose(v any, o Options) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if when, ok := v["x-when"].(string); ok {
			if on, known := o.has(when); !known {
				return nil, fmt.Errorf("openapi: contract.yaml: x-when: %s is no choice", when)
			} else if !on {
				return nil, nil
			}
		}
		kept := make(map[string]any, len(v))
		for key, member := range v {
			if strings.HasPrefix(key, "x-") {
				continue
			}
			chosen, err := choose(member, o)
			if err != nil {
				return nil, err
			}
			if chosen != nil {
				kept[key] = chosen
			}
		}
		if len(kept) == 0 && len(v) > 0 {
			return nil, nil
		}
		return kept, nil
	case []any:
		kept := make([]any, 0, len(v))
		for _, item := range v {
			chosen, err := choose(item, o)
			if err != nil {
				return nil, err
			}
			if chosen != nil {
				kept = append(kept, chosen)
			}
		}
		if len(kept) == 0 && len(v) > 0 {
			return nil, nil
		}
		return kept, nil
	default:
		return v, nil
	}
}

// OptionsOf are the choices of a service with these options of the pack.
func OptionsOf(accounts bool, names []string) Options {
	return Options{
		Accounts:    accounts,
		Native:      slices.Contains(names, "native"),
		Idempotency: slices.Contains(names, "idempotency"),
	}
}
