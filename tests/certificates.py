"""Certificates for tests: a private authority and a server certificate, created by openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_certificates(folder: Path) -> Path:
    """Create a self-signed authority in ca.pem, and server.pem and server.key for 127.0.0.1; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-subj")
    _openssl(folder, *new, "/CN=Our authority", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem")
    _openssl(folder, *new, "/CN=server", "-keyout", "server.key", "-out", "server.csr")
    signed_by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names")
    _openssl(folder, "x509", "-req", "-in", "server.csr", "-days", "2", "-out", "server.pem", *signed_by)
    return folder


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
