"""Files written by the ingestor can only be read by its user, with any current or former umask."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.ingestor import COMMAND, START_LIMIT_S, Api
from tests.ports import free_port

OTHERS = 0o077


def readable_by_others(folder: Path) -> list[str]:
    """Return every path at and below a folder with any permission for others."""
    return [
        f"{path.relative_to(folder)}: {path.lstat().st_mode & 0o777:o}"
        for path in (folder, *folder.rglob("*"))
        if path.lstat().st_mode & OTHERS
    ]


async def command(folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """Return the output of a command with umask 0."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        umask=0,
    )
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output
    return output


async def test_everything_in_data_dir_is_private(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "DATA_DIR": str(data), "ADMIN_API_PORT": str(port)}
    (data / "demo" / "spool").mkdir(parents=True)  # as an earlier release created it
    (data / "demo" / "spool").chmod(0o755)
    (data / "demo" / "stats-source.json").write_text("{}", encoding="utf-8")
    (data / "demo" / "stats-source.json").chmod(0o666)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [COMMAND, "run", "all"], cwd=tmp_path, env=environment, stdout=log, stderr=log, umask=0
        )
    api = Api(f"http://127.0.0.1:{port}")
    try:
        await api.eventually(lambda: api.events(limit=1), bool, START_LIMIT_S)
        await command(tmp_path, environment, "filters", "set", "--exclude-domains", "automation")
        await command(tmp_path, environment, "tokens", "create", "me")
        await command(tmp_path, environment, "link")
        await command(tmp_path, environment, "backup", "--demo", str(tmp_path / "archive"))
        assert (tmp_path / "archive").stat().st_mode & 0o777 == 0o600
        found = [path.name for path in data.rglob("*")]
        assert len(found) > 10, found
        assert readable_by_others(data) == []
    finally:
        await api.close()
        process.terminate()
        await asyncio.to_thread(process.wait, 15)
    assert readable_by_others(data) == []
