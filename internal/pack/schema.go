package pack

import _ "embed" // the schema lies beside

// schemaJSON is never changed; ManifestSchema hands out copies.
//
//go:embed scaffold.schema.json
var schemaJSON []byte

// ManifestSchema is the JSON Schema (draft 2020-12) of scaffold.yaml.
func ManifestSchema() []byte { return append([]byte(nil), schemaJSON...) }
