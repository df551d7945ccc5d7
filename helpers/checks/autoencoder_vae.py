"""Checks of lesson 2, autoencoders and VAEs: each exercise with its known mistakes.

Images are (N, 1, 28, 28) in [0, 1]. A loss is summed over the pixels or the latents of an image and
averaged over the batch.
"""

import functools
import math  # noqa: F401, an edit divides by its log
import re

import torch
import torch.nn.functional as F
from torch import nn

from helpers.checks import CheckError, Topic
from helpers.checks.aspects import CLUE, REMARK, Aspect, kind_of, told
from helpers.checks.exercise import spread
from helpers.checks.kinds.draw import FRESH, Draw, alike, differ, lie, told_spread, unlike
from helpers.checks.kinds.function import Function
from helpers.checks.kinds.network import UNUSED, Network
from helpers.checks.kinds.step import Step
from helpers.checks.plays import Recorder, Spy, WatchedSGD

CAUSES = {
    r"linspace.*(0-dimensional|must be Number)": "linspace takes two numbers, and z1 and z2 are codes. Let t run from 0 to 1: what is z at t?",
    r"shape '\[[^\]]*\]' is invalid for input of size": "view asks for another count of numbers than the tensor has: one image has 1 * 28 * 28 of them, and its code latent_dim. Take the batch size from the tensor, size(0).",
    r"(size|shape) of tensor a .* must match|Sizes of tensors must match|not broadcastable": "Two tensors of different shapes meet. Print both shapes right before that line: one of them lacks an axis, or has its axes in another order.",
    r"expected parameter (scale|loc|covariance)|ValueError: normal expects|std.*>= 0": "A normal distribution was given a std that is 0, negative or nan. logvar is a logarithm and may be negative: exp undoes it.",
    r"backward through the graph a second time": "backward() runs twice on one graph, and the first run has freed it. One batch needs one forward pass and one backward().",
    r"element \d+ of tensors does not require grad|does not have a grad_fn": "The loss has no history that leads back to the weights. Look for detach, no_grad or .item() between the model and the loss.",
    r"all elements of (input|target) should be between 0 and 1": "A binary cross entropy wants pixels between 0 and 1. Here the squared error is asked for.",
    r"linear\(\): argument 'input'.*must be Tensor, not (tuple|list)": "A network gives back a tuple, and the next one takes a tensor: take the pair apart first.",
}
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress


# --- the one image that a loss would give ---------------------------------------------------------


def targets(n=3, height=1, width=2, loss="mse"):
    """n pictures, whose pixels lie unevenly between black and white."""
    worked = torch.tensor([0.7, 0.1, 1.0, 0.2, 0.2, 0.9]).view(3, 1, 1, 2)
    return {"targets": worked if n == 3 else (torch.rand(n, 1, height, width) ** 3).mul(10).round() / 10, "loss": loss}


class Best(Function):
    """A choice of one image, told with its error."""

    def told_values(self, play, name, a, b):
        """Both images and both errors."""
        given, loss = play.before["targets"], play.cast["loss"]
        power, kind = (2, "squared") if loss == "mse" else (1, "absolute")
        seen, best = ((given - image).abs().pow(power).mean() for image in (a, b))
        shown, image = f"{len(given)} targets", "your image"
        if given.numel() <= 6:
            shown, image = f"the targets {told(list(given))}", f"your image {told(a)}"
        return f"for '{loss}' and {shown}, the mean {kind} error of {image} is {seen:.4g}, expected {best:.4g}: another image does better."


LETTERS = (
    "A return is missing, or none of your branches was taken: the argument loss is 'mse' or 'l1', letter for letter."
)


@exercise(
    Best(
        targets,
        [
            {"loss": loss, **sizes}
            for sizes in ({}, {"n": 7, "height": 5, "width": 3}, {"n": 1, "height": 3})
            for loss in ("mse", "l1")
        ],
        result="the image",
        hints={
            "type": lambda seen, expected: {"None": LETTERS}.get(seen, TAKE),
            "shape": lambda seen, expected: (
                f"One image serves all targets (here they are pictures of {expected[1]} x {expected[2]}): combine them along axis 0, pixel by pixel."
            ),
            "values": "Try a few constants by hand on 0, 0, 0, 1: which one has the lowest error?",
        },
    ),
    "helpers.losses:best_constant",
    "You have the blurred answer that squared error asks for.",
)
def best_constant(targets, loss):
    """The image with the lowest mean error to all targets."""
    if loss == "mse":
        return targets.mean(0)
    return targets.median(0).values


TAKE = "One image is asked for. median, min and sort with an axis give the values and their places: take the values."
MEAN, MEDIAN = "targets.mean(0)", "targets.median(0).values"
ONE_FOR_ALL = "That is one number for all: each pixel has a best value of its own. Axis 0 counts."
NOT_L1 = "The mean is the best answer to another loss. For 0, 0, 0, 1, is 0.25 or 0 closer in absolute error?"
NOT_MSE = "The median is the best answer to another loss. Set the derivative of the sum of (t - c)^2 to 0: which c comes out? (And the argument loss is 'mse' or 'l1', in lower case.)"
SINGLES = {
    "targets[0]": "That is the first target: sharp, and not the best on average. Compare the errors of targets[0] and of a mixture.",
    "targets[-1]": "That is the last target: sharp, and not the best on average.",
    "targets[len(targets) // 2]": "That is the middle target in the order they come. The median sorts every pixel first.",
    "(targets.amax(0) + targets.amin(0)) / 2": "That is the middle between the smallest and the largest: one odd target would move it, however many agree.",
    "targets.amax(0)": "That is the largest of all: most targets are below it.",
    "targets.amin(0)": "That is the smallest of all: most targets are above it.",
    "targets.sum(0)": "That is the sum: divide it by the number of targets.",
    "targets.pow(2).mean(0).sqrt()": "That is the root of the mean square.",
    "targets.mode(0).values": "That is the most frequent value, as in a vote.",
    "targets.mean()": ONE_FOR_ALL,
    "targets.median()": ONE_FOR_ALL,
    "targets.mean().expand(targets.shape[1:])": ONE_FOR_ALL,
    "targets.median().expand(targets.shape[1:])": ONE_FOR_ALL,
    "targets.mean(0, keepdim=True)": "The image is there, with an axis of length 1 too many: leave the batch axis out.",
    "targets": "That is one answer per target: a single image has to serve all of them.",
    "targets.mean((1, 2, 3))": "That is one number per target. Which axis holds the targets?",
}
best_constant.mistakes.update(
    {f"{MEDIAN} -> {MEAN}": NOT_L1, f"{MEAN} -> {MEDIAN}": NOT_MSE}
    | {'loss == "mse" -> loss == "l1"': NOT_MSE}
    | {f"{right} -> {edit}": why for edit, why in SINGLES.items() for right in (MEAN, MEDIAN)}
    | {f"return {edit}": why for edit, why in SINGLES.items()}
)


# --- blur as a number -----------------------------------------------------------------------------


def flat_pictures():
    """Three pictures, each of one grey."""
    return {"img": torch.tensor([0.0, 0.3, 1.0]).view(3, 1, 1, 1).expand(3, 1, 8, 12).clone()}


def photos(n=0):
    """n random pictures, or two of nine pixels to follow by hand."""
    worked = torch.tensor([0, 1, 4, 2, 2, 3, 4, 1, 1, 2, 1, 0, 4, 0, 0, 3, 3, 1]) / 4
    return {"img": torch.rand(n, 1, 9, 14) if n else worked.view(2, 1, 3, 3)}


class PerImage(Function):
    """One number for each image, told for the first image that differs."""

    def told_values(self, play, name, a, b):
        """The image, if it is small or flat, and its number."""
        gaps = (a - b).abs().nan_to_num(1e9) > 1e-4
        k = int(gaps.float().argmax())
        image = play.before["img"][k, 0]
        shown = f"image {k} of {len(a)}"
        if image.numel() <= 9:
            shown = f"the image {told(image, 9)}"
        elif image.std() < 1e-6:
            shown = f"a flat image of grey {told(image[0, 0])}"
        right = topic.exercises["sharpness"].right(play.before["img"])[k]
        return f"{name} of {shown} is {told(a[k])}, expected {told(right)}."


@exercise(
    PerImage(
        lambda n=None: flat_pictures() if n is None else photos(n),
        [{}, {"n": 0}, {"n": 5}, {"n": 1}],
        scales=(1, 0.5),
        result="the sharpness",
        hints={
            "shape": "How many images, how many numbers? Average over all the rest, and leave the batch axis out of it.",
            "values": "Follow one image by hand: the size of each difference of two neighbours, their mean along the rows, the same along the columns, and both added.",
        },
    ),
    "helpers.metrics:edge_strength",
    "Blur now has a number.",
)
def sharpness(img):
    """How much neighbouring pixels differ, in both directions, image by image."""
    across = (img[..., :, 1:] - img[..., :, :-1]).abs().flatten(1)
    down = (img[..., 1:, :] - img[..., :-1, :]).abs().flatten(1)
    return across.mean(1) + down.mean(1)


SQUARES = "You square the differences; the formula takes their size, so your numbers will differ from the lesson's."
SUMS = "You add the differences up; the formula takes their mean, so your numbers grow with the size of the picture."
CROPPED = ":, 1:] - img[..., :, :-1] -> :-1, 1:] - img[..., :-1, :-1]\n1:, :] - img[..., :-1, :] -> 1:, :-1] - img[..., :-1, :-1]"
SQUARED = "[..., :, :-1]).abs() -> [..., :, :-1]).square()\n[..., :-1, :]).abs() -> [..., :-1, :]).square()"
BY_MEAN, BY_SUM = "across.mean(1) + down.mean(1)", "across.sum(1) + down.sum(1)"
POOLED = {BY_MEAN: "", BY_SUM: SUMS, "torch.cat([across, down], 1).mean(1)": "", f"({BY_SUM}) / img[0].numel()": ""}
ROOTS = {f"({pool}).sqrt()": why for pool, why in POOLED.items()}
ROOTS["across.mean(1).sqrt() + down.mean(1).sqrt()"] = ""
sharpness.variants.update(
    {f"{SQUARED}\n{BY_MEAN} -> {BY_MEAN}": SQUARES}
    | {pool: why for pool, why in POOLED.items() if pool != BY_MEAN}
    | {CROPPED: "", f"{CROPPED}\n{BY_MEAN} -> (across.square() + down.square()).sqrt().mean(1)": ""}
    | {f"{SQUARED}\n{BY_MEAN} -> {pool}": f"{SQUARES} {why}".strip() for pool, why in (POOLED | ROOTS).items()}
)
CONTRAST = "Contrast is not sharpness: what would happen if you shuffled the pixels?"
CANCEL = "Here rising and falling edges cancel: take the size of each difference before averaging."
BOTH_WAYS = "Both directions weigh the same: look for a factor, or for one average over the wrong count."
WRAPPED = "The two borders of a picture are compared, too: roll and padding join the ends. Only true neighbours count."
MIXED = "Something mixes the images: axis 0 is the batch."
NO_DOWN = (
    "Here nothing compares neighbours from top to bottom. Turn the picture by 90 degrees: should the value change?"
)
NO_ACROSS = (
    "Here nothing compares neighbours from left to right. Turn the picture by 90 degrees: should the value change?"
)
ABS_ACROSS, ABS_DOWN = "[..., :, :-1]).abs()", "[..., :-1, :]).abs()"
UNSIGNED = f"{ABS_ACROSS} -> [..., :, :-1])\n{ABS_DOWN} -> [..., :-1, :])"
sharpness.mistakes.update(
    {
        ("across.mean(1)", "2 * across.mean(1)"): NO_DOWN,
        "across.sum(1)": NO_DOWN + " And " + SUMS,
        "down.mean(1)": NO_ACROSS,
        "img.diff(dim=-1).square().flatten(1).mean(1)": NO_DOWN,
        "img.diff(dim=-2).square().flatten(1).mean(1)": NO_ACROSS,
        "across.mean(1) * down.mean(1)": "The two directions are multiplied, so nothing compares neighbours where only one of them changes. Add them.",
        "img.flatten(1).std(1)": CONTRAST,
        "img.flatten(1).var(1)": CONTRAST,
        "img.flatten(1).amax(1) - img.flatten(1).amin(1)": CONTRAST,
        "img.flatten(1).std(1, unbiased=False)": CONTRAST,
        "img.flatten(1).var(1, unbiased=False)": CONTRAST,
        "across.amax(1) + down.amax(1)": "That is the strongest edge of each direction: " + CONTRAST,
        "across.mean() + down.mean()": "That is one number for all images: leave the batch axis out of the average.",
        f"({BY_MEAN})[:, None]": "The numbers are there, with an axis of length 1 too many: one for each image.",
        "img.diff(dim=3).abs().mean((1, 3))": "There are several numbers for each image. How many images, how many numbers?",
        UNSIGNED: CANCEL,
        f"{UNSIGNED}\n{BY_MEAN} -> across.mean(1).abs() + down.mean(1).abs()": CANCEL,
        f"{UNSIGNED}\n{BY_MEAN} -> (across.sum(1) + down.sum(1)).abs()": CANCEL,
        f"{ABS_ACROSS} -> [..., :, :-1]).relu()\n{ABS_DOWN} -> [..., :-1, :]).relu()": "Only one sort of edge counts: an edge counts whichever side is bright.",
        "((img - img.roll(1, -1)).abs() + (img - img.roll(1, -2)).abs()).flatten(1).mean(1)": WRAPPED,
        "((img - img.roll(-1, -1)).abs() + (img - img.roll(-1, -2)).abs()).flatten(1).mean(1)": WRAPPED,
        "((img - F.pad(img, (1, 0))[..., :-1]).abs() + (img - F.pad(img, (0, 0, 1, 0))[..., :-1, :]).abs()).flatten(1).mean(1)": "Pixels beyond the border (padding) are compared, too: Only true neighbours count.",
        "img.diff(dim=1).abs().flatten(1).mean(1) + down.mean(1)": "The score is nan, a mean over nothing. The axes of an image (N, 1, H, W) are 2 and 3; axis 1 has length 1.",
        "img.diff(dim=0).abs().mean() + across.mean(1)": MIXED,
        f"({BY_MEAN}) / ({BY_MEAN}).max()": MIXED,
        "2 * across.mean(1) + down.mean(1)": BOTH_WAYS,
        "across.mean(1) + 2 * down.mean(1)": BOTH_WAYS,
        "across.sum(1) + down.mean(1)": BOTH_WAYS,
        "across.mean(1) + down.sum(1)": BOTH_WAYS,
        "across.mean(1) - down.mean(1)": "The directions are subtracted: a horizontal edge would score less than nothing. Add them.",
        (
            "img.flatten(1).mean(1)",
            "img.flatten(1).sum(1)",
        ): "In three flat images, grey 0, 0.3 and 1, nothing changes from pixel to pixel. Does your measure look at brightness?",
        f"-({BY_MEAN})": "The sign is turned: blurred is near 0, and sharp above it.",
        ":, 1:] - img[..., :, :-1] -> :, 2:] - img[..., :, :-2]\n1:, :] - img[..., :-1, :] -> 2:, :] - img[..., :-2, :]": "You compare pixels that are further apart: in stripes of one pixel every pixel differs from its neighbour.",
        "(img[..., 1:, 1:] - img[..., :-1, :-1]).abs().flatten(1).mean(1)": "One step goes right and down at once: only true neighbours count, side by side and one above the other.",
    }
)


# --- a picture through a narrow code --------------------------------------------------------------


def one_tensor(y, method):
    """What a method gives, if it is a tensor."""
    if torch.is_tensor(y):
        return y
    some = f" of {len(y)}" if isinstance(y, tuple | list) else ""
    raise CheckError(
        f"{kind_of(y)}{some} came back from {method}, expected one tensor.",
        f"encode gives the code, forward the picture: look at the line with return in {method}.",
    )


def coded(net, x):
    """What encode and forward give; a decoder that gets the picture is told so."""
    if not callable(getattr(net, "encode", None)):
        raise CheckError(
            "Autoencoder has no method encode, expected encode(x) beside forward(x): it gives the code.",
            "Look at its spelling and its indentation.",
        )
    code = one_tensor(net.encode(x), "encode")
    try:
        return code, one_tensor(net(x), "forward")
    except RuntimeError as error:
        sizes = re.search(r"\((\d+)x(\d+) and (\d+)x", str(error))
        n, width, asked = map(int, sizes.groups()) if sizes else (0, 0, 0)
        if code.dim() != 2 or n * width != x.numel() or asked != code.shape[1]:
            raise
        raise CheckError(
            f"the decoder got the picture, {tuple(x.shape)}, and not the code; expected its code, {tuple(code.shape)}.",
            "What has to happen to x in forward before it is decoded?",
        ) from error


def through_code(net, x):
    """Whether the picture teaches every layer, and depends on x in 3 ways, as long as the code is."""
    (image,) = x
    net.eval()(image).sum().backward()
    idle = [key for key, p in net.named_parameters() if p.grad is None][:3]
    yield Aspect("taught", idle, "for the picture the weights {} get no gradient", UNUSED)
    image = image[:1].clone().requires_grad_()
    picture = net(image).flatten()
    mixes = torch.randn(6, picture.numel()) / picture.numel() ** 0.5
    slopes = [torch.autograd.grad(mix @ picture, image, retain_graph=True)[0] for mix in mixes]
    sizes = torch.linalg.svdvals(torch.stack([slope.flatten() for slope in slopes]))
    ways = "more than" if sizes[3] > 1e-3 * sizes[0] + 1e-12 else "at most"
    words = "with latent_dim 3 the picture depends on its image in {} 3 ways"
    yield Aspect("ways", ways, words, SKIP)


@torch.no_grad()
def ends(values, net, x):
    """The lowest and the highest of values(x) under large random weights of a network."""
    seen = [values(x)]  # lazy layers get their weights here
    for _ in range(5):
        for p in net.eval().parameters():
            p.normal_(0, 2)
        seen.append(values(x))
    return float(torch.stack(seen[1:]).min()), float(torch.stack(seen[1:]).max())


SKIP = "A skip connection from x, or a second path beside encode, lets the network copy without learning a code: all should go through it."
STRAIGHT = "Your encoder has no activation between its layers: two linear layers in a row can do no more than one linear layer."
WIDTH = "as many numbers as the argument latent_dim."


@exercise(
    Network(
        [(3,), (6,)],
        lambda n, latent_dim: torch.rand(n, 1, 28, 28),
        "x",
        outputs=("the code", "the picture"),
        use=coded,
        free=("the code",),
        straight=STRAIGHT,
        more=through_code,
        optional=[
            (
                lambda net, x: any(isinstance(m, nn.Hardsigmoid | nn.Hardtanh) for m in net.modules()),
                "A hard end has no gradient beyond 0 and 1, where a sigmoid keeps a little.",
            ),
            (
                lambda net, x: ends(net.encode, net, x)[0] < 0,
                "Your encoder ends in an activation, so the code cannot be negative: that half of its room stays empty. The exercise ends it in a linear layer.",
            ),
        ],
        hints={
            "shape": lambda seen, expected: (
                "One picture per image, in the shape of x."
                if len(expected) == 4
                else f"This is encode. One row per image, and {WIDTH}"
            ),
            "dead the picture": "There a ReLU or a clamp ends the decoder: where it gives 0 it has no gradient, so a dark pixel may stay dark for ever. Which function gets from any number to 0..1 with a slope everywhere?",
        },
    ),
    "helpers.networks:Autoencoder",
    "An image now has to pass through a few numbers.",
)
class Autoencoder(nn.Module):
    """Images to a code, and back to images in [0, 1]."""

    def __init__(self, latent_dim):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, latent_dim))
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 32), nn.ReLU(), nn.Linear(32, 784), nn.Sigmoid())

    def encode(self, x):
        return self.encoder(x)

    def forward(self, x):
        return self.decoder(self.encode(x)).view(-1, 1, 28, 28)


NO_TOP = "Here there is no upper end. That is a ReLU or softplus, without a gradient where it gives 0, or a factor such as 255. Which function squashes any number between 0 and 1?"
GREY = "Nothing is darker than grey: a ReLU stands before the sigmoid, the sigmoid is applied twice, or something shifts the range."
PICTURE = "self.decoder(self.encode(x)).view(-1, 1, 28, 28)"
ENCODED = "return self.encoder(x)"
Autoencoder.mistakes.update(
    {
        "nn.Sigmoid() -> nn.Tanh()": "That is a tanh, right for images in [-1, 1]: match the last activation to the range of your data.",
        "nn.Sigmoid() -> nn.ReLU()": NO_TOP,
        f"{PICTURE} -> {PICTURE} * 255": NO_TOP,
        "nn.Sigmoid() -> nn.Identity()": "Nothing bounds the last layer. Which function squashes any number between 0 and 1?",
        "nn.Sigmoid() -> nn.Softmax(1)": "Softmax makes all pixels of an image sum to 1: it is for classes.",
        "nn.Sigmoid() -> nn.ReLU(), nn.Sigmoid()": GREY,
        f"{PICTURE} -> {PICTURE} / 2": "Black or white is out of reach: something shrinks or shifts the range after its last activation.",
        f"{PICTURE} -> 0.25 + {PICTURE} / 2": GREY,
        f"{PICTURE} -> self.encode(x)": "That is the code. What should an autoencoder give back?",
        ".view(-1, 1, 28, 28) -> ": "The pixels are there, in a row: view them as pictures, in the shape of x. In a loss the two shapes would broadcast or fail.",
        "(-1, 1, 28, 28) -> (-1, 28, 28)": "The channel axis is missing: it is 1 for grey images.",
        "(-1, 1, 28, 28) -> (-1, 28, 28, 1)": "One picture per image, in the shape of x: PyTorch puts the channel before height and width.",
        f"{PICTURE} -> self.decoder(self.encode(x)).mean(1)": "That is one number per image, and an image has 784 of them.",
        f"{ENCODED} -> return self.decoder(self.encoder(x)).view(-1, 1, 28, 28)\n{PICTURE} -> self.encode(x)": "That is a picture: encode stops at the code, before the decoder.",
        "32, latent_dim -> 32, 784\nlatent_dim, 32 -> 784, 32": "That is as large as the image: the code is the narrow place in the middle.",
        f"{ENCODED} -> return self.encoder(x).t()\nself.encode(x) -> self.encoder(x)": "The order is the other way round: one ROW per image.",
    }
)


def slopes_of(values, image):
    """The gradient of each value at the pixels, (values, pixels)."""
    rows = [torch.autograd.grad(value, image, retain_graph=True)[0] for value in values]
    return torch.stack(rows).flatten(1)


def heads(net, image):
    """mu and logvar of one image under other weights, as a head may start at 0, and the image."""
    with torch.no_grad():
        net(image)  # lazy layers get their weights here
        for p in net.parameters():
            p.add_(0.05 * torch.randn_like(p))
    image = image[:1].clone().requires_grad_()
    return [code[0] for code in net.eval()(image)], image


def separate(net, x):
    """Whether logvar is mu again, or moves along it, latent by latent."""
    (mu, logvar), image = heads(net, x[0])
    if torch.allclose(mu, logvar, atol=1e-6):
        seen = "the same tensor"
    else:
        mine, other = (slopes_of(code, image) for code in (mu, logvar))
        tied = torch.cosine_similarity(mine, other, dim=1).abs() > 0.9999
        seen = "tied, latent by latent" if tied.all() else "two different heads"
    yield Aspect("heads", seen, "mu and logvar are {}", HEADS)
    net = net.eval()
    for k, name in enumerate(("mu", "logvar")):
        low, high = ends(lambda x, k=k: net(x)[k], net, x[0])
        reach = "goes beyond" if low < -5 and high > 5 else "stays within"
        yield Aspect(f"reach of {name}", reach, f"with random weights {name} {{}} -5 and 5", BOUNDED)


def is_free(net, x):
    """Whether two images with one mu may have different logvars."""
    codes, image = heads(net, x)
    sizes = torch.linalg.svdvals(slopes_of(torch.cat(codes), image))
    return bool(sizes[len(codes[0])] > 1e-4 * sizes[0])


def pair_of(net, x):
    """mu and logvar; one tensor that holds both is as good as a pair."""
    y = net(x)
    return tuple(y) if torch.is_tensor(y) and y.dim() == 3 and len(y) == 2 else y


HEADS = {
    "the same tensor": "How sure the encoder is has nothing to do with where the code lies.",
    "tied, latent by latent": "logvar is computed from mu alone. Each has weights of its own on what the body has found.",
}


@exercise(
    Network(
        [(3,), (5,)],
        lambda n, latent_dim: torch.rand(n, 1, 28, 28),
        "x",
        outputs=("mu", "logvar"),
        use=pair_of,
        straight=STRAIGHT,
        more=separate,
        optional=[
            (
                is_free,
                "logvar follows from mu: images with the same mu get the same logvar. Let its head start from the wide hidden layer, as mu's does.",
            )
        ],
        hints={
            "shape": "One row per image, latent_dim numbers in a row. Take it from the argument of __init__.",
            "type": "Return both, with a comma between them: look at the last line of forward.",
        },
    ),
    "helpers.networks:VAEEncoder",
    "An image now becomes a cloud of codes, not a point.",
)
class VAEEncoder(nn.Module):
    """Images to mu and logvar."""

    def __init__(self, latent_dim):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU())
        self.mu = nn.Linear(32, latent_dim)
        self.logvar = nn.Linear(32, latent_dim)

    def forward(self, x):
        h = self.body(x)
        mu, logvar = self.mu(h), self.logvar(h)
        return mu, logvar


BOUNDED = "A tanh or a clamp bounds it: leave the last linear layer as it is."
ENDS = {
    "torch.sigmoid({0})": "That is a sigmoid (or softmax). Which range should {0} have?",
    "torch.softmax({0}, 1)": "That is a softmax: it is for classes. Which range should {0} have?",
    "{0}.relu()": "No value is negative. {1}",
    "F.logsigmoid({0})": "No value is positive: leave the last linear layer as it is.",
    "torch.tanh({0})": BOUNDED,
}
ONE_SIDED = {
    "mu": "A ReLU stands after the last layer: codes lie on both sides of 0.",
    "logvar": "A ReLU, softplus or exp stands after the last layer. That is for a std: the logarithm of a variance below 1 is negative, and sigma would never be below 1.",
}
BOTH_ONE = "torch.cat([mu, logvar], 1)"
VAEEncoder.mistakes.update(
    {
        pair.format(edit.format(head)): why.format(head, ONE_SIDED[head])
        for head, pair in {"mu": "{}, logvar", "logvar": "mu, {}"}.items()
        for edit, why in ENDS.items()
    }
    | {
        BOTH_ONE: "Split it in two, along the latent axis.",
        "mu": "Return both, with a comma between them: look at the last line of forward.",
        "(mu + torch.randn_like(mu) * (logvar / 2).exp(), mu, logvar)": "z is drawn outside, by reparameterize.",
        f"{BOTH_ONE}.chunk(2)": "The rows are the images: a split along axis 0 takes the batch apart.",
        f"{BOTH_ONE}, {BOTH_ONE}": "That is both in one: split along the latent axis.",
    }
)


# --- a draw that lets the gradient through --------------------------------------------------------

MU = torch.tensor([1.5, -0.7, 2.4, 0.3, -1.9])
LOGVAR = torch.tensor([0.8, -1.6, -0.5, 1.9, -2.4])
EPS = "(z - mu) / sigma"


def clouds(n=4, latent_dim=3, repeat=0):
    """mu and logvar of n images; repeat: all have the same ones, five numbers that come again."""
    if repeat:
        return {"mu": MU.repeat(n, repeat), "logvar": LOGVAR.repeat(n, repeat)}
    mu, logvar = torch.randn(n, latent_dim), torch.randn(n, latent_dim)
    return {"mu": mu.requires_grad_(), "logvar": logvar.requires_grad_()}


def noise_of(play):
    """The noise that a draw holds, if it is centred at mu and as wide as sigma."""
    return {EPS: (play.result - play.cast["mu"]) / (play.cast["logvar"] / 2).exp()}


def lies(name, z, other):
    """How the noise lies: what comes without any is told before."""
    yield Aspect("finite", "finite" if z.isfinite().all() else "not finite", "z is {}", NOT_FINITE)
    still = bool((z == z[:1]).all())
    fixed = z if torch.equal(z, other) else "new"
    yield Aspect("fresh", fixed, lambda a, b: NOT_FRESH, NO_NOISE if still else FRESH)
    yield from differ("rows", name, z, ONE_EPS)
    noisy = z[:, z.std(0) > 1e-6].T
    apart = "all" if len(torch.unique(noisy, dim=0)) == len(noisy) else "not all"
    yield Aspect("columns", apart, f"of the columns of {name} {{}} differ", ONE_NUMBER)
    each = z.view(len(z), -1, len(MU)).transpose(0, 1).flatten(0, 1)
    moments = torch.stack([each.mean(0), each.std(0)])
    words = lambda a, b: f"For logvar {told(LOGVAR)} its std is {told(a[1])}, expected 1 each."
    yield Aspect("latents", moments, words, role=CLUE, same=close)
    words = functools.partial(told_spread, name)
    yield Aspect("spread", z.flatten().sort().values, words, too_wide, same=alike)
    varied = z.norm(dim=1).std() > 0.01 * z.norm(dim=1).mean()
    vary = "lengths that vary" if varied else "the same length"
    yield Aspect("lengths", vary, f"the rows of {name} have {{}}", "Leave eps as it is drawn.")


def close(a, b):
    """Whether means and stds agree, as far as some thousand draws can tell."""
    return bool(((a - b).abs() <= 0.1 * torch.maximum(a[1], b[1]) + 1e-6).all())


def too_wide(seen, expected):
    """A factor of the spread, if there is one."""
    ratio = float(seen.std())
    if abs(float(seen.mean())) < 0.1 * ratio and alike(seen / ratio, expected):
        return f"The spread is {ratio:.2f} times sigma: is eps drawn from N(0, I)?"
    return unlike(seen, expected)


class Reparameterized(Draw):
    """A draw whose slopes are known: 1 for mu, and (z - mu) / 2 for logvar."""

    def observe(self, answer, name, tape):
        """The usual, then the slopes."""
        yield from super().observe(answer, name, tape)
        play = self.played(answer, tape, 30, {"n": 6})
        z, (mu, logvar) = play.result, play.cast.values()
        carries = "a gradient" if z.requires_grad else "no gradient"
        yield Aspect("graph", carries, "z carries {}", UNLEARNT)
        weights = torch.linspace(1, 2, z.numel()).view_as(z)
        slopes = torch.autograd.grad((z * weights).sum(), (mu, logvar), allow_unused=True)
        wanted = weights, weights * (z - mu).detach() / 2
        for argument, slope, asked in zip(("mu", "logvar"), slopes, wanted):
            seen = "another gradient" if slope is not None and slope.any() else "no gradient"
            right = slope is not None and torch.allclose(slope, asked, atol=1e-3, rtol=1e-3)
            words = f"{{}} reaches {argument}"
            yield Aspect(f"slope of {argument}", "its gradient" if right else seen, words, CUT_DRAW)


NOT_FINITE = (
    "nan comes from a root or a log of a negative number: logvar may be negative, and exp undoes its logarithm."
)
NOT_FRESH = "two calls give the same z, expected a new draw each time."
NO_NOISE = "No noise enters. Where is eps?"
ONE_EPS = "eps is drawn once for the whole batch, or not for each image. Print eps.shape next to mu.shape."
ONE_NUMBER = "One number is drawn per image and shared by its latents. Print eps.shape next to mu.shape."
UNLEARNT = "The encoder could not learn. Look for no_grad, detach, .data, and for sample where rsample is meant."
CUT_DRAW = "A detach cuts a part of its path, or torch draws with mu and sigma inside: draw eps on its own, then scale and shift it."


@exercise(
    Reparameterized(
        clouds,
        [{"n": 7, "latent_dim": 5}, {"n": 1}, {"n": 4, "latent_dim": 1}],
        chance={"n": 100, "repeat": 40},
        drawn=noise_of,
        lies=lies,
        result="z",
        hints={"shape": "One z per image, as long as its mu: eps has the shape of mu."},
    ),
    "helpers.networks:reparameterize",
    "A draw now lets the gradient through to mu and logvar.",
)
def reparameterize(mu, logvar):
    """z = mu + sigma * eps."""
    sigma, eps = (logvar / 2).exp(), torch.randn_like(mu)
    return mu + sigma * eps


HALF = "The spread is the variance: exp(logvar) is sigma^2. Which of the two multiplies eps, sigma or its square?"
NO_EXP = "logvar itself multiplies eps. It is the logarithm of sigma^2: with logvar 0, as an untrained encoder says, there would be no noise."
ROOT_OF = "The root is taken of logvar itself. It is the logarithm of sigma^2: undo the logarithm first."
EXCHANGED = "mu and sigma have exchanged their roles: which one is the centre, and which the scale?"
RAND = "eps is not centred at 0 and spans 1: that looks uniform on [0, 1). Compare the names rand and randn."
NOT_NORMAL = (
    "The noise has the right mean and std, and it is not normal. Look at the distribution that eps is drawn from."
)
NO_EPS = "no noise enters. sigma says how wide the draw is. Where is eps?"
SIGMAS = {
    "logvar.exp()": HALF,
    "logvar": NO_EXP,
    "logvar / 2": NO_EXP,
    "logvar.relu()": NO_EXP,
    "logvar.clamp_min(0).sqrt()": ROOT_OF,
    "logvar.abs().sqrt()": ROOT_OF,
    "logvar.abs().sqrt() / 2": ROOT_OF,
    "(-logvar / 2).exp()": "The sign in the exponent is turned. A larger logvar: more noise, or less?",
    "(-logvar).exp()": "The sign in the exponent is turned, and the 1/2 is missing.",
    "(2 * logvar).exp()": "The exponent is doubled where it should be halved: sigma is a root.",
    "logvar.exp() / 2": "exp(logvar) is halved. The half belongs into the exponent: the root of exp(a) is exp(a / 2).",
    "(logvar / 4).exp()": "The root is taken twice: exp(logvar / 4).",
    "F.softplus(logvar)": "softplus is for a network's raw output. logvar is a logarithm, and exp undoes it.",
    "torch.sigmoid(logvar)": "A sigmoid is no way back from a logarithm: exp undoes it.",
    "sigma * mu": "mu multiplies the noise as well.",
}
reparameterize.mistakes.update(
    {f"mu + {sigma} * eps": why for sigma, why in SIGMAS.items()}
    | {
        "mu + eps": "sigma does not enter: logvar is ignored.",
        "sigma + mu * eps": EXCHANGED,
        "logvar.exp() + mu * eps": EXCHANGED,
        "logvar + mu * eps": EXCHANGED,
        "logvar + (mu / 2).exp() * eps": f"{EXCHANGED} Look at the order of the arguments.",
        (
            "sigma * eps",
            "return (logvar / 2).exp() * torch.randn_like(logvar)",
        ): "mu does not enter: every image has the same centre.",
        "return torch.randn_like(logvar)": "z is eps itself: mu and sigma are missing.",
        "mu + sigma + eps": "sigma is added. It multiplies eps: it says how wide the draw is.",
        "(mu + eps) * sigma": "A bracket is too wide: sigma multiplies mu as well.",
        "-mu + sigma * eps": "The sign of mu is turned: z is centred at mu.",
        "mu + sigma * torch.rand_like(mu)": RAND,
        "mu + logvar.exp() * torch.rand_like(mu)": f"{RAND} And {HALF[0].lower()}{HALF[1:]}",
        "mu + sigma * (2 * torch.rand_like(mu) - 1)": "eps looks uniform on [-1, 1], with std 0.58. N(0, I) has std 1 and tails.",
        "mu + sigma * (torch.rand_like(mu) - 0.5) * 12 ** 0.5": NOT_NORMAL,
        "mu + sigma * torch.distributions.Laplace(0.0, 0.5 ** 0.5).sample(mu.shape)": NOT_NORMAL,
        "mu + sigma * eps.sign()": NOT_NORMAL,
        "mu + sigma * eps.abs()": "eps is never negative: leave its sign as it is drawn.",
        "mu + sigma * eps ** 2": "eps is squared, so it is never negative, and z shifts away from mu.",
        ("mu", "return mu"): "z is mu itself: no noise enters. Where is eps?",
        "mu + sigma": f"z is mu + sigma: {NO_EPS}",
        "mu + logvar.exp()": f"z is mu + sigma^2: {NO_EPS}",
        "mu + logvar": f"z is mu + logvar: {NO_EPS}",
        "mu + 0.5 + sigma * eps": "What shifts z away from mu? eps has mean 0, and mu is added once.",
    }
)


# --- the two terms of the loss --------------------------------------------------------------------


def codes(n=0, latent_dim=0, prior=False):
    """mu and logvar: worked ones, n random ones, or those of the prior."""
    mu, logvar = (torch.tensor([[1.0, 0.0, -2.0], [0.0, 3.0, 0.0]]), torch.tensor([[0.0, 1.0, 0.0], [-2.0, 0.0, 0.0]]))
    if prior:
        mu, logvar = torch.zeros(2, 2), torch.zeros(2, 2)
    elif n:
        mu, logvar = torch.randn(n, latent_dim) + 0.4, torch.randn(n, latent_dim) - 0.3
    return {"mu": mu.requires_grad_(), "logvar": logvar.requires_grad_()}


def one_number(what):
    """Advice for a loss of another shape than one number."""
    return lambda seen, expected: (
        "There is one per image, and backward() starts from one number: combine them so that the batch size does not matter."
        if len(seen) == 1
        else f"One number is expected: add over {what} of an image, and average over the images."
    )


PATH = "The whole or a part of its path is cut: look for .item(), detach, .data, no_grad or torch.tensor(...). A network would never learn from this term."
TERM = {
    "type": "backward() starts from one number with its graph: return the whole alone, without .item().",
    "graph": PATH,
    "gradient": PATH,
}


@exercise(
    Function(
        codes,
        [{"prior": True}, {}, *({"n": n, "latent_dim": d} for n, d in ((7, 2), (1, 4), (3, 6)))],
        learns=("mu", "logvar"),
        result="the KL",
        hints=TERM
        | {
            "shape": one_number("the latents"),
            "values": "Work one latent by hand: mu 1 and logvar 0 cost 1/2, mu 0 and logvar 0 cost nothing. Add over the latents, average over the batch.",
        },
    ),
    "helpers.losses:kl_divergence",
    "A code far from the prior, or too sure of itself, now costs.",
)
def kl_divergence(mu, logvar):
    """KL(N(mu, sigma^2) || N(0, I)), summed over the latents, averaged over the batch."""
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(1).mean()


KL = "0.5 * (mu.square() + logvar.exp() - 1 - logvar)"
LATENT_MEAN = "You average over the latents: the KLs of independent dimensions add. Sum over the latent axis, then average over the batch."
NO_ONE = "The constant 1 is missing: the gradient does not notice, but the KL of the prior with itself is 0, and a printed KL should say so."
LOG_ITSELF = (
    "The variance is exp(logvar). You put logvar itself in its place: at the prior (mu 0, logvar 0) the KL has to be 0."
)
TAKEN_FOR_SIGMA = "The logarithm of a variance is taken for sigma itself. Undo the logarithm, then take the root."
WHICH_POWER = "exp(logvar / 2) is sigma. Which power of sigma stands in the closed form?"
BACKWARDS = "That is the KL the other way round, from the prior to the posterior. The encoder's Gaussian comes first: its own variance is not a divisor."
LOG_OF_0 = "inf comes from a log of 0 or a division by 0, nan comes from a log or a root of a negative number: logvar is a logarithm already, and may be 0 or negative."


KL_INSIDE = {
    "logvar.square() + mu.exp() - 1 - mu": "mu and logvar have changed places: compare their order where the KL is called with the order in its signature.",
    "mu.square() - 1": LOG_ITSELF,
    "mu.square() + logvar - 1 - logvar.abs().log()": LOG_ITSELF,
    "mu.square() + logvar.square() - 1 - logvar.square().log()": f"{TAKEN_FOR_SIGMA} {LOG_OF_0}",
    "mu.square() + logvar - 1 - logvar.log()": LOG_OF_0,
    "mu.square() + logvar.square() - 1 - 2 * logvar.log()": LOG_OF_0,
    "mu.square() + logvar.exp() - 1 + 1 / logvar.abs()": LOG_OF_0,
    "mu.square() + logvar.exp() - logvar": NO_ONE,
    "mu.square() + (logvar / 2).exp() - 1 - logvar": WHICH_POWER,
    "mu.square() + (logvar / 2).exp() - 1 - logvar / 2": WHICH_POWER,
    "mu.square() + (2 * logvar).exp() - 1 - 2 * logvar": "exp(logvar) is the variance, and you use it as sigma: a Normal of torch takes sigma, the root of the variance.",
    "mu.square() + (2 * logvar).exp() - 1 - logvar": "The variance is squared. exp(logvar) is the variance already.",
    "logvar + (1 + mu.square()) / logvar.exp() - 1": BACKWARDS,
    "-mu.square() + logvar.exp() - 1 - logvar": "The sign of mu^2 is turned: a mean far from 0 has to cost.",
    "mu.square() - logvar.exp() - 1 - logvar": "The sign of the variance is turned: a wide posterior has to cost.",
    "mu.square() + logvar.exp() - 1 + logvar": "The sign of logvar is turned: a narrow posterior has to cost.",
    "mu.square() + logvar.exp() + 1 - logvar": "The sign of the 1 is turned: at the prior the KL has to be 0.",
    "mu.square() + logvar.exp() - 1 - 2 * logvar": "logvar counts twice: the factor 1/2 holds for all the terms.",
    "mu.square() + logvar.square() - 1 - logvar": LOG_ITSELF,
    "logvar.exp() - 1 - logvar": "mu is missing: a posterior far from 0 has to cost.",
    "mu.square() + logvar.exp() - 1": "logvar is missing: without it a posterior may shrink to a point at no cost.",
    "mu.square() - 1 - logvar": "The variance, exp(logvar), is missing: a wide posterior has to cost.",
    "mu.square() + (-logvar).exp() - 1 - logvar": "The sign in the exponent is turned: exp(logvar) is the variance.",
    "2 * mu.square() + logvar.exp() - 1 - logvar": "mu^2 counts twice: the factor 1/2 holds for all the terms.",
    "mu.square() + logvar.exp() - 1 - logvar / 2": "logvar has the wrong factor: the logarithm of sigma is half of logvar, and the closed form has log sigma^2.",
    "mu + logvar.exp() - 1 - logvar": "mu is not squared: a mean of -3 is as far from 0 as one of 3, and the closed form wants its square.",
    "mu.abs() + logvar.exp() - 1 - logvar": "mu is not squared: a mean of -3 is as far from 0 as one of 3, and the closed form wants its square.",
}
KL_TERMS = {
    f"-{KL}.sum(1).mean()": "The sign is turned. What is the smallest value a KL can take, and where?",
    f"-({KL}).mean()": "The sign is turned, and you average over the latents, whose KLs add.",
    f"-({KL}).sum()": "The sign is turned, and the batch is summed.",
    f"({KL}).mean()": LATENT_MEAN,
    f"({KL}).sum(0).mean()": "The axes are exchanged: you add over the batch and average over the latents. Axis 0 is the batch, axis 1 the latents.",
    f"({KL}).sum()": "You add over the batch as well: twice the batch gives twice the KL. The other term of the loss is a mean over the images.",
    f"2 * {KL}.sum(1).mean()": "It is twice the KL: look for the factor 1/2 in the closed form.",
    f"2 * ({KL}).mean()": f"{LATENT_MEAN} The factor 1/2 is missing, too.",
    f"2 * ({KL}).sum()": "The batch is summed, and the factor 1/2 is missing.",
    f"-2 * {KL}.sum(1).mean()": "The sign is turned, and the factor 1/2 is missing.",
    f"{KL}.sum(1).mean() / 2": "It is half the KL: the factor 1/2 stands there once.",
    f"{KL}.sum(1).mean() / len(mu)": "You divide by the batch size twice.",
    f"{KL}.sum(1).mean() / math.log(2)": "The logarithm has another base: here it is natural.",
    "(0.5 * (mu.square() - 1)).mean()": LOG_ITSELF,
    "(0.5 * (mu.square() + logvar.exp() - logvar)).mean()": f"{NO_ONE} You average over the latents, too.",
    "(0.5 * (logvar + (1 + mu.square()) / logvar.exp() - 1)).mean()": BACKWARDS,
} | {f"0.5 * ({terms}).sum(1).mean()": why for terms, why in KL_INSIDE.items()}
kl_divergence.mistakes.update(KL_TERMS)

# the same for pictures: {another error than the squared one: why}
ERROR = "(x_hat - x).square().flatten(1)"
ABSOLUTE = "That is the absolute error, right elsewhere (a Laplace decoder). Which power of the difference stands in the logarithm of a Gaussian?"
NO_POWER = (
    "The differences are not squared: too bright and too dark cancel, and an all-black answer makes the loss negative."
)
ROOT = "You take a root of the squared error. The square itself is asked for."
BINARY = "F.binary_cross_entropy(x_hat, x, reduction='none').flatten(1)"
SQUARED_ERRORS = {
    f"{ERROR}.mean()": "You average over the pixels: mse_loss does so by default, and so does a sum over axis 1, which holds the one channel. A KL beside it, summed over latents, would be hundreds of times too heavy.",
    f"{ERROR}.sum()": "You add over the batch: twice the batch gives twice the loss. Add over the pixels of an image, and average over the images.",
    "(x_hat - x).abs().flatten(1).sum(1).mean()": ABSOLUTE,
    "(x_hat - x).abs().mean()": f"{ABSOLUTE} And the pixels are averaged.",
    "(x_hat - x).abs().sum()": f"{ABSOLUTE} And the batch is summed.",
    tuple(
        f"({d}).flatten(1){end}" for d in ("x_hat - x", "x - x_hat") for end in (".sum(1).mean()", ".mean()", ".sum()")
    ): NO_POWER,
    "(x_hat - x).flatten(1).sum(1).mean().abs()": NO_POWER,
    "(x_hat - x).flatten(1).sum(1).square().mean()": "You add the differences and then square the sum: too bright and too dark cancel. Square each difference first.",
    "(x_hat - x).flatten(1).norm(dim=1).mean()": ROOT,
    "(x_hat - x).flatten(1).norm(dim=1).sum()": ROOT,
    "(x_hat - x).norm()": ROOT,
    f"{ERROR}.mean().sqrt()": ROOT,
    f"{ERROR}.sum(1).mean().sqrt()": ROOT,
    (
        f"-{ERROR}.sum(1).mean()",
        f"-{ERROR}.mean()",
    ): "The sign is turned. A loss is always minimised here: better pictures, smaller loss.",
    f"{ERROR}.sum(1).mean() / 2": "It is halved: right elsewhere (pixels of variance 1). Here the plain squares are added.",
    "(x_hat - x).square().sum(-1).mean()": "You add along one axis of the picture and average along the other. One image has three axes beside the batch: all of them are added.",
    f"{ERROR}.sum(0).mean()": "You add over the batch and average over the pixels: it is the other way round.",
    f"{ERROR}.sum(1).mean() / len(x)": "You divide by the batch size twice: a mean, and a division on top of it.",
    (
        f"{BINARY}.sum(1).mean()",
        f"{BINARY}.mean()",
        f"{BINARY}.sum()",
    ): "That is the binary cross entropy, right elsewhere (a Bernoulli decoder). Here the squared error is asked for.",
    f"{ERROR}.square().sum(1).mean()": "You square twice: mse_loss has squared already.",
    "(x_hat.square() - x.square()).flatten(1).sum(1).mean()": "Square the difference, not each picture.",
    "(x_hat + x).square().flatten(1).sum(1).mean()": "You add the two pictures: their difference counts.",
    "(x_hat[:, None] - x).square().flatten(2).sum(2).mean()": "Every pixel meets pixels that are not its own: the two have different shapes and broadcast to a table.",
}


def pictures(n):
    """n random images and their reconstructions, in (0, 1), no two of them alike."""
    x_hat = torch.rand(n, 1, 28, 28) * 0.6 + 0.3
    return {"x_hat": x_hat.requires_grad_(), "x": torch.rand(n, 1, 28, 28) ** 2}


def pictures_and_codes(n, latent_dim, beta=None):
    """What a VAE's loss takes; beta is left to its default, or given."""
    given = {} if beta is None else {"beta": beta}
    return pictures(n) | codes(n, latent_dim) | given


class Weighted(Function):
    """A loss that is told with its weight."""

    def told_values(self, play, name, a, b):
        """The sizes and the weight that went in, and both numbers."""
        n, latent_dim = play.cast["mu"].shape
        beta = f"beta {told(play.cast['beta'])}" if "beta" in play.cast else "without beta"
        default = "" if "beta" in play.cast else ", as with beta 1"
        return f"{name} of {n} random images with {latent_dim} latents, {beta}, is {a.item():.4g}, expected {b.item():.4g}{default}."


@exercise(
    Weighted(
        pictures_and_codes,
        [
            {"n": 3, "latent_dim": 2, "beta": 4.0},
            {"n": 7, "latent_dim": 5, "beta": 0.25},
            {"n": 1, "latent_dim": 3, "beta": 2.5, "named": ("beta",)},
            {"n": 2, "latent_dim": 6},
        ],
        learns=("x_hat", "mu", "logvar"),
        result="the loss",
        hints=TERM
        | {
            "shape": one_number("the parts"),
            "type": lambda seen, expected: (
                "It holds two terms or more: the loss is both of them added up, with their weights, so that one backward() serves them both. So return the whole alone."
                if seen.startswith(("a tuple", "a list"))
                else TERM["type"]
            ),
            "values": "It is the reconstruction plus beta times the KL, both of them added up within an image and averaged over the batch. Print the two terms one by one.",
        },
        causes={
            "missing .*'beta'": "Called without beta the loss stops, expected the default 1: it stands in the signature."
        },
    ),
    "helpers.losses:vae_loss",
    "One number now weighs pictures against codes.",
)
def vae_loss(x_hat, x, mu, logvar, beta=1.0):
    """Reconstruction + beta * KL, both per image."""
    loss_recon = (x_hat - x).square().flatten(1).sum(1).mean()
    loss_kl = 0.5 * (mu.square() + logvar.exp() - 1 - logvar).sum(1).mean()
    return loss_recon + beta * loss_kl


def inside(part, term, edits, *others):
    """The mistakes of one term of a sum, told with its name; others: those that the sum tells."""
    return {f"{term} -> {edit}": f"{part}: {why}" for edit, why in spread(edits) if edit not in others}


BOTH_AVERAGED = "Both terms are averaged, over 784 pixels and over a few latents: that weighs the KL many times too much. Sum both over one image, then average over the batch."
MEAN_ERROR, ALL_ERRORS = f"{ERROR}.mean()", f"{ERROR}.sum()"
TWO = f"{KL}.sum(1).mean()", f"{ERROR}.sum(1).mean()"
DEFAULTS = "0.0", "4.0", "2.0", "0.5", "0.1", "10.0", "0.01", "0.001", "784.0"
vae_loss.mistakes.update(
    {
        "loss_recon - beta * loss_kl": "The KL is subtracted. The ELBO is -reconstruction - KL and is maximised; you minimise minus that.",
        "-loss_recon - beta * loss_kl": "The sign is turned: that is the ELBO itself, and an optimiser lowers a loss.",
        "-loss_recon + beta * loss_kl": "The sign of the reconstruction is turned.",
        "beta * loss_recon + loss_kl": "beta weighs the reconstruction. In a beta-VAE, which term gets the weight?",
        "beta * (loss_recon + loss_kl)": "beta weighs both terms: that is only another learning rate. It belongs to the KL alone.",
        "loss_recon + loss_kl": "beta has no effect: change it, and the loss should change.",
        "(1 - beta) * loss_recon + beta * loss_kl": "beta shares the weight between both terms. It multiplies the KL and nothing else.",
        "loss_recon + loss_kl / beta": "The KL is divided by beta. A larger beta asks for a smaller KL.",
        "loss_recon / beta + loss_kl": "The reconstruction is divided by beta: multiply the KL by it.",
        "loss_recon + beta ** 2 * loss_kl": "beta enters twice.",
        "loss_recon + beta + loss_kl": "beta is added. It is a factor of the KL.",
        "loss_recon": "The KL is missing: without it the codes have no reason to be near N(0, I).",
        ("beta * loss_kl", "loss_kl"): "The reconstruction is missing: nothing tells the decoder what to draw.",
        "(loss_recon + beta * loss_kl) / 2": "It is halved: the two terms are added, not averaged.",
        (
            f"({ERROR}.sum(1) * beta * ({KL}).sum(1)).mean()",
            "loss_recon * beta * loss_kl",
        ): "The terms are multiplied. They are added.",
        f"loss_recon + beta * ({KL}).sum()": "The KL is added over the batch and the reconstruction is averaged: with another batch size the two terms weigh otherwise. Both are per image.",
        f"{ALL_ERRORS} + beta * loss_kl": "The reconstruction is added over the batch and the KL is averaged. Both are per image.",
        f"{ALL_ERRORS} + beta * ({KL}).sum()": "Both terms are added over the batch: the step then grows with the batch size. Average over the images.",
        f"{MEAN_ERROR} + beta * ({KL}).mean()": BOTH_AVERAGED,
        f"{MEAN_ERROR} - beta * ({KL}).mean()": f"The KL is subtracted. {BOTH_AVERAGED}",
        f"loss_recon - beta * ({KL}).sum()": "The KL is subtracted, and added over the batch.",
        f"beta * {MEAN_ERROR} + loss_kl": "beta weighs the reconstruction, which is averaged over the pixels, too.",
        "loss_recon + beta * loss_kl / 784": "The KL is divided by the number of pixels. Both terms are sums for each image.",
        "(loss_recon + beta * loss_kl) / 784": "Both terms are per pixel. Sum over the pixels and over the latents.",
        tuple(
            f"beta=1.0 -> beta={value}" for value in DEFAULTS
        ): "Without beta the KL has the weight 1. Look at the default in the signature.",
    }
    | inside("The KL", TWO[0], KL_TERMS, f"-{TWO[0]}", f"({KL}).sum()", f"-({KL}).sum()")
    | inside("The reconstruction", TWO[1], SQUARED_ERRORS, f"-{TWO[1]}", ALL_ERRORS)
)


# --- images that nobody has encoded ---------------------------------------------------------------


def painter(n, latent_dim):
    """A decoder that ends in a sigmoid, and what it should draw."""
    body = nn.Sequential(nn.Linear(latent_dim, 784), nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))
    with torch.no_grad():
        body[0].weight.mul_(4)
    return {"decoder": Spy(body, (latent_dim,), draws=True), "n": n, "latent_dim": latent_dim}


@exercise(
    Draw(
        painter,
        [{"n": 7, "latent_dim": 4}, {"n": 1, "latent_dim": 6}, {"n": 5, "latent_dim": 5}],
        chance={"n": 100, "latent_dim": 192},
        drawn=lambda play: play.noise(),
        result="the images",
        hints={
            "shape": "Give back what the decoder makes: images, not codes, and all of them.",
            "values": "Look at what happens after decoder(z): its images come as they are.",
            "made by decoder": "How many latent vectors do n images need?",
            "history": "Every picture would hold on to memory. Sampling runs under no_grad.",
        },
    ),
    "helpers.images:sample_prior",
    "The decoder now draws images that nobody has encoded.",
)
def sample_prior(decoder, n, latent_dim):
    """The decoder's images of n codes from N(0, I), without a graph."""
    with torch.no_grad():
        x_new = decoder(torch.randn(n, latent_dim))
    return x_new


PRIOR = "torch.randn(n, latent_dim)"
STRAY = "The decoder was trained on codes of N(0, I): elsewhere it has never learnt what to draw."
VARIETY = "All n images are the same. Where should the variety of the samples come from?"
SCALES = f"Something scales or clips the noise. {STRAY}"
sample_prior.variants["with torch -> decoder.eval()\n    with torch"] = (
    "The decoder is in eval mode now: call train() before the next training step."
)
sample_prior.mistakes.update(
    {
        f"{PRIOR} -> torch.zeros(n, latent_dim)": VARIETY,
        f"{PRIOR} -> torch.ones(n, latent_dim)": VARIETY,
        f"{PRIOR} -> torch.randn(latent_dim)": "That is one vector. How many latent vectors do n images need?",
        f"{PRIOR} -> torch.randn(1, latent_dim)": "How many latent vectors do n images need?",
        f"{PRIOR} -> torch.randn(latent_dim, n)": "The order is the other way round: one ROW per image.",
        (f"{PRIOR} -> torch.randn(n, 20)", f"{PRIOR} -> torch.randn(n, 100)"): "Both numbers come in as arguments.",
        f"{PRIOR} -> torch.randn(n, 1, 28, 28)": "That looks like images: the decoder starts from codes, and no encoder is needed.",
        f"{PRIOR} -> torch.randn(1, latent_dim).expand(n, latent_dim)": "One vector is repeated for all: draw n of them.",
        f"{PRIOR} -> torch.randn(n, 1).expand(n, latent_dim)": "One number is drawn per image and repeated: are your latent dimensions independent?",
        f"{PRIOR} -> torch.rand(n, latent_dim)": f"That looks uniform on [0, 1): compare the names rand and randn. {STRAY}",
        f"{PRIOR} -> 2 * torch.rand(n, latent_dim) - 1": f"That looks uniform: where are its tails? {STRAY}",
        f"{PRIOR} -> 3 * {PRIOR}": SCALES,
        f"{PRIOR} -> 0.5 * {PRIOR}": SCALES,
        f"{PRIOR} -> 2 * {PRIOR}": SCALES,
        f"{PRIOR} -> 0.1 * {PRIOR}": SCALES,
        f"{PRIOR} -> {PRIOR}.clamp(-1, 1)": SCALES,
        f"{PRIOR} -> {PRIOR}.tanh()": SCALES,
        (f"{PRIOR} -> 1 + {PRIOR}", f"{PRIOR} -> {PRIOR}.abs()"): f"Something shifts or folds the noise. {STRAY}",
        f"{PRIOR} -> torch.randint(0, 5, (n, latent_dim))": "Those are whole numbers: z comes from N(0, I).",
        (
            "torch.randn(n, latent_dim)",
            "decoder(torch.randn(n, latent_dim)); return torch.randn(n, latent_dim)",
        ): "images, not codes.",
        "(x_new + 1) / 2": "They are scaled: this decoder ends in a sigmoid, its images are in [0, 1] already.",
        "2 * x_new - 1": "They are scaled to [-1, 1]: in this lesson images live in [0, 1].",
        "x_new.sigmoid()": "A sigmoid on top of the decoder's own takes the contrast away.",
        "x_new * 255": "That is the range 0 to 255. Here images live in [0, 1].",
        "x_new.round()": "The greys are rounded away.",
    }
)


# --- a walk between two codes ---------------------------------------------------------------------


def walk(steps, latent_dim=0):
    """Two codes, worked or random, and how many to give."""
    z1, z2 = torch.tensor([1.0, 0.0, -2.0]), torch.tensor([3.0, 4.0, 0.0])
    if latent_dim:
        z1, z2 = torch.randn(latent_dim), torch.randn(latent_dim)
    return {"z1": z1, "z2": z2, "steps": steps}


class Walk(Function):
    """A path, told in the first row that differs."""

    def told_values(self, play, name, a, b):
        """Where from and where to, and the row."""
        k = int(((a - b).abs().nan_to_num(1e9).amax(1) > 1e-4).float().argmax())
        z1, z2 = (told(play.before[name]) for name in ("z1", "z2"))
        return f"from {z1} to {z2} in {len(a)} steps, row {k} is {told(a[k])}, expected {told(b[k])}."


def rows_counted(seen, expected):
    """Advice for a path of another shape."""
    steps, latent_dim = expected
    return {
        (latent_dim, steps): "The order is the other way round: one ROW per step.",
        (steps + 1, latent_dim): "That is one row too many: steps counts the rows, both ends too.",
        (steps - 1, latent_dim): "One row is missing: steps counts the rows, both ends too.",
        (steps - 2, latent_dim): "The two ends are missing: they belong to the path.",
        (steps + 2, latent_dim): "steps counts the rows, both ends included.",
        (steps * latent_dim,): "The numbers are in one long row: one row per step is asked for.",
        (steps, 1, latent_dim): "There is one axis too many between the steps and the latents.",
        (latent_dim,): "That is one code. Where does the axis of the steps come from?",
        (steps,): "That is one number per step: each step is a whole code.",
    }.get(seen, "One row per step, as long as z1: steps counts the rows.")


@exercise(
    Walk(
        walk,
        [{"steps": 5}, {"steps": 2}, {"steps": 11}]
        + [{"steps": s, "latent_dim": d} for s, d in ((4, 4), (7, 2), (2, 6), (9, 1))],
        result="the path",
        hints={
            "shape": rows_counted,
            "values": "Put t = 0 and t = 1 into your formula: where does it start, and where does it end?",
        },
    ),
    "helpers.data:interpolate",
    "You can now walk from one code to another.",
)
def interpolate(z1, z2, steps):
    """A straight line from z1 to z2 in equal steps, both ends included."""
    t = torch.linspace(0, 1, steps)[:, None]
    return (1 - t) * z1 + t * z2


T = "torch.linspace(0, 1, steps)[:, None]"
K = "torch.arange(steps)[:, None]"
interpolate.mistakes.update(
    {
        "t * z1 + (1 - t) * z2": "The order is the other way round: the walk starts at z1.",
        "z1 + t * z2": "The walk ends at z1 + z2. z1 loses the weight that z2 gains.",
        "z1 + t * (z1 + z2)": "z1 is missing in the direction: z2 - z1 leads from z1 to z2.",
        "z1 + t * (z1 - z2)": "The direction is turned: z2 - z1 leads from z1 to z2.",
        "t * (z2 - z1)": "z1 is missing at the start: the direction is added to it.",
        "t * (z1 + z2)": "The weights of z1 and z2 do not add up to 1.",
        f"{T} -> {K} / steps": "The last step stops before z2: with steps rows there are steps - 1 gaps.",
        f"{T} -> (1 + {K}) / steps": "The first row has left z1 already: the walk starts at t = 0.",
        f"{T} -> (1 + {K}) / (steps + 1)": "Both ends are missing: the walk includes z1 and z2.",
        f"{T} -> {K} // (steps - 1)": "It jumps at the end: // divides and cuts off the rest. What is 2 // 4?",
        (
            f"{T} -> {K}",
            f"{T} -> torch.linspace(0, steps, steps)[:, None]",
        ): "It runs too far: t ends at 1, and not at the number of steps.",
        "((z1 + z2) / 2).repeat(steps, 1)": "Every row is the middle. t has to run from 0 to 1.",
        "z1.repeat(steps, 1)": "Every row is z1. t has to run from 0 to 1.",
        "z2.repeat(steps, 1)": "Every row is z2. t has to run from 0 to 1.",
        "[:, None] -> ": "t has one value per step, z one per latent dimension. Which shape must t have so that every step meets every dimension?",
        f"{T} -> {T} ** 2": "The steps grow: t is squared.",
        f"{T} -> {T}.sqrt()": "The steps shrink: a root of t. Here they are equal.",
        f"{T} -> {T} ** 2 * (3 - 2 * {T})": "The steps are uneven: a smooth curve of t. Here they are equal.",
        f"{T} -> (1 - torch.cos(math.pi * {T})) / 2": "The steps are uneven: a cosine of t. Here they are equal.",
        f"a = torch.acos((z1 @ z2 / (z1.norm() * z2.norm())).clamp(-1, 1))\nt = {T}\nreturn (torch.sin((1 - t) * a) * z1 + torch.sin(t * a) * z2) / torch.sin(a)": "That walk is round (slerp), right elsewhere. Here a straight line is asked for.",
    }
)


@exercise(
    Function(
        pictures,
        [{"n": 3}, {"n": 7}, {"n": 1}],
        learns=("x_hat",),
        result="the loss",
        hints=TERM
        | {
            "shape": one_number("the pixels"),
            "values": "Work one image by hand: square the differences of its pixels and add them up. Then average over the images.",
        },
    ),
    "helpers.losses:reconstruction_loss",
    "The error of a picture now counts in the same currency as a KL.",
    stretch=True,
)
def reconstruction_loss(x_hat, x):
    """The squared error, summed over the pixels, averaged over the batch."""
    return (x_hat - x).square().flatten(1).sum(1).mean()


reconstruction_loss.mistakes.update(SQUARED_ERRORS)


class Guess(nn.Module):
    """A model that always answers the same, near the clean images."""

    def __init__(self, guess):
        super().__init__()
        self.guess = nn.Parameter(guess)

    def forward(self, x):
        return self.guess[: len(x)] * 1


def noisy_batch(n=6, noise_std=0.3, uneven=False, plain=False):
    """Grey images, so that a clamp changes nothing, and a model that is off by 0.1, or unevenly."""
    x = torch.rand(n, 1, 28, 28) * (0 if plain else 0.2) + 0.4
    off = 0.1 * (2 * torch.randint(0, 2, x.shape) - 1) * (torch.rand_like(x) if uneven else 1)
    return {"model": Spy(Guess(x + off), (1, 28, 28), draws=True), "x": x, "noise_std": noise_std}


def pull_of(play):
    """The gradient at what the model made, or nothing."""
    if not play.result.requires_grad:
        return None
    (pull,) = torch.autograd.grad(play.result, play.calls["model"][-1]["y"], allow_unused=True)
    return pull


def along(a, b):
    """The cosine of two tensors."""
    return float(torch.cosine_similarity(a.flatten(), b.flatten(), dim=0))


class Denoising(Draw):
    """A loss of a model that sees noise: where it leads the model, and which noise that is."""

    def values(self, play):
        """Where the loss pulls what the model makes; any distance from the clean images will do."""
        call, pull = play.calls["model"][-1], pull_of(play)
        given, x = play.calls["model"][0]["given"], play.before["x"]
        some = "without" if torch.equal(given, x) else "with"
        yield Aspect("noise", some, "the model sees x {} noise")
        reached = "no gradient" if pull is None or not pull.any() else "a gradient"
        yield Aspect("graph", reached, f"{self.result} carries {{}} to what the model makes", PATH)
        y = call["y"].detach()
        aims = {
            "towards the clean images": y - x,
            "towards the noisy images": y - given,
            "towards the noise": y - (given - x),
            "away from the clean images": x - y,
            "in one direction everywhere": torch.ones_like(y),
            "in the other direction everywhere": -torch.ones_like(y),
        }
        fits = [aim for aim, path in aims.items() if along(pull, path) > 0.9]
        words = f"{self.result} pulls the model's output {{}}"
        yield Aspect("aim", (fits or ["elsewhere"])[0], words, AIMS)

    def remarks(self, answer, tape):
        """The usual, and another distance than the one that is asked for."""
        play = self.played(answer, tape, 40, {"uneven": True})
        squared = along(pull_of(play), play.calls["model"][-1]["y"] - play.before["x"]) > 0.9995
        yield Aspect("squared", squared, hint=DISTANCE, role=REMARK)
        yield from super().remarks(answer, tape)


def seen_noise(play):
    """What was added to the images."""
    return {"noise": (play.calls["model"][0]["given"] - play.before["x"]).flatten(1)}


SAME_PIXELS = "All pixels along an axis get the same noise: it has to be drawn for each pixel, in the shape of x."
FEW_VALUES = "The noise has only a few values: the mean has to be 0, the std noise_std, and the numbers normal."
DISTANCE = "Your distance is another one than the squared error that the text asks for, and the aim is the same."
CANCELS = "The differences are not squared: too bright and too dark cancel."
AIMS = {
    "towards the noisy images": "The output is compared with the noisy image: what would the perfect answer to your loss be, and does it contain noise?",
    "towards the noise": "The output is compared with the noise, as if the model had to tell it. Here the clean image is the target.",
    "away from the clean images": "The sign is turned: the loss falls while the output moves away from x.",
    "in one direction everywhere": CANCELS,
    "in the other direction everywhere": CANCELS,
    "elsewhere": "Compare what the model gives back with x, pixel by pixel.",
}


@exercise(
    Denoising(
        noisy_batch,
        [{}, {"n": 4, "noise_std": 0.1}, {"n": 1}],
        chance={"n": 25, "noise_std": 0.05, "plain": True},
        lies=lambda *draws: (seen for seen in lie(*draws) if seen.name != "lengths"),
        causes={"gets the shape": "The model takes images, noisy ones, one for each of x."},
        drawn=seen_noise,
        learns=("model",),
        result="the loss",
        hints=TERM
        | {
            "constant noise": "One number is drawn for all pixels: the noise has to be drawn in the shape of x.",
            "made by model": "What it makes of the noisy images is to be compared.",
            "shape": "Reduce the squared errors of the batch to one number.",
            "rows": "Two images get the same noise. Print the shape of the noise next to x.shape: one that lacks the batch axis broadcasts.",
            "columns": lambda seen, expected: SAME_PIXELS if int(seen.split()[0]) <= 28 else FEW_VALUES,
            "fresh": "The model would learn that one pattern by heart: draw inside the function, without a seed.",
        },
    ),
    "helpers.losses:denoising_loss",
    "The target is clean, so copying the input no longer pays.",
    stretch=True,
)
def denoising_loss(model, x, noise_std):
    """The error between clean images and what the model makes of noisy ones."""
    noisy = x + noise_std * torch.randn_like(x)
    return F.mse_loss(model(noisy), x)


denoising_loss.mistakes.update(
    {
        "model(noisy) -> model(x)": "Which of your two tensors goes into the model?",
        "noise_std * -> noise_std ** 2 *": "noise_std is squared: that is the variance. Multiplying unit noise by s gives the std s.",
        "noise_std * -> noise_std ** 0.5 *": "The root is taken of noise_std: it is a std already.",
        (
            "noise_std * -> ",
            "noise_std * -> noise_std + ",
        ): "noise_std has no effect, or is no factor of the noise. Unit noise (randn) times noise_std, added to x, has that std.",
        "randn_like -> rand_like": "The images get brighter on the whole. Compare the names rand and randn.",
        "torch.randn_like(x) -> (2 * torch.rand_like(x) - 1)": "It looks uniform: rand spans 1 and has the std 0.29, randn has the std 1.",
        "torch.randn_like(x) -> torch.randn_like(x).abs()": "The noise is never negative: the mean has to be 0, or the images get brighter on the whole.",
        "x + noise_std -> noise_std": "x itself is gone: the model sees noise alone. The noise is added to x.",
        "x + noise_std -> x * noise_std": "The noise multiplies x, and has to be added to it.",
        "x + noise_std -> (1 - noise_std) * x + noise_std": "The image loses a part of its weight: it keeps the weight 1, and the mean of the noise is 0.",
        "F.mse_loss(model(F.dropout(x, noise_std)), x)": "dropout sets pixels to 0 and scales the rest. Here normal noise of the std noise_std is added.",
    }
)


# --- one step -------------------------------------------------------------------------------------


class SmallVAE(nn.Module):
    """Images to x_hat, mu and logvar; eps is fixed, and left out in eval mode."""

    def __init__(self, latent_dim=3):
        super().__init__()
        self.decoder = nn.Sequential(nn.Linear(latent_dim, 784), nn.Sigmoid())
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 6), nn.Tanh())
        self.heads = nn.Linear(6, 2 * latent_dim)
        self.register_buffer("eps", torch.randn(latent_dim))
        with torch.no_grad():
            self.heads.bias.add_(0.8)

    def forward(self, x):
        mu, logvar = self.heads(self.encoder(x)).chunk(2, dim=1)
        z = mu + (logvar / 2).exp() * self.eps if self.training else mu
        return self.decoder(z).view(-1, 1, 28, 28), mu, logvar


def vae_step(n=5):
    """A small VAE, its optimiser, a batch, and a loss that none of its arguments can replace another in."""
    body, x = SmallVAE(), torch.rand(n, 1, 28, 28) ** 2
    model = Spy(body, (1, None, None), rate=0.037)
    model.encoder, model.decoder, model.moody = body.encoder, body.decoder, True

    def loss_fn(x_hat, x, mu, logvar):
        in_place(model, batch, {"x_hat": x_hat, "x": x, "mu": mu, "logvar": logvar})
        recon = ((x_hat - x) ** 2 * (1 + 2 * x)).flatten(1).sum(1).mean() / 20
        return recon + 0.7 * 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(1).mean()

    batch = x.clone()
    return {"model": model, "opt": WatchedSGD(model), "x": x, "loss_fn": Recorder(loss_fn)}


def in_place(model, batch, given):
    """Every argument of loss_fn is what its name says."""
    if not model.calls:
        raise CheckError("loss_fn is called before the model, expected model(x) first: it gives x_hat.")
    known = dict(zip(("x_hat", "mu", "logvar"), model.calls[-1]["all"])) | {"x": batch}
    for name, value in given.items():
        found = [
            key
            for key, part in known.items()
            if torch.is_tensor(value) and value.shape == part.shape and torch.allclose(value, part, atol=1e-6)
        ]
        if name not in found:
            seen = (found or ["another tensor" if torch.is_tensor(value) else kind_of(value)])[0]
            raise CheckError(
                f"loss_fn gets {seen} in the place of {name}, expected loss_fn(x_hat, x, mu, logvar).",
                "Compare the order of what the model gives with the order of the arguments.",
            )


def asks_loss(play):
    """Whether the loss comes from loss_fn."""
    called = "called" if play.cast["loss_fn"].calls else "never called"
    why = "The loss comes in as an argument, so that the same step serves every beta."
    yield Aspect("loss_fn", called, "loss_fn is {}", why)


@exercise(
    Step(
        vae_step,
        ["model"],
        [{}, {"n": 3, "again": True}, {"n": 1}],
        returns=True,
        number=True,
        result="the loss",
        more=asks_loss,
        causes={"gets the shape": "There is nothing to reshape: hand the batch over as it is."},
        hints={
            "shown": "These are other images than the batch: x goes in as it came.",
            "values": "What comes back is the loss of this batch, as loss_fn gives it.",
            "history": "A sum over the epoch would keep every graph in memory. .item() gives the number.",
            "type": "One number is asked for, the loss of the batch. Look at the line with return.",
            "mode of model": "A VAE draws its z in training, so the model runs in train mode as it came in: leave eval() to the pictures.",
            "update direction": "Expected is one step on the loss that loss_fn gives, and nothing else.",
        },
    ),
    "helpers.training:vae_step",
    "One call is now one step of the VAE.",
    stretch=True,
)
def train_step(model, opt, x, loss_fn):
    """One optimiser step on loss_fn(x_hat, x, mu, logvar); the loss as a number."""
    x_hat, mu, logvar = model(x)
    loss = loss_fn(x_hat, x, mu, logvar)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()


train_step.mistakes.update(
    {
        "x, mu, logvar) -> x, mu.detach(), logvar.detach())": "The KL has no effect on the weights: mu or logvar is detached. The encoder learns from the KL through both.",
        "x, mu, logvar) -> x, mu.detach(), logvar)": "The KL does not reach mu: it is detached on the way into the loss.",
        "x, mu, logvar) -> x, mu, logvar.detach())": "The KL does not reach logvar: it is detached on the way into the loss.",
        "loss_fn(x_hat, -> loss_fn(x_hat.detach(),": "The reconstruction has no effect on the weights: x_hat is detached on the way into the loss.",
        "loss.backward() -> (-loss).backward()": "The sign is turned: the step climbs.",
        "loss.backward() -> (2 * loss).backward()": "backward() runs twice, or the loss is doubled: the gradients of both calls are added.",
        "x_hat, mu -> model.encoder.requires_grad_(False)\n    x_hat, mu": "The encoder does not move and the decoder does: both have to learn. Look for detach, no_grad and requires_grad_.",
        "x_hat, mu -> model.decoder.requires_grad_(False)\n    x_hat, mu": "The decoder does not move and the encoder does: both have to learn. Look for detach, no_grad and requires_grad_.",
    }
)
