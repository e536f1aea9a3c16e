import uuid

import pytest
from pytest_django import Settings

# <% if .accounts %>
from tests.accounts.helpers import authorization
# <% end %>
from tests.support import Api

URL = "/v1/items"
MEMBERS = {"id", "title", "body", "created_at", "updated_at"}


def create(api: Api, title: str = "First") -> str:
    answer = api.post(URL, json={"title": title})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


# <% if .accounts %>
def test_anonymous_is_refused(client: Api) -> None:
    for method, path in (("GET", URL), ("POST", URL), ("GET", f"{URL}/{uuid.uuid4()}")):
        answer = client.request(method, path, json={} if method == "POST" else None)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_does_not_see_another_ones(api: Api) -> None:
    path = create(api)
    unknown = f"{URL}/{uuid.uuid4()}"
    other = authorization("bob@example.com")
    for method, body in (("GET", None), ("PATCH", {"title": "Mine"}), ("DELETE", None)):
        theirs = api.request(method, path, json=body, headers=other)
        nothing = api.request(method, unknown, json=body, headers=other)
        assert theirs.status_code == nothing.status_code == 404
        assert theirs.json() | {"request_id": ""} == nothing.json() | {"request_id": ""}
    assert api.get(URL, headers=other).json() == {"items": [], "next_cursor": None}
    assert api.get(path).json()["title"] == "First"


def test_cursor_is_of_no_use_to_another(api: Api) -> None:
    create(api)
    create(api)
    cursor = api.get(URL, params={"limit": 1}).json()["next_cursor"]
    other = authorization("bob@example.com")
    assert api.get(URL, params={"cursor": cursor}).status_code == 200
    assert api.get(URL, params={"cursor": cursor}, headers=other).status_code == 400


# <% end %>
def test_life_of_an_item(api: Api) -> None:
    path = create(api)
    first = api.get(path).json()
    assert first.keys() == MEMBERS
    changed = api.patch(path, json={"title": "Second"}).json()
    assert changed.items() >= {"title": "Second", "body": "", "id": first["id"]}.items()
    assert changed["updated_at"] > first["updated_at"]
    assert api.delete(path).status_code == 204
    for method, body in (("GET", None), ("PATCH", {"title": "Third"}), ("DELETE", None)):
        assert api.request(method, path, json=body).status_code == 404


@pytest.mark.parametrize("title", ["<b>%253C</b>", "\u202eright to left", "👩‍👩‍👧" * 20])
def test_text_comes_back_as_it_was_sent(api: Api, title: str) -> None:
    assert api.get(create(api, title)).json()["title"] == title


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/title"),
        ({"title": ""}, "/title"),
        ({"title": 1}, "/title"),
        ({"title": None}, "/title"),
        ({"title": "a\r\nb"}, "/title"),
        ({"title": "a\x00"}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"title": "x", "body": "\x00"}, "/body"),
        ({"title": "x", "owner_id": str(uuid.uuid4())}, "/owner_id"),
        ({"title": "x", "id": str(uuid.uuid4())}, "/id"),
        ({"title": "x", "__proto__": {"admin": "true"}}, "/__proto__"),
    ],
)
def test_wrong_members_are_named_not_quoted(api: Api, body: dict[str, object], pointer: str) -> None:
    answer = api.post(URL, json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert "true" not in answer.text
    assert api.get(URL).json()["items"] == []


def test_lone_surrogates_are_refused(api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    assert api.post(URL, content=rb'{"title": "\ud800"}', headers=headers).status_code == 422


def test_null_is_no_way_to_leave_a_member_out(api: Api) -> None:
    path = create(api)
    assert api.patch(path, json={"title": None}).status_code == 422
    assert api.patch(path, json={}).json()["title"] == "First"


def test_pages_hold_each_item_once(api: Api) -> None:
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


@pytest.mark.parametrize("limit", ["0", "-1", "101", "1.5", "abc", "+5", "1_0", "9223372036854775808"])
def test_strange_limits(api: Api, limit: str) -> None:
    assert api.get(URL, params={"limit": limit}).status_code == 422


def test_cursor_cannot_be_changed(api: Api) -> None:
    create(api)
    create(api)
    cursor = api.get(URL, params={"limit": 1}).json()["next_cursor"]
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for wrong in (flipped, "A", "<script>", "A" * 300):
        assert api.get(URL, params={"cursor": wrong}).status_code == 400


def test_cap(api: Api, settings: Settings) -> None:
    settings.MAX_ITEMS = 2
    create(api)
    create(api)
    assert api.post(URL, json={"title": "Third"}).status_code == 409
