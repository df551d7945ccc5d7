"""Losses, always minimised. Adversarial ones take logits: real is 1, fake is 0.

A VAE's losses are in nats for each image: summed over pixels and latents, averaged over the batch.
"""

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


def best_constant(targets, loss):
    """The one image `(1, 28, 28)` that is nearest to all `targets` `(N, 1, 28, 28)` on average.

    `loss` is "mse", whose minimiser is the mean of each pixel, or "l1", whose is the median.
    """
    return targets.mean(0) if loss == "mse" else targets.median(0).values


def reconstruction_loss(x_hat, x):
    """Squared error, a scalar: summed over the pixels of an image, averaged over the batch.

    Up to a constant, -log N(x; x_hat, I / 2) in nats.
    """
    return (x_hat - x).square().flatten(1).sum(1).mean()


def bernoulli_loss(x_hat, x):
    """Binary cross-entropy, a scalar in nats: summed over pixels, averaged over the batch.

    -log p(x|z) where each pixel is 1 with probability `x_hat`. For grey `x` it is the mean over
    random black-and-white versions of x. Kingma & Welling 2014, appendix C.1.
    """
    return F.binary_cross_entropy(x_hat, x, reduction="sum") / len(x)


def kl_divergence(mu, logvar):
    """KL(N(mu, sigma^2) || N(0, I)) in nats, a scalar: summed over latents, mean of the batch.

    `mu` and `logvar`, the logarithm of sigma^2, are `(N, latent_dim)`.
    Kingma & Welling 2014, appendix B.
    """
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(1).mean()


def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    """Negative ELBO for Gaussian pixels, a scalar: reconstruction + beta * KL.

    Kingma & Welling 2014, eq. 3, with its sign turned; beta: Higgins et al. 2017, eq. 4.
    """
    return reconstruction_loss(x_hat, x) + beta * kl_divergence(mu, logvar)


def denoising_loss(model, x, noise_std):
    """Squared error between the clean `x` and what `model` makes of x + noise, as above.

    Vincent et al. 2008, section 2.3.
    """
    return reconstruction_loss(model(x + noise_std * torch.randn_like(x)), x)


def generator_adversarial_loss(D, fake):
    """Least-squares loss of G, a scalar: how far D's scores of `fake` `(N, C, H, W)` are from 1.

    The mean over images and patches. Mao et al. 2017, eq. 9 (b = c = 1, without its 1/2).
    """
    return (D(fake) - 1).square().mean()


def discriminator_adversarial_loss(D, real, fake):
    """Least-squares loss of D, a scalar: half of (D(real) - 1)^2 + D(fake)^2, patch by patch.

    No gradient reaches the generator of `fake`. Mao et al. 2017, eq. 9 (a = 0, b = 1).
    """
    return ((D(real) - 1).square().mean() + D(fake.detach()).square().mean()) / 2


def cycle_loss(G_AB, G_BA, a, b):
    """Mean absolute error after a round trip, A to B to A plus B to A to B, a scalar.

    `a` and `b` are batches of the two domains, unpaired. Zhu et al. 2017, eq. 2.
    """
    return F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)


def identity_loss(G_AB, G_BA, a, b):
    """Mean absolute change of images that are in the target domain already, a scalar.

    Zhu et al. 2017, section 5.2, "Photo generation from paintings".
    """
    return F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)


def cyclegan_generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, lambda_id):
    """Both adversarial losses + lambda_cyc * cycle + lambda_id * identity, a scalar.

    Zhu et al. 2017, eq. 3, with the least-squares losses of its section 4.
    """
    loss_adv = generator_adversarial_loss(D_B, G_AB(a)) + generator_adversarial_loss(D_A, G_BA(b))
    loss_cycle, loss_identity = cycle_loss(G_AB, G_BA, a, b), identity_loss(G_AB, G_BA, a, b)
    return loss_adv + lambda_cyc * loss_cycle + lambda_id * loss_identity
