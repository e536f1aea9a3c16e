package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"example.com/scaffold/internal/compare/result"
)

// grid is a table as text: it becomes HTML and Markdown alike.
type grid struct {
	Caption string
	Head    []string
	Rows    [][]string
}

const absent = "–" // not measured

// figures are the medians of a workload at each rate.
func (v *view) figures(w workload) grid {
	g := grid{
		Caption: w.Title + ": medians of the accepted rounds",
		Head:    []string{"service", "rate", "rounds", "CPU per request", "p50", "p90", "p99", "p99.9", "failed"},
	}
	for _, rate := range w.Rates {
		for _, s := range v.Measured {
			rounds := w.cells[cell{s.ID, rate}]
			if len(rounds) == 0 {
				continue
			}
			of := func(figure func(result.Round) float64) float64 {
				var values []float64
				for _, r := range rounds {
					values = append(values, figure(r))
				}
				return median(values)
			}
			millis := func(latency func(result.Percentiles) float64) string {
				return number(of(func(r result.Round) float64 { return latency(r.Latency) })) + " ms"
			}
			cpu := absent
			if micros := of(func(r result.Round) float64 { return r.CPU }); micros > 0 {
				cpu = number(micros) + " µs"
			}
			failed := int64(0)
			for _, r := range rounds {
				for _, n := range r.Failed {
					failed += n
				}
			}
			g.Rows = append(g.Rows, []string{
				s.Title, fmt.Sprintf("%.4g/s", rate), strconv.Itoa(len(rounds)), cpu,
				millis(func(p result.Percentiles) float64 { return p.P50 }), millis(func(p result.Percentiles) float64 { return p.P90 }),
				millis(func(p result.Percentiles) float64 { return p.P99 }), millis(func(p result.Percentiles) float64 { return p.P999 }),
				strconv.FormatInt(failed, 10),
			})
		}
	}
	return g
}

// pairs are all verdicts of a workload.
func (v *view) pairs(w workload) grid {
	g := grid{Caption: w.Title + ": every pair", Head: []string{"figure", "rate", "pair", "ratio [95 % interval]", "rounds", "verdict"}}
	words := map[string]string{
		result.Better: "ahead", result.Worse: "behind", result.None: "no difference shown", result.Unranked: "not ranked",
	}
	for _, p := range w.Pairs {
		rate := absent
		if p.Rate > 0 {
			rate = fmt.Sprintf("%.4g/s", p.Rate)
		}
		text := absent // too few rounds for a ratio
		if p.Ratio > 0 {
			text = interval(result.Interval{Ratio: p.Ratio, Low: p.Low, High: p.High})
		}
		g.Rows = append(g.Rows, []string{
			p.Metric, rate, v.title(p.A) + " ÷ " + v.title(p.B), text,
			strconv.Itoa(p.Rounds), words[p.Outcome],
		})
	}
	return g
}

// costs are what is measured once a service.
func (v *view) costs() grid {
	g := grid{Caption: "What else a service costs", Head: []string{"figure"}}
	for _, s := range v.Measured {
		g.Head = append(g.Head, s.Title)
	}
	row := func(name string, of func(result.Costs) string) {
		cells := []string{name}
		known := false
		for _, s := range v.Measured {
			text := of(s.Costs)
			known = known || text != absent
			cells = append(cells, text)
		}
		if known {
			g.Rows = append(g.Rows, cells)
		}
	}
	millis := func(values []float64) string {
		if len(values) == 0 {
			return absent
		}
		return number(median(values)) + " ms"
	}
	row("cold start to the first correct answer, median", func(c result.Costs) string { return millis(c.ColdStart) })
	row("CPU of a cold start, median", func(c result.Costs) string { return millis(c.ColdStartCPU) })
	row("memory, idle", func(c result.Costs) string { return mebibytes(c.IdleBytes) })
	row("memory, peak", func(c result.Costs) string { return mebibytes(c.PeakBytes) })
	row("installation", func(c result.Costs) string {
		if c.InstallSeconds == nil {
			return absent
		}
		return number(*c.InstallSeconds) + " s"
	})
	row("packages on disk", func(c result.Costs) string { return mebibytes(c.InstallBytes) })
	row("direct dependencies", func(c result.Costs) string { return count(c.Direct) })
	row("packages in production", func(c result.Costs) string { return count(c.Transitive) })
	row("packages with install scripts", func(c result.Costs) string { return count(c.InstallScripts) })
	row("audit", func(c result.Costs) string {
		if c.Audit == "" {
			return absent
		}
		return c.Audit
	})
	row("files of the repository", func(c result.Costs) string { return count(c.Files) })
	row("lines of the service", func(c result.Costs) string { return count(c.SourceLines) })
	row("lines of its tests", func(c result.Costs) string { return count(c.TestLines) })
	row("one more field on items", func(c result.Costs) string {
		if c.Change == nil {
			return absent
		}
		return fmt.Sprintf("%d files, %d lines", c.Change.Files, c.Change.Lines)
	})
	return g
}

// protections are what security costs, at each rate.
func (v *view) protections() grid {
	g := grid{
		Caption: "What security costs: CPU of a read, as a multiple of the same read of the bare application",
		Head:    []string{"service", "rate", "ratio [95 % interval]", "rounds"},
	}
	for _, p := range v.Protections {
		g.Rows = append(g.Rows, []string{v.title(p.Service), fmt.Sprintf("%.4g/s", p.Rate), interval(p.Interval), strconv.Itoa(p.Rounds)})
	}
	return g
}

// money is what a million requests cost by the CPU they take.
func (v *view) money() grid {
	g := grid{Head: []string{"workload"}}
	if v.Plan.Price == nil {
		return g
	}
	g.Caption = fmt.Sprintf("A million requests at %g %s a core and hour, CPU only", v.Plan.Price.PerCoreHour, v.Plan.Price.Currency)
	for _, s := range v.Measured {
		g.Head = append(g.Head, s.Title)
	}
	for _, w := range v.Workloads {
		cells := []string{w.Title}
		for _, s := range v.Measured {
			text := absent
			for _, b := range w.CPU {
				if b.Service.ID == s.ID { // µs a request are seconds a million requests
					text = number(b.Median/3600*v.Plan.Price.PerCoreHour) + " " + v.Plan.Price.Currency
				}
			}
			cells = append(cells, text)
		}
		if len(w.CPU) > 0 {
			g.Rows = append(g.Rows, cells)
		}
	}
	return g
}

// parity is what was found out about the services, to be compared by eye.
func (v *view) parity() grid {
	g := grid{
		Caption: "Parity, as found in the running services",
		Head:    []string{"service", "runtime", "contract: passed, failed, skipped", "workers", "processes", "database", "pool", "Argon2", "mode", "access log"},
	}
	for _, s := range v.Services {
		pool, access := absent, "off"
		if s.Parity.Pool > 0 {
			pool = strconv.Itoa(s.Parity.Pool)
		}
		if s.Parity.AccessLog {
			access = "on"
		}
		g.Rows = append(g.Rows, []string{
			s.Title, s.Runtime, fmt.Sprintf("%d, %d, %d", s.Contract.Passed, s.Contract.Failed, s.Contract.Skipped),
			strconv.Itoa(s.Parity.Workers), strconv.Itoa(s.Parity.Processes), s.Parity.Database, pool, s.Parity.Argon2, s.Parity.Mode, access,
		})
	}
	return g
}

// rejected are the rounds that do not count, and why.
func (v *view) rejected() grid {
	g := grid{Caption: "Rejected rounds", Head: []string{"workload", "rate", "round", "service", "reason"}}
	for _, r := range v.Rejected {
		g.Rows = append(g.Rows, []string{r.Workload, fmt.Sprintf("%.4g/s", r.Rate), strconv.Itoa(r.Round), v.title(r.Service), r.Rejected})
	}
	return g
}

func mebibytes(b *int64) string {
	if b == nil {
		return absent
	}
	return number(float64(*b)/(1<<20)) + " MiB"
}

func count(n *int) string {
	if n == nil {
		return absent
	}
	return strconv.Itoa(*n)
}

// table writes the rounds, rejected ones too, for a spreadsheet.
func table(out *bytes.Buffer, v *view) error {
	w := csv.NewWriter(out)
	head := []string{
		"workload", "rate_per_second", "round", "place", "service", "seconds", "rejected", "sent", "ok", "failed",
		"p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms", "mean_ms", "service_p99_ms", "send_lag_p99_ms",
		"cpu_us_per_request", "peak_bytes", "generator_cpu_share", "foreign_cpu_share", "highest_per_second",
	}
	if err := w.Write(head); err != nil {
		return err
	}
	float := func(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }
	for _, r := range v.Rounds {
		failed, highest := int64(0), ""
		for _, n := range r.Failed {
			failed += n
		}
		if r.Highest != nil {
			highest = float(*r.Highest)
		}
		err := w.Write([]string{
			r.Workload, float(r.Rate), strconv.Itoa(r.Round), strconv.Itoa(r.Place), r.Service, float(r.Seconds), r.Rejected,
			strconv.FormatInt(r.Sent, 10), strconv.FormatInt(r.OK, 10), strconv.FormatInt(failed, 10),
			float(r.Latency.P50), float(r.Latency.P90), float(r.Latency.P99), float(r.Latency.P999), float(r.Latency.Max), float(r.Latency.Mean),
			float(r.Service99), float(r.Lag99), float(r.CPU), strconv.FormatInt(r.PeakBytes, 10), float(r.GeneratorCPU), float(r.ForeignCPU), highest,
		})
		if err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// markdownTable prints a grid; an empty one prints nothing.
func (g grid) markdown() string {
	if len(g.Rows) == 0 {
		return ""
	}
	var out strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			out.WriteString("| " + strings.ReplaceAll(plain(c), "|", `\|`) + " ")
		}
		out.WriteString("|\n")
	}
	if g.Caption != "" {
		out.WriteString("**" + g.Caption + "**\n\n")
	}
	line(g.Head)
	out.WriteString(strings.Repeat("|---", len(g.Head)) + "|\n")
	for _, r := range g.Rows {
		line(r)
	}
	out.WriteString("\n")
	return out.String()
}
