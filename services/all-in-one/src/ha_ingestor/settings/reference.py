"""All settings of all services: validation, effective values, env.example and the reference page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from admin_api.settings import Settings as AdminApiSettings
from enrichment_pipeline.settings import Settings as EnrichmentPipelineSettings
from ha_ingestor_core.errors import InvalidSettingsError
from ha_ingestor_core.settings.group import SettingProblem, SettingsGroup
from ha_ingestor_core.settings.in_force import SettingInForce, settings_in_force
from ha_ingestor_core.settings.loading import load_settings, settings_groups
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from websocket_ingestion.configured_homes import configured_homes
from websocket_ingestion.settings import Settings as WebsocketIngestionSettings

SERVICES: dict[str, type[Any]] = {
    "websocket-ingestion": WebsocketIngestionSettings,
    "enrichment-pipeline": EnrichmentPipelineSettings,
    "admin-api": AdminApiSettings,
}


def find_problems() -> list[SettingProblem]:
    """Return all invalid settings of all services, each variable once."""
    problems: dict[str, SettingProblem] = {}
    for settings in SERVICES.values():
        try:
            load_settings(settings)
        except InvalidSettingsError as err:
            problems |= {problem.variable: problem for problem in err.detail["problems"]}
    if not problems:
        found = load_settings(WebsocketIngestionSettings)
        try:
            configured_homes(found.home_assistant, found.homes)
        except InvalidSettingsError as err:
            return list(err.detail["problems"])
    return list(problems.values())


def current_settings() -> list[tuple[str, str]]:
    """Return (variable, effective value) of all settings, secrets masked; raises InvalidSettingsError."""
    return [(setting.variable, setting.value or "") for setting in every_setting()]


def every_setting() -> list[SettingInForce]:
    """Return all settings of all services with their origin; raises InvalidSettingsError."""
    return settings_in_force([load_settings(settings) for settings in SERVICES.values()])


def env_example() -> str:
    """Return the text of infrastructure/env.example: all variables with their descriptions."""
    lines = [
        "# Settings of HA Ingestor. Copy this file to .env in the folder where ha-ingestor is started.",
        "# An empty value means the default.",
        "# A secret can be read from a file: HA_TOKEN_FILE=/run/secrets/token in the environment, and so on.",
        "# Generated from the settings classes by `make docs`.",
    ]
    for group, fields in _groups():
        lines += ["", f"# --- {_title(group)}"]
        for field in fields:
            default = _default(field)
            hint = f" Default: {default}." if default else ""
            lines += [f"# {field.description}.{hint}", f"{field.validation_alias}="]
    return "\n".join(lines) + "\n"


def markdown() -> str:
    """Return the text of docs/reference/settings.md."""
    lines = [
        "# Settings",
        "",
        "Generated from the settings classes by `make docs`. `ha-ingestor check-config` shows the effective values.",
        "",
        "A secret can be read from a file: `HA_TOKEN_FILE` in the environment names the file of `HA_TOKEN`; the same "
        "applies to all secrets.",
    ]
    for group, fields in _groups():
        lines += ["", f"## {_title(group)}", "", "| Variable | Default | Meaning |", "|---|---|---|"]
        lines += [
            f"| `{field.validation_alias}` | {_default(field)} | {_cell(field.description)} |" for field in fields
        ]
    return "\n".join(lines) + "\n"


def _groups() -> Iterator[tuple[type[SettingsGroup], list[FieldInfo]]]:
    seen: set[object] = set()
    for settings in SERVICES.values():
        for group in settings_groups(settings).values():
            fields = [f for f in group.model_fields.values() if f.validation_alias not in seen]
            seen.update(f.validation_alias for f in fields)
            if fields:
                yield group, fields


def _title(group: type[SettingsGroup]) -> str:
    return (group.__doc__ or "").splitlines()[0]


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None or field.default in (None, PydanticUndefined):
        return ""
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
