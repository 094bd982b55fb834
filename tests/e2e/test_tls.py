"""A real Home Assistant behind nginx with a certificate of a private authority."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import make_certificates
from tests.deploy.test_nginx import NGINX, needs_nginx
from tests.e2e.ingestor import Ingestor
from tests.e2e.real_home_assistant import RealHomeAssistant
from tests.ports import free_port

pytestmark = [pytest.mark.home_assistant, needs_nginx]

_CONFIG = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/server.pem;
    ssl_certificate_key {folder}/server.key;
    location /house/ {{
      proxy_pass {home}/;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
    }}
  }}
}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_certificates(tmp_path / "tls")


@pytest.fixture
def url(folder: Path, shared_home_assistant: RealHomeAssistant) -> Iterator[str]:
    """The URL of nginx, with a path prefix."""
    assert NGINX is not None
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, port=port, home=shared_home_assistant.url))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([NGINX, "-c", config], stderr=log)
    try:
        yield f"https://127.0.0.1:{port}/house"
    finally:
        process.terminate()
        process.wait(10)


async def test_an_authority_that_is_named_is_trusted(
    url: str, folder: Path, shared_home_assistant: RealHomeAssistant, tmp_path: Path
) -> None:
    token = shared_home_assistant.token
    more = {"HA_CA_FILE": str(folder / "ca.pem")}
    async with Ingestor(tmp_path, url=f"{url}/lovelace/0", token=token, **more) as ingestor:
        await shared_home_assistant.set_state("sensor.behind_tls", "1")
        (seen,) = await ingestor.api.eventually(lambda: ingestor.api.events(entity_id="sensor.behind_tls"), bool)
        assert seen["state"] == "1"


async def test_one_that_is_not_is_named_in_health_and_an_alert(
    url: str, shared_home_assistant: RealHomeAssistant, tmp_path: Path
) -> None:
    ingestor = Ingestor(tmp_path, url=url, token=shared_home_assistant.token)
    await ingestor.process.start()
    try:
        health = await ingestor.api.eventually(
            lambda: ingestor.api.get("/api/v1/health"),
            lambda h: h["ingestion_service"]["websocket_connection"]["state"] == "certificate_refused",
        )
        assert health["overall_status"] == "unhealthy"
        assert "HA_CA_FILE" in health["ingestion_service"]["websocket_connection"]["last_error"]
        await ingestor.api.eventually(
            lambda: ingestor.api.get("/api/v1/stats/alerts"),
            lambda answer: "certificate_refused" in {alert["rule"] for alert in answer["alerts"]},
            within_s=60,
        )
    finally:
        await ingestor.process.end()
        await ingestor.api.close()
