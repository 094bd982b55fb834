"""Every Flux text that is built parses and type-checks, whatever values it holds: InfluxData's own parser says so."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from ha_ingestor_store.influx_flux.queries import Queries

from tests.flux.examples import BUILDERS, HOSTILE, OTHERS

FOLDER = Path(__file__).parent


def are_valid(texts: list[str]) -> list[bool]:
    """What the parser says of each text."""
    if not (FOLDER / "node_modules").is_dir():
        reason = "tests/flux/node_modules is missing: make test-parts installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    ran = subprocess.run(
        ["node", "check.mjs"],
        cwd=FOLDER,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answer: list[bool] = json.loads(ran.stdout)
    return answer


def built(name: str) -> list[str]:
    """The texts of one builder over every hostile value."""
    return [
        build(Queries(bucket, f"{bucket}_rollups"), value)
        for build in BUILDERS[name]
        for value in HOSTILE
        for bucket in ("home_assistant_events", 'a "bucket" \\ ${x}')
    ]


def test_every_builder_has_an_example() -> None:
    public = {name for name in vars(Queries) if not name.startswith("_")}
    assert set(BUILDERS) == public


def test_every_text_is_valid() -> None:
    texts = list(dict.fromkeys(text for name in BUILDERS for text in built(name)))
    texts += [build(value) for build in OTHERS for value in HOSTILE]
    invalid = [text for text, is_valid in zip(texts, are_valid(texts), strict=True) if not is_valid]
    assert invalid == []


def test_the_parser_refuses_what_is_wrong() -> None:
    source = 'from(bucket: "b") |> range(start: -1h)'
    wrong = ["from(bucket: ", f"{source} |> sum(colunm: 1)", f'{source} |> limit(n: "ten")', f"{source} |> nothing()"]
    assert are_valid([source, *wrong]) == [True, False, False, False, False]
