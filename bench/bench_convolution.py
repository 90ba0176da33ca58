"""Convolutions along a sequence: channels that lie together beside torch's own layer, which wants them apart.

The demo's network, forward and a step (forward, backward), as pretraining and a scan in tiles give it; the loop is the
same network with `nn.Conv1d` called as it is.
"""

import numpy as np
import torch
from inputs import in_turn, machine, ratio, timed
from torch import nn

from dnalm.networks import convnet, convolution

TARGET = 1.25
SHAPES = {"a step of pretraining": (16, 512, True), "tiles of a scan": (8, 4096, False)}
ALONG = convolution.along


def as_it_is(layer: nn.Conv1d, hidden: torch.Tensor) -> torch.Tensor:
    """What users write: the layer between two turns of the axes."""
    return layer(hidden.transpose(1, 2)).transpose(1, 2)


def main() -> None:
    """Print bases/s of both; the last line holds the smaller ratio."""
    print(machine())
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network, ratios = convnet.ConvNetForMaskedLM(convnet.ConvNetConfig()), []
    for name, (rows, length, learns) in SHAPES.items():
        ids = torch.randint(4, 8, (rows, length))
        took = in_turn(
            {way: lambda w=way, i=ids, s=learns: timed(lambda: read(network, i, w, s))[1] for way in ("ours", "loop")}
        )
        ratios.append(ratio(took["loop"], took["ours"])[0])
        ours, loop = (rows * length / np.median(took[way]) / 1000 for way in ("ours", "loop"))
        print(
            f"{name}: ours {ours:.1f} kb/s, Conv1d {loop:.1f} kb/s, {ratios[-1]:.2f} x, target {TARGET} x", flush=True
        )
    print(f"convolution ratio={min(ratios):.2f} target={TARGET}")


def read(network: nn.Module, ids: torch.Tensor, way: str, learns: bool) -> None:
    """One pass by one way, with the gradients where it learns."""
    convolution.along = ALONG if way == "ours" else as_it_is
    with torch.inference_mode(not learns):
        said = network(ids).logits
    if learns:
        network.zero_grad()
        nn.functional.cross_entropy(said.flatten(0, 1), ids.flatten()).backward()


if __name__ == "__main__":
    main()
