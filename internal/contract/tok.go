package contract

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"time"
)

func tokTests() []Test {
	key := []Need{NeedKey}
	return []Test{
		{ID: "TOK-01", Name: "shape", Users: 1, Accounts: true, Clauses: []string{"T1"}, Run: tok01},
		{ID: "TOK-02", Name: "none and tamper", Users: 1, Accounts: true, Clauses: []string{"T2"}, Run: tok02},
		{ID: "TOK-03", Name: "confusion", Users: 1, Accounts: true, Clauses: []string{"T2", "T6"}, Run: tok03},
		{ID: "TOK-04", Name: "key headers", Users: 1, Accounts: true, Clauses: []string{"T4"}, Run: tok04},
		{ID: "TOK-05", Name: "claims", Needs: key, Users: 1, Accounts: true, Clauses: []string{"T2"}, Run: tok05},
		{ID: "TOK-06", Name: "kinds", Needs: []Need{NeedMail}, Users: 1, Accounts: true, Clauses: []string{"T3"}, Run: tok06},
		{ID: "TOK-07", Name: "where", Users: 1, Accounts: true, Clauses: []string{"G1", "T2"}, Run: tok07},
		{ID: "TOK-08", Name: "challenge", Users: 1, Accounts: true, Clauses: []string{"T2"}, Run: tok08},
		{ID: "TOK-09", Name: "role not in token", Needs: key, Users: 1, Accounts: true, Option: "admin", Clauses: []string{"T5"}, Run: tok09},
		{ID: "TOK-10", Name: "unusual JWS", Users: 1, Accounts: true, Clauses: []string{"T2"}, Run: tok10},
	}
}

// refuseBearer asserts that a forged access token is refused as an invalid one.
func (t *T) refuseBearer(what, token string) {
	res := t.Get(pathMe, Bearer(token))
	if res.Status != http.StatusUnauthorized {
		t.refusals.Add(1)
		res.Errorf("%s: want 401, got %d", what, res.Status)
		return
	}
	res.Refused(http.StatusUnauthorized, "invalid-token")
	if challenge := res.Header.Get("WWW-Authenticate"); !strings.Contains(challenge, `error="invalid_token"`) {
		res.Errorf("%s: WWW-Authenticate is %q, want error=\"invalid_token\"", what, challenge)
	}
}

// genuine signs a user in and returns the session with its token taken apart,
// after the service has accepted it.
func (t *T) genuine() (*Session, jws) {
	s := t.SignIn(t.UserAt(t.base))
	t.alive(s)
	return s, t.claims(s.Access)
}

// sign signs with a key; a key of the suite's own kind never fails.
func (t *T) sign(j jws, key crypto.Signer) string {
	token, err := j.signed(key)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return token
}

// stranger is a key of the same kind as the service's that it does not know.
func (t *T) stranger(alg any) crypto.Signer {
	if alg == "EdDSA" {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatalf("%v", err)
		}
		return key
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return key
}

func tok01(t *T) {
	u := t.UserAt(t.base)
	res := t.Login(u.Email, u.Password).Want(http.StatusOK)
	s := t.SessionOf(t.Client, u, res)
	t.alive(s)
	j := t.claims(s.Access)
	t.Check(j.Header["typ"] == "at+jwt", "typ is %v, want at+jwt", j.Header["typ"])
	t.Check(j.Header["alg"] == "ES256" || j.Header["alg"] == "EdDSA", "alg is %v, want ES256 or EdDSA", j.Header["alg"])
	kid, _ := j.Header["kid"].(string)
	t.Check(kid != "", "there is no kid")
	for name := range j.Header {
		t.Check(name == "typ" || name == "alg" || name == "kid", "the header has a member %s", name)
	}
	number := func(name string) float64 {
		n, ok := j.Claims[name].(float64)
		t.Check(ok && n == float64(int64(n)), "claim %s is %v, want whole seconds", name, j.Claims[name])
		return n
	}
	for _, name := range []string{"iss", "sub", "jti", "sid", "acr"} {
		t.claim(s.Access, name)
	}
	if _, ok := j.Claims["amr"].([]any); !ok {
		t.Errorf("claim amr is %v, want a list", j.Claims["amr"])
	}
	switch aud := j.Claims["aud"].(type) {
	case string:
		t.Check(aud != "", "claim aud is empty")
	case []any:
		t.Check(len(aud) > 0, "claim aud is empty")
	default:
		t.Errorf("claim aud is %v", aud)
	}
	iat, exp, nbf, auth := number("iat"), number("exp"), number("nbf"), number("auth_time")
	life := exp - iat
	t.Check(life > 0 && life <= 900, "the token lives %v s, want up to 900", life)
	if in, ok := res.Object()["expires_in"].(float64); !ok || in < life-2 || in > life {
		res.Errorf("expires_in is %v, the token lives %v s", res.Object()["expires_in"], life)
	}
	t.Check(nbf <= iat+1 && auth <= iat+1 && iat-auth < 60, "iat %v, nbf %v and auth_time %v do not fit together", iat, nbf, auth)
	t.Check(regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(t.claim(s.Access, "sub")), "sub is no UUID")
	t.Check(t.claim(s.Access, "sub") == res.Text("user", "id"), "sub is not the user's id")
	for _, name := range []string{"email", "role", "roles", "permissions", "scope", "name", "preferred_username"} {
		_, there := j.Claims[name]
		t.Check(!there, "the token tells %s", name)
	}
	t.Check(!strings.Contains(strings.ToLower(string(mustDecode(s.Access))), strings.ToLower(u.Email)), "the token shows the e-mail address")
}

// mustDecode is the claims part of a token that has been parsed before.
func mustDecode(token string) []byte {
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		return nil
	}
	return raw
}

func tok02(t *T) {
	s, j := t.genuine()
	other := t.SignIn(t.UserAt(t.base))
	for _, alg := range []string{"none", "None", "nOnE", "NONE"} {
		forged := j.with(M{"alg": alg}, nil)
		t.refuseBearer("alg "+alg, compactJWS(forged.input(), nil))
		t.refuseBearer("alg "+alg+" with the old signature", forged.compact())
	}
	t.refuseBearer("empty signature", compactJWS(j.input(), nil))
	t.refuseBearer("changed sub", j.with(nil, M{"sub": t.claim(other.Access, "sub")}).compact())
	t.refuseBearer("another token's signature", compactJWS(j.input(), t.claims(other.Access).Signature))
	t.refuseBearer("r = s = 0", compactJWS(j.input(), make([]byte, 64)))
	t.refuseBearer("signature cut short", compactJWS(j.input(), j.Signature[:len(j.Signature)-1]))
	t.refuseBearer("token cut short", s.Access[:len(s.Access)/2])
	t.refuseBearer("no signature part", j.input())
	t.refuseBearer("signed by a stranger under the service's kid", t.sign(j, t.stranger(j.Header["alg"])))
	t.alive(s)
}

// jwks reads the published key set, asserting that it shows nothing private.
func (t *T) jwks() []M {
	res := t.Get("/.well-known/jwks.json").Want(http.StatusOK)
	list, ok := res.Object()["keys"].([]any)
	if !ok || len(list) == 0 {
		res.Fatalf("the key set has no keys")
	}
	var out []M
	for _, entry := range list {
		jwk, ok := entry.(M)
		if !ok {
			res.Fatalf("an entry of keys is no object")
		}
		for _, name := range privateMembers() {
			if _, there := jwk[name]; there {
				res.Errorf("the key set shows the private member %s", name)
			}
		}
		out = append(out, jwk)
	}
	return out
}

func tok03(t *T) {
	s, j := t.genuine()
	var signer crypto.PublicKey
	var signerJWK M
	for _, jwk := range t.jwks() {
		key, err := publicKey(jwk)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if jwk["kid"] == j.Header["kid"] {
			signer, signerJWK = key, jwk
		}
	}
	t.Control(signer != nil && verifies(s.Access, signer), "the key set has no key that made this token's signature")
	secrets, err := confusionSecrets(signer, signerJWK)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for form, secret := range secrets {
		t.refuseBearer("HS256 under the public key as "+form, j.with(M{"alg": "HS256"}, nil).hmacked(secret))
		t.refuseBearer("HMAC under the public key as "+form+" called "+j.Header["alg"].(string), j.hmacked(secret))
	}
	t.alive(s)
}

func tok04(t *T) {
	s, j := t.genuine()
	own := t.stranger(j.Header["alg"])
	jwk, err := jwkOf(own.Public())
	if err != nil {
		t.Fatalf("%v", err)
	}
	certificate, err := selfSigned(own)
	if err != nil {
		t.Fatalf("%v", err)
	}
	jku, x5u, kidURL := "https://keys.example.test/", "https://keys.example.test/", "https://keys.example.test/"
	canary := t.run.target.Canary
	names := []string{"tok04jku" + Random(4), "tok04x5u" + Random(4), "tok04kid" + Random(4)}
	if canary != nil {
		jku, x5u, kidURL = canary.URL(names[0]), canary.URL(names[1]), canary.URL(names[2])
	}
	for what, header := range map[string]M{
		"jwk":                      {"jwk": jwk},
		"jwk without kid":          {"jwk": jwk, "kid": nil},
		"jku":                      {"jku": jku},
		"jku without kid":          {"jku": jku, "kid": nil},
		"x5u":                      {"x5u": x5u},
		"x5c":                      {"x5c": []string{base64.StdEncoding.EncodeToString(certificate)}},
		"x5c without kid":          {"x5c": []string{base64.StdEncoding.EncodeToString(certificate)}, "kid": nil},
		"kid ../../dev/null":       {"kid": "../../dev/null"},
		"kid /dev/null":            {"kid": "/dev/null"},
		"kid with SQL":             {"kid": "' OR 1=1--"},
		"kid with SQL and a union": {"kid": "x' UNION SELECT 'a'--"},
		"kid as URL":               {"kid": kidURL},
		"kid as a list":            {"kid": []string{"a"}},
		"kid as a number":          {"kid": 0},
		"kid with U+0000":          {"kid": "a\x00b"},
		"kid absent":               {"kid": nil},
	} {
		t.refuseBearer(what, t.sign(j.with(header, nil), own))
	}
	for _, kid := range []string{"../../dev/null", "/dev/null", ""} {
		t.refuseBearer("empty HMAC key under kid "+kid, j.with(M{"kid": kid, "alg": "HS256"}, nil).hmacked(nil))
	}
	if canary != nil {
		time.Sleep(200 * time.Millisecond)
		for _, name := range names {
			t.Check(canary.Hits(name) == 0, "the service fetched an address out of a token's header (%s)", name[5:8])
		}
	}
	t.alive(s)
}

func selfSigned(key crypto.Signer) ([]byte, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "attacker"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	return x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
}

func tok05(t *T) {
	s, j := t.genuine()
	key := t.run.target.Key
	now := time.Now().Unix()
	minted := t.sign(j.with(nil, M{"exp": now + 300, "iat": now, "nbf": now}), key)
	t.Get(pathMe, Bearer(minted)).Control()
	for what, claims := range map[string]M{
		"expired":          {"exp": now - 120, "iat": now - 600, "nbf": now - 600},
		"just expired":     {"exp": now - 1, "iat": now - 600, "nbf": now - 600},
		"not yet valid":    {"nbf": now + 120},
		"without exp":      {"exp": nil},
		"exp as text":      {"exp": "never"},
		"exp as a numeral": {"exp": "99999999999"},
		"exp 1e20":         {"exp": 1e20},
		"exp true":         {"exp": true},
		"nbf as a numeral": {"nbf": "1700000000"},
		"iat as a numeral": {"iat": "1700000000"},
		"wrong iss":        {"iss": "https://evil.example"},
		"without iss":      {"iss": nil},
		"wrong aud":        {"aud": "https://other.example"},
		"without aud":      {"aud": nil},
		"without iat":      {"iat": nil},
		"without sub":      {"sub": nil},
		"sub no UUID":      {"sub": "1"},
		"another sub":      {"sub": "00000000-0000-4000-8000-000000000000"},
		"without sid":      {"sid": nil},
		"sid as a number":  {"sid": 7},
		"unknown sid":      {"sid": "00000000-0000-4000-8000-000000000000"},
	} {
		t.refuseBearer(what, t.sign(j.with(nil, claims), key))
	}
	for what, header := range map[string]M{"typ JWT": {"typ": "JWT"}, "without typ": {"typ": nil}, "typ of a logout token": {"typ": "logout+jwt"}} {
		t.refuseBearer(what, t.sign(j.with(header, nil), key))
	}
	t.alive(s)
}

func tok06(t *T) {
	s, _ := t.genuine()
	t.refuseBearer("the refresh token", s.Refresh)
	t.refuseBearer("a reset token", t.forgot(s.User, 2))
	pending := t.pending()
	verification := t.MailToken(pending.Email, 1)
	t.refuseBearer("a verification token", verification)
	t.fresh().Post(pathReset, M{"token": verification, "new_password": NewPassword()}).Refused(http.StatusUnauthorized)
	t.fresh().Post(pathVerify, M{"token": t.forgot(s.User, 3), "password": s.User.Password}).Refused(http.StatusUnauthorized)
	t.alive(s)
	t.DoRefresh(t.Client, s.Access).Refused(http.StatusUnauthorized)
	// A token of another kind may already be too long for a reset token (422).
	t.fresh().Post(pathReset, M{"token": s.Access, "new_password": NewPassword()}).RefusedAny([]int{http.StatusUnauthorized, http.StatusUnprocessableEntity})
	t.fresh().Post(pathReset, M{"token": s.Refresh, "new_password": NewPassword()}).Refused(http.StatusUnauthorized)
}

func tok07(t *T) {
	s, _ := t.genuine()
	t.Get(pathMe, Header("Authorization", "bearer "+s.Access)).Control()
	refuse := func(what string, res *Response) {
		if res.Refused(http.StatusUnauthorized); res.Status != http.StatusUnauthorized {
			res.Errorf("token accepted as %s", what)
		}
	}
	refuse("query parameter", t.Get(pathMe+"?access_token="+s.Access))
	refuse("query parameter", t.Get(pathMe+"?token="+s.Access))
	r := t.First()
	refuse("body member", t.Post(r.Path, r.Body(M{"access_token": s.Access})))
	refuse("cookie", t.Get(pathMe, Header("Cookie", "access_token="+s.Access+"; token="+s.Access+"; Authorization=Bearer "+s.Access)))
	refuse("Basic password", t.Get(pathMe, Header("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("x:"+s.Access)))))
	refuse("Basic", t.Get(pathMe, Header("Authorization", "Basic "+s.Access)))
	refuse("Token", t.Get(pathMe, Header("Authorization", "Token "+s.Access)))
	refuse("bare value", t.Get(pathMe, Header("Authorization", s.Access)))
	twice := func(what, first, second string) {
		res := t.Get(pathMe, Bearer(first), AddHeader("Authorization", "Bearer "+second))
		if res.Status == http.StatusBadRequest {
			res.x.Parser = true // a proxy may take two of them for a syntax error (G12)
			t.refusals.Add(1)
			return
		}
		refuse(what, res)
	}
	twice("second of two headers", "x", s.Access)
	twice("first of two headers", s.Access, "x")
	refuse("X-Access-Token", t.Get(pathMe, Header("X-Access-Token", s.Access)))
}

func tok08(t *T) {
	s, _ := t.genuine()
	t.alive(s)
	none := t.Get(pathMe).Refused(http.StatusUnauthorized, "unauthenticated")
	if challenge := none.Header.Get("WWW-Authenticate"); challenge != "Bearer" {
		none.Errorf("no token sent: WWW-Authenticate is %q, want Bearer alone", challenge)
	}
	t.refuseBearer("garbage", "garbage")
	t.refuseBearer("garbage of three parts", "a.b.c")
}

func tok09(t *T) {
	s, j := t.genuine()
	minted := t.sign(j.with(nil, M{"role": "admin", "roles": []string{"admin"}, "permissions": []string{"*"}, "scope": "admin"}), t.run.target.Key)
	t.Get(pathMe, Bearer(minted)).Control()
	for _, path := range []string{"/v1/admin/users", "/v1/admin/audit"} {
		t.Get(path, Bearer(minted)).Refused(http.StatusForbidden, "forbidden")
	}
	t.alive(s)
}

func tok10(t *T) {
	s, j := t.genuine()
	// With the service's own key the signatures are good, so that only what is
	// unusual can be the reason for a refusal.
	key := t.run.target.Key
	if key == nil {
		key = t.stranger(j.Header["alg"])
	}
	t.refuseBearer("crit with an unknown header", t.sign(j.with(M{"crit": []string{"x-unknown"}, "x-unknown": true}, nil), key))
	t.refuseBearer("empty crit", t.sign(j.with(M{"crit": []string{}}, nil), key))
	t.refuseBearer("b64=false", t.sign(j.with(M{"b64": false, "crit": []string{"b64"}}, nil), key))
	nested, err := signJWS(segment(j.with(M{"cty": "JWT"}, nil).Header)+"."+base64.RawURLEncoding.EncodeToString([]byte(s.Access)), key)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.refuseBearer("nested JWT", nested)
	list, err := signJWS(segment(j.Header)+"."+segment([]any{j.Claims}), key)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.refuseBearer("claims in a list", list)
	t.refuseBearer("five parts of a JWE", s.Access+"."+s.Access[:20]+"."+s.Access[:20])
	t.refuseBearer("10 KiB header", t.sign(j.with(M{"pad": strings.Repeat("a", 8<<10)}, nil), t.stranger(j.Header["alg"])))
	t.refuseBearer("deep claims", t.sign(j.with(nil, M{"deep": nestedList(200)}), t.stranger(j.Header["alg"])))
	t.alive(s)
}

func nestedList(depth int) any {
	var v any = []any{}
	for range depth {
		v = []any{v}
	}
	return v
}
