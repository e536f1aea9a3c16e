package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/iostreams"
)

func TestRecommend(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "needs.yaml")
	if err := os.WriteFile(file, []byte("requirements:\n  ai_ml: 5\n  team: python\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(dir, "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("requirements:\n  team: pyton\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		in   string
		code int
		out  string // in standard output
		err  string // in standard error
	}{
		{"text", []string{"--set", "ai_ml=5", "--set", "team=python"}, "", exitDone, "Recommended: FastAPI. The answer is clear.", ""},
		{"markdown", []string{"--set", "realtime=5", "--markdown"}, "", exitDone, "| 1 | NestJS", ""},
		{"file", []string{"--answers", file}, "", exitDone, "Recommended: FastAPI.", ""},
		{"flag over file", []string{"--answers", file, "--set", "ai_ml=0", "--set", "team=ts", "--set", "structure=4"}, "", exitDone, "Recommended: NestJS.", ""},
		{"standard input", []string{"--answers", "-"}, "requirements: {edge: must}", exitDone, "none of the four stacks", ""},
		{"weight", []string{"--set", "ai_ml=5", "--set", "team=ts", "--set", "structure=4", "--weight", "ai_ml=0"}, "", exitDone, "Recommended: NestJS.", ""},
		{"nothing said", nil, "", exitUsage, "", "scaffold recommend --set team=python"},
		{"nothing decided", []string{"--set", "datastore=sql"}, "", exitUsage, "", "tells the stacks apart"},
		{"unknown criterion", []string{"--set", "ai_mll=5"}, "", exitUsage, "", `did you mean "ai_ml"?`},
		{"unknown value", []string{"--answers", wrong}, "", exitUsage, "", "wrong.yaml:2:9"},
		{"no value", []string{"--set", "ai_ml"}, "", exitUsage, "", "--set id=value"},
		{"no such file", []string{"--answers", filepath.Join(dir, "none.yaml")}, "", exitUsage, "", "none.yaml"},
		{"broken file", []string{"--answers", "-"}, "requirements: [", exitUsage, "", "standard input:1:"},
		{"weight no number", []string{"--set", "ai_ml=5", "--weight", "team=much"}, "", exitUsage, "", "--weight team=2.5"},
		{"weight of nothing", []string{"--set", "ai_ml=5", "--weight", "teem=2"}, "", exitUsage, "", `did you mean "team"?`},
		{"two forms", []string{"--set", "ai_ml=5", "--json", "--markdown"}, "", exitUsage, "", "--json and --markdown exclude each other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(dir)
			io, in, out, errOut := iostreams.Test()
			in.WriteString(c.in)
			code := Main(t.Context(), append([]string{"recommend"}, c.args...), io)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			if !strings.Contains(out.String(), c.out) || !strings.Contains(errOut.String(), c.err) {
				t.Errorf("out:\n%s\nerr:\n%s", out, errOut)
			}
			if (c.code == exitDone) != (errOut.Len() == 0) || (c.code == exitDone) != (out.Len() > 0) {
				t.Errorf("exit %d with out:\n%s\nerr:\n%s", code, out, errOut)
			}
		})
	}
}

func TestRecommendJSON(t *testing.T) {
	t.Chdir(t.TempDir())
	io, _, out, _ := iostreams.Test()
	if code := Main(t.Context(), []string{"recommend", "--set", "ai_ml=5", "--set", "realtime=5", "--json"}, io); code != exitDone {
		t.Fatal(code)
	}
	var got struct {
		Recommended string `json:"recommended"`
		Confidence  string `json:"confidence"`
		Ranking     []struct {
			Stack    string `json:"stack"`
			Rendered *bool  `json:"rendered"`
		} `json:"ranking"`
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Recommended != "hybrid" || got.Confidence != "clear" || len(got.Ranking) != 4 {
		t.Errorf("%+v", got)
	}
	for _, r := range got.Ranking {
		if r.Rendered == nil {
			t.Errorf("%s: nothing is said of whether this build renders it", r.Stack)
		}
	}
}
