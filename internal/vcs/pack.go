package vcs

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1" //nolint:gosec // the name git gives an object, not a signature
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/idxfile"
	"golang.org/x/sync/errgroup"
)

// A new project's objects all go into one pack without deltas. go-git's own
// writer reads a pack back to index it and hashes everything twice more, which
// takes longer than all the rest of a generation; what is written here is known
// already.

// pack collects objects, each once.
type pack struct {
	objects []packed
	seen    map[plumbing.Hash]bool
}

// packed is one object as it stands in a pack.
type packed struct {
	hash plumbing.Hash
	kind plumbing.ObjectType
	data []byte
	raw  []byte // header and compressed data
}

// add takes in an object and returns its name. The data must not change later.
func (p *pack) add(kind plumbing.ObjectType, data []byte) plumbing.Hash {
	h := sha1.New() //nolint:gosec // as above
	fmt.Fprintf(h, "%s %d\x00", kind, len(data))
	h.Write(data)
	hash := plumbing.Hash(h.Sum(nil))
	if p.seen == nil {
		p.seen = make(map[plumbing.Hash]bool)
	}
	if !p.seen[hash] {
		p.seen[hash] = true
		p.objects = append(p.objects, packed{hash: hash, kind: kind, data: data})
	}
	return hash
}

// write puts the pack and its index into a repository's folder of packs.
func (p *pack) write(ctx context.Context, dir string) error {
	if err := p.compress(ctx); err != nil {
		return err
	}
	draft, err := os.CreateTemp(dir, "tmp_pack_")
	if err != nil {
		return err
	}
	defer func() { _ = draft.Close() }() // closed below; here after an error
	sum := sha1.New()                    //nolint:gosec // as above
	out := bufio.NewWriterSize(io.MultiWriter(draft, sum), 1<<16)
	count := uint32(len(p.objects)) //nolint:gosec // a tree in memory has far fewer than 2^32 files
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("PACK"), 2), count)
	var idx idxfile.Writer
	if err := idx.OnHeader(count); err != nil {
		return err
	}
	at, err := out.Write(head)
	for _, o := range p.objects {
		idx.Add(o.hash, uint64(at), crc32.ChecksumIEEE(o.raw)) //nolint:gosec // a length is not negative
		var n int
		if n, err = out.Write(o.raw); err != nil {
			break
		}
		at += n
	}
	if err := errors.Join(err, out.Flush()); err != nil {
		return err
	}
	name := sum.Sum(nil)
	if _, err := draft.Write(name); err != nil {
		return err
	}
	if err := idx.OnFooter(plumbing.Hash(name)); err != nil {
		return err
	}
	index, err := idx.Index()
	if err != nil {
		return err
	}
	var list bytes.Buffer
	if _, err := idxfile.NewEncoder(&list).Encode(index); err != nil {
		return err
	}
	path := filepath.Join(dir, "pack-"+hex.EncodeToString(name))
	// As git: objects never change, and whoever may read the files may read them.
	return errors.Join(draft.Chmod(0o444), draft.Close(), os.Rename(draft.Name(), path+".pack"), os.WriteFile(path+".idx", list.Bytes(), 0o444))
}

// compress fills in the objects' packed form, one processor beside the other.
// A compressor is large, so each worker makes its own just once.
func (p *pack) compress(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	workers := min(runtime.GOMAXPROCS(0), 4)
	for first := range workers {
		group.Go(func() error {
			fast, err := zlib.NewWriterLevel(io.Discard, zlib.BestSpeed)
			if err != nil {
				return err
			}
			stored, err := zlib.NewWriterLevel(io.Discard, zlib.NoCompression)
			if err != nil {
				return err
			}
			var buf bytes.Buffer
			for i := first; i < len(p.objects); i += workers {
				if err := ctx.Err(); err != nil {
					return err
				}
				o, z := &p.objects[i], fast
				if bytes.HasPrefix(o.data, []byte("\x1f\x8b")) { // gzip: it gets no smaller
					z = stored
				}
				if o.raw, err = entry(&buf, z, o.kind, o.data); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// entry is an object's header, its kind and length in groups of 4 and then 7
// bits with the lowest first, and its compressed data. It is made in out.
func entry(out *bytes.Buffer, z *zlib.Writer, kind plumbing.ObjectType, data []byte) ([]byte, error) {
	out.Reset()
	size := uint64(len(data))
	b := byte(kind)<<4 | byte(size&0x0f) //nolint:gosec // kinds are 1 to 4
	for size >>= 4; size > 0; size >>= 7 {
		out.WriteByte(b | 0x80)
		b = byte(size & 0x7f)
	}
	out.WriteByte(b)
	z.Reset(out)
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	err := z.Close()
	return bytes.Clone(out.Bytes()), err // no larger than it is
}

// encoded is the bytes that an object of go-git encodes to.
func encoded(o interface {
	Encode(plumbing.EncodedObject) error
},
) ([]byte, error) {
	var m plumbing.MemoryObject
	if err := o.Encode(&m); err != nil {
		return nil, err
	}
	r, err := m.Reader()
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
