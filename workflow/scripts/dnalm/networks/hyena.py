"""HyenaDNA: a causal network of long convolutions, whose cost grows with length as L log L, not as its square.

Each layer's filter reaches over the whole context. It is not a table of weights but what a small network answers when
asked about a distance, so a longer context costs no parameters. Nguyen et al., NeurIPS 2023; the operator: Poli et
al., ICML 2023.
"""

import math

import torch
from torch import Tensor, nn
from transformers import GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput, CausalLMOutput

NEAR, FAR, FAINT = 0.3, 1.5, 0.01  # shares of the context at which the fastest and slowest channels have faded to FAINT
FLOOR = 0.05  # what is left of a channel however far


class HyenaConfig(PreTrainedConfig):
    """Sizes of the network; `max_position_embeddings` is the context, the unit in which filters measure distance.

    With `own_head` the next token is named by weights of their own, as published files have it, not by the embeddings.
    """

    model_type = "hyena"

    def __init__(
        self,
        vocab_size: int = 10,
        hidden_size: int = 256,
        num_hidden_layers: int = 8,
        intermediate_size: int = 1024,
        filter_size: int = 64,
        filter_bands: int = 2,
        filter_frequency: float = 10.0,
        max_position_embeddings: int = 1024,
        initializer_range: float = 0.02,
        own_head: bool = False,
        **kwargs: object,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.intermediate_size = intermediate_size
        self.filter_size = filter_size
        self.filter_bands = filter_bands
        self.filter_frequency = filter_frequency
        self.max_position_embeddings = max_position_embeddings
        self.initializer_range = initializer_range
        self.own_head = own_head
        super().__init__(**kwargs)


def causal_convolution(signal: Tensor, kernel: Tensor) -> Tensor:
    """What each position of `signal` [b, D, L] receives from itself and those before it through `kernel` [D, L].

    By Fourier transform in fp32, padded to twice the length so that the end does not run into the beginning.
    """
    length = signal.shape[-1]
    with torch.autocast(signal.device.type, enabled=False):
        spectrum = torch.fft.rfft(signal.float(), n=2 * length) * torch.fft.rfft(kernel.float(), n=2 * length)
        return torch.fft.irfft(spectrum, n=2 * length)[..., :length].to(signal.dtype)


class _Filter(nn.Module):
    """Distances to filter values: waves of the distance, three layers with sine between them, and a fade-out."""

    def __init__(self, config: HyenaConfig) -> None:
        super().__init__()
        width, self.config = config.filter_size, config
        self.frequency = nn.Parameter(torch.full((width,), config.filter_frequency))
        self.layers = nn.ModuleList([nn.Linear(size, width) for size in (1 + 2 * config.filter_bands, width, width)])
        self.out = nn.Linear(width, config.hidden_size, bias=False)

    def forward(self, length: int) -> Tensor:
        """Filter values [D, length] at distances 0 to length - 1."""
        where, context = self.frequency.device, self.config.max_position_embeddings
        with torch.autocast(where.type, enabled=False):
            place = torch.arange(length, device=where, dtype=torch.float32)[:, None]
            away = place / max(context - 1, 1)
            bands = torch.linspace(1e-4, self.config.filter_bands - 1, self.config.filter_bands, device=where)
            angle = 2 * math.pi * place / context * bands
            values = torch.cat([away, angle.cos(), -angle.sin()], 1)
            for layer in self.layers:
                values = torch.sin(self.frequency * layer(values))
            ends = math.log(FAINT) / FAR, math.log(FAINT) / NEAR
            fade = torch.linspace(*ends, self.config.hidden_size, device=where)
            return (self.out(values) * (torch.exp(away * fade) + FLOOR)).T


class _Block(nn.Module):
    """The Hyena operator, then position-wise layers; each reads normalised states and is added to what was known.

    Three views of each position are taken; the product of two is carried along by the long filter and the third opens
    and shuts what arrives: attention's question, key and value without a table of all pairs.
    """

    def __init__(self, config: HyenaConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.operator_norm = nn.LayerNorm(width)
        self.views = nn.Linear(width, 3 * width)
        self.near = nn.Conv1d(3 * width, 3 * width, 3, padding=2, groups=3 * width)
        self.filter = _Filter(config)
        self.own = nn.Parameter(torch.zeros(width))
        self.out = nn.Linear(width, width)
        self.think_norm = nn.LayerNorm(width)
        self.think = nn.Sequential(
            nn.Linear(width, config.intermediate_size),
            nn.GELU(approximate="tanh"),
            nn.Linear(config.intermediate_size, width),
        )

    def forward(self, hidden: Tensor) -> Tensor:
        length = hidden.shape[1]
        views = self.near(self.views(self.operator_norm(hidden)).transpose(1, 2))[..., :length]
        question, key, value = views.chunk(3, 1)
        carried = key * value
        carried = causal_convolution(carried, self.filter(length)) + self.own[:, None] * carried
        hidden = hidden + self.out((question * carried).transpose(1, 2))
        return hidden + self.think(self.think_norm(hidden))


class HyenaPreTrained(PreTrainedModel):
    """What both heads share: configuration, initial weights."""

    config_class = HyenaConfig
    base_model_prefix = "model"

    def _init_weights(self, module: nn.Module) -> None:
        """Small normal weights, smaller where many layers add up; `own` lets each position see itself at once."""
        spread = self.config.initializer_range
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=spread)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)
        if isinstance(module, _Filter):
            nn.init.constant_(module.frequency, self.config.filter_frequency)
        if isinstance(module, _Block):
            nn.init.normal_(module.own)
            for layer in (module.out, module.think[2]):
                nn.init.normal_(layer.weight, std=spread / math.sqrt(2 * self.config.num_hidden_layers))


class HyenaModel(HyenaPreTrained):
    """Token ids [b, L] to hidden states [b, L, hidden_size], each of which knows its token and those before it.

    Padding must follow the tokens: nothing in front of it can see it, so the mask is not needed.
    """

    def __init__(self, config: HyenaConfig) -> None:
        super().__init__(config)
        self.embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.blocks = nn.ModuleList([_Block(config) for _ in range(config.num_hidden_layers)])
        self.norm = nn.LayerNorm(config.hidden_size)
        self.post_init()

    def get_input_embeddings(self) -> nn.Embedding:
        """The token embedding table."""
        return self.embeddings

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object) -> BaseModelOutput:
        """Hidden states of each token."""
        hidden = self.embeddings(input_ids)
        for block in self.blocks:
            hidden = block(hidden)
        return BaseModelOutput(last_hidden_state=self.norm(hidden))


class HyenaForCausalLM(HyenaPreTrained, GenerationMixin):
    """The network with a head that names the next token by its embedding. Generation reads everything at each step."""

    def __init__(self, config: HyenaConfig) -> None:
        super().__init__(config)
        self.model = HyenaModel(config)
        self.head = nn.Linear(config.hidden_size, config.vocab_size, bias=False) if config.own_head else None
        self.post_init()

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object
    ) -> dict[str, Tensor]:
        """All tokens so far: there are no keys and values to keep."""
        return {"input_ids": input_ids}

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: object) -> CausalLMOutput:
        """Logits [b, L, vocabulary] of what comes after each position."""
        hidden = self.model(input_ids).last_hidden_state
        words = self.model.embeddings if self.head is None else self.head
        return CausalLMOutput(logits=nn.functional.linear(hidden, words.weight))
