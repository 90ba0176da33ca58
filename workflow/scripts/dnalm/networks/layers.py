"""The blocks of any backbone, and what each of them says: hidden states that need no door of the architecture's own.

What a pretrained network knows of a motif need not have reached its last layer, which is busy naming the next or the
hidden base; a probe looks at all of them. Layers are counted as transformers counts hidden states: layer n is what the
n-th block says, and the last is the network's own answer, after whatever norm it ends with.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn

from dnalm.errors import UsageError


def blocks(backbone: nn.Module) -> nn.ModuleList:
    """The blocks that a backbone runs one after the other: its outermost list. Raises UsageError where it has none."""
    found = next((part for part in backbone.modules() if isinstance(part, nn.ModuleList)), None)
    if found is None:
        raise UsageError(f"{type(backbone).__name__} has no list of blocks; use method full")
    return found


@contextmanager
def heard(backbone: nn.Module, numbers: list[int]) -> Iterator[dict[int, Tensor]]:
    """Within, each pass of the backbone leaves the hidden states [b, L, D] of these layers in the answer.

    Layers are counted from 1; 0 is the last, of any network. Raises UsageError for one that there is not.
    """
    states: dict[int, Tensor] = {}
    with ExitStack() as stack:
        for number in numbers:
            stack_of = blocks(backbone) if number else [backbone]
            if number > len(stack_of):
                raise UsageError(f"layer {number}: the network has {len(stack_of)}; name one of 1 to {len(stack_of)}")
            part = backbone if number in (0, len(stack_of)) else stack_of[number - 1]

            def keep(module: nn.Module, given: tuple, said: object, number: int = number) -> None:
                states[number] = said if isinstance(said, Tensor) else said[0]

            stack.callback(part.register_forward_hook(keep).remove)
        yield states


def states(
    backbone: nn.Module, numbers: list[int], input_ids: Tensor, attention_mask: Tensor | None = None
) -> list[Tensor]:
    """Hidden states [b, L, D] of some layers, counted from 1, in one pass."""
    with heard(backbone, numbers) as found:
        backbone(input_ids=input_ids, attention_mask=attention_mask)
        return [found[number] for number in numbers]
