package contract

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// probe makes sure that a service answers.
func (tg *Target) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	health, err := tg.status(ctx, http.MethodGet, "/healthz", nil)
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
	code, err := tg.status(ctx, http.MethodGet, "/dev/mailbox", nil)
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

// CheckUsers makes sure that the given accounts can sign in: a wrong password is
// no breach of the contract.
func CheckUsers(ctx context.Context, tg *Target) error {
	for _, u := range tg.Users {
		code, err := tg.status(ctx, http.MethodPost, "/v1/auth/login", M{"email": u.Email, "password": u.Password})
		if err != nil {
			return unanswered(tg.Base, err)
		}
		if code != http.StatusOK {
			return fmt.Errorf("%s cannot sign in: /v1/auth/login answers %d, not 200", u.Email, code)
		}
	}
	return nil
}

func (tg *Target) status(ctx context.Context, method, path string, body M) (int, error) {
	var sent io.Reader = http.NoBody
	if body != nil {
		sent = bytes.NewReader(mustJSON(body))
	}
	req, err := http.NewRequestWithContext(ctx, method, tg.Base+path, sent)
	if err != nil {
		return 0, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := newHTTP("", &tls.Config{RootCAs: tg.Roots, MinVersion: tls.VersionTLS12}).Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}
