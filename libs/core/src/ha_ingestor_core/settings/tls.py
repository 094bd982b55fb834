"""Verification of a server's TLS certificate: by the system's authorities, by an additional one, or not at all."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
from msgspec import Struct


class Tls(Struct, frozen=True):
    """`ca_file` is a PEM file with additional authorities; without `verify` every certificate is accepted."""

    ca_file: Path | None = None
    verify: bool = True

    def context(self) -> ssl.SSLContext | None:
        """Return the context for a client, None for the default one; raises OSError where the file cannot be used."""
        if self.verify and self.ca_file is None:
            return None
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif self.ca_file is not None:
            context.load_verify_locations(cafile=self.ca_file)
        return context

    def connector(self) -> aiohttp.TCPConnector:
        """Return a connector of aiohttp with this context."""
        return aiohttp.TCPConnector(ssl=self.context() or True)

    def problem(self) -> str | None:
        """Return the problem with the file; None where there is none."""
        try:
            self.context()
        except ssl.SSLError:
            return f"{self.ca_file} contains no certificate in PEM format"
        except OSError as err:
            return f"{self.ca_file}: {err.strerror}"
        return None


USUAL_TLS = Tls()


def refused_certificate(address: str, err: BaseException, ca_setting: str) -> str | None:
    """Return the message for an untrusted certificate; None for any other error."""
    if not isinstance(err, aiohttp.ClientConnectorCertificateError):
        return None
    cause = err.certificate_error
    reason = getattr(cause, "verify_message", "") or str(cause)
    return (
        f"The certificate of {address} is not trusted: {reason}. Set {ca_setting} to the PEM file of its "
        "certificate authority, or use the host name for which it was issued"
    )
