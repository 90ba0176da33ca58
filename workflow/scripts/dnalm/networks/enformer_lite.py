"""Enformer in small: convolutions that halve the sequence down to bins of 128 bases, then attention among the bins.

Signal along a genome (a factor's coverage, a histone mark) follows from motifs and from what stands kilobases away. The
tower reads words off the bases and hands on one vector a bin, so that attention over a window of 16 kb is attention
over 128 places; where each bin looks is decided by content and by relative distance. Avsec et al., Nature Methods 2021,
of which this keeps the plan (stem, residual tower with softmax pooling, batch norms, the relative distances' basis
functions) and not the size. The stem's best answer of four bases goes on, for half of the work would be done on single
ones. Norms over each place's own channels leave a tower that has hardly begun to learn after 600 steps.
With no transformer layer it is a plain convolutional network, the twin that says what attention brought.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from dnalm.errors import InputError

STEM, FIRST, TAP = 15, 4, 5  # bases of a filter in the stem and of a place after it; places of a filter in the tower


class EnformerLiteConfig(PreTrainedConfig):
    """Sizes of the network: `bases_a_state` of one bin (a power of two), of `num_hidden_layers` (0: the CNN) attending.

    `stem_size` filters read the bases; the tower's stages grow from there to `hidden_size`.
    """

    model_type = "enformer_lite"

    def __init__(
        self,
        vocab_size: int = 10,
        hidden_size: int = 128,
        stem_size: int = 48,
        num_hidden_layers: int = 2,
        num_attention_heads: int = 4,
        bases_a_state: int = 128,
        dropout: float = 0.0,
        max_position_embeddings: int = 16384,
        initializer_range: float = 0.02,
        **kwargs: object,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.stem_size = stem_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.bases_a_state = bases_a_state
        self.dropout = dropout
        self.max_position_embeddings = max_position_embeddings
        self.initializer_range = initializer_range
        super().__init__(**kwargs)

    def receptive_field(self) -> int | None:
        """Bases that one bin's state depends on, its own in the middle; None for the whole window (attention)."""
        if self.num_hidden_layers:
            return None
        field = 1
        for _ in range(stages(self)):
            field = 2 * field + TAP - 1  # a pooling doubles what is below, a filter adds its flanks
        return FIRST * field + STEM - 1


def stages(config: EnformerLiteConfig) -> int:
    """Stages of the tower after the stem, each of which halves the sequence."""
    halvings = math.log2(config.bases_a_state / FIRST)
    if halvings != int(halvings) or halvings < 1:
        raise InputError(f"config: bases_a_state: got {config.bases_a_state}, wanted a power of two from {2 * FIRST}")
    return int(halvings)


class _Halve(nn.Module):
    """Mean of each two neighbours, weighted by a softmax of what they say: near to a maximum, to begin with."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weigh = nn.Conv1d(width, width, 1, bias=False)
        with torch.no_grad():
            self.weigh.weight.copy_(2 * torch.eye(width)[..., None])

    def forward(self, hidden: Tensor) -> Tensor:
        left, right = hidden[..., ::2], hidden[..., 1::2]
        louder = self.weigh(hidden)
        return right + (louder[..., ::2] - louder[..., 1::2]).sigmoid() * (left - right)


class _Stage(nn.Module):
    """One stage of the tower: a filter of five places, a look at each place added to it, then half as many places."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.read = nn.Sequential(nn.BatchNorm1d(inputs), nn.ReLU(), nn.Conv1d(inputs, outputs, TAP, padding=TAP // 2))
        self.think = nn.Sequential(nn.BatchNorm1d(outputs), nn.ReLU(), nn.Conv1d(outputs, outputs, 1))
        self.halve = _Halve(outputs)

    def forward(self, hidden: Tensor) -> Tensor:
        hidden = self.read(hidden)
        return self.halve(hidden + self.think(hidden))


def distances(bins: int, most: int) -> Tensor:
    """Basis functions of the relative distance between bins [2 bins - 1, features], from -(bins - 1) up.

    Exponentials of half-lives up to `most` bins and steps that end at powers of two, each once as it is and once with
    the distance's sign, so that upstream and downstream may differ (Avsec et al. 2021, their third kind left out).
    """
    away = torch.arange(1 - bins, bins, dtype=torch.float32)
    powers = 2.0 ** torch.arange(max(math.ceil(math.log2(max(most, 2))), 1))
    near = torch.cat([0.5 ** (away.abs()[:, None] / powers), (away.abs()[:, None] < powers).float()], 1)
    return torch.cat([near, near * away.sign()[:, None]], 1)


class _Layer(nn.Module):
    """Attention by content and by distance (Transformer-XL's two terms), then position-wise layers."""

    def __init__(self, config: EnformerLiteConfig, most: int) -> None:
        super().__init__()
        width, self.heads, self.most = config.hidden_size, config.num_attention_heads, most
        self.look_norm = nn.LayerNorm(width)
        self.question = nn.Linear(width, 3 * width, bias=False)
        self.place = nn.Linear(distances(1, most).shape[1], width, bias=False)
        self.by_content, self.by_place = (nn.Parameter(torch.zeros(width)) for _ in range(2))
        self.answer = nn.Linear(width, width)
        self.think = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.ReLU(), nn.Dropout(config.dropout),
            nn.Linear(2 * width, width),
        )  # fmt: skip
        self.drop = nn.Dropout(config.dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        bins, apart = hidden.shape[1], hidden.shape[2] // self.heads
        queries, keys, values = self.question(self.look_norm(hidden)).chunk(3, -1)
        places = self.place(distances(bins, self.most).to(hidden.device))[None]
        split = (-1, (self.heads, apart))
        content = (queries + self.by_content).unflatten(*split).transpose(1, 2)
        by_place = (queries + self.by_place).unflatten(*split).transpose(1, 2)
        keys, values, places = (one.unflatten(*split).transpose(1, 2) for one in (keys, values, places))
        number = torch.arange(bins, device=hidden.device)
        row = (number[None] - number[:, None] + bins - 1).expand(*by_place.shape[:2], bins, bins)
        scores = content @ keys.mT + (by_place @ places.mT).gather(-1, row)
        seen = (scores.float() * apart**-0.5).softmax(-1).to(values.dtype) @ values
        hidden = hidden + self.drop(self.answer(seen.transpose(1, 2).flatten(2)))
        return hidden + self.drop(self.think(hidden))


class EnformerLiteModel(PreTrainedModel):
    """Token ids [b, L], one a base and L a multiple of `bases_a_state`, to hidden states [b, L / bases_a_state, D].

    There must be no special tokens, which would shift the bins: `track_model` leaves them out. Raises InputError for
    sizes that do not fit.
    """

    config_class = EnformerLiteConfig
    base_model_prefix = "model"

    def __init__(self, config: EnformerLiteConfig) -> None:
        super().__init__(config)
        number = stages(config)
        if config.hidden_size % config.num_attention_heads:
            raise InputError(
                f"config: num_attention_heads: got {config.num_attention_heads}, wanted a divisor of "
                f"{config.hidden_size}, the hidden_size"
            )
        grown = (config.hidden_size / config.stem_size) ** (1 / number)
        widths = [round(config.stem_size * grown**stage) for stage in range(number)] + [config.hidden_size]
        self.stem = nn.Conv1d(config.vocab_size, config.stem_size, STEM, padding=STEM // 2)
        self.tower = nn.Sequential(*[_Stage(*pair) for pair in pairwise(widths)])
        most = max(config.max_position_embeddings // config.bases_a_state, 2)
        self.blocks = nn.ModuleList([_Layer(config, most) for _ in range(config.num_hidden_layers)])
        self.norm = nn.LayerNorm(config.hidden_size)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.xavier_normal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object) -> BaseModelOutput:
        """Hidden states of each bin; windows have one length, so that no mask is needed and none is read."""
        letters = nn.functional.one_hot(input_ids, self.config.vocab_size).transpose(1, 2).to(self.stem.weight.dtype)
        hidden = nn.functional.max_pool1d(self.stem(letters), FIRST)
        hidden = self.tower(hidden).transpose(1, 2)
        for block in self.blocks:
            hidden = block(hidden)
        return BaseModelOutput(last_hidden_state=self.norm(hidden))
