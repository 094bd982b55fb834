"""Caches FastAPI's analysis of endpoints per function instead of per application, since tests build hundreds of them.

An application with sixty routes takes a fifth of a second, nearly all of it for pydantic models of parameters and
answers, which depend only on the functions of the endpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from types import MethodType
from typing import Any

import pytest
from fastapi import routing
from fastapi.utils import create_model_field


@pytest.fixture(scope="session", autouse=True)
def remembered_routes() -> Iterator[None]:
    """Cache the analysis of a method for all objects of its class."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routing, "create_model_field", cache(create_model_field))
        analyse = routing._build_dependant_with_parameterless_dependencies
        patch.setattr(routing, "_build_dependant_with_parameterless_dependencies", _remembering(analyse))
        yield


def _remembering(analyse: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
    known: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def build(*, path: str, call: Callable[..., Any], dependencies: Sequence[Any]) -> tuple[Any, ...]:
        if not isinstance(call, MethodType):
            return analyse(path=path, call=call, dependencies=dependencies)
        key = path, call.__func__, tuple(dependencies)
        if key not in known:
            dependant, *more = analyse(path=path, call=call, dependencies=dependencies)
            known[key] = replace(dependant, call=None), *more
        dependant, *more = known[key]
        return replace(dependant, call=call), *more

    return build
