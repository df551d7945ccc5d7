"""The two terms of the negative ELBO and their sum: right, and mistaken with their diagnosis."""

import math

import torch.nn.functional as F


def squared(x_hat, x):
    """The squared error, summed over the pixels of an image and averaged over the batch."""
    return (x_hat - x).square().flatten(1).sum(1).mean()


def costs(mu, logvar):
    """KL(N(mu, sigma^2) || N(0, 1)) of every latent of every image, (N, L)."""
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar)


def kl(mu, logvar):
    """The KL, summed over the latents of an image and averaged over the batch."""
    return costs(mu, logvar).sum(1).mean()


def elbo(x_hat, x, mu, logvar, beta):
    """The negative ELBO with a weighted KL."""
    return squared(x_hat, x) + beta * kl(mu, logvar)


def per_image(values):
    """The sum over everything but the batch, averaged over the batch."""
    return values.flatten(1).sum(1).mean()


def cross_entropy(x_hat, x):
    """The summed binary cross entropy of an image, averaged over the batch."""
    return per_image(F.binary_cross_entropy(x_hat, x, reduction="none"))


PIXEL_MEAN = (
    "You average over the pixels: mse_loss does so by default, and so does a sum over axis 1, "
    "which holds the one channel. A KL beside it, summed over latents, would be hundreds of times "
    "too heavy."
)
BATCH_SUM = (
    "You add over the batch: twice the batch gives twice the loss. Add over the pixels "
    "of an image, and average over the images."
)
ABSOLUTE = (
    "That is the absolute error, right elsewhere (a Laplace decoder). Which power of the "
    "difference stands in the logarithm of a Gaussian?"
)
NO_POWER = (
    "The differences are not squared: too bright and too dark cancel, and an all-black answer "
    "makes the loss negative."
)
CROSS = (
    "That is the binary cross entropy, right elsewhere (a Bernoulli decoder). Here the squared "
    "error is asked for."
)
ROOT = "You take a root of the squared error. The square itself is asked for."
UNSIGNED = "The sign is turned. A loss is always minimised here: better pictures, smaller loss."
TABLE = (
    "Every pixel meets pixels that are not its own: the two have different shapes and broadcast to "
    "a table."
)
# each suspect: a loss of (x_hat, x) and what it means; the first that fits the numbers speaks
SQUARED_SUSPECTS = [
    (lambda a, b: F.mse_loss(a, b), PIXEL_MEAN),
    (lambda a, b: F.mse_loss(a, b, reduction="sum"), BATCH_SUM),
    (lambda a, b: (a - b).abs().mean(), ABSOLUTE + " And the pixels are averaged."),
    (lambda a, b: (a - b).abs().sum(), ABSOLUTE + " And the batch is summed."),
    (lambda a, b: per_image((a - b).abs()), ABSOLUTE),
    (lambda a, b: per_image(a - b), NO_POWER),
    (lambda a, b: per_image(b - a), NO_POWER),
    (lambda a, b: (a - b).mean(), NO_POWER),
    (lambda a, b: (b - a).mean(), NO_POWER),
    (lambda a, b: (a - b).sum(), NO_POWER),
    (lambda a, b: (b - a).sum(), NO_POWER),
    (lambda a, b: per_image(a - b).abs(), NO_POWER),
    (
        lambda a, b: (a - b).flatten(1).sum(1).square().mean(),
        "You add the differences and then square the sum: too bright and too dark cancel. Square "
        "each difference first.",
    ),
    (lambda a, b: (a - b).flatten(1).norm(dim=1).mean(), ROOT),
    (lambda a, b: (a - b).flatten(1).norm(dim=1).sum(), ROOT),
    (lambda a, b: (a - b).norm(), ROOT),
    (lambda a, b: F.mse_loss(a, b).sqrt(), ROOT),
    (lambda a, b: squared(a, b).sqrt(), ROOT),
    (lambda a, b: -squared(a, b), UNSIGNED),
    (lambda a, b: -F.mse_loss(a, b), UNSIGNED),
    (
        lambda a, b: squared(a, b) / 2,
        "It is halved: right elsewhere (pixels of variance 1). Here the plain squares are added.",
    ),
    (
        lambda a, b: (a - b).square().sum(-1).mean(),
        "You add along one axis of the picture and average along the other. One image has three "
        "axes beside the batch: all of them are added.",
    ),
    (
        lambda a, b: (a - b).square().sum(0).mean(),
        "You add over the batch and average over the pixels: it is the other way round.",
    ),
    (
        lambda a, b: squared(a, b) / len(a),
        "You divide by the batch size twice: a mean, and a division on top of it.",
    ),
    (lambda a, b: cross_entropy(a, b), CROSS),
    (lambda a, b: cross_entropy(a, b) / 784, CROSS),
    (lambda a, b: cross_entropy(a, b) * len(a), CROSS),
    (
        lambda a, b: per_image((a - b) ** 4),
        "You square twice: mse_loss has squared already.",
    ),
    (lambda a, b: per_image(a.square() - b.square()), "Square the difference, not each picture."),
    (lambda a, b: per_image((a + b).square()), "You add the two pictures: their difference counts"),
    (lambda a, b: (a[:, None] - b[None]).square().flatten(2).sum(2).mean(), TABLE),
]

NO_EXP = (
    "The variance is exp(logvar). You put logvar itself in its place: at the prior (mu 0, "
    "logvar 0) the KL has to be 0."
)
NO_ONE = (
    "The constant 1 is missing: the gradient does not notice, but the KL of the prior with itself "
    "is 0, and a printed KL should say so."
)
SIGMA = "exp(logvar / 2) is sigma. Which power of sigma stands in the closed form?"
BACKWARDS = (
    "That is the KL the other way round, from the prior to the posterior. The encoder's Gaussian "
    "comes first: its own variance is not a divisor."
)
LATENT_MEAN = (
    "You average over the latents: the KLs of independent dimensions add. Sum over the latent "
    "axis, then average over the batch."
)


def formula(square=1.0, spread=1.0, one=1.0, log=1.0, exponent=1.0, power=2):
    """The KL with some of its parts weighted otherwise, as a loss of (mu, logvar)."""

    def loss(mu, logvar):
        variance = (exponent * logvar).exp()
        return per_image((square * mu**power + spread * variance - one - log * logvar) / 2)

    return loss


def divergence(mu, sigma):
    """The KL for a given sigma; nan becomes the largest penalty, so that nothing fits it."""
    return per_image(0.5 * (mu.square() + sigma.square() - 1) - sigma.abs().log())


def backwards(mu, logvar):
    """KL(N(0, 1) || N(mu, sigma^2))."""
    return per_image(0.5 * (logvar + (1 + mu.square()) / logvar.exp() - 1))


KL_SUSPECTS = [
    (
        lambda m, v: -kl(m, v),
        "The sign is turned. What is the smallest value a KL can take, and where?",
    ),
    (
        lambda m, v: -costs(m, v).mean(),
        "The sign is turned, and you average over the latents, whose KLs add.",
    ),
    (
        lambda m, v: -costs(m, v).sum(),
        "The sign is turned, and the batch is summed.",
    ),
    (lambda m, v: costs(m, v).mean(), LATENT_MEAN),
    (
        lambda m, v: costs(m, v).sum(0).mean(),
        "The axes are exchanged: you add over the batch and average over the latents. Axis 0 is "
        "the batch, axis 1 the latents.",
    ),
    (
        lambda m, v: costs(m, v).sum(),
        "You add over the batch as well: twice the batch gives twice the KL. The other term of the "
        "loss is a mean over the images.",
    ),
    (
        lambda m, v: 2 * kl(m, v),
        "It is twice the KL: look for the factor 1/2 in the closed form.",
    ),
    (lambda m, v: 2 * costs(m, v).mean(), LATENT_MEAN + " The factor 1/2 is missing, too."),
    (lambda m, v: 2 * costs(m, v).sum(), "The batch is summed, and the factor 1/2 is missing."),
    (lambda m, v: -2 * kl(m, v), "The sign is turned, and the factor 1/2 is missing."),
    (lambda m, v: kl(m, v) / 2, "It is half the KL: the factor 1/2 stands there once."),
    (lambda m, v: per_image((m.square() - 1) / 2), NO_EXP),
    (lambda m, v: per_image((m.square() + v - 1 - v.abs().log()) / 2), NO_EXP),
    (lambda m, v: ((m.square() - 1) / 2).mean(), NO_EXP),
    (
        lambda m, v: divergence(m, v),
        "The logarithm of a variance is taken for sigma itself. "
        "Undo the logarithm, then take the root.",
    ),
    (
        lambda m, v: per_image((m.square() + v.square() - 1 - v.square().log()) / 2),
        "The logarithm of a variance is taken for sigma itself. Undo the logarithm, then the root.",
    ),
    (formula(one=0), NO_ONE),
    (lambda m, v: (costs(m, v) + 0.5).mean(), NO_ONE + " You average over the latents, too."),
    (formula(exponent=0.5), SIGMA),
    (formula(exponent=0.5, log=0.5), SIGMA),
    (
        formula(exponent=2, log=2),
        "exp(logvar) is the variance, and you use it as sigma: a Normal of torch takes sigma, the "
        "root of the variance.",
    ),
    (formula(exponent=2), "The variance is squared. exp(logvar) is the variance already."),
    (backwards, BACKWARDS),
    (lambda m, v: backwards(m, v) * m.shape[1] ** -1, BACKWARDS),
    (formula(square=-1), "The sign of mu^2 is turned: a mean far from 0 has to cost."),
    (formula(spread=-1), "The sign of the variance is turned: a wide posterior has to cost."),
    (formula(log=-1), "The sign of logvar is turned: a narrow posterior has to cost."),
    (formula(one=-1), "The sign of the 1 is turned: at the prior the KL has to be 0."),
    (formula(square=0), "mu is missing: a posterior far from 0 has to cost."),
    (formula(log=0), "logvar is missing: without it a posterior may shrink to a point at no cost."),
    (formula(spread=0), "The variance, exp(logvar), is missing: a wide posterior has to cost."),
    (formula(power=1), "mu is not squared: a mean of -3 is as far from 0 as one of 3."),
    (
        lambda m, v: per_image((m.abs() + v.exp() - 1 - v) / 2),
        "mu is not squared: its size enters, and the closed form wants its square.",
    ),
    (formula(exponent=-1), "The sign in the exponent is turned: exp(logvar) is the variance."),
    (formula(square=2), "mu^2 counts twice: the factor 1/2 holds for all the terms."),
    (
        lambda m, v: per_image(m.square() + v.exp() - 1 - v / 2) / 2,
        "logvar has the wrong factor: the logarithm of sigma is half of logvar, and the closed "
        "form has log sigma^2.",
    ),
    (
        lambda m, v: kl(m, v) / m.shape[1] * len(m),
        "The axes are exchanged: you add over the batch and average over the latents.",
    ),
    (lambda m, v: kl(m, v) / len(m), "You divide by the batch size twice."),
    (
        lambda m, v: kl(v, m),
        "mu and logvar have changed places: compare their order where the KL is called with the "
        "order in its signature.",
    ),
    (lambda m, v: kl(m, v) / math.log(2), "The logarithm has another base: here it is natural."),
]

SUMMED_KL = (
    "The KL is added over the batch and the reconstruction is averaged: with another batch size "
    "the two terms weigh otherwise. Both are per image."
)
# a loss of (x_hat, x, mu, logvar, beta), written with its two right terms R and K
ELBO_MIXES = [
    (
        lambda R, K, b: R - b * K,
        "The KL is subtracted. The ELBO is -reconstruction - KL and is maximised; you minimise "
        "minus that.",
    ),
    (
        lambda R, K, b: -R - b * K,
        "The sign is turned: that is the ELBO itself, and an optimiser lowers a loss.",
    ),
    (lambda R, K, b: -R + b * K, "The sign of the reconstruction is turned."),
    (
        lambda R, K, b: b * R + K,
        "beta weighs the reconstruction. In a beta-VAE, which term gets the weight?",
    ),
    (
        lambda R, K, b: b * (R + K),
        "beta weighs both terms: that is only another learning rate. It belongs to the KL alone.",
    ),
    (lambda R, K, b: R + K, "beta has no effect: change it, and the loss should change."),
    (
        lambda R, K, b: (1 - b) * R + b * K,
        "beta shares the weight between both terms. It multiplies the KL and nothing else.",
    ),
    (lambda R, K, b: R + K / b, "The KL is divided by beta. A larger beta asks for a smaller KL."),
    (lambda R, K, b: R / b + K, "The reconstruction is divided by beta: multiply the KL by it."),
    (lambda R, K, b: R + b**2 * K, "beta enters twice."),
    (lambda R, K, b: R + b + K, "beta is added. It is a factor of the KL."),
    (
        lambda R, K, b: R,
        "The KL is missing: without it the codes have no reason to be near N(0, I).",
    ),
    (
        lambda R, K, b: b * K,
        "The reconstruction is missing: nothing tells the decoder what to draw.",
    ),
    (lambda R, K, b: K, "The reconstruction is missing: nothing tells the decoder what to draw."),
    (
        lambda R, K, b: (R + b * K) / 2,
        "It is halved: the two terms are added, not averaged.",
    ),
]


def _mixed(mix):
    return lambda a, x, m, v, b: mix(squared(a, x), kl(m, v), b)


ELBO_SUSPECTS = [
    *((_mixed(mix), why) for mix, why in ELBO_MIXES),
    (
        lambda a, x, m, v, b: ((a - x).square().flatten(1).sum(1) * b * costs(m, v).sum(1)).mean(),
        "The terms are multiplied. They are added.",
    ),
    (lambda a, x, m, v, b: squared(a, x) + b * costs(m, v).sum(), SUMMED_KL),
    (
        lambda a, x, m, v, b: F.mse_loss(a, x, reduction="sum") + b * costs(m, v).sum(),
        "Both terms are added over the batch: the step then grows with the batch size. Average "
        "over the images.",
    ),
    (
        lambda a, x, m, v, b: F.mse_loss(a, x) + b * costs(m, v).mean(),
        "Both terms are averaged, over 784 pixels and over a few latents: that weighs the KL many "
        "times too much. Sum both over one image, then average over the batch.",
    ),
    (
        lambda a, x, m, v, b: F.mse_loss(a, x, reduction="sum") + b * kl(m, v),
        "The reconstruction is added over the batch and the KL is averaged. Both are per image.",
    ),
    (
        lambda a, x, m, v, b: squared(a, x) / 784 + b * costs(m, v).mean() / 784,
        "Both terms are per pixel. Sum over the pixels and over the latents.",
    ),
    *(
        (lambda a, x, m, v, b, term=term: term(a, x) + b * kl(m, v), "The reconstruction: " + why)
        for term, why in SQUARED_SUSPECTS
    ),
    *(
        (lambda a, x, m, v, b, term=term: squared(a, x) + b * term(m, v), "The KL: " + why)
        for term, why in KL_SUSPECTS
    ),
    (
        lambda a, x, m, v, b: F.mse_loss(a, x) - b * costs(m, v).mean(),
        "The KL is subtracted, and both terms are averaged.",
    ),
    (
        lambda a, x, m, v, b: squared(a, x) - b * costs(m, v).sum(),
        "The KL is subtracted, and added over the batch.",
    ),
    (
        lambda a, x, m, v, b: b * F.mse_loss(a, x) + kl(m, v),
        "beta weighs the reconstruction, which is averaged over the pixels, too.",
    ),
]
