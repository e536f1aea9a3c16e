package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.com/scaffold/internal/compare/load"
)

const (
	loadRounds = 7
	loadTime   = 2 * time.Second
	loadRate   = 15_000 // requests a second that one core must hold
	users      = 64
)

// load measures the generator of internal/compare/load: its cost beside wrk's, against
// the same server and each on the same core, and whether it tells the truth.
func (b *bench) load() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	server := b.command(b.root, []string{"GOMAXPROCS=1"}, "taskset", "-c", "0", self, loadServer)
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	defer func() {
		_ = server.Process.Kill() // it has nothing to put away
		_ = server.Wait()
	}()
	var addr string
	if _, err := fmt.Fscan(out, &addr); err != nil {
		return fmt.Errorf("the server said no address: %w", err)
	}
	g := generators{b, self, addr}
	for _, measure := range []func() error{g.beside, g.steady, g.truth, g.fanout} {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// generators send load from one core to the server on the other.
type generators struct {
	*bench
	self, addr string
}

// beside compares the cost of a request where both are held up by the server alone:
// wrk by waiting for each answer, ours by more requests due than are answered. (At a
// rate below that ours wakes up for each request, which wrk does not do; what that costs
// is among the figures of steady.)
func (g generators) beside() error {
	if !installed("wrk") {
		line("generator's CPU of a request ÷ wrk's", "wrk is not installed", "≤ 1.3")
		return nil
	}
	var shares, theirs []float64
	for range loadRounds {
		requests, cpu, err := g.wrk()
		if err != nil {
			return err
		}
		wrk := cpu.Seconds() / float64(requests)
		ours, cpu, err := g.run(order{Path: "/", Rate: 1.2 * float64(requests) / loadTime.Seconds(), Duration: loadTime, Connections: users})
		if err != nil {
			return err
		}
		shares = append(shares, cpu.Seconds()/float64(ours.OK)/wrk)
		theirs = append(theirs, 1e6*wrk)
	}
	slices.Sort(shares)
	slices.Sort(theirs)
	line("generator's CPU of a request ÷ wrk's", fmt.Sprintf("%.2f (%.2f–%.2f) of %.1f µs",
		shares[len(shares)/2], shares[0], shares[len(shares)-1], theirs[len(theirs)/2]), "≤ 1.3")
	return nil
}

func installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// steady holds the rate.
func (g generators) steady() error {
	var best *load.Result // of the rounds, the one that the machine disturbed least
	for range loadRounds {
		r, _, err := g.run(order{Path: "/", Rate: loadRate, Duration: loadTime, Connections: users})
		if err != nil {
			return err
		}
		if best == nil || wait(r) < wait(best) {
			best = r
		}
	}
	line(fmt.Sprintf("%d requests a second from one core, the calmest of %d rounds: held", loadRate, loadRounds), fmt.Sprintf("%.1f %%", 100*best.Achieved/loadRate), "100 %")
	line("… p50 of the latency − p50 of the service time", micros(wait(best)), "< 1000 µs")
	line("… lateness of the generator, p50 and p99", micros(best.Lag.Quantile(0.5))+", "+micros(best.Lag.Quantile(0.99)), "")
	line("… CPU of the generator, of a request", fmt.Sprintf("%.0f %% of a core, %s", 100*best.Share(), micros(best.CPU/time.Duration(best.OK))), "≤ 70 %")
	return nil
}

// wait is what the generator adds to the middle of the latencies.
func wait(r *load.Result) time.Duration { return r.Latency.Quantile(0.5) - r.Service.Quantile(0.5) }

// truth is known here: a server that freezes for one of four seconds, and one that
// takes 50 ms.
func (g generators) truth() error {
	r, _, err := g.run(order{Path: "/freeze", Rate: 1000, Duration: 4 * time.Second, Connections: users})
	if err != nil {
		return err
	}
	line("frozen for 1 s of 4 at 1,000 a second: p90 ÷ true 600 ms", fmt.Sprintf("%.3f", r.Latency.Quantile(0.9).Seconds()/0.6), "0.9–1.1")
	line("… p99 ÷ true 960 ms", fmt.Sprintf("%.3f", r.Latency.Quantile(0.99).Seconds()/0.96), "0.9–1.1")
	line("… p99 of the service time, which hides it", ms(r.Service.Quantile(0.99)), "")
	if r, _, err = g.run(order{Path: "/after?ms=50", Rate: 500, Duration: loadTime, Connections: users}); err != nil {
		return err
	}
	line("a server that takes 50 ms: p50", ms(r.Latency.Quantile(0.5)), "50 ms")
	return nil
}

// fanout tells 500 listeners twenty events a second.
func (g generators) fanout() error {
	const streams, rate = 500, 20
	host := g.addr
	subscribe, err := load.NewRequest("GET", host, "/stream", nil, nil, load.Expect{})
	if err != nil {
		return err
	}
	var publish []*load.Request
	for i := range int(rate * loadTime.Seconds()) {
		req, err := load.NewRequest("POST", host, "/publish", nil, []byte(strconv.Itoa(i)), load.Expect{Status: 204})
		if err != nil {
			return err
		}
		publish = append(publish, req)
	}
	core := 1
	r, err := load.Fanout(g.ctx, load.FanoutOptions{
		Addr: g.addr, Streams: streams, Subscribe: subscribe, Rate: rate, Duration: loadTime, CPU: &core,
		Publish: func(i int) *load.Request { return publish[i] },
		Seq: func(data []byte) (int, bool) {
			i, err := strconv.Atoi(string(data))
			return i, err == nil
		},
	})
	if err != nil {
		return err
	}
	line(fmt.Sprintf("%d listeners, %d events a second: delivered", streams, rate),
		fmt.Sprintf("%.1f %%", 100*float64(r.Delivered)/float64(streams*len(publish))), "100 %")
	line("… p50 and p99 until a listener has an event", ms(r.Delivery.Quantile(0.5))+", "+ms(r.Delivery.Quantile(0.99)), "")
	line("… CPU of the generator for each", micros(r.CPU/time.Duration(max(r.Delivered, 1))), "")
	return nil
}

// order is what a generator of its own process is told.
type order struct {
	Addr, Path  string
	Rate        float64
	Duration    time.Duration
	Connections int
}

// run has a process of its own send the load, and returns the CPU time of all of it.
func (g generators) run(o order) (*load.Result, time.Duration, error) {
	o.Addr = g.addr
	text, err := json.Marshal(o)
	if err != nil {
		return nil, 0, err
	}
	out, cpu, err := g.onSecondCore(g.self, loadGenerator, string(text))
	if err != nil {
		return nil, 0, err
	}
	var r load.Result
	if err := json.Unmarshal(out, &r); err != nil {
		return nil, 0, err
	}
	if r.Failed.Total() > 0 {
		return nil, 0, fmt.Errorf("%s: %s (%s)", o.Path, r.Failed, r.Example)
	}
	return &r, cpu, nil
}

// wrk returns how many requests it made.
func (g generators) wrk() (int, time.Duration, error) {
	out, cpu, err := g.onSecondCore("wrk", "-t1", fmt.Sprintf("-c%d", users), "-d"+loadTime.String(), "http://"+g.addr+"/")
	if err != nil {
		return 0, 0, err
	}
	for said := range strings.Lines(string(out)) {
		if number, _, found := strings.Cut(strings.TrimSpace(said), " requests in "); found {
			n, err := strconv.Atoi(number)
			return n, cpu, err
		}
	}
	return 0, 0, fmt.Errorf("wrk does not say how many requests it made:\n%s", out)
}

func (g generators) onSecondCore(argv ...string) ([]byte, time.Duration, error) {
	cmd := g.command(g.root, nil, append([]string{"taskset", "-c", "1"}, argv...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("%v: %w\n%s", argv, err, said.Bytes())
	}
	return out, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

func micros(d time.Duration) string { return fmt.Sprintf("%.0f µs", float64(d.Nanoseconds())/1000) }
