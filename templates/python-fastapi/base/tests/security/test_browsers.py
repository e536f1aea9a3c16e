"""Headers, cross-origin rules (H, C, X)."""

import pytest
from starlette.testclient import TestClient

from tests.conftest import NewClient

URL = "/v1/items"
APP = "http://localhost:3000"
EVIL = "https://evil.example"
ALIKE = [
    "null",
    f"{APP}.evil.example",
    f"evil{APP}",
    "https://localhost:3000",
    "http://localhost:3001",
    "http://localhost:3000.",
    "HTTP://LOCALHOST:3000",
    f"{APP}/",
    "http://localhost:3000@evil.example",
    "file://",
]


def test_every_answer_has_the_headers(api: TestClient) -> None:
    answers = [
        api.get(URL),
        api.post(URL, json={"title": "x"}),
        api.options(URL),
        api.post(URL, content=b"{", headers={"Content-Type": "application/json"}),
        api.get("/v1/nope"),
        api.put(URL, json={}),
        api.post(URL, content=b"x"),
        api.post(URL, json={}),
        api.get(URL, headers={"Host": "evil.example"}),
        api.post(URL, json={}, headers={"Origin": EVIL}),
    ]
    assert [answer.status_code for answer in answers] == [200, 201, 204, 400, 404, 405, 415, 422, 400, 403]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "sandbox" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["vary"] == "Origin"
        assert not {"strict-transport-security", "server", "x-powered-by"} & answer.headers.keys()


def test_hsts_only_over_tls(new_client: NewClient) -> None:
    over_tls = {"X-Forwarded-Proto": "https"}
    with new_client() as client:
        assert "strict-transport-security" not in client.get(URL, headers=over_tls).headers
    with new_client(trusted_proxies=("127.0.0.1",)) as client:
        client._transport.client = ("127.0.0.1", 1)  # type: ignore[attr-defined]  # noqa: SLF001
        assert "strict-transport-security" in client.get(URL, headers=over_tls).headers
        assert "strict-transport-security" not in client.get(URL).headers


def test_allowed_preflight(client: TestClient) -> None:
    headers = {"Origin": APP, "Access-Control-Request-Method": "POST"}
    answer = client.options(URL, headers=headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == APP
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-allow-methods"] == "GET, POST, OPTIONS"
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "x-evil" not in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-max-age"] == "600"


@pytest.mark.parametrize("origin", [EVIL, *ALIKE])
def test_other_origins(client: TestClient, origin: str) -> None:
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for answer in (client.options(URL, headers=preflight), client.get(URL, headers={"Origin": origin})):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["vary"] == "Origin"
    assert client.options(URL, headers=preflight).status_code == 403


def test_actual_answers_to_an_allowed_origin(api: TestClient) -> None:
    for path in (URL, "/v1/nope"):
        answer = api.get(path, headers={"Origin": APP})
        assert answer.headers["access-control-allow-origin"] == APP
        assert "ratelimit" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Origin": "http://localhost:8000"}, 201),
        ({"Sec-Fetch-Site": "cross-site", "Origin": APP}, 201),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": EVIL}, 403),
        ({"Origin": EVIL}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_cross_origin_writes(api: TestClient, headers: dict[str, str], status: int) -> None:
    assert api.post(URL, json={"title": "x"}, headers=headers).status_code == status
    assert len(api.get(URL).json()["items"]) == (status == 201)


def test_docs_are_for_development(new_client: NewClient) -> None:
    with new_client() as client:
        answer = client.get("/docs")
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert URL in client.get("/openapi.json").json()["paths"]
    with new_client(docs=False) as client:
        for path in ("/docs", "/openapi.json", "/redoc", "/metrics", "/.env", "/admin"):
            assert client.get(path).status_code == 404
