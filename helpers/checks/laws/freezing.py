"""Laws of freezing: the weights of all networks stop learning, and the gradient still gets past."""

import dis

import torch
from torch import nn

from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import flat


def freezing_laws(answer):
    """False freezes every weight, True frees it, and nothing else changes."""
    for wrap, count in ((list, 3), (tuple, 2), (list, 1)):
        nets = wrap(_net() for _ in range(count))
        modes = [[module.training for module in net.modules()] for net in nets]
        before = [_values(net) for net in nets]
        for flag in (False, True, True, False):
            answer(nets, flag)
            _grad_is_on(flag)
            _is_set(nets, flag, modes, _renamed(answer))
            _keeps_modes(nets, modes, flag)
            _keeps_values(nets, before)
            if not flag:
                _lets_gradient_through(nets)


def _net():
    """Nested layers in mixed modes, one weight of which is frozen already."""
    inner = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.InstanceNorm2d(4, affine=True))
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), inner, nn.LeakyReLU(0.2), nn.Dropout(0.1))
    net.train()[3].eval()
    inner[0].weight.requires_grad_(False)
    net.scale = nn.Parameter(torch.ones(1))
    return net


def _values(net):
    return flat([*net.parameters(), *net.buffers()]).detach().clone()


def _grad_is_on(flag):
    on = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    expect(
        on,
        f"after set_requires_grad(nets, {flag}) gradients are switched off everywhere in PyTorch, "
        "expected only for the weights of these networks: the generators must go on learning, and "
        "the gradient has to pass through D to reach them. What has a weight of its own to set?",
    )


def _is_set(nets, flag, modes, renamed):
    """Every weight of every network has requires_grad == flag."""
    weights = [p for net in nets for p in net.parameters()]
    wrong = [p for p in weights if p.requires_grad != flag]
    if not wrong:
        return
    seen = (
        f"after set_requires_grad(nets, {flag}) with {len(nets)} network{'s' * (len(nets) > 1)}, "
        f"{len(wrong)} of {len(weights)} weights have requires_grad {not flag}, expected "
        f"{flag} for all."
    )
    raise CheckError(f"{seen} {_why_not(nets, flag, modes, wrong, renamed)}")


def _why_not(nets, flag, modes, wrong, renamed):
    weights = [list(net.parameters()) for net in nets]
    ids = {id(p) for p in wrong}
    if any("requires_grad" in vars(net) for net in nets):
        return (
            "The networks have an attribute requires_grad now, and that has no effect: a network "
            "is no weight. Go through its parameters, or use the method that ends in _."
        )
    odd = [key for net in nets for p in net.parameters() for key in vars(p)]
    if odd:
        return f"The weights have a new attribute {odd[0]}: compare the spelling, letter by letter."
    changed = modes != [[module.training for module in net.modules()] for net in nets]
    if changed:
        return (
            "train() and eval() change what dropout and norm layers do, and the weights learn in "
            "both. Which attribute of a weight says whether it gets a gradient?"
        )
    done = [not any(id(p) in ids for p in own) for own in weights]
    if len(nets) > 1 and any(done):
        return _why_some(done)
    if renamed:
        return (
            f"They are as they were before the call: {renamed} = ... gives the name {renamed} to "
            "something else, and the weight stays as it is. Which attribute of the weight can be "
            "set?"
        )
    if len(wrong) == sum(map(len, weights)):
        return (
            "All are the wrong way round, whatever they were before: does your code use flag? "
            "requires_grad_() without an argument means True."
        )
    own = {id(p) for net in nets for p in net.parameters(recurse=False)}
    if not ids & own:
        children = [child for net in nets for child in net.children()]
        direct = {id(p) for child in children for p in child.parameters(recurse=False)}
        if not ids & direct:
            return "Layers inside of layers are left out: parameters() of the network finds them."
    if all(p.dim() == 1 for p in wrong):
        return "Only the weights with several axes are set: biases learn, too."
    if all(p.dim() > 1 for p in wrong):
        return "Only the biases are set: all of parameters() learn."
    return (
        "They are as they were before the call: detach() and .data give another tensor, and leave "
        "the weight as it is. What has a weight itself that can be set?"
    )


def _why_some(done):
    """Words for networks of which some are set."""
    if done.index(True) == 0 and done.count(True) == 1:
        return (
            "Only the first network is set: nets[0] is one of them, and a return inside the loop "
            "stops after one. What goes through all of nets?"
        )
    if done[-1] and done.count(True) == 1:
        return "Only the last network is set: what stands behind the loop sees that one alone."
    return "Some of the networks are set, and others are not: go through all of nets."


def _renamed(answer):
    """The variable of a loop that is assigned to inside it, or None."""
    code = getattr(answer, "__code__", None)
    lines = list(dis.get_instructions(code)) if code else []
    stores = [
        (step.argval, before.opname == "FOR_ITER")
        for before, step in zip(lines, lines[1:])
        if step.opname == "STORE_FAST"
    ]
    loops = {name for name, loop in stores if loop}
    return next((name for name, loop in stores if not loop and name in loops), None)


def _keeps_modes(nets, modes, flag):
    now = [[module.training for module in net.modules()] for net in nets]
    changed = sum(a != b for old, new in zip(modes, now) for a, b in zip(old, new))
    expect(
        not changed,
        f"set_requires_grad(nets, {flag}) also changes the mode of {changed} layers, expected 0: "
        "train() and eval() are about dropout and norms, not about learning. Leave them out.",
    )


def _keeps_values(nets, before):
    same = all(torch.equal(_values(net), old) for net, old in zip(nets, before))
    expect(
        same,
        "the values of the weights have changed, expected them as they were: freezing keeps them.",
    )


def _lets_gradient_through(nets):
    """A frozen network still hands the gradient on to its input."""
    for net in nets:
        x = torch.randn(2, 3, 5, 6, requires_grad=True)
        out = net(x)
        grad = (
            out.requires_grad and torch.autograd.grad(out.square().sum(), x, allow_unused=True)[0]
        )
        size = grad.abs().mean().item() if torch.is_tensor(grad) else 0.0
        expect(
            size > 0,
            f"the gradient that gets through a frozen network to its input has the mean size "
            f"{size:g}, expected more than 0: the generators learn through D. Only the weights are "
            "to be frozen, not the forward pass.",
        )
