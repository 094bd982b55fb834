"""The findings of the doctor and their format."""

from __future__ import annotations

from pathlib import Path

import pytest
from ha_ingestor.checkups.doctor import as_row, examine, summary
from ha_ingestor_store.checkup import Finding, Status, good, note, problem, skipped
from ha_ingestor_store.settings import StoreSettings
from rich.console import Console


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def printed(finding: Finding, width: int = 100) -> str:
    console = Console(width=width, record=True, soft_wrap=True)
    console.print(as_row(finding))
    return console.export_text()


@pytest.mark.parametrize(
    ("finding", "mark"),
    [
        (good("clocks", "agree"), "✓"),
        (note("clocks", "differ", "set them"), "!"),
        (problem("clocks", "differ", "set them"), "✗"),
        (skipped("clocks", "no server"), "-"),
    ],
)
def test_a_finding_is_a_line_with_a_mark_and_its_advice_below(finding: Finding, mark: str) -> None:
    first, *others = printed(finding).splitlines()
    assert first.split() == [mark, "clocks", *finding.message.split()]
    assert [line.strip() for line in others if line.strip()] == ([f"→ {finding.advice}"] if finding.advice else [])


def test_what_a_server_says_is_no_markup() -> None:
    assert "[red]x[/red] [/]" in printed(good("server", "[red]x[/red] [/]"))


def test_a_password_in_an_address_is_not_shown() -> None:
    text = printed(problem("server", "http://user:secret@host:1 did not answer", "see http://user:secret@host:1"))
    assert "secret" not in text
    assert "http://…@host:1" in text


def test_the_summary_counts() -> None:
    ok, hint, bad = good("a", "a"), note("b", "b", "b"), problem("c", "c", "c")
    assert summary([ok, skipped("d", "d")]) == "No problems found."
    assert summary([ok, hint]) == "No problems found, 1 note."
    assert summary([bad, bad, hint, hint]) == "2 problems found, 2 notes."


async def test_the_embedded_store_and_a_demo_home_are_what_there_is_without_settings() -> None:
    findings = [finding async for finding in examine(StoreSettings.model_validate({}), [], create=True)]
    assert [finding.name for finding in findings] == ["store", "folder", "free space", "file", "Home Assistant"]
    assert {finding.status for finding in findings} == {Status.GOOD, Status.NOTE}
    assert not Path("data").exists()


async def test_a_service_alone_leaves_home_assistant_to_the_one_that_knows_it() -> None:
    settings = StoreSettings.model_validate({})
    last = [finding async for finding in examine(settings, [], create=True, is_alone=True)][-1]
    assert (last.name, last.status) == ("Home Assistant", Status.SKIPPED)
    assert "websocket-ingestion" in last.message
