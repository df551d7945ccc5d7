"""Two generators between two domains: CycleGAN's steps, its pool of fakes, a loop; its cousin too.

Domain A is called horses, B zebras. `a`, `b` are batches `(N, 3, H, W)` in [-1, 1], unpaired unless
said; D_A judges images of domain A, D_B those of B, with one raw score for each patch.
"""

import itertools
from typing import NamedTuple

import torch
from torch.nn import functional as F

from helpers.losses import (
    cyclegan_generator_loss,
    discriminator_adversarial_loss,
    generator_adversarial_loss,
)
from helpers.training import _descend, frozen


class Scale(NamedTuple):
    """How large a training is: the same code from digits on a laptop to photographs on a GPU."""

    pair: dict  # the options of networks.Translators
    width_D: int
    batch_size: int
    lr: float
    steps: int


SCALES = {
    "digits": Scale(dict(width=16, blocks=1), 32, 16, 1e-3, 200),
    "emoji": Scale(dict(width=24, blocks=2, skips=True), 32, 8, 5e-4, 3_000),
    "horse2zebra": Scale(dict(width=24, blocks=4), 48, 4, 4e-4, 8_000),
}


class CycleStep(NamedTuple):
    """What happened in one step, as plain numbers; each is the sum over both directions."""

    number: int
    loss_adv: float  # of the generators
    loss_cycle: float
    loss_identity: float
    loss_D: float


class ImagePool:
    """A history of `size` fakes, so that D does not forget what G has stopped painting.

    Shrivastava et al. 2017, section 2.3; Zhu et al. 2017, section 4 (size 50).
    """

    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, batch):
        """As many images as in `batch` `(N, ...)`, detached: new ones, or old ones for them.

        The first `size` images are stored and returned. Each later one is returned, or, with
        probability 1/2, takes the place of a stored one, which is returned.
        """
        return torch.stack([self._one(image) for image in batch.detach().clone()])

    def _one(self, image):
        if len(self.images) < self.size:
            self.images.append(image)
            return image
        if self.size == 0 or torch.rand(()) < 0.5:
            return image
        i = torch.randint(self.size, ()).item()
        old, self.images[i] = self.images[i], image
        return old


def set_requires_grad(nets, flag):
    """Freeze (False) or free (True) all weights of `nets`; gradients still pass through to x."""
    for net in nets:
        net.requires_grad_(flag)


def make_generator_optimizer(G_AB, G_BA, lr):
    """One Adam over the weights of both generators; beta1 = 0.5."""
    weights = itertools.chain(G_AB.parameters(), G_BA.parameters())
    return torch.optim.Adam(weights, lr, betas=(0.5, 0.999), fused=True)


def cyclegan_generator_step(G_AB, G_BA, D_A, D_B, opt_G, a, b, lambda_cyc):
    """One step of both generators on adversarial + lambda_cyc * cycle loss; returns it, a float.

    The discriminators stay.
    """
    with frozen(D_A), frozen(D_B):
        loss = cyclegan_generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, lambda_id=0.0)
        return _descend(opt_G, loss)


def cyclegan_discriminator_step(D_A, D_B, opt_D, a, b, fake_a, fake_b):
    """One step of both discriminators, each on its own domain; the generators stay.

    Returns the loss, a float.
    """
    loss_A = discriminator_adversarial_loss(D_A, a, fake_a)
    loss_B = discriminator_adversarial_loss(D_B, b, fake_b)
    return _descend(opt_D, loss_A + loss_B)


class CycleGAN:
    """The four networks, two optimisers and two pools of a training; `steps(batches)` trains.

    `pair` is a `networks.Translators`, moved by the caller to its device. The loss is adversarial
    + `lambda_cyc` * cycle + `lambda_id` * identity.
    """

    def __init__(self, pair, D_A, D_B, lr=1e-3, lambda_cyc=10.0, lambda_id=5.0, pool=50):
        self.pair, self.D_A, self.D_B = pair, D_A, D_B
        self.lambda_cyc, self.lambda_id = lambda_cyc, lambda_id
        self.opt_G = make_generator_optimizer(pair.G_AB, pair.G_BA, lr)
        self.opt_D = make_generator_optimizer(D_A, D_B, lr)
        self.pool_A, self.pool_B = ImagePool(pool), ImagePool(pool)

    def steps(self, batches, first=1):
        """Train on every pair (a, b) of `batches`; yield a CycleStep after each, from `first`."""
        for number, (a, b) in enumerate(batches, first):
            yield CycleStep(number, *(value.item() for value in self.train_batch(a, b)))

    def train_batch(self, a, b):
        """One step of the generators, then one of the discriminators; four losses, detached."""
        with frozen(self.D_A), frozen(self.D_B):
            fake_a, fake_b, losses = self._generator_losses(a, b)
            loss_adv, loss_cycle, loss_identity = losses
            loss = loss_adv + self.lambda_cyc * loss_cycle + self.lambda_id * loss_identity
            _descend(self.opt_G, loss)
        fake_a, fake_b = self.pool_A.query(fake_a), self.pool_B.query(fake_b)
        loss_D = _both(self.D_A, a, fake_a) + _both(self.D_B, b, fake_b)
        _descend(self.opt_D, loss_D)
        return tuple(value.detach() for value in (*losses, loss_D))

    def _generator_losses(self, a, b):
        """Fakes and the three losses. An image to translate and one to keep share a pass of G."""
        G_AB, G_BA, loss_identity = self.pair.G_AB, self.pair.G_BA, a.new_zeros(())
        if self.lambda_id:
            fake_b, same_b = G_AB(torch.cat([a, b])).split([len(a), len(b)])
            fake_a, same_a = G_BA(torch.cat([b, a])).split([len(b), len(a)])
            loss_identity = F.l1_loss(same_b, b) + F.l1_loss(same_a, a)
        else:
            fake_b, fake_a = G_AB(a), G_BA(b)
        loss_adv = generator_adversarial_loss(self.D_B, fake_b)
        loss_adv = loss_adv + generator_adversarial_loss(self.D_A, fake_a)
        loss_cycle = a.new_zeros(())
        if self.lambda_cyc:
            loss_cycle = F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b)
        return fake_a, fake_b, (loss_adv, loss_cycle, loss_identity)


def _both(D, real, fake):
    """D's least-squares loss, real and fake in one pass (instance norm keeps images apart)."""
    scores = D(torch.cat([real, fake]))
    real_scores, fake_scores = scores.split([len(real), len(fake)])
    return ((real_scores - 1).square().mean() + fake_scores.square().mean()) / 2


def paired_step(G, D, opt_G, opt_D, a, b, lambda_l1=100.0):
    """One step of pix2pix on true pairs (a, b): D judges the pair side by side, `(N, 6, H, W)`.

    G: make D call (a, G(a)) real, and stay near b. Isola et al. 2017, eq. 4, with least squares.
    Returns (adversarial, L1, D's loss), floats.
    """
    with frozen(D):
        fake = G(a)
        loss_adv = generator_adversarial_loss(D, torch.cat([a, fake], 1))
        loss_l1 = F.l1_loss(fake, b)
        _descend(opt_G, loss_adv + lambda_l1 * loss_l1)
    loss_D = _both(D, torch.cat([a, b], 1), torch.cat([a, fake.detach()], 1))
    return loss_adv.item(), loss_l1.item(), _descend(opt_D, loss_D)
