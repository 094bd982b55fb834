"""No event is lost: every fault at least once, in one process and in three, on both kinds of store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.clock import require_faketime
from tests.faults.faults import FAULTS, Target
from tests.faults.kept_cases import KEPT
from tests.faults.setups import SETUPS
from tests.faults.torture import Run, torture
from tests.influxdb import require_influxdb


def names(*targets: Target) -> tuple[str, ...]:
    """Return the faults that affect only these targets."""
    return tuple(name for name, each in FAULTS.items() if each.targets <= {*targets})


RENAMES = ("renamed", "renamed_while_away")
"""Not together with a wrong clock of the home: wrongly dated events can be on either side of a rename."""
HERE = names(Target.HOME, Target.PROCESSES, Target.DISK, Target.STORE, Target.CLOCK)
QUICK = (
    Run("embedded", seed=1, only=tuple(name for name in HERE if name not in RENAMES)),
    Run("influxdb-1-apart", seed=2, only=(*names(Target.STORE, Target.LINK), "killed", "all_killed", *RENAMES)),
)


@pytest.mark.parametrize("run", [*QUICK, *KEPT], ids=lambda run: f"{run.setup}-{run.seed}")
async def test_every_event_is_stored_once_whatever_happens(run: Run, tmp_path: Path) -> None:
    if SETUPS[run.setup].influxdb is not None:
        require_influxdb()
    verdict = await torture(run, tmp_path)
    assert not verdict.wrong, "\n".join(verdict.wrong[:20])
    assert verdict.found > 1000


def test_nothing_is_left_out_for_want_of_a_part() -> None:
    require_faketime()


def test_every_fault_is_part_of_the_quick_runs() -> None:
    assert {name for run in QUICK for name in run.only} == set(FAULTS)
