"""A network with a head that says of each bin along a window how high some tracks are there.

Coverage is counts: what a head says becomes a rate, never below nought, and training takes its Poisson loss. Each
track's rate is told in units of the track's own mean, so that a track of a hundred reads a bin weighs no more than one
of a tenth. Any network serves whose states lie along the sequence: of one with a state a bin they are read as they are,
of one with a state a base they are averaged over each bin.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerFast
from transformers.utils import ModelOutput

from dnalm.dna import seq
from dnalm.errors import InputError, UsageError
from dnalm.networks import device, poisson, predict, readers, registry
from dnalm.tokens import tokenizer as tk


class TrackModelConfig(PreTrainedConfig):
    """The backbone's own configuration, the names of the tracks, their means (`scale`), the bases of a bin.

    `before` and `after` are the special tokens round a window's bases, which belong to no bin.
    """

    model_type = "track_model"

    def __init__(
        self,
        backbone: dict | None = None,
        tracks: list[str] | None = None,
        scale: list[float] | None = None,
        bin: int = 128,
        before: int = 1,
        after: int = 1,
        **kwargs: object,
    ) -> None:
        self.backbone = backbone or {}
        self.tracks = tracks or []
        self.scale = scale or [1.0] * len(self.tracks)
        self.bin = bin
        self.before = before
        self.after = after
        super().__init__(**kwargs)


class TrackModel(PreTrainedModel):
    """Token ids [b, before + bases + after] to logits [b, bins, tracks]; `heights` makes heights of them."""

    config_class = TrackModelConfig
    base_model_prefix = "backbone"

    def __init__(self, config: TrackModelConfig, backbone: nn.Module | None = None) -> None:
        super().__init__(config)
        settings = dict(config.backbone)
        if backbone is None:
            backbone = registry.fresh_backbone(AutoConfig.for_model(settings.pop("model_type"), **settings))
        self.backbone = backbone
        self.stride = getattr(backbone.config, "bases_a_state", 1)
        if config.bin % self.stride:
            raise UsageError(f"bin: got {config.bin} bases, wanted a multiple of the network's {self.stride} a state")
        self.head = nn.Linear(backbone.config.hidden_size, len(config.tracks))
        nn.init.constant_(self.head.bias, float(np.log(np.expm1(1.0))))  # to begin with, each track's mean
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        """Only the head starts from nothing; the backbone comes initialised or trained."""

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, like: Tensor | None = None, **_: object
    ) -> ModelOutput:
        """Logits of each bin and track, in units of the track's mean; all windows of a batch have one length.

        Rows may be said to be `like` others to a backbone that makes use of it (`networks.paired`).
        """
        inside = slice(self.config.before, input_ids.shape[1] - self.config.after)
        if self.stride > 1:
            hidden = self.backbone(input_ids=input_ids[:, inside]).last_hidden_state
        else:
            more = {} if like is None else {"like": like}
            hidden = self.backbone(input_ids=input_ids, **more).last_hidden_state[:, inside]
        hidden = hidden.unflatten(1, (-1, self.config.bin // self.stride)).mean(2)
        with torch.autocast(hidden.device.type, enabled=False):
            return ModelOutput(logits=self.head(hidden.float()))


def on(
    backbone: nn.Module, tokenizer: PreTrainedTokenizerFast, tracks: list[str], scale: np.ndarray, bin: int
) -> TrackModel:
    """A track model on a network; UsageError for a tokenizer of which a token is not one base, which gives no bins."""
    if tk.kind(tokenizer)[0] != "char":
        raise UsageError(f"tracks are read off single bases; got a tokenizer of kind {tk.kind(tokenizer)[0]}, use char")
    before, after = map(len, tk.frame(tokenizer))
    config = TrackModelConfig(
        backbone=backbone.config.to_dict(),
        tracks=list(tracks),
        scale=[float(one) for one in scale],
        bin=bin,
        before=before,
        after=after,
    )
    return TrackModel(config, backbone)


def load(folder: Path) -> TrackModel:
    """A trained track model, ready to predict; InputError for a folder that holds another."""
    model = registry.filled(AutoModel, folder)
    if not isinstance(model, TrackModel):
        raise InputError(f"{folder}: holds a {type(model).__name__}, wanted a model made by train_tracks")
    return model.eval().to(device.device())


def heights(
    model: TrackModel,
    tokenizer: PreTrainedTokenizerFast,
    windows: np.ndarray,
    *,
    both_strands: bool = True,
    what: str | None = None,
) -> np.ndarray:
    """Height of each track in each bin of windows [n, W], in the track's own unit: float32 [n, bins, tracks].

    Read on both strands and averaged, the bins of the other strand turned back.
    """

    def read(network: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        return poisson.rate(readers.output(network, batch).logits)

    options = {"both_strands": False, "batch_size": 8, "what": what}
    found = predict.predict(model, tokenizer, windows, read, **options)
    if both_strands:
        turned = predict.predict(model, tokenizer, seq.reverse_complement(windows), read, **options)
        found = (found + turned[:, ::-1]) / 2
    return found * np.float32(model.config.scale)


def check_width(model: nn.Module, width: int) -> None:
    """Refuse windows of `width` bases that are not cut into whole bins (UsageError)."""
    if isinstance(model, TrackModel) and width % model.config.bin:
        raise UsageError(
            f"--window: got {width}, wanted a multiple of the bins of the tracks, {model.config.bin} bases"
        )


def receptive_field(model: TrackModel) -> int | None:
    """Bases that the height of one bin depends on, the bin in their middle; None for the whole window.

    That is what the network says of one of its states, and as much more as a bin is wider than a state.
    """
    config = model.backbone.config
    field = config.receptive_field() if hasattr(config, "receptive_field") else None
    return None if field is None else field + model.config.bin - model.stride


AutoConfig.register("track_model", TrackModelConfig)
AutoModel.register(TrackModelConfig, TrackModel)
