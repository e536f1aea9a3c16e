package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/internal/service"
)

// server is one process under load.
type server struct {
	name         string
	url          string
	pid          int
	instance     *service.Instance
	perCPUSecond []float64
}

// paired is the median of one server's rate as a share of another's, with the
// lowest and the highest round.
func paired(one, other *server) string {
	shares := make([]float64, len(one.perCPUSecond))
	for i, rate := range one.perCPUSecond {
		shares[i] = rate / other.perCPUSecond[i]
	}
	slices.Sort(shares)
	return fmt.Sprintf("%.2f (%.2f–%.2f)", shares[len(shares)/2], shares[0], shares[len(shares)-1])
}

func (s *server) rate() float64 { return s.perCPUSecond[len(s.perCPUSecond)/2] }

func (b *bench) start(host *service.Host, spec service.Spec) (*server, error) {
	in, err := host.Start(b.ctx, spec)
	if err != nil {
		return nil, err
	}
	pid, err := listener(in.URL)
	if err != nil {
		return nil, err
	}
	return &server{name: spec.Name, url: in.URL, pid: pid, instance: in}, nil
}

// restart starts the server anew and returns what that took until /readyz answered.
func (s *server) restart(ctx context.Context) (cost, error) {
	if _, err := s.instance.Stop(); err != nil {
		return cost{}, err
	}
	if err := s.instance.Restart(ctx, nil); err != nil {
		return cost{}, err
	}
	s.url = s.instance.URL
	var err error
	if s.pid, err = listener(s.url); err != nil {
		return cost{}, err
	}
	used, err := cpuTime(s.pid)
	return cost{wall: s.instance.Took, cpu: used}, err
}

// burst sends requests over a few connections and returns how many the server
// answered for each second of its CPU time.
func (s *server) burst(ctx context.Context, path, token string) (float64, error) {
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	before, err := cpuTime(s.pid)
	if err != nil {
		return 0, err
	}
	errs := make(chan error, connections)
	for range connections {
		go func() {
			for range burst / connections {
				if err := get(ctx, client, s.url+path, token); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range connections {
		if one := <-errs; one != nil {
			err = one
		}
	}
	if err != nil {
		return 0, err
	}
	after, err := cpuTime(s.pid)
	return burst / (after - before).Seconds(), err
}

func get(ctx context.Context, client *http.Client, url, token string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"title"`))) {
		err = fmt.Errorf("GET %s: %s %s", url, res.Status, body)
	}
	return err
}

func (s *server) post(path, token, body string, member ...string) (string, error) {
	req, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(body)) //nolint:noctx // set-up
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	value, ok := answer[member[0]].(string)
	if !ok {
		return "", fmt.Errorf("POST %s: %s %v", path, res.Status, answer)
	}
	return value, nil
}

func (s *server) login() (string, error) {
	return s.post("/v1/auth/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password), "access_token")
}

func (s *server) makeItem(token string) (string, error) {
	return s.post("/v1/items", token, `{"title":"First","body":"text"}`, "id")
}

// loginCost is the CPU of a login, with the one hash it must cost.
func (s *server) loginCost(ctx context.Context) (time.Duration, error) {
	const logins = 20
	before, err := cpuTime(s.pid)
	if err != nil {
		return 0, err
	}
	for range logins {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if _, err := s.login(); err != nil {
			return 0, err
		}
	}
	after, err := cpuTime(s.pid)
	return (after - before) / logins, err
}
