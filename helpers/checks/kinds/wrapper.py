"""A network around a model, which changes what the model is shown."""

import torch
from torch import nn

from helpers.checks.aspects import Aspect, kind_of, told
from helpers.checks.casts import bowls
from helpers.checks.kinds import Kind
from helpers.checks.kinds.function import NO_TENSOR
from helpers.checks.kinds.network import PLAIN
from helpers.checks.plays import Spy

MEAN_STD = {3: ([0.4, 0.6, 0.1], [0.2, 0.5, 0.25]), 1: ([0.13], [0.31])}  # by channels
HELD = "nn.Module finds its parts among its attributes: eval(), to() and an optimiser reach the model only there."
ONE_A_CHANNEL = "The images keep their shape: one constant per channel, axis 1."
AS_THEY_ARE = "The logits of the model come back as they are: nothing comes after the model."
CONSTANTS = "mean and std are constants. What else than a Parameter does nn.Module keep?"
MODES = "Leave train and eval to nn.Module: it hands the mode on to its parts."


class Wrapper(Kind):
    """A class built around a model, and what becomes of the images on their way to it."""

    thing = "class"

    def found(self, answer):
        """What sort of thing came in; a function that builds one is as good as a class."""
        if isinstance(answer, nn.Module):
            return "a finished network"
        return "a class" if callable(answer) else kind_of(answer)

    def observe(self, answer, name, tape):
        """The class; for each batch what it holds, what it hands on, and how it is left."""
        yield self.handed(answer, name)
        plain = isinstance(answer, type) and not issubclass(answer, nn.Module)
        kind = "a plain class" if plain else "a subclass of nn.Module"
        yield Aspect("class", kind, f"{name} is {{}}", PLAIN)
        for k, shape in enumerate([(2, 3, 3, 3), (7, 3, 2, 5), (1, 3, 4, 2), (4, 1, 2, 3)]):
            tape.cue(k)
            model = Spy(bowls(4, torch.Size(shape[1:]).numel()), shape[1:]).train(k > 0)
            x = torch.rand(shape)
            constants = [torch.tensor(c) if k == 2 else c for c in MEAN_STD[shape[1]]]
            net = answer(model, *constants)
            kind = "a network" if isinstance(net, nn.Module) else kind_of(net)
            yield Aspect("network", kind, f"{name}(model, mean, std) gives {{}}", PLAIN)
            yield Aspect("held", holds(net, model), lambda a, b: a, HELD)
            yield from handed_on(net, model, x)
            yield from kept(net, model, k > 0)
        yield moved(answer(nn.Sequential(nn.Flatten(), nn.Linear(12, 4)), *MEAN_STD[3]))


def holds(net, model):
    """Whether the model is a part of the network, in words."""
    if any(part is model for part in net.modules()):
        return ""
    said = "the model is not among the parts of the wrapper, expected the model itself."
    for key, value in vars(net).items():
        if isinstance(value, (list, tuple, dict)) and model in list(value):
            return f"self.{key} is a Python {type(value).__name__}: {said}"
    copied = len(list(net.parameters())) >= len(list(model.parameters()))
    return f"{said} It holds a copy, which learns nothing of what follows." if copied else said


def handed_on(net, model, x):
    """What the model is given, what comes back, and whether a gradient reaches x."""
    given = x.clone()
    y = net(given)
    yield Aspect("type", kind_of(y), "{} came back from forward", NO_TENSOR)
    words = "x itself has {}ed in forward"
    same = "stay" if torch.equal(given, x) else "chang"
    yield Aspect("x", same, words, "Names that end in _ and -=, /= write into the caller's images.")
    called = "is called" if model.calls else "is never called"
    yield Aspect("called", called, "the model {}", "Hand the normalised images to it.")
    seen = model.calls[-1]["given"]
    yield Aspect("shape", tuple(seen.shape), "the model gets the shape {}", ONE_A_CHANNEL)
    pixels = told(x[0, :, 0, 0])
    words = lambda a, b: (
        f"the pixels {pixels} of the channels reach the model as {told(a[0, :, 0, 0])}, expected {told(b[0, :, 0, 0])}."
    )
    yield Aspect("seen", seen, words, "Work one pixel of each channel by hand.")
    words = lambda a, b: f"the result of image 0 is {told(a[0])}, expected the logits {told(b[0])}."
    yield Aspect("result", y.detach(), words, AS_THEY_ARE)
    given = x.clone().requires_grad_()
    y = net(given)
    grad = y.requires_grad and torch.autograd.grad(y.sum(), given, allow_unused=True)[0]
    reached = "a" if torch.is_tensor(grad) and grad.any() else "no"
    words = "{} gradient reaches x through the wrapper"
    yield Aspect("gradient", reached, words, "Look for detach, no_grad, .data or numpy in forward.")


def kept(net, model, training):
    """Who learns, and in which mode the model is."""
    own = {id(p) for p in model.parameters()}
    learns = [key for key, p in net.named_parameters() if id(p) not in own and p.requires_grad]
    yield Aspect("learns", learns, "{} would be trained by an optimiser", CONSTANTS)
    frozen = not all(p.requires_grad for p in model.parameters())
    words = "the weights of the model have requires_grad False, expected that they can still learn."
    yield Aspect("frozen", frozen, lambda a, b: words, "Leave the model as it comes.")
    came = "train" if training else "eval"
    words = f"the model came in {came} mode, and is in {{}} mode in the wrapper"
    yield Aspect("mode", "train" if model.training else "eval", words, MODES)
    follows = [net.train(mode) and model.training for mode in (True, False)]
    words = "after train(True) and train(False) of the wrapper the model has training {}"
    yield Aspect("modes", follows, words, MODES)


def moved(net):
    """Whether mean and std follow the wrapper to another dtype, and so to another device.

    float64 swallows constants that stay float32, as new tensors made in forward may; a tensor that
    is a plain attribute has to show in bfloat16 that it follows.
    """
    left = [f"self.{key}" for key, value in vars(net).items() if torch.is_tensor(value)]
    dtype = torch.bfloat16 if left else torch.float64
    try:
        net.to(dtype)(torch.rand(2, 3, 2, 2).to(dtype))
        stays = ""
    except RuntimeError:
        stays = " and ".join(left) or "mean and std"
    words = f"after .to({dtype}) the wrapper stops: {stays} stay behind, expected that they move to another device or dtype with the weights."
    return Aspect("moves", not stays, lambda a, b: words, "Which attributes does .to() move?")
