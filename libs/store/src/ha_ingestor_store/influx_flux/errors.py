"""What influxdb-client raises, translated into our errors in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import aiohttp
from ha_ingestor_core.errors import IngestorError, StoreCertificateError, StoreRefusedError, StoreUnavailableError
from ha_ingestor_core.settings.tls import refused_certificate
from influxdb_client.client.flux_csv_parser import FluxQueryException
from influxdb_client.rest import ApiException

from ha_ingestor_store.influx.server.write_answers import quoted, server_message

_TRY_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise StoreRefusedError where a person must act (token, bucket), StoreUnavailableError where a retry helps."""
    try:
        yield
    except IngestorError:
        raise
    except ApiException as err:
        raise _refusal(url, err) from err
    except FluxQueryException as err:  # an error in the middle of an answer
        raise StoreUnavailableError(f"{url}: {err.message}", url=url) from err
    except (aiohttp.ClientError, OSError, TimeoutError) as err:
        if refused := refused_certificate(url, err, "INFLUXDB_CA_FILE"):
            raise StoreCertificateError(refused, url=url) from err
        reason = str(err) or "no answer within the timeout"
        raise StoreUnavailableError(f"{url} did not answer: {reason}", url=url) from err
    except Exception as err:  # the answer is no CSV of InfluxDB: a proxy's page, or the parser stumbles over garbage
        kind = ", but as another program or a proxy would" if isinstance(err, LookupError) else f": {err}"
        raise StoreUnavailableError(f"{url} did not answer with a table{kind}", url=url) from err


def _refusal(url: str, err: ApiException) -> IngestorError:
    status = err.status or 0
    body = err.body or err.message or err.reason or ""
    message = quoted(server_message(body if isinstance(body, bytes) else str(body).encode()))
    text = f"{url} answered {status} to a question: {message}"
    if status in _TRY_AGAIN or not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        retry_after = (getattr(err, "headers", None) or {}).get("Retry-After", "")
        wait_s = float(retry_after) if str(retry_after).isdigit() else None
        return StoreUnavailableError(text, retry_after_s=wait_s, status=status)
    return StoreRefusedError(text, status=status)
