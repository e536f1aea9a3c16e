package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const backendLimit = 30 * time.Second // for a throw-away server to come up or go down

// ErrNotInstalled says that a program which a test brings up is missing.
var ErrNotInstalled = errors.New("it is not installed")

// find looks a program up in PATH and then in the given folders (globs; the
// last match wins, so that of two versions the newer is taken).
func find(program, debian string, folders ...string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, folder := range folders {
		matches, err := filepath.Glob(filepath.Join(folder, program))
		if err == nil && len(matches) > 0 {
			slices.Sort(matches)
			return matches[len(matches)-1], nil
		}
	}
	return "", fmt.Errorf("%s (Debian package %s): %w", program, debian, ErrNotInstalled)
}

// Redis is a throw-away Redis server on a unix socket, in memory only.
type Redis struct {
	dir    string
	binary string
	prog   *program
}

// NewRedis starts a Redis server that ends with the Host.
func (h *Host) NewRedis(ctx context.Context) (*Redis, error) {
	binary, err := find("redis-server", "redis-server")
	if err != nil {
		return nil, err
	}
	dir, err := h.folder("redis")
	if err != nil {
		return nil, err
	}
	r := &Redis{dir: dir, binary: binary}
	if err := r.Start(ctx); err != nil {
		return nil, err
	}
	return r, h.onClose(r.Stop)
}

func (r *Redis) socket() string { return filepath.Join(r.dir, "s") }

// URL is the server's address as REDIS_URL takes it.
func (r *Redis) URL() string { return "unix://" + r.socket() }

// Start starts the server again after Stop, empty.
func (r *Redis) Start(ctx context.Context) error {
	log := filepath.Join(r.dir, "log")
	prog, err := launch{
		Name: "redis-server", Dir: r.dir, Env: inherited(), Stdout: log, Stderr: log,
		Argv: []string{r.binary, "--port", "0", "--unixsocket", r.socket(), "--save", "", "--appendonly", "no", "--dir", r.dir},
	}.start()
	if err != nil {
		return err
	}
	r.prog = prog
	return prog.await(ctx, backendLimit, answersDial("unix", r.socket()))
}

// Stop ends the server; what it held is lost.
func (r *Redis) Stop() error {
	r.prog.kill() // nothing to save
	return nil
}

// answersDial reports whether an address takes connections.
func answersDial(network, address string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}
}

// loopback is host:port of a loopback port.
func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
