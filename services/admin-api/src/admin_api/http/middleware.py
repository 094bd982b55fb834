"""Middleware of every request: metrics, security headers, and a 500 for unexpected exceptions."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from ha_ingestor_core.clock import Clock
from ha_ingestor_core.service_metrics import Counter, ServiceCounters
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from admin_api.http.draining import Draining
from admin_api.http.errors import internal_error
from admin_api.metrics import AdminApiMetrics

_CONTENT_SECURITY_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    b"connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors "
)
Headers = tuple[tuple[bytes, bytes], ...]


def security_headers(frame_ancestors: str = "") -> Headers:
    """Return the security headers; `frame_ancestors` are the origins that may embed the dashboard in a frame."""
    framing = () if frame_ancestors else ((b"x-frame-options", b"DENY"),)  # X-Frame-Options cannot list origins
    return (
        (b"content-security-policy", _CONTENT_SECURITY_POLICY + (frame_ancestors or "'none'").encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        *framing,
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    )


SECURITY_HEADERS = security_headers()
_LAST_ANSWER = ((b"connection", b"close"),)
"""Sent while draining, so that proxies with persistent connections reconnect to another instance."""

_log = structlog.get_logger()


class RequestMiddleware:
    """Counts each request once, when its answer starts, since a stream does not end."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        counters: ServiceCounters,
        metrics: AdminApiMetrics,
        clock: Clock,
        headers: Headers = SECURITY_HEADERS,
        draining: Draining | None = None,
    ) -> None:
        self._app = app
        self._headers = headers
        self._counters = counters
        self._metrics = metrics
        self._clock = clock
        self._draining = draining or Draining(0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        closing = _LAST_ANSWER if self._draining.has_begun else ()
        answer = _Answer(send, (*self._headers, *closing), self._begin(scope))
        try:
            await self._app(scope, receive, answer.send)
        except Exception as err:
            _log.error("request_failed", path=scope["path"], error=repr(err), exc_info=True)
            if answer.has_begun:
                raise  # the server closes the connection, so the client sees that the answer is incomplete
            await internal_error()(scope, receive, answer.send)
        finally:
            answer.end(499)  # no answer: the client disconnected, or the server stops

    def _begin(self, scope: Scope) -> Callable[[int], None]:
        started = self._clock.monotonic()
        self._counters.add(Counter.RECEIVED)
        self._metrics.requests_in_flight.inc()

        def end(status: int) -> None:
            seconds = self._clock.monotonic() - started
            self._counters.add(Counter.FAILED if status >= 500 else Counter.PROCESSED)
            self._counters.observe_latency(seconds * 1000)
            self._metrics.requests_in_flight.dec()
            self._metrics.answered(_endpoint(scope), status, seconds)

        return end


class _Answer:
    """Adds the security headers, and reports the status once, when the answer starts."""

    def __init__(self, send: Send, headers: Headers, on_status: Callable[[int], None]) -> None:
        self._send = send
        self._headers = headers
        self._on_status = on_status
        self.has_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *self._headers]
            self.end(message["status"])
        await self._send(message)

    def end(self, status: int) -> None:
        if not self.has_begun:
            self.has_begun = True
            self._on_status(status)


def _endpoint(scope: Scope) -> str:
    """Return the label of the endpoint: the path of its route, `dashboard` for files, so that labels are bounded.

    `none` is a path of the API without a route, or a request that the gate rejected.
    """
    found: str | None = getattr(scope.get("route"), "path_format", None)
    return found or ("none" if scope["path"].startswith(("/api/", "/metrics")) else "dashboard")
