#!/usr/bin/env bash
# Install the Debian packages given as arguments when they are missing and this is possible; tests that need a
# missing program skip with a reason.
set -u
command -v apt-get >/dev/null || { echo "no apt-get: tests that compare with reference programs will skip"; exit 0; }
missing=()
for package in "$@"; do
  command -v "$package" >/dev/null && continue
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} = 0 ] && exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo=$(command -v sudo) || { echo "not root: tests that need ${missing[*]} will skip"; exit 0; }
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq || true
for package in "${missing[@]}"; do
  $sudo apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 || echo "could not install $package: its tests will skip"
done
exit 0
