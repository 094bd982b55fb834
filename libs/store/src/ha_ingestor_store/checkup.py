"""What a check of the store found, as data; `ha-ingestor doctor` shows it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """How a check ended."""

    GOOD = "good"
    NOTE = "note"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class Finding(Struct, frozen=True):
    """One check: what was found, and what to do about it."""

    name: str
    status: Status
    message: str
    advice: str = ""


def good(name: str, message: str) -> Finding:
    """Nothing needs to be done."""
    return Finding(name, Status.GOOD, message)


def note(name: str, message: str, advice: str) -> Finding:
    """It works, and may not be what was meant."""
    return Finding(name, Status.NOTE, message, advice)


def problem(name: str, message: str, advice: str) -> Finding:
    """A person must act."""
    return Finding(name, Status.PROBLEM, message, advice)


def skipped(name: str, message: str) -> Finding:
    """It could not be checked."""
    return Finding(name, Status.SKIPPED, message)
