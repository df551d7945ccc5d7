"""Laws of a network that takes a label: it uses it, row by row, and as a name, not as a size."""

import torch
from torch import nn

from helpers.checks.guard import reseed
from helpers.checks.laws.basics import is_tensor
from helpers.checks.laws.discriminators import discriminator_laws
from helpers.checks.laws.generators import generator_laws
from helpers.checks.laws.networks import built, randomised
from helpers.checks.laws.old import CheckError, expect

CLASSES = 5  # of the networks that are judged like any other G or D
MANY = 12  # of those whose classes are compared: more than the ten digits
Z_DIM = 16


class Unlabelled(nn.Module):
    """A network of two arguments as a network of the first: the label is chosen here.

    In train mode the rows have all labels in turn, so that every weight takes part; in eval mode
    all rows have one label, so that only the first argument tells them apart.
    """

    def __init__(self, net, num_classes):
        """net(x, y) with labels below num_classes."""
        super().__init__()
        self.net, self.num_classes = net, num_classes

    def forward(self, x):
        """net(x, y) for these labels."""
        n = len(x)
        turns = torch.arange(n) % self.num_classes
        return self.net(x, turns if self.training else torch.full((n,), 2))

    def named_parameters(self, *args, **kwargs):
        """Those of the network, under its own names."""
        return self.net.named_parameters(*args, **kwargs)


def labelled_generator_laws(answer, name):
    """All that a ConditionalGenerator(z_dim, num_classes) has to hold; a remark if it clamps."""

    def make(k):
        return built(answer, name, Z_DIM, k)

    _takes_labels(make, Latents(name))
    remark = generator_laws(answer, name, lambda *args: Unlabelled(built(*args, CLASSES), CLASSES))
    _uses_labels(make, Latents(name))
    return remark


def labelled_discriminator_laws(answer, name):
    """All that a ConditionalDiscriminator(num_classes) has to hold; a remark on squeeze."""

    def make(k):
        return built(answer, name, k)

    _takes_labels(make, Images(name))
    remark = discriminator_laws(
        answer, name, lambda *args: Unlabelled(built(*args, CLASSES), CLASSES)
    )
    _uses_labels(make, Images(name))
    _judges_pairs(make(CLASSES), name)
    return remark


def _images(n):
    return torch.rand(n, 1, 28, 28) * 2 - 1


class Latents:
    """Words and inputs for a network of (z, y)."""

    def __init__(self, name):
        """name: of the network, for messages."""
        self.name, self.what, self.output = name, "z", "image"

    def draw(self, n):
        """n inputs."""
        return torch.randn(n, Z_DIM)


class Images(Latents):
    """Words and inputs for a network of (x, y)."""

    def __init__(self, name):
        """name: of the network, for messages."""
        self.name, self.what, self.output = name, "x", "score"

    def draw(self, n):
        """n inputs."""
        return _images(n)


def _takes_labels(make, things):
    """Networks for few and for many classes run on all their labels, and do not ignore them."""
    for n, k in ((7, CLASSES), (MANY + 1, MANY)):
        shape = _runs_on_all(make(k), things.draw(n), k, things.name)
        if shape[:1] != (n,):
            return  # the laws of a network without labels have better words for it
    _matters(make(CLASSES), things)


def _runs_on_all(net, x, k, name):
    """The shape of what comes for labels of all classes, one output for each row."""
    y, n = torch.arange(len(x)) % k, len(x)
    given = x.clone(), y.clone()
    result = _given_pairs(net.train(), *given, name)
    expect(
        result is not None,
        f"None came back from {name}'s forward, expected a tensor. Look for a missing return.",
    )
    is_tensor(result, f"what {name} makes of the batch")
    expect(
        torch.equal(given[0], x) and torch.equal(given[1], y),
        f"{name} changes what comes in, expected z, x and y as they were: a name that ends in _ "
        "writes into the caller's tensor.",
    )
    shape = tuple(result.shape)
    expect(
        not shape or shape[0] != 2 * n,
        f"{n} rows give {shape[0] if shape else 1} outputs, expected {n}. Should a concatenation "
        "make the batch longer, or each row wider?",
    )
    if x.dim() == 4:
        _one_per_pair(shape, n, k)
    _needs_no_class(net, x, y, name)
    chosen = len(shape) == 2 and shape[1] == n
    expect(
        not chosen,
        f"{n} pairs give the shape {shape}, expected ({n},) or ({n}, 1). [:, y] takes one column "
        "for each label of the batch, in every row. Which two indices name one score per row?",
    )
    table = len(shape) == 2 and shape[1] == k and x.dim() == 4
    expect(
        not table,
        f"{n} pairs give the shape {shape}, expected ({n},) or ({n}, 1). There is a score for each "
        "of the classes: D answers one question about the pair, and y says for which class.",
    )
    return shape


def _one_per_pair(shape, n, k):
    """No axis of the scores is summed but that of the classes."""
    expect(
        shape not in ((), (1,), (1, 1)),
        f"{n} pairs give the shape {shape}, expected ({n},) or ({n}, 1). That is one number for "
        "the whole batch: a sum or a mean that names no axis runs over all of them. Which axis "
        "holds the pictures, which one the classes, and over which should it go?",
    )
    expect(
        shape not in ((k,), (1, k)),
        f"{n} pairs give the shape {shape}, one number for each of {k} classes; expected ({n},) or "
        f"({n}, 1), one for each pair. The sum runs over the pictures: it should run over the "
        "classes. Which axis is that?",
    )


def _given_pairs(net, x, y, name):
    """net(x, y); one that stops and runs with the labels first is told so."""
    try:
        return net(x, y)
    except Exception:
        what = "x" if x.dim() == 4 else "z"
        expect(
            not _runs(net, y, x),
            f"{name} stops with ({what}, y) and runs with (y, {what}), expected forward(self, "
            f"{what}, y): the labels come second.",
        )
        raise


def _runs(net, *args):
    try:
        net(*args)
    except Exception:
        return False
    return True


def _needs_no_class(net, x, y, name):
    """The network also runs where the higher classes are absent, and class 0 is no special case."""
    try:
        scores = net.eval()(x, y % 2)
    except (RuntimeError, IndexError) as error:
        raise CheckError(
            f"{name} runs on a batch with every label and stops on one with the labels 0 and 1 "
            "alone; expected that it runs on any labels. The width follows the largest label of "
            "the batch: num_classes says how many columns a label needs."
        ) from error
    zero = scores.reshape(len(x), -1)[y % 2 == 0] if scores.shape[:1] == x.shape[:1] else scores
    expect(
        zero.any() or not scores.any(),
        f"every output for label 0 is exactly 0, expected that class 0 is like any other. {NUMBER}",
    )


NUMBER = (
    "The label goes in as a number, and a number has a size and neighbours. Is a 5 something "
    "between a 4 and a 6? How can a label be a name instead of a size?"
)


def _uses_labels(make, things):
    """The label matters in its own row, and no class is nearer to its neighbour in number."""
    _row_by_row(_awake(make(CLASSES).eval(), things), things)
    _is_a_name(make, things)


def _table(net, x, k):
    """The outputs of n inputs for each of k labels, (n, k, outputs)."""
    with torch.no_grad():
        columns = [net(x, torch.full((len(x),), c)).reshape(len(x), -1) for c in range(k)]
    return torch.stack(columns, dim=1)


def _table_at_once(net, x, k):
    """The same in one call, for a network that treats each row on its own."""
    with torch.no_grad():
        outputs = net(x.repeat_interleave(k, 0), torch.arange(k).repeat(len(x)))
    return outputs.reshape(len(x), k, -1)


def _awake(net, things):
    """The network, with random weights if labels have no effect at the start (weights of 0)."""
    table = _table(net, things.draw(2), 3)
    asleep = (table - table[:, :1]).abs().max() < 1e-6
    return randomised(net, 3, 0.3) if asleep else net


def _matters(net, things):
    """Another label gives another output, for every label."""
    table = _table(_awake(net.eval(), things), things.draw(4), CLASSES).transpose(0, 1).flatten(1)
    apart = torch.cdist(table, table, compute_mode="donot_use_mm_for_euclid_dist")
    expect(
        apart.max() > 1e-6,
        f"one {things.what} with the labels 0 to {CLASSES - 1} gives the same {things.output} "
        f"{CLASSES} times, expected another one for each label. Follow y through your forward: "
        "where does it stop?",
    )
    pairs = [(a, b) for a in range(CLASSES) for b in range(a) if apart[a, b] < 1e-5 * apart.max()]
    if pairs:
        a, b = pairs[0]
        raise CheckError(
            f"labels {b} and {a} give the same {things.output} for one {things.what}, expected "
            f"{CLASSES} different ones for {CLASSES} classes. What is left of the label there?"
        )


def _row_by_row(net, things):
    """A row gives the same beside other rows with other labels as alone."""
    x, y = things.draw(6), torch.tensor([3, 0, 4, 1, 1, 2])
    with torch.no_grad():
        together = net(x, y)
        alone = torch.cat([net(x[k : k + 1], y[k : k + 1]).reshape(1, -1) for k in range(6)])
        first = net(x, y[:1].expand(6))
        turned = net(x, y.flip(0))
        ordered = y.sort().values
        in_order = torch.cat(
            [net(x[k : k + 1], ordered[k : k + 1]).reshape(1, -1) for k in range(6)]
        )
        again = net(x, y)
    together, again, first, turned = (
        result.reshape(6, -1) for result in (together, again, first, turned)
    )
    if _near(together, alone):
        return
    gap = (together - alone).abs().max().item()
    seen = (
        f"with the labels {y.tolist()} in one batch the {things.output}s differ by up to {gap:.2g} "
        "from those of the same rows one by one, expected 0."
    )
    if _near(together, first):
        raise CheckError(
            f"{seen} The whole batch gets the label of its first row: ask for a 3 and a 0 in one "
            "batch, and what does row 1 show?"
        )
    expect(
        _near(together, again),
        f"two calls of {things.name} with the same {things.what} and the same labels differ by up "
        f"to {(together - again).abs().max():.2g}, expected 0: the labels are drawn or shuffled "
        "inside. Row i belongs to label y[i].",
    )
    expect(
        not _near(together, in_order),
        f"{seen} The labels are sorted on the way: row i belongs to label y[i].",
    )
    if _near(together, turned):
        raise CheckError(
            f"{seen} The order of the labels does not matter: every row gets the labels of the "
            "whole batch. Print the one-hot rows: how many ones has each?"
        )
    raise CheckError(f"{seen} Row i belongs to label y[i]: look for an operation along axis 0.")


def _near(a, b):
    """Equal up to rounding, measured by how much the rows differ."""
    return bool((a - b).abs().max() <= 3e-4 * a.std() + 1e-6)


def _is_a_name(make, things):
    """Classes that lie far apart as numbers, or high up, do not differ more for the network."""
    steps = torch.arange(MANY)
    gap, low = (steps[:, None] - steps).abs(), torch.maximum(steps[:, None], steps) < 4
    high = torch.minimum(steps[:, None], steps) >= MANY - 4
    apart = torch.stack([_distances(make, things, seed) for seed in range(4)]).mean(0)

    def mean(where):
        return apart[where & (gap > 0)].mean().item()

    seen = f"with {MANY} classes the {things.output}s of labels"
    ratio = mean(gap > 7) / mean(gap == 1)
    expect(
        ratio < LADDER,
        f"{seen} that are 8 or more apart differ {ratio:.1f} times as much as those of neighbours, "
        f"expected about 1. {NUMBER}",
    )
    ratio = mean(high) / mean(low)
    expect(
        ratio < LADDER,
        f"{seen} {MANY - 4} to {MANY - 1} differ {ratio:.1f} times as much from each other as "
        "those of labels 0 to 3, expected about 1: the value that marks a class grows with its "
        "number. A label is a name: which value says 'this class', the same for all of them?",
    )


def _distances(make, things, seed):
    """How much the outputs of a new network differ between each two classes; 1 on average."""
    reseed(60 + seed)
    net, x = make(MANY).eval(), things.draw(3)
    net(x, torch.tensor([0, 1, 2]))  # lazy layers get their weights here
    table = _table_at_once(_awake(net, things), x, MANY).transpose(0, 1).flatten(1)
    apart = torch.cdist(table, table, compute_mode="donot_use_mm_for_euclid_dist")
    return apart / apart.mean()


LADDER = 2.2  # one-hot rows and embeddings give about 1, a number however scaled 4 and more


def _judges_pairs(net, name):
    """The label changes the score of one image in another way than that of another image."""
    net = _awake(net.eval(), Images(name))
    table = _table_at_once(net, _images(8), CLASSES)[:, :, 0]
    effect = table - table.mean(1, keepdim=True)
    shared = effect.mean(0, keepdim=True)
    own = (effect - shared).norm() / (effect.norm() + 1e-12)
    expect(
        own > 1e-4,
        f"another label shifts the score of every image by the same amount, {shared[0, 0]:.3g} for "
        "label 0; expected another shift for another image. The label joins only after the last "
        "activation, so D can never tell whether THIS image fits it: let both pass a layer "
        "together before an activation, or let the label choose among scores.",
    )
