#!/usr/bin/env bash
# Plants mutants in one folder of src/LocalHessian, or of a sample, and runs the tests that see it:
#   eng/mutants.sh Operators [options of dotnet stryker]
#   eng/mutants.sh VggCifar/Training
# The report is tests/<project>/StrykerOutput/<time>/reports/mutation-report.md; docs/testing.md has the scores.
set -euo pipefail
folder=${1:?a folder, such as Operators (of src/LocalHessian) or VggCifar/Training (of samples)}
shift
cd "$(dirname "$0")/.."

if [[ -d src/LocalHessian/$folder ]]; then
  # Whose tests see a folder beside its own.
  case ${folder%%/*} in
    Internal) tests="Internal Curvature Analysis Monitoring Parallel" ;;
    Operators) tests="Operators Solvers Spectra.Lanczos" ;;
    Blocks) tests="Blocks Zoo.AnyNetwork" ;; # others take ten seconds a mutant
    Scaling) tests="Scaling Optim.Measure Optim.Rule Optim.Chain Options" ;;
    Analysis) tests="Analysis Monitoring" ;;
    *) tests=${folder%%/*} ;;
  esac
  filter=""
  for name in $tests Options NullArgument; do filter+="FullyQualifiedName~LocalHessian.Tests.$name|"; done
  cd tests/LocalHessian.Tests
elif [[ $folder == VggCifar/* && -d samples/$folder ]]; then
  folder=${folder#VggCifar/}
  filter="Category!=Slow"
  cd tests/VggCifar.Tests
else
  echo "There is no folder src/LocalHessian/$folder, and no samples/$folder of VggCifar." >&2
  exit 2
fi

# Stryker asks dotnet --info, and takes a busy machine's silence for a missing SDK.
export DOTNET_INFO_WAIT_TIME=${DOTNET_INFO_WAIT_TIME:-120000}
dotnet tool restore >/dev/null
exec dotnet stryker --mutate "$folder/**/*.cs" --test-case-filter "${filter%|}" "$@"
