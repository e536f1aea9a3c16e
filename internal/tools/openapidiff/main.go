// Command openapidiff names where a service's OpenAPI document differs from the
// one document of the contract.
//
//	openapidiff DIR                                             a generated repository: its own command is asked
//	openapidiff [-auth none] [-native] [-idempotency] FILE      a document
//
// It exits with 1 if there are differences and with 2 if it could not look.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"example.com/scaffold/internal/contract"
	"example.com/scaffold/internal/contract/openapi"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	found, err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "openapidiff:", err)
		os.Exit(2)
	case found:
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) (bool, error) {
	flags := flag.NewFlagSet("openapidiff", flag.ContinueOnError)
	auth := flags.String("auth", "accounts", "of a document: accounts or none")
	native := flags.Bool("native", false, "of a document: the option is on")
	idempotency := flags.Bool("idempotency", false, "of a document: the option is on")
	if err := flags.Parse(args); err != nil {
		return false, err
	}
	if flags.NArg() != 1 {
		return false, fmt.Errorf("one directory or file, not %d", flags.NArg())
	}
	path := flags.Arg(0)
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	options := openapi.Options{Accounts: *auth == "accounts", Native: *native, Idempotency: *idempotency}
	var document []byte
	if info.IsDir() {
		document, options, err = ask(ctx, path)
	} else {
		document, err = os.ReadFile(path)
	}
	if err != nil {
		return false, err
	}
	found, err := openapi.Compare(document, options)
	if err != nil {
		return false, err
	}
	for _, one := range found {
		fmt.Fprintln(out, one)
	}
	return len(found) > 0, nil
}

// ask runs the command of a repository that prints its document.
func ask(ctx context.Context, dir string) ([]byte, openapi.Options, error) {
	text, err := os.ReadFile(filepath.Join(dir, ".scaffold", "contract.yaml"))
	if err != nil {
		return nil, openapi.Options{}, err
	}
	facts, err := contract.ParseFacts(text)
	if err != nil {
		return nil, openapi.Options{}, err
	}
	if len(facts.Run.OpenAPI) == 0 {
		return nil, openapi.Options{}, fmt.Errorf("%s: contract.yaml has no run.openapi", dir)
	}
	cmd := exec.CommandContext(ctx, facts.Run.OpenAPI[0], facts.Run.OpenAPI[1:]...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	document, err := cmd.Output()
	if err != nil {
		return nil, openapi.Options{}, fmt.Errorf("%s: %v: %w", dir, facts.Run.OpenAPI, err)
	}
	return document, openapi.OptionsOf(facts.Accounts(), facts.Options), nil
}
