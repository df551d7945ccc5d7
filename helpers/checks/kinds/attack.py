"""Attacks: what they ask a model for, the path of one in many steps, and one that comes in.

The model comes in as `model`, the images as `x`, an attack as `attack`.
"""

import functools

import torch
import torch.nn.functional as F

from helpers.checks.aspects import CLUE, REMARK, Aspect, kind_of, near
from helpers.checks.explain import CheckError
from helpers.checks.kinds.draw import Draw
from helpers.checks.kinds.function import NO_TENSOR
from helpers.checks.plays import LEFT, Spy

NOT_ASKED = "The images that went into the model did not require grad, and so nothing was recorded on the way: x has to ask for its gradient before the model is called."
NOT_USED = "Is there a backward pass, and a return? None has reached the images, expected one."
NOT_THE_START = "Either return is missing, or .grad is read of a tensor that is the result of an operation: only the tensor at the start of the graph keeps its .grad."
OTHER_TENSOR = "Either return is missing, or .grad is read of another tensor than the one that went into the model."
ONE_OF_A_TUPLE = (
    "torch.autograd.grad gives a tuple, one gradient for each tensor that it is asked for: take out the one."
)
UNTIDY = "backward() has also filled .grad of the weights: torch.autograd.grad asks for one gradient alone."
CARRIED = "x_adv still carries a graph: whoever uses it drags the attack along. detach() cuts it loose."
NO_CLAMP = "Some pixels leave [0, 1]: can a camera produce a pixel of -0.1? Which tensor has to be a valid image, the one before or the one after the step?"
GROWS = "The graph grows from step to step, since nothing cuts the new point loose: the numbers are right, and detach() saves the memory."
STILL = (
    "Each belongs to the point that the step before has reached. Which tensor goes into the model in the second step?"
)
INSIDE = "Is the gradient taken inside the loop, and return behind it?"
COUNT = "Count the rounds of your loop, and the gradients in each."
UNEVEN = "The start is random, and not uniform in the ball around x."
ATTACK_FIRST = "New adversarial images in each step come from the model as it is, and the step learns from them."
IN_TRAIN = (
    "Batch norm and dropout would never train. In which mode does an attack run, and in which mode are weights updated?"
)
LEFT_THERE = "backward() adds to .grad, and the attack has called it before you: the gradients have to be cleared after the attack."
EARLY = "Train mode is set before the attack: the attack then runs in train mode, unless it sets eval mode by itself."
MIXED = "This is the mixed form: the loss of the clean images has a share in it, {:.0%} of the weight."
A_FLOAT = "The docstring asks for the loss, a float."


def why_none(play):
    """Why an attack gives None, from the last images that went into the model."""
    call = play.calls["model"][-1] if play.calls["model"] and play.result is None else None
    why = ""
    if call and not call["asks"]:
        why = NOT_ASKED
    elif call and not call.get("used"):
        why = NOT_USED
    elif call and call["source"]:
        why = NOT_THE_START
    yield Aspect("none", why, lambda seen, expected: seen, role=CLUE)


def hints(values, **others):
    """The advice for an attack, where nothing has a name."""
    types = NO_TENSOR | {"None": OTHER_TENSOR, "a tuple": ONE_OF_A_TUPLE}
    stays = "An attack moves the image, and the weights stay."
    return {"type": types, "shape": shape_of_images, "weights": stays, "values": values} | others


def shape_of_images(seen, expected):
    """Advice on a result that is not shaped like the images, which are of two pixels."""
    n, *rest = expected
    hints = {
        (): "That is one number, a loss perhaps: how it changes with each pixel is asked for.",
        (n,): "One number per image: each pixel has its own. Nothing is averaged over them.",
        tuple(rest): "That is one image for the whole batch: each image has its own.",
        (1, *rest): "That is one image for the whole batch: each image has its own.",
        (n, 2): "It looks like the logits, or the numbers are there in another order of axes.",
        (2, 2): "It has the shape of the weights: an attack changes the image and not the model.",
    }
    return hints.get(seen, "Every image and every pixel keeps its place.")


def within(words):
    """Advice where a result leaves the range of an image; else these words."""

    def advice(seen, expected):
        pixels = torch.cat([x.flatten() for x in seen])
        low, high = float(pixels.min()), float(pixels.max())
        if low < -1e-5 or high > 1 + 1e-5:
            return f"Pixels run from {low:.3g} to {high:.3g}, expected 0 to 1. {NO_CLAMP}"
        return words

    return advice


class Chase(Draw):
    """An attack in many steps: its path from the start that it drew, and how that start lies.

    The start of the student's path is on tape: in a replay all answers begin there. The arguments
    are (model, x, y, epsilon, alpha, steps).
    """

    noise = "noise in units of epsilon"

    def __init__(self, *args, **options):
        super().__init__(*args, drawn=self.start, more=self.gradients_taken, **options)

    def played(self, answer, tape, k, options):
        """One call, with the points at which a gradient was taken."""
        play = super().played(answer, tape, k, options)
        play.path = path(play)
        if tape.records and play.path:
            tape.hear(play.path[0])
        return play

    def observe(self, answer, name, tape):
        """The usual; a start that is uneven in its ball is a remark."""
        for aspect in super().observe(answer, name, tape):
            if aspect.name == "spread" and in_ball(aspect.value):
                aspect.role, aspect.hint = REMARK, UNEVEN
            if aspect.name not in ("lengths", "shown"):  # all points are of unknown origin
                yield aspect

    def values(self, play):
        """All points of the path, and what came back."""
        walked = [*play.path, play.result.detach()]
        words = functools.partial(told_step, play)
        yield Aspect("values", walked, words, same=self.same, series=True)

    def start(self, play):
        """The noise of the first point."""
        share = (path(play)[0] - play.before["x"]) / play.cast["epsilon"]
        return {self.noise: (share.flatten(1) * 1e3).round() / 1e3}

    def gradients_taken(self, play):
        """How many gradients are taken, and whether at new points; whether the graph grows."""
        yield from why_none(play)
        points, steps = path(play), play.cast["steps"]
        seen = f"with steps {steps} the gradient is taken {len(points)} times, expected {steps}."
        hint = INSIDE if len(points) == 1 else COUNT
        yield Aspect("gradients taken", len(points), lambda a, b: seen, hint, mute=True)
        still = len(points) > 1 and all(torch.equal(point, points[0]) for point in points)
        clean = ", the clean image" if still and torch.equal(points[0], play.before["x"]) else ""
        words = f"all {steps} gradients are taken at the same point{clean}, expected each at another."
        yield Aspect("still", still, lambda a, b: words, STILL, mute=True)
        depths = [depth(call["source"]) for call in play.calls["model"] if call.get("used")]
        grows = len(depths) > 2 and depths[-1] > depths[1] + 1
        yield Aspect("grows", grows, hint=GROWS, role=REMARK)


def path(play):
    """The points at which a gradient was taken; single images are put together, batch by batch."""
    found = [call["given"] for call in play.calls["model"] if call.get("used")]
    n, steps = len(play.before["x"]), play.cast["steps"]
    if n > 1 and len(found) == n * steps and all(len(point) == 1 for point in found):
        return [torch.cat(found[k::steps]) for k in range(steps)]
    return found


def in_ball(z):
    """Whether noise in units of epsilon stays within the ball, and goes both ways."""
    low, high = float(z.min()), float(z.max())
    return -1.001 < low < -0.05 * high and -0.05 * low < high < 1.001


def told_step(play, seen, expected):
    """The first step that goes astray, in the pixel that is farthest off."""
    gaps = [(a.flatten() - b.flatten()).abs().nan_to_num(9.0) for a, b in zip(seen, expected)]
    k = next((k for k, gap in enumerate(gaps) if k and gap.max() > 1e-5), 1)
    at = int(gaps[k].argmax())
    now, to, aim = (float(x.flatten()[at]) for x in (seen[k - 1], seen[k], expected[k]))
    cast, home = play.cast, float(play.before["x"].flatten()[at])
    return f"step {k} of {cast['steps']} with epsilon {cast['epsilon']:g} and alpha {cast['alpha']:g}: a pixel of x {home:.3g} goes from {now:.3g} to {to:.3g}, expected {aim:.3g}."


def depth(node, most=400):
    """How many operations stand behind a tensor, followed along one line."""
    count = 0
    while node is not None and count < most:
        node = next((above for above, _ in node.next_functions if above is not None), None)
        count += 1
    return count


def accepted(args):
    """The arguments of an attack: what it cannot work with is refused in words."""
    kinds = [f"a tensor {tuple(a.shape)}" if torch.is_tensor(a) else kind_of(a) for a in args]
    kinds = ", ".join("the model" if isinstance(a, Spy) else k for a, k in zip(args, kinds))
    if len(args) != 3 or not isinstance(args[0], Spy):
        raise CheckError(f"attack gets ({kinds}), expected attack(model, x, y), in this order.")
    if not torch.is_grad_enabled():
        raise CheckError(
            "attack runs under no_grad, expected gradients on: an attack follows the gradient.",
            "Take the attack out of the block: which part can do without, and which cannot?",
        )
    return args


def same_labels(seen, y):
    """Refuses other labels than the true ones."""
    if not torch.is_tensor(seen) or seen.shape != y.shape or not torch.equal(seen, y):
        raise CheckError(
            "attack gets other labels than those of the batch, expected the true ones, y.",
            "With predictions in their place, images that are wrong already move back to the right.",
        )


class Opponent:
    """An attack that leaves gradients in the weights, and notes what the model would learn."""

    def __init__(self, x, y):
        self.x, self.y, self.asked = x.clone(), y.clone(), False

    def reset(self):
        """As new."""
        self.asked = False
        return self

    def __call__(self, *args):
        """Images that the model finds harder."""
        model, x, y = accepted(args)
        if not torch.is_tensor(x) or x.shape != self.x.shape or not torch.equal(x, self.x):
            raise CheckError("attack gets other values than the batch in the place of x, expected x as it came in.")
        same_labels(y, self.y)
        model.log.append("attack")
        self.asked, self.turn, self.training = True, next(Spy.turns), model.training
        clean, g = self.gradients(model, self.x)
        x_adv = (self.x + 0.4 * g.sign()).clamp(0, 1)
        self.learnt = clean, self.gradients(model, x_adv)[0]
        for p in model.parameters():
            p.grad = torch.full_like(p, LEFT)
        return x_adv

    def gradients(self, model, x):
        """Of the loss on these images: for the weights in one vector, and for the images."""
        x = x.clone().requires_grad_()
        loss = F.cross_entropy(model.body(x), self.y)
        *weights, g = torch.autograd.grad(loss, [*model.parameters(), x])
        return torch.cat([w.flatten() for w in weights]), g


def attack_then_learn(play):
    """When the attack comes, in which mode the model learns, and whether clean images have a share."""
    attack, log = play.cast["attack"], play.nets["model"].log
    when = "comes first" if attack.asked else "is never called"
    if "step" in log and "attack" in log and log.index("step") < log.index("attack"):
        when = "comes after the update"
    yield Aspect("attack", when, f"the attack {{}}. Seen: {', '.join(log) or 'nothing'}", ATTACK_FIRST)
    if not attack.asked:
        return
    after = [call for call in play.calls["model"] if call["turn"] > attack.turn]
    trains = all(call["inside"] == {True} for call in after or play.calls["model"])
    yield Aspect("update mode", "train" if trains else "eval", "the update runs in {} mode", IN_TRAIN)
    left = bool(play.update["model"].abs().max() > LEFT / 10)
    words = (
        f"what the attack left in .grad enters the update. Seen: {', '.join(log)}; expected only this step's gradient."
    )
    yield Aspect("left", left, lambda a, b: words, LEFT_THERE, mute=True)
    if not play.training:
        yield Aspect("attack mode", attack.training, hint=EARLY, role=REMARK)
    share = share_of_clean(play)
    yield Aspect("mixed", share > 0, hint=MIXED.format(share), role=REMARK)
    yield Aspect("float", isinstance(play.result, float), hint=A_FLOAT, role=REMARK)


def share_of_clean(play):
    """The share of the clean images in the loss; the update is from then on as if there was none."""
    update = play.update["model"].double()
    table = torch.stack(play.cast["attack"].learnt).double()
    weights = torch.linalg.solve(table @ table.T, table @ update)
    clean, hard = weights.tolist()
    mixed = clean > 0.02 and hard > 0.05 * clean and 0.95 < clean + hard < 2.05
    if not mixed or not near(weights @ table, update, 5e-3):
        return 0.0
    play.update["model"] = play.cast["attack"].learnt[1]
    return clean / (clean + hard)
