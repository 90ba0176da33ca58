"""The second Nucleotide Transformer: ESM with rotary positions and gated (SwiGLU) layers without biases.

Everything but the gated layers is transformers' own ESM, and the weights have the names of the published checkpoints.
Dalla-Torre et al., Nature Methods 2025; SwiGLU: Shazeer 2020, arXiv 2002.05202.
"""

from torch import Tensor, nn
from transformers import EsmConfig, EsmForMaskedLM, EsmModel


class GatedEsmConfig(EsmConfig):
    """ESM's own keys; positions are rotary and the output layer has its own weights unless said otherwise.

    `add_bias_fnn` (the published key) gives the gated layers biases.
    """

    model_type = "esm_gated"
    position_embedding_type: str = "rotary"
    tie_word_embeddings: bool = False
    add_bias_fnn: bool = False


class _Gate(nn.Module):
    """Hidden states [b, L, hidden] to [b, L, intermediate]: one half, through swish, opens and shuts the other."""

    def __init__(self, config: GatedEsmConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, 2 * config.intermediate_size, bias=config.add_bias_fnn)

    def forward(self, hidden: Tensor) -> Tensor:
        gate, value = self.dense(hidden).chunk(2, -1)
        return nn.functional.silu(gate) * value


def _gated(model: EsmModel, config: GatedEsmConfig) -> None:
    """Put gated layers in the place of ESM's."""
    for layer in model.encoder.layer:
        layer.intermediate = _Gate(config)
        layer.output.dense = nn.Linear(config.intermediate_size, config.hidden_size, bias=config.add_bias_fnn)


class GatedEsmModel(EsmModel):
    """Token ids [b, L] to hidden states [b, L, hidden_size]."""

    config_class = GatedEsmConfig

    def __init__(self, config: GatedEsmConfig, add_pooling_layer: bool = True) -> None:
        super().__init__(config, add_pooling_layer)
        _gated(self, config)
        self.post_init()


class GatedEsmForMaskedLM(EsmForMaskedLM):
    """The encoder with ESM's head that names the masked token."""

    config_class = GatedEsmConfig

    def __init__(self, config: GatedEsmConfig) -> None:
        super().__init__(config)
        _gated(self.esm, config)
        self.post_init()
