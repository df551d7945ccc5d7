"""Laws of a discriminator: each image gets one logit, whatever its neighbours in the batch."""

import math

import torch

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
from helpers.checks.laws.old import expect


def discriminator_laws(answer, name, make=built):
    """All that a Discriminator() has to hold; a remark if a single image loses its axis.

    make: (answer, name) -> a network of images alone.
    """
    net = make(answer, name)
    has_weights(net)
    images = torch.rand(7, 1, 28, 28) * 2 - 1
    remark = _one_logit(net, images, name)
    has_weights(net)
    has_small_slopes(net)
    repeats(net, images, name)
    one_by_one(net, images, name)
    _is_logit(make(answer, name), name)
    _keeps_logits(net, name)
    uses_all_layers(net, images, name)
    fresh = make(answer, name)
    _moderate(fresh, images, name)
    fresh.eval()
    is_curved(fresh, images, name)
    return remark


def _one_logit(net, images, name):
    """(N,) or (N, 1), for a batch in train mode and for a single image in eval mode."""
    net.train()
    logits = runs(net, images, name)
    n, shape = len(images), tuple(logits.shape)
    hint = "D answers one question, so the last layer has one output."
    if logits.dim() == 2 and shape[0] == n and shape[1] in (2, 10):
        hint = {
            2: "Two outputs are for cross entropy. BCE takes one number for a yes-or-no question.",
            10: "Ten outputs are for the ten digits. D asks one question: real or fake.",
        }[shape[1]]
    elif shape in ((), (1,), (1, 1)):
        hint = (
            "That is one number for the whole batch: flatten each image, and keep the batch axis."
        )
    expect(
        shape in ((n,), (n, 1)),
        f"{n} images give the shape {shape}, expected ({n},) or ({n}, 1): one logit per image. "
        f"{hint}",
    )
    net.eval()
    single = tuple(runs(net, images[:1], name).shape)
    expect(
        single in ((1,), (1, 1), ()),
        f"1 image gives the shape {single}, expected (1,) or (1, 1). Take the batch size from x.",
    )
    return (
        "For a single image squeeze() drops the batch axis too; squeeze(1) keeps it."
        if not single
        else None
    )


def one_by_one(net, images, name):
    """In eval mode an image gets the same score alone as in a batch."""
    net.eval()
    with torch.no_grad():
        together = net(images).flatten()
        alone = torch.cat([net(image[None]).flatten() for image in images])
    gap = (together - alone).abs().max()
    expect(
        torch.allclose(together, alone, atol=1e-4, rtol=1e-3),
        f"an image gets another score alone than "
        f"in a batch (up to {gap:.2g} apart), expected the same. Something mixes the images: "
        f"look for "
        "an operation along axis 0.",
    )


def wild_scores(net, images, name):
    """Scores of the images under random weights, in new draws until both ends leave [-1, 1]."""
    runs(net.eval(), images, name)  # lazy layers get their weights here
    drawn = []
    for seed in range(8):
        with torch.no_grad():
            drawn.append(randomised(net, seed)(images))
        if min(map(torch.min, drawn)) < -1.001 and max(map(torch.max, drawn)) > 1.001:
            break
    return torch.cat(drawn)


def _is_logit(net, name):
    """Whatever the weights, nothing bounds the score: it takes either sign and grows beyond 1."""
    scores = wild_scores(net, torch.rand(16, 1, 28, 28) * 2 - 1, name)
    low, high = scores.min().item(), scores.max().item()
    seen = f"with random weights the scores lie between {low:.2f} and {high:.2f}"
    wanted = "expected logits: any real number, of either sign."
    expect(not math.isnan(low + high), f"{seen}; {wanted} nan comes from a log or a division.")
    expect(
        (scores - 1).abs().max() > 1e-6,
        "every score is exactly 1, expected a score that depends on x. "
        "Softmax makes the outputs of an image sum to 1, and there is one output. The last layer "
        "is "
        "linear, with nothing after it.",
    )
    expect(
        not (low >= 0 and high <= 1),
        f"{seen}; {wanted} That is a sigmoid or softmax: the loss "
        "applies a sigmoid already, and one is enough. End in the linear layer.",
    )
    expect(
        low < -1.001 or high > 1.001,
        f"{seen}; {wanted} That is a tanh: it bounds what D can say. End in the linear layer.",
    )
    expect(
        low < 0,
        f"{seen}; {wanted} No score is negative: an activation such as ReLU stands after the "
        "last layer, and D can never say fake.",
    )
    expect(
        high > 0,
        f"{seen}; {wanted} No score is positive: a log of a probability is not a logit. End "
        "in the linear layer.",
    )


def _keeps_logits(net, name):
    """In train mode no logit is dropped: an exact 0 that eval mode does not have."""
    images = torch.rand(128, 1, 28, 28) * 2 - 1
    with torch.no_grad():
        dropped = (runs(net.train(), images, name) == 0).float().mean().item()
        usual = (runs(net.eval(), images, name) == 0).float().mean().item()
    expect(
        usual or not dropped,
        f"in train mode {dropped:.0%} of the logits are exactly 0, expected none: dropout sits on "
        "the logit, and D says 'undecided' there whatever the image. Dropout belongs between the "
        "layers, before the last one.",
    )


def _moderate(net, images, name):
    """At the start the scores are of moderate size."""
    net.train()
    with torch.no_grad():
        size = net(images).abs().mean().item()
    expect(
        size < 20,
        f"at the start the scores of {name} are about {size:.0f} in size, expected about 1. "
        "The sigmoid in the loss is then flat, and G learns nothing. "
        "Large initial weights, a missing division or a steep slope are the usual reasons.",
    )
