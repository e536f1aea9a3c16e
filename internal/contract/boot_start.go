package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/scaffold/internal/service"
)

const (
	bootLimit    = 10 * time.Second // by section B
	bootGiveUp   = 30 * time.Second // a start that has not been refused by then never will be
	bootStays    = 5 * time.Second  // alive for so long without being ready, it will not refuse any more
	bootPatience = 60 * time.Second // with a good start, on a busy machine
)

// setting is one bad value of one variable.
type setting struct {
	test        string // whose it is
	name, value string
	unset       bool   // the variable is missing instead
	early       bool   // noticed while variables are read, before any are judged
	called      string // for people, where the value is no help; empty: name and value
	names       string // what the message may name instead of the variable, separated by spaces
}

func (s setting) String() string {
	switch {
	case s.called != "":
		return s.called
	case s.unset:
		return s.name + " missing"
	case strings.Contains(s.value, "-----BEGIN"):
		return s.name + " with another key"
	}
	return s.name + "=" + s.value
}

// start is one attempt to start with bad settings, of one variable each.
type start struct {
	settings []setting
	extra    service.Env // needed for the bad settings to matter
	on       *service.Postgres

	running bool // it did not refuse, and was ended
	code    int
	took    time.Duration
	out     string
	err     error // why it could not be tried
}

// together puts settings into as few starts as have each variable once: a
// message that names every one of them has noticed every one of them. Early ones
// stay among themselves, for they may keep a service from looking at the rest.
func together(settings []setting) []*start {
	var starts []*start
next:
	for _, s := range settings {
		for _, st := range starts {
			if !slices.ContainsFunc(st.settings, func(other setting) bool { return other.name == s.name || other.early != s.early }) {
				st.settings = append(st.settings, s)
				continue next
			}
		}
		starts = append(starts, &start{settings: []setting{s}})
	}
	return starts
}

// of are the start's settings that belong to a test.
func (st *start) of(test string) []setting {
	return slices.DeleteFunc(slices.Clone(st.settings), func(s setting) bool { return s.test != test })
}

// bootStarts are what the BOOT tests of one run share: the starts with the bad
// settings of all that are run, and what a good start took beside them, which is the
// measure of how busy this machine is.
type bootStarts struct {
	once   sync.Once
	starts []*start
	good   time.Duration
	err    error
}

// tries says whether a setting is among those of the run.
func (r *run) tries(setting string) bool { return r.settings == nil || r.settings(setting) }

// tryAll makes the shared starts.
func (b *bootStarts) tryAll(t *T) {
	settings, err := badSettings(t.run.target.Facts)
	if err != nil {
		b.err = err
		return
	}
	b.starts = together(slices.DeleteFunc(settings, func(s setting) bool { return !t.run.chosen[s.test] || !t.run.tries(s.String()) }))
	var wg sync.WaitGroup
	for _, st := range b.starts {
		wg.Go(func() { t.try(st) })
	}
	good, failure, err := t.Host().Launch(t.ctx, service.Spec{Name: "good"}, bootPatience)
	wg.Wait()
	if err == nil {
		err = failure
	}
	if err != nil {
		b.err = fmt.Errorf("the service does not start with a good environment: %w", err)
		return
	}
	b.good = good.Took
	_, b.err = good.Stop()
}

// refuseStarts asserts that the service refuses every bad setting of this test,
// and more starts.
func (t *T) refuseStarts(more ...*start) {
	shared := &t.run.boot
	shared.once.Do(func() { shared.tryAll(t) })
	t.Control(shared.err == nil, "%v", shared.err)
	limit := max(bootLimit, 2*shared.good)
	starts := more
	for _, st := range shared.starts {
		mine := st.of(t.test.ID)
		if len(mine) == 0 {
			continue
		}
		if st.refused(mine, limit) == "" {
			t.refusals.Add(1)
			continue
		}
		if st.running && len(st.settings) == 1 {
			t.refusals.Add(1)
			t.Errorf("%s", st.refused(mine, limit)) // nothing else can be the reason
			continue
		}
		for _, s := range mine { // which of them is it?
			starts = append(starts, &start{settings: []setting{s}, extra: st.extra, on: st.on})
		}
	}
	var wg sync.WaitGroup
	for _, st := range starts {
		wg.Go(func() { t.try(st) })
	}
	wg.Wait()
	for _, st := range starts {
		t.refusals.Add(1)
		if complaint := st.refused(st.settings, limit); complaint != "" {
			t.Errorf("%s", complaint)
		}
	}
}

// try makes the attempt and ends what runs.
func (t *T) try(st *start) {
	// One that is alive and stays so has not refused, whether or not it gets ready without its database.
	spec := service.Spec{Name: "boot", Set: service.Env{}, Database: st.on, Probe: "/healthz"}
	maps.Copy(spec.Set, st.extra)
	for _, s := range st.settings {
		if s.unset {
			spec.Unset = append(spec.Unset, s.name)
		} else {
			spec.Set[s.name] = s.value
		}
	}
	in, _, err := t.Host().Launch(t.ctx, spec, bootGiveUp)
	if err != nil {
		st.err = err
		return
	}
	alive := time.Now()
	stays := in.Stays(t.ctx, bootStays)
	st.took = in.Took + time.Since(alive)
	if st.code, _ = in.Exited(); stays {
		st.running = true
		_, st.err = in.Stop()
		return
	}
	out, err := in.Output()
	st.out, st.err = string(out), err
}

// refused says what is wrong with a start that should have been refused for
// each of the settings; empty: nothing.
func (st *start) refused(settings []setting, limit time.Duration) string {
	what := fmt.Sprint(settings)
	switch {
	case st.err != nil:
		return fmt.Sprintf("%s: the start could not be tried: %v", what, st.err)
	case st.running:
		return what + ": the service starts"
	case st.code == 0:
		return what + ": exit code 0, want another"
	case st.took > limit:
		return fmt.Sprintf("%s: the refusal took %v, want at most %v", what, st.took, limit)
	}
	for _, s := range settings {
		words := append(strings.Fields(s.names), s.name)
		if !slices.ContainsFunc(words, func(word string) bool { return strings.Contains(st.out, word) }) {
			return fmt.Sprintf("%v: the message does not name %s:\n%s", s, strings.Join(words, " or "), clip([]byte(st.out)))
		}
		if secretVariable(s.name) && len(s.value) >= 8 && strings.Contains(st.out, s.value) {
			return fmt.Sprintf("%v: the message shows the value of %s", s.name, s.name)
		}
	}
	return ""
}

// secretVariable reports whether a variable's value may never be shown.
func secretVariable(name string) bool {
	switch name {
	case "CURSOR_SECRET", "JWT_PRIVATE_KEYS", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "FIELD_KEYS":
		return true
	}
	return false
}
