"""What a fine-tuned model says of a window, by its configuration: what was learnt, and the names of its outputs.

A classifier of bound and unbound windows says one logit, which has no name. Models of several classes, of measured
values or of coverage say a number for each of their names, and who wants one of them has to say which.
"""

from typing import NamedTuple

TRACKS = "tracks"


class Outputs(NamedTuple):
    """What was learnt, a row of `training.tasks` or TRACKS; the names of outputs (binary: none); how many members.

    `scale`: of measured values, the deviation of each in training. `members`: of an ensemble, else 0.
    """

    learnt: str = "binary"
    names: tuple[str, ...] = ()
    scale: tuple[float, ...] = ()
    members: int = 0

    @property
    def several(self) -> bool:
        """Whether there are several outputs, so that one of them has to be named."""
        return len(self.names) > 1


ONE = Outputs()


def of(config: object) -> Outputs:
    """What a model of this configuration says; one logit where it speaks of nothing else."""
    if tracks := getattr(config, "tracks", None):
        return Outputs(TRACKS, tuple(tracks))
    learnt, names = getattr(config, "learnt", "binary"), tuple(getattr(config, "names", None) or ())
    members = getattr(config, "members", None) or ()
    scale = (members[0] if members else {"scale": getattr(config, "scale", 1.0)}).get("scale", 1.0)
    scale = tuple(scale) if isinstance(scale, list) else (float(scale),) * len(names)
    return Outputs(learnt, names, scale if learnt == "regression" else (), len(members))


def number(config: object) -> int:
    """How many numbers a model of this configuration says of a window."""
    return max(len(of(config).names), 1)
