"""Laws of a generator: any z becomes images in the range of tanh."""

import math

import torch
from torch import nn

from helpers.checks.explain import explained
from helpers.checks.laws.basics import has_shape
from helpers.checks.laws.networks import (
    built,
    has_small_slopes,
    has_weights,
    is_curved,
    randomised,
    repeats,
    runs,
    uses_all_layers,
)
from helpers.checks.laws.old import CheckError, expect


def generator_laws(answer, name, make=built):
    """All that a Generator(z_dim) has to hold; a remark if the answer clamps.

    make: (answer, name, z_dim) -> a network of z alone.
    """
    net = make(answer, name, 16)
    has_weights(net)
    _gives_images(net, torch.randn(7, 16), name)
    has_small_slopes(net)
    wide = make(answer, name, 100)
    _gives_images(wide, torch.randn(7, 100), name)
    has_weights(wide)
    repeats(net, torch.randn(7, 16), name)
    _in_range(make(answer, name, 16), name)
    uses_all_layers(net, torch.randn(7, 16), name)
    fresh = make(answer, name, 16)
    _not_saturated(fresh, name)
    _is_curved_generator(fresh, name)
    return _clamp_remark(make(answer, name, 16))


def _gives_images(net, z, name):
    """(N, 1, 28, 28), for a batch in train mode and for a single image in eval mode."""
    net.train()
    has_weights(net)
    _image_shape(_with_cause(net, z, name), len(z))
    net.eval()
    _image_shape(_with_cause(net, z[:1], name), 1)


def _with_cause(net, z, name):
    """net(z); a mismatch of z and the first layer is told as a constant in place of z_dim."""
    try:
        return runs(net, z, name)
    except RuntimeError as error:
        text = explained(error, name)
        first = next((m for m in net.modules() if isinstance(m, nn.Linear)), None)
        if first is not None and first.in_features != z.shape[1] and "mat1 and mat2" in str(error):
            text = (
                f"z has {z.shape[1]} numbers, and the first linear layer expects "
                f"{first.in_features}. "
                "Expected a layer as wide as z_dim: the argument of __init__, not a constant."
            )
        raise CheckError(text) from error


def _image_shape(images, n):
    shape = tuple(images.shape)
    hints = {
        (n, 784): "The pixels are there, in a row: view them as pictures at the end of forward.",
        (n, 28, 28): "The channel axis is missing: it is 1 for grey images.",
        (n, 28, 28, 1): "PyTorch puts the channel before height and width.",
        (n,): "One number per image is what D gives.",
    }
    has_shape(
        images,
        (n, 1, 28, 28),
        hints.get(
            shape,
            "One image per row of z, with one channel of "
            "28 by 28 pixels; the batch size comes from z.",
        ),
    )


def _in_range(net, name):
    """Whatever the weights, pixels lie in [-1, 1], and both ends can be reached."""
    lows, highs, sums = [], [], []
    runs(net.eval(), torch.randn(2, 16), name)  # lazy layers get their weights here
    for seed in range(3):
        with torch.no_grad():
            images = randomised(net, seed)(torch.randn(16, 16))
        lows.append(images.min().item()), highs.append(images.max().item())
        sums.append(images.flatten(1).sum(1))
    low, high = min(lows), max(highs)
    seen = f"with random weights the pixels of {name} lie between {low:.2f} and {high:.2f}"
    wanted = "expected -1 to 1, the range of the data."
    expect(not math.isnan(low + high), f"{seen}; {wanted} nan comes from a division or a log.")
    total = torch.cat(sums)
    expect(
        not (low >= 0 and torch.allclose(total, torch.ones_like(total), atol=1e-3)),
        f"{seen}; {wanted} Softmax makes all pixels of an image sum to 1: it is for classes.",
    )
    expect(
        not (low >= 0 and high > 1.001),
        f"{seen}; {wanted} That is the range of ReLU: no pixel "
        "below 0 and no upper end. Which function ends at -1 and 1?",
    )
    expect(
        low < 0,
        f"{seen}; {wanted} That is the range of a sigmoid: no pixel can be as dark as the "
        "data's black, and D sees it at once. Which function spans -1 to 1?",
    )
    expect(
        low >= -1.001 and high <= 1.001,
        f"{seen}; {wanted} Nothing bounds the last layer. Which "
        "function squashes any number into (-1, 1)?",
    )
    reach = (
        low < -0.55 and high > 0.55 or any("Parametr" in type(m).__name__ for m in net.modules())
    )
    expect(
        reach,
        f"{seen}; {wanted} White and black are out of reach: something shrinks or shifts the "
        "range after its last activation.",
    )


def _not_saturated(net, name):
    """At the start few pixels sit at the flat ends of tanh."""
    net.train()
    with torch.no_grad():
        share = (net(torch.randn(32, 16)).abs() > 0.99).float().mean().item()
    expect(
        share < 0.3,
        f"at the start {100 * share:.0f} % of the pixels are saturated at -1 or 1, "
        "expected nearly none. There tanh is flat and G gets no gradient. "
        "Large initial weights, a missing division or a steep slope are the usual reasons.",
    )


def _is_curved_generator(net, name):
    """Not a straight line, neither before nor after the last squashing, a tanh or 2 sigmoid - 1."""
    net.eval()
    is_curved(lambda z: torch.atanh(net(z).clamp(-0.99999, 0.99999)), torch.randn(7, 16), name)
    is_curved(net, torch.randn(7, 16), name)


def _clamp_remark(net):
    """Clamping gives the range too; one clause on what it costs."""
    hard = any(isinstance(module, nn.Hardtanh) for module in net.modules())
    return "A clamp has no gradient beyond its ends, where tanh keeps a little." if hard else None
