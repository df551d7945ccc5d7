"""Checks of lesson 5, the conditional GAN: one function an exercise, named as the exercise.

Each is a list of laws in the order of diagnosis: the most specific mistake speaks first, the plain
value last. Labels are int64 (N,), from 0 to num_classes - 1. Images live in [-1, 1], D returns
logits (N,) or (N, 1), real is 1, fake is 0, z comes from N(0, I).
"""

from helpers.checks.labelled import asked, unpacked
from helpers.checks.laws.arguments import reads_arguments
from helpers.checks.laws.basics import is_function
from helpers.checks.laws.class_labels import random_label_laws, wrong_label_laws
from helpers.checks.laws.class_pictures import digit_laws, grid_laws
from helpers.checks.laws.conditioning import labelled_discriminator_laws, labelled_generator_laws
from helpers.checks.laws.labelled_steps import labelled_d_laws, labelled_g_laws, labelled_step
from helpers.checks.laws.labels import beside_laws, map_laws, one_hot_laws
from helpers.checks.laws.old import Topic
from helpers.checks.laws.recognised import accuracy_laws

CAUSES = [
    (
        r"(cat|concat|concatenate|stack)\(\): argument 'tensors'"
        r"|[hv]stack\(\) takes 1 positional argument",
        "The tensors to join come in together, in one pair of brackets of their own: a list or a "
        "tuple of tensors. The axis follows after it.",
    ),
    (
        r"stack expects each tensor to be equal size",
        "stack lays tensors of one shape on top of each other, along a new axis. Which function "
        "puts tensors of different widths side by side, along an axis that they have?",
    ),
    (
        r"argument 'size' .*must be tuple of ints|(full|zeros|ones)\(\) missing 1 required",
        "A size is a tuple, also where it has one axis: (n,), with the comma. What fills the "
        "tensor comes after it.",
    ),
    (
        r"dimensions? of repeat dims|number of sizes provided",
        "repeat and expand want one number for each axis of the tensor, 1 (for repeat) or -1 (for "
        "expand) where nothing is repeated. How many axes has it, and along which one does it "
        "grow?",
    ),
    (
        r"name '(num_classes|z_dim)' is not defined",
        "Inside a class, what __init__ got is gone when it ends: __init__ has to keep it, "
        "as self.num_classes for one, and the other methods read that. In a function, use the "
        "names in its brackets.",
    ),
    (
        r"Target \d+ is out of bounds|multi-target not supported|cross_entropy.*target",
        "The class went in as the target of the loss. D has one output for a pair, real or fake: "
        "its target is 1 or 0, and the class goes into D beside the image.",
    ),
    (
        r"except in dimension 0|dim(ension)? 0 must match",
        "The concatenation makes the batch longer. Should it make each row wider? dim says along "
        "which axis.",
    ),
    (
        r"Index tensor must have the same",
        "scatter_ wants an index with as many axes as the table: (N, 1) for a table (N, K).",
    ),
    (
        r"same number of dimensions|Tensors must have same number of dim",
        "Tensors of different numbers of axes are concatenated: labels (N,) are no rows yet, and "
        "images (N, 1, 28, 28) no rows either. Print both shapes.",
    ),
    (
        r"zero-dimensional tensor.*cannot be concatenated",
        "A single number is concatenated: each row needs a label of its own, as a row of numbers.",
    ),
    (
        r"except in dimension [1-3]|Sizes of tensors must match",
        "Two tensors of different shapes are concatenated. Print both shapes: all axes but the one "
        "named by dim have to agree, one row per image.",
    ),
    (
        r"one_hot is only applicable to index tensor|indices.*scalar type|'indices' to have one of"
        r"|tensors used as indices must be|only integer tensors|index.*(int64|Long)|expected.*int64"
        r"|expected.*dtype.*Long",
        "Labels are looked up by their number: one_hot, Embedding, scatter and indexing take whole "
        "numbers, int64. Which line makes real numbers of them, or of the wrong tensor?",
    ),
    (
        r"Class values must be|index out of range|out of bounds|index \d+ is out",
        "A label does not fit the number of classes. Labels run from 0 to num_classes - 1, and "
        "num_classes comes in as an argument: look for a constant, a + 1 or a - 1.",
    ),
    (
        r"expected input\[.*\] to have \d+ channels",
        "A convolution meets another number of channels than it was made for. Label maps put one "
        "channel per class beside the one of the image.",
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied",
        "A linear layer meets rows of another width than it was made for. Print the shape right "
        "before it: what stands side by side there, and how wide is it together?",
    ),
    (
        r"size of tensor a .* must match|not broadcastable|expanded size",
        "Two tensors of different shapes meet. Print both shapes right before that line: one of "
        "them lacks an axis, or has another width.",
    ),
    (
        r"view size is not compatible",
        "view needs numbers that lie in order in memory. reshape does it for any tensor.",
    ),
    (
        r"random_.*expects 'from' to be less|from.*less than.*to",
        "The range that is drawn from is empty: with 2 classes there is one other class. Look at "
        "both ends of the range; torch.randint leaves the upper one out.",
    ),
    (
        r"received an invalid combination of arguments",
        "The arguments do not fit this call: count them, and look at their kinds. A size is made "
        "of whole numbers, and randint takes it in brackets of its own.",
    ),
    (
        r"cannot sample n_sample",
        "There are fewer classes than labels asked for: a class may be drawn again.",
    ),
]
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress


@exercise("helpers.data:one_hot", "A label is now a name that a layer can take.")
def one_hot(answer):
    """One row per label: 1 in its column, 0 elsewhere."""
    is_function(answer, "one_hot")
    reads_arguments(answer)
    return one_hot_laws(answer)


@exercise("helpers.networks:generator_input", "G now hears which digit it should draw.")
def generator_input(answer):
    """z and the one-hot label side by side."""
    is_function(answer, "generator_input")
    reads_arguments(answer)
    return beside_laws(answer)


@exercise("helpers.training:conditional_discriminator_step", "D now learns which pairs are real.")
def discriminator_step(answer):
    """One SGD step of D on real pairs (1) and on fakes with the label they were made for (0)."""
    is_function(answer, "discriminator_step")

    def play(arena, real):
        x, y = unpacked(real)
        return arena.play(answer, arena.G, arena.D, arena.opt_D, x, y, arena.z_dim)

    return labelled_step(labelled_d_laws, play)


@exercise("helpers.training:conditional_generator_step", "G now has to draw what it is asked for.")
def generator_step(answer):
    """One SGD step of G: D should call G(z, y) a real image of class y."""
    is_function(answer, "generator_step")

    def play(arena, real):
        return arena.play(answer, arena.G, arena.D, arena.opt_G, asked(real), arena.z_dim)

    return labelled_step(labelled_g_laws, play)


@exercise("helpers.data:random_labels", "Every class is now asked for as often as the others.")
def random_labels(answer):
    """n labels from 0 to num_classes - 1, each as likely."""
    is_function(answer, "random_labels")
    reads_arguments(answer)
    return random_label_laws(answer)


@exercise("helpers.networks:ConditionalGenerator", "G now draws for a label, and z varies it.")
def ConditionalGenerator(answer):
    """class ConditionalGenerator(z_dim, num_classes): (z, y) -> images in [-1, 1]."""
    return labelled_generator_laws(answer, "ConditionalGenerator")


@exercise("helpers.networks:ConditionalDiscriminator", "D now judges an image, given its label.")
def ConditionalDiscriminator(answer):
    """class ConditionalDiscriminator(num_classes): (x, y) -> one logit per pair."""
    return labelled_discriminator_laws(answer, "ConditionalDiscriminator")


@exercise("helpers.metrics:class_accuracy", "Each class now has a number of its own.")
def class_accuracy(answer):
    """The share of G's pictures of each class that a classifier reads as that class."""
    is_function(answer, "class_accuracy")
    reads_arguments(answer)
    return accuracy_laws(answer)


@exercise("helpers.images:sample_digit", "You can now order a digit.", stretch=True)
def sample_digit(answer):
    """n pictures of one class, each from its own z, without a graph."""
    is_function(answer, "sample_digit")
    reads_arguments(answer)
    return digit_laws(answer)


@exercise(
    "helpers.images:class_grid", "A column now shows what the label alone changes.", stretch=True
)
def class_grid(answer):
    """Row k shows class k, column j one z."""
    is_function(answer, "class_grid")
    reads_arguments(answer)
    return grid_laws(answer)


@exercise("helpers.data:wrong_labels", "D can now also learn what does not fit.", stretch=True)
def wrong_labels(answer):
    """For each label another class."""
    is_function(answer, "wrong_labels")
    reads_arguments(answer)
    return wrong_label_laws(answer)


@exercise(
    "helpers.networks:label_maps", "A convolution now sees the label at every pixel.", stretch=True
)
def label_maps(answer):
    """One constant plane per class."""
    is_function(answer, "label_maps")
    reads_arguments(answer)
    return map_laws(answer)
