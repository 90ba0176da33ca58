"""The objective of a checkpoint by the name of its class."""

import pytest

from dnalm.networks import objectives


@pytest.mark.parametrize(
    "named, published, ours",
    [
        (["BertForMaskedLM"], "mlm", "mlm"),
        (["EsmForMaskedLM", "EsmForTokenClassification"], "mlm", "mlm"),  # the first is what the weights are
        (["HyenaForCausalLM"], "clm", "clm"),
        (["EsmForSequenceClassification"], "classify", "classify"),
        (["WindowClassifier"], None, "classify"),
        (["EsmForTokenClassification"], None, None),  # its head would be left at random
        (["BertModel"], None, None),
        ([], None, None),
        (None, None, None),
    ],
)
def test_the_first_architecture_says_what_a_model_was_trained_for(named, published, ours):
    assert objectives.objective_of(named, objectives.PUBLISHED) == published
    assert objectives.objective_of(named, objectives.OURS) == ours
