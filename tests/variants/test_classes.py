"""Classes of alleles from an INFO key, by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dnalm.errors import InputError, UsageError
from dnalm.variants import classes, vcf


def called(*rows: tuple[str, str]) -> vcf.Vcf:
    """A VCF of records with these ALT and INFO texts."""
    records = [("c1", 5 + place, ".", "A", alt, ".", ".", info, "") for place, (alt, info) in enumerate(rows)]
    return vcf.Vcf(Path("x.vcf"), [], "", pd.DataFrame(records, columns=vcf.FIELDS))


def read(*rows: tuple[str, str], key: str | None = "CLASS") -> list:
    found = called(*rows)
    return classes.read(found, vcf.split_alleles(found.records), key).fillna("none").tolist()


def test_a_value_for_each_alternative_or_one_for_all():
    rows = [("C", "CLASS=x"), ("C,G", "CLASS=x,y"), ("C,G", "CLASS=x"), ("C", "CLASS=x,y"), ("C", "AF=1")]
    assert read(*rows) == ["x", "x", "y", "x", "x", "x,y", "none"]
    assert read(("C", "CLASS"), ("C,G", "CLASS=.,z")) == ["flag", "none", "z"]
    assert read(("C", "AF=1"), key=None) == ["none"]
    assert read() == []


def test_labels_of_classes():
    values = pd.Series(["bad", "good", "rest", np.nan])
    assert classes.label_alleles(values, ["bad"], [], "x").fillna(-1).tolist() == [1, 0, 0, -1]
    assert classes.label_alleles(values, ["bad"], ["good"], "x").fillna(-1).tolist() == [1, 0, -1, -1]
    assert classes.label_alleles(values, [], [], "x").isna().all()
    with pytest.raises(InputError, match=r"x\.vcf: class 'z' does not occur; the classes are bad, good, rest"):
        classes.label_alleles(values, ["z"], [], "x.vcf")
    with pytest.raises(UsageError, match="--negative needs --positive"):
        classes.label_alleles(values, [], ["good"], "x")
