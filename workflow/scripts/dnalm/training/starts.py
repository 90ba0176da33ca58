"""Where fine-tuning starts: from pretrained weights, from random ones, or from a blend; of several the best is kept.

Pretraining does not always help: where it taught something else than the task asks for (the composition of repeats, and
no motif), a network that starts from it fits few labels by what it knows, and never finds the site that one from random
weights finds. Validation says which it is.
"""

from collections.abc import Callable
from pathlib import Path

from dnalm.errors import UsageError
from dnalm.logs import log
from dnalm.networks.classifier import WindowClassifier
from dnalm.training.tasks import LABELS


def chosen(method: str, keep: list[float], *, built: bool) -> list[float]:
    """The shares of pretrained weights to start from. Raises UsageError where there can be no choice, or no share."""
    told = " ".join(f"{share:g}" for share in keep) or "nothing"
    if not keep or len(set(keep)) < len(keep) or not all(0 <= share <= 1 for share in keep):
        raise UsageError(f"--keep: got {told}, wanted shares of the pretrained weights from 0 to 1, all different")
    if keep != [1.0] and (built or method != "full"):
        what = "a network that was never pretrained" if built else f"--method {method}"
        raise UsageError(
            f"--keep: got {told}; it is for --method full of a pretrained network, leave it out for {what}"
        )
    return [0.0] if method == "scratch" else keep


def best_of(
    shares: list[float],
    build: Callable[[float], WindowClassifier],
    fit: Callable[..., list[dict[str, float]]],
    state: Path,
    best: str,
) -> tuple[WindowClassifier, list[dict[str, float]], dict[str, str]]:
    """Train from each share of the pretrained weights: the network that did best on validation, its history, facts.

    `build` makes the network of a share, `fit` trains it with its checkpoints in a folder; `best` is the metric of the
    history by which they are compared. Of equals the first is taken.
    """
    found = {}
    for share in shares:
        network = build(share)
        passed = fit(network, checkpoints=state / f"keep{share:g}" if len(shares) > 1 else state)
        found[share] = max(row[best] for row in passed), network, passed
    kept = max(shares, key=lambda share: found[share][0])
    facts = {f"best validation {LABELS[best]}": f"{found[kept][0]:.4f}"}
    if len(shares) > 1:
        by_share = ", ".join(f"{share:g}: {one[0]:.4f}" for share, one in found.items())
        facts |= {"share of the pretrained weights at the start": f"{kept:g}", f"{LABELS[best]} by share": by_share}
        log.info(
            f"validation {LABELS[best]} by the share of pretrained weights at the start, {by_share}: {kept:g} it is"
        )
    return *found[kept][1:], facts
