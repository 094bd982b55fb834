"""Prepare InfluxDB by init_influxdb.py, and keep the services' tokens in a Secret of Kubernetes.

Runs as the Job influxdb-init with the standard library alone. The Secret is mounted, so that the tokens in it are kept
while InfluxDB knows them; new ones are written by the one request that the Job's account may make.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from pathlib import Path

import init_influxdb

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TIMEOUT_S = 30.0


def restore(secret_dir: Path, tokens_dir: Path) -> None:
    """Write the tokens of the mounted Secret to where init_influxdb.py looks for them; what is there is newer."""
    for key in secret_dir.iterdir():
        service, _, name = key.name.rpartition(".")
        path = tokens_dir / service / name
        if service and key.is_file() and not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_bytes(key.read_bytes())


def published(tokens_dir: Path) -> dict[str, str]:
    """Return the tokens by their keys in the Secret, such as `admin-api.write-token`."""
    return {
        f"{path.parent.name}.{path.name}": path.read_text(encoding="ascii").strip()
        for path in sorted(tokens_dir.glob("*/*"))
        if not path.name.startswith(".")
    }


def publish(tokens: Mapping[str, str], environment: Mapping[str, str], account: Path = _ACCOUNT) -> None:
    """Write the tokens into the Secret; raises ProblemError when Kubernetes does not accept them."""
    namespace = (account / "namespace").read_text(encoding="ascii").strip()
    path = f"/api/v1/namespaces/{namespace}/secrets/{environment['SECRET_NAME']}"
    data = {key: base64.b64encode(token.encode("ascii")).decode("ascii") for key, token in tokens.items()}
    headers = {
        "Authorization": f"Bearer {(account / 'token').read_text(encoding='ascii').strip()}",
        "Content-Type": "application/merge-patch+json",
    }
    connection = HTTPSConnection(
        environment["KUBERNETES_SERVICE_HOST"],
        int(environment["KUBERNETES_SERVICE_PORT"]),
        timeout=_TIMEOUT_S,
        context=ssl.create_default_context(cafile=str(account / "ca.crt")),
    )
    try:
        connection.request("PATCH", path, json.dumps({"data": data}), headers)
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
    except (OSError, HTTPException) as err:
        raise init_influxdb.ProblemError(f"Kubernetes does not answer ({err}); check its network policies") from err
    finally:
        connection.close()
    if response.status != HTTPStatus.OK:
        raise init_influxdb.ProblemError(f"Kubernetes refused {path}: {response.status} {body[:300]}")


def main() -> None:
    """Prepare the InfluxDB that the environment names; ends with 1 and a sentence when that can't be done."""
    secret_dir, tokens_dir = Path(os.environ["SECRET_DIR"]), Path(os.environ["TOKENS_DIR"])
    restore(secret_dir, tokens_dir)
    init_influxdb.main()
    try:
        publish(published(tokens_dir), os.environ)
    except init_influxdb.ProblemError as err:
        sys.exit(f"The tokens are not published: {err}")


if __name__ == "__main__":
    main()
