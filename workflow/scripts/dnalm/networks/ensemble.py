"""Several fine-tuned networks as one: the seeds of a recipe, whose mean is steadier than each of them.

What one seed says of a site and the next does not is chance. The mean of their calibrated logits has less of it, and
more of the peaks that a scan calls are there. An ensemble is a model like any other: a folder that is scanned,
optimised against and explained. Means are taken of logits, which commute with the mean of both strands.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from dnalm.errors import UsageError
from dnalm.networks.classifier import WindowClassifier, WindowClassifierConfig

APART = "an ensemble has an embedding for each member; give the folder of one seed"
ALIKE = ("learnt", "outputs", "names", "strands", "places", "margin", "special_ids")  # what members must agree on


class EnsembleConfig(PreTrainedConfig):
    """The configurations of the `members`, what they have in common, and the calibration of their mean.

    `scale`, `shift` and `prevalence` are a classifier's (`WindowClassifierConfig`), of the mean of the calibrated
    logits; so are `learnt`, `outputs`, `names`, `strands`, `places`, `margin` and `special_ids`.
    """

    model_type = "ensemble_classifier"

    def __init__(
        self,
        members: list[dict] | None = None,
        scale: float | list[float] = 1.0,
        shift: float | list[float] = 0.0,
        prevalence: float | None = None,
        **kwargs: object,
    ) -> None:
        self.members = members or []
        self.scale = scale
        self.shift = shift
        self.prevalence = prevalence
        common = WindowClassifierConfig(**(self.members[0] if self.members else {}))
        for name in ALIKE:
            setattr(self, name, kwargs.pop(name, getattr(common, name)))
        super().__init__(**kwargs)


class EnsembleClassifier(PreTrainedModel):
    """Token ids [b, L] to the mean of what the members say: one calibrated logit a window [b], or [b, outputs]."""

    config_class = EnsembleConfig
    base_model_prefix = "members"

    def __init__(self, config: EnsembleConfig, members: Sequence[WindowClassifier] = ()) -> None:
        super().__init__(config)
        made = members or [WindowClassifier(WindowClassifierConfig(**one)) for one in config.members]
        self.members = nn.ModuleList(made)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Nothing starts from nothing: members come trained."""

    def forward(self, **given: object) -> SequenceClassifierOutput:
        """Calibrated logits [b] or [b, outputs], as each member's `forward` takes windows and says them."""
        return SequenceClassifierOutput(logits=self._mean([member(**given).logits for member in self.members]))

    def states(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Hidden states of all members beside each other [b, L, sum of D]; `said` tells them apart again."""
        return torch.cat([member.states(input_ids, attention_mask) for member in self.members], -1)

    def said(self, pooled: Tensor) -> Tensor:
        """What the ensemble says of windows whose states are pooled: means, then greatest values [n, 2 sum of D]."""
        widths = [member.backbone.config.hidden_size for member in self.members]
        means, most = (half.split(widths, -1) for half in pooled.chunk(2, -1))
        own = [torch.cat(pair, -1) for pair in zip(means, most, strict=True)]
        return self._mean([member.said(one) for member, one in zip(self.members, own, strict=True)])

    def _mean(self, logits: list[Tensor]) -> Tensor:
        scale, shift = (torch.tensor(one, device=logits[0].device) for one in (self.config.scale, self.config.shift))
        return scale * torch.stack(logits).mean(0) + shift


def check_embedding(model: nn.Module, folder: Path) -> None:
    """Refuse an ensemble where hidden states of one network are wanted (UsageError)."""
    if isinstance(model, EnsembleClassifier):
        raise UsageError(f"{folder}: {APART}")


def of(members: Sequence[WindowClassifier]) -> EnsembleClassifier:
    """The ensemble of two classifiers or more, whose mean is not calibrated yet.

    Raises UsageError where they were not asked the same, or read windows differently.
    """
    if len(members) < 2:
        raise UsageError(f"--members: got {len(members)}, wanted two fine-tuned models or more")
    for member in members:
        if not isinstance(member, WindowClassifier):
            raise UsageError(f"--members: got a {type(member).__name__}, wanted models that finetune_model has written")
        if unlike := [name for name in ALIKE if getattr(member.config, name) != getattr(members[0].config, name)]:
            raise UsageError(
                f"--members: they differ in {', '.join(unlike)}; wanted the seeds of one recipe on one target"
            )
    config = EnsembleConfig(members=[member.config.to_dict() for member in members])
    return EnsembleClassifier(config, members)


AutoConfig.register("ensemble_classifier", EnsembleConfig)
AutoModelForSequenceClassification.register(EnsembleConfig, EnsembleClassifier)
