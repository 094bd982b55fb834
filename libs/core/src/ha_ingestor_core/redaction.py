"""Removes secrets from a text: credentials in addresses, tokens that can be recognised, values of secret settings.

Every error of ours passes through here when it is made, and every log line when it is written, so that no answer,
metric or log shows a secret, whichever library or server put it into its words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

HIDDEN = "…"
_SHORTEST = 8
"""Characters of a remembered value: a shorter one would be found in ordinary words."""

# What callers send passes through here, too. So each expression reads a text once: where one that begins with a word
# can fail far behind it, it takes in what it has read all the same, or the next word would have it read again.
_ADDRESS = re.compile(r"(://)([^\s\"'<>?#]*)")
_JSON_WEB_TOKEN = re.compile(r"eyJ[\w-]{8,}(\.[\w-]+\.[\w-]+)?")
"""With its second part: Home Assistant's long-lived access tokens."""
_RECOGNISED = re.compile(
    r"hai_[\w-]{20,}"  # tokens of the Admin API
    r"|(?<=Bearer )[\w.~+/=-]+|(?<=Token )[\w.~+/=-]{16,}|(?<=Basic )[\w+/=-]{8,}"
    r"|(?<=appid=)[^\s&\"'<>]+|(?<=apikey=)[^\s&\"'<>]+|(?<=[?&]p=)[^\s&\"'<>]+"
    r"|(?<=token=)[^\s&\"'<>]+|(?<=password=)[^\s&\"'<>]+"
)
_remembered: set[str] = set()


def remember_secret(value: str) -> None:
    """Hide a value from now on, as it is and as it stands in an address; values below 8 characters are not hidden."""
    for form in {value, quote(value, safe=""), unquote(value)}:
        if len(form) >= _SHORTEST:
            _remembered.add(form)


def remember_credentials(address: str) -> None:
    """Hide the user's password of every address in a text, wherever else it appears."""
    for found in re.finditer(r"://([^\s\"'<>?#]*)@", address):
        remember_secret(found[1].partition(":")[2])


def without_secrets(text: str) -> str:
    """Return the text with every secret replaced by an ellipsis."""
    text = _ADDRESS.sub(_without_credentials, text)
    text = _JSON_WEB_TOKEN.sub(lambda found: HIDDEN if found[1] else found[0], text)
    text = _RECOGNISED.sub(HIDDEN, text)
    return _values(frozenset(_remembered)).sub(HIDDEN, text) if _remembered else text


def _without_credentials(address: re.Match[str]) -> str:
    """The address without user and password, whatever the password contains."""
    _, at, rest = address[2].rpartition("@")
    return f"{address[1]}{HIDDEN}{at}{rest}" if at else address[0]


@lru_cache(maxsize=1)
def _values(values: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)))
