package compare

import (
	"regexp"

	"example.com/scaffold/internal/compare/result"
)

// look finds out how a service runs, whatever it was asked for.
func (s *subject) look(p result.Plan) {
	parity := &s.about.Parity
	parity.Database = p.Database
	if held, known := s.memory(); known && s.about.Costs.IdleBytes == nil {
		s.about.Costs.IdleBytes = &held
	}
	parity.Processes, parity.Workers = 0, 0
	for _, pid := range s.pids() {
		all := tree(pid)
		parity.Processes += len(all)
		parity.Workers += leaves(all)
	}
	if s.workers != nil {
		parity.Mode = s.workers[0].Env()["APP_ENV"]
	}
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

var argon2Hash = regexp.MustCompile(`\$argon2id\$v=\d+\$(m=\d+,t=\d+,p=\d+)\$`)
