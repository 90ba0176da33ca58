#!/usr/bin/env bash
# The check for a machine with a GPU: the gpu tests, then every figure, in one table and one JSON; under 8 minutes.
#
#   bench/gpu.sh [WHEELS] [--toy]
#
# Wanted there: torch, transformers, accelerate, numba, pandas, pyyaml. What else is missing (pysam, pyBigWig,
# pybedtools, pytest) is taken from the folder WHEELS, without a network. Without a GPU, or with --toy, all sizes are
# a toy's. The JSON goes to $OUT, or to results/.
set -euo pipefail
wheels=
if [[ $# -gt 0 && $1 != --* ]]; then
  wheels=$(realpath "$1")
  shift
fi
cd "$(dirname "$0")/.."
python=${PYTHON:-$([[ -x .venv/bin/python ]] && echo .venv/bin/python || echo python3)}
if [[ -n $wheels ]]; then
  site=$(mktemp -d)  # not a venv: one made by a venv's Python does not see that venv's torch
  trap 'rm -rf "$site"' EXIT
  "$python" -m pip install --quiet --no-index --no-deps --no-compile --target "$site" "$wheels"/*.whl
  export PYTHONPATH="$site${PYTHONPATH:+:$PYTHONPATH}"
fi
timeout --kill-after=10 470 "$python" bench/bench_gpu.py "$@"  # what was measured until then is in the JSON
