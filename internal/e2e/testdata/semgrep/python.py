"""What the rules of python.yaml find (ruleid) and what they leave alone (ok). Never run."""

import asyncio
import hashlib
import hmac
import pickle
import random
import secrets
import ssl
import subprocess
import tempfile

import jwt
import yaml
from fastapi import APIRouter, FastAPI

router = APIRouter(prefix="/v1/items")
open_router = APIRouter(dependencies=[Public])
app = FastAPI()


def sql(session, cursor, name):
    # ruleid: python-sql-from-text
    session.execute(f"SELECT * FROM items WHERE title = '{name}'")
    # ruleid: python-sql-from-text
    cursor.execute("SELECT * FROM items WHERE title = '" + name + "'")
    # ruleid: python-sql-from-text
    cursor.execute("SELECT * FROM items WHERE title = '%s'" % name)
    # ruleid: python-sql-from-text
    session.execute(text("SELECT * FROM {}".format(name)))
    # ok: python-sql-from-text
    session.execute(text("SELECT * FROM items WHERE title = :title"), {"title": name})
    # ok: python-sql-from-text
    cursor.execute("SELECT * FROM items WHERE title = %s", [name])


def code(name):
    # ruleid: python-dynamic-code
    eval(name)
    # ruleid: python-dynamic-code
    exec(name)
    # ok: python-dynamic-code
    HANDLERS[name]()


def shell(name):
    # ruleid: python-shell
    subprocess.run(f"ls {name}", shell=True)
    # ruleid: python-shell
    asyncio.create_subprocess_shell(name)
    # ok: python-shell
    subprocess.run(["/bin/ls", name], check=True)


def loading(data):
    # ruleid: python-unsafe-loading
    pickle.loads(data)
    # ruleid: python-unsafe-loading
    yaml.load(data, Loader=yaml.Loader)
    # ok: python-unsafe-loading
    yaml.safe_load(data)
    # ok: python-unsafe-loading
    yaml.load(data, Loader=yaml.SafeLoader)


def tls(client, context):
    # ruleid: python-tls-unverified
    client.get("https://example.com", verify=False)
    # ruleid: python-tls-unverified
    context.check_hostname = False
    # ruleid: python-tls-unverified
    context.verify_mode = ssl.CERT_NONE
    # ok: python-tls-unverified
    client.get("https://example.com", verify=True)


def compare(given, csrf_token, settings, query, Token):
    # ruleid: python-secret-compared
    if given == settings.webhook_secret:
        return True
    # ruleid: python-secret-compared
    if csrf_token != given:
        return False
    # ok: python-secret-compared
    query.where(Token.token == given)
    # ok: python-secret-compared
    if settings.webhook_secret == "":
        return False
    # ok: python-secret-compared
    return hmac.compare_digest(given, csrf_token)


def numbers():
    # ruleid: python-weak-random
    random.choice("0123456789")
    # ok: python-weak-random
    secrets.choice("0123456789")


def hashes(data):
    # ruleid: python-weak-hash
    hashlib.md5(data)
    # ok: python-weak-hash
    hashlib.sha1(data, usedforsecurity=False)
    # ok: python-weak-hash
    hashlib.sha256(data)


def tokens(token, key):
    # ruleid: python-token-unverified
    jwt.decode(token, options={"verify_signature": False})
    # ruleid: python-token-unverified
    jwt.decode(token, key)
    # ok: python-token-unverified
    jwt.decode(token, key, algorithms=["ES256"])


def html(name):
    # ruleid: python-html-unescaped
    mark_safe(name)
    # ok: python-html-unescaped
    escape(name)


def files():
    # ruleid: python-guessable-file
    tempfile.mktemp()
    # ok: python-guessable-file
    tempfile.TemporaryDirectory()


# ruleid: fastapi-route-without-rule
@router.get("")
async def list_all(items: Items) -> Page: ...


# ruleid: fastapi-route-without-rule
@app.post("/v1/quick")
def quick(body: Body) -> None: ...


# ok: fastapi-route-without-rule
@router.get("/{item_id}")
async def read_item(item: OwnedItem) -> ItemView: ...


# ok: fastapi-route-without-rule
@router.delete("/{item_id}")
async def delete_item(item_id: UUID, caller: RecentUser) -> None: ...


# ok: fastapi-route-without-rule
@router.post("/feedback", dependencies=[Public])
async def feedback(body: Feedback) -> None: ...


# ok: fastapi-route-without-rule
@open_router.get("/healthz")
async def healthz() -> Health: ...
