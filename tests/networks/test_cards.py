"""What a model card says."""

import yaml

from dnalm.networks import cards


def test_a_card_names_the_held_out_loss():
    options = {"objective": "mlm", "architecture": "bert", "context": 1, "steps": 2, "batch_size": 3}
    rows = [{"step": step, "loss": 3.0, "bits_per_base": 2.1 - step / 10} for step in (1, 2)]
    card = cards.pretraining_card(options | {"learning_rate": 0.1, "seed": 0}, rows, 1234, "tokens")
    assert "| 1 | 3.0000 | 2.0000 |" in card
    assert "1.9000 (2 is a blind guess)" in card
    assert "1,234" in card


ROWS = [{"step": 10, "loss": 1.5, "bits_per_base": 1.95}, {"step": 2000, "loss": 1.25, "bits_per_base": 1.9}]


def front(card):
    return yaml.safe_load(card.split("---\n")[1])


def test_a_pretrained_model_shows_how_it_learned():
    card = cards.pretraining_card({"objective": "mlm", "seed": 3}, ROWS, 12345, "tokens")
    assert front(card) == {"library_name": "transformers", "tags": ["dna", "genomics", "fill-mask"]}
    assert "| held-out bits per base | 1.9000 (2 is a blind guess) |" in card
    assert "| seed | 3 |" in card
    assert card.endswith("| 10 | 1.5000 | 1.9500 |\n| 2,000 | 1.2500 | 1.9000 |\n")
    blind = cards.pretraining_card({"objective": "clm"}, [{"step": 5, "loss": 1.0}], 1, "tokens")
    assert front(blind)["tags"] == ["dna", "genomics", "text-generation"]
    assert "not measured: no contig is held out" in blind
    assert blind.endswith(cards.TERMS)


def test_fine_tuned_and_imported_models_say_whose_terms_hold():
    assert cards.finetuning_card({"seed": 1}, {"windows": "w"}).endswith(cards.TERMS)
    card = cards.import_card("someone/model", "mlm", 1234, "[CLS] … [SEP]")
    assert "| from | someone/model |\n| objective | mlm |\n| parameters | 1,234 |\n| sequence | [CLS] … [SEP] |" in card
    assert "those of the authors" in card
    assert cards.TERMS not in card
