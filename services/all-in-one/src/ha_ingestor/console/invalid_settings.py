"""Reports invalid settings with the expected values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.env_file import env_file
from ha_ingestor_core.settings.group import SettingProblem
from pydantic import ValidationError
from rich.markup import escape

from ha_ingestor.console.output import err, fail, is_json
from ha_ingestor.settings.reference import find_problems


def stop_for_invalid_settings() -> None:
    """Raise InvalidSettingsError with all invalid settings, if there are any."""
    if problems := find_problems():
        raise InvalidSettingsError("\n".join(map(str, problems)), problems=problems)


def print_problems(error: InvalidSettingsError | ValidationError) -> None:
    """Print the problems of the error, or all problems if it names none."""
    named = error.detail.get("problems") if isinstance(error, InvalidSettingsError) else None
    problems: Sequence[SettingProblem] = named or find_problems()
    if is_json() or not problems:
        fail("invalid_settings", "\n".join(map(str, problems)) or str(error))
        return
    err.print(f"{len(problems)} invalid setting{'s' if len(problems) > 1 else ''}:")
    for problem in problems:
        err.print(f"  [red]{problem.variable}[/red]: {escape(problem.problem)}. Expected: {escape(problem.expected)}")
    if Path(env_file()).exists():
        err.print("Settings are read from the environment and from .env in this folder.")
