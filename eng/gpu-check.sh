#!/bin/sh
# Builds a folder that is taken to a machine with a GPU: no SDK and no network are needed there, only libtorch's libraries of TorchSharp's version
# (those of a PyTorch installation). Then, inside it: ./gpu-check [--device cuda] [--libtorch FOLDER] [--data-root FOLDER] [--out FOLDER] [--quick]
#
#   eng/gpu-check.sh FOLDER      builds FOLDER and FOLDER.tar.xz
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
out=${1:?"a folder to build into is needed"}
mkdir -p "$out"
out=$(cd "$out" && pwd)

for project in samples/VggCifar samples/SpectrumTour benchmarks/LocalHessian.Benchmarks eng/gpu-check/GpuCheck.csproj; do
    dotnet publish "$root/$project" -c Release -r linux-x64 --self-contained -o "$out/app" -v q --nologo \
        -p:TorchBackend=none -p:LocalHessianMendNative=force -p:DebugType=none -p:GenerateDocumentationFile=false -p:ValidateExecutableReferencesMatchSelfContained=false
done

# The counter of operations, for machines without a compiler. Empty libraries stand in for libtorch, so that the counter names those that it
# needs: .NET loads libtorch for itself alone, and what names nothing finds nothing in it.
if command -v g++ > /dev/null; then
    stand_in=$(mktemp -d)
    for library in torch_cpu c10; do g++ -shared -x c++ -o "$stand_in/lib$library.so" /dev/null; done
    g++ -std=c++17 -O1 -shared -fPIC -o "$out/app/liboperations.so" "$root/tests/LocalHessian.Tests/Devices/operations.cpp" \
        -L"$stand_in" -Wl,--no-as-needed -ltorch_cpu -lc10
    rm -r "$stand_in"
fi

cat > "$out/gpu-check" <<'SCRIPT'
#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
libtorch=${LIBTORCH:-}
previous=
for argument in "$@"; do
    if [ "$previous" = --libtorch ]; then libtorch=$argument; fi
    previous=$argument
done
if [ -z "$libtorch" ]; then
    libtorch=$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))' 2> /dev/null || true)
fi
LD_LIBRARY_PATH=$libtorch:${LD_LIBRARY_PATH:-}
DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 # a bare image has no ICU
export LD_LIBRARY_PATH DOTNET_SYSTEM_GLOBALIZATION_INVARIANT
exec "$here/app/GpuCheck" "$@"
SCRIPT
chmod +x "$out/gpu-check"
tar -C "$(dirname "$out")" -cJf "$out.tar.xz" "$(basename "$out")"
du -sh "$out" "$out.tar.xz"
