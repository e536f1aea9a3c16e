package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// tailBytes is how much of each output an error shows.
const tailBytes = 4 << 10

// launch says how to start one program.
type launch struct {
	Name   string   // for messages
	Argv   []string // no shell; a relative Argv[0] with a slash is relative to Dir
	Dir    string
	Env    Env
	Stdout string // file that takes the standard output, appended
	Stderr string // likewise; may be the same file
	User   *owner // runs as somebody else; nil: as ourselves
}

// program is a running child with everything it has started: one process group,
// which never outlives us. Its leader's end is noticed by a goroutine that
// closes done; whatever is then left of the group is killed.
type program struct {
	launch
	cmd  *exec.Cmd
	done chan struct{}
	code int // valid after done; -1 when a signal ended it
}

// start runs the program and returns at once.
func (l launch) start() (*program, error) {
	if len(l.Argv) == 0 {
		return nil, fmt.Errorf("%s: no command given", l.Name)
	}
	stdout, err := openLog(l.Stdout)
	if err != nil {
		return nil, fmt.Errorf("%s: open its log: %w", l.Name, err)
	}
	defer stdout.Close()
	stderr, err := openLog(l.Stderr)
	if err != nil {
		return nil, fmt.Errorf("%s: open its log: %w", l.Name, err)
	}
	defer stderr.Close()

	// No CommandContext: how a program ends (drained, then killed) is decided in stop.
	cmd := exec.Command(l.Argv[0], l.Argv[1:]...) //nolint:noctx // the repository names its own commands; stop ends them
	cmd.Dir = l.Dir
	cmd.Env = l.Env.list()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = groupAttr(l.User)
	p := &program{launch: l, cmd: cmd, done: make(chan struct{})}

	started := make(chan error, 1)
	go func() {
		// Linux ties the parent-death signal to the forking thread, so that
		// thread must live as long as the child.
		runtime.LockOSThread()
		defer close(p.done)
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		release, err := guardGroup(cmd.Process.Pid)
		if err != nil {
			killGroup(cmd.Process.Pid)
			_ = cmd.Wait() // killed just now: how it ended says nothing
			started <- err
			return
		}
		started <- nil
		err = cmd.Wait()
		killGroup(cmd.Process.Pid)
		release()
		p.code = exitCode(err)
	}()
	if err := <-started; err != nil {
		<-p.done
		return nil, fmt.Errorf("start %s (%s in %s): %w", l.Name, strings.Join(l.Argv, " "), l.Dir, err)
	}
	return p, nil
}

func openLog(path string) (*os.File, error) {
	if path == "" {
		path = os.DevNull
	}
	return os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// exited reports whether the leader has ended.
func (p *program) exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop asks the leader to end, waits for it at most grace, and then kills the
// group. It returns the exit code (-1 after a kill) and an error if it had to
// kill. Stopping a program that has ended already is no error.
func (p *program) stop(ask os.Signal, grace time.Duration) (int, error) {
	if p.exited() {
		return p.code, nil
	}
	if err := p.cmd.Process.Signal(ask); err != nil && !errors.Is(err, os.ErrProcessDone) {
		killGroup(p.cmd.Process.Pid)
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return p.code, nil
	case <-timer.C:
	}
	p.kill()
	return p.code, fmt.Errorf("%s did not end within %v of being asked to and was killed", p.Name, grace)
}

// tail is the end of what the program has written, for error messages.
func (p *program) tail() string {
	text := tailFile(p.Stdout)
	if p.Stderr != p.Stdout {
		text += tailFile(p.Stderr)
	}
	if strings.TrimSpace(text) == "" {
		return "it wrote nothing"
	}
	return "its last output:\n" + strings.TrimRight(text, "\n")
}

// kill ends the whole group at once and waits for it.
func (p *program) kill() {
	if !p.exited() {
		killGroup(p.cmd.Process.Pid)
		<-p.done
	}
}

func tailFile(path string) string {
	if path == "" {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > tailBytes {
		if _, err := f.Seek(-tailBytes, io.SeekEnd); err != nil {
			return ""
		}
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return ""
	}
	return string(text)
}

// endedError says that a program ended before it was ready.
type endedError struct {
	name, tail string
	code       int
}

func (e *endedError) Error() string {
	return fmt.Sprintf("%s ended with exit code %d before it was ready; %s", e.name, e.code, e.tail)
}

// await polls ready every 25 ms until it answers true, the program ends, the
// limit is over or ctx is cancelled.
func (p *program) await(ctx context.Context, limit time.Duration, ready func(context.Context) bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s was not ready after %v", p.Name, limit))
	defer cancel()
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for {
		if ready(ctx) {
			return nil
		}
		select {
		case <-p.done:
			return &endedError{name: p.Name, code: p.code, tail: p.tail()}
		case <-ctx.Done():
			return fmt.Errorf("%w; %s", context.Cause(ctx), p.tail())
		case <-ticker.C:
		}
	}
}

// runOnce runs a program to its end and returns its standard output. An exit code
// other than 0 is an error that shows the end of both outputs. When ctx ends the
// whole group is killed.
func (l launch) runOnce(ctx context.Context, stdin string) (stdout []byte, err error) {
	if len(l.Argv) == 0 {
		return nil, fmt.Errorf("%s: no command given", l.Name)
	}
	cmd := exec.CommandContext(ctx, l.Argv[0], l.Argv[1:]...)
	cmd.Dir = l.Dir
	cmd.Env = l.Env.list()
	cmd.SysProcAttr = groupAttr(l.User)
	cmd.Cancel = func() error { killGroup(cmd.Process.Pid); return nil }
	cmd.WaitDelay = time.Second // a grandchild may hold the pipes
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs lockedBuffer
	cmd.Stdout, cmd.Stderr = &out, &errs

	finished := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // see start
		if err := cmd.Start(); err != nil {
			finished <- err
			return
		}
		release, err := guardGroup(cmd.Process.Pid)
		if err != nil {
			killGroup(cmd.Process.Pid)
			_ = cmd.Wait() // killed just now: how it ended says nothing
			finished <- err
			return
		}
		err = cmd.Wait()
		killGroup(cmd.Process.Pid)
		release()
		finished <- err
	}()
	if err := <-finished; err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		said := "it wrote nothing"
		if last := lastBytes(append(out.Bytes(), errs.Bytes()...)); len(last) > 0 {
			said = "its last output:\n" + string(last)
		}
		return out.Bytes(), fmt.Errorf("%s (%s in %s): %w; %s", l.Name, strings.Join(l.Argv, " "), l.Dir, err, said)
	}
	return out.Bytes(), nil
}

func lastBytes(b []byte) []byte {
	b = bytes.TrimSpace(b)
	return b[max(0, len(b)-tailBytes):]
}

// lockedBuffer is a buffer that may still be written to by an abandoned copier
// (WaitDelay) while it is read.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// Bytes returns a copy of what has been written so far.
func (b *lockedBuffer) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
