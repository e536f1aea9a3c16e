import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.background import BackgroundTask
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Message

from app.config import get_settings
from app.core.db import open_database
from app.core.idempotency import Idempotency
from tests.conftest import NewClient

URL = "/v1/items"
KEY = {"Idempotency-Key": "key-of-8-or-more"}


# <% if .accounts %>
def test_keys_of_others_are_others(api: TestClient) -> None:
    from tests.auth.helpers import authorization

    other = authorization(api, "bob@example.com")
    mine = api.post(URL, json={"title": "x"}, headers=KEY).json()
    theirs = api.post(URL, json={"title": "x"}, headers=KEY | other).json()
    assert mine["id"] != theirs["id"]


# <% end %>
def test_same_request_gives_the_first_answer(api: TestClient) -> None:
    first = api.post(URL, json={"title": "Once"}, headers=KEY)
    again = api.post(URL, json={"title": "Once"}, headers={"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.get(URL).json()["items"]) == 1


def test_other_body_is_a_mistake(api: TestClient) -> None:
    api.post(URL, json={"title": "Once"}, headers=KEY)
    answer = api.post(URL, json={"title": "Twice"}, headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-mismatch")


def test_refusals_are_not_kept(api: TestClient) -> None:
    assert api.post(URL, json={}, headers=KEY).status_code == 422
    assert api.post(URL, json={"title": "Right"}, headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["short", "x" * 65, "with space", '"half-quoted', ""])
def test_malformed_key(api: TestClient, key: str) -> None:
    answer = api.post(URL, json={"title": "x"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400


def test_the_answer_leaves_before_what_is_left_to_do(new_client: NewClient) -> None:
    new_client()
    seen: list[str] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        seen.append(message["type"])

    async def call() -> None:
        async with open_database(get_settings()) as database, database.sessions() as session:
            headers = [(b"idempotency-key", KEY["Idempotency-Key"].encode())]
            scope = {"type": "http", "method": "POST", "path": URL, "headers": headers, "state": {"session": session}}
            app = Response(background=BackgroundTask(seen.append, "a mail"))
            await Idempotency(app)(scope, receive, send)

    asyncio.run(call())
    assert seen == ["http.response.start", "http.response.body", "a mail"]


def test_many_at_once_make_one(api: TestClient) -> None:
    with ThreadPoolExecutor(5) as pool:
        calls = [pool.submit(api.post, URL, json={"title": "x"}, headers=KEY) for _ in range(5)]
    assert {call.result().status_code for call in calls} <= {201, 409}
    assert len(api.get(URL).json()["items"]) == 1
