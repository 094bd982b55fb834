"""The HTTP application of a service: authorisation, error responses, /health, /stats and /metrics."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from ha_ingestor_core.delivery import ServiceStatus
from ha_ingestor_core.errors import (
    IngestorError,
    InvalidInputError,
    ServiceRefusedError,
    TransientError,
    UnexpectedError,
)
from ha_ingestor_core.http.errors import error_body, error_status

_log = structlog.get_logger()

MAX_BODY_BYTES = 64 * 1024 * 1024
BODY_LIMIT_S = 10.0

Health = Callable[[], dict[str, Any]]
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_EXPECTED = "The Authorization header must be"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def json_response(body: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> web.Response:
    """Return a JSON response."""
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json", headers=headers or None
    )


async def read_body(request: web.Request) -> bytes:
    """Return the body of a request; raises InvalidInputError, and HTTP 408 after ten seconds."""
    try:
        async with asyncio.timeout(BODY_LIMIT_S):
            return await request.read()
    except TimeoutError as err:
        raise web.HTTPRequestTimeout(headers={"Connection": "close"}) from err
    except web.HTTPRequestEntityTooLarge as err:
        # 422 and not 413: the sender divides a batch that is refused as invalid, which is what is needed here.
        expected = f"at most {MAX_BODY_BYTES} bytes. Divide the batch"
        raise InvalidInputError(f"body must be {expected}", field="body", expected=expected) from err
    except web.RequestPayloadError as err:
        expected = "complete, and compressed as stated in Content-Encoding"
        raise InvalidInputError(f"body must be {expected}", field="body", expected=expected) from err


def service_app(
    *,
    status: ServiceStatus,
    health: Health,
    metrics: CollectorRegistry,
    token: str | None,
    metrics_token: str | None = None,
) -> web.Application:
    """Return the application of a service: /health is open; /stats and all added routes require the token.

    `health` returns `{"status": "healthy" | "degraded" | "unhealthy", …}`; unhealthy is a 503. If `token` is None,
    only /health and /metrics are served. /metrics requires one of the tokens; without `metrics_token` it is open.
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


def _route(request: web.Request) -> str | None:
    """Return the path of the route of a request, which determines the authorisation; None where there is none."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else None


def _authorised(request: web.Request, token: str | None) -> bool:
    # With the error handler of aiohttp's own decoding of headers, invalid bytes are compared and do not raise.
    given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
    return token is not None and hmac.compare_digest(given, f"Bearer {token}".encode())
