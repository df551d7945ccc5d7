"""Laws that every network has to hold, whatever it makes of its input."""

import torch
from torch import nn

from helpers.checks.guard import reseed
from helpers.checks.laws.basics import is_tensor, kind_of
from helpers.checks.laws.old import CheckError, expect


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
        f"{kind_of(answer)} came, expected the class {name}. "
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
    expect(isinstance(net, nn.Module), f"{call} gives {kind_of(net)}, expected an nn.Module.")
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


def awake(net, x):
    """The network after a call in eval mode, which gives lazy layers their weights."""
    mode = net.training
    with torch.no_grad():
        net.eval()(x)
    return net.train(mode)


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


def randomised(net, seed, size=2):
    """The network with random weights; with large ones only its construction bounds it."""
    reseed(seed)
    with torch.no_grad():
        for p in net.parameters():
            p.normal_(0, size)
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


def batch_norm_remark(net):
    """A remark where a batch norm lets the images of a batch meet."""
    if any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules()):
        return "BatchNorm mixes the pictures of a batch: instance norm keeps them apart."
    return None


def has_small_slopes(net):
    """No LeakyReLU was given a layer size as its slope."""
    slopes = [m.negative_slope for m in net.modules() if isinstance(m, nn.LeakyReLU)]
    steepest = max(slopes, key=abs, default=0)
    expect(
        abs(steepest) < 1,
        f"one LeakyReLU has the slope {steepest:g}, expected a small one: its first argument is "
        "the slope for negative inputs, not a layer size. 0.2 is usual.",
    )
