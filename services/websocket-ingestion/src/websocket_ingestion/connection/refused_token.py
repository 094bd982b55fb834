"""When a refused token is tried again: rarely, because Home Assistant counts every refusal towards a ban."""

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
    """When to try a refused token again, and how often to check for a reason, in seconds."""

    second_s: float = 60.0
    """Until the second try: while it starts, Home Assistant may refuse a valid token."""
    absence_s: float = 3600.0
    """Between two tries after Home Assistant was unreachable: only a restart of it resets its count."""
    daily_s: float = 86_400.0
    probe_s: float = 30.0
    poll_s: float = 2.0


USUAL_REFUSAL_LIMITS = RefusalLimits()


class Refusal(Struct, frozen=True):
    """The refusals of one token in a row; only a hash of the token is saved."""

    token_sha256: str
    refusals: int
    last_ns: int

    def is_of(self, token: str) -> bool:
        """Whether this is about a token."""
        return self.token_sha256 == _hash(token)

    def forbids(self, token: str, now_ns: int, limits: RefusalLimits = USUAL_REFUSAL_LIMITS) -> bool:
        """Whether a token has reached the limit of refusals within a day."""
        is_recent = 0 <= now_ns - self.last_ns < limits.daily_s * NS_PER_S
        return self.is_of(token) and self.refusals >= TRIES and is_recent


class RefusedToken:
    """Decides whether a token may be tried.

    The refusals are saved on disk: restarts do not add up to a ban, and `ha-ingestor doctor` shares the count.
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
            self._in_memory = None  # only the file counts: a process whose login succeeds deletes it
        except OSError as err:
            self._in_memory = refusal
            _log.warning("token_refusal_not_saved", error=str(err), then="the token is tried again after a restart")

    def accepted(self) -> None:
        """Home Assistant has accepted a token, which resets its count."""
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
        """Whether to check again that Home Assistant is reachable; True once per interval."""
        now = self._clock.monotonic()
        if now - self._probed_at < self.limits.probe_s:
            return False
        self._probed_at = now
        return True

    def probed(self, *, is_reachable: bool) -> None:
        """Process a check: one more try is due where Home Assistant was unreachable and is back."""
        self._has_returned = is_reachable and (self._has_returned or self._is_away)
        self._is_away = not is_reachable


def refusal_path(data_dir: Path, home: str) -> Path:
    """Return where the refusals of a home's token are saved."""
    return data_dir / "refused-tokens" / f"{home}.json"


def read_refusal(path: Path) -> Refusal | None:
    """Return the saved refusals; None where there are none, or they cannot be read."""
    try:
        make_folder(path.parent)
        return read_state(path, msgspec.json.Decoder(Refusal).decode, then="the token is tried")
    except OSError:
        return None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
