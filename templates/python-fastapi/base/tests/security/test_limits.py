"""Limits and who they count (L)."""

import asyncio

import pytest
from starlette.testclient import TestClient
from tests.conftest import NewClient

from app.config import Quota
from app.core.client_ip import TrustedProxies, network
from app.core.store import Store

URL = "/v1/items"


def test_fields(client: TestClient) -> None:
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
