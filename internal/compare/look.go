package compare

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"strings"

	"example.com/scaffold/internal/compare/result"
	"example.com/scaffold/internal/service"
)

// look finds out how a service runs, whatever it was asked for.
func (s *subject) look(ctx context.Context, p result.Plan) error {
	parity := &s.about.Parity
	parity.Processes, parity.Workers = 0, 0
	if held, known := s.memory(); known && s.about.Costs.IdleBytes == nil {
		s.about.Costs.IdleBytes = &held
	}
	for _, pid := range s.pids() {
		all := tree(pid)
		parity.Processes += len(all)
		parity.Workers += leaves(all)
	}
	if s.workers == nil {
		return nil
	}
	in := s.workers[0]
	parity.Database, parity.Mode = p.Database, in.Env()["APP_ENV"]
	stored, err := in.Dump(ctx)
	if err != nil {
		return err
	}
	if found := argon2Hash.FindSubmatch(stored); found != nil {
		parity.Argon2 = string(found[1])
	}
	parity.AccessLog, err = s.logsAccess(ctx, in)
	return err
}

// lookAgain finds out what shows only after a load.
func (s *subject) lookAgain() {
	if s.workers == nil {
		return
	}
	if file, found := strings.CutPrefix(s.workers[0].Env()["DATABASE_URL"], "sqlite:///"); found {
		s.about.Parity.Pool = 0
		for _, pid := range s.pids() {
			s.about.Parity.Pool += openFiles(pid, file)
		}
	}
}

var argon2Hash = regexp.MustCompile(`\$argon2id\$v=\d+\$(m=\d+,t=\d+,p=\d+)\$`)

// logsAccess says whether requests leave lines in the log.
func (s *subject) logsAccess(ctx context.Context, in *service.Instance) (bool, error) {
	const requests = 20
	lines := func() (int, error) {
		text, err := os.ReadFile(in.LogPath)
		return strings.Count(string(text), "\n"), err
	}
	before, err := lines()
	if err != nil {
		return false, err
	}
	for range requests {
		if _, _, err := s.sessions[0].once(ctx, http.MethodGet, "/v1/items", ""); err != nil {
			return false, err
		}
	}
	after, err := lines()
	return after-before >= requests, err
}

// leaves are the processes of a tree without children: a master that only watches
// its workers is none.
func leaves(all []int) int {
	n := 0
	for _, pid := range all {
		if len(tree(pid)) == 1 {
			n++
		}
	}
	return n
}
