"""Draw what a language model knows without labels: maps of its tokens and of genome windows."""


from dnalm import cli, plots
from dnalm.cli import Input, Output


def main(*, tokens: Input, windows: Input, out: Output) -> None:
    """Draw the first two principal components of the token vectors and of the window embeddings."""
    vocabulary = plots.read_table(tokens, ["token", "pc1", "pc2", "gc"])
    places = plots.read_table(windows, ["pc1", "pc2", "gc"])
    with plots.figure(out, 14, 4.6) as figure:
        left, middle, right = figure.subplots(1, 3)
        scatter(left, vocabulary, "gc", "GC content of the token", sizes(vocabulary))
        name_tokens(left, vocabulary)
        scatter(middle, places, "gc", "GC content of the window")
        scatter(right, places, "repeats", "share of repeats (soft-masked bases)")


if __name__ == "__main__":
    cli.run(main)
