"""What baselines say along a genome: where, and of the same places by a target as by the split of its models."""

import json

import genomes
import numpy as np
import pytest

from dnalm.dna import bigwig, intervals, seq
from dnalm.scan import beside, held
from dnalm.targets import baselines
from dnalm.targets import split as targets_split

STEP, WINDOW = 10, 40
LOG_ODDS = np.where(np.arange(4) == np.array([[0], [2]]), 2.0, -4.0).astype(np.float32)
FITTED = {"pwm": {"log_odds": LOG_ODDS}, "gc": {}}


@pytest.fixture
def genome(tmp_path):
    """A contig with a gap at 400 to 600, another, and a short one."""
    one, two = (seq.decode(genomes.random_codes(seed, 1000)) for seed in (0, 1))
    contigs = {"one": one[:400] + "N" * 200 + one[600:], "two": two, "short": "ACGTACGT"}
    return genomes.make(tmp_path / "toy", contigs, {"validation": ["two:0-500"]})


def scanned(genome, *splits):
    return beside.scan(genome, intervals.read_sizes(genome / "chrom.sizes"), splits, FITTED, WINDOW, STEP)


def test_a_held_out_place_has_the_values_of_a_whole_scan_and_what_is_a_window_away_has_none(genome):
    whole, part = (
        scanned(genome, ["one"])["pwm"]["one"],
        scanned(genome, ["one:100-205"], ["one:700-800"])["pwm"]["one"],
    )
    codes = seq.encode(genome.with_suffix(".fa").read_text().split("\n")[1])
    known = np.r_[:44, 56:100]  # bins of bases, and four, a window, on either side of the gap
    assert np.array_equal(whole[known], baselines.pwm_track(codes, FITTED["pwm"], WINDOW, STEP)[known])
    assert np.isnan(whole[44:56]).all()
    for bins in (slice(10, 20), slice(70, 80)):
        assert np.array_equal(part[bins], whole[bins])
    assert np.isnan(part[:2]).all()  # bases are read from bin 6 on, a window before the place
    assert not np.isnan(part[2:28]).any()
    assert np.isnan(part[30:60]).all()
    assert part.dtype == np.float32


def test_what_no_model_scans_is_not_read(genome):
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    found = beside.scan(genome, sizes, [["one", "two"]], FITTED, WINDOW, STEP, ["one:100-205", "two:0-500"])["pwm"]
    assert np.array_equal(found["one"], scanned(genome, ["one:100-205"])["pwm"]["one"], equal_nan=True)
    assert np.array_equal(found["two"], scanned(genome, ["two:0-500"])["pwm"]["two"], equal_nan=True)
    assert list(beside.scan(genome, sizes, [["one", "two"]], FITTED, WINDOW, STEP, ["two"])["pwm"]) == ["two"]


def test_only_what_scans_and_was_fitted_is_scanned_and_places_elsewhere_are_passed_over(genome):
    found = scanned(genome, ["two:0-500", "nowhere"], ["short"])
    assert {name: list(tracks) for name, tracks in found.items()} == {"pwm": ["two", "short"]}
    assert np.isnan(found["pwm"]["short"]).all()


def test_a_baseline_without_any_value_has_no_bigwig(tmp_path, genome):
    sizes, about = {"short": 8}, beside.facts(genome, WINDOW, STEP) | {"places": ["short"]}
    beside.write(tmp_path / "out", scanned(genome, ["short"]), sizes, about)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["scanned.json"]
    assert json.loads((tmp_path / "out/scanned.json").read_text()) == about | {"baselines": []}
    with beside.reading(tmp_path / "out", genome, ["short"], WINDOW, STEP) as said:
        assert said("short", 8) == {}


def test_a_place_lies_whole_in_one_that_was_scanned():
    there = ["a", "b:100-200", "b:200-300"]
    assert beside._lacking(["a:5-10", "a", "b:100-150", "b:200-300"], there) == []
    assert beside._lacking(["b", "b:150-250", "c:0-1"], there) == ["b", "b:150-250", "c:0-1"]


@pytest.mark.parametrize("name", ["toy", "other"])
@pytest.mark.parametrize("own", [{}, {"test": ["two"], "validation": ["one:0-100"]}, {"validation": ["two:0-500"]}])
def test_a_target_says_of_places_what_the_split_of_its_models_says(tmp_path, genome, name, own):
    """Of its own genome, and of another that has a test place, validation alone, or neither."""
    about = {"genome": name, "splits": {"test": ["one", "gone"], "validation": ["two:500-900"]}, "window": WINDOW}
    (tmp_path / "windows.json").write_text(json.dumps(about))
    facts = json.loads((genome / "genome.json").read_text())
    (genome / "genome.json").write_text(json.dumps(facts | {"splits": own}))
    sizes = intervals.read_sizes(genome / "chrom.sizes")
    of_model = targets_split.describe(tmp_path / "windows.json", None)
    found = [
        (held.held_out(genome, sizes, None, one), held.of_split(genome, one, "validation")) for one in (about, of_model)
    ]
    assert found[0] == found[1]
    wanted = {"toy": ["one"], "other": own.get("test", ["one", "two", "short"])}
    assert found[0][0] == wanted[name]


def test_a_bin_that_a_border_cuts_is_in_no_place():
    assert held.bins_inside("a", 35, STEP, ["a:5-35"]).tolist() == [False, True, True, True]
    assert held.bins_inside("a", 35, STEP, ["b"]).tolist() == [False] * 4
    assert bigwig.bins_of(35, STEP) == 4
