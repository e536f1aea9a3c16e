// Package workspace puts several generated projects side by side: their compose files
// become one, in which each project keeps its own services, volumes, secrets and ports.
package workspace

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// Project is one of the projects.
type Project struct {
	Folder  string // in the workspace; also the prefix of its names
	Title   string
	Compose []byte // its compose.yaml
}

// apart is how far the published ports of one project are from those of the next.
const apart = 10

// Address is where a project's service is reached.
type Address struct {
	Project Project
	Ports   []int // published on the host, in the order of its compose file
}

type object = map[string]any

// Compose makes one compose file of all, and says which ports each project publishes.
func Compose(projects []Project) (text []byte, addresses []Address, err error) {
	all := object{"services": object{}, "volumes": object{}, "secrets": object{}}
	for i, p := range projects {
		one := member{project: p, shift: apart * i, ports: map[string]string{}}
		if err := one.read(); err != nil {
			return nil, nil, err
		}
		for _, section := range []string{"services", "volumes", "secrets"} {
			maps.Copy(all[section].(object), one.section(section)) //nolint:forcetypeassert // made above
		}
		addresses = append(addresses, Address{p, one.published})
	}
	text, err = yaml.MarshalWithOptions(all, yaml.IndentSequence(true))
	if err != nil {
		return nil, nil, fmt.Errorf("write the compose file: %w", err)
	}
	head := "# All prototypes, each with its own database, made of the compose files in their folders.\n"
	return append([]byte(head), text...), addresses, nil
}

// member is one project's compose file on its way into the common one.
type member struct {
	project   Project
	shift     int
	all       map[string]object // section, then name
	ports     map[string]string // localhost:PORT as it was and as it becomes
	published []int
}

// publishes is a port of the host that a container's is published on.
var publishes = regexp.MustCompile(`^(127\.0\.0\.1:)(\d+)(:\d+)$`)

func (m *member) read() error {
	file := m.project.Folder + "/compose.yaml"
	var doc map[string]any
	if err := yaml.Unmarshal(m.project.Compose, &doc); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	m.all = map[string]object{}
	for _, section := range []string{"services", "volumes", "secrets"} {
		m.all[section], _ = doc[section].(object)
	}
	if len(m.all["services"]) == 0 {
		return fmt.Errorf("%s has no services", file)
	}
	for _, name := range slices.Sorted(maps.Keys(m.all["services"])) {
		service, ok := m.all["services"][name].(object)
		if !ok {
			return fmt.Errorf("%s: service %s is empty", file, name)
		}
		ports, _ := service["ports"].([]any)
		for i, port := range ports {
			found := publishes.FindStringSubmatch(fmt.Sprint(port))
			if found == nil {
				return fmt.Errorf("%s: service %s publishes %v, and only 127.0.0.1:PORT:PORT is understood", file, name, port)
			}
			n, err := strconv.Atoi(found[2])
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			moved := strconv.Itoa(n + m.shift)
			ports[i] = found[1] + moved + found[3]
			m.ports["localhost:"+found[2]] = "localhost:" + moved
			m.published = append(m.published, n+m.shift)
		}
	}
	return nil
}

// own is a name in the common file.
func (m *member) own(name string) string { return m.project.Folder + "-" + name }

// section is one of the file's, under names of the project's own.
func (m *member) section(name string) object {
	renamed := object{}
	for id, value := range m.all[name] {
		switch fields, ok := value.(object); {
		case name == "services":
			renamed[m.own(id)] = m.service(fields)
		case ok && name == "secrets":
			renamed[m.own(id)] = object{"file": m.path(fmt.Sprint(fields["file"]))}
		default:
			renamed[m.own(id)] = value
		}
	}
	return renamed
}

func (m *member) service(fields object) object {
	one := object{}
	for key, value := range fields {
		switch key {
		case "build":
			value = "./" + m.project.Folder
		case "image":
			if _, built := fields["build"]; built {
				value = m.own(fmt.Sprint(value))
			}
		case "depends_on":
			value = m.renamed(value)
		case "network_mode":
			if other, found := strings.CutPrefix(fmt.Sprint(value), "service:"); found {
				value = "service:" + m.own(other)
			}
		case "secrets":
			value = each(value, func(name string) any { return object{"source": m.own(name), "target": name} })
		case "volumes":
			value = each(value, m.mount)
		case "environment":
			value = m.moved(value)
		}
		one[key] = value
	}
	return one
}

// renamed are the same values under names of the project's own.
func (m *member) renamed(value any) any {
	fields, ok := value.(object)
	if !ok {
		return each(value, func(name string) any { return m.own(name) })
	}
	out := object{}
	for name, condition := range fields {
		out[m.own(name)] = condition
	}
	return out
}

// mount is a volume of the project's own, or a file of its folder.
func (m *member) mount(text string) any {
	from, rest, _ := strings.Cut(text, ":")
	if _, named := m.all["volumes"][from]; named {
		return m.own(from) + ":" + rest
	}
	return m.path(from) + ":" + rest
}

// path is one of the project's folder, seen from the workspace.
func (m *member) path(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return "./" + m.project.Folder + "/" + strings.TrimPrefix(name, "./")
}

// moved are values in which the ports of the host are the new ones.
func (m *member) moved(value any) any {
	fields, ok := value.(object)
	if !ok {
		return value
	}
	out := object{}
	for name, v := range fields {
		if text, ok := v.(string); ok {
			for _, was := range slices.Sorted(maps.Keys(m.ports)) {
				text = strings.ReplaceAll(text, was, m.ports[was])
			}
			v = text
		}
		out[name] = v
	}
	return out
}

func each(value any, change func(string) any) any {
	list, ok := value.([]any)
	if !ok {
		return value
	}
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = change(fmt.Sprint(v))
	}
	return out
}

// Readme tells how to run and read the prototypes.
func Readme(addresses []Address) []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# The same service, %d times\n", len(addresses))
	line("Each folder is a whole repository with its own README, tests and decision record; they keep the same security contract.\n")
	line("| folder | stack | in compose |\n|---|---|---|")
	for _, a := range addresses {
		line("| [%s](%s/README.md) | %s | %s |", a.Project.Folder, a.Project.Folder, a.Project.Title, strings.Join(places(a.Ports), ", "))
	}
	line("\n## Read\n")
	line("The same thing in each: how an item is read (the `items` folder), how a request is limited, how a test looks, and `git diff --no-index` of two `openapi.json`.\n")
	line("## Run\n")
	line("One alone, without containers: `make -C FOLDER run`. All of them, as in production, with Docker:\n")
	line("    for folder in %s; do \"$folder/deploy/secrets.sh\"; done", strings.Join(folders(addresses), " "))
	line("    docker compose build")
	for _, a := range addresses {
		line("    docker compose run --rm %s-app migrate", a.Project.Folder)
	}
	line("    docker compose up --detach --wait\n")
	line("## Measure\n")
	line("    scaffold compare --stacks %s --out comparison", strings.Join(folders(addresses), ","))
	return []byte(b.String())
}

func folders(addresses []Address) []string {
	var all []string
	for _, a := range addresses {
		all = append(all, a.Project.Folder)
	}
	return all
}

func places(ports []int) []string {
	var all []string
	for _, port := range ports {
		all = append(all, fmt.Sprintf("localhost:%d", port))
	}
	return all
}
