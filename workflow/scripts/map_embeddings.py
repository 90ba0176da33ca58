"""Map a language model's token vectors and its embeddings of genome windows."""

import dnalm.startup

from functools import partial

import numpy as np

from dnalm import cli, files
from dnalm.cli import Input, Output
from dnalm.dna import seq
from dnalm.genome import stretches
from dnalm.insight import maps
from dnalm.logs import log
from dnalm.metrics import correlation
from dnalm.networks import models, predict, readers
from dnalm.tokens import tokenizer as tk

TOKEN_COMPONENTS, WINDOW_COMPONENTS = 5, 10


def main(
    *,
    model: Input,
    genome: Input,
    out_tokens: Output,
    out_windows: Output,
    out_summary: Output | None = None,
    windows: int = 500,
    window: int = 256,
    seed: int = 0,
) -> None:
    """Write principal components of both, with what may explain them: frequency, GC, purines, repeats, strand.

    `windows` stretches of `window` bp are drawn from the whole genome; their embeddings are means over tokens and over
    both strands. `strand_difference` is 1 - cosine between the embeddings of the two strands of one window; the summary
    has beside it that of two different windows, for scale.
    """
    rng = np.random.default_rng(seed)
    network, tokenizer = models.load(model, "embed"), tk.load(model)
    table, codes = stretches.draw([genome], window, windows, rng)
    tokens = maps.token_table(tk.token_codes(tokenizer), count_tokens(tokenizer, codes))
    vectors = network.get_input_embeddings().weight.detach().float().cpu().numpy()[tokens.id]
    axes, token_share = maps.component_columns(vectors, TOKEN_COMPONENTS)
    tokens = tokens.join(axes)

    embed = partial(predict.predict, network, tokenizer, read=readers.mean_embedding(tk.special_ids(tokenizer)))
    plus = embed(codes, both_strands=False, what="forward strand")
    minus = embed(seq.reverse_complement(codes), both_strands=False, what="reverse strand")
    places, window_share = maps.component_columns((plus + minus) / 2, WINDOW_COMPONENTS)
    table = table.drop(columns=["genome", "split"]).assign(
        gc=seq.gc_content(codes), strand_difference=maps.cosine_distances(plus, minus)
    )
    files.write_table(out_tokens, tokens)
    files.write_table(out_windows, table.join(places))
    if out_summary is not None:
        other = maps.cosine_distances(plus, np.roll(plus, 1, 0))
        files.write_json(
            out_summary,
            {
                "tokens": {
                    "number": len(tokens),
                    "share_of_variance": token_share,
                    "correlations": token_correlations(tokens, axes),
                },
                "windows": {
                    "number": len(table),
                    "window": window,
                    "share_of_variance": window_share,
                    "correlations": correlation.correlations(places, {"gc": table.gc, "repeats": table.repeats}),
                    "strand_difference": mean(table.strand_difference),
                    "difference_between_windows": mean(other),
                },
            },
        )
    log.info(f"{len(tokens):,} tokens and {len(table):,} windows of {window} bp mapped")


def count_tokens(tokenizer, codes: np.ndarray) -> np.ndarray:
    """How often each id occurs in the windows [vocabulary]."""
    ids, mask = tk.tokenize(tokenizer, codes)
    return np.bincount(ids[mask], minlength=len(tokenizer))


def token_correlations(tokens, axes) -> dict:
    """Pearson r of the token components with what GROVER found in them; frequencies are logarithmic."""
    seen = tokens["count"].where(tokens["count"] > 0)
    explain = {"log_frequency": np.log10(seen), "length": tokens.length, "gc": tokens.gc, "ag": tokens.ag}
    return correlation.correlations(axes, explain)


def mean(values) -> float | None:
    """Mean of the values that exist, None where there is none."""
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else None


if __name__ == "__main__":
    cli.run(main)
