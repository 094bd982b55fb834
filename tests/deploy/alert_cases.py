"""Series with which each Prometheus alert fires, and with which it does not, in the format of promtool."""

from __future__ import annotations

from typing import NamedTuple


class AlertCase(NamedTuple):
    """Samples once a minute: with `firing` the alert fires at `at`, with `silent` it does not."""

    at: str
    firing: dict[str, str]
    silent: dict[str, str]


CASES: dict[str, AlertCase] = {
    "InfluxDBQueryFailures": AlertCase(
        "12m",
        {
            'admin_api_influxdb_queries_total{endpoint="events",status="error"}': "0+12x20",
        },
        {
            'admin_api_influxdb_queries_total{endpoint="events",status="error"}': "0+5x20",
        },
    ),
    "InfluxDBSlowQueries": AlertCase(
        "12m",
        {
            'admin_api_influxdb_query_duration_seconds_bucket{endpoint="events",le="0.5"}': "0+1x20",
            'admin_api_influxdb_query_duration_seconds_bucket{endpoint="events",le="1"}': "0+10x20",
            'admin_api_influxdb_query_duration_seconds_bucket{endpoint="events",le="+Inf"}': "0+10x20",
        },
        {
            'admin_api_influxdb_query_duration_seconds_bucket{endpoint="events",le="0.5"}': "0+10x20",
            'admin_api_influxdb_query_duration_seconds_bucket{endpoint="events",le="1"}': "0+10x20",
            'admin_api_influxdb_query_duration_seconds_bucket{endpoint="events",le="+Inf"}': "0+10x20",
        },
    ),
    "InfluxDBConnectionDown": AlertCase(
        "3m",
        {
            "admin_api_influxdb_connected": "0x20",
        },
        {
            "admin_api_influxdb_connected": "1 0 1x18",
        },
    ),
    "HAIngestorTargetDown": AlertCase(
        "3m",
        {
            'up{job="ha-ingestor"}': "0x20",
        },
        {
            'up{job="ha-ingestor"}': "1 0 1x18",
            'up{job="another"}': "0x20",
        },
    ),
    "HAIngestorTokenRefused": AlertCase(
        "1m",
        {
            'ha_ingestor_websocket_ingestion_connection_state{home="home",state="auth_invalid"}': "1x20",
        },
        {
            'ha_ingestor_websocket_ingestion_connection_state{home="home",state="auth_invalid"}': "0x20",
            'ha_ingestor_websocket_ingestion_connection_state{home="home",state="connected"}': "1x20",
        },
    ),
    "HAIngestorAddressForbidden": AlertCase(
        "1m",
        {
            'ha_ingestor_websocket_ingestion_connection_state{home="home",state="forbidden"}': "1x20",
        },
        {
            'ha_ingestor_websocket_ingestion_connection_state{home="home",state="auth_invalid"}': "1x20",
        },
    ),
    "HAIngestorCertificateRefused": AlertCase(
        "1m",
        {
            'ha_ingestor_websocket_ingestion_connection_state{home="home",state="certificate_refused"}': "1x20",
        },
        {
            'ha_ingestor_websocket_ingestion_connection_state{home="home",state="auth_invalid"}': "1x20",
        },
    ),
    "HAIngestorHomeAssistantUnreachable": AlertCase(
        "6m",
        {
            'ha_ingestor_websocket_ingestion_connected{home="home"}': "0x20",
        },
        {
            'ha_ingestor_websocket_ingestion_connected{home="home"}': "0x3 1x17",
        },
    ),
    "HAIngestorEventsStopped": AlertCase(
        "25m",
        {
            'ha_ingestor_websocket_ingestion_events_received_total{home="home",kind="live"}': "100x40",
            'ha_ingestor_websocket_ingestion_connected{home="home"}': "1x40",
        },
        {
            'ha_ingestor_websocket_ingestion_events_received_total{home="home",kind="live"}': "0x20 1x20",
            'ha_ingestor_websocket_ingestion_events_received_total{home="home",kind="snapshot"}': "100x40",
            'ha_ingestor_websocket_ingestion_connected{home="home"}': "1x40",
            'ha_ingestor_websocket_ingestion_events_received_total{home="away",kind="live"}': "100x40",
            'ha_ingestor_websocket_ingestion_connected{home="away"}': "0x40",
        },
    ),
    "HAIngestorQueueGrowing": AlertCase(
        "20m",
        {
            'ha_ingestor_websocket_ingestion_spool_events{home="home"}': "0+20x40",
        },
        {
            'ha_ingestor_websocket_ingestion_spool_events{home="home"}': "5000x40",
            'ha_ingestor_websocket_ingestion_spool_events{home="other"}': "5000-20x40",
        },
    ),
    "HAIngestorEventsLate": AlertCase(
        "5m",
        {
            'ha_ingestor_websocket_ingestion_spool_oldest_seconds{home="home"}': "0+60x20",
        },
        {
            'ha_ingestor_websocket_ingestion_spool_oldest_seconds{home="home"}': "0 90 0x18",
        },
    ),
    "HAIngestorWritesFailing": AlertCase(
        "5m",
        {
            'ha_ingestor_enrichment_pipeline_write_duration_seconds_count{status="error"}': "0+5x20",
            'ha_ingestor_enrichment_pipeline_write_duration_seconds_count{status="success"}': "40x20",
        },
        {
            'ha_ingestor_enrichment_pipeline_write_duration_seconds_count{status="error"}': "0+5x20",
            'ha_ingestor_enrichment_pipeline_write_duration_seconds_count{status="success"}': "40+5x20",
        },
    ),
    "HAIngestorReadingPaused": AlertCase(
        "3m",
        {
            'ha_ingestor_websocket_ingestion_reading_paused{home="home"}': "1x20",
        },
        {
            'ha_ingestor_websocket_ingestion_reading_paused{home="home"}': "0 1 0x18",
        },
    ),
    "HAIngestorGapOpen": AlertCase(
        "35m",
        {
            'ha_ingestor_websocket_ingestion_gaps_open{home="home"}': "1x60",
        },
        {
            'ha_ingestor_websocket_ingestion_gaps_open{home="home"}': "1x20 0x40",
        },
    ),
    "HAIngestorEventsRejected": AlertCase(
        "10m",
        {
            'ha_ingestor_enrichment_pipeline_events_total{outcome="rejected"}': "0x5 3x30",
        },
        {
            'ha_ingestor_enrichment_pipeline_events_total{outcome="rejected"}': "3x40",
            'ha_ingestor_enrichment_pipeline_events_total{outcome="processed"}': "0+100x40",
        },
    ),
    "HAIngestorRejectedEventsFull": AlertCase(
        "1m",
        {
            "ha_ingestor_enrichment_pipeline_rejected_file_bytes": "90x20",
            "ha_ingestor_enrichment_pipeline_rejected_file_limit_bytes": "100x20",
        },
        {
            "ha_ingestor_enrichment_pipeline_rejected_file_bytes": "70x20",
            "ha_ingestor_enrichment_pipeline_rejected_file_limit_bytes": "100x20",
        },
    ),
    "HAIngestorFallbackActive": AlertCase(
        "6m",
        {
            'ha_ingestor_admin_api_fallback_answers_total{endpoint="stats"}': "0+3x20",
            "admin_api_influxdb_connected": "1 0x20",
        },
        {
            'ha_ingestor_admin_api_fallback_answers_total{endpoint="stats",instance="idle"}': "9x20",
            'ha_ingestor_admin_api_fallback_answers_total{endpoint="stats",instance="recovered"}': "0 0 3 6 9 9x20",
            'admin_api_influxdb_connected{instance="recovered"}': "1 1 0 0 0 1x20",
        },
    ),
    "HAIngestorDiskFilling": AlertCase(
        "3m",
        {
            "ha_ingestor_disk_free_bytes": "5x20",
            "ha_ingestor_disk_size_bytes": "100x20",
        },
        {
            "ha_ingestor_disk_free_bytes": "20x20",
            "ha_ingestor_disk_size_bytes": "100x20",
        },
    ),
    "HAIngestorClockOffset": AlertCase(
        "6m",
        {
            'ha_ingestor_websocket_ingestion_clock_offset_seconds{home="home"}': "-90x20",
        },
        {
            'ha_ingestor_websocket_ingestion_clock_offset_seconds{home="home"}': "30x20",
        },
    ),
}
