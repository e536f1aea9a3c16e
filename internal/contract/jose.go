package contract

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"strings"
)

// jws is a compact JWS taken apart so that single parts can be forged. Own code
// and no JOSE library: libraries refuse to write what an attacker would.
type jws struct {
	Header, Claims M
	Signature      []byte
}

// parseJWS takes a token apart without judging it.
func parseJWS(token string) (jws, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return jws{}, fmt.Errorf("the token has %d parts, a JWS has 3", len(parts))
	}
	var j jws
	for i, into := range []*M{&j.Header, &j.Claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			return jws{}, fmt.Errorf("part %d of the token is no base64url: %w", i+1, err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return jws{}, fmt.Errorf("part %d of the token is no JSON object: %w", i+1, err)
		}
	}
	var err error
	if j.Signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return jws{}, fmt.Errorf("the signature is no base64url: %w", err)
	}
	return j, nil
}

// with returns a copy with members of header and claims replaced; a nil value
// removes the member.
func (j jws) with(header, claims M) jws {
	return jws{Header: changed(j.Header, header), Claims: changed(j.Claims, claims), Signature: j.Signature}
}

func changed(m, by M) M {
	out := maps.Clone(m)
	for name, value := range by {
		if value == nil {
			delete(out, name)
		} else {
			out[name] = value
		}
	}
	return out
}

// input is what a signature covers.
func (j jws) input() string { return segment(j.Header) + "." + segment(j.Claims) }

// compact writes the token with the signature it has.
func (j jws) compact() string { return compactJWS(j.input(), j.Signature) }

func compactJWS(input string, signature []byte) string {
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// segment is a value as JSON in base64url. Values come from this package and
// always have a JSON form.
func segment(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// signed signs with a private key: ES256 for P-256, EdDSA for Ed25519. The alg
// header stays as it is.
func (j jws) signed(key crypto.Signer) (string, error) { return signJWS(j.input(), key) }

func signJWS(input string, key crypto.Signer) (string, error) {
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		digest := sha256.Sum256([]byte(input))
		r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
		if err != nil {
			return "", fmt.Errorf("sign a token: %w", err)
		}
		signature := make([]byte, 64)
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
		return compactJWS(input, signature), nil
	case ed25519.PrivateKey:
		return compactJWS(input, ed25519.Sign(key, []byte(input))), nil
	}
	return "", fmt.Errorf("sign a token: keys of type %T are not supported", key)
}

// hmacked signs with HS256 under any bytes, as in an algorithm confusion.
func (j jws) hmacked(secret []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(j.input()))
	return compactJWS(j.input(), mac.Sum(nil))
}

// verifies reports whether a public key made the token's signature.
func verifies(token string, key crypto.PublicKey) bool {
	input, encoded, ok := cutLast(token, ".")
	signature, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return false
	}
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		if len(signature) != 64 {
			return false
		}
		digest := sha256.Sum256([]byte(input))
		return ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	case ed25519.PublicKey:
		return ed25519.Verify(key, []byte(input), signature)
	}
	return false
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// privateMembers are those of a JWK that a JWKS must never show (RFC 7518 §6).
func privateMembers() []string { return []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} }

// publicKey reads a P-256 or Ed25519 public key from its JWK.
func publicKey(jwk M) (crypto.PublicKey, error) {
	number := func(name string) ([]byte, error) {
		text, ok := jwk[name].(string)
		if !ok {
			return nil, fmt.Errorf("the JWK has no member %s", name)
		}
		return base64.RawURLEncoding.DecodeString(text)
	}
	x, err := number("x")
	if err != nil {
		return nil, err
	}
	switch {
	case jwk["kty"] == "OKP" && jwk["crv"] == "Ed25519" && len(x) == ed25519.PublicKeySize:
		return ed25519.PublicKey(x), nil
	case jwk["kty"] == "EC" && jwk["crv"] == "P-256":
		y, err := number("y")
		if err != nil {
			return nil, err
		}
		if len(x) != 32 || len(y) != 32 {
			return nil, errors.New("the JWK's coordinates are not 32 bytes long")
		}
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	}
	return nil, fmt.Errorf("the JWK is of type %v %v, want EC P-256 or OKP Ed25519", jwk["kty"], jwk["crv"])
}

// jwkOf is a public key as JWK.
func jwkOf(key crypto.PublicKey) (M, error) {
	enc := base64.RawURLEncoding.EncodeToString
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return nil, fmt.Errorf("encode a key: %w", err)
		}
		half := (len(point) - 1) / 2
		return M{"kty": "EC", "crv": key.Params().Name, "x": enc(point[1 : 1+half]), "y": enc(point[1+half:])}, nil
	case ed25519.PublicKey:
		return M{"kty": "OKP", "crv": "Ed25519", "x": enc(key)}, nil
	}
	return nil, fmt.Errorf("encode a key: type %T is not supported", key)
}

// confusionSecrets are the forms of a public key that a verifier might feed to
// HMAC if it lets the token choose the algorithm.
func confusionSecrets(key crypto.PublicKey, jwk M) (map[string][]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	text, err := json.Marshal(jwk)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	pemText := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	out := map[string][]byte{
		"PEM": pemText, "PEM without its last line break": pemText[:len(pemText)-1], "DER": der, "JWK text": text,
	}
	if x, ok := jwk["x"].(string); ok {
		out["x coordinate as text"] = []byte(x)
		if raw, err := base64.RawURLEncoding.DecodeString(x); err == nil {
			out["x coordinate"] = raw
		}
	}
	return out, nil
}
