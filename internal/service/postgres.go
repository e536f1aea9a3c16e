package service

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

const (
	postgresFolders = "/usr/lib/postgresql/*/bin"
	superuser       = "postgres" // for our own administration; the service never gets it
	appRole         = "app"
)

// Postgres is a throw-away PostgreSQL server in a temporary folder, reachable
// over a unix socket and on a loopback port. Its superuser is "postgres"; the
// service connects as the plain role "app".
type Postgres struct {
	dir      string
	bin      string // folder of the server's programs
	port     int
	password string // of appRole
	user     *owner
	prog     *program
	count    atomic.Int64
}

// NewPostgres makes and starts a PostgreSQL server that ends with the Host.
func (h *Host) NewPostgres(ctx context.Context) (*Postgres, error) {
	server, err := find("postgres", "postgresql", postgresFolders)
	if err != nil {
		return nil, err
	}
	// A link in PATH leads to the folder that has initdb and psql as well.
	if server, err = filepath.EvalSymlinks(server); err != nil {
		return nil, fmt.Errorf("find PostgreSQL's programs: %w", err)
	}
	user, err := postgresOwner()
	if err != nil {
		return nil, err
	}
	dir, err := h.folder("pg")
	if err != nil {
		return nil, err
	}
	if err := give(dir, user); err != nil {
		return nil, fmt.Errorf("hand PostgreSQL its folder: %w", err)
	}
	ports, err := FreePorts(onLoopback, 1)
	if err != nil {
		return nil, err
	}
	p := &Postgres{dir: dir, bin: filepath.Dir(server), port: ports[0], password: rawSecret(), user: user}
	// --no-sync and fsync=off: the data need not outlive a power cut.
	if _, err := p.run(ctx, "initdb", "", "-D", p.data(), "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		return nil, err
	}
	if err := p.Start(ctx); err != nil {
		return nil, err
	}
	if err := h.onClose(p.Stop); err != nil {
		return nil, err
	}
	_, err = p.SQL(ctx, superuser, "CREATE ROLE "+appRole+" LOGIN PASSWORD '"+p.password+"'")
	return p, err
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "d") }

// Start starts the server again after Stop, with its data.
func (p *Postgres) Start(ctx context.Context) error {
	log := filepath.Join(p.dir, "log")
	prog, err := launch{
		Name: "postgres", Dir: p.dir, Env: inherited().with(nil, "HOME"), Stdout: log, Stderr: log, User: p.user,
		Argv: []string{
			filepath.Join(p.bin, "postgres"), "-D", p.data(), "-k", p.dir, "-p", strconv.Itoa(p.port),
			"-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=100",
		},
	}.start()
	if err != nil {
		return err
	}
	p.prog = prog
	return prog.await(ctx, backendLimit, func(ctx context.Context) bool {
		_, err := p.SQL(ctx, superuser, "SELECT 1")
		return err == nil
	})
}

// Stop ends the server at once, cutting off its clients, and keeps the data.
func (p *Postgres) Stop() error {
	// SIGINT is PostgreSQL's "fast" shutdown: it does not wait for clients.
	_, err := p.prog.stop(syscall.SIGINT, backendLimit)
	return err
}

// SQL runs one statement on the maintenance database with psql, as any role,
// and returns its answer without decoration.
func (p *Postgres) SQL(ctx context.Context, role, statement string) (string, error) {
	return p.run(ctx, "psql", "", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", p.dir, "-p", strconv.Itoa(p.port),
		"-U", role, "-d", "postgres", "-c", statement)
}

func (p *Postgres) run(ctx context.Context, program, stdin string, args ...string) (string, error) {
	env := inherited().with(Env{"PGPASSWORD": p.password}, "HOME")
	out, err := launch{
		Name: program, Dir: p.dir, Env: env, User: p.user, Argv: append([]string{filepath.Join(p.bin, program)}, args...),
	}.runOnce(ctx, stdin)
	return strings.TrimSpace(string(out)), err
}

// NewURL makes an empty database that belongs to the plain role and returns its
// address over the unix socket, as DATABASE_URL takes it.
func (p *Postgres) NewURL(ctx context.Context) (string, error) {
	db, err := p.newDatabase(ctx, "")
	if err != nil {
		return "", err
	}
	return db.url(), nil
}

// URL is the address of a database on the loopback port for any role and password.
func (p *Postgres) URL(role, password, database string) string {
	address := url.URL{Scheme: "postgresql", User: url.UserPassword(role, password), Host: loopback(p.port), Path: "/" + database}
	return address.String()
}

func (p *Postgres) newDatabase(ctx context.Context, template string) (database, error) {
	db := pgDatabase{server: p, name: fmt.Sprintf("app%d", p.count.Add(1))}
	statement := "CREATE DATABASE " + db.name + " OWNER " + appRole
	if template != "" {
		statement += " TEMPLATE " + template
	}
	if _, err := p.SQL(ctx, superuser, statement); err != nil {
		return nil, err
	}
	return db, nil
}

// pgDatabase is one database of a throw-away server.
type pgDatabase struct {
	server *Postgres
	name   string
}

// url names the socket's folder in the query, as libpq reads it: net/url cannot
// write an address with a user and no host.
func (d pgDatabase) url() string {
	return fmt.Sprintf("postgresql://%s@/%s?host=%s&port=%d", url.UserPassword(appRole, d.server.password), d.name, d.server.dir, d.server.port)
}

func (d pgDatabase) copy(ctx context.Context, _ *Host) (database, error) {
	return d.server.newDatabase(ctx, d.name)
}

func (d pgDatabase) dump(ctx context.Context) ([]byte, error) {
	out, err := d.server.run(ctx, "pg_dump", "", "-h", d.server.dir, "-p", strconv.Itoa(d.server.port), "-U", superuser, d.name)
	if err != nil {
		return nil, err
	}
	if out == "" {
		return nil, errors.New("dump the database: pg_dump wrote nothing")
	}
	return []byte(out), nil
}
