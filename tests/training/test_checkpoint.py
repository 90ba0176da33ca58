"""Which folder a checkpoint is kept in."""

from dnalm.training import checkpoint


def test_a_changed_option_or_code_or_input_has_another_folder(tmp_path):
    data, script = tmp_path / "data", tmp_path / "script.py"
    data.write_text("A")
    script.write_text("x = 1\n")
    first = checkpoint.folder_for(tmp_path, script, [data], {"steps": 10})
    assert checkpoint.folder_for(tmp_path, script, [data], {"steps": 10}) == first
    assert checkpoint.folder_for(tmp_path, script, [data], {"steps": 11}) != first
    data.write_text("C")
    assert checkpoint.folder_for(tmp_path, script, [data], {"steps": 10}) != first
    data.write_text("A")
    script.write_text("x = 2\n")
    assert checkpoint.folder_for(tmp_path, script, [data], {"steps": 10}) != first
