"""`/stats/alerts` and `/alerts`: active alerts, history, rules, acknowledging and silencing; and `/runbooks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Request, Response
from fastapi import Path as PathParameter
from ha_ingestor_core.alerts import Alert
from ha_ingestor_core.clock import Clock, ns_to_rfc3339
from ha_ingestor_core.errors import NotFoundError
from ha_ingestor_store.questions import RecentAlerts
from ha_ingestor_store.store import StoreReader
from ha_ingestor_store.time_range import parse_period, period_range

from admin_api.alerts.keeper import ActiveAlert, AlertKeeper
from admin_api.alerts.models import AlertHistoryAnswer, AlertRulesAnswer, AlertsAnswer, SilenceRequest
from admin_api.alerts.rules import Rule
from admin_api.alerts.runbook_page import runbook_page
from admin_api.http.errors import ERRORS, NO_BODY, NOT_FOUND
from admin_api.http.models import ErrorAnswer
from admin_api.http.parameters import Cursor, Limit, Period, Text, alert_cursor_of, cursor_text, only_known, text_of
from admin_api.http.time_range import Requested
from admin_api.http.views import JsonAnswer, View, time_or_none
from admin_api.security.caller import caller_of, client_of
from admin_api.shipped import shipped
from admin_api.stats.alert_models import Alert as AlertModel
from admin_api.stats.answers import StatsAnswers
from admin_api.stats.cached_responses import AnswerResponse
from admin_api.stats.questions.statistics import AlertsQuestion

AlertId = Annotated[str, PathParameter(examples=["18a8f1a2b3c4d5e6-0123456789ab"], min_length=1, max_length=64)]
Page = Annotated[str, PathParameter(examples=["lag"], pattern="^[a-z][a-z0-9_-]{0,63}$")]

_NO_STORE: dict[int | str, dict[str, Any]] = {422: ERRORS[422]}
_KEPT: dict[int | str, dict[str, Any]] = {
    **NOT_FOUND,
    422: ERRORS[422],
    503: {"model": ErrorAnswer, "description": "The change cannot be saved: DATA_DIR is not writable"},
}
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The runbook",
        "content": {"text/plain": {"schema": {"type": "string"}}, "text/html": {"schema": {"type": "string"}}},
    },
    **NOT_FOUND,
    422: ERRORS[422],
}


class AlertViews:
    """JSON forms of alerts and rules, with their runbooks."""

    def __init__(self, rules: Sequence[Rule], keeper: AlertKeeper) -> None:
        self._rules = rules
        self._runbooks = {rule.name: rule.runbook for rule in rules}
        self._keeper = keeper

    def active(self) -> list[View]:
        """Return the active alerts, sorted by level, then newest first."""
        return [self.of_active(shown) for shown in self._keeper.active]

    def of_active(self, shown: ActiveAlert) -> View:
        """Return an active alert with acknowledgement and silence."""
        return {
            **self.of(shown.alert),
            "acknowledged": time_or_none(shown.acknowledged_ns),
            "acknowledged_by": shown.acknowledged_by,
            "silenced_until": time_or_none(shown.silenced_until_ns),
        }

    def of_past(self, alert: Alert) -> View:
        """Return an alert of the history; an active one with changes that are not yet written."""
        shown = next((shown for shown in self._keeper.active if shown.alert.id == alert.id), None)
        return self.of(alert) if shown is None else self.of_active(shown)

    def of(self, alert: Alert) -> View:
        """Return an alert."""
        return {
            "id": alert.id,
            "rule": alert.rule,
            "timestamp": ns_to_rfc3339(alert.raised_ns),
            "since": ns_to_rfc3339(alert.since_ns),
            "level": alert.level,
            "service": alert.service,
            "message": alert.message,
            "runbook": self.runbook(alert.rule),
            "status": alert.status,
            "cleared": time_or_none(alert.cleared_ns),
            "acknowledged": time_or_none(alert.acknowledged_ns),
            "acknowledged_by": alert.acknowledged_by,
            "silenced_until": None,
        }

    def rules(self) -> list[View]:
        """Return the rules."""
        return [
            {
                "name": rule.name,
                "watch": rule.watch,
                "level": rule.level,
                "above": rule.above,
                "below": rule.below,
                "clear": rule.clear_at,
                "for_s": rule.for_s,
                "clear_after_s": rule.clear_after_s,
                "over_s": rule.over_s,
                "factor": rule.factor,
                "entities": rule.entities,
                "message": rule.message,
                "runbook": self.runbook(rule.name),
            }
            for rule in self._rules
        ]

    def runbook(self, rule: str) -> str:
        """Return the address of the runbook of a rule."""
        return self._runbooks.get(rule) or f"/api/v1/runbooks/{rule}"


class AlertEndpoints:
    """Active alerts, history, rules, acknowledgements, silences and runbooks."""

    def __init__(
        self, *, keeper: AlertKeeper, views: AlertViews, answers: StatsAnswers, reader: StoreReader, clock: Clock
    ) -> None:
        self._keeper = keeper
        self._answers = answers
        self._views = views
        self._reader = reader
        self._clock = clock
        self.router = APIRouter(prefix="/api/v1", tags=["alerts"], dependencies=[Depends(only_known)])
        add = self.router.add_api_route
        for path, name in (("/stats/alerts", ""), ("/alerts", "_short")):  # the same at both paths
            add(path, self.get_alerts, response_model=AlertsAnswer, responses=_NO_STORE, name=f"get_alerts{name}")
            add(
                f"{path}/history",
                self.get_alert_history,
                response_model=AlertHistoryAnswer,
                responses=ERRORS,
                name=f"get_alert_history{name}",
            )
        add("/alerts/rules", self.get_alert_rules, response_model=AlertRulesAnswer, responses=_NO_STORE)
        change: dict[str, Any] = {
            "response_model": AlertModel,
            "responses": _KEPT,
        }
        add("/alerts/{alert_id}/acknowledge", self.acknowledge_alert, methods=["POST"], **change)
        with_body = {**change, "responses": {**_KEPT, **NO_BODY}}
        add("/alerts/{alert_id}/silence", self.silence_alert, methods=["POST"], **with_body)
        add("/alerts/{alert_id}/silence", self.end_silence, methods=["DELETE"], **change)
        add("/runbooks/{page}", self.get_runbook, response_class=Response, status_code=200, responses=_TEXT)

    async def get_alerts(self, request: Request, time: Requested) -> Response:
        """Return the active alerts, and the alerts on rates of a period; available also without the store.

        Active alerts are first, sorted by level, then newest first.
        """
        return AnswerResponse(await self._answers.answer(AlertsQuestion(time), client_of(request.scope)))

    async def get_alert_history(
        self, period: Period = "7d", rule: Text = None, limit: Limit = 100, cursor: Cursor = None
    ) -> Response:
        """Return the alerts that were active in a period that ends now, newest start first."""
        now_ns = self._clock.now_ns()
        question = RecentAlerts(period_range(period, now_ns), text_of(rule, "rule"), limit, alert_cursor_of(cursor))
        page = await self._reader.alerts(question)
        return JsonAnswer(
            {
                "timestamp": ns_to_rfc3339(now_ns),
                "period": period,
                "alerts": [self._views.of_past(alert) for alert in page.alerts],
                "next_cursor": cursor_text(page.next_cursor),
            }
        )

    async def get_alert_rules(self) -> Response:
        """Return the rules: metric, limits and durations."""
        return JsonAnswer({"rules": self._views.rules()})

    async def acknowledge_alert(self, request: Request, alert_id: AlertId) -> Response:
        """Acknowledge an alert. It stays active, with time and name of the acknowledgement, across restarts."""
        return JsonAnswer(self._views.of_active(await self._keeper.acknowledge(alert_id, caller_of(request).name)))

    async def silence_alert(self, alert_id: AlertId, body: SilenceRequest) -> Response:
        """Silence the notifications of a rule for a service for a duration, across restarts."""
        for_ns = parse_period(body.duration, field="duration")
        return JsonAnswer(self._views.of_active(await self._keeper.silence(alert_id, for_ns)))

    async def end_silence(self, alert_id: AlertId) -> Response:
        """End a silence."""
        return JsonAnswer(self._views.of_active(await self._keeper.silence(alert_id, None)))

    async def get_runbook(self, request: Request, page: Page) -> Response:
        """Return a runbook, as Markdown or HTML by the Accept header."""
        path = anyio.Path(shipped("docs/runbooks", "alerts/runbooks")) / f"{page}.md"
        try:
            text = await path.read_text(encoding="utf-8")
        except FileNotFoundError as err:
            raise NotFoundError(f"Unknown runbook {page}", page=page) from err
        headers = {"Cache-Control": "no-cache", "Vary": "Accept"}
        if "text/html" in request.headers.get("accept", ""):
            return Response(runbook_page(page, text), media_type="text/html", headers=headers)
        return Response(text, media_type="text/plain", headers=headers)
