"""Requests as clients send them, through the whole middleware."""

from collections.abc import Mapping
from dataclasses import dataclass
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
        environ: dict[str, Any] = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in fields.items()}
        if media_type := environ.pop("HTTP_CONTENT_TYPE", ""):
            environ["CONTENT_TYPE"] = media_type
        answer = self._client.generic(method, path, content or b"", media_type, RAW_URI=path, **environ)
        return Answer(answer.status_code, answer.headers, answer.text)

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Answer:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Answer:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.request("DELETE", path, **options)

    def options(self, path: str, **options: Any) -> Answer:
        return self.request("OPTIONS", path, **options)
