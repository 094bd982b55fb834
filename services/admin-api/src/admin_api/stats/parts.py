"""The parts that answer statistics: store gate, services, switches, cache and comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ha_ingestor_core.clock import Clock
from ha_ingestor_core.reporting.report_memory import ServiceReports

from admin_api.http.views import View
from admin_api.rollout.comparison import Comparison
from admin_api.rollout.settings import StatsSettings
from admin_api.rollout.switches import ChoiceKeeper
from admin_api.stats.answers import StatsAnswers
from admin_api.stats.cache import AnswerCache
from admin_api.stats.sources.from_services import ServicesStatistics
from admin_api.store.gate import StoreGate


class Statistics:
    """Builds, starts and stops the parts; starts and answers also without a store."""

    def __init__(
        self,
        settings: StatsSettings,
        *,
        gate: StoreGate,
        services: Mapping[str, ServiceReports],
        data_dir: Path,
        clock: Clock,
        alerts: Callable[[], Sequence[View]] = tuple,
    ) -> None:
        metrics = gate.metrics
        self.timeout_s = settings.timeout_s
        self.gate = gate
        self.keeper = ChoiceKeeper(settings, data_dir)
        self.cache = AnswerCache(clock=clock, requests=metrics.cache_requests)
        self.comparison = Comparison(settings.compare_tolerance_percent, metrics)
        self.services = ServicesStatistics(services, clock=clock)
        self.answers = StatsAnswers(
            gate=self.gate,
            services=self.services,
            keeper=self.keeper,
            cache=self.cache,
            comparison=self.comparison,
            metrics=metrics,
            clock=clock,
            timeout_s=settings.timeout_s,
            alerts=alerts,
        )

    async def start(self) -> bool:
        """Read the switches and connect to the store; return False, and retry, if it is unavailable."""
        await self.keeper.start()
        return await self.gate.start()

    async def stop(self) -> None:
        """Cancel comparisons and retries."""
        await self.answers.stop()
        await self.gate.stop()
        await self.keeper.stop()
