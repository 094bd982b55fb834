"""When a refused token is tried again: hardly ever, since Home Assistant counts every refusal towards a ban."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog
from ha_ingestor_core.clock import NS_PER_S, Clock
from ha_ingestor_core.files.durable_file import make_folder, read_state, write_durably
from msgspec import Struct

_log = structlog.get_logger()

TRIES = 2


class RefusalLimits(Struct, frozen=True):
    """When to try a refused token again, and how often to look for a reason to, in seconds."""

    second_s: float = 60.0
    """Until the second try: a Home Assistant that starts may refuse what it accepts a moment later."""
    absence_s: float = 3600.0
    """Between two tries that follow an absence of Home Assistant: a restart forgets its count, a network does not."""
    daily_s: float = 86_400.0
    probe_s: float = 30.0
    look_s: float = 2.0


USUAL_REFUSAL_LIMITS = RefusalLimits()


class Refusal(Struct, frozen=True):
    """The refusals of one token in a row; of the token only its hash is kept."""

    token_sha256: str
    refusals: int
    last_ns: int

    def is_of(self, token: str) -> bool:
        """Whether this is about that token."""
        return self.token_sha256 == _hash(token)

    def forbids(self, token: str, now_ns: int, limits: RefusalLimits = USUAL_REFUSAL_LIMITS) -> bool:
        """Whether a token has been refused as often as may be, within a day."""
        is_recent = 0 <= now_ns - self.last_ns < limits.daily_s * NS_PER_S
        return self.is_of(token) and self.refusals >= TRIES and is_recent


class RefusedToken:
    """Decides whether a token may be tried.

    The refusals are kept on disk: restarts don't add up to a ban, and `ha-ingestor doctor` counts with the service.
    """

    def __init__(self, path: Path, clock: Clock, limits: RefusalLimits = USUAL_REFUSAL_LIMITS) -> None:
        self.limits = limits
        self._path = path
        self._clock = clock
        self._in_memory: Refusal | None = None
        self._is_away = False
        self._has_returned = False
        self._probed_at = float("-inf")

    @property
    def refusal(self) -> Refusal | None:
        """The refusals of the last token that was refused, here or by another process."""
        return self._in_memory or read_refusal(self._path)

    def refused(self, token: str) -> None:
        """Home Assistant has refused a token."""
        known = self.refusal
        before = known.refusals if known and known.is_of(token) else 0
        refusal = Refusal(_hash(token), before + 1, self._clock.now_ns())
        self._has_returned = False
        try:
            write_durably(self._path, msgspec.json.encode(refusal))
            self._in_memory = None  # the file alone counts: another process, whose login succeeded, deletes it
        except OSError as err:
            self._in_memory = refusal
            _log.warning("refusal_not_kept", error=str(err), then="the token is tried again after a restart")

    def accepted(self) -> None:
        """Home Assistant has accepted a token, and so begins to count anew."""
        self._in_memory = None
        with suppress(OSError):
            self._path.unlink()

    def may_try(self, token: str) -> bool:
        """Whether a token may be sent now."""
        refusal = self.refusal
        if refusal is None or not refusal.is_of(token):
            return True
        since_s = (self._clock.now_ns() - refusal.last_ns) / NS_PER_S
        if refusal.refusals < TRIES:
            return not 0 <= since_s < self.limits.second_s
        return not 0 <= since_s < (self.limits.absence_s if self._has_returned else self.limits.daily_s)

    def probe_is_due(self) -> bool:
        """Whether to look again if Home Assistant is there; True once for each interval."""
        now = self._clock.monotonic()
        if now - self._probed_at < self.limits.probe_s:
            return False
        self._probed_at = now
        return True

    def found(self, *, is_there: bool) -> None:
        """What the look has found: one more try is due where Home Assistant was away and is back."""
        self._has_returned = is_there and (self._has_returned or self._is_away)
        self._is_away = not is_there


def refusal_path(data_dir: Path, home: str) -> Path:
    """Where the refusals of a home's token are kept."""
    return data_dir / "refused-tokens" / f"{home}.json"


def read_refusal(path: Path) -> Refusal | None:
    """The refusals that were kept; None where there are none, or they can't be read."""
    try:
        make_folder(path.parent)
        return read_state(path, msgspec.json.Decoder(Refusal).decode, then="the token is tried")
    except OSError:
        return None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
