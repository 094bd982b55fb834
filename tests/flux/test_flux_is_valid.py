"""Every Flux text that is built, over hostile values too, is valid by syntax and types: InfluxData's parser says so."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ha_ingestor_store.influx.language import EventFilter, Part
from ha_ingestor_store.influx.schema import EVENT_TAGS, GROUP_TAGS, MAX_TIME_NS, MIN_TIME_NS, SUMMED_METRICS
from ha_ingestor_store.influx_flux.queries import Queries
from ha_ingestor_store.periods import DAY_NS, HOUR_NS, MINUTE_NS

FOLDER = Path(__file__).parent
START, END = -1, 1_795_000_000_123_456_789
RAW = Part("home_assistant_events", False, START, END)
ROLLUP = Part("events_1d", True, MIN_TIME_NS, MAX_TIME_NS)
PARTS = ([RAW], [ROLLUP], [RAW, ROLLUP, RAW])

HOSTILE = [
    "light.küche",
    'quo"te',
    "back\\slash\\",
    "${secret}",
    "$${a}${",
    "\\${x}",
    '$"x',
    "$\\",
    '$") |> drop(columns: ["_value"]) //',
    "line\nfeed\r\n",
    "\x00\x01\x1b\x7f",
    "tab\t",
    "/slash/ and \\/ more",
    "[a-z]{2}(x|y)^$.+*?",
    '") |> drop(columns: ["_value"]) //',
    "😀 客厅 \u2028",
    "%0A%",
    "",
    "'",
    "x" * 300,
    "".join(map(chr, range(128))),
]
HOSTILE_FILTERS = [
    EventFilter(),
    *(EventFilter(value, value, value) for value in HOSTILE),
    *(EventFilter(glob) for glob in ("*", "**", "?", "*[*]?/\\*", "a*b?c")),
]

# A builder without an example here fails the first test.
EXAMPLES: dict[str, Callable[[Queries], Iterator[str]]] = {
    "counts": lambda q: (q.counts(parts, by) for parts in PARTS for by in ((), ("event_type", "domain"))),
    "window_counts": lambda q: (q.window_counts(parts, window) for parts in PARTS for window in (MINUTE_NS, DAY_NS)),
    "window_sums": lambda q: (
        q.window_sums(part, HOUR_NS, by, fields)
        for part in (RAW, ROLLUP)
        for by in ((), GROUP_TAGS, EVENT_TAGS, ("service",))
        for fields in (("count",), SUMMED_METRICS)
    ),
    "event_counts": lambda q: (
        q.event_counts(wanted, ranges)
        for wanted in HOSTILE_FILTERS
        for ranges in ([(START, END)], [(START, 0), (0, END)])
    ),
    "event_times": lambda q: (q.event_times(wanted, START, END) for wanted in HOSTILE_FILTERS),
    "events": lambda q: (q.events(wanted, START, END) for wanted in HOSTILE_FILTERS),
    "states": lambda q: (q.states(value, START, END, 1_001) for value in HOSTILE),
    "windows": lambda q: (q.windows(value, START, END, HOUR_NS) for value in HOSTILE),
    "heads": lambda q: iter([q.heads()]),
    "keys": lambda q: iter([q.keys(None, START, END), q.keys(HOSTILE, START, END), q.keys(["light.a"], START, END)]),
    "entity_heads": lambda q: iter([q.entity_heads()]),
    "services": lambda q: (
        q.services(parts, START, END, value) for parts in ([], *PARTS) for value in (None, *HOSTILE)
    ),
    "level_means": lambda q: (q.level_means(value, START, END) for value in HOSTILE),
    "service_windows": lambda q: (
        q.service_windows(value, "events_received", START, END, HOUR_NS, is_summed=is_summed)
        for value in HOSTILE
        for is_summed in (True, False)
    ),
    "newest_reports": lambda q: (q.newest_reports(value) for value in (None, *HOSTILE)),
    "rejected": lambda q: iter([q.rejected(100)]),
    "progress": lambda q: iter([q.progress()]),
    "oldest": lambda q: iter([q.oldest("home_assistant_events")]),
    "nothing": lambda q: iter([q.nothing()]),
}

BROKEN = [
    'from(bucket: "b") |> range(start: -1h) |> sum(colum: "_value")',
    'from(bucket: "b") |> range(begin: -1h)',
    'from(bucket: "b") |> range(start: 1970-01-01T00:00:00Z) |> filter(fn: (r) => r._field = "count")',
    'from(bucket: "b") |> range(start: 0) |> aggregateWindow(every: "5m", fn: sum)',
    'from(bucket: "b |> range(start: 0)',
    'from(bucket: "b") |> range(start: 0) |> filter(fn: (r) => r.entity_id =~ /[/)',
    'from(bucket: "b") |> range(start: 0) |> map(fn: (r) => ({r with _value: json.encode(v: r._value)}))',
    'from(bucket: "b") |> range(start: 0) |> nothing()',
]


def checked(texts: list[str]) -> list[bool]:
    """What the parser says of each text; skips loudly where it is not installed."""
    if not (FOLDER / "node_modules" / "@influxdata" / "flux-lsp-node").is_dir():
        reason = "tests/flux/node_modules is missing: make test-parts installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    node = subprocess.run(
        ["node", "check.mjs"],
        cwd=FOLDER,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert node.returncode == 0, node.stderr
    verdicts: list[bool] = json.loads(node.stdout)
    return verdicts


def test_every_builder_has_examples() -> None:
    builders = {name for name, value in vars(Queries).items() if callable(value) and not name.startswith("_")}
    assert builders == EXAMPLES.keys()


def test_every_text_is_valid() -> None:
    buckets = [Queries("home_assistant_events", "home_assistant_events_rollups"), Queries('"${x}\\', "\n")]
    texts = [(name, text) for queries in buckets for name, build in EXAMPLES.items() for text in build(queries)]
    verdicts = checked([text for _, text in texts])
    refused = [example for example, is_valid in zip(texts, verdicts, strict=True) if not is_valid]
    assert refused == []
    assert len(texts) > 500


@pytest.mark.parametrize("text", BROKEN)
def test_the_parser_refuses_what_is_broken(text: str) -> None:
    assert checked([text]) == [False]


def test_the_parser_takes_what_is_whole() -> None:
    assert checked(['from(bucket: "b") |> range(start: -1h) |> sum(column: "_value")']) == [True]
