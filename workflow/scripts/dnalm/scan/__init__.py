"""Signal along a genome and the peaks on it, with their errors."""
