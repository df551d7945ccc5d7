"""Checks of lesson 2, autoencoders and VAEs: one function an exercise, named as the exercise.

Each is a list of laws in the order of diagnosis: the most specific mistake speaks first, the plain
value last. Images are (N, 1, 28, 28) in [0, 1]. A loss is summed over the pixels or the latents of
an image and averaged over the batch.
"""

from helpers.checks.laws.arguments import reads_arguments
from helpers.checks.laws.autoencoders import autoencoder_laws
from helpers.checks.laws.basics import is_function
from helpers.checks.laws.blur import minimises, sharpness_laws
from helpers.checks.laws.corruption import aims_at_clean, reads_noise
from helpers.checks.laws.descents import step_laws
from helpers.checks.laws.draws import draw_laws
from helpers.checks.laws.encoders import encoder_laws
from helpers.checks.laws.lines import line_laws
from helpers.checks.laws.named_terms import (
    ELBO_SUSPECTS,
    KL_SUSPECTS,
    SQUARED_SUSPECTS,
    elbo,
    kl,
    squared,
)
from helpers.checks.laws.old import Topic
from helpers.checks.laws.priors import draws_from_prior, gives_images, keeps_no_graph
from helpers.checks.laws.terms import (
    code_batches,
    defaults_to,
    elbo_batches,
    picture_batches,
    term_laws,
)

CAUSES = [
    (
        r"linspace.*(0-dimensional|must be Number)",
        "linspace takes two numbers, and z1 and z2 are codes. Let t run from 0 to 1: what is z at "
        "t?",
    ),
    (
        r"shape '\[[^\]]*\]' is invalid for input of size",
        "view asks for another count of numbers than the tensor has: one image has 1 * 28 * 28 of "
        "them, and its code latent_dim. Take the batch size from the tensor, size(0).",
    ),
    (
        r"(size|shape) of tensor a .* must match|Sizes of tensors must match|not broadcastable",
        "Two tensors of different shapes meet. Print both shapes right before that line: one of "
        "them lacks an axis, or has its axes in another order.",
    ),
    (
        r"expected parameter (scale|loc|covariance)|ValueError: normal expects|std.*>= 0",
        "A normal distribution was given a std that is 0, negative or nan. logvar is a logarithm "
        "and may be negative: exp undoes it.",
    ),
    (
        r"backward through the graph a second time",
        "backward() runs twice on one graph, and the first run has freed it. One batch needs one "
        "forward pass and one backward().",
    ),
    (
        r"element \d+ of tensors does not require grad|does not have a grad_fn",
        "The loss has no history that leads back to the weights. Look for detach, no_grad or "
        ".item() between the model and the loss.",
    ),
    (
        r"all elements of (input|target) should be between 0 and 1",
        "A binary cross entropy wants pixels between 0 and 1. Here the squared error is asked for.",
    ),
    (
        r"linear\(\): argument 'input'.*must be Tensor, not (tuple|list)",
        "A network gives back a tuple, and the next one takes a tensor: take the pair apart first.",
    ),
]
OTHERWISE_SQUARED = (
    "Work one image by hand: square the differences of its pixels and add them up. Then average "
    "over the images."
)
OTHERWISE_KL = (
    "Work one latent by hand: mu 1 and logvar 0 cost 1/2, mu 0 and logvar 0 cost nothing. Add over "
    "the latents, average over the batch."
)
OTHERWISE_ELBO = (
    "It is the reconstruction plus beta times the KL, both of them added up within an image and "
    "averaged over the batch. Print the two terms one by one."
)
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress


@exercise(
    "helpers.losses:best_constant", "You have the blurred answer that squared error asks for."
)
def best_constant(answer):
    """The one image with the lowest mean error to all targets, for 'mse' and for 'l1'."""
    is_function(answer, "best_constant")
    reads_arguments(answer)
    minimises(answer)


@exercise("helpers.metrics:edge_strength", "Blur now has a number.")
def sharpness(answer):
    """How much neighbouring pixels differ, in both directions, image by image."""
    is_function(answer, "sharpness")
    reads_arguments(answer)
    return sharpness_laws(answer)


@exercise("helpers.networks:Autoencoder", "An image now has to pass through a few numbers.")
def Autoencoder(answer):
    """class Autoencoder(latent_dim) with encode: images in [0, 1] to codes and back."""
    return autoencoder_laws(answer, "Autoencoder")


@exercise("helpers.networks:VAEEncoder", "An image now becomes a cloud of codes, not a point.")
def VAEEncoder(answer):
    """class VAEEncoder(latent_dim): images to mu and logvar, two free heads."""
    return encoder_laws(answer, "VAEEncoder")


@exercise(
    "helpers.networks:reparameterize", "A draw now lets the gradient through to mu and logvar."
)
def reparameterize(answer):
    """z = mu + sigma * eps, with eps from N(0, I) and sigma = exp(logvar / 2)."""
    is_function(answer, "reparameterize")
    reads_arguments(answer)
    draw_laws(answer)


@exercise(
    "helpers.losses:kl_divergence", "A code far from the prior, or too sure of itself, now costs."
)
def kl_divergence(answer):
    """KL(N(mu, sigma^2) || N(0, I)), summed over the latents, averaged over the batch."""
    is_function(answer, "kl_divergence")
    reads_arguments(answer)
    learn = "mu", "logvar"
    term_laws(answer, code_batches(), learn, kl, KL_SUSPECTS, OTHERWISE_KL, "the KL")


@exercise("helpers.losses:vae_loss", "One number now weighs pictures against codes.")
def vae_loss(answer):
    """Reconstruction + beta * KL, both per image."""
    is_function(answer, "vae_loss")
    reads_arguments(answer)
    learn = "x_hat", "mu", "logvar"
    term_laws(answer, elbo_batches(), learn, elbo, ELBO_SUSPECTS, OTHERWISE_ELBO)
    defaults_to(answer, elbo)


@exercise("helpers.images:sample_prior", "The decoder now draws images that nobody has encoded.")
def sample_prior(answer):
    """decoder(z) for n codes z from N(0, I), without a graph."""
    is_function(answer, "sample_prior")
    reads_arguments(answer)
    gives_images(answer)
    draws_from_prior(answer)
    return keeps_no_graph(answer)


@exercise("helpers.data:interpolate", "You can now walk from one code to another.")
def interpolate(answer):
    """A straight line from z1 to z2 in equal steps, both ends included."""
    is_function(answer, "interpolate")
    reads_arguments(answer)
    line_laws(answer)


@exercise(
    "helpers.losses:reconstruction_loss",
    "The error of a picture now counts in the same currency as a KL.",
    stretch=True,
)
def reconstruction_loss(answer):
    """The squared error, summed over the pixels, averaged over the batch."""
    is_function(answer, "reconstruction_loss")
    reads_arguments(answer)
    term_laws(answer, picture_batches(), ("x_hat",), squared, SQUARED_SUSPECTS, OTHERWISE_SQUARED)


@exercise(
    "helpers.losses:denoising_loss",
    "The target is clean, so copying the input no longer pays.",
    stretch=True,
)
def denoising_loss(answer):
    """Noise into the model, the clean image as the target."""
    is_function(answer, "denoising_loss")
    reads_arguments(answer)
    reads_noise(answer)
    aims_at_clean(answer)


@exercise("helpers.training:vae_step", "One call is now one step of the VAE.", stretch=True)
def train_step(answer):
    """One optimiser step on loss_fn(x_hat, x, mu, logvar); the loss as a number."""
    is_function(answer, "train_step")
    reads_arguments(answer)
    step_laws(answer)
