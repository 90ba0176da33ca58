"""A small convolutional network on bare letters, trained from nothing: what a language model has to beat.

Wide filters read motifs straight off the bases, a few dilated layers see what stands beside them, and the strongest and
the mean answer of each filter decide. Networks of this kind have predicted binding since DeepBind (Alipanahi et al.,
Nature Biotechnology 2015) and are hard to beat on short windows; who leaves them out compares with straw.
"""

import torch
from torch import Tensor, nn
from transformers.modeling_outputs import SequenceClassifierOutput

from dnalm.dna import seq
from dnalm.networks import convolution, heads

FILTER, DILATIONS = 19, (2, 4, 8)  # bases of a filter, as CTCF's motif; with the layers of 3 a filter sees 47
HIDDEN, DROPOUT = 64, 0.4
NEAR = 16  # numbers that are kept of each place, where places are told apart


class WindowConvolutions(nn.Module):
    """Base codes [b, L], any L, to one logit a window [b], or to [b, outputs] where these are more than 0.

    With `places` the head also sees what lies in each of so many equal stretches of the window. An unknown base
    (code 4) is all zeros to every filter.
    """

    def __init__(self, filters: int, outputs: int = 0, places: int = 0) -> None:
        super().__init__()
        letters = torch.cat([torch.eye(seq.N), torch.zeros(1, seq.N)])
        self.register_buffer("letters", letters, persistent=False)
        self.read = nn.Conv1d(seq.N, filters, FILTER, padding=FILTER // 2)
        self.norm = nn.BatchNorm1d(filters)
        self.around = nn.ModuleList(
            [nn.Conv1d(filters, filters, 3, padding=dilation, dilation=dilation) for dilation in DILATIONS]
        )
        self.head = nn.Sequential(
            nn.Dropout(DROPOUT),
            nn.Linear(2 * filters + NEAR * places, HIDDEN),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
            nn.Linear(HIDDEN, max(outputs, 1)),
        )
        self.outputs, self.places = outputs, places
        if places:
            self.near = nn.Conv1d(filters, NEAR, 1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> SequenceClassifierOutput:
        """Logits of windows of one length; nothing is padded, so that there is nothing to mask."""
        read = convolution.along(self.read, self.letters[input_ids])
        hidden = nn.functional.relu(self.norm(read.flatten(0, 1))).unflatten(0, read.shape[:2])
        for layer in self.around:
            hidden = hidden + nn.functional.relu(convolution.along(layer, hidden))
        pooled = torch.cat([hidden.amax(1), hidden.mean(1)], 1)
        if self.places:
            near = convolution.along(self.near, hidden)
            everywhere = torch.ones(near.shape[:2], dtype=torch.bool, device=near.device)
            pooled = torch.cat([pooled, heads.stretches(near, everywhere, self.places)], 1)
        answers = self.head(pooled).float()
        return SequenceClassifierOutput(logits=answers if self.outputs else answers[:, 0])
