"""A dilated-convolution encoder over single bases, in the manner of GPN, with the usual Hugging Face doors.

Convolutions learn local words (motifs, splice sites) from megabases where a transformer of the same size wants
gigabases, which makes this the network to start from on a small genome or a laptop. Benegas et al., PNAS 2023.
Our layout normalises what a layer reads; the layout "gpn", which normalises what it says, is the published one.
"""

import torch
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput, MaskedLMOutput

from dnalm.errors import InputError
from dnalm.networks import convolution, likeness


class ConvNetConfig(PreTrainedConfig):
    """Sizes of the network; the dilations repeat 1, 2, 4, … up to `max_dilation`. `layout` is "ours" or "gpn"."""

    model_type = "dilated_conv"

    def __init__(
        self,
        vocab_size: int = 10,
        hidden_size: int = 96,
        num_hidden_layers: int = 5,
        kernel_size: int = 9,
        max_dilation: int = 16,
        expansion: int = 2,
        layout: str = "ours",
        max_position_embeddings: int = 4096,
        initializer_range: float = 0.02,
        **kwargs: object,
    ) -> None:
        self.vocab_size = vocab_size
        self.hidden_size = hidden_size
        self.num_hidden_layers = num_hidden_layers
        self.kernel_size = kernel_size
        self.max_dilation = max_dilation
        self.expansion = expansion
        self.layout = layout
        self.max_position_embeddings = max_position_embeddings
        self.initializer_range = initializer_range
        super().__init__(**kwargs)

    def receptive_field(self) -> int:
        """Bases that a base's hidden state depends on, its own in the middle."""
        return 1 + (self.kernel_size - 1) // 2 * 2 * sum(dilations(self))


def dilations(config: ConvNetConfig) -> list[int]:
    """The dilation of each layer."""
    found, dilation = [], 1
    for _ in range(config.num_hidden_layers):
        found.append(dilation)
        dilation = dilation * 2 if dilation < config.max_dilation else 1
    return found


class Block(nn.Module):
    """Look around by a dilated convolution, `look`, at what is `read` of states, and `say` what follows from it.

    States are [b, L, D]; `here` [b, L, 1] is 0 for padding, which is nothing to its neighbours.
    """

    look: nn.Conv1d

    def read(self, hidden: Tensor) -> Tensor:
        """What the convolution is shown of states."""
        return hidden

    def say(self, hidden: Tensor, seen: Tensor) -> Tensor:
        """The next states, of the states and of what the convolution has `seen` there (which may be overwritten)."""
        raise NotImplementedError

    def forward(self, hidden: Tensor, here: Tensor) -> Tensor:
        """The next states."""
        return self.say(hidden, convolution.along(self.look, self.read(hidden) * here))


class _Block(Block):
    """Look around (dilated convolution), then think (position-wise layers); each added to what was known."""

    def __init__(self, config: ConvNetConfig, dilation: int) -> None:
        super().__init__()
        width, reach = config.hidden_size, (config.kernel_size - 1) // 2 * dilation
        self.look = nn.Conv1d(width, width, config.kernel_size, padding=reach, dilation=dilation)
        self.look_norm = nn.LayerNorm(width)
        self.think = nn.Sequential(
            nn.Linear(width, config.expansion * width),
            nn.ReLU(inplace=True),
            nn.Linear(config.expansion * width, width),
        )
        self.think_norm = nn.LayerNorm(width)

    def read(self, hidden: Tensor) -> Tensor:
        return self.look_norm(hidden)

    def say(self, hidden: Tensor, seen: Tensor) -> Tensor:
        hidden = hidden + nn.functional.relu(seen, inplace=True)
        return hidden + self.think(self.think_norm(hidden))


class _PublishedBlock(Block):
    """GPN's own block: one position-wise layer, and each layer's answer normalised before it is added."""

    def __init__(self, config: ConvNetConfig, dilation: int) -> None:
        super().__init__()
        width, reach = config.hidden_size, (config.kernel_size - 1) // 2 * dilation
        self.look = nn.Conv1d(width, width, config.kernel_size, padding=reach, dilation=dilation)
        self.look_norm = nn.LayerNorm(width)
        self.think = nn.Linear(width, width)
        self.think_norm = nn.LayerNorm(width)

    def say(self, hidden: Tensor, seen: Tensor) -> Tensor:
        hidden = hidden + self.look_norm(nn.functional.gelu(seen))
        return hidden + self.think_norm(nn.functional.gelu(self.think(hidden)))


BLOCKS = {"ours": _Block, "gpn": _PublishedBlock}


class ConvNetPreTrained(PreTrainedModel):
    """What both heads share: configuration, initial weights."""

    config_class = ConvNetConfig
    base_model_prefix = "model"

    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Conv1d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            if self.config.layout == "gpn":  # its letters are one-hot vectors, to begin with
                nn.init.eye_(module.weight)
            else:
                nn.init.normal_(module.weight, std=1.0)


class ConvNetModel(ConvNetPreTrained):
    """Token ids [b, L] to hidden states [b, L, hidden_size]; padding is zero to its neighbours, as an edge is.

    Raises InputError for a layout that is none.
    """

    def __init__(self, config: ConvNetConfig) -> None:
        super().__init__(config)
        if config.layout not in BLOCKS:
            raise InputError(f"layout: got {config.layout!r}, wanted one of {', '.join(BLOCKS)}")
        self.embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.blocks = nn.ModuleList([BLOCKS[config.layout](config, dilation) for dilation in dilations(config)])
        self.norm = nn.Identity() if config.layout == "gpn" else nn.LayerNorm(config.hidden_size)
        self.post_init()

    def get_input_embeddings(self) -> nn.Embedding:
        """The token embedding table."""
        return self.embeddings

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, like: Tensor | None = None, **_: object
    ) -> BaseModelOutput:
        """Hidden states of each token; `attention_mask` is 1 for tokens and 0 for padding.

        Where there is none, rows may be said to be `like` others (`networks.likeness`): the same, in less time.
        """
        if like is not None and attention_mask is None:
            return BaseModelOutput(last_hidden_state=likeness.states(self, input_ids, like))
        hidden = self.embeddings(input_ids)
        mask = torch.ones_like(input_ids) if attention_mask is None else attention_mask
        here = mask[..., None].to(hidden.dtype)
        for block in self.blocks:
            hidden = block(hidden, here)
        return BaseModelOutput(last_hidden_state=self.norm(hidden))


class ConvNetForMaskedLM(ConvNetPreTrained):
    """The encoder with a head that names the masked base."""

    def __init__(self, config: ConvNetConfig) -> None:
        super().__init__(config)
        self.model = ConvNetModel(config)
        self.head = nn.Sequential(
            nn.Linear(config.hidden_size, config.hidden_size),
            nn.GELU(),
            nn.LayerNorm(config.hidden_size),
            nn.Linear(config.hidden_size, config.vocab_size),
        )
        self.post_init()

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, like: Tensor | None = None, **_: object
    ) -> MaskedLMOutput:
        """Logits [b, L, vocabulary] of what stands at each position."""
        return MaskedLMOutput(logits=self.head(self.model(input_ids, attention_mask, like=like).last_hidden_state))
