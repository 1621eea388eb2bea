#!/usr/bin/env bash
# Write the lock files anew from pyproject.toml and the two lists here: versions with hashes, for every platform.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

uv=uv
uv --version >/dev/null 2>&1 || uv=.venv/bin/uv

compile() { "$uv" pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 "$@"; }

compile pyproject.toml --group dev -o requirements.lock "$@"
compile - -c requirements.lock -o deploy/setup/build.lock "$@" <<<$'hatchling>=1.25\neditables'
compile --group pyproject.toml:bench -c requirements.lock -o deploy/setup/bench.lock "$@"
compile - -o deploy/setup/installer.lock "$@" <<<'uv'
