"""Real InfluxDB servers: Debian's 1.6.7 on a free port with its own folder, and any that TEST_INFLUXDB_URL names."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import ssl
import subprocess
import time
import uuid
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import aiohttp
import pytest
from ha_ingestor_store.influx.settings import InfluxSettings

from tests.ports import free_port

COMMAND = "influxd"
START_LIMIT_S = 20.0

_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
auth-enabled = {auth}
{tls}
[monitor]
store-enabled = false
"""


_TLS = """
https-enabled = true
https-certificate = "{folder}/server.pem"
https-private-key = "{folder}/server.key"
"""


def require_influxdb() -> None:
    """Skip loudly where Debian's influxdb is missing; with CI=true that is a failure."""
    if shutil.which(COMMAND):
        return
    reason = "influxd is missing: sudo apt-get install influxdb (scripts/install-test-parts.sh does)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


class InfluxDb:
    """A server of our own; `start` again after `kill` finds the same data on the same port."""

    def __init__(self, folder: Path, *, certificates: Path | None = None) -> None:
        self.folder = folder
        self.certificates = certificates
        self.port = free_port()
        self.url = f"http{'s' if certificates else ''}://127.0.0.1:{self.port}"
        self.token = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.launch()
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urlopen(f"{self.url}/ping", timeout=1, context=self.context):
                self.prepare()
                return
            time.sleep(0.05)
        self.kill()
        pytest.fail(f"influxd did not answer within {START_LIMIT_S:g} s; its log is in {self.folder}")

    def launch(self) -> None:
        """Start its process, and wait for nothing."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)

    @property
    def context(self) -> ssl.SSLContext | None:
        """How its certificate is verified."""
        return ssl.create_default_context(cafile=self.certificates / "ca.pem") if self.certificates else None

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process else None

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def command(self) -> list[str]:
        """What starts it."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Make its first organisation and token, where it has such."""


class InfluxDb1(InfluxDb):
    """Debian's influxd 1.x."""

    def __init__(self, folder: Path, *, asks_who: bool = False, certificates: Path | None = None) -> None:
        super().__init__(folder, certificates=certificates)
        self._asks_who = asks_who
        self._config = folder / "influxdb.toml"
        auth = "true" if asks_who else "false"
        tls = _TLS.format(folder=certificates) if certificates else ""
        config = _CONFIG.format(folder=folder, port=self.port, rpc_port=free_port(), auth=auth, tls=tls)
        self._config.write_text(config, encoding="utf-8")

    def configure(self, section: str, **settings: object) -> None:
        """Add settings to a section of its configuration, for the next start; the newest of a name counts."""
        lines = self._config.read_text(encoding="utf-8").split("\n")
        names = {name.replace("_", "-"): json.dumps(value) for name, value in settings.items()}
        lines = [line for line in lines if line.partition(" ")[0] not in names]
        at = lines.index(f"[{section}]") + 1
        lines[at:at] = [f"{name} = {value}" for name, value in names.items()]
        self._config.write_text("\n".join(lines), encoding="utf-8")

    def command(self) -> list[str]:
        """What starts it."""
        return [COMMAND, "-config", str(self._config)]

    def prepare(self) -> None:
        """Make its administrator once, where it asks who is there."""
        if self._asks_who and not self.token:
            query_1(self.url, "", "CREATE USER admin WITH PASSWORD 'of-the-tests' WITH ALL PRIVILEGES")
            self.token = "admin:of-the-tests"


class InfluxDb2(InfluxDb):
    """The influxd 2.x that TEST_INFLUXD names."""

    def command(self) -> list[str]:
        """What starts it."""
        paths = [f"--{kind}-path={self.folder / kind}" for kind in ("bolt", "sqlite", "engine")]
        return [
            os.environ["TEST_INFLUXD"],
            f"--http-bind-address=127.0.0.1:{self.port}",
            "--reporting-disabled",
            *paths,
            *(
                [f"--tls-cert={self.certificates}/server.pem", f"--tls-key={self.certificates}/server.key"]
                if self.certificates
                else []
            ),
        ]

    def prepare(self) -> None:
        """Set it up once."""
        if self.token:
            return
        self.token = "operator-token-of-the-tests"
        setup = {"username": "admin", "password": "of-the-tests", "org": "ha-ingestor", "bucket": "first"}
        body = json.dumps({**setup, "token": self.token}).encode()
        request = Request(f"{self.url}/api/v2/setup", body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=10, context=self.context):
            pass


def query_1(url: str, token: str, text: str) -> None:
    """Have a 1.x do something, as the user that `token` names as user:password."""
    credentials = {"Authorization": f"Basic {b64encode(token.encode()).decode()}"} if token else {}
    with urlopen(Request(f"{url}/query", urlencode({"q": text}).encode(), credentials), timeout=10) as answer:
        assert b"error" not in answer.read()


def a_database(url: str, **changes: object) -> InfluxSettings:
    """Settings of a database, or bucket, for one test; readers and writers need not wait."""
    settings = {"bucket": f"test_{uuid.uuid4().hex[:12]}", "keep_s": 0.0, "raw_retention_s": 0, **changes}
    return InfluxSettings(url=url, **settings)  # type: ignore[arg-type]


def variables(settings: InfluxSettings) -> dict[str, str]:
    """The environment that names a database."""
    return {
        "INFLUXDB_URL": settings.url,
        "INFLUXDB_TOKEN": settings.token,
        "INFLUXDB_ORG": settings.org,
        "INFLUXDB_BUCKET": settings.bucket,
    }


def named_server(**changes: object) -> InfluxSettings | None:
    """A fresh bucket on the server that TEST_INFLUXDB_URL names; None where it names none."""
    url = os.environ.get("TEST_INFLUXDB_URL")
    if not url:
        return None
    token = os.environ.get("TEST_INFLUXDB_TOKEN", "")
    org = os.environ.get("TEST_INFLUXDB_ORG", "ha-ingestor")
    return a_database(url.rstrip("/"), token=token, org=org, **changes)


@asynccontextmanager
async def dropped_afterwards(settings: InfluxSettings) -> AsyncIterator[InfluxSettings]:
    """The settings; what was written under them is dropped at the end."""
    try:
        yield settings
    finally:
        async with aiohttp.ClientSession(headers={"Authorization": f"Token {settings.token}"}) as session:
            async with session.get(f"{settings.url}/ping") as answer:
                is_first = answer.headers["X-Influxdb-Version"].lstrip("v").startswith("1.")
            if is_first:
                drop = {"q": f'DROP DATABASE "{settings.database}"'}
                async with session.post(f"{settings.url}/query", data=drop):
                    pass
            else:
                for bucket in (settings.bucket, settings.rollups_bucket):
                    await _drop_bucket(session, settings, bucket)


async def _drop_bucket(session: aiohttp.ClientSession, settings: InfluxSettings, name: str) -> None:
    async with session.get(f"{settings.url}/api/v2/buckets?org={quote(settings.org)}&name={quote(name)}") as answer:
        found = (await answer.json()).get("buckets", [])
    for bucket in found:
        async with session.delete(f"{settings.url}/api/v2/buckets/{bucket['id']}"):
            pass
