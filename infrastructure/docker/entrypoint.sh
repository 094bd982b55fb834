#!/bin/sh
# Reads the secrets that are kept in files (INFLUXDB_TOKEN_FILE and the like) into the environment, then becomes ha-ingestor.
set -eu

for name in HA_TOKEN INTERNAL_TOKEN INFLUXDB_TOKEN INFLUXDB_WRITE_TOKEN; do
  eval "file=\${${name}_FILE:-} value=\${${name}:-}"
  [ -n "$file" ] || continue
  if [ -n "$value" ]; then
    echo "${name} and ${name}_FILE are both set: set one of them" >&2
    exit 1
  fi
  value=$(cat -- "$file") || value=
  if [ -z "$value" ]; then
    echo "${name}_FILE: there is no secret to be read in $file" >&2
    exit 1
  fi
  export "$name=$value"
  unset "${name}_FILE"
done

exec ha-ingestor "$@"
