# The image of all Python services: `run websocket-ingestion`, `run enrichment-pipeline`, `run admin-api` or `run all`,
# with the dashboard. Build it from the repository's root: docker build -f infrastructure/docker/services.Dockerfile .

# The files are the same for all platforms, so they are built on the build platform.
FROM --platform=$BUILDPLATFORM node:24.19.0-bookworm-slim AS dashboard
WORKDIR /build
COPY services/health-dashboard/package.json services/health-dashboard/package-lock.json services/health-dashboard/.npmrc ./
RUN npm ci --silent --no-audit --no-fund
COPY services/health-dashboard ./
RUN npm run --silent build && chmod -R a+rX dist

# The minor version with which all tests run.
FROM python:3.11.16-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore \
    UV_NO_CACHE=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY requirements.lock pyproject.toml ./

# uv is installed from the lock with its hash as well.
RUN awk '/^[^[:space:]#]/ { wanted = /^uv==/ } wanted' requirements.lock > uv.lock.txt \
 && pip install --quiet --require-hashes -r uv.lock.txt

# Only the runtime dependencies of the lock, each verified by its hash.
RUN uv venv --quiet /opt/ha-ingestor \
 && uv pip install --quiet --python /opt/ha-ingestor --require-hashes -r pyproject.toml -c requirements.lock \
 && awk '/^hatchling==/ { print $1 }' requirements.lock > tools.txt \
 && uv venv --quiet tools \
 && uv pip install --quiet --python tools --require-hashes -r tools.txt -c requirements.lock

COPY hatch_build.py README.md LICENSE ./
COPY infrastructure/alert-rules.yaml infrastructure/
COPY docs/runbooks docs/runbooks
COPY libs libs
COPY services services
COPY --from=dashboard /build/dist services/health-dashboard/dist
RUN uv build --quiet --wheel --no-build-isolation --python tools --out-dir wheels \
 && uv pip install --quiet --python /opt/ha-ingestor --no-index --no-deps wheels/*.whl \
 && uv pip check --quiet --python /opt/ha-ingestor

FROM python:3.11.16-slim-bookworm
# The folders belong to the user, so that a new volume mounted over one of them does as well.
RUN groupadd --gid 10001 ingestor \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ingestor \
 && install -d -o ingestor -g ingestor -m 0700 /data \
      /tokens/websocket-ingestion /tokens/enrichment-pipeline /tokens/admin-api \
 && install -d -o ingestor -g ingestor -m 0755 /tokens/prometheus /tokens/grafana
COPY --from=build /opt/ha-ingestor /opt/ha-ingestor
COPY --chmod=0644 infrastructure/compose/init_influxdb.py infrastructure/docker/healthcheck.py /opt/
# Not in the environment: there, an empty variable of a passed .env would mean 127.0.0.1.
COPY --chmod=0644 infrastructure/docker/container.env /opt/.env
# --build-arg HA_INGESTOR_COMMIT="$(git rev-parse HEAD)": the commit shown by /api/v1/version.
ARG HA_INGESTOR_COMMIT=
ENV HA_INGESTOR_COMMIT=$HA_INGESTOR_COMMIT
ENV PATH=/opt/ha-ingestor/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# Not /data: settings are read from .env in the working directory, which a service must not be able to write.
WORKDIR /opt
USER 10001:10001
VOLUME /data
EXPOSE 8001 8002 8003
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=60s CMD ["python", "-S", "/opt/healthcheck.py"]
ENTRYPOINT ["ha-ingestor"]
CMD ["run", "all"]
