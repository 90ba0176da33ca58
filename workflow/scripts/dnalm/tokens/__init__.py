"""Bases to ids: tokenizers made and applied, token stores, spans of tokens."""
