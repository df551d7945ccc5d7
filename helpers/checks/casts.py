"""Small networks to play with, whose logits are such that different losses look different."""

import copy

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
        nn.Sequential(first, *layers, nn.Tanh(), last, nn.Tanh(), nn.Unflatten(1, (1, 28, 28))), (z_dim,), draws=True
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


class Exact(nn.Module):
    """A network that works in float64, so that a step may be too small to matter to what follows."""

    def __init__(self, body):
        super().__init__()
        self.body = copy.deepcopy(body).double()  # without the hooks of float32

    def forward(self, x):
        """As the network in float32."""
        return self.body(x.double()).float()


def tiny(spy):
    """The spy with such a body, and tiny steps."""
    return Spy(Exact(spy.body), spy.takes, spy.draws, rate=1e-8)


# --- classifiers: six pixels, among them one that no logit depends on -----------------------------

IDLE = 4


class Bowls(nn.Module):
    """Logits -s |x - c|^2, one centre c and one steepness s a class: curved, without layers."""

    def __init__(self, num_classes=5, pixels=6):
        super().__init__()
        self.c, self.s = (nn.Parameter(torch.rand(num_classes, pixels)), nn.Parameter(4 + 4 * torch.rand(num_classes)))

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


# --- networks that take a label beside each input -------------------------------------------------

CLASSES = 10  # that they know, as many as there are digits
READ = torch.tensor([1.0, 0.75, 0.0, 0.5, 0.85, 0.3, 1.0, 0.6, 0.2, 0.9])  # share that is right


class Beside(nn.Module):
    """A network of an input with its one-hot label beside it."""

    def __init__(self, *layers):
        """layers: of which the first is as wide as both."""
        super().__init__()
        self.net = nn.Sequential(*layers)

    def forward(self, x, y):
        """What the layers make of both."""
        hot = (y[:, None] == torch.arange(CLASSES)).to(x.dtype)
        return self.net(torch.cat([x.flatten(1), hot], 1))


def batch_labels(n):
    """n labels of 0 to 3, each of them frequent; no turn or shift of them looks the same."""
    order = torch.tensor([3, 0, 1, 3, 2, 0, 1, 2, 2, 1])
    return order.repeat(n // len(order) + 1)[:n]


def labelled_generator(z_dim):
    """A spy G(z, y), every image of which differs."""
    first, last = nn.Linear(z_dim + CLASSES, 12), nn.Linear(12, 784)
    with torch.no_grad():
        first.weight.mul_(3), last.weight.mul_(3)
    body = Beside(first, nn.Tanh(), last, nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    return Spy(body, (z_dim,), draws=True, labels=CLASSES)


def labelled_discriminator(G, row=False):
    """A spy D(x, y) with logits around 0.4, 1.5 apart, that hang on the label as on the image."""
    first, last = nn.Linear(784 + CLASSES, 8), nn.Linear(8, 1)
    body, y = Beside(first, nn.LeakyReLU(0.2), last), batch_labels(32)
    with torch.no_grad():
        first.weight[:, 784:].normal_(0, 0.5)
        x = torch.cat([reals(32), G.body(torch.randn(32, *G.takes), y)])
        logits = body(x, y.repeat(2))
        scale = 1.5 / logits.std()
        last.weight.mul_(scale)
        last.bias.copy_(0.4 + scale * (last.bias - logits.mean()))
    if row:
        body.net.append(nn.Flatten(0))
    return Spy(body, (1, 28, 28), rate=5e-4, labels=CLASSES)


class Stamps(nn.Module):
    """A generator that writes the label and the first number of z into two pixels."""

    def __init__(self, z_dim):
        """z_dim: how wide z is."""
        super().__init__()
        self.layer = nn.Linear(z_dim, 784)

    def forward(self, z, y):
        """Images (N, 1, 28, 28), faint but for the two pixels."""
        faint = 0.3 * torch.tanh(self.layer(z))
        stamps = torch.stack([y / CLASSES, torch.erf(z[:, 0] / 2**0.5)], 1)
        return torch.cat([stamps.to(z.dtype), faint[:, 2:]], 1).view(-1, 1, 28, 28)


class Reader(nn.Module):
    """A classifier that reads the two pixels, and is right for a known share of each class."""

    def __init__(self, num_classes):
        """num_classes: how many logits it gives."""
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(num_classes))

    def forward(self, images):
        """Logits (N, num_classes), more or less confident."""
        pixels, k = images.flatten(1), len(self.bias)
        y, place = (pixels[:, 0] * CLASSES).round().long() % k, (pixels[:, 1] + 1) / 2
        read = torch.where(place < READ[y], y, torch.where(y == 2, 0, (y + 1) % k))
        logits = self.bias + 0.3 * torch.sin(7 * pixels[:, 1:2] + torch.arange(k))
        return logits.scatter(1, read[:, None], (1.5 + place + 0.3 * y)[:, None])
