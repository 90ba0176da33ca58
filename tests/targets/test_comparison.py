"""Models beside baselines: one table, and an ensemble of seeds, by hand."""

import numpy as np
import pandas as pd
import pytest

from dnalm import files
from dnalm.errors import InputError
from dnalm.metrics import calibration
from dnalm.targets import comparison
from dnalm.training.tasks import Learnt


def table(n=40):
    rows = pd.DataFrame({"id": [f"chr1:{place}-{place + 9}" for place in range(n)]})
    return rows.assign(
        split=np.where(np.arange(n) % 2, "test", "validation"), label=np.arange(n) // 2 % 2, kind="given"
    )


def test_windows_are_matched_by_id_and_logits_go_before_probabilities(tmp_path):
    rows = table()
    files.write_table(tmp_path / "b.tsv.gz", rows.assign(gc=np.arange(40.0)))
    model = rows.assign(logit=np.arange(40.0) + 20, score=1.0).sample(frac=1, random_state=0)  # probabilities of 1 tie
    files.write_table(tmp_path / "m.tsv.gz", model)
    files.write_table(tmp_path / "s.tsv.gz", rows.assign(score=0.25))
    found = comparison.join({"a": tmp_path / "m.tsv.gz", "b": tmp_path / "s.tsv.gz"}, tmp_path / "b.tsv.gz")
    assert found.id.tolist() == rows.id.tolist()
    assert found.a.to_numpy()[:10] == pytest.approx(calibration.sigmoid(np.arange(10) + 20), rel=1e-12)
    assert found.a.nunique() > 10
    assert (found.b == 0.25).all()
    assert found.pwm.isna().all()


def test_ensemble_is_the_mean_of_logits_calibrated_on_validation():
    rows = table()
    noise = np.random.default_rng(0).normal(size=(2, 40))
    rows["a"], rows["b"] = (calibration.sigmoid(rows.label + one) for one in noise)
    found = comparison.ensemble(rows, ["a", "b"])
    assert np.argsort(found).tolist() == np.argsort(rows.label + noise.mean(0)).tolist()
    held_out = rows.split == "validation"
    assert found[held_out].mean() == pytest.approx(0.5, abs=0.01)
    one_class = rows.assign(label=1)
    assert comparison.ensemble(one_class, ["a", "b"]) == pytest.approx(calibration.sigmoid(rows.label + noise.mean(0)))


LIVER = Learnt("regression", ("liver",))


def test_measured_values_are_joined_judged_and_averaged(tmp_path):
    rows = table().assign(label=0, **{"value:liver": np.arange(40.0)})
    theirs = rows.assign(**{"gc:liver": -np.arange(40.0), "kmer:liver": np.arange(40.0) ** 2})
    files.write_table(tmp_path / "b.tsv.gz", theirs)
    for name, shift in (("a", 1), ("c", 4)):
        said = rows.assign(**{"predicted:liver": np.arange(40.0) + shift})
        files.write_table(tmp_path / f"{name}.tsv.gz", said.sample(frac=1, random_state=0))
    paths = {name: tmp_path / f"{name}.tsv.gz" for name in ("a", "c")}
    found = comparison.join(paths, tmp_path / "b.tsv.gz", LIVER)
    assert comparison.best_baseline(found, LIVER) == "kmer"
    assert comparison.answers(found, "a", LIVER).tolist() == (np.arange(40.0)[:, None] + 1).tolist()
    assert comparison.ensemble(found, ["a", "c"], LIVER)[:, 0] == pytest.approx(np.arange(40) + 2.5)
    samples, facts = comparison.measure(found, dict.fromkeys(["a", "gc", "cnn"]), 20, 0, LIVER)
    assert facts == {"n": 40, "blocks": 1, "block_bases": 1_000}
    assert [samples[name].values[0, 0] for name in ("a", "gc")] == pytest.approx([1, -1])
    assert np.isnan(samples["cnn"].values[0]).all()
    files.write_table(tmp_path / "a.tsv.gz", said.assign(**{"value:liver": 7.0}))
    with pytest.raises(InputError, match=r"a.tsv.gz: value:liver: other values than in .*b.tsv.gz; make the older"):
        comparison.join(paths, tmp_path / "b.tsv.gz", LIVER)
    files.write_table(tmp_path / "a.tsv.gz", rows)
    with pytest.raises(InputError, match=r"a.tsv.gz:1: lacks column\(s\) predicted:liver"):
        comparison.join(paths, tmp_path / "b.tsv.gz", LIVER)


def test_classes_are_averaged_as_logits_and_calibrated():
    rows, names = table(), ("x", "y", "z")
    learnt, rng = Learnt("classes", names), np.random.default_rng(0)
    rows["label"] = rng.integers(0, 3, 40)
    for model in ("a", "b"):
        logits = 3 * np.eye(3)[rows.label] + rng.normal(size=(40, 3))
        rows[[f"{model}:{name}" for name in names]] = logits
    found = comparison.ensemble(rows, ["a", "b"], learnt)
    mean = (comparison.answers(rows, "a", learnt) + comparison.answers(rows, "b", learnt)) / 2
    held_out = (rows.split == "validation").to_numpy()
    scale, shift = calibration.platt_classes(mean[held_out], rows.label.to_numpy()[held_out])
    assert found == pytest.approx(scale * mean + np.array(shift))
