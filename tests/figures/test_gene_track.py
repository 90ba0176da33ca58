"""The gene track: BED12 in, exons and names out."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from dnalm.errors import InputError
from dnalm.figures import browser, gene_track


def test_read_genes_with_and_without_exons(tmp_path):
    path = tmp_path / "genes.bed"
    path.write_text("track x\na\t10\t50\tG1\t0\t-\t10\t50\t0\t2\t5,10,\t0,30,\na\t60\t70\n")
    genes = gene_track.read_genes(path, {"a": 100})
    assert genes.exons[0] == [(10, 15), (40, 50)]
    assert list(genes.name) == ["G1", ""]
    assert list(browser.inside(genes, "a", 50, 61).start) == [60]  # half-open: a gene that ends at 50 is outside
    path.write_text("a\tten\t50\n")
    with pytest.raises(InputError, match=r"genes\.bed:1: got 3 columns that are no BED record"):
        gene_track.read_genes(path, {"a": 100})


def test_pack_gives_each_interval_the_first_free_row():
    assert list(gene_track.pack(np.array([0, 5, 10, 12]), np.array([10, 15, 20, 14]))) == [0, 1, 0, 2]
    assert list(gene_track.pack(np.array([]), np.array([]))) == []


@pytest.mark.parametrize("number, named", [(2, True), (60, False)])
def test_draw_genes_names_them_while_there_is_room(number, named):
    axes = Figure().subplots()
    axes.set_xlim(0, 10_000)
    starts = np.arange(number) * 100
    genes = pd.DataFrame({"start": starts, "end": starts + 2000, "name": "GENE", "strand": "+"})
    genes["exons"] = [[(start, start + 50), (start + 1900, start + 2000)] for start in starts]
    gene_track.draw_genes(axes, genes)
    assert len(axes.lines) == number
    assert len(axes.patches) == 2 * number
    assert len(axes.texts) == (number if named else 0)
    assert axes.get_ylim()[1] <= 3
