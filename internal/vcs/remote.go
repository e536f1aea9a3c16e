package vcs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/file"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"github.com/go-git/go-git/v5/storage/memory"

	"example.com/scaffold/internal/tree"
)

// Limits on what a repository may send.
const (
	maxPackfile = 128 << 20 // bytes on the wire
	maxTreeSize = 64 << 20  // bytes of the files of one commit
	maxTreeFile = 10_000    // files of one commit
)

// Remote is a repository somewhere else: over https, ssh, or at a local path.
type Remote struct {
	URL string
	// Credentials asks for a user and password for a URL that wants some; nil
	// or ok false: there are none. It is asked once, after a refusal.
	Credentials func(ctx context.Context, url string) (user, password string, ok bool)
}

// Refs are what a repository offers: names to commits.
type Refs struct {
	Head     string // commit of the default branch, "" in an empty repository
	Branches map[string]string
	Tags     map[string]string // annotated tags lead to their commits
}

// UnreachableError says that a repository could not be asked at all, as opposed
// to having answered no.
type UnreachableError struct {
	URL string
	Err error
}

func (e *UnreachableError) Error() string { return fmt.Sprintf("cannot reach %s: %v", e.URL, e.Err) }
func (e *UnreachableError) Unwrap() error { return e.Err }

// Refs asks what there is.
func (r Remote) Refs(ctx context.Context) (Refs, error) {
	refs := Refs{Branches: map[string]string{}, Tags: map[string]string{}}
	err := r.session(ctx, func(_ transport.UploadPackSession, adv *packp.AdvRefs) error {
		if adv.Head != nil {
			refs.Head = adv.Head.String()
		}
		for name, hash := range adv.References {
			if peeled, ok := adv.Peeled[name]; ok {
				hash = peeled
			}
			if branch, ok := strings.CutPrefix(name, "refs/heads/"); ok {
				refs.Branches[branch] = hash.String()
			}
			if tag, ok := strings.CutPrefix(name, "refs/tags/"); ok {
				refs.Tags[tag] = hash.String()
			}
		}
		return nil
	})
	return refs, err
}

// Tree fetches the files of one commit, without history. Symbolic links and
// submodules are left out: their paths come back as skipped.
func (r Remote) Tree(ctx context.Context, commit string) (files *tree.Tree, skipped []string, err error) {
	store := memory.NewStorage()
	err = r.session(ctx, func(s transport.UploadPackSession, adv *packp.AdvRefs) error {
		req := packp.NewUploadPackRequestFromCapabilities(adv.Capabilities)
		req.Wants = []plumbing.Hash{plumbing.NewHash(commit)}
		if adv.Capabilities.Supports(capability.Shallow) {
			req.Depth = packp.DepthCommits(1)
			if err := req.Capabilities.Set(capability.Shallow); err != nil {
				return err
			}
		}
		answer, err := s.UploadPack(ctx, req)
		if err != nil {
			return err
		}
		var data io.Reader = answer
		switch {
		case req.Capabilities.Supports(capability.Sideband64k):
			data = sideband.NewDemuxer(sideband.Sideband64k, answer)
		case req.Capabilities.Supports(capability.Sideband):
			data = sideband.NewDemuxer(sideband.Sideband, answer)
		}
		return errors.Join(packfile.UpdateObjectStorage(store, &bounded{r: data, left: maxPackfile}), answer.Close())
	})
	if err != nil {
		return nil, nil, err
	}
	c, err := object.GetCommit(store, plumbing.NewHash(commit))
	if err != nil {
		return nil, nil, fmt.Errorf("%s has no commit %s: %w", r.URL, commit, err)
	}
	return readTree(ctx, store, c)
}

// errTooLarge ends a transfer that goes beyond maxPackfile.
var errTooLarge = fmt.Errorf("the repository sends more than %d MiB", maxPackfile>>20)

type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func readTree(ctx context.Context, store *memory.Storage, c *object.Commit) (*tree.Tree, []string, error) {
	top, err := c.Tree()
	if err != nil {
		return nil, nil, err
	}
	files := &tree.Tree{}
	var skipped []string
	var size int64
	var walk func(t *object.Tree, at string) error
	walk = func(t *object.Tree, at string) error {
		for _, e := range t.Entries {
			name := path.Join(at, e.Name)
			if err := errors.Join(ctx.Err(), tree.CheckPath(name)); err != nil {
				return err
			}
			switch e.Mode {
			case filemode.Dir:
				sub, err := object.GetTree(store, e.Hash)
				if err != nil {
					return err
				}
				if err := walk(sub, name); err != nil {
					return err
				}
			case filemode.Regular, filemode.Deprecated, filemode.Executable:
				blob, err := object.GetBlob(store, e.Hash)
				if err != nil {
					return err
				}
				if size += blob.Size; size > maxTreeSize || files.Len() >= maxTreeFile {
					return fmt.Errorf("the commit has more than %d files or %d MiB", maxTreeFile, maxTreeSize>>20)
				}
				data, err := readBlob(blob)
				if err != nil {
					return err
				}
				if err := files.Add(name, tree.File{Data: data, Exec: e.Mode == filemode.Executable}); err != nil {
					return err
				}
			default:
				skipped = append(skipped, name)
			}
		}
		return nil
	}
	return files, skipped, walk(top, "")
}

func readBlob(b *object.Blob) (_ []byte, err error) {
	r, err := b.Reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return io.ReadAll(r)
}

// session opens a session, asks for credentials if it is refused, and says what
// the repository advertises.
func (r Remote) session(ctx context.Context, do func(transport.UploadPackSession, *packp.AdvRefs) error) error {
	err := r.try(ctx, nil, do)
	if !denied(err) || r.Credentials == nil || !strings.HasPrefix(r.URL, "https://") {
		return err
	}
	user, password, ok := r.Credentials(ctx, r.URL)
	if !ok {
		return fmt.Errorf("%w (git's credential helpers have none for it: git ls-remote %s asks for them, and may keep them)", err, r.URL)
	}
	if err = r.try(ctx, &githttp.BasicAuth{Username: user, Password: password}, do); denied(err) {
		return fmt.Errorf("%w (it refuses the user and password that git's credential helpers have for it)", err)
	}
	return err
}

func denied(err error) bool {
	return errors.Is(err, transport.ErrAuthenticationRequired) || errors.Is(err, transport.ErrAuthorizationFailed)
}

// errElsewhere refuses a redirect to another host than the one that was named: it
// would get the credentials, and what it sends would go by the other's name.
var errElsewhere = errors.New("it redirects to another host")

func sameHost(to *http.Request, via []*http.Request) error {
	const most = 5
	switch from := via[0].URL; {
	case to.URL.Scheme != from.Scheme || to.URL.Host != from.Host:
		return fmt.Errorf("%w, %s", errElsewhere, to.URL.Host)
	case len(via) > most:
		return errors.New("it redirects in circles")
	}
	return nil
}

func (r Remote) try(ctx context.Context, auth transport.AuthMethod, do func(transport.UploadPackSession, *packp.AdvRefs) error) (err error) {
	at, err := transport.NewEndpoint(r.URL)
	if err != nil {
		return err
	}
	var client transport.Transport
	switch at.Protocol {
	case "https":
		client = githttp.NewClient(&http.Client{CheckRedirect: sameHost})
	case "ssh":
		client = ssh.DefaultClient
		if auth, err = sshAuth(at); err != nil {
			return fmt.Errorf("%s: %w", r.URL, err)
		}
	case "file":
		client = file.DefaultClient
	default:
		return fmt.Errorf("%s: %s is not spoken", r.URL, at.Protocol)
	}
	s, err := client.NewUploadPackSession(at, auth)
	if err != nil {
		if refused := refusedBySSH(at.Host, err); refused != nil {
			return fmt.Errorf("%s: %w", r.URL, refused)
		}
		return &UnreachableError{r.URL, err}
	}
	defer func() { _ = s.Close() }() // what it says at the end changes nothing
	adv, err := s.AdvertisedReferencesContext(ctx)
	switch {
	case errors.Is(err, transport.ErrRepositoryNotFound) && at.Protocol == "file":
		return &UnreachableError{r.URL, err} // as a server that is gone
	case errors.Is(err, errElsewhere), errors.Is(err, transport.ErrRepositoryNotFound), errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		return fmt.Errorf("%s: %w", r.URL, err)
	case err != nil && ctx.Err() == nil:
		return &UnreachableError{r.URL, err}
	case err != nil:
		return ctx.Err()
	}
	if err := do(s, adv); err != nil {
		return fmt.Errorf("%s: %w", r.URL, err)
	}
	return nil
}
