"""dnalm: DNA language models from any genome, and what one does with them.

Sequences travel as uint8 arrays of base codes (A 0, C 1, G 2, T 3, anything else 4) and coordinates are
0-based, half-open, everywhere inside; see `seq` and `intervals`.
"""

__version__ = "0.1.0"
