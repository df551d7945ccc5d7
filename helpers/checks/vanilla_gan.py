"""Checks of lesson 3, a vanilla GAN on MNIST: one function an exercise, named as the exercise.

Each is a list of laws in the order of diagnosis: the most specific mistake speaks first, the plain
value last. Real is 1, fake is 0, D returns logits (N,) or (N, 1), images live in [-1, 1].
"""

import functools
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers.checks import CheckError, Topic, expect
from helpers.checks.explain import explained
from helpers.checks.guard import reseed
from helpers.checks.spies import Arena, Spy, gradient, rows_in, same

topic = Topic()
exercise, progress = topic.exercise, topic.progress

FITS = "ones_like(logits) would fit the course's (N,) as well."


# --- what every check asks first ------------------------------------------------------------------


def is_function(answer, name):
    """The answer can be called, and is neither a class nor a network."""
    expect(
        callable(answer),
        f"{_a(answer)} came, expected the function {name}. Hand over its name, "
        "without brackets and arguments.",
    )
    expect(
        not isinstance(answer, type),
        f"the class {getattr(answer, '__name__', '')} came, "
        f"expected the function {name}. Compare the names on both sides of the check.",
    )


def is_tensor(result, expected):
    """A tensor came back, not None, a number or an array."""
    expect(
        result is not None,
        f"None came back, expected {expected}. "
        "A function without return gives None: look at its last line.",
    )
    expect(
        torch.is_tensor(result),
        f"{_a(result)} came back, expected {expected} as a tensor. "
        "Stay with torch's own operations: .item(), float() and numpy leave them.",
    )


def has_shape(result, shape, hint):
    """The result has exactly this shape."""
    expect(
        tuple(result.shape) == tuple(shape),
        f"the shape is {tuple(result.shape)}, expected {tuple(shape)}. {hint}",
    )


def _a(thing):
    kind = type(thing).__name__
    return f"{'an' if kind[0] in 'aeiouAEIOU' or kind == 'ndarray' else 'a'} {kind}"


def _listed(tensor):
    return "[" + ", ".join(f"{value:g}" for value in tensor.flatten().tolist()) + "]"


# --- the two ranges -------------------------------------------------------------------------------


def keeps_shape(answer, pixels):
    """The result is a tensor with the shape of x, and x itself stays as it was."""
    for n in (1, 7):
        x = pixels.view(-1)[: n * 784].reshape(n, 1, 28, 28).clone()
        kept = x.clone()
        result = answer(x)
        is_tensor(result, "the scaled images")
        has_shape(
            result, kept.shape, "Only the values change: nothing is averaged, added or flattened."
        )
        expect(
            result.is_floating_point(),
            f"the dtype is {result.dtype}, expected torch.float32. "
            "A cast to whole numbers loses every shade of grey.",
        )
        expect(
            torch.equal(x, kept),
            f"x itself has changed: its first pixel was {kept.flatten()[0]:.2f} "
            f"and is now {x.flatten()[0]:.2f}, expected no change. Give back a new tensor: a "
            f"name that ends in _ and "
            "*=, -= write into the caller's images.",
        )


def is_fixed_map(answer, pixels):
    """A pixel's new value does not depend on the pixels around it, in its image or its batch."""
    x, lone = pixels[:7].clone(), pixels[:1].clone()
    x[:, :, 14:] *= 0.3
    lone[:, :, 20], lone[:, :, 21] = 1.0, pixels.min().floor()
    among, alone = answer(x.clone())[0, 0, :14], answer(lone)[0, 0, :14]
    expect(
        torch.allclose(among.float(), alone.float(), atol=1e-4),
        "the same pixel becomes "
        f"{among.flatten()[0]:.3f} and {alone.flatten()[0]:.3f} in two different batches, "
        f"expected the same "
        f"number. {_why_not_fixed(answer, x)} Use fixed numbers, the same for every image.",
    )


def _why_not_fixed(answer, x):
    y = answer(x.clone())
    unit = (y - y.min()) / (y.max() - y.min())
    if abs(y.mean()) < 1e-3 and abs(y.std() - 1) < 0.05:
        return "You standardise: mean and std come from the batch, and tanh cannot reach beyond 1."
    if torch.allclose(y, unit, atol=1e-3) or torch.allclose(y, 2 * unit - 1, atol=1e-3):
        return (
            "You stretch each batch from its min to its max: a flat grey failure then looks sharp."
        )
    return "Something of the batch or the image (min, max, mean, std) enters the map."


def maps(answer, points, expected, suspects):
    """The worked values: points go to expected; a suspect that fits names the mistake."""
    x = torch.tensor(points).repeat(8 * 784 // len(points) + 1)[: 7 * 784].reshape(7, 1, 28, 28)
    y = answer(x.clone()).detach()
    seen = y.flatten()[: len(points)]
    if torch.allclose(seen.float(), torch.tensor(expected), atol=1e-4):
        return
    why = next(
        (
            why
            for suspect, why in suspects
            if torch.allclose(seen.float(), suspect(torch.tensor(points)), atol=2e-3)
        ),
        "Where should the two ends of the "
        "range land, and where should its middle? Two fixed numbers, a factor and a shift, do it.",
    )
    raise CheckError(
        f"{_listed(torch.tensor(points))} goes to "
        f"[{', '.join(f'{value:.3g}' for value in seen.tolist())}], "
        f"expected {_listed(torch.tensor(expected))}. {why}"
    )


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
        [
            (
                lambda x: x,
                "Nothing has changed: a real pixel is never negative, and a fake from tanh often "
                "is. D would see that at once.",
            ),
            (lambda x: x - 0.5, "You shift, and the width stays 1. tanh spans 2, from -1 to 1."),
            (lambda x: 2 * x, "You stretch, and nothing shifts: black has to land at -1."),
            (
                lambda x: 1 - 2 * x,
                "Black and white are exchanged: the sign of the factor is the other one.",
            ),
            (lambda x: x * 0.5 + 0.5, "That is the way back, from [-1, 1] to [0, 1]."),
            (lambda x: x * 2 - 2, "Order of operations: the shift is doubled as well."),
            (
                lambda x: (x - 0.5) * 0.5,
                "You multiply by 0.5 where dividing by it would widen the range.",
            ),
            (
                lambda x: x / 127.5 - 1,
                "That is the map for whole numbers from 0 to 255. "
                "These pixels lie between 0 and 1 already.",
            ),
            (
                lambda x: x / 255,
                "These pixels lie between 0 and 1 already: nothing is left to divide by 255.",
            ),
            (
                lambda x: (x - 0.1307) / 0.3081,
                "Those are the mean and std of MNIST: mean 0 and std 1 is "
                "another aim than the range of tanh.",
            ),
            (torch.tanh, "tanh belongs at the end of G. The data need a straight line."),
            (
                lambda x: torch.tanh(2 * x - 1),
                "The straight line was enough: tanh on top of it bends the "
                "data, and white no longer reaches 1.",
            ),
            (lambda x: (2 * x - 1).clamp(0, 1), "The clamp cuts off everything below 0."),
            (lambda x: (2 * x - 1).sign(), "Every shade of grey becomes -1 or 1. Keep the shades."),
        ],
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
        [
            (lambda x: x, "Nothing has changed: a plot cuts off every pixel below 0."),
            (
                lambda x: x.clamp(0, 1),
                "You clamp: everything below 0 turns black. "
                "Where should -0.2 end up, dark grey or black?",
            ),
            (lambda x: x.relu(), "You cut: everything below 0 turns black."),
            (lambda x: x + 1, "You shift, and the width stays 2: white lands at 2."),
            (lambda x: x / 2, "You shrink, and nothing shifts: black has to land at 0."),
            (lambda x: x + 0.5, "You shift by a half, and the width stays 2."),
            (
                lambda x: x / 2 + 1,
                "Order of operations: divide after the shift, or shift by a half.",
            ),
            (
                lambda x: (1 - x) / 2,
                "Black and white are exchanged: the sign of the factor is the other one.",
            ),
            (lambda x: x.abs(), "abs folds the range: black and white both land at 1."),
            (lambda x: 2 * x - 1, "That is the other direction, from [0, 1] to [-1, 1]."),
            (lambda x: (x - 0.5) / 0.5, "That is the other direction, from [0, 1] to [-1, 1]."),
            (
                torch.sigmoid,
                "sigmoid bends the greys, and white stops at 0.73. Undo a straight line with one.",
            ),
            (lambda x: (x + 1) * 127.5, "That is the range 0 to 255. Here the plot wants 0 to 1."),
            (
                lambda x: x * 0.3081 + 0.1307,
                "Those are the mean and std of MNIST: they undo another map.",
            ),
        ],
    )


# --- noise ----------------------------------------------------------------------------------------


def is_independent(z):
    """No row and no column of z is a copy of another."""
    rows, columns = len(torch.unique(z, dim=0)), len(torch.unique(z, dim=1).T)
    expect(
        rows == len(z),
        f"only {rows} of {len(z)} rows of z differ, expected all. Each image starts "
        "from its own vector: draw all n of them, repeat and expand copy one.",
    )
    expect(
        columns == z.shape[1],
        f"only {columns} of {z.shape[1]} columns of z differ, expected all. "
        "Each entry of a vector is drawn on its own.",
    )
    lengths = z.norm(dim=1)
    expect(
        lengths.std() > 0.01 * lengths.mean(),
        f"every row of z has the same length, "
        f"{lengths[0]:.2f}, expected lengths that vary. Leave the draw as it is: without "
        f"normalising.",
    )


def is_normal(z):
    """The entries of a large z have mean 0, std 1 and the tails of a normal distribution."""
    z = z.double()
    low, high, mean, std = z.min(), z.max(), z.mean(), z.std()
    seen = f"z has mean {mean:.2f} and std {std:.2f}, from {low:.1f} to {high:.1f}"
    wanted = "expected N(0, 1): mean 0, std 1, and a few entries beyond 2.5 on both sides."
    expect(
        torch.isfinite(z).all(),
        "z holds nan or inf, expected finite normal numbers. "
        "Draw it: torch.empty alone shows what the memory held.",
    )
    expect(
        low < 0 or high > 1,
        f"{seen}; {wanted} That looks uniform on [0, 1): compare the names rand and randn.",
    )
    spread = (high - low) / std
    expect(spread > 4, f"{seen}; {wanted} That looks uniform: where are its tails?")
    expect(
        abs(mean) < 0.15, f"{seen}; {wanted} Something shifts or folds the noise (abs, + 1, exp)."
    )
    expect(
        abs(std - 1) < 0.09,
        f"{seen}; {wanted} Something scales or clips the noise. With another "
        "scale in training than when sampling, G meets inputs that it has not seen.",
    )
    tails = ((z - mean) ** 4).mean() / std**4
    expect(
        abs(tails - 3) < 0.75,
        f"{seen} and a fourth moment of {tails:.1f}, expected 3: the tails are "
        "not those of N(0, 1). Look at the distribution that you draw from.",
    )


def is_fresh(draw):
    """A second call gives new numbers, and the global seed is left alone."""
    reseed(1001)
    first, second = draw(), draw()
    reseed(2002)
    other = draw()
    expect(
        first.float().std() > 1e-6,
        f"every entry of z is {first.flatten()[0]:g}, expected N(0, 1). Constants "
        "are no noise: every image would be the same.",
    )
    if torch.equal(first, second) or torch.equal(first, other):
        next_one = torch.rand(3)
        draw()
        reset = torch.equal(next_one, torch.rand(3))
        raise CheckError(
            "two calls give the same noise, expected new noise each time. "
            + (
                "Your function sets the global seed: that also repeats the batches and the "
                "dropout of the "
                "whole training. Seed once, at the top of the notebook."
                if reset
                else "Draw inside the function, without a seed and without keeping the result."
            )
        )


def leaves_seed(draw):
    """The call does not set the global seed, whatever it draws itself."""
    after = []
    for seed in (1001, 2002):
        reseed(seed)
        draw()
        after.append(torch.rand(4))
    expect(
        not torch.equal(*after),
        "after the call torch.rand gives the same numbers from whatever seed "
        "it started, expected that the global seed stays alone. Each plot would make the training "
        "repeat its noise: keep a fixed z for comparable pictures instead.",
    )


@exercise("helpers.data:sample_z", "Every image now starts from its own normal vector.")
def sample_z(answer):
    """(n, z_dim) fresh, independent numbers from N(0, 1)."""
    is_function(answer, "sample_z")
    for n, z_dim in ((7, 5), (1, 16), (5, 7)):
        z = answer(n, z_dim)
        is_tensor(z, f"z of shape {(n, z_dim)}")
        has_shape(z, (n, z_dim), _z_hint(tuple(z.shape), n, z_dim))
        expect(
            z.is_floating_point(),
            f"the dtype is {z.dtype}, expected torch.float32. nn.Linear wants "
            "real numbers, and noise from N(0, 1) is not whole.",
        )
        expect(
            z.dtype == torch.float32,
            f"the dtype is {z.dtype}, expected torch.float32. "
            "numpy draws in float64: convert, or draw with torch.",
        )
    is_fresh(lambda: answer(7, 5).detach())
    leaves_seed(lambda: answer(7, 5))
    z = answer(200, 64).detach()
    is_independent(z)
    is_normal(z)


def _z_hint(shape, n, z_dim):
    hints = {
        (z_dim, n): "The order is the other way round: one ROW per image.",
        (
            z_dim,
        ): "That is one vector: how many images do you want, and how many vectors are there?",
        (n,): "That is one number per image: each needs z_dim of them.",
        (n * z_dim,): "The numbers are there, in one long row: one row per image is asked for.",
        (
            n,
            z_dim,
            1,
            1,
        ): "Four axes belong to a convolutional G. This G starts with a linear layer.",
    }
    return hints.get(shape, "One row per image, z_dim numbers in a row; both come in as arguments.")


# --- networks -------------------------------------------------------------------------------------


def built(answer, name, *sizes):
    """A network from the student's class."""
    call = f"{name}({', '.join(map(str, sizes))})"
    expect(
        not isinstance(answer, nn.Module),
        f"a finished network came, expected the class {name}. "
        "Hand over the class itself, without brackets.",
    )
    expect(
        callable(answer),
        f"{_a(answer)} came, expected the class {name}. "
        "Compare the names on both sides of the check.",
    )
    subclass = not isinstance(answer, type) or issubclass(answer, nn.Module)
    expect(
        subclass,
        f"{name} is a plain class, expected a subclass of nn.Module. Only nn.Module "
        f"collects the weights: write the base class in brackets after the name.",
    )
    net = answer(*sizes)
    expect(net is not None, f"{call} gives None, expected a network. Look for a missing return.")
    expect(isinstance(net, nn.Module), f"{call} gives {_a(net)}, expected an nn.Module.")
    return net


def has_weights(net):
    """The layers are registered: parameters() finds them."""
    found = len(list(net.parameters()))
    for key, value in [item for module in net.modules() for item in vars(module).items()]:
        if not key.startswith("_") and _holds_layers(value):
            raise CheckError(
                f"self.{key} is a Python {type(value).__name__} of layers, and parameters() "
                f"finds {found} tensors. An optimiser would not train those layers: expected "
                "nn.Sequential or nn.ModuleList, which register them."
            )
    expect(
        found,
        "parameters() finds 0 tensors, expected the weights of your layers. Make the layers in "
        "__init__, as attributes of self.",
    )


def _holds_layers(value):
    items = value.values() if isinstance(value, dict) else value
    plain = isinstance(value, (list, tuple, dict))
    return plain and any(isinstance(item, nn.Module) for item in items)


def runs(net, x, name):
    """net(x), where an error is told with the shapes that met."""
    result = net(x)
    expect(
        result is not None,
        f"None came back from {name}'s forward, expected a tensor. Look for a missing return.",
    )
    is_tensor(result, f"what {name} makes of the batch")
    return result


def repeats(net, x, name):
    """In eval mode the same input gives the same output, and another input another one."""
    net.eval()
    with torch.no_grad():
        reseed(5)
        first = runs(net, x, name)
        reseed(5)
        other = runs(net, x.flip(0) * 0.7, name)
        reseed(6)
        again = runs(net, x, name)
    ignores = torch.allclose(first, other, atol=1e-7, rtol=1e-5)
    inside = not torch.allclose(first, again, atol=1e-5, rtol=1e-4)
    bounded = bool((first == first.flatten()[0]).all()) and first.flatten()[0] in (
        0,
        1,
    )  # _is_logit tells
    if ignores and not bounded:
        _input_ignored(name)
    expect(
        not inside,
        f"two calls of {name} in eval mode with the same input differ by up to "
        f"{(first - again).abs().max():.2g}, expected 0. Look for layers that are made in "
        f"forward, for "
        "noise there, and for F.dropout without self.training.",
    )


def _input_ignored(name):
    what, wanted = ("z", "another image") if name.endswith("Generator") else ("x", "another score")
    raise CheckError(
        f"two different {what} give the same output in {name}, expected {wanted} each. "
        f"Follow {what} through your forward: where does something replace it?"
    )


def uses_all_layers(net, x, name):
    """Every registered weight gets a gradient from the output."""
    net.train()
    output = runs(net, x, name)
    expect(
        output.requires_grad,
        f"the output of {name} carries no gradient, expected a graph back to "
        "the weights. Look for no_grad, detach, .data or numpy in forward.",
    )
    (output * torch.randn_like(output)).sum().backward()
    idle = [key for key, p in net.named_parameters() if p.requires_grad and p.grad is None]
    expect(
        not idle,
        f"the weights {', '.join(idle[:3])} get no gradient, expected all of them to. Either "
        "forward never uses that layer, or a detach cuts its path.",
    )
    expect(
        all(p.requires_grad for p in net.parameters()),
        "some weights have requires_grad False, expected that all can learn.",
    )


def randomised(net, seed):
    """The network with large random weights: only its construction bounds it then."""
    reseed(seed)
    with torch.no_grad():
        for p in net.parameters():
            p.normal_(0, 2)
    return net.eval()


def is_curved(values, x, name):
    """Activations stand between the layers: the map is not a straight line."""
    zero, other = torch.zeros_like(x[:1]), x.flip(0) * 0.6
    with torch.no_grad():
        together, one, two, none = (values(part) for part in (x + other, x, other, zero))
    bend = (together - one - two + none).norm() / (
        (one - none).norm() + (two - none).norm() + 1e-12
    )
    expect(
        bend > 1e-3,
        f"{name} is a straight line in its input: f(a + b) - f(0) and the sum of its "
        f"parts differ by {100 * bend:.2g} %, expected more than 0.1 %. Without activations "
        f"between "
        "them, all linear layers collapse into one.",
    )


def steep_layer(net):
    """A hint if an activation was given layer sizes as its slope."""
    slopes = [m.negative_slope for m in net.modules() if isinstance(m, nn.LeakyReLU)]
    if slopes and max(map(abs, slopes)) > 1:
        return (
            f"One LeakyReLU has the slope {max(slopes, key=abs):g}: its first argument is the "
            f"slope "
            "for negative inputs, not a layer size. 0.2 is usual."
        )
    return "Large initial weights, or a missing division, are the usual reasons."


def generator_laws(answer, name):
    """All that a Generator(z_dim) has to hold; a remark if the answer clamps."""
    net = built(answer, name, 16)
    has_weights(net)
    _gives_images(net, torch.randn(7, 16), name)
    wide = built(answer, name, 100)
    _gives_images(wide, torch.randn(7, 100), name)
    has_weights(wide)
    repeats(net, torch.randn(7, 16), name)
    _in_range(built(answer, name, 16), name)
    uses_all_layers(net, torch.randn(7, 16), name)
    fresh = built(answer, name, 16)
    _not_saturated(fresh, name)
    _is_curved_generator(fresh, name)
    return _clamp_remark(built(answer, name, 16))


def _gives_images(net, z, name):
    """(N, 1, 28, 28), for a batch in train mode and for a single image in eval mode."""
    net.train()
    has_weights(net)
    _image_shape(_with_cause(net, z, name), len(z))
    net.eval()
    _image_shape(_with_cause(net, z[:1], name), 1)


def _with_cause(net, z, name):
    """net(z); a mismatch of z and the first layer is told as a constant in place of z_dim."""
    try:
        return runs(net, z, name)
    except RuntimeError as error:
        text = explained(error, name)
        first = next((m for m in net.modules() if isinstance(m, nn.Linear)), None)
        if first is not None and first.in_features != z.shape[1] and "mat1 and mat2" in str(error):
            text = (
                f"z has {z.shape[1]} numbers, and the first linear layer expects "
                f"{first.in_features}. "
                "Expected a layer as wide as z_dim: the argument of __init__, not a constant."
            )
        raise CheckError(text) from error


def _image_shape(images, n):
    shape = tuple(images.shape)
    hints = {
        (n, 784): "The pixels are there, in a row: view them as pictures at the end of forward.",
        (n, 28, 28): "The channel axis is missing: it is 1 for grey images.",
        (n, 28, 28, 1): "PyTorch puts the channel before height and width.",
        (n,): "One number per image is what D gives.",
    }
    has_shape(
        images,
        (n, 1, 28, 28),
        hints.get(
            shape,
            "One image per row of z, with one channel of "
            "28 by 28 pixels; the batch size comes from z.",
        ),
    )


def _in_range(net, name):
    """Whatever the weights, pixels lie in [-1, 1], and both ends can be reached."""
    lows, highs, sums = [], [], []
    runs(net.eval(), torch.randn(2, 16), name)  # lazy layers get their weights here
    for seed in range(3):
        with torch.no_grad():
            images = randomised(net, seed)(torch.randn(16, 16))
        lows.append(images.min().item()), highs.append(images.max().item())
        sums.append(images.flatten(1).sum(1))
    low, high = min(lows), max(highs)
    seen = f"with random weights the pixels of {name} lie between {low:.2f} and {high:.2f}"
    wanted = "expected -1 to 1, the range of the data."
    expect(not math.isnan(low + high), f"{seen}; {wanted} nan comes from a division or a log.")
    total = torch.cat(sums)
    expect(
        not (low >= 0 and torch.allclose(total, torch.ones_like(total), atol=1e-3)),
        f"{seen}; {wanted} Softmax makes all pixels of an image sum to 1: it is for classes.",
    )
    expect(
        not (low >= 0 and high > 1.001),
        f"{seen}; {wanted} That is the range of ReLU: no pixel "
        "below 0 and no upper end. Which function ends at -1 and 1?",
    )
    expect(
        low < 0,
        f"{seen}; {wanted} That is the range of a sigmoid: no pixel can be as dark as the "
        "data's black, and D sees it at once. Which function spans -1 to 1?",
    )
    expect(
        low >= -1.001 and high <= 1.001,
        f"{seen}; {wanted} Nothing bounds the last layer. Which "
        "function squashes any number into (-1, 1)?",
    )
    reach = (
        low < -0.55 and high > 0.55 or any("Parametr" in type(m).__name__ for m in net.modules())
    )
    expect(
        reach,
        f"{seen}; {wanted} White and black are out of reach: something shrinks or shifts the "
        "range after its last activation.",
    )


def _not_saturated(net, name):
    """At the start few pixels sit at the flat ends of tanh."""
    net.train()
    with torch.no_grad():
        share = (net(torch.randn(32, 16)).abs() > 0.99).float().mean().item()
    expect(
        share < 0.3,
        f"at the start {100 * share:.0f} % of the pixels are saturated at -1 or 1, "
        f"expected nearly none. There tanh is flat and G gets no gradient. {steep_layer(net)}",
    )


def _is_curved_generator(net, name):
    """Not a straight line, neither before nor after the last squashing, a tanh or 2 sigmoid - 1."""
    net.eval()
    is_curved(lambda z: torch.atanh(net(z).clamp(-0.99999, 0.99999)), torch.randn(7, 16), name)
    is_curved(net, torch.randn(7, 16), name)


def _clamp_remark(net):
    """Clamping gives the range too; one clause on what it costs."""
    hard = any(isinstance(module, nn.Hardtanh) for module in net.modules())
    return "A clamp has no gradient beyond its ends, where tanh keeps a little." if hard else None


@exercise("helpers.networks:Generator", "z now becomes an image in the range of the data.")
def Generator(answer):
    """class Generator(z_dim): z -> images (N, 1, 28, 28) in [-1, 1]."""
    return generator_laws(answer, "Generator")


def discriminator_laws(answer, name):
    """All that a Discriminator() has to hold; a remark if a single image loses its axis."""
    net = built(answer, name)
    has_weights(net)
    images = torch.rand(7, 1, 28, 28) * 2 - 1
    remark = _one_logit(net, images, name)
    has_weights(net)
    repeats(net, images, name)
    _one_by_one(net, images, name)
    _is_logit(built(answer, name), name)
    uses_all_layers(net, images, name)
    fresh = built(answer, name)
    _moderate(fresh, images, name)
    fresh.eval()
    is_curved(fresh, images, name)
    return remark


def _one_logit(net, images, name):
    """(N,) or (N, 1), for a batch in train mode and for a single image in eval mode."""
    net.train()
    logits = runs(net, images, name)
    n, shape = len(images), tuple(logits.shape)
    hint = "D answers one question, so the last layer has one output."
    if logits.dim() == 2 and shape[0] == n and shape[1] in (2, 10):
        hint = {
            2: "Two outputs are for cross entropy. BCE takes one number for a yes-or-no question.",
            10: "Ten outputs are for the ten digits. D asks one question: real or fake.",
        }[shape[1]]
    elif shape in ((), (1,), (1, 1)):
        hint = (
            "That is one number for the whole batch: flatten each image, and keep the batch axis."
        )
    expect(
        shape in ((n,), (n, 1)),
        f"{n} images give the shape {shape}, expected ({n},) or ({n}, 1): one logit per image. "
        f"{hint}",
    )
    net.eval()
    single = tuple(runs(net, images[:1], name).shape)
    expect(
        single in ((1,), (1, 1), ()),
        f"1 image gives the shape {single}, expected (1,) or (1, 1). Take the batch size from x.",
    )
    return (
        "For a single image squeeze() drops the batch axis too; squeeze(1) keeps it."
        if not single
        else None
    )


def _one_by_one(net, images, name):
    """In eval mode an image gets the same score alone as in a batch."""
    net.eval()
    with torch.no_grad():
        together = net(images).flatten()
        alone = torch.cat([net(image[None]).flatten() for image in images])
    gap = (together - alone).abs().max()
    expect(
        torch.allclose(together, alone, atol=1e-4, rtol=1e-3),
        f"an image gets another score alone than "
        f"in a batch (up to {gap:.2g} apart), expected the same. Something mixes the images: "
        f"look for "
        "an operation along axis 0.",
    )


def _is_logit(net, name):
    """Whatever the weights, nothing bounds the score: it takes either sign and grows beyond 1."""
    images, scores = torch.rand(16, 1, 28, 28) * 2 - 1, torch.zeros(0)
    runs(net.eval(), images, name)  # lazy layers get their weights here
    for seed in range(8):
        with torch.no_grad():
            scores = torch.cat([scores, randomised(net, seed)(images).flatten()])
        if scores.min() < -1.001 and scores.max() > 1.001:
            return
    low, high = scores.min().item(), scores.max().item()
    seen = f"with random weights the scores lie between {low:.2f} and {high:.2f}"
    wanted = "expected logits: any real number, of either sign."
    expect(not math.isnan(low + high), f"{seen}; {wanted} nan comes from a log or a division.")
    expect(
        (scores - 1).abs().max() > 1e-6,
        "every score is exactly 1, expected a score that depends on x. "
        "Softmax makes the outputs of an image sum to 1, and there is one output. The last layer "
        "is "
        "linear, with nothing after it.",
    )
    expect(
        not (low >= 0 and high <= 1),
        f"{seen}; {wanted} That is a sigmoid: the loss applies it "
        "already, and twice is once too often. End in the linear layer.",
    )
    expect(
        low < -1.001 or high > 1.001,
        f"{seen}; {wanted} That is a tanh: it bounds what D can say. End in the linear layer.",
    )
    expect(
        low < 0,
        f"{seen}; {wanted} No score is negative: an activation such as ReLU stands after the "
        "last layer, and D can never say fake.",
    )
    expect(
        high > 0,
        f"{seen}; {wanted} No score is positive: a log of a probability is not a logit. End "
        "in the linear layer.",
    )


def _moderate(net, images, name):
    """At the start the scores are of moderate size."""
    net.train()
    with torch.no_grad():
        size = net(images).abs().mean().item()
    expect(
        size < 20,
        f"at the start the scores of {name} are about {size:.0f} in size, expected about 1. "
        f"The sigmoid in the loss is then flat, and G learns nothing. {steep_layer(net)}",
    )


@exercise(
    "helpers.networks:Discriminator", "Each image now gets one logit, and the loss its sigmoid."
)
def Discriminator(answer):
    """class Discriminator(): images -> one logit each."""
    return discriminator_laws(answer, "Discriminator")


@exercise(
    "helpers.networks:MendedGenerator",
    "The repaired network makes images that D cannot tell by range.",
)
def MendedGenerator(answer):
    """The sources' generator, repaired: the laws of Generator."""
    return generator_laws(answer, "MendedGenerator")


@exercise(
    "helpers.networks:MendedDiscriminator", "The repaired network judges each image with one logit."
)
def MendedDiscriminator(answer):
    """The sources' discriminator, repaired: the laws of Discriminator."""
    return discriminator_laws(answer, "MendedDiscriminator")


# --- losses, and the mistakes that have a name ----------------------------------------------------


def bce(logits, label):
    """The mean binary cross entropy of logits against one label, worked by hand."""
    return label * F.softplus(-logits).mean() + (1 - label) * F.softplus(logits).mean()


def right_d(r, f):
    """D's loss: reals are 1, fakes are 0."""
    return bce(r, 1) + bce(f, 0)


def right_g(f):
    """G's loss, non-saturating: fakes should be called 1."""
    return bce(f, 1)


def minimax_g(f):
    """G's loss of the minimax game."""
    return -bce(f, 0)


MINIMAX = (
    "This is the minimax loss, right elsewhere; here the non-saturating one is asked for. When D "
    "is "
    "sure of the fakes, the minimax loss gives G nearly no gradient: which label should G ask for?"
)
SMOOTH = (
    "This is label smoothing, with labels such as 0.9 for 1: a known trick that is right "
    "elsewhere; "
    "here the plain labels 1 and 0 are asked for."
)
TWICE = (
    "A sigmoid is applied twice: 'with_logits' (or softplus) contains one. Hand the logits over as "
    "they are."
)
SUMMED = "You add over the batch: the step then grows with the batch size. Average over the images."
SIGN = (
    "The sign is turned: this is what the network wants to raise, and the optimiser lowers the "
    "loss. "
    "A loss is always minimised here."
)
WASSERSTEIN = (
    "This is a Wasserstein (or hinge) critic's loss, the plain mean of the scores: right "
    "elsewhere. Here the loss is the binary cross entropy of the logits."
)
LEAST = (
    "This is a squared error, the least-squares GAN: right elsewhere. Here the loss is the binary "
    "cross entropy of the logits."
)
MEAN_FIRST = (
    "You average the logits and then take the loss. Average the losses: each image is judged on "
    "its own."
)
NATURAL = "The logarithm has another base. Cross entropy uses the natural one."

# each suspect: a loss of (r, f) and what it means; the first that fits the student's numbers speaks
D_SUSPECTS = [
    (
        lambda r, f: bce(r, 0) + bce(f, 1),
        "The labels are the other way round (real 0, fake 1): right "
        "elsewhere, some courses write it so. Here real is 1 and fake is 0, and G's loss relies "
        "on it. "
        "Look at the labels, and at the order of the arguments.",
    ),
    (
        lambda r, f: bce(r, 1) + bce(f, 1),
        "Both terms ask for the label 1. What should D say about a fake, "
        "and who would like it to say 'real'?",
    ),
    (
        lambda r, f: bce(r, 0) + bce(f, 0),
        "Both terms ask for the label 0. What should D say about a real image?",
    ),
    (
        lambda r, f: bce(r, 1),
        "Only the reals count. A D that calls everything real would get the best "
        "loss: the fakes are missing (or a zero_grad stands between two backward calls).",
    ),
    (
        lambda r, f: bce(f, 0),
        "Only the fakes count. A D that calls everything fake would get the best "
        "loss: the reals are missing (or a zero_grad stands between two backward calls).",
    ),
    (lambda r, f: bce(torch.sigmoid(r), 1) + bce(torch.sigmoid(f), 0), TWICE),
    (lambda r, f: bce(r, 1) * len(r) + bce(f, 0) * len(f), SUMMED),
    (
        lambda r, f: (bce(r, 0) + bce(r, 1) + bce(f, 0) + bce(f, 1)) / 2,
        "Every logit meets every label: "
        "the labels have another shape than the logits and broadcast to a table. Make them with "
        "ones_like(logits) and zeros_like(logits).",
    ),
    *[
        (lambda r, f, up=up, down=down: bce(r, up) + bce(f, down), SMOOTH)
        for up in (0.9, 0.8, 0.95, 0.7, 0.85)
        for down in (0, 1 - up, 0.1)
        if (up, down) != (1, 0)
    ],
    (
        lambda r, f: bce(r, 1) - bce(f, 0),
        "One of the two terms has the wrong sign: with logs the fakes' "
        "term is log(1 - D), and both terms carry the same minus.",
    ),
    (
        lambda r, f: bce(f, 0) - bce(r, 1),
        "The reals' term has the wrong sign: D would learn to call them fake.",
    ),
    (lambda r, f: -right_d(r, f), SIGN),
    (lambda r, f: f.mean() - r.mean(), WASSERSTEIN),
    (lambda r, f: r.mean() - f.mean(), WASSERSTEIN),
    (lambda r, f: F.relu(1 - r).mean() + F.relu(1 + f).mean(), WASSERSTEIN),
    (lambda r, f: ((r - 1) ** 2).mean() + (f**2).mean(), LEAST),
    (lambda r, f: ((r.sigmoid() - 1) ** 2).mean() + (f.sigmoid() ** 2).mean(), LEAST),
    (
        lambda r, f: f.sigmoid().mean() - r.sigmoid().mean(),
        "You average the probabilities themselves. Cross "
        "entropy takes their logarithm: it punishes a sure mistake far more than an unsure one.",
    ),
    (lambda r, f: bce(r.mean(), 1) + bce(f.mean(), 0), MEAN_FIRST),
    (
        lambda r, f: bce((r + f) / 2, 1) + bce((r + f) / 2, 0),
        "You average D's answers on reals and fakes and "
        "then take the loss. Average the losses, not the answers.",
    ),
    (
        lambda r, f: bce(r - f, 1),
        "You judge the difference of real and fake scores, a relativistic loss: "
        "right elsewhere. Here each image is judged on its own.",
    ),
    (lambda r, f: right_d(r, f) / math.log(2), NATURAL),
    (lambda r, f: right_d(r, f) / math.log(10), NATURAL),
]
G_SUSPECTS = [
    (
        lambda f: bce(f, 0),
        "The label of the fakes is 0: that is D's wish, and the other way round (real = "
        "0) it is right elsewhere. Here real is 1, and G wants its fakes called real: look at "
        "the label.",
    ),
    (lambda f: -bce(f, 1), SIGN),
    (lambda f: bce(torch.sigmoid(f), 1), TWICE),
    (lambda f: bce(torch.sigmoid(f), 0), TWICE + " The label is D's, too."),
    (lambda f: bce(f, 1) * len(f), SUMMED),
    *[(lambda f, up=up: bce(f, up), SMOOTH) for up in (0.9, 0.8, 0.95, 0.7, 0.85)],
    (lambda f: -f.mean(), WASSERSTEIN),
    (lambda f: f.mean(), WASSERSTEIN + " The sign is D's, too."),
    (lambda f: ((f - 1) ** 2).mean(), LEAST),
    (lambda f: ((f - 1) ** 2).mean() / 2, LEAST),
    (lambda f: ((f.sigmoid() - 1) ** 2).mean(), LEAST),
    (
        lambda f: -f.sigmoid().mean(),
        "You raise the probability itself, without its logarithm: its slope "
        "vanishes when D is sure (D(G(z)) near 0). Which function of it is steep there?",
    ),
    (
        lambda f: 1 - f.sigmoid().mean(),
        "You lower 1 - D(G(z)) without a logarithm: its slope vanishes when "
        "D is sure. Which function of D(G(z)) is steep near 0?",
    ),
    (
        lambda f: -right_d(f, f),
        "This is D's loss with a minus, and the fakes stand in for the reals. Which "
        "term of D's loss depends on G?",
    ),
    (
        lambda f: right_d(f, f),
        "Two terms with both labels cancel around 0.5: G has one wish for its fakes.",
    ),
    (lambda f: bce(f.mean(), 1), MEAN_FIRST),
    (lambda f: bce(f, 1) / math.log(2), NATURAL),
]
LOGITS = torch.tensor([1.5, -0.5, 2.25, 0.25, 0.75]), torch.tensor([-2.0, 0.5, 1.25, -0.75, 1.8])


def gives_scalar(loss):
    """One number comes back, a tensor that backward() can start from."""
    is_tensor(loss, "one loss")
    expect(
        loss.numel() == 1,
        f"the loss has the shape {tuple(loss.shape)}, expected one number. "
        "Average over the images of the batch.",
    )
    return loss.reshape(())


def loss_on(answer, *logits, column):
    """The loss and the logits it was given, as (N,) or as a column (N, 1)."""
    logits = [x.clone().reshape(-1, 1) if column else x.clone() for x in logits]
    inputs = [x.requires_grad_() for x in logits]
    kept = [x.detach().clone() for x in inputs]
    loss = gives_scalar(answer(*inputs))
    untouched = all(map(torch.equal, inputs, kept))
    expect(
        untouched,
        "the logits have changed during the call, expected them as they were. A name that "
        "ends in _ writes in place.",
    )
    return loss, inputs


def is_finite(answer, count):
    """Confident logits, right or wrong, give a finite loss and a finite gradient."""
    for size in (30.0, 120.0):
        for sign in (1.0, -1.0):
            logits = [torch.tensor([size, size, size]) * sign * (-1) ** k for k in range(count)]
            loss, inputs = loss_on(answer, *logits, column=True)
            expect(
                torch.isfinite(loss),
                f"logits of {sign * size:g} give the loss {loss.item()}, expected a "
                "finite number. The sigmoid rounds to 0 or 1 and its log is infinite: use a form "
                "that "
                "takes logits.",
            )
            if loss.requires_grad:
                grads = torch.autograd.grad(loss, inputs, allow_unused=True)
                finite = all(g is None or torch.isfinite(g).all() for g in grads)
                expect(
                    finite,
                    f"logits of {sign * size:g} give a gradient that is not finite. Use a form "
                    "that takes logits.",
                )


def same_number(seen, expected):
    """Equal to three digits."""
    return math.isclose(seen, expected, rel_tol=1e-3, abs_tol=1e-4)


def has_value(answer, logits, right, scales, suspects):
    """The loss of the worked logits; the suspect that gives the same numbers is the diagnosis."""
    loss, _ = loss_on(answer, *logits, column=True)
    seen, wanted = loss.item(), right(*logits).item()
    if any(same_number(seen, scale * wanted) for scale in scales):
        return
    names = ("real_logits ", "fake_logits ")[-len(logits) :]
    on = " and ".join(name + _listed(x) for name, x in zip(names, logits, strict=True))
    half = " (or half of it)" if len(scales) > 1 else ""
    raise CheckError(
        f"the loss of {on} is {seen:.3f}, expected {wanted:.3f}{half}. "
        + _suspicion(answer, logits, scales, suspects)
    )


def _suspicion(answer, logits, scales, suspects):
    """What the suspect that fits on three batches has to say: one number alone can coincide."""
    batches = [logits, *([torch.randn_like(x) * 2 + 0.3 for x in logits] for _ in range(2))]
    seen = [loss_on(answer, *batch, column=True)[0].item() for batch in batches]
    for loss, why in suspects:
        wanted = [loss(*batch).item() for batch in batches]
        if any(
            all(same_number(a, scale * b) for a, b in zip(seen, wanted, strict=True))
            for scale in scales
        ):
            return why
    return (
        "Work one logit by hand: at 0 each term is log 2 = 0.693, and a sure right answer "
        "costs nearly 0."
    )


def has_gradient(answer, logits, right, scales):
    """The gradient reaches every logit, as the formula says."""
    loss, inputs = loss_on(answer, *logits, column=True)
    expect(
        loss.requires_grad,
        "the loss carries no gradient, expected a path back to the logits. Look for "
        ".item(), .detach(), no_grad or torch.tensor(...) around it.",
    )
    grads = torch.autograd.grad(loss, inputs, allow_unused=True)
    cut = [k for k, g in enumerate(grads) if g is None or g.abs().max() < 1e-9]
    expect(
        not cut,
        "no gradient reaches some of the logits, expected all. detach belongs to the fake "
        "images in D's step, not into the loss.",
    )
    twins = [x.detach().clone().requires_grad_() for x in inputs]
    wanted = torch.cat(torch.autograd.grad(right(*twins), twins))
    fits = any(same(torch.cat(grads), scale * wanted) for scale in scales)
    expect(
        fits,
        f"the gradient of the loss is {_rounded(torch.cat(grads))}, expected {_rounded(wanted)}. "
        "The value is right, and a part of its path is cut.",
    )


def _rounded(tensor):
    return "[" + ", ".join(f"{value:.3f}" for value in tensor.flatten().tolist()) + "]"


def fits_other_batches(answer, count, right, scales, suspects):
    """Batches of 1 and 7 and random logits follow the same law."""
    for n in (1, 7):
        logits = [torch.randn(n) * 2 for _ in range(count)]
        has_value(answer, logits, right, scales, suspects)


def row_remark(answer, logits):
    """A remark if logits (N,) stop an answer that takes (N, 1)."""
    try:
        row, _ = loss_on(answer, *logits, column=False)
        column, _ = loss_on(answer, *logits, column=True)
        return None if same_number(row.item(), column.item()) else FITS
    except Exception:
        return FITS


def loss_laws(answer, logits, right, scales, suspects):
    """What both losses have to hold, in the order of diagnosis."""
    loss_on(answer, *logits, column=True)
    has_value(answer, logits, right, scales, suspects)
    is_finite(answer, len(logits))
    has_gradient(answer, logits, right, scales)
    fits_other_batches(answer, len(logits), right, scales, suspects)
    return row_remark(answer, logits)


@exercise("helpers.losses:discriminator_loss", "D is now paid for telling reals from fakes.")
def discriminator_loss(answer):
    """(loss_real + loss_fake) / 2 or their sum, on logits."""
    is_function(answer, "discriminator_loss")
    return loss_laws(answer, LOGITS, right_d, (1, 0.5), D_SUSPECTS)


@exercise("helpers.losses:generator_loss", "G is now paid when D calls its fakes real.")
def generator_loss(answer):
    """The non-saturating loss, on logits."""
    is_function(answer, "generator_loss")
    return loss_laws(answer, LOGITS[1:], right_g, (1,), [(minimax_g, MINIMAX), *G_SUSPECTS])


# --- steps ----------------------------------------------------------------------------------------


def reals(n, seed=0):
    """n real images that no fake of the spies resembles."""
    generator = torch.Generator().manual_seed(77 + seed)
    return (torch.rand(n, 1, 28, 28, generator=generator) ** 2 * 2 - 1).clamp(-1, 1)


def order_of(report, name):
    """The events that concern one network, in words."""
    words = {f"zero {name}": "zero_grad", f"backward {name}": "backward", f"step {name}": "step"}
    seen = [words[event] for event in report.log if event in words]
    return ", ".join(seen) or "nothing"


def stays(report, name, other):
    """The network that is not this step's own keeps its weights."""
    expect(
        not report.moved(name),
        f"the weights of {name} change in {other}'s step, expected a change of "
        f"0. Only {other}'s optimiser steps here: look for a step or an update of {name}.",
    )


def moves(report, name):
    """The weights change, by one step of the optimiser that came in."""
    order, opt = order_of(report, name), f"opt_{name}"
    steps = report.count(f"step {name}")
    if not report.moved(name):
        raise CheckError(
            f"the weights of {name} do not move. Seen for {name}: {order}; expected "
            f"zero_grad, backward, step. {_why_still(report, name, opt)}"
        )
    expect(
        steps,
        f"the weights of {name} move, and {opt} never steps. Expected one step of the optimiser "
        "that comes in: a new one made inside, or an update by hand, forgets its state each time.",
    )
    expect(
        steps == 1,
        f"{opt}.step() runs {steps} times, expected 1. Add the losses, or call backward "
        "for each, and step once at the end.",
    )


def _why_still(report, name, opt):
    log = [event for event in report.log if event.endswith(f" {name}")]
    if f"backward {name}" not in log:
        return (
            f"No gradient reaches {name}: backward() is missing, or detach, no_grad or .item() "
            f"cuts "
            "the path from the loss."
        )
    if f"step {name}" not in log:
        return f"{opt}.step() is missing, or called on another optimiser (a global name, perhaps)."
    back, step = log.index(f"backward {name}"), log.index(f"step {name}")
    if step < back:
        return "The step comes before backward(): it then has no gradient to follow."
    if f"zero {name}" in log[back:step]:
        return "The gradients are cleared between backward() and step(): nothing is left to follow."
    return "Print .grad right before the step."


def asks_g(report, name, n):
    """G makes n fakes, each from its own z."""
    expect(
        report.G_calls,
        f"G is never called, expected {n} fakes from it. "
        + (
            "D cannot learn the difference from one class."
            if name == "D"
            else "Draw z, and hand G(z) to D."
        ),
    )
    made = len(report.z())
    what = "reals in the batch" if name == "D" else "fakes asked for"
    expect(
        made % n == 0 and made <= 2 * n,
        f"{made} fakes are made for {n} {what}, expected {n}. Take "
        "the number from the arguments: the last batch of an epoch is smaller.",
    )


def draws_noise(play, n_large, seed=3):
    """z comes from N(0, 1), independent, and fresh in every call."""
    draws = []
    for shift in (0, 1):
        reseed(seed + shift)
        draws.append(play(n_large).z())
    if draws[0].shape == draws[1].shape and torch.equal(*draws):
        raise CheckError(
            "two calls draw the same z, expected new noise each time. A seed or a z that is "
            "kept makes G learn a few images by heart: draw inside the step."
        )
    z = draws[0]
    expect(z.std() > 1e-6, f"z has std {z.std():.2f}, expected 1. Constants are no noise.")
    is_independent(z[:n_large])
    is_normal(z)


def follows(report, name, scales, right, suspects, leftover=False):
    """The weights took one SGD step on the right loss; else the candidate that fits speaks."""
    change, wanted = report.changes[name], right()
    if any(same(change, scale * wanted) for scale in scales):
        return
    if leftover and any(same(change, scale * wanted + 1) for scale in scales):
        raise CheckError(_leftovers(report, name))
    half = " (or half of it)" if len(scales) > 1 else ""
    seen = (
        f"the update of {name} is {change.norm():.3g} long, expected {wanted.norm():.3g}{half} "
        f"and the "
        "direction of one SGD step on its loss."
    )
    for candidate, why in suspects:
        if any(same(change, scale * candidate()) for scale in scales):
            raise CheckError(f"{seen} {why}")
    factor = float(change @ wanted / (wanted @ wanted))
    if same(change, factor * wanted):
        raise CheckError(
            f"{seen} The direction is right and the length is {factor:.3g} times the expected: "
            "look for a factor, or for a sum where a mean is asked for."
        )
    raise CheckError(
        f"{seen} The loss that is asked for: binary cross entropy of the logits, 1 real, "
        "0 fake, mean over the batch."
    )


def _leftovers(report, name):
    log, opt = order_of(report, name), f"opt_{name}"
    start = (
        f"what another backward pass has left in {name}'s .grad enters the update. Seen for "
        f"{name}: "
        f"{log}; expected zero_grad before backward. "
    )
    other = "G" if name == "D" else "D"
    if "zero_grad" in log:
        return start + (
            f"Clearing after the step is too late here: the other network's step also fills "
            f"{name}'s .grad in between."
        )
    if report.count(f"zero {other}"):
        return start + f"You clear {other}'s gradients, and {opt}.step() reads {name}'s."
    return start + "backward() adds to .grad, it does not overwrite."


def keeps_modes(report, step):
    """Both networks are in train mode afterwards, and all their weights can learn."""
    for name in ("D", "G"):
        expect(
            not report.frozen[name],
            f"weights of {name} have requires_grad False after {step}'s step, "
            f"expected True. A frozen {name} never learns again: undo it at the end.",
        )
        expect(
            report.modes[name],
            f"{name} is left in eval mode after {step}'s step, expected train mode as "
            "before. Nothing here needs eval(): leave it out.",
        )


def also_fits(play_row, play_one):
    """A remark for an answer that is right with (N, 1) and stops with (N,) or with one image."""
    for play, remark in (
        (play_row, FITS),
        (
            play_one,
            "A batch of one image stops it: squeeze() drops "
            "the batch axis, and ones_like(logits) does not mind.",
        ),
    ):
        try:
            play()
        except Exception:
            return remark
    return None


def d_gradients(report, real, fakes):
    """From a loss of (real logits, fake logits) to D's gradient, at the weights before the step."""
    D = report.twin("D")

    def of(loss):
        return gradient(loss(D.plain(real).flatten(), D.plain(fakes).flatten()), D)

    return of


def candidates(suspects, of):
    """The suspects as gradients, each worked out when it is needed."""
    return [(functools.partial(of, loss), why) for loss, why in suspects]


def d_step_laws(report, real, leftover=False):
    """One discriminator step: who moves, what D saw, and along which gradient."""
    n = len(real)
    stays(report, "G", "D")
    asks_g(report, "D", n)
    fakes = shown_fakes(report, real)
    moves(report, "D")
    of = d_gradients(report, real, fakes)
    follows(report, "D", (1, 0.5), lambda: of(right_d), candidates(D_SUSPECTS, of), leftover)
    expect(
        not report.count("backward G"),
        "D's loss sends a gradient into G: G's .grad is not empty after "
        "D's step, expected nothing there. Cut the fakes off before D sees them.",
    )
    expect(
        not report.kept_graph(),
        "the graph of D's outputs is still in memory after the step, expected "
        "it to be freed. Nothing uses it again: leave retain_graph out.",
    )
    keeps_modes(report, "D")


def shown_fakes(report, real):
    """The fakes that D judged; D sees all reals, as many fakes, and nothing else."""
    n = len(real)
    expect(
        report.D_calls, "D is never called, expected its logits for the reals and for the fakes."
    )
    judged, made = report.judged(), report.fakes()
    is_real, is_fake = rows_in(judged, real), rows_in(judged, made)
    odd = int((~is_real & ~is_fake).sum())
    expect(
        not odd,
        f"{odd} of the {len(judged)} images that D judges are neither the reals nor G's fakes, "
        "expected 0. Hand both over as they are: scaling or noise on top is another recipe.",
    )
    expect(
        is_fake.any(),
        f"G makes {len(made)} fakes, and D judges 0 of them, expected {n}. D cannot learn "
        "the difference from one class.",
    )
    expect(
        is_real.any(),
        f"D judges 0 of the {n} reals, expected all. Without them, 'always fake' is its "
        "best answer.",
    )
    missing = int((~rows_in(real, judged)).sum())
    expect(not missing, f"D judges {n - missing} of the {n} reals, expected all.")
    shown = made[rows_in(made, judged)]
    expect(len(shown) == n, f"D judges {len(shown)} fakes and {n} reals, expected as many of both.")
    return shown


@exercise(
    "helpers.training:discriminator_step", "D now learns, and G keeps its weights and gradients."
)
def discriminator_step(answer):
    """One SGD step of D on reals (1) and detached fakes (0)."""
    is_function(answer, "discriminator_step")

    def play(arena, n, seed=0):
        return arena.play(answer, arena.G, arena.D, arena.opt_D, reals(n, seed), arena.z_dim)

    arena = Arena(z_dim=5)
    d_step_laws(play(arena, 6), reals(6))
    arena.leave_gradients()
    d_step_laws(play(arena, 4, 1), reals(4, 1), leftover=True)
    draws_noise(lambda n: play(Arena(z_dim=7), n), 300)
    return also_fits(
        lambda: d_step_laws(play(Arena(5, ()), 6), reals(6)),
        lambda: d_step_laws(play(Arena(5), 1), reals(1)),
    )


def g_gradients(report, z, D):
    """From a loss of the fake logits to G's gradient, at G's old weights and for this D."""
    G = report.twin("G")

    def of(loss):
        fakes = G.plain(z).view(-1, 1, 28, 28)
        return gradient(loss(D.plain(fakes).flatten()), G)

    return of


def g_step_laws(report, n, leftover=False):
    """One generator step: who moves and along which gradient; a remark for the minimax loss."""
    stays(report, "D", "G")
    asks_g(report, "G", n)
    expect(
        report.D_calls,
        "D is never called, expected its opinion of the fakes: G has no other teacher.",
    )
    z = _last_z(report, n)
    moves(report, "G")
    of = g_gradients(report, z, report.twin("D"))
    minimax = _is_minimax(report, of)
    right = minimax_g if minimax else right_g
    follows(report, "G", (1,), lambda: of(right), candidates(G_SUSPECTS, of), leftover)
    keeps_modes(report, "G")
    return "This is the minimax loss: G learns slowly while D is sure." if minimax else None


def _is_minimax(report, of):
    wanted = of(minimax_g)
    return any(same(report.changes["G"], wanted + extra) for extra in (0, 1))


def _last_z(report, n):
    """The z whose fakes D judged last."""
    judged = report.D_calls[-1]["x"].detach().flatten(1)
    for call in reversed(report.G_calls):
        if rows_in(judged, call["y"].detach()).any():
            expect(len(call["x"]) == n, f"{len(call['x'])} fakes are made, expected {n}.")
            return call["x"].detach()
    raise CheckError(
        "D judges images that did not come out of G in this call, expected G's fakes. Hand "
        "over G(z) as it is."
    )


@exercise("helpers.training:generator_step", "G now follows D's opinion, and D keeps its weights.")
def generator_step(answer):
    """One SGD step of G towards the label 1, through a D that stays."""
    is_function(answer, "generator_step")

    def play(arena, n):
        return arena.play(answer, arena.G, arena.D, arena.opt_G, n, arena.z_dim)

    arena = Arena(z_dim=5)
    remark = g_step_laws(play(arena, 6), 6)
    arena.leave_gradients()
    g_step_laws(play(arena, 4), 4, leftover=True)
    draws_noise(lambda n: play(Arena(z_dim=7), n), 300)
    return remark or also_fits(
        lambda: g_step_laws(play(Arena(5, ()), 6), 6), lambda: g_step_laws(play(Arena(5), 1), 1)
    )


# --- sampling -------------------------------------------------------------------------------------


def moody_generator(z_dim=6):
    """A spy G whose images depend on its mode: batch norm and dropout inside."""
    body = nn.Sequential(
        nn.Linear(z_dim, 9),
        nn.BatchNorm1d(9),
        nn.Dropout(0.5),
        nn.Tanh(),
        nn.Linear(9, 784),
        nn.Tanh(),
    )
    return Spy("G", [], body, (1, 28, 28)).train()


def sampled(answer, G, n, z_dim=6):
    """The pictures, what G gave for them, and G's calls."""
    G.calls.clear()
    pictures = answer(G, n, z_dim)
    is_tensor(pictures, f"{n} pictures")
    expect(G.calls, "G is never called, expected G(z).")
    calls = list(G.calls)
    return pictures, torch.cat([call["y"].detach() for call in calls]), calls


def gives_pictures(answer, G):
    """n pictures in the shape of G's images, without a graph."""
    for n in (7, 1):
        pictures, images, calls = _eval_safe(answer, G, n)
        expect(len(images) == n, f"G makes {len(images)} images, expected {n}: one z per picture.")
        has_shape(
            pictures,
            images.shape,
            "Leave the axes as G gives them: the plot expects (n, 1, 28, 28).",
        )
        expect(
            not pictures.requires_grad,
            "the pictures carry a graph, expected none: every plot would hold "
            "on to memory. Sampling runs under no_grad.",
        )
    return (
        None
        if not any(call["grad"] for call in calls)
        else ("no_grad would also spare building the graph that detach drops.")
    )


def _eval_safe(answer, G, n):
    """The sample; a batch-norm error for one image means that G ran in train mode."""
    try:
        return sampled(answer, G, n)
    except ValueError as error:
        if "more than 1 value" not in str(error):
            raise
        raise CheckError("G runs in train mode, expected eval mode. " + MODE) from error


MODE = (
    "In train mode a picture depends on the others in its batch, dropout cuts holes, and the "
    "running "
    "statistics drift with every plot."
)


def runs_in_eval(answer, G):
    """G is in eval mode while it samples."""
    G.train()
    _, _, calls = _eval_safe(answer, G, 7)
    expect(
        not any(call["training"] for call in calls),
        f"G runs in train mode, expected eval mode. {MODE}",
    )


def restores_mode(answer, G):
    """The mode that G was in is back afterwards; a remark if it is always train."""
    G.train()
    sampled(answer, G, 7)
    left = [module for module in G.modules() if not module.training]
    expect(
        not left,
        "G was in train mode before the call and is in eval mode after it, expected train mode "
        "again. The training would go on in eval mode from the first plot on: put the mode back.",
    )
    G.eval()
    sampled(answer, G, 7)
    changed = G.training
    G.train()
    return "A G that was in eval mode comes back in train mode." if changed else None


def shows_right(answer, G):
    """The pictures are (x + 1) / 2 of what G gave."""
    pictures, x, _ = sampled(answer, G, 7)
    if torch.allclose(pictures.float(), (x + 1) / 2, atol=1e-4):
        return
    seen = (
        f"G's images lie between {x.min():.2f} and {x.max():.2f}, and your pictures between "
        f"{pictures.min():.2f} and {pictures.max():.2f}; expected {(x.min() + 1) / 2:.2f} to "
        f"{(x.max() + 1) / 2:.2f}."
    )
    low, high = x.min(), x.max()
    suspects = [
        (x, "They are still in the range of tanh: a plot cuts off everything below 0."),
        (x.clamp(0, 1), "You clamp: everything below 0 turns black."),
        (
            (x - low) / (high - low),
            "You stretch from min to max: a flat grey failure then looks sharp. Use "
            "the fixed map of to_display_range.",
        ),
        (x / 2, "You shrink, and nothing shifts."),
        (x + 1, "You shift, and the width stays 2."),
        (2 * x - 1, "That is to_gan_range, the other direction."),
        ((1 - x) / 2, "Black and white are exchanged."),
        (x.abs(), "abs folds dark pixels to bright ones."),
        ((x + 1) * 127.5, "That is the range 0 to 255. Here 0 to 1 is asked for."),
        ((x + 1) / 2 * 2 - 1, "Two maps cancel each other."),
        (((x + 1) / 2 + 1) / 2, "The map is applied twice."),
        (x.sigmoid(), "sigmoid bends the greys. Undo the straight line with a straight line."),
    ]
    why = next(
        (why for y, why in suspects if torch.allclose(pictures.float(), y, atol=1e-3)),
        "Which two numbers bring -1 to 0 and 1 to 1?",
    )
    raise CheckError(f"{seen} {why}")


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


# --- further --------------------------------------------------------------------------------------


def batch_laws(report, real, leftover=False):
    """D along its loss, G along the opposite label; a remark if it is wasteful."""
    n = len(real)
    asks_g(report, "D", n)
    _same_counts(report, real)
    moves(report, "D")
    moves(report, "G")
    flipped = _d_update(report, real, leftover)
    _g_update(report, real, flipped, leftover)
    keeps_modes(report, "the batch")
    if report.kept_graph() or _d_reached_g(report):
        return "A detach in D's loss would spare the backward pass through G."
    return None


def _same_counts(report, real):
    sizes = {len(call["x"]) for call in report.G_calls}
    expect(
        sizes == {len(real)},
        f"{max(sizes)} fakes are made for {len(real)} reals in the batch, expected "
        "as many. The last batch of an epoch is smaller: take the number from real.",
    )
    judged, made = report.judged(), report.fakes()
    expect(rows_in(real, judged).all(), "D does not judge all the reals, expected each of them.")
    expect(rows_in(judged, made).any(), "D judges none of G's fakes, expected them all.")


def _d_reached_g(report):
    """Whether D's backward pass also went through G."""
    first = report.log.index("step D") if "step D" in report.log else 0
    return "backward G" in report.log[:first]


def _fake_batches(report, n):
    """The z and fakes of each call of G."""
    return [
        (call["x"].detach(), call["y"].detach()) for call in report.G_calls if len(call["x"]) == n
    ]


def _d_update(report, real, leftover):
    """D's change is one step on its loss, in either convention; whether the labels are flipped."""
    n, change = len(real), report.changes["D"]
    graded = [d_gradients(report, real, fakes) for _, fakes in _fake_batches(report, n)]

    for of in graded:
        for flipped, right in ((False, right_d), (True, flipped_d)):
            if any(same(change, s * of(right)) for s in (1, 0.5)):
                return flipped
            if leftover and any(same(change, s * of(right) + 1) for s in (1, 0.5)):
                raise CheckError(_leftovers(report, "D"))
    for of in graded:
        for _, other in _fake_batches(report, n):
            _polluted(report, of, other)
    of = graded[0]
    follows(report, "D", (1, 0.5), lambda: of(right_d), candidates(D_SUSPECTS[1:], of), leftover)


def flipped_d(r, f):
    """D's loss in the other convention: reals are 0, fakes are 1."""
    return right_d(f, r)


def _polluted(report, of, other):
    """D's change holds no part of G's loss."""
    change, D = report.changes["D"], report.twin("D")
    for wish, right in ((right_g, right_d), (lambda f: bce(f, 0), flipped_d)):
        extra = gradient(wish(D.plain(other).flatten()), D)
        expect(
            not any(same(change, s * of(right) + extra) for s in (1, 0.5)),
            "D's update holds the "
            "gradient of G's loss as well, expected D's own loss alone: D is pulled to both "
            "answers. Two "
            "losses, two backward passes, and zero_grad before each.",
        )
    extra = gradient(right_g(D.plain(other).flatten()), D)
    expect(
        not same(change, extra),
        "D follows G's loss and not its own, expected one step on D's. "
        "Compare the order of the arguments, opt_G before opt_D, with your signature.",
    )


def _g_update(report, real, flipped, leftover):
    """G's change is one step on the opposite label, without D's loss in it."""
    change, batches = report.changes["G"], _fake_batches(report, len(real))
    graded = [
        g_gradients(report, z, D)
        for z, _ in batches
        for D in (report.twin("D", "after"), report.twin("D"))
    ]
    wish = (lambda f: bce(f, 0)) if flipped else right_g
    against = right_g if flipped else (lambda f: bce(f, 0))
    for of in graded:
        if same(change, of(wish)) or same(change, -of(against)):
            return
        if leftover and (same(change, of(wish) + 1) or same(change, 1 - of(against))):
            raise CheckError(_leftovers(report, "G"))
    for of in graded:
        expect(
            not same(change, of(against)),
            "G's update makes its fakes easier to detect: it uses the same "
            "label for the fakes as D does. Expected the opposite one: G wants them called real.",
        )
    _leaks(change, graded, against, wish)
    follows(report, "G", (1,), lambda: graded[0](wish), candidates(G_SUSPECTS, graded[0]), leftover)


def _leaks(change, graded, against, wish):
    """D's loss has no part in G's update."""
    leaks = [scale * of(against) for of in graded for scale in (1, 0.5)]
    for clean in graded:
        for extra in leaks:
            for leftover in (0, 1):
                expect(
                    not same(change, clean(wish) + extra + leftover),
                    "G's update holds the gradient of D's "
                    "loss as well, expected G's own loss alone: G is pulled towards being "
                    "detected. Detach "
                    "the fakes for D, and clear G's gradients right before G's backward.",
                )


@exercise("helpers.training:train_batch", "One call is now one round of the game.", stretch=True)
def train_batch(answer):
    """One step of D and one of G, each along its own loss."""
    is_function(answer, "train_batch")

    def play(arena, n, seed=0):
        return arena.play(
            answer, arena.G, arena.D, arena.opt_G, arena.opt_D, reals(n, seed), arena.z_dim
        )

    arena = Arena(z_dim=5)
    remark = batch_laws(play(arena, 6), reals(6))
    arena.leave_gradients()
    batch_laws(play(arena, 4, 1), reals(4, 1), leftover=True)
    draws_noise(lambda n: play(Arena(z_dim=7), n), 300)
    return remark or also_fits(
        lambda: batch_laws(play(Arena(5, ()), 6), reals(6)),
        lambda: batch_laws(play(Arena(5), 1), reals(1)),
    )


SCORES = (
    torch.tensor([0.3, 0.2, 1.5, 0.4, 2.5, 3.0, -0.4, -2.0, 0.45, 4.0]),
    torch.tensor([0.3, -1.5, 0.4, 0.1, 0.2, 1.7, -0.2, -3.0, 2.5, 0.35]),
)


def accuracy_of(answer, real, fake):
    """The student's accuracy as a number."""
    result = answer(real.clone(), fake.clone())
    expect(
        result is not None,
        "None came back, expected a number between 0 and 1. Look for a missing return.",
    )
    if torch.is_tensor(result):
        expect(
            result.numel() == 1,
            f"the shape is {tuple(result.shape)}, expected one number: average over all images.",
        )
        result = result.item()
    numeric = hasattr(result, "__float__") and not isinstance(result, str)
    expect(numeric, f"{_a(result)} came back, expected one number between 0 and 1.")
    return float(result)


def counts_right(answer, real, fake):
    """Reals above 0 and fakes below 0 are right; everything else that has a name speaks."""
    seen = accuracy_of(answer, real, fake)
    up, down = (real > 0).float().mean().item(), (fake < 0).float().mean().item()
    wanted = (up + down) / 2
    if abs(seen - wanted) < 1e-4:
        return
    said = (
        f"the accuracy is {seen:.4g}, expected {wanted:.4g}: {up:.0%} of the reals and {down:.0%} "
        "of the fakes."
    )
    n = real.numel()
    p, q = real.sigmoid(), fake.sigmoid()
    half = ((real > 0.5).float().mean() + (fake <= 0.5).float().mean()).item() / 2
    suspects = [
        (half, "Your boundary is the logit 0.5. The logit of probability 0.5 is another number."),
        (
            ((p > 0.6).float().mean() + (q < 0.6).float().mean()).item() / 2,
            "Your boundary is not at probability 0.5.",
        ),
        (
            (up + 1 - down) / 2,
            "You count a fake that D calls real as right. Whose accuracy is that, D's or G's?",
        ),
        (1 - wanted, "You count the mistakes: that is the error rate."),
        (
            (p.mean() + 1 - q.mean()).item() / 2,
            "You average probabilities. An image is judged right or wrong: "
            "0.51 is a whole right answer.",
        ),
        (p.mean().item(), "You average probabilities, and of the reals only."),
        (up, "Only the reals are counted: the fakes that D catches are half of its job."),
        (down, "Only the fakes are counted: the reals that D accepts are half of its job."),
        (up + down, "You add two fractions: the average of both is at most 1."),
        (wanted * 2 * n, "That is a count: divide it by the number of images, reals and fakes."),
        (wanted * 100, "That is a percentage: a fraction between 0 and 1 is asked for."),
        (wanted / 2, "You divide once too often."),
        (up * down, "You multiply the two fractions. Count the right answers of all images."),
        (
            0.5,
            "Every image gets the same answer: a logit went through a sigmoid too often, or the "
            "boundary "
            "is at probability 0.",
        ),
    ]
    why = next(
        (why for value, why in suspects if abs(seen - value) < 1e-4),
        "Count the reals with a logit above 0 and the fakes with one below, by hand.",
    )
    raise CheckError(f"{said} {why}")


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
    one = accuracy_of(answer, torch.tensor([2.0]), torch.tensor([-2.0]))
    expect(abs(one - 1) < 1e-4, f"one real at 2 and one fake at -2 give {one:.3g}, expected 1.")
    both = [
        accuracy_of(answer, x, -x) for x in (torch.tensor([3.0, 1.0]), torch.tensor([-3.0, -1.0]))
    ]
    expect(both == [1, 0], f"all right and all wrong give {both}, expected [1, 0].")


class Loss(float):
    """A number that also answers to what a loss tensor is asked."""

    def item(self):
        """The number itself."""
        return float(self)

    detach = cpu = lambda self: self


class Diary:
    """Two steps that write down when and with what they are called."""

    def __init__(self, batches):
        """batches: the images of each batch, in order."""
        self.batches, self.turns = batches, []
        self.losses = {
            "D": [Loss(0.9), Loss(0.6), Loss(0.15)],
            "G": [Loss(2.0), Loss(3.5), Loss(7.0)],
        }

    def step(self, name):
        """The step of one network."""

        def step(*args):
            self.accept(name, args)
            self.turns.append((name, args[0]))
            done = sum(turn[0] == name for turn in self.turns) - 1
            return self.losses[name][done % 3]

        return step

    def accept(self, name, args):
        """D's step gets images, G's step a number; anything else is told."""
        expect(
            len(args) == 1,
            f"{name}'s step gets {len(args)} arguments, expected 1: "
            f"{'the images' if name == 'D' else 'the number of fakes'}.",
        )
        thing = args[0]
        if name == "D":
            expect(
                not isinstance(thing, (list, tuple)),
                f"D's step gets {_a(thing)}, expected the images alone. "
                "The loader yields pairs (images, labels): unpack them.",
            )
            expect(
                torch.is_tensor(thing), f"D's step gets {_a(thing)}, expected a tensor of images."
            )
            expect(
                thing.dim() == 4,
                f"D's step gets the shape {tuple(thing.shape)}, expected (B, 1, 28, 28). "
                "Those look like labels or a single image: the images come first in the pair.",
            )
        else:
            single = torch.is_tensor(thing) and thing.dim() == 0 or isinstance(thing, int)
            expect(
                single,
                f"G's step gets {_a(thing)}, expected a whole number: how many fakes to make.",
            )


def whole_epoch(diary, sizes):
    """Every batch once, D and G in turn, as many fakes as images."""
    names, wanted = "".join(name for name, _ in diary.turns), len(sizes)
    d, g = names.count("D"), names.count("G")
    seen = f"the turns are {names or 'none'}"
    expect(d or g, f"{seen}, expected D and G in each of {wanted} batches. Nothing is called.")
    expect(
        not (d == g == 1),
        f"{seen}, and the loader has {wanted} batches: expected DGDGDG. An epoch is all "
        "of them; look at a return, or a next(), that ends it early.",
    )
    expect(g, f"{seen}: G never learns, expected one step of G in each of {wanted} batches.")
    expect(d, f"{seen}: D never learns, expected one step of D in each of {wanted} batches.")
    expect(
        names != "D" * d + "G" * g,
        f"{seen}, expected DGDGDG: one runs ahead for a whole epoch before the "
        "other may answer. Both calls belong inside the same loop.",
    )
    expect(
        names != "G" * g + "D" * d, f"{seen}, expected DGDGDG: one runs ahead for a whole epoch."
    )
    expect(d == g or max(d, g) <= wanted, f"{seen}, expected one step of each per batch, DGDGDG.")
    expect(
        d == wanted and g == wanted,
        f"{seen}: {d} steps of D and {g} of G for {wanted} batches, expected {wanted} of each.",
    )
    expect(names in ("DG" * wanted, "GD" * wanted), f"{seen}, expected DGDGDG.")
    given = [thing for name, thing in diary.turns if name == "D"]
    same_images = all(
        a.shape == b.shape and torch.equal(a, b) for a, b in zip(given, diary.batches, strict=True)
    )
    expect(
        same_images,
        "D's step gets other images than the loader gives, expected each batch once and as it is.",
    )
    counts = [int(thing) for name, thing in diary.turns if name == "G"]
    expect(
        counts == sizes,
        f"G's step is asked for {counts} fakes, expected {sizes}. The last batch is smaller: "
        "take the number from the batch.",
    )


def mean_losses(result, diary, sizes):
    """The pair (mean D loss, mean G loss), over batches or over images."""
    expect(result is not None, "None came back, expected the pair (mean D loss, mean G loss).")
    pair = (
        isinstance(result, (tuple, list))
        and len(result) == 2
        or torch.is_tensor(result)
        and result.numel() == 2
    )
    expect(pair, f"{_a(result)} came back, expected the pair (mean D loss, mean G loss).")
    numeric = all(hasattr(x, "__float__") and not isinstance(x, str) for x in result)
    expect(
        numeric,
        f"({_a(result[0])}, {_a(result[1])}) came back, expected two numbers: the means of the "
        "losses, and not all of them.",
    )
    seen = tuple(float(x) for x in result)
    d, g = diary.losses["D"], diary.losses["G"]
    total, n = sum(sizes), len(sizes)

    def pair_of(of):
        return of(d), of(g)

    def fits(wanted):
        return all(abs(a - b) < 1e-4 for a, b in zip(seen, wanted, strict=True))

    means = pair_of(lambda x: sum(x) / n)
    weighted = pair_of(lambda x: sum(a * b for a, b in zip(x, sizes, strict=True)) / total)
    if fits(means) or fits(weighted):
        return
    suspects = [
        (means[::-1], "The two are exchanged: D's loss comes first."),
        (pair_of(sum), "Those are sums: divide by the number of batches."),
        (
            pair_of(lambda x: x[-1]),
            "Those are the losses of the last batch. Collect them over the epoch.",
        ),
        (
            pair_of(lambda x: x[0]),
            "Those are the losses of the first batch. Collect them over the epoch.",
        ),
        (
            pair_of(lambda x: sum(x) / total),
            "You divide by the number of images, and add one loss per batch.",
        ),
        (pair_of(lambda x: x[-1] / n), "Only the last batch is in the sum: += adds, = replaces."),
        ((means[0], means[0]), "Both are D's loss."),
        ((means[1], means[1]), "Both are G's loss."),
        ((0, 0), "The totals are never added to."),
        (
            pair_of(lambda x: (x[0] / 2 + x[1] / 2) / 2 + x[2] / 2),
            "A running average weighs the last batch most.",
        ),
        (pair_of(lambda x: sum(x) / (n + 1)), "You divide by one too many."),
        (pair_of(lambda x: sum(x) / (n - 1)), "You divide by one too few."),
    ]
    why = next(
        (why for value, why in suspects if fits(value)),
        "Add each loss as it comes and divide by the number of batches at the end.",
    )
    raise CheckError(
        f"({seen[0]:.3g}, {seen[1]:.3g}) came back, expected ({means[0]:.3g}, {means[1]:.3g}): "
        f"the mean "
        f"of D's losses {[float(x) for x in d]} and of G's {[float(x) for x in g]}. {why}"
    )


@exercise("helpers.training:train_epoch", "One call now plays a whole epoch.", stretch=True)
def train_epoch(answer):
    """One D step and one G step per batch, over the whole loader; the mean losses."""
    is_function(answer, "train_epoch")
    sizes = [5, 5, 3]
    images = reals(13)
    loader = DataLoader(TensorDataset(images, torch.arange(13) % 10), batch_size=5)
    diary = Diary(list(images.split(5)))
    result = answer(loader, diary.step("D"), diary.step("G"))
    whole_epoch(diary, sizes)
    mean_losses(result, diary, sizes)
