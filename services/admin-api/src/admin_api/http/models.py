"""Models shared by all rooms. The OpenAPI document and the types of the dashboard are generated from the models.

Answers are encoded without the models, since validating an answer costs more than building it; the tests validate
every answer against its model.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

TIME_EXAMPLE = "2026-11-24T03:12:26.123456+00:00"
EVENT_ID_EXAMPLE = "18a8f1a2b3c4d5e6-0123456789abcdef"


class Model(BaseModel):
    """An object of an answer: exactly these members, all of them present."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class ErrorBody(Model):
    """An error: a stable key for programs, a message for people, and machine-readable details."""

    key: str = Field(examples=["invalid_input"])
    message: str = Field(examples=["period must be <number><m|h|d|w|y>, such as 15m, 1h, 7d, 4w or 1y, at most 100y"])
    detail: dict[str, Any] = Field(
        examples=[{"field": "period", "expected": "<number><m|h|d|w|y>, such as 15m, 1h, 7d, 4w or 1y, at most 100y"}]
    )


class ErrorAnswer(Model):
    """The body of every answer of 400 and above."""

    error: ErrorBody


class Coverage(Model):
    """The part of the period that an answer covers; not complete if capture began after the start of the period."""

    start: datetime | None = Field(examples=[TIME_EXAMPLE])
    end: datetime = Field(
        examples=[TIME_EXAMPLE], description="The moment of the answer: a whole second, at most two ago if it ends now"
    )
    complete: bool
