package workspace

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const sample = `
x-hardened: &hardened
  read_only: true
services:
  app:
    <<: *hardened
    build: .
    image: shop
    depends_on:
      database: {condition: service_healthy}
    environment:
      PUBLIC_URL: ${PUBLIC_URL:-https://localhost:8443}
    ports:
      - 127.0.0.1:8443:8443
      - 127.0.0.1:8025:8025
    secrets: [cursor_secret]
    volumes:
      - database-socket:/var/run/postgresql
  proxy:
    network_mode: service:app
    volumes:
      - ./deploy/nginx.conf:/etc/nginx.conf:ro
  database:
    image: postgres:17
    network_mode: none
volumes:
  database-socket:
secrets:
  cursor_secret: {file: secrets/cursor_secret}
`

// TestCompose: nothing of one project is another's, and what belongs together still does.
func TestCompose(t *testing.T) {
	text, addresses, err := Compose([]Project{{Folder: "one", Compose: []byte(sample)}, {Folder: "two", Compose: []byte(sample)}})
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Services map[string]struct {
			Build       string
			Image       string
			ReadOnly    bool           `yaml:"read_only"`
			DependsOn   map[string]any `yaml:"depends_on"`
			Environment map[string]string
			NetworkMode string `yaml:"network_mode"`
			Ports       []string
			Secrets     []struct{ Source, Target string }
			Volumes     []string
		}
		Volumes map[string]any
		Secrets map[string]struct{ File string }
	}
	if err := yaml.UnmarshalWithOptions(text, &doc, yaml.Strict()); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(doc.Services) != 6 || len(doc.Volumes) != 2 || len(doc.Secrets) != 2 {
		t.Fatalf("%d services, %d volumes, %d secrets", len(doc.Services), len(doc.Volumes), len(doc.Secrets))
	}
	app := doc.Services["two-app"]
	for _, check := range []struct{ what, got, want string }{
		{"build", app.Build, "./two"},
		{"image", app.Image, "two-shop"},
		{"image of others", doc.Services["two-database"].Image, "postgres:17"},
		{"public URL", app.Environment["PUBLIC_URL"], "${PUBLIC_URL:-https://localhost:8453}"},
		{"ports", strings.Join(app.Ports, " "), "127.0.0.1:8453:8443 127.0.0.1:8035:8025"},
		{"ports of the first", strings.Join(doc.Services["one-app"].Ports, " "), "127.0.0.1:8443:8443 127.0.0.1:8025:8025"},
		{"network", doc.Services["two-proxy"].NetworkMode, "service:two-app"},
		{"no network", doc.Services["two-database"].NetworkMode, "none"},
		{"file", doc.Services["two-proxy"].Volumes[0], "./two/deploy/nginx.conf:/etc/nginx.conf:ro"},
		{"volume", app.Volumes[0], "two-database-socket:/var/run/postgresql"},
		{"secret", app.Secrets[0].Source + " " + app.Secrets[0].Target, "two-cursor_secret cursor_secret"},
		{"file of the secret", doc.Secrets["two-cursor_secret"].File, "./two/secrets/cursor_secret"},
	} {
		if check.got != check.want {
			t.Errorf("%s: %q, want %q", check.what, check.got, check.want)
		}
	}
	if _, found := app.DependsOn["two-database"]; !found || !app.ReadOnly {
		t.Errorf("%+v", app)
	}
	readme := string(Readme(addresses))
	for _, want := range []string{"localhost:8453", "two/README.md", "docker compose run --rm one-app migrate", "for folder in one two;"} {
		if !strings.Contains(readme, want) {
			t.Errorf("the README does not say %q:\n%s", want, readme)
		}
	}
}

func TestWhatCannotBeJoinedIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"services: [":                        "shop/compose.yaml",
		"volumes: {}":                        "shop/compose.yaml has no services",
		"services: {app: {ports: ['8443']}}": "service app publishes 8443",
	} {
		_, _, err := Compose([]Project{{Folder: "shop", Compose: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v does not say %q", text, err, want)
		}
	}
}
