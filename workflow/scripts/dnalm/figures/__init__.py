"""Pictures and their panels; knows metrics, dna and genome only; no torch."""
