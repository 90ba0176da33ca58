"""What a model card says."""

from dnalm.networks import cards


def test_a_card_names_the_held_out_loss():
    options = {"objective": "mlm", "architecture": "bert", "context": 1, "steps": 2, "batch_size": 3}
    rows = [{"step": step, "loss": 3.0, "bits_per_base": 2.1 - step / 10} for step in (1, 2)]
    card = cards.pretraining_card(options | {"learning_rate": 0.1, "seed": 0}, rows, 1234, "tokens")
    assert "| 1 | 3.0000 | 2.0000 |" in card
    assert "1.9000 (2 is a blind guess)" in card
    assert "1,234" in card
