package packs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/scaffold/internal/tree"
	"example.com/scaffold/internal/vcs"
)

// repository is a remote one and what is kept of it: a folder for each fetched
// commit, and which commit each ref named when it was last asked.
type repository struct {
	remote vcs.Remote
	dir    string
}

const refsFile = "refs.json"

// key is a repository's folder in the cache. It tells nothing about the URL.
func key(url string) string {
	sum := sha256.Sum256([]byte(url))
	return hex.EncodeToString(sum[:16])
}

// commit returns the folder with a commit's files, fetched if it is not kept.
func (r *repository) commit(ctx context.Context, hash string) (string, error) {
	if !commitHash.MatchString(hash) {
		return "", fmt.Errorf("%q is no commit", hash)
	}
	dir := filepath.Join(r.dir, hash)
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir, nil
	}
	files, skipped, err := r.remote.Tree(ctx, hash)
	if err != nil {
		return "", err
	}
	return dir, r.keep(dir, files, skipped)
}

// keep writes a commit's files; the folder appears whole or not at all. Two runs
// that fetch the same commit write the same. What a commit has besides files
// (symbolic links, submodules) becomes a link to nowhere: a pack that has one is
// refused, and nothing can be reached through it.
func (r *repository) keep(dir string, files *tree.Tree, others []string) (err error) {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(r.dir, "draft-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(draft)) }()
	for p, f := range files.All() {
		at := filepath.Join(draft, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(at, f.Data, 0o600); err != nil {
			return err
		}
	}
	for _, p := range others {
		at := filepath.Join(draft, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return err
		}
		if err := os.Symlink("not kept", at); err != nil {
			return err
		}
	}
	if err := os.Rename(draft, dir); err != nil {
		if info, there := os.Stat(dir); there == nil && info.IsDir() {
			return nil // somebody else was faster
		}
		return err
	}
	return nil
}

// last is what a ref named when the repository could still be asked.
func (r *repository) last(ref string) (Origin, bool) {
	o, ok := r.refs()[ref]
	return o, ok && commitHash.MatchString(o.Commit)
}

func (r *repository) refs() map[string]Origin {
	refs := map[string]Origin{}
	data, err := os.ReadFile(filepath.Join(r.dir, refsFile))
	if err != nil || json.Unmarshal(data, &refs) != nil {
		return map[string]Origin{} // it is only a memory
	}
	return refs
}

func (r *repository) remember(ref string, o Origin) error {
	refs := r.refs()
	if refs[ref] == o {
		return nil
	}
	refs[ref] = o
	data, err := json.MarshalIndent(refs, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(r.dir, "draft-")
	if err != nil {
		return err
	}
	_, err = draft.Write(data)
	if err := errors.Join(err, draft.Close()); err != nil {
		return errors.Join(err, os.Remove(draft.Name()))
	}
	return os.Rename(draft.Name(), filepath.Join(r.dir, refsFile))
}
