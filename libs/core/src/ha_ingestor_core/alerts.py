"""An alert: a condition that requires attention, from its beginning to its end."""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b
from typing import Protocol

from msgspec import Struct


class AlertLevel(StrEnum):
    """The urgency of an alert; `rank` sorts the most urgent first."""

    CRITICAL = "critical"
    """Events are being lost, or will be soon."""
    WARNING = "warning"
    """Something is wrong that will not resolve by itself."""
    INFO = "info"
    """Worth knowing."""

    @property
    def rank(self) -> int:
        """0 for the most urgent."""
        return list(AlertLevel).index(self)


class AlertStatus(StrEnum):
    """Whether an alert is still active."""

    ACTIVE = "active"
    CLEARED = "cleared"


class Alert(Struct, frozen=True, kw_only=True):
    """One alert of one rule about one service. Its key is (since_ns, rule, service): a later version replaces it.

    `since_ns` is when its condition began to hold, `raised_ns` when it had held for long enough. Neither `service` nor
    `message` is ever empty. `acknowledged_by` is the name of the token that acknowledged it.
    """

    rule: str
    service: str
    level: AlertLevel
    message: str
    since_ns: int
    raised_ns: int
    cleared_ns: int | None = None
    acknowledged_ns: int | None = None
    acknowledged_by: str | None = None

    @property
    def status(self) -> AlertStatus:
        """Return ACTIVE until the alert is cleared."""
        return AlertStatus.ACTIVE if self.cleared_ns is None else AlertStatus.CLEARED

    @property
    def id(self) -> str:
        """Return the ID for URLs, derived from the key alone."""
        digest = blake2b(f"{self.rule}\0{self.service}".encode(errors="surrogatepass"), digest_size=6).hexdigest()
        return f"{self.since_ns & (1 << 64) - 1:016x}-{digest}"


class AlertSink(Protocol):
    """Stores the history of alerts."""

    async def write_alerts(self, alerts: list[Alert]) -> None:
        """Store the alerts in place of their earlier versions; raises StoreUnavailableError and StoreRefusedError."""
        ...
