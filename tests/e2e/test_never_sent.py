"""State changes for which a real Home Assistant sends no event, because an attribute cannot be encoded as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.ingestor import Ingestor
from tests.e2e.real_home_assistant import RealHomeAssistant, Release, require_home_assistant

pytestmark = pytest.mark.home_assistant

ENTITY = "sensor.odd"
_INTEGRATION = """
async def async_setup(hass, config):
    def set_state(call):
        attributes = {"bad": object()} if call.data.get("bad") else {}
        hass.loop.call_soon_threadsafe(hass.states.async_set, "sensor.odd", call.data["state"], attributes)
    hass.services.async_register("odd", "set", set_state)
    return True
"""


def install_integration(folder: Path) -> None:
    """Install an integration with a service that sets such a state."""
    component = folder / "custom_components" / "odd"
    component.mkdir(parents=True)
    (component / "__init__.py").write_text(_INTEGRATION, encoding="utf-8")
    manifest = {"domain": "odd", "name": "Odd", "version": "1.0.0", "documentation": "https://example.com"}
    (component / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with (folder / "configuration.yaml").open("a", encoding="utf-8") as configuration:
        configuration.write("odd:\n")


async def test_what_home_assistant_could_not_send_is_found_fetched_and_told(release: Release, tmp_path: Path) -> None:
    require_home_assistant(release)
    with release.folder() as folder:
        home_assistant = RealHomeAssistant(release, folder)
        install_integration(folder)
        try:
            await home_assistant.start()
            variables = {"STATE_CHECK_S": "10", "GAP_FILLING_SETTLE_S": "2", "GAP_FILLING_REST_S": "0"}
            async with Ingestor(tmp_path, url=home_assistant.url, token=home_assistant.token, **variables) as ingestor:
                await check_states(home_assistant, ingestor)
        finally:
            await home_assistant.stop()


async def check_states(home_assistant: RealHomeAssistant, ingestor: Ingestor) -> None:
    """Set valid and invalid states, and compare the stored states and the reported gaps."""

    async def states() -> list[str]:
        return [event["state"] for event in reversed(await ingestor.api.events(entity_id=ENTITY))]

    async def lost() -> list[str]:
        gaps = (await ingestor.api.get("/api/v1/gaps"))["gaps"]
        return [text for gap in gaps if gap["reason"] == "not_sent" and gap["closed"] for text in gap["lost"]]

    for state, bad in (("1", False), ("2", True), ("3", False)):  # neither 2 nor 3 is sent
        await home_assistant.call_service("odd", "set", {"state": state, "bad": bad})
    await ingestor.api.eventually(states, lambda found: found == ["1", "3"])
    told = await ingestor.api.eventually(lost, bool)
    assert all(ENTITY in text for text in told)

    await home_assistant.call_service("odd", "set", {"state": "4", "bad": False})
    await ingestor.api.eventually(states, lambda found: found == ["1", "3", "4"])
    await home_assistant.call_service("odd", "set", {"state": "5", "bad": True})  # and remains invalid
    await ingestor.api.eventually(lost, lambda found: any("lacks the last change" in text for text in found))
