"""Passwords known from breaches: Have I Been Pwned by k-anonymity, or its downloaded hash file."""

import asyncio
import hashlib
import http.client
from pathlib import Path

HOST = "api.pwnedpasswords.com"
TIMEOUT_SECONDS = 3


async def is_breached(password: str, *, source: str) -> bool:
    """Look a password up in `source`: "off", "hibp" (only five hex digits of the SHA-1 leave) or a sorted hash file."""
    if source == "off":
        return False
    # SHA-1 is the published index of the data set, not a protection of ours.
    sha1 = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    if source == "hibp":
        return await asyncio.to_thread(_in_range, sha1)
    return await asyncio.to_thread(_in_file, sha1, Path(source))


def _in_range(sha1: str) -> bool:
    connection = http.client.HTTPSConnection(HOST, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"/range/{sha1[:5]}", headers={"Add-Padding": "true"})
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            raise OSError(f"{HOST} answered {answer.status}")
        lines = answer.read(1_000_000).decode().splitlines()
    finally:
        connection.close()
    return any(line.startswith(sha1[5:]) and not line.endswith(":0") for line in lines)


def _in_file(sha1: str, path: Path) -> bool:
    """Binary search: the file has tens of gigabytes, a line per hash, sorted."""
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            file.seek(max(middle - 1, 0))
            if middle:
                file.readline()
            line = file.readline()[:40].decode("ascii", "replace").upper()
            if line and line < sha1:
                low = middle + 1
            else:
                high = middle
        file.seek(max(low - 1, 0))
        if low:
            file.readline()
        return file.readline()[:40].decode("ascii", "replace").upper() == sha1
