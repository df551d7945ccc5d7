"""Small networks to play with, whose logits are such that different losses look different."""

import torch
from torch import nn

from helpers.checks.plays import Spy


def reals(n):
    """n real images that no fake resembles."""
    return torch.rand(n, 1, 28, 28) ** 2 * 2 - 1


def generator(z_dim=5, moody=False):
    """z to images; moody: its images depend on its mode."""
    layers = [nn.BatchNorm1d(9), nn.Dropout(0.5)] if moody else []
    first, last = nn.Linear(z_dim, 9), nn.Linear(9, 784)
    with torch.no_grad():
        first.weight.mul_(3), last.weight.mul_(1 if moody else 3)
    return Spy(
        nn.Sequential(first, *layers, nn.Tanh(), last, nn.Tanh(), nn.Unflatten(1, (1, 28, 28))),
        (z_dim,),
        draws=True,
    )


def discriminator(G, row=False):
    """Images to logits around 0.4, 1.5 apart: elsewhere the gradients of different losses look alike."""
    first, last = nn.Linear(784, 8), nn.Linear(8, 1)
    body = nn.Sequential(nn.Flatten(), first, nn.LeakyReLU(0.2), last)
    with torch.no_grad():
        logits = body(torch.cat([reals(32), G.body(torch.randn(32, *G.takes))]))
        scale = 1.5 / logits.std()
        last.weight.mul_(scale)
        last.bias.copy_(0.4 + scale * (last.bias - logits.mean()))
    return Spy(body.append(nn.Flatten(0)) if row else body, (1, 28, 28), rate=5e-4)


# --- classifiers: six pixels, among them one that no logit depends on -----------------------------

IDLE = 4


class Bowls(nn.Module):
    """Logits -s |x - c|^2, one centre c and one steepness s a class: curved, without layers."""

    def __init__(self, num_classes=5, pixels=6):
        super().__init__()
        self.c, self.s = (
            nn.Parameter(torch.rand(num_classes, pixels)),
            nn.Parameter(4 + 4 * torch.rand(num_classes)),
        )

    def forward(self, x):
        seen = (torch.arange(self.c.shape[1]) != IDLE).float()
        return -self.s * (((x.flatten(1)[:, None] - self.c) * seen) ** 2).sum(2)


bowls = Bowls


def lines():
    """Two classes with the logits 0 and 4 a - 2 b."""
    layer = nn.Linear(2, 2, bias=False)
    layer.weight.data = torch.tensor([[0.0, 0.0], [4.0, -2.0]])
    return nn.Sequential(nn.Flatten(), layer)


def moody(num_classes=3, pixels=6):
    """Batch norm and dropout inside."""
    first, norm, last = nn.Linear(pixels, 16), nn.BatchNorm1d(16), nn.Linear(16, num_classes)
    with torch.no_grad():
        first.weight.normal_()[:, IDLE] = 0
        norm.running_mean.normal_(), norm.running_var.uniform_(0.5, 2), last.weight.normal_()
    return nn.Sequential(nn.Flatten(), first, norm, nn.Dropout(0.5), nn.Tanh(), last)


def pictures(n, shape):
    """n images in [0, 1], each with a black and a white pixel, not always in the same place."""
    x = 0.25 + 0.5 * torch.rand(n, *shape)
    flat, rows = x.view(n, -1), torch.arange(n)
    flat[rows, rows % 4], flat[rows, (rows + 1) % 4] = 0.0, 1.0
    return x


@torch.no_grad()
def labels(model, x):
    """True labels: half of the images are misclassified from the start."""
    logits = model.body.eval()(x)
    return (logits.argmax(1) + torch.arange(len(x)) % 2) % logits.shape[1]


# --- two domains: A is bright, B is dark, and each mistake shows ----------------------------------


def bright(n, height=4, width=6):
    """n random images of domain A."""
    return 0.9 * torch.rand(n, 3, height, width)


def dark(n, height=4, width=6):
    """n random images of domain B."""
    return 0.1 - torch.rand(n, 3, height, width)


def translator():
    """Images to images: a 3 x 3 convolution and a tanh, in strong colours."""
    conv = nn.Conv2d(3, 3, 3, padding=1)
    conv.weight.data.mul_(3)
    return Spy(nn.Sequential(conv, nn.Tanh()), (3, None, None), rate=0.05)


def judge(shape=(3, None, None)):
    """Images to a map of scores around 0.4, with a wide spread."""
    conv = nn.Conv2d(3, 1, 4, stride=2, padding=1)
    conv.weight.data.mul_(4), conv.bias.data.fill_(0.4)
    return Spy(conv, shape, rate=0.05)
