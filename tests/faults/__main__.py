"""The long run, `make torture SEEDS=10 MINUTES=5`: every seed on every setup, with all errors at the end."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.faults import FAULTS
from tests.faults.setups import SETUPS
from tests.faults.torture import Run, torture

SHOWN = 20


def main() -> int:
    """Run the requested seeds; return 1 if an error was found."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, counted from --first")
    parser.add_argument("--first", type=int, default=None, help="the first seed; chosen by the clock when left out")
    parser.add_argument("--minutes", type=float, default=0.0, help="of each run; 0: every fault once")
    parser.add_argument("--setup", choices=SETUPS, action="append", help="all when left out")
    parser.add_argument("--only", choices=FAULTS, action="append", default=[], help="nothing but these faults")
    parser.add_argument("--keep", type=Path, help="a folder for logs and data, kept afterwards")
    options = parser.parse_args()
    first = int(time.time()) % 1_000_000 if options.first is None else options.first
    failed = []
    for seed in range(first, first + options.seeds):
        for setup in options.setup or SETUPS:
            run = Run(setup, seed, options.minutes, tuple(options.only))
            if not _goes_well(run, options.keep):
                failed.append(run)
    for run in failed:
        _say(f"FAILED {run}; keep it in tests/faults/kept_cases.py once it is understood")
    return 1 if failed else 0


def _goes_well(run: Run, keep: Path | None) -> bool:
    _say(f"{run}")
    folder = Path(tempfile.mkdtemp(prefix=f"{run.setup}-{run.seed}-", dir=keep))
    try:
        verdict = asyncio.run(torture(run, folder, _say))
    except (AssertionError, ExceptionGroup) as err:
        _say(f"  {err!r}"[:4000])
        return False
    finally:
        if keep is None:
            shutil.rmtree(folder)
    _say(f"  {verdict.found} events, {len(verdict.wrong)} wrong; excused: {dict(verdict.excused)}")
    for line in verdict.wrong[:SHOWN]:
        _say(f"  {line[:1000]}")
    return not verdict.wrong


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
