package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"example.com/scaffold/internal/contract/selfhost"
	"example.com/scaffold/internal/service"
)

const (
	starts      = 5    // of each server, in turn
	bursts      = 7    // of each server, in turn
	burst       = 2000 // requests
	connections = 8
	email       = "bench@example.com"
	password    = "seventeen green lamps sing"
)

var onCore0 = []string{"taskset", "-c", "0"}

// figures are what was measured of one stack.
type figures struct {
	stack              string
	ratio, forgetful   string // reads per CPU-second as a share of the bare application's
	ready, readyBare   cost
	memory, memoryBare int64 // KiB
	login              time.Duration
}

// service measures generated services beside bare applications of their frameworks
// that read the same row with the same driver and no security.
func (b *bench) service(stacks []string) error {
	if len(stacks) == 0 {
		files, err := filepath.Glob(filepath.Join(b.root, "bench", "forgetful", "*.yaml"))
		if err != nil {
			return err
		}
		for _, f := range files {
			stacks = append(stacks, strings.TrimSuffix(filepath.Base(f), ".yaml"))
		}
	}
	var all []figures
	for _, stack := range stacks {
		one, err := b.serviceOf(stack)
		if err != nil {
			return fmt.Errorf("%s: %w", stack, err)
		}
		all = append(all, one)
	}
	table(all)
	return nil
}

// table is the one of bench/README.md.
func table(all []figures) {
	say := func(format string, args ...any) { fmt.Printf(format+"\n", args...) } //nolint:forbidigo // a command's own output
	say("| stack | reads per CPU-second ÷ bare | without the token memory | ready, CPU (bare) | memory of a worker (bare) | login, CPU |")
	say("|---|---|---|---|---|---|")
	for _, f := range all {
		say("| `%s` | %s | %s | %s (%s) | %d MiB (%d MiB) | %s |", f.stack, f.ratio, f.forgetful,
			ms(f.ready.cpu), ms(f.readyBare.cpu), f.memory/1024, f.memoryBare/1024, ms(f.login))
	}
	say("| target | at least 0.75 | at least 0.6 | at most 1 s | at most 150 MiB | the hash + 10 ms |")
}

// weakening turns the memory of verified tokens off: forgetful/STACK.yaml.
type weakening struct {
	File    string `yaml:"file"`
	Find    string `yaml:"find"`
	Replace string `yaml:"replace"`
}

// subject is one generated stack, set up, and how to start it.
type subject struct {
	*bench
	stack    string
	dir      string // of the service
	database string // path of the SQLite file that all servers share
	commands service.Commands
}

func (b *bench) subject(stack string) (*subject, error) {
	s := &subject{bench: b, stack: stack, dir: filepath.Join(b.dir, stack), database: filepath.Join(b.dir, stack+".db")}
	if _, err := b.cost(b.dir, b.scaffold, "new", "shop", "--stack", stack, "--yes", "--no-git", "--output", s.dir); err != nil {
		return nil, err
	}
	facts, err := selfhost.ReadFacts(s.dir)
	if err != nil {
		return nil, err
	}
	s.commands = service.Commands(facts.Run)
	s.commands.Start = slices.Concat(onCore0, facts.Run.Start)
	_, err = b.cost(s.dir, facts.Run.Setup...)
	return s, err
}

// open prepares the service of a folder, with limits raised, not removed: the
// limiter still counts every request.
func (s *subject) open(dir string, extra service.Env) (*service.Host, error) {
	env := service.Env{"RATE_DEFAULT": "999999999/60", "RATE_AUTH_IP": "999999999/60", "LOG_LEVEL": "warning"}
	for name, value := range extra {
		env[name] = value
	}
	return service.Open(s.ctx, service.Config{
		Dir: dir, Commands: s.commands, DatabaseURL: "sqlite:///" + s.database, SMTPURL: "smtp://127.0.0.1:1", Extra: env,
	})
}

func (b *bench) serviceOf(stack string) (f figures, err error) {
	f.stack = stack
	s, err := b.subject(stack)
	if err != nil {
		return f, err
	}
	host, err := s.open(s.dir, nil)
	if err != nil {
		return f, err
	}
	defer func() { _ = host.Close() }() // the scratch folder goes with it
	full, err := b.start(host, service.Spec{Name: "full"})
	if err != nil {
		return f, err
	}
	if err := full.instance.CreateAdmin(b.ctx, email, password); err != nil {
		return f, err
	}
	token, err := full.login()
	if err != nil {
		return f, err
	}
	item, err := full.makeItem(token)
	if err != nil {
		return f, err
	}
	bare, err := s.startBare()
	if err != nil {
		return f, err
	}
	defer func() { _ = bare.host.Close() }() // as above
	if err := s.starts(&f, full, bare.server); err != nil {
		return f, err
	}
	forgetful, err := s.startForgetful(full.instance.Env())
	if err != nil {
		return f, err
	}
	defer func() { _ = forgetful.host.Close() }() // as above
	servers := []*server{bare.server, full, forgetful.server}
	for round := range bursts + 1 {
		for _, one := range servers {
			perSecond, err := one.burst(b.ctx, "/v1/items/"+item, token)
			if err != nil {
				return f, fmt.Errorf("%s: %w", one.name, err)
			}
			if round > 0 {
				one.perCPUSecond = append(one.perCPUSecond, perSecond)
			}
		}
	}
	// Round by round: what slows the machine slows both.
	f.ratio, f.forgetful = paired(full, bare.server), paired(forgetful.server, bare.server)
	if f.memory, err = memory(full.pid); err != nil {
		return f, err
	}
	if f.memoryBare, err = memory(bare.pid); err != nil {
		return f, err
	}
	if f.login, err = full.loginCost(b.ctx); err != nil {
		return f, err
	}
	f.print(servers)
	return f, nil
}

func (f figures) print(servers []*server) {
	for _, s := range servers {
		slices.Sort(s.perCPUSecond)
		line(f.stack+", "+s.name+": reads of one item per CPU-second", fmt.Sprintf("%.0f", s.rate()), "")
	}
	line("ratio", f.ratio, "at least 0.75")
	line("ratio without the token memory of T5", f.forgetful, "at least 0.6")
	line("bare: ready, wall and CPU", ms(f.readyBare.wall)+", "+ms(f.readyBare.cpu), "")
	line("full: ready, wall and CPU", ms(f.ready.wall)+", "+ms(f.ready.cpu), "at most 1 s of CPU")
	line("memory of the worker after the load", fmt.Sprintf("%d MiB", f.memory/1024), "at most 150 MiB")
	line("login, CPU (one Argon2id, 19 MiB, t=2, included)", ms(f.login), "the hash and at most 10 ms")
}

// starts measures starts of both, in turn; those before filled the caches.
func (s *subject) starts(f *figures, full, bare *server) error {
	var ours, theirs []cost
	for range starts {
		one, err := full.restart(s.ctx)
		if err != nil {
			return err
		}
		other, err := bare.restart(s.ctx)
		if err != nil {
			return err
		}
		ours, theirs = append(ours, one), append(theirs, other)
	}
	wall := func(c cost) time.Duration { return c.wall }
	cpu := func(c cost) time.Duration { return c.cpu }
	f.ready, f.readyBare = cost{wall: mid(ours, wall), cpu: mid(ours, cpu)}, cost{wall: mid(theirs, wall), cpu: mid(theirs, cpu)}
	return nil
}

type hosted struct {
	*server
	host *service.Host
}

// startForgetful runs the same service from a copy that verifies every token anew. What
// is known of a session and its account is still remembered for a second (T5).
func (s *subject) startForgetful(env service.Env) (*hosted, error) {
	text, err := os.ReadFile(filepath.Join(s.root, "bench", "forgetful", s.stack+".yaml"))
	if err != nil {
		return nil, err
	}
	var weak weakening
	if err := yaml.Unmarshal(text, &weak); err != nil {
		return nil, err
	}
	copied := s.dir + "-forgetful"
	if _, err := s.cost(s.bench.dir, "cp", "-r", "--preserve=timestamps", s.dir, copied); err != nil {
		return nil, err
	}
	file := filepath.Join(copied, filepath.FromSlash(weak.File))
	if text, err = os.ReadFile(file); err != nil {
		return nil, err
	}
	if bytes.Count(text, []byte(weak.Find)) != 1 {
		return nil, fmt.Errorf("%s no longer says once: %s", weak.File, weak.Find)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte(weak.Find), []byte(weak.Replace), 1), 0o600); err != nil {
		return nil, err
	}
	if _, err := s.cost(copied, s.commands.Setup...); err != nil { // builds what changed
		return nil, err
	}
	host, err := s.open(copied, service.Env{"JWT_PRIVATE_KEYS": env["JWT_PRIVATE_KEYS"], "CURSOR_SECRET": env["CURSOR_SECRET"]})
	if err != nil {
		return nil, err
	}
	one, err := s.start(host, service.Spec{Name: "full, no memory"})
	if err != nil {
		return nil, errors.Join(err, host.Close())
	}
	return &hosted{one, host}, nil
}

// startBare runs the stack's bare application with the interpreter and the packages of
// the generated service, in its folder.
func (s *subject) startBare() (*hosted, error) {
	scripts, err := filepath.Glob(filepath.Join(s.root, "templates", s.stack, "bare", "bare.*"))
	if err != nil || len(scripts) != 1 {
		return nil, fmt.Errorf("templates/%s/bare wants one bare.*: %v %w", s.stack, scripts, err)
	}
	script := filepath.Base(scripts[0])
	if _, err := s.cost(s.bench.dir, "cp", scripts[0], filepath.Join(s.dir, script)); err != nil {
		return nil, err
	}
	interpreter := s.commands.Start[len(onCore0)]
	host, err := service.Open(s.ctx, service.Config{
		Dir: s.dir, Commands: service.Commands{Start: slices.Concat(onCore0, []string{interpreter, script})}, DatabaseURL: "sqlite:///" + s.database,
		Extra: service.Env{"PYTHONDONTWRITEBYTECODE": "1", "NODE_ENV": "production"},
	})
	if err != nil {
		return nil, err
	}
	one, err := s.start(host, service.Spec{Name: "bare"})
	if err != nil {
		return nil, errors.Join(err, host.Close())
	}
	return &hosted{one, host}, nil
}
