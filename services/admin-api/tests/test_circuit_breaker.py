"""When the breaker opens, when it lets a probe out, and what closes it."""

from __future__ import annotations

from admin_api.circuit_breaker import PROBE_AFTER_S, CircuitBreaker


def test_the_first_failure_opens_it_and_others_change_nothing() -> None:
    breaker = CircuitBreaker()
    assert not breaker.is_open
    assert breaker.failed("away", 10.0)
    assert not breaker.failed("still away", 11.0)
    assert (breaker.is_open, breaker.opened_at, breaker.reason) == (True, 10.0, "away")


def test_probes_go_out_at_once_and_then_ever_more_rarely() -> None:
    breaker = CircuitBreaker()
    breaker.failed("away", 0.0)
    waits = []
    for _ in range(7):
        waits.append(breaker.next_probe_s)
        breaker.probe_failed("away")
    assert waits == [*PROBE_AFTER_S, PROBE_AFTER_S[-1], PROBE_AFTER_S[-1]]
    assert waits[0] == 0


def test_a_probe_that_is_answered_closes_it_and_begins_anew() -> None:
    breaker = CircuitBreaker()
    breaker.failed("away", 0.0)
    breaker.probe_failed("away")
    breaker.answered()
    assert (breaker.is_open, breaker.reason, breaker.next_probe_s) == (False, None, 0.0)
