"""Mappability of windows by hand, matched negatives that have the positives', tracks of another genome refused."""

import numpy as np
import pandas as pd
import pysam
import pytest
from genomes import random_codes
from scipy import stats

from dnalm.dna import bigwig, seq
from dnalm.errors import InputError
from dnalm.targets import labels, mappability, matching

SIZES = {"a": 20_000, "b": 20_000}
WINDOW = 40


@pytest.fixture
def track(tmp_path):
    """Where reads can be placed: on every other kilobase of a, and of b nowhere that is known."""
    bigwig.write(tmp_path / "map.bw", SIZES, {"a": np.tile(np.float32([1] * 50 + [0.25] * 50), 10)}, 20)
    return tmp_path / "map.bw"


def test_windows_are_measured_and_what_is_not_known_counts_as_nothing(track):
    rows = [("b", 0), ("a", 1000), ("a", 980), ("c", 5), ("a", 0)]
    table = pd.DataFrame(rows, columns=["chrom", "start"], index=[7, 3, 5, 9, 0])
    table["end"] = table.start + WINDOW
    found = mappability.measured(table, track)
    assert found.mappability.to_dict() == {7: 0, 3: 0.25, 5: 0.625, 9: 0, 0: 1}
    assert mappability.measured(table, None) is table


def test_cells_of_mappability_by_hand():
    table = pd.DataFrame({"gc": [0.3, 0.3], "repeats": [0.3, 0.3], "mappability": [0.3, 1.0]})
    assert matching.cells(table).tolist() == [150303, 150310]


def test_matched_negatives_are_as_mappable_as_the_positives_and_random_ones_as_the_genome(track, tmp_path):
    (tmp_path / "a.fa").write_text(f">a\n{seq.decode(random_codes(0, 20_000))}\n")
    pysam.faidx(str(tmp_path / "a.fa"))
    starts = np.arange(100, 20_000, 2000)
    with pysam.FastaFile(str(tmp_path / "a.fa")) as fasta:
        positives = pd.DataFrame({"chrom": "a", "start": starts, "end": starts + WINDOW, "split": "train"})
        positives = mappability.measured(labels.with_sequence(positives, fasta), track).assign(kind="positive")
        banned, rng = matching.forbidden(positives, None, WINDOW), np.random.default_rng(0)
        found = {}
        for name, path in (("with", track), ("without", None)):
            ratios = {"gc_matched": 4.0, "random": 4.0}
            given = positives if path else positives.drop(columns="mappability")
            drawn, _ = matching.draw(fasta, given, banned, None, ratios, {}, WINDOW, rng, track=path)
            found[name] = mappability.measured(drawn, track)
    means = {name: table.groupby("kind").mappability.mean() for name, table in found.items()}
    assert set(found["with"].mappability[found["with"].kind == "gc_matched"]) == {1.0}
    assert means["with"]["random"] < 0.8
    assert means["without"]["gc_matched"] < 0.8
    ks = labels.compare(pd.concat([positives, found["with"]], ignore_index=True))
    assert ks["gc_matched"]["mappability"]["statistic"] == 0
    random = found["with"].mappability[found["with"].kind == "random"]
    assert ks["random"]["mappability"]["statistic"] == stats.ks_2samp(positives.mappability, random).statistic > 0.2
    assert set(ks["random"]) == {"gc", "repeats", "mappability"}
    shuffled = positives.drop(columns="mappability").assign(kind="shuffled")  # lies nowhere
    assert set(labels.compare(pd.concat([positives, shuffled]))["shuffled"]) == {"gc", "repeats"}


def test_a_track_of_another_genome_is_refused(track):
    """Else every window would count as one on which no read can be placed, and match any other."""
    with pytest.raises(InputError, match=r"map.bw: none of its 2 contigs .* got a, b, the genome has chrA …; give"):
        bigwig.check_assembly(track, {"chrA": 20_000}, part=True)
    with pytest.raises(InputError, match=r"map.bw: b has 20,000 bp, in the genome 20,001: this is another assembly"):
        bigwig.check_assembly(track, SIZES | {"b": 20_001}, part=True)
    shorter = SIZES | {"b": 19_999}
    with pytest.raises(InputError, match=r"b has 20,000 bp, in the genome 19,999: .* max_outside: 1 in the preset"):
        bigwig.check_assembly(track, shorter, part=False)
    bigwig.check_assembly(track, shorter | {"scaffold": 9}, part=True)
