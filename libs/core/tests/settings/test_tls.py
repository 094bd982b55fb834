"""Certificates of authorities of one's own."""

from __future__ import annotations

import ssl
from pathlib import Path

from ha_ingestor_core.settings.tls import Tls


def test_the_usual_context_is_the_libraries_own() -> None:
    assert Tls().context() is None


def test_without_verification_every_certificate_is_accepted() -> None:
    context = Tls(verify=False).context()
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


def test_a_file_that_holds_no_certificate_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hello")
    assert "no certificate" in str(Tls(tmp_path / "ca.pem").problem())
    assert "No such file" in str(Tls(tmp_path / "away.pem").problem())
    assert Tls().problem() is None
