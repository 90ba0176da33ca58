"""Variants scored in shares: together they are, to the last bit, what one job says; foreign shares are refused."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from scored import HEAD, good, line, make_world, other

import score_share
import score_variants
from dnalm.errors import InputError, UsageError
from dnalm.networks import models, pieces
from dnalm.tokens import tokenizer as tk
from dnalm.variants import evidence, pairs

OUTS = {"out": "o.vcf", "out_table": "o.tsv", "out_summary": "o.json"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """A genome, an untrained model, and a VCF of 35 distinct changes, of which two are indels, in two classes."""
    world = make_world(tmp_path_factory.mktemp("world"))
    text = world["texts"]["c1"]
    body = good(world["texts"], 20).replace("PASS\t.", "PASS\tCLASS=bad") + good(world["texts"], 13, "c2")
    body += line("c1", 1500, text[1499], text[1499] + "ACG", "CLASS=bad")
    body += line("c1", 1600, text[1599:1603], text[1599]) + line("c1", 1700, text[1699], "<INS>")
    body += line("c1", 100, text[99], other(text[99]))  # the first once more
    (world["folder"] / "in.vcf").write_text(HEAD + body.replace("PASS\t.", "PASS\tCLASS=good"))
    return world


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "CHUNK", 8)  # five pieces, the last of three


def asked(world: dict, **options: object) -> dict:
    files = {
        name: world["folder"] / file for name, file in (("vcf", "in.vcf"), ("genome", "genome"), ("model", "model"))
    }
    return {**files, "window": 40, "phases": 2, **options}


def shared(folder: Path, shares: int, given: dict) -> list[Path]:
    """The files of all shares."""
    paths = [folder / f"{number}of{shares}.npz" for number in range(1, shares + 1)]
    for number, path in enumerate(paths, start=1):
        score_share.main(**given, share=number, shares=shares, out=path)
    return paths


def written(folder: Path, given: dict, **more: object) -> list[bytes]:
    """What score_variants makes of it: VCF, table and summary."""
    folder.mkdir()
    outs = {key: folder / name for key, name in OUTS.items()}
    score_variants.main(**given, label_key="CLASS", positive=["bad"], **outs, **more)
    return [path.read_bytes() for path in outs.values()]


@pytest.mark.parametrize("options", [{}, {"twin": False, "scores": ["llr"]}, {"seed": 3, "places": ["c1"]}])
def test_scores_in_shares_are_those_of_one_job_to_the_last_bit(world, tmp_path, monkeypatch, options):
    given = asked(world, **options)
    whole = written(tmp_path / "whole", given)
    assert (b"l2_twin" in whole[1], b"llr_spread" in whole[1]) == (options.get("twin", True), True)
    files = {shares: shared(tmp_path, shares, given) for shares in (3, 7)}
    monkeypatch.setattr(evidence, "score", lambda *_, **__: pytest.fail("ran a network"))
    for shares, paths in files.items():
        assert written(tmp_path / str(shares), given, shares=paths[::-1]) == whole


def test_without_a_variant_shares_are_as_empty_as_one_job(world, tmp_path):
    (tmp_path / "in.vcf").write_text(HEAD)
    given = asked(world, vcf=tmp_path / "in.vcf")
    paths = shared(tmp_path, 2, given)
    whole, joined = (written(tmp_path / name, given, **more) for name, more in (("a", {}), ("b", {"shares": paths})))
    assert joined == whole


def test_a_share_without_a_piece_loads_no_model(world, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "load", lambda *_, **__: pytest.fail("loaded a model"))
    score_share.main(**asked(world), share=7, shares=7, out=tmp_path / "7of7.npz")
    assert len(np.load(tmp_path / "7of7.npz")["said"]) == 0


def test_a_share_of_other_work_is_refused(world, tmp_path, monkeypatch):
    """Another model, genome, set of changes or option; what says nothing of the scores may differ."""
    given = asked(world)
    paths = shared(tmp_path, 3, given)
    model = shutil.copytree(world["folder"] / "model", tmp_path / "model")
    tok = tk.load(model)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1}
    models.save(models.build("mlm", "dilated_conv", sizes, tok, 64, 1).eval(), tok, model, "card")
    genome = shutil.copytree(world["folder"] / "genome", tmp_path / "genome")
    with open(genome / "genome.fa.gz", "ab") as file:
        file.write((genome / "genome.fa.gz").read_bytes()[-28:])  # one more empty block
    others = [{"model": model}, {"genome": genome}, {"places": ["c1"]}, {"twin": False}, {"seed": 1}, {"window": 42}]
    for number, options in enumerate([*others, {"phases": 1}, {"layer": 1}, {"scores": ["l2"]}]):
        with pytest.raises(
            InputError,
            match=r"1of3.npz: is a share of another scoring .model, genome, variants or options.; score it again",
        ):
            written(tmp_path / str(number), given | options, shares=paths)
    written(tmp_path / "same", given | {"max_n": 0.6, "max_mismatch": 0.2}, shares=paths)
    monkeypatch.setattr(pairs, "CHUNK", 9)
    with pytest.raises(InputError, match=r"1of3.npz: is a share of another scoring"):
        written(tmp_path / "cut", given, shares=paths)


def test_shares_that_are_missing_or_no_shares_are_refused(world, tmp_path):
    given = asked(world, scores=["l2"], twin=False)
    first, second, third = shared(tmp_path, 3, given)
    for number, (paths, said) in enumerate(
        (
            ([first, second], "1of3.npz: is share 1 of 3, and 2 were given; wanted each once"),
            ([first, third, third], "3of3.npz: is share 3 of 3, and 3 were given; wanted each once"),
            (
                [first, second, given["vcf"]],
                "in.vcf: got a file that is no .npz, or a damaged one; make it with score_s",
            ),
        )
    ):
        with pytest.raises(InputError, match=said):
            written(tmp_path / str(number), given, shares=paths)
    for share in (0, 4):
        with pytest.raises(UsageError, match=f"--share: got {share}, wanted 1 to 3, the number of shares"):
            score_share.main(**given, share=share, shares=3, out=tmp_path / "none.npz")
    (tmp_path / "in.vcf").write_text(given["vcf"].read_text().replace("0/1\n", "0/1:7\n"))
    with pytest.raises(InputError, match="htslib cannot read this record"):
        score_share.main(**given | {"vcf": tmp_path / "in.vcf"}, share=1, shares=3, out=tmp_path / "none.npz")
    assert not (tmp_path / "none.npz").exists()


def test_killed_half_way_a_share_does_only_what_is_missing(world, tmp_path, monkeypatch):
    """Two shares may keep their pieces in one folder, where each goes by the piece's own number."""
    given, kept, read, seen = asked(world), tmp_path / "kept", evidence.one_strand, []
    whole = [path.read_bytes() for path in shared(tmp_path, 2, given)]
    own = [sorted(pieces.shared(5, share, 2)) for share in (0, 1)]

    def killed(*words: object, **more: object) -> dict:
        seen.append(len(words[2].view))
        if len(seen) in (4, 8):
            raise KeyboardInterrupt
        return read(*words, **more)

    monkeypatch.setattr(evidence, "one_strand", killed)
    for number in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            score_share.main(**given, share=number, shares=2, out=tmp_path / "of2.npz", checkpoints=kept)
    assert sorted(int(path.stem) for path in kept.rglob("model/*.f32")) == sorted(each[0] for each in own)
    monkeypatch.setattr(evidence, "one_strand", lambda *words, **more: seen.append(0) or read(*words, **more))
    for number, there in ((2, 1), (1, 0)):  # one that is done takes the folder away
        seen.clear()
        score_share.main(**given, share=number, shares=2, out=tmp_path / "of2.npz", checkpoints=kept)
        assert (tmp_path / "of2.npz").read_bytes() == whole[number - 1]
        assert len(seen) == 2 * (2 * len(own[number - 1]) - there), "strands, of the model's pieces and its twin's"
        assert not list(kept.iterdir())
