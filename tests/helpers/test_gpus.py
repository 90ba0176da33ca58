"""The one key that says how many GPUs: to the rules as a resource, to the scripts through the environment."""

import os

import pytest

import helpers

NAMES = ("DNALM_GPUS", "CUDA_VISIBLE_DEVICES")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    for name in NAMES:
        monkeypatch.setenv(name, "before")
        monkeypatch.delenv(name)


def told():
    """What the scripts are told."""
    return {name: os.environ[name] for name in NAMES if name in os.environ}


@pytest.mark.parametrize(("there", "number"), [(True, 1), (False, 0)])
def test_left_out_it_is_one_where_there_is_one(monkeypatch, there, number):
    monkeypatch.setattr(helpers.Path, "exists", lambda path: there and str(path) == "/dev/nvidia0")
    assert helpers.gpus({}) == number
    assert told() == {}, "nothing is promised to the scripts"


def test_a_number_is_a_promise():
    assert helpers.gpus({"gpus": 4}) == 4
    assert told() == {"DNALM_GPUS": "4"}


def test_0_hides_the_gpus():
    assert helpers.gpus({"gpus": 0}) == 0
    assert told() == {"DNALM_GPUS": "0", "CUDA_VISIBLE_DEVICES": ""}
