"""Other people's checkpoints, fetched and read with suspicion."""
