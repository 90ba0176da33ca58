"""Columns of samples wait in a file and come back in any order."""

from pathlib import Path

import pandas as pd
import pytest

from dnalm.variants import samples as variants_samples


def test_columns_come_back_in_any_order_and_leave_no_file(tmp_path: Path):
    samples = variants_samples.Samples(tmp_path / "new")
    texts = [f"GT\t0/{number}\té" * number for number in range(1, 40)]
    places = [samples.keep(text) for text in texts]
    assert [samples[place] for place in reversed(places)] == texts[::-1]
    assert list((tmp_path / "new").iterdir()) == []


def test_rows_with_and_without_samples():
    fields = {"chrom": "c1", "pos": 3, "id": ".", "ref": "A", "alt": "G", "qual": ".", "filter": ".", "info": "."}
    samples = variants_samples.Samples()
    kept = pd.DataFrame([fields | {"rest": samples.keep("GT\t0/1")}])
    bare = pd.DataFrame([fields | {"rest": ""}])
    assert list(variants_samples.rows(kept, samples)) == ["c1\t3\t.\tA\tG\t.\t.\t.\tGT\t0/1\n"]
    assert list(variants_samples.rows(bare, None)) == ["c1\t3\t.\tA\tG\t.\t.\t.\n"]
    with pytest.raises(TypeError):  # a place is no text
        list(variants_samples.rows(kept, None))
