"""A server in memory, a clock that only the test turns, and a reader who believes what the stored progress says.

Whatever is asked of the server waits until the test lets it arrive, and again until the test lets the answer go: so a
test decides the order of events, what fails, and what of a dead process still arrives later.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, cast

from ha_ingestor_core.clock import NS_PER_S, FakeClock
from ha_ingestor_core.errors import StoreUnavailableError
from ha_ingestor_core.events import OriginKind
from ha_ingestor_store.influx.database import Database
from ha_ingestor_store.influx.influxql.selections import Part
from ha_ingestor_store.influx.queries.rows import Head, WindowSums
from ha_ingestor_store.influx.rollups.kept_progress import inherited
from ha_ingestor_store.influx.rollups.known_progress import stored_progress
from ha_ingestor_store.influx.rollups.lease import Lease, Term
from ha_ingestor_store.influx.rollups.progress import Progress, plan_spans
from ha_ingestor_store.influx.rollups.rollups import Rollups
from ha_ingestor_store.influx.schema import (
    COUNT,
    ENTITY_ROLLUPS,
    EVENT_ROLLUPS,
    EVENTS,
    PROGRESS,
    SERVICE_METRICS,
    SERVICE_ROLLUPS,
    Family,
)
from ha_ingestor_store.influx.server.version import WriteTarget
from ha_ingestor_store.influx.tags import decode_tag
from ha_ingestor_store.influx.writing.batch_writer import BatchWriter, RefusedLine
from ha_ingestor_store.influx.writing.line_protocol import count_line
from ha_ingestor_store.points import EventPoint, SeriesKey
from ha_ingestor_store.service_windows import merged
from ha_ingestor_store.time_range import TimeRange

Tags = tuple[tuple[str, str], ...]
Key = tuple[str, Tags, int]
"""Measurement, tags and time of a point."""

_LINE = re.compile(r"((?:\\.|[^ \\])+) (.*) (-?[0-9]+)", re.DOTALL)
_STRAGGLES_S = 119.0
"""How long what was sent may take to arrive after nobody waits for it: a little less than the store counts with."""
_TIMEOUT_S = 30.0


class Request:
    """Something that was asked of the server: it arrives, and then it is answered."""

    def __init__(
        self, does: Callable[[], Any], *, lines: Sequence[str] | None = None, about: str = "", until: float = math.inf
    ) -> None:
        self.lines = lines
        self.about = about
        self.until = until
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.has_arrived = False
        self._does = does
        self._result: Any = None

    @property
    def is_over(self) -> bool:
        return self.answer.done()

    def arrive(self) -> None:
        if not self.has_arrived:
            self.has_arrived = True
            self._result = self._does()

    def serve(self) -> None:
        self.arrive()
        if not self.answer.done():
            self.answer.set_result(self._result)

    def fail(self) -> None:
        if not self.answer.done():
            self.answer.set_exception(StoreUnavailableError("no answer"))


class Loop(asyncio.SelectorEventLoop):
    """An event loop that goes by a clock of the test's."""

    def __init__(self, clock: FakeClock) -> None:
        self._hands = clock
        super().__init__()

    def time(self) -> float:
        return self._hands.monotonic()

    def turn(self) -> None:
        """Let everything go on that can."""
        for _ in range(25):
            self.call_soon(self.stop)
            self.run_forever()


class World:
    """The server, the clock and the loop."""

    def __init__(self, now_ns: int, keep_s: float = 1.0) -> None:
        self.clock = FakeClock(now_ns)
        self.loop = Loop(self.clock)
        self.loops = [self.loop]
        self.stopped: list[Loop] = []
        self.keep_s = keep_s
        self.points: dict[Key, dict[str, Any]] = {}
        self.requests: list[Request] = []
        self.stragglers: list[tuple[float, Request]] = []
        self.log: list[str] = []
        self.refuses: Callable[[str], bool] = lambda _: False
        self._known: list[tuple[float, dict[str, str]]] = []

    def close(self) -> None:
        for loop in self.loops:
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.turn()
            loop.close()

    def another_loop(self) -> Loop:
        """A loop for a process of its own, which can be stopped while the others go on."""
        loop = Loop(self.clock)
        self.loops.append(loop)
        return loop

    def turn(self) -> None:
        """Let every process go on that is not stopped."""
        for loop in self.loops:
            if loop not in self.stopped:
                loop.turn()

    # What a test does

    def start(self, work: Coroutine[Any, Any, Any], loop: Loop | None = None) -> asyncio.Task[Any]:
        """Begin something, up to its first request."""
        task = (loop or self.loop).create_task(work)
        self.turn()
        return task

    def run(self, work: Coroutine[Any, Any, Any], loop: Loop | None = None, *, but: Request | None = None) -> Any:
        """Do something to its end, every request but one answered at once."""
        task = self.start(work, loop)
        until = self.clock.monotonic() + 3_600
        while not task.done():
            rest = [request for request in self.waiting if request is not but]
            if rest:
                self.serve(rest[0])
            else:
                self.advance(0.25)
                assert self.clock.monotonic() < until, "it waits for ever"
        return task.result()

    @property
    def waiting(self) -> list[Request]:
        """The requests without an answer, oldest first."""
        self.requests = [request for request in self.requests if not request.is_over]
        return self.requests

    def waiting_for(self, about: str) -> list[Request]:
        return [request for request in self.waiting if request.about.startswith(about)]

    def serve(self, request: Request | None = None) -> None:
        """A request arrives and is answered."""
        (request or self.waiting[0]).serve()
        self.turn()

    def serve_until(self, about: str, *, but: Request | None = None) -> Request:
        """Answer one by one what is asked, until this is; it is not answered."""
        for _ in range(1_000):
            found = self.waiting_for(about)
            if found:
                return found[0]
            rest = [request for request in self.waiting if request is not but]
            if rest:
                self.serve(rest[0])
            else:
                self.advance(0.25)
        raise AssertionError(f"nobody asks for {about}")

    def fail(self, request: Request) -> None:
        """A request is given up; if it is a write that did not arrive, it still may."""
        if not request.has_arrived and request.lines is not None:
            self.stragglers.append((self.clock.monotonic() + _STRAGGLES_S, request))
        request.fail()
        self.turn()

    def straggle(self, index: int = 0) -> None:
        """Something that was given up arrives after all."""
        self.stragglers.pop(index)[1].arrive()

    def advance(self, seconds: float) -> None:
        """Turn the clock; what waits for longer than its timeout is given up, what straggled for too long is lost."""
        end = self.clock.monotonic() + seconds
        while overdue := [request for request in self.waiting if request.until <= end]:
            first = min(overdue, key=lambda request: request.until)
            self._turn_to(max(first.until, self.clock.monotonic()))
            if not first.is_over:
                self.fail(first)
        self._turn_to(end)

    def _turn_to(self, moment: float) -> None:
        self.clock.advance(moment - self.clock.monotonic())
        self.stragglers = [straggler for straggler in self.stragglers if straggler[0] > moment]
        self.turn()

    def crash(self, tasks: Iterable[asyncio.Task[Any]], loop: Loop | None = None) -> None:
        """End a process; what it had sent may arrive later."""
        loop = loop or self.loop
        for request in list(self.waiting):
            if request.loop is loop and not request.has_arrived and request.lines is not None:
                self.stragglers.append((self.clock.monotonic() + _STRAGGLES_S, request))
        self.requests = [request for request in self.requests if request.loop is not loop]
        for task in tasks:
            task.cancel()
        loop.turn()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                task.exception()

    def restore(self, points: dict[Key, dict[str, Any]]) -> None:
        """Put a copy in the place of what is there; what was on its way is gone, and readers begin anew."""
        self.points = points
        self.requests, self.stragglers, self._known = [], [], []

    # What the server holds

    def take(self, lines: Sequence[str]) -> list[RefusedLine]:
        """Write lines, as the server does."""
        for line in lines:
            measurement, tags, fields, time_ns = parsed(line)
            if measurement == PROGRESS:
                self._known.append((self.clock.monotonic(), self.texts()))
            self.points.setdefault((measurement, tags, time_ns), {}).update(fields)
            self.log.append(f"write {measurement}")
        return []

    def texts(self) -> dict[str, str]:
        """The texts of the progress by their owners."""
        return {
            decode_tag(dict(tags)["owner"]): fields["state"]
            for (measurement, tags, _), fields in self.points.items()
            if measurement == PROGRESS
        }

    def progress(self) -> Progress:
        """What a reader learns who asks now."""
        return stored_progress(self.texts())

    def sum(self, measurement: str, start_ns: int, end_ns: int, field: str = COUNT) -> float:
        return sum(
            float(fields.get(field, 0))
            for (name, _, time_ns), fields in self.points.items()
            if name == measurement and start_ns <= time_ns < end_ns
        )

    # What readers see

    def beliefs(self) -> list[Progress]:
        """All that any reader may still rely on: what is stored, and what was within the last `keep_s`."""
        now = self.clock.monotonic()
        self._known = [(at, texts) for at, texts in self._known if now < at + self.keep_s]
        return [stored_progress(texts) for texts in [*(texts for _, texts in self._known), self.texts()]]

    def wrong_sums(self, field: str = COUNT) -> list[str]:
        """Every window that some reader trusts, and whose rollup is not the sum of its raw points."""
        return sorted({each for progress in self.beliefs() for each in self._wrong(progress, field)})

    def seen(self, time_range: TimeRange, progress: Progress, family: Family = Family.EVENTS) -> float:
        """The sum that a reader computes."""
        raw, rollups = (EVENTS, EVENT_ROLLUPS) if family is Family.EVENTS else (SERVICE_METRICS, SERVICE_ROLLUPS)
        field = COUNT if family is Family.EVENTS else "events_received"
        return sum(
            self.sum(rollups[grain] if grain else raw, start, end, field)
            for grain, start, end in plan_spans(time_range, progress.of(family), tuple(rollups))
        )

    def _wrong(self, progress: Progress, field: str) -> Iterable[str]:
        for raw, rollups, windows in (
            (EVENTS, EVENT_ROLLUPS, progress.events),
            (EVENTS, ENTITY_ROLLUPS, progress.events),
            (SERVICE_METRICS, SERVICE_ROLLUPS, progress.services),
        ):
            for grain, table in rollups.items():
                measured = COUNT if raw == EVENTS else "events_received"
                truth, told = self._by_window(raw, grain, measured), self._by_window(table, grain, measured)
                for start in truth.keys() | told.keys():
                    known = windows.get(grain)
                    if known and known.trusted(start, start + grain) and truth.get(start, 0) != told.get(start, 0):
                        yield f"{table} at {start}: {told.get(start, 0)} instead of {truth.get(start, 0)}"

    def _by_window(self, table: str, grain: int, field: str) -> dict[int, float]:
        sums: dict[int, float] = defaultdict(float)
        for (measurement, _, time_ns), fields in self.points.items():
            if measurement == table and field in fields:
                sums[time_ns // grain * grain] += fields[field]
        return sums

    # How the store speaks with it

    @property
    def dialect(self) -> Database:
        return cast("Database", _Dialect(self))

    @property
    def writer(self) -> BatchWriter:
        return self.writer_of(lambda: math.inf)

    def writer_of(self, remaining_s: Callable[[], float]) -> BatchWriter:
        """A writer whose requests last no longer than is left."""
        return cast("BatchWriter", _Writer(self, remaining_s))

    async def ask(
        self, does: Callable[[], Any], about: str, lines: Sequence[str] | None = None, timeout_s: float = math.inf
    ) -> Any:
        request = Request(does, about=about, lines=lines, until=self.clock.monotonic() + timeout_s)
        self.requests.append(request)
        self.log.append(f"ask {about}")
        return await request.answer


class _Dialect:
    """The few questions that the keeper of rollups asks, by plain Python."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def progress(self) -> dict[str, str]:
        texts: dict[str, str] = await self._world.ask(self._world.texts, "progress")
        return texts

    async def first_ns(self, measurement: str, start_ns: int, end_ns: int) -> int | None:
        def first() -> int | None:
            times = (time_ns for name, _, time_ns in self._world.points if name == measurement)
            return min((time_ns for time_ns in times if start_ns <= time_ns < end_ns), default=None)

        found: int | None = await self._world.ask(first, f"first {measurement}")
        return found

    async def heads(self, start_ns: int, end_ns: int) -> Iterable[Head]:
        def newest() -> list[Head]:
            times: dict[SeriesKey, int] = {}
            for name, tags, time_ns in self._world.points:
                if name == EVENTS and start_ns <= time_ns < end_ns:
                    told = dict(tags)
                    key = (told["home"], told["event_type"], told.get("domain"), told.get("entity_id"))
                    times[key] = max(time_ns, times.get(key, time_ns))
            return [Head(key, time_ns, OriginKind.LIVE) for key, time_ns in times.items()]

        found: list[Head] = await self._world.ask(newest, "heads")
        return found

    async def window_counts(self, parts: Sequence[Part], window_ns: int) -> Iterable[tuple[int, int]]:
        def counts() -> list[tuple[int, int]]:
            (part,) = parts
            times = [key[2] for key in self._world.points if key[0] == part.measurement]
            within = [time_ns for time_ns in times if part.start_ns <= time_ns < part.end_ns]
            return [(time_ns // window_ns * window_ns, 1) for time_ns in within]

        found: list[tuple[int, int]] = await self._world.ask(counts, "counts")
        return found

    async def window_sums(
        self, part: Part, window_ns: int, by: tuple[str, ...], fields: tuple[str, ...]
    ) -> Iterable[WindowSums]:
        def sums() -> list[WindowSums]:
            found: dict[tuple[int, tuple[str | None, ...]], dict[str, float]] = defaultdict(dict)
            for (measurement, tags, time_ns), told in self._world.points.items():
                if measurement == part.measurement and part.start_ns <= time_ns < part.end_ns:
                    key = (time_ns // window_ns * window_ns, tuple(dict(tags).get(tag) for tag in by))
                    for field in fields:
                        if field in told:
                            found[key][field] = merged(field, found[key].get(field), told[field])
            return [WindowSums(start_ns, tags, each) for (start_ns, tags), each in found.items()]

        rows: list[WindowSums] = await self._world.ask(sums, f"sums of {part.measurement} by {window_ns}")
        return rows

    def write_target(self, *, rollups: bool) -> WriteTarget:
        return WriteTarget(path="/write", params={}, headers={}, name="rollups" if rollups else "raw")


class _Writer:
    def __init__(self, world: World, remaining_s: Callable[[], float]) -> None:
        self._world = world
        self._remaining_s = remaining_s

    async def write(self, target: WriteTarget, lines: Sequence[str], **_: Any) -> list[RefusedLine]:
        if not lines:
            return []
        measurement, remaining_s = parsed(lines[0])[0], self._remaining_s()
        timeout_s = remaining_s if remaining_s == math.inf else min(_TIMEOUT_S, remaining_s)
        refused: list[RefusedLine] = await self._world.ask(
            lambda: self._world.take(lines), f"write {measurement}", lines, timeout_s
        )
        return refused


def event_line(time_ns: int, entity_id: str = "light.a") -> str:
    """A line of an event, as far as rollups look at it."""
    tags = {"home": "home", "event_type": "state_changed", "domain": "light", "entity_id": entity_id}
    return count_line(EVENTS, tags, {COUNT: 1.0}, time_ns)


def event_point(time_ns: int, entity_id: str = "light.a") -> EventPoint:
    """The event of such a line."""
    return EventPoint("home", "state_changed", time_ns, "light", entity_id)


def parsed(line: str) -> tuple[str, Tags, dict[str, Any], int]:
    """A line of ours, read back: measurement, tags, fields, time."""
    found = _LINE.fullmatch(line)
    assert found, line
    measurement, *tags = re.split(r"(?<!\\),", found[1])
    pairs = tuple(tuple(re.sub(r"\\(.)", r"\1", tag).split("=", 1)) for tag in tags)
    return measurement, cast("Tags", pairs), _fields(found[2]), int(found[3])


def _fields(text: str) -> dict[str, Any]:
    if text.startswith('state="'):
        return {"state": re.sub(r"\\(.)", r"\1", text[len('state="') : -1])}
    return {name: float(value.rstrip("i")) for name, value in (pair.split("=") for pair in text.split(","))}


def begin(world: World, instance: str = "a", **changes: Any) -> Rollups:
    """Take the lease, as the instance that had it before does; the term of these rollups never ends by itself."""
    lease = Lease(world.dialect, world.writer, clock=world.clock, instance=instance)
    while True:
        try:
            term = world.run(lease.take(inherited))
            return rollups_of(world, term, world.writer, **changes)
        except StoreUnavailableError:
            world.advance(1.0)


def rollups_of(
    world: World, term: Term, writer: BatchWriter, *, raw_retention_s: int = 0, report_wait_s: float = 60.0
) -> Rollups:
    async def kept_from_ns() -> int | None:
        return world.clock.now_ns() - raw_retention_s * NS_PER_S if raw_retention_s else None

    return Rollups(
        world.dialect,
        writer,
        term,
        clock=world.clock,
        keep_s=world.keep_s,
        kept_from_ns=kept_from_ns,
        report_wait_s=report_wait_s,
    )
