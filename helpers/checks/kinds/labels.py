"""Networks that take a label beside each input: whose label it is, and what it does there."""

from typing import NamedTuple

import torch

from helpers.checks.aspects import REMARK, Aspect
from helpers.checks.explain import CheckError
from helpers.checks.guard import reseed
from helpers.checks.kinds.network import Network
from helpers.checks.kinds.step import Step
from helpers.checks.plays import Play, places

ANY = "Then D learns that any image fits any label."
TOGETHER = "Row i of the images belongs to label y[i]: shuffle both alike, or neither."
THIRD = "They are judged with their own label and with a wrong one as well. Real images with wrong labels as a third kind of pair are another recipe: two kinds are asked for."
NUMBER = "The label goes in as a number, and a number has a size and neighbours. Is a 5 something between a 4 and a 6? How can a label be a name instead of a size?"
GROWS = "Here the value that marks a class grows with its number. A label is a name: which value says 'this class', the same for all of them?"
LATE = "The label joins only after the last activation, so D can never tell whether THIS image fits it: let both pass a layer together before an activation, or let the label choose among scores."
ROW = "Row i belongs to label y[i]"
MIXED = {
    "gets the label of the first row": "The whole batch gets the label of its first row: ask for a 3 and a 0 in one batch, and what does row 1 show?",
    "gets one of the sorted labels": f"The labels are sorted on the way. {ROW}.",
    "depends on all labels, and not on their order": "Every row gets the labels of the whole batch. Print the one-hot rows: how many ones has each?",
    "depends on the other rows": f"{ROW}: look for an operation along axis 0.",
}


# --- a training step ------------------------------------------------------------------------------


class Pairs(NamedTuple):
    """The labels that belong to some images, and those beside which they are judged.

    batch, asked: the labels that came in, and those that a generator was asked for.
    """

    own: list
    beside: list
    batch: list
    asked: list

    @property
    def odd(self):
        """The pairs that do not fit."""
        return sorted(pair for pair in zip(self.own, self.beside) if pair[0] != pair[1])

    def fits_as(self, other):
        """Whether the same pairs do not fit."""
        return self.odd == other.odd


def asked(play):
    """The labels that generators were asked for."""
    made = [call["labels"] for name, spy in play.nets.items() if spy.draws for call in play.calls[name]]
    return torch.cat([torch.zeros(0, dtype=torch.int64), *made])


def beside(play):
    """Aspects of each kind of image that D judges: whether its own label stands beside it."""
    batch = {len(y): y for y in play.before.values() if y.dtype == torch.int64 and y.dim() == 1}
    real = [(x, batch[len(x)]) for x in play.before.values() if x.dim() > 1 and len(x) in batch]
    drawn = [call for name, spy in play.nets.items() if spy.draws for call in play.calls[name]]
    fakes = [(call["y"].detach(), call["labels"]) for call in drawn]
    whole = sum((y.tolist() for y in batch.values()), [])
    for words, advice, pool in ((told_reals, whose_reals, real), (told_fakes, whose_fakes, fakes)):
        own, seen = _judged(play, pool)
        pairs = Pairs(own, seen, whole, asked(play).tolist())
        yield Aspect(words.__name__, pairs, words, advice, same=Pairs.fits_as, mute=True)


def _judged(play, pool):
    """Of the images in the pool that a network was shown: their own labels, and those beside."""
    own, seen = [], []
    for name, spy in play.nets.items():
        for call in [] if spy.draws or not spy.labels else play.calls[name]:
            for images, labels in pool:
                at = places(call["given"].flatten(1), images.flatten(1))
                own += labels[at[at >= 0]].tolist()
                seen += call["labels"][at >= 0].tolist()
    return own, seen


def told_reals(seen, expected):
    """How many reals are judged beside another label than theirs."""
    n = len(seen.batch)
    return f"{len(seen.odd)} of the {n} real images reach D beside a label that is not theirs: {seen.beside[-n:][:6]}, expected {seen.own[-n:][:6]}."


def whose_reals(seen, expected):
    """Whose label it is that stands beside a real image."""
    last = seen.beside[-len(seen.batch) :]
    if len(seen.own) > len(seen.batch) and len(seen.odd) < len(seen.own):
        return f"{THIRD} {ANY}"
    if last == seen.batch:
        return f"The images stand in another order than y. {TOGETHER}"
    if len(set(last)) == 1:
        return f"All of them are called class {last[0]}. {ANY}"
    if last == seen.asked[: len(last)]:
        return f"Those are the labels that G was asked for: they belong to the fakes. {ANY}"
    return f"They are drawn or shuffled: whose label stands next to each real image? {ANY}"


def told_fakes(seen, expected):
    """How many fakes are judged beside another label than that they were made for."""
    return f"{len(seen.odd)} of {len(seen.own)} fakes reach D beside another label than G was asked for: {seen.beside[:6]}, expected {seen.own[:6]}."


def whose_fakes(seen, expected):
    """Where the label of a fake got lost."""
    if len(set(seen.beside)) == 1 < len(seen.beside):
        return f"D is asked about class {seen.beside[0]} for every fake. Ask G for a 7: about which class should D be asked?"
    if len(set(seen.own)) == 1 < len(seen.own):
        return (
            f"G is asked for class {seen.own[0]} every time, and D is told something else. Which labels should G get?"
        )
    if seen.asked == seen.batch == seen.beside:
        return f"The fakes stand in another order than y. {TOGETHER}"
    if seen.beside == seen.batch:
        return "D gets y, and G was asked for other labels. Follow one fake from G to D: its label has to travel along."
    if seen.own == seen.batch:
        return "G gets y, and D is told other labels. Follow one fake from G to D: which label was it made for?"
    return "Two draws of labels do not agree: draw once, and use the same labels in both calls."


def own_labels(G, y):
    """In a variant that does not ask for y: the labels that the student's code asked G for."""
    if G.tape and not G.tape.records:
        return G.tape.asked()[: len(y)]
    return y[torch.randperm(len(y))]


class LabelledStep(Step):
    """A training step with labels; over a large batch it asks for every class that the batch has."""

    def __init__(self, *args, own, **options):
        """args, options: as of Step. own: a remark on a step that asks for other labels than y."""
        super().__init__(*args, more=beside, **options)
        self.own = own

    def observe(self, answer, name, tape):
        """As of Step; then which classes the fakes are of."""
        yield from super().observe(answer, name, tape)
        made = self.made if tape.records else self.reused
        play = Play(answer, made(91, {"n": 160}))
        labels, batch = asked(play), play.before["y"].unique().tolist()
        theirs = torch.equal(labels, play.before["y"])
        yield Aspect("own labels", theirs, hint=self.own, role=REMARK, same=lambda a, b: a)
        yield Aspect(
            "classes",
            [k for k in batch if k not in labels],
            lambda a, b: told_classes(labels, batch),
            lambda a, b: why_classes(labels),
            mute=True,
        )


def told_classes(labels, batch):
    """Of which classes the fakes are, and should be."""
    if len(labels.unique()) == 1:
        return f"all {len(labels)} fakes are asked for class {labels[0]}, expected all classes of the batch."
    counts = [int((labels == k).sum()) for k in batch]
    return f"of {len(labels)} fakes {counts} are asked for the classes {batch[0]} to {batch[-1]}, expected some of each class that the batch has."


def why_classes(labels):
    """What follows from a class that is never asked for."""
    if len(labels.unique()) == 1:
        return "G then learns one class, and D never sees a fake of another: which labels could you ask for?"
    return "A class that is never asked for is never learnt: look at both ends of the range that you draw from, or at a shift."


# --- networks -------------------------------------------------------------------------------------

LADDER = 2.2  # one-hot rows and embeddings give about 1, a number however scaled 4 and more


class LabelledNetwork(Network):
    """A class of networks of an input and its label; the second sizes are those with many classes.

    The last of the sizes is the number of classes.
    """

    def observe(self, answer, name, tape):
        """As of Network; then what the label does. Some errors have a reason of their own."""
        try:
            yield from super().observe(answer, name, tape)
        except Exception as error:
            told = self.stopped(answer, name)
            if told:
                raise CheckError(*told) from error
            raise
        tape.cue(4)
        net, x = answer(*self.sizes[0]).eval(), self.inputs(4, *self.sizes[0])[0]
        yield from apart(net, x, self.sizes[0][-1], self.what[0])
        yield from named(self, answer)

    def stopped(self, answer, name):
        """Words for a network that stops on (x, y), and not on other inputs; None for others."""
        x, y = self.inputs(7, *self.sizes[0])
        what, runs = self.what[0], self._runs(answer, x, y)
        if not runs and self._runs(answer, y, x):
            return (
                f"{name} stops with ({what}, y) and runs with (y, {what}), expected forward(self, {what}, y).",
                "In forward the labels come second.",
            )
        if runs and not self._runs(answer, x, y % 2):
            return (
                f"{name} runs on a batch with every label and stops on one with the labels 0 and 1 alone; expected that it runs on any labels.",
                "The width follows the largest label of the batch: num_classes says how many columns a label needs.",
            )
        return None

    def _runs(self, answer, *inputs):
        try:
            answer(*self.sizes[0])(*inputs)
        except Exception:
            return False
        return True

    def ignoring(self, net, x, k):
        """As of Network; the order of the labels could be lost, and the labels themselves count."""
        left = super().ignoring(net, x, k)
        return self._still(net, x, [x[0], x[1] // 2]) if left and k else left

    def alone(self, net, x):
        """As of Network; with the way in which rows meet."""
        for aspect in super().alone(net, x):
            if aspect.name == "alone" and aspect.value == "another":
                aspect = Aspect("alone", mixed(net, *x), told_mixed, MIXED, mute=True)
            yield aspect


def told_mixed(seen, expected):
    """That rows meet."""
    return f"in a batch a row {seen}, expected that its own label alone counts."


@torch.no_grad()
def mixed(net, x, y):
    """In which way the rows of a batch meet."""

    def same(y, one_by_one=False):
        rows = [net(x[k : k + 1], y[k : k + 1]).reshape(1, -1) for k in range(len(x))]
        other = torch.cat(rows) if one_by_one else net(x, y).reshape(len(x), -1)
        return torch.allclose(together, other, atol=1e-4, rtol=1e-3)

    together = net(x, y).reshape(len(x), -1)
    if same(y[:1].expand(len(x))):
        return "gets the label of the first row"
    if same(y.sort().values, one_by_one=True):
        return "gets one of the sorted labels"
    if same(y.flip(0)):
        return "depends on all labels, and not on their order"
    return "depends on the other rows"


@torch.no_grad()
def table(net, x, k):
    """The outputs of each input for each of k labels, (n, k, outputs)."""
    y = torch.arange(k)
    one = net(x[:1].expand(k, *x.shape[1:]), y)
    if float(one.std(0).max()) < 1e-6:
        reseed(3)  # labels without effect at the start, weights of 0
        for p in net.parameters():
            p.normal_(0, 0.3)
    outputs = net(x.repeat_interleave(k, 0), y.repeat(len(x)))
    return outputs.reshape(len(x), k, -1)


def distances(outputs):
    """How much the outputs for each two labels differ, (k, k)."""
    rows = outputs.transpose(0, 1).flatten(1)
    return torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")


def apart(net, x, k, what):
    """Whether each label has its own output; and whether it acts on one input as on another."""
    outputs = table(net, x, k)
    gaps = distances(outputs)
    yield Aspect(
        "labels alike",
        [(b, a) for a in range(k) for b in range(a) if gaps[a, b] < 1e-5 * gaps.max()],
        lambda a, b: (
            f"labels {a[0][0]} and {a[0][1]} give the same output for one {what}, expected {k} different ones for {k} classes."
        ),
        "What is left of the label there?",
        mute=True,
    )
    if outputs.shape[2] == 1:
        effect = (outputs - outputs.mean(1, keepdim=True))[:, :, 0]
        own = (effect - effect.mean(0, keepdim=True)).norm() / (effect.norm() + 1e-12)
        yield Aspect(
            "pairs",
            "judged together" if own > 1e-4 else "judged apart",
            lambda a, b: (
                f"another label shifts the score of every image by the same amount, {effect[0, 0]:.3g} for label 0; expected another shift for another image."
            ),
            LATE,
            mute=True,
        )


def named(kind, answer):
    """Whether classes are names: those that lie far apart as numbers, or high up, are no others."""
    k = kind.sizes[1][-1]
    steps, found = torch.arange(k), []
    for seed in range(4):
        reseed(60 + seed)
        net, x = answer(*kind.sizes[1]).eval(), kind.inputs(3, *kind.sizes[1])[0]
        gaps = distances(table(net, x, k))
        found.append(gaps / gaps.mean())
    gaps, far = torch.stack(found).mean(0), (steps[:, None] - steps).abs()
    low, high = torch.maximum(steps[:, None], steps), torch.minimum(steps[:, None], steps)
    ratio = float(gaps[far > 7].mean() / gaps[far == 1].mean())
    seen = f"with {k} classes the outputs of labels"
    yield Aspect(
        "names",
        "a size" if ratio > LADDER else "a name",
        lambda a, b: (
            f"{seen} that are 8 or more apart differ {ratio:.1f} times as much as those of neighbours, expected about 1."
        ),
        NUMBER,
        mute=True,
    )
    grown = float(gaps[(high >= k - 4) & (far > 0)].mean() / gaps[(low < 4) & (far > 0)].mean())
    yield Aspect(
        "sizes",
        "a size" if grown > LADDER else "a name",
        lambda a, b: (
            f"{seen} {k - 4} to {k - 1} differ {grown:.1f} times as much from each other as those of labels 0 to 3, expected about 1."
        ),
        GROWS,
        mute=True,
    )
