package pack

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// Source says where a pack is: BUILTIN, a folder, or a place in a git
// repository, as it is written for --pack, in "extends" and in a registry:
//
//	builtin:NAME
//	../packs/service
//	https://git.example.com/platform/packs.git//service@v1.2.0
//	ssh://git@git.example.com/platform/packs.git@main
//	git@git.example.com:platform/packs.git//service
//	../packs.git//service@4f1c2d3
//
// A local path is a git repository if it has a ref. Without a ref a remote
// repository's newest version tag counts, or else its default branch.
type Source struct {
	Builtin string // name of a built-in pack, with the way to one inside it
	Folder  string // path of a folder, slash-separated
	Git     string // URL or path of a repository
	Sub     string // folder in the repository, slash-separated, "" for its root
	Ref     string // tag, branch or commit; "" for the newest
}

var scpLike = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^:]*$`)

// hostName is a name, an IPv4 or a bracketed IPv6 address, with a port or without.
var hostName = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

var userinfo = regexp.MustCompile(`://[^/]*@`)

// ParseSource reads a source. It refuses what could run a program (ext::, a
// leading dash), send a password in the clear (http, git) or end up with one in
// a lock file (user:password@).
func ParseSource(text string) (Source, error) {
	bad := func(format string, args ...any) (Source, error) {
		shown := userinfo.ReplaceAllString(text, "://…@") // it may be a secret
		return Source{}, fmt.Errorf("pack source %q: %w", shown, fmt.Errorf(format, args...))
	}
	if name, ok := strings.CutPrefix(text, builtinPrefix); ok {
		return Source{Builtin: name}, nil
	}
	switch {
	case text == "":
		return bad("is empty")
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return bad("has control characters")
	case strings.HasPrefix(text, "-"):
		return bad("begins with a dash")
	case strings.Contains(text, "::"):
		return bad("names a transport that runs a program")
	}
	s := Source{}
	rest := text
	head := "" // scheme and host, in which @ and // mean something else
	if scheme, after, ok := strings.Cut(text, "://"); ok {
		if scheme != "https" && scheme != "ssh" {
			return bad("%s is not spoken: use https, ssh or a local path", scheme)
		}
		host, p, _ := strings.Cut(after, "/")
		head, rest = scheme+"://"+host+"/", p
	} else if scpLike.MatchString(beforeRef(text)) {
		host, p, _ := strings.Cut(text, ":")
		head, rest = host+":", p
	}
	where, ref, hasRef := cutRef(rest)
	where, s.Sub, _ = strings.Cut(where, "//")
	s.Ref = ref
	if err := s.check(head, where, hasRef); err != nil {
		return bad("%w", err)
	}
	if head == "" && !hasRef {
		s.Folder, s.Sub = path.Join(where, s.Sub), ""
		return s, nil
	}
	s.Git = head + where
	return s, nil
}

// beforeRef cuts a ref off a source of which it is not known yet whether it
// starts with USER@HOST.
func beforeRef(text string) string {
	if i := strings.LastIndexByte(text, '@'); i > strings.IndexByte(text, ':') {
		return text[:i]
	}
	return text
}

// cutRef splits PATH@REF. A ref may have slashes, as branches do; a path that has
// an @ needs a ref behind it.
func cutRef(text string) (where, ref string, ok bool) {
	i := strings.IndexByte(text, '@')
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+1:], true
}

func (s Source) check(head, where string, hasRef bool) error {
	switch {
	case where == "" || strings.HasPrefix(where, "-"):
		return errors.New("names no repository")
	case hasRef && s.Ref == "":
		return errors.New("has nothing behind the @")
	case strings.HasPrefix(s.Ref, "-") || strings.Contains(s.Ref, "..") || strings.ContainsAny(s.Ref, " ~^:?*[\\"):
		return fmt.Errorf("%q is no name of a tag, branch or commit", s.Ref)
	case s.Sub != "" && (path.Clean(s.Sub) != s.Sub || path.IsAbs(s.Sub) || s.Sub == ".." || strings.HasPrefix(s.Sub, "../") || strings.HasPrefix(s.Sub, "-")):
		return fmt.Errorf("%q is no folder inside the repository", s.Sub)
	case !strings.Contains(head, "://"):
		return nil
	}
	scheme, authority, _ := strings.Cut(strings.TrimSuffix(head, "/"), "://")
	user, host, named := strings.Cut(authority, "@")
	if !named {
		user, host = "", authority
	}
	if scheme == "https" && named || strings.Contains(user, ":") || strings.Contains(host, "@") {
		return errors.New("holds credentials, which would end up in the project: leave them to git (git credential, ssh agent)")
	}
	if !hostName.MatchString(host) || strings.HasPrefix(user, "-") || strings.ContainsAny(user, "%\\?#") {
		return errors.New("names no host")
	}
	if strings.ContainsAny(where, "?#") {
		return errors.New("has a query or fragment")
	}
	return nil
}

// String writes the source as it is parsed.
func (s Source) String() string {
	switch {
	case s.Builtin != "":
		return builtinPrefix + s.Builtin
	case s.Folder != "":
		return s.Folder
	}
	text := s.Git
	if s.Sub != "" {
		text += "//" + s.Sub
	}
	if s.Ref != "" {
		text += "@" + s.Ref
	}
	return text
}

// join is the source that a pack at s means by a relative one. From a repository
// nothing outside it can be reached.
func (s Source) join(rel string) (Source, error) {
	switch {
	case s.Builtin != "":
		s.Builtin = path.Join(s.Builtin, rel)
	case s.Folder != "":
		s.Folder = path.Join(s.Folder, rel)
	default:
		s.Sub = path.Join(s.Sub, rel)
		if s.Sub == ".." || strings.HasPrefix(s.Sub, "../") {
			return s, fmt.Errorf("%s leads out of the repository", rel)
		}
		if s.Sub == "." {
			s.Sub = ""
		}
	}
	return s, nil
}
