"""The one training loop, its tasks, and what they are fed with."""
