"""The query of heartbeats."""

from __future__ import annotations

from ha_ingestor_core.clock import NS_PER_S, ns_to_rfc3339
from ha_ingestor_store.time_range import TimeRange

from admin_api.http.views import View
from admin_api.peers.names import LABELS, SERVICES
from admin_api.stats.questions.question import AnswerContext, TimedQuestion
from admin_api.stats.sources.heartbeats import Presence, interval_of, slot_of, slots_of, uptime_percent
from admin_api.stats.sources.period_statistics import StatisticsSource

NEVER = Presence({}, reported_before=False)


class HeartbeatsQuestion(TimedQuestion, frozen=True):
    """In which parts of a time range each service reported."""

    endpoint = "stats/heartbeats"

    async def answer(self, source: StatisticsSource, context: AnswerContext) -> View:
        """Return uptime and slots of every service."""
        time_range = self.time.at(context.now_ns)
        interval_ns = interval_of(time_range, context.now_ns)
        slot_ns = slot_of(time_range, interval_ns)
        found = await source.presence(SERVICES, time_range, interval_ns)
        return {
            **context.view(),
            **self.time.view(context.now_ns),
            "slot_s": slot_ns // NS_PER_S,
            "interval_s": interval_ns // NS_PER_S,
            "services": [
                _service_view(name, found.get(name, NEVER), time_range, slot_ns, interval_ns, context.now_ns)
                for name in SERVICES
            ],
        }


def _service_view(
    name: str, presence: Presence, time_range: TimeRange, slot_ns: int, interval_ns: int, now_ns: int
) -> View:
    slots = slots_of(presence, time_range, slot_ns=slot_ns, interval_ns=interval_ns, now_ns=now_ns)
    return {
        "service": name,
        "label": LABELS[name],
        "uptime_percent": uptime_percent(slots),
        "slots": [
            {
                "start": ns_to_rfc3339(slot.start_ns),
                "state": slot.state,
                "reports": slot.reports,
                "expected": slot.expected,
                "failed": slot.failed,
            }
            for slot in slots
        ],
    }
