"""Where a gap begins and ends, by Home Assistant's clock and ours."""

from __future__ import annotations

from ha_ingestor_core.clock import NS_PER_S
from ha_ingestor_core.gaps import Gap, GapReason

from websocket_ingestion.gaps.checkpoint import Checkpoint
from websocket_ingestion.gaps.elapsed import Moment, elapsed_ns, is_exact
from websocket_ingestion.gaps.filling_plan import DAY_NS, MARGIN_NS

_SLIGHTLY_NS = 300 * NS_PER_S


def find_gap(
    home: str, checkpoint: Checkpoint | None, *, reason: GapReason, home_now_ns: int, now: Moment
) -> Gap | None:
    """Return the gap between the checkpoint and this moment: `home_now_ns` by Home Assistant's clock, `now` by ours.

    Before the first checkpoint there is no gap.
    """
    if checkpoint is None:
        return None
    start_ns = captured_until(checkpoint, home_now_ns=home_now_ns, now=now)
    end_ns = max(_dated_until(checkpoint, home_now_ns=home_now_ns, now=now), start_ns + 1)
    return Gap(home=home, start_ns=start_ns, end_ns=end_ns, reason=reason, found_ns=now.now_ns)


def days_before(home: str, days: int, *, home_now_ns: int, now: Moment) -> Gap | None:
    """Return the days before the first start ever as a gap; None where none are requested."""
    start_ns = home_now_ns - days * DAY_NS
    return (
        Gap(home=home, start_ns=start_ns, end_ns=home_now_ns, reason=GapReason.FIRST_START, found_ns=now.now_ns)
        if days
        else None
    )


def captured_until(checkpoint: Checkpoint, *, home_now_ns: int, now: Moment) -> int:
    """Return up to when everything is captured, by Home Assistant's clock as it is now.

    Where that clock was set back since the checkpoint, the checkpoint is too late, and only the time elapsed since then
    says how long nothing was captured. Where that depends on our own clock, a great difference and a checkpoint that is
    not ahead mean that ours was set.
    """
    written_at_ns = home_now_ns - elapsed_ns(checkpoint.written, now)
    too_late_ns = checkpoint.complete_ns - written_at_ns
    is_ours = (
        checkpoint.complete_ns <= home_now_ns and too_late_ns > _SLIGHTLY_NS and not is_exact(checkpoint.written, now)
    )
    return checkpoint.complete_ns if too_late_ns <= 0 or is_ours else written_at_ns - MARGIN_NS


def _dated_until(checkpoint: Checkpoint, *, home_now_ns: int, now: Moment) -> int:
    """Return the latest time of a missed event: by the earlier clock, where Home Assistant's was set back."""
    before_ns = checkpoint.complete_ns + elapsed_ns(checkpoint.written, now)
    was_set_back = before_ns > home_now_ns and is_exact(checkpoint.written, now)
    return before_ns + MARGIN_NS if was_set_back else home_now_ns
