// Package service installs, sets up, starts, waits for and stops a generated
// service: as in production, on loopback, with secrets made for the run, in
// process groups that never outlive this program. It also starts throw-away
// PostgreSQL, Redis and nginx servers for the runs that need them.
package service

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Commands are the argv of the contract file's "run" section, executed without
// a shell in the repository's root. Migrate may be empty.
type Commands struct {
	Setup, Migrate, Start, CreateAdmin, OpenAPI []string
}

// Config says which service a Host runs, and with what.
type Config struct {
	Dir      string // the repository's root
	Commands Commands
	SMTPURL  string // where the service sends mail; required by the production profile
	// DatabaseURL is given to every instance; empty: each instance has a
	// database of its own, SQLite or, with Postgres, in a server of the Host.
	DatabaseURL string
	Postgres    bool
	// Migrated is an SQLite database that has been migrated and that nobody uses: each
	// instance has a copy of it, and nothing is migrated. Empty: the run migrates its own.
	Migrated string
	// RedisURL is given to every instance; empty: memory.
	RedisURL string
	// Extra is added to every instance's environment.
	Extra Env
	// Progress takes one-line messages for a person; nil: silence.
	Progress func(string)
	// KeepLogs is a folder for the instances' logs; empty: they go with the Host.
	KeepLogs string
}

// Host starts instances of one service and ends them all in Close.
type Host struct {
	cfg  Config
	dir  string // temporary; its name is short because unix socket paths end at 107 bytes
	base Env    // the production profile of this run

	ctx    context.Context //nolint:containedctx // ends with Close: lazily started things belong to no caller
	cancel context.CancelFunc

	starts chan struct{} // a slot for each start that may go on at a time

	normal, fast func() (*Instance, error)
	server       func() (*Postgres, error) // with Config.Postgres
	migrated     func() (database, error)

	mu      sync.Mutex
	count   int
	closers []func() error // run last to first
	closed  bool
}

// Open prepares a Host; it starts nothing yet.
func Open(ctx context.Context, cfg Config) (*Host, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the repository: %w", err)
	}
	cfg.Dir = dir
	if len(cfg.Commands.Start) == 0 {
		return nil, fmt.Errorf("%s: .scaffold/contract.yaml names no command under run.start", dir)
	}
	base, err := production()
	if err != nil {
		return nil, err
	}
	if cfg.SMTPURL != "" {
		base["SMTP_URL"] = cfg.SMTPURL
	}
	if cfg.RedisURL != "" {
		base["REDIS_URL"] = cfg.RedisURL
	}
	tmp, err := os.MkdirTemp("", "svc")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	// Other accounts (PostgreSQL's) must reach their folders below it.
	if err := os.Chmod(tmp, 0o711); err != nil {
		return nil, errors.Join(err, os.RemoveAll(tmp))
	}
	if cfg.KeepLogs == "" {
		cfg.KeepLogs = tmp
	} else if err := os.MkdirAll(cfg.KeepLogs, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("make the folder for logs: %w", err), os.RemoveAll(tmp))
	}
	h := &Host{cfg: cfg, dir: tmp, base: base.with(cfg.Extra), starts: make(chan struct{}, max(2, runtime.NumCPU()))}
	h.ctx, h.cancel = context.WithCancel(ctx)
	h.server = sync.OnceValues(func() (*Postgres, error) { return h.NewPostgres(h.ctx) })
	h.migrated = sync.OnceValues(h.migrateTemplate)
	h.normal = sync.OnceValues(func() (*Instance, error) { return h.Start(h.ctx, Spec{Name: "service"}) })
	h.fast = sync.OnceValues(func() (*Instance, error) {
		return h.Start(h.ctx, Spec{Name: "fast", Set: FastTimes()})
	})
	return h, nil
}

// Configure adds to the environment of every instance that starts after it.
func (h *Host) Configure(set Env) { h.base = h.base.with(set) }

// Normal is the instance with the contract's own values, started on first use.
func (h *Host) Normal() (*Instance, error) { return h.normal() }

// Fast is the instance with short lifetimes (need F), started on first use.
func (h *Host) Fast() (*Instance, error) { return h.fast() }

// Setup runs the repository's setup command with our whole environment: it may
// need a proxy, a package index or a cache that only the person's settings know.
func (h *Host) Setup(ctx context.Context) error {
	if len(h.cfg.Commands.Setup) == 0 {
		return nil
	}
	h.say("setting up: " + strings.Join(h.cfg.Commands.Setup, " "))
	env := Env{}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	_, err := launch{Name: "setup", Argv: h.cfg.Commands.Setup, Dir: h.cfg.Dir, Env: env}.runOnce(ctx, "")
	return err
}

// OpenAPI runs the command that prints the service's OpenAPI document.
func (h *Host) OpenAPI(ctx context.Context) ([]byte, error) {
	db, err := h.migrated()
	if err != nil {
		return nil, err
	}
	env := h.base.with(Env{"DATABASE_URL": db.url()})
	out, err := launch{Name: "openapi", Argv: h.cfg.Commands.OpenAPI, Dir: h.cfg.Dir, Env: env}.runOnce(ctx, "")
	return out, err
}

// Close ends everything the Host has started, last to first, and removes its
// temporary folder. It may be called more than once.
func (h *Host) Close() error {
	h.cancel()
	h.mu.Lock()
	closers := h.closers
	h.closers, h.closed = nil, true
	h.mu.Unlock()
	var errs []error
	for i := len(closers) - 1; i >= 0; i-- {
		errs = append(errs, closers[i]())
	}
	errs = append(errs, os.RemoveAll(h.dir))
	return errors.Join(errs...)
}

// onClose registers what ends a thing. If the Host is closed by now, it is
// ended at once: nothing that was on its way up survives.
func (h *Host) onClose(end func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errors.Join(errors.New("the host is closed"), end())
	}
	h.closers = append(h.closers, end)
	return nil
}

// folder makes a new folder of a short, unique name.
func (h *Host) folder(kind string) (string, error) {
	h.mu.Lock()
	h.count++
	name := kind + strconv.Itoa(h.count)
	h.mu.Unlock()
	path := filepath.Join(h.dir, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", err)
	}
	return path, nil
}

func (h *Host) say(message string) {
	if h.cfg.Progress != nil {
		h.cfg.Progress(message)
	}
}

// Ports are looked for below those that systems hand out to clients (from 32768 on
// Linux): a call that goes out meanwhile cannot take one before the service does.
const firstPort, lastPort = 20000, 32000

// FreePorts returns n ports that were free on an address a moment ago. They are
// looked for together so that they differ. A port that is free on loopback may
// be taken on another address, so what listens on all of them asks for those.
func FreePorts(address string, n int) ([]int, error) {
	var ports []int
	var last error
	for tries := 0; len(ports) < n; tries++ {
		if tries == 100*n {
			return nil, fmt.Errorf("find a free port on %s: %w", address, last)
		}
		port := firstPort + rand.IntN(lastPort-firstPort) //nolint:gosec // a port is no secret
		var config net.ListenConfig
		listener, err := config.Listen(context.Background(), "tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			last = err
			continue
		}
		defer listener.Close()
		ports = append(ports, port)
	}
	return ports, nil
}

// migrateTemplate makes the database that each instance's own is copied from:
// one migration a run instead of one an instance.
func (h *Host) migrateTemplate() (database, error) {
	if h.cfg.Migrated != "" {
		return sqliteFile(h.cfg.Migrated), nil
	}
	db, err := h.emptyDatabase()
	if err != nil {
		return nil, err
	}
	if len(h.cfg.Commands.Migrate) == 0 {
		return db, nil
	}
	h.say("migrating: " + strings.Join(h.cfg.Commands.Migrate, " "))
	ctx, cancel := context.WithTimeoutCause(h.ctx, 2*time.Minute, errors.New("the migration took longer than 2 minutes"))
	defer cancel()
	env := h.base.with(Env{"DATABASE_URL": db.url()})
	_, err = launch{Name: "migrate", Argv: h.cfg.Commands.Migrate, Dir: h.cfg.Dir, Env: env}.runOnce(ctx, "")
	return db, err
}
