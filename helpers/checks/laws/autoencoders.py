"""Laws of an autoencoder: through a narrow code, and back to images in [0, 1]."""

import math

import torch
from torch import nn

from helpers.checks.laws.basics import has_shape
from helpers.checks.laws.encoders import (
    STRAIGHT,
    WILD,
    each_on_its_own,
    heeds_images,
    is_steady,
    is_straight,
)
from helpers.checks.laws.networks import (
    built,
    has_small_slopes,
    has_weights,
    randomised,
    runs,
    uses_all_layers,
)
from helpers.checks.laws.old import CheckError, expect


def autoencoder_laws(answer, name):
    """All that an Autoencoder(latent_dim) has to hold; a remark for what could be better."""
    net = built(answer, name, 6)
    has_weights(net)
    images = torch.rand(7, 1, 28, 28)
    for latent_dim in (6, 3):
        _maps_images(built(answer, name, latent_dim), images, latent_dim, name)
    _maps_images(net, images, 6, name)
    has_small_slopes(net)
    for values, what in ((net.encode, "code"), (net, "picture")):
        is_steady(values, net, images, what)
        each_on_its_own(values, net, images, what)
    _in_range(built(answer, name, 16), name)
    networks = [built(answer, name, 16).eval() for _ in range(3)]
    networks[0](images)  # lazy layers get their weights here
    heeds_images([randomised(networks[0], 0), *networks[1:]], images, "picture")
    _through_code(built(answer, name, 3), images)
    uses_all_layers(net, images, name)
    return _remark(built(answer, name, 6), images)


def _maps_images(net, images, latent_dim, name):
    """Images to images and to codes, in train mode, and for a single image in eval mode."""
    expect(
        callable(getattr(net, "encode", None)),
        f"{name} has no method encode, expected encode(x) beside forward(x): it gives the code. "
        "Look at its spelling and its indentation.",
    )
    for mode, batch in ((True, images), (False, images[:1])):
        net.train(mode)
        _code_shape(_one_tensor(net.encode(batch), "encode"), len(batch), latent_dim)
        pictures = _one_tensor(_pictures(net, batch, latent_dim), "forward")
        _image_shape(pictures, len(batch), latent_dim)


def _pictures(net, batch, latent_dim):
    """net(batch); a decoder that is fed with the picture itself is told so."""
    read = []
    hooks = [
        layer.register_forward_pre_hook(lambda layer, args: read.append(args[0]))
        for layer in net.modules()
        if getattr(layer, "in_features", None) == latent_dim
    ]
    try:
        return net(batch)
    except RuntimeError as error:
        if not read or read[-1].numel() != batch.numel():
            raise
        raise CheckError(
            f"the decoder got the picture, {tuple(batch.shape)}, and not the code; expected its "
            f"code, {(len(batch), latent_dim)}. What has to "
            "happen to x in forward before it is decoded?"
        ) from error
    finally:
        for hook in hooks:
            hook.remove()


def _one_tensor(result, method):
    expect(
        result is not None,
        f"None came back from {method}, expected a tensor. Look for a missing return.",
    )
    count = f"of {len(result)}" if isinstance(result, (tuple, list)) else ""
    expect(
        torch.is_tensor(result),
        f"{method} gives a {type(result).__name__} {count}, expected one tensor: encode gives the "
        "code, forward the picture.",
    )
    return result


def _code_shape(code, n, latent_dim):
    shape, wanted = tuple(code.shape), (n, latent_dim)
    hints = {
        (n, 1, 28, 28): "That is a picture: encode stops at the code, before the decoder.",
        (n, 784): "That is as large as the image: the code is the narrow place in the middle.",
        (n, latent_dim, 1, 1): "The two axes of length 1 have to go: flatten each image's code.",
        (latent_dim, n): "The order is the other way round: one ROW per image.",
    }
    has_shape(
        code,
        wanted,
        "This is encode. "
        + hints.get(shape, "One row per image, and as many numbers as the argument latent_dim."),
    )


def _image_shape(images, n, latent_dim):
    shape = tuple(images.shape)
    hints = {
        (n, latent_dim): "That is the code. What should an autoencoder give back?",
        (n, 784): "The pixels are there, in a row: view them as pictures, in the shape of x. In a "
        "loss the two shapes would broadcast or fail.",
        (n, 28, 28): "The channel axis is missing: it is 1 for grey images.",
        (n,): "That is one number per image, and an image has 784 of them.",
    }
    has_shape(images, (n, 1, 28, 28), hints.get(shape, "One picture per image, in the shape of x."))


def _in_range(net, name):
    """Whatever the weights, pixels lie in [0, 1], reach both ends, and do not start dead at 0."""
    x = torch.rand(16, 1, 28, 28)
    with torch.no_grad():
        dead = (runs(net.eval(), x, name) == 0).float().mean().item()
        pixels = torch.cat([randomised(net, seed)(x).flatten(1) for seed in range(3)])
    low, high = pixels.min().item(), pixels.max().item()
    seen = f"with {WILD} the pixels of {name} lie between {low:.3g} and {high:.3g}"
    wanted = "expected 0 to 1, the range of the data."
    _bounded(low, high, f"{seen}; {wanted}", pixels)
    expect(
        dead < 0.2,
        f"at the start {dead:.0%} of the pixels are exactly 0, expected none: a ReLU or a clamp "
        "ends the decoder, and where it gives 0 it has no gradient, so a dark pixel may stay dark "
        "for ever. Which function gets from any number to 0..1 with a slope everywhere?",
    )
    fixed = any("Parametr" in type(module).__name__ for module in net.modules())
    expect(
        low < 0.45 or fixed,
        f"{seen}; {wanted} Nothing is darker than grey: a ReLU stands before the sigmoid, or the "
        "sigmoid is applied twice.",
    )
    expect(
        low < 0.25 and high > 0.75 or fixed,
        f"{seen}; {wanted} Black or white is out of reach: something shrinks or shifts the range "
        "after its last activation.",
    )


def _bounded(low, high, said, pixels):
    """Neither a softmax, a tanh or a ReLU, nor a bare linear layer ends the decoder."""
    total = pixels.sum(1)
    expect(not math.isnan(low + high), f"{said} nan comes from a division or a log.")
    expect(
        not (low >= 0 and torch.allclose(total, torch.ones_like(total), atol=1e-3)),
        f"{said} Softmax makes all pixels of an image sum to 1: it is for classes.",
    )
    expect(
        not (low < -0.001 and low >= -1.001 and high <= 1.001),
        f"{said} That is a tanh, right for images in [-1, 1]: match the last activation to the "
        "range of your data.",
    )
    expect(
        not (low >= 0 and high > 1.001),
        f"{said} That is a ReLU or softplus: there is no upper end, and a ReLU that gives 0 has "
        "no gradient. Which function squashes any number between 0 and 1?",
    )
    expect(
        low >= -0.001 and high <= 1.001,
        f"{said} Nothing bounds the last layer. Which function squashes any number between 0 and "
        "1?",
    )


def _through_code(net, images):
    """A picture depends on its image through latent_dim numbers only: the rank of its slopes."""
    net.eval()
    image = images[:1].clone().requires_grad_()
    picture = net(image).flatten()
    if not picture.requires_grad or picture.grad_fn is None:
        return  # told elsewhere: no graph at all
    mixes = torch.randn(6, picture.numel()) / picture.numel() ** 0.5
    slopes = [
        torch.autograd.grad(mix @ picture, image, retain_graph=True, allow_unused=True)[0]
        for mix in mixes
    ]
    if any(slope is None for slope in slopes):
        return
    sizes = torch.linalg.svdvals(torch.stack([slope.flatten() for slope in slopes]))
    expect(
        sizes[3] <= 1e-3 * sizes[0] + 1e-12,
        "with latent_dim 3 the picture depends on its image in more than 3 ways, expected that all "
        "goes through the code. A skip connection from x, or a second path beside encode, lets "
        "the network copy without learning a code.",
    )


def _remark(net, images):
    """What is right and could be better: a hard end, no bend, or a code of one sign."""
    if any(isinstance(module, (nn.Hardsigmoid, nn.Hardtanh)) for module in net.modules()):
        return "A hard end has no gradient beyond 0 and 1, where a sigmoid keeps a little."
    net.eval()
    if is_straight(net.encode, images):
        return STRAIGHT
    with torch.no_grad():
        lowest = min(randomised(net, seed).encode(images).min() for seed in range(3))
    if lowest >= 0:
        return (
            "Your encoder ends in an activation, so the code cannot be negative: that half of its "
            "room stays empty. The exercise ends it in a linear layer."
        )
    return None
