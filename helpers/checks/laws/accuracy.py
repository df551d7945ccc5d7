"""Laws of D's accuracy: the fraction of reals and fakes on the right side of logit 0."""

import torch

from helpers.checks.laws.basics import diagnosis, is_number, kind_of
from helpers.checks.laws.old import CheckError, expect

SCORES = (
    torch.tensor([0.3, 0.2, 1.5, 0.4, 2.5, 3.0, -0.4, -2.0, 0.45, 4.0]),
    torch.tensor([0.3, -1.5, 0.4, 0.1, 0.2, 1.7, -0.2, -3.0, 2.5, 0.35]),
)


def accuracy_of(answer, real, fake):
    """The student's accuracy as a number."""
    return as_share(answer(real.clone(), fake.clone()))


def as_share(result):
    """A share that came back, as one number."""
    expect(
        result is not None,
        "None came back, expected a number between 0 and 1. Look for a missing return.",
    )
    if torch.is_tensor(result):
        expect(
            result.numel() == 1,
            f"the shape is {tuple(result.shape)}, expected one number: average over all images.",
        )
        result = result.item()
    expect(is_number(result), f"{kind_of(result)} came back, expected one number between 0 and 1.")
    return float(result)


def counts_right(answer, real, fake):
    """Reals above 0 and fakes below 0 are right; everything else that has a name speaks."""
    seen = accuracy_of(answer, real, fake)
    up, down = (real > 0).float().mean().item(), (fake < 0).float().mean().item()
    wanted = (up + down) / 2
    if abs(seen - wanted) < 1e-4:
        return
    said = (
        f"the accuracy is {seen:.4g}, expected {wanted:.4g}: {up:.0%} of the reals and {down:.0%} "
        "of the fakes."
    )
    n = real.numel()
    p, q = real.sigmoid(), fake.sigmoid()
    half = ((real > 0.5).float().mean() + (fake <= 0.5).float().mean()).item() / 2
    suspects = [
        (half, "Your boundary is the logit 0.5. The logit of probability 0.5 is another number."),
        (
            ((p > 0.6).float().mean() + (q < 0.6).float().mean()).item() / 2,
            "Your boundary is not at probability 0.5.",
        ),
        (
            (up + 1 - down) / 2,
            "You count a fake that D calls real as right. Whose accuracy is that, D's or G's?",
        ),
        (1 - wanted, "You count the mistakes: that is the error rate."),
        (
            (p.mean() + 1 - q.mean()).item() / 2,
            "You average probabilities. An image is judged right or wrong: "
            "0.51 is a whole right answer.",
        ),
        (p.mean().item(), "You average probabilities, and of the reals only."),
        (up, "Only the reals are counted: the fakes that D catches are half of its job."),
        (down, "Only the fakes are counted: the reals that D accepts are half of its job."),
        (up + down, "You add two fractions: the average of both is at most 1."),
        (wanted * 2 * n, "That is a count: divide it by the number of images, reals and fakes."),
        (wanted * 100, "That is a percentage: a fraction between 0 and 1 is asked for."),
        (wanted / 2, "You divide once too often."),
        (up * down, "You multiply the two fractions. Count the right answers of all images."),
        (
            0.5,
            "Every image gets the same answer: a logit went through a sigmoid too often, or the "
            "boundary "
            "is at probability 0.",
        ),
    ]
    why = diagnosis(
        suspects,
        lambda value: abs(seen - value) < 1e-4,
        "Count the reals with a logit above 0 and the fakes with one below, by hand.",
    )
    raise CheckError(f"{said} {why}")


def ends_at_one(answer):
    """All right is 1 and all wrong is 0, with a single pair as well."""
    one = accuracy_of(answer, torch.tensor([2.0]), torch.tensor([-2.0]))
    expect(abs(one - 1) < 1e-4, f"one real at 2 and one fake at -2 give {one:.3g}, expected 1.")
    both = [
        accuracy_of(answer, x, -x) for x in (torch.tensor([3.0, 1.0]), torch.tensor([-3.0, -1.0]))
    ]
    expect(both == [1, 0], f"all right and all wrong give {both}, expected [1, 0].")
