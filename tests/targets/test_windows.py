"""The reader of labelled windows and its refusals."""

import pandas as pd
import pytest

from dnalm.errors import InputError
from dnalm.targets import windows as labelled

GOOD = {"id": ["a", "b"], "label": [1, 0], "kind": "given", "split": "train", "sequence": ["ACGT", "NNNA"]}


def written(tmp_path, **changes):
    path = tmp_path / "windows.tsv.gz"
    pd.DataFrame(GOOD | changes).to_csv(path, sep="\t", index=False)
    return path


def test_codes_of_windows(tmp_path):
    table = labelled.read(written(tmp_path))
    assert labelled.stack(table.sequence).tolist() == [[0, 1, 2, 3], [4, 4, 4, 0]]


def test_refusals(tmp_path):
    path = tmp_path / "other.tsv"
    pd.DataFrame(GOOD).drop(columns="split").to_csv(path, sep="\t", index=False)
    with pytest.raises(InputError, match=r"lacks column\(s\) split"):
        labelled.read(path)
    with pytest.raises(InputError, match="all must have one length"):
        labelled.stack(pd.Series(["AC", "ACG"]))
    table = labelled.read(written(tmp_path))
    with pytest.raises(InputError, match=r"the validation split has \{\} windows by label, wanted both 0 and 1"):
        labelled.check_classes(table, tmp_path)
