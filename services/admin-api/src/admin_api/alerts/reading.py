"""What a rule is compared with: values by what they are about."""

from __future__ import annotations

from msgspec import Struct


class Found(Struct, frozen=True):
    """One value, and the names of what is behind it, where there are any."""

    value: float
    names: tuple[str, ...] = ()


Reading = dict[str, Found]
"""Values by service; a service that is not in it has nothing to say."""
