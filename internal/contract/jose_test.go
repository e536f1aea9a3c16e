package contract

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"reflect"
	"strings"
	"testing"
)

func keys(t *testing.T) map[string]crypto.Signer {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"ES256": ec, "EdDSA": ed}
}

func TestJWSRoundTrip(t *testing.T) {
	for alg, key := range keys(t) {
		t.Run(alg, func(t *testing.T) {
			made := jws{Header: M{"alg": alg, "typ": "at+jwt"}, Claims: M{"sub": "a", "exp": 1.0}}
			token, err := made.signed(key)
			if err != nil {
				t.Fatal(err)
			}
			read, err := parseJWS(token)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(read.Header, made.Header) || !reflect.DeepEqual(read.Claims, made.Claims) || read.compact() != token {
				t.Errorf("read back %+v", read)
			}
			if !verifies(token, key.Public()) {
				t.Error("the signature is not accepted by the key that made it")
			}
			for name, forged := range map[string]string{
				"changed claim":   read.with(nil, M{"sub": "b"}).compact(),
				"changed header":  read.with(M{"typ": nil}, nil).compact(),
				"zero signature":  compactJWS(read.input(), make([]byte, 64)),
				"empty signature": compactJWS(read.input(), nil),
				"HMAC":            read.hmacked([]byte("x")),
			} {
				if verifies(forged, key.Public()) {
					t.Errorf("%s: accepted", name)
				}
			}
			jwk, err := jwkOf(key.Public())
			if err != nil {
				t.Fatal(err)
			}
			back, err := publicKey(jwk)
			if err != nil {
				t.Fatal(err)
			}
			if !verifies(token, back) {
				t.Error("the key read from its JWK does not accept the signature")
			}
			secrets, err := confusionSecrets(back, jwk)
			if err != nil || len(secrets) != 6 {
				t.Errorf("secrets: %d, %v", len(secrets), err)
			}
		})
	}
}

// TestES256Vector checks against the example of RFC 7515, appendix A.3.
func TestES256Vector(t *testing.T) {
	const token = "eyJhbGciOiJFUzI1NiJ9" +
		".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
		".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	key, err := publicKey(M{
		"kty": "EC", "crv": "P-256",
		"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
	})
	if err != nil {
		t.Fatal(err)
	}
	if !verifies(token, key) {
		t.Error("the example is not accepted")
	}
}

func TestHMAC(t *testing.T) {
	token := jws{Header: M{"alg": "HS256"}, Claims: M{"sub": "a"}}.hmacked([]byte("key"))
	input, signature, _ := cutLast(token, ".")
	mac := hmac.New(sha256.New, []byte("key"))
	mac.Write([]byte(input))
	if signature != base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) {
		t.Error("the signature is not HS256")
	}
}

func TestParseJWSErrors(t *testing.T) {
	for token, want := range map[string]string{
		"a.b": "2 parts", "a.b.c.d.e": "5 parts", "!.e30.": "base64url", "e30.W10.": "no JSON object", "e30.e30.!": "signature",
	} {
		if _, err := parseJWS(token); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v does not say %q", token, err, want)
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	for name, jwk := range map[string]M{
		"no coordinates": {"kty": "EC", "crv": "P-256"},
		"short":          {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
		"off the curve":  {"kty": "EC", "crv": "P-256", "x": strings.Repeat("A", 42) + "E", "y": strings.Repeat("A", 42) + "E"},
		"other curve":    {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
		"RSA":            {"kty": "RSA", "x": "AA"},
	} {
		if _, err := publicKey(jwk); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (jws{}).signed(key); err == nil {
		t.Error("an RSA key signed")
	}
}
