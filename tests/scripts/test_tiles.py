"""From windows with the bases beside them to a scan that reads each base once, by the scripts, in miniature."""

import logging

import labelled
import numpy as np
import pandas as pd
import pytest
from genomes import make, random_codes

import finetune_model
import scan_genome
import scan_share
from dnalm import files
from dnalm.dna import bigwig, seq
from dnalm.errors import InputError, UsageError
from dnalm.metrics import ranking
from dnalm.networks import flanks, models, readers, tiles
from dnalm.scan import shares as scan_shares
from dnalm.scan import tracks
from dnalm.tokens import making
from dnalm.tokens import tokenizer as tk

SIZES = {"hidden_size": 8, "num_hidden_layers": 3}  # each state depends on 28 bases on either side
WINDOW, STRIDE = 40, 10


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    letters = {"one": seq.decode(random_codes(0, 12_000)), "two": seq.decode(random_codes(1, 3000)) + "N" * 200}
    return make(tmp_path_factory.mktemp("genome") / "g", letters, {"test": ["two"]})


@pytest.fixture(scope="module")
def windows(genome, tmp_path_factory):
    """Windows of the first contig, rich in G where bound; the last rows lie nowhere."""
    path = tmp_path_factory.mktemp("windows") / "windows.tsv.gz"
    table, codes = labelled.make(path), random_codes(0, 12_000)
    views = np.lib.stride_tricks.sliding_window_view(codes, WINDOW)[: 250 * WINDOW : WINDOW]
    start = np.argsort(-(views == 2).sum(1), kind="stable")[: len(table)] * WINDOW
    bound, unbound = np.flatnonzero(table.label == 1), np.flatnonzero(table.label == 0)
    order = np.empty(len(table), int)
    order[np.concatenate([bound, unbound])] = start
    table["chrom"], table["start"], table["end"] = "one", order, order + WINDOW
    table["sequence"] = [seq.decode(codes[place : place + WINDOW]) for place in order]
    table.loc[table.index[-12:], ["chrom", "start", "end"]] = [".", 0, 0]
    files.write_table(path, table)
    return path


def tuned(windows, folder, kind="char", **options):
    tok = making.train(kind, **({"k": 3} if kind == "kmer" else {}))
    models.save(models.build("mlm", "dilated_conv", SIZES, tok, 64, 0), tok, folder / "pretrained", "card")
    finetune_model.main(
        windows=windows,
        pretrained=folder / "pretrained",
        out=folder / "out",
        checkpoints=folder / "state",
        batch_size=16,
        evaluations=2,
        **options,
    )
    return folder / "out"


@pytest.fixture(scope="module")
def flanked(windows, genome, tmp_path_factory):
    return tuned(windows, tmp_path_factory.mktemp("flanked"), genome=genome, flanked=0.5, epochs=20, learning_rate=5e-3)


def test_what_is_predicted_is_said_with_the_bases_beside(windows, genome, flanked):
    model, tok = models.load(flanked, "classify"), tk.load(flanked)
    assert model.config.margin == 28
    table = pd.read_csv(windows, sep="\t", dtype={"chrom": str}).set_index("id")
    said = pd.read_csv(flanked / "predictions.tsv.gz", sep="\t")
    rows = table.loc[said.id]
    contig = np.pad(random_codes(0, 12_000), 28, constant_values=flanks.NOTHING)
    codes = np.full((len(rows), 28 + WINDOW + 28), flanks.NOTHING, np.uint8)
    for row, (chrom, start, letters) in enumerate(zip(rows.chrom, rows.start, rows.sequence, strict=True)):
        codes[row, 28:-28] = seq.encode(letters)
        if chrom == "one":
            codes[row] = contig[start : start + 28 + WINDOW + 28]
    assert (codes[:, 0] != flanks.NOTHING).sum() > 100
    assert said.logit.to_numpy() == pytest.approx(flanks.answers(model, tok, codes, readers.class_logit), abs=1e-4)
    assert ranking.auroc(said.label.to_numpy(bool), said.logit.to_numpy()) > 0.65


def scanned(genome, model, folder, mode):
    out = {"out_signal": folder / f"{mode}.bw", "out_null": folder / f"{mode}.tsv.gz"}
    scan_genome.main(genome=genome, model=model, window=WINDOW, stride=STRIDE, null_windows=500, mode=mode, **out)
    with bigwig.reading(out["out_signal"]) as signal:
        return {contig: bigwig.read(signal, contig, STRIDE) for contig in signal.chroms()}


def test_a_scan_in_tiles_is_what_the_model_says_of_each_window(genome, flanked, tmp_path, monkeypatch):
    """Of the model's own windows with what lies beside them: one value a bin, the mean of four; N is left out.

    In several pieces, whose ends are ends of nothing.
    """
    monkeypatch.setattr(tracks, "PIECE", 2500)
    found, tiles = (scanned(genome, flanked, tmp_path, mode) for mode in ("auto", "tiles"))
    assert all(np.array_equal(found[name], tiles[name], equal_nan=True) for name in ("one", "two"))
    model, tok = models.load(flanked, "classify"), tk.load(flanked)
    contig = np.pad(random_codes(0, 12_000), 28, constant_values=flanks.NOTHING)
    views = np.lib.stride_tricks.sliding_window_view(contig, WINDOW + 56)[::STRIDE]
    said = 1 / (1 + np.exp(-flanks.answers(model, tok, views, readers.class_logit).astype(float)))
    assert found["one"] == pytest.approx(bigwig.mean_of_windows(said, WINDOW, STRIDE, 12_000), abs=1e-5)
    assert np.isnan(found["two"][-19:]).all()
    assert np.isfinite(found["two"][:300]).all()
    alone = scanned(genome, flanked, tmp_path, "windows")
    assert np.nanmax(abs(alone["one"] - found["one"])) > 1e-3
    assert np.corrcoef(alone["one"], found["one"])[0, 1] > 0.9


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "its target has no genome"),
        ({"genome": True, "places": 4}, "their stretches are told apart (places)"),
        (
            {"genome": True, "kind": "kmer"},
            "the network's states depend on all of a window, or its tokens are not bases",
        ),
    ],
)
def test_where_nothing_can_be_read_beside_them_windows_are_read_alone(windows, genome, tmp_path, options, said, caplog):
    given = options | ({"genome": genome} if options.get("genome") else {})
    with caplog.at_level(logging.INFO, "dnalm"):
        out = tuned(windows, tmp_path, flanked=0.5, epochs=0.5, **given)
    assert f"flanked: windows are read by themselves, for {said}" in caplog.text
    assert models.load(out, "classify").config.margin == 0
    with pytest.raises(UsageError, match="was trained on windows by themselves, and tiles are read with the bases"):
        scanned(genome, out, tmp_path, "tiles")


OPTIONS = {"window": WINDOW, "stride": STRIDE}


@pytest.mark.parametrize("mode", ["tiles", "windows"])
def test_a_scan_in_shares_is_the_scan_to_the_last_bit(genome, flanked, tmp_path, mode, monkeypatch):
    monkeypatch.setattr(tracks, "PIECE", 2500)
    given, out = OPTIONS | {"genome": genome, "model": flanked, "mode": mode}, {}
    for shares in (1, 3, 50):
        paths = [tmp_path / f"{number}of{shares}.npz" for number in range(1, shares + 1)]
        for number, path in enumerate(paths, start=1):
            scan_share.main(**given, share=number, shares=shares, out=path)
        out[shares] = {"out_signal": tmp_path / f"{shares}.bw", "out_null": tmp_path / f"{shares}.tsv.gz"}
        scan_genome.main(**given, shares=paths[::-1], null_windows=200, **out[shares])
    once = {"out_signal": tmp_path / "once.bw", "out_null": tmp_path / "once.tsv.gz"}
    scan_genome.main(**given, null_windows=200, **once)
    for made in out.values():
        assert all(made[name].read_bytes() == once[name].read_bytes() for name in once)
    with pytest.raises(UsageError, match=r"--share: got 4, wanted 1 to 3, the number of shares"):
        scan_share.main(**given, share=4, shares=3, out=tmp_path / "none.npz")
    for paths, said in (
        (["1of3.npz", "2of3.npz"], "1of3.npz: is share 1 of 3, and 2 were given; wanted each once"),
        (["1of3.npz", "2of3.npz", "2of3.npz"], "2of3.npz: is share 2 of 3, and 3 were given; wanted each once"),
    ):
        with pytest.raises(InputError, match=said):
            scan_genome.main(**given, shares=[tmp_path / name for name in paths], **once)
    with pytest.raises(
        InputError, match=r"1of1.npz: is a share of another scan .model, genome or options.; scan it again"
    ):
        scan_genome.main(**given | {"stride": 20}, shares=[tmp_path / "1of1.npz"], **once)


def test_killed_half_way_a_scan_does_only_what_is_missing(genome, flanked, tmp_path, monkeypatch):
    """What a piece says is kept; the files are those of a scan that was not killed."""
    monkeypatch.setattr(tracks, "PIECE", 2500)
    given = OPTIONS | {"genome": genome, "model": flanked, "null_windows": 200}
    names = {"out_signal": "s.bw", "out_null": "n.tsv.gz"}
    whole, killed = ({key: tmp_path / of / name for key, name in names.items()} for of in ("whole", "killed"))
    scan_genome.main(**given, **whole)
    read, asked = tiles.logits, []

    def dies(*arguments, **more):
        asked.append(0)
        if len(asked) == 4:
            raise KeyboardInterrupt
        return read(*arguments, **more)

    monkeypatch.setattr(tiles, "logits", dies)
    with pytest.raises(KeyboardInterrupt):
        scan_genome.main(**given, **killed, checkpoints=tmp_path / "state")
    kept = sorted((tmp_path / "state").glob("*/*.f32"))
    assert len(kept) in (2, 3)  # one of the pieces lies on two contigs, and is read in two
    kept[0].write_bytes(kept[0].read_bytes()[:-8])
    scan_genome.main(**given, **killed, checkpoints=tmp_path / "state")
    work = scan_shares.work(genome, flanked, WINDOW, STRIDE, "auto", None)
    missing = dict(enumerate(tracks.cut(work.spans, STRIDE)))
    for path in kept[1:]:
        del missing[int(path.stem)]
    shuffled = 200 * STRIDE // (20 * WINDOW - WINDOW + STRIDE) + 1
    assert len(asked) == 4 + sum(map(len, missing.values())) + shuffled
    assert all(whole[name].read_bytes() == killed[name].read_bytes() for name in names)
    assert not list((tmp_path / "state").iterdir())
