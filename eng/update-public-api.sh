#!/usr/bin/env bash
# Brings PublicAPI.Unshipped.txt of a project (default src/LocalHessian) up to date with the code: adds every public symbol that is not declared
# (RS0016) and drops every declared one that is gone (RS0017). What the diff then shows is the change to review.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_UI_LANGUAGE=en MSBUILDTERMINALLOGGER=off
project=${1:-src/LocalHessian}
file=$project/PublicAPI.Unshipped.txt

build() { dotnet build "$project" -v q --no-incremental 2>&1 || true; }
symbols() { sed -nE "s/.*error $1: Symbol '(.*)' is $2.*/\1/p" <<<"$log" | sort -u; }

log=$(build)
if others=$(grep -E ' error ' <<<"$log" | grep -vE 'RS001[67]'); then
  sort -u <<<"$others"
  echo "Mend these first." >&2
  exit 1
fi

{
  echo '#nullable enable'
  { grep -vxFf <(symbols RS0017 'part of the declared API') "$file" | grep -vx '#nullable enable' || true
    symbols RS0016 'not part of the declared public API'; } | LC_ALL=C sort -u
} >"$file.new"
mv "$file.new" "$file"
git --no-pager diff --stat -- "$file"

if build | grep -E ' error ' | sort -u; then exit 1; fi
