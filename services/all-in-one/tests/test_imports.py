"""What `ha-ingestor` imports: nothing that a home without InfluxDB has no use for."""

from __future__ import annotations

import subprocess
import sys


def test_influxdb_client_is_imported_by_nobody_who_has_no_influxdb() -> None:
    code = "import sys, ha_ingestor.cli, ha_ingestor.roles; print('influxdb_client' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
