"""K-mers and single bases: ours beside the same tokenizer in Hugging Face's encode_batch."""

from inputs import genomes, machine, seq, timed

from dnalm.tokens import kinds
from dnalm.tokens import tokenizer as tk

TARGET = 100  # Mb/s


def main() -> None:
    """Print Mb/s of each kind; the last line holds the slowest of ours."""
    print(machine())
    piece = max(next(iter(genomes().values())), key=len)
    speeds = []
    for name, settings in {
        "6-mers": {"kind": "kmer", "k": 6},
        "overlapping 6-mers": {"kind": "kmer", "k": 6, "overlapping": True},
        "single bases": {"kind": "char"},
    }.items():
        tokenizer = kinds.train(**settings)
        tk.encode(tokenizer, piece[:1000])
        ids, fast = timed(lambda t=tokenizer: tk.encode(t, piece), 5)
        text = tk.spell(tokenizer, seq.decode(piece))
        theirs, slow = timed(lambda t=tokenizer, x=text: t.backend_tokenizer.encode(x, add_special_tokens=False))
        assert theirs.ids == ids.tolist(), f"{name}: not the same"
        speeds.append(len(piece) / fast / 1e6)
        print(f"{name}: ours {speeds[-1]:.0f} Mb/s, Hugging Face {len(piece) / slow / 1e6:.1f} Mb/s, identical")
    print(f"kmer ratio={min(speeds):.0f} target={TARGET}  (Mb/s)")


if __name__ == "__main__":
    main()
