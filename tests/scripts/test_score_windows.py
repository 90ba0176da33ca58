"""Pairs of windows in, table and summary out: every row accounted for, one figure of two classes and their nulls."""

import json

import numpy as np
import pandas as pd
import pytest
from scored import make_world

import draw_contrast
import score_windows
from dnalm import cli
from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.metrics import ranking
from dnalm.variants import contrast

WIDTH, MIDDLE = 41, 20


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make_world(tmp_path_factory.mktemp("world"))


def windows(number, seed, share):
    """Windows of so much GC and another base in their middle: rows of id, with, without."""
    rng = np.random.default_rng(seed)
    chance = [(1 - share) / 2, share / 2, share / 2, (1 - share) / 2]
    ref = rng.choice(4, (number, WIDTH), p=chance).astype(np.uint8)
    alt = ref.copy()
    alt[:, MIDDLE] = (ref[:, MIDDLE] + rng.integers(1, 4, number)) % 4
    return pd.DataFrame(
        {
            "name": [f"s{row}" for row in range(number)],
            "before": list(map(seq.decode, ref)),
            "after": list(map(seq.decode, alt)),
        }
    )


def run(world, tmp_path, exon, intron, **options):
    for name, rows in (("exon", exon), ("intron", intron)):
        rows.to_csv(tmp_path / f"{name}.csv.gz", index=False)
    outs = {"out": tmp_path / "o.windows.tsv.gz", "out_summary": tmp_path / "o.windows.json"}
    given = {"classes": ["exon", "intron"], "windows": [tmp_path / "exon.csv.gz", tmp_path / "intron.csv.gz"]}
    given |= {"columns": {"ref": "before", "alt": "after", "id": "name"}, "model": world["folder"] / "model"}
    score_windows.main(**(given | options | outs))
    table = pd.read_csv(outs["out"], sep="\t", keep_default_na=False, na_values=[""], dtype={"skipped": str})
    return table, json.loads(outs["out_summary"].read_text())


def test_every_row_comes_out_and_each_pair_counts_once(world, tmp_path):
    exon, intron = windows(40, 0, 0.6), windows(50, 1, 0.4)
    exon = pd.concat([exon, exon.iloc[[0, 0, 3]], exon.iloc[[1]].assign(after=exon.before[1])])
    intron = pd.concat([intron, exon.iloc[[5]], intron.iloc[[2]].assign(before="")])
    table, summary = run(world, tmp_path, exon, intron, scores=["l2", "llr", "entropy"])
    assert len(table) == summary["rows"] == 44 + 52
    assert table.line.tolist() == [*range(2, 46), *range(2, 54)]
    assert table.id.tolist() == [*exon.name, *intron.name]
    assert summary["skipped"] == {"ref_equals_alt": 1, "missing_window": 1}
    assert summary["rows"] == summary["scored"] + sum(summary["skipped"].values())
    assert (summary["distinct"], summary["in_both_classes"], summary["window"]) == (90, 1, WIDTH)
    assert summary["contrast"]["n"] == summary["null"]["n"] == summary["excess"]["n"] == [40, 51]
    assert summary["contrast"]["blocks"] == summary["clusters"]["number"] == 90
    assert summary["clusters"]["largest"] == 2, "the pair that is in both classes"
    scored = table[table.skipped.isna()]
    columns = ["l2", "l2_twin", "l2_null", "l2_spread", "l2_residual", "llr", "llr_null", "entropy_twin"]
    assert scored[columns].notna().all(axis=None)
    assert table[table.skipped.notna()][[*columns, "place", "gc", "cluster"]].isna().all(axis=None)
    assert (scored.place == MIDDLE).all()
    assert ((scored.other != scored.ref) & (scored.other != scored["alt"])).all()
    assert scored.other.str.fullmatch("[ACGT]").all()
    assert table.iloc[40][["l2", "l2_null", "other"]].equals(table.iloc[0][["l2", "l2_null", "other"]].rename(40))


def test_numbers_are_those_of_the_table(world, tmp_path):
    table, summary = run(world, tmp_path, windows(60, 2, 0.6), windows(50, 3, 0.4), scores=["l2", "llr"])
    exon = (table["class"] == "exon").to_numpy()
    for part, values in (("contrast", table.l2), ("null", table.l2_null), ("excess", table.l2 - table.l2_null)):
        found = summary[part]["scores"]["l2"]
        assert found["auroc"]["value"] == pytest.approx(ranking.auroc(exon, values.to_numpy()), abs=2e-3)
        assert found["median"] == pytest.approx([values[exon].median(), values[~exon].median()], rel=1e-3)
        assert set(found["matched"]) == set(contrast.MATCHES)
    twin = ranking.auroc(exon, table.l2_twin.to_numpy())
    assert summary["contrast"]["twin"]["l2"]["auroc"]["value"] == pytest.approx(twin, abs=2e-3)
    assert summary["contrast"]["ranked_by"]["llr"] == "-llr"
    again = tmp_path / "again"
    again.mkdir()
    assert run(world, again, windows(60, 2, 0.6), windows(50, 3, 0.4), scores=["l2", "llr"])[1] == summary
    other = run(world, again, windows(60, 2, 0.6), windows(50, 3, 0.4), scores=["l2", "llr"], seed=1)[0]
    assert (other.l2 == table.l2).all()
    assert (other.other != table.other).any()


def test_the_score_of_a_null_is_that_of_the_window_with_that_base(world, tmp_path):
    exon, intron = windows(5, 4, 0.5), windows(5, 5, 0.5)
    table, _ = run(world, tmp_path, exon, intron, twin=False)
    assert "l2_twin" not in table
    swapped = exon.assign(
        after=[text[:MIDDLE] + base + text[MIDDLE + 1 :] for text, base in zip(exon.before, table.other, strict=False)]
    )
    found, _ = run(world, tmp_path, swapped, intron, twin=False)
    for name in ("l2", "l2_local", "cosine", "llr", "entropy"):
        assert found[name][:5].to_numpy() == pytest.approx(table[f"{name}_null"][:5].to_numpy(), rel=1e-3, abs=1e-5)


def test_classes_and_tables_are_two(world, tmp_path):
    rows = windows(3, 0, 0.5)
    for classes in (["a"], ["a", "a"], ["a", "b", "c"]):
        with pytest.raises(UsageError, match=r"--classes: got a.* for 2 tables, wanted two names for two"):
            run(world, tmp_path, rows, rows, classes=classes)


def test_a_command_line_runs_and_a_fault_is_one_line(world, tmp_path, capsys):
    windows(8, 0, 0.5).to_csv(tmp_path / "a.csv", index=False)
    argv = [
        "--classes",
        "a",
        "b",
        "--windows",
        *[str(tmp_path / "a.csv")] * 2,
        "--model",
        str(world["folder"] / "model"),
    ]
    argv += ["--out", str(tmp_path / "o.tsv"), "--out-summary", str(tmp_path / "o.json")]
    with pytest.raises(SystemExit) as stopped:
        cli.run(score_windows.main, argv)
    assert stopped.value.code == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert said[-1].endswith("a.csv:1: no column 'ref'; the table has 'name', 'before', 'after'")
    assert not (tmp_path / "o.tsv").exists()


def test_the_figure_says_how_the_classes_differ(world, tmp_path):
    _, summary = run(world, tmp_path, windows(30, 6, 0.6), windows(30, 7, 0.4), scores=["l2", "llr"])
    said = [draw_contrast.heading("llr", summary, ending) for ending in draw_contrast.SIDES]
    assert said[0].startswith("the variant, by −llr\nAUROC 0.")
    assert [text.count("\n") for text in said] == [3, 4, 3]
    assert "beyond the other base 0." in said[1]
    assert draw_contrast.heading("l2", {}, "_twin") == "the variant, random weights"
    files = {"table": tmp_path / "o.windows.tsv.gz", "summary": tmp_path / "o.windows.json"}
    draw_contrast.main(**files, out=tmp_path / "o.png")
    assert (tmp_path / "o.png").stat().st_size > 20_000
    run(world, tmp_path, windows(30, 6, 0.6), windows(30, 7, 0.4), scores=["l2"], twin=False)
    draw_contrast.main(**files, out=tmp_path / "p.png")
    assert (tmp_path / "p.png").stat().st_size > 10_000
