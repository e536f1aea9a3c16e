package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

type versionOptions struct {
	f    *factory
	json bool
}

// versionInfo is what version --json prints.
type versionInfo struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func newVersionCmd(f *factory) *cobra.Command {
	o := &versionOptions{f: f}
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which scaffold this is",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return runVersion(o) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return cmd
}

func runVersion(o *versionOptions) error {
	v := versionInfo{Version: o.f.version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v.Commit = s.Value
			}
		}
	}
	if o.json {
		return printJSON(o.f.io.Out, v)
	}
	commit := ""
	if len(v.Commit) >= 12 {
		commit = ", commit " + v.Commit[:12]
	}
	_, err := fmt.Fprintf(o.f.io.Out, "scaffold %s (%s, %s/%s%s)\n", v.Version, v.Go, v.OS, v.Arch, commit)
	return err
}

// printJSON prints one indented JSON document.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
