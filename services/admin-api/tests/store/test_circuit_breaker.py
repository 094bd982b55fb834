"""When the breaker opens, probes and closes."""

from __future__ import annotations

from admin_api.store.circuit_breaker import PROBE_AFTER_S, CircuitBreaker


def test_a_failure_makes_the_store_suspected_and_others_change_nothing() -> None:
    breaker = CircuitBreaker()
    assert breaker.is_closed
    assert breaker.failed("away")
    assert not breaker.failed("still away")
    assert (breaker.is_closed, breaker.is_open, breaker.reason) == (False, False, "away")


def test_a_probe_that_fails_opens_it() -> None:
    breaker = CircuitBreaker()
    breaker.failed("away")
    assert [breaker.probe_failed("gone"), breaker.probe_failed("gone")] == [True, False]
    assert (breaker.is_open, breaker.reason) == (True, "gone")


def test_probes_go_out_ever_more_rarely() -> None:
    breaker = CircuitBreaker()
    waits = []
    for _ in range(6):
        breaker.probe_failed("away")
        waits.append(breaker.next_probe_s)
    assert waits == [*PROBE_AFTER_S, PROBE_AFTER_S[-1], PROBE_AFTER_S[-1]]


def test_a_probe_that_is_answered_closes_it_and_begins_anew() -> None:
    breaker = CircuitBreaker()
    breaker.failed("away")
    breaker.probe_failed("away")
    breaker.probe_failed("away")
    breaker.answered()
    assert (breaker.is_closed, breaker.is_open, breaker.reason) == (True, False, None)
    assert breaker.next_probe_s == PROBE_AFTER_S[0]
