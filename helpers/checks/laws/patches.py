"""Laws of a discriminator of patches: a map of raw scores, each for its own part of the image."""

import math
import re

import torch
from torch import nn

from helpers.checks.laws.convolutions import field, has_activation
from helpers.checks.laws.discriminators import one_by_one, wild_scores
from helpers.checks.laws.networks import (
    awake,
    batch_norm_remark,
    built,
    has_small_slopes,
    has_weights,
    randomised,
    repeats,
    runs,
    uses_all_layers,
)
from helpers.checks.laws.old import CheckError, expect

SIZES = (64, 80), (96, 64)  # no two alike: a map that does not follow them is noticed
LARGE = 112  # patches of 70 x 70 pixels, the largest in use, are less than half of it
LESSON = 28


def patch_laws(answer, name):
    """All that a PatchDiscriminator(channels) has to hold; remarks on patch size and batch norm."""

    images = torch.rand(3, 3, 40, 32) * 2 - 1

    def make():
        return awake(built(answer, name, 3), images)

    net = built(answer, name, 3)
    has_weights(net)
    maps = [_is_map(net, torch.rand(n, 3, h, w) * 2 - 1, name) for n, (h, w) in zip((2, 1), SIZES)]
    _follows_size(*maps)
    _strides(*maps)
    for channels in (1, 5):
        _is_map(built(answer, name, channels), torch.rand(2, channels, 64, 64) * 2 - 1, name)
    has_small_slopes(net)
    repeats(net, images, name)
    one_by_one(net, images, name)
    _is_raw(make(), name)
    _is_free(make(), images, name)
    _ends_in_layer(make(), images)
    uses_all_layers(net, images, name)
    fresh = randomised(make(), 0, 0.5)
    has_activation(fresh, fresh, images, name)
    remarks = _sees_a_patch(make(), name), batch_norm_remark(make())
    return " ".join(filter(None, remarks))


# --- the map --------------------------------------------------------------------------------------


def _is_map(net, images, name):
    """(N, 1, h, w), with fewer scores than pixels; its height and width."""
    scores = _called(net, images, name)
    n, channels, height, width = images.shape
    shape = tuple(scores.shape)
    seen = f"{n} image{'s' * (n > 1)} of {height} x {width} pixels give the shape {shape}"
    is_map = len(shape) == 4 and shape[:2] == (n, 1) and min(shape[2:]) > 1
    expect(is_map, f"{seen}, expected ({n}, 1, h, w) with h and w above 1. {_map_hint(shape, n)}")
    expect(
        shape[2] < height and shape[3] < width,
        f"{seen}: as many scores as pixels, expected fewer. Patches of neighbouring pixels are "
        "almost the same: a stride of 2 halves the map, and lets a score see more of the image.",
    )
    return shape[2:]


def _map_hint(shape, n):
    if len(shape) == 4 and shape[1] == 3 and min(shape[2:]) > 1:
        return "There is a map for each colour: how many answers does D give about one patch?"
    if len(shape) == 4 and shape[1] != 1 and min(shape[2:]) > 1:
        return f"There are {shape[1]} maps: the last convolution gives one channel, the score."
    if len(shape) == 3 and shape[0] == n or len(shape) == 2 and n == 1:
        return "The axis of the channel is gone: leave squeeze out, it also drops a batch of one."
    if shape in ((n,), (n, 1), (n, 1, 1, 1)):
        return (
            "That is one score for the whole image. A patch discriminator gives one for each "
            "patch: the mean over them is left to the loss."
        )
    if shape in ((), (1,)):
        return "That is one number for the whole batch: keep the scores of all patches."
    if len(shape) == 2:
        return "The map is flattened: leave it as it comes from the last convolution."
    return "One score for each patch, in one channel, as the last convolution gives them."


def _called(net, images, name):
    """net(images); a layer that is tied to one size of images or to 3 channels is told so."""
    try:
        return runs(net.train(), images, name)
    except RuntimeError as error:
        made = re.search(r"to have (\d+) channels, but got (\d+) channels", str(error))
        if "mat1 and mat2" in str(error):
            raise CheckError(
                f"images of {tuple(images.shape[2:])} pixels stop at a linear layer: it is made "
                "for one size. Expected a map of scores for images of any size: what kind of "
                "layer slides over its input instead?"
            ) from error
        if not made:
            raise
        raise CheckError(
            f"a convolution is made for {made[1]} channels and gets {made[2]}, in a "
            f"PatchDiscriminator({images.shape[1]}). Expected that the first one takes the "
            "argument channels, and each of the others what the one before gives."
        ) from error


def _follows_size(first, second):
    expect(
        first != second,
        f"images of {SIZES[0]} pixels give a map of {first}, and images of {SIZES[1]} a map of "
        f"{second}, expected maps that grow and shrink with the image: a patch has a fixed size "
        "in pixels. Which layer has a fixed size of output, or needs one of input?",
    )


def _strides(first, second):
    """The map grows more slowly than the image."""
    (low, wide), (high, _) = SIZES[0], SIZES[1]
    growth = (second[0] - first[0]) / (high - low)
    expect(
        growth < 0.75,
        f"an image of {low} x {wide} pixels gives a map of {first[0]} x {first[1]} scores, and one "
        f"with {high - low} rows more a map with {second[0] - first[0]} more: nearly as many "
        "scores as pixels, expected far fewer. All strides are 1: a stride of 2 halves the map, "
        "and lets a score see more of the image.",
    )


# --- the scores -----------------------------------------------------------------------------------


def _is_raw(net, name):
    """Whatever the weights, nothing bounds the scores."""
    images = torch.rand(4, 3, 32, 40) * 2 - 1
    maps = wild_scores(net, images, name)
    low, high = maps.min().item(), maps.max().item()
    seen = f"with random weights the scores lie between {low:.2f} and {high:.2f}"
    wanted = "expected raw scores: any real number, of either sign."
    expect(not math.isnan(low + high), f"{seen}; {wanted} nan comes from a log or a division.")
    sums = maps.flatten(1).sum(1)
    softmax = low >= 0 and torch.allclose(sums, torch.ones_like(sums), atol=1e-3)
    expect(
        not softmax,
        f"{seen}, and those of an image sum to 1; {wanted} That is a softmax: the patches do not "
        "compete, all of them can be real.",
    )
    expect(
        not (maps == 1).all(),
        f"every score is exactly 1, {wanted} Softmax makes the channels sum to 1, and there is "
        "one. End in the convolution.",
    )
    expect(
        not (low >= 0 and high <= 1),
        f"{seen}; {wanted} That is a sigmoid. The loss here is a squared distance to 1 and to 0: "
        "is the gradient of a sigmoid large where D is badly wrong? End in the convolution.",
    )
    expect(
        low < -1.001 or high > 1.001,
        f"{seen}; {wanted} That is a tanh, the end of a generator. D ends in the convolution.",
    )
    expect(
        low < 0,
        f"{seen}; {wanted} No score is negative: an activation such as ReLU stands after the last "
        "convolution, and where it is flat D does not learn.",
    )
    expect(
        high > 0,
        f"{seen}; {wanted} No score is positive: a log of a probability is no raw score. End in "
        "the convolution.",
    )


def _is_free(net, images, name):
    """No norm stands behind the last convolution: the mean score may differ from image to image."""
    randomised(net, 0).train()
    with torch.no_grad():
        scores, other = net(images), net(images.flip(0)[:2] * 0.5 + 0.3)
    spread, means = scores.std(), scores.mean((1, 2, 3))
    expect(
        means.std() > 1e-3 * spread,
        f"the mean score of every image is {means[0]:.3g}, expected means that differ: a norm "
        "stands behind the last convolution, and takes away what D says of the image as a whole. "
        "Norms belong between the layers.",
    )
    expect(
        (scores.mean() - other.mean()).abs() > 1e-4 * spread,
        f"the mean score of two different batches is {scores.mean():.3g}, expected means that "
        "differ: a batch norm stands behind the last convolution, and no batch can be real as a "
        "whole. Norms belong between the layers.",
    )


def _ends_in_layer(net, images):
    """What the last convolution gives is the score: nothing bends it on the way out.

    Its result is exchanged for a constant. A network whose last layer does not give a map of
    scores is left alone.
    """
    kinds = nn.Conv2d, nn.ConvTranspose2d, nn.Linear
    layers, called = [m for m in net.modules() if isinstance(m, kinds)], []
    watching = [
        m.register_forward_hook(lambda m, _, out: called.append((m, out.shape))) for m in layers
    ]
    net.eval()
    with torch.no_grad():
        shape = net(images).shape
    for hook in watching:
        hook.remove()
    if not called or called[-1][1] != shape:
        return
    zero, up, down, far = (_with_last(net, called[-1][0], images, x) for x in (0, 1, -1, 3))
    bend = max((up + down - 2 * zero).abs().max(), (far - 3 * up + 2 * zero).abs().max())
    expect(
        bend < 1e-3,
        f"where the last convolution gives 1, -1 and 3, the scores are {up.mean():.3g}, "
        f"{down.mean():.3g} and {far.mean():.3g}, expected raw scores: the convolution's own "
        "numbers. An activation stands after it, and shrinks some of what D has to say. End in "
        "the convolution.",
    )


def _with_last(net, last, images, value):
    """The scores if the layer `last` gave the same value everywhere."""
    hook = last.register_forward_hook(lambda m, _, out: torch.full_like(out, value))
    with torch.no_grad():
        scores = net(images)
    hook.remove()
    return scores


# --- the patch ------------------------------------------------------------------------------------


def _sees_a_patch(net, name):
    """A score depends on more than a pixel and on less than the image; a remark for a small one."""
    seen = field(net, net, torch.randn(2, 3, LARGE, LARGE))
    expect(
        min(seen[:2]) >= 3,
        f"each score depends on {seen}, expected a patch of several pixels: colours alone show no "
        "stripes. Kernels of size 1 look at each pixel by itself.",
    )
    expect(
        seen.share < 0.5,
        f"each score depends on {seen.share:.0%} of an image of {LARGE} x {LARGE} pixels, expected "
        "less than half: D should judge patches, each for itself. Look for a pooling over the "
        "whole map, for a linear layer, and for very large kernels.",
    )
    if min(seen[:2]) <= LESSON:
        return None
    return (
        f"One score sees {seen}, so on {LESSON} x {LESSON} pixels it judges the whole image: "
        "fewer strides make the patch smaller."
    )
