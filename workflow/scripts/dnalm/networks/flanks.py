"""Windows with the bases beside them, as a genome has them: what a window is to a network that reads it in a tile.

By itself a window ends in nothing, and convolutions feel that as far as they reach. Where a genome is read tile by tile
(`networks.tiles`) the next bases follow instead, so a network that is to say the same of both is trained on windows
with a margin of bases on either side, which it reads and says nothing of.
"""

import numpy as np
from torch import nn
from transformers import PreTrainedTokenizerFast

from dnalm.dna import seq
from dnalm.logs import progress
from dnalm.networks import predict, readers
from dnalm.tokens import tokenizer as tk

NOTHING = seq.N + 1  # the code of a place beside a window that holds no known base: a contig's end, a table's window


def arrays(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray, margin: int) -> dict[str, np.ndarray]:
    """Windows with what is beside them, [n, margin + W + margin], as a network reads them: ids, mask, inside.

    Codes are those of bases, or NOTHING. There is a token a base and none else: no [CLS] lies within a genome.
    """
    known = codes != NOTHING
    inside = np.zeros(codes.shape, bool)
    inside[:, margin : codes.shape[1] - margin] = True
    return {"ids": ids(tokenizer, codes), "mask": known, "inside": inside}


def ids(tokenizer: PreTrainedTokenizerFast, codes: np.ndarray) -> np.ndarray:
    """A token a base, int64 of the same shape; padding where there is NOTHING."""
    bases = tk.encode(tokenizer, np.minimum(codes, seq.N).ravel()).reshape(codes.shape)
    return np.where(codes == NOTHING, tokenizer.pad_token_id, bases.astype(np.int64))


def turned(codes: np.ndarray) -> np.ndarray:
    """The other strand, along the last axis; NOTHING stays nothing."""
    nothing = codes[..., ::-1] == NOTHING
    return np.where(nothing, np.uint8(NOTHING), seq.reverse_complement(np.minimum(codes, seq.N)))


def answers(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerFast,
    codes: np.ndarray,
    read: readers.Read,
    *,
    both_strands: bool = True,
    what: str | None = None,
) -> np.ndarray:
    """`read` of windows with the model's margin beside them [n, margin + W + margin], float32 [n, …].

    Of a model without a margin, what `predict.predict` says of windows by themselves.
    """
    if not (margin := model.config.margin):
        return predict.predict(model, tokenizer, codes, read, both_strands=both_strands, what=what)
    parts: list[np.ndarray] = []
    with progress(what, len(codes), "windows") as advance:
        for here in predict.chunks(codes):
            some = codes[here]
            strands = (some, turned(some)) if both_strands else (some,)
            said = [predict.forward(model, arrays(tokenizer, one, margin), read) for one in strands]
            parts.append(np.mean(said, axis=0, dtype=np.float32))
            advance(len(some))
    return np.concatenate(parts) if parts else np.empty(0, np.float32)
