"""What a checkpoint was trained for, by the class that its config.json names: of our folders and of others'."""

from collections.abc import Mapping, Sequence

PUBLISHED = {"ForMaskedLM": "mlm", "ForCausalLM": "clm", "ForSequenceClassification": "classify"}
OURS = PUBLISHED | {"Classifier": "classify"}  # a WindowClassifier is fine-tuned here and never imported


def objective_of(architectures: Sequence[str] | None, endings: Mapping[str, str]) -> str | None:
    """The objective of the first of a config's `architectures`, by its ending (PUBLISHED or OURS); None for another."""
    name = (architectures or [""])[0]
    return next((objective for ending, objective in endings.items() if name.endswith(ending)), None)
