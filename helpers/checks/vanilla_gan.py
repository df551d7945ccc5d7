"""Checks of lesson 3, a vanilla GAN on MNIST: each exercise with its known mistakes.

Real is 1, fake is 0, D returns logits (N,) or (N, 1), images live in [-1, 1].
"""

import math  # noqa: F401, an edit divides by its log
import numbers

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers.checks import CheckError, Topic
from helpers.checks.aspects import Aspect, kind_of
from helpers.checks.casts import discriminator, generator, reals, tiny
from helpers.checks.kinds.draw import Draw, unlike
from helpers.checks.kinds.function import COUNT, Function
from helpers.checks.kinds.network import Network
from helpers.checks.kinds.step import Step
from helpers.checks.plays import WatchedSGD

SPATIAL = "Instance norm averages over the pixels of an image, and a logit is one number. Expected: it runs through."
topic = Topic([("Expected more than 1 spatial element", SPATIAL)])
exercise, progress = topic.exercise, topic.progress
BCE = F.binary_cross_entropy_with_logits

# --- losses ---------------------------------------------------------------------------------------

REAL = torch.tensor([1.5, -0.5, 2.25, 0.25, 0.75])
FAKE = torch.tensor([-2.0, 0.5, 1.25, -0.75, 1.8])


def logits(n=0, unit=False, size=0.0, column=True):
    """Logits of D on reals and fakes: worked ones, n random ones (from 0 to 1), three of one size."""
    real, fake = (torch.randn(n) * 2, torch.randn(n) * 2 + 0.3) if n else (REAL, FAKE)
    if unit:
        real, fake = real.sigmoid(), fake.sigmoid()
    if size:
        real, fake = torch.full((3,), size), torch.full((3,), -size)
    pair = [x.clone().reshape(-1, 1) if column else x.clone() for x in (real, fake)]
    return {name: x.requires_grad_() for name, x in zip(("real_logits", "fake_logits"), pair)}


def fakes(**play):
    """The logits of the fakes alone."""
    return {"fake_logits": logits(**play)["fake_logits"]}


FITS = "ones_like(logits) would fit the course's (N,) as well."
STOPPED = "A batch of one image stops it: squeeze() drops the batch axis, and ones_like(logits) does not mind."
LOSS = {
    "plays": [{}, {"n": 7}, {"n": 4, "unit": True}],
    "extremes": [{"size": s} for s in (30.0, -30.0, 120.0, -120.0)],
    "optional": [({"column": False}, FITS), ({"n": 1}, STOPPED)],
    "result": "the loss",
    "hints": {
        "shape": "Average over the images of the batch.",
        "values": "Work one logit by hand: at 0 each term is log 2 = 0.693, and a sure right answer costs nearly 0.",
    },
}


@exercise(
    Function(logits, learns=("real_logits", "fake_logits"), scales=(1, 2), **LOSS),
    "helpers.losses:discriminator_loss",
    "D is now paid for telling reals from fakes.",
)
def discriminator_loss(real, fake):
    """Half the cross entropy of reals with 1, and half that of fakes with 0."""
    loss_real = BCE(real, torch.ones_like(real))
    loss_fake = BCE(fake, torch.zeros_like(fake))
    return (loss_real + loss_fake) / 2


TWICE = "A sigmoid is applied twice: 'with_logits' (or softplus) contains one. Hand the logits over as they are."
SUMMED = "You add over the batch: the step then grows with the batch size. Average over the images."
SIGN = "The sign is turned: this is what the network wants to raise, and the optimiser lowers the loss. A loss is always minimised here."
SMOOTH = "This is label smoothing, with labels such as 0.9 for 1: a known trick that is right elsewhere; here the plain labels 1 and 0 are asked for."
WASSERSTEIN = "This is a Wasserstein (or hinge) critic's loss, made of the plain scores: right elsewhere. Here the loss is the binary cross entropy of the logits."
LEAST = "This is a squared error, the least-squares GAN: right elsewhere. Here the loss is the binary cross entropy of the logits."
MEAN_FIRST = "You average the logits and then take the loss. Average the losses: each image is judged on its own."
NATURAL = "The logarithm has another base. Cross entropy uses the natural one."
NO_LOG = "The log of a logit is not log D, and a negative logit has none: D(x) is sigmoid(logit)."
SWAPPED = "The arguments of the cross entropy are swapped: the logits come first, then the labels."
PROBABILITY = "You average the probabilities themselves. Cross entropy takes their logarithm: it punishes a sure mistake far more than an unsure one."
SHAPES = "The labels have another shape than the logits, (N,) or (N, 1). Make the labels with ones_like(logits) and zeros_like(logits)."
ONE, ZERO = "torch.ones_like(real)", "torch.zeros_like(fake)"
discriminator_loss.mistakes |= {
    f"{ONE} -> 0 * real\n{ZERO} -> torch.ones_like(fake)": "The labels are the other way round (real 0, fake 1): right elsewhere, some courses write it so. Here real is 1 and fake is 0, and G's loss relies on it. Look at the labels, and at the order of the arguments.",
    f"{ZERO} -> torch.ones_like(fake)": "Both terms ask for the label 1. What should D say about a fake, and who would like it to say 'real'?",
    f"{ONE} -> 0 * real": "Both terms ask for the label 0. What should D say about a real image?",
    "loss_real": "Only the reals count. A D that calls everything real would get the best loss: the fakes are missing (or a zero_grad stands between two backward calls, or a detach on D's answer D(fake), which cuts D off as well: it belongs on the fakes).",
    "loss_fake": "Only the fakes count. A D that calls everything fake would get the best loss: the reals are missing (or a zero_grad stands between two backward calls, or a detach on D's answer D(real)).",
    "BCE(real, -> BCE(real.sigmoid(),\nBCE(fake, -> BCE(fake.sigmoid(),": TWICE,
    "(loss_real * len(real) + loss_fake * len(fake)) / 2": SUMMED,
    "BCE(real - fake, torch.ones_like(real)) / 2": "You judge the difference of real and fake scores, a relativistic loss: right elsewhere. Here each image is judged on its own.",
    f"{ONE} -> torch.ones(len(real))": SHAPES,
    f"{ZERO} -> torch.zeros(len(fake))": SHAPES,
    f"{ONE} -> torch.ones(len(real))\n{ZERO} -> torch.zeros(len(fake))": SHAPES,
    "(F.softplus(real) + F.softplus(-real) + F.softplus(fake) + F.softplus(-fake)).mean() / 4": "Every logit meets every label: "
    + SHAPES,
    f"{ONE} -> 0.9 * {ONE}": SMOOTH,
    f"{ONE} -> 0.8 * {ONE}": SMOOTH,
    f"{ONE} -> 0.9 * {ONE}\n{ZERO} -> 0.1 + {ZERO}": SMOOTH,
    f"{ZERO} -> 0.1 + {ZERO}": SMOOTH,
    "(loss_real - loss_fake) / 2": "One of the two terms has the wrong sign: with logs the fakes' term is log(1 - D), and both terms carry the same minus.",
    "(loss_fake - loss_real) / 2": "The reals' term has the wrong sign: D would learn to call them fake.",
    "-(loss_real + loss_fake) / 2": SIGN,
    "(loss_real + loss_fake) / 4": "It is halved twice: take half of each term, or half of their sum.",
    "-(torch.log(real).mean() + torch.log(1 - fake).mean()) / 2": NO_LOG,
    f"BCE(real, {ONE}) -> BCE({ONE}, real)\nBCE(fake, {ZERO}) -> BCE({ZERO}, fake)": SWAPPED,
    f"BCE(real, {ONE}) -> BCE({ONE}, real)": SWAPPED,
    f"BCE(fake, {ZERO}) -> BCE({ZERO}, fake)": SWAPPED,
    "(fake.mean() - real.mean()) / 2": WASSERSTEIN,
    "(real.mean() - fake.mean()) / 2": WASSERSTEIN,
    "(F.relu(1 - real).mean() + F.relu(1 + fake).mean()) / 2": WASSERSTEIN,
    "(((real - 1) ** 2).mean() + (fake ** 2).mean()) / 2": LEAST,
    "(((real.sigmoid() - 1) ** 2).mean() + (fake.sigmoid() ** 2).mean()) / 2": LEAST,
    "(fake.sigmoid().mean() - real.sigmoid().mean()) / 2": PROBABILITY,
    "(F.softplus(-real.mean()) + F.softplus(fake.mean())) / 2": MEAN_FIRST,
    "BCE((real + fake) / 2, 0.5 * torch.ones_like(real))": "You average D's answers on reals and fakes and then take the loss. Average the losses, not the answers.",
    "(loss_real + loss_fake) / 2 / math.log(2)": NATURAL,
}


@exercise(
    Function(fakes, learns=("fake_logits",), **LOSS),
    "helpers.losses:generator_loss",
    "G is now paid when D calls its fakes real.",
)
def generator_loss(fake):
    """The non-saturating loss: the cross entropy of fakes with 1."""
    return BCE(fake, torch.ones_like(fake))


ONES = "torch.ones_like(fake)"
MINIMAX = "This is the minimax loss, right elsewhere; here the non-saturating one is asked for. When D is sure of the fakes, the minimax loss gives G nearly no gradient: which label should G ask for?"
BOTH = "Two terms with both labels cancel around 0.5: G has one wish for its fakes."
generator_loss.mistakes |= {
    "-F.softplus(fake).mean()": MINIMAX,
    f"{ONES} -> 0 * fake": "The label of the fakes is 0: that is D's wish, and the other way round (real = 0) it is right elsewhere. Here real is 1, and G wants its fakes called real: look at the label.",
    f"-BCE(fake, {ONES})": SIGN,
    "BCE(fake, -> BCE(fake.sigmoid(),": TWICE,
    "BCE(fake.sigmoid(), 0 * fake)": TWICE + " The label is D's, too.",
    f"{ONES}) -> {ONES}, reduction='sum')": SUMMED,
    (f"{ONES} -> 0.9 * {ONES}", f"{ONES} -> 0.8 * {ONES}"): SMOOTH,
    "-fake.mean()": WASSERSTEIN,
    "fake.mean()": WASSERSTEIN + " The sign is D's, too.",
    "((fake - 1) ** 2).mean()": LEAST,
    "((fake - 1) ** 2).mean() / 2": LEAST,
    "((fake.sigmoid() - 1) ** 2).mean()": LEAST,
    "-fake.sigmoid().mean()": "You raise the probability itself, without its logarithm: its slope vanishes when D is sure (D(G(z)) near 0). Which function of it is steep there?",
    "1 - fake.sigmoid().mean()": "You lower 1 - D(G(z)) without a logarithm: its slope vanishes when D is sure. Which function of D(G(z)) is steep near 0?",
    "-(F.softplus(-fake) + F.softplus(fake)).mean()": "This is D's loss with a minus, and the fakes stand in for the reals. Which term of D's loss depends on G?",
    "(F.softplus(-fake) + F.softplus(fake)).mean()": BOTH,
    "(F.softplus(-fake) + F.softplus(fake)).mean() / 2": BOTH,
    "-torch.log(fake).mean()": NO_LOG,
    f"BCE({ONES}, fake)": SWAPPED,
    f"{ONES} -> torch.ones(len(fake))": SHAPES,
    "F.softplus(-fake.mean())": MEAN_FIRST,
    f"BCE(fake, {ONES}) / math.log(2)": NATURAL,
}


# --- latents --------------------------------------------------------------------------------------


STRANGE = " With another scale in training than when sampling, G meets inputs that it has not seen."


def strange(seen, expected):
    """Advice for a z that is not N(0, 1)."""
    scaled = abs(float(seen.std() / expected.std()) - 1) > 0.05
    return unlike(seen, expected) + STRANGE * scaled


NOISE = {
    "spread": strange,
    "rows": "Each image starts from its own vector: draw all n of them, repeat and expand copy one.",
    "columns": "Each entry of a vector is drawn on its own.",
}


@exercise(
    Draw(
        lambda n, z_dim: {"n": n, "z_dim": z_dim},
        [{"n": 7, "z_dim": 5}, {"n": 1, "z_dim": 16}, {"n": 5, "z_dim": 7}],
        chance={"n": 200, "z_dim": 64},
        result="z",
        hints={
            "shape": "One row per image, z_dim numbers in a row; both come in as arguments.",
            "dtype": {
                torch.int64: "nn.Linear wants real numbers, and noise from N(0, 1) is not whole.",
                torch.float64: "numpy draws in float64: convert, or draw with torch.",
            },
            **NOISE,
        },
    ),
    "helpers.data:sample_z",
    "Every image now starts from its own normal vector.",
)
def sample_z(n, z_dim):
    """(n, z_dim) numbers from N(0, 1)."""
    return torch.randn(n, z_dim)


UNIFORM = "That looks uniform: where are its tails?"
CLIPPED = "Something clips or squashes the noise, and its tails are gone: leave it as it is drawn."
CONSTANT = "Constants are no noise: every image would be the same."
SHIFTED = "Something shifts or folds the noise."
sample_z.mistakes |= {
    "torch.randn(z_dim, n)": "The order is the other way round: one ROW per image.",
    "torch.randn(z_dim)": "That is one vector: how many images do you want, and how many vectors are there?",
    "torch.randn(n)": "That is one number per image: each needs z_dim of them.",
    "torch.randn(n * z_dim)": "The numbers are there, in one long row: one row per image is asked for.",
    "torch.randn(n, z_dim, 1, 1)": "Four axes belong to a convolutional G. This G starts with a linear layer.",
    "torch.rand(n, z_dim)": "That looks uniform on [0, 1): compare the names rand and randn.",
    ("2 * torch.rand(n, z_dim) - 1", "(2 * torch.rand(n, z_dim) - 1) * 3 ** 0.5"): UNIFORM,
    "torch.randn(n, z_dim).abs()": SHIFTED,
    "torch.randn(n, z_dim) + 1": SHIFTED,
    ("torch.randn(n, z_dim).clamp(-1, 1)", "torch.tanh(torch.randn(n, z_dim))"): CLIPPED,
    ("torch.zeros(n, z_dim)", "torch.ones(n, z_dim)"): CONSTANT,
    "torch.randn(1, z_dim).expand(n, z_dim)": "One vector is repeated for all: draw n of them.",
}


# --- steps ----------------------------------------------------------------------------------------


def d_step(n=6, z_dim=5, row=False):
    """What a step of D is called with."""
    G = generator(z_dim)
    D = discriminator(G, row)
    return {"G": G, "D": D, "opt_D": WatchedSGD(D), "real": reals(n), "z_dim": z_dim}


def g_step(n=6, z_dim=5, row=False):
    """What a step of G is called with."""
    G = generator(z_dim)
    return {"G": G, "D": discriminator(G, row), "opt_G": WatchedSGD(G), "n": n, "z_dim": z_dim}


ASKED = "The loss that is asked for: binary cross entropy of the logits, 1 real, 0 fake, mean over the batch."
TAUGHT = {"chance": {"n": 100, "z_dim": 128}, "optional": [({"row": True}, FITS), ({"n": 1}, STOPPED)]}


def fakes_for_D(seen, expected):
    """Advice on the number of fakes that D learns from."""
    return COUNT if seen else "D cannot learn the difference from one class."


@exercise(
    Step(
        d_step,
        ["D"],
        [{}, {"n": 4, "leftover": True}],
        scales=(1, 2),
        freed=["D"],
        hints={"update direction": ASKED, "made by G": fakes_for_D, **NOISE},
        **TAUGHT,
    ),
    "helpers.training:discriminator_step",
    "D now learns, and G keeps its weights and gradients.",
)
def discriminator_step(G, D, opt_D, real, z_dim):
    """One step of D on reals and detached fakes."""
    fake = G(sample_z(len(real), z_dim)).detach()
    loss_D = discriminator_loss(D(real), D(fake))
    opt_D.zero_grad()
    loss_D.backward()
    opt_D.step()


discriminator_step.mistakes |= {
    ".detach() -> ": "D's loss sends a gradient into G: G's .grad is not empty after D's step. Cut the fakes off before D sees them: a tensor has the method detach for that.",
    "D(real), D(fake) -> D(real), D(real)": "G makes fakes, and D judges 0 of them. D cannot learn the difference from one class.",
    "D(real), D(fake) -> D(fake), D(fake)": "D judges 0 of the reals. Without them, 'always fake' is its best answer.",
}


@exercise(
    Step(
        g_step,
        ["G"],
        [{}, {"n": 4, "leftover": ["D"], "again": True}],
        through=["D"],
        hints={"update direction": ASKED, "silent": "Its opinion of the fakes is all that teaches G.", **NOISE},
        **TAUGHT,
    ),
    "helpers.training:generator_step",
    "G now follows D's opinion, and D keeps its weights.",
)
def generator_step(G, D, opt_G, n, z_dim):
    """One step of G towards the label 1, through a D that stays."""
    loss_G = generator_loss(D(G(sample_z(n, z_dim))))
    opt_G.zero_grad()
    loss_G.backward()
    opt_G.step()


D_LOSS = f"The loss is not the generator loss of D(G(z)): it is D's loss, with fakes in both places. {BOTH}"
MINIMAX_IS_SLOW = "This is the minimax loss: G learns slowly while D is sure."
SAYS = "D(G(sample_z(n, z_dim)))"
generator_step.variants |= {f"generator_loss({SAYS}) -> -F.softplus({SAYS}).mean()": MINIMAX_IS_SLOW}
generator_step.mistakes |= {
    f"generator_loss({SAYS}) -> discriminator_loss({SAYS}, {SAYS})": D_LOSS,
    f"loss_G = generator_loss({SAYS}) -> fake = {SAYS}; loss_G = discriminator_loss(fake, fake)": D_LOSS,
}


# --- pixels ---------------------------------------------------------------------------------------

PIXELS = torch.tensor([0.0, 0.5, 1.0, 0.25, 0.8, 0.1]).view(1, 1, 2, 3)


def pixels(n=0):
    """Six pixels from 0 to 1 to follow by hand, or n images that leave out black and white."""
    return {"x": torch.rand(n, 1, 28, 28) * 0.7 + 0.1 if n else PIXELS.clone()}


def outputs(n=0):
    """The same from -1 to 1."""
    return {"x": 2 * pixels(n)["x"] - 1}


GREY = "A cast to whole numbers loses every shade of grey."
MAP = {
    "plays": [{}, {"n": 7}, {"n": 1}],
    "hints": {
        "shape": "Only the values change: nothing is averaged, added or flattened.",
        "dtype": lambda a, b: "" if a.is_floating_point else GREY,
        "values": "Where should the two ends of the range land? Two fixed numbers, a factor and a shift, do it.",
    },
}


@exercise(Function(pixels, **MAP), "helpers.data:to_gan_range", "Real images now have the range of tanh, -1 to 1.")
def to_gan_range(x):
    """[0, 1] -> [-1, 1], pixel by pixel."""
    return 2 * x - 1


STRETCHED = "You stretch each batch from its min to its max: a flat grey failure then looks sharp."
FIXED = "Something of the batch or of the image enters the map. Use fixed numbers for every image."
EXCHANGED = "Black and white are exchanged: the sign of the factor is the other one."
to_gan_range.mistakes |= {
    "x": "Nothing has changed: a real pixel is never negative, and a fake from tanh often is. D would see that at once.",
    "x - 0.5": "You shift, and the width stays 1. tanh spans 2, from -1 to 1.",
    "2 * x": "You stretch, and nothing shifts: black has to land at -1.",
    "1 - 2 * x": EXCHANGED,
    "x * 0.5 + 0.5": "That is the way back, from [-1, 1] to [0, 1].",
    "2 * (x - 1)": "Order of operations: the shift is doubled as well.",
    "(x - 0.5) * 0.5": "You multiply by 0.5 where dividing by it would widen the range.",
    "x / 127.5 - 1": "That is the map for whole numbers from 0 to 255. These pixels lie between 0 and 1.",
    "x / 255": "These pixels lie between 0 and 1 already: nothing is left to divide by 255.",
    "(x - 0.1307) / 0.3081": "Those are the mean and std of MNIST: mean 0 and std 1 is another aim than the range of tanh.",
    "torch.tanh(x)": "tanh belongs at the end of G. The data need a straight line.",
    "torch.tanh(2 * x - 1)": "The straight line was enough: tanh on top of it bends the data, and white no longer reaches 1.",
    "(2 * x - 1).clamp(0, 1)": "The clamp cuts off everything below 0.",
    "(2 * x - 1).sign()": "Every shade of grey becomes -1 or 1. Keep the shades.",
    "(x - x.mean()) / x.std()": "You standardise: mean and std come from the batch, and tanh cannot reach beyond 1.",
    "2 * (x - x.min()) / (x.max() - x.min()) - 1": STRETCHED,
    "(x - x.min()) / (x.max() - x.min())": STRETCHED,
    "(x - x.amin((1, 2, 3), True)) / (x.amax((1, 2, 3), True) - x.amin((1, 2, 3), True)) * 2 - 1": FIXED,
    "(x - x.mean()) / 0.5": FIXED,
    "x - x.mean()": FIXED,
}


@exercise(Function(outputs, **MAP), "helpers.data:to_display_range", "Images of G now show with the right grey.")
def to_display_range(x):
    """[-1, 1] -> [0, 1], pixel by pixel."""
    return (x + 1) / 2


CLAMPED = "You clamp: everything below 0 turns black. Where should -0.2 end up, dark grey or black?"
OTHER_WAY = "That is the other direction, from [0, 1] to [-1, 1]."
ORDER = "Order of operations: divide after the shift, or shift by a half."
to_display_range.mistakes |= {
    "x": "Nothing has changed: they are still in the range of tanh, and a plot cuts off every pixel below 0.",
    ("x.clamp(0, 1)", "x.relu()"): CLAMPED,
    "x + 1": "You shift, and the width stays 2: white lands at 2.",
    "x / 2": "You shrink, and nothing shifts: black has to land at 0.",
    "x + 0.5": "You shift by a half, and the width stays 2.",
    "x / 2 + 1": ORDER,
    "x + 1 / 2 * x": ORDER,
    "(1 - x) / 2": EXCHANGED,
    "x.abs()": "abs folds the range: black and white both land at 1.",
    ("2 * x - 1", "(x - 0.5) / 0.5"): OTHER_WAY,
    "torch.sigmoid(x)": "sigmoid bends the greys, and white stops at 0.73. Undo a straight line with one.",
    "(x + 1) * 127.5": "That is the range 0 to 255. Here the plot wants 0 to 1.",
    "x * 0.3081 + 0.1307": "Those are the mean and std of MNIST: they undo another map.",
    "(x - x.mean()) / x.std()": "You standardise: mean and std come from the batch.",
    "(x - x.min()) / (x.max() - x.min())": STRETCHED,
    "(x - x.amin((1, 2, 3), True)) / (x.amax((1, 2, 3), True) - x.amin((1, 2, 3), True))": FIXED,
}


# --- networks -------------------------------------------------------------------------------------


def clamps(net, z):
    """Whether a network holds a clamp in place of a tanh."""
    return any(isinstance(m, nn.Hardtanh) for m in net.modules())


def loses_axis(net, x):
    """Whether a single image loses the batch axis."""
    return net.eval()(x[:1]).dim() == 0


def to_images(**asks):
    """A class of networks from z to images."""
    return Network(
        [(16,), (100,)],
        lambda n, z_dim: torch.randn(n, z_dim),
        "z",
        outputs=("the image",),
        asks=asks,
        hints={"shape": "One image per row of z, with one channel of 28 by 28 pixels; the batch size comes from z."},
        optional=[(clamps, "A clamp has no gradient beyond its ends, where tanh keeps a little.")],
    )


def to_logits(**asks):
    """A class of networks from images to one logit each."""
    return Network(
        [(), ()],
        lambda n: torch.rand(n, 1, 28, 28) * 2 - 1,
        "x",
        outputs=("the logit",),
        asks=asks,
        vague=True,
        hints={"shape": "D answers one question: the last layer gives one logit per image."},
        optional=[(loses_axis, "For a single image squeeze() drops the batch axis too; squeeze(1) keeps it.")],
    )


@exercise(
    to_images(widths=(256, 512, 1024, 784), slope=0.2),
    "helpers.networks:Generator",
    "z now becomes an image in the range of the data.",
)
class Generator(nn.Module):
    """z to images in the range of tanh."""

    def __init__(self, z_dim):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(z_dim, 64), nn.LeakyReLU(0.2), nn.Linear(64, 784), nn.Tanh())

    def forward(self, z):
        return self.net(z).view(-1, 1, 28, 28)


SIGMOID = "That is the range of a sigmoid: no pixel can be as dark as the data's black. Which function spans -1 to 1?"
Generator.mistakes |= {
    "nn.Tanh() -> nn.Sigmoid()": SIGMOID,
    "nn.Tanh() -> nn.ReLU()": "That is the range of ReLU: no pixel below 0 and no upper end. Which function ends at -1 and 1?",
    "nn.Tanh() -> nn.Softmax(1)": "Softmax makes all pixels of an image sum to 1: it is for classes.",
    "nn.Tanh() -> nn.Identity()": "Nothing bounds the last layer. Which function squashes any number into (-1, 1)?",
    "self.net(z) -> 0.5 * self.net(z)": "White and black are out of reach: something shrinks or shifts the range after its last activation.",
    ".view(-1, 1, 28, 28) -> ": "The pixels are there, in a row: view them as pictures at the end of forward.",
    "(-1, 1, 28, 28) -> (-1, 28, 28)": "The channel axis is missing: it is 1 for grey images.",
    "(-1, 1, 28, 28) -> (-1, 28, 28, 1)": "PyTorch puts the channel before height and width.",
}


@exercise(
    to_logits(widths=(1024, 512, 256, 1), slope=0.2, dropout=0.3),
    "helpers.networks:Discriminator",
    "Each image now gets one logit, and the loss its sigmoid.",
)
class Discriminator(nn.Module):
    """Images to one logit each."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x)


LAST, END_LINEAR = "nn.Linear(32, 1) -> nn.Linear(32, 1), nn.", "End in the linear layer."
WHOLE = "That is one number for the whole batch: flatten each image, and keep the batch axis."
Discriminator.mistakes |= {
    f"{LAST}Softmax(1)": f"Softmax makes the outputs of an image sum to 1, and there is one output. {END_LINEAR}",
    f"{LAST}Sigmoid()": f"That is a sigmoid: the loss applies one already, and one is enough. {END_LINEAR}",
    f"{LAST}Tanh()": f"That is a tanh or a clamp: it bounds what D can say. {END_LINEAR}",
    f"{LAST}ReLU()": "No score is negative: an activation such as ReLU stands after the last layer, and D can never say fake.",
    f"{LAST}LogSigmoid()": f"No score is positive: a log of a probability, for one, is not a logit. {END_LINEAR}",
    "nn.Linear(32, 1) -> nn.Linear(32, 10)": "Ten outputs are for the ten digits. D asks one question: real or fake.",
    "nn.Linear(32, 1) -> nn.Linear(32, 2)": "Two outputs are for cross entropy. BCE takes one number for a yes-or-no question.",
    "self.net(x) -> self.net(x).mean()": WHOLE,
    "self.net(x) -> self.net(x).mean(0)": WHOLE,
}


# --- pictures -------------------------------------------------------------------------------------


@exercise(
    Draw(
        lambda n, z_dim=6: {"G": generator(z_dim, moody=True), "n": n, "z_dim": z_dim},
        [{"n": 7}, {"n": 1}],
        chance={"n": 100, "z_dim": 128},
        drawn=lambda play: play.noise(),
        result="the batch of pictures",
        hints={
            **NOISE,
            "shape": "Leave the axes as G gives them: the plot expects (n, 1, 28, 28).",
            "values": "Which two numbers bring -1 to 0 and 1 to 1?",
        },
        optional=[({"n": 3, "training": False}, "A G in eval mode comes back in train mode.")],
    ),
    "helpers.images:generate",
    "You can now look at G in the middle of training.",
)
def generate(G, n, z_dim):
    """n pictures in [0, 1], from fresh noise, in eval mode, without a trace."""
    was_training = G.training
    G.eval()
    with torch.no_grad():
        x_fake = G(sample_z(n, z_dim))
    G.train(was_training)
    return to_display_range(x_fake)


# --- mended networks ------------------------------------------------------------------------------


@exercise(
    to_logits(widths=(300, 100, 1), slope=0.2),
    "helpers.networks:MendedDiscriminator",
    "The repaired network judges each image with one logit.",
)
def MendedDiscriminator():
    """The discriminator of the notes, repaired: with all that is known about Discriminator."""
    return Discriminator()


@exercise(
    to_images(widths=(300, 784), slope=0.2),
    "helpers.networks:MendedGenerator",
    "The repaired network makes images that D cannot tell by range.",
)
def MendedGenerator(z_dim):
    """The generator of the notes, repaired."""
    return Generator(z_dim)


# --- further --------------------------------------------------------------------------------------


def round_of_both(n=6, z_dim=5, row=False):
    """What a round of both networks is called with."""
    G = generator(z_dim)
    G, D = tiny(G), tiny(discriminator(G, row))  # it does not matter who comes first
    opts = {"opt_G": WatchedSGD(G), "opt_D": WatchedSGD(D)}
    return {"G": G, "D": D, **opts, "real": reals(n), "z_dim": z_dim}


@exercise(
    Step(
        round_of_both,
        ["D", "G"],
        [{}, {"n": 4, "again": True}],
        scales={"D": (1, 2)},
        once={"G": "A detach in D's loss would spare the backward pass through G."},
        hints={"update direction": ASKED, "made by G": fakes_for_D, **NOISE},
        **TAUGHT,
    ),
    "helpers.training:train_batch",
    "One call is now one round of the game.",
    stretch=True,
)
def train_batch(G, D, opt_G, opt_D, real, z_dim):
    """One step of D, then one of G on the same fakes."""
    fake = G(sample_z(len(real), z_dim))
    loss_D = discriminator_loss(D(real), D(fake.detach()))
    opt_D.zero_grad()
    loss_D.backward()
    opt_D.step()
    loss_G = generator_loss(D(fake))
    opt_G.zero_grad()
    loss_G.backward()
    opt_G.step()


FAKES = "fake = G(sample_z(len(real), z_dim))"
D_UP = "loss_D = discriminator_loss(D(real), D(fake.detach()))\nopt_D.zero_grad()\nloss_D.backward()\nopt_D.step()"
G_UP = "loss_G = generator_loss(D(fake))\nopt_G.zero_grad()\nloss_G.backward()\nopt_G.step()"
TURNS = [FAKES, D_UP, FAKES, G_UP], [FAKES, G_UP, FAKES, D_UP], [FAKES, D_UP, G_UP]
SHOWN, WISH = "D(real), D(fake.detach())", "generator_loss(D(fake))"
FLIPPED = "Real is 0 and fake is 1 in your labels: that works, since both steps agree."
for shown, wish, turns, remark in (
    (SHOWN, WISH, TURNS[:2], ""),
    (SHOWN, "-F.softplus(D(fake)).mean()", TURNS, MINIMAX_IS_SLOW),
    ("D(fake.detach()), D(real)", "generator_loss(-D(fake))", TURNS, FLIPPED),
):
    for lines in turns:
        body = "\n".join([*lines, "return"]).replace(SHOWN, shown).replace(WISH, wish)
        train_batch.variants[body] = remark
train_batch.mistakes |= {
    (
        "generator_loss(D(fake)) -> generator_loss(-D(fake))",
        "D(real), D(fake.detach()) -> D(fake.detach()), D(real)",
    ): "G's update makes its fakes easier to detect: it uses the same label for the fakes as D does. Expected the opposite one: G wants them called real.",
    tuple(
        f"{FAKES}\nopt_D.zero_grad(); opt_G.zero_grad()\nloss_D = {k} * discriminator_loss(D(real), D(fake))\nloss_D.backward(retain_graph=True)\nopt_D.step()\ngenerator_loss(D(fake)).backward()\nopt_G.step()\nreturn"
        for k in (1, 2)
    ): "G's update holds the gradient of D's loss as well: G is pulled towards being detected. Detach the fakes for D, and clear G's gradients right before G's backward.",
    tuple(
        f"{FAKES}\nopt_D.zero_grad(); opt_G.zero_grad()\nloss_D = {k} * discriminator_loss(D(real), D(fake))\n(loss_D + generator_loss(D(fake))).backward()\nopt_D.step(); opt_G.step()\nreturn"
        for k in (1, 2)
    ): "D's update holds the gradient of G's loss as well: D is pulled to both answers. Two losses, two backward passes, and zero_grad before each.",
    "opt_G, opt_D -> opt_D, opt_G": "D follows G's loss and not its own. Compare the order of the arguments, opt_G before opt_D, with your signature.",
}


def scores(n=0, column=False):
    """Six logits of each to count by hand, none of them at a border; or n random ones."""
    real = torch.randn(n) + 0.5 if n else torch.tensor([0.3, 1.5, -0.4, 2.0, 0.2, 3.0])
    fake = torch.randn(n) if n else torch.tensor([-1.5, 0.3, -0.2, 1.7, -3.0, -0.6])
    shape = (-1, 1) if column else (-1,)
    return {"real_logits": real.reshape(shape), "fake_logits": fake.reshape(shape)}


@exercise(
    Function(
        scores,
        [{}, {"n": 400}, {"n": 7, "column": True}],
        result="the accuracy",
        number=True,
        optional=[({"n": 1, "column": True}, STOPPED)],
        hints={
            "values": "Count the reals with a logit above 0 and the fakes with one below, by hand.",
            "type": {"a tensor": "Average over all images, reals and fakes."},
        },
    ),
    "helpers.metrics:discriminator_accuracy",
    "You can now read how well D tells them apart.",
    stretch=True,
)
def discriminator_accuracy(real, fake):
    """The share of all images on the right side of logit 0."""
    up, down = (real > 0).float().mean(), (fake <= 0).float().mean()
    return (up + down) / 2


HALF = "Your boundary is the logit 0.5. The logit of probability 0.5 is another number."
ELSEWHERE = "Your boundary is not at probability 0.5."
discriminator_accuracy.mistakes |= {
    "real > 0 -> real > 0.5\nfake <= 0 -> fake <= 0.5": HALF,
    "real > 0 -> real > 0.5": HALF,
    "fake <= 0 -> fake <= 0.5": HALF,
    "real > 0 -> real > 1\nfake <= 0 -> fake <= 1": ELSEWHERE,
    "real > 0 -> real.sigmoid() > 0.6\nfake <= 0 -> fake.sigmoid() <= 0.6": ELSEWHERE,
    "(up + 1 - down) / 2": "You count a fake that D calls real as right. Whose accuracy is that, D's or G's?",
    "(2 - up - down) / 2": "You count the mistakes: that is the error rate.",
    "(1 - up + down) / 2": "You count a real image that D calls fake as right.",
    "(real.sigmoid().mean() + 1 - fake.sigmoid().mean()) / 2": "You average probabilities. An image is judged right or wrong: 0.51 is a whole right answer.",
    "real.sigmoid().mean()": "You average probabilities, and of the reals only.",
    "up": "Only the reals are counted: the fakes that D catches are half of its job.",
    "down": "Only the fakes are counted: the reals that D accepts are half of its job.",
    "up + down": "You add two fractions: the average of both is at most 1.",
    "(up + down) * len(real)": "That is a count: divide it by the number of images, reals and fakes.",
    "(up + down) * 50": "That is a percentage: a fraction between 0 and 1 is asked for.",
    "(up + down) / 4": "You divide once too often.",
    "up * down": "You multiply the two fractions. Count the right answers of all images.",
    "0 * up + 0.5": "Every image gets the same answer: a logit went through a sigmoid too often, or the boundary is at probability 0.",
}


class Loss(float):
    """A number that also answers to what a loss tensor is asked."""

    item, detach, cpu = float.__float__, lambda self: self, lambda self: self


UNPACK = "The loader yields pairs (images, labels): unpack them."
FIRST = "Those look like labels or a single image: the images come first in the pair."


class Turn:
    """The step of one network, which writes into a common diary with what it is called."""

    def __init__(self, name, diary, losses):
        self.name, self.diary, self.losses = name, diary, list(map(Loss, losses))

    def __call__(self, *args):
        self.accept(*args)
        done = sum(name == self.name for name, _ in self.diary)
        self.diary.append((self.name, args[0]))
        return self.losses[done % len(self.losses)]

    def accept(self, *args):
        """D's step gets images, G's step a number; anything else is told."""
        what = "the images" if self.name == "D" else "the number of fakes"
        x = args[0] if args else None
        number = isinstance(x, int) or torch.is_tensor(x) and x.dim() == 0
        if len(args) != 1:
            self.refuse(f"{len(args)} arguments, expected 1: {what}.")
        if self.name == "G" and not number:
            self.refuse(f"{kind_of(x)}, expected a whole number: how many fakes to make.")
        if self.name == "D" and not torch.is_tensor(x):
            self.refuse(f"{kind_of(x)}, expected the images alone.", UNPACK)
        if self.name == "D" and x.dim() != 4:
            self.refuse(f"the shape {tuple(x.shape)}, expected (B, 1, 28, 28).", FIRST)

    def refuse(self, seen, advice=""):
        """What this step cannot take."""
        raise CheckError(f"{self.name}'s step gets {seen}", advice)

    def reset(self):
        """As new."""
        self.diary.clear()
        return self


def epoch(sizes=(5, 5, 3)):
    """A loader of pairs (images, labels), the last batch smaller, and two steps."""
    diary, labels = [], torch.arange(sum(sizes)) % 10
    loader = DataLoader(TensorDataset(reals(sum(sizes)), labels), batch_size=sizes[0])
    return {"loader": loader, "step_D": Turn("D", diary, (0.9, 0.6, 0.15)), "step_G": Turn("G", diary, (2.0, 3.5, 7.0))}


OTHERS = "D's step gets other images than the loader gives, expected each batch once and as it is."


def taken(play):
    """Who had a turn when, with which images, for how many fakes; and what came back."""
    diary = play.cast["step_D"].diary
    names = "".join(name for name, _ in diary)
    yield Aspect("turns", names, told_turns, why_turns, same=lambda a, b: a in (b, b[::-1]))
    images = [x for name, x in diary if name == "D"]
    yield Aspect("images", images, lambda a, b: OTHERS)
    counts = [int(x) for name, x in diary if name == "G"]
    advice = "The last batch is smaller: take the number from the batch."
    yield Aspect("counts", counts, "G's step is asked for {} fakes", advice)
    yield Aspect("pair", sort_of(play.result), told_pair)


def told_turns(seen, expected):
    """Whose turn it was, and should be."""
    return f"the turns are {seen or 'none'}, expected {expected}."


def why_turns(seen, expected):
    """What is wrong with the turns."""
    d, g, n = seen.count("D"), seen.count("G"), len(expected) // 2
    if not seen:
        return "Nothing is called."
    if not d or not g:
        return f"{'G' if d else 'D'} never learns: one step of it is due in each of {n} batches."
    if d == g == 1:
        return "An epoch is all of them; look at a return, or a next(), that ends it early."
    if seen in ("D" * d + "G" * g, "G" * g + "D" * d):
        return "One runs ahead for a whole epoch before the other may answer: both calls belong inside the same loop."
    return f"There are {d} steps of D and {g} of G for {n} batches, one of each is due per batch."


def sort_of(result):
    """What came back in place of a pair of numbers."""
    if not (isinstance(result, (tuple, list)) or torch.is_tensor(result)) or len(result) != 2:
        return kind_of(result)
    single = [isinstance(x, numbers.Number) or torch.is_tensor(x) and x.numel() == 1 for x in result]
    return "" if all(single) else f"({', '.join(map(kind_of, result))})"


def told_pair(seen, expected):
    """What came back, and should."""
    if seen.startswith("("):
        return f"{seen} came back, expected two numbers: the means, and not all of the losses."
    return f"{seen} came back, expected the pair (mean D loss, mean G loss)."


@exercise(
    Function(
        epoch,
        result="the pair (mean of D's 0.9, 0.6, 0.15, mean of G's 2, 3.5, 7)",
        more=taken,
        outcome=lambda play: torch.tensor([float(x) for x in play.result]),
        hints={"values": "Add up each loss, and divide by the number of batches at the end."},
    ),
    "helpers.training:train_epoch",
    "One call now plays a whole epoch.",
    stretch=True,
)
def train_epoch(loader, step_D, step_G):
    """One D step and one G step per batch; the mean losses."""
    losses = []
    for x, _ in loader:
        losses.append((step_D(x), step_G(len(x))))
    d, g = torch.tensor(losses).T
    return d.mean(), g.mean()


WEIGHTED = "w = torch.tensor([5, 5, 3]) / 13; return (d * w).sum(), (g * w).sum()"
train_epoch.variants |= {f"return d.mean(), g.mean() -> {WEIGHTED}": ""}
train_epoch.mistakes |= {
    "g.mean(), d.mean()": "The two are exchanged: D's loss comes first.",
    "d.sum(), g.sum()": "Those are sums: divide by the number of batches.",
    "d[-1], g[-1]": "Those are the losses of the last batch. Collect them over the epoch.",
    "d[0], g[0]": "Those are the losses of the first batch. Collect them over the epoch.",
    "d.sum() / 13, g.sum() / 13": "You divide by the number of images, and add one loss per batch.",
    "d[-1] / 3, g[-1] / 3": "Only the last batch is in the sum: += adds, = replaces.",
    "d.mean(), d.mean()": "Both are D's loss.",
    "g.mean(), g.mean()": "Both are G's loss.",
    "0.0, 0.0": "The totals are never added to.",
    "(d[0] + d[1]) / 4 + d[2] / 2, (g[0] + g[1]) / 4 + g[2] / 2": "A running average weighs the last batch most.",
    "d.sum() / 4, g.sum() / 4": "You divide by one too many.",
    "d.sum() / 2, g.sum() / 2": "You divide by one too few.",
    "d.sum() / 5, g.sum() / 5": "You divide by the size of a batch, and not by the number of batches.",
}
