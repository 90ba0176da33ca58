"""dnalm: DNA language models from any genome, and what one does with them.

Sequences travel as uint8 arrays of base codes (A 0, C 1, G 2, T 3, anything else 4) and coordinates are
0-based, half-open, everywhere inside; see `dna.seq` and `dna.intervals`.
"""

import os

__version__ = "0.1.0"

# Threads that wait must soon sleep: where two jobs share the cores (or a neighbour does), spinning makes each many
# times slower. A thousand turns, some microseconds, bridge the gap from one parallel loop to the next: a training step
# alone is 8 % faster than with none, and side by side two lose 5 %. To be set before torch is imported, hence here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

# oneDNN keeps the last 1,024 products and convolutions that it was asked for, by their shapes, each with room to work
# in: a scan whose batches are of many lengths held 300 MB more for it, and was no faster.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
