"""`/version`: the release and the commit of the running service."""

from __future__ import annotations

import asyncio
import subprocess
from functools import cache

from fastapi import APIRouter, Depends, Response
from ha_ingestor_core.reporting.service_info import release
from pydantic import Field

from admin_api.http.errors import INVALID
from admin_api.http.models import Model
from admin_api.http.parameters import only_known
from admin_api.http.views import JsonAnswer
from admin_api.shipped import checkout

API = "v1"
_GIT_LIMIT_S = 5.0


class VersionAnswer(Model):
    """The running release, its commit and the version of the API."""

    name: str = Field(examples=["ha-ingestor"])
    version: str = Field(examples=["0.1.0"])
    commit: str | None = Field(
        description="Null if unknown: HA_INGESTOR_COMMIT is not set, and the code is not a git checkout",
        examples=["9747f1d0c2a4b5e6f708192a3b4c5d6e7f809112"],
    )
    api: str = Field(description="The version of the API, as in its paths", examples=[API])


class VersionEndpoints:
    """The running release. `commit` is the commit that it was built from, if known."""

    def __init__(self, *, commit: str | None) -> None:
        self._commit = commit
        self.router = APIRouter(prefix="/api/v1/version", tags=["health"], dependencies=[Depends(only_known)])
        self.router.add_api_route("", self.get_version, response_model=VersionAnswer, responses=INVALID)

    async def get_version(self) -> Response:
        """Return the release, its commit if known, and the version of the API."""
        commit = self._commit or await asyncio.to_thread(commit_of_the_checkout)
        return JsonAnswer({"name": "ha-ingestor", "version": release(), "commit": commit, "api": API})


@cache
def commit_of_the_checkout() -> str | None:
    """Return the commit of the running checkout; None if the package is installed or git is missing."""
    folder = checkout()
    if folder is None or not (folder / ".git").exists():
        return None
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607  # git from PATH
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_GIT_LIMIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None
