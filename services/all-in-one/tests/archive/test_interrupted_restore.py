"""A restore that is killed: nothing has changed, or the next start completes it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ha_ingestor.archive.restore import complete_interrupted, restore

from tests.ha_ingestor.archive_data import stored, write


class KilledError(BaseException):
    """The process ends here."""


async def test_wherever_a_restore_is_killed_it_has_changed_nothing_or_is_completed(
    archive: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its first move of a file, its second, and so on, and once more while it is completed."""
    outcomes = []
    for at in range(100):
        moves = iter(range(at + 1))
        with monkeypatch.context() as patched:
            for name in ("rename", "replace"):
                patched.setattr(Path, name, _killed_after(getattr(Path, name), moves))
            try:
                restore(data_dir, archive, replace=True)
                break
            except KilledError:
                pass
            moves = iter(range(2))
            for name in ("rename", "replace"):
                patched.setattr(Path, name, _killed_after(getattr(Path, name), moves))
            with contextlib.suppress(KilledError):
                complete_interrupted(data_dir)
        complete_interrupted(data_dir)
        outcomes.append(await stored(data_dir))
        assert (data_dir / "filters.json").read_text() == ("before" if outcomes[-1] == 500 else "after")
        if outcomes[-1] == 500:
            await write(data_dir, 1000, 300)
            (data_dir / "filters.json").write_text("after")
    assert set(outcomes) == {500, 800}
    assert len(outcomes) > 4


def _killed_after(move: Callable[..., Any], left: Any) -> Callable[..., Any]:
    def moved(path: Path, target: Path) -> Any:
        if next(left, None) is None:
            raise KilledError
        return move(path, target)

    return moved


async def test_a_restore_that_is_killed_while_it_cleans_up_is_complete(
    archive: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(folder: Path) -> None:
        next(path for path in folder.iterdir() if path.is_file()).unlink()
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", killed)
        with pytest.raises(KilledError):
            restore(data_dir, archive, replace=True)
    complete_interrupted(data_dir)
    assert await stored(data_dir) == 500
    restore(data_dir, archive, replace=True)
    assert not [path for path in data_dir.iterdir() if path.name.startswith("restore.")]


async def test_a_restore_that_is_killed_by_a_signal_is_nothing_or_all(archive: Path, data_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ha_ingestor.archive.restore import restore;"
        "print('ready', flush=True);"
        "restore(Path(sys.argv[1]), Path(sys.argv[2]), replace=True)"
    )
    for after_s in (0.0, 0.005, 0.01, 0.02, 0.04):
        command = [sys.executable, "-c", code, str(data_dir), str(archive)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(after_s)
            process.kill()
        complete_interrupted(data_dir)
        total = await stored(data_dir)
        assert (total, (data_dir / "filters.json").read_text()) in [(500, "before"), (800, "after")]
