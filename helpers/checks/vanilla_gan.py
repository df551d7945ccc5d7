"""Checks of lesson 3, a vanilla GAN on MNIST: one function an exercise, named as the exercise.

Each is a list of laws in the order of diagnosis: the most specific mistake speaks first, the plain
value last. Real is 1, fake is 0, D returns logits (N,) or (N, 1), images live in [-1, 1].
"""

import torch

from helpers.checks import Topic
from helpers.checks.laws.accuracy import SCORES, counts_right, ends_at_one
from helpers.checks.laws.basics import is_function
from helpers.checks.laws.discriminators import discriminator_laws
from helpers.checks.laws.epochs import mean_losses, played, whole_epoch
from helpers.checks.laws.generators import generator_laws
from helpers.checks.laws.latents import (
    gives_latents,
    is_fresh,
    is_independent,
    is_normal,
    leaves_seed,
)
from helpers.checks.laws.losses import LOGITS, loss_laws
from helpers.checks.laws.named_losses import (
    D_SUSPECTS,
    G_SUSPECTS,
    MINIMAX,
    minimax_g,
    right_d,
    right_g,
)
from helpers.checks.laws.pixels import (
    TO_DISPLAY_SUSPECTS,
    TO_GAN_SUSPECTS,
    is_fixed_map,
    keeps_shape,
    maps,
)
from helpers.checks.laws.rounds import batch_laws
from helpers.checks.laws.sampling import (
    gives_pictures,
    moody_generator,
    restores_mode,
    runs_in_eval,
    sampled,
    shows_right,
)
from helpers.checks.laws.steps import d_step_laws, g_step_laws, in_all_plays

topic = Topic()
exercise, progress = topic.exercise, topic.progress


@exercise("helpers.losses:discriminator_loss", "D is now paid for telling reals from fakes.")
def discriminator_loss(answer):
    """(loss_real + loss_fake) / 2 or their sum, on logits."""
    is_function(answer, "discriminator_loss")
    return loss_laws(answer, LOGITS, right_d, (0.5, 1), D_SUSPECTS)


@exercise("helpers.losses:generator_loss", "G is now paid when D calls its fakes real.")
def generator_loss(answer):
    """The non-saturating loss, on logits."""
    is_function(answer, "generator_loss")
    return loss_laws(answer, LOGITS[1:], right_g, (1,), [(minimax_g, MINIMAX), *G_SUSPECTS])


@exercise("helpers.data:sample_z", "Every image now starts from its own normal vector.")
def sample_z(answer):
    """(n, z_dim) fresh, independent numbers from N(0, 1)."""
    is_function(answer, "sample_z")
    gives_latents(answer)
    is_fresh(lambda: answer(7, 5).detach())
    leaves_seed(lambda: answer(7, 5))
    z = answer(200, 64).detach()
    is_independent(z)
    is_normal(z)


@exercise(
    "helpers.training:discriminator_step", "D now learns, and G keeps its weights and gradients."
)
def discriminator_step(answer):
    """One SGD step of D on reals (1) and detached fakes (0)."""
    is_function(answer, "discriminator_step")

    def play(arena, real):
        return arena.play(answer, arena.G, arena.D, arena.opt_D, real, arena.z_dim)

    return in_all_plays(d_step_laws, play)


@exercise("helpers.training:generator_step", "G now follows D's opinion, and D keeps its weights.")
def generator_step(answer):
    """One SGD step of G towards the label 1, through a D that stays."""
    is_function(answer, "generator_step")

    def play(arena, real):
        return arena.play(answer, arena.G, arena.D, arena.opt_G, len(real), arena.z_dim)

    return in_all_plays(g_step_laws, play)


@exercise("helpers.data:to_gan_range", "Real images now have the range of tanh, -1 to 1.")
def to_gan_range(answer):
    """[0, 1] -> [-1, 1], pixel by pixel."""
    is_function(answer, "to_gan_range")
    pixels = torch.rand(8, 1, 28, 28) * 0.8 + 0.1
    keeps_shape(answer, pixels)
    is_fixed_map(answer, pixels)
    maps(
        answer,
        [0.0, 0.5, 1.0, 0.25, 0.8],
        [-1.0, 0.0, 1.0, -0.5, 0.6],
        TO_GAN_SUSPECTS,
    )


@exercise("helpers.data:to_display_range", "Images of G now show with the right grey.")
def to_display_range(answer):
    """[-1, 1] -> [0, 1], pixel by pixel."""
    is_function(answer, "to_display_range")
    pixels = torch.rand(8, 1, 28, 28) * 1.7 - 0.9
    keeps_shape(answer, pixels)
    is_fixed_map(answer, pixels)
    maps(
        answer,
        [-1.0, 0.0, 1.0, -0.2, 0.5],
        [0.0, 0.5, 1.0, 0.4, 0.75],
        TO_DISPLAY_SUSPECTS,
    )


@exercise("helpers.networks:Generator", "z now becomes an image in the range of the data.")
def Generator(answer):
    """class Generator(z_dim): z -> images (N, 1, 28, 28) in [-1, 1]."""
    return generator_laws(answer, "Generator")


@exercise(
    "helpers.networks:Discriminator", "Each image now gets one logit, and the loss its sigmoid."
)
def Discriminator(answer):
    """class Discriminator(): images -> one logit each."""
    return discriminator_laws(answer, "Discriminator")


@exercise("helpers.images:generate", "You can now look at G in the middle of training.")
def generate(answer):
    """n pictures in [0, 1], from fresh noise, in eval mode, without a trace."""
    is_function(answer, "generate")
    G = moody_generator()
    runs_in_eval(answer, G)
    mode = restores_mode(answer, G)
    graph = gives_pictures(answer, G)
    shows_right(answer, G)
    leaves_seed(lambda: sampled(answer, G, 3))
    is_fresh(lambda: torch.cat([call["x"] for call in sampled(answer, G, 3)[2]]))
    z = torch.cat([call["x"] for call in sampled(answer, moody_generator(8), 300, 8)[2]])
    is_independent(z)
    is_normal(z)
    return mode or graph


@exercise(
    "helpers.networks:MendedDiscriminator", "The repaired network judges each image with one logit."
)
def MendedDiscriminator(answer):
    """The sources' discriminator, repaired: the laws of Discriminator."""
    return discriminator_laws(answer, "MendedDiscriminator")


@exercise(
    "helpers.networks:MendedGenerator",
    "The repaired network makes images that D cannot tell by range.",
)
def MendedGenerator(answer):
    """The sources' generator, repaired: the laws of Generator."""
    return generator_laws(answer, "MendedGenerator")


@exercise("helpers.training:train_batch", "One call is now one round of the game.", stretch=True)
def train_batch(answer):
    """One step of D and one of G, each along its own loss."""
    is_function(answer, "train_batch")

    def play(arena, real):
        return arena.play(answer, arena.G, arena.D, arena.opt_G, arena.opt_D, real, arena.z_dim)

    return in_all_plays(batch_laws, play)


@exercise(
    "helpers.metrics:discriminator_accuracy",
    "You can now read how well D tells them apart.",
    stretch=True,
)
def discriminator_accuracy(answer):
    """The fraction of images that D classifies correctly."""
    is_function(answer, "discriminator_accuracy")
    real, fake = SCORES
    counts_right(answer, real, fake)
    counts_right(answer, real[:, None], fake[:, None])
    counts_right(answer, real[:3], fake[:3])
    counts_right(answer, torch.randn(7) + 1, torch.randn(7))
    ends_at_one(answer)


@exercise("helpers.training:train_epoch", "One call now plays a whole epoch.", stretch=True)
def train_epoch(answer):
    """One D step and one G step per batch, over the whole loader; the mean losses."""
    is_function(answer, "train_epoch")
    sizes = [5, 5, 3]
    diary, result = played(answer, sizes)
    whole_epoch(diary, sizes)
    mean_losses(result, diary, sizes)
