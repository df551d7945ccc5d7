"""Laws of an iterated attack: where it starts, and that each step climbs and is projected.

The images that the model is asked for show the path; the formula that leads from each of them to
the next is the diagnosis, whatever the code looks like.
"""

import torch

from helpers.checks.guard import reseed
from helpers.checks.laws.balls import project
from helpers.checks.laws.formulas import close
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.laws.paths import NO_BOX, PATHS, RIGHT, UNBOXED
from helpers.checks.laws.starts import EPSILON, grey, is_inside, is_noise, uneven
from helpers.checks.laws.victims import (
    Strike,
    behaves,
    curved_victim,
    labels,
    linear_victim,
    moody_victim,
    peaked_victim,
    pictures,
    slope,
)


class Chase(Strike):
    """One call of pgd: the points at which a gradient was taken, and where it ended."""

    def __init__(self, answer, model, x, y, epsilon, alpha, steps):
        super().__init__(answer, model, x, y, epsilon, alpha, steps)
        self.args, self.steps = (model, x, y, epsilon, alpha), steps
        asked = [call for call in self.calls if call["used"]]
        self.depths = [_depth(call["node"]) for call in asked]
        self.points = _whole([call["x"] for call in asked], len(x), steps)

    def pairs(self):
        """(point, next point) of each step; the last leads to what came back."""
        path = [*self.points, self.result.detach()]
        return list(zip(path, path[1:]))

    def piles_up(self):
        """Whether each step follows the sum of all gradients so far."""
        model, x, y, epsilon, alpha = self.args
        total = torch.zeros_like(x)
        for a, b in self.pairs():
            total = total + slope(model, a, y)
            if not close(b, project(a + alpha * total.sign(), x, epsilon), 1e-4, 2e-5):
                return False
        return True

    def goes(self, path):
        """Whether each step is the one that (middle, last) says."""
        middle, last = path
        *early, final = self.pairs()
        whole = [(middle, pair) for pair in early] + [(last, final)]
        return all(close(b, way(*self.args, a), 1e-4, 2e-5) for way, (a, b) in whole)


def _whole(points, n, steps):
    """The points of a loop over single images put together, batch by batch."""
    if n > 1 and len(points) == n * steps and all(len(point) == 1 for point in points):
        return [torch.cat(points[k::steps]) for k in range(steps)]
    return points


def _depth(node, most=400):
    """How many operations stand behind a tensor, followed along one line."""
    depth = 0
    while node is not None and depth < most:
        node = next((above for above, _ in node.next_functions if above is not None), None)
        depth += 1
    return depth


def chase_cases():
    """(model, x, y, epsilon, alpha, steps); alpha larger than epsilon in one of them."""
    x = torch.tensor([[0.5, 0.4], [0.03, 0.95], [0.98, 0.0]]).view(3, 1, 1, 2)
    cases = [(linear_victim(), x, torch.tensor([0, 1, 1]), 0.1, 0.04, 7)]
    for model, n, shape, epsilon, alpha, steps in (
        (curved_victim(5), 40, (1, 2, 3), 0.2, 0.05, 5),
        (moody_victim(), 6, (3, 1, 2), 0.1, 0.25, 4),
        (moody_victim().eval(), 1, (1, 3, 2), 0.15, 0.06, 3),
        (curved_victim(), 2, (1, 2, 3), 0.25, 0.1, 1),
    ):
        images = pictures(n, shape)
        cases.append((model, images, labels(model, images), epsilon, alpha, steps))
    return [*cases, _over_the_peak()]


def _over_the_peak():
    """A case whose steps go over the peak of the loss, so that the gradient turns round."""
    model = peaked_victim()
    peak = model.body.c[1].detach().view(1, 1, 2, 3)
    images = peak + 0.04 * (2 * torch.rand(8, 1, 2, 3) - 1)
    return model, images, torch.zeros(8, dtype=torch.long), 0.1, 0.06, 4


def chase_laws(answer):
    """The conduct, the number of gradients, the start, each step; a remark or None."""
    cases = chase_cases()
    behaved, chases = None, []
    for case in cases:
        chase = Chase(answer, *case)
        behaved = behaves(chase, graph=False) or behaved
        _counts(chase)
        chases.append(chase)
    remark = _starts(answer)
    off_limits = _follows(chases)
    for chase in chases:
        _is_plain(chase)
    grows = any(_grows(chase) for chase in chases)
    return (GROWS if grows else None) or off_limits or remark or behaved


GROWS = (
    "The graph grows from step to step, since nothing cuts the new point loose: the numbers are "
    "right, and detach() saves the memory."
)
PILED = (
    "Each step follows the sum of all gradients so far: backward() adds to .grad, and who empties "
    "it? (As momentum this is right elsewhere.)"
)
WANDERS = "The model meets pixels outside [0, 1] on the way: a clamp in each step spares it that."


def _grows(chase):
    return len(chase.depths) > 2 and chase.depths[-1] > chase.depths[1] + 1


def _is_plain(chase):
    expect(
        not chase.result.requires_grad,
        "x_adv still carries a graph, expected none: adversarial training would run through all "
        "steps of the attack. detach() cuts it loose.",
    )


def _counts(chase):
    """One gradient a step, each at a new point."""
    points, steps = chase.points, chase.steps
    expect(
        points,
        "no gradient of the loss is taken, expected one in each step: the attack follows it.",
    )
    expect(
        all(point.shape == chase.x.shape for point in points),
        f"the model gets images of the shape {tuple(points[0].shape)}, expected the whole batch "
        f"{tuple(chase.x.shape)} in each step.",
    )
    why = (
        "Is the gradient taken inside the loop, and return behind it?"
        if len(points) == 1
        else "Count the rounds of your loop, and the gradients in each."
    )
    expect(
        len(points) == steps,
        f"with steps {steps} the gradient is taken {len(points)} times, expected {steps}. {why}",
    )
    moves = not close(RIGHT[0](*chase.args, points[0]), points[0])
    if steps > 1 and moves and all(torch.equal(point, points[0]) for point in points):
        clean = torch.allclose(points[0], chase.x)
        raise CheckError(
            f"all {steps} gradients are taken at the same point"
            f"{', the clean image' if clean else ''}, expected each at the point that the step "
            "before has reached. Which tensor goes into the model in the second step?"
        )


def _starts(answer):
    """The first point is random, within epsilon, and new in each call; a remark on its spread."""
    x = grey(20)
    model = curved_victim(3, 100)
    y = labels(model, x)

    def first():
        return Chase(answer, model, x, y, EPSILON, 0.03, 1).points[0]

    share = (first() - x) / EPSILON
    expect(
        share.abs().max() > 1e-4,
        "the first gradient is taken at the clean image, expected at a random point of the ball "
        "around it. What distinguishes PGD from FGSM in many steps?",
    )
    is_noise(share)
    reseed(11)
    again = (first() - x) / EPSILON
    reseed(12)
    other = (first() - x) / EPSILON
    expect(
        not close(again, other) and not close(share, again),
        "two calls start at the same point, expected a new one each time: draw inside the "
        "function, without a seed and without keeping the noise.",
    )
    is_inside(share)
    return f"The start is random, and not uniform: {uneven(share)}" if uneven(share) else None


def _follows(chases):
    """Each step leads where the right one does; else the path that fits all chases speaks."""
    right = [chase.goes(RIGHT) for chase in chases]
    if all(right):
        return None
    if all(chase.goes(UNBOXED) for chase in chases):
        return WANDERS
    paths = [((middle, last or middle), why) for middle, last, why in PATHS]
    why = next((why for path, why in paths if all(c.goes(path) for c in chases)), None)
    why = why or (PILED if all(chase.piles_up() for chase in chases) else None)
    chase = chases[right.index(False)]
    raise CheckError(f"{_first_wrong(chase)} {why or _broken(chases)}")


def _first_wrong(chase):
    """The first step of the first image that goes astray, in numbers."""
    _, x, _, epsilon, alpha = chase.args
    for number, (a, b) in enumerate(chase.pairs(), 1):
        wanted = RIGHT[0](*chase.args, a)
        if not close(b, wanted, 1e-4, 2e-5):
            off = (b - wanted).abs().flatten(1).amax(1) if b.shape == wanted.shape else [1]
            row = int(torch.as_tensor(off).argmax())
            pixel = int((b - wanted)[row].abs().argmax())
            at, to, aim, home = (t[row].flatten()[pixel].item() for t in (a, b, wanted, x))
            return (
                f"step {number} of {chase.steps} with epsilon {epsilon:g} and alpha {alpha:g}: a "
                f"pixel of x {home:.3g} goes from {at:.3g} to {to:.3g}, expected {aim:.3g}."
            )
    raise AssertionError("every step is right")


def _broken(chases):
    """What the result breaks, where no path has a name."""
    for chase in chases:
        _, x, _, epsilon, _ = chase.args
        result = chase.result.detach()
        far = (result - x).abs().max()
        if far > epsilon + 1e-4:
            return f"It ends {far:.3g} away from x, farther than epsilon {epsilon:g}."
        if result.min() < 0 or result.max() > 1:
            return f"It ends with pixels from {result.min():.3g} to {result.max():.3g}. {NO_BOX}"
    return (
        "Each step: alpha along the sign of the gradient at the current point, then back into the "
        "ball around x and into [0, 1]."
    )
