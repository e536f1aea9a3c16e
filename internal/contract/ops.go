package contract

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.com/scaffold/internal/service"
)

// opsTests are about what runs around the service: keys at rest, the shipped
// proxy, health and the end of a process.
func opsTests() []Test {
	return []Test{
		{ID: "KEY-02", Name: "at rest", Needs: []Need{NeedControl, NeedMail}, Accounts: true, Clauses: []string{"K3", "P7"}, Run: key02},
		{ID: "TLS-01", Name: "protocols", Needs: []Need{NeedTLS}, Clauses: []string{"Z3"}, Run: tls01},
		{ID: "TLS-02", Name: "plain port", Needs: []Need{NeedTLS}, Users: 1, Clauses: []string{"Z3", "W5"}, Run: tls02},
		{ID: "OPS-01", Name: "health", Clauses: []string{"Z1", "L1"}, Run: ops01},
		{ID: "OPS-02", Name: "drain", Needs: []Need{NeedControl}, Clauses: []string{"Z2"}, Run: ops02},
	}
}

func key02(t *T) {
	in := t.Start(service.Spec{Name: "at rest"})
	t.Client = t.ClientTo(in.URL, nil)
	u := t.UserAt(in.URL)
	s := t.SignIn(u)
	t.alive(s)
	pending := t.pending()
	secrets := map[string]string{
		"a password": u.Password, "a pending password": pending.Password, "a refresh token": s.Refresh, "an access token": s.Access,
		"a reset token": t.forgot(u, 2), "a verification token": t.MailToken(pending.Email, 1),
	}
	dump, err := in.Dump(t.ctx)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Control(bytes.Contains(dump, []byte(strings.ToLower(u.Email))), "the dump does not show the user's address, so it is no dump")
	for _, what := range []string{"a refresh token", "a reset token", "a verification token"} {
		t.Control(containsSum(dump, secrets[what]), "the dump does not have the SHA-256 of %s", what)
	}
	for what, secret := range secrets {
		t.Refusal(!bytes.Contains(dump, []byte(secret)) && !bytes.Contains(dump, []byte(hex.EncodeToString([]byte(secret)))), nil,
			"the database has %s in clear", what)
	}
	hashes := argon2Hashes(dump)
	t.Control(len(hashes) > 0, "the database has no Argon2id hash")
	for _, h := range hashes {
		t.Check(h.memory >= 19*1024 && h.time >= 2 && h.lanes == 1, "a password is hashed with m=%d KiB, t=%d, p=%d, below the floor of 19 MiB, 2 and 1", h.memory, h.time, h.lanes)
	}
	for _, other := range []string{"$argon2i$", "$argon2d$", "$2a$", "$2b$", "$2y$", "pbkdf2", "$scrypt$"} {
		t.Check(!bytes.Contains(dump, []byte(other)), "the database has a hash of the kind %s", other)
	}
}

// containsSum reports whether a dump has the SHA-256 of a token in one of the
// forms in which it may be stored.
func containsSum(dump []byte, token string) bool {
	sum := sha256.Sum256([]byte(token))
	for _, form := range [][]byte{
		sum[:],
		[]byte(hex.EncodeToString(sum[:])),
		[]byte(base64.RawURLEncoding.EncodeToString(sum[:])),
		[]byte(base64.RawStdEncoding.EncodeToString(sum[:])),
	} {
		if bytes.Contains(dump, form) {
			return true
		}
	}
	return false
}

// argon2Hash are the parameters of a stored hash: memory in KiB, passes, lanes.
type argon2Hash struct{ memory, time, lanes int }

// argon2Hashes finds every Argon2id hash in the PHC string format.
func argon2Hashes(dump []byte) []argon2Hash {
	var out []argon2Hash
	for _, m := range regexp.MustCompile(`\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$`).FindAllSubmatch(dump, -1) {
		var n [3]int
		for i := range n {
			n[i], _ = strconv.Atoi(string(m[i+1])) // digits; one too long reads as the largest number
		}
		out = append(out, argon2Hash{n[0], n[1], n[2]})
	}
	return out
}

func tls01(t *T) {
	address := hostPort(t.run.target.TLSURL)
	dial := func(version uint16) error {
		dialer := tls.Dialer{
			NetDialer: &net.Dialer{Timeout: 5 * time.Second},
			Config:    &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}, //nolint:gosec // which versions are spoken is the question
		}
		conn, err := dialer.DialContext(t.ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	err := dial(tls.VersionTLS13)
	t.Control(err == nil, "TLS 1.3 is not spoken: %v", err)
	for name, version := range map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12} {
		t.Refusal(dial(version) != nil, nil, "TLS %s is spoken", name)
	}
}

func tls02(t *T) {
	s := t.SignedIn()
	path := t.First().Path
	public := Host(t.publicHost())
	secure := t.ClientTo(t.run.target.TLSURL, nil)
	options := []Opt{public}
	if t.Accounts() {
		options = append(options, Bearer(s.Access))
	}
	secure.Get(path, options...).Control()
	plain := t.ClientTo(t.run.target.PlainURL, nil)
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
		res := plain.Do(method, path, append(options, MayFail(), NoRetry())...)
		t.Refusal(res.Err != nil || (res.Status >= 400 && res.Status < 500), res.x, "%s over plain HTTP: want no answer or 4xx, got %d", method, res.Status)
		t.Check(res.Header.Get("Location") == "", "plain HTTP redirects to %s", res.Header.Get("Location"))
	}
	socket := plain.Do(http.MethodGet, "/v1/ws", public, Header("Connection", "Upgrade"), Header("Upgrade", "websocket"),
		Header("Sec-WebSocket-Version", "13"), Header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), MayFail(), NoRetry())
	t.Refusal(socket.Err != nil || socket.Status >= 400, socket.x, "a socket over plain HTTP: want a refusal, got %d", socket.Status)
}

func ops01(t *T) {
	for _, path := range []string{"/healthz", "/readyz"} {
		for range 30 {
			res := t.Get(path).Want(http.StatusOK).Exact([]string{"status"})
			res.Text("status")
			for name := range res.Header {
				if strings.HasPrefix(name, "Ratelimit") {
					res.Errorf("%s is counted: it carries %s", path, name)
				}
			}
		}
	}
	t.Get("/healthz", Host("10.0.0.7:8000")).Want(http.StatusOK) // probes use addresses (G8)
	t.Get("/readyz", Host("10.0.0.7:8000")).Want(http.StatusOK)
	t.Check(true, "")
}

func ops02(t *T) {
	in := t.Start(service.Spec{Name: "drain"})
	t.Client = t.ClientTo(in.URL, nil)
	r := t.First()
	authorization := ""
	if t.Accounts() {
		s := t.SignIn(t.UserAt(in.URL))
		s.Make(r)
		authorization = "Authorization: Bearer " + s.Access + "\r\n"
	}
	body, err := json.Marshal(r.Create)
	if err != nil {
		t.Fatalf("%v", err)
	}
	conn, err := t.dial(t.ctx)
	if err != nil {
		t.Fatalf("cannot connect: %v", err)
	}
	defer func() { _ = conn.Close() }() // the answer has been read by then
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", r.Path, hostPort(in.URL), authorization, len(body))
	if _, err := io.WriteString(conn, head+string(body[:len(body)/2])); err != nil {
		t.Fatalf("cannot send: %v", err)
	}
	t.Get("/readyz").Control()
	time.Sleep(300 * time.Millisecond) // the request is in the service's hands
	began := time.Now()
	if err := in.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("cannot send SIGTERM: %v", err)
	}
	time.Sleep(300 * time.Millisecond)
	late := t.fresh().Get("/readyz", MayFail(), NoRetry())
	t.Refusal(late.Err != nil || late.Status == http.StatusServiceUnavailable, late.x, "/readyz while the service ends: want 503 or no connection, got %d", late.Status)
	time.Sleep(2 * time.Second) // a balancer may need a moment to see the probe fail
	fresh := t.fresh().Get(r.Path, MayFail(), NoRetry())
	t.Refusal(fresh.Err != nil || fresh.Status == http.StatusServiceUnavailable, fresh.x, "a new request while the service ends: want 503 or no connection, got %d", fresh.Status)
	if _, err := conn.Write(body[len(body)/2:]); err != nil {
		t.Fatalf("the connection of a request in flight was closed: %v", err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatalf("%v", err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("a request in flight at SIGTERM got no answer: %v", err)
	}
	defer func() { _ = answer.Body.Close() }() // only the status counts
	t.Check(answer.StatusCode == http.StatusCreated, "a request in flight at SIGTERM: want 201, got %d", answer.StatusCode)
	select {
	case <-in.Done():
	case <-time.After(30*time.Second - time.Since(began)):
		t.Fatalf("the service still runs 30 s after SIGTERM")
	}
	code, _ := in.Exited()
	t.Check(code == 0, "the exit code after SIGTERM is %d, want 0", code)
}
