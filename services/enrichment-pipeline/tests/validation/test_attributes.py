"""What attributes tell about an entity."""

from __future__ import annotations

import json
from typing import Any

import pytest
from enrichment_pipeline.validation.attributes import AttributesCache, read_attributes
from enrichment_pipeline.validation.decode_errors import InvalidEventError
from msgspec import Raw


def _raw(**attributes: Any) -> Raw:
    return Raw(json.dumps(attributes).encode())


def test_name_unit_and_device_class_are_read_and_the_text_kept() -> None:
    text = '{"friendly_name": "Küche", "unit_of_measurement":"\u00b5g", "device_class":"pm25",  "x":[1,{"y":null}]}'
    found = read_attributes(text)
    assert (found.friendly_name, found.unit, found.device_class) == ("Küche", "\u03bcg", "pm25")
    assert found.text == text


@pytest.mark.parametrize("odd", [None, 5, True, [], {"a": 1}, ""])
def test_values_of_an_unexpected_type_count_as_absent(odd: Any) -> None:
    found = read_attributes(json.dumps({"friendly_name": odd, "device_class": odd}))
    assert (found.friendly_name, found.device_class) == (None, None)


@pytest.mark.parametrize(
    ("odd", "unit"), [(5, "5"), (-1.5, "-1.5"), (None, None), (True, None), ([], None), ("", None)]
)
def test_a_unit_that_is_a_number_becomes_its_text(odd: Any, unit: str | None) -> None:
    assert read_attributes(json.dumps({"unit_of_measurement": odd})).unit == unit


@pytest.mark.parametrize("text", ["[]", "null", '"x"', "3"])
def test_attributes_that_are_no_object_are_refused(text: str) -> None:
    with pytest.raises(InvalidEventError, match=r"data\.new_state\.attributes must be an object") as caught:
        read_attributes(text)
    assert caught.value.problem.key == "wrong_type"


def test_repeated_attributes_are_the_same_object() -> None:
    cache = AttributesCache()
    assert cache.read("a.b", _raw(x=1)) is cache.read("a.b", _raw(x=1))


def test_changed_attributes_are_read_again() -> None:
    cache = AttributesCache()
    cache.read("a.b", _raw(friendly_name="old"))
    assert cache.read("a.b", _raw(friendly_name="new")).friendly_name == "new"


def test_the_cache_holds_no_more_entities_than_its_limit() -> None:
    cache = AttributesCache(limit=2)
    first = cache.read("a.1", _raw())
    kept = cache.read("a.3", _raw()) if cache.read("a.2", _raw()) else None
    assert cache.read("a.3", _raw()) is kept
    assert cache.read("a.1", _raw()) is not first


def test_changed_attributes_displace_no_other_entity() -> None:
    cache = AttributesCache(limit=2)
    first = cache.read("a.1", _raw())
    cache.read("a.2", _raw(x=1))
    cache.read("a.2", _raw(x=2))
    assert cache.read("a.1", _raw()) is first


def test_huge_attributes_are_read_but_not_kept() -> None:
    cache = AttributesCache()
    raw = _raw(friendly_name="big", x="y" * 100_000)
    first = cache.read("a.b", raw)
    assert first.friendly_name == "big"
    assert cache.read("a.b", raw) is not first


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    with pytest.raises(InvalidEventError, match="UTF-8"):
        AttributesCache().read("a.b", Raw(b'{"x":"\xff"}'))
