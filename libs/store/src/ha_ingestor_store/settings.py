"""The settings of the store: InfluxDB if INFLUXDB_URL is set, else the embedded store in DATA_DIR."""

from __future__ import annotations

from pathlib import Path

from ha_ingestor_core.settings.addresses import HttpAddress, credentials_of, without_credentials
from ha_ingestor_core.settings.group import SettingProblem, SettingsGroup
from ha_ingestor_core.settings.home_assistant import tls_problems
from ha_ingestor_core.settings.tls import Tls
from pydantic import Field, SecretStr

from ha_ingestor_store.influx.settings import InfluxSettings, is_on_this_machine

_DAY_S = 86_400


class StoreSettings(SettingsGroup):
    """The store of the events."""

    influxdb_url: HttpAddress | None = Field(
        None,
        validation_alias="INFLUXDB_URL",
        description="Address of InfluxDB 1.x or 2.x, such as http://127.0.0.1:8086; empty: the embedded store",
    )
    influxdb_token: SecretStr | None = Field(
        None,
        validation_alias="INFLUXDB_TOKEN",
        description="Token of InfluxDB 2.x with permission to read (and to write, unless INFLUXDB_WRITE_TOKEN is "
        "set); user:password for 1.x with authentication",
    )
    influxdb_write_token: SecretStr | None = Field(
        None,
        validation_alias="INFLUXDB_WRITE_TOKEN",
        description="Token with permission to write, if reading and writing have separate tokens; INFLUXDB_TOKEN when "
        "unset",
    )
    influxdb_org: str = Field(
        "ha-ingestor",
        validation_alias="INFLUXDB_ORG",
        min_length=1,
        description="Name or ID of the organisation of InfluxDB 2.x; 1.x has none",
    )
    influxdb_bucket: str = Field(
        "home_assistant_events",
        validation_alias="INFLUXDB_BUCKET",
        min_length=1,
        max_length=200,
        pattern=r"^[^\s_/\"\\\x00-\x1f\x7f][^\"\\\x00-\x1f\x7f]*$",
        description="Bucket of InfluxDB 2.x, database or database/policy of 1.x (no quotes or backslashes, no _ at "
        "the beginning); rollups are stored in <bucket>_rollups",
    )
    influxdb_ca_file: Path | None = Field(
        None,
        validation_alias="INFLUXDB_CA_FILE",
        description="PEM file of a certificate authority to trust for INFLUXDB_URL, in addition to those of the system",
    )
    influxdb_verify_tls: bool = Field(
        True,
        validation_alias="INFLUXDB_VERIFY_TLS",
        description="Verify the certificate of INFLUXDB_URL: true or false",
    )
    influxdb_timeout_s: float = Field(
        10.0,
        validation_alias="INFLUXDB_TIMEOUT_S",
        ge=0.1,
        le=300,
        description="Time limit in seconds for a query to InfluxDB; 0.1 to 300",
    )
    influxdb_gzip: bool | None = Field(
        None,
        validation_alias="INFLUXDB_GZIP",
        description="Compress writes to InfluxDB and its answers: true or false; when unset, they are compressed "
        "unless InfluxDB runs on this machine",
    )
    event_retention_days: int = Field(
        0,
        validation_alias="EVENT_RETENTION_DAYS",
        ge=0,
        le=36_500,
        description="Days for which the embedded store keeps events (0: unlimited)",
    )
    raw_retention_days: int = Field(
        0,
        validation_alias="INFLUXDB_RETENTION_DAYS",
        ge=0,
        le=36_500,
        description="Days for which InfluxDB keeps events, if HA Ingestor creates the bucket (0: unlimited)",
    )
    rollup_retention_days: int = Field(
        0,
        validation_alias="INFLUXDB_ROLLUP_RETENTION_DAYS",
        ge=0,
        le=36_500,
        description="Days for which InfluxDB keeps the rollups for queries of long periods (0: unlimited)",
    )
    data_dir: Path = Field(
        Path("data"),
        validation_alias="DATA_DIR",
        description="Folder of the embedded store, the spool and all state files; must not be on a network file system",
    )

    @property
    def usual_batch_age_ms(self) -> int:
        """How long events wait for others to form a batch; a request to a server costs more than a local commit."""
        return 10 if self.influxdb_url is None else 20

    def problems(self) -> list[SettingProblem]:
        """Return the problems of fields in combination."""
        problems = tls_problems(self._tls, "INFLUXDB_CA_FILE")
        if self.influxdb_url is None or credentials_of(self.influxdb_url) is None:
            return problems
        if self.influxdb_token is None and self.influxdb_write_token is None:
            return problems
        message = "contains a user and a password, but INFLUXDB_TOKEN is also set: only one of them can be sent"
        return [*problems, SettingProblem("INFLUXDB_URL", message, "an address without user:password@")]

    @property
    def _tls(self) -> Tls:
        return Tls(self.influxdb_ca_file, self.influxdb_verify_tls)

    def for_demo(self, name: str) -> StoreSettings:
        """Return the settings of a demo home: a separate folder and bucket, so that it never mixes with a real home."""
        return self.model_copy(
            update={"data_dir": self.data_dir / name, "influxdb_bucket": f"{self.influxdb_bucket}_{name}"}
        )

    def influx(self) -> InfluxSettings:
        """Return the settings of an InfluxDB dialect; `influxdb_url` must be set."""
        url = self.influxdb_url or ""
        return InfluxSettings(
            url=without_credentials(url) if url else url,
            token=_secret(self.influxdb_token) or (credentials_of(url) if url else None) or "",
            write_token=_secret(self.influxdb_write_token),
            org=self.influxdb_org,
            bucket=self.influxdb_bucket,
            timeout_s=self.influxdb_timeout_s,
            tls=self._tls,
            raw_retention_s=self.raw_retention_days * _DAY_S,
            rollup_retention_s=self.rollup_retention_days * _DAY_S,
            packs=not is_on_this_machine(url) if self.influxdb_gzip is None else self.influxdb_gzip,
        )


def _secret(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
