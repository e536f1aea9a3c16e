"""Idempotency-Key: a POST that is sent again gives the first answer again.

It is stored in the transaction of what it answers: both are kept or neither, and a call that
comes meanwhile waits for it. A refusal may be retried.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from ninja import Status
from pydantic_core import to_json

from apps.idempotency.models import IdempotentCall
from core.http import Request
from core.problem import Problem

KEY = re.compile(r'"?([A-Za-z0-9_-]{8,64})"?')
LIFETIME = timedelta(hours=24)
SWEPT = 100


def idempotent(view: Callable[..., Any]) -> Callable[..., Any]:
    """An operation that runs once for each key; Ninja has authenticated the caller."""

    @wraps(view)
    def once(request: Request, **kwargs: Any) -> Any:
        given = request.headers.get("Idempotency-Key")
        if given is None or request.method != "POST" or request.path.startswith("/v1/auth/"):
            return view(request, **kwargs)
        call = IdempotentCall(id=_call_id(request, given), body_hash=_sha256(request.body))
        _forget(call.id)
        with transaction.atomic():
            if (first := _reserve(call)) is not None:
                return _again(first, call.body_hash)
            result = view(request, **kwargs)
            answer = result if isinstance(result, Status) else Status(200, result)
            call.status = answer.status_code
            call.body = b"" if answer.value is None else to_json(answer.value)
            if "response" in kwargs:
                call.location = kwargs["response"].headers.get("Location")
            call.save()
            return result

    return once


def _forget(call_id: str) -> None:
    """What is a day old: this call, and of the others no more than one request can wait for."""
    old = IdempotentCall.objects.filter(created_at__lt=timezone.now() - LIFETIME)
    some = old.select_for_update(skip_locked=True).values("id")[:SWEPT]
    with transaction.atomic():
        old.filter(Q(id=call_id) | Q(id__in=some)).delete()


def _reserve(call: IdempotentCall) -> IdempotentCall | None:
    """None: this is the first call. Else the first one."""
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except IntegrityError:
        return IdempotentCall.objects.filter(id=call.id).first() or call
    return None


def _again(first: IdempotentCall, body_hash: str) -> HttpResponse:
    if first.body_hash != body_hash:
        raise Problem(422, "idempotency-mismatch")
    if first.status is None:
        raise Problem(409, "conflict", "The first request with this key is still running")
    response = HttpResponse(first.body, "application/json", first.status)
    response.headers["Idempotent-Replayed"] = "true"
    if first.location:
        response.headers["Location"] = first.location
    return response


def _call_id(request: Request, given: str) -> str:
    key = KEY.fullmatch(given)
    if key is None or given.startswith('"') != given.endswith('"'):
        raise Problem(400, "bad-request", "Idempotency-Key is not 8 to 64 of A-Z a-z 0-9 _ -")
    return _sha256("\0".join((request.user_key, "POST", request.path, key[1])).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
