package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Exchange is one recorded request with its answer.
type Exchange struct {
	Test   string // the test that made it
	Group  string
	Base   string // address it was sent to
	Method string
	Target string // path and query as sent
	Source string // the local address it came from
	Who    string // for messages, where the request does not tell
	Header http.Header
	Body   []byte
	Raw    []byte // set instead of the four above for hand-written bytes

	Status     int // zero: no answer
	RespHeader http.Header
	RespBody   []byte
	Parser     bool // answered by the server's parser, not by the application
	Err        error
	At         time.Time
	Took       time.Duration
}

const shown = 2 << 10 // bytes of a body that a report shows

// Request writes the request as text, long bodies cut.
func (x *Exchange) Request() string {
	if x.Raw != nil {
		return clip(x.Raw)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", x.Method, x.Target)
	writeHeader(&b, x.Header)
	if len(x.Body) > 0 {
		b.WriteString("\n" + clip(x.Body))
	}
	return b.String()
}

// Response writes the answer as text, long bodies cut.
func (x *Exchange) Response() string {
	if x.Status == 0 {
		return fmt.Sprintf("no answer: %v", x.Err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", x.Status, http.StatusText(x.Status))
	writeHeader(&b, x.RespHeader)
	if len(x.RespBody) > 0 {
		b.WriteString("\n" + clip(x.RespBody))
	}
	return b.String()
}

func writeHeader(b *strings.Builder, h http.Header) {
	names := make([]string, 0, len(h))
	for n := range h {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		for _, v := range h[n] {
			fmt.Fprintf(b, "%s: %s\n", n, clip([]byte(v)))
		}
	}
}

// clip cuts long bytes and makes what a terminal would obey visible.
func clip(p []byte) string {
	more := ""
	if len(p) > shown {
		more = fmt.Sprintf("… (%d bytes)", len(p))
		p = p[:shown]
	}
	var b strings.Builder
	for len(p) > 0 {
		r, n := utf8.DecodeRune(p)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, p[0])
		case r == '\n', r == '\t':
			b.WriteRune(r)
		case r < 0x20, r == 0x7f, r >= 0x80 && r < 0xa0:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
		p = p[n:]
	}
	return b.String() + more
}

// recorder keeps every exchange of a run and every secret that was seen.
type recorder struct {
	mu        sync.Mutex
	exchanges []*Exchange
	secrets   map[string]string // secret → kind
}

func newRecorder() *recorder { return &recorder{secrets: map[string]string{}} }

func (r *recorder) add(x *Exchange) {
	r.mu.Lock()
	r.exchanges = append(r.exchanges, x)
	r.mu.Unlock()
	for _, h := range []http.Header{x.Header, x.RespHeader} {
		for _, v := range h["Authorization"] {
			if _, token, ok := strings.Cut(v, " "); ok {
				r.secret("bearer", token)
			}
		}
		for _, v := range slices.Concat(h["Cookie"], h["Set-Cookie"]) {
			if _, value, ok := strings.Cut(v, "="); ok {
				value, _, _ = strings.Cut(value, ";")
				r.secret("cookie", value)
			}
		}
	}
	r.harvest(x.Body)
	r.harvest(x.RespBody)
}

// harvest takes the secrets out of a JSON object by the names of its members.
func (r *recorder) harvest(body []byte) {
	if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return
	}
	var members map[string]any
	if json.Unmarshal(body, &members) != nil {
		return
	}
	for _, name := range secretMembers() {
		if s, ok := members[name].(string); ok {
			r.secret(name, s)
		}
	}
}

// secretMembers are the members of bodies that hold secrets.
func secretMembers() []string {
	return []string{
		"password", "new_password", "current_password",
		"token", "access_token", "refresh_token", "ticket",
	}
}

// minSecret is the length from which a secret is told apart from a word that
// may stand in a log for other reasons.
const minSecret = 12

func (r *recorder) secret(kind, s string) {
	if len(strings.TrimSpace(s)) < minSecret {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets[s] = kind
}

func (r *recorder) all() []*Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.exchanges)
}

func (r *recorder) allSecrets() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[string]string, len(r.secrets))
	for s, k := range r.secrets {
		out[s] = k
	}
	return out
}

// redactor replaces every secret of the run by its kind.
func (r *recorder) redactor() *strings.Replacer {
	secrets := r.allSecrets()
	order := make([]string, 0, len(secrets))
	for s := range secrets {
		order = append(order, s)
	}
	// A secret that begins another must come after it.
	slices.SortFunc(order, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	pairs := make([]string, 0, 4*len(order))
	for _, s := range order {
		hidden := "‹" + secrets[s] + "›"
		pairs = append(pairs, s, hidden)
		if quoted, err := json.Marshal(s); err == nil && string(quoted[1:len(quoted)-1]) != s {
			pairs = append(pairs, string(quoted[1:len(quoted)-1]), hidden)
		}
	}
	return strings.NewReplacer(pairs...)
}
