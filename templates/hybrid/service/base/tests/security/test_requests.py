"""What a request may look like; the gateway checks as much, and may be wrong."""

import pytest
from starlette.testclient import TestClient

URL = "/v1/items"
JSON = {"Content-Type": "application/json"}


def test_every_answer_has_the_headers(api: TestClient) -> None:
    answers = [
        api.get(URL),
        api.post(URL, content=b"{", headers=JSON),
        api.get(URL, auth=None),
        api.get("/v1/nope"),
        api.put(URL, json={}),
        api.post(URL, content=b"x"),
        api.get(URL, params={"foo": "1"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 401, 404, 405, 415, 422]
    for answer in answers:
        assert answer.headers["content-security-policy"].startswith("default-src 'none';")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not {"server", "x-powered-by"} & answer.headers.keys()
    for answer in answers[1:]:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("path", ["//v1/items", "/v1/item%73", "/v1/items/", "/docs", "/metrics"])
def test_other_paths_are_unknown(api: TestClient, path: str) -> None:
    assert api.get(f"http://testserver{path}").status_code == 404


@pytest.mark.parametrize("body", [b'{"title":', b"", b"[" * 10_000, b'{"title":NaN}', b"{\0}\0"])
def test_malformed_json(api: TestClient, body: bytes) -> None:
    assert api.post(URL, content=body, headers=JSON).status_code == 400


def test_body_limits(api: TestClient) -> None:
    big = b'{"title":"' + b"x" * 1024 * 1024 + b'"}'
    assert api.post(URL, content=big, headers=JSON).status_code == 413


@pytest.mark.parametrize(("given", "kept"), [("abc-12345678", True), ("<script>", False), ("x" * 300, False)])
def test_request_id(api: TestClient, given: str, kept: bool) -> None:  # noqa: FBT001 - a parameter
    answer = api.get(URL, headers={"X-Request-Id": given})
    assert (answer.headers["x-request-id"] == given) is kept


def test_probes_need_no_token(client: TestClient) -> None:
    for path in ("/healthz", "/readyz"):
        assert client.get(path).json() == {"status": "ok"}
