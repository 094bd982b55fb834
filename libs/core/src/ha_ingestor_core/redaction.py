"""Removes secrets from texts: credentials in addresses, recognisable tokens, values of secret settings.

All errors of HA Ingestor are redacted when they are created, and all log lines when they are written, so that no
response, metric or log contains a secret, even where a library or a server has put it into a message.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

HIDDEN = "…"
_SHORTEST = 8
"""Minimum length of a registered value: a shorter one would match ordinary words."""

# Input of callers is redacted, too. So each expression reads a text once: one that begins with a word and can fail far
# behind it also matches what it has read, because otherwise the next word would read it again.
_ADDRESS = re.compile(r"(://)([^\s\"'<>?#]*)")
_JSON_WEB_TOKEN = re.compile(r"eyJ[\w-]{8,}(\.[\w-]+\.[\w-]+)?")
"""With their second part: long-lived access tokens of Home Assistant."""
_RECOGNISED = re.compile(
    r"hai_[\w-]{20,}"  # tokens of the Admin API
    r"|(?<=Bearer )[\w.~+/=-]+|(?<=Token )[\w.~+/=-]{16,}|(?<=Basic )[\w+/=-]{8,}"
    r"|(?<=appid=)[^\s&\"'<>]+|(?<=apikey=)[^\s&\"'<>]+|(?<=[?&]p=)[^\s&\"'<>]+"
    r"|(?<=token=)[^\s&\"'<>]+|(?<=password=)[^\s&\"'<>]+"
)
_remembered: set[str] = set()


def remember_secret(value: str) -> None:
    """Register a value for redaction, also in its form in URLs; values below 8 characters are not redacted."""
    for form in {value, quote(value, safe=""), unquote(value)}:
        if len(form) >= _SHORTEST:
            _remembered.add(form)


def remember_credentials(address: str) -> None:
    """Register the passwords of all addresses in a text for redaction."""
    for found in re.finditer(r"://([^\s\"'<>?#]*)@", address):
        remember_secret(found[1].partition(":")[2])


def without_secrets(text: str) -> str:
    """Return the text with every secret replaced by an ellipsis."""
    text = _ADDRESS.sub(_without_credentials, text)
    text = _JSON_WEB_TOKEN.sub(lambda found: HIDDEN if found[1] else found[0], text)
    text = _RECOGNISED.sub(HIDDEN, text)
    return _values(frozenset(_remembered)).sub(HIDDEN, text) if _remembered else text


def _without_credentials(address: re.Match[str]) -> str:
    """Return the address without user and password, whatever the password contains."""
    _, at, rest = address[2].rpartition("@")
    return f"{address[1]}{HIDDEN}{at}{rest}" if at else address[0]


@lru_cache(maxsize=1)
def _values(values: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)))
