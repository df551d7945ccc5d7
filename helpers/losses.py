"""Adversarial losses on logits, always minimised. Real is 1, fake is 0."""

import torch
from torch.nn import functional as F


def discriminator_loss(real_logits, fake_logits):
    """Half the sum of -log D(x_real) and -log(1 - D(x_fake)), averaged over the batch.

    Logits of any shape, before the sigmoid. Goodfellow et al. 2014, eq. 1, with its sign turned.
    """
    loss_real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    loss_fake = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return (loss_real + loss_fake) / 2


def generator_loss(fake_logits):
    """Non-saturating generator loss, -log D(G(z)), averaged over the batch.

    From G's side: call the fakes real. Goodfellow et al. 2014, end of section 3.
    """
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def minimax_generator_loss(fake_logits):
    """The generator's part of the minimax game, log(1 - D(G(z))), averaged over the batch.

    It is minimised too, and is almost flat where D is sure of the fakes.
    """
    return -F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))


def gradient_penalty_r1(D, x_real):
    """Mean squared gradient norm of D's logits at the real images, a scalar.

    Regularises D: flat around the data. Mescheder et al. 2018, eq. 9 (without gamma / 2).
    """
    x_real = x_real.detach().requires_grad_(True)
    (grad,) = torch.autograd.grad(D(x_real).sum(), x_real, create_graph=True)
    return grad.flatten(1).square().sum(1).mean()
