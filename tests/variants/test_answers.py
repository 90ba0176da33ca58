"""Changes of what fine-tuned models say: by hand, of oracles, of models of every kind; which are given and refused."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from shown import draw, indels, save, save_outputs, score, substituted, swap, tokenizer

from dnalm.dna import seq
from dnalm.errors import UsageError
from dnalm.networks import models, outputs, predict, readers, track_model
from dnalm.networks.outputs import ONE, Outputs
from dnalm.variants import answers, beside, evidence
from dnalm.variants import pairs as variants_pairs

CLASSES = Outputs("classes", ("a", "b", "c"))
VALUES = Outputs("regression", ("x", "y"), (50.0, 0.5))
TRACKS = Outputs("tracks", ("dnase", "ctcf"))
KINDS = ["one", "one+", "classes", "classes+", "value", "values", "values+", "tracks"]


def names_of(folder: Path) -> list[str]:
    """All scores of a model's answers, with the change of each output."""
    every = evidence.every(models.read_objective(folder), models.read_outputs(folder))
    return [name for name in every if name.startswith(("delta", "shift"))]


def compared(name, told, ref, alt):
    return answers.score_of(name, told).compare(np.array(ref), np.array(alt)).tolist()


def test_changes_by_hand():
    ref, alt = np.log([[1.0, 2.0, 5.0]]), np.log([[2.0, 2.0, 4.0]])
    assert compared("delta:a", CLASSES, ref, alt) == pytest.approx([np.log(2 / 6) - np.log(1 / 7)])
    assert compared("delta:c", CLASSES, ref, alt) == pytest.approx([np.log(4 / 4) - np.log(5 / 3)])
    assert compared("delta:c", CLASSES, ref, alt + 9) == pytest.approx([np.log(4 / 4) - np.log(5 / 3)])
    assert compared("shift", CLASSES, ref, alt + 9) == pytest.approx([np.hypot(np.log(2), np.log(5 / 4))])
    assert compared("delta:y", VALUES, [[100.0, 3.0]], [[250.0, 5.0]]) == [2]
    assert compared("shift", VALUES, [[100.0, 3.0]], [[250.0, 5.0]]) == [5]  # 3 and 4 deviations
    assert compared("delta:ctcf", TRACKS, [[2.0, 10.0]], [[4.0, 5.0]]) == pytest.approx([-np.log(2)])
    assert compared("shift", TRACKS, [[2.0, 10.0]], [[4.0, 5.0]]) == pytest.approx([np.sqrt(2) * np.log(2)])
    assert np.isfinite(compared("delta:ctcf", TRACKS, [[2.0, 0.0]], [[4.0, 5.0]])).all()
    assert compared("delta", ONE, [3.0, 1.0], [1.0, 1.5]) == [-2, 0.5]
    sure = compared("delta:a", CLASSES, [[60.0, 0.0, -99.0]], [[50.0, 0.0, -99.0]])
    assert sure == pytest.approx([-10])  # where a probability of fp64 is 1


class Oracle(torch.nn.Module):
    """Says of a window a number for each base, how many of it there are; tracks as two bins of these, and logits."""

    def __init__(self, **config: object) -> None:
        super().__init__()
        self.anchor, self.config = torch.nn.Parameter(torch.zeros(1)), SimpleNamespace(**config)
        self.base_model = self

    def forward(self, input_ids, attention_mask=None):
        counts = torch.stack([(input_ids[:, 1:-1] == 5 + base) for base in range(4)], -1).float()
        if hasattr(self.config, "tracks"):
            rates = counts.unflatten(1, (2, -1)).sum(2) + 0.5
            counts = torch.special.expm1(rates.double()).log()  # of which the softplus is the rate
        else:
            counts = counts.sum(1)
        return SimpleNamespace(logits=counts.float())


def said_by(oracle, pairs, names, tmp_path, monkeypatch):
    """Scores by an oracle in place of the model in a folder."""
    folder = tmp_path / "lm" if (tmp_path / "lm").exists() else save(tmp_path, "dilated_conv", "char")
    monkeypatch.setattr(evidence.models, "load", lambda folder, task, twin=None: oracle)
    monkeypatch.setattr(
        evidence.models, "read_objective", lambda folder: "tracks" if hasattr(oracle.config, "tracks") else "classify"
    )
    return score(folder, pairs, names)


def test_an_oracle_whose_answers_are_known_gives_the_known_changes(tmp_path, monkeypatch):
    window = seq.encode("AAAAAACCCCCCGTTTGGGA")  # A 7, C 6, G 4, T 3; the middle C becomes another
    guanine = substituted(window[None], np.array([0]), seq.encode("G"))
    oracle = Oracle(tracks=["A", "C", "G", "T"])
    found = said_by(oracle, guanine, ["delta:C", "delta:G", "shift"], tmp_path, monkeypatch)
    # Of both strands C is (6 + 4) / 2 and becomes (5 + 5) / 2, and so does G.
    assert found[["delta:C", "delta:G", "shift"]].to_numpy() == pytest.approx(0, abs=1e-6)
    assert (found[["delta:C_spread", "delta:G_spread"]] > 0.1).all(axis=None)
    thymine = substituted(window[None], np.array([0]), seq.encode("T"))
    found = said_by(oracle, thymine, ["delta:T", "delta:G", "shift"], tmp_path, monkeypatch)
    # C to T, on the other strand G to A: C and G 5 + 1 become 4.5 + 1, T and A 5 + 1 become 5.5 + 1.
    assert found["delta:T"].tolist() == pytest.approx([np.log(6.5 / 6)], abs=1e-6)
    assert found["delta:G"].tolist() == pytest.approx([np.log(5.5 / 6)], abs=1e-6)
    assert found["shift"].tolist() == pytest.approx([np.sqrt(2 * np.log(6.5 / 6) ** 2 + 2 * np.log(5.5 / 6) ** 2)])
    # On the strand given T is 3 + 1 and becomes 4 + 1; on the other it stays 7 + 1.
    assert found["delta:T_spread"].tolist() == pytest.approx([np.std([np.log(5 / 4), 0])], abs=1e-6)

    oracle = Oracle(learnt="classes", names=["A", "C", "G", "T"])
    found = said_by(oracle, thymine, ["delta:T", "shift"], tmp_path, monkeypatch)
    before, after = (torch.tensor(one).double().softmax(0).numpy() for one in ([5.0] * 4, [5.5, 4.5, 4.5, 5.5]))
    odds = [np.log(one[3] / (1 - one[3])) for one in (before, after)]
    assert found["delta:T"].tolist() == pytest.approx([odds[1] - odds[0]], abs=1e-6)
    assert found["shift"].tolist() == pytest.approx([np.linalg.norm(np.log(after / before))], abs=1e-6)

    oracle = Oracle(learnt="regression", names=["A", "C", "G", "T"], scale=[0.1, 0.2, 0.5, 0.25])
    found = said_by(oracle, thymine, ["delta:G", "shift"], tmp_path, monkeypatch)
    assert found["delta:G"].tolist() == [-0.5]
    assert found["shift"].tolist() == pytest.approx([np.linalg.norm(0.5 / np.array([0.1, 0.2, 0.5, 0.25]))])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("moved", [False, True])
def test_alleles_that_change_places_flip_a_change_and_keep_a_distance(tmp_path, kind, moved):
    folder, pairs = save_outputs(tmp_path, kind), indels(tmp_path) if moved else draw()
    names = names_of(folder)
    one, two = (score(folder, those, names) for those in (pairs, swap(pairs)))
    for name in names:
        assert one[name].abs().max() > 1e-3
        assert np.allclose(one[name], two[name] * (1 if name == "shift" else -1), atol=2e-5, rtol=1e-3)
        assert (one[name + "_spread"] > 0).any()
    same = variants_pairs.of_windows(pairs.ref, pairs.ref.copy())
    assert (score(folder, same, names).to_numpy() == 0).all()
    turned = score(folder, variants_pairs.reverse_complement(pairs), names)
    assert np.allclose(one, turned, atol=1e-4, rtol=1e-3)


def test_a_change_flips_exactly(tmp_path, monkeypatch):
    pairs, names = draw(), ["delta:C", "shift"]
    for config in ({"tracks": list("ACGT")}, {"learnt": "classes", "names": list("ACGT")}):
        one, two = (said_by(Oracle(**config), those, names, tmp_path, monkeypatch) for those in (pairs, swap(pairs)))
        assert (one["delta:C"] != 0).any()
        assert np.array_equal(one["delta:C"], -two["delta:C"])
        assert np.array_equal(one["shift"], two["shift"])


@pytest.mark.parametrize("kind", ["classes", "classes+", "tracks"])
def test_batches_of_any_size_agree(tmp_path, monkeypatch, kind):
    folder, pairs = save_outputs(tmp_path, kind), draw()
    found = []
    for size in (1, 64):
        monkeypatch.setattr(predict, "rows", lambda where, tokens, size=size: size)
        found.append(score(folder, pairs, names_of(folder)))
    assert np.allclose(*found, atol=1e-5)


def test_the_distance_of_one_output_is_its_change_without_the_sign(tmp_path):
    for kind in ("one", "value"):
        found = score(save_outputs(tmp_path, kind), draw(), ["delta", "shift"])
        assert np.allclose(found.delta.abs(), found["shift"])
    assert np.array_equal(
        score(tmp_path / "value0", draw(), ["delta:RNA"])["delta:RNA"],
        score(tmp_path / "value0", draw(), ["delta"]).delta,
    )


def both_strands(network, tok, windows):
    return predict.predict(network, tok, windows, readers.answers, what=None).astype(float)


@pytest.mark.usefixtures("fp32")
def test_an_ensemble_scores_by_the_mean_of_what_its_members_say(tmp_path):
    pairs, tok = draw(), tokenizer("char")
    folder = save_outputs(tmp_path, "one+")
    members = [score(save_outputs(tmp_path, "one", seed), pairs, ["delta"]).delta for seed in (0, 1)]
    assert np.abs(members[0] - members[1]).max() > 1e-3
    assert score(folder, pairs, ["delta"]).delta.to_numpy() == pytest.approx(1.5 * np.mean(members, 0), abs=1e-5)
    folder = save_outputs(tmp_path, "classes+")
    networks = [models.load(save_outputs(tmp_path, "classes", seed), "classify") for seed in (0, 1)]
    ref, alt = (
        1.5 * np.mean([both_strands(one, tok, windows) for one in networks], 0) + 0.25
        for windows in (pairs.ref, pairs.alt)
    )
    chances = [torch.tensor(one).softmax(1).numpy()[:, 1] for one in (ref, alt)]
    odds = [np.log(chance / (1 - chance)) for chance in chances]
    assert score(folder, pairs, ["delta:enhancer"]).iloc[:, 0].to_numpy() == pytest.approx(odds[1] - odds[0], abs=1e-4)


@pytest.mark.usefixtures("fp32")
def test_a_track_is_its_heights_summed_over_the_window(tmp_path):
    pairs, folder = draw(), save_outputs(tmp_path, "tracks")
    network = track_model.load(folder)
    ref, alt = (
        track_model.heights(network, tokenizer("char"), windows).sum(1)[:, 1] for windows in (pairs.ref, pairs.alt)
    )
    found = score(folder, pairs, ["delta:ctcf"])["delta:ctcf"]
    assert found.to_numpy() == pytest.approx(np.log(alt / ref), abs=1e-4)
    wide = substituted(np.zeros((1, 20), np.uint8), np.zeros(1, int), np.array([1], np.uint8))
    with pytest.raises(UsageError, match=r"--window: got 20, wanted a multiple of the bins of the tracks, 8 bases"):
        score(folder, wide, ["shift"])


def test_a_twin_of_an_ensemble_is_an_ensemble_of_twins(tmp_path):
    folder, pairs = save_outputs(tmp_path, "classes+"), draw()
    trained, *twins = (score(folder, pairs, ["shift"], twin=seed)["shift"] for seed in (None, 0, 0, 1))
    assert np.array_equal(twins[0], twins[1])
    assert not np.allclose(twins[0], twins[2], atol=1e-3)
    assert not np.allclose(twins[0], trained, atol=1e-3)
    one, two = (dict(member.named_parameters()) for member in models.load(folder, "classify", twin=0).members)
    moved = [name for name, values in one.items() if values.ndim > 1]
    assert len(moved) > 3
    assert all((one[name] != two[name]).any() for name in moved)
    tracks = save_outputs(tmp_path, "tracks")
    assert (score(tracks, pairs, ["shift"], twin=0)["shift"] > 0).all()


def test_the_scores_of_embeddings_and_of_answers_are_read_in_one_pass_as_they_are_alone(tmp_path):
    pairs = draw()
    for kind in ("classes", "one"):
        folder = save_outputs(tmp_path, kind)
        names = ["l2", *names_of(folder)]
        together = score(folder, pairs, names)
        alone = pd.concat([score(folder, pairs, [name]) for name in names], axis=1)
        assert np.allclose(together, alone, atol=1e-6)


EMBEDDED = ["l2", "l2_local", "l2_flank", "cosine"]


@pytest.mark.parametrize(
    ("objective", "told", "output", "names"),
    [
        ("classify", ONE, None, [*EMBEDDED, "delta"]),
        ("classify", CLASSES, None, [*EMBEDDED, "shift"]),
        ("classify", CLASSES, "b", [*EMBEDDED, "delta", "shift"]),
        ("classify", Outputs("regression", ("x",), (1.0,)), None, [*EMBEDDED, "delta"]),
        ("classify", Outputs("regression", ("x",), (1.0,)), "x", [*EMBEDDED, "delta"]),
        ("classify", ONE._replace(members=3), None, ["delta"]),
        ("classify", CLASSES._replace(members=3), None, ["shift"]),
        ("tracks", TRACKS, None, ["shift"]),
        ("tracks", TRACKS, "ctcf", ["delta", "shift"]),
        ("tracks", Outputs("tracks", ("ctcf",)), None, ["delta"]),
        ("mlm", ONE, None, [*EMBEDDED, "llr", "entropy"]),
    ],
)
def test_what_is_given_where_nothing_is_asked_for(objective, told, output, names):
    assert evidence.choose(objective, None, told, output) == names


@pytest.mark.parametrize(
    ("objective", "names", "told", "output", "line"),
    [
        (
            "classify", ["delta"], CLASSES, None,
            r"^--output: got none, wanted the output that delta is of, one of a, b, c; or ask for shift, of all$",
        ),
        ("tracks", ["shift"], TRACKS, "rna", r"^--output: got 'rna', wanted one of the model's: dnase, ctcf$"),
        ("classify", None, ONE, "a", r"^--output: got 'a', wanted none: the model says one logit, which has no name"),
        ("mlm", None, ONE, "a", r"^--output: got 'a', wanted none: the model says nothing of windows, which"),
        (
            "classify", ["delta", "l2"], ONE._replace(members=2), None,
            r"^score 'l2': an ensemble has an embedding for each member; give the folder of one seed, or name delta",
        ),
        ("tracks", ["l2"], TRACKS, None, r"^score 'l2' cannot be had from a model trained as tracks: delta, shift$"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_refused_in_one_line(objective, names, told, output, line):
    with pytest.raises(UsageError, match=line):
        evidence.choose(objective, names, told, output)


def test_what_a_model_says_is_read_off_its_configuration(tmp_path):
    found = {kind: models.read_outputs(save_outputs(tmp_path, kind)) for kind in KINDS}
    assert found["one"] == ONE
    assert found["one+"] == ONE._replace(members=2)
    assert found["classes+"] == Outputs("classes", ("promoter", "enhancer", "none"), (), 2)
    assert found["values"] == Outputs("regression", ("RNA, much", "noise"), (50.0, 0.5))
    assert found["values+"].scale == (50.0, 0.5)
    assert found["tracks"] == TRACKS
    assert [outputs.number(models.read_config(tmp_path / name)) for name in ("one0", "classes0", "tracks0")] == [
        1,
        3,
        2,
    ]
    assert [models.read_objective(tmp_path / name) for name in ("one+0", "tracks0")] == ["classify", "tracks"]
    with pytest.raises(UsageError, match="a tracks model cannot be used to embed"):
        models.load(tmp_path / "tracks0", "embed")
    with pytest.raises(UsageError, match=r"an ensemble has an embedding for each member; give the folder of one seed$"):
        score(tmp_path / "one+0", draw(), ["l2", "delta"])


def test_headers_and_axes_say_of_what_and_in_which_unit():
    found = beside.fields(["delta", "shift"], ranked=True, meanings=answers.meanings(["delta", "shift"], CLASSES, "b"))
    assert found["delta"] == (
        "DELTA",
        "Log-odds (nats) of class b against all others for ALT minus those for REF, mean of both strands",
    )
    assert found["shift"][1].startswith("Euclidean distance of the log-probabilities (nats) of all classes")
    assert found["shift_p"][0] == "SHIFT_P"
    assert answers.meanings(["l2", "delta"], ONE, None) == {
        "delta": "Logit of the fine-tuned classifier for ALT minus that for REF"
    }
    awkward = answers.meanings(["delta"], TRACKS, 'a "new" \\{name}')["delta"]
    assert awkward.startswith("Natural log of the signal of track a 'new' /{name} summed over the window for ALT minus")
    assert answers.units(["l2", "delta", "shift"], TRACKS, "ctcf") == {
        "delta": "ctcf: log fold change, nats",
        "shift": "log fold changes, nats",
    }
    assert answers.units(["delta"], ONE, None) == {"delta": "logit"}
