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


def test_numbers_of_alleles():
    rows = [("C", "AF=.1"), ("C,G", "AF=0.2,."), ("C,G", "AF=0.5"), ("C", "AC=1"), ("C", "AF=nan")]
    found = called(*rows)
    table = vcf.split_alleles(found.records)
    assert classes.numbers(found, table, "AF", 0, 1).fillna(-1).tolist() == [0.1, 0.2, -1, 0.5, 0.5, -1, -1]
    for text, message in (("12", "'12', wanted a number from 0 to 1 for each ALT"), ("a", "'a'"), ("0.1,0.2", "'0.1,")):
        wrong = called(("C", "AF=1"), ("C", f"AF={text}"))
        wrong = wrong._replace(records=wrong.records.assign(line=[7, 8]))
        with pytest.raises(InputError, match=rf"x.vcf:8: INFO/AF is {message}"):
            classes.numbers(wrong, vcf.split_alleles(wrong.records), "AF", 0, 1)
    assert classes.numbers(called(), vcf.split_alleles(called().records), "AF").tolist() == []
