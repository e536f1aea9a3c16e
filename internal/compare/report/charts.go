package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"

	"example.com/scaffold/internal/compare/result"
)

// Charts are drawn in user units of a view box; the page scales them.
const (
	chartWidth = 640.0
	leftEdge   = 150.0 // room for names
	rightEdge  = 40.0
	rowHeight  = 26.0
	axisHeight = 34.0
)

// drawing collects the elements of one chart.
type drawing struct {
	strings.Builder
	height float64
}

func (d *drawing) add(format string, args ...any) { fmt.Fprintf(d, format+"\n", args...) }

// finish wraps the elements; title and description are what a screen reader says.
func (d *drawing) finish(title, description string) template.HTML {
	return template.HTML(fmt.Sprintf( //nolint:gosec // every text in it is escaped where it is added
		"<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"%s\">\n%s</svg>",
		chartWidth, d.height, html.EscapeString(title+". "+description), d.String()))
}

func (d *drawing) text(x, y float64, anchor, class, text string) {
	d.add(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, html.EscapeString(text))
}

// barChart shows medians from zero, each with the range of its rounds.
func barChart(title, unit string, bars []bar) template.HTML {
	if len(bars) == 0 {
		return ""
	}
	most := 0.0
	for _, b := range bars {
		most = max(most, b.Max)
	}
	d := &drawing{height: float64(len(bars))*rowHeight + 8}
	scale := (chartWidth - leftEdge - rightEdge - 60) / most
	var told []string
	for i, b := range bars {
		y := float64(i)*rowHeight + 4
		d.text(leftEdge-8, y+15, "end", "name", b.Service.Title)
		d.add(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="fill s%d"/>`, leftEdge, y+2, b.Median*scale, rowHeight-8, b.Index)
		d.add(`<path d="M%.1f %.1fH%.1f" class="range"/>`, leftEdge+b.Low*scale, y+rowHeight/2-2, leftEdge+b.Max*scale)
		d.text(leftEdge+b.Max*scale+8, y+15, "start", "value", number(b.Median))
		told = append(told, fmt.Sprintf("%s %s %s", b.Service.Title, number(b.Median), unit))
	}
	return d.finish(title, strings.Join(told, ", "))
}

// forest shows ratios to one service, each with its interval, on a log scale.
func (v *view) forest(w workload, metric string) template.HTML {
	pairs := atTop(w.Pairs, metric)
	if len(pairs) == 0 || len(v.Measured) < 2 {
		return ""
	}
	reference := v.Measured[0]
	type row struct {
		name  string
		class string
		result.Interval
	}
	var rows []row
	for i, s := range v.Measured[1:] {
		if iv, ok := ratio(pairs, s.ID, reference.ID); ok {
			rows = append(rows, row{s.Title, fmt.Sprintf("s%d", i+1), iv})
		}
	}
	for _, p := range pairs {
		if p.Control != nil {
			rows = append(rows, row{"control (A/A)", "control", *p.Control})
			break
		}
	}
	if len(rows) == 0 {
		return ""
	}
	low, high := 0.8, 1.25
	for _, r := range rows {
		low, high = min(low, r.Low), max(high, r.High)
	}
	low, high = low*0.95, high*1.05
	x := func(ratio float64) float64 {
		return leftEdge + (math.Log(ratio)-math.Log(low))/(math.Log(high)-math.Log(low))*(chartWidth-leftEdge-rightEdge)
	}
	d := &drawing{height: float64(len(rows))*rowHeight + axisHeight}
	bottom := float64(len(rows)) * rowHeight
	for _, tick := range []float64{0.05, 0.1, 0.2, 0.25, 0.5, 0.8, 1, 1.25, 2, 4, 5, 10, 20} {
		if tick < low || tick > high {
			continue
		}
		class := "grid"
		if tick == 1 {
			class = "one"
		}
		d.add(`<path d="M%.1f 0V%.1f" class="%s"/>`, x(tick), bottom+4, class)
		d.text(x(tick), bottom+18, "middle", "tick", fmt.Sprintf("%g×", tick))
	}
	var told []string
	for i, r := range rows {
		y := float64(i)*rowHeight + rowHeight/2
		d.text(leftEdge-8, y+4, "end", "name", r.name)
		d.add(`<path d="M%.1f %.1fH%.1f" class="line %s"/>`, x(r.Low), y, x(r.High), r.class)
		d.add(`<circle cx="%.1f" cy="%.1f" r="5" class="fill %s"/>`, x(r.Ratio), y, r.class)
		told = append(told, r.name+" "+interval(r.Interval))
	}
	name, _ := metricWords(metric)
	return d.finish(fmt.Sprintf("%s, ratio to %s", name, reference.Title), strings.Join(told, ", "))
}

// shares are where a percentile curve is drawn: its far end is what matters.
func shares() []float64 {
	return []float64{0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999}
}

// curve is the median, over the rounds, of the latency within which each share was
// answered; nil when no round has one.
func curve(rounds []result.Round) []result.Point {
	var points []result.Point
	for _, share := range shares() {
		var values []float64
		for _, r := range rounds {
			i := slices.IndexFunc(r.Curve, func(p result.Point) bool { return p.Share >= share })
			if i >= 0 {
				values = append(values, r.Curve[i].Millis)
			}
		}
		if len(values) > 0 {
			points = append(points, result.Point{Share: share, Millis: median(values)})
		}
	}
	return points
}

// curves shows latency by percentile, both axes by orders of magnitude.
func (v *view) curves(w workload, rate float64) template.HTML {
	const height, bottom, top = 260.0, 224.0, 12.0
	low, high := math.Inf(1), 0.0
	lines := make([][]result.Point, len(v.Measured))
	for i, s := range v.Measured {
		lines[i] = curve(w.cells[cell{s.ID, rate}])
		for _, p := range lines[i] {
			if p.Millis > 0 {
				low, high = min(low, p.Millis), max(high, p.Millis)
			}
		}
	}
	if high == 0 {
		return ""
	}
	low, high = low*0.8, high*1.25
	const left = 64.0
	x := func(share float64) float64 {
		return left + -math.Log10(1-share)/3*(chartWidth-left-rightEdge)
	}
	y := func(millis float64) float64 {
		return bottom - (math.Log(millis)-math.Log(low))/(math.Log(high)-math.Log(low))*(bottom-top)
	}
	d := &drawing{height: height}
	for _, share := range []float64{0, 0.5, 0.9, 0.99, 0.999} {
		d.add(`<path d="M%.1f %gV%g" class="grid"/>`, x(share), top, bottom)
		d.text(x(share), bottom+18, "middle", "tick", fmt.Sprintf("%g %%", share*100))
	}
	for _, tick := range ticks(low, high) {
		d.add(`<path d="M%g %.1fH%g" class="grid"/>`, left, y(tick), chartWidth-rightEdge)
		d.text(left-8, y(tick)+4, "end", "tick", number(tick)+" ms")
	}
	var told []string
	for i, line := range lines {
		if len(line) == 0 {
			continue
		}
		var path strings.Builder
		for k, p := range line {
			fmt.Fprintf(&path, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[k == 0], x(p.Share), y(max(p.Millis, low)))
		}
		d.add(`<path d="%s" class="line s%d"/>`, path.String(), i)
		last := line[len(line)-1]
		told = append(told, fmt.Sprintf("%s %s ms at %g %%", v.Measured[i].Title, number(last.Millis), last.Share*100))
	}
	return d.finish(fmt.Sprintf("%s at %.4g requests a second, latency by percentile", w.Title, rate), strings.Join(told, ", "))
}

// ticks are round numbers between two bounds, 1, 2 and 5 of each order of magnitude.
func ticks(low, high float64) []float64 {
	var some []float64
	for exponent := math.Floor(math.Log10(low)); math.Pow(10, exponent) <= high; exponent++ {
		for _, digit := range []float64{1, 2, 5} {
			if tick := digit * math.Pow(10, exponent); tick >= low && tick <= high {
				some = append(some, tick)
			}
		}
	}
	return some
}

// number prints a figure with the three digits that a measurement may claim.
func number(value float64) string {
	switch {
	case value == 0:
		return "0"
	case math.Abs(value) >= 100:
		return fmt.Sprintf("%.0f", value)
	case math.Abs(value) >= 10:
		return fmt.Sprintf("%.1f", value)
	case math.Abs(value) >= 1:
		return fmt.Sprintf("%.2f", value)
	}
	return fmt.Sprintf("%.3f", value)
}
