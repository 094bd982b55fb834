# An image that stands for that of the services: same user, folders and paths, and a command that does little.
FROM python:3.11.16-slim-bookworm
RUN groupadd --gid 10001 ingestor && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data ingestor \
 && install -d -o ingestor -g ingestor -m 0700 /data /tokens/websocket-ingestion /tokens/enrichment-pipeline \
      /tokens/admin-api /tokens/prometheus /tokens/grafana
RUN echo 'print("prepared")' > /opt/init_influxdb.py
COPY --chmod=0755 stand_in/ha_ingestor.py /usr/local/bin/ha-ingestor
ARG HA_INGESTOR_COMMIT=
ENV HA_INGESTOR_COMMIT=$HA_INGESTOR_COMMIT PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY stand_in/release.json /opt/
USER 10001:10001
VOLUME /data
HEALTHCHECK --interval=1s --timeout=10s --retries=20 --start-period=10s CMD ["python", "-S", "-c", \
  "import http.client as h, pathlib as p; n = {b'websocket-ingestion': 8001, b'enrichment-pipeline': 8002}; w = p.Path('/proc/1/cmdline').read_bytes().split(b'\\0'); c = h.HTTPConnection('127.0.0.1', next((n[x] for x in w if x in n), 8003), timeout=2); c.request('GET', '/health'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["ha-ingestor"]
CMD ["run", "all"]
