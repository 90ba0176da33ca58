"""What a checkpoint was trained for, by the class that its config.json names: of our folders and of others'.

GPT-2 and its kin say LMHeadModel for what later classes call ForCausalLM. XLM's …WithLMHeadModel is either, so neither.
"""

from collections.abc import Mapping, Sequence

PUBLISHED = {"ForMaskedLM": "mlm", "ForCausalLM": "clm", "LMHeadModel": "clm", "ForSequenceClassification": "classify"}
EITHER = "WithLMHeadModel"
# A WindowClassifier and a TrackModel are made here and never imported.
OURS = PUBLISHED | {"Classifier": "classify", "TrackModel": "tracks"}


def objective_of(architectures: Sequence[str] | None, endings: Mapping[str, str]) -> str | None:
    """The objective of the first of a config's `architectures`, by its ending (PUBLISHED or OURS); None for another."""
    name = architectures[0] if isinstance(architectures, list | tuple) and architectures else None
    if not isinstance(name, str) or name.endswith(EITHER):
        return None
    return next((objective for ending, objective in endings.items() if name.endswith(ending)), None)
