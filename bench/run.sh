#!/usr/bin/env bash
# The workloads here and in NumPy, in turn, in one go; prints a table of seconds and ratios. Both sides get the same
# number of threads (default: all cores; THREADS=1 bench/run.sh for one). Needs python3-numpy and libopenblas0
# (installed here with apt-get when missing and allowed).
set -euo pipefail
cd "$(dirname "$0")/.."
python=/usr/bin/python3
threads=${THREADS:-$(nproc)}
if ! "$python" -c 'import numpy' 2>/dev/null || ! ldconfig -p | grep -q libopenblas; then
  apt-get update -qq && apt-get install -y -qq python3-numpy libopenblas0-pthread >/dev/null
fi
export NUGET_FEED=${NUGET_FEED:-$(dotnet nuget list source --format short | awk '$1 == "E" { print $2; exit }')}
dotnet build bench/Workloads -c Release --nologo -v quiet -clp:ErrorsOnly >&2
dotnet build bench/Kernels -c Release --nologo -v quiet -clp:ErrorsOnly >&2
ours="dotnet bench/Workloads/bin/Release/net10.0/Workloads.dll"
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(W1 W2 W3 W4 W5 W6)
printf '%-4s %12s %14s %16s %10s %12s %8s %10s\n' work 'here (s)' 'NumPy (s)' 'NumPy lane (s)' 'batched' 'lane by lane' 'GC (%)' 'LOH (B)'
for name in "${names[@]}"; do
  read -r _ mine gc loh < <($ours "$threads" "$name")
  read -r _ batched alone < <(OPENBLAS_NUM_THREADS=$threads "$python" bench/numpy_workloads.py "$name")
  awk -v n="$name" -v a="$mine" -v b="$batched" -v c="$alone" -v g="$gc" -v l="$loh" \
    'BEGIN { printf "%-4s %12.3f %14.3f %16.2f %9.1fx %11.0fx %8.2f %10d\n", n, a, b, c, b / a, c / a, g, l }'
done
echo
echo "Matrix product 512³, one thread:"
dotnet bench/Kernels/bin/Release/net10.0/Kernels.dll --quick gemm 2>/dev/null | head -8
OPENBLAS_NUM_THREADS=1 "$python" bench/openblas.py
