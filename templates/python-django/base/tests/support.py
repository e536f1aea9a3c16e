"""Requests as clients send them, through the whole middleware."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partialmethod
from json import dumps, loads
from typing import Any
from urllib.parse import urlencode

from django.http.response import ResponseHeaders
from django.test import Client


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: ResponseHeaders
    text: str

    def json(self) -> Any:
        return loads(self.text)


class Api:
    """A client; `headers` go with every request of it."""

    def __init__(self) -> None:
        self._client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        params: Mapping[str, object] | list[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if params:
            path = f"{path}?{urlencode(params)}"
        if json is not None:
            content = dumps(json).encode()
        fields = {"Content-Type": "application/json"} if json is not None else {}
        fields |= self.headers | dict(headers or {})
        answer = self._client.generic(method, path, content or b"", "", headers=fields, RAW_URI=path)
        return Answer(answer.status_code, answer.headers, answer.text)

    get: partialmethod[Answer] = partialmethod(request, "GET")
    post: partialmethod[Answer] = partialmethod(request, "POST")
    put: partialmethod[Answer] = partialmethod(request, "PUT")
    patch: partialmethod[Answer] = partialmethod(request, "PATCH")
    delete: partialmethod[Answer] = partialmethod(request, "DELETE")
    options: partialmethod[Answer] = partialmethod(request, "OPTIONS")
