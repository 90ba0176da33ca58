"""Models beside baselines: one table, and an ensemble of seeds, by hand."""

import numpy as np
import pandas as pd
import pytest

from dnalm import files
from dnalm.metrics import calibration
from dnalm.targets import comparison


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
