"""What there is to beat: from GC content alone to a motif scan, k-mers, a forest and a network trained from nothing.

No score of a language model means much without these beside it. They see the same windows in the same splits, and as
none of them had a part in a search they also judge designed sequences.

BASELINES is the only list: whatever compares a model with what there is to beat reads it. Figures read it where there
is no torch, so what needs torch is imported by the functions that use it.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d

from dnalm import files
from dnalm.dna import bigwig, motifs, seq
from dnalm.targets import composition, forest
from dnalm.targets.windows import Task

_CHUNK = 1 << 22
_READ = 1 << 16  # windows held at once
_NONE = {"": np.zeros(0)}  # what stands in a file for a baseline without arrays

Arrays = dict[str, np.ndarray]
Score = Callable[[np.ndarray, Arrays], np.ndarray]


class Baseline(NamedTuple):
    """How a baseline is fitted (arrays, and facts to report), and how windows [n, W] of any width are scored by it.

    `probability`: whether scores are probabilities, so that their calibration can be measured. `needs`: what of the
    target must be given. `judges`: heading and axis of a figure in which it judges designed sequences. `track`: its
    signal over the bins of a contig, (codes, arrays, window, step) to float32 [bins], where it can scan a genome.
    `tasks`: what it can learn (rows of TASKS); of classes and values it says a number each, [n, m].
    """

    fit: Callable[[Task], tuple[Arrays, dict[str, Any]]]
    score: Score
    label: str
    short: str
    colour: str
    probability: bool = False
    needs: tuple[str, ...] = ()
    judges: tuple[str, str] | None = None
    track: Callable[[np.ndarray, Arrays, int, int], np.ndarray] | None = None
    tasks: tuple[str, ...] = ("binary",)


def fit_nothing(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """What a baseline that has nothing to learn is fitted by."""
    return {}, {}


def fit_pwm(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """Nothing to fit: the motif's log odds [width, 4] are kept."""
    return {"log_odds": task.log_odds}, {}


def pwm_scores(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Best motif score of each window, both strands, in bits; the least possible score where none fits: float32 [n]."""
    return np.maximum(motifs.best_hits(codes, arrays["log_odds"]), motifs.least_score(arrays["log_odds"]))


def pwm_track(codes: np.ndarray, arrays: Arrays, window: int, step: int) -> np.ndarray:
    """The motif scan as if it were a model: best hit of each window, mean over the windows that hold a bin whole.

    The baseline so goes through the windows and the smoothing of `scan_genome`; float32 [bins].
    """
    log_odds = arrays["log_odds"]
    least, width = motifs.least_score(log_odds), len(log_odds)
    best = []
    chunk = _CHUNK // step * step
    for first in range(0, len(codes) - window + 1, chunk):
        piece = codes[first : first + chunk + window - 1]
        hits = np.maximum(motifs.hit_scores(piece, log_odds)[0], least)
        reach = max(window - width + 1, 1)
        highest = maximum_filter1d(hits, reach, origin=-(reach // 2))  # over [i, i + reach)
        best.append(highest[: max(len(piece) - window + 1, 0)][:chunk:step])
    values = np.concatenate(best) if best else np.zeros(0, np.float32)
    return bigwig.mean_of_windows(values, window, step, len(codes))


def fit_cnn(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """The convolutional network's weights and calibration (`convolution`)."""
    from dnalm.targets import convolution  # torch

    return convolution.fit(task)


def cnn_scores(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Probability of each window [n, W] by the convolutional network, mean over both strands: float32 [n]."""
    from dnalm.targets import convolution  # torch

    return convolution.scores(codes, arrays)


def fit_cnn_ensemble(task: Task) -> tuple[Arrays, dict[str, Any]]:
    """The convolutional network trained with several seeds: an ensemble of models is to be compared with its like."""
    from dnalm.targets import convolution  # torch

    return convolution.fit_ensemble(task)


def cnn_ensemble_scores(codes: np.ndarray, arrays: Arrays) -> np.ndarray:
    """Probability of each window [n, W] by the mean of the networks' logits: float32 [n]."""
    from dnalm.targets import convolution  # torch

    return convolution.ensemble_scores(codes, arrays)


def cnn_track(codes: np.ndarray, arrays: Arrays, window: int, step: int) -> np.ndarray:
    """The network scanned as a model is: mean probability of the windows that hold a bin whole; float32 [bins]."""
    return window_track(cnn_scores, codes, arrays, window, step)


def cnn_ensemble_track(codes: np.ndarray, arrays: Arrays, window: int, step: int) -> np.ndarray:
    """The ensemble scanned in the same way, as an ensemble of models is to be compared with; float32 [bins]."""
    return window_track(cnn_ensemble_scores, codes, arrays, window, step)


def kmer_track(codes: np.ndarray, arrays: Arrays, window: int, step: int) -> np.ndarray:
    """The k-mer regression scanned in the same way; float32 [bins]."""
    return window_track(composition.kmer_scores, codes, arrays, window, step)


def window_track(score: Score, codes: np.ndarray, arrays: Arrays, window: int, step: int) -> np.ndarray:
    """A baseline asked of each window of a contig: its mean over the windows that hold a bin whole; float32 [bins].

    As in `scan_genome` windows with more than a tenth of N are not read.
    """
    views = np.lib.stride_tricks.sliding_window_view(codes, window)[::step] if len(codes) >= window else codes[:0, None]
    values = np.full(len(views), np.nan)
    usable = np.flatnonzero(seq.shares_of_n(codes, window, step) <= seq.MOST_N)
    for first in range(0, len(usable), _READ):  # a chromosome's windows do not fit in memory
        rows = usable[first : first + _READ]
        values[rows] = score(views[rows], arrays)
    return bigwig.mean_of_windows(values, window, step, len(codes))


BASELINES: dict[str, Baseline] = {
    "gc": Baseline(
        composition.fit_gc,
        composition.gc_scores,
        label="GC content",
        short="gc",
        colour="grey",
        probability=True,
        tasks=("binary", "classes", "regression"),
    ),
    "pwm": Baseline(
        fit_pwm,
        pwm_scores,
        label="motif scan (PWM)",
        short="pwm",
        colour="vermilion",
        needs=("motif",),
        judges=("Judge: motif", "best motif score (log odds, bits)"),
        track=pwm_track,
    ),
    "kmer": Baseline(
        composition.fit_kmers,
        composition.kmer_scores,
        label="k-mer regression",
        short="k-mer",
        colour="green",
        probability=True,
        tasks=("binary", "classes", "regression"),
        judges=("Judge: k-mers", "k-mer regression (probability)"),
        track=kmer_track,
    ),
    "forest": Baseline(
        forest.fit,
        forest.scores,
        label="k-mer forest (TF-IDF)",
        short="forest",
        colour="purple",
        probability=True,
    ),
    "cnn": Baseline(
        fit_cnn,
        cnn_scores,
        label="CNN from scratch",
        short="cnn",
        colour="orange",
        probability=True,
        tasks=("binary", "classes", "regression"),
        judges=("Judge: CNN", "CNN from scratch (probability)"),
        track=cnn_track,
    ),
    "cnn_ensemble": Baseline(
        fit_cnn_ensemble,
        cnn_ensemble_scores,
        label="CNN from scratch, ensemble",
        short="cnn ensemble",
        colour="ink",
        probability=True,
        needs=("seeds",),
        track=cnn_ensemble_track,
        tasks=("binary", "classes", "regression"),
    ),
}


def in_order() -> list[str]:
    """Names as reports and figures list them: those that know the factor first, composition alone last."""
    return sorted(BASELINES, key=lambda name: not BASELINES[name].judges)


def fit(task: Task, wanted: Collection[str] | None = None) -> tuple[dict[str, Arrays], dict[str, dict[str, Any]]]:
    """The `wanted` baselines, or all, fitted where they have what they need: (arrays, facts), both by name.

    Those that cannot learn the task are left out, as a motif scan is where there is no motif, and an ensemble where
    one seed will do.
    """
    there = {name for name, known in (("motif", task.log_odds is not None), ("seeds", task.seeds > 1)) if known}
    able = [name for name, row in BASELINES.items() if set(row.needs) <= there and task.learnt.task in row.tasks]
    names = [name for name in able if name in (wanted or BASELINES)]
    made = {name: BASELINES[name].fit(task) for name in names}
    return {name: arrays for name, (arrays, _) in made.items()}, {name: facts for name, (_, facts) in made.items()}


def save(path: Path, fitted: dict[str, Arrays]) -> None:
    """Write fitted.npz, for `load`."""
    flat = {f"{name}/{key}": values for name, arrays in fitted.items() for key, values in (arrays or _NONE).items()}
    with files.whole(path) as beside:
        np.savez(beside, **flat)


def load(path: Path) -> dict[str, Arrays]:
    """What `save` wrote, by name; of baselines that are no longer in the table nothing."""
    stored = files.read_arrays(path, "train_baselines.py")
    keys = {name: [key for key in stored if key.startswith(f"{name}/")] for name in BASELINES}
    return {
        name: {key.split("/", 1)[1]: stored[key] for key in mine if not key.endswith("/")}
        for name, mine in keys.items()
        if mine
    }
