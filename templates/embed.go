// Package templates holds the built-in packs: a folder each, embedded into the
// program. Embedding drops exec bits, so the packs' manifests declare them.
package templates

import "embed"

// FS has one folder for each pack, such as "python-fastapi".
// A new pack needs no change here.
//
//go:embed all:*
var FS embed.FS
