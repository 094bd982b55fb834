"""The dashboard's nginx with the file that Kubernetes mounts: the Service's address, and a client of an Ingress."""

from __future__ import annotations

import http.client

import pytest

from tests.deploy.kubernetes import KUBERNETES
from tests.deploy.test_nginx import ADDRESS, admin_api, ask, dashboard, name_server, needs_nginx

__all__ = ["admin_api", "dashboard", "name_server"]

TEXT = (KUBERNETES / "base" / ADDRESS).read_text(encoding="utf-8")


@pytest.fixture
def address(admin_api: int) -> str:
    """The file with an Admin API and an Ingress on this machine."""
    return TEXT.replace("admin-api:8003", f"127.0.0.1:{admin_api}").replace("10.0.0.0/8", "127.0.0.0/8")


@needs_nginx
def test_a_question_reaches_the_admin_api(dashboard: http.client.HTTPConnection) -> None:
    response, text = ask(dashboard, "/api/v1/events?limit=5", Host="ha.example.org")
    assert response.status == 200
    assert text.startswith("/api/v1/events?limit=5 ['ha.example.org'")


@needs_nginx
def test_the_ingress_names_the_client_last(dashboard: http.client.HTTPConnection) -> None:
    _, text = ask(dashboard, "/api/v1/events", **{"X-Forwarded-For": "203.0.113.7, 192.168.1.20"})
    assert text.endswith("'192.168.1.20']")
