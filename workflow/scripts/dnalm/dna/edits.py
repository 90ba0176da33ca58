"""Sequences that differ by substitutions: all neighbours of one, and how far two are apart."""

import numpy as np


def mutants(codes: np.ndarray) -> np.ndarray:
    """All single substitutions of one window [W] without N: uint8 [3 W, W], by position, then by base A, C, G, T."""
    width = len(codes)
    place = np.repeat(np.arange(width), 3)
    base = np.tile(np.arange(4), (width, 1))[np.arange(4) != codes[:, None]]
    changed = np.tile(codes, (3 * width, 1))
    changed[np.arange(3 * width), place] = base
    return changed


def edit_counts(codes: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Substitutions that separate sequences from their start (lengths never change) along the last axis."""
    return (codes != start).sum(-1)
