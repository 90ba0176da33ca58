"""New DNA: generated, optimised, and compared with what exists."""
