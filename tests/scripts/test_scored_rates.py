"""What a scorecard says of false discovery rates: of the model by either estimate, and of a baseline that scans."""

import json

import genomes
import numpy as np
import pandas as pd
import pytest

import call_peaks
import scan_baselines
import score_peaks
from dnalm.dna import bigwig, seq
from dnalm.scan import places
from dnalm.targets import baselines

STEP, LENGTH, SITES = 10, 60_000, 40
WORD = seq.encode("CCACTAGGGGGCGCTA")


@pytest.fixture
def world(tmp_path):
    """Two contigs with a word at 40 places; on the test contig every second place is in the truth, else each."""
    rng = np.random.default_rng(0)
    contigs, values, lines = {}, np.full(LENGTH // STEP, 0.01, np.float32), []
    at = 1000 + np.arange(SITES) * 1400
    for name in ("known", "held"):
        codes = rng.integers(0, 4, LENGTH).astype(np.uint8)
        for start in at:
            codes[start : start + len(WORD)] = WORD
        contigs[name] = seq.decode(codes)
        lines += [f"{name}\t{start - 40}\t{start + 60}\n" for start in (at if name == "known" else at[::2])]
    values[at // STEP] = 0.9
    genomes.make(tmp_path / "toy", contigs)
    (tmp_path / "truth.bed").write_text("".join(lines))
    bigwig.write(tmp_path / "a.bw", dict.fromkeys(contigs, LENGTH), dict.fromkeys(contigs, values), STEP)
    (tmp_path / "null.tsv").write_text("score\n" + "0.02\n" * 400)
    split = {"genome": "toy", "splits": {"validation": ["known"], "test": ["held"]}, "saw_test": "no"}
    (tmp_path / "split.json").write_text(json.dumps(split))
    log_odds = np.where(np.arange(4) == WORD[:, None], 2.0, -4.0).astype(np.float32)
    baselines.save(tmp_path / "fitted.npz", {"pwm": {"log_odds": log_odds}})
    return tmp_path


def scanned(world, out="said", **options):
    """The folder of the baselines' signals."""
    given = {"genome": world / "toy", "baselines": world / "fitted.npz", "split": world / "split.json"}
    scan_baselines.main(**given | options, window=200, stride=STEP, out=world / out)
    return world / out


def test_rates_of_model_and_baseline(world):
    """Forty of forty true on validation promise a rate of 1/41; on the test contig half of the calls are false."""
    given = {"signal": world / "a.bw", "genome": world / "toy", "truth": [world / "truth.bed"]}
    given["split"] = world / "split.json"
    outs = {"out": world / "a.narrowPeak.gz", "out_calling": world / "a.json", "out_candidates": world / "c.tsv.gz"}
    call_peaks.main(**given, **outs, null=world / "null.tsv", merge_distance=200, fdr=0.05)
    given |= {"called": outs["out"], "candidates": outs["out_candidates"], "baselines": scanned(world)}
    score_peaks.main(**given, window=200, out=world / "card.json")
    card = json.loads((world / "card.json").read_text())
    assert list(card["fdr"]) == ["model", "model, by shuffled sequence", "pwm"]
    for name in ("model", "pwm"):
        found = {row["asked"]: row for row in card["fdr"][name]["rows"]}
        assert (found[0.01]["called"], found[0.05]["true"]) == (0, SITES // 2), name
        assert found[0.05]["called"] in range(SITES, SITES + 3)  # a plateau of the motif's may have two summits
        assert found[0.05]["observed"] == pytest.approx(0.5, abs=0.03)
        assert found[0.05]["low"] <= 0.5 <= found[0.05]["high"]
        assert found[0.05]["recall"] == 1
        assert found[0.01]["recall"] == 0
    assert card["peaks"]["called"] == SITES
    score_peaks.main(**{**given, "candidates": None}, window=200, out=world / "card.json")
    assert json.loads((world / "card.json").read_text())["fdr"] == {}


def test_baselines_read_whole_windows_at_the_ends_of_a_region(world, monkeypatch):
    """A bin has the value that it has in a scan of its contig: no window over it is cut by the region's end."""

    def fraction(codes, arrays, window, step):
        windows = np.lib.stride_tricks.sliding_window_view(codes, window)[::step]
        values = np.where((windows == seq.N).any(1), np.nan, (windows == 2).mean(1))
        return bigwig.mean_of_windows(values, window, step, len(codes))

    monkeypatch.setitem(baselines.BASELINES, "pwm", baselines.BASELINES["pwm"]._replace(track=fraction))
    nothing = pd.DataFrame({"chrom": [], "start": [], "end": []})
    found = {}
    for region in ("held", "held:20000-30000"):
        folder = scanned(world, region, split=None, regions=[region])
        found[region] = places.gather(world / "a.bw", world / "toy", [region], [], nothing, None, folder, 200)
    whole, part = found.values()
    inside = whole.bins[whole.bins.start.between(20_000, 29_999)]
    assert len(part.bins) == 1000
    assert np.array_equal(part.bins.pwm.to_numpy(), inside.pwm.to_numpy())
    assert not part.bins.pwm.isna().any()
    assert set(part.maxima) == {"pwm"}
