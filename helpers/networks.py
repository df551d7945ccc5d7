"""The finished networks of the lessons. A discriminator ends in logits `(B,)`: no sigmoid here."""

from contextlib import contextmanager

import torch
from torch import nn

from helpers.data import one_hot


@contextmanager
def evaluating(net):
    """`net` is in eval mode inside; afterwards every layer is in the mode that it came in."""
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    try:
        yield net
    finally:
        for module, mode in modes:
            module.training = mode


def _layers(*widths, dropout=0.0):
    """Linear layers with LeakyReLU(0.2), and dropout, between them; the last one is bare."""
    layers = []
    for i, (wide, narrow) in enumerate(zip(widths, widths[1:])):
        layers.append(nn.Linear(wide, narrow))
        if i < len(widths) - 2:
            layers.append(nn.LeakyReLU(0.2))
            if dropout:
                layers.append(nn.Dropout(dropout))
    return layers


class Generator(nn.Module):
    """Fully connected, 100-256-512-1024-784: z `(B, z_dim)` to `(B, 1, 28, 28)` in [-1, 1]."""

    def __init__(self, z_dim=100):
        super().__init__()
        self.z_dim = z_dim
        self.net = nn.Sequential(
            *_layers(z_dim, 256, 512, 1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28))
        )

    def forward(self, z):
        return self.net(z)


class Discriminator(nn.Module):
    """Fully connected discriminator 784-1024-512-256-1: x `(B, 1, 28, 28)` to logits `(B,)`."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(), *_layers(784, 1024, 512, 256, 1, dropout=0.3), nn.Flatten(0)
        )

    def forward(self, x):
        return self.net(x)


class ConvGenerator(nn.Module):
    """Convolutional generator: z `(B, z_dim)` to `(B, 1, 28, 28)` in [-1, 1], 7 to 14 to 28 pixels.

    Radford et al. 2016 (DCGAN), section 3: transposed convolutions with stride 2, batch
    normalisation and ReLU inside, tanh at the end.
    """

    def __init__(self, z_dim=64, width=16):
        super().__init__()
        self.z_dim = z_dim
        self.net = nn.Sequential(
            nn.Linear(z_dim, 2 * width * 7 * 7, bias=False),
            nn.Unflatten(1, (2 * width, 7, 7)),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.net(z)


class ConvDiscriminator(nn.Module):
    """Convolutional discriminator: x `(B, 1, 28, 28)` to logits `(B,)`; no batch normalisation.

    Without it, real and fake digits may share one forward pass. `channels` of x may be more (label
    maps), and `outputs` may be several logits, `(B, outputs)`.
    """

    def __init__(self, width=16, channels=1, outputs=1):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * 7 * 7, outputs),
            nn.Flatten(0 if outputs == 1 else 1),
        )

    def forward(self, x):
        return self.net(x)


class MendedGenerator(nn.Module):
    """The sources' small generator 100-300-784, repaired: z `(B, z_dim)` to images in [-1, 1]."""

    def __init__(self, z_dim=100):
        super().__init__()
        self.net = nn.Sequential(*_layers(z_dim, 300, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))

    def forward(self, z):
        return self.net(z)


class MendedDiscriminator(nn.Module):
    """The sources' small discriminator 784-300-100-1, repaired: images to logits `(B,)`."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), *_layers(784, 300, 100, 1), nn.Flatten(0))

    def forward(self, x):
        return self.net(x)


class DigitClassifier(nn.Module):
    """Two convolutional, two linear layers: x `(B, C, 28, 28)` in [-1, 1] to logits `(B, 10)`.

    Its penultimate layer, `features(x)` `(B, 128)`, is the space in which samples are judged.
    """

    def __init__(self, channels=1):
        super().__init__()
        self.body = nn.Sequential(
            *self._block(channels, 16),
            *self._block(16, 32),
            nn.Flatten(),
            nn.Linear(32 * 49, 128),
            nn.ReLU(),
        )
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(128, 10)

    @staticmethod
    def _block(channels_in, channels_out):
        conv = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        return conv, nn.BatchNorm2d(channels_out), nn.ReLU(), nn.MaxPool2d(2)

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.dropout(self.features(x)))


class LeNet(nn.Module):
    """Two convolutional, three linear layers: x `(N, 1, 28, 28)` in [0, 1] to logits `(N, 10)`.

    LeCun et al. 1998, section II.B (LeNet-5), with ReLU, max pooling and dense connections.
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            *[nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)],
            *[nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()],
            *[nn.Linear(16 * 25, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()],
            nn.Linear(84, 10),
        )

    def forward(self, x):
        return self.net(x)


class NormalizedModel(nn.Module):
    """`model` behind (x - mean) / std, one constant a channel: it takes pixels in [0, 1].

    `mean` and `std` are `(C,)`: a sequence or a tensor. They move with the network and do not
    train.
    """

    def __init__(self, model, mean, std):
        super().__init__()
        self.model = model
        for name, values in {"mean": mean, "std": std}.items():
            own = torch.as_tensor(values, dtype=torch.float32).clone()
            self.register_buffer(name, own.view(-1, 1, 1))

    def forward(self, x):
        return self.model((x - self.mean) / self.std)


def generator_input(z, y, num_classes):
    """Latents `(N, z_dim)` and labels `(N,)` side by side: `(N, z_dim + num_classes)`."""
    return torch.cat([z, one_hot(y, num_classes)], dim=1)


def label_maps(y, num_classes, height, width):
    """A plane for each class, `(N, num_classes, height, width)`: ones in plane y, else zeros."""
    planes = one_hot(y, num_classes)[:, :, None, None]
    return planes.expand(-1, -1, height, width)


class ConditionalGenerator(nn.Module):
    """DCGAN generator for a class: z `(B, z_dim)`, y `(B,)` to `(B, 1, 28, 28)` in [-1, 1].

    Mirza & Osindero 2014, section 3.2: z and the one-hot label enter side by side.
    """

    def __init__(self, z_dim=64, num_classes=10):
        super().__init__()
        self.z_dim, self.num_classes = z_dim, num_classes
        self.net = ConvGenerator(z_dim + num_classes)

    def forward(self, z, y):
        return self.net(generator_input(z, y, self.num_classes))


class ConditionalDiscriminator(nn.Module):
    """A logit for each pair of image `(B, 1, 28, 28)` and label `(B,)`: `(B,)`.

    The convolutional layers give one logit for each class, and the label chooses: the projection
    of Miyato & Koyama 2018, section 3, whose part that all classes share is in the logits here.
    """

    def __init__(self, num_classes=10):
        super().__init__()
        self.num_classes = num_classes
        self.net = ConvDiscriminator(outputs=num_classes)

    def forward(self, x, y):
        return (self.net(x) * one_hot(y, self.num_classes)).sum(1)


class ResidualBlock(nn.Module):
    """x + f(x) for feature maps `(N, c, H, W)`, f two 3 x 3 convolutions; same shape, any real.

    He et al. 2016, fig. 2, without the last ReLU: with f = 0 it is the identity.
    """

    def __init__(self, c):
        super().__init__()
        self.f = nn.Sequential(
            *[nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU()],
            *[nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c)],
        )

    def forward(self, x):
        return x + self.f(x)


class Translator(nn.Module):
    """Image to image: x `(N, 3, H, W)` in [-1, 1] to the same shape and range; H, W by 4.

    Two steps down, `blocks` residual blocks, two steps up; with `skips` each step up also sees the
    map of its size on the way down (Ronneberger et al. 2015, fig. 1). Instance normalisation keeps
    the images of a batch apart. `block(channels)` makes a residual block. Zhu et al. 2017,
    section 4, in small.
    """

    def __init__(self, width=16, blocks=1, skips=False, block=ResidualBlock):
        super().__init__()
        self.skips, wide = skips, 2 if skips else 1
        self.first = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.ReLU())
        self.down_1 = self._step(nn.Conv2d, width, 2 * width)
        self.down_2 = nn.Sequential(
            self._step(nn.Conv2d, 2 * width, 4 * width),
            *[block(4 * width) for _ in range(blocks)],
        )
        self.up_1 = self._step(nn.ConvTranspose2d, 4 * width, 2 * width)
        self.up_2 = self._step(nn.ConvTranspose2d, wide * 2 * width, width)
        self.last = nn.Sequential(nn.Conv2d(wide * width, 3, 3, padding=1), nn.Tanh())

    @staticmethod
    def _step(convolution, c_in, c_out):
        conv = convolution(c_in, c_out, 4, stride=2, padding=1)
        return nn.Sequential(conv, nn.InstanceNorm2d(c_out), nn.ReLU())

    def forward(self, x):
        full = self.first(x)
        half = self.down_1(full)
        up = self._beside(self.up_1(self.down_2(half)), half)
        return self.last(self._beside(self.up_2(up), full))

    def _beside(self, up, down):
        return torch.cat([up, down], 1) if self.skips else up


class Translators(nn.Module):
    """The two generators of a CycleGAN: `G_AB` from domain A to B, `G_BA` back."""

    def __init__(self, *options, **named):
        """Both are a `Translator` of these options."""
        super().__init__()
        self.G_AB, self.G_BA = Translator(*options, **named), Translator(*options, **named)


class PatchDiscriminator(nn.Module):
    """A raw score for each patch of 18 x 18 pixels: x `(N, channels, H, W)` to `(N, 1, H/4, W/4)`.

    Isola et al. 2017, section 3.2.2 (PatchGAN), in small.
    """

    def __init__(self, channels=3, width=32):
        super().__init__()
        self.net = nn.Sequential(
            *[nn.Conv2d(channels, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)],
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            *[nn.InstanceNorm2d(2 * width), nn.LeakyReLU(0.2)],
            nn.Conv2d(2 * width, 1, 3, padding=1),
        )

    def forward(self, x):
        return self.net(x)


class Decoder(nn.Module):
    """Fully connected, latent_dim-400-784: z `(B, latent_dim)` to `(B, 1, 28, 28)` in [0, 1]."""

    def __init__(self, latent_dim):
        super().__init__()
        self.latent_dim = latent_dim
        self.net = nn.Sequential(
            *[nn.Linear(latent_dim, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid()],
            nn.Unflatten(1, (1, 28, 28)),
        )

    def forward(self, z):
        return self.net(z)


class Autoencoder(nn.Module):
    """Bottleneck 784-400-latent_dim-400-784: x `(B, 1, 28, 28)` in [0, 1] to x_hat, the same."""

    def __init__(self, latent_dim):
        super().__init__()
        self.encoder = nn.Sequential(
            *[nn.Flatten(), nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, latent_dim)]
        )
        self.decoder = Decoder(latent_dim)

    def encode(self, x):
        return self.encoder(x)

    def forward(self, x):
        return self.decoder(self.encode(x))


class VAEEncoder(nn.Module):
    """q(z|x): x `(B, 1, 28, 28)` to mu and logvar, each `(B, latent_dim)` and any real number.

    Kingma & Welling 2014, eq. 9; logvar is the logarithm of the variance.
    """

    def __init__(self, latent_dim):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 400), nn.ReLU())
        self.mu = nn.Linear(400, latent_dim)
        self.logvar = nn.Linear(400, latent_dim)

    def forward(self, x):
        hidden = self.body(x)
        return self.mu(hidden), self.logvar(hidden)


def reparameterize(mu, logvar):
    """z = mu + sigma * eps `(B, latent_dim)`, eps from N(0, I): a sample of q(z|x) with a gradient.

    sigma = exp(logvar / 2). Kingma & Welling 2014, section 2.4.
    """
    return mu + (logvar / 2).exp() * torch.randn_like(mu)


class VAE(nn.Module):
    """Variational autoencoder: x `(B, 1, 28, 28)` in [0, 1] to x_hat, mu and logvar.

    Kingma & Welling 2014, section 3. In training z is drawn from q(z|x); in eval mode z = mu.
    """

    def __init__(self, latent_dim=20):
        super().__init__()
        self.encoder = VAEEncoder(latent_dim)
        self.decoder = Decoder(latent_dim)

    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = reparameterize(mu, logvar) if self.training else mu
        return self.decoder(z), mu, logvar
