"""Passwords known from breaches: Have I Been Pwned, by k-anonymity or its downloaded file."""

import asyncio
import hashlib
import http.client
from bisect import bisect_left
from pathlib import Path

from app.core.logging import event

HOST = "api.pwnedpasswords.com"
TIMEOUT_SECONDS = 3


async def is_breached(password: str, *, source: str) -> bool:
    """Look in `source`: "off", "hibp" (five hex digits of the SHA-1 leave) or a sorted file."""
    if source == "off":
        return False
    # SHA-1 is how the data set is indexed; it protects nothing here.
    sha1 = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        if source == "hibp":
            return await asyncio.to_thread(_in_range, sha1)
        return await asyncio.to_thread(_in_file, sha1, Path(source))
    except (OSError, http.client.HTTPException) as error:
        # The shipped list still holds; nobody is kept out because this one is away.
        event("sys_breach_check_failed", level="warning", description=type(error).__name__)
        return False


def _in_range(sha1: str) -> bool:
    connection = http.client.HTTPSConnection(HOST, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"/range/{sha1[:5]}", headers={"Add-Padding": "true"})
        answer = connection.getresponse()
        lines = answer.read(1_000_000).decode("ascii", "replace").splitlines()
    finally:
        connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise OSError(answer.status)
    return any(line.startswith(sha1[5:]) and not line.endswith(":0") for line in lines)


def _in_file(sha1: str, path: Path) -> bool:
    """Search by halves: the file has tens of gigabytes, one HASH:COUNT a line, sorted."""
    with path.open("rb") as file:

        def hash_from(offset: int) -> str:
            """The first whole line at or after an offset; past the end something greater."""
            file.seek(max(offset - 1, 0))
            if offset:
                file.readline()
            return file.readline()[:40].decode("ascii", "replace").upper() or "~"

        size = file.seek(0, 2)
        return hash_from(bisect_left(range(size), sha1, key=hash_from)) == sha1
