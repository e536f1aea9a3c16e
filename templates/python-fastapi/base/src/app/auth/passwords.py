"""Which passwords are accepted (NIST SP 800-63B-4 §3.1.1.2), and how they are hashed."""

import asyncio
import hashlib
import os
import re
import secrets
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.errors import Problem

BLOCKLIST = Path(__file__).parent.parent / "assets" / "passwords.txt"
MAX_LENGTH = 128
SHORTEST_WORD = 3
LETTERS_BESIDE_WORDS = 8
WAITING_PER_CORE = 4
ARGON2 = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def canonical(password: str) -> str:
    """NFC, so that the same characters typed on two systems match; nothing else is changed."""
    return unicodedata.normalize("NFC", password)


class PasswordPolicy:
    def __init__(self, min_length: int, *, words: Iterable[str]) -> None:
        self._min_length = min_length
        self._app_words = tuple(words)
        self._blocked = frozenset(canonical(BLOCKLIST.read_text("utf-8")).casefold().splitlines())

    def length_error(self, password: str) -> str | None:
        length = len(canonical(password))
        if length < self._min_length:
            return f"must have at least {self._min_length} characters"
        if length > MAX_LENGTH:
            return f"must have at most {MAX_LENGTH} characters"
        return None

    def weakness(self, password: str, *, personal: Iterable[str]) -> str | None:
        """Why a password of fitting length is too easy to guess, or None."""
        folded = canonical(password).casefold()
        if folded in self._blocked:
            return "This password is on a list of common passwords."
        rest = folded
        for word in sorted(_words([*self._app_words, *personal]), key=len, reverse=True):
            rest = rest.replace(word, " ")
        if rest != folded and sum(char.isalpha() for char in rest) < LETTERS_BESIDE_WORDS:
            return "This password is little more than your own or this service's name."
        return None


def _words(texts: Iterable[str]) -> set[str]:
    """The texts and their parts, without those so short that any sentence has them."""
    words = set[str]()
    for text in texts:
        folded = canonical(text).casefold()
        words |= {folded, *re.split(r"[\W_]+", folded)}
    return {word for word in words if len(word) >= SHORTEST_WORD}


class Hasher:
    """Argon2id off the event loop, at most one per core at a time, with a short queue."""

    def __init__(self) -> None:
        cores = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
        self._threads = ThreadPoolExecutor(cores or 1, thread_name_prefix="argon2")
        self.limit = (cores or 1) * (1 + WAITING_PER_CORE)
        self._pending = 0
        self._dummy = ARGON2.hash(secrets.token_urlsafe(32))

    async def hash(self, password: str) -> str:
        return await self._run(lambda: ARGON2.hash(canonical(password)))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Compare; without a hash, so without such an account, the same work is done in vain."""
        matches = await self._run(lambda: self._matches(password, password_hash or self._dummy))
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        return ARGON2.check_needs_rehash(password_hash)

    def _matches(self, password: str, password_hash: str) -> bool:
        try:
            return ARGON2.verify(password_hash, canonical(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run[T](self, work: Callable[[], T]) -> T:
        if self._pending >= self.limit:
            raise Problem(503, "unavailable", headers={"Retry-After": "1"})
        self._pending += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._pending -= 1


def is_breached(password: str, hashes: Path) -> bool:
    """Search Have I Been Pwned's download by halves: HASH:COUNT lines, sorted, many gigabytes."""
    # SHA-1 is how the data set is indexed; it protects nothing here.
    sha1 = hashlib.sha1(canonical(password).encode(), usedforsecurity=False).hexdigest().upper()
    with hashes.open("rb") as file:

        def hash_from(offset: int) -> str:
            """The first whole line at or after an offset; past the end something greater."""
            file.seek(max(offset - 1, 0))
            if offset:
                file.readline()
            return file.readline()[:40].decode("ascii", "replace").upper() or "~"

        size = file.seek(0, 2)
        return hash_from(bisect_left(range(size), sha1, key=hash_from)) == sha1
