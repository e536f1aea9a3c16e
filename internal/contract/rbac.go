package contract

import (
	"net/http"
)

func rbacTests() []Test {
	return []Test{
		{ID: "RBAC-07", Name: "forged identity headers", Users: 2, Accounts: true, Clauses: []string{"L3", "R2"}, Run: rbac07},
	}
}

func rbac07(t *T) {
	a, b := t.SignedIn(), t.SignedIn()
	idB := b.Get("/v1/me").Control().Text("id")
	idA := a.Get("/v1/me").Control().Text("id")
	r := t.First()
	object, _ := b.Make(r)
	for name, value := range map[string]string{
		"X-User-Id": idB, "X-User": b.User.Email, "X-Role": "admin", "X-Roles": "admin", "X-Forwarded-User": b.User.Email,
		"X-Forwarded-Email": b.User.Email, "X-Remote-User": b.User.Email, "Remote-User": b.User.Email, "X-Auth-Request-User": b.User.Email,
		"X-Authenticated-Userid": idB, "X-Amzn-Oidc-Identity": idB, "X-Original-Authorization": "Bearer " + b.Access,
		"X-Access-Token": b.Access, "X-Api-Key": b.Access,
	} {
		forged := Header(name, value)
		t.Get("/v1/me", forged).Refused(http.StatusUnauthorized)
		a.Get(r.At(object), forged).Refused(http.StatusNotFound, "not-found")
		if res := a.Get("/v1/me", forged).Want(http.StatusOK); res.Text("id") != idA {
			res.Errorf("%s changes who is signed in", name)
		}
	}
	// A path in a header does not replace the one of the request.
	plain := t.Get("/healthz").Control()
	for _, name := range []string{"X-Original-Url", "X-Rewrite-Url", "X-Forwarded-Path", "X-Forwarded-Prefix", "X-Accel-Redirect"} {
		res := t.Get("/healthz", Header(name, "/v1/me"), Bearer(a.Access)).Want(http.StatusOK)
		t.Refusal(string(res.Body) == string(plain.Body), res.x, "%s changes which route answers", name)
		t.Get("/v1/me", Header(name, "/healthz")).Refused(http.StatusUnauthorized)
		t.Get("/v1/nope", Header(name, "/healthz")).Refused(http.StatusNotFound, "not-found")
	}
}
