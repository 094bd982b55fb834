"""The targets of notifications: the addresses in ALERT_URLS, sent with Apprise.

Addresses contain passwords and tokens: only their scheme and position in the list are logged or shown.
"""

from __future__ import annotations

import logging
import re
from hashlib import blake2b
from typing import Any

from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.clock import NS_PER_S, ns_to_datetime
from ha_ingestor_core.errors import InvalidSettingsError, ServiceUnavailableError
from ha_ingestor_core.settings.group import SettingProblem

_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z0-9_+-]+://)")
_WRITE_ADDRESSES = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")
"""Loggers that write addresses or tokens, and are silenced."""
_EXPECTED = "addresses supported by Apprise, such as mailtos://… or ntfy://…, separated by spaces"


class Target:
    """An address; `id` identifies it without revealing it."""

    def __init__(self, name: str, url: str, service: Any) -> None:
        self.id = blake2b(url.encode(), digest_size=8).hexdigest()
        self.name = name
        self._service = service

    async def send(self, alert: Alert, link: str | None) -> None:
        """Send an alert; raises ServiceUnavailableError if it was not accepted."""
        import apprise

        kinds = {
            AlertLevel.CRITICAL: apprise.NotifyType.FAILURE,
            AlertLevel.WARNING: apprise.NotifyType.WARNING,
            AlertLevel.INFO: apprise.NotifyType.INFO,
        }
        kind = apprise.NotifyType.SUCCESS if alert.cleared_ns is not None else kinds[alert.level]
        try:
            taken = await self._service.async_notify(title=title(alert), body=body(alert, link), notify_type=kind)
        except Exception as err:  # plugins may raise any error, and its text may contain the address
            raise ServiceUnavailableError(f"{self.name}: {type(err).__name__}") from None
        if not taken:
            raise ServiceUnavailableError(f"{self.name} did not accept the notification")


def targets_of(urls: str) -> list[Target]:
    """Return the targets of a list of addresses; raises InvalidSettingsError with the positions of invalid ones."""
    listed = [url for url in _BETWEEN.split(urls.strip()) if url]
    if not listed:
        return []
    import apprise  # takes 20 MB, so imported only if needed

    for chatty in _WRITE_ADDRESSES:
        logging.getLogger(chatty).setLevel(logging.CRITICAL + 1)
    targets, problems = [], []
    for number, url in enumerate(listed, start=1):
        sender = apprise.Apprise()
        if sender.add(url):
            targets.append(Target(f"{url.partition('://')[0]} (number {number})", url, sender))
        else:
            problems.append(
                SettingProblem("ALERT_URLS", f"address number {number} is not supported by Apprise", _EXPECTED)
            )
    if problems:
        raise InvalidSettingsError("\n".join(map(str, problems)), problems=problems)
    return targets


def title(alert: Alert) -> str:
    """Return the title of a notification."""
    head = "Over" if alert.cleared_ns is not None else alert.level.capitalize()
    return f"{head}: {alert.rule.replace('_', ' ')} ({alert.service})"


def body(alert: Alert, link: str | None) -> str:
    """Return the text of a notification."""
    lines = [alert.message, f"Since {ns_to_datetime(alert.since_ns):%Y-%m-%d %H:%M:%S} UTC"]
    if alert.cleared_ns is not None:
        lines[-1] += f", for {_long((alert.cleared_ns - alert.since_ns) // NS_PER_S)}"
    elif link:
        lines.append(f"What to do: {link}")
    return "\n".join(lines)


def _long(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s"))
    return " ".join([f"{number} {unit}" for number, unit in parts if number][:2]) or "0 s"
