"""A map of substitutions: what is drawn where, and what is said where there is nothing to draw."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from seen import picture, said, words

import draw_saturation
from dnalm.dna.place import Place
from dnalm.figures import style
from dnalm.variants import dense
from dnalm.variants.consequences import CONSEQUENCES

BED = "c\t100\t160\tone\t0\t+\t110\t150\t0\t2\t20,20\t0,40\n"


def scored(start=100, size=30, score="llr"):
    """An A at each base; a C there scores -1 and the others 0, but at the first base, where a T scores 2."""
    rows = [
        ("c", place + 1, "A", alt, -1.0 if alt == "C" else 0.0) for place in range(start, start + size) for alt in "CGT"
    ]
    table = pd.DataFrame(rows, columns=["chrom", "pos", "ref", "alt", score])
    table.loc[2, score] = 2.0
    return table.assign(consequence=["stop_gained", "intron_variant", None] * size)


def drawn(folder, table, **options):
    table.to_csv(folder / "t.tsv.gz", sep="\t", index=False)
    return picture(draw_saturation.main, table=folder / "t.tsv.gz", out=folder / "o.png", **options)


def pixels(image):
    return np.asarray(image.get_array())


def test_each_base_is_a_column_and_the_reference_is_grey():
    single, part = dense.substitutions(scored(), "llr"), Place("c", 100, 130)
    axes, colours = Figure().subplots(), draw_saturation.scale(scored().assign(start=100), "llr", [part])
    draw_saturation.heat(axes, single, part, "llr", colours)
    image = pixels(axes.images[0])
    assert image.shape[:2] == (4, 30)
    assert image[0, :, :3] == pytest.approx(np.tile(to_rgb(style.GRID), (30, 1)), abs=0.01)
    assert image[2, 5, :3] == pytest.approx([1, 1, 1], abs=0.02), "a score of zero is white"
    assert image[1, 5, 0] > image[1, 5, 2] + 0.3, "below zero red"
    assert image[3, 0, 2] > image[3, 0, 0] + 0.5, "above zero blue"
    assert [text.get_text() for text in axes.texts] == ["A"] * 30
    assert axes.texts[0].get_position() == (100.5, 0)


def test_the_strip_has_the_most_severe_consequence_of_each_base():
    axes = Figure().subplots()
    single = dense.substitutions(scored(), "llr")
    single.loc[single.start == 101, "consequence"] = None
    assert draw_saturation.consequence_strip(axes, single, Place("c", 100, 130), 3.6) == pytest.approx(4.2)
    (strip,) = pixels(axes.images[0])
    assert strip[0] == pytest.approx(to_rgb(style.PALETTE[CONSEQUENCES["stop_gained"].colour]))
    assert strip[1] == pytest.approx([1, 1, 1])


def test_lines_are_as_long_as_fits_and_each_base_is_in_one():
    assert draw_saturation.lines([Place("c", 5, 250), Place("d", 0, 30)]) == [
        Place("c", 5, 87),
        Place("c", 87, 169),
        Place("c", 169, 250),
        Place("d", 0, 30),
    ]
    assert {one.end - one.start for one in draw_saturation.lines([Place("c", 0, 48_000)])} == {2_000}


@pytest.mark.parametrize(
    ("scores", "wanted"),
    [({"l2": 1.0, "llr": 2.0, "delta": 3.0}, "llr"), ({"l2": 1.0, "delta": None}, "l2"), ({"l2": None}, None)],
)
def test_the_first_signed_score_with_values_is_drawn(scores, wanted):
    assert draw_saturation.chosen(pd.DataFrame([scores], dtype=float)) == wanted


def test_a_picture_has_its_lines_genes_and_consequences(tmp_path):
    (tmp_path / "g.bed").write_text(BED)
    table = pd.concat([scored(), scored(500, 124)], ignore_index=True)
    figure = drawn(tmp_path, table, genes=tmp_path / "g.bed")
    assert said(figure, "2 stretches of 154 bases in 3 lines; 462 substitutions scored")
    assert {"stop gained", "intron"} <= set(words(figure))
    first, second, *_ = figure.axes
    assert {round(bar.get_height(), 6) for bar in first.patches} == {0.05, 0.25, 0.5}, "intron, exon, coding"
    assert len(second.patches) == 0, "no gene is there"
    assert first.get_xlim() == (100, 162), "as wide as the longest line"
    assert next((*label.get_position(), label.get_text()) for label in first.get_xticklabels()) == (109.5, 0, "110")


def test_what_is_not_dense_or_not_scored_says_so(tmp_path):
    few = drawn(tmp_path, scored(size=19))
    assert said(few, "not drawn: 57 substitutions at 19 bases are scored, and no stretch of\n20 bases has most of")
    assert said(drawn(tmp_path, scored().assign(llr=None)), "not drawn: no variant has a score")
    assert said(drawn(tmp_path, scored().drop(columns="llr")), "not drawn: no variant has a score")


def test_a_table_without_consequences_and_with_a_distance_is_drawn(tmp_path):
    figure = drawn(tmp_path, scored(score="l2").drop(columns="consequence"))
    assert said(figure, "Euclidean distance of embeddings\n(ref, alt)")
    assert figure.axes[0].get_legend() is None
