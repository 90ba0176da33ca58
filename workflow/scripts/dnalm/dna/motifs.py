"""Position weight matrices: read from MEME files, turned into log odds, slid over sequences on both strands.

A matrix is [width, 4] in A, C, G, T order. Its score is what a plain motif scan knows about a factor, and so the
baseline every model has to beat.
"""

from pathlib import Path

import numpy as np

from dnalm.dna.seq import N
from dnalm.errors import InputError

_BLOCK = 1 << 16  # positions scored at once: small enough for the cache


def read_meme(path: Path) -> np.ndarray:
    """Read the first motif of a MEME file: base probabilities [width, 4], each row summing to one.

    Raises InputError with file and line where a row is not four probabilities, or where there is no matrix (format:
    https://meme-suite.org/meme/doc/meme-format.html).
    """
    lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("letter-probability matrix")]
    if not starts:
        raise InputError(f"{path}: no line 'letter-probability matrix'; give a motif in MEME format, as JASPAR has it")
    width = _width(lines[starts[0]], f"{path}:{starts[0] + 1}")
    rows = []
    for number, line in enumerate(lines[starts[0] + 1 :], starts[0] + 2):
        if not line.strip() or (width is not None and len(rows) == width) or line.startswith(("URL", "MOTIF")):
            break
        rows.append(_row(line, f"{path}:{number}"))
    if not rows or (width is not None and len(rows) != width):
        raise InputError(f"{path}: got {len(rows)} matrix rows, wanted {width or 'at least 1'}; the motif is cut short")
    matrix = np.array(rows)
    return matrix / matrix.sum(1, keepdims=True)


def _width(line: str, where: str) -> int | None:
    if "w=" not in line:
        return None
    text = (line.split("w=")[1].split() or [""])[0]
    if not text.isdecimal():
        raise InputError(f"{where}: got 'w= {text}', wanted the motif's width as a whole number")
    return int(text)


def _row(line: str, where: str) -> list[float]:
    try:
        row = [float(field) for field in line.split()]
    except ValueError:
        row = []
    if len(row) != 4 or min(row) < 0 or abs(sum(row) - 1) > 0.02:
        raise InputError(f"{where}: got {line.strip()!r}, wanted the probabilities of A, C, G and T, summing to 1")
    return row


def log_odds(matrix: np.ndarray, pseudocount: float = 0.01, background: np.ndarray | None = None) -> np.ndarray:
    """Log2 odds [width, 4] of a probability matrix against a background (A, C, G, T; default a quarter each).

    The pseudocount is shared out by the background, so that a base never seen in the motif costs much but not all.
    """
    background = np.full(4, 0.25) if background is None else np.asarray(background, float)
    smoothed = (matrix + pseudocount * background) / (1 + pseudocount)
    return np.log2(smoothed / background)


def reverse(matrix: np.ndarray) -> np.ndarray:
    """The matrix (probabilities or log odds) of the same motif read on the other strand."""
    return matrix[::-1, ::-1]


def hit_scores(codes: np.ndarray, log_odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score of the motif starting at each position of [L] codes: (scores [L] float32, strand [L] int8).

    `scores[i]` is for [i, i + width), the better of both strands, -inf where the motif leaves the sequence or meets an
    N; `strand[i]` is 1 or -1 (ties 1), and 0 where there is no score.
    """
    scores, strand = np.full(len(codes), -np.inf, np.float32), np.zeros(len(codes), np.int8)
    width = len(log_odds)
    forward, backward = _table(log_odds), _table(reverse(log_odds))
    for start in range(0, len(codes) - width + 1, _BLOCK):
        block = codes[start : start + _BLOCK + width - 1]
        plus, minus = _slide(block, forward), _slide(block, backward)
        best = np.maximum(plus, minus)
        scores[start : start + len(best)] = best
        strand[start : start + len(best)] = np.where(best == -np.inf, 0, np.where(plus >= minus, 1, -1))
    return scores, strand


def best_hits(codes: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """Best motif score of each window [n, W] over positions and both strands: float32 [n], -inf where none fits."""
    number, width = codes.shape
    best = np.full(number, -np.inf, np.float32)
    if width < len(log_odds):
        return best
    forward, backward = _table(log_odds), _table(reverse(log_odds))
    step = max(_BLOCK // width, 1)
    for start in range(0, number, step):
        block = codes[start : start + step]
        best[start : start + step] = np.maximum(_slide(block, forward), _slide(block, backward)).max(-1)
    return best


def _table(log_odds: np.ndarray) -> np.ndarray:
    """Log odds with a fifth column for N: a motif cannot be said to lie on unknown bases."""
    table = np.full((len(log_odds), N + 1), -np.inf, np.float32)
    table[:, :N] = log_odds
    return table


def _slide(codes: np.ndarray, table: np.ndarray) -> np.ndarray:
    places = codes.shape[-1] - len(table) + 1
    total = np.zeros((*codes.shape[:-1], places), np.float32)
    for offset, row in enumerate(table):
        total += row[codes[..., offset : offset + places]]
    return total


def least_score(log_odds: np.ndarray) -> np.float32:
    """The score of the worst match a motif can have: stands in for no match at all, so that scores stay finite."""
    return np.float32(log_odds.min(1).sum())
