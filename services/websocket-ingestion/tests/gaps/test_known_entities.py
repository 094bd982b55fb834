"""Which entities may have changed in a gap."""

from __future__ import annotations

from typing import Any, cast

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.gaps import Gap, GapReason
from websocket_ingestion.gaps.known_entities import changed_in
from websocket_ingestion.states.home_state import HomeState

GAP = Gap(home="home", start_ns=100 * NS_PER_S, end_ns=200 * NS_PER_S, reason=GapReason.RESTART, found_ns=0)


def home(**updated_s: int) -> HomeState:
    updated = {entity: seconds * NS_PER_S for entity, seconds in updated_s.items()}
    runner = cast("Any", None)
    return HomeState(
        runner=runner, now_ns=GAP.end_ns, since=0.0, updated=updated, restored=frozenset(), registered=frozenset()
    )


def test_what_changed_before_the_gap_did_not_change_in_it() -> None:
    assert changed_in(GAP, home(before=99, inside=150)) == {"inside": 150 * NS_PER_S}


def test_a_change_between_the_gap_and_the_snapshot_hides_those_before_it() -> None:
    assert changed_in(GAP, home(live=201)) == {"live": 201 * NS_PER_S}
