package contract

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// probe makes sure that a service answers.
func (tg *Target) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	health, err := tg.status(ctx, tg.Base+"/healthz")
	if err != nil {
		return unanswered(tg.Base, err)
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
		return "", unanswered(tg.Base, err)
	}
	if code == http.StatusOK {
		return Development, nil
	}
	return Production, nil
}

// unanswered says why a service could not be asked. One whose certificate is not
// trusted did answer.
func unanswered(base string, err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err // which path was asked does not matter
	}
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return fmt.Errorf("the certificate of %s is not trusted: %w", base, err)
	}
	return fmt.Errorf("no service answers at %s: %w", base, err)
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
