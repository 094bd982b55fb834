"""Checks an InfluxDB: the server, its version, the buckets and their retention, the tokens' rights, the clocks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from ha_ingestor_core.clock import NS_PER_S, Clock, datetime_to_ns
from ha_ingestor_core.errors import IngestorError, StoreUnavailableError

from ha_ingestor_store.checkup import Finding, good, note, problem, skipped
from ha_ingestor_store.influx.language import Dialect
from ha_ingestor_store.influx.server import Server, Version
from ha_ingestor_store.influx.settings import InfluxSettings
from ha_ingestor_store.influx.store import DialectFactory
from ha_ingestor_store.influx.write_answers import server_message

_DAY_S = 86_400
_CLOCKS_NOTE_S = 2.0
_CLOCKS_PROBLEM_S = 30.0
_AFTER_VERSION = ("buckets", "reading", "writing events", "writing rollups", "clocks")
_NOTHING = b"# ha-ingestor doctor\n"
"""Lines that are a comment: a server that takes them would take others, and keeps nothing of them."""


async def check_influxdb(
    settings: InfluxSettings, dialects: Mapping[int, DialectFactory], *, clock: Clock, create: bool
) -> AsyncIterator[Finding]:
    """Every finding as it is made; missing buckets are created when `create`. Never raises an IngestorError."""
    server = Server(settings)
    try:
        version = await _version(server)
        if isinstance(version, Finding):
            yield version
            for name in _AFTER_VERSION:
                yield skipped(name, "the server is not known yet")
            return
        factory = dialects.get(version.major)
        if factory is None:
            known = " and ".join(f"{major}.x" for major in sorted(dialects))
            yield problem("server", f"InfluxDB {version.text}", f"this release speaks with {known}")
            return
        dialect = factory(server, settings)
        try:
            language = dialect.capabilities.language
            yield good("server", f"{settings.url} is InfluxDB {version.text}, asked in {language}")
            async for finding in _with_dialect(server, settings, dialect, clock, create=create):
                yield finding
        finally:
            await dialect.close()
    finally:
        await server.close()


async def _version(server: Server) -> Version | Finding:
    try:
        return await server.version()
    except StoreUnavailableError as err:
        return problem("server", err.message, "start InfluxDB, or set INFLUXDB_URL to where it listens")
    except IngestorError as err:
        return problem("server", err.message, "INFLUXDB_URL should be the address of an InfluxDB")


async def _with_dialect(
    server: Server, settings: InfluxSettings, dialect: Dialect, clock: Clock, *, create: bool
) -> AsyncIterator[Finding]:
    for finding in await _buckets(settings, dialect, create=create):
        yield finding
    yield await _reading(dialect)
    for name, rollups in (("writing events", False), ("writing rollups", True)):
        yield await _writing(server, dialect, name, rollups=rollups)
    yield await _clocks(server, clock)


async def _buckets(settings: InfluxSettings, dialect: Dialect, *, create: bool) -> list[Finding]:
    created = False
    try:
        found = await dialect.retentions()
        missing = [name for name in (settings.bucket, settings.rollups_bucket) if name not in found]
        if missing and create:
            await dialect.prepare()
            found, created = await dialect.retentions(), True
    except IngestorError as err:
        advice = "a token that may create buckets is needed once; or create them by hand, and let the token see them"
        return [problem("buckets", err.message, advice)]
    findings = []
    for name, wanted_s in (
        (settings.bucket, settings.raw_retention_s),
        (settings.rollups_bucket, settings.rollup_retention_s),
    ):
        if name not in found:
            findings.append(problem("buckets", f"{name} is not there", "run `ha-ingestor doctor` without --no-create"))
        elif found[name] == wanted_s:
            was = "was created" if created and name in missing else "is there"
            findings.append(good("buckets", f"{name} {was}, and keeps what is written {_kept(wanted_s)}"))
        else:
            findings.append(
                note(
                    "buckets",
                    f"{name} keeps what is written {_kept(found[name])}, the settings say {_kept(wanted_s)}",
                    "the server's own word counts; make the setting or the bucket agree with the other",
                )
            )
    return findings


async def _reading(dialect: Dialect) -> Finding:
    try:
        await dialect.ping()
        await dialect.progress()
    except IngestorError as err:
        return problem("reading", err.message, "INFLUXDB_TOKEN should be able to read both buckets")
    return good("reading", "questions are answered")


async def _writing(server: Server, dialect: Dialect, name: str, *, rollups: bool) -> Finding:
    target = dialect.write_target(rollups=rollups)
    try:
        answer = await server.request("POST", target.path, params=target.params, headers=target.headers, body=_NOTHING)
    except IngestorError as err:
        return problem(name, err.message, "try again")
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return good(name, f"{target.name} takes lines")
    advice = "INFLUXDB_WRITE_TOKEN (or INFLUXDB_TOKEN) should be able to write to it"
    return problem(name, f"{target.name}: {answer.status} {server_message(answer.body)}", advice)


async def _clocks(server: Server, clock: Clock) -> Finding:
    before_ns = clock.now_ns()
    try:
        answer = await server.request("GET", "/ping")
    except IngestorError as err:
        return skipped("clocks", err.message)
    after_ns = clock.now_ns()
    told_ns: int | None = None
    with suppress(ValueError, TypeError):
        told_ns = datetime_to_ns(parsedate_to_datetime(answer.headers.get("Date", "")))
    if told_ns is None:
        return skipped("clocks", "the server does not say what time it is")
    # A Date is cut to its second: on average the moment was half a second later.
    apart_s = (told_ns + NS_PER_S // 2 - (before_ns + after_ns) // 2) / NS_PER_S
    message = f"the server's clock is {abs(apart_s):.1f} s {'ahead of' if apart_s > 0 else 'behind'} ours"
    if abs(apart_s) <= _CLOCKS_NOTE_S:
        return good("clocks", "the server's clock agrees with ours")
    advice = "set both by NTP: retention goes by the server's clock, periods by ours"
    return (problem if abs(apart_s) > _CLOCKS_PROBLEM_S else note)("clocks", message, advice)


def _kept(seconds: int) -> str:
    return f"for {seconds / _DAY_S:g} days" if seconds else "for ever"
