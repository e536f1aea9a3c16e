import uuid

import pytest
from starlette.testclient import TestClient

from tests.conftest import NewClient
from tests.gateway import ANN, BOB, OnBehalfOf

URL = "/v1/items"
MEMBERS = {"id", "title", "body", "created_at", "updated_at"}


def create(api: TestClient, title: str = "First") -> str:
    answer = api.post(URL, json={"title": title})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def test_does_not_see_another_ones(api: TestClient) -> None:
    path = create(api)
    unknown = f"{URL}/{uuid.uuid4()}"
    bob = OnBehalfOf(BOB)
    for method, body in (("GET", None), ("PATCH", {"title": "Mine"}), ("DELETE", None)):
        theirs = api.request(method, path, json=body, auth=bob)
        nothing = api.request(method, unknown, json=body, auth=bob)
        assert theirs.status_code == nothing.status_code == 404
        assert theirs.json() | {"request_id": ""} == nothing.json() | {"request_id": ""}
    assert api.get(URL, auth=bob).json() == {"items": [], "next_cursor": None}
    assert api.get(path).json()["title"] == "First"


def test_cursor_is_of_no_use_to_another(api: TestClient) -> None:
    create(api)
    create(api)
    cursor = api.get(URL, params={"limit": 1}).json()["next_cursor"]
    assert api.get(URL, params={"cursor": cursor}).status_code == 200
    assert api.get(URL, params={"cursor": cursor}, auth=OnBehalfOf(BOB)).status_code == 400


def test_life_of_an_item(api: TestClient) -> None:
    path = create(api)
    first = api.get(path).json()
    assert first.keys() == MEMBERS
    changed = api.patch(path, json={"title": "Second"}).json()
    assert changed.items() >= {"title": "Second", "body": "", "id": first["id"]}.items()
    assert changed["updated_at"] > first["updated_at"]
    assert api.delete(path).status_code == 204
    for method, body in (("GET", None), ("PATCH", {"title": "Third"}), ("DELETE", None)):
        assert api.request(method, path, json=body).status_code == 404


def test_a_deleted_account_leaves_nothing(api: TestClient) -> None:
    kept = OnBehalfOf(BOB)
    api.post(URL, json={"title": "Kept"}, auth=kept)
    create(api)
    create(api)
    assert api.delete(URL).status_code == 204
    assert api.get(URL).json()["items"] == []
    assert len(api.get(URL, auth=kept).json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/title"),
        ({"title": ""}, "/title"),
        ({"title": 1}, "/title"),
        ({"title": "a\r\nb"}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"title": "x", "body": "\x00"}, "/body"),
        ({"title": "x", "owner_id": BOB}, "/owner_id"),
    ],
)
def test_wrong_members_are_named(api: TestClient, body: dict[str, object], pointer: str) -> None:
    answer = api.post(URL, json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert api.get(URL).json()["items"] == []


def test_pages_hold_each_item_once(api: TestClient) -> None:
    created = {create(api, f"Item {number}").rpartition("/")[2] for number in range(25)}
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = api.get(URL, params={"limit": 10} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        create(api, "Meanwhile")
    assert cursor is None
    assert len(seen) == 25
    assert set(seen) == created


def test_cap(new_client: NewClient) -> None:
    with new_client(max_items=2) as client:
        client.auth = OnBehalfOf(ANN)
        create(client)
        create(client)
        assert client.post(URL, json={"title": "Third"}).status_code == 409
