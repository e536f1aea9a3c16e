package packdev

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// RunsByItself says when a file runs without anybody starting it, "" if it does not.
func RunsByItself(p string, data []byte) string {
	name := path.Base(p)
	is := func(names ...string) bool { return slices.Contains(names, name) }
	within := func(folders ...string) bool {
		return slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(p, f) })
	}
	switch {
	case is(".envrc", "mise.toml", ".mise.toml"):
		return "runs when a shell enters the folder (direnv, mise)"
	case within(".vscode/tasks.json", ".vscode/settings.json", ".idea/", ".zed/"):
		return "may run when an editor opens the project"
	case within(".devcontainer"):
		return "runs when an editor opens the project in its container"
	case is("conftest.py"):
		return "runs with the tests, and when an editor looks for them"
	case is("sitecustomize.py", "usercustomize.py"), path.Ext(name) == ".pth":
		return "runs when Python starts"
	case is(".npmrc", "pip.conf", ".yarnrc.yml", "uv.toml", ".pypirc"):
		return "changes where packages are installed from"
	case is("setup.py", "binding.gyp", "build.rs"):
		return "runs when the project is installed"
	case is("package.json") && installs(data):
		return "runs its scripts when packages are installed"
	case is(".gitlab-ci.yml", "Jenkinsfile", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", ".drone.yml"),
		within(".github/workflows/", ".github/actions/", ".gitea/workflows/", ".forgejo/workflows/", ".circleci/"):
		return "runs in CI"
	case is(".pre-commit-config.yaml", "lefthook.yml", "lefthook.yaml"), within(".husky/"):
		return "runs when a change is committed"
	}
	return ""
}

// installs tells whether npm runs a script of a package.json without being asked to.
func installs(data []byte) bool {
	var doc struct {
		Scripts map[string]any `json:"scripts"`
	}
	if json.Unmarshal(data, &doc) != nil {
		return false
	}
	return slices.ContainsFunc([]string{"preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "dependencies"}, func(script string) bool {
		return doc.Scripts[script] != nil
	})
}
