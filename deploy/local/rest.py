"""Calls the REST interface of a running stack with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deploy.local.errors import StackError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SECONDS = 120.0
OK = range(200, 300)


class Refused(StackError):
    """The suite answered with an error."""

    def __init__(self, method: str, path: str, status: int, body: bytes) -> None:
        told = as_json(body)
        message = told.get("message") or body.decode(errors="replace") or "no answer"
        super().__init__(
            f"{method} {path}: {status}, {message}", method=method, path=path, status=status
        )
        self.status = status
        self.told = told


@dataclass(frozen=True)
class Rest:
    """One stack's door.

    `key` is the API key to call with, and `certificate` the file of the one that the door shows:
    that one is believed and no other, whatever names it has. After `seconds` of silence it is away.
    """

    url: str
    key: str = ""
    certificate: str = ""
    seconds: float = SECONDS

    def get(self, path: str) -> bytes:
        """Return the body of an answer; raises `Refused` for an error."""
        return self.send("GET", path)

    def json(self, path: str, method: str = "GET") -> dict[str, Any]:
        """Return the object that is answered."""
        return as_json(self.send(method, path))

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Send one request and return the body of the answer."""
        connection = self._connect()
        try:
            connection.request(method, path, body=body, headers=self._headers(headers))
            answer = connection.getresponse()
            received = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise StackError(f"{self.url} does not answer: {error}", url=self.url) from error
        finally:
            connection.close()
        if answer.status not in OK:
            raise Refused(method, path, answer.status, received)
        return received

    def submit(self, path: str, files: Mapping[str, Path]) -> dict[str, Any]:
        """Send files as a form and return the answer."""
        boundary = secrets.token_hex(16)
        content_type = f"multipart/form-data; boundary={boundary}"
        return as_json(
            self.send("POST", path, form(files, boundary), {"content-type": content_type})
        )

    def events(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of a stream of server-sent events as they come."""
        connection = self._connect()
        try:
            connection.request("GET", path, headers=self._headers({"accept": "text/event-stream"}))
            answer = connection.getresponse()
            if answer.status not in OK:
                raise Refused("GET", path, answer.status, answer.read())
            for line in answer:
                if line.startswith(b"data:"):
                    yield as_json(line.removeprefix(b"data:"))
        finally:
            connection.close()

    def _headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        return {**(more or {}), **({"x-api-key": self.key} if self.key else {})}

    def _connect(self) -> http.client.HTTPConnection:
        url = urlsplit(self.url)
        if url.scheme != "https":
            return http.client.HTTPConnection(url.netloc, timeout=self.seconds)
        trusted = ssl.create_default_context(cafile=self.certificate or None)
        if self.certificate:
            trusted.check_hostname = False
            trusted.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return http.client.HTTPSConnection(url.netloc, timeout=self.seconds, context=trusted)


def form(files: Mapping[str, Path], boundary: str) -> bytes:
    """Return files as the body of a form."""
    parts = [
        f"--{boundary}\r\n"
        f'content-disposition: form-data; name="{name}"; filename="{path.name}"\r\n\r\n'.encode()
        + path.read_bytes()
        + b"\r\n"
        for name, path in files.items()
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def as_json(body: bytes) -> dict[str, Any]:
    """Return the object in a body; an empty one where there is none."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {"items": told}
