package compare

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/contract/selfhost"
	"example.com/scaffold/internal/service"
)

// subject is a service that is being measured.
type subject struct {
	id    string
	about *result.Service
	url   string // of one that was given by its address
	host  *service.Host
	bench bool // it has the routes of the option benchmark
	// bare is the application without security that runs beside it, if any does.
	bare *subject
	// listener is the process behind a URL, looked for once: that takes a while.
	listener []int
	// workers are the instances that share the load; nil for a URL.
	workers  []*service.Instance
	deaths   int
	sessions []*session // one a worker: where it is and what to send there
}

// maxDeaths is how often a service may end by itself before it is given up.
const maxDeaths = 3

func (s *subject) close() error {
	for _, one := range s.sessions {
		one.client.CloseIdleConnections()
	}
	var errs []error
	if s.bare != nil {
		errs = append(errs, s.bare.close())
	}
	if s.host != nil {
		errs = append(errs, s.host.Close())
	}
	return errors.Join(errs...)
}

// environment is production's with limits that no load reaches: raised, not
// removed, so that the limiter still counts every request.
func environment(bench bool, upstream string) service.Env {
	env := service.Env{
		"RATE_DEFAULT": "999999999/60", "RATE_AUTH_IP": "999999999/60", "MAX_ITEMS": "999999999", "LOG_LEVEL": "warning",
	}
	if bench {
		env["APP_ENV"], env["BENCHMARK_UPSTREAM"] = "benchmark", upstream
	}
	return env
}

// start brings a repository's service up, with its control if it is the first.
func (r *run) start(ctx context.Context, candidate Candidate, about *result.Service) (*subject, error) {
	facts, err := selfhost.ReadFacts(candidate.Dir)
	if err != nil {
		return nil, err
	}
	s := &subject{id: about.ID, about: about, bench: candidate.Benchmark}
	commands := service.Commands(facts.Run)
	commands.Start = r.place.wrap(commands.Start)
	s.host, err = service.Open(ctx, service.Config{
		Dir: candidate.Dir, Commands: commands, SMTPURL: "smtp://127.0.0.1:1", Postgres: r.c.Plan.Database == "postgres",
		Extra: environment(s.bench, r.upstream.url), KeepLogs: filepath.Join(r.o.Dir, Logs, about.ID),
	})
	if err != nil {
		return nil, err
	}
	err = s.startWorkers(ctx, r.c.Plan.Workers)
	if err == nil {
		err = r.startBare(ctx, s, candidate, facts)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// startWorkers starts as many instances as were asked for, which share a database.
func (s *subject) startWorkers(ctx context.Context, n int) error {
	spec := service.Spec{Name: s.id}
	if n > 1 {
		redis, err := s.host.NewRedis(ctx)
		if err != nil {
			return err
		}
		s.host.Configure(service.Env{"REDIS_URL": redis.URL(), "REPLICAS": fmt.Sprint(n)})
	}
	for len(s.workers) < n {
		in, err := s.host.Start(ctx, spec)
		if err != nil {
			return err
		}
		s.workers = append(s.workers, in)
		spec = service.Spec{Name: fmt.Sprintf("%s %d", s.id, len(s.workers)+1), Share: s.workers[0]}
	}
	for _, account := range []string{loadEmail, loginEmail} {
		if err := s.workers[0].CreateAdmin(ctx, account, password); err != nil {
			return err
		}
	}
	return s.signIn(ctx, Account{loadEmail, password}, Account{loginEmail, password})
}

// restart ends the service and starts it again, and notes what the start took.
func (s *subject) restart(ctx context.Context) error {
	for i, in := range s.workers {
		if _, err := in.Stop(); err != nil {
			return err
		}
		began := time.Now()
		if err := in.Restart(ctx, nil); err != nil {
			return err
		}
		if i > 0 {
			continue
		}
		s.about.Costs.ColdStart = append(s.about.Costs.ColdStart, millis(time.Since(began)))
		if used, err := cpuTime(in.PID()); err == nil {
			s.about.Costs.ColdStartCPU = append(s.about.Costs.ColdStartCPU, millis(used))
		}
	}
	if err := s.signIn(ctx, Account{loadEmail, password}, Account{loginEmail, password}); err != nil || s.bare == nil {
		return err
	}
	if err := s.bare.workers[0].Restart(ctx, nil); err != nil {
		return err
	}
	return s.bare.follow(s)
}

// ended says how a service has ended by itself, "" while it runs.
func (s *subject) ended() string {
	for _, in := range s.workers {
		if code, over := in.Exited(); over {
			return fmt.Sprintf("the service ended with exit code %d", code)
		}
	}
	return ""
}

// pids are the processes to look at: leaders of what was started, or whoever listens
// at a loopback address. None where the system does not tell.
func (s *subject) pids() []int {
	if !hasProc() {
		return nil
	}
	var all []int
	for _, in := range s.workers {
		all = append(all, in.PID())
	}
	if s.workers == nil {
		return s.listener
	}
	return all
}

// listening is the first process that listens at a loopback address.
func listening(address string) []int {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	ip := net.ParseIP(u.Hostname())
	if u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return nil
	}
	pids, err := listeners(port)
	if err != nil || len(pids) == 0 || pids[0] == os.Getpid() {
		return nil // of our own CPU time nothing could be told apart
	}
	return pids[:1]
}

// cpu is what all processes of a service have used so far.
func (s *subject) cpu() (total time.Duration, known bool) {
	pids := s.pids()
	for _, pid := range pids {
		used, err := cpuTime(pid)
		if err != nil {
			return 0, false
		}
		total += used
	}
	return total, len(pids) > 0
}

// memory is what all processes of a service hold now, in bytes.
func (s *subject) memory() (total int64, known bool) {
	pids := s.pids()
	for _, pid := range pids {
		held, err := memory(pid)
		if err != nil {
			return 0, false
		}
		total += held
	}
	return total, len(pids) > 0
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
