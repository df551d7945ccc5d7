"""One step each, and a loop that yields a Step each time. Drawing and stopping are the caller's."""

import copy
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch.nn import functional as F

from helpers.data import sample_z
from helpers.losses import (
    discriminator_loss,
    generator_loss,
    gradient_penalty_r1,
    kl_divergence,
    reconstruction_loss,
)

R1_EVERY = 8  # the penalty costs a second backward pass, so it is added every 8th step, 8 times


class Step(NamedTuple):
    """What happened in one training step, as plain numbers: nothing holds a graph."""

    number: int
    loss_D: float
    loss_G: float
    prob_real: float  # mean D(x_real), after the sigmoid
    prob_fake: float  # mean D(G(z)), after the sigmoid


class VAEStep(NamedTuple):
    """What happened in one step of a VAE, as plain numbers, in nats for each image."""

    number: int
    loss_recon: float
    loss_kl: float


class RobustStep(NamedTuple):
    """What happened in one step of adversarial training, as plain numbers."""

    number: int
    loss: float  # on the examples of the attack
    clean: float  # accuracy on test digits, the last time one looked
    attacked: float  # the same under attack


def adam(net, lr=2e-4, betas=(0.5, 0.999)):
    """Adam over the weights of `net`; beta1 = 0.5 as in Radford et al. 2016, section 4."""
    return torch.optim.Adam(net.parameters(), lr, betas, fused=True)


def _descend(opt, loss):
    """One step of `opt` on `loss`, a scalar with its graph; returns it as a float."""
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()


def classifier_step(model, opt, x, y):
    """One step on the mean cross-entropy of `model(x)` `(N, K)`, logits, with labels `y` `(N,)`.

    Returns the loss, a float.
    """
    return _descend(opt, F.cross_entropy(model(x), y))


def adversarial_train_step(model, opt, x, y, attack):
    """One step on new adversarial examples `attack(model, x, y)`, made for the model as it is.

    Returns the loss on them, a float. Madry et al. 2018, eq. 2.1.
    """
    x_adv = attack(model, x, y)
    model.train()
    return classifier_step(model, opt, x_adv, y)


def discriminator_step(G, D, opt_D, real, z_dim):
    """One step of D on a batch `real` and as many fakes; G stays. Returns loss_D, a float."""
    x_fake = G(sample_z(len(real), z_dim, real.device)).detach()
    return _descend(opt_D, discriminator_loss(D(real), D(x_fake)))


def generator_step(G, D, opt_G, n, z_dim):
    """One step of G on `n` new fakes that D should call real; D stays. Returns loss_G, a float."""
    device = next(G.parameters()).device
    return _descend(opt_G, generator_loss(D(G(sample_z(n, z_dim, device)))))


def conditional_discriminator_step(G, D, opt_D, x, y, z_dim):
    """One step of D on pairs (x, y) and as many fakes made for y; G stays. Returns loss_D."""
    x_fake = G(sample_z(len(x), z_dim, x.device), y).detach()
    return _descend(opt_D, discriminator_loss(D(x, y), D(x_fake, y)))


def conditional_generator_step(G, D, opt_G, y, z_dim):
    """One step of G on new fakes that D should call real, as images of y; D stays. Gives loss_G."""
    x_fake = G(sample_z(len(y), z_dim, y.device), y)
    return _descend(opt_G, generator_loss(D(x_fake, y)))


def vae_step(model, opt, x, loss_fn):
    """One step on `loss_fn(x_hat, x, mu, logvar)`; `model(x)` gives x_hat, mu, logvar.

    Returns the loss, a float.
    """
    x_hat, mu, logvar = model(x)
    return _descend(opt, loss_fn(x_hat, x, mu, logvar))


def vae_steps(model, opt, batches, beta=1.0, recon=reconstruction_loss, first=1):
    """Train a VAE on every batch of `batches`; yield a VAEStep after each, numbered from `first`.

    The loss is `recon(x_hat, x)` + beta * KL.
    """
    for number, x in enumerate(batches, first):
        x_hat, mu, logvar = model(x)
        loss_recon, loss_kl = recon(x_hat, x), kl_divergence(mu, logvar)
        _descend(opt, loss_recon + beta * loss_kl)
        yield VAEStep(number, loss_recon.item(), loss_kl.item())


@contextmanager
def frozen(net):
    """No weight of `net` collects a gradient inside; its input still gets one."""
    net.requires_grad_(False)
    try:
        yield net
    finally:
        net.requires_grad_(True)


def train_batch(G, D, opt_G, opt_D, real, z_dim, r1=0.0):
    """One step of D, then one of G, on the same fakes.

    Equal work costs less here than in the two steps above: the fakes are made once, D sees real
    and fake digits in one pass (so D must not hold BatchNorm), and D is frozen while G learns.
    Returns (loss_D, loss_G, prob_real, prob_fake), scalar tensors. `r1` weighs the gradient
    penalty at the real digits.
    """
    x_fake = G(sample_z(len(real), z_dim, real.device))
    return _round(x_fake, D, D, opt_G, opt_D, real, r1)


def conditional_train_batch(G, D, opt_G, opt_D, x, y, z_dim, r1=0.0):
    """The same with labels `y` `(N,)`: the fakes are made for them, D judges pairs."""
    x_fake = G(sample_z(len(x), z_dim, x.device), y)

    def judge(images):
        return D(images, y.repeat(len(images) // len(y)))

    return _round(x_fake, D, judge, opt_G, opt_D, x, r1)


def _round(x_fake, D, judge, opt_G, opt_D, real, r1):
    """D's step and G's on `x_fake`, which still has its graph; `judge(x)` asks D."""
    logits_real, logits_fake = judge(torch.cat([real, x_fake.detach()])).chunk(2)
    loss_D = discriminator_loss(logits_real, logits_fake)
    penalty = r1 / 2 * gradient_penalty_r1(judge, real) if r1 else 0.0
    _descend(opt_D, loss_D + penalty)
    with frozen(D):
        loss_G = generator_loss(judge(x_fake))
        _descend(opt_G, loss_G)
    prob_real, prob_fake = logits_real.sigmoid().mean(), logits_fake.sigmoid().mean()
    return tuple(t.detach() for t in (loss_D, loss_G, prob_real, prob_fake))


def gan_steps(G, D, opt_G, opt_D, batches, z_dim, first=1, r1=0.0):
    """Train on every batch of `batches`; yield a Step after each, numbered from `first`.

    The penalty `r1` (see `train_batch`) is added every 8th step, 8 times. Batches of (x, y), images
    and labels, train a conditional pair of networks.
    """
    for number, batch in enumerate(batches, first):
        lazy_r1 = r1 * R1_EVERY if number % R1_EVERY == 0 else 0.0
        if torch.is_tensor(batch):
            result = train_batch(G, D, opt_G, opt_D, batch, z_dim, lazy_r1)
        else:
            result = conditional_train_batch(G, D, opt_G, opt_D, *batch, z_dim, lazy_r1)
        yield Step(number, *(t.item() for t in result))


@torch.no_grad()
def observe(number, G, D, x_real, z_dim):
    """A Step of G and D as they stand, on `x_real` and as many new fakes; trains nothing.

    Leaves the random state as it was, so that looking does not change the training.
    """
    with torch.random.fork_rng(devices=[]):
        logits_real, logits_fake = D(x_real), D(G(sample_z(len(x_real), z_dim, x_real.device)))
    loss_D, loss_G = discriminator_loss(logits_real, logits_fake), generator_loss(logits_fake)
    probs = logits_real.sigmoid().mean(), logits_fake.sigmoid().mean()
    return Step(number, *(t.item() for t in (loss_D, loss_G, *probs)))


def train_epoch(loader, discriminator_step, generator_step):
    """Mean loss of D and of G over one pass: one D step, one G step for every batch.

    `loader` yields (images, labels); `discriminator_step(images)` and `generator_step(n)` return
    a loss each.
    """
    losses = [(discriminator_step(images), generator_step(len(images))) for images, _ in loader]
    losses_D, losses_G = zip(*losses)
    return sum(losses_D) / len(losses), sum(losses_G) / len(losses)


class Average:
    """A moving average of a network's weights; `average.net` samples better than any single step.

    Yazici et al. 2019, eq. 3. The first steps weigh less, as nothing is learned yet.
    """

    def __init__(self, net, decay=0.998):
        self.net = copy.deepcopy(net).requires_grad_(False)
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self, net):
        """Move the average a little towards the weights of `net`; copy its buffers."""
        self.updates += 1
        decay = min(self.decay, self.updates / (9 + self.updates))
        torch._foreach_lerp_(list(self.net.parameters()), list(net.parameters()), 1 - decay)
        for mine, theirs in zip(self.net.buffers(), net.buffers()):
            mine.copy_(theirs)
