package contract

import (
	"slices"
	"time"
)

// Need is something a test cannot do without beyond the service's address.
type Need string

// The needs, by the letters that reports use.
const (
	NeedMail    Need = "M" // the suite's own mail server receives the service's mail
	NeedKey     Need = "K" // the private key that signs access tokens
	NeedShort   Need = "F" // an instance with lifetimes of a few seconds
	NeedLog     Need = "L" // the service's log
	NeedTLS     Need = "T" // the shipped TLS proxy in front of the service
	NeedControl Need = "C" // a hook that starts, stops and configures services
	NeedLocal   Need = "loopback"
	needUser    Need = "A1"
)

// Hint says what a person does to meet a need.
func (n Need) Hint() string {
	switch n {
	case NeedMail:
		return "the suite's mail server: --smtp-listen, and SMTP_URL of the service pointing there"
	case NeedKey:
		return "the signing key: --signing-key FILE"
	case NeedShort:
		return "an instance with short lifetimes: verify a directory, or --ttl access=3s,…"
	case NeedLog:
		return "the service's log: --log-file FILE"
	case NeedTLS:
		return "the TLS proxy: --tls-url URL"
	case NeedControl:
		return "to start services itself: verify a directory instead of an address"
	case NeedLocal:
		return "a service on loopback, because it would disturb others"
	case needUser:
		return "an account: --user-a EMAIL:PASSWORD --disposable-users, or --smtp-listen"
	}
	return string(n)
}

// Phase is when in a run a test has its turn.
type Phase int

// The phases, in order.
const (
	Parallel Phase = iota // beside others
	Alone                 // one at a time: it measures time or floods the service
	After                 // last, over everything the run recorded
)

// Test is one row of the table.
type Test struct {
	ID      string   // such as "GEN-01"; the part before the dash is the group
	Name    string   // what it looks at, in a few words
	Needs   []Need   // beyond the address and the users
	Users   int      // accounts it signs in with; none are used when auth is none
	Clauses []string // of the contract

	Option   string        // the option that brings it; empty: core
	Accounts bool          // about accounts, so not applicable when auth is none
	Eased    bool          // the development profile relaxes it
	Destroys bool          // changes or deletes the accounts it was given
	Phase    Phase         // when it runs
	Limit    time.Duration // of the whole test; zero: 60 s, or 4 min with a control hook
	Run      func(t *T)
}

// Group is the part of the id before the dash.
func (t Test) Group() string {
	for i := range t.ID {
		if t.ID[i] == '-' {
			return t.ID[:i]
		}
	}
	return t.ID
}

// skipReason says why the target cannot run the test; empty: it can.
func (t Test) skipReason(tg *Target) string {
	f := tg.Facts
	switch {
	case t.Accounts && !f.Accounts():
		return "auth=none"
	case t.Option != "" && !slices.Contains(f.Options, t.Option):
		return "option " + t.Option + " is off"
	case t.Eased && tg.Profile == Development:
		return "development"
	}
	for _, n := range t.Needs {
		if !tg.has(n) {
			return "needs " + string(n) + " (" + n.Hint() + ")"
		}
	}
	if t.Users > 0 && f.Accounts() && !tg.has(NeedMail) && t.Users > len(tg.Users) {
		return "needs " + string(needUser) + " (" + needUser.Hint() + ")"
	}
	return ""
}

// absent reports whether the test is about something the service does not have.
func (t Test) absent(f Facts) bool {
	return t.Accounts && !f.Accounts() || t.Option != "" && !f.Has(t.Option)
}

// limit is how long the test may take. Instances that it starts wait for their
// turn.
func (t Test) limit() time.Duration {
	switch {
	case t.Limit != 0:
		return t.Limit
	case slices.Contains(t.Needs, NeedControl):
		return 4 * time.Minute
	}
	return time.Minute
}
