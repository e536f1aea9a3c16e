package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// database is where an instance keeps its data.
type database interface {
	url() string // as DATABASE_URL takes it
	// copy makes a further database with the same contents; nobody may be using the original.
	copy(ctx context.Context, h *Host) (database, error)
	// dump is every byte stored, in a form in which a stored text can be searched for.
	dump(ctx context.Context) ([]byte, error)
}

// emptyDatabase makes the run's first database of the kind that was asked for.
func (h *Host) emptyDatabase() (database, error) {
	switch {
	case h.cfg.DatabaseURL != "":
		return given(h.cfg.DatabaseURL), nil
	case h.cfg.Postgres:
		server, err := h.server()
		if err != nil {
			return nil, err
		}
		return server.newDatabase(h.ctx, "")
	default:
		return h.newSQLite()
	}
}

// given is a database that somebody else made and looks after.
type given string

func (g given) url() string                                   { return string(g) }
func (g given) copy(context.Context, *Host) (database, error) { return g, nil }
func (g given) dump(context.Context) ([]byte, error) {
	return nil, errors.New("a database that was given by its URL is not dumped; let the run make its own")
}

// sqliteFile is the path of an SQLite database.
type sqliteFile string

func (h *Host) newSQLite() (database, error) {
	dir, err := h.folder("db")
	if err != nil {
		return nil, err
	}
	return sqliteFile(filepath.Join(dir, "service.db")), nil
}

func (f sqliteFile) url() string { return "sqlite:///" + filepath.ToSlash(string(f)) }

// sqliteParts are the files of one database: itself and its write-ahead log.
// The -shm file is only an index of the latter, made anew on opening.
func (f sqliteFile) parts() []string { return []string{string(f), string(f) + "-wal"} }

func (f sqliteFile) copy(_ context.Context, h *Host) (database, error) {
	made, err := h.newSQLite()
	if err != nil {
		return nil, err
	}
	to := made.(sqliteFile).parts()
	for i, from := range f.parts() {
		data, err := os.ReadFile(from)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("copy the migrated database: %w", err)
		}
		if err := os.WriteFile(to[i], data, 0o600); err != nil {
			return nil, fmt.Errorf("copy the migrated database: %w", err)
		}
	}
	return made, nil
}

// dump returns the raw pages. SQLite stores texts and blobs as they are; only
// values longer than a page are cut, and no secret is that long.
func (f sqliteFile) dump(context.Context) ([]byte, error) {
	var all []byte
	for _, part := range f.parts() {
		data, err := os.ReadFile(part)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("dump the database: %w", err)
		}
		all = append(all, data...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("dump the database: %s is empty", string(f))
	}
	return all, nil
}
