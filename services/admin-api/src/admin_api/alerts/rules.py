"""The alert rules: a YAML file, validated as a whole at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from ha_ingestor_core.alerts import AlertLevel
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.group import SettingProblem
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from admin_api.shipped import shipped

FILE = "alert-rules.yaml"

_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|d)", re.ASCII)
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_PLACES = re.compile(r"\{([^{}]*)\}")
_KNOWN_PLACES = ("service", "value", "limit", "over", "factor", "names")


class Watch(StrEnum):
    """The metrics of rules; docs/alerts.md describes how each is measured."""

    ERROR_RATE = "error_rate_percent"
    SUCCESS_RATE = "success_rate_percent"
    EVENT_AGE = "minutes_without_events"
    SERVICE_AGE = "service_silent_minutes"
    QUEUE_GROWTH = "queue_growth"
    LAG = "lag_s"
    OPEN_GAPS = "open_gaps"
    DISK_USED = "disk_used_percent"
    SILENT_ENTITIES = "silent_entities"
    STORE_UNREACHABLE = "store_unreachable_s"
    WRITES_FAILING = "writes_failing_s"
    REJECTED_FILE = "rejected_file_percent"
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    ADDRESS_FORBIDDEN = "address_forbidden"
    CERTIFICATE_REFUSED = "certificate_refused"
    EVENT_TYPES_MISSING = "event_types_missing"
    CLOCK_OFFSET = "clock_offset_s"


def _seconds(given: object) -> object:
    match = _DURATION.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise ValueError("no duration")
    return int(match[1]) * _UNIT_S[match[2]]


_DURATION_IS = "a duration such as 30s, 5m, 2h or 7d"
Duration = Annotated[int, BeforeValidator(_seconds)]


class Rule(BaseModel):
    """An alert rule: condition, durations in seconds, and message."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="lower-case letters, digits and _, at most 64")
    watch: Watch = Field(strict=False, description=f"one of {', '.join(Watch)}")
    level: AlertLevel = Field(strict=False, description=f"one of {', '.join(AlertLevel)}")
    above: float | None = Field(None, allow_inf_nan=False, description="a number")
    below: float | None = Field(None, allow_inf_nan=False, description="a number")
    clear: float | None = Field(None, allow_inf_nan=False, description="a number")
    for_s: Duration = Field(0, alias="for", description=_DURATION_IS)
    clear_after_s: Duration = Field(60, alias="clear_after", description=_DURATION_IS)
    over_s: Duration = Field(300, alias="over", ge=1, description=f"{_DURATION_IS}, and more than 0s")
    factor: float | None = Field(None, ge=1, allow_inf_nan=False, description="a number of 1 or more")
    entities: list[str] = Field([], description="a list of globs of * and ?, such as sensor.*_temperature")
    message: str = Field(min_length=1, max_length=500, description="a text of 1 to 500 characters")
    runbook: str | None = Field(None, pattern=r"^https?://\S+$", description="an address, starting with http(s)://")

    @model_validator(mode="after")
    def _is_consistent(self) -> Rule:
        if (self.above is None) == (self.below is None):
            raise _MisfitError("Set either above or below, not both")
        if self.clear is not None and not self.is_better(self.clear):
            raise _MisfitError(f"clear must be {self.limit:g} or better")
        unknown = [place for place in _PLACES.findall(self.message) if place not in _KNOWN_PLACES]
        if unknown:
            raise _MisfitError(f"message must have no placeholders other than {_in_braces(_KNOWN_PLACES)}")
        if "factor" in _PLACES.findall(self.message) and self.factor is None:
            raise _MisfitError("factor is required, since message contains {factor}")
        for name in ("entities", "factor"):
            if getattr(self, name) and self.watch is not Watch.SILENT_ENTITIES:
                raise _MisfitError(f"{name} is only allowed with watch: {Watch.SILENT_ENTITIES}")
        return self

    @property
    def limit(self) -> float:
        """The limit beyond which the alert is raised."""
        limit = self.above if self.above is not None else self.below
        assert limit is not None
        return limit

    @property
    def clear_at(self) -> float:
        """The limit at which the alert is cleared."""
        return self.limit if self.clear is None else self.clear

    def is_beyond(self, value: float) -> bool:
        """Return whether a value is beyond the limit."""
        return value > self.limit if self.above is not None else value < self.limit

    def is_back(self, value: float) -> bool:
        """Return whether a value is back at `clear_at` or better."""
        return value <= self.clear_at if self.above is not None else value >= self.clear_at

    def is_better(self, value: float) -> bool:
        """Return whether a value is at the limit or better."""
        return not self.is_beyond(value)

    def text(self, *, service: str, value: float, names: tuple[str, ...]) -> str:
        """Return the message with its placeholders replaced."""
        found = {
            "service": service,
            "value": f"{round(value, 1):g}" if abs(value) < 1_000_000 else f"{value:.0f}",
            "limit": f"{self.limit:g}",
            "over": duration_text(self.over_s),
            "factor": f"{self.factor or 0:g}",
            "names": ", ".join(names),
        }
        return _PLACES.sub(lambda place: found[place[1]], self.message)


def load_rules(path: Path) -> list[Rule]:
    """Load and validate a file of rules; raises InvalidSettingsError with all problems."""
    try:
        given = yaml.safe_load(path.read_bytes())
    except OSError as err:
        raise _refused([f"{path}: {err.strerror}"], "a readable file of alert rules") from err
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        raise _refused([f"{path}: {err}"], "YAML") from err
    if not isinstance(given, dict) or not isinstance(given.get("rules"), list) or len(given) > 1:
        raise _refused([f"{path}: must have a list `rules` and nothing else"], "a list `rules` and nothing else")
    rules: list[Rule] = []
    problems: list[str] = []
    for number, each in enumerate(given["rules"], start=1):
        called = each.get("name", f"number {number}") if isinstance(each, Mapping) else f"number {number}"
        try:
            rule = Rule.model_validate(each)
        except ValidationError as err:
            problems += [f"{path}: rule {called}: {problem}" for problem in _problems(err)]
        else:
            if rule.name in {known.name for known in rules}:
                problems.append(f"{path}: rule {called}: name is already used by another rule")
            rules.append(rule)
    if problems:
        raise _refused(problems, "rules as docs/alerts.md describes them")
    return rules


def duration_text(seconds: int) -> str:
    """Format a duration as in the file."""
    unit = next(unit for unit in reversed(_UNIT_S) if seconds % _UNIT_S[unit] == 0)
    return f"{seconds // _UNIT_S[unit]}{unit}"


def rules_of_the_release() -> Path:
    """Return the file of the default rules of this release."""
    return shipped(f"infrastructure/{FILE}", f"alerts/{FILE}")


class _MisfitError(ValueError):
    """A field that is inconsistent with others."""


def _problems(err: ValidationError) -> list[str]:
    fields = {str(info.alias or name): info for name, info in Rule.model_fields.items()}
    problems = []
    for error in err.errors(include_url=False):
        name = str(error["loc"][0]) if error["loc"] else ""
        if error["type"] == "extra_forbidden":
            problems.append(f"Unknown field {name}. Allowed: {', '.join(fields)}")
        elif name not in fields:
            cause: Any = error.get("ctx", {}).get("error")
            problems.append(
                str(cause)
                if isinstance(cause, _MisfitError)
                else f"must be a mapping with the fields {', '.join(fields)}"
            )
        elif error["type"] == "missing":
            problems.append(f"{name} is required: {fields[name].description}")
        else:
            problems.append(f"{name} must be {fields[name].description}, got {error['input']!r}")
    return problems


def _in_braces(names: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _refused(problems: list[str], expected: str) -> InvalidSettingsError:
    found = [SettingProblem("ALERT_RULES", problem, expected) for problem in problems]
    return InvalidSettingsError("\n".join(map(str, found)), problems=found)
