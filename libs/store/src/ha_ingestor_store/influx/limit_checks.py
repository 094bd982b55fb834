"""Checks whether the limits of an InfluxDB, or of a proxy before it, leave room for what is written."""

from __future__ import annotations

from http import HTTPStatus

from ha_ingestor_core.errors import StoreRefusedError

from ha_ingestor_store.checkup import Finding, good, note, problem
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.version import Limit, ServerVersion

LIMITS = "limits"

_NEARLY = 0.8
_BODY_BYTES = 2 * 1024 * 1024
_BODY = "2 MiB"
_BODY_ADVICE = (
    "raise the limit (1.x: max-body-size; nginx: client_max_body_size): until then each batch takes more requests"
)


async def check_limits(server: Server, version: ServerVersion) -> Finding:
    """Return whether series, values of a tag and the length of a request are limited too tightly."""
    limits: list[Limit] = []
    unlimited = "this version limits neither series nor values of a tag"
    try:
        limits = await version.limits()
    except StoreRefusedError:
        unlimited = "only an administrator may see those of series and of values of a tag"
    used = [f"{limit.used:,} of {limit.most:,} {limit.what} ({limit.setting})" for limit in limits]
    if full := [limit for limit in limits if limit.used >= limit.most]:
        return problem(LIMITS, f"{', '.join(used)}: new ones are refused", _advice(full))
    if nearly := [limit for limit in limits if limit.used >= _NEARLY * limit.most]:
        return note(LIMITS, ", ".join(used), _advice(nearly))
    if not await _takes_long_bodies(server, version):
        return note(LIMITS, f"a request of {_BODY} is refused for its length", _BODY_ADVICE)
    return good(LIMITS, f"requests of {_BODY} are accepted; {', '.join(used) or unlimited}")


async def _takes_long_bodies(server: Server, version: ServerVersion) -> bool:
    """Whether a long request is accepted: a comment, of which nothing is kept."""
    target = version.write_target(rollups=False)
    body = b"# " + b"x" * _BODY_BYTES
    answer = await server.request("POST", target.path, params=target.params, headers=target.headers, body=body)
    return answer.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def _advice(limits: list[Limit]) -> str:
    names = " and ".join(limit.setting for limit in limits)
    return f"raise {names} in the server's configuration, or exclude entities with a filter"
