package tree

import (
	"fmt"
	"io/fs"
)

// CheckPath refuses a path that must not be written anywhere.
func CheckPath(path string) error {
	if !fs.ValidPath(path) || path == "." {
		return fmt.Errorf("%q: not a relative slash-separated path", path)
	}
	return nil
}
