"""Evolution against scores whose optimum is known."""

import numpy as np
import pytest

from dnalm.designs import evolution
from dnalm.dna import edits as dna_edits
from dnalm.dna import seq


def count_a(codes):
    """The number of A in each window: all A is the best there can be."""
    return (codes == 0).sum(1).astype(np.float32)


@pytest.fixture
def starts():
    return np.random.default_rng(5).integers(1, 4, (3, 24)).astype(np.uint8)  # no A at all


def run(starts, seed=0, **options):
    settings = {"population": 32, "generations": 100, "mutation_rate": 0.04} | options
    return evolution.evolve(count_a, starts, np.random.default_rng(seed), **settings)


def test_reaches_the_optimum_and_the_best_never_falls(starts):
    search = run(starts)
    assert search.best[:, 0].tolist() == [0, 0, 0]
    assert search.best[:, -1].tolist() == [24, 24, 24]
    assert (search.codes[:, -1] == 0).all()
    assert (np.diff(search.best) >= 0).all()
    assert (search.mean <= search.best).all()
    assert np.array_equal(count_a(search.codes.reshape(-1, 24)), search.best.ravel())


def test_the_control_spends_as_much_and_finds_less(starts):
    search, control = run(starts, generations=30), run(starts, generations=30, select=False, elite=2)
    assert search.evaluations[-1] == control.evaluations[-1] == 1 + 30 * 30
    assert (control.best[:, -1] < search.best[:, -1]).all()
    assert (np.diff(control.best) >= 0).all()


def test_the_seed_decides(starts):
    one, two, other = run(starts, generations=8), run(starts, generations=8), run(starts, seed=1, generations=8)
    assert np.array_equal(one.codes, two.codes)
    assert np.array_equal(one.mean, two.mean)
    assert not np.array_equal(one.mean, other.mean)


def test_children_differ_from_a_lone_parent_in_one_base_at_least_and_stay_dna(starts):
    herd = np.repeat(starts[:, None], 8, 1)
    children = evolution.breed(herd, np.zeros((3, 8)), 50, np.random.default_rng(0), 0.0, 0.5, 3)
    assert (dna_edits.edit_counts(children, starts[:, None]) == 1).all()
    assert children.dtype == np.uint8
    assert children.max() < seq.N


def test_crossover_joins_two_parents_of_one_population():
    herd = np.stack([np.repeat([0, 1], 4)[:, None].repeat(20, 1), np.repeat([2, 3], 4)[:, None].repeat(20, 1)])
    children = evolution.breed(herd.astype(np.uint8), np.zeros((2, 8)), 200, np.random.default_rng(0), 0.0, 1.0, 1)
    for group, bases in enumerate([(0, 1), (2, 3)]):
        own = np.isin(children[group], bases).sum(1)
        assert (own >= 19).all()  # all but the one sure substitution
    assert (np.ptp(children[0][:, [0, -1]], axis=1) > 0).any()


def test_the_front_keeps_the_best_of_each_number_of_edits(starts):
    search = run(starts)
    for front, start in zip(search.fronts, starts, strict=True):
        points = evolution.pareto(front)
        edits, scores = [point[0] for point in points], [point[1] for point in points]
        assert edits[0] == 0
        assert scores == sorted(set(scores))
        assert max(scores) == 24
        for distance, value, codes in points:
            assert dna_edits.edit_counts(codes, start) == distance
            assert count_a(codes[None])[0] == value <= distance


def test_pareto_by_hand():
    one, front = np.zeros(1, np.uint8), {}
    front |= {0: (1.0, one), 3: (0.5, one), 2: (2.0, one), 5: (2.0, one), 9: (2.5, one)}
    assert [point[:2] for point in evolution.pareto(front)] == [(0, 1.0), (2, 2.0), (9, 2.5)]
