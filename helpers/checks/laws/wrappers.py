"""Laws of a model that normalises its images itself, so that an attack works on pixels."""

import torch
from torch import nn

from helpers.checks.laws.basics import diagnosis, has_shape, is_tensor, listed
from helpers.checks.laws.networks import built
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.laws.victims import Victim, curved_victim, pictures


class Inner(Victim):
    """A victim that a wrapper is built around; a message calls it model."""

    def __repr__(self):
        return "model"


def inner(pixels, num_classes=4):
    """A model with curved logits, in eval mode."""
    victim = curved_victim(num_classes, pixels)
    return Inner(victim.body, victim.words).eval()


WORKED = torch.tensor([0.4, 0.6, 0.1]), torch.tensor([0.2, 0.5, 0.25])
WRAPPERS = [
    (
        lambda x, mean, std: x * std + mean,
        "That is the way back from normalised pixels. Which of "
        "the two maps takes the mean image to 0?",
    ),
    (lambda x, mean, std: x, "The pixels go in as they are: mean and std take no part."),
    (lambda x, mean, std: x - mean, "std is missing."),
    (lambda x, mean, std: x / std, "The mean is missing."),
    (lambda x, mean, std: x - mean / std, "Only the mean is divided: look at the brackets."),
    (lambda x, mean, std: (x + mean) / std, "The mean is added: it has to go to 0."),
    (lambda x, mean, std: (x - std) / mean, "mean and std have exchanged their places."),
    (lambda x, mean, std: (x - mean) * std, "It is multiplied with std: it divides."),
    (lambda x, mean, std: (x - mean) / std**2, "std is squared: as it is, it divides."),
    (lambda x, mean, std: (x - mean) / std.sqrt(), "The root of std is taken: it is no variance."),
    (lambda x, mean, std: ((x - mean) / std - mean) / std, "It is normalised twice."),
    (
        lambda x, mean, std: ((x - mean) / std).clamp(0, 1),
        "It is cut to [0, 1] after normalising: what is the normalised value of a black pixel?",
    ),
    (lambda x, mean, std: (x * 255 - mean) / std, "Pixels are in [0, 1] here: nothing times 255."),
    (lambda x, mean, std: (x / 255 - mean) / std, "Pixels are in [0, 1] here: no 255."),
    (
        lambda x, mean, std: (x - mean.mean()) / std.mean(),
        "All channels get the same mean and std: each has its own.",
    ),
    (
        lambda x, mean, std: (x - mean[:, :1]) / std[:, :1],
        "All channels get the numbers of the first one: each has its own.",
    ),
    (lambda x, mean, std: (x - mean.flip(1)) / std.flip(1), "The channels stand in another order."),
    (
        lambda x, mean, std: (x - mean.view(-1)) / std.view(-1),
        "mean and std meet the last axis, "
        "the columns: broadcasting pairs the axes from the right. Where do the channels stand?",
    ),
    (
        lambda x, mean, std: (x - mean.view(-1, 1)) / std.view(-1, 1),
        "mean and std meet the rows: "
        "broadcasting pairs the axes from the right. How many axes stand behind the channels?",
    ),
    (
        lambda x, mean, std: (x - x.mean((0, 2, 3), True)) / x.std((0, 2, 3), keepdim=True),
        "mean and std are those of the batch: take the constants that came in.",
    ),
    (
        lambda x, mean, std: (x - x.mean()) / x.std(),
        "mean and std are those of the batch: take the constants that came in.",
    ),
]


def wrapper_laws(answer, name):
    """A module that normalises each channel, holds the model, and moves with it."""
    mean, std = WORKED
    for n, (h, w) in ((2, (3, 3)), (7, (2, 5)), (1, (4, 2))):
        model = inner(3 * h * w)
        net = built(answer, name, model, mean.tolist(), tuple(std.tolist()))
        _registers(net, model)
        _sees(net, model, torch.rand(n, 3, h, w), mean, std)
    model = inner(6)
    net = built(answer, name, model, [0.13], [0.31])
    _sees(net, model, pictures(4), torch.tensor([0.13]), torch.tensor([0.31]))
    _lets_gradient_through(net)
    _is_constant(net, model)
    _hands_modes_on(net, model)
    _moves_along(answer, name)


def _registers(net, model):
    """The model is a part of the wrapper, itself and not a copy."""
    found = any(module is model for module in net.modules())
    lists = [
        key
        for key, value in vars(net).items()
        if isinstance(value, (list, tuple, dict))
        and any(thing is model for thing in (value.values() if type(value) is dict else value))
    ]
    held = f"self.{lists[0]} is a Python {type(vars(net)[lists[0]]).__name__}, " if lists else ""
    weights = len(list(net.parameters()))
    copied = weights >= len(list(model.parameters())) and not found
    hint = (
        "It holds a copy: what the model learns later does not reach it."
        if copied
        else "nn.Module finds its parts among its attributes: eval(), to() and an optimiser reach "
        "the model only there."
    )
    expect(
        found,
        f"{held}the model is not among the parts of the wrapper and parameters() finds {weights} "
        f"tensors, expected {len(list(model.parameters()))}, those of the model. {hint}",
    )


def _sees(net, model, x, mean, std):
    """The model is asked for (x - mean) / std, channel by channel, and its logits come back."""
    model.calls.clear()
    given = x.clone()
    logits = net(given)
    is_tensor(logits, "the logits of the model")
    expect(
        torch.equal(given, x),
        "x itself has changed in forward, expected no change: names that end in _ and -=, /= write "
        "into the caller's images.",
    )
    expect(model.calls, "the model is never called, expected its logits on the normalised images.")
    seen = model.calls[-1]["x"].detach()
    has_shape(seen, x.shape, "The images keep their shape: one constant per channel, axis 1.")
    mean, std = mean.view(1, -1, 1, 1), std.view(1, -1, 1, 1)
    wanted = (x - mean) / std
    if not torch.allclose(seen, wanted, atol=1e-4):
        why = diagnosis(
            WRAPPERS,
            lambda suspect: _fits(suspect, x, mean, std, seen),
            "Work one pixel of each channel by hand.",
        )
        raise CheckError(
            f"pixels {listed(x[0, :, 0, 0], '.2g')} of the channels with mean "
            f"{listed(mean, '.2g')} and std {listed(std, '.2g')} reach the model as "
            f"{listed(seen[0, :, 0, 0], '.3g')}, expected {listed(wanted[0, :, 0, 0], '.3g')}. "
            f"{why}"
        )
    asked = model.still(wanted)
    has_shape(logits, asked.shape, "The logits of the model come back as they are.")
    expect(
        torch.allclose(logits, asked, atol=1e-3),
        f"the result of image 0 is {listed(logits[0], '.3g')}, expected the model's logits "
        f"{listed(asked[0], '.3g')} as they are: nothing comes after the model.",
    )


def _fits(suspect, x, mean, std, seen):
    try:
        value = suspect(x, mean, std)
    except RuntimeError:  # axes that do not meet
        return False
    return value.shape == seen.shape and torch.allclose(value, seen, atol=1e-4)


def _lets_gradient_through(net):
    """An attack reaches the pixels through the wrapper."""
    x = pictures(3).requires_grad_()
    logits = net(x)
    grad = logits.requires_grad and torch.autograd.grad(logits.sum(), x, allow_unused=True)[0]
    expect(
        torch.is_tensor(grad) and grad.abs().max() > 0,
        "no gradient reaches x through the wrapper, expected one: an attack needs it. Look for "
        "detach, no_grad, .data or numpy in forward.",
    )


def _is_constant(net, model):
    """Only the model's own weights learn."""
    own = {id(p) for p in model.parameters()}
    learns = [name for name, p in net.named_parameters() if id(p) not in own and p.requires_grad]
    expect(
        not learns,
        f"{', '.join(learns[:2])} would be trained by an optimiser, expected that only the model "
        "learns: mean and std are constants. What else than a Parameter does nn.Module keep?",
    )
    expect(
        all(p.requires_grad for p in model.parameters()),
        "the weights of the model have requires_grad False, expected that they can still learn.",
    )


def _hands_modes_on(net, model):
    """eval() and train() of the wrapper reach the model."""
    for mode in (True, False):
        net.train(mode)
        expect(
            model.training == mode,
            f"after train({mode}) of the wrapper the model has training {model.training}, expected "
            f"{mode}: leave train and eval to nn.Module.",
        )


def _moves_along(answer, name):
    """mean and std follow the wrapper to another dtype, and so to another device.

    float64 swallows constants that stay float32, as new tensors made in forward may; a tensor that
    is a plain attribute has to show in bfloat16 that it follows.
    """
    net = built(answer, name, nn.Sequential(nn.Flatten(), nn.Linear(12, 4)), *LISTS)
    left = [f"self.{key}" for key, value in vars(net).items() if isinstance(value, torch.Tensor)]
    dtype = torch.bfloat16 if left else torch.float64
    try:
        net.to(dtype)(torch.rand(2, 3, 2, 2).to(dtype))
    except RuntimeError as error:
        raise CheckError(
            f"after .to({dtype}) the wrapper stops: {' and '.join(left) or 'mean and std'} stay "
            "behind, expected that they move to another device or dtype with the weights. Which "
            "attributes of a module does .to() move?"
        ) from error


LISTS = [0.4, 0.6, 0.1], [0.2, 0.5, 0.25]
