package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/scaffold/internal/pack"
)

const builtinPrefix = "builtin:"

// loadPack loads the pack of a source: "builtin:NAME", or a folder, which a
// relative path names from dir.
func (f *factory) loadPack(source, dir string) (*pack.Pack, error) {
	return pack.Load(source, f.resolver(dir))
}

// resolver opens packs wherever they are. What a folder holds is read through an
// os.Root: no symbolic link leads out of it.
func (f *factory) resolver(dir string) pack.Resolver {
	builtin := pack.Builtin(f.builtin)
	return func(source string) (fs.FS, error) {
		if strings.HasPrefix(source, builtinPrefix) {
			return builtin(source)
		}
		at := filepath.FromSlash(source)
		if !filepath.IsAbs(at) {
			at = filepath.Join(dir, at)
		}
		root, err := os.OpenRoot(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, usagef("a pack is a folder with a "+pack.ManifestFile, "pack %s: there is no folder %s", source, at)
		case err != nil:
			return nil, fmt.Errorf("pack %s: %w", source, err)
		}
		return root.FS(), nil // open until the program ends
	}
}

// usePack makes the pack of --pack the one stack of this run: its questions
// become flags and its name is what is generated.
func (f *factory) usePack(source string) (string, error) {
	p, err := f.loadPack(filepath.ToSlash(source), ".")
	if err != nil {
		return "", err
	}
	if p.Abstract {
		return "", usagef("generate from one that extends it", "pack %s is only there to be extended", source)
	}
	f.packs[p.Name], f.names = p, []string{p.Name}
	return p.Name, nil
}

// sourceFrom is how a project names its pack: a folder by the way from the
// project, so that both can move together, unless it was given as absolute.
func sourceFrom(source, dir string) (string, error) {
	if strings.HasPrefix(source, builtinPrefix) || filepath.IsAbs(source) {
		return source, nil
	}
	from, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	to, err := filepath.Abs(filepath.FromSlash(source))
	if err != nil {
		return "", err
	}
	rel, err := filepath.Rel(from, to)
	return filepath.ToSlash(rel), err
}
