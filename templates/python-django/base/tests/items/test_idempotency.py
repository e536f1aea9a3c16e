from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.idempotency.models import IdempotentCall
# <% if .accounts %>
from tests.accounts.helpers import authorization
# <% end %>
from tests.support import Api

URL = "/v1/items"
KEY = {"Idempotency-Key": "key-of-8-or-more"}


# <% if .accounts %>
def test_keys_of_others_are_others(api: Api) -> None:
    other = authorization("bob@example.com")
    mine = api.post(URL, json={"title": "x"}, headers=KEY).json()
    theirs = api.post(URL, json={"title": "x"}, headers=KEY | other).json()
    assert mine["id"] != theirs["id"]


# <% end %>
def test_same_request_gives_the_first_answer(api: Api) -> None:
    first = api.post(URL, json={"title": "Once"}, headers=KEY)
    again = api.post(URL, json={"title": "Once"}, headers={"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.get(URL).json()["items"]) == 1


def test_other_body_is_a_mistake(api: Api) -> None:
    api.post(URL, json={"title": "Once"}, headers=KEY)
    answer = api.post(URL, json={"title": "Twice"}, headers=KEY)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-mismatch")


def test_refusals_are_not_kept(api: Api) -> None:
    assert api.post(URL, json={}, headers=KEY).status_code == 422
    assert api.post(URL, json={"title": "Right"}, headers=KEY).status_code == 201


def test_keys_are_kept_for_a_day(api: Api) -> None:
    first = api.post(URL, json={"title": "Once"}, headers=KEY).json()
    yesterday = timezone.now() - timedelta(hours=25)
    IdempotentCall.objects.update(created_at=yesterday)
    IdempotentCall.objects.bulk_create(
        IdempotentCall(id=str(number), body_hash="", created_at=yesterday - timedelta(1)) for number in range(250)
    )
    assert api.post(URL, json={"title": "Once"}, headers=KEY).json()["id"] != first["id"]
    left = IdempotentCall.objects.filter(body_hash="").count()
    assert left == 150  # no request waits for all that is old


@pytest.mark.parametrize("key", ["short", "x" * 65, "with space", '"half-quoted', ""])
def test_malformed_key(api: Api, key: str) -> None:
    answer = api.post(URL, json={"title": "x"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400


def post_once(headers: dict[str, str]) -> int:
    """In a thread, with its own connection to the database."""
    try:
        return Api().post(URL, json={"title": "x"}, headers=headers | KEY).status_code
    finally:
        connection.close()


def test_many_at_once_make_one(api: Api) -> None:
    with ThreadPoolExecutor(5) as pool:
        calls = [pool.submit(post_once, api.headers) for _ in range(5)]
    assert {call.result() for call in calls} <= {201, 409}
    assert len(api.get(URL).json()["items"]) == 1
