"""Which passwords are accepted (NIST SP 800-63B-4 §3.1.1.2), and how they are hashed."""

import hashlib
import os
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from urllib.parse import urlsplit

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.accounts.models import User
from core.problem import Problem, field_error

MAX_LENGTH = 128
SHORTEST_WORD = 3
LETTERS_BESIDE_WORDS = 8
WAITING_PER_CORE = 4
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
LENGTH_CODES = {"password_too_short", "password_too_long"}


def canonical(password: str) -> str:
    """NFC, so that the same characters typed on two systems match; nothing else is changed."""
    return unicodedata.normalize("NFC", password)


def judge(password: str, user: User, *, pointer: str = "/password") -> None:
    """Raise the reason why a password cannot be used, as AUTH_PASSWORD_VALIDATORS say."""
    try:
        validate_password(canonical(password), user)
    except ValidationError as error:
        first = error.error_list[0]
        reason = str(first.message)
        if first.code in LENGTH_CODES:
            raise field_error(pointer, reason) from None
        errors = [{"pointer": pointer, "detail": reason}]
        raise Problem(422, "password-blocked", reason, errors=errors) from None


class LengthValidator:
    """Counts characters, not bytes."""

    def __init__(self, shortest: int) -> None:
        self._shortest = shortest

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < self._shortest:
            reason = f"must have at least {self._shortest} characters"
            raise ValidationError(reason, code="password_too_short")
        if len(password) > MAX_LENGTH:
            reason = f"must have at most {MAX_LENGTH} characters"
            raise ValidationError(reason, code="password_too_long")


class KnownWordsValidator:
    """Refuses what is little more than the names of the service and of its user."""

    def __init__(self, words: Iterable[str], urls: Iterable[str]) -> None:
        self._words = [*words, *(urlsplit(url).hostname or "" for url in urls)]

    def validate(self, password: str, user: User | None = None) -> None:
        personal = [user.email.rpartition("@")[0], user.name or ""] if user else []
        folded = rest = password.casefold()
        for word in sorted(_parts([*self._words, *personal]), key=len, reverse=True):
            rest = rest.replace(word, " ")
        if rest != folded and sum(char.isalpha() for char in rest) < LETTERS_BESIDE_WORDS:
            reason = "This password is little more than your own or this service's name."
            raise ValidationError(reason, code="password_known_words")


def _parts(texts: Iterable[str]) -> set[str]:
    """The texts and their parts, without those so short that any sentence has them."""
    words = set[str]()
    for text in texts:
        folded = canonical(text).casefold()
        words |= {folded, *re.split(r"[\W_]+", folded)}
    return {word for word in words if len(word) >= SHORTEST_WORD}


class BreachValidator:
    """Searches Have I Been Pwned's download by halves: HASH:COUNT lines, sorted, many gigabytes."""

    def __init__(self, hashes: str) -> None:
        self._hashes = Path(hashes)

    def validate(self, password: str, user: User | None = None) -> None:
        # SHA-1 is how the data set is indexed; it protects nothing here.
        sha1 = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        with self._hashes.open("rb") as file:

            def hash_from(offset: int) -> str:
                """The first whole line at or after an offset; past the end something greater."""
                file.seek(max(offset - 1, 0))
                if offset:
                    file.readline()
                return file.readline()[:40].decode("ascii", "replace").upper() or "~"

            size = file.seek(0, 2)
            if hash_from(bisect_left(range(size), sha1, key=hash_from)) == sha1:
                raise ValidationError("This password is known from a breach.", code="breached")


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id, at most one per core at a time, with a short queue."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    limit = CORES * (1 + WAITING_PER_CORE)
    # Not in the server's threads: each of them would keep the memory of a hash for the next.
    _threads = ThreadPoolExecutor(CORES, thread_name_prefix="argon2")
    _admitted = BoundedSemaphore(limit)

    def encode(self, password: str, salt: str) -> str:
        return self._run(super().encode, canonical(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        return self._run(super().verify, canonical(password), encoded)

    def _run[T](self, work: Callable[[str, str], T], password: str, other: str) -> T:
        if not self._admitted.acquire(blocking=False):
            raise Problem(503, "unavailable", headers={"Retry-After": "1"})
        try:
            return self._threads.submit(work, password, other).result()
        finally:
            self._admitted.release()
