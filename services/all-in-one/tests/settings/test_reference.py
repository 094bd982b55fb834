"""The reference of all settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dotenv import dotenv_values
from ha_ingestor.settings.reference import SERVICES, current_settings, env_example, find_problems, markdown
from ha_ingestor_core.settings.loading import settings_groups


def variables_of_the_example() -> list[str]:
    lines = env_example().splitlines()
    return [line.removesuffix("=") for line in lines if line and not line.startswith("#")]


def test_the_example_names_every_variable_once() -> None:
    names = variables_of_the_example()
    assert sorted(names) == sorted(name for name, _ in current_settings())
    assert len(names) == len(set(names))


def test_the_example_as_it_is_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("settings")
    monkeypatch.chdir(folder)
    before = current_settings()
    (folder / ".env").write_text(env_example(), encoding="utf-8")
    assert set(dotenv_values(folder / ".env").values()) == {""}
    assert find_problems() == []
    assert current_settings() == before


FIELDS = {
    str(field.validation_alias): (group, field)
    for settings in SERVICES.values()
    for group in settings_groups(settings).values()
    for field in group.model_fields.values()
}
NUMBERS = {
    variable: found for variable, found in FIELDS.items() if re.search(r"\b(int|float)\b", str(found[1].annotation))
}
ENDLESS = ("inf", "-inf", "nan", "1e400", "-1")
ONCE = {"GAP_FILLING_REST_S", "GAP_FILLING_SETTLE_S", "SPOOL_SYNC_INTERVAL_S", "STORE_WRITE_INTERVAL_S"}
"""Not between repetitions: each of them follows an answer or an event that was waited for."""
INTERVALS = sorted({name for name in NUMBERS if name.endswith(("_S", "_MINUTES")) and "TIMEOUT" not in name} - ONCE)


def bounds(variable: str) -> tuple[float | None, float | None]:
    found = {type(each).__name__: each for each in NUMBERS[variable][1].metadata}
    low = next((getattr(found[name], name.lower()) for name in ("Ge", "Gt") if name in found), None)
    high = next((getattr(found[name], name.lower()) for name in ("Le", "Lt") if name in found), None)
    return low, high


@pytest.mark.parametrize("variable", sorted(NUMBERS))
def test_every_number_has_a_lower_and_an_upper_bound(variable: str) -> None:
    assert None not in bounds(variable)


@pytest.mark.parametrize("variable", sorted(NUMBERS))
def test_what_is_no_number_within_the_bounds_is_refused_by_name(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    low, high = bounds(variable)
    assert low is not None
    assert high is not None
    for wrong in (*(each for each in ENDLESS if each != "-1" or low >= 0), str(high * 2 + 1), str(low - 1)):
        monkeypatch.setenv(variable, wrong)
        assert variable in {problem.variable for problem in find_problems()}, wrong


@pytest.mark.parametrize("variable", INTERVALS)
@pytest.mark.parametrize("wrong", ["0.001", "0.0000001"])
def test_no_interval_is_so_short_that_it_spins(
    variable: str, wrong: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(variable, wrong)
    assert {problem.variable for problem in find_problems()} == {variable}


def test_zero_turns_the_poll_of_signs_of_life_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for value, is_right in (("0", True), ("10", True), ("9.9", False)):
        monkeypatch.setenv("ALIVE_POLL_S", value)
        assert (find_problems() == []) == is_right


def test_the_reference_describes_every_variable() -> None:
    text = markdown()
    assert all(f"| `{name}` |" in text for name in variables_of_the_example())
