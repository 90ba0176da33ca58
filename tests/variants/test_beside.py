"""What stands beside a score: columns in order, fields of a VCF, percentiles of the way in which it ranks."""

import numpy as np
import pandas as pd

from dnalm.variants import beside, percentiles
from dnalm.variants.scores import TOKENS


def contexts(number: int) -> pd.DataFrame:
    """So many substitutions that are all alike."""
    alike = {"kind": "snv", "substitution": "C>T", "trinucleotide": "ACA", "transition": True, "cpg": False}
    alike |= {"change": 0, "tandem": False, "gc": 0.5, "repeat": False, "region": ""}
    return pd.DataFrame([alike] * number)


def test_percentiles_are_those_of_harm():
    """Of a log-likelihood ratio the lowest is the worst; of a change of a classifier the largest either way."""
    null = percentiles.Null(
        contexts(199),
        pd.DataFrame({"llr": np.arange(199.0), "delta": np.linspace(-1, 1, 199)}),
        np.ones(199),
    )
    table = pd.DataFrame({"llr": [-5.0, 99.0, 500.0], "delta": [-2.0, 0.0, 2.0]})
    found = beside.with_percentiles(table, ["llr", "delta"], contexts(3), null)
    assert found.llr_percentile.tolist() == [100, 50, 0]
    assert found.llr_p.tolist() == [1 / 200, 101 / 200, 1]
    assert found.delta_percentile.round(6).tolist() == [100, 0.251256, 100]
    assert found.null.tolist() == [199] * 3
    columns = beside.columns(found, ["llr", "delta"])
    assert columns == ["llr", "llr_percentile", "llr_p", "delta", "delta_percentile", "delta_p", "null", "matched_by"]


def test_fields_of_a_vcf():
    assert list(beside.fields(["llr"], ranked=False)) == ["llr"]
    found = beside.fields(["llr"], ranked=True)
    assert [field for field, _ in found.values()] == ["LLR", "LLR_PCT", "LLR_P"]
    assert found["llr"][1].endswith("mean of both strands")
    meant = {name: meaning for name, (_, meaning) in beside.fields(["llr", "delta", "l2"], ranked=True).items()}
    assert meant["llr_p"].startswith("LLR, ranked by -llr: chance"), "the lowest ratio has the highest percentile"
    assert meant["delta_percentile"].startswith("DELTA, ranked by |delta|: percentile")
    assert meant["l2_percentile"].startswith("L2: percentile")


def test_residuals_of_signed_scores_are_held_against_tokens_gained():
    n = 60
    tokens = pd.DataFrame(dict.fromkeys(TOKENS, np.ones(n, int)))
    tokens["n_tokens_alt"] = np.repeat([1, 2, 3], n // 3)
    table = tokens.assign(llr=-5.0 * tokens.n_tokens_alt, l2=7.0)
    found = beside.with_residuals(table, ["llr", "l2"])
    assert (found.llr_residual == 0).all()
    assert (found.l2_residual == 0).all()
