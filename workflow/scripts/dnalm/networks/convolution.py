"""A convolution along a sequence whose channels lie together, as every layer but a convolution wants them."""

from torch import Tensor, nn


def along(layer: nn.Conv1d, hidden: Tensor, *, inner: bool = False) -> Tensor:
    """What a layer that keeps the length says of [b, L, inputs]: [b, L, outputs]; `inner`, without its padding.

    These are the L - 2 padding places that have neighbours on both sides. Of channels that lie together a processor's
    library knows a picture one pixel high, and convolves it faster than a row whose channels lie apart; forward,
    backward and dilated, and nothing has to be turned round. A GPU is given the row, and so is a layer that something
    is wrapped round (LoRA): only it knows what it adds.
    """
    across = hidden.transpose(1, 2)
    if hidden.device.type != "cpu" or type(layer) is not nn.Conv1d:
        said = layer(across).transpose(1, 2)
        return said[:, layer.padding[0] : said.shape[1] - layer.padding[0]] if inner else said
    padding, dilation = (0, 0 if inner else layer.padding[0]), (1, *layer.dilation)
    picture = nn.functional.conv2d(
        across.unsqueeze(2), layer.weight.unsqueeze(2), layer.bias, 1, padding, dilation, layer.groups
    )
    return picture.squeeze(2).transpose(1, 2)
