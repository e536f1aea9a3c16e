//go:build unix

package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"
)

const (
	who    = "ada"
	secret = "correct-horse"
)

// person is somebody with a home of her own, who runs the program.
type person struct {
	dir, home string
	env       []string
}

func newPerson(t *testing.T) *person {
	t.Helper()
	p := &person{dir: t.TempDir(), home: t.TempDir()}
	p.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.home, "GIT_CONFIG_NOSYSTEM=1", "XDG_CONFIG_HOME=" + filepath.Join(p.home, ".config")}
	writeAll(t, p.home, map[string]string{".gitconfig": "[user]\nname = Ada Lovelace\nemail = ada@example.test\n[init]\ndefaultBranch = main\n"})
	return p
}

// run returns what a program prints, its remarks and errors included.
func (p *person) run(t *testing.T, argv ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = p.dir, p.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p *person) must(t *testing.T, argv ...string) string {
	t.Helper()
	out, err := p.run(t, argv...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", argv, err, out)
	}
	return strings.TrimSpace(out)
}

// refused runs a command that must fail, and say so in these words.
func (p *person) refused(t *testing.T, want string, argv ...string) {
	t.Helper()
	if out, err := p.run(t, argv...); err == nil || !strings.Contains(out, want) {
		t.Errorf("%v: %v, want %q in\n%s", argv, err, want, out)
	} else if strings.Contains(out, secret) {
		t.Errorf("%v prints the password:\n%s", argv, out)
	}
}

// serveHTTPS serves the repositories below dir by git's own program, to those who
// know the password; /moved leads to another host, /old to the repository's new name.
func serveHTTPS(t *testing.T, p *person, dir string) *httptest.Server {
	t.Helper()
	backend := &cgi.Handler{
		Path: filepath.Join(p.must(t, "git", "--exec-path"), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + dir, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "HOME=" + p.home},
	}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/moved/"); ok {
			http.Redirect(w, r, "https://elsewhere.example.test/"+rest+"?"+r.URL.RawQuery, http.StatusFound)
			return
		}
		if rest, ok := strings.CutPrefix(r.URL.Path, "/old/"); ok {
			http.Redirect(w, r, "/"+rest+"?"+r.URL.RawQuery, http.StatusMovedPermanently)
			return
		}
		if user, password, ok := r.BasicAuth(); !ok || user != who || password != secret {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	authority := filepath.Join(p.home, "authority.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, data, 0o600); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "SSL_CERT_FILE="+authority)
	return server
}

// sshServer is one that gives git-upload-pack to whoever has the key.
type sshServer struct {
	addr string
	host ssh.Signer
}

func newSigner(t *testing.T) (ssh.Signer, ed25519.PrivateKey) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return signer, key
}

func serveSSH(t *testing.T, allowed ssh.PublicKey) sshServer {
	t.Helper()
	host, _ := newSigner(t)
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if !bytes.Equal(key.Marshal(), allowed.Marshal()) {
			return nil, errors.New("not this one")
		}
		return nil, nil
	}}
	config.AddHostKey(host)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serveConn(t.Context(), conn, config)
		}
	}()
	return sshServer{addr: listener.Addr().String(), host: host}
}

func serveConn(ctx context.Context, conn net.Conn, config *ssh.ServerConfig) {
	defer func() { _ = conn.Close() }()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for c := range channels {
		channel, requests, err := c.Accept()
		if err != nil {
			return
		}
		for req := range requests {
			var asked struct{ Command string }
			if req.Type != "exec" || ssh.Unmarshal(req.Payload, &asked) != nil || !strings.HasPrefix(asked.Command, "git-upload-pack '") {
				_ = req.Reply(false, nil)
				continue
			}
			_ = req.Reply(true, nil)
			cmd := exec.CommandContext(ctx, "sh", "-c", asked.Command)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = channel, channel, channel.Stderr()
			status := uint32(0)
			if cmd.Run() != nil {
				status = 1
			}
			_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
			_ = channel.Close()
		}
	}
}

// serveAgent is an ssh agent with one key, at the socket it returns.
func serveAgent(t *testing.T, key ed25519.PrivateKey) string {
	t.Helper()
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "agent") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				if err := agent.ServeAgent(ring, conn); !errors.Is(err, io.EOF) {
					_ = conn.Close()
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// packsRepository is a bare repository below a folder: a pack in the subfolder tiny,
// version 1 tagged, version 2 on the branch next. It returns the folder and the
// commit of version 1.
func packsRepository(t *testing.T, p *person) (dir, commit string) {
	t.Helper()
	work := t.TempDir()
	git := func(args ...string) string {
		return p.must(t, append([]string{"git", "-C", work}, args...)...)
	}
	git("init", "-q")
	writeAll(t, work, map[string]string{"tiny/scaffold.yaml": fmt.Sprintf(tinyPack, "1.0.0"), "tiny/base/poem.txt": "one\n"})
	git("add", "-A")
	git("commit", "-qm", "one")
	git("tag", "-a", "-m", "one", "v1.0.0")
	git("checkout", "-qb", "next")
	writeAll(t, work, map[string]string{"tiny/scaffold.yaml": fmt.Sprintf(tinyPack, "2.0.0"), "tiny/base/poem.txt": "two\n"})
	git("commit", "-qam", "two")
	dir = t.TempDir()
	git("clone", "-q", "--bare", ".", filepath.Join(dir, "packs.git"))
	return dir, git("rev-parse", "v1.0.0^{commit}")
}

// follows generates from a repository at a URL by tag, branch and commit, updates,
// and looks for the password in whatever was written.
func follows(t *testing.T, p *person, url, commit string) {
	t.Helper()
	for i, tc := range []struct{ ref, poem string }{{"v1.0.0", "one\n"}, {"next", "two\n"}, {commit, "one\n"}, {"", "one\n"}} {
		name := fmt.Sprintf("shop%d", i)
		source := url + "//tiny"
		if tc.ref != "" {
			source += "@" + tc.ref
		}
		p.must(t, "scaffold", "new", name, "--pack", source, "--yes")
		data, err := os.ReadFile(filepath.Join(p.dir, name, "poem.txt"))
		if err != nil || string(data) != tc.poem {
			t.Errorf("%s gives %q, %v", source, data, err)
		}
	}
	lock, err := os.ReadFile(filepath.Join(p.dir, "shop0", ".scaffold", "lock.json"))
	if err != nil || !strings.Contains(string(lock), `"source": "`+url+`//tiny@v1.0.0"`) || !strings.Contains(string(lock), commit) {
		t.Errorf("the lock names neither source nor commit (%v):\n%s", err, lock)
	}
	if out := p.must(t, "scaffold", "update", "shop0"); !strings.Contains(out, "Nothing to do") {
		t.Error(out)
	}
	if out := p.must(t, "scaffold", "update", "shop0", "--to", "next"); !strings.Contains(out, "Now at tiny 2.0.0") {
		t.Error(out)
	}
	if out := p.must(t, "scaffold", "undo", "shop0"); !strings.Contains(out, "Took back") {
		t.Error(out)
	}
	for _, dir := range []string{p.dir, filepath.Join(p.home, ".cache")} {
		err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(at)
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds the password", at)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	p.refused(t, `there is no tag or branch "v9"`, "scaffold", "new", "none", "--pack", url+"//tiny@v9", "--yes")
	p.refused(t, "has no folder nowhere", "scaffold", "new", "none", "--pack", url+"//nowhere@v1.0.0", "--yes")
}

func TestPacksOverHTTPS(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	dir, commit := packsRepository(t, p)
	server := serveHTTPS(t, p, dir)
	url := server.URL + "/packs.git"
	again := []string{"scaffold", "new", "none", "--pack", url + "//tiny@v1.0.0", "--yes"}

	p.refused(t, "git's credential helpers have none for it", again...)
	helper := func(password string) {
		config := fmt.Sprintf("[credential]\n\thelper = \"!f() { test \\\"$1\\\" = get && printf 'username=%s\\\\npassword=%s\\\\n'; }; f\"\n", who, password)
		writeAll(t, p.home, map[string]string{".config/git/config": config})
	}
	helper("wrong")
	p.refused(t, "refuses the user and password that git's credential helpers have", again...)
	helper(secret)
	follows(t, p, url, commit)

	p.must(t, "scaffold", "new", "renamed", "--pack", server.URL+"/old/packs.git//tiny@v1.0.0", "--yes")
	p.refused(t, "redirects to another host, elsewhere.example.test", "scaffold", "new", "none", "--pack", server.URL+"/moved/packs.git//tiny@v1.0.0", "--yes")
	p.refused(t, "holds credentials", "scaffold", "new", "none", "--pack", strings.Replace(url, "://", "://ada:"+secret+"@", 1), "--yes")

	// Nobody answers any more: what was used before still serves, and it is said.
	server.Close()
	if out := p.must(t, "scaffold", "update", "shop0"); !strings.Contains(out, "cannot reach "+url) || !strings.Contains(out, "Nothing to do") {
		t.Error(out)
	}
	p.refused(t, "and this machine has not used it before", "scaffold", "new", "none", "--pack", url+"//tiny@v2.0.0", "--yes")
}

func TestPacksOverSSH(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	dir, commit := packsRepository(t, p)
	mine, key := newSigner(t)
	server := serveSSH(t, mine.PublicKey())
	url := "ssh://git@" + server.addr + dir + "/packs.git"
	again := []string{"scaffold", "new", "none", "--pack", url + "//tiny@v1.0.0", "--yes"}
	trust := func(host ssh.Signer) {
		writeAll(t, p.home, map[string]string{".ssh/known_hosts": knownhosts.Line([]string{server.addr}, host.PublicKey()) + "\n"})
	}

	// A host whose key nobody has confirmed, and one that has another key than it had.
	p.refused(t, "the key of 127.0.0.1 is not known: connect once with ssh", again...)
	writeAll(t, p.home, map[string]string{".ssh/known_hosts": ""})
	p.refused(t, "the key of 127.0.0.1 is not known: connect once with ssh", again...)
	trust(mine)
	p.refused(t, "is not the one in known_hosts", again...)

	// No key, then one in a file, then one that an agent holds.
	trust(server.host)
	p.refused(t, "takes none of your keys", again...)
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(p.home, ".ssh", "id_ed25519")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	follows(t, p, url, commit)
	if err := errors.Join(os.Remove(file), os.RemoveAll(filepath.Join(p.home, ".cache"))); err != nil {
		t.Fatal(err)
	}
	p.refused(t, "takes none of your keys", again...)
	p.env = append(p.env, "SSH_AUTH_SOCK="+serveAgent(t, key))
	p.must(t, "scaffold", "new", "by-agent", "--pack", url+"//tiny@v1.0.0", "--yes")
}
