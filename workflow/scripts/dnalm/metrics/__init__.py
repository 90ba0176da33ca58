"""How good and how sure: figures of merit from labels and scores alone, no models and no files."""
