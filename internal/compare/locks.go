package compare

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/pelletier/go-toml/v2"
)

// dependencies are counted from the locks of a repository, for production only.
type dependencies struct {
	direct, all int
	scripts     int // packages that run code when they are installed
}

var pinned = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(\[[^]]*\])?==`)

// addPython counts requirements.lock and what pyproject.toml beside it asks for.
func (d *dependencies) addPython(dir string) error {
	lock, err := os.ReadFile(filepath.Join(dir, "requirements.lock"))
	if err != nil {
		return err
	}
	rows := bufio.NewScanner(bytes.NewReader(lock))
	for rows.Scan() {
		if pinned.Match(rows.Bytes()) {
			d.all++
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	file := filepath.Join(dir, "pyproject.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var manifest struct {
		Project struct{ Dependencies []string }
	}
	if err := toml.Unmarshal(text, &manifest); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	d.direct += len(manifest.Project.Dependencies)
	return nil
}

// addNode counts a package-lock.json of npm's version 2 or 3.
func (d *dependencies) addNode(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var lock struct {
		Packages map[string]struct {
			Dependencies     map[string]string
			Dev, DevOptional bool
			HasInstallScript bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for name, p := range lock.Packages {
		switch {
		case name == "":
			d.direct += len(p.Dependencies)
		case !p.Dev && !p.DevOptional:
			d.all++
			if p.HasInstallScript {
				d.scripts++
			}
		}
	}
	return nil
}
