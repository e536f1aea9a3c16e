package cli

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/iostreams"
)

// unhelpful is a service that is alive and keeps nothing of the contract.
func unhelpful(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func verify(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	t.Chdir(t.TempDir())
	io, _, o, e := iostreams.Test()
	code = Main(t.Context(), append([]string{"verify"}, args...), io)
	return code, o.String(), e.String()
}

func TestVerifyBreach(t *testing.T) {
	junit := filepath.Join(t.TempDir(), "report.xml")
	code, out, errOut := verify(t, unhelpful(t), "--run", "CORS-01,gen-08,REG", "--junit", junit)
	if code != exitConflicts || !strings.Contains(errOut, "--contract FILE names the service's own") {
		t.Errorf("exit %d, want %d; stderr %q", code, exitConflicts, errOut)
	}
	for _, want := range []string{"failed  CORS-01", "failed  GEN-08", "needs M", "OPTIONS /v1/items", "ASVS 5.0.0"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "GEN-01") {
		t.Error("a test ran that was not asked for")
	}
	if data, err := os.ReadFile(junit); err != nil || !strings.Contains(string(data), `<testsuite name="CORS"`) {
		t.Errorf("junit: %v\n%s", err, data)
	}
}

func TestVerifyJSON(t *testing.T) {
	code, out, _ := verify(t, unhelpful(t), "--run", "CORS-01", "--json")
	var report struct {
		Profile string         `json:"profile"`
		Counts  map[string]int `json:"counts"`
		Tests   []struct {
			ID      string   `json:"id"`
			Clauses []string `json:"clauses"`
			API     []string `json:"api"`
			Request string   `json:"request"`
		} `json:"tests"`
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if code != exitConflicts || report.Profile != "production" || report.Counts["failed"] != 1 || len(report.Tests) != 1 ||
		report.Tests[0].Clauses[0] != "C1" || report.Tests[0].API[0] != "API8" || report.Tests[0].Request == "" {
		t.Errorf("exit %d, report %+v", code, report)
	}
}

// TestVerifyTerminal takes the line about progress away before the report,
// whether or not all tests run.
func TestVerifyTerminal(t *testing.T) {
	t.Chdir(t.TempDir())
	io, _, out, _ := iostreams.Test()
	io.InTTY, io.OutTTY, io.Err = true, true, out
	Main(t.Context(), []string{"verify", unhelpful(t), "--run", "CORS-01"}, io)
	if !strings.Contains(out.String(), "1 tests done, last CORS-01\r\x1b[Khttp://") {
		t.Errorf("the terminal shows %q", out)
	}
}

// TestVerifyReportNowhere still shows on the terminal what a minute of tests found.
func TestVerifyReportNowhere(t *testing.T) {
	folder := t.TempDir()
	code, out, errOut := verify(t, unhelpful(t), "--run", "CORS-01", "--junit", folder)
	if code != exitFailed || !strings.Contains(out, "failed  CORS-01") || !strings.Contains(errOut, "cannot write the report") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errOut)
	}
}

// TestVerifyBelow finds the repository from a folder inside it, as the other
// commands do.
func TestVerifyBelow(t *testing.T) {
	root := t.TempDir()
	below := filepath.Join(root, "src", "app")
	facts := filepath.Join(root, ".scaffold", "contract.yaml")
	for _, dir := range []string{below, filepath.Dir(facts)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(facts, []byte("auth: none\nnonsense: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{below, unhelpful(t)} {
		t.Chdir(below)
		io, _, _, errOut := iostreams.Test()
		code := Main(t.Context(), []string{"verify", target}, io)
		if code == 0 || !strings.Contains(errOut.String(), "nonsense") {
			t.Errorf("verify %s: exit %d, stderr %q", target, code, errOut)
		}
	}
}

func TestVerifyNothingPassed(t *testing.T) {
	code, out, _ := verify(t, unhelpful(t), "--run", "TLS")
	if code != exitConflicts || !strings.Contains(out, "nothing passed") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

// TestVerifyUntrusted gives the way out of a certificate that no one vouches for.
func TestVerifyUntrusted(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // the refused handshake
	s.StartTLS()
	t.Cleanup(s.Close)
	code, out, errOut := verify(t, s.URL)
	if code != exitFailed || out != "" || !strings.Contains(errOut, "the certificate of "+s.URL+" is not trusted") || !strings.Contains(errOut, "--ca FILE") {
		t.Errorf("exit %d, stdout %q, stderr %q", code, out, errOut)
	}
}

func TestVerifyBadInput(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "contract.yaml")
	if err := os.WriteFile(broken, []byte("auth: accounts\noptions: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	noise := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(noise, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := unhelpful(t)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"unknown test":     {[]string{url, "--run", "GEM"}, exitUsage, "GEN"},
		"no directory":     {[]string{"nowhere"}, exitUsage, "nowhere is no directory"},
		"no scheme":        {[]string{"localhost:8000"}, exitUsage, "did you mean http://localhost:8000?"},
		"no folder for it": {[]string{url, "--junit", "gone/report.xml"}, exitUsage, "cannot write the report"},
		"no repository":    {[]string{"."}, exitUsage, ".scaffold/contract.yaml"},
		"two targets":      {[]string{url, url}, exitUsage, ""},
		"remote":           {[]string{"http://192.0.2.1"}, exitUsage, "--allow-remote"},
		"unreachable":      {[]string{"http://127.0.0.1:1"}, exitFailed, "no service answers"},
		"broken facts":     {[]string{url, "--contract", broken}, exitUsage, "[2:"},
		"missing facts":    {[]string{url, "--contract", "gone.yaml"}, exitUsage, "gone.yaml"},
		"no key":           {[]string{url, "--signing-key", noise}, exitUsage, "no key in PEM"},
		"no certificate":   {[]string{url, "--ca", noise}, exitUsage, "no certificate in PEM"},
		"unknown lifetime": {[]string{url, "--ttl", "acess=3s"}, exitUsage, "acess"},
		"bad lifetime":     {[]string{url, "--ttl", "access=soon"}, exitUsage, "soon"},
		"half of them":     {[]string{url, "--ttl", "access=3s"}, exitUsage, "missing"},
		"bad account":      {[]string{url, "--user-a", "bob", "--disposable-users"}, exitUsage, "--user-a is no account"},
		"unknown account":  {[]string{url, "--user-a", "b@x.test:pw", "--disposable-users"}, exitUsage, "b@x.test cannot sign in: /v1/auth/login answers 404"},
		"precious account": {[]string{url, "--user-a", "b@x.test:pw"}, exitUsage, "--disposable-users"},
		"bad profile":      {[]string{url, "--profile", "staging"}, exitUsage, "staging"},
		"directory's flag": {[]string{url, "--postgres"}, exitUsage, "starts itself"},
		"address's flag":   {[]string{".", "--log-file", "x"}, exitUsage, "directory"},
		"lonely replicas":  {[]string{".", "--replicas", "2"}, exitUsage, "--redis --proxied"},
		"missing log":      {[]string{url, "--log-file", "gone.log"}, exitFailed, "gone.log"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errOut := verify(t, c.args...)
			if code != c.code || !strings.Contains(errOut, c.want) || out != "" {
				t.Errorf("exit %d, want %d; stdout %q, stderr %q, want %q in it", code, c.code, out, errOut, c.want)
			}
		})
	}
}
