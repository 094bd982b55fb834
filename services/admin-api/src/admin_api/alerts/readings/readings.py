"""Readings for the rules: from the store, or from the services while the store is unavailable."""

from __future__ import annotations

import asyncio
import shutil
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock, datetime_to_ns
from ha_ingestor_core.errors import IngestorError
from ha_ingestor_core.service_metrics import Counter
from ha_ingestor_store.questions import RecentEvents, RecentGaps, SilentEntities
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import DAY_NS, HOUR_NS, MINUTE_NS, TimeRange

from admin_api.alerts.readings.evaluation import Evaluation
from admin_api.alerts.readings.home_readings import HOME_WATCHES, read_homes
from admin_api.alerts.readings.pipeline_readings import PIPELINE_WATCHES, read_pipeline
from admin_api.alerts.readings.queue_depths import QueueDepths
from admin_api.alerts.readings.reading import Found, Reading
from admin_api.alerts.rules import Rule, Watch
from admin_api.peers.status import StatusSources, Unreachable

STORE = "store"
"""The subject of alerts that are neither about a service nor a home."""
INGESTION, PIPELINE = "websocket-ingestion", "enrichment-pipeline"
_SILENCE_KEPT_S = 300.0
_MOST_SILENT = 1000
_NAMES = 5
_SILENCES = frozenset({Watch.EVENT_AGE, Watch.SERVICE_AGE})

_log = structlog.get_logger()


class Readings:
    """Reads the values of rules, each query once per evaluation."""

    def __init__(self, *, reader: StoreReader, sources: StatusSources, data_dir: Path, clock: Clock) -> None:
        self._reader = reader
        self._sources = sources
        self._data_dir = data_dir
        self._clock = clock
        self._started_ns = clock.now_ns()
        self._depths = QueueDepths()
        self._store_failing_since: float | None = None
        self._unreachable_since: dict[str, float] = {}
        self._silence: dict[str, tuple[float, Reading]] = {}

    async def read(self, rules: Sequence[Rule]) -> dict[str, Reading | None]:
        """Return the reading of each rule, by name; None if unknown. Never raises."""
        evaluation = Evaluation(self._reader, self._clock.now_ns())
        readings = await self._of_store(rules, evaluation)
        if evaluation.error is None:
            self._store_failing_since = None
        else:
            if self._store_failing_since is None:
                self._store_failing_since = self._clock.monotonic()
                _log.warning("alert_readings_failed", error=evaluation.error, then="readings come from the services")
            readings |= await self._of_services(rules, evaluation.now_ns)
        failing_s = 0.0 if self._store_failing_since is None else self._clock.monotonic() - self._store_failing_since
        for rule in rules:
            if rule.watch is Watch.STORE_UNREACHABLE:
                readings[rule.name] = {STORE: Found(failing_s)}
            elif rule.watch is Watch.DISK_USED:
                readings[rule.name] = await asyncio.to_thread(_disk_used, self._data_dir)
        if any(rule.watch in (*HOME_WATCHES, *PIPELINE_WATCHES) for rule in rules):
            ingestion, enrichment = await self._sources.ask()
            readings |= {r.name: read_homes(r.watch, ingestion) for r in rules if r.watch in HOME_WATCHES}
            readings |= {r.name: read_pipeline(r.watch, enrichment) for r in rules if r.watch in PIPELINE_WATCHES}
        return readings

    async def _of_store(self, rules: Sequence[Rule], evaluation: Evaluation) -> dict[str, Reading | None]:
        ask: dict[Watch, Callable[[Rule, Evaluation], Awaitable[Reading]]] = {
            Watch.ERROR_RATE: self._error_rate,
            Watch.SUCCESS_RATE: self._success_rate,
            Watch.EVENT_AGE: self._event_age,
            Watch.SERVICE_AGE: self._service_age,
            Watch.QUEUE_GROWTH: self._queue_growth,
            Watch.LAG: self._lag,
            Watch.OPEN_GAPS: self._open_gaps,
            Watch.SILENT_ENTITIES: self._silent_entities,
            Watch.STORE_UNREACHABLE: self._answers,
        }
        readings: dict[str, Reading | None] = {}
        for rule in rules:
            if rule.watch in ask:
                try:
                    reading = await ask[rule.watch](rule, evaluation)
                    readings[rule.name] = (
                        None if self._is_older_than_this_process(rule, reading, evaluation) else reading
                    )
                except IngestorError:
                    readings[rule.name] = None
        return readings

    def _is_older_than_this_process(self, rule: Rule, reading: Reading, evaluation: Evaluation) -> bool:
        """Return whether a silence began before the start of this process, as after a power failure; it is ignored."""
        running = (evaluation.now_ns - self._started_ns) / MINUTE_NS
        beyond = any(rule.is_beyond(found.value) for found in reading.values())
        return rule.watch in _SILENCES and running <= rule.limit and beyond

    async def _answers(self, rule: Rule, evaluation: Evaluation) -> Reading:
        await evaluation.ask(self._reader.ping)
        return {}

    async def _error_rate(self, rule: Rule, evaluation: Evaluation) -> Reading:
        found = {}
        for service in await evaluation.services(rule.over_s):
            attempts = service.counters.get(Counter.WRITE_ATTEMPTS, 0)
            if attempts:
                errors = service.counters.get(Counter.WRITE_ERRORS, 0)
                found[service.service] = Found(100.0 * errors / attempts)
        return found

    async def _success_rate(self, rule: Rule, evaluation: Evaluation) -> Reading:
        services = await evaluation.services(rule.over_s)
        return {each.service: Found(each.success_rate) for each in services if each.success_rate is not None}

    async def _event_age(self, rule: Rule, evaluation: Evaluation) -> Reading:
        """Return the age of the newest event by the reports of the capture, since event times may be wrong."""
        first_ends: list[int] = []
        for period_ns, window_ns in ((HOUR_NS, MINUTE_NS), (DAY_NS, HOUR_NS)):
            lately = TimeRange(evaluation.now_ns - period_ns, evaluation.now_ns)
            ask = partial(self._reader.service_trend, INGESTION, Counter.PROCESSED, lately, window_ns)
            reported = await evaluation.ask(ask)
            stored = [point.start_ns + window_ns for point in reported if point.value]
            if stored:
                return {INGESTION: Found(max(0.0, (evaluation.now_ns - stored[-1]) / MINUTE_NS))}
            first_ends += [point.start_ns + window_ns for point in reported[:1]]
        return await self._age_of_newest(evaluation, reporting_since_ns=min(first_ends, default=None))

    async def _age_of_newest(self, evaluation: Evaluation, *, reporting_since_ns: int | None) -> Reading:
        """Return the age if no report of the last day has a stored event.

        Without any report, the age is that of the newest event, which another program may have written. Otherwise it
        is the time since the first report.
        """
        now_ns = evaluation.now_ns
        lately = RecentEvents(TimeRange(now_ns - DAY_NS, now_ns + HOUR_NS), limit=1)
        newest = (await evaluation.ask(lambda: self._reader.recent_events(lately))).events
        if newest and reporting_since_ns is None:
            return {INGESTION: Found(max(0.0, (now_ns - newest[0].time_ns) / MINUTE_NS))}
        count = await evaluation.ask(lambda: self._reader.event_count(TimeRange(now_ns - MINUTE_NS, now_ns)))
        # before the first capture, the age counts from the start of this process
        silent_ns = now_ns - self._started_ns if count.coverage.start_ns is None else DAY_NS
        if reporting_since_ns is not None:
            silent_ns = min(silent_ns, max(0, now_ns - reporting_since_ns))
        return {INGESTION: Found(silent_ns / MINUTE_NS)}

    async def _service_age(self, rule: Rule, evaluation: Evaluation) -> Reading:
        services = await evaluation.services(rule.over_s)
        return {each.service: Found(max(0.0, (evaluation.now_ns - each.last_seen_ns) / MINUTE_NS)) for each in services}

    async def _queue_growth(self, rule: Rule, evaluation: Evaluation) -> Reading:
        for each in await evaluation.services(rule.over_s):
            if each.queue_depth is not None:
                self._depths.note(each.service, self._clock.monotonic(), each.queue_depth)
        return self._depths.growth(self._clock.monotonic(), rule.over_s)

    async def _lag(self, rule: Rule, evaluation: Evaluation) -> Reading:
        services = await evaluation.services(rule.over_s)
        return {each.service: Found(each.lag_s) for each in services if each.lag_s is not None}

    async def _open_gaps(self, rule: Rule, evaluation: Evaluation) -> Reading:
        lately = RecentGaps(TimeRange(evaluation.now_ns, evaluation.now_ns + 1), limit=1)
        page = await evaluation.ask(lambda: self._reader.gaps(lately))
        return {INGESTION: Found(float(page.open))}

    async def _silent_entities(self, rule: Rule, evaluation: Evaluation) -> Reading:
        """Return silent entities, cached for five minutes, since the query covers all entities."""
        asked_at, known = self._silence.get(rule.name, (float("-inf"), {}))
        if self._clock.monotonic() - asked_at < _SILENCE_KEPT_S:
            return known
        if rule.factor is None:
            question = SilentEntities(evaluation.now_ns, evaluation.now_ns - rule.over_s * NS_PER_S, limit=_MOST_SILENT)
        else:
            question = SilentEntities(evaluation.now_ns, factor=rule.factor, limit=_MOST_SILENT)
        names: dict[str, list[str]] = defaultdict(list)
        for entity in await evaluation.ask(lambda: self._reader.silent_entities(question)):
            if is_wanted(entity.entity_id, rule.entities):
                names[entity.home].append(entity.entity_id)
        reading = {home: Found(float(len(of_home)), listed_names(of_home)) for home, of_home in names.items()}
        self._silence[rule.name] = (self._clock.monotonic(), reading)
        return reading

    async def _of_services(self, rules: Sequence[Rule], now_ns: int) -> dict[str, Reading | None]:
        """Return the readings that the services can provide; others are missing."""
        ingestion, enrichment = await self._sources.ask()
        now_s = self._clock.monotonic()
        ages: Reading = {}
        for service, status in ((INGESTION, ingestion), (PIPELINE, enrichment)):
            if isinstance(status, Unreachable):
                ages[service] = Found((now_s - self._unreachable_since.setdefault(service, now_s)) / 60)
            else:
                self._unreachable_since.pop(service, None)
                ages[service] = Found(0.0)
        known: dict[Watch, Reading] = {Watch.SERVICE_AGE: ages}
        if not isinstance(ingestion, Unreachable):
            flow = ingestion.event_processing
            if flow.last_event_time is not None:
                age_ns = now_ns - datetime_to_ns(flow.last_event_time)
                known[Watch.EVENT_AGE] = {INGESTION: Found(max(0.0, age_ns / MINUTE_NS))}
            if flow.processing_lag_s is not None:
                known[Watch.LAG] = {INGESTION: Found(flow.processing_lag_s)}
            if ingestion.queue_depth is not None:
                self._depths.note(INGESTION, now_s, ingestion.queue_depth)
        readings: dict[str, Reading | None] = {}
        for rule in rules:
            if rule.watch in known:
                readings[rule.name] = known[rule.watch]
            elif rule.watch is Watch.QUEUE_GROWTH:
                readings[rule.name] = self._depths.growth(now_s, rule.over_s)
        return readings


def _disk_used(folder: Path) -> Reading | None:
    """Return the usage of the disk of a folder, or of its nearest existing parent."""
    try:
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        usage = shutil.disk_usage(there)
    except OSError:
        return None
    return {STORE: Found(100.0 * usage.used / usage.total)} if usage.total else None


def listed_names(names: Sequence[str]) -> tuple[str, ...]:
    more = len(names) - _NAMES
    return (*names[:_NAMES], f"and {more} more") if more > 0 else tuple(names)


def is_wanted(entity_id: str, globs: Sequence[str]) -> bool:
    # [ is literal in our globs
    return not globs or any(fnmatchcase(entity_id, glob.replace("[", "[[]")) for glob in globs)
