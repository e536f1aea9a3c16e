package compare

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"example.com/scaffold/internal/compare/result"
)

// File is the name of the result in the folder of a comparison.
const File = "result.json"

// Logs is the folder there that takes what the services write.
const Logs = "logs"

// Load reads the result in a folder.
func Load(dir string) (*result.Comparison, error) {
	file := filepath.Join(dir, File)
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var c result.Comparison
	if err := json.Unmarshal(text, &c); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if c.Schema != result.Schema {
		return nil, fmt.Errorf("%s was written in form %d, and this version reads form %d", file, c.Schema, result.Schema)
	}
	return &c, nil
}

// save writes the result: the old file or the new one is there, never a part.
func save(dir string, c *result.Comparison) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return result.Write(filepath.Join(dir, File), append(text, '\n'))
}
