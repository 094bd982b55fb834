"""Every setting in one place."""

from __future__ import annotations

import pytest
from dotenv import dotenv_values
from ha_ingestor.settings_reference import current_settings, env_example, find_problems, markdown


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


def test_the_reference_describes_every_variable() -> None:
    text = markdown()
    assert all(f"| `{name}` |" in text for name in variables_of_the_example())
