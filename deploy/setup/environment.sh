#!/usr/bin/env bash
# Make .venv, or bring it up to the lock files: locked packages with hashes, then the project itself, editable.
# uv does the work in seconds; where it cannot be had, or cannot reach the index that pip is configured for, pip does.
# Arguments are further lock files to install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

locks=(--require-hashes -r requirements.lock -r deploy/setup/build.lock)
for lock in "$@"; do locks+=(-r "$lock"); done
project=(--no-deps --no-build-isolation --editable .)

say() { printf 'pointsman: %s\n' "$*" >&2; }

# A name on PATH can be a shim for a Python that is not there, so each candidate is run.
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if is_new_enough "$name"; then
      echo "$name"
      return
    fi
  done
  say 'Python 3.11 or newer was not found; install it (Debian and Ubuntu: apt-get install python3 python3-venv) and run make again.'
  return 1
}

# Debian ships Python without ensurepip; the package that brings it is named after the version.
make_environment() {
  local python=$1 package
  say "making .venv with $("$python" --version)"
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if uv --version >/dev/null 2>&1; then
      uv venv --quiet --python "$python" .venv
      return
    fi
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    deploy/setup/system-packages.sh "$package"
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
      say "$python cannot make environments; install $package and run make again."
      return 1
    fi
  fi
  "$python" -m venv --clear .venv
}

find_uv() {
  if uv --version >/dev/null 2>&1; then
    echo uv
  elif .venv/bin/uv --version >/dev/null 2>&1 ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/setup/installer.lock >&2; then
    echo .venv/bin/uv
  fi
}

install_with_uv() {
  "$1" pip install --quiet --python .venv/bin/python "${locks[@]}" &&
    "$1" pip install --quiet --python .venv/bin/python "${project[@]}"
}

install_with_pip() {
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "${locks[@]}" &&
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "${project[@]}"
}

is_new_enough .venv/bin/python || make_environment "$(find_python)"
say "installing the locked packages into .venv"
uv=$(find_uv)
if [ -n "$uv" ] && install_with_uv "$uv"; then
  exit 0
fi
say "uv could not do it; trying pip"
install_with_pip || {
  say "the packages could not be installed; the lines above say why (is the package index reachable?)."
  exit 1
}
