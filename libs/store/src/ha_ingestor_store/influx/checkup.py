"""Checks an InfluxDB: server, version, clocks, organisation, places and their retention, rights, and a round trip."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from functools import partial

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.errors import IngestorError, StoreRefusedError, StoreUnavailableError

from ha_ingestor_store.checkup import CheckRun, Finding, compare_clocks, good, note, problem, skipped
from ha_ingestor_store.influx.influxql.statements import Statements, identifier, tag_is
from ha_ingestor_store.influx.limit_checks import LIMITS, check_limits
from ha_ingestor_store.influx.old_points import STORED, check_stored_events
from ha_ingestor_store.influx.server.http import Server
from ha_ingestor_store.influx.server.version import Access, Place, ServerVersion, WriteAccess, write_access
from ha_ingestor_store.influx.server.versions import SUPPORTED, supported
from ha_ingestor_store.influx.settings import InfluxSettings

MARKS = "doctor_check"
"""The measurement of points that are written, read back and deleted again."""

SERVER, CLOCKS, ORGANISATION, ROUND_TRIP = "server", "clocks", "organisation", "write, read"
KEPT = {Place.EVENTS: "events kept", Place.ROLLUPS: "rollups kept"}
READING = {Place.EVENTS: "read events", Place.ROLLUPS: "read rollups"}
WRITING = {Place.EVENTS: "write events", Place.ROLLUPS: "write rollups"}

_DAY_S = 86_400
_VARIABLES = {Place.EVENTS: "INFLUXDB_RETENTION_DAYS", Place.ROLLUPS: "INFLUXDB_ROLLUP_RETENTION_DAYS"}
_BY_HAND = "give it once a token that may create buckets (1.x: an administrator), or create it by hand"
_READ_BUCKETS = "INFLUXDB_TOKEN must be a token of this server that may read both buckets"
_READ_DATABASE = "INFLUXDB_TOKEN must be user:password of a user with READ on the database"
_WRITE_ADVICE = "INFLUXDB_WRITE_TOKEN, or else INFLUXDB_TOKEN, must be a token of this server that may write to it"
_NTP = "set both by NTP: retention goes by the server's clock, events and periods by ours"


async def check_influxdb(settings: InfluxSettings, *, clock: Clock, create: bool) -> AsyncIterator[Finding]:
    """Every finding as it is made; with `create` what is missing is created and a point makes the round trip.

    Without it nothing is changed on the server. No error is raised.
    """
    server = Server(settings)
    checks = InfluxChecks(server, settings, clock=clock, create=create)
    try:
        async for finding in checks.run():
            yield finding
    finally:
        await server.close()


class InfluxChecks:
    """The checks, in an order in which each builds on those before."""

    def __init__(
        self,
        server: Server,
        settings: InfluxSettings,
        *,
        clock: Clock,
        create: bool,
    ) -> None:
        self._server = server
        self._settings = settings
        self._clock = clock
        self._create = create
        self._version: ServerVersion | None = None
        self._access: dict[Place, WriteAccess] = {}
        self._kept_s: dict[Place, int] = {}
        self._created: set[Place] = set()

    async def run(self) -> AsyncIterator[Finding]:
        """Every finding as it is made."""
        run = CheckRun().run
        yield await run(SERVER, self.server, advice="INFLUXDB_URL must be the address of an InfluxDB 1.x or 2.x")
        yield await run(CLOCKS, self.clocks, SERVER)
        yield await run(ORGANISATION, self.organisation, SERVER, advice=self._read_advice())
        for place in Place:
            yield await run(KEPT[place], partial(self.kept, place), ORGANISATION, advice=self._read_advice())
        for place in Place:
            yield await run(READING[place], partial(self.reading, place), KEPT[place], advice=self._read_advice())
        yield await run(STORED, self.stored_events, READING[Place.EVENTS])
        for place in Place:
            yield await run(WRITING[place], partial(self.writing, place), SERVER, advice=_WRITE_ADVICE)
        needs = (READING[Place.EVENTS], WRITING[Place.EVENTS])
        yield await run(LIMITS, self.limits, *needs)
        yield await run(ROUND_TRIP, self.round_trip, *needs, advice="what one token writes the other should read")

    async def server(self) -> Finding:
        """Is there an InfluxDB, and is its version supported?"""
        try:
            version = await self._server.version()
        except StoreUnavailableError as err:
            return problem(SERVER, err.message, "start InfluxDB, or set INFLUXDB_URL to where it listens")
        try:
            self._version = supported(version, self._server, self._settings)
        except StoreRefusedError as err:
            advice = f"use InfluxDB {SUPPORTED}, or leave INFLUXDB_URL empty for the embedded store"
            return problem(SERVER, err.message, advice)
        return good(SERVER, f"{self._server.url} is InfluxDB {version.text}")

    async def clocks(self) -> Finding:
        """How far is the server's clock from ours?"""
        before_ns = self._clock.now_ns()
        answer = await self._server.ping()
        date = answer.headers.get("Date", "")
        return compare_clocks(CLOCKS, "the server", date, before_ns, self._clock.now_ns(), _NTP)

    async def organisation(self) -> Finding:
        """Is the organisation there, and does the server know the token?"""
        found = await self._known().has_organisation()
        if found is None:
            return good(ORGANISATION, "this version has none")
        if not found:
            message = f"there is no organisation {self._settings.org}, or the token may not see it"
            return problem(ORGANISATION, message, "INFLUXDB_ORG must be the name of one that the token belongs to")
        return good(ORGANISATION, f"{self._settings.org} is there")

    async def kept(self, place: Place) -> Finding:
        """Is the place there, and how long does it keep what is written?"""
        name = self._name(place)
        self._kept_s = await self._known().retentions()
        if place not in self._kept_s:
            access = (await self._write_access(place)).access
            if access in (Access.ALLOWED, Access.FORBIDDEN):
                message = f"{name} is there, but INFLUXDB_TOKEN does not see how long it keeps what is written"
                return note(KEPT[place], message, self._read_advice())
            message = f"{name} is not there" if access is Access.NO_SUCH_PLACE else f"INFLUXDB_TOKEN sees no {name}"
            if not self._create:
                return problem(KEPT[place], message, "without --no-create it is created, where the token allows it")
            try:
                await self._create_missing()
            except StoreRefusedError as err:
                return problem(KEPT[place], f"{message}, and it was not created: {err.message}", _BY_HAND)
            if place not in self._kept_s:
                return problem(KEPT[place], f"{name} was created, but is not seen", self._read_advice())
        await self._known().settle()
        if place is Place.EVENTS and (remark := await self._known().remark()):
            advice = "nothing is lost by that; to use another policy, name it: INFLUXDB_BUCKET=database/policy"
            return note(KEPT[place], remark, advice)
        was_created = place in self._created
        return self._retention(place, f"{name} {'was created' if was_created else 'is there'}", self._kept_s[place])

    async def reading(self, place: Place) -> Finding:
        """Is a question answered?"""
        await self._ask(place, "time >= 0 AND time < 1")
        return good(READING[place], f"INFLUXDB_TOKEN reads {self._name(place)}")

    async def stored_events(self) -> Finding:
        """Do the events have the form that this release reads?"""
        return await check_stored_events(self._known().influxql)

    async def writing(self, place: Place) -> Finding:
        """Would lines be taken?"""
        found = await self._write_access(place)
        token = "INFLUXDB_WRITE_TOKEN" if self._settings.write_token else "INFLUXDB_TOKEN"
        name = self._name(place)
        match found.access:
            case Access.ALLOWED:
                return good(WRITING[place], f"{token} writes to {name}")
            case Access.UNKNOWN_TOKEN:
                is_set = self._settings.write_token or self._settings.token
                what = f"the server does not know {token}" if is_set else f"{token} is not set"
                return problem(WRITING[place], f"{what} ({found.message})", _WRITE_ADVICE)
            case Access.FORBIDDEN:
                return problem(WRITING[place], f"{token} may not write to {name} ({found.message})", _WRITE_ADVICE)
            case Access.NO_SUCH_PLACE:
                return skipped(WRITING[place], f"not checked: {name} is not there")

    async def limits(self) -> Finding:
        """Is the server far from its limits?"""
        return await check_limits(self._server, self._known())

    async def round_trip(self) -> Finding:
        """Is a point that was written found again? It is deleted at the end."""
        if not self._create:
            return skipped(ROUND_TRIP, "not tried with --no-create: it writes a point, and deletes it again")
        mark, time_ns = secrets.token_hex(8), self._clock.now_ns()
        target = self._known().write_target(rollups=False)
        line = f"{MARKS},mark={mark} value=1.0 {time_ns}".encode()
        answer = await self._server.request(
            "POST", target.path, params=target.params, headers=target.headers, body=line
        )
        self._server.raise_for(answer, f"writing to {target.name}")
        try:
            found = await self._holds(mark, time_ns)
        finally:
            if self._known().capabilities.can_delete:
                await self._known().delete(Place.EVENTS, MARKS, {"mark": mark}, time_ns)
        if not found:
            raise StoreRefusedError("a point was taken, but is not there to be read")
        if await self._holds(mark, time_ns):
            return note(ROUND_TRIP, "a point was written and read; deleting it did nothing", "it does no harm")
        return good(ROUND_TRIP, "a point was written, read back, and deleted again")

    def _retention(self, place: Place, message: str, kept_s: int) -> Finding:
        """What is kept, next to what the settings say."""
        message += f", and keeps what is written {_kept(kept_s)}"
        events_s = self._kept_s.get(Place.EVENTS, 0)
        if place is Place.ROLLUPS and kept_s and (not events_s or kept_s < events_s):
            advice = "keep rollups at least as long as the events: without them long periods are read from raw events"
            return note(KEPT[place], f"{message}, less than the events ({_kept(events_s)})", advice)
        wanted_s = self._settings.raw_retention_s if place is Place.EVENTS else self._settings.rollup_retention_s
        if kept_s != wanted_s:
            days = f"{kept_s / _DAY_S:g}"
            message += f"; {_VARIABLES[place]} says {_kept(wanted_s)}"
            advice = f"set {_VARIABLES[place]}={days}, or change it on the server, whose word counts"
            return note(KEPT[place], message, advice)
        return good(KEPT[place], message)

    async def _create_missing(self) -> None:
        self._access.clear()
        await self._known().prepare()
        found = await self._known().retentions()
        self._created = found.keys() - self._kept_s.keys()
        self._kept_s = found

    async def _write_access(self, place: Place) -> WriteAccess:
        if place not in self._access:
            target = self._known().write_target(rollups=place is Place.ROLLUPS)
            answers = self._known().capabilities.write_answers
            self._access[place] = await write_access(self._server, target, answers)
        return self._access[place]

    def _read_advice(self) -> str:
        has_policies = self._version is not None and self._version.capabilities.has_retention_policies
        return _READ_DATABASE if has_policies else _READ_BUCKETS

    def _name(self, place: Place) -> str:
        return self._known().write_target(rollups=place is Place.ROLLUPS).name

    async def _holds(self, mark: str, time_ns: int) -> bool:
        return await self._ask(Place.EVENTS, f"time = {time_ns}", mark)

    async def _ask(self, place: Place, when: str, mark: str | None = None) -> bool:
        """Whether a place holds marks, or a mark, of a time."""
        version, statements = self._known(), Statements()
        whose = "" if mark is None else f" AND {tag_is(statements, 'mark', mark)}"
        statements.add(f"SELECT value FROM {version.prefix(place)}{identifier(MARKS)} WHERE {when}{whose} LIMIT 1")
        return bool(await version.influxql(statements.question()))

    def _known(self) -> ServerVersion:
        if self._version is None:
            raise IngestorError("the server is not known yet")
        return self._version


def _kept(seconds: int) -> str:
    if not seconds:
        return "for ever"
    days = seconds / _DAY_S
    return f"for {days:g} day{'' if days == 1 else 's'}"
