"""A language model with a head that says of a whole window whether a factor is bound there.

The head sees the mean and the maximum of the hidden states over the base-bearing tokens. The maximum lets one site
decide for a window; padding and special tokens are left out of both, so that batches of any size agree.
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from dnalm.networks import heads, registry


class WindowClassifierConfig(PreTrainedConfig):
    """The backbone's own configuration, the tokens that bear no base, and the calibration of the logit."""

    model_type = "window_classifier"

    def __init__(
        self,
        backbone: dict | None = None,
        special_ids: list[int] | None = None,
        scale: float = 1.0,
        shift: float = 0.0,
        **kwargs: object,
    ) -> None:
        self.backbone = backbone or {}
        self.special_ids = special_ids or []
        self.scale = scale
        self.shift = shift
        super().__init__(**kwargs)


class WindowClassifier(PreTrainedModel):
    """Token ids [b, L] to one calibrated logit a window [b]."""

    config_class = WindowClassifierConfig
    base_model_prefix = "backbone"

    def __init__(self, config: WindowClassifierConfig, backbone: nn.Module | None = None) -> None:
        super().__init__(config)
        settings = dict(config.backbone)
        if backbone is None:
            backbone = registry.fresh_backbone(AutoConfig.for_model(settings.pop("model_type"), **settings))
        self.backbone = backbone
        width = backbone.config.hidden_size
        self.head = heads.perceptron(2 * width, width, 1)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Only the head starts from nothing; the backbone comes initialised or trained."""

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object) -> SequenceClassifierOutput:
        """Calibrated logits [b]: sigmoid gives the probability at the training prevalence."""
        hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        inside = heads.bearing(input_ids, attention_mask, self.config.special_ids)
        logit = self.head(torch.cat([heads.mean(hidden, inside), heads.maximum(hidden, inside)], -1))[:, 0]
        return SequenceClassifierOutput(logits=self.config.scale * logit.float() + self.config.shift)


def from_backbone(folder: Path, special_ids: list[int], *, pretrained: bool = True) -> WindowClassifier:
    """A classifier on the pretrained weights in `folder`, or on fresh ones of the same architecture."""
    if not pretrained:
        with registry.reading(folder):
            config = AutoConfig.from_pretrained(str(folder), local_files_only=True)
        return fresh(config, special_ids)
    return _on(registry.backbone(folder), special_ids)


def fresh(config: PreTrainedConfig, special_ids: list[int]) -> WindowClassifier:
    """A classifier on a network that was never pretrained."""
    return _on(registry.fresh_backbone(config), special_ids)


def _on(backbone: nn.Module, special_ids: list[int]) -> WindowClassifier:
    config = WindowClassifierConfig(backbone=backbone.config.to_dict(), special_ids=[int(one) for one in special_ids])
    return WindowClassifier(config, backbone)


AutoConfig.register("window_classifier", WindowClassifierConfig)
AutoModelForSequenceClassification.register(WindowClassifierConfig, WindowClassifier)
