"""Laws of convolutional networks: an activation between the layers, and what one output sees.

Norm layers hide both: they bend a network without any activation, and each of them looks at the
whole map. So they are taken out for these questions.
"""

from typing import NamedTuple

import torch
from torch import nn

from helpers.checks.laws.networks import is_curved, randomised

NORMS = (
    nn.modules.batchnorm._NormBase,
    nn.GroupNorm,
    nn.LayerNorm,
    nn.LocalResponseNorm,
)
FAINT = 0.01  # of the largest influence: below it a pixel does not count as seen


class Field(NamedTuple):
    """What one output sees of the image: a box of pixels, and the share of all pixels."""

    height: int
    width: int
    share: float

    def __str__(self):
        return f"{self.height} by {self.width} pixels"


def without_norms(net):
    """The same network, its norm layers replaced by nothing."""
    for module in net.modules():
        for key, child in module._modules.items():
            if isinstance(child, NORMS):
                module._modules[key] = nn.Identity()
    return net


def field(net, values, x):
    """The pixels of x that the middle of `values(x)` depends on, for random weights of `net`."""
    without_norms(randomised(net, seed=0, size=0.5))
    x = x.clone().requires_grad_()
    maps = values(x)
    middle = maps[..., maps.shape[-2] // 2, maps.shape[-1] // 2]
    (grad,) = torch.autograd.grad(middle.sum(), x)
    influence = grad.abs().sum((0, 1))
    seen = influence > FAINT * influence.max()
    height, width = (_extent(seen.any(axis)) for axis in (1, 0))
    return Field(height, width, seen.float().mean().item())


def _extent(line):
    places = line.nonzero()
    return int(places.max() - places.min()) + 1 if len(places) else 0


def has_activation(net, values, x, name):
    """Not a straight line, also where the norm layers are left aside.

    Without biases a network without activations is odd, f(-x) = -f(x), with or without norms.
    """
    net.eval()
    with torch.no_grad():
        for module in net.modules():
            if isinstance(getattr(module, "bias", None), torch.Tensor):
                module.bias.zero_()
        here, there = values(x), values(-x)
        odd = (here + there).norm() <= 1e-3 * here.norm()
    if odd:
        without_norms(net)
        is_curved(values, x, name)
