#!/usr/bin/env bash
# Plants mutants in one folder of src/LocalHessian and runs the tests of that folder and of those that use it:
#   eng/mutants.sh Operators [options of dotnet stryker]
# The report is tests/LocalHessian.Tests/StrykerOutput/<time>/reports/mutation-report.md; docs/testing.md has the scores.
set -euo pipefail
folder=${1:?a folder of src/LocalHessian, such as Operators}
shift
cd "$(dirname "$0")/../tests/LocalHessian.Tests"
[[ -d ../../src/LocalHessian/$folder ]] || { echo "There is no folder src/LocalHessian/$folder." >&2; exit 2; }

# Whose tests see a folder beside its own.
case ${folder%%/*} in
  Internal) tests="Internal Curvature Analysis Monitoring Parallel" ;;
  Operators) tests="Operators Solvers Spectra.Lanczos" ;;
  Blocks) tests="Blocks Scaling Analysis" ;;
  Scaling) tests="Scaling Optim.Measure Optim.Rule Optim.Chain Options" ;;
  Analysis) tests="Analysis Monitoring" ;;
  *) tests=${folder%%/*} ;;
esac
filter=""
for name in $tests Options; do filter+="FullyQualifiedName~LocalHessian.Tests.$name|"; done

# Stryker asks dotnet --info, and takes a busy machine's silence for a missing SDK.
export DOTNET_INFO_WAIT_TIME=${DOTNET_INFO_WAIT_TIME:-120000}
dotnet tool restore >/dev/null
exec dotnet stryker --mutate "$folder/**/*.cs" --test-case-filter "${filter%|}" "$@"
