package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	readyLimit = 60 * time.Second // a cold start on a busy machine; BOOT-07 measures the contract's 20 s
	drainLimit = 30 * time.Second // Z2: 25 s for requests in flight, and some to end
	onLoopback = "127.0.0.1"
	everywhere = "0.0.0.0"
	portTries  = 3 // another program may take a free port before the service does
)

// SamePort as METRICS_PORT stands for the port of the service itself, which is
// only known when it starts.
const SamePort = "PORT"

// Spec says how one instance differs from the production profile of the run.
type Spec struct {
	Name  string   // for messages and the log's file name
	Set   Env      // added or replaced
	Unset []string // removed
	// Share makes a replica: same database and same secrets as another instance.
	Share *Instance
	// Database is a server of NewPostgres in which this instance has its own
	// database; nil: as the Host's configuration says.
	Database *Postgres
	// Probe is the path that answers 200 once the instance counts as started; empty: /readyz.
	Probe string
}

// Instance is one running service.
type Instance struct {
	Name    string
	URL     string // http://127.0.0.1:port, no slash at the end
	Metrics string // http://127.0.0.1:port of the metrics listener
	LogPath string // standard output, kept over restarts
	ErrPath string // standard error

	// Took is how long the last start took: until it was ready, ended or was given up.
	Took time.Duration

	host     *Host
	db       database
	samePort bool
	probe    string

	mu   sync.Mutex
	env  Env
	prog *program
}

// Start starts an instance and waits until /readyz answers 200. The instance
// ends with the Host, if not before.
func (h *Host) Start(ctx context.Context, spec Spec) (*Instance, error) {
	h.say("starting " + spec.Name)
	in, failure, err := h.Launch(ctx, spec, readyLimit)
	return in, errors.Join(failure, err)
}

// Launch starts an instance that may refuse to run. Failure says that it ended
// or was not ready in time (it then still runs); err, that it could not be tried.
func (h *Host) Launch(ctx context.Context, spec Spec, limit time.Duration) (in *Instance, failure, err error) {
	in, err = h.prepare(ctx, spec)
	if err != nil {
		return nil, nil, err
	}
	failure = in.start(ctx, limit)
	if ctx.Err() != nil {
		return nil, nil, errors.Join(context.Cause(ctx), in.end())
	}
	if in.prog == nil {
		return nil, nil, failure
	}
	return in, failure, h.onClose(in.end)
}

// end kills the instance: nobody waits for an answer of it any more, and how a service
// drains is a test of its own (Z2).
func (in *Instance) end() error {
	in.mu.Lock()
	prog := in.prog
	in.mu.Unlock()
	if prog != nil {
		prog.kill()
	}
	return nil
}

// prepare makes an instance that is not yet running.
func (h *Host) prepare(ctx context.Context, spec Spec) (*Instance, error) {
	var db database
	var err error
	base := h.base
	switch {
	case spec.Share != nil:
		db, base = spec.Share.db, spec.Share.Env()
	case spec.Database != nil:
		db, err = h.databaseIn(ctx, spec.Database)
	default:
		db, err = h.ownDatabase(ctx)
	}
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	h.count++
	log := filepath.Join(h.cfg.KeepLogs, fmt.Sprintf("%s-%d", strings.ReplaceAll(spec.Name, " ", "-"), h.count))
	h.mu.Unlock()
	for _, old := range []string{log + ".log", log + ".err"} { // of an earlier run that kept its logs here
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("make room for the log of %s: %w", spec.Name, err)
		}
	}
	return &Instance{
		Name: spec.Name, LogPath: log + ".log", ErrPath: log + ".err", host: h, db: db, samePort: spec.Set["METRICS_PORT"] == SamePort,
		probe: cmp.Or(spec.Probe, "/readyz"),
		env:   base.with(Env{"DATABASE_URL": db.url()}).with(spec.Set, spec.Unset...),
	}, nil
}

func (h *Host) ownDatabase(ctx context.Context) (database, error) {
	template, err := h.migrated()
	if err != nil {
		return nil, err
	}
	return template.copy(ctx, h)
}

// databaseIn migrates a new database of another server.
func (h *Host) databaseIn(ctx context.Context, server *Postgres) (database, error) {
	db, err := server.newDatabase(ctx, "")
	if err != nil || len(h.cfg.Commands.Migrate) == 0 {
		return db, err
	}
	env := h.base.with(Env{"DATABASE_URL": db.url()})
	_, err = launch{Name: "migrate", Argv: h.cfg.Commands.Migrate, Dir: h.cfg.Dir, Env: env}.runOnce(ctx, "")
	return db, err
}

// start chooses ports, starts the program and waits for it. Only as many starts
// as there are processors go on at a time: more would only slow each other down.
func (in *Instance) start(ctx context.Context, limit time.Duration) error {
	select {
	case in.host.starts <- struct{}{}:
		defer func() { <-in.host.starts }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	began := time.Now()
	defer func() { in.Took = time.Since(began) }()
	for try := 1; ; try++ {
		err := in.startOnce(ctx, limit)
		ended, ok := errors.AsType[*endedError](err)
		if !ok || try == portTries || !strings.Contains(strings.ToLower(ended.tail), "address already in use") {
			return err
		}
	}
}

func (in *Instance) startOnce(ctx context.Context, limit time.Duration) error {
	address := onLoopback
	if in.Env()["BIND"] == everywhere {
		address = everywhere
	}
	ports, err := FreePorts(address, 2)
	if err != nil {
		return err
	}
	in.mu.Lock()
	metrics := ports[1]
	if in.samePort {
		metrics = ports[0]
	}
	in.env = in.env.with(Env{"PORT": strconv.Itoa(ports[0]), "METRICS_PORT": strconv.Itoa(metrics)})
	in.URL = "http://127.0.0.1:" + in.env["PORT"]
	in.Metrics = "http://127.0.0.1:" + in.env["METRICS_PORT"]
	in.prog, err = launch{
		Name: in.Name, Argv: in.host.cfg.Commands.Start, Dir: in.host.cfg.Dir, Env: in.env,
		Stdout: in.LogPath, Stderr: in.ErrPath,
	}.start()
	prog := in.prog
	in.mu.Unlock()
	if err != nil {
		return err
	}
	return prog.await(ctx, limit, answersOK(in.URL+in.probe))
}

// answersOK asks a URL on a connection of its own, so that none is left open
// for the service to drain.
func answersOK(url string) func(context.Context) bool {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Second}
	return func(ctx context.Context) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		response, err := client.Do(request)
		if err != nil {
			return false
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // only the status counts
		return response.StatusCode == http.StatusOK
	}
}

// Env is a copy of the instance's whole environment, secrets included.
func (in *Instance) Env() Env {
	in.mu.Lock()
	defer in.mu.Unlock()
	return maps.Clone(in.env)
}

// Done is closed when the running program has ended.
func (in *Instance) Done() <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.prog.done
}

// PID is the process id of the running program, which leads the group of all that
// it has started.
func (in *Instance) PID() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.prog.cmd.Process.Pid
}

// Exited reports the exit code once the program has ended; -1: by a signal.
func (in *Instance) Exited() (code int, ended bool) {
	in.mu.Lock()
	prog := in.prog
	in.mu.Unlock()
	if !prog.exited() {
		return 0, false
	}
	return prog.code, true
}

// Stays tells a program that goes on from one that gives up although something of it
// was alive, as one of several parts may: it is ready, or has not ended by the limit.
func (in *Instance) Stays(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ready := answersOK(in.URL + "/readyz")
	for !ready(ctx) {
		select {
		case <-in.Done():
			return false
		case <-ctx.Done():
			return true
		case <-time.After(25 * time.Millisecond):
		}
	}
	return true
}

// Signal sends a signal to the program and returns at once.
func (in *Instance) Signal(s os.Signal) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.prog.cmd.Process.Signal(s)
}

// Stop sends SIGTERM, waits for the drain and returns the exit code. After 30 s
// it kills, which is an error.
func (in *Instance) Stop() (int, error) { return in.stop(drainLimit) }

func (in *Instance) stop(grace time.Duration) (int, error) {
	in.mu.Lock()
	prog := in.prog
	in.mu.Unlock()
	if prog == nil {
		return 0, nil
	}
	return prog.stop(syscall.SIGTERM, grace)
}

// Restart stops the instance and starts it again with some variables changed,
// on new ports (URL changes) and with the same database and log.
func (in *Instance) Restart(ctx context.Context, set Env, unset ...string) error {
	if _, err := in.Stop(); err != nil {
		return err
	}
	in.mu.Lock()
	in.env = in.env.with(set, unset...)
	in.mu.Unlock()
	return in.start(ctx, readyLimit)
}

// Dump is every byte of the instance's database (of PostgreSQL: pg_dump's text).
func (in *Instance) Dump(ctx context.Context) ([]byte, error) { return in.db.dump(ctx) }

// CreateAdmin makes an administrator with the repository's command, which reads
// the password from its standard input.
func (in *Instance) CreateAdmin(ctx context.Context, email, password string) error {
	command := in.host.cfg.Commands.CreateAdmin
	if len(command) == 0 {
		return errors.New(".scaffold/contract.yaml names no command under run.create_admin")
	}
	argv := append(append([]string(nil), command...), email)
	_, err := launch{Name: "create-admin", Argv: argv, Dir: in.host.cfg.Dir, Env: in.Env()}.runOnce(ctx, password+"\n")
	return err
}

// Output is everything the instance has written so far: standard output, then
// standard error.
func (in *Instance) Output() ([]byte, error) {
	var all []byte
	for _, path := range []string{in.LogPath, in.ErrPath} {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read what %s wrote: %w", in.Name, err)
		}
		all = append(all, text...)
	}
	return all, nil
}
