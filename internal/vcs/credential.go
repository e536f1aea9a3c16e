package vcs

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
)

// GitCredentials asks the person's own git for the user and password of an https
// URL, as git does for itself: its helpers know, and nothing is asked on the
// terminal. ok is false without git, and where it knows none.
func GitCredentials(ctx context.Context, text string) (user, password string, ok bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || strings.ContainsAny(u.Host+u.Path, "\n\x00") {
		return "", "", false
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return "", "", false
	}
	cmd := exec.CommandContext(ctx, git, "credential", "fill")
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never")
	cmd.Stdin = strings.NewReader("protocol=https\nhost=" + u.Host + "\npath=" + strings.TrimPrefix(u.Path, "/") + "\n\n")
	var out bytes.Buffer
	cmd.Stdout = &out
	if cmd.Run() != nil {
		return "", "", false
	}
	for line := range strings.Lines(out.String()) {
		switch key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "="); key {
		case "username":
			user = value
		case "password":
			password = value
		}
	}
	return user, password, user != "" || password != ""
}
