package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/iostreams"
)

// A pack that needs another version of scaffold is refused when a project is made
// and when one is updated, with both versions; nothing is touched.
func TestPackNeedsAnotherVersion(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	write := func(requires string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join("tiny", "base"), 0o755); err != nil {
			t.Fatal(err)
		}
		manifest := "schema: 1\nname: tiny\nversion: 1.0.0\ntitle: Tiny\ndescription: A pack.\n" + requires + "questions:\n  - {id: name, type: text, title: Name, format: name}\n"
		for name, text := range map[string]string{"scaffold.yaml": manifest, "base/a.txt": requires} {
			if err := os.WriteFile(filepath.Join("tiny", filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	io, _, out, errOut := iostreams.Test()
	at := func(version string, args ...string) (int, string) {
		out.Reset()
		errOut.Reset()
		f := newFactory(io)
		f.version = version
		code := run(t, f, errOut, args...)
		return code, out.String() + errOut.String()
	}
	write("")
	if code, said := at("v1.4.0", "new", "shop", "--pack", "./tiny", "--yes", "--no-git"); code != exitDone {
		t.Fatal(said)
	}
	write("requires: '>=1.5, <2'\n")
	before := bytesOf(t, "shop")
	for _, args := range [][]string{{"update", "shop"}, {"update", "shop", "--check"}} {
		for _, version := range []string{"v1.4.0", "v2.0.1", "v1.4.0-7-g0123456"} {
			code, said := at(version, args...)
			if code == exitDone || !strings.Contains(said, "needs scaffold >=1.5, <2; this is "+version) {
				t.Errorf("%s as %s: exit %d\n%s", strings.Join(args, " "), version, code, said)
			}
		}
	}
	same(t, "a refused update", bytesOf(t, "shop"), before)
	f := newFactory(io) // of scaffold new --pack: before there are flags for its questions
	f.version = "v1.4.0"
	if _, err := f.usePack(t.Context(), "./tiny"); err == nil || !strings.Contains(err.Error(), "needs scaffold >=1.5, <2; this is v1.4.0") {
		t.Errorf("new: %v", err)
	}
	for _, version := range []string{"v1.5.0", "v1.5.2-3-g0123456", "v0.0.0-20260101000000-0123456789ab", "dev"} {
		if code, said := at(version, "update", "shop", "--plan"); code != exitDone {
			t.Errorf("as %s: exit %d\n%s", version, code, said)
		}
	}
}
