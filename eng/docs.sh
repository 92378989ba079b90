#!/usr/bin/env bash
# Builds the site from README, docs/ and the XML docs into artifacts/site, and checks its links. Any warning ends it with an error.
#   eng/docs.sh            then open artifacts/site/index.html with: dotnet docfx serve artifacts/site
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rm -rf artifacts/site eng/site/api
dotnet tool restore
dotnet docfx eng/site/docfx.json --warningsAsErrors
cp artifacts/site/README.html artifacts/site/index.html
dotnet run eng/check-site.cs -- artifacts/site
