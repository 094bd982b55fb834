"""The clients included at each percentage."""

from __future__ import annotations

import pytest
from admin_api.rollout.source_choice import SourceChoice

CLIENTS = [f"client-{n}" for n in range(10_000)]


# plan: 7.1-percent
@pytest.mark.parametrize("percent", [0, 10, 50, 100])
def test_the_share_is_within_two_points_over_ten_thousand_clients(percent: int) -> None:
    choice = SourceChoice(influxdb_rollout_percent=percent)
    share = 100 * sum(choice.uses_store(client) for client in CLIENTS) / len(CLIENTS)
    assert abs(share - percent) <= (2 if 0 < percent < 100 else 0)


@pytest.mark.parametrize("percent", [10, 50])
def test_each_client_gets_the_same_answer_every_time(percent: int) -> None:
    decisions = [
        [SourceChoice(influxdb_rollout_percent=percent).uses_store(client) for client in CLIENTS] for _ in range(3)
    ]
    assert decisions[0] == decisions[1] == decisions[2]


def test_it_is_the_same_in_every_process_and_release() -> None:
    assert [SourceChoice(influxdb_rollout_percent=50).uses_store(c) for c in ("192.168.1.7", "kitchen", "")] == [
        True,
        True,
        False,
    ]


def test_a_client_stays_included_when_the_percentage_grows() -> None:
    for smaller, larger in ((10, 11), (11, 50), (50, 100)):
        before = {c for c in CLIENTS if SourceChoice(influxdb_rollout_percent=smaller).uses_store(c)}
        after = {c for c in CLIENTS if SourceChoice(influxdb_rollout_percent=larger).uses_store(c)}
        assert before < after


# plan: rollback-flag
def test_the_flag_switches_all_of_them_off() -> None:
    assert not any(SourceChoice(use_influxdb_stats=False).uses_store(client) for client in CLIENTS[:100])
