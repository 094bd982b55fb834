# The image of every Python service: `run websocket-ingestion`, `run enrichment-pipeline`, `run admin-api` or `run all`.
# Build it from the repository's root: docker build -f infrastructure/docker/services.Dockerfile .

# The minor version that every test runs with.
FROM python:3.11.16-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore \
    UV_NO_CACHE=1 UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /build
COPY requirements.lock pyproject.toml ./

# uv comes out of the lock, too: with its hash.
RUN awk '/^[^[:space:]#]/ { wanted = /^uv==/ } wanted' requirements.lock > uv.lock.txt \
 && pip install --quiet --require-hashes -r uv.lock.txt

# Of the lock only what runs, each file compared with its hash; what tests and lints stays out.
RUN uv venv --quiet /opt/ha-ingestor \
 && uv pip install --quiet --python /opt/ha-ingestor --require-hashes -r pyproject.toml -c requirements.lock \
 && awk '/^hatchling==/ { print $1 }' requirements.lock > tools.txt \
 && uv venv --quiet tools \
 && uv pip install --quiet --python tools --require-hashes -r tools.txt -c requirements.lock

COPY infrastructure/alert-rules.yaml infrastructure/
COPY docs/runbooks docs/runbooks
COPY libs libs
COPY services services
RUN for project in libs/*/pyproject.toml services/*/pyproject.toml; do \
      uv build --quiet --wheel --no-build-isolation --python tools --out-dir wheels "${project%/*}" || exit 1; \
    done \
 && uv pip install --quiet --python /opt/ha-ingestor --no-index --no-deps wheels/*.whl \
 && uv pip check --quiet --python /opt/ha-ingestor

FROM python:3.11.16-slim-bookworm
# The folders are there and the user's, so that a new volume over one of them is the user's, too.
RUN groupadd --gid 10001 ingestor \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin ingestor \
 && install -d -o ingestor -g ingestor -m 0700 /data \
      /tokens/websocket-ingestion /tokens/enrichment-pipeline /tokens/admin-api
COPY --from=build /opt/ha-ingestor /opt/ha-ingestor
COPY --chmod=0644 infrastructure/compose/init_influxdb.py /opt/
# --build-arg HA_INGESTOR_COMMIT="$(git rev-parse HEAD)": what /api/v1/version says.
ARG HA_INGESTOR_COMMIT=
ENV HA_INGESTOR_COMMIT=$HA_INGESTOR_COMMIT
ENV PATH=/opt/ha-ingestor/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DATA_DIR=/data
# Not /data: settings are read from .env in the working directory, and no service may write its own.
WORKDIR /opt
USER 10001:10001
VOLUME /data
ENTRYPOINT ["ha-ingestor"]
CMD ["run", "all"]
