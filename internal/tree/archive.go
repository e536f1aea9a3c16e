package tree

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// maxArchive bounds what Extract unpacks, in bytes, so that a small archive
// cannot fill the memory.
const maxArchive = 256 << 20

// Archive packs a tree as a gzipped tar without times or owners: the same tree
// gives the same bytes.
func Archive(t *Tree) ([]byte, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	w := tar.NewWriter(zip)
	for path, f := range t.All() {
		mode := int64(0o644)
		if f.Exec {
			mode = 0o755
		}
		head := &tar.Header{Typeflag: tar.TypeReg, Name: path, Mode: mode, Size: int64(len(f.Data))}
		if err := w.WriteHeader(head); err != nil {
			return nil, fmt.Errorf("archive %s: %w", path, err)
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, fmt.Errorf("archive %s: %w", path, err)
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return out.Bytes(), nil
}

// Extract is the inverse of Archive. It refuses anything but regular files
// under paths that Add accepts.
func Extract(data []byte) (*Tree, error) {
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	r := tar.NewReader(io.LimitReader(zip, maxArchive))
	t := new(Tree)
	for {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
		if head.Typeflag != tar.TypeReg {
			return nil, fmt.Errorf("archive: %q is not a regular file", head.Name)
		}
		if head.Size > maxArchive { // said before there is room for it
			return nil, fmt.Errorf("archive %s: is larger than %d MiB", head.Name, maxArchive>>20)
		}
		content := make([]byte, head.Size)
		if _, err := io.ReadFull(r, content); err != nil {
			return nil, fmt.Errorf("archive %s: %w", head.Name, err)
		}
		if err := t.Add(head.Name, File{Data: content, Exec: head.Mode&0o111 != 0}); err != nil {
			return nil, fmt.Errorf("archive: %w", err)
		}
	}
}
