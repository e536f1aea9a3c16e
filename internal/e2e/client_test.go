package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/openapi"
	"example.com/scaffold/internal/contract/selfhost"
	"example.com/scaffold/internal/pack"
)

// client is a program that uses nothing but a client made from the contract's
// document, in one language.
type client struct {
	language string
	argv     []string // followed by the service's address and an e-mail address
	dir      string
}

// A client that is made once, from the one document, works unchanged with every
// stack, and its compiler has checked the types of whatever it sends and reads.
func TestClientsWorkWithEveryStack(t *testing.T) {
	t.Parallel()
	all, err := stacks()
	if err != nil {
		t.Fatal(err)
	}
	clients := buildClients(t, all)
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			timed(t, s.name)
			run, err := selfhost.Open(t.Context(), selfhost.Options{Dir: s.prepare(t, "--native", "--idempotency")})
			if err != nil {
				t.Fatal(err)
			}
			defer run.Close()
			for _, c := range clients {
				c.use(t, run)
			}
		})
	}
}

// buildClients makes one client of each kind that the stacks' make client makes,
// from the source instead of what the service prints, and compiles a program
// against it.
func buildClients(t *testing.T, all []stack) []client {
	t.Helper()
	document, err := openapi.Render(openapi.Options{Title: "Shop", Accounts: true, Native: true, Idempotency: true})
	if err != nil {
		t.Fatal(err)
	}
	var built []client
	have := map[string]bool{}
	for _, s := range all {
		language := "Python"
		if s.units[0].has(pack.LockNpm) {
			language = "TypeScript"
		}
		if have[language] || len(s.pack.Parts) > 0 {
			continue
		}
		have[language] = true
		dir := s.prepare(t, "--native", "--idempotency")
		if err := os.WriteFile(filepath.Join(dir, "openapi.json"), document, 0o600); err != nil {
			t.Fatal(err)
		}
		testdata := filepath.Join(root, "internal", "e2e", "testdata", "client")
		made := filepath.Join(dir, "client")
		// The document stays the one that was put there.
		command(t, dir, "make", "--assume-old=openapi", "client")
		if language == "TypeScript" {
			command(t, dir, "cp", filepath.Join(testdata, "flow.ts"), filepath.Join(made, "src"))
			command(t, made, "npm", "run", "--silent", "build")
			built = append(built, client{language, []string{"node", filepath.Join(made, "dist", "flow.js")}, made})
		} else {
			command(t, dir, "cp", filepath.Join(testdata, "flow.py"), made)
			bin := filepath.Join(dir, ".venv", "bin")
			command(t, made, filepath.Join(bin, "mypy"), "--config-file=", "--strict", "flow.py", "shop_client")
			built = append(built, client{language, []string{filepath.Join(bin, "python"), "flow.py"}, made})
		}
	}
	if len(built) != 2 {
		t.Fatalf("clients were made in %d languages, not in two", len(built))
	}
	return built
}

// use runs the program against a service, and hands it the token that is mailed.
func (c client) use(t *testing.T, run *selfhost.Run) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	email := strings.ToLower(c.language) + "@example.test"
	cmd := exec.CommandContext(ctx, c.argv[0], append(c.argv[1:], run.Target.Base, email)...)
	cmd.Dir, cmd.Env = c.dir, environ(t.TempDir())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	mails, err := run.Target.Mail.Wait(ctx, email, 1)
	if err == nil {
		_, tokens := contract.Links(mails[0].Text(), run.Target.AppURL)
		_, err = fmt.Fprintln(stdin, strings.Join(tokens, " "))
	}
	if ended := cmd.Wait(); ended != nil || err != nil {
		t.Fatalf("the %s client: %v, %v\n%s", c.language, ended, err, tail(out.String()))
	}
}
