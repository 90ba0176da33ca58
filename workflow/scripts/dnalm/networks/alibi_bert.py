"""BERT without position embeddings, in the manner of DNABERT-2: distance is a penalty on attention (ALiBi).

A penalty knows no longest sequence, so a model reads windows longer than those it was trained on. The position-wise
layers are gated (GEGLU). Zhou et al., ICLR 2024; ALiBi: Press et al., ICLR 2022; GEGLU: Shazeer 2020.
"""

import math

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput, MaskedLMOutput


class AlibiBertConfig(PreTrainedConfig):
    """Sizes of the network, under BERT's names; `max_position_embeddings` says what it was trained on, no more.

    With `token_types` a vector is added to every token: BERT's first token type, which the published weights have.
    """

    model_type = "alibi_bert"

    def __init__(
        self,
        vocab_size: int = 4096,
        hidden_size: int = 768,
        num_hidden_layers: int = 12,
        num_attention_heads: int = 12,
        intermediate_size: int = 3072,
        max_position_embeddings: int = 512,
        initializer_range: float = 0.02,
        layer_norm_eps: float = 1e-12,
        token_types: bool = False,
        **kwargs: object,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.num_attention_heads = num_attention_heads
        self.intermediate_size = intermediate_size
        self.max_position_embeddings = max_position_embeddings
        self.initializer_range = initializer_range
        self.layer_norm_eps = layer_norm_eps
        self.token_types = token_types
        super().__init__(**kwargs)


def slopes(heads: int) -> Tensor:
    """How steeply each head's penalty grows with distance [heads]: 2^(-8/heads), its square, and so on.

    Where `heads` is no power of two, those of the power below, then every other one of the power above (Press 2022).
    """
    below = 2 ** int(math.log2(heads))
    steep = [2 ** (-8 * (number + 1) / below) for number in range(below)]
    between = [2 ** (-4 * (number + 1) / below) for number in range(0, 2 * below, 2)]
    return torch.tensor((steep + between)[:heads])


def penalties(heads: int, length: int, mask: Tensor | None, where: torch.device) -> Tensor:
    """What is added to attention [b or 1, heads, L, L]: minus slope times distance; minus infinity towards padding."""
    place = torch.arange(length, device=where)
    bias = -slopes(heads).to(where)[:, None, None] * (place[:, None] - place).abs()
    return bias[None] if mask is None else bias.masked_fill(mask[:, None, None, :] == 0, -torch.inf)


class _Layer(nn.Module):
    """Attention, then gated position-wise layers; each added to what was known and normalised after."""

    def __init__(self, config: AlibiBertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads = config.num_attention_heads
        self.question = nn.Linear(width, 3 * width)
        self.answer = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.gate = nn.Linear(width, 2 * config.intermediate_size, bias=False)
        self.out = nn.Linear(config.intermediate_size, width)
        self.out_norm = nn.LayerNorm(width, eps=config.layer_norm_eps)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        split = self.question(hidden).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(*split, attn_mask=bias.to(split.dtype))
        hidden = self.attention_norm(hidden + self.answer(seen.transpose(1, 2).flatten(2)))
        gate, value = self.gate(hidden).chunk(2, -1)
        return self.out_norm(hidden + self.out(nn.functional.gelu(gate) * value))


class AlibiBertPreTrained(PreTrainedModel):
    """What both heads share: configuration, initial weights."""

    config_class = AlibiBertConfig
    base_model_prefix = "model"

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=self.config.initializer_range)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


class AlibiBertModel(AlibiBertPreTrained):
    """Token ids [b, L] to hidden states [b, L, hidden_size]; padding is not attended to."""

    def __init__(self, config: AlibiBertConfig) -> None:
        super().__init__(config)
        self.embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.token_type = nn.Parameter(torch.zeros(config.hidden_size)) if config.token_types else None
        self.norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layers = nn.ModuleList([_Layer(config) for _ in range(config.num_hidden_layers)])
        self.post_init()

    def get_input_embeddings(self) -> nn.Embedding:
        """The token embedding table."""
        return self.embeddings

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object) -> BaseModelOutput:
        """Hidden states of each token; `attention_mask` is 1 for tokens and 0 for padding."""
        hidden = self.embeddings(input_ids)
        hidden = self.norm(hidden if self.token_type is None else hidden + self.token_type)
        bias = penalties(self.config.num_attention_heads, input_ids.shape[1], attention_mask, input_ids.device)
        for layer in self.layers:
            hidden = layer(hidden, bias)
        return BaseModelOutput(last_hidden_state=hidden)


class AlibiBertForMaskedLM(AlibiBertPreTrained):
    """The encoder with BERT's head, which compares what it expects with the embedding of each token."""

    def __init__(self, config: AlibiBertConfig) -> None:
        super().__init__(config)
        self.model = AlibiBertModel(config)
        width = config.hidden_size
        self.head = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width, eps=config.layer_norm_eps))
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object) -> MaskedLMOutput:
        """Logits [b, L, vocabulary] of what stands at each position."""
        expected = self.head(self.model(input_ids, attention_mask).last_hidden_state)
        return MaskedLMOutput(logits=nn.functional.linear(expected, self.model.embeddings.weight, self.bias))
