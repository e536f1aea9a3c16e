"""Headers, cross-origin rules (H, C, X)."""

import pytest
from pytest_django import Settings

from tests.support import Api

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


def test_every_answer_has_the_headers(api: Api) -> None:
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
    assert [answer.status_code for answer in answers] == [
        200, 201, 204, 400, 404, 405, 415, 422, 400, 403,
    ]  # fmt: skip
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "sandbox" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["vary"] == "Origin"
        assert not {"strict-transport-security", "server", "x-powered-by"} & {name.lower() for name in answer.headers}


def test_hsts_only_over_tls(settings: Settings) -> None:
    over_tls = {"X-Forwarded-Proto": "https"}
    assert "strict-transport-security" not in Api().get(URL, headers=over_tls).headers
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert "strict-transport-security" in Api().get(URL, headers=over_tls).headers
    assert "strict-transport-security" not in Api().get(URL).headers


def test_allowed_preflight(client: Api) -> None:
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
def test_other_origins(client: Api, origin: str) -> None:
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for answer in (client.options(URL, headers=preflight), client.get(URL, headers={"Origin": origin})):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert answer.headers["vary"] == "Origin"
    assert client.options(URL, headers=preflight).status_code == 403


def test_actual_answers_to_an_allowed_origin(api: Api) -> None:
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
def test_cross_origin_writes(api: Api, headers: dict[str, str], status: int) -> None:
    assert api.post(URL, json={"title": "x"}, headers=headers).status_code == status
    assert len(api.get(URL).json()["items"]) == (status == 201)


def test_docs_are_for_development(client: Api) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    for path in ("/docs/docs.js", "/docs/docs.css"):
        assert client.get(path).status_code == 200
    assert URL in client.get("/openapi.json").json()["paths"]
    for path in ("/", "/redoc", "/metrics", "/.env", "/admin"):
        assert client.get(path).status_code == 404
