package contract

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"
)

// probe makes sure that a service answers.
func (tg *Target) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	health, err := tg.status(ctx, tg.Base+"/healthz")
	if err != nil {
		return fmt.Errorf("no service answers at %s: %w", tg.Base, err)
	}
	if health != http.StatusOK {
		return fmt.Errorf("%s/healthz answers %d, not 200: is this the service?", tg.Base, health)
	}
	return nil
}

// DetectProfile asks the service how it runs: only the development profile has
// a page with the mail it sent.
func DetectProfile(ctx context.Context, tg *Target) (Profile, error) {
	code, err := tg.status(ctx, tg.Base+"/dev/mailbox")
	if err != nil {
		return "", fmt.Errorf("no service answers at %s: %w", tg.Base, err)
	}
	if code == http.StatusOK {
		return Development, nil
	}
	return Production, nil
}

func (tg *Target) status(ctx context.Context, url string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	res, err := newHTTP("", &tls.Config{RootCAs: tg.Roots, MinVersion: tls.VersionTLS12}).Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}
