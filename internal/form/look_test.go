package form_test

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestLook(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {40, 20}, {200, 60}} {
		h := newHome(t)
		term := h.start(t, size[0], size[1], nil)
		show := func(title string) {
			time.Sleep(400 * time.Millisecond)
			fmt.Fprintf(os.Stderr, "=== %v %s\n%s\n", size, title, term.screen())
		}
		show("mode")
		term.send(enter)
		show("building")
		term.send(" ", down, down, down, down, down, down, " ")
		show("building marked")
		term.send(enter)
		show("builders")
		term.send(down, up)
		show("builders moved")
		term.send("?")
		show("why")
		term.send("?", enter)
		show("priorities")
		term.send(enter, enter, enter)
		show("more?")
		term.send(enter)
		show("stack")
		term.send(enter)
		show("name")
		term.send("Shop", enter)
		show("name bad")
		term.send("\x7f\x7f\x7f\x7f", "shop", enter)
		show("desc")
		term.send("A shop", enter, enter)
		show("license")
		term.send(enter, enter, enter)
		show("preset")
		term.send(enter, enter, enter, enter)
		show("options")
		term.send(" ", enter)
		show("summary")
		term.send(pageDown)
		show("summary2")
		term.send(enter)
		show("end")
	}
}
