"""Laws of the accuracy by class: how many of G's pictures are read as the class asked for."""

import torch
from torch import nn

from helpers.checks.labelled import CLASSES, LabelledSpy, asked
from helpers.checks.laws.basics import diagnosis, has_shape, listed
from helpers.checks.laws.class_pictures import GRAPH, noise_laws
from helpers.checks.laws.formulas import close, is_one_tensor, shown
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import rows_in

READ = torch.tensor([1.0, 0.75, 0.0, 0.5, 0.85, 0.3, 1.0, 0.6, 0.2, 0.9])  # share that is right
CUT = (
    "The answers of all pictures are cut into a table whose rows are not the classes: in which "
    "order do the labels stand, and how long is a row?"
)
MODES = "A network is in eval mode now: call train() before its next training step."


class StampingGenerator(LabelledSpy):
    """A spy G that writes the label and the first number of z into two pixels."""

    def __init__(self, z_dim):
        """In train mode."""
        body = nn.Sequential(nn.Linear(z_dim + CLASSES, 784))
        super().__init__("G", [], body, (1, 28, 28))

    def plain(self, x):
        """Faint images with the two pixels."""
        images = torch.tanh(self.body(x)) * 0.3
        stamps = torch.stack([x[:, -CLASSES:].argmax(1) / CLASSES, torch.erf(x[:, 0] / 2**0.5)], 1)
        return torch.cat([stamps, images[:, 2:]], dim=1).view(-1, 1, 28, 28)


class Reader(nn.Module):
    """A classifier that reads the stamps, right for a known share of each class."""

    def __init__(self, num_classes, G):
        """Records the images, the labels asked for, and its logits."""
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(num_classes))
        self.num_classes, self.G, self.seen = num_classes, [G], []

    def forward(self, images):
        """Logits (N, num_classes), more or less confident, recorded."""
        is_one_tensor(images, "G's images for the classifier")
        made = [call["y"].detach() for call in self.G[0].calls]
        expect(made, "the classifier is called before G, expected classifier(G(z, y)).")
        has_shape(images, (len(images), 1, 28, 28), "The classifier takes images as G gives them.")
        own = rows_in(images.detach().flatten(1)[:, :12], torch.cat(made).flatten(1)[:, :12])
        expect(
            own.all(),
            f"{int((~own).sum())} of the {len(images)} images that the classifier gets are not "
            "G's, expected G's images as they come: no scaling, no rounding.",
        )
        pixels = images.detach().flatten(1)
        labels, place = (pixels[:, 0] * CLASSES).round().long(), (pixels[:, 1] + 1) / 2
        wrong = torch.where(labels == 2, 0, (labels + 1) % self.num_classes)
        read = torch.where(place < READ[labels], labels, wrong)
        logits = self.bias + 0.3 * torch.sin(7 * pixels[:, 1:2] + torch.arange(self.num_classes))
        logits = logits.scatter(1, read[:, None], (1.5 + place + 0.3 * labels)[:, None])
        self.seen.append((labels, logits.detach()))
        return logits


class Reading:
    """One call of the answer: what the classifier said of which class."""

    def __init__(self, answer, k, n, z_dim=6):
        """Calls answer(G, classifier, k, n, z_dim) with spies in train mode."""
        self.k, self.n = k, n
        G = StampingGenerator(z_dim).train()
        classifier = Reader(k, G).train()
        self.result = answer(G, classifier, k, n, z_dim)
        expect(G.calls, "G is never called, expected pictures of each class, G(z, y).")
        expect(
            classifier.seen,
            "the classifier is never called, expected classifier(images): who else says which "
            "digit a picture shows?",
        )
        self.labels = torch.cat([labels for labels, _ in classifier.seen])
        self.logits = torch.cat([logits for _, logits in classifier.seen])
        self.read = self.logits.argmax(1)
        rows = torch.cat([call["x"].detach() for call in G.calls])
        self.z_first = rows[asked(rows) == 0, :z_dim]  # classes may share their z
        self.grad = any(call["grad"] for call in G.calls)
        self.moody = not (G.training and classifier.training)

    def by_class(self, values):
        """The mean of values (N,) over the pictures of each class."""
        return torch.stack([values[self.labels == c].float().mean() for c in range(self.k)])

    def accuracy(self):
        """How many of each class are read as that class."""
        return self.by_class(self.read == self.labels)


def accuracy_laws(answer):
    """One share per class, of n pictures each; a remark."""
    for k, n in ((5, 40), (10, 12), (4, 4), (3, 1)):
        reading = Reading(answer, k, n)
        _has_classes(reading)
        _one_per_class(reading)
        _is_accuracy(reading)
    noise_laws(lambda n, d: Reading(answer, 2, n, d).z_first)
    return (MODES if reading.moody else None) or (GRAPH if reading.grad else None)


def _has_classes(reading):
    """n pictures of each class are judged."""
    k, n = reading.k, reading.n
    counts = torch.bincount(reading.labels, minlength=k)
    if (counts == n).all():
        return
    seen = (
        f"with num_classes = {k} and n = {n} the classifier gets {listed(counts)} pictures of the "
        f"classes 0 to {len(counts) - 1}, expected {n} of each."
    )
    suspects = [
        (
            (counts > 0).sum() == 1,
            "All are of one class: which labels does G need?",
        ),
        (
            len(counts) == k and counts.sum() == n,
            "They share n among them: n pictures of every class, so that each share is as sure.",
        ),
        (
            (counts > 0).all() and len(counts.unique()) > 1,
            "The labels are drawn: ask for each class in turn.",
        ),
        ((counts[:k] == 0).any(), "A class is left out: look at both ends of the range."),
    ]
    raise CheckError(f"{seen} {diagnosis(suspects, bool, 'Take both numbers from the arguments.')}")


def _one_per_class(reading):
    k, n, result = reading.k, reading.n, reading.result
    is_one_tensor(result, f"one accuracy per class, shape ({k},)")
    hints = {
        (): "That is one number: a class that is never right hides in the average. Which class "
        "fails?",
        (1,): "That is one number: a class that is never right hides in the average. Which class "
        "fails?",
        (n,): "That is one number per picture of a class: which axis is the class?",
        (k, n): "Average over the pictures of a class.",
        (n, k): "Average over the pictures of a class.",
        (k * n,): "That is one answer per picture: average over the pictures of a class.",
        (k, 1): "One axis is left over: (num_classes,) is asked for.",
        (1, k): "One axis is left over: (num_classes,) is asked for.",
        (k, k): "That is a table of what is taken for what: its diagonal holds what is asked for.",
        (n * k, k): "That is a row per picture: which class is read, and is it the one asked for?",
    }
    has_shape(result, (k,), hints.get(tuple(result.shape), "One accuracy per class."))


def _is_accuracy(reading):
    """The shares are right, or the mistake that gives these numbers speaks."""
    seen, wanted = reading.result.detach().float(), reading.accuracy()
    if close(seen, wanted):
        return
    k, n = reading.k, reading.n
    read, labels, logits = reading.read, reading.labels, reading.logits
    right, chance = (read == labels).float(), logits.softmax(1)
    share = torch.bincount(read, minlength=k).float()
    chosen = chance[torch.arange(len(labels)), labels]
    confident = (
        "That is how confident the classifier is, whatever it reads: a perfect 0 drawn for label 3 "
        "would score 1. Confident about which class?"
    )
    suspects = [
        (reading.by_class(chance.max(1).values), confident),
        (reading.by_class(logits.max(1).values), confident),
        (
            reading.by_class(chosen),
            "That is the mean probability of the class asked for. A picture is read right or "
            "wrong: 0.51 for its class is a whole right answer.",
        ),
        (
            reading.by_class(logits[torch.arange(len(labels)), labels]),
            "That is the mean logit of the class asked for. A picture is read right or wrong.",
        ),
        (1 - wanted, "That is the error: which pictures count, the right or the wrong ones?"),
        (wanted * n, "Those are counts: divide by the number of pictures of a class."),
        (100 * wanted, "Those are percentages: a share lies between 0 and 1."),
        (
            wanted / k,
            "Each count is divided by the number of all pictures. How many has one class?",
        ),
        (wanted * n / k, "The counts are divided by the number of classes: each is out of n."),
        (
            right.mean().expand(k),
            "All classes get the accuracy of all pictures together: which class fails?",
        ),
        (
            share / n,
            "That is how often each class is read, in whatever picture. Compare with the label "
            "that was asked for.",
        ),
        (share / (n * k), "That is the share of each class among all that is read."),
        (
            torch.stack(
                [right[read == c].sum() / max(int((read == c).sum()), 1) for c in range(k)]
            ),
            "That is how often a reading is true, out of the pictures read as that class. Out of "
            "the pictures that were asked for as that class, how many are read right?",
        ),
        (
            right.view(k, -1).mean(0) if n == k else torch.full((k,), torch.nan),
            "The average runs over the classes: which axis is the class?",
        ),
        (
            reading.by_class(read.sort().values == labels),
            "The readings are sorted before they are compared: picture i has its own label.",
        ),
        *((right.view(a, b).mean(axis), CUT) for a, b, axis in ((n, k, 0), (k, n, 1))),
        (
            reading.by_class(right).round(),
            "The shares are rounded to 0 and 1: stay with real numbers.",
        ),
        (
            torch.zeros(k),
            "All are 0: a division rounds down, or what the classifier gives is not compared with "
            "the label: which entry is its answer?",
        ),
        (torch.ones(k), "All are 1: the readings are compared with themselves."),
        (
            reading.by_class(read.float()),
            "That is the average of the classes that are read, and classes have no average.",
        ),
    ]
    why = diagnosis(
        suspects,
        lambda value: close(seen, value.float()),
        "Take one class: how many of its pictures does the classifier read as that class?",
    )
    raise CheckError(
        f"with n = {n} pictures of each of {k} classes the accuracies are "
        f"{shown(seen, '.2f', 10)}, expected {shown(wanted, '.2f', 10)}. {why}"
    )
