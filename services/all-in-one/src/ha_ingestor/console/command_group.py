"""The root command group: imports commands on demand, and turns errors into messages and exit codes."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from ha_ingestor.console.output import ExitCode, fail

ANYWHERE = ("--output", "--data-dir", "--env-file")
"""Global options with a value, accepted before and after the name of a command."""

_START = "Check that HA Ingestor is running (ha-ingestor run all), and ADMIN_API_PORT."


class Lazy(NamedTuple):
    """A command that is imported on demand: `module:name` of a function or an app, and its summary."""

    path: str
    help: str


class LazyCommand(TyperCommand):
    """A placeholder of a command in the list of commands."""

    def __init__(self, name: str, lazy: Lazy) -> None:
        super().__init__(name=name, help=lazy.help, callback=None)
        self._path = lazy.path

    def load(self) -> Any:
        """Import and return the command."""
        module, _, attribute = self._path.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        app = found if isinstance(found, typer.Typer) else _app_of(found, self.name)
        app.rich_markup_mode = "rich"
        command = typer.main.get_group(app) if app is found else typer.main.get_command(app)
        command.name = self.name
        return command


class CommandGroup(TyperGroup):
    """The root of all commands."""

    table: ClassVar[Mapping[str, Lazy]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: LazyCommand(name, lazy) for name, lazy in self.table.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find a command by name and import it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Accept global options at any position."""
        return super().parse_args(ctx, _moved_to_the_front(args))

    def invoke(self, ctx: Any) -> Any:
        """Run a command; errors end it with a message and an exit code."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader has exited, such as `head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(ExitCode.FAILED) from None
        except Exception as err:
            if isinstance(err, typer.Abort) or hasattr(err, "exit_code"):
                raise  # typer handles usage errors and chosen exits
            raise typer.Exit(_reported(err)) from err


def _app_of(function: Any, name: str | None) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command(name)(function)
    return app


def _moved_to_the_front(args: list[str]) -> list[str]:
    taken: list[str] = []
    rest: list[str] = []
    left = iter(args)
    for argument in left:
        if argument == "--":
            rest += ["--", *left]
        elif argument in ANYWHERE:
            taken += [argument, *_next(left)]
        elif argument.partition("=")[0] in ANYWHERE:
            taken.append(argument)
        else:
            rest.append(argument)
    return taken + rest


def _next(left: Iterator[str]) -> list[str]:
    return [value for value in [next(left, None)] if value is not None]


def _reported(error: Exception) -> ExitCode:
    """Print an error and return its exit code."""
    from ha_ingestor_core.errors import (
        IngestorError,
        InvalidInputError,
        InvalidSettingsError,
        ServiceUnavailableError,
        TransientError,
        UnexpectedError,
    )
    from ha_ingestor_core.redaction import without_secrets
    from pydantic import ValidationError

    if isinstance(error, InvalidSettingsError | ValidationError):
        from ha_ingestor.console.invalid_settings import print_problems

        print_problems(error)
        return ExitCode.FAILED
    if isinstance(error, IngestorError):
        fail(error.key, without_secrets(error.message), [_START] if isinstance(error, ServiceUnavailableError) else [])
        if isinstance(error, InvalidInputError):
            return ExitCode.USAGE
        is_away = isinstance(error, TransientError) and not isinstance(error, UnexpectedError)
        return ExitCode.UNREACHABLE if is_away else ExitCode.FAILED
    if isinstance(error, OSError):
        fail("io_error", without_secrets(str(error)))
        return ExitCode.FAILED
    if os.environ.get("LOG_LEVEL", "").upper() == "DEBUG":
        raise error
    text = without_secrets(f"{type(error).__name__}: {error}")
    fail("unexpected", text, ["This is a bug in HA Ingestor. LOG_LEVEL=DEBUG shows a traceback."])
    return ExitCode.FAILED
