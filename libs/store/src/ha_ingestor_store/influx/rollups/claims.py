"""How a process that only reports service_metrics opens their windows: by a claim beside the rollups' progress.

A report whose hour was closed, or is announced to be, is late: an outage kept it. Its writer claims the hours, waits as
long as readers may rely on the old state, writes, and lets the claim go. Readers trust no hour of a claim that the
keeper of the rollups has not heeded; the keeper opens the hours of a claim that was let go, and recomputes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from ha_ingestor_core.clock import NS_PER_S
from msgspec import Struct

from ha_ingestor_store.influx.rollups.progress import Progress, Range, Windows, aligned, joined, touched
from ha_ingestor_store.influx.schema import Family
from ha_ingestor_store.time_range import HOUR_NS

ABANDONED_NS = 600 * NS_PER_S
"""A claim that was held so long is its dead owner's: no write takes as long."""


class Claim(Struct, frozen=True):
    """Hours that one process writes late reports into; `number` grows with every change."""

    number: int = 0
    held: bool = False
    since_ns: int = 0
    ranges: tuple[Range, ...] = ()


def encode_claim(claim: Claim) -> str:
    """The text that is kept in the store."""
    return msgspec.json.encode(claim).decode()


def read_claims(texts: Mapping[str, str], keeper: str) -> dict[str, Claim]:
    """The claims by their owner; `keeper` is not one of them."""
    return {owner: msgspec.json.decode(text, type=Claim) for owner, text in texts.items() if owner != keeper}


def claimed(claim: Claim, progress: Progress, owner: str, times_ns: Iterable[int], now_ns: int) -> Claim:
    """The claim with the hours of late reports added; what was heeded already is let out."""
    kept = claim.ranges if claim.number > progress.seen.get(owner, 0) else ()
    return Claim(claim.number + 1, True, now_ns, joined([*kept, *touched(times_ns, HOUR_NS)]))


def released(claim: Claim) -> Claim:
    """The claim when its reports are written."""
    return msgspec.structs.replace(claim, number=claim.number + 1, held=False)


def late_from_ns(progress: Progress) -> int:
    """Reports from before this time are late."""
    hours = progress.services.get(HOUR_NS)
    return max(progress.announced_ns, hours.until_ns if hours else 0)


def heeded(progress: Progress, claims: Mapping[str, Claim], now_ns: int) -> Progress:
    """The progress with the hours of all claims opened that were let go, or abandoned."""
    due = {
        owner: claim
        for owner, claim in claims.items()
        if claim.number > progress.seen.get(owner, 0) and (not claim.held or now_ns - claim.since_ns > ABANDONED_NS)
    }
    if not due:
        return progress
    opened = _opened(progress, (r for claim in due.values() for r in claim.ranges))
    seen = {**progress.seen, **{owner: claim.number for owner, claim in due.items()}}
    return msgspec.structs.replace(progress.changed(Family.SERVICES, opened), seen=seen)


def with_claims(progress: Progress, claims: Mapping[str, Claim]) -> Progress:
    """The progress as a reader must see it: the hours of claims that were not heeded are open."""
    ranges = [r for owner, claim in claims.items() if claim.number > progress.seen.get(owner, 0) for r in claim.ranges]
    return progress.changed(Family.SERVICES, _opened(progress, ranges)) if ranges else progress


def _opened(progress: Progress, ranges: Iterable[Range]) -> dict[int, Windows]:
    wanted = list(ranges)
    return {grain: windows.opened(aligned(wanted, grain)) for grain, windows in progress.services.items()}
