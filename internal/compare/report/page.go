package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"
)

//go:embed page.html.tmpl
var pageTemplate string

//go:embed style.css
var style string

// part is what the page shows of one workload.
type part struct {
	workload
	Bars   template.HTML
	Ratios []template.HTML
	Curves []template.HTML
	Tables []grid
}

// page writes the HTML report.
func page(out *bytes.Buffer, v *view) error {
	t, err := template.New("page").Funcs(template.FuncMap{"join": strings.Join}).Parse(pageTemplate)
	if err != nil {
		return err
	}
	var parts []part
	for _, w := range v.Workloads {
		p := part{workload: w, Bars: barChart(w.Title+", CPU per request in microseconds", "µs", w.CPU)}
		for _, metric := range []string{"cpu", "p99", "highest"} {
			if chart := v.forest(w, metric); chart != "" {
				p.Ratios = append(p.Ratios, chart)
			}
		}
		for _, rate := range w.Rates {
			if chart := v.curves(w, rate); chart != "" {
				p.Curves = append(p.Curves, chart)
			}
		}
		for _, g := range []grid{v.figures(w), v.pairs(w)} {
			if len(g.Rows) > 0 {
				p.Tables = append(p.Tables, g)
			}
		}
		parts = append(parts, p)
	}
	return t.Execute(out, map[string]any{
		"V": v, "Style": template.CSS(style), "Parts": parts, //nolint:gosec // our own style sheet
		"Costs": v.costs(), "Protections": v.protections(), "Money": v.money(), "Parity": v.parity(), "Rejected": v.rejected(),
		"Command": strings.Join(v.Command, " "), "Limits": v.limits(), "Method": v.method(),
	})
}
