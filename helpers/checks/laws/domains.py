"""Two domains and small networks between them: A is bright, B is dark, and each mistake shows.

The worked networks have two weights, so that every loss can be followed by hand; the random ones
mix colours and neighbours, so that no two formulas agree by luck. No batch statistics: an image
gives the same alone as in a batch.
"""

import torch
import torch.nn.functional as F
from torch import nn


class SmallGenerator(nn.Module):
    """A generator of two weights: gain * x + shift, in every pixel."""

    def __init__(self, gain, shift):
        """gain: a factor for the contrast; shift: what it adds to the brightness."""
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(gain))
        self.shift = nn.Parameter(torch.tensor(shift))

    def forward(self, x):
        """Images of the same shape."""
        return self.gain * x + self.shift


class SmallDiscriminator(SmallGenerator):
    """A discriminator of two weights: gain * (brightness of a 2 x 2 patch) + shift."""

    def forward(self, x):
        """(N, C, H, W) to a map (N, 1, H / 2, W / 2)."""
        return super().forward(F.avg_pool2d(x.mean(-3, keepdim=True), 2))


def random_generator():
    """A 3 x 3 convolution and a tanh, images to images, in strong colours."""
    conv = nn.Conv2d(3, 3, 3, padding=1)
    with torch.no_grad():
        conv.weight.mul_(3)
    return nn.Sequential(conv, nn.Tanh())


def random_discriminator():
    """A convolution with stride 2; its scores lie around 0.4, with a wide spread."""
    conv = nn.Conv2d(3, 1, 4, stride=2, padding=1)
    with torch.no_grad():
        conv.weight.mul_(4)
        conv.bias.fill_(0.4)
    return conv


def bright(n, height=6, width=10):
    """n random images of domain A."""
    return 0.9 * torch.rand(n, 3, height, width)


def dark(n, height=6, width=10):
    """n random images of domain B."""
    return 0.1 - torch.rand(n, 3, height, width)


def from_scores(rows):
    """One image to which SmallDiscriminator(2, 0) gives these scores."""
    scores = torch.tensor(rows)[None, None] / 2
    return scores.repeat_interleave(2, 2).repeat_interleave(2, 3).repeat(1, 3, 1, 1)


# --- cases: (words, {name: network, batch or number}), worked by hand first -----------------------


def tours():
    """What a loss of both generators is judged by."""
    pair = {"G_AB": SmallGenerator(0.5, 0.0), "G_BA": SmallGenerator(1.0, 0.3)}
    grey = {"a": torch.full((2, 3, 4, 6), 0.8), "b": torch.full((2, 3, 4, 6), -0.4)}
    words = "with a = 0.8 and b = -0.4 in every pixel, G_AB(x) = x / 2 and G_BA(x) = x + 0.3,"
    return [(words, {**pair, **grey}), *((_random(n), _random_tour(n)) for n in (7, 1))]


def _random(n):
    return f"with random networks and {n} image{'s' * (n > 1)} of each domain,"


def _random_tour(n):
    pair = {"G_AB": random_generator(), "G_BA": random_generator()}
    return {**pair, "a": bright(n), "b": dark(n)}


def fakes_judged():
    """What G's adversarial loss is judged by."""
    rows = [[1.5, -0.5, 0.25], [0.5, 1.0, -1.0]]
    words = f"with the patch scores {rows} for one fake,"
    return [
        (words, {"D": SmallDiscriminator(2.0, 0.0), "fake": from_scores(rows)}),
        *((_judged(n), {"D": random_discriminator(), "fake": dark(n)}) for n in (7, 1)),
    ]


def both_judged():
    """What D's adversarial loss is judged by."""
    real, fake = [[0.5, 2.0, 0.75]], [[0.5, -0.25, 1.5]]
    words = f"with the patch scores {real[0]} for one real image and {fake[0]} for one fake,"
    worked = {
        "D": SmallDiscriminator(2.0, 0.0),
        "real": from_scores(real),
        "fake": from_scores(fake),
    }
    return [
        (words, worked),
        *(
            (_judged(n), {"D": random_discriminator(), "real": bright(n), "fake": dark(n)})
            for n in (7, 1)
        ),
    ]


def _judged(n):
    return f"with a random D and {n} image{'s' * (n > 1)},"


def games():
    """What the whole loss of the generators is judged by: a tour, and a D at each end."""
    worked = {"D_A": SmallDiscriminator(2.0, 0.0), "D_B": SmallDiscriminator(1.0, 0.5)}
    (words, grey), *others = tours()
    words += " and patch scores D_A = 2 * brightness, D_B = brightness + 0.5,"
    return [
        (words, _game(grey, worked)),
        *(
            (said, _game(tour, {d: random_discriminator() for d in worked}))
            for said, tour in others
        ),
    ]


def _game(tour, judges):
    """The arguments of generator_loss in their order, without the lambdas."""
    nets = ("G_AB", "G_BA")
    pair, batches = [{k: v for k, v in tour.items() if (k in nets) == is_net} for is_net in (1, 0)]
    return {**pair, **judges, **batches}
