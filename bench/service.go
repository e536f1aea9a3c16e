package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

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

// service measures a generated service beside a bare application that reads the
// same row with the same driver and no security.
func (b *bench) service() error {
	dir := filepath.Join(b.dir, "service")
	if _, err := b.cost(b.dir, b.scaffold, "new", "shop", "--stack", "python-fastapi", "--yes", "--no-git", "--output", dir); err != nil {
		return err
	}
	facts, err := selfhost.ReadFacts(dir)
	if err != nil {
		return err
	}
	database := filepath.Join(b.dir, "bench.db")
	commands := service.Commands{
		Setup: facts.Run.Setup, Migrate: facts.Run.Migrate, CreateAdmin: facts.Run.CreateAdmin,
		Start: append([]string{"taskset", "-c", "0"}, facts.Run.Start...),
	}
	host, err := service.Open(b.ctx, service.Config{
		Dir: dir, Commands: commands, DatabaseURL: "sqlite:///" + database, SMTPURL: "smtp://127.0.0.1:1",
		// Raised, not removed: the limiter still counts every request.
		Extra: service.Env{"RATE_DEFAULT": "1000000000/60", "RATE_AUTH_IP": "1000000000/60", "LOG_LEVEL": "warning"},
	})
	if err != nil {
		return err
	}
	defer func() { _ = host.Close() }() // the scratch folder goes with it
	if err := host.Setup(b.ctx); err != nil {
		return err
	}
	full, err := b.start(host, service.Spec{Name: "full"})
	if err != nil {
		return err
	}
	if err := full.instance.CreateAdmin(b.ctx, email, password); err != nil {
		return err
	}
	token, err := full.login()
	if err != nil {
		return err
	}
	item, err := full.makeItem(token)
	if err != nil {
		return err
	}
	path := "/v1/items/" + item

	bare, err := b.startBare(dir, database)
	if err != nil {
		return err
	}
	defer func() { bare.stop() }()
	// The first starts filled the caches; these count, in turn.
	var ours, theirs []cost
	for range starts {
		if _, err := full.instance.Stop(); err != nil {
			return err
		}
		began := time.Now()
		if err := full.instance.Restart(b.ctx, nil); err != nil {
			return err
		}
		one, err := full.ready(began)
		if err != nil {
			return err
		}
		full.url = full.instance.URL
		bare.stop()
		began = time.Now()
		if bare, err = b.startBare(dir, database); err != nil {
			return err
		}
		other, err := bare.ready(began)
		if err != nil {
			return err
		}
		ours, theirs = append(ours, one), append(theirs, other)
	}

	forgetful, err := b.startForgetful(dir, commands, database, full.instance.Env())
	if err != nil {
		return err
	}
	defer func() { _ = forgetful.host.Close() }() // as above

	servers := []*server{bare, full, forgetful.server}
	for round := range bursts + 1 {
		for _, s := range servers {
			perSecond, err := s.burst(b.ctx, path, token)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if round > 0 {
				s.perCPUSecond = append(s.perCPUSecond, perSecond)
			}
		}
	}
	// Round by round: what slows the machine slows both.
	kept, keptWithout := paired(full, bare), paired(forgetful.server, bare)
	for _, s := range servers {
		slices.Sort(s.perCPUSecond)
		line(s.name+": reads of one item per CPU-second", fmt.Sprintf("%.0f", s.rate()), "")
	}
	line("ratio", kept, "at least 0.75")
	line("ratio without the token memory of T5", keptWithout, "")
	wall := func(c cost) time.Duration { return c.wall }
	cpu := func(c cost) time.Duration { return c.cpu }
	line("bare: ready, wall and CPU", ms(mid(theirs, wall))+", "+ms(mid(theirs, cpu)), "")
	line("full: ready, wall and CPU", ms(mid(ours, wall))+", "+ms(mid(ours, cpu)), "")
	line("ratio of CPU", fmt.Sprintf("%.2f", ratio(mid(ours, cpu), mid(theirs, cpu))), "at most 1.5")
	rss, err := memory(full.pid)
	if err != nil {
		return err
	}
	line("memory of the worker after the load", fmt.Sprintf("%d MiB", rss/1024), "at most 150 MiB")
	return full.loginCost(b.ctx)
}

// server is one process under load.
type server struct {
	name         string
	url          string
	pid          int
	instance     *service.Instance
	stop         func()
	perCPUSecond []float64
}

// paired is the median of one server's rate as a share of another's, with the
// lowest and the highest round.
func paired(one, other *server) string {
	shares := make([]float64, len(one.perCPUSecond))
	for i, rate := range one.perCPUSecond {
		shares[i] = rate / other.perCPUSecond[i]
	}
	slices.Sort(shares)
	return fmt.Sprintf("%.2f (%.2f–%.2f)", shares[len(shares)/2], shares[0], shares[len(shares)-1])
}

func (s *server) rate() float64 { return s.perCPUSecond[len(s.perCPUSecond)/2] }

func (b *bench) start(host *service.Host, spec service.Spec) (*server, error) {
	in, err := host.Start(b.ctx, spec)
	if err != nil {
		return nil, err
	}
	pid, err := listener(in.URL)
	if err != nil {
		return nil, err
	}
	return &server{name: spec.Name, url: in.URL, pid: pid, instance: in}, nil
}

// ready is what a start took until /readyz answered.
func (s *server) ready(began time.Time) (cost, error) {
	c := cost{wall: time.Since(began)}
	if s.instance != nil {
		pid, err := listener(s.instance.URL)
		if err != nil {
			return c, err
		}
		s.pid = pid
	}
	var err error
	c.cpu, err = cpuTime(s.pid)
	return c, err
}

type hosted struct {
	*server
	host *service.Host
}

// startForgetful runs the same service from a copy whose tokens and sessions are
// remembered for no time at all.
func (b *bench) startForgetful(dir string, commands service.Commands, database string, env service.Env) (*hosted, error) {
	copied := filepath.Join(b.dir, "forgetful")
	if _, err := b.cost(b.dir, "cp", "-r", dir, copied); err != nil {
		return nil, err
	}
	file := filepath.Join(copied, "src", "app", "auth", "tokens.py")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	changed := bytes.Replace(text, []byte("REMEMBERED_SECONDS = 1.0"), []byte("REMEMBERED_SECONDS = 0.0"), 1)
	if bytes.Equal(text, changed) {
		return nil, fmt.Errorf("%s no longer says REMEMBERED_SECONDS = 1.0", file)
	}
	if err := os.WriteFile(file, changed, 0o600); err != nil {
		return nil, err
	}
	host, err := service.Open(b.ctx, service.Config{
		Dir: copied, Commands: commands, DatabaseURL: "sqlite:///" + database, SMTPURL: "smtp://127.0.0.1:1",
		Extra: service.Env{
			"RATE_DEFAULT": env["RATE_DEFAULT"], "RATE_AUTH_IP": env["RATE_AUTH_IP"], "LOG_LEVEL": env["LOG_LEVEL"],
			"JWT_PRIVATE_KEYS": env["JWT_PRIVATE_KEYS"], "CURSOR_SECRET": env["CURSOR_SECRET"],
		},
	})
	if err != nil {
		return nil, err
	}
	s, err := b.start(host, service.Spec{Name: "full, no memory"})
	if err != nil {
		return nil, errors.Join(err, host.Close())
	}
	return &hosted{s, host}, nil
}

func (b *bench) startBare(dir, database string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return nil, err
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // of a TCP listener
	if err := l.Close(); err != nil {
		return nil, err
	}
	cmd := b.command(filepath.Join(b.root, "bench", "bare", "python-fastapi"),
		[]string{"DATABASE=" + database, "PORT=" + strconv.Itoa(port), "PYTHONDONTWRITEBYTECODE=1"},
		"taskset", "-c", "0", filepath.Join(dir, ".venv", "bin", "python"), "bare.py")
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{name: "bare", url: fmt.Sprintf("http://127.0.0.1:%d", port), pid: cmd.Process.Pid}
	s.stop = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	for time.Since(started) < 30*time.Second {
		if res, err := http.Get(s.url + "/readyz"); err == nil { //nolint:noctx // bounded by the loop
			_ = res.Body.Close()
			return s, nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.stop()
	return nil, errors.New("the bare application did not answer")
}

// burst sends requests over a few connections and returns how many the server
// answered for each second of its CPU time.
func (s *server) burst(ctx context.Context, path, token string) (float64, error) {
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	before, err := cpuTime(s.pid)
	if err != nil {
		return 0, err
	}
	errs := make(chan error, connections)
	for range connections {
		go func() {
			for range burst / connections {
				if err := get(ctx, client, s.url+path, token); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range connections {
		if one := <-errs; one != nil {
			err = one
		}
	}
	if err != nil {
		return 0, err
	}
	after, err := cpuTime(s.pid)
	return burst / (after - before).Seconds(), err
}

func get(ctx context.Context, client *http.Client, url, token string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"title"`))) {
		err = fmt.Errorf("GET %s: %s %s", url, res.Status, body)
	}
	return err
}

func (s *server) post(path, token, body string, member ...string) (string, error) {
	req, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(body)) //nolint:noctx // set-up
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	value, ok := answer[member[0]].(string)
	if !ok {
		return "", fmt.Errorf("POST %s: %s %v", path, res.Status, answer)
	}
	return value, nil
}

func (s *server) login() (string, error) {
	return s.post("/v1/auth/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password), "access_token")
}

func (s *server) makeItem(token string) (string, error) {
	return s.post("/v1/items", token, `{"title":"First","body":"text"}`, "id")
}

// loginCost compares the CPU of a login with that of the one hash it must cost.
func (s *server) loginCost(ctx context.Context) error {
	const logins = 20
	before, err := cpuTime(s.pid)
	if err != nil {
		return err
	}
	for range logins {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := s.login(); err != nil {
			return err
		}
	}
	after, err := cpuTime(s.pid)
	if err != nil {
		return err
	}
	line("login, CPU (one Argon2id, 19 MiB, t=2, included)", ms((after-before)/logins), "the hash and at most 10 ms")
	return nil
}
