package render_test

import (
	"testing"

	"example.com/scaffold/internal/pack"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/templates"
)

// BenchmarkRender is the rendering alone, of the full FastAPI project.
func BenchmarkRender(b *testing.B) {
	p := planFor(b, "python-fastapi", everything())
	for b.Loop() {
		if _, err := render.Render(p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWhole is all that "scaffold new" does before it writes: load the
// packs, resolve the answers, plan, render.
func BenchmarkWhole(b *testing.B) {
	for b.Loop() {
		if _, err := render.Render(planFor(b, "python-fastapi", everything())); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad is the reading and checking of the packs.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := pack.Load("builtin:python-fastapi", pack.Builtin(templates.FS)); err != nil {
			b.Fatal(err)
		}
	}
}
