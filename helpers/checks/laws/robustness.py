"""Laws of accuracy under attack, and of the share of right images that an attack turns wrong."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from helpers.checks.laws.accuracy import as_share
from helpers.checks.laws.basics import diagnosis, is_number, kind_of, listed
from helpers.checks.laws.formulas import Formula, follows
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import Shared

CLASSES = 5
FLOAT = "A tensor came back: .item() makes the float that the signature promises."


class Judge(nn.Module):
    """Reads its prediction off the first pixel of an image; in train mode it is one class off."""

    def __init__(self):
        """In train mode, and with one weight."""
        super().__init__()
        self.sharpness, self.calls = nn.Parameter(torch.ones(())), Shared()

    def forward(self, x):
        """Logits (N, 5)."""
        self.calls.append((x.detach().clone(), self.training))
        said = (x[:, 0, 0, 0] * 10 + self.training) % CLASSES
        return -self.sharpness * (torch.arange(CLASSES) - said[:, None]) ** 2


class Script:
    """An attack that moves each image to the prediction in its second pixel."""

    def __init__(self, model):
        """For this model alone."""
        self.model, self.seen = model, []

    def __call__(self, *args):
        """The attacked images; what an attack cannot work with is refused in words."""
        expect(
            len(args) == 3 and args[0] is self.model and all(map(torch.is_tensor, args[1:])),
            f"attack gets ({', '.join(map(kind_of, args))}), expected attack(model, x, y).",
        )
        _, x, y = args
        expect(
            torch.is_grad_enabled(),
            "attack runs under no_grad, expected gradients on: an attack follows the gradient. "
            "Which part of an evaluation can do without, and which cannot?",
        )
        expect(
            x.dim() == 4 and torch.equal(y, (x[:, 0, 0, 2] * 10).round().long()),
            "attack gets other labels than those of the batch, expected the true ones, y.",
        )
        self.seen.append(len(x))
        x = x.clone()
        x[:, 0, 0, 0] = x[:, 0, 0, 1]
        return x


# true labels, predictions before and after the attack, sizes of the batches
WORKED = (
    [4, 1, 3, 2, 1, 4, 1, 0, 2, 1, 2],
    [4, 4, 3, 2, 4, 0, 3, 0, 3, 3, 2],
    [3, 1, 3, 0, 1, 4, 3, 0, 2, 1, 4],
    3,
)


def loader_of(y, clean, attacked, size):
    """Batches (x, y) for Judge and Script; the last one may be smaller."""
    x = torch.zeros(len(y), 1, 2, 3)
    for pixel, values in enumerate((clean, attacked, y)):
        x[:, 0, 0, pixel] = torch.as_tensor(values) / 10
    return DataLoader(TensorDataset(x, torch.as_tensor(y)), batch_size=size)


def robust_laws(answer):
    """Every batch attacked, eval mode, each image counted once; a remark for a tensor."""
    y, size = torch.randint(0, CLASSES, (13,)), 5
    drawn = y, (y + (torch.rand(13) < 0.3)) % CLASSES, (y + (torch.rand(13) < 0.6)) % CLASSES, size
    remark = None
    for words in (WORKED, drawn, ([1, 2, 3], [1, 2, 3], [1, 2, 3], 2), ([1], [1], [0], 1)):
        remark = _scores(answer, *words) or remark
    return remark


def _scores(answer, y, clean, attacked, size):
    """One evaluation, compared with the count by hand."""
    model = Judge().train()
    attack = Script(model)
    loader = loader_of(y, clean, attacked, size)
    result = answer(model, loader, attack)
    seen = as_share(result)
    _asks(model, attack, [len(batch) for _, batch in loader])
    y, clean, attacked = map(torch.as_tensor, (y, clean, attacked))
    wanted = (attacked == y).float().mean().item()
    if abs(seen - wanted) > 1e-4:
        why = diagnosis(
            _counts(y, clean, attacked, size),
            lambda value: abs(seen - value) < 1e-4,
            "Count the attacked images whose prediction is their label, and divide by all images.",
        )
        raise CheckError(
            f"{int((attacked == y).sum())} of {len(y)} attacked images are right (in batches of "
            f"{[len(part) for part in y.split(size)]}) and the result is {seen:.4g}, expected "
            f"{wanted:.4g}. {why}"
        )
    return FLOAT if torch.is_tensor(result) else None


def _asks(model, attack, sizes):
    """The attack sees every batch; the model judges in eval mode."""
    expect(
        attack.seen,
        "attack is never called, expected attack(model, x, y) for every batch: without it this is "
        "the clean accuracy.",
    )
    expect(
        attack.seen == sizes,
        f"the attack gets batches of {attack.seen}, expected {sizes}: every batch once. Where does "
        "the return stand?",
    )
    expect(model.calls, "the model is never called, expected its predictions on attacked images.")
    expect(
        not any(training for _, training in model.calls),
        "the model runs in train mode, expected eval mode: dropout and batch statistics would "
        "change its answers.",
    )


def _counts(y, clean, attacked, size):
    """(number, words) of the mistakes that have a name."""
    n, hits = len(y), (attacked == y).float()
    means = [part.mean().item() for part in hits.split(size)]
    was_right = clean == y
    kept = (attacked == clean).float().mean().item()
    batches = len(means)
    last = len(hits.split(size)[-1])
    return [
        (
            sum(means) / batches,
            "The accuracies of the batches are averaged: the small last batch then weighs as much "
            "as the others. How can every image count once?",
        ),
        (
            kept,
            "The predictions after the attack are compared with those before: an image that was "
            "wrong and is wrong counts as a success. Accuracy is measured against what?",
        ),
        (
            was_right.float().mean().item(),
            "That is the accuracy on the clean images: what the attack gave back is never judged.",
        ),
        (hits.sum().item(), "That is a count: out of how many images?"),
        (100 * hits.mean().item(), "That is a percentage: a fraction from 0 to 1 is asked for."),
        (1 - hits.mean().item(), "Those are the mistakes: that is the error rate under attack."),
        (
            hits[was_right].mean().item(),
            "Only the images that were right before the attack are counted: all of them count.",
        ),
        (
            (hits * was_right).mean().item(),
            "Only images that are right before and after the attack count as right: after it is "
            "enough.",
        ),
        (
            (was_right & (attacked != y)).sum().item() / max(int(was_right.sum()), 1),
            "That is the success rate of the attack: another number, with another denominator.",
        ),
        (sum(means), "The accuracies of the batches are added: out of how many images?"),
        (hits.sum().item() / batches, "The count is divided by the number of batches."),
        (hits.sum().item() / (batches * size), "It is divided as if all batches were full."),
        (hits.sum().item() / size, "The count is divided by the size of one batch."),
        (hits.sum().item() / last, "The count is divided by the size of the last batch."),
        (means[-1], "Only the last batch counts: what happens to the numbers of the others?"),
        (means[0], "Only the first batch counts."),
        (hits.split(size)[-1].sum().item() / n, "The hits of the last batch alone are counted."),
        (sum(means) / n, "Fractions of batches are added, and divided by the number of images."),
    ]


# --- attack_success_rate --------------------------------------------------------------------------


def _success(clean, attacked, y):
    right = clean == y
    return (right & (attacked != y)).double().sum() / right.sum()


ALL_ERRORS = (
    "Every error after the attack counts, also of images that were wrong before: which images can "
    "an attacker win?"
)
ALL_IMAGES = (
    "It is divided by all images: if the model was right on half of them and the attack fools all "
    "of those, what does your formula give?"
)
KEPT = "Those are the images that stay right: the share that the attack turns wrong is asked for."
MOVED = "Every changed prediction counts, also from one wrong class to another: compare with y."
HALF_MASKED = [
    (
        r"size of tensor a .* must match",
        "A mask has taken images out of one of the two, and the other still has them all: what is "
        "compared needs the same mask. Mask y as well.",
    )
]
SUCCESS = Formula(
    right=_success,
    suspects=[
        (lambda c, a, y: (a != y).double().mean(), ALL_ERRORS),
        (lambda c, a, y: (a != y).double().sum() / (c == y).sum(), ALL_ERRORS),
        (lambda c, a, y: ((c == y) & (a != y)).double().mean(), ALL_IMAGES),
        (lambda c, a, y: 1 - _success(c, a, y), KEPT),
        (lambda c, a, y: ((c == y) & (a == y)).double().mean(), KEPT),
        (lambda c, a, y: (a == y).double().mean(), "That is the accuracy under attack."),
        (lambda c, a, y: (c == y).double().mean(), "That is the accuracy before the attack."),
        (lambda c, a, y: (c != a).double().mean(), MOVED),
        (lambda c, a, y: (c != a).double().sum() / (c == y).sum(), MOVED),
        (
            lambda c, a, y: (c == y).double().mean() - (a == y).double().mean(),
            "That is the accuracy lost: an image that the attack turned right by chance hides one "
            "that it turned wrong.",
        ),
        (
            lambda c, a, y: 1 - (a == y).double().sum() / (c == y).sum(),
            "The accuracies are compared: an image that the attack turned right by chance hides "
            "one that it turned wrong.",
        ),
        (
            lambda c, a, y: ((c == y) & (a != y)).double().sum() / (a != y).sum(),
            "It is divided by the errors after the attack: out of which images could it win?",
        ),
        (
            lambda c, a, y: ((c == y) & (a != y)).double().sum() / (c != y).sum(),
            "It is divided by the images that were wrong: out of which images could it win?",
        ),
        (
            lambda c, a, y: ((c != y) & (a != y)).double().sum() / (c != y).sum(),
            "Only images that were wrong before are looked at: those that were right are meant.",
        ),
        (
            lambda c, a, y: ((c != y) & (a == y)).double().sum() / (c != y).sum(),
            "That is the share of wrong images that turn right: the other way round is meant.",
        ),
        (lambda c, a, y: ((c == y) & (a != y)).double().sum(), "That is a count: out of how many?"),
        (
            lambda c, a, y: 100 * _success(c, a, y),
            "That is a percentage: a fraction from 0 to 1 is asked for.",
        ),
        (
            lambda c, a, y: (_success(c, a, y) > 0).double(),
            "The division rounds to a whole number: // cuts off the rest.",
        ),
        (
            lambda c, a, y: _success(c, a, y).floor(),
            "The division rounds to a whole number: // cuts off the rest.",
        ),
    ],
    comes="a number from 0 to 1",
    told=lambda args, _: (
        f"y {listed(args[2][:8])}, predicted {listed(args[0][:8])} before and "
        f"{listed(args[1][:8])} after the attack (the first {min(8, len(args[2]))})"
    ),
    hints=lambda args, shape: "One number for all images.",
    causes=lambda args: HALF_MASKED,
    otherwise="Mark the images that were right before; of those, count the ones wrong after.",
    rows=False,
)


def success_cases():
    """(predictions before, after, labels), by hand and drawn."""
    y, clean, attacked, _ = map(torch.as_tensor, WORKED)
    cases = [(clean, attacked, y)]
    for n in (20, 7):
        y = torch.randint(0, CLASSES, (n,))
        clean = torch.where(torch.rand(n) < 0.7, y, torch.randint(0, CLASSES, (n,)))
        attacked = torch.randint(0, CLASSES, (n,))
        shift, moved = torch.tensor([0, 0, 1]), torch.tensor([0, 1, 2])
        clean[:3], attacked[:3] = (y[:3] + shift) % CLASSES, (y[:3] + moved) % CLASSES
        cases.append((clean, attacked, y))
    return cases


def success_laws(answer):
    """Right images alone count, above and below the line; a remark for a tensor."""
    kinds = set()

    def number(*args):
        result = answer(*args)
        kinds.add(type(result))
        return (
            torch.tensor(float(result))
            if is_number(result) and not torch.is_tensor(result)
            else result
        )

    follows(number, SUCCESS, success_cases())
    return FLOAT if torch.Tensor in kinds else None
