"""Take a published checkpoint into the chain in place of pretraining, with its own tokenizer; its code is never run."""

import dnalm.startup

from pathlib import Path
from typing import Literal

from dnalm import cli
from dnalm.cli import Input, Output
from dnalm.errors import InputError
from dnalm.logs import log
from dnalm.networks import cards, models, positions
from dnalm.published import folder as published
from dnalm.published import network as published_network
from dnalm.published import tokenizer as published_tokenizer
from dnalm.tokens import tokenizer as tk


def main(
    *,
    checkpoint: Input,
    out: Output,
    origin: str = "",
    objective: Literal["mlm", "clm", "classify"] | None = None,
    context: int | None = None,
    allow_pickle: bool = False,
    sha256: str | None = None,
) -> None:
    """Read the folder --checkpoint (config.json, weights, tokenizer) and write it as every model here is written.

    --objective and --context are what the preset says of it, and are refused where the checkpoint says otherwise.
    """
    found = published.read(checkpoint, allow_pickle=allow_pickle, sha256=sha256)
    if objective not in (None, found.objective):
        raise InputError(
            f"{checkpoint}: objective: got {objective} in the preset, wanted {found.objective}; correct it"
        )
    tok = published_tokenizer.read(checkpoint, found.config)
    network = published_network.network(found, tok)
    most = positions.longest(network)
    if most and context and context > most:
        raise InputError(
            f"{checkpoint}: context: got {context} in the preset, wanted {most} tokens at most; correct it"
        )
    parameters = sum(one.numel() for one in network.parameters())
    before, after = (" ".join(tok.convert_ids_to_tokens(ids)) for ids in tk.frame(tok))
    log.info(f"{type(network).__name__} with {parameters:,} parameters; sequences are given as {before} … {after}")
    card = cards.import_card(
        origin or Path(checkpoint).name, found.objective, parameters, f"{before} … {after}".strip()
    )
    models.save(network, tok, out, card)


if __name__ == "__main__":
    cli.run(main)
