"""Where a service listens when it runs in a process of its own."""

from __future__ import annotations

from aiohttp import web

from ha_ingestor_core.errors import TerminalError

_GRACE_S = 2.0


class HttpServer:
    """Serves an application on one address; requests that run when it stops have two seconds, abandoned ones end.

    `setting` is the environment variable of the port, for the message when it can't be had.
    """

    def __init__(self, app: web.Application, *, host: str, port: int, setting: str) -> None:
        self._host = host
        self._wanted_port = port
        self._setting = setting
        self._runner = web.AppRunner(
            app,
            handle_signals=False,
            access_log=None,
            shutdown_timeout=_GRACE_S,
            # A caller that gave up asks again: while the store is away, every repeat would wait beside the others.
            handler_cancellation=True,
        )
        self.port = 0

    @property
    def url(self) -> str:
        """The address that other services call, known after `start`."""
        return f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{self.port}"

    async def start(self) -> None:
        """Listen; raises TerminalError that names the settings when it can't."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._wanted_port).start()
        except OSError as err:
            await self._runner.cleanup()
            raise TerminalError(
                f"Cannot listen on {self._host}:{self._wanted_port}: {err.strerror}. {self._setting} should be free",
                host=self._host,
                port=self._wanted_port,
            ) from err
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Take no more requests, finish those that run, let go of the port."""
        await self._runner.cleanup()
