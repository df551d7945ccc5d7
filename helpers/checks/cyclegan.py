"""Checks of lesson 6, CycleGAN: each exercise with its known mistakes.

Images are (N, 3, H, W) in [-1, 1]; a and b are unpaired batches of domains A and B. G_AB leads from
A to B; D_A judges images of A, with one raw score a patch; real is 1, fake is 0.
"""

import dis
import functools
import inspect
import re

import torch
import torch.nn.functional as F
from torch import nn

from helpers.checks import Topic
from helpers.checks.aspects import CLUE, REMARK, Aspect, equal, kind_of
from helpers.checks.casts import bright, dark, judge, translator
from helpers.checks.kinds.dialogue import Dialogue
from helpers.checks.kinds.function import Function
from helpers.checks.kinds.maps import Block, Patches, as_map, why_no_map
from helpers.checks.kinds.step import Step
from helpers.checks.plays import WatchedSGD

CAUSES = {
    r"unsupported operand type.*'generator'": "parameters() gives an iterator, and + joins lists. Which function of itertools puts one iterator behind the other, or what makes a list of each?",
    r"empty parameter list": "Nothing is left in what the optimiser gets. An iterator, such as parameters() or a chain of them, can be gone through once: did a sum, a print or a list use it up before?",
    r"optimizer can only optimize Tensors|should be an iterable of Tensors or dicts|should be an iterable": "The optimiser wants the weights one by one in a single row, or a list of dictionaries with 'params'. Here come the networks, or two iterators inside a list or a pair.",
    r"multiple values for argument|got multiple values for": "An argument comes twice: Adam takes one collection of weights, and the next place is the learning rate's. Join the weights of both networks first.",
    r"appear in more than one parameter group|contains.*duplicate": "The same weights stand in two groups: each network goes in once.",
    r"'(list|tuple)' object has no attribute '(parameters|requires_grad_?|train|eval|modules)'": "nets is a list of networks, and no network: go through it, one by one.",
    r"backward through the graph a second time": "Two backward passes share a part of the graph, and the first has freed it. In the generators' step add the losses and go back once; in the discriminators' step the fakes have to be cut off before D sees them.",
    r"modified by an inplace operation": "Something was overwritten that a backward pass still needs: by a step between two backward passes, by +=, or by inplace=True. Add up first, go back once, then step.",
    r"list index out of range|list assignment index out of range|pop (from empty list|index)": "A place is asked for that the list does not have: the places run from 0 to size - 1, and random.randint includes both of its ends (torch.randint leaves out the upper one).",
    r"Calculated padded input size|Kernel size can't be greater|more than 1 spatial element": "The map has become too small for the next layer: a norm needs more than one pixel, a convolution as many as its kernel. Count how often a stride of 2 halves the map.",
    r"non-empty TensorList|non-empty list": "Nothing came out for this batch, so there is nothing to stack: every image that goes in gets an answer, also while the pool fills.",
    r"all elements of (input|target) should be between 0 and 1": "A cross entropy met raw scores. Here the adversarial losses are least squares: the squared distance of every score from 1 or 0, and any score will do.",
}
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress
AVERAGE = "Average over all that is there: images, patches, colours and pixels."

# --- there and back: each loss has two terms, one a direction -------------------------------------


def pair(n=2, height=4, width=6, exchanged=False):
    """Both generators, and images of both domains."""
    a, b = bright(n, height, width), dark(n, height, width)
    return {"G_AB": translator(), "G_BA": translator()} | ({"a": b, "b": a} if exchanged else {"a": a, "b": b})


def turned(code):
    """The same code for the other direction."""
    other = {"G_AB": "G_BA", "G_BA": "G_AB", "a": "b", "b": "a"}
    return re.sub(r"\b(G_AB|G_BA|a|b)\b", lambda name: other[name[0]], code)


def anywhere(right, terms):
    """{edit: why} for each {mistaken term: why}, made in both directions, or in one of them."""
    found = {}
    for term, why in terms.items():
        edits = f"{right} -> {term}", f"{turned(right)} -> {turned(term)}"
        found["\n".join(edits)] = why
        found[edits] = f"{why} One of your two terms is right: compare them."
    return found


SIGNED = "too bright in one pixel pays for too dark in another."
SQUARED = "You square the differences: one wrong pixel then weighs more than many faint ones, and images get blurred. Here it is L1."


def measures(p, q):
    """{another distance of p from q than the mean absolute one: why}."""
    return {
        f"F.mse_loss({p}, {q})": SQUARED,
        f"F.mse_loss({p}, {q}).sqrt()": SQUARED,
        f"F.smooth_l1_loss({p}, {q})": "smooth_l1 and huber square the small differences: here it is plain L1.",
        f"({p} - {q}).mean()": f"The differences keep their signs: {SIGNED}",
        f"({q} - {p}).mean()": f"The differences keep their signs: {SIGNED}",
        f"({p} - {q}).mean().abs()": f"You average first and take the absolute value afterwards: {SIGNED}",
        f"({p} - {q}).abs().sum()": "You add over all pixels of all images: the loss then grows with both. Average.",
        f"({p} - {q}).abs().sum() / len(a)": "You add over the pixels of an image: the loss then grows with its size. Average over the pixels, too.",
        f"({p} - {q}).abs().max()": "You take the largest difference alone: every pixel counts, so average.",
        f"({p} - {q}).abs().median()": "You take the median of the differences: every pixel counts, so average.",
    }


def uneven(why):
    """{a sum of the two terms that is no sum: why}."""
    half = "One of the two directions is missing, or one of them counts twice."
    return {
        ("loss_a", "loss_b", "2 * loss_a", "2 * loss_b"): f"{half} {why}",
        "-(loss_a + loss_b)": "The sign is turned: a loss is minimised, so the worse the result, the larger it has to be.",
        "loss_a * loss_b": "The two terms are multiplied: one that is 0 would hide the other. Add them.",
        (
            "loss_a - loss_b",
            "loss_b - loss_a",
        ): "The two terms are subtracted: a bad image in one direction would pay for one in the other. Add them.",
    }


HOME = "Follow one image by hand: to the other domain, home again, and then the mean absolute difference to where it started; the same from the other domain."
STAY = "Take one generator: into which domain does it lead? An image from there goes in, and the mean absolute change is counted; then the other generator."
TERMS = {
    "plays": [{}, {"n": 7}, {"n": 1}, {"exchanged": True}],
    "learns": ("G_AB", "G_BA"),
    "scales": (1, 0.5),
    "result": "the loss",
}


@exercise(
    Function(pair, hints={"shape": AVERAGE, "values": HOME}, **TERMS),
    "helpers.losses:cycle_loss",
    "A translation now has to keep what the way home needs.",
)
def cycle_loss(G_AB, G_BA, a, b):
    """Mean absolute error after A to B to A, plus B to A to B."""
    loss_a = F.l1_loss(G_BA(G_AB(a)), a)
    loss_b = F.l1_loss(G_AB(G_BA(b)), b)
    return loss_a + loss_b


TOUR = "F.l1_loss(G_BA(G_AB(a)), a)"
UNPAIRED = "a and b are unpaired: image 3 of a shows something else than image 3 of b, and their average would be the best answer."
TWICE = "The same generator runs twice, and never leads home. Write the domain after each call: A, then ?, then ?."
CYCLE_CUTS = {
    "F.l1_loss(G_BA(G_AB(a).detach()), a)": "The path is cut between the two generators. Who has to hear that the way home went wrong: the second one alone, or also the one that dropped the details?",
    "F.l1_loss(torch.func.functional_call(G_BA, {k: p.detach() for k, p in G_BA.named_parameters()}, (G_AB(a),)), a)": "The second generator of a tour is frozen. Here both learn from both tours.",
}
cycle_loss.mistakes.update(
    {
        (
            "loss_a.detach() + loss_b",
            "loss_a + loss_b.detach()",
        ): "A whole tour is cut off: what it finds at home teaches nobody."
    }
    | uneven("There are two closed tours, from A over B and from B over A.")
    | anywhere(
        TOUR,
        {
            "F.l1_loss(G_BA(G_BA(b)), a)": "The fakes are mixed up: the one that goes home is made from the other batch, and stands in this domain already. Which fake was made from the image that it is compared with?",
            "F.l1_loss(G_BA(G_AB(b)), a)": "The tour starts with an image of the other batch. The same image starts, and is compared at the end.",
            "F.l1_loss(G_BA(G_AB(a)), b)": "After the tour an image is compared with one of the other domain. Where did it start? "
            + UNPAIRED,
            "F.l1_loss(G_BA(G_AB(a)), G_AB(a))": "The end of the tour is compared with its half: that asks the way back to change nothing. Which image did the tour start from?",
            "F.l1_loss(G_AB(G_BA(a)), a)": "The generators stand in the wrong order: an image of A goes into G_BA first, which has only ever to do with images of B. Read the line from the inside out.",
            "F.l1_loss(G_AB(G_AB(a)), a)": TWICE,
            "F.l1_loss(G_BA(G_BA(a)), a)": TWICE,
            "F.l1_loss(G_AB(a), a)": "There is no way back: the translated image itself is compared with its source, so the best translation would change nothing.",
            "F.l1_loss(G_BA(a), a)": "That is the identity loss: an image goes into the generator of its own domain, and only one generator runs. A tour needs both.",
            "F.l1_loss(G_AB(a), b)": "There is no way back, and a translated image is compared with the other batch. "
            + UNPAIRED,
            "F.l1_loss(G_BA(G_AB(a)), G_BA(b))": "The end of the tour is compared with a translated image of the other domain, not with the image from which it started.",
            "F.l1_loss(G_BA(G_AB(G_BA(G_AB(a)))), a)": "The tour runs twice round: once there and back is enough.",
        }
        | measures("G_BA(G_AB(a))", "a")
        | CYCLE_CUTS,
    )
)


@exercise(
    Function(pair, hints={"shape": AVERAGE, "values": STAY}, **TERMS),
    "helpers.losses:identity_loss",
    "A generator now leaves alone what is in its target domain already.",
    stretch=True,
)
def identity_loss(G_AB, G_BA, a, b):
    """Mean absolute change of b by G_AB, plus that of a by G_BA."""
    loss_a = F.l1_loss(G_BA(a), a)
    loss_b = F.l1_loss(G_AB(b), b)
    return loss_a + loss_b


OUTPUTS = "Two outputs of one generator are compared: the image that went in is what should come out."
ONE_G = "Both terms run the same generator: which one is never asked?"
TWO_G = "two generators take part in one term. Here an image goes through one."
identity_loss.mistakes.update(
    {
        "F.l1_loss(G_BA(a), a) -> F.l1_loss(G_AB(a), a)": ONE_G,
        "F.l1_loss(G_AB(b), b) -> F.l1_loss(G_BA(b), b)": ONE_G,
        (
            "loss_a.detach() + loss_b",
            "loss_a + loss_b.detach()",
        ): "What one of the generators gives is cut off, so it never hears what it changes.",
    }
    | uneven("Each generator has a domain in which it should change nothing.")
    | anywhere(
        "F.l1_loss(G_AB(b), b)",
        {
            "F.l1_loss(G_AB(a), a)": "Each generator gets the images it translates, and is asked to leave them as they are: that works against the translation. For which images is 'change nothing' right?",
            "F.l1_loss(G_AB(a), b)": f"A translated image is compared with the other batch. {UNPAIRED} For which images is 'change nothing' right?",
            "F.l1_loss(G_AB(b), a)": f"The right image goes in, and it is compared with the other batch. {UNPAIRED}",
            "F.l1_loss(G_AB(G_BA(b)), b)": f"That is the cycle loss: {TWO_G}",
            "F.l1_loss(G_BA(G_AB(b)), b)": f"As in the cycle loss, {TWO_G}",
            "F.l1_loss(G_AB(b), G_AB(a))": OUTPUTS,
            "F.l1_loss(G_AB(G_AB(b)), G_AB(b))": OUTPUTS,
            "F.l1_loss(a, b)": f"a and b themselves are compared, and no generator takes part. {UNPAIRED}",
        }
        | measures("G_AB(b)", "b"),
    )
)

# --- networks -------------------------------------------------------------------------------------

BETWEEN = "A convolution gets another number of channels than it is made for. In PatchDiscriminator the first one takes the argument channels, and each of the others what the one before gives; in ResidualBlock c in and c out hold for both, and f(x) has to fit to x."


@exercise(
    Block(
        [(6,), (5,)],
        lambda n, c: torch.randn(n, c, 7, 9),
        "x",
        hints={"shape": Block.why_other},
        causes={
            r"to have \d+ channels, but got": BETWEEN,
            r"tensor a \(\d+\) must match.* dimension 1": "x and f(x) cannot be added: the last convolution of f has to give c channels, those of x.",
            r"tensor a \(\d+\) must match.* dimension [23]": "x and f(x) cannot be added: a 3 x 3 convolution loses a pixel on every side, and a stride loses more. Which padding keeps the size?",
        },
    ),
    "helpers.networks:ResidualBlock",
    "A block now starts from leaving its maps alone.",
)
class ResidualBlock(nn.Module):
    """x + f(x), with two 3 x 3 convolutions in f."""

    def __init__(self, c):
        super().__init__()
        self.f = nn.Sequential(
            *(nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU()),
            *(nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c)),
        )

    def forward(self, x):
        return x + self.f(x)


AFTER = "An activation stands after the sum, as in the ResNets for classification. Here x has to pass as it is: what happens to its negative numbers, block after block?"
NORMED = "The sum is normalised{}, or x is before it is added: the norm belongs inside f."
BLOCK = "x + self.f(x) -> "
ResidualBlock.mistakes.update(
    {
        tuple(
            f"{BLOCK}{act}"
            for act in (
                "F.relu(x + self.f(x))",
                "F.leaky_relu(x + self.f(x), 0.2)",
                "F.leaky_relu(x + self.f(x), 0.01)",
                "torch.tanh(x + self.f(x))",
                "torch.sigmoid(x + self.f(x))",
                "F.elu(x + self.f(x))",
                "F.gelu(x + self.f(x))",
                "F.silu(x + self.f(x))",
            )
        ): AFTER,
        "return x + -> x = F.relu(x)\n        return x +": "The shortcut starts behind an activation: the sum adds what the activation made of x. Which tensor should go around f?",
        f"{BLOCK}2 * x + self.f(x)": "x is added twice: look whether f holds a shortcut of its own.",
        f"{BLOCK}self.f(x) - x": "x is subtracted: the sign of the shortcut is turned.",
        f"{BLOCK}(x + self.f(x)) / 2": "The sum is halved: x comes through at half its size.",
        f"{BLOCK}(x + self.f(x)) / 2 ** 0.5": "The sum is divided by the root of 2: x itself is asked for.",
        (f"{BLOCK}F.instance_norm(x + self.f(x))", f"{BLOCK}F.layer_norm(x + self.f(x), x.shape[1:])"): NORMED.format(
            ""
        ),
        f"__init__() -> __init__()\n        self.last = nn.BatchNorm2d(c, affine=False)\n{BLOCK}self.last(x + self.f(x))": NORMED.format(
            " over the batch"
        ),
    }
)
SIDES = 40, 32


@exercise(
    Patches(
        [(3,), (5,)],
        lambda n, channels: torch.rand(n, channels, *SIDES) * 2 - 1,
        "images",
        form=functools.partial(as_map, SIDES),
        hints={"shape": functools.partial(why_no_map, SIDES), "range of the output": "End in the convolution."},
        causes={
            r"to have \d+ channels, but got": BETWEEN,
            r"mat1 and mat2": "The images stop at a linear layer: it is made for one size. What is asked for is a map of scores for images of any size: what kind of layer slides over its input instead?",
        },
    ),
    "helpers.networks:PatchDiscriminator",
    "Each patch of an image now has its own judge.",
)
class PatchDiscriminator(nn.Module):
    """Images to a map of raw scores."""

    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(
            *(nn.Conv2d(channels, 8, 4, stride=2, padding=1), nn.LeakyReLU(0.2)),
            *(nn.Conv2d(8, 8, 4, stride=2, padding=1), nn.InstanceNorm2d(8), nn.LeakyReLU(0.2)),
            nn.Conv2d(8, 1, 3, padding=1),
        )

    def forward(self, x):
        return self.net(x)


LAST = "nn.Conv2d(8, 1, 3, padding=1) -> nn.Conv2d(8, 1, 3, padding=1)"
PatchDiscriminator.mistakes.update(
    {
        f"{LAST}, nn.Sigmoid()": "That is a sigmoid. The loss here is a squared distance to 1 and to 0: is the gradient of a sigmoid large where D is badly wrong? End in the convolution.",
        f"{LAST}, nn.Tanh()": "That is a tanh, the end of a generator. D ends in the convolution.",
        f"{LAST}, nn.ReLU()": "No score is negative: an activation such as ReLU stands after the last convolution, and where it is flat D does not learn.",
        f"{LAST}, nn.LogSigmoid()": "No score is positive: a log of a probability is no raw score. End in the convolution.",
        "self.net(x) -> self.net(x).flatten(1).softmax(1).view(len(x), 1, 10, 8)": "That is a softmax: the patches do not compete, all of them can be real.",
        f"{LAST}, nn.Softmax(1)": "There every score is exactly 1: Softmax makes the channels sum to 1, and there is one. End in the convolution.",
    }
)


# --- what D says: least squares on maps of patch scores -------------------------------------------


def shown(n=2):
    """A discriminator and fakes that have a history."""
    return {"D": judge(), "fake": dark(n).requires_grad_() * 1}


def both_shown(n=2):
    """A discriminator, real images, and fakes that have a history."""
    return {"D": judge(), "real": bright(n), "fake": dark(n).requires_grad_() * 1}


NOT_ASKED = "D is never asked: a loss takes its scores of the images, D(...), and not the images themselves."


@exercise(
    Function(
        shown,
        [{}, {"n": 7}, {"n": 1}],
        learns=("fake",),
        scales=(1, 0.5),
        result="the loss",
        hints={
            "silent": NOT_ASKED,
            "shape": AVERAGE,
            "values": "Take one patch: how far is its score from what G wants to hear? Square that, and average over all patches and images.",
        },
    ),
    "helpers.losses:generator_adversarial_loss",
    "Every patch of a fake now pulls towards the score 1.",
)
def generator_adversarial_loss(D, fake):
    """Mean squared distance of D's scores of the fakes from 1."""
    s = D(fake)
    return (s - 1).square().mean()


CROSS = "That is a cross entropy, the loss of the lessons before: right elsewhere. Here D's scores are compared with 1 and 0 by their squared distance, for G and for D alike."
MEAN_FIRST = "You average the scores and then take the distance: a patch that looks too real would pay for a bad one. Each patch is judged on its own, and the average comes last."
SIGMOID = "A sigmoid is applied first. The scores are raw here, and the distance to 1 and 0 is taken of the scores themselves: outside of 0 and 1 it goes on growing, which is what keeps the gradient alive."
WASSERSTEIN = "That is a plain mean of scores, as a Wasserstein critic's or a hinge loss has it: right elsewhere. Here each score has a target, and its squared distance counts."
ABSOLUTE = "You take the absolute distance from the target: least squares squares it."
ROOT = "A root is taken of the mean square: leave it squared."
SUMMED = "You add over the patches or images, so the loss grows with their number. Average over both."
SMOOTH = (
    "This is label smoothing, with a target such as 0.9 for 1: right elsewhere. Here the plain targets are asked for."
)
SYMMETRIC = "The targets are 1 and -1: some papers choose them so. Here they are 1 and 0."
SIGN = "The sign is turned: a loss is minimised, and it is lowest, 0, where every score is on target."
FIRST = "Only one patch of each image counts. Every patch has its own score: use them all."
UNSQUARED = "The distances are not squared: a score above its target pays for one below."
BRACKETS = "The score is squared, and then the target is taken off: the distance to the target is what gets squared."
FAKE_CUT = "The fakes are cut off before D sees them, which belongs into D's step. Who learns from this loss, and along which path?"
generator_adversarial_loss.mistakes.update(
    {
        "s.square().mean()": "The target is 0: that is what D wants to say about fakes. What does G want to hear?",
        tuple(f"(s - {t}).square().mean()" for t in (0.9, 0.8, 0.95, 0.7)): SMOOTH,
        "(s + 1).square().mean()": SYMMETRIC,
        "(s - 0.5).square().mean()": "The target is 0.5, a D that cannot decide. G wants more than that: what should D say?",
        ("(s.mean() - 1) ** 2", "(s.mean((1, 2, 3)) - 1).square().mean()"): MEAN_FIRST,
        ("F.softplus(-s).mean()", "-F.softplus(s).mean()"): CROSS,
        "F.softplus(s).mean()": CROSS + " And which of the two does G want to hear?",
        "F.softplus(-s.sigmoid()).mean()": CROSS + " A sigmoid is applied twice, too.",
        ("(s.sigmoid() - 1).square().mean()", "(s.tanh() - 1).square().mean()"): SIGMOID,
        "s.sigmoid().square().mean()": SIGMOID + " And which target does G want?",
        "(s.clamp(0, 1) - 1).square().mean()": "The scores are clamped: outside of 0 and 1 D could say anything, and G would hear nothing. Use them as they are.",
        ("-s.mean()", "F.relu(1 - s).mean()"): WASSERSTEIN,
        "s.mean()": WASSERSTEIN + " The sign is D's, too.",
        ("(1 - s).mean()", "(s - 1).mean()"): UNSQUARED,
        ("(s ** 2 - 1).mean()", "(1 - s ** 2).mean()"): BRACKETS,
        ("(s - 1).abs().mean()", "F.smooth_l1_loss(s, torch.ones_like(s))"): ABSOLUTE,
        ("(s - 1).square().mean().sqrt()", "(s - 1).flatten(1).norm(dim=1).mean()"): ROOT,
        (
            "(s - 1).square().sum()",
            "(s - 1).square().sum((1, 2, 3)).mean()",
            "(s - 1).square().mean((1, 2, 3)).sum()",
        ): SUMMED,
        "-(s - 1).square().mean()": SIGN,
        "-s.square().mean()": "That is D's term with its sign turned: it only drives the scores away from 0, downwards as well. Which score should a patch get?",
        "(s - 1).square().mean() + s.square().mean()": "Two terms with both targets cancel around 0.5: G has one wish for its fakes.",
        (
            "(s[:, :, 0, 0] - 1).square().mean()",
            "(s.amax((1, 2, 3)) - 1).square().mean()",
            "(s.amin((1, 2, 3)) - 1).square().mean()",
        ): FIRST,
        "(s[0] - 1).square().mean()": "Only the first image counts: use the whole batch.",
        "D(fake) -> D(fake.detach())": FAKE_CUT,
    }
)


@exercise(
    Function(
        both_shown,
        [{}, {"n": 7}, {"n": 1}],
        learns=("D", "fake"),
        scales=(1, 2),
        result="the loss",
        hints={
            "silent": NOT_ASKED,
            "shape": AVERAGE,
            "values": "Take one patch of a real image and one of a fake: how far is each score from its target? Square, average over patches and images, and add the two.",
        },
    ),
    "helpers.losses:discriminator_adversarial_loss",
    "D now learns 1 for real and 0 for fake in every patch, and no generator hears of it.",
)
def discriminator_adversarial_loss(D, real, fake):
    """Half the mean squared distances of D's scores, reals from 1 and detached fakes from 0."""
    r, f = D(real), D(fake.detach())
    off_real, off_fake = (r - 1).square().mean(), f.square().mean()
    return (off_real + off_fake) / 2


MIXED_LOSS = "One of the two terms is another loss. " + CROSS
HALVED = "Only one of the two terms is halved: halve both or none. Where do the brackets end?"
OTHER_TARGETS = "The targets are the other way round (real 0, fake 1). Here real is 1 and fake is 0, and G's loss relies on it. Look at the targets, and at the order of the arguments."
NO_DETACH = "That leaves gradients in G_AB or G_BA, which made the fakes, and teaches them D's wish. Cut the fakes off before D sees them: a tensor has the method detach for that."
FAKES_UNHEARD = "What D says about the fakes is cut off from D, so it learns from the reals alone. The cut belongs in front of D, onto the fakes, so that D itself still learns."
discriminator_adversarial_loss.mistakes.update(
    {
        "(r.square().mean() + (f - 1).square().mean()) / 2": OTHER_TARGETS,
        "(off_real + (f - 1).square().mean()) / 2": "Both terms have the target 1. What should D say about a fake, and who would like to hear 'real'?",
        "(r.square().mean() + off_fake) / 2": "Both terms have the target 0. What should D say about a real image?",
        "off_real": "Only the reals count: a D that says 1 to everything would be the best. The fakes have no effect: if they are in your sum, is D(fake) cut off where only the fake should be?",
        "off_fake": "Only the fakes count: a D that says 0 to everything would be the best. The reals have no effect: are they in your sum?",
        tuple(
            f"((r - {up}).square().mean() + (f - {down}).square().mean()) / 2"
            for up, down in ((0.9, 0), (0.9, 0.1), (0.8, 0), (0.8, 0.2), (0.95, 0), (1, 0.1))
        ): SMOOTH,
        "(off_real + (f + 1).square().mean()) / 2": SYMMETRIC,
        (
            "((r.mean() - 1) ** 2 + f.mean() ** 2) / 2",
            "((r.mean((1, 2, 3)) - 1).square().mean() + f.mean((1, 2, 3)).square().mean()) / 2",
            "((r.mean() - 1) ** 2 + off_fake) / 2",
            "(off_real + f.mean() ** 2) / 2",
        ): MEAN_FIRST,
        "F.softplus(-r).mean() + F.softplus(f).mean()": CROSS,
        "F.softplus(r).mean() + F.softplus(-f).mean()": CROSS + " The targets are exchanged, too.",
        "F.softplus(-r.sigmoid()).mean() + F.softplus(f.sigmoid()).mean()": CROSS + " A sigmoid comes twice, too.",
        ("off_real + F.softplus(f).mean()", "F.softplus(-r).mean() + off_fake"): MIXED_LOSS,
        "(r.sigmoid() - 1).square().mean() + f.sigmoid().square().mean()": SIGMOID,
        (
            "f.mean() - r.mean()",
            "r.mean() - f.mean()",
            "(r.mean() - f.mean()).abs()",
            "F.relu(1 - r).mean() + F.relu(1 + f).mean()",
        ): WASSERSTEIN,
        "(off_real - off_fake) / 2": "The fakes' term is subtracted: D would be paid for scores far from 0. Both terms are distances from a target, and both should be small.",
        "(off_fake - off_real) / 2": "The reals' term is subtracted: D would be paid for scores far from 1. Both terms are distances from a target, and both should be small.",
        "-(off_real + off_fake) / 2": SIGN,
        "(r - 1).abs().mean() + f.abs().mean()": ABSOLUTE,
        "(r - 1).abs().mean() + off_fake": "In the reals' term: " + ABSOLUTE,
        "off_real + f.abs().mean()": "In the fakes' term: " + ABSOLUTE,
        "(r - 1).square().sum() + off_fake": "In the reals' term: " + SUMMED,
        "off_real + f.square().sum()": "In the fakes' term: " + SUMMED,
        (
            "off_real.sqrt() + off_fake.sqrt()",
            "(off_real + off_fake).sqrt()",
            "((off_real + off_fake) / 2).sqrt()",
        ): ROOT,
        (
            "off_real * r.numel() + off_fake * f.numel()",
            "off_real * r[0].numel() + off_fake * f[0].numel()",
            "off_real * len(r) + off_fake * len(f)",
        ): SUMMED,
        ("off_real / 2 + off_fake", "off_real + off_fake / 2"): HALVED,
        "(off_real + off_fake) / 4": "It is halved twice: take half of each term, or half of their sum.",
        "(r - f - 1).square().mean()": "The difference of two scores is judged, a relativistic loss: right elsewhere. Here every image is judged on its own.",
        "(r - f).square().mean()": "The scores of reals and fakes are compared with each other: D would say the same to both. What should it say to each?",
        "(off_real + r.square().mean()) / 2": "The reals are judged with both targets, and the fakes never: look at which scores go into which term.",
        "((f - 1).square().mean() + off_fake) / 2": "The fakes are judged with both targets, and the reals never: look at which scores go into which term.",
        ("(r - 1).mean() + f.mean()", "(1 - r).mean() + f.mean()"): UNSQUARED,
        "((r[:, :, 0, 0] - 1).square().mean() + f[:, :, 0, 0].square().mean()) / 2": FIRST,
        "(r ** 2 - 1).mean() + off_fake": BRACKETS,
        "off_real * off_fake": "The two terms are multiplied: add them.",
        "D(fake.detach()) -> D(fake)": NO_DETACH,
        "D(fake.detach()) -> D(fake).detach()": FAKES_UNHEARD,
        "D(real) -> D(real).detach()": "What D says about the reals is cut off from D: it learns from the fakes alone. Which images belong to a generator, and need a cut?",
    }
)


# --- the whole loss of both generators ------------------------------------------------------------


def game(n=2, height=6, width=10, lambda_cyc=10.0, lambda_id=4.0):
    """The four networks, images of both domains, and the weights of two terms."""
    nets = pair(n, height, width)
    a, b = nets.pop("a"), nets.pop("b")
    judges = {"D_A": judge((3, height, width)), "D_B": judge((3, height, width))}
    return {**nets, **judges, "a": a, "b": b, "lambda_cyc": lambda_cyc, "lambda_id": lambda_id}


def parted(answer, *arguments):
    """A weighted loss, called with some of its weights at 0: what each of its three terms adds.

    Last, what both weights do together (small, so that it is 0 but for rounding).
    """
    *rest, lambda_cyc, lambda_id = arguments
    adversarial = answer(*rest, 0.0, 0.0)
    if not torch.is_tensor(adversarial) or adversarial.numel() != 1:
        return adversarial
    cycle, identity = answer(*rest, lambda_cyc, 0.0), answer(*rest, 0.0, lambda_id)
    more = answer(*rest, lambda_cyc, lambda_id) - cycle - identity + adversarial
    found = adversarial, cycle - adversarial, identity - adversarial, more / 1000
    return torch.stack([x.reshape(()) for x in found])


class Weighted(Function):
    """A sum of an adversarial, a cycle and an identity term: each term is judged by itself."""

    terms = [
        ("the loss with both lambdas 0 (the adversarial part)", (1, 0.5, 0.25)),
        ("the part that lambda_cyc = {lambda_cyc:g} adds", (1, 0.5)),
        ("the part that lambda_id = {lambda_id:g} adds", (1, 0.5)),
    ]

    def as_called(self, answer):
        """One call for each setting of the weights."""
        return functools.partial(parted, answer)

    def tensors_of(self, play):
        """One number stands for all that are found."""
        return [play.result[0] if play.result.dim() == 1 else play.result]

    def values(self, play):
        """What the weights do; then term by term, each with the multiples that are right for it."""
        found, given = play.result.detach(), play.cast
        wanted = "with lambda_cyc = {lambda_cyc:g} and lambda_id = {lambda_id:g}".format(**given)

        def words(seen, expected):
            a, b = (float(x[0][:3].sum() + 1000 * x[0][3]) for x in (seen, expected))
            return f"{wanted} the loss is {a:.4g}, expected {b:.4g}."

        yield Aspect("lambdas", [found], words, same=self.weighs_alike, series=True)
        for name, part, (what, scales) in zip("012", found, self.terms):
            told = f"{what.format(**given)} is {{}}"
            same = functools.partial(equal, scales=scales)
            yield Aspect(f"values {name}", [part], told, same=same, series=True)

    @staticmethod
    def weighs_alike(a, b):
        """Whether each weight does something, and by itself: or the numbers are the same."""
        fine = [(x[0] > 1e-4).tolist() == [True, True, True, False] for x in (a, b)]
        return all(fine) or equal(a, b)

    def gradient(self, play, name):
        """One row for each term."""
        leaves = list(play.cast[name].parameters())
        rows = [
            torch.autograd.grad(x, leaves, retain_graph=True, allow_unused=True, materialize_grads=True)
            for x in play.result[:3]
        ]
        return torch.stack([torch.cat([g.flatten() for g in row]) for row in rows])

    def same(self, a, b):
        """Whether the gradients of all terms are right."""
        pairs = [(a, b)] if torch.is_tensor(a) else zip(a, b, strict=True)
        return all(equal(row, wanted, scales) for x, y in pairs for row, wanted, (_, scales) in zip(x, y, self.terms))


@exercise(
    Weighted(
        game,
        [{}, {"n": 1, "lambda_cyc": 3.0, "lambda_id": 7.0}],
        learns=("G_AB", "G_BA"),
        result="the loss",
        hints={
            "shape": AVERAGE,
            "values 0": "Two terms: each fake goes to the discriminator of the domain that it imitates, and wants the score 1 in every patch.",
            "values 1": HOME,
            "values 2": STAY,
        },
    ),
    "helpers.losses:cyclegan_generator_loss",
    "Both generators now have one number to lower, and you set what weighs how much.",
)
def generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, lambda_id):
    """Adversarial, both ways, + lambda_cyc * cycle + lambda_id * identity."""
    judged = generator_adversarial_loss(D_B, G_AB(a)) + generator_adversarial_loss(D_A, G_BA(b))
    cycle = cycle_loss(G_AB, G_BA, a, b)
    same = identity_loss(G_AB, G_BA, a, b)
    return judged + lambda_cyc * cycle + lambda_id * same


AT_B, AT_A = "generator_adversarial_loss(D_B, G_AB(a))", "generator_adversarial_loss(D_A, G_BA(b))"
ONE_SIDE = "One generator alone hears a discriminator. What {} has no effect: is it in your sum, without detach? There are two translations, and each has its judge."
BY_B, BY_A = ONE_SIDE.format("D_B says about G_AB(a)"), ONE_SIDE.format("D_A says about G_BA(b)")
REALS = "The discriminators judge only the images of a and b. Real images are judged here, and no generator can change the answer. What does a generator want judged?"
CUT = "A fake is cut off before a discriminator sees it, which belongs into D's step. Here the generators learn from what D says."
JUDGES = {  # what may be wrong with the adversarial terms, in the loss and in the step
    f"{AT_B} -> generator_adversarial_loss(D_A, G_AB(a))\n{AT_A} -> generator_adversarial_loss(D_B, G_BA(b))": "Each fake is shown to the discriminator of the domain from which it came: D_A would be asked whether zebras are real horses. Which of the two has seen real zebras?",
    f"{AT_A} -> generator_adversarial_loss(D_B, G_BA(b))": "Both fakes go to D_B, and D_A is never asked. Which of the two has seen real horses?",
    f"{AT_B} -> generator_adversarial_loss(D_A, G_AB(a))": "Both fakes go to D_A, and D_B is never asked. Which of the two has seen real zebras?",
    (f"{AT_A} -> 0", f"{AT_A} -> {AT_B}"): BY_A,
    (f"{AT_B} -> 0", f"{AT_B} -> {AT_A}"): BY_B,
    f"{AT_B} -> generator_adversarial_loss(D_B, b)\n{AT_A} -> generator_adversarial_loss(D_A, a)": REALS,
    f"{AT_B} -> generator_adversarial_loss(D_B, G_AB(b))\n{AT_A} -> generator_adversarial_loss(D_A, G_BA(a))": "The discriminators judge images that never changed their domain, G_AB(b) and G_BA(a). A fake of B is made from an image of A.",
    f"{AT_B} -> generator_adversarial_loss(D_A, G_BA(G_AB(a)))\n{AT_A} -> generator_adversarial_loss(D_B, G_AB(G_BA(b)))": "The discriminators judge the images that came home from a tour. They judge translations, halfway.",
    f"{AT_B} -> D_B(G_AB(a)).square().mean() + (D_B(b) - 1).square().mean()\n{AT_A} -> D_A(G_BA(b)).square().mean() + (D_A(a) - 1).square().mean()": "That is the discriminators' loss. The generators want the fakes called real.",
    (
        f"{AT_B} -> D_B(G_AB(a)).square().mean()\n{AT_A} -> D_A(G_BA(b)).square().mean()"
    ): "The target of the fakes is 0: that is what a D wants to say. What does a generator want to hear?",
    "judged = -> judged = -1 * ": "One of the signs is turned: all terms should become small, so all are added.",
}
IGNORED = "One of the lambdas has no effect: its term has to grow with it."
MIXED = "One lambda multiplies more than its own term: where do the brackets end?"
MINUS = "A term is subtracted: a bad reconstruction would then lower the loss. All three are to become small, so all three are added."
CONVENTION = "The identity term is multiplied by both lambdas: some programs mean lambda_id as a share of lambda_cyc. Here each lambda multiplies its own term alone."
generator_loss.mistakes.update(
    {
        f"{AT_A} -> {AT_A} + (D_A(a) - 1).square().mean() + (D_B(b) - 1).square().mean()": "D's scores of the real images take part, too: no generator can change those.",
        "judged + lambda_id * cycle + lambda_cyc * same": "The two lambdas are exchanged: lambda_cyc belongs to the cycle, lambda_id to the identity. Look at the order of the arguments, too.",
        "lambda_cyc * judged + cycle + lambda_id * same": "lambda_cyc multiplies the adversarial part: it tells how much the way home weighs beside it.",
        "lambda_id * judged + lambda_cyc * cycle + same": "lambda_id multiplies the adversarial part: it tells how much the identity weighs beside it.",
        "judged + lambda_cyc * (cycle + lambda_id * same)": CONVENTION,
        "judged + lambda_cyc * cycle": "The identity term is missing: lambda_id changes nothing.",
        "judged + lambda_id * same": "The cycle term is missing: lambda_cyc changes nothing, and nothing leads home.",
        "lambda_cyc * cycle + lambda_id * same": "The adversarial part is missing: with both lambdas 0 the loss is 0, and doing nothing would be the best translation.",
        "judged": "Only the adversarial part is there: neither lambda changes anything.",
        "lambda_cyc * cycle": "Only the cycle is there, and two generators that do nothing pass it.",
        "judged + cycle + same": "The three terms are there, and neither lambda has an effect.",
        (
            "judged + 10 * cycle + 5 * same",
            "judged + 10 * cycle + 0.5 * same",
            "judged + 10 * cycle + 4 * same",
        ): "Neither lambda changes the loss: the weights come in as arguments, and the caller chooses.",
        ("judged + cycle + lambda_id * same", "judged + lambda_cyc * cycle + same"): IGNORED,
        (
            "lambda_cyc * (judged + cycle) + lambda_id * same",
            "lambda_cyc * (judged + cycle + lambda_id * same)",
            "(judged + lambda_cyc * cycle) * lambda_id + same",
            "judged + lambda_cyc * (cycle + same)",
            "judged + lambda_id * (cycle + same)",
            "judged + lambda_cyc * cycle + lambda_id * (cycle + same)",
            "judged + lambda_cyc * (cycle + same) + lambda_id * same",
            "judged + (lambda_cyc + lambda_id) * (cycle + same)",
            "lambda_cyc * lambda_id * (judged + cycle + same)",
            "judged * (lambda_cyc * cycle + lambda_id * same)",
        ): MIXED,
        (
            "judged - lambda_cyc * cycle + lambda_id * same",
            "judged + lambda_cyc * cycle - lambda_id * same",
            "judged - lambda_cyc * cycle - lambda_id * same",
            "-judged + lambda_cyc * cycle + lambda_id * same",
        ): MINUS,
        "-(judged + lambda_cyc * cycle + lambda_id * same)": "The sign of the whole is turned: a loss is minimised, and all three parts should shrink.",
        "(1 - lambda_cyc - lambda_id) * judged + lambda_cyc * cycle + lambda_id * same": "The weights are made to add up to 1: here the adversarial part has the weight 1, and the lambdas may be as large as they like.",
        "judged + (1 + lambda_cyc) * cycle + (1 + lambda_id) * same": "Each term is counted once without its lambda, too.",
        "judged + lambda_cyc ** 2 * cycle + lambda_id ** 2 * same": "The lambdas act twice: each is squared. Does one of your terms hold its lambda already?",
        "(judged + lambda_cyc * cycle + lambda_id * same) / 3": "The three terms are averaged: here they are added, so that the weights are those given.",
    }
    | JUDGES
    | {
        f"{AT_B} -> generator_adversarial_loss(D_B, G_AB(a).detach())\n{AT_A} -> generator_adversarial_loss(D_A, G_BA(b).detach())": CUT,
        (
            f"{AT_B} -> generator_adversarial_loss(D_B, G_AB(a).detach())",
            f"{AT_A} -> generator_adversarial_loss(D_A, G_BA(b).detach())",
        ): f"{CUT} One of your two terms is right: compare them.",
    }
)

# --- freezing -------------------------------------------------------------------------------------


class Nested(nn.Sequential):
    """Layers in layers, in mixed modes, one weight of which is frozen already."""

    def __init__(self):
        inner = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.InstanceNorm2d(4, affine=True))
        last = nn.LeakyReLU(0.2), nn.Dropout(0.1)
        super().__init__(nn.Conv2d(3, 4, 3, padding=1), inner, *last)
        self.scale = nn.Parameter(torch.ones(1))
        self.train()[3].eval()
        inner[0].weight.requires_grad_(False)
        self.born, self.first = self.modes(), [p.detach().clone() for p in self.parameters()]
        self.learns = [p.requires_grad for p in self.parameters()]

    def modes(self):
        """The mode of each layer."""
        return [module.training for module in self.modules()]

    def passes(self):
        """Whether a gradient gets through to its input."""
        x = torch.rand(1, 3, 5, 6, requires_grad=True)
        y = self(x)
        return y.requires_grad and bool(torch.autograd.grad(y.square().sum(), x)[0].abs().sum() > 0)

    def reset(self):
        """Another one: what was done to this one is not known."""
        return Nested()


class Freezing(Function):
    """A function that switches the weights of a list of networks on or off."""

    def reading(self, answer, role):
        """And which variable of a loop gets another value inside of it."""
        yield from super().reading(answer, role)
        words = lambda a, b: f"They are as they were: {a} = ... gives the name {a} to something else."
        hint = "The weight stays as it is. Which attribute of the weight can be set?"
        yield Aspect("renamed", renamed(answer), words, hint, CLUE)

    def conduct(self, play):
        """What else has changed than the flags."""
        on = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        words = "afterwards gradients are switched off everywhere in PyTorch, expected only for the weights of these networks."
        yield Aspect("grad mode", on, lambda a, b: words, OFF)
        nets = play.cast["nets"]
        own = any("requires_grad" in vars(net) for net in nets)
        odd = sorted({key for net in nets for p in net.parameters() for key in vars(p)})
        yield Aspect("attribute", own, lambda a, b: NO_WEIGHT[0], NO_WEIGHT[1], CLUE)
        spelling = lambda a, b: f"The weights have a new attribute {' and '.join(a)}:"
        yield Aspect("spelling", odd, spelling, "compare the spelling, letter by letter.", CLUE)
        yield Aspect("mode", any(net.modes() != net.born for net in nets), lambda a, b: MODES, "", CLUE)

    def values(self, play):
        """The flags; then the modes, the weights, and whether a gradient still passes."""
        nets, flag = play.cast["nets"], play.cast["flag"]
        call = f"set_requires_grad(nets, {flag})"
        flags = [p.requires_grad for net in nets for p in net.parameters()]
        many = f"{len(nets)} network{'s' * (len(nets) > 1)}"
        words = lambda a, b: (
            f"after {call} with {many}, {a.count(not flag)} of {len(a)} weights have requires_grad {not flag}, expected {flag} for all."
        )
        idle = flags == [flag for net in nets for flag in net.learns]
        yield Aspect(f"flags of {many}", flags, words, AS_BEFORE if idle else "")
        changed = sum(a != b for net in nets for a, b in zip(net.modes(), net.born))
        yield Aspect("modes", changed, f"{call} also changes the mode of {{}} layers", MODES)
        same = all(
            map(torch.equal, (p for net in nets for p in net.parameters()), (p for net in nets for p in net.first))
        )
        words = lambda a, b: "the values of the weights have changed, expected them as they were: freezing keeps them."
        yield Aspect("kept", same, words)
        passed = all(net.passes() for net in nets)
        words = lambda a, b: (
            "no gradient gets through a frozen network to its input, expected one: the generators learn through D."
        )
        yield Aspect("path", passed, words, "Only the weights are to be frozen, not the forward pass.")


AS_BEFORE = "They are as they were before the call: detach() and .data give another tensor, and leave the weight as it is. What has a weight itself that can be set?"
OFF = "The generators must go on learning, and the gradient has to pass through D to reach them. What has a weight of its own to set?"
MODES = "train() and eval() change what dropout and norm layers do, and the weights learn in both. Which attribute of a weight says whether it gets a gradient?"
NO_WEIGHT = (
    "The networks have an attribute requires_grad now, and that has no effect: a network is no weight.",
    "Go through its parameters, or use the method that ends in _.",
)


def renamed(answer):
    """The variable of a loop that is assigned to inside it, or None."""
    steps = list(dis.get_instructions(answer)) if hasattr(answer, "__code__") else []
    stores = [
        (step.argval, before.opname == "FOR_ITER")
        for before, step in zip(steps, steps[1:])
        if step.opname == "STORE_FAST"
    ]
    loops = {name for name, loop in stores if loop}
    return next((name for name, loop in stores if not loop and name in loops), None)


@exercise(
    Freezing(
        lambda count, flag: {"nets": [Nested() for _ in range(count)], "flag": flag},
        [{"count": 3, "flag": False}, {"count": 3, "flag": True}, {"count": 1, "flag": False}],
        outcome=lambda play: None,
    ),
    "helpers.translation:set_requires_grad",
    "A frozen D now saves the gradients that nobody uses, and still teaches G.",
    stretch=True,
)
def set_requires_grad(nets, flag):
    """Every weight of all networks learns, or none does."""
    for net in nets:
        for weight in net.parameters():
            weight.requires_grad = flag


SET, EACH = "weight.requires_grad = flag", "for weight in net.parameters()"
NO_FLAG = "All are the wrong way round, whatever they were before: does your code use flag? requires_grad_() without an argument means True."
SOME = "Some of the networks are set, and others are not: go through all of nets."
set_requires_grad.mistakes.update(
    {
        tuple(f"= flag -> = {other}" for other in ("True", "False", "not flag")): NO_FLAG,
        "in nets -> in nets[:1]": "Only the first network is set: nets[0] is one of them, and a return inside the loop stops after one. What goes through all of nets?",
        "in nets -> in nets[-1:]": "Only the last network is set: what stands behind the loop sees that one alone.",
        ("in nets -> in nets[1:]", "in nets -> in nets[:-1]", "in nets -> in nets[::2]"): SOME,
        (
            "net.parameters() -> net.parameters(recurse=False)",
            "net.parameters() -> [*net[0].parameters(), net.scale]",
            "net.parameters() -> net[0].parameters()",
        ): "Layers inside of layers are left out: parameters() of the network finds them.",
        f"{SET} -> weight.requires_grad = flag if weight.dim() > 1 else weight.requires_grad": "Only the weights with several axes are set: biases learn, too.",
        f"{SET} -> weight.requires_grad = flag if weight.dim() == 1 else weight.requires_grad": "Only the biases are set: all of parameters() learn.",
    }
)

# --- one optimiser for two networks ---------------------------------------------------------------


class Adam(torch.optim.Adam):
    """Adam without torch's wrapper, which would load the compiler."""

    def add_param_group(self, group):
        """Adam's own."""
        inspect.unwrap(torch.optim.Adam.add_param_group)(self, group)


class Optimiser(Function):
    """A function that makes an optimiser for networks, or a list of them: what it holds, and how."""

    def form(self, play):
        """Whether it is an optimiser."""
        odd = [thing for thing in optimisers(play) if not isinstance(thing, torch.optim.Optimizer)]
        found = kind_of(odd[0]) if odd else "an optimiser" if optimisers(play) else "an empty list"
        yield Aspect("type", found, "{} came back", NO_OPTIMISER)

    def values(self, play):
        """Whose weights it holds, and how often; then of what sort it is, and how far it steps."""
        groups = [group for opt in optimisers(play) for group in opt.param_groups]
        held = [id(p) for group in groups for p in group["params"]]
        own = {name: [id(p) for p in net.parameters()] for name, net in play.nets.items()}
        found = {name: sum(i in held for i in ids) for name, ids in own.items()}
        counts = [f"{n} of {len(own[name])} weights of {name}" for name, n in found.items()]
        yield Aspect("held", counts, "the optimiser holds {}", functools.partial(why_less, found))
        twice = [name for name, ids in own.items() if any(held.count(i) > 1 for i in ids)]
        yield Aspect("twice", twice, "the weights are in it twice, those of {}", TWO_TIMES)
        foreign = len(set(held) - {i for ids in own.values() for i in ids})
        yield Aspect("foreign", foreign, "the optimiser also holds {} tensors of neither generator", OWN)
        names = [type(opt).__name__ for opt in optimisers(play)]
        other = [name for name in names if "Adam" not in name or name == "Adamax"]
        yield Aspect("sort", other[:1] or ["Adam"], "the optimiser is {}", "Its two betas are asked for.")
        rates = [torch.tensor([float(group["lr"]) for group in groups]).unique()]
        words = f"with lr = {play.cast['lr']:g} the learning rate is {{}}"
        yield Aspect("lr", rates, words, functools.partial(why_rate, play.cast["lr"]))
        betas = [tuple(map(float, group["betas"])) for group in groups]
        odd = [pair for pair in betas if abs(pair[0] - 0.5) > 1e-6 or pair[1] < 0.9]
        yield Aspect("betas", odd[:1] or [(0.5, 0.999)], "the betas are {}", why_betas)
        up = any(group.get("maximize") for group in groups)
        yield Aspect("maximize", up, "maximize is {}", "The loss should fall.")
        yield Aspect("one", len(names), hint=TWO, role=REMARK)
        decay = any(group["weight_decay"] for group in groups)
        yield Aspect(
            "decay", decay, hint="It also shrinks the weights a little in every step (weight_decay).", role=REMARK
        )


NO_OPTIMISER = {"None": "A function without return gives None: look at its last line."} | dict.fromkeys(
    ("a chain", "a generator", "a list", "a dict", "an empty list", "a function", "a type"),
    "What is asked for has the methods step and zero_grad: something from torch.optim, or a list of them.",
)
TWO_TIMES = "They would move twice in a step: each weight goes in once."
OWN = "The discriminators have their own."
TWO = "A list is as right, but the steps of this lesson call zero_grad and step of one opt_G: put both generators' weights into one optimiser."


def optimisers(play):
    """What came back, as a list."""
    return list(play.result) if isinstance(play.result, (list, tuple)) else [play.result]


def why_less(found, seen, expected):
    """Where weights may have stayed."""
    if not any(found.values()):
        return "Copies are other tensors: hand over what parameters() gives, of the arguments."
    lost = [name for name, n in found.items() if not n]
    if lost:
        return f"{lost[0]} would never learn. Both sets of weights go in: which function of itertools puts one behind the other, or which operation joins two lists?"
    return "Some are missing: did something else take them from the iterator before?"


def why_rate(lr, seen, expected):
    """Where another learning rate may come from."""
    rate = float(seen[0][seen[0] != expected[0][0]][0]) / lr
    known = {
        0.001 / lr: "That is Adam's own default: lr comes in as an argument, and has to be handed on.",
        0.0002 / lr: "That is the rate of many papers: here lr comes in as an argument.",
        0.5: "It is halved: one rate for both networks, as it comes in.",
        2.0: "It is doubled: one rate for both networks, as it comes in.",
    }
    near = [why for ratio, why in known.items() if abs(rate - ratio) < 1e-3 * ratio]
    return near[0] if near else "Hand lr on as it comes in, to all weights."


def why_betas(seen, expected):
    """Where other betas may come from."""
    first, second = seen[0]
    if abs(second - 0.5) < 1e-6 and first > 0.5:
        return "The two are exchanged. Which of them averages the gradient, and which its square?"
    if abs(first - 0.9) < 1e-6:
        return "0.9 is Adam's default: its average reaches far back, to a game that is over."
    if abs(first - 0.5) > 1e-6:
        return "beta1, the first, is the memory of the gradient's average."
    return "With so short a memory of the squares the steps jump."


@exercise(
    Optimiser(
        lambda lr: {"G_AB": translator(), "G_BA": translator(), "lr": lr},
        [{"lr": 0.0007}, {"lr": 0.013}],
        outcome=lambda play: None,
    ),
    "helpers.translation:make_generator_optimizer",
    "One step now moves both generators.",
    stretch=True,
)
def make_generator_optimizer(G_AB, G_BA, lr):
    """Adam over the weights of both generators, beta1 = 0.5."""
    return Adam([*G_AB.parameters(), *G_BA.parameters()], lr=lr, betas=(0.5, 0.999))


# --- a step of both generators --------------------------------------------------------------------


def quartet(n=4, height=6, width=10, lambda_cyc=10.0):
    """The four networks, the generators' optimiser, and images of both domains."""
    cast = game(n, height, width)
    nets = {name: cast.pop(name) for name in ("G_AB", "G_BA", "D_A", "D_B")}
    opt_G = WatchedSGD(nets["G_AB"], nets["G_BA"])
    return {**nets, "opt_G": opt_G, "a": cast["a"], "b": cast["b"], "lambda_cyc": lambda_cyc}


@exercise(
    Step(
        quartet,
        ["G_AB", "G_BA"],
        [
            {},
            {"n": 3, "height": 8, "width": 6, "lambda_cyc": 3.0, "leftover": ["D_A", "D_B"], "again": True},
            {"n": 1, "lambda_cyc": 5.0, "leftover": ["D_A", "D_B"], "again": True},
        ],
        together=True,
        scales=(1, 0.5),
        through=["D_A", "D_B"],
        untidy="Not frozen: {}. So backward fills .grad there, too, work that nobody uses here.",
        hints={
            "update direction": "Follow a: G_AB translates it, D_B judges that, G_BA leads it home, where it should be a again; then b."
        },
    ),
    "helpers.translation:cyclegan_generator_step",
    "Both generators now follow their judges, and find the way home.",
)
def generator_step(G_AB, G_BA, D_A, D_B, opt_G, a, b, lambda_cyc):
    """One SGD step of G_AB and G_BA on adversarial + lambda_cyc * cycle loss."""
    D_A.requires_grad_(False), D_B.requires_grad_(False)
    judged = generator_adversarial_loss(D_B, G_AB(a)) + generator_adversarial_loss(D_A, G_BA(b))
    loss = judged + lambda_cyc * cycle_loss(G_AB, G_BA, a, b)
    opt_G.zero_grad()
    loss.backward()
    opt_G.step()
    D_A.requires_grad_(True), D_B.requires_grad_(True)


SUM, CYCLE = "loss = judged + lambda_cyc * cycle_loss(G_AB, G_BA, a, b)", "cycle_loss(G_AB, G_BA, a, b)"
ALSO_SAME = "An identity term is in it as well, which this step leaves out: adversarial and cycle loss only."
UNHEARD = "The adversarial terms have no effect: the fakes are cut off (detach, .data, .item(), no_grad) before or behind D. That belongs into D's step; here the gradient has to travel through D into the generators."
generator_step.variants.update(
    {f"{SUM} -> loss = judged / 2 + lambda_cyc * {CYCLE}": "", f"{SUM} -> loss = judged + lambda_cyc * {CYCLE} / 2": ""}
)
generator_step.mistakes.update(
    {
        f"{SUM} -> loss = lambda_cyc * {CYCLE}": UNHEARD,
        f"{SUM} -> loss = judged": "The cycle has no effect: is the loss of the tours in your sum, without no_grad, detach or .item()? A tour needs both generators, one after the other.",
        f"{SUM} -> loss = judged + {CYCLE}": "lambda_cyc does not enter.",
        f"{SUM} -> loss = lambda_cyc * judged + {CYCLE}": "lambda_cyc multiplies the adversarial terms: how much is the cycle to count?",
        f"{SUM} -> loss = lambda_cyc * (judged + {CYCLE})": "lambda_cyc multiplies everything: where do the brackets end?",
        f"{SUM} -> loss = judged + lambda_cyc ** 2 * {CYCLE}": "lambda_cyc enters twice: look for a term that holds it already.",
        (
            f"{SUM} -> loss = judged + lambda_cyc * {TOUR} + {turned(TOUR)}",
            f"{SUM} -> loss = judged + {TOUR} + lambda_cyc * {turned(TOUR)}",
        ): "The two tours count differently: does lambda_cyc multiply both? Look at brackets.",
        (
            f"{SUM} -> loss = judged + 10 * {CYCLE}",
            f"{SUM} -> loss = judged + 5 * {CYCLE}",
        ): "Which number weighs the cycle? lambda_cyc comes in as an argument.",
        tuple(
            f"{SUM} -> loss = judged + lambda_cyc * {CYCLE} + {weight} * identity_loss(G_AB, G_BA, a, b)"
            for weight in ("0.5 * lambda_cyc", "lambda_cyc", 1, 5, 0.5)
        ): ALSO_SAME,
        f"{SUM} -> loss = judged - lambda_cyc * {CYCLE}": "One of the signs is turned: all terms should become small, so all are added.",
        f"{SUM} -> loss = -judged - lambda_cyc * {CYCLE}": "All signs are turned: the step climbs. Optimisers go down by themselves.",
    }
    | {
        f"{AT_B} -> generator_adversarial_loss(D_B, G_AB(a).detach())\n{AT_A} -> generator_adversarial_loss(D_A, G_BA(b).detach())": UNHEARD,
        f"{AT_B} -> generator_adversarial_loss(D_B, G_AB(a).detach())": BY_B,
        f"{AT_A} -> generator_adversarial_loss(D_A, G_BA(b).detach())": BY_A,
    }
    | JUDGES
)


# --- a history of fakes ---------------------------------------------------------------------------


@exercise(
    Dialogue(
        hints={
            "query": "Look at the spelling and at the indentation.",
            "waits": "You draw a place while there is still room: is the pool full before the coin is tossed?",
            "shape": {
                "joined": "The images are joined along the channels: which function makes a new axis?",
                "no batch": "The batch axis is gone: a batch of one image is still a batch.",
                "axis": "An axis is left over: the images are stored with a batch axis, and stacked. Which function joins along an axis that is there?",
                "one for all": "One image comes back for the whole batch: there is one answer for each.",
                "count": "While the pool fills, each image comes back. Look for a branch that appends nothing, or twice, and for two that both run.",
                "count full": "Each gets an image back. Look for a branch that appends nothing, or twice, and for two that both run.",
                "other": "As many images come back as go in, in one tensor.",
            },
            "batch": "The generators' loss may still need it.",
            "alone": "So both share one list: a list in the class body, or as a default argument, belongs to all pools: where does each get its own?",
            "fills": {
                "order": "The order has changed: each at its own place.",
                "others": "The coin and the swap begin when the pool is full: what does D need while there is no history?",
            },
            "hangs": "D's step would reach back into it, and into steps that are long over. Which method of a tensor cuts it off?",
            "graphs": "Every stored image with its graph keeps all that its generator computed in memory. Cut them off before they are stored.",
            "written": "A slice of a batch shares its memory, detach() does, too: what is stored has to be a copy.",
            "strange": "Nothing is averaged or scaled here.",
            "half": {
                "no old one": "No image of the past ever comes back: which of the two should D see when a new one takes the place of an old one?",
                "a queue": "Each comes back the same number of images later: that is a queue, and D never sees the newest fakes. Where is the chance?",
                "no new one": "D never sees the newest fakes: when does a new one go straight through?",
                "coin": "Look at the condition of the coin.",
            },
            "chance": "Whether an old one comes, and which, is drawn anew for every image. Set no seed inside the pool.",
            "stored": {
                "one more": "The pool takes one image too many before the coin begins. Compare < and <=.",
                "batches": "Its places hold whole batches: each image has a place of its own.",
                "all": "Nothing has left so far: where does your code use size?",
                "grows": "An image that comes in takes the place of the one that goes out.",
            },
            "full": "The pool takes one image too many before the coin begins. Compare < and <=.",
            "renewed": "So the pool stays as it was filled: when does a new fake get into it?",
            "once": "What is given out leaves, and the new one takes its own place.",
            "either": "A new image is either returned or stored.",
            "places": {
                "one place": "The swap is always at the same place, so the last stored one goes out again. Draw the place.",
                "left out": "So a place of the pool is never drawn: compare both ends of the range with size.",
            },
            "oldest": "That is a queue. Draw the place.",
            "one coin": "One coin decides for the whole batch: with one for each image, batches are mixed.",
        }
    ),
    "helpers.translation:ImagePool",
    "D now meets old fakes again, and G cannot win by going in circles.",
    stretch=True,
)
class ImagePool:
    """New images, or old ones for them: a coin for each, once the pool is full."""

    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, batch):
        return torch.stack([self.one(image) for image in batch.detach().clone()])

    def one(self, image):
        if len(self.images) < self.size:
            self.images.append(image)
        elif torch.rand(()) < 0.5:
            i = torch.randint(self.size, ()).item()
            image, self.images[i] = self.images[i], image
        return image


# --- a step of both discriminators ----------------------------------------------------------------


def judges_step(n=4, height=6, width=10):
    """Both discriminators, their optimiser, and images of both domains, the fakes with a history."""
    cast = game(n, height, width)
    fakes = [cast[G].body(cast[x]).detach().requires_grad_() for G, x in (("G_BA", "b"), ("G_AB", "a"))]
    D_A, D_B = cast["D_A"], cast["D_B"]
    images = {"a": cast["a"], "b": cast["b"], "fake_a": fakes[0], "fake_b": fakes[1]}
    return {"D_A": D_A, "D_B": D_B, "opt_D": WatchedSGD(D_A, D_B), **images}


@exercise(
    Step(
        judges_step,
        ["D_A", "D_B"],
        [{}, {"n": 3, "height": 8, "width": 6, "leftover": True}, {"n": 1, "leftover": True}],
        together=True,
        scales=(1, 0.5, 2),
        hints={
            "update direction": "Take one patch of a real image and one of a fake: how far is each score from its target? Square, average over patches and images, and add the two."
        },
    ),
    "helpers.translation:cyclegan_discriminator_step",
    "Each discriminator now learns its own domain, and the generators keep their gradients.",
)
def discriminator_step(D_A, D_B, opt_D, a, b, fake_a, fake_b):
    """One SGD step of D_A and D_B, each on its reals (1) and its detached fakes (0)."""
    loss_A = discriminator_adversarial_loss(D_A, a, fake_a)
    loss_B = discriminator_adversarial_loss(D_B, b, fake_b)
    loss = loss_A + loss_B
    opt_D.zero_grad()
    loss.backward()
    opt_D.step()


ABROAD = "A discriminator gets the fakes of the other domain: it would learn to tell horses from zebras. fake_b was made from a, and which domain does it imitate?"
ABROAD_REAL = "A discriminator gets the reals of the other domain: it would accept zebras as real horses. Which reals belong to D_A?"
discriminator_step.variants.update(
    {
        "loss_A = -> opt_D.zero_grad()\n    discriminator_adversarial_loss(D_A, a, fake_a).backward()\n    opt_D.step()\n    loss_A = 0 * \nloss = loss_A + loss_B -> loss = loss_B": "",
        "loss_A = -> fake_a.detach_(), fake_b.detach_()\n    loss_A = ": "detach_ cuts the caller's fakes as well: detach leaves them as they are.",
    }
)
discriminator_step.mistakes.update(
    {
        (
            "(D_A, a, fake_a) -> (D_A, a, fake_b)\n(D_B, b, fake_b) -> (D_B, b, fake_a)",
            "(D_A, a, fake_a) -> (D_A, a, fake_b)",
            "(D_B, b, fake_b) -> (D_B, b, fake_a)",
        ): ABROAD,
        (
            "(D_A, a, fake_a) -> (D_A, b, fake_a)\n(D_B, b, fake_b) -> (D_B, a, fake_b)",
            "(D_A, a, fake_a) -> (D_A, b, fake_a)",
            "(D_B, b, fake_b) -> (D_B, a, fake_b)",
        ): ABROAD_REAL,
        (
            "(D_A, a, fake_a) -> (D_A, b, fake_b)\n(D_B, b, fake_b) -> (D_B, a, fake_a)",
            "(D_A, a, fake_a) -> (D_A, b, fake_b)",
            "(D_B, b, fake_b) -> (D_B, a, fake_a)",
        ): "D_A judges what belongs to domain B, and D_B the other way round: some programs name them so. Here D_A has to know A: the reals a, and the fakes that imitate them.",
        "opt_D.zero_grad()\nfor D, x, fake in ((D_A, a, fake_a), (D_B, b, fake_b)):\n    discriminator_adversarial_loss(D, x, fake).backward()\n    opt_D.step()\nreturn": "opt_D steps 2 times, and each step moves all that has a gradient, also what has moved already. Add the losses and step once.",
        "loss.backward() -> (-loss).backward()": "The sign is turned: the step climbs. A loss is minimised.",
        "opt_D.zero_grad() -> loss = generator_adversarial_loss(D_A, fake_a.detach()) + generator_adversarial_loss(D_B, fake_b.detach())\n    opt_D.zero_grad()": "That is the generators' loss: they want their fakes called real. What does D want to say about fakes, and about reals?",
    }
)
