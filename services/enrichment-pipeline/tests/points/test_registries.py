"""Names, areas and devices out of the registries."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from enrichment_pipeline.points.registries import NO_FACTS, KnownRegistries, resolve
from ha_ingestor_core.errors import InvalidInputError, RegistryUnknownError
from ha_ingestor_core.events import Registries
from msgspec import Raw

AREAS = [{"area_id": "kitchen", "name": "Küche"}, {"area_id": "attic", "name": "Attic"}]


def _registries(
    entities: Any = (), devices: Any = (), areas: Any = AREAS, *, home: str = "home", version: str = "v1"
) -> Registries:
    lists = [Raw(json.dumps(rows).encode()) for rows in (entities, devices, areas)]
    return Registries(home=home, version=version, entities=lists[0], devices=lists[1], areas=lists[2])


def test_an_entitys_own_area_comes_before_its_devices() -> None:
    entities = [{"entity_id": "a.b", "area_id": "attic", "device_id": "d"}]
    assert resolve(_registries(entities, [{"id": "d", "area_id": "kitchen"}]))["a.b"].area == "Attic"


def test_without_an_area_of_its_own_an_entity_is_where_its_device_is() -> None:
    entities = [{"entity_id": "a.b", "area_id": None, "device_id": "d"}]
    assert resolve(_registries(entities, [{"id": "d", "area_id": "kitchen"}]))["a.b"].area == "Küche"


def test_a_child_device_is_where_its_parent_is() -> None:
    devices = [{"id": "child", "parent_device_id": "parent"}, {"id": "parent", "area_id": "kitchen"}]
    assert resolve(_registries([{"entity_id": "a.b", "device_id": "child"}], devices))["a.b"].area == "Küche"


def test_a_device_is_not_where_its_hub_is() -> None:
    devices = [{"id": "lamp", "area_id": None, "via_device_id": "hub"}, {"id": "hub", "area_id": "attic"}]
    assert resolve(_registries([{"entity_id": "a.b", "device_id": "lamp"}], devices))["a.b"].area is None


def test_a_circle_of_parents_ends() -> None:
    devices = [{"id": "x", "parent_device_id": "y"}, {"id": "y", "parent_device_id": "x"}]
    assert resolve(_registries([{"entity_id": "a.b", "device_id": "x"}], devices))["a.b"].area is None


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"name": "Mine", "original_name": "Theirs"}, "Mine"),
        ({"name": None, "original_name": "Theirs"}, "Theirs"),
        ({"name": None, "original_name": None}, "Lamp"),
    ],
)
def test_the_name_given_by_a_person_comes_first(row: dict[str, Any], name: str) -> None:
    entities = [{"entity_id": "a.b", "device_id": "d", **row}]
    assert resolve(_registries(entities, [{"id": "d", "name": "Lamp"}]))["a.b"].name == name


def test_a_device_is_called_as_the_user_calls_it() -> None:
    devices = [{"id": "d", "name": "TRADFRI", "name_by_user": "Reading lamp"}]
    assert resolve(_registries([{"entity_id": "a.b", "device_id": "d"}], devices))["a.b"].device == "Reading lamp"


def test_device_class_of_the_registry() -> None:
    entities = [{"entity_id": "a.b", "original_device_class": "motion"}]
    assert resolve(_registries(entities))["a.b"].device_class == "motion"


def test_odd_rows_are_passed_over() -> None:
    odd: list[Any] = [None, 3, [], {}, {"entity_id": 5}, {"entity_id": ""}]
    entities = [*odd, {"entity_id": "a.b", "device_id": ["d"], "area_id": {}, "name": 7}]
    devices = [*odd, {"id": ["d"]}, {"id": 5}]
    assert resolve(_registries(entities, devices, [*odd, {"area_id": [1]}])) == {"a.b": NO_FACTS}


def test_a_list_that_is_none_is_named() -> None:
    with pytest.raises(InvalidInputError, match="devices must be a JSON array"):
        resolve(_registries(devices={"id": "d"}))


def test_recorded_registries_are_understood(recorded: list[dict[str, Any]]) -> None:
    by_id = {
        message["id"]: message["result"]
        for message in recorded
        if message.get("type") == "result" and "result" in message
    }
    facts = resolve(_registries(by_id[6], by_id[5], by_id[4]))
    assert len(facts) == len(by_id[6])
    assert (facts["sensor.sun_next_dawn"].name, facts["sensor.sun_next_dawn"].device) == ("Next dawn", "Sun")


async def test_an_unknown_version_is_asked_for() -> None:
    known = KnownRegistries()
    await known.add(_registries(version="v1"))
    with pytest.raises(RegistryUnknownError):
        known.entities("home", "v2")
    with pytest.raises(RegistryUnknownError):
        known.entities("another", "v1")


async def test_without_a_version_the_newest_is_used() -> None:
    known = KnownRegistries()
    assert known.entities("home", None) == {}
    await known.add(_registries([{"entity_id": "a.b", "name": "old"}], version="v1"))
    await known.add(_registries([{"entity_id": "a.b", "name": "new"}], version="v2"))
    assert known.entities("home", None)["a.b"].name == "new"
    assert known.entities("home", "v1")["a.b"].name == "old"


async def test_a_version_that_comes_again_is_the_newest_again() -> None:
    known = KnownRegistries()
    for version, name in (("v1", "first"), ("v2", "second"), ("v1", "first")):
        await known.add(_registries([{"entity_id": "a.b", "name": name}], version=version))
    assert known.entities("home", None)["a.b"].name == "first"


async def test_only_a_few_versions_are_kept() -> None:
    known = KnownRegistries()
    for n in range(10):
        await known.add(_registries(version=f"v{n}"))
    assert known.entities("home", "v9") == {}
    with pytest.raises(RegistryUnknownError):
        known.entities("home", "v1")


def recorded() -> Registries:
    """The registries of the session that was recorded from Home Assistant 2026.11, cut to one entity of each kind."""
    lists: dict[str, list[dict[str, Any]]] = {
        "entities": [
            {"entity_id": "sensor.own", "labels": ["mine"], "device_id": "child", "platform": "mqtt"},
            {"entity_id": "sensor.bare", "labels": [], "platform": "demo"},
        ],
        "devices": [
            {"id": "child", "parent_device_id": "parent", "labels": ["wichtig"]},
            {"id": "parent", "area_id": "kuche", "labels": ["hub"]},
        ],
        "areas": [{"area_id": "kuche", "floor_id": "erdgeschoss", "name": "Große Küche", "labels": ["warm"]}],
        "floors": [{"floor_id": "erdgeschoss", "level": 0, "name": "Erdgeschoß"}],
        "labels": [{"label_id": each, "name": each.title()} for each in ("mine", "wichtig", "hub", "warm")],
    }
    reported = {"home": "home", "version": "v", **lists}
    return msgspec.json.decode(json.dumps(reported), type=Registries)


def test_an_entity_is_on_the_floor_of_its_area_also_through_a_child_device() -> None:
    assert resolve(recorded())["sensor.own"].floor == "Erdgeschoß"
    assert resolve(recorded())["sensor.bare"].floor is None


def test_labels_are_the_entitys_its_devices_and_its_areas() -> None:
    assert resolve(recorded())["sensor.own"].labels == '["Mine","Warm","Wichtig"]'
    assert resolve(recorded())["sensor.bare"].labels is None


def test_the_integration_is_the_entitys_platform() -> None:
    assert [facts.integration for facts in resolve(recorded()).values()] == ["mqtt", "demo"]


def test_odd_floors_and_labels_are_passed_over() -> None:
    odd: list[Any] = [None, 3, [], {}, {"floor_id": 5}, {"label_id": ["x"]}]
    registries = msgspec.structs.replace(recorded(), floors=Raw(json.dumps(odd)), labels=Raw(json.dumps(odd)))
    facts = resolve(registries)["sensor.own"]
    assert (facts.floor, facts.labels, facts.area) == (None, None, "Große Küche")
