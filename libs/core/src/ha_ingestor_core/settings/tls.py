"""How a server's TLS certificate is verified: by the system's authorities, by one more, or not at all."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
from msgspec import Struct


class Tls(Struct, frozen=True):
    """`ca_file` is a PEM file of authorities that are trusted beside the system's; without `verify` all are."""

    ca_file: Path | None = None
    verify: bool = True

    def context(self) -> ssl.SSLContext | None:
        """Return the context for a client, None for the usual one; raises OSError where the file can't be used."""
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
        """Return aiohttp's connector with this context."""
        return aiohttp.TCPConnector(ssl=self.context() or True)

    def problem(self) -> str | None:
        """What is wrong with the file; None where nothing is."""
        try:
            self.context()
        except ssl.SSLError:
            return f"{self.ca_file} holds no certificate in PEM form"
        except OSError as err:
            return f"{self.ca_file}: {err.strerror}"
        return None


USUAL_TLS = Tls()


def refused_certificate(address: str, err: BaseException, ca_setting: str) -> str | None:
    """The message for a certificate that was refused; None where an error is about something else."""
    if not isinstance(err, aiohttp.ClientConnectorCertificateError):
        return None
    cause = err.certificate_error
    reason = getattr(cause, "verify_message", "") or str(cause)
    return (
        f"The certificate of {address} is not trusted: {reason}. Name the PEM file of its authority in {ca_setting}, "
        "or use the name that the certificate was issued for"
    )
