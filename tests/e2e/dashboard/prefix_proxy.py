"""nginx in front of an Admin API with a path prefix, as a reverse proxy or Home Assistant's ingress."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.deploy.test_nginx import NGINX
from tests.e2e.ingestor import START_LIMIT_S
from tests.ports import free_port

_CONFIG = """
worker_processes 1;
pid {folder}/nginx.pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location {prefix}/ {{
      proxy_pass {target}/;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
    }}
  }}
}}
"""


@asynccontextmanager
async def under_prefix(target: str, prefix: str, folder: Path) -> AsyncIterator[str]:
    """Return the address of the target below the prefix."""
    assert NGINX is not None
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, port=port, prefix=prefix, target=target), encoding="utf-8")
    # root's workers would use an account that cannot read the folder of the test
    user = " user root;" if os.geteuid() == 0 else ""
    process = await asyncio.create_subprocess_exec(
        NGINX, "-e", str(folder / "error.log"), "-c", str(config), "-g", f"daemon off;{user}"
    )
    try:
        async with asyncio.timeout(START_LIMIT_S):
            while not _listens(port):
                assert process.returncode is None, (folder / "error.log").read_text()
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}{prefix}"
    finally:
        process.terminate()
        await process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
