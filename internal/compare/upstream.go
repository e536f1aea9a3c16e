package compare

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// upstreamTakes is how long the slow upstream thinks.
const upstreamTakes = 50 * time.Millisecond

// upstream is what services wait for under the workload slow.
type upstream struct {
	url    string
	server *http.Server
	ended  chan error
}

func listenUpstream(ctx context.Context) (*upstream, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the workload slow: %w", err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(upstreamTakes)
		defer timer.Stop()
		select {
		case <-timer.C:
			w.WriteHeader(http.StatusOK)
		case <-r.Context().Done():
		}
	})
	u := &upstream{
		url:    fmt.Sprintf("http://%s/", listener.Addr()),
		server: &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}, ended: make(chan error, 1),
	}
	go func() { u.ended <- u.server.Serve(listener) }()
	return u, nil
}

func (u *upstream) close() error {
	err := u.server.Close()
	if ended := <-u.ended; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
