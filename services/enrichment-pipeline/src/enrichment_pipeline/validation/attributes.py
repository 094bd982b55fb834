"""The attributes of a state; repeated attributes are decoded once."""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from enrichment_pipeline.validation.decode_errors import DECODE_ERRORS, InvalidEventError, explain
from enrichment_pipeline.validation.fields import read_text
from enrichment_pipeline.validation.normalise import normalise_unit

_FIELD = "data.new_state.attributes"
_ENTITY_LIMIT = 20_000
_TEXT_LIMIT = 4_096  # longer attributes are not cached: 20,000 entities take 160 MB at most


class Attributes(Struct, frozen=True, gc=False):
    """The attributes as JSON, exactly as received, and the three that have their own fields."""

    text: str | None = None
    friendly_name: str | None = None
    unit: str | None = None
    device_class: str | None = None


NO_ATTRIBUTES = Attributes()


class AttributesCache:
    """The latest attributes of each entity; at most `limit` entities, the oldest is dropped first."""

    def __init__(self, limit: int = _ENTITY_LIMIT) -> None:
        self._limit = limit
        self._latest: dict[str, Attributes] = {}

    def read(self, entity_id: str, raw: Raw) -> Attributes:
        """Return the attributes in `raw`; raises InvalidEventError."""
        text = read_text(raw, _FIELD)
        latest = self._latest.get(entity_id)
        if latest is not None and latest.text == text:
            return latest
        attributes = read_attributes(text)
        if len(text) <= _TEXT_LIMIT:
            self._keep(entity_id, attributes)
        return attributes

    def _keep(self, entity_id: str, attributes: Attributes) -> None:
        if entity_id not in self._latest and len(self._latest) >= self._limit:
            del self._latest[next(iter(self._latest))]
        self._latest[entity_id] = attributes


def read_attributes(text: str) -> Attributes:
    """Return the attributes in a JSON text; values of another type count as missing. Raises InvalidEventError."""
    try:
        known = _decoder.decode(text)
    except DECODE_ERRORS as err:
        raise InvalidEventError(explain(err, _FIELD)) from err
    return Attributes(
        text=text,
        friendly_name=string_in(known.friendly_name),
        unit=_unit_in(known.unit_of_measurement),
        device_class=string_in(known.device_class),
    )


def string_in(raw: Raw) -> str | None:
    """Return a JSON string; None for an empty one, and for any other value."""
    return msgspec.json.decode(raw, type=str) or None if bytes(raw).startswith(b'"') else None


class _Known(Struct, frozen=True):
    friendly_name: Raw = Raw(b"null")
    unit_of_measurement: Raw = Raw(b"null")
    device_class: Raw = Raw(b"null")


_decoder = msgspec.json.Decoder(_Known)


def _unit_in(raw: Raw) -> str | None:
    """Return the unit; some integrations send a number, whose text is used."""
    text = bytes(raw)
    if text[:1].isdigit() or text[:1] == b"-":
        return text.decode()
    unit = string_in(raw)
    return normalise_unit(unit) if unit else None
