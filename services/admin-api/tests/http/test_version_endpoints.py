"""`/version`."""

from __future__ import annotations

import re
from typing import Any

import pytest
from admin_api.http import version_endpoints
from admin_api.http.version_endpoints import VersionAnswer, VersionEndpoints, commit_of_the_checkout
from fastapi import FastAPI


async def test_it_names_the_release_and_the_api(get: Any) -> None:
    answer = VersionAnswer.model_validate_json((await get("/api/v1/version")).body)
    assert (answer.name, answer.api) == ("ha-ingestor", "v1")
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", answer.version)


async def test_a_configured_commit_takes_precedence(call: Any) -> None:
    app = FastAPI()
    app.include_router(VersionEndpoints(commit="0123abc").router)
    assert (await call(app)("/api/v1/version")).json["commit"] == "0123abc"


def test_the_commit_is_that_of_the_checkout() -> None:
    commit = commit_of_the_checkout()
    assert commit is None or re.fullmatch("[0-9a-f]{40}", commit)


def test_without_git_it_is_not_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    commit_of_the_checkout.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit_of_the_checkout() is None
    commit_of_the_checkout.cache_clear()
    monkeypatch.setattr(version_endpoints, "checkout", lambda: None)
    assert commit_of_the_checkout() is None
    commit_of_the_checkout.cache_clear()
