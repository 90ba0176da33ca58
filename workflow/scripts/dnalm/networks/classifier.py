"""A language model with a head that says of a whole window whether a factor is bound there, or what else is asked.

The head sees the mean and the maximum of the hidden states over the base-bearing tokens. The maximum lets one site
decide for a window; padding and special tokens are left out of both, so that batches of any size agree. A probe's head
is linear and reads the layer that validation chose.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from dnalm.errors import UsageError
from dnalm.networks import heads, layers, registry

NEAR = 16  # numbers that are kept of each place, where places are told apart


class WindowClassifierConfig(PreTrainedConfig):
    """The backbone's own configuration, the tokens that bear no base, the head, and the calibration of the logit.

    `head` is "perceptron" or "linear"; `layer`, counted from 1, is the one it reads (0: the network's last).
    `prevalence` is the share of bound windows at which its sigmoid is a probability; elsewhere `calibration.shift` it.
    `learnt` is a row of `training.tasks`; but for binary there is one output for each of `names`, classes or what was
    measured, whose `scale` and `shift` (numbers, or lists [outputs]) put it into the table's units. `strands` is
    "both", or "given" where a window means something else the other way round. `places` are the equal stretches of a
    window that the head tells apart, for windows that are aligned on one base. `margin` is more than 0 where it was
    also trained on windows with so many bases beside them (`networks.flanks`), as it meets them in a tile of a genome.
    """

    model_type = "window_classifier"

    def __init__(
        self,
        backbone: dict | None = None,
        special_ids: list[int] | None = None,
        head: str = "perceptron",
        layer: int = 0,
        scale: float | list[float] = 1.0,
        shift: float | list[float] = 0.0,
        prevalence: float | None = None,
        learnt: str = "binary",
        outputs: int = 1,
        names: list[str] | None = None,
        strands: str = "both",
        places: int = 0,
        margin: int = 0,
        **kwargs: object,
    ) -> None:
        self.backbone = backbone or {}
        self.special_ids = special_ids or []
        self.head = head
        self.layer = layer
        self.scale = scale
        self.shift = shift
        self.prevalence = prevalence
        self.learnt = learnt
        self.outputs = outputs
        self.names = names or []
        self.strands = strands
        self.places = places
        self.margin = margin
        super().__init__(**kwargs)


class WindowClassifier(PreTrainedModel):
    """Token ids [b, L] to one calibrated logit a window [b], or to an answer for each output [b, outputs]."""

    config_class = WindowClassifierConfig
    base_model_prefix = "backbone"

    def __init__(self, config: WindowClassifierConfig, backbone: nn.Module | None = None) -> None:
        super().__init__(config)
        settings = dict(config.backbone)
        if backbone is None:
            backbone = registry.fresh_backbone(AutoConfig.for_model(settings.pop("model_type"), **settings))
        self.backbone = backbone
        width = backbone.config.hidden_size
        linear = config.head == "linear"
        make = heads.Regression if linear else lambda inputs, outputs: heads.perceptron(inputs, width, outputs)
        if config.places:
            self.near = nn.Linear(width, NEAR)
        self.head = make(2 * width + NEAR * config.places, config.outputs)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Only the head starts from nothing; the backbone comes initialised or trained."""

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        inside: Tensor | None = None,
        like: Tensor | None = None,
        **_: object,
    ) -> SequenceClassifierOutput:
        """Calibrated logits [b]: sigmoid gives the probability at the training prevalence.

        Of classes [b, outputs], whose softmax does; of values that were measured [b, outputs], in their units. Tokens
        [b, L] that are not `inside` the window stand beside it: they are read, and nothing is said of them. Rows may be
        said to be `like` others to a backbone that makes use of it (`networks.paired`).
        """
        hidden = self.states(input_ids, attention_mask, **({} if like is None else {"like": like}))
        bearing = heads.bearing(input_ids, attention_mask, self.config.special_ids)
        inside = bearing if inside is None else bearing & inside
        pooled = heads.pooled(hidden, inside)
        if self.config.places:
            pooled = torch.cat([pooled, heads.stretches(self.near(hidden), inside, self.config.places)], 1)
        return SequenceClassifierOutput(logits=self.said(pooled))

    def states(self, input_ids: Tensor, attention_mask: Tensor | None = None, **more: Tensor) -> Tensor:
        """Hidden states [b, L, D] of the layer that the head reads; `more` is for the backbone."""
        if self.config.layer:
            return layers.states(self.backbone, [self.config.layer], input_ids, attention_mask)[0].float()
        return self.backbone(input_ids=input_ids, attention_mask=attention_mask, **more).last_hidden_state

    def said(self, pooled: Tensor) -> Tensor:
        """What the head says of pooled windows [n, …]: calibrated logits [n], or [n, outputs], as `forward` has it."""
        answers = self.head(pooled)
        if self.config.learnt == "binary":
            return self.config.scale * answers[:, 0].float() + self.config.shift
        scale, shift = (torch.tensor(one, device=answers.device) for one in (self.config.scale, self.config.shift))
        return scale * answers.float() + shift


def from_backbone(folder: Path, special_ids: list[int], *, keep: float = 1.0, **answers: object) -> WindowClassifier:
    """A classifier on the pretrained weights in `folder`, on fresh ones (`keep` 0), or on a blend of the two.

    `answers` are settings of WindowClassifierConfig: learnt, outputs, names, strands.
    """
    return _on(registry.backbone(folder, keep=keep), special_ids, **answers)


def fresh(config: PreTrainedConfig, special_ids: list[int], **answers: object) -> WindowClassifier:
    """A classifier on a network that was never pretrained."""
    return _on(registry.fresh_backbone(config), special_ids, **answers)


def probed(backbone: nn.Module, special_ids: list[int], layer: int, **answers: object) -> WindowClassifier:
    """A classifier with a linear head over one layer, for a probe to be written into."""
    return _on(backbone, special_ids, head="linear", layer=layer, **answers)


def check_one_logit(model: nn.Module, folder: Path) -> None:
    """Refuse a model of several classes, or of measured values, where what is wanted is one logit (UsageError).

    A scan or a search reads how sure a model is that a window is bound; of these it is not known yet what that would
    be. Variants are scored by any output (`variants.answers`).
    """
    learnt = getattr(model.config, "learnt", "binary")
    if learnt != "binary":
        raise UsageError(
            f"{folder}: its task is {learnt} ({', '.join(model.config.names[:5])}), and scans, designs and "
            "attributions need a model that was fine-tuned on bound and unbound windows; give one of these"
        )


def _on(backbone: nn.Module, special_ids: list[int], **settings: object) -> WindowClassifier:
    special = [int(one) for one in special_ids]
    config = WindowClassifierConfig(backbone=backbone.config.to_dict(), special_ids=special, **settings)
    return WindowClassifier(config, backbone)


AutoConfig.register("window_classifier", WindowClassifierConfig)
AutoModelForSequenceClassification.register(WindowClassifierConfig, WindowClassifier)
