"""Proformer: Macaron blocks over sliding k-mers, for promoters and other short regulatory sequences.

A block thinks (half a feed-forward layer), reads words (a separable convolution), looks round (attention) and thinks
again. Kwak et al., BMC Bioinformatics 2024, whose order this is; built for expression of random yeast promoters, where
it was among the best of the DREAM challenge. Their strand embedding is left out, since both strands are read here
everywhere and averaged, and so are their many heads with mask filling: the heads of this house pool the hidden states.
"""

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

from dnalm.errors import InputError


class ProformerConfig(PreTrainedConfig):
    """Sizes of the network; `k` bases of a sliding word and `kernel_size` places of a convolution, both odd."""

    model_type = "proformer"

    def __init__(
        self,
        vocab_size: int = 10,
        hidden_size: int = 128,
        num_hidden_layers: int = 4,
        num_attention_heads: int = 4,
        intermediate_size: int = 256,
        k: int = 7,
        kernel_size: int = 7,
        dropout: float = 0.0,
        max_position_embeddings: int = 512,
        initializer_range: float = 0.02,
        **kwargs: object,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.intermediate_size = intermediate_size
        self.k = k
        self.kernel_size = kernel_size
        self.dropout = dropout
        self.max_position_embeddings = max_position_embeddings
        self.initializer_range = initializer_range
        super().__init__(**kwargs)

    def receptive_field(self) -> int | None:
        """Bases that a base's hidden state depends on; None for the whole window, since every block attends."""
        return None if self.num_hidden_layers else self.k


def _think(config: ProformerConfig) -> nn.Sequential:
    """A position-wise layer, of which a block has one before and one after and adds half of each."""
    width, inner = config.hidden_size, config.intermediate_size
    return nn.Sequential(
        nn.LayerNorm(width), nn.Linear(width, inner), nn.SiLU(), nn.Dropout(config.dropout), nn.Linear(inner, width)
    )


class _Words(nn.Module):
    """A separable convolution: each channel along the sequence, then the channels with one another."""

    def __init__(self, config: ProformerConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.norm = nn.LayerNorm(width)
        self.along = nn.Conv1d(width, width, config.kernel_size, padding=config.kernel_size // 2, groups=width)
        self.across = nn.Linear(width, width)

    def forward(self, hidden: Tensor, here: Tensor) -> Tensor:
        seen = self.along((self.norm(hidden) * here).transpose(1, 2)).transpose(1, 2)
        return self.across(nn.functional.silu(seen))


class _Look(nn.Module):
    """Attention of each base to all that are there."""

    def __init__(self, config: ProformerConfig) -> None:
        super().__init__()
        width, self.heads = config.hidden_size, config.num_attention_heads
        self.norm = nn.LayerNorm(width)
        self.question, self.answer = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        split = self.question(self.norm(hidden)).unflatten(-1, (3, self.heads, -1)).transpose(1, 3)  # [b, h, 3, L, d]
        allowed = None if mask is None else mask[:, None, None].bool()
        seen = nn.functional.scaled_dot_product_attention(*split.unbind(2), attn_mask=allowed)
        return self.answer(seen.transpose(1, 2).flatten(2))


class _Block(nn.Module):
    """Half a feed-forward layer, the convolution, attention, the other half; each added to what was known."""

    def __init__(self, config: ProformerConfig) -> None:
        super().__init__()
        self.before, self.after = _think(config), _think(config)
        self.words, self.look = _Words(config), _Look(config)
        self.drop = nn.Dropout(config.dropout)

    def forward(self, hidden: Tensor, here: Tensor, mask: Tensor | None) -> Tensor:
        hidden = hidden + 0.5 * self.drop(self.before(hidden))
        hidden = hidden + self.drop(self.words(hidden, here))
        hidden = hidden + self.drop(self.look(hidden, mask))
        return hidden + 0.5 * self.drop(self.after(hidden))


class ProformerModel(PreTrainedModel):
    """Token ids [b, L], one a base, to hidden states [b, L, hidden_size]; padding is zero to its neighbours.

    Raises InputError for sizes that do not fit.
    """

    config_class = ProformerConfig
    base_model_prefix = "model"

    def __init__(self, config: ProformerConfig) -> None:
        super().__init__(config)
        if config.hidden_size % config.num_attention_heads:
            raise InputError(
                f"config: num_attention_heads: got {config.num_attention_heads}, wanted a divisor of "
                f"{config.hidden_size}, the hidden_size"
            )
        for key in ("k", "kernel_size"):
            if getattr(config, key) % 2 == 0:
                raise InputError(f"config: {key}: got {getattr(config, key)}, wanted an odd number of places")
        width = config.hidden_size
        self.kmers = nn.Conv1d(config.vocab_size, width, config.k, padding=config.k // 2)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, width)
        self.blocks = nn.ModuleList([_Block(config) for _ in range(config.num_hidden_layers)])
        self.norm = nn.LayerNorm(width)
        self.post_init()

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear):
            nn.init.xavier_normal_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=self.config.initializer_range)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object) -> BaseModelOutput:
        """Hidden states of each base; `attention_mask` is 1 for tokens and 0 for padding."""
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        letters = nn.functional.one_hot(input_ids, self.config.vocab_size) * mask[..., None]
        hidden = self.kmers(letters.transpose(1, 2).to(self.kmers.weight.dtype)).transpose(1, 2)
        hidden = hidden + self.position_embeddings(torch.arange(input_ids.shape[1], device=input_ids.device))
        here = mask[..., None].to(hidden.dtype)
        for block in self.blocks:
            hidden = block(hidden, here, None if attention_mask is None else mask)
        return BaseModelOutput(last_hidden_state=self.norm(hidden))
