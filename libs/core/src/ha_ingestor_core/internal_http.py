"""HTTP between the services: a small server and a client, one token, our errors on both sides."""

from __future__ import annotations

import asyncio
import gzip
import hmac
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import aiohttp
import msgspec
import structlog
from aiohttp import web
from msgspec import Struct
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from ha_ingestor_core.delivery import ServiceStatus
from ha_ingestor_core.errors import (
    BackpressureError,
    FixedByEnvironmentError,
    IngestorError,
    InvalidInputError,
    NotFoundError,
    RegistryUnknownError,
    ServiceRefusedError,
    ServiceUnavailableError,
    TerminalError,
    TransientError,
    UnexpectedError,
)
from ha_ingestor_core.filters import Filters, FiltersInForce
from ha_ingestor_core.report_memory import Reports, ServiceReports

_log = structlog.get_logger()

MAX_BODY_BYTES = 64 * 1024 * 1024
BODY_LIMIT_S = 10.0
_IDLE_S = 5.0  # below the server's limit, or a request would meet a connection that is just being closed

Health = Callable[[], dict[str, Any]]
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_NANOSECONDS = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,6}")  # a Retry-After may also be a date, or anything
_EXPECTED = "Authorization should be"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def error_body(err: IngestorError) -> dict[str, Any]:
    """The JSON of an error: `{"error": {"key", "message", "detail"}}`."""
    return {"error": {"key": err.key, "message": err.message, "detail": err.detail}}


def error_status(err: IngestorError) -> HTTPStatus:
    """The HTTP status that tells the caller what kind of error this is."""
    match err:
        case InvalidInputError():
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case NotFoundError():
            return HTTPStatus.NOT_FOUND
        case RegistryUnknownError() | FixedByEnvironmentError():
            return HTTPStatus.CONFLICT
        case BackpressureError():
            return HTTPStatus.TOO_MANY_REQUESTS
        case UnexpectedError():
            return HTTPStatus.INTERNAL_SERVER_ERROR
        case TransientError() | TerminalError():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            return HTTPStatus.INTERNAL_SERVER_ERROR


def json_response(body: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> web.Response:
    """An answer of anything msgspec can encode."""
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json", headers=headers or None
    )


async def read_body(request: web.Request) -> bytes:
    """Return the body of a request; raises InvalidInputError, and a 408 where it is not complete within ten seconds."""
    try:
        async with asyncio.timeout(BODY_LIMIT_S):
            return await request.read()
    except TimeoutError as err:
        raise web.HTTPRequestTimeout(headers={"Connection": "close"}) from err
    except web.HTTPRequestEntityTooLarge as err:
        # 422 and not 413: the sender divides a batch that is refused as invalid, and that helps here, too.
        expected = f"at most {MAX_BODY_BYTES} bytes; divide the batch"
        raise InvalidInputError(f"body should be {expected}", field="body", expected=expected) from err
    except web.RequestPayloadError as err:
        expected = "whole, and compressed as Content-Encoding says"
        raise InvalidInputError(f"body should be {expected}", field="body", expected=expected) from err


def service_app(
    *,
    status: ServiceStatus,
    health: Health,
    metrics: CollectorRegistry,
    token: str | None,
    metrics_token: str | None = None,
) -> web.Application:
    """The HTTP side of a service: /health is open, /stats and all that is added need the token.

    `health` answers `{"status": "healthy" | "degraded" | "unhealthy", …}`; unhealthy is a 503. Without a token all but
    /health and /metrics is refused. /metrics needs the metrics token or the token; without a metrics token it is open.
    """

    def refusal(request: web.Request) -> ServiceRefusedError | None:
        match _route(request):
            case "/health":
                return None
            case "/metrics":
                is_accepted = metrics_token is None or any(_authorised(request, t) for t in (metrics_token, token))
                return None if is_accepted else ServiceRefusedError(f"{_EXPECTED} `Bearer <METRICS_TOKEN>`")
            case _:
                is_accepted = _authorised(request, token)
                return None if is_accepted else ServiceRefusedError(f"{_EXPECTED} `Bearer <INTERNAL_TOKEN>`")

    @web.middleware
    async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
        if _CONTROL.search(request.path):
            invalid = InvalidInputError("A path must not contain control characters")
            return json_response(error_body(invalid), HTTPStatus.BAD_REQUEST)
        if refused := refusal(request):
            return json_response(error_body(refused), HTTPStatus.UNAUTHORIZED)
        try:
            return await handler(request)
        except IngestorError as err:
            headers = {}
            if isinstance(err, TransientError):
                headers["Retry-After"] = str(max(1, round(err.retry_after_s or 1)))
            return json_response(error_body(err), error_status(err), **headers)
        except web.HTTPException:
            raise
        except Exception as err:
            _log.exception("request_failed_unexpectedly", method=request.method, path=request.path)
            unexpected = UnexpectedError(f"{type(err).__name__}: {err}")
            return json_response(error_body(unexpected), error_status(unexpected))

    async def get_health(_: web.Request) -> web.Response:
        body = health()
        failed = body["status"] == "unhealthy"
        return json_response(body, HTTPStatus.SERVICE_UNAVAILABLE if failed else HTTPStatus.OK)

    async def get_stats(_: web.Request) -> web.Response:
        return json_response(await status.status())

    async def get_metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(middlewares=[guard], client_max_size=MAX_BODY_BYTES)
    app.router.add_get("/health", get_health)
    app.router.add_get("/stats", get_stats)
    app.router.add_get("/metrics", get_metrics)
    return app


class InternalClient:
    """Calls another service of ours; its errors come back as they were raised there.

    But for its TerminalErrors: what a person must mend there is a ServiceUnavailableError here, since we can only wait.
    """

    def __init__(self, base_url: str, token: str | None, *, timeout_s: float = 30.0, compresses: bool = True) -> None:
        self._compresses = compresses
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str) -> bytes:
        """The body of a GET; raises like `send`."""
        return await self.send("GET", path)

    async def send(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Send a JSON body, compressed unless told otherwise; raises the error of ours that the other side answered."""
        if self._session is None:
            connector = aiohttp.TCPConnector(keepalive_timeout=_IDLE_S)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout, connector=connector)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        payload = body
        if body is not None and self._compresses:
            headers["Content-Encoding"] = "gzip"
            payload = await asyncio.to_thread(gzip.compress, body, 1)
        try:
            async with self._session.request(method, self._base_url + path, data=payload, headers=headers) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError) as err:
            reason = str(err) or type(err).__name__
            raise ServiceUnavailableError(f"{self._base_url} did not answer: {reason}") from err
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise _error_from(response, content, self._base_url)
        return content

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class RemoteStatus:
    """`ServiceStatus` of a service in another process, by its /stats."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def status(self) -> dict[str, Any]:
        """Raises ServiceUnavailableError and ServiceRefusedError."""
        content = await self._client.get("/stats")
        try:
            return msgspec.json.decode(content, type=dict[str, Any])
        except msgspec.MsgspecError as err:
            raise ServiceUnavailableError(f"/stats is not what was expected: {err}") from err


def add_reports_route(app: web.Application, reports: ServiceReports) -> None:
    """Serve what a service remembers of its reports: `GET /stats/reports?start_ns=`."""

    async def get_reports(request: web.Request) -> web.Response:
        given = request.query.get("start_ns", "0")
        if not _NANOSECONDS.fullmatch(given):
            expected = "nanoseconds since 1970 in ASCII digits"
            raise InvalidInputError(f"start_ns should be {expected}", field="start_ns", expected=expected)
        response = json_response(await reports.reports(int(given)))
        response.enable_compression()
        return response

    app.router.add_get("/stats/reports", get_reports)


class RemoteReports:
    """`ServiceReports` of a service in another process, by its /stats/reports; raises as `InternalClient` does."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def reports(self, start_ns: int) -> Reports:
        """The reports from `start_ns` on, as far as the service remembers."""
        content = await self._client.get(f"/stats/reports?start_ns={max(0, start_ns)}")
        try:
            return msgspec.json.decode(content, type=Reports)
        except msgspec.MsgspecError as err:
            raise ServiceUnavailableError(f"/stats/reports is not what was expected: {err}") from err


class RemoteFilters:
    """`EventFilters` of an enrichment-pipeline in another process, by its /filters; raises as `InternalClient` does."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def filters(self) -> FiltersInForce:
        """The filters in force."""
        return _in_force(await self._client.get("/filters"))

    async def set_filters(self, filters: Filters) -> FiltersInForce:
        """Put other filters in force, for the batches that come from now on, and keep them over a restart."""
        return _in_force(await self._client.send("PUT", "/filters", msgspec.json.encode(filters)))


def _in_force(content: bytes) -> FiltersInForce:
    try:
        return msgspec.json.decode(content, type=FiltersInForce)
    except msgspec.MsgspecError as err:
        raise ServiceUnavailableError(f"/filters is not what was expected: {err}") from err


def _route(request: web.Request) -> str | None:
    """The path of the route that answers, which decides who may ask; None where there is none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else None


def _authorised(request: web.Request, token: str | None) -> bool:
    # The same error handler that aiohttp decodes headers with: whatever bytes came are compared, none raises.
    given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
    return token is not None and hmac.compare_digest(given, f"Bearer {token}".encode())


class _Told(Struct):
    message: str
    key: str = ""
    detail: dict[str, Any] = {}


class _Refusal(Struct):
    error: _Told


def _error_from(response: aiohttp.ClientResponse, content: bytes, base_url: str) -> IngestorError:
    try:
        told = msgspec.json.decode(content, type=_Refusal).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = _Told(f"{base_url} answered {response.status}")
    retry_after = response.headers.get("Retry-After", "")
    error = _error_of(response.status, told, float(retry_after) if _SECONDS.fullmatch(retry_after) else None)
    error.detail = told.detail
    return error


def _error_of(status: int, told: _Told, retry_after_s: float | None) -> IngestorError:
    match status:
        case HTTPStatus.CONFLICT if told.key == FixedByEnvironmentError.key:
            return FixedByEnvironmentError(told.message)
        case HTTPStatus.NOT_FOUND if told.key == NotFoundError.key:
            return NotFoundError(told.message)
        case HTTPStatus.CONFLICT:
            return RegistryUnknownError(told.message)
        case HTTPStatus.UNPROCESSABLE_ENTITY | HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return InvalidInputError(told.message)
        case HTTPStatus.TOO_MANY_REQUESTS:
            return BackpressureError(told.message, retry_after_s=retry_after_s)
        case HTTPStatus.INTERNAL_SERVER_ERROR if told.key == UnexpectedError.key:
            return UnexpectedError(told.message)
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            return ServiceUnavailableError(told.message, retry_after_s=retry_after_s)
        case _:
            return ServiceRefusedError(told.message)
