"""`/config/stats-source`: the switches of the rollout."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response

from admin_api.http.errors import CANNOT_KEEP, INVALID
from admin_api.http.models import ErrorAnswer
from admin_api.http.parameters import only_known
from admin_api.http.views import JsonAnswer, View
from admin_api.rollout.models import StatsSourceAnswer, StatsSourceBody
from admin_api.rollout.source_choice import SourceChoice
from admin_api.rollout.switches import ChoiceKeeper
from admin_api.security.caller import note

_FIXED: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorAnswer, "description": "Exceeds the limit set by an environment variable, see detail.variables"}
}


class StatsSourceEndpoints:
    """The source of statistics, the share of the clients, and the comparison of both sources."""

    def __init__(self, *, keeper: ChoiceKeeper) -> None:
        self._keeper = keeper
        self.router = APIRouter(
            prefix="/api/v1/config/stats-source", tags=["configuration"], dependencies=[Depends(only_known)]
        )
        self.router.add_api_route("", self.get_stats_source, response_model=StatsSourceAnswer, responses=INVALID)
        self.router.add_api_route(
            "",
            self.put_stats_source,
            methods=["PUT"],
            response_model=StatsSourceAnswer,
            responses={**INVALID, **_FIXED, **CANNOT_KEEP},
        )

    async def get_stats_source(self) -> Response:
        """Return the effective switches, their values in the environment, and their limits."""
        return JsonAnswer(self._view(self._keeper.current))

    async def put_stats_source(self, request: Request, body: StatsSourceBody) -> Response:
        """Change switches, for all instances within five seconds; the values persist across restarts.

        The values in the environment are upper limits: they can be lowered and raised again, but not exceeded.
        """
        before = self._keeper.current
        after = await self._keeper.change(**body.model_dump())
        note(request, before=msgspec.to_builtins(before), after=msgspec.to_builtins(after))
        return JsonAnswer(self._view(after))

    def _view(self, choice: SourceChoice) -> View:
        keeper = self._keeper
        return {
            **msgspec.to_builtins(choice),
            "environment": {**dict.fromkeys(SourceChoice.__struct_fields__), **keeper.environment},
            "limited_by": keeper.limited_by,
            "variables": keeper.variables,
        }
