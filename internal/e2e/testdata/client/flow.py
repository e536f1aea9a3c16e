"""What a person's script does, with nothing but the typed client."""

import sys
from http import HTTPStatus

from shop_client import AuthenticatedClient, Client
from shop_client.api.auth import jwks, login, logout, refresh, register, verify_email
from shop_client.api.items import create_item, delete_item, list_items, read_item, update_item
from shop_client.api.me import read_me
from shop_client.models import (
    Accepted,
    ItemCreate,
    ItemPage,
    ItemUpdate,
    ItemView,
    KeySet,
    Login,
    LoginTransport,
    Me,
    Problem,
    Registration,
    Renewal,
    SignedIn,
    SignedInUserRole,
    Verification,
)

PASSWORD = "seventeen green lamps sing"


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"not so: {what}")


def must[T](kind: type[T], answer: object) -> T:
    if not isinstance(answer, kind):
        sys.exit(f"not a {kind.__name__}: {answer}")
    return answer


def main(url: str, email: str) -> None:
    client = Client(base_url=url)
    must(Accepted, register.sync(client=client, body=Registration(email=email, password=PASSWORD)))
    mailed = sys.stdin.readline().strip()
    verified = verify_email.sync_detailed(client=client, body=Verification(token=mailed, password=PASSWORD))
    check(verified.status_code == HTTPStatus.NO_CONTENT, "the mailed token opens the account")

    wrong = must(Problem, login.sync(client=client, body=Login(email=email, password=PASSWORD + "!")))
    check(wrong.status == 401 and len(wrong.request_id) >= 8, "a wrong password is a problem with an id")
    credentials = Login(email=email, password=PASSWORD, transport=LoginTransport.BODY)
    session = must(SignedIn, login.sync(client=client, body=credentials))
    check(session.user.role is SignedInUserRole.USER, "a user is signed in")

    api = AuthenticatedClient(base_url=url, token=session.access_token)
    new, key = ItemCreate(title="First"), "client-flow-2"
    item = must(ItemView, create_item.sync(client=api, body=new, idempotency_key=key))
    again = must(ItemView, create_item.sync(client=api, body=new, idempotency_key=key))
    check(again.id == item.id, "a retry makes no second item")
    page = must(ItemPage, list_items.sync(client=api, limit=10))
    check(page.items == [item] and page.next_cursor is None, "one item is listed")
    changed = must(ItemView, update_item.sync(item.id, client=api, body=ItemUpdate(body="text")))
    check(changed.title == "First" and changed.body == "text", "what is left out stays")
    check(changed.updated_at >= item.created_at, "times are times")
    deleted = delete_item.sync_detailed(item.id, client=api)
    check(deleted.status_code == HTTPStatus.NO_CONTENT, "the item is deleted")
    gone = must(Problem, read_item.sync(item.id, client=api))
    check(gone.status == 404 and gone.type_.endswith("/problems/not-found"), "it is not found any more")
    invalid = must(Problem, create_item.sync(client=api, body=ItemCreate(title="")))
    errors = must(list, invalid.errors)
    check(errors[0].pointer == "/title", "a problem names the member")

    check(isinstance(session.refresh_token, str), "a refresh token came in the body")
    renewed = must(SignedIn, refresh.sync(client=client, body=Renewal(refresh_token=session.refresh_token)))
    check(renewed.refresh_token != session.refresh_token, "the refresh token is a new one")
    api = AuthenticatedClient(base_url=url, token=renewed.access_token)
    check(must(Me, read_me.sync(client=api)).email == email, "the new access token works")
    check(len(must(KeySet, jwks.sync(client=client)).keys) > 0, "the keys are published")
    out = logout.sync_detailed(client=client, body=Renewal(refresh_token=renewed.refresh_token))
    check(out.status_code == HTTPStatus.NO_CONTENT, "signed out")
    check(must(Problem, read_me.sync(client=api)).status == 401, "the access token died with the session")


main(*sys.argv[1:])
