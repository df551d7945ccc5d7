"""Checks of lesson 6, CycleGAN: one function an exercise, named as the exercise.

Each is a list of laws in the order of diagnosis: the most specific mistake speaks first, the plain
value last. Images are (N, 3, H, W) in [-1, 1]; a and b are unpaired batches of domains A and B.
G_AB leads from A to B; D_A judges images of A, with one raw score a patch; real is 1, fake is 0.
"""

from helpers.checks.laws.arguments import reads_arguments
from helpers.checks.laws.basics import is_function
from helpers.checks.laws.domains import both_judged, fakes_judged, games, tours
from helpers.checks.laws.freezing import freezing_laws
from helpers.checks.laws.judge_steps import discriminator_step_laws
from helpers.checks.laws.network_losses import network_loss_laws
from helpers.checks.laws.old import Topic
from helpers.checks.laws.optimisers import joint_optimiser_laws
from helpers.checks.laws.patch_scores import FOR_D, FOR_G
from helpers.checks.laws.patches import patch_laws
from helpers.checks.laws.pools import pool_laws
from helpers.checks.laws.residuals import residual_laws
from helpers.checks.laws.tours import CYCLE, IDENTITY
from helpers.checks.laws.translator_steps import generator_step_laws
from helpers.checks.laws.weighted_sums import weighted_sum_laws

CAUSES = [
    (
        r"unsupported operand type.*'generator'",
        "parameters() gives an iterator, and + joins lists. Which function of itertools puts one "
        "iterator behind the other, or what makes a list of each?",
    ),
    (
        r"empty parameter list",
        "Nothing is left in what the optimiser gets. An iterator, such as parameters() or a chain "
        "of them, can be gone through once: did a sum, a print or a list use it up before?",
    ),
    (
        r"optimizer can only optimize Tensors|should be an iterable of Tensors or dicts"
        r"|should be an iterable",
        "The optimiser wants the weights one by one in a single row, or a list of dictionaries "
        "with 'params'. Here come the networks, or two iterators inside a list or a pair.",
    ),
    (
        r"multiple values for argument|got multiple values for",
        "An argument comes twice: Adam takes one collection of weights, and the next place is the "
        "learning rate's. Join the weights of both networks first.",
    ),
    (
        r"appear in more than one parameter group|contains.*duplicate",
        "The same weights stand in two groups: each network goes in once.",
    ),
    (
        r"'(list|tuple)' object has no attribute '(parameters|requires_grad_?|train|eval|modules)'",
        "nets is a list of networks, and no network: go through it, one by one.",
    ),
    (
        r"backward through the graph a second time",
        "Two backward passes share a part of the graph, and the first has freed it. In the "
        "generators' step add the losses and go back once; in the discriminators' step the fakes "
        "have to be cut off before D sees them.",
    ),
    (
        r"modified by an inplace operation",
        "Something was overwritten that a backward pass still needs: by a step between two "
        "backward passes, by +=, or by inplace=True. Add up first, go back once, then step.",
    ),
    (
        r"list index out of range|list assignment index out of range|pop (from empty list|index)",
        "A place is asked for that the list does not have: the places run from 0 to size - 1, and "
        "random.randint includes both of its ends (torch.randint leaves out the upper one).",
    ),
    (
        r"Calculated padded input size|Kernel size can't be greater|more than 1 spatial element",
        "The map has become too small for the next layer: a norm needs more than one pixel, a "
        "convolution as many as its kernel. Count how often a stride of 2 halves the map.",
    ),
    (
        r"non-empty TensorList|non-empty list",
        "Nothing came out for this batch, so there is nothing to stack: every image that goes in "
        "gets an answer, also while the pool fills.",
    ),
    (
        r"all elements of (input|target) should be between 0 and 1",
        "A cross entropy met raw scores. Here the adversarial losses are least squares: the "
        "squared distance of every score from 1 or 0, and any score will do.",
    ),
]
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress


@exercise("helpers.losses:cycle_loss", "A translation now has to keep what the way home needs.")
def cycle_loss(answer):
    """Mean absolute error after A to B to A, plus B to A to B."""
    is_function(answer, "cycle_loss")
    reads_arguments(answer)
    network_loss_laws(answer, CYCLE, tours())


@exercise(
    "helpers.losses:identity_loss",
    "A generator now leaves alone what is in its target domain already.",
    stretch=True,
)
def identity_loss(answer):
    """Mean absolute change of b by G_AB, plus that of a by G_BA."""
    is_function(answer, "identity_loss")
    reads_arguments(answer)
    network_loss_laws(answer, IDENTITY, tours())


@exercise("helpers.networks:ResidualBlock", "A block now starts from leaving its maps alone.")
def ResidualBlock(answer):
    """class ResidualBlock(c): x + f(x), with two 3 x 3 convolutions in f."""
    return residual_laws(answer, "ResidualBlock")


@exercise("helpers.networks:PatchDiscriminator", "Each patch of an image now has its own judge.")
def PatchDiscriminator(answer):
    """class PatchDiscriminator(channels): images -> a map of raw scores."""
    return patch_laws(answer, "PatchDiscriminator")


@exercise(
    "helpers.losses:generator_adversarial_loss",
    "Every patch of a fake now pulls towards the score 1.",
)
def generator_adversarial_loss(answer):
    """Mean squared distance of D's scores of the fakes from 1."""
    is_function(answer, "generator_adversarial_loss")
    reads_arguments(answer)
    network_loss_laws(answer, FOR_G, fakes_judged())


@exercise(
    "helpers.losses:discriminator_adversarial_loss",
    "D now learns 1 for real and 0 for fake in every patch, and no generator hears of it.",
)
def discriminator_adversarial_loss(answer):
    """Mean squared distances of D's scores, reals from 1 and detached fakes from 0."""
    is_function(answer, "discriminator_adversarial_loss")
    reads_arguments(answer)
    network_loss_laws(answer, FOR_D, both_judged())


@exercise(
    "helpers.losses:cyclegan_generator_loss",
    "Both generators now have one number to lower, and you set what weighs how much.",
)
def generator_loss(answer):
    """Adversarial, both ways, + lambda_cyc * cycle + lambda_id * identity."""
    is_function(answer, "generator_loss")
    reads_arguments(answer)
    weighted_sum_laws(answer, games())


@exercise(
    "helpers.translation:set_requires_grad",
    "A frozen D now saves the gradients that nobody uses, and still teaches G.",
    stretch=True,
)
def set_requires_grad(answer):
    """Every weight of all networks learns, or none does."""
    is_function(answer, "set_requires_grad")
    reads_arguments(answer)
    freezing_laws(answer)


@exercise(
    "helpers.translation:make_generator_optimizer",
    "One step now moves both generators.",
    stretch=True,
)
def make_generator_optimizer(answer):
    """Adam over the weights of both generators, beta1 = 0.5."""
    is_function(answer, "make_generator_optimizer")
    reads_arguments(answer)
    return joint_optimiser_laws(answer)


@exercise(
    "helpers.translation:cyclegan_generator_step",
    "Both generators now follow their judges, and find the way home.",
)
def generator_step(answer):
    """One SGD step of G_AB and G_BA on adversarial + lambda_cyc * cycle loss."""
    is_function(answer, "generator_step")
    reads_arguments(answer)
    return generator_step_laws(answer)


@exercise(
    "helpers.translation:ImagePool",
    "D now meets old fakes again, and G cannot win by going in circles.",
    stretch=True,
)
def ImagePool(answer):
    """class ImagePool(size): query(batch) -> new images, or old ones for them."""
    return pool_laws(answer, "ImagePool")


@exercise(
    "helpers.translation:cyclegan_discriminator_step",
    "Each discriminator now learns its own domain, and the generators keep their gradients.",
)
def discriminator_step(answer):
    """One SGD step of D_A and D_B, each on its reals (1) and its detached fakes (0)."""
    is_function(answer, "discriminator_step")
    reads_arguments(answer)
    return discriminator_step_laws(answer)
