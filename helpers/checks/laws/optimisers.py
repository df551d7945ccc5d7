"""Laws of an optimiser for two networks: all their weights once, the step size, the momentum."""

import torch
from torch import nn

from helpers.checks.laws.basics import diagnosis, kind_of
from helpers.checks.laws.old import CheckError, expect

NAMES = "G_AB", "G_BA"
LRS = 0.0007, 0.013
TWO = (
    "A list is as right, but the steps of this lesson call zero_grad and step of one opt_G: put "
    "both generators' weights into one optimiser."
)


def joint_optimiser_laws(answer):
    """An Adam over both generators, or a list of two; a remark for two, and for weight decay."""
    remark = None
    for lr in LRS:
        nets = _generator(4), _generator(5)
        held = [p.detach().clone() for net in nets for p in net.parameters()]
        result = answer(*nets, lr)
        optimisers = _as_list(result)
        groups = [group for opt in optimisers for group in opt.param_groups]
        _holds_both(groups, nets)
        for opt in optimisers:
            _is_adam(opt)
        for group in groups:
            _has_rate(group["lr"], lr)
            _has_betas(*group["betas"])
            expect(
                not group.get("maximize"),
                "maximize is True, expected False: the loss should fall.",
            )
        now = [p for net in nets for p in net.parameters()]
        expect(
            all(map(torch.equal, held, now)),
            "the weights have changed already, expected them as they were: a step comes later.",
        )
        if any(group["weight_decay"] for group in groups):
            remark = "It also shrinks the weights a little in every step (weight_decay)."
    return TWO if isinstance(result, (list, tuple)) else remark


def _generator(width):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU(), nn.Conv2d(width, 3, 3))


def _as_list(result):
    """The optimisers in what came back."""
    expect(
        result is not None,
        "None came back, expected an optimiser. A function without return gives None: look at its "
        "last line.",
    )
    several = list(result) if isinstance(result, (list, tuple)) else [result]
    strange = [thing for thing in several if not isinstance(thing, torch.optim.Optimizer)]
    expect(
        several and not strange,
        f"{kind_of(strange[0]) if strange else 'an empty list'} came back, expected an optimiser "
        "of torch.optim, or a list of them: something with the methods step and zero_grad.",
    )
    return several


def _holds_both(groups, nets):
    """Each weight of both networks, once, and no other."""
    held = [id(p) for group in groups for p in group["params"]]
    own = [[id(p) for p in net.parameters()] for net in nets]
    found = [sum(i in held for i in ids) for ids in own]
    counts = " and ".join(
        f"{n} of {len(ids)} weights of {name}" for n, ids, name in zip(found, own, NAMES)
    )
    foreign = len(set(held) - {i for ids in own for i in ids})
    if not any(found):
        hint = "Copies are other tensors: hand over what parameters() gives, of the arguments."
    elif not all(found):
        hint = (
            f"{NAMES[found.index(0)]} would never learn. Both sets of weights go in: which "
            "function of itertools puts one behind the other, or which operation joins two lists?"
        )
    else:
        hint = "Some are missing: did something else take them from the iterator before?"
    expect(
        found == list(map(len, own)),
        f"the optimiser holds {counts}, expected all of both. {hint}",
    )
    twice = [name for name, ids in zip(NAMES, own) if any(held.count(i) > 1 for i in ids)]
    expect(
        not twice,
        f"the weights of {' and '.join(twice)} are in it twice ({len(held)} entries), expected "
        f"each once ({sum(map(len, own))} entries): they would move twice in a step.",
    )
    expect(
        not foreign,
        f"the optimiser also holds {foreign} tensors of neither generator, expected 0: the "
        "discriminators have their own.",
    )


def _is_adam(opt):
    kind = type(opt).__name__
    expect(
        "Adam" in kind and kind != "Adamax",
        f"the optimiser is {kind}, expected Adam, with its two betas.",
    )


def _has_rate(seen, lr):
    seen = float(seen)
    if abs(seen - lr) < 1e-9:
        return
    suspects = [
        (0.001, "That is Adam's own default: lr comes in as an argument, and has to be handed on."),
        (0.0002, "That is the rate of many papers: here lr comes in as an argument."),
        (lr / 2, "It is halved: one rate for both networks, as it comes in."),
        (2 * lr, "It is doubled: one rate for both networks, as it comes in."),
    ]
    why = diagnosis(
        suspects, lambda rate: abs(seen - rate) < 1e-9, "Hand lr on as it comes in, to all weights."
    )
    raise CheckError(
        f"with lr = {lr:g} the optimiser has the learning rate {seen:g}, expected {lr:g}. {why}"
    )


def _has_betas(first, second):
    first, second = float(first), float(second)
    seen = f"the betas are ({first:g}, {second:g}), expected 0.5 for the first"
    expect(
        abs(first - 0.9) > 1e-9 or abs(second - 0.5) < 1e-9,
        f"{seen}. 0.9 is Adam's default: its average reaches far back, to a game that is over.",
    )
    expect(
        abs(second - 0.5) > 1e-9 or first <= 0.5,
        f"{seen} and 0.999 for the second: the two are exchanged. Which of them averages the "
        "gradient, and which its square?",
    )
    expect(abs(first - 0.5) < 1e-9, f"{seen}: beta1 is the memory of the gradient's average.")
    expect(
        second >= 0.9,
        f"{seen} and 0.999 for the second: with so short a memory of the squares the steps jump.",
    )
