package packdev_test

import (
	"strings"
	"testing"

	"example.com/scaffold/internal/packdev"
)

func TestRunsByItself(t *testing.T) {
	for _, c := range []struct{ path, data, want string }{
		{"README.md", "", ""},
		{"src/main.py", "", ""},
		{"package.json", `{"scripts": {"test": "vitest"}}`, ""},
		{"package.json", `{"scripts": {"postinstall": "node x.js"}}`, "when packages are installed"},
		{"web/package.json", `{"scripts": {"prepare": "husky"}}`, "when packages are installed"},
		{"package.json", `{"scripts": `, ""},
		{".envrc", "", "when a shell enters"},
		{".vscode/tasks.json", "", "when an editor opens"},
		{".vscode/extensions.json", "", ""},
		{".devcontainer/devcontainer.json", "", "in its container"},
		{"tests/conftest.py", "", "with the tests"},
		{".npmrc", "", "where packages are installed from"},
		{"setup.py", "", "when the project is installed"},
		{"lib/x.pth", "", "when Python starts"},
		{".github/workflows/ci.yml", "", "in CI"},
		{".gitlab-ci.yml", "", "in CI"},
		{".husky/pre-commit", "", "when a change is committed"},
	} {
		got := packdev.RunsByItself(c.path, []byte(c.data))
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.path, got, c.want)
		}
	}
}
