#!/usr/bin/env bash
# system-packages.sh NAME...: see to it that Debian packages are there. @GROUP stands for a group of
# deploy/lab/debian-packages.txt. Where we are root and there is apt, what is missing is named and installed; else one line
# says what to install. It never fails for lack of a package: without the lab the demo runs on twins, and tests are skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

list=deploy/lab/debian-packages.txt
policy=${POINTSMAN_POLICY_RC:-/usr/sbin/policy-rc.d} # invoke-rc.d asks it before it starts a service
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf 'pointsman: %s\n' "$*" >&2; }

wanted() {
  local word
  for word in "$@"; do
    if [[ $word == @* ]]; then
      awk -v group="[${word#@}]" '{ sub(/#.*/, "") } NF && /^\[/ { found = $1 == group; next } NF && found { print $1 }' "$list"
    else
      echo "$word"
    fi
  done
}

missing() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

enabled_units() { systemctl --root=/ list-unit-files --state=enabled --no-legend 2>/dev/null | awk '{ print $1 }' | sort; }

apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq \
    -o DPkg::Lock::Timeout=300 -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
    "$@" </dev/null >>"$log" 2>&1
}

install() { apt install -y --no-install-recommends "$@"; }

known() {
  local package
  for package in "$@"; do
    apt-cache show "$package" >/dev/null 2>&1 && echo "$package"
  done
}

# The package lists are fetched only when the ones here do not do; what this release does not have is left out.
install_with_patience() {
  local -a rest
  install "$@" && return
  apt update || return
  install "$@" && return
  mapfile -t rest < <(known "$@")
  [ ${#rest[@]} -gt 0 ] && [ ${#rest[@]} -lt $# ] && install "${rest[@]}"
}

# The lab starts every daemon itself, in namespaces: the machine shall neither run them now nor after a reboot.
install_quietly() {
  local before unit result=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$log" "$policy"' EXIT
  fi
  before=$(enabled_units)
  install_with_patience "$@" || result=$?
  for unit in $(comm -13 <(echo "$before") <(enabled_units)); do
    systemctl --root=/ disable --quiet "$unit" >>"$log" 2>&1 || say "could not disable $unit"
  done
  return "$result"
}

mapfile -t packages < <(wanted "$@")
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  say "no apt here; to have everything, install what these Debian packages hold: ${packages[*]}"
  exit 0
fi
mapfile -t lacking < <(missing "${packages[@]}")
[ ${#lacking[@]} -gt 0 ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
  say "to have everything: sudo apt-get install --no-install-recommends ${lacking[*]}"
  exit 0
fi
say "installing Debian packages (their services stay off): ${lacking[*]}"
if ! install_quietly "${lacking[@]}"; then
  tail -n 3 "$log" >&2
fi
mapfile -t lacking < <(missing "${lacking[@]}")
[ ${#lacking[@]} -eq 0 ] || say "going on without: ${lacking[*]}"
