package compare

import (
	"net"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// TestCPUTimeOfATree burns in a grandchild and finds it, and only it.
func TestCPUTimeOfATree(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "sh -c 'while :; do :; done' & wait")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var all []int
	defer func() {
		for _, pid := range slices.Backward(all) {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill() // it may have ended with its parent
			}
		}
		_ = cmd.Wait() // killed just now
	}()
	var used time.Duration
	for began := time.Now(); time.Since(began) < 30*time.Second && used < 50*time.Millisecond; time.Sleep(20 * time.Millisecond) {
		all = tree(cmd.Process.Pid)
		var err error
		if used, err = cpuTime(cmd.Process.Pid); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) != 2 || used < 50*time.Millisecond {
		t.Errorf("processes %v used %s", all, used)
	}
	if leaves(all) != 1 {
		t.Errorf("%d leaves of %v", leaves(all), all)
	}
	if held, err := memory(cmd.Process.Pid); err != nil || held < 1<<12 {
		t.Errorf("memory %d, %v", held, err)
	}
}

func TestCPUTimeOfNobody(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if used, err := cpuTime(cmd.Process.Pid); err == nil {
		t.Errorf("a process that has ended used %s", used)
	}
}

func TestListeners(t *testing.T) {
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	pids, err := listeners(listener.Addr().(*net.TCPAddr).Port)
	if err != nil || !slices.Contains(pids, os.Getpid()) {
		t.Errorf("%v, %v: we are not among them", pids, err)
	}
}

func TestBusyGrows(t *testing.T) {
	before, err := busy(nil)
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < 30*time.Second; {
		if after, err := busy(nil); err != nil || after > before {
			return
		}
	}
	t.Error("the processors have not worked")
}
