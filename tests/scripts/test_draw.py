"""Each drawing script on small inputs: a PNG comes out, and what is drawn is what was given."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from seen import picture, said

import draw_composition
import draw_embeddings
import draw_evaluation
import draw_leaderboard
import draw_logos
import draw_scan
import draw_tokens
import draw_training
import draw_trajectory
import draw_variants
import draw_windows
from dnalm import cli
from dnalm.dna import bigwig
from dnalm.errors import InputError
from dnalm.figures import style
from dnalm.metrics import bootstrap


@pytest.fixture
def axes() -> Axes:
    return Figure().subplots()


def legend(axes: Axes) -> list[str]:
    return axes.get_legend_handles_labels()[1]


def assert_drawn(path) -> None:
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert path.stat().st_size > 5_000


def write(path, table: pd.DataFrame):
    table.to_csv(path, sep="\t", index=False)
    return path


def write_json(path, value: dict):
    path.write_text(json.dumps(value))
    return path


# training


def pretraining(rows: int = 5) -> pd.DataFrame:
    table = [
        {"step": n, "split": split, "bases": n * 1000, "loss": 1.3, "bits_per_base": 2 - n / 100}
        | {"bits_repeat": 1.9 if split == "validation" else None, "bits_unique": None}
        for n in range(rows)
        for split in ("train", "validation")
    ]
    return pd.DataFrame(table)


def token_counts(counts):
    words = ["[PAD]", "A", "CG", "TTA"]
    return pd.DataFrame({"id": range(4), "token": words, "count": counts, "bases": [0, 1, 2, 3], "gc": [None, 0, 1, 0]})


def test_token_lengths_in_the_corpus_and_in_the_vocabulary(axes):
    table = token_counts([0, 6, 3, 1])
    draw_tokens.draw_lengths(axes, table[table["count"] > 0])
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([0.6, 0.3, 0.1, 1 / 3, 1 / 3, 1 / 3])


@pytest.mark.parametrize("counts", [[0, 6, 3, 1], [0, 0, 0, 0]])
def test_draw_tokens(tmp_path, counts):
    about = {"tokens": 10, "bases_per_token": 1.5, "tokens_used": 3, "vocabulary": 4, "unknown_share": 0.0}
    token_counts(counts).to_csv(tmp_path / "counts.tsv", sep="\t", index=False)
    summary = write_json(tmp_path / "s.json", about | {"entropy_bits_per_base": 1.9})
    draw_tokens.main(counts=tmp_path / "counts.tsv", summary=summary, out=tmp_path / "o.png")
    assert (tmp_path / "o.png").stat().st_size > 5000


def test_pretraining_curves_and_references(axes):
    draw_training.bits(axes, pretraining(), 1.95)
    assert legend(axes) == [
        "train, 1.960 at the end",
        "validation, 1.960 at the end",
        "uniform guess, 2 bits",
        "Markov chain, 1.950 bits",
    ]
    assert list(axes.lines[0].get_xdata()) == [0, 1000, 2000, 3000, 4000]
    assert list(axes.lines[2].get_ydata()) == [2, 2]


def test_each_genome_of_a_corpus_has_its_curve(axes):
    table = pretraining().assign(bits_in_one=1.9, bits_in_species=1.98)
    draw_training.bits(axes, table, None)
    assert {"validation, one, 1.900 at the end", "validation, species, 1.980 at the end"} <= set(legend(axes))


def test_many_points_get_a_running_mean(axes):
    draw_training.bits(axes, pretraining(100), None)
    assert len(axes.lines) == 2 + 2 + 1  # each curve twice, and the uniform guess
    assert len(legend(axes)) == 3


def test_finetuning_marks_the_best_evaluation(axes):
    table = pd.DataFrame({"step": [10, 20, 30], "split": "validation", "loss": 0.5, "auprc": [0.2, 0.8, 0.7]})
    draw_training.precision(axes, table)
    assert legend(axes) == ["validation, 0.700 at the end", "best, 0.800 at step 20"]
    assert axes.get_xlabel() == "training step"


@pytest.mark.parametrize("bits", [2.0, None])
def test_draw_training(tmp_path, bits):
    table = pretraining() if bits else pretraining().drop(columns=["bits_per_base", "bits_repeat", "bits_unique"])
    draw_training.main(metrics=write(tmp_path / "m.tsv", table), out=tmp_path / "o.png")
    assert_drawn(tmp_path / "o.png")


# evaluation


def predictions(label: list[int], score: list[float]) -> pd.DataFrame:
    ids = [f"c:{n}-{n + 9}" for n in range(len(label))]
    return pd.DataFrame({"id": ids, "split": "test", "label": label, "kind": "random", "score": score})


def test_join_keeps_one_split_and_one_row_a_window():
    model = pd.concat([predictions([1, 0], [0.9, 0.1]), predictions([1], [0.5]).assign(id="x", split="validation")])
    table = draw_evaluation.join(model, pd.DataFrame({"id": ["c:1-10", "c:0-9"], "pwm": [1.0, 2.0]}), "test")
    assert table[["model", "pwm"]].to_numpy().tolist() == [[0.9, 2.0], [0.1, 1.0]]


@pytest.mark.parametrize("label", [[1, 0, 1, 0], [0, 0, 0, 0], []])
def test_draw_evaluation(tmp_path, label):
    table = predictions(label, [0.9, 0.2, 0.6, 0.4][: len(label)])
    (tmp_path / "baselines").mkdir()
    write(tmp_path / "predictions.tsv.gz", table)
    write(
        tmp_path / "baselines" / "predictions.tsv.gz", table.assign(gc=0.4, pwm=np.nan, kmer=[1, 2, 3, 4][: len(label)])
    )
    scores, labels = table.score.to_numpy(float), table.label.to_numpy() == 1
    found = {"model": bootstrap.assess(labels, scores, np.arange(len(label)), probability=True)}
    draw_evaluation.main(
        predictions=tmp_path / "predictions.tsv.gz",
        baselines=tmp_path / "baselines",
        metrics=write_json(tmp_path / "m.json", {"test": found, "by_negatives": {"random": found}}),
        out=tmp_path / "o.png",
    )
    assert_drawn(tmp_path / "o.png")


# windows


def test_windows_by_kind_with_their_distance(axes):
    table = pd.DataFrame({"label": [1, 0, 0, 1], "kind": ["positive", "random", "given", "given"]})
    kinds = draw_windows.kinds(table)
    assert list(kinds) == ["positive", "random", "given negative", "given positive"]
    draw_windows.draw(
        axes, kinds, np.array([0.1, 0.2, 0.3, 0.4]), "gc", {"random": {"gc": {"statistic": 0.25, "p": 1}}}
    )
    assert legend(axes) == ["given positive, n 1", "positive, n 1", "given negative, n 1", "random, n 1, KS 0.250 (gc)"]
    assert len(axes.patches) == 4


@pytest.mark.parametrize("letters", [["GCGC", "acGT"], ["NNNN", "NNNN"], []])
def test_draw_windows(tmp_path, letters):
    table = pd.DataFrame({"label": [1, 0], "kind": ["positive", "motif"], "sequence": ["", ""]}).iloc[: len(letters)]
    path = write(tmp_path / "w.tsv.gz", table.assign(sequence=letters))
    draw_windows.main(windows=path, summary=write_json(tmp_path / "w.json", {"ks": {}}), out=tmp_path / "o.png")
    assert_drawn(tmp_path / "o.png")


def test_mappability_is_drawn_where_it_was_measured(tmp_path):
    table = pd.DataFrame({"label": [1, 0, 0], "kind": ["positive", "gc_matched", "shuffled"], "sequence": "ACGT"})
    path = write(tmp_path / "w.tsv.gz", table.assign(mappability=[1, 0.5, np.nan]))
    distances = {"gc_matched": {"gc": {"statistic": 0.0, "p": 1}, "mappability": {"statistic": 1.0, "p": 0}}}
    summary = write_json(tmp_path / "w.json", {"ks": distances})
    figure = picture(draw_windows.main, windows=path, summary=summary, out=tmp_path / "o.png")
    assert [axes.get_xlabel() for axes in figure.axes] == ["GC content", "mappability"]
    assert said(figure, "gc-matched, n 1, KS 0.000 (gc), 1.000 (mappability)")


# scan


@pytest.fixture
def scanned(tmp_path) -> dict:
    """A genome of one contig of 3 kb with three true peaks, two called there and one elsewhere."""
    (tmp_path / "genome").mkdir()
    (tmp_path / "genome" / "chrom.sizes").write_text("a\t3000\nb\t500\n")
    with gzip.open(tmp_path / "genome" / "softmask.bed.gz", "wt") as handle:
        handle.write("a\t100\t300\na\t2000\t2200\n")
    values = np.zeros(60, np.float32)
    values[[20, 21, 30, 50]] = [0.9, 0.8, 0.7, 0.6]
    bigwig.write(tmp_path / "s.bw", {"a": 3000, "b": 500}, {"a": values}, 50)
    called = [
        f"a\t{start}\t{start + 100}\tp\t900\t.\t0.{9 - n}\t3\t2\t50\n" for n, start in enumerate((1000, 1480, 2480))
    ]
    for name, rows in (("called", called), ("truth", [called[0], called[1], "a\t100\t200\n"]), ("none", [])):
        with gzip.open(tmp_path / f"{name}.narrowPeak.gz", "wt") as handle:
            handle.writelines(rows)
    curve = [{"q": q, "called": n, "precision": 1.0, "recall": None} for n, q in enumerate((0.01, 0.1), 1)]
    score = {"value": 0.9, "low": 0.8, "high": 0.95}
    report = {"regions": ["a"], "resolution": 50, "peaks": {"called": 3, "truth": 3, "precision": 2 / 3, "f1": None}}
    report |= {"bins": {"n": 60, "prevalence": 0.05, "model": {"auroc": score, "auprc": score}}, "curve": curve}
    (tmp_path / "genes.bed").write_text("a\t900\t1900\tGENE\t0\t+\n")
    return {
        "signal": tmp_path / "s.bw",
        "called": tmp_path / "called.narrowPeak.gz",
        "truth": [tmp_path / "truth.narrowPeak.gz"],
        "genome": tmp_path / "genome",
        "genes": tmp_path / "genes.bed",
        "scorecard": write_json(tmp_path / "card.json", report),
        "out": tmp_path / "o.png",
        "overview": 2000,
        "zoom": 500,
    }


def drawn_scan(monkeypatch, options: dict) -> Figure:
    """Run the script and keep its figure."""
    kept, draw = [], draw_scan.draw
    monkeypatch.setattr(draw_scan, "draw", lambda figure, *rest: (kept.append(figure), draw(figure, *rest)))
    draw_scan.main(**options)
    return kept[0]


def test_scan_shows_matched_and_unmatched_calls(monkeypatch, scanned):
    figure = drawn_scan(monkeypatch, scanned)
    assert_drawn(scanned["out"])
    truth, predicted, called, genes, repeats = figure.axes[:5]
    assert [axes.texts[-1].get_text() for axes in (truth, predicted, called, genes, repeats)] == [
        "truth peaks", "predicted\nprobability", "called peaks", "genes", "repeats"
    ]  # fmt: skip
    span = 1  # the shaded zoom is a patch too
    assert len(truth.patches) - span == 3
    faces = [patch.get_facecolor()[:3] for patch in called.patches[:3]]
    assert len(set(faces)) == 2
    assert faces[0] == faces[1]
    assert figure.axes[0].get_xlim() == (0, 2000)
    assert len({axes.get_position().x0.round(6) for axes in figure.axes[:10]}) == 1  # tracks are aligned


def test_scan_without_truth_without_calls_and_without_annotation(monkeypatch, scanned):
    (scanned["genome"] / "softmask.bed.gz").unlink()
    undefined = {"value": None, "low": None, "high": None, "reason": "no truth"}
    report = {"bins": {"n": 60, "prevalence": None, "model": {"auroc": undefined, "auprc": undefined}}, "curve": []}
    write_json(scanned["scorecard"], report | {"peaks": {"called": 0, "precision": None}})
    scanned |= {"called": scanned["called"].with_name("none.narrowPeak.gz"), "truth": None, "genes": None}
    figure = drawn_scan(monkeypatch, scanned)
    assert_drawn(scanned["out"])
    words = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert words.count("not defined: no truth") == 2
    assert "peaks against FDR not defined:\nthe scorecard holds no curve" in words
    assert "calibration of bins not defined:\nno truth to compare with" in words
    assert len(figure.axes) == 2 * 2 + 3


def test_scan_chooses_the_contig_with_most_truth():
    table = pd.DataFrame({"chrom": ["a", "b", "b"], "summit": [100, 100, 200]})
    assert draw_scan.choose(table, ["a", "b"], {"a": 1000, "b": 1000}, 400) == ("b", 0, 400)
    assert draw_scan.choose(table, ["a"], {"a": 1000}, 400) == ("a", 0, 400)
    assert draw_scan.choose(table.iloc[:0], ["a"], {"a": 1000}, 400) == ("a", 300, 700)


@pytest.mark.parametrize("highest, top", [(0.0, 0.05), (0.07, 0.1), (0.26, 0.5), (0.6, 1.0), (1.0, 1.0)])
def test_ceiling(highest, top):
    assert draw_scan.ceiling(highest) == top


# variants


def variants() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"chrom": "1", "pos": range(1, 61), "class": ["breaking", "neutral", "intron"] * 20})
    return table.assign(delta=rng.normal(size=60), l2=1.0, llr=np.nan)


def test_variants_have_a_violin_a_median_and_their_dots(axes):
    table = variants()
    table.loc[table["class"] == "intron", "delta"] = np.nan
    table.loc[0, ["delta", "l2", "llr"]] = np.nan  # skipped: counts nowhere
    groups = draw_variants.classes(table)
    assert groups == ["neutral", "intron", "breaking"]
    draw_variants.by_class(axes, table, groups, "delta", np.random.default_rng(0))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["neutral\nn 20", "intron\nn 20", "breaking\nn 19"]
    dots = [len(drawn.get_offsets()) for drawn in axes.collections if len(drawn.get_offsets()) > 1]
    assert dots == [20, 19]
    assert [text.get_text() for text in axes.texts] == ["no score"]
    assert axes.lines[1].get_xdata()[0] == pytest.approx(table.delta[table["class"] == "neutral"].median())


def test_variants_heading():
    report = {"auroc": {"delta": {"value": 0.9, "low": 0.8, "high": 1.0}, "l2": {"value": None, "reason": "one class"}}}
    report["ranked_by"] = {"delta": "|delta|", "l2": "l2"}
    assert draw_variants.heading("delta", report) == "AUROC 0.900 (0.800–1.000), by |delta|"
    assert draw_variants.heading("l2", report) == "AUROC not defined: one class"
    assert draw_variants.heading("llr", report) == draw_variants.heading("llr", {}) == ""


@pytest.mark.parametrize("kept", [["delta", "l2", "class"], ["delta", "l2"], ["class"], []])
def test_draw_variants(tmp_path, kept):
    path = write(tmp_path / "v.tsv.gz", variants()[["chrom", "pos", *kept]])
    draw_variants.main(table=path, summary=write_json(tmp_path / "s.json", {}), out=tmp_path / "o.png")
    assert_drawn(tmp_path / "o.png")


# leaderboard


def test_leaderboard_has_a_dot_a_row_and_says_what_is_missing(axes):
    rows = pd.DataFrame(
        {"model": ["pwm", "mine"], "auprc": [None, 0.8], "auprc_low": [None, 0.7], "auprc_high": [None, 0.9]}
    )
    draw_leaderboard.panel(axes, rows, "auprc", 0.2, "prevalence")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["motif scan (PWM)", "mine"]
    assert [text.get_text() for text in axes.texts] == ["not defined: see its metrics.json", "0.800 (0.700–0.900)"]
    assert len(axes.lines) == 3  # interval, dot, prevalence
    assert axes.get_xlabel() == "AUPRC (dashed: prevalence 0.2)"


@pytest.mark.parametrize("rows", [3, 0])
def test_draw_leaderboard(tmp_path, rows):
    draw_leaderboard.main(table=write(tmp_path / "l.tsv", board().iloc[:rows]), out=tmp_path / "o.png")
    assert_drawn(tmp_path / "o.png")


def board() -> pd.DataFrame:
    """Two models and a baseline; `a` lies .2 above the baseline for sure, and has no twin."""
    table = pd.DataFrame({"model": ["a", "b", "gc"], "auprc": [0.7, 0.5, None], "auroc": 0.9, "prevalence": 0.2})
    table["kind"], table["seeds"], table["split"] = ["model", "model", "baseline"], [3, 1, None], "test"
    table["baseline"], table["twin"] = ["gc", "gc", None], ["no twin was trained", "a", None]
    table["auprc_minus_baseline"], table["auprc_minus_twin"] = [0.2, -0.1, None], [None, -0.2, None]
    table["auprc_minus_baseline_low"], table["auprc_minus_baseline_high"] = [0.1, None, None], [0.3, None, None]
    return table.assign(pretraining_saw_test=["yes: chr8", "no", None])


def test_leaderboard_draws_paired_differences(axes):
    draw_leaderboard.differences(axes, board(), "baseline")
    assert [text.get_text() for text in axes.texts] == ["+0.200 (+0.100 to +0.300)", "-0.100"]
    assert axes.get_xlabel() == "AUPRC minus the best baseline (gc), paired"
    axes = Figure().subplots()
    draw_leaderboard.differences(axes, board(), "twin")
    assert [text.get_text() for text in axes.texts] == ["not defined: no twin was trained", "-0.200"]
    axes = Figure().subplots()
    draw_leaderboard.differences(axes, board().iloc[2:], "twin")
    assert "none to compare with" in axes.texts[0].get_text()


def test_leaderboard_says_seeds_and_what_pretraining_saw():
    rows = board().to_dict("records")
    labels = [draw_leaderboard.label(row) for row in rows]
    assert labels == ["a, 3 seeds, transductive", "b, 1 seed", "GC content"]
    assert draw_leaderboard.label(rows[0] | {"pretraining_saw_test": "unknown"}) == "a, 3 seeds, transductive: unknown"


# composition


KMERS = pd.DataFrame(
    {
        "k": 2,
        "kmer": ["AA", "CG", "GT"],
        "generated": [0.5, 0.0, 0.5],
        "genome": [0.5, 0.25, 0.25],
        "markov": [1.0, 0, 0],
    }
)


def test_spectrum_puts_missing_kmers_below_the_rest_and_cpg_apart(axes):
    draw_composition.spectrum(axes, KMERS, "generated", {"generated_vs_genome": 0.1, "genome_vs_genome": None})
    without, cpg = (np.asarray(drawn.get_offsets()) for drawn in axes.collections)
    assert without.tolist() == [[0.5, 0.5], [0.25, 0.5]]
    assert cpg.tolist() == [[0.25, 0.125]]  # seen nowhere: half the least share of 0.25
    assert axes.get_title() == "Generated: divergence 0.1000 bits"
    assert legend(axes)[-1] == "genome against itself: divergence not defined"


def test_longest_matches_with_what_chance_gives(axes):
    table = pd.DataFrame({"longest_match": [10, 20, 90], "length": 100})
    draw_composition.matches(axes, table, {"longest_match": {"markov": {"median": 11.0, "max": 15.0}}})
    assert set(legend(axes)) == {
        "generated, median 20 bp, most 90 bp",
        "Markov chain, median 11 bp, most 15 bp",
        "whole sequence, 100 bp",
    }
    assert sum(bar.get_height() for bar in axes.containers[0]) == 3


@pytest.mark.parametrize("rows", [3, 1, 0])
def test_draw_composition(tmp_path, rows):
    novelty = pd.DataFrame({"gc": [0.4, 0.5, None], "longest_match": [12, 12, 0], "length": 100}).iloc[:rows]
    spread = (
        {"mean": 0.4, "sd": 0.1, "median": 0.4, "max": 0.5} if rows else dict.fromkeys(("mean", "sd", "median", "max"))
    )
    summary = {"gc": {"generated": spread}, "longest_match": {"markov": spread}, "divergence": {"2": {}}}
    draw_composition.main(
        composition=write(tmp_path / "c.tsv", KMERS),
        summary=write_json(tmp_path / "c.json", summary),
        novelty=write(tmp_path / "n.tsv", novelty),
        out=tmp_path / "o.png",
        k=2 if rows else 6,
    )
    assert_drawn(tmp_path / "o.png")


# trajectory


def searched(judge: float | None) -> pd.DataFrame:
    rows = [
        {"start": start, "search": search, "generation": step, "best": step * gain, "mean": 0.0, "edits": step}
        | {"probability": 0.5, "judge_pwm": judge}
        for start in ("start_01", "start_02")
        for search, gain in (("evolution", 2.0), ("control", 0.5))
        for step in range(3)
    ]
    return pd.DataFrame(rows)


def test_trajectory_has_a_line_a_start_and_their_mean(axes):
    draw_trajectory.score(axes, searched(1.0), draw_trajectory.looks_of("evolution"), "logit")
    assert len(axes.lines) == 2 + 1 + 2 + 1 + 1  # control, evolution, and the evolving population's mean
    assert legend(axes) == [
        "control (mutation without selection), best: 0 → 1",
        "evolution, best: 0 → 4",
        "evolution, mean of the population: 0 → 0",
    ]


def test_pareto_has_a_staircase_a_start(axes):
    front = pd.DataFrame({"start": ["start_01"] * 2 + ["start_02"], "edits": [0, 2, 0], "score": [0.1, 0.9, 0.3]})
    draw_trajectory.pareto(axes, front, "logit")
    assert legend(axes) == ["start 01, 0.9 with 2 edits", "start 02, 0.3 with 0 edits"]


@pytest.mark.parametrize("judge", [1.0, None])
def test_draw_trajectory(tmp_path, judge):
    write(tmp_path / "trajectory.tsv", searched(judge))
    write(tmp_path / "pareto.tsv", pd.DataFrame({"start": ["a"], "edits": [0], "score": [0.1]}))
    draw_trajectory.main(folder=tmp_path, out=tmp_path / "o.png")
    assert_drawn(tmp_path / "o.png")


# embeddings


def tokens(number: int) -> pd.DataFrame:
    letters = list("ACGT" * number)[:number]
    table = pd.DataFrame(
        {"token": letters, "frequency": 0.25, "gc": 0.5, "pc1": np.arange(number) * 1.0, "pc2": np.nan}
    )
    return table.astype({"frequency": float, "gc": float, "pc2": float})


def test_embeddings_are_one_dot_a_row_with_known_axes(axes):
    draw_embeddings.scatter(axes, tokens(4), "gc", "GC", 5, {"share_of_variance": [0.75, None]})
    assert np.asarray(axes.collections[0].get_offsets()).tolist() == [[0, 0], [1, 0], [2, 0], [3, 0]]
    assert axes.get_xlabel() == "component 1 (75% of variance)"
    assert axes.get_ylabel() == "component 2"


def test_areas_go_with_frequency():
    assert draw_embeddings.areas(pd.Series([0.0, 0.5, np.nan, 1.0])).tolist() == [6, 113, 6, 220]


@pytest.mark.parametrize("number", [0, 4, 30])
def test_draw_embeddings(tmp_path, number):
    windows = tokens(number).assign(pc2=1.0, repeats=np.nan)
    draw_embeddings.main(
        tokens=write(tmp_path / "t.tsv", tokens(number)),
        windows=write(tmp_path / "w.tsv", windows),
        out=tmp_path / "o.png",
    )
    assert_drawn(tmp_path / "o.png")


# logos


def test_worth_is_the_mean_fall_over_the_three_changes():
    changes = np.zeros((1, 2, 4), np.float32)
    changes[0, 0] = [0, -3, -1, -2]
    changes[0, 1] = [1, 1, 1, 0]
    assert draw_logos.worth_of(changes).tolist() == [[2, -1]]


@pytest.mark.parametrize("number", [2, 0])
def test_draw_logos(tmp_path, number):
    changes = np.random.default_rng(0).normal(size=(number, 30, 4)).astype(np.float32)
    codes = np.zeros((number, 30), np.uint8)
    np.savez(
        tmp_path / "a.npz", attributions=changes, codes=codes, scores=np.ones(number), ids=["a:1-31", "b"][:number]
    )
    draw_logos.main(attributions=tmp_path / "a.npz", out=tmp_path / "o.png", span=20)
    assert_drawn(tmp_path / "o.png")


def test_draw_logos_refuses_what_is_no_attribution(tmp_path):
    np.savez(tmp_path / "a.npz", codes=np.zeros((1, 3)))
    (tmp_path / "b.npz").write_text("no")
    np.savez(tmp_path / "c.npz", codes=np.zeros((1, 3)), attributions=np.zeros((1, 3, 3)))
    said = {"a": "got an .npz without attributions; make it with attribute_windows.py"}
    said |= {"b": "got a file that is no .npz, or a damaged one", "c": "wanted an .npz with attributions [n, W, 4]"}
    for name, message in said.items():
        with pytest.raises(InputError, match=re.escape(f"{name}.npz: {message}")):
            draw_logos.main(attributions=tmp_path / f"{name}.npz", out=tmp_path / "o.png")


# all of them


def test_command_line_ends_well_or_says_why_not(tmp_path, monkeypatch, capsys):
    out = tmp_path / "o.png"
    table = write(tmp_path / "m.tsv", pretraining())
    monkeypatch.setattr("sys.argv", ["draw_training.py", "--metrics", str(table), "--out", str(out)])
    cli.run(draw_training.main)
    assert_drawn(out)
    assert json.loads((tmp_path / "o.png.card.json").read_text())["outputs"] == [str(out)]
    table.write_text("a\tb\n")
    with pytest.raises(SystemExit) as stopped:
        cli.run(draw_training.main)
    assert stopped.value.code == 2
    assert "wanted also step, split, loss" in capsys.readouterr().err


def test_no_drawing_needs_torch():
    names = [path.stem for path in Path(draw_scan.__file__).parent.glob("draw_*.py")]
    code = f"import sys; sys.path.insert(0, {str(Path(draw_scan.__file__).parent)!r}); import {', '.join(names)}"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'torch' not in sys.modules"], check=True)


def test_every_script_has_its_caption():
    workflow = Path(draw_scan.__file__).parents[1]
    scripts = {path.stem for path in (workflow / "scripts").glob("draw_*.py")}
    captions = {path.stem for path in (workflow / "report").glob("draw_*.rst")}
    assert scripts == captions
    assert style.DPI == 150
