"""The three services in separate processes, with the demo home and an InfluxDB."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType

from ha_ingestor.demo_home import DemoHome

from tests.e2e.ingestor import Api, Process
from tests.ports import free_port

METRICS_TOKEN = "metrics-token-of-the-tests"
INTERNAL_TOKEN = "internal-token-of-the-tests"
SERVICES = ("enrichment-pipeline", "websocket-ingestion", "admin-api")


class ServicesApart:
    """The services as in compose, each on its own port; `async with` returns when all are healthy.

    The Admin API requires a token for /metrics, as the others do, also from this machine (`ADMIN_API_TOKENS`).
    """

    def __init__(self, folder: Path, *, home: DemoHome, **environment: str) -> None:
        self.ports = {service: free_port() for service in SERVICES}
        self.api = Api(f"http://127.0.0.1:{self.ports['admin-api']}")
        settings = {
            "HA_URL": home.url,
            "HA_TOKEN": home.token,
            "DATA_DIR": str(folder / "data"),
            "INTERNAL_TOKEN": INTERNAL_TOKEN,
            "METRICS_TOKEN": METRICS_TOKEN,
            **{f"{service.replace('-', '_').upper()}_PORT": str(port) for service, port in self.ports.items()},
            "WEBSOCKET_INGESTION_URL": self.url("websocket-ingestion"),
            "ENRICHMENT_PIPELINE_URL": self.url("enrichment-pipeline"),
            **environment,
        }
        self.processes = [Process("run", service, folder=folder, **settings) for service in SERVICES]
        self._stack = AsyncExitStack()

    def url(self, service: str) -> str:
        """Return the URL of a service."""
        return f"http://127.0.0.1:{self.ports[service]}"

    @property
    def targets(self) -> list[str]:
        """Return the targets of Prometheus."""
        return [f"127.0.0.1:{port}" for port in self.ports.values()]

    async def __aenter__(self) -> ServicesApart:
        self._stack.push_async_callback(self.api.close)
        try:
            for process in self.processes:
                self._stack.push_async_callback(process.end)
                await process.start()
            await self.api.eventually(self._status, lambda status: status == "healthy")
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def _status(self) -> str:
        for process in self.processes:
            process.assert_running()
        health: dict[str, str] = await self.api.get("/api/v1/health")
        return health["overall_status"]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
