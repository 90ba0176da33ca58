"""A scan in miniature, with all that a hub is made of: genome, signal, peaks, calling.json, a model's card."""

import json

import numpy as np
import pandas as pd
from genomes import make, random_codes

from dnalm.dna import bigwig, seq
from dnalm.scan import narrow, peaks

STRIDE = 50
CARD = (
    "---\nlibrary_name: transformers\ntags:\n- dna\n---\n\n# A model <of> ours\n\n"
    "| | |\n|---|---|\n| epochs | 5 |\n| loss | a & b |\n\nOne logit a window.\n"
)
SEEN = {"cutoff": 0.6, "called": 2, "maxima": 90, "true": 25, "interval": [0.01, 0.09], "reason": None}
NULL = {"cutoff": 0.9, "called": 1, "maxima": 400, "reason": None}
REPORT = {"asked": 0.05, "min_score": 0.0, "by": "validation", "over": "the test places", "candidates": 40}
REPORT |= {"validation": SEEN, "null": NULL}
ROWS = [("chrB", 1000, 1200, 0.9, 100), ("chrB", 30_000, 30_150, 0.7, 75), ("chrA", 500, 650, 0.65, 75)]


def genome(folder):
    """Two contigs, with N and lower case."""
    one, two = seq.decode(random_codes(0, 8000)), seq.decode(random_codes(1, 40_000))
    return make(folder, {"chrA": one[:3000] + "N" * 500 + one[3500:].lower(), "chrB": two}, {"test": ["chrB"]})


def scan(folder, rows=ROWS, report=REPORT):
    """Files of a scan of that genome, by the options of write_hub.py."""
    folder.mkdir(parents=True, exist_ok=True)
    track = np.full(800, 0.02, np.float32)
    track[[20, 600]] = 0.9, 0.7
    bigwig.write(folder / "toy.bw", {"chrA": 8000, "chrB": 40_000}, {"chrB": track}, STRIDE)
    found = pd.DataFrame(rows, columns=["chrom", "start", "end", "signal", "peak"])
    found = found.astype({"start": int, "end": int, "signal": float, "peak": int})
    table = found.assign(p=2.0, q=1.5, strand=".", score=(found.signal * 1000).round().astype(int))
    table = table.sort_values(["chrom", "start"]).assign(name=[f"peak_{row}" for row in range(len(found))])
    narrow.write(folder / "toy.narrowPeak.gz", table[peaks.COLUMNS])
    (folder / "toy.calling.json").write_text(json.dumps(report))
    (folder / "model").mkdir(exist_ok=True)
    (folder / "model/README.md").write_text(CARD)
    (folder / "model/model.safetensors").write_bytes(b"weights")
    names = {"signal": "toy.bw", "called": "toy.narrowPeak.gz", "calling": "toy.calling.json", "model": "model"}
    return {name: folder / file for name, file in names.items()}
