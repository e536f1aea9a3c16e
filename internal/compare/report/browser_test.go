package report_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"example.com/scaffold/internal/compare/report"
)

// axe is the accessibility checker that scripts/deps installs.
const axe = "../../../.cache/axe/node_modules/axe-core/axe.min.js"

// A real browser opens the report as people will: in light and dark, narrow, and on paper.
func TestInTheBrowser(t *testing.T) {
	checker, err := os.ReadFile(axe)
	if err != nil {
		t.Fatalf("%v: run scripts/deps test", err)
	}
	page, err := filepath.Abs(filepath.Join(write(t, comparison()), report.Page))
	if err != nil {
		t.Fatal(err)
	}
	allocated, cancel := chromedp.NewExecAllocator(t.Context(), chromedp.Headless, chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	defer cancel()
	ctx, cancel := chromedp.NewContext(allocated)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // starts the browser
		t.Fatal(err)
	}
	complaints := listen(ctx, t)
	for _, look := range []struct {
		name          string
		width         int64
		media, scheme string
	}{
		{"light", 1200, "screen", "light"},
		{"dark", 1200, "screen", "dark"},
		{"narrow", 320, "screen", "light"},
		{"print", 794, "print", "light"},
	} {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: look.media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(look.width, 900), chromedp.Navigate("file://"+page)); err != nil {
			t.Fatalf("%s: %v", look.name, err)
		}
		overflow, err := chromedp.Run(ctx, chromedp.Evaluate[int](`for (const d of document.querySelectorAll("details")) d.open = true;
			document.documentElement.scrollWidth - document.documentElement.clientWidth`))
		if err != nil {
			t.Fatalf("%s: %v", look.name, err)
		}
		if overflow > 0 {
			t.Errorf("%s: the page is %d pixels wider than the window", look.name, overflow)
		}
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(checker)+"; undefined")); err != nil {
			t.Fatalf("%s: %v", look.name, err)
		}
		found, err := chromedp.Run(ctx, chromedp.Evaluate[[]violation](
			`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v =>
				({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 200))})))`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", look.name, err)
		}
		for _, v := range found {
			t.Errorf("%s: axe finds %s (%s): %q", look.name, v.ID, v.Help, v.Nodes)
		}
	}
	for _, c := range complaints() {
		t.Error(c)
	}
}

type violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

// listen collects what the browser logs, and each request for something that is not the file.
func listen(ctx context.Context, t *testing.T) (complaints func() []string) {
	t.Helper()
	var mu sync.Mutex
	var all []string
	add := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			add("exception: %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			add("the console says something (%s)", e.Type)
		case *log.EventEntryAdded:
			add("the browser logs %s", e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") {
				add("a request leaves the page: %s", u)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}
