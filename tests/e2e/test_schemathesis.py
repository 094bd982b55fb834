"""The complete OpenAPI, tested with schemathesis on a running ingestor: all checks, valid and invalid requests."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.e2e.ingestor import Process
from tests.ports import free_port

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs/reference/openapi.json"
LIMIT_S = 240.0
_EXAMPLES = 8  # for each operation, in addition to about 800 of the coverage phase: half a minute


async def test_no_answer_is_a_fault_or_undocumented(tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "ADMIN_API_PORT": str(port),
        "ADMIN_API_TOKENS": "required",
        "ADMIN_API_RATE_LIMIT": "0",
        "DATA_DIR": str(tmp_path / "data"),
    }
    maker = Process("tokens", "create", "schemathesis", "--scope", "admin", folder=tmp_path, **environment)
    await maker.start()
    assert await maker.wait() == 0
    token = maker.log.split()[-1]
    ingestor = Process("run", "all", folder=tmp_path, **environment)
    await ingestor.start()
    try:
        await _until_it_runs(ingestor)
        code, output = await _ask_everything(f"http://127.0.0.1:{port}", token, tmp_path)
        ingestor.assert_running()
    finally:
        await ingestor.end()
    assert code == 0, output[-20_000:]
    assert "request_failed" not in ingestor.log
    assert token not in ingestor.log


async def _until_it_runs(ingestor: Process) -> None:
    for _ in range(600):
        if "HA Ingestor is running" in ingestor.log:
            return
        ingestor.assert_running()
        await asyncio.sleep(0.05)
    raise AssertionError(ingestor.log)


async def _ask_everything(url: str, token: str, folder: Path) -> tuple[int, str]:
    """Return exit code and output of schemathesis; streams are excluded, since they do not end."""
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).parent / "schemathesis",
        f"--config-file={HERE / 'schemathesis.toml'}",
        "run",
        DOCUMENT,
        f"--url={url}",
        "--checks=all",
        "--exclude-path=/api/v1/stream",
        "--exclude-operation-id=read_tap",
        f"--header=Authorization: Bearer {token}",
        f"--max-examples={_EXAMPLES}",
        "--seed=1",
        "--request-timeout=20",
        "--continue-on-failure",
        "--no-color",
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
    except TimeoutError:
        process.kill()
        raise
    return process.returncode or 0, output.decode()
