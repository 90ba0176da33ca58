"""The scorecard of a scan on toy tracks."""

import json

import genomes
import numpy as np
import pandas as pd
import pysam
import pytest

import scan_baselines
import score_peaks
import write_probability
from dnalm import files
from dnalm.dna import bigwig, seq
from dnalm.errors import InputError, UsageError
from dnalm.metrics import fdr
from dnalm.scan import narrow, peaks
from dnalm.targets import baselines

STEP = 10


@pytest.fixture
def scan(tmp_path):
    """A contig of 5 kb with peaks at 1000 and 3000, a signal that finds the first and one that is not there."""
    folder = tmp_path / "genome"
    folder.mkdir()
    codes = np.random.default_rng(0).integers(0, 4, 5000).astype(np.uint8)
    (folder / "plain.fa").write_text(f">chr1\n{seq.decode(codes)}\n")
    pysam.tabix_compress(str(folder / "plain.fa"), str(folder / "genome.fa.gz"))
    pysam.faidx(str(folder / "genome.fa.gz"))
    (folder / "chrom.sizes").write_text("chr1\t5000\n")
    (folder / "genome.json").write_text('{"splits": {"test": ["chr1"]}}')
    (tmp_path / "truth.bed").write_text("chr1\t950\t1050\nchr1\t2950\t3050\n")
    values = np.full(500, 0.1, np.float32)
    values[[99, 100, 400]] = [0.8, 0.9, 0.7]
    bigwig.write(tmp_path / "a.bw", {"chr1": 5000}, {"chr1": values}, STEP)
    found = peaks.regions(values, 0.5, STEP, 5000, 100).assign(chrom="chr1")
    candidates = values[peaks.local_maxima(values, 5)]
    table = narrow.narrow_peaks(found, candidates, np.full(len(candidates), 0.01), np.full(len(candidates), 0.02))
    narrow.write(tmp_path / "a.narrowPeak.gz", table)
    return {"signal": tmp_path / "a.bw", "called": tmp_path / "a.narrowPeak.gz", "genome": folder, "window": 40}


def test_scorecard(tmp_path, scan):
    score_peaks.main(**scan, truth=[tmp_path / "truth.bed"], out=tmp_path / "a.json")
    card = json.loads((tmp_path / "a.json").read_text())
    assert (card["bins"]["n"], card["bins"]["positives"], card["bins"]["prevalence"]) == (500, 20, 0.04)
    assert 0.5 < card["bins"]["model"]["auroc"]["value"] < 0.7
    assert card["bins"]["pwm"]["auprc"]["value"] is None
    wanted = {"called": 2, "truth": 2, "matched": 1, "precision": 0.5, "recall": 0.5, "f1": 0.5, "bases": 30}
    assert card["peaks"].items() >= wanted.items()
    assert card["peaks"].items() >= {"distance": 5, "jaccard": pytest.approx(20 / 210)}.items()
    assert (card["bins"]["any_overlap"]["n"], card["bins"]["any_overlap"]["positives"]) == (500, 20)
    (contig,) = card["contigs"]
    assert (contig["contig"], contig["bins"], contig["peaks"]["matched"]) == ("chr1", 500, 1)
    assert contig["auprc"]["model"] == card["bins"]["model"]["auprc"]["value"]
    assert card["curve"] == [{"q": pytest.approx(0.02), "called": 2, "precision": 0.5, "recall": 0.5}]
    assert (card["regions"], card["resolution"]) == (["chr1"], STEP)


def test_a_bin_that_a_peak_hardly_touches_counts_by_the_laxer_rule_alone(tmp_path, scan):
    (tmp_path / "cut.bed").write_text("chr1\t958\t1050\nchr1\t2950\t3050\n")
    (scan["genome"] / "genome.json").write_text('{"splits": {"test": ["chr1"], "validation": ["chr1"]}}')
    score_peaks.main(**scan, truth=[tmp_path / "cut.bed"], out=tmp_path / "a.json")
    bins = json.loads((tmp_path / "a.json").read_text())["bins"]
    assert (bins["n"], bins["positives"], bins["left_out"]) == (499, 19, {"ambiguous": 1})
    assert (bins["any_overlap"]["n"], bins["any_overlap"]["positives"]) == (500, 20)
    assert bins["shifted"]["to"] == pytest.approx(19 / 499)


def test_truth_in_several_files(tmp_path, scan):
    """A site in both is one truth; one in a single file is scored neither way, as a call at 4000 then is not."""
    (tmp_path / "other.bed").write_text("chr1\t940\t1060\nchr1\t2960\t3040\nchr1\t3960\t4040\n")
    both = [tmp_path / "truth.bed", tmp_path / "other.bed"]
    found = {}
    for bound_in in ("any", "all"):
        score_peaks.main(**scan, truth=both, bound_in=bound_in, out=tmp_path / "a.json")
        card = json.loads((tmp_path / "a.json").read_text())
        found[bound_in] = [card["peaks"][key] for key in ("truth", "matched", "called")] + [card["bins"]["n"]]
        assert card["bins"]["positives"] == {"any": 12 + 10 + 8, "all": 12 + 10}[bound_in]
    assert found == {"any": [3, 2, 2, 500], "all": [2, 1, 1, 492]}


def test_calibration_shifted_to_validation_bins(tmp_path, scan):
    """The prevalence of bins is counted on validation contigs; of windows it is what the model's configuration says."""
    (tmp_path / "config.json").write_text('{"prevalence": 0.28}')
    (scan["genome"] / "genome.json").write_text('{"name": "g", "splits": {"test": ["chr1"]}}')
    both = tmp_path / "split.json"
    splits = {"test": ["chr1"], "validation": ["chr1"]}
    both.write_text(json.dumps({"genome": "g", "splits": splits, "saw_test": "no"}))
    given = {**scan, "truth": [tmp_path / "truth.bed"], "out": tmp_path / "a.json"}
    score_peaks.main(**given, config=tmp_path / "config.json", split=both)
    bins = json.loads((tmp_path / "a.json").read_text())["bins"]
    assert (bins["shifted"]["from"], bins["shifted"]["to"]) == (0.28, 0.04)
    assert bins["shifted"]["ece"] < bins["model"]["ece"]["value"]
    assert sum(row["n"] for row in bins["reliability"]) == 500
    score_peaks.main(**given)
    assert json.loads((tmp_path / "a.json").read_text())["bins"]["shifted"]["ece"] is None


def test_scorecard_without_truth_or_peaks(tmp_path, scan):
    narrow.write(scan["called"], peaks.read_called(scan["called"])[peaks.COLUMNS].iloc[:0])
    score_peaks.main(**scan, out=tmp_path / "a.json")
    card = json.loads((tmp_path / "a.json").read_text())
    assert card["bins"]["model"]["auprc"] == {"value": None, "low": None, "high": None, "reason": "no truth was given"}
    assert (card["peaks"]["called"], card["peaks"]["precision"], card["curve"]) == (0, None, [])
    score_peaks.main(**scan, truth=[tmp_path / "truth.bed"], out=tmp_path / "b.json")
    found = json.loads((tmp_path / "b.json").read_text())["peaks"]
    assert (found["truth"], found["precision"], found["recall"]) == (2, None, 0)


@pytest.mark.parametrize("kind", ["truth", "blacklist"])
@pytest.mark.parametrize(
    "text, message", [("1\t950\t1050\n", "differ by 'chr' only"), ("chr1\t950\t5050\n", "another assembly")]
)
def test_scorecard_refuses_truth_and_blacklist_of_another_genome(tmp_path, scan, kind, text, message):
    (tmp_path / "other.bed").write_text(text)
    given = {"truth": [tmp_path / "other.bed"], "blacklist": tmp_path / "other.bed"}
    with pytest.raises(InputError, match=f"other.bed: .*{message}"):
        score_peaks.main(**scan, **{kind: given[kind]}, out=tmp_path / "a.json")


def test_scorecard_refuses_unknown_contigs(tmp_path, scan):
    with pytest.raises(InputError, match="chr7"):
        score_peaks.main(**scan, regions=["chr7"], out=tmp_path / "a.json")


def both_parts(tmp_path, scan, summits, **options):
    """The parts `peaks` and `fdr` (at .05) of a scorecard, with candidates at `summits` that all have a q of .02."""
    rows = "".join(f"chr1\t{summit}\t0.9\ttest\t0.02\n" for summit in summits)
    (tmp_path / "c.tsv").write_text("chrom\tsummit\tsignal\tsplit\tq_validation\n" + rows)
    options |= {"candidates": tmp_path / "c.tsv", "truth": [tmp_path / "truth.bed"], "out": tmp_path / "a.json"}
    score_peaks.main(**scan, **options)
    card = json.loads((tmp_path / "a.json").read_text())
    (rate,) = [row for row in card["fdr"]["model"]["rows"] if row["asked"] == 0.05]
    return card["peaks"], rate


@pytest.mark.parametrize("regions, listed", [(["chr1:0-2000"], "1030"), (["chr1:1003-2000"], "1060")])
def test_a_call_on_a_true_peak_that_is_not_scored_is_scored_neither_way(tmp_path, scan, regions, listed):
    """The call at 1005 is on that of 950 to 1050, which touches the blacklist, or its summit is left of the region."""
    (tmp_path / "listed.bed").write_text(f"chr1\t{listed}\t1100\n")
    found, rate = both_parts(tmp_path, scan, [1005], regions=regions, blacklist=tmp_path / "listed.bed")
    assert {key: found[key] for key in ("called", "truth", "matched", "bases")} == dict.fromkeys(
        ("called", "truth", "matched", "bases"), 0
    )
    assert (found["precision"], found["recall"], found["jaccard"]) == (None, None, None)
    assert (rate["called"], rate["true"], rate["observed"], rate["recall"]) == (0, 0, None, None)


def test_recall_is_of_true_peaks_that_count_on_either_side(tmp_path, scan):
    """Of those at 1000 and 3000 the region holds the second; both have a candidate in it, one of them a call."""
    found, rate = both_parts(tmp_path, scan, [1005, 3005], regions=["chr1:1003-3505"])
    assert (found["called"], found["truth"], found["recall"]) == (0, 1, 0)
    assert (rate["called"], rate["true"], rate["observed"], rate["recall"]) == (1, 1, 0, 1)


def split_file(tmp_path, test, genome="g"):
    (tmp_path / "split.json").write_text(json.dumps({"genome": genome, "splits": {"test": test}, "saw_test": "yes"}))
    return tmp_path / "split.json"


def test_the_target_says_what_is_scored_on_not_the_genome(tmp_path, scan):
    (scan["genome"] / "genome.json").write_text('{"name": "g", "splits": {"test": ["chr9"]}}')
    options = {**scan, "truth": [tmp_path / "truth.bed"], "split": split_file(tmp_path, ["chr8", "chr1:2000-3505"])}
    score_peaks.main(**options, out=tmp_path / "a.json")
    card = json.loads((tmp_path / "a.json").read_text())
    assert (card["bins"]["n"], card["bins"]["positives"]) == (150, 10)  # the bin that the region cuts is not looked at
    assert (card["regions"], card["pretraining_saw_test"]) == (["chr1:2000-3505"], "yes")
    found = card["peaks"]
    assert (found["called"], found["truth"], found["matched"]) == (0, 1, 0)  # the calls are at 1000 and 4000


def test_of_another_genome_all_that_was_scanned_is_scored(tmp_path, scan):
    (scan["genome"] / "genome.json").write_text('{"name": "other", "splits": {}}')
    score_peaks.main(**scan, split=split_file(tmp_path, ["chr8"]), out=tmp_path / "a.json")
    card = json.loads((tmp_path / "a.json").read_text())
    assert (card["regions"], card["bins"]["n"]) == (["chr1"], 500)


def test_a_scan_that_met_no_test_place_is_an_error(tmp_path, scan):
    (scan["genome"] / "genome.json").write_text('{"name": "g", "splits": {}}')
    values = np.full(500, np.nan, np.float32)
    values[:100] = 0.5
    bigwig.write(tmp_path / "part.bw", {"chr1": 5000}, {"chr1": values}, STEP)
    options = {**scan, "signal": tmp_path / "part.bw", "split": split_file(tmp_path, ["chr1:2000-3000"])}
    with pytest.raises(InputError, match=r"part.bw: got no value at the places to score on .chr1:2000-3000., wanted a"):
        score_peaks.main(**options, out=tmp_path / "a.json")
    with pytest.raises(UsageError, match=r"no place to score on .test has chr8, which it lacks.: give --regions"):
        score_peaks.main(**scan, split=split_file(tmp_path, ["chr8"]), out=tmp_path / "a.json")


def test_the_bins_are_written_with_what_each_method_says(tmp_path, scan):
    (tmp_path / "cut.bed").write_text("chr1\t958\t1050\nchr1\t2950\t3050\n")
    given = scan | {"out": tmp_path / "a.json", "out_bins": tmp_path / "bins.tsv.gz"}
    score_peaks.main(**given, truth=[tmp_path / "cut.bed"])
    table = pd.read_csv(tmp_path / "bins.tsv.gz", sep="\t")
    assert list(table) == ["chrom", "start", "end", "label", "ambiguous", "model"]
    assert (len(table), table.label.sum(), table.ambiguous.sum()) == (500, 19, 1)
    assert table.start[table.ambiguous == 1].tolist() == [950]
    assert table.model[99] == pytest.approx(0.8)
    assert (table.end - table.start == STEP).all()
    score_peaks.main(**given)
    assert list(pd.read_csv(tmp_path / "bins.tsv.gz", sep="\t")) == ["chrom", "start", "end", "model"]


WORD = seq.encode("CCACTAGGGG")


@pytest.fixture
def said(tmp_path, scan):
    """A motif that stands at 1000 and, on the other strand, at 3000, scanned over the contig."""
    codes = np.random.default_rng(0).integers(0, 4, 5000).astype(np.uint8)
    codes[990:1000], codes[2990:3000] = WORD, seq.reverse_complement(WORD[None])[0]
    scan["genome"] = genomes.make(tmp_path / "with_motif", {"chr1": seq.decode(codes)}, {"test": ["chr1"]})
    log_odds = np.where(np.arange(4) == WORD[:, None], 2.0, -4.0).astype(np.float32)
    baselines.save(tmp_path / "fitted.npz", {"pwm": {"log_odds": log_odds}})
    given = {"genome": scan["genome"], "baselines": tmp_path / "fitted.npz", "window": 40, "stride": STEP}
    scan_baselines.main(**given, out=tmp_path / "said")
    return given


def test_what_baselines_say_is_read_from_their_scan(tmp_path, scan, said):
    """By hand: a hit has 20 bits, and the bin in the middle of the site has it in all four windows over it."""
    given = scan | {"out": tmp_path / "a.json", "out_bins": tmp_path / "bins.tsv.gz"}
    score_peaks.main(**given, truth=[tmp_path / "truth.bed"], baselines=tmp_path / "said")
    bins = json.loads((tmp_path / "a.json").read_text())["bins"]
    assert bins["pwm"]["auroc"]["value"] > 0.6
    assert bins["kmer"]["auroc"] == bins["cnn_ensemble"]["auroc"]  # neither was fitted
    assert bins["kmer"]["auroc"]["value"] is None
    table = pd.read_csv(tmp_path / "bins.tsv.gz", sep="\t")
    assert list(table) == ["chrom", "start", "end", "label", "ambiguous", "model", "pwm"]
    assert table.start[table.pwm == 20].tolist() == [990, 2990]
    (tmp_path / "said/pwm.bw").rename(tmp_path / "pwm.bw")
    with bigwig.reading(tmp_path / "pwm.bw") as track:
        assert bigwig.step_of(track) == STEP
        assert bigwig.read(track, "chr1", STEP)[[99, 299]].tolist() == [20, 20]


@pytest.mark.parametrize(
    "told, line",
    [
        ({"stride": 20}, "said: --baselines: resolution: got 20, wanted 10 as here; make it with scan_baselines.py"),
        ({"window": 60}, "said: --baselines: window: got 60, wanted 40 as here; make it"),
        ({"regions": ["chr1:0-2000"]}, "said: --baselines: places: got chr1:0-2000, wanted chr1, which is scored, too"),
    ],
)
def test_baselines_that_were_scanned_otherwise_are_refused(tmp_path, scan, said, told, line):
    scan_baselines.main(**said | told, out=tmp_path / "said")
    with pytest.raises(InputError, match=line):
        score_peaks.main(**scan, baselines=tmp_path / "said", out=tmp_path / "a.json")


def test_baselines_of_another_genome_are_refused(tmp_path, scan, said):
    about = json.loads((tmp_path / "said/scanned.json").read_text())
    files.write_json(tmp_path / "said/scanned.json", about | {"genome": "other"})
    with pytest.raises(
        InputError, match="--baselines: genome: got other, wanted with_motif as here; make it with scan"
    ):
        score_peaks.main(**scan, baselines=tmp_path / "said", out=tmp_path / "a.json")
    longer = genomes.make(tmp_path / "other", {"chr1": "ACGT" * 1500}, {"test": ["chr1"]})
    scan_baselines.main(**said | {"genome": longer}, out=tmp_path / "said")
    files.write_json(tmp_path / "said/scanned.json", about)
    with pytest.raises(
        InputError, match=r"--baselines: pwm.bw: chr1 has 6000 bp, in the genome 5000; make it with scan"
    ):
        score_peaks.main(**scan, baselines=tmp_path / "said", out=tmp_path / "a.json")
    with pytest.raises(
        InputError, match=r"--baselines: got no scanned.json in it, wanted a folder of bigWigs; make it"
    ):
        score_peaks.main(**scan, baselines=scan["genome"], out=tmp_path / "a.json")


@pytest.fixture
def two(tmp_path):
    """Two contigs alike, one for validation: a bin of height .9 is bound once in four, and one of .1 never."""
    folder = genomes.make(tmp_path / "two", dict.fromkeys(("chr1", "chr2"), "ACGT" * 1250))
    values = np.full(500, 0.1, np.float32)
    values[::2] = 0.9
    bigwig.write(tmp_path / "b.bw", dict.fromkeys(("chr1", "chr2"), 5000), {"chr1": values, "chr2": values}, STEP)
    lines = [f"{name}\t{bin * STEP}\t{(bin + 1) * STEP}\n" for name in ("chr1", "chr2") for bin in range(0, 500, 8)]
    (tmp_path / "b.bed").write_text("".join(lines))
    splits = {"test": ["chr1"], "validation": ["chr2"]}
    (tmp_path / "split.json").write_text(json.dumps({"genome": "two", "splits": splits, "saw_test": "no"}))
    narrow.write(tmp_path / "b.narrowPeak.gz", pd.DataFrame(columns=peaks.COLUMNS))
    given = {"signal": tmp_path / "b.bw", "called": tmp_path / "b.narrowPeak.gz", "genome": folder, "window": 40}
    return given | {"truth": [tmp_path / "b.bed"], "split": tmp_path / "split.json", "out": tmp_path / "b.json"}


def test_what_a_height_is_worth_is_seen_on_validation(tmp_path, two):
    score_peaks.main(**two)
    bins = json.loads(two["out"].read_text())["bins"]
    assert bins["model"]["ece"]["value"] == pytest.approx((0.1 + 0.9 - 63 / 250) / 2)
    assert (bins["seen"]["bins"], bins["seen"]["positives"], bins["seen"]["reason"]) == (500, 63, "")
    low, high = bins["seen"]["steps"]
    assert low == {"height": pytest.approx(0.1), "probability": 0}
    assert high == {"height": pytest.approx(0.9), "probability": pytest.approx(63 / 251)}  # a miss is added above
    assert bins["seen"]["ece"]["value"] == pytest.approx(abs(63 / 251 - 63 / 250) / 2)
    write_probability.main(signal=two["signal"], scorecard=two["out"], out=tmp_path / "p.bw")
    with bigwig.reading(tmp_path / "p.bw") as track:
        assert bigwig.read(track, "chr1", STEP)[:4] == pytest.approx([63 / 251, 0, 63 / 251, 0])


def test_without_validation_no_height_has_a_probability(tmp_path, two):
    two["split"].write_text(json.dumps({"genome": "two", "splits": {"test": ["chr1"]}, "saw_test": "no"}))
    score_peaks.main(**two)
    seen = json.loads(two["out"].read_text())["bins"]["seen"]
    assert (seen["ece"], seen["steps"]) == (None, [])
    with pytest.raises(InputError, match="0 bins of the validation places that were scanned are bound, and 50 are wan"):
        write_probability.main(signal=two["signal"], scorecard=two["out"], out=tmp_path / "p.bw")


def test_a_gap_has_no_probability():
    steps = fdr.Steps(np.array([0.2, 0.5]), np.array([0.1, 0.4]))
    found = write_probability.probability(steps, np.array([0.1, np.nan, 0.3, 0.5]))
    assert np.array_equal(found, np.array([0, np.nan, 0.1, 0.4], np.float32), equal_nan=True)
