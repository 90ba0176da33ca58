"""Sequences as arrays of base codes, words, motifs, places on contigs and tracks along them; no torch."""
