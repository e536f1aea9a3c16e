// Package templates holds the built-in packs: a folder each, embedded into the
// program. Embedding drops exec bits, so the packs' manifests declare them.
package templates

import "embed"

// FS has one folder for each pack, such as "python-fastapi".
//
//go:embed all:common all:python-fastapi
var FS embed.FS
