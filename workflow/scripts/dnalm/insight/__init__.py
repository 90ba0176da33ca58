"""Looks inside a model: maps of its vectors, what each base does to a score."""
