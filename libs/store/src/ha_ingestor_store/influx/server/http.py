"""One InfluxDB server over HTTP: keep-alive, authentication, and every failure as an error of ours."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from urllib.parse import urlencode

import aiohttp
from ha_ingestor_core.errors import StoreCertificateError, StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.settings.tls import refused_certificate
from msgspec import Struct

from ha_ingestor_store.influx.server.write_answers import quoted, server_message
from ha_ingestor_store.influx.settings import InfluxSettings

_VERSION = re.compile(r"v?([0-9]+)\.[0-9]+")
_RELEASE = "X-Influxdb-Version"
_FORM = "application/x-www-form-urlencoded"
_AT_ONCE = 1024 * 1024
"""Bytes that aiohttp may be given as they are; what is longer goes in pieces, between which others have their turn."""
_SECONDS = re.compile(r"[0-9]{1,6}")


class Version(Struct, frozen=True):
    """What a server says it is."""

    major: int
    text: str


class Answer(Struct, frozen=True):
    """An HTTP answer of the server, whatever its status."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def retry_after_s(self) -> float | None:
        """The seconds that a Retry-After asks for; None where it names a date, or nothing."""
        told = self.headers.get("Retry-After", "")
        return float(told) if _SECONDS.fullmatch(told) else None


class Server:
    """Sends requests; raises StoreUnavailableError when there is no answer; an answer is returned."""

    def __init__(self, settings: InfluxSettings) -> None:
        self.url = settings.url
        self._timeout_s = settings.timeout_s
        self._tls = settings.tls
        self._headers = {} if settings.packs else {"Accept-Encoding": "identity"}  # 30,000 events in 0.8 s, not 1.3
        self._session: aiohttp.ClientSession | None = None
        self.date: str | None = None
        """The Date header of the newest answer."""
        self.release: str | None = None
        """What the newest answer called the server's release; None before the first."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """One request and its answer, within the timeout."""
        timeout = aiohttp.ClientTimeout(total=timeout_s or self._timeout_s)
        with self._translated():
            async with self._opened().request(
                method,
                self.url + path,
                params=params,
                data=BytesIO(body) if body and len(body) > _AT_ONCE else body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,  # a redirected POST becomes a GET, whose 200 would be taken for written
            ) as response:
                content = await response.read()
        return self._answer(response, content)

    async def query(self, method: str, path: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """A question whose fields go in the address, or (POST) as a form."""
        if method == "GET":
            return await self.request(method, path, params=fields, headers=headers)
        form = {**headers, "Content-Type": _FORM}
        return await self.request(method, path, headers=form, body=urlencode(fields).encode())

    async def lines(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> AsyncIterator[Answer]:
        """Yield each line of the answer to a question when it comes; the timeout is for the time between two parts."""
        timeout = aiohttp.ClientTimeout(sock_connect=self._timeout_s, sock_read=self._timeout_s)
        form = {**headers, "Content-Type": _FORM}
        body = urlencode(fields).encode()
        with self._translated():
            async with self._opened().request(
                "POST", self.url + path, data=body, headers=form, timeout=timeout, allow_redirects=False
            ) as response:
                pieces: list[bytes] = []
                async for content, _ in response.content.iter_chunks():
                    first, *further = content.split(b"\n")
                    pieces.append(first)
                    for piece in further:
                        yield self._answer(response, b"".join(pieces))
                        pieces = [piece]
                if any(pieces):
                    yield self._answer(response, b"".join(pieces))

    async def ping(self) -> Answer:
        """Its answer to a request that asks for nothing."""
        return await self.request("GET", "/ping")

    async def version(self) -> Version:
        """What the server says it is; raises StoreRefusedError when that is no InfluxDB."""
        answer = await self.ping()
        told = answer.headers.get(_RELEASE, "")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise StoreUnavailableError(f"{self.url}/ping answered {answer.status}", url=self.url)
        found = _VERSION.match(told)
        if found is None:
            raise StoreRefusedError(
                f"{self.url} is no InfluxDB: /ping answered {answer.status} without a version. INFLUXDB_URL "
                "must be its address, such as http://127.0.0.1:8086",
                url=self.url,
            )
        return Version(int(found[1]), told)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def raise_for(self, answer: Answer, doing: str) -> None:
        """Raise what an answer of 400 and above means for a request that is not a write of lines."""
        if answer.status < HTTPStatus.BAD_REQUEST:
            return
        message = f"{self.url}: {doing}: {answer.status} {quoted(server_message(answer.body))}"
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise StoreUnavailableError(message, retry_after_s=answer.retry_after_s, status=answer.status)
        raise StoreRefusedError(message, status=answer.status)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=self._tls.connector(), headers=self._headers)
        return self._session

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise StoreUnavailableError where there is no answer."""
        try:
            yield
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as err:
            if refused := refused_certificate(self.url, err, "INFLUXDB_CA_FILE"):
                raise StoreCertificateError(refused, url=self.url) from err
            reason = str(err) or "no answer within the timeout"
            raise StoreUnavailableError(f"{self.url} did not answer: {reason}", url=self.url) from err

    def _answer(self, response: aiohttp.ClientResponse, content: bytes) -> Answer:
        self.date = response.headers.get("Date")
        self.release = response.headers.get(_RELEASE, self.release)
        return Answer(response.status, content, response.headers)
