"""The file of rules: its content, and how an invalid one is rejected."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from admin_api.alerts.rules import Rule, Watch, duration_text, load_rules, rules_of_the_release
from admin_api.shipped import shipped
from ha_ingestor_core.errors import InvalidSettingsError, StoreDamagedError
from ha_ingestor_core.files.data_format import LaterDataError

GOOD = {"name": "lag", "watch": "lag_s", "level": "warning", "above": 60, "message": "{value} s"}


def _refusal(folder: Path, *rules: Any) -> str:
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump({"rules": list(rules)}), encoding="utf-8")
    with pytest.raises(InvalidSettingsError) as refused:
        load_rules(path)
    return refused.value.message


def test_the_rules_of_the_release_are_good_and_each_has_a_runbook() -> None:
    rules = load_rules(rules_of_the_release())
    assert {rule.watch for rule in rules} == set(Watch)
    assert {rule.name for rule in rules} <= _runbooks()


def test_a_runbook_is_of_a_rule_an_alert_of_prometheus_or_for_errors() -> None:
    rules = {rule.name for rule in load_rules(rules_of_the_release())}
    folder = Path(__file__).parents[4] / "infrastructure" / "prometheus" / "rules"
    linked = re.findall(r"/runbooks/([a-z_]+)", "".join(path.read_text(encoding="utf-8") for path in folder.iterdir()))
    assert _runbooks() - rules - set(linked) == {
        StoreDamagedError.key,
        LaterDataError.key,
        "errors",
        "admin-api-influxdb-troubleshooting",
    }


def _runbooks() -> set[str]:
    return {page.stem for page in shipped("docs/runbooks", "alerts/runbooks").glob("*.md")} - {"README"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"for": "5 minutes"}, "rule lag: for must be a duration such as 30s, 5m, 2h or 7d, got '5 minutes'"),
        ({"over": "0s"}, "rule lag: over must be a duration such as 30s, 5m, 2h or 7d, and more than 0s, got 0"),
        ({"above": None}, "rule lag: Set either above or below, not both"),
        ({"below": 3}, "rule lag: Set either above or below, not both"),
        ({"above": "60"}, "rule lag: above must be a number, got '60'"),
        ({"above": float("nan")}, "rule lag: above must be a number, got nan"),
        ({"clear": 61}, "rule lag: clear must be 60 or better"),
        ({"level": "fatal"}, "rule lag: level must be one of critical, warning, info, got 'fatal'"),
        ({"watch": "cpu"}, "rule lag: watch must be one of error_rate_percent, "),
        ({"message": "{volume} s"}, "rule lag: message must have no placeholders other than {service}, {value}"),
        ({"message": "{factor}"}, "rule lag: factor is required, since message contains {factor}"),
        ({"message": ""}, "rule lag: message must be a text of 1 to 500 characters, got ''"),
        ({"runbook": "lag.md"}, "rule lag: runbook must be an address, starting with http(s)://, got 'lag.md'"),
        ({"factor": 2.0}, "rule lag: factor is only allowed with watch: silent_entities"),
        ({"entities": ["light.*"]}, "rule lag: entities is only allowed with watch: silent_entities"),
        ({"name": "Lag!"}, "rule Lag!: name must be lower-case letters, digits and _, at most 64, got 'Lag!'"),
        ({"treshold": 3}, "rule lag: Unknown field treshold. Allowed: name, watch, level, above, below, clear, for, "),
    ],
)
def test_a_wrong_rule_is_refused_by_its_name_its_field_and_what_was_expected(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    assert said in _refusal(tmp_path, GOOD | change)


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    said = _refusal(tmp_path, GOOD, GOOD, "lag", {"name": "x"}, GOOD | {"name": "y", "for": 3, "level": None})
    assert "rule lag: name is already used by another rule" in said
    assert "rule number 3: must be a mapping" in said
    assert "rule x: watch is required" in said
    assert "rule y: for must be" in said
    assert "rule y: level must be" in said


@pytest.mark.parametrize("text", ["rules: [", "- 1", "rules: 3", "rules: []\nother: 1", "\udcff"])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(InvalidSettingsError, match="ALERT_RULES"):
        load_rules(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingsError, match=r"none\.yaml: No such file"):
        load_rules(tmp_path / "none.yaml")


def test_a_message_has_the_reading() -> None:
    rule = Rule.model_validate(GOOD | {"message": "{service}: {value} of {limit} over {over}: {names}", "over": "1h"})
    assert rule.text(service="s", value=61.26, names=("a", "b")) == "s: 61.3 of 60 over 1h: a, b"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0d"), (30, "30s"), (90, "90s"), (120, "2m"), (86_400, "1d")])
def test_a_duration_is_written_as_it_was_read(seconds: int, text: str) -> None:
    assert duration_text(seconds) == text
