"""Peaks of several files made into sites: each count known by hand."""

import pandas as pd
import pytest

from dnalm.errors import InputError, UsageError
from dnalm.targets import replicates

SIZES = {"chr1": 10_000}
FILES = {  # start, end, score; summits in the middle
    "a": [(100, 200, 9), (1000, 1100, 5), (3000, 3100, 7), (5000, 5100, 8)],
    "b": [(199, 299, 400), (1050, 1150, 900), (7000, 7100, 100)],
    "c": [(200, 300, 0), (1099, 1200, 0), (9000, 9100, 0)],
}


@pytest.fixture
def paths(tmp_path):
    for name, rows in FILES.items():
        lines = [f"chr1\t{start}\t{end}\tp\t{score}\n" for start, end, score in rows]
        (tmp_path / name).write_text("".join(lines))
    return [tmp_path / name for name in FILES]


def found(paths, bound_in):
    table = replicates.read(paths, bound_in, SIZES)
    assert set(table.reason) <= {"", "in_too_few"}
    return table.start[table.reason == ""].tolist()


def test_a_peak_counts_in_a_file_where_one_of_that_file_shares_a_base_with_it(paths):
    """The first of a ends where that of c begins: it shares a base with that of b alone, which does with both."""
    everything = [start for rows in FILES.values() for start, *_ in rows]
    assert found(paths, "any") == found(paths, "1") == everything
    assert found(paths, "2") == [100, 1000, 199, 1050, 200, 1099]
    assert found(paths, "all") == found(paths, "3") == [1000, 199, 1050, 1099]
    assert found(paths[:1], "all") == [start for start, *_ in FILES["a"]]


def test_scores_of_several_files_are_ranks_in_their_own(paths):
    """One file scores in hundreds, one not at all; of one file alone the scores are its own."""
    scores = replicates.read(paths, "any", SIZES).score.round(2).tolist()
    assert scores == [1.0, 0.25, 0.5, 0.75, 0.67, 1.0, 0.33, 0.33, 0.33, 0.33]
    assert replicates.read(paths[:1], "any", SIZES).score.tolist() == [9, 5, 7, 8]


def test_the_best_of_near_summits_stands_for_all_and_what_is_in_too_few_for_nothing(paths):
    sites, bound, unsure = replicates.truth(paths, "all", SIZES, 128, 0.01)
    assert sites.start.tolist() == [199, 1050]  # the best of b; a's 1000 and c's 1099 are 50 and 99.5 bp away
    assert bound.start.tolist() == [1000, 199, 1050, 1099]
    assert unsure.start.tolist() == [3000, 5000, 7000, 9000]  # 100 and 200 touch a site
    alone, same, none = replicates.truth(paths[:1], "any", SIZES, 5000, 0.01)
    assert len(alone) == len(same) == 4
    assert none.empty


def test_best_by_hand():
    table = pd.DataFrame({"chrom": list("aaab"), "summit": [10, 15, 19, 15], "score": [1.0, 3.0, 3.0, 0.0]})
    assert replicates.best(table, 5).tolist() == [True, True, False, True]
    assert replicates.best(table, 6).tolist() == [False, True, False, True]


@pytest.mark.parametrize("bound_in", ["4", "0", "none", "-1", "1.5"])
def test_a_number_that_cannot_be_reached_is_refused(paths, bound_in):
    message = f"--bound-in: got {bound_in}, wanted any, all or a number from 1 to 3, that of the files"
    with pytest.raises(UsageError, match=message):
        replicates.read(paths, bound_in, SIZES)


def test_a_replicate_of_another_genome_is_refused_by_name(paths):
    """Its sites would be in too few files, or its peaks no longer kept out of the negatives."""
    paths[1].write_text("1\t199\t299\n1\t1050\t1150\n")
    message = (
        r"b: none of its 2 intervals is on a contig of the genome: got 1 \(2\), the genome has chr1 …; they differ"
    )
    with pytest.raises(InputError, match=message):
        replicates.read(paths, "any", SIZES, 1)
