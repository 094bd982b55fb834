"""Where alerts are told: the addresses of ALERT_URLS, each a service that Apprise knows.

Addresses hold passwords and tokens: nothing of them but the scheme and the place in the list is ever logged or shown.
"""

from __future__ import annotations

import logging
import re
from hashlib import blake2b
from typing import Any

from ha_ingestor_core.alerts import Alert, AlertLevel
from ha_ingestor_core.clock import NS_PER_S, ns_to_datetime
from ha_ingestor_core.errors import InvalidSettingsError, ServiceUnavailableError
from ha_ingestor_core.settings import SettingProblem

_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z0-9_+-]+://)")
_WRITE_ADDRESSES = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")
"""Whose loggers write whole addresses, or tokens, into the log; what matters is told by us."""
_EXPECTED = "addresses of services that Apprise knows, such as mailtos://… or ntfy://…, with spaces between"


class Target:
    """One address; `id` tells it from others without telling what it is."""

    def __init__(self, name: str, url: str, service: Any) -> None:
        self.id = blake2b(url.encode(), digest_size=8).hexdigest()
        self.name = name
        self._service = service

    async def tell(self, alert: Alert, link: str | None) -> None:
        """Send one alert; raises ServiceUnavailableError when it was not taken."""
        import apprise

        kinds = {
            AlertLevel.CRITICAL: apprise.NotifyType.FAILURE,
            AlertLevel.WARNING: apprise.NotifyType.WARNING,
            AlertLevel.INFO: apprise.NotifyType.INFO,
        }
        kind = apprise.NotifyType.SUCCESS if alert.cleared_ns is not None else kinds[alert.level]
        try:
            taken = await self._service.async_notify(title=title(alert), body=body(alert, link), notify_type=kind)
        except Exception as err:  # a plugin may raise anything, and its words may hold the address
            raise ServiceUnavailableError(f"{self.name}: {type(err).__name__}") from None
        if not taken:
            raise ServiceUnavailableError(f"{self.name} did not take it")


def targets_of(urls: str) -> list[Target]:
    """The targets of a list of addresses; raises InvalidSettingsError that names the place of a wrong one."""
    listed = [url for url in _BETWEEN.split(urls.strip()) if url]
    if not listed:
        return []
    import apprise  # 20 MB that nobody needs who is told nothing

    for chatty in _WRITE_ADDRESSES:
        logging.getLogger(chatty).setLevel(logging.CRITICAL + 1)
    targets, problems = [], []
    for number, url in enumerate(listed, start=1):
        told = apprise.Apprise()
        if told.add(url):
            targets.append(Target(f"{url.partition('://')[0]} (number {number})", url, told))
        else:
            problems.append(
                SettingProblem("ALERT_URLS", f"number {number} is none that Apprise understands", _EXPECTED)
            )
    if problems:
        raise InvalidSettingsError("\n".join(map(str, problems)), problems=problems)
    return targets


def title(alert: Alert) -> str:
    """What a notification is headed."""
    head = "Over" if alert.cleared_ns is not None else alert.level.capitalize()
    return f"{head}: {alert.rule.replace('_', ' ')} ({alert.service})"


def body(alert: Alert, link: str | None) -> str:
    """What a notification says."""
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
