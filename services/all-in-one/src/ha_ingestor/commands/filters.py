"""`ha-ingestor filters`: shows and sets the filters of events, through the Admin API."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from ha_ingestor_core.filters.rules import FilterLists, Filters, FiltersInForce, FilterSource
from ha_ingestor_core.http.client import InternalClient
from rich.markup import escape

from ha_ingestor.api_client.request import asked
from ha_ingestor.console.output import show as show_result

_PATH = "/api/v1/filters"
_LISTS = ("entities", "domains", "event_types")

app = typer.Typer(no_args_is_help=True, help="Show or set the filters of events.")

Entries = Annotated[list[str] | None, typer.Option(help="Can be repeated; globs with * and ?")]


@app.command()
def show() -> None:
    """Show the effective filters and their origin."""
    _print(asked(_get))


@app.command("set")
def set_(
    include_entities: Entries = None,
    include_domains: Entries = None,
    include_event_types: Entries = None,
    exclude_entities: Entries = None,
    exclude_domains: Entries = None,
    exclude_event_types: Entries = None,
    clear: Annotated[bool, typer.Option("--clear", help="Empty all lists that are not given")] = False,
) -> None:
    """Set filters, effective immediately and permanently; lists that are not given stay as they are."""
    include = dict(zip(_LISTS, (include_entities, include_domains, include_event_types), strict=True))
    exclude = dict(zip(_LISTS, (exclude_entities, exclude_domains, exclude_event_types), strict=True))

    async def change(client: InternalClient) -> FiltersInForce:
        before = FiltersInForce(FilterLists(), FilterLists(), FilterSource.DEFAULT) if clear else await _get(client)
        wanted = Filters(_merged(before.include, include), _merged(before.exclude, exclude))
        return _decoded(await client.send("PUT", _PATH, msgspec.json.encode(wanted)))

    _print(asked(change))


async def _get(client: InternalClient) -> FiltersInForce:
    return _decoded(await client.get(_PATH))


def _decoded(content: bytes) -> FiltersInForce:
    return msgspec.json.decode(content, type=FiltersInForce)


def _merged(before: FilterLists, given: dict[str, list[str] | None]) -> FilterLists:
    return msgspec.structs.replace(before, **{name: entries for name, entries in given.items() if entries is not None})


def _print(filters: FiltersInForce) -> None:
    lines = [
        f"{side} {name.replace('_', ' '):12} {escape(', '.join(getattr(lists, name))) or '[dim]-[/dim]'}"
        for side, lists in (("include", filters.include), ("exclude", filters.exclude))
        for name in _LISTS
    ]
    show_result(filters, *lines, f"[dim]from: {', '.join(filters.variables) or filters.source}[/dim]")
