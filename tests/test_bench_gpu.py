"""The check that waits for a GPU runs today, at a toy's size, so that it cannot rot."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = next(parent for parent in Path(__file__).resolve().parents if (parent / "bench/gpu.sh").exists())
ROWS = {
    "gpu tests": ["passed", "skipped"],
    "86M encoder": ["tokens_per_second"],
    "86M decoder": ["tokens_per_second"],
    "dnalm-base": ["tokens_per_second", "waits_for_data"],
    "scan": ["windows_per_second", "waits_for_data"],
    "scan in tiles": ["bases_per_second", "times_windows", "pearson", "most_apart"],
    "variants": ["variants_per_second", "fast_variants_per_second", "fast_spearman"],
    "generation": ["bases_per_second"],
    "86M encoder, compiled": ["tokens_per_second"],
    "86M decoder, compiled": ["tokens_per_second"],
}


@pytest.mark.slow
def test_every_row_has_its_figures(tmp_path):
    env = os.environ | {"OUT": str(tmp_path), "PYTHON": sys.executable}
    done = subprocess.run([ROOT / "bench/gpu.sh", "--toy"], capture_output=True, text=True, env=env)
    told = json.loads((tmp_path / "gpu.json").read_text())
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("gpu ratio=")
    assert [row["name"] for row in told["rows"]] == list(ROWS)
    for row in told["rows"]:
        assert all(math.isfinite(row[name]) for name in ROWS[row["name"]])
