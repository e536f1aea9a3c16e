"""What a request may look like (G), how many may come and who they count for (L)."""

import asyncio

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.config import Quota
from app.core.client_ip import TrustedProxies, network
from app.core.requests import STRING
from app.core.store import Store
from tests.conftest import NewClient

URL = "/v1/items"
JSON = {"Content-Type": "application/json"}


def slug(answer: Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


# <% if .accounts %>
def test_sign_in_is_judged_before_the_body(client: TestClient) -> None:
    assert client.post(URL, content=b'{"title":', headers=JSON).status_code == 401
    assert client.get(URL, params={"foo": "1"}).status_code == 401


# <% end %>
def test_unknown_path(api: TestClient) -> None:
    answer = api.get("/v1/nope")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() == {"type", "title", "status", "request_id"}


@pytest.mark.parametrize("path", ["//v1/items", "/v1/%2e%2e/v1/items", "/v1/item%73", "/v1/items%00", "/v1/items/"])
def test_other_spellings_of_a_path_are_unknown(api: TestClient, path: str) -> None:
    assert api.get(f"http://localhost:8000{path}").status_code == 404


def test_methods(api: TestClient) -> None:
    answer = api.options(URL)
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, POST, OPTIONS")
    answer = api.put(URL, json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, OPTIONS")
    assert api.head(URL).status_code == 405
    trace = api.request("TRACE", "/", headers={"X-Canary": "canary"})
    assert (trace.status_code, "canary" in trace.text) == (405, False)


NO_JSON = [b'{"title":', b"", b"nonsense", b"[" * 10_000, b'{"a":' * 33, b'{"title":NaN}']
NO_UTF_8 = ['{"title":"x"}'.encode(encoding) for encoding in ("utf-16-le", "utf-8-sig")]
NO_OBJECT = [b"[]", b'"x"', b"1"]


@pytest.mark.parametrize("body", NO_JSON + NO_UTF_8 + NO_OBJECT)
def test_bodies_that_are_no_json_object(api: TestClient, body: bytes) -> None:
    answer = api.post(URL, content=body, headers=JSON)
    refused = (422, "validation") if body in NO_OBJECT else (400, "malformed-json")
    assert (answer.status_code, slug(answer)) == refused


def test_brackets_in_strings_are_no_nesting(api: TestClient) -> None:
    assert api.post(URL, json={"title": "x", "body": '\\"[{' * 100}).status_code == 201
    # One without an end is looked through once, not again from each quote in it.
    assert len(STRING.findall(b'"' + b'\\"' * 100)) == 1


TYPES = ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16", ""]


@pytest.mark.parametrize("headers", [*({"Content-Type": one} for one in TYPES), JSON | {"Content-Encoding": "gzip"}])
def test_only_json(api: TestClient, headers: dict[str, str]) -> None:
    answer = api.post(URL, content=b'{"title":"x"}', headers=headers)
    assert (answer.status_code, answer.headers["accept"]) == (415, "application/json")
    right = {"Content-Type": "application/json; charset=utf-8"}
    assert api.post(URL, content=b'{"title":"x"}', headers=right).status_code == 201


@pytest.mark.parametrize(
    ("accept", "status"),
    [("*/*", 200), ("application/*;q=0.5", 200), ("text/html", 406), ("application/json;q=0", 406)],
)
def test_accept(api: TestClient, accept: str, status: int) -> None:
    assert api.get(URL, headers={"Accept": accept}).status_code == status


def test_sizes(api: TestClient) -> None:
    big = b'{"title":"' + b"x" * 1024 * 1024 + b'"}'
    assert api.post(URL, content=big, headers=JSON).status_code == 413
    chunks = (b"x" * 65_536 for _ in range(24))
    assert api.post(URL, content=chunks, headers=JSON).status_code == 413
    assert api.get(URL, headers={"X-Long": "x" * 20_000}).status_code == 431
    assert api.get(URL, params={"cursor": "x" * 10_000}).status_code == 414


def test_query_parameters(api: TestClient) -> None:
    assert api.get(URL, params={"foo": "1"}).status_code == 422
    assert api.get(URL, params=[("limit", "1"), ("limit", "2")]).status_code == 400


def test_host(api: TestClient) -> None:
    answer = api.get(URL, headers={"Host": "evil.example"})
    assert (answer.status_code, slug(answer)) == (400, "invalid-host")
    answer = api.get(URL, headers={"X-Forwarded-Host": "evil.example"})
    assert (answer.status_code, "evil" in answer.text) == (200, False)
    assert api.get("/healthz", headers={"Host": "10.0.0.1"}).status_code == 200


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-12345678", True), ("<script>", False), ("short", False), ("x" * 300, False)]
)
def test_request_id(api: TestClient, given: str, kept: bool) -> None:  # noqa: FBT001 - a parameter
    answer = api.get("/v1/nope", headers={"X-Request-Id": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_rate_limit_fields(client: TestClient) -> None:
    answer = client.get(URL)
    assert answer.headers["ratelimit-policy"] == '"default";q=15000;w=60'
    assert answer.headers["ratelimit"].startswith('"default";r=14999;t=')
    assert "ratelimit" not in client.get("/healthz").headers


def test_quota_exceeded(new_client: NewClient) -> None:
    with new_client(rate_default=Quota(2, 60)) as client:
        answers = [client.get(URL, headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(3)]
    assert answers[1].status_code != 429
    assert answers[2].status_code == 429
    body = answers[2].json()
    assert body["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert body["violated-policies"] == ["default"]
    assert 0 < int(answers[2].headers["retry-after"]) <= 60


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("9.9.9.9", "1.1.1.1", "9.9.9.9"),
        ("10.0.0.5", "1.1.1.1", "1.1.1.1"),
        ("10.0.0.5", "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        ("10.0.0.5", "1.1.1.1, 10.0.0.6", "1.1.1.1"),
        ("10.0.0.5", "nonsense", "10.0.0.5"),
        ("10.0.0.5", "", "10.0.0.5"),
    ],
)
def test_client_address(peer: str, forwarded: str, client: str) -> None:
    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert TrustedProxies(["10.0.0.0/8"]).client(scope) == client


def test_network_of_an_address() -> None:
    assert network("192.0.2.1") == network("::ffff:192.0.2.1") == "192.0.2.1"
    assert network("2001:db8::1") == network("2001:db8::ffff") != network("2001:db8:1::1")


def test_store_falls_back_to_this_process() -> None:
    async def count() -> tuple[list[int], bool]:
        store = Store("redis://127.0.0.1:1")
        counts = [await store.incr("key", 60) for _ in range(3)]
        return counts, store.degraded

    assert asyncio.run(count()) == ([1, 2, 3], True)
