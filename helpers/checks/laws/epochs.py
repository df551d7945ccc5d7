"""Laws of an epoch: D and G take turns over every batch, and the mean losses come back."""

import torch
from torch.utils.data import DataLoader, TensorDataset

from helpers.checks.laws.basics import diagnosis, is_number, kind_of
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import reals


class Loss(float):
    """A number that also answers to what a loss tensor is asked."""

    def item(self):
        """The number itself."""
        return float(self)

    detach = cpu = lambda self: self


class Diary:
    """Two steps that write down when and with what they are called."""

    def __init__(self, batches):
        """batches: the images of each batch, in order."""
        self.batches, self.turns = batches, []
        self.losses = {
            "D": [Loss(0.9), Loss(0.6), Loss(0.15)],
            "G": [Loss(2.0), Loss(3.5), Loss(7.0)],
        }

    def step(self, name):
        """The step of one network."""

        def step(*args):
            self.accept(name, args)
            self.turns.append((name, args[0]))
            done = sum(turn[0] == name for turn in self.turns) - 1
            return self.losses[name][done % 3]

        return step

    def accept(self, name, args):
        """D's step gets images, G's step a number; anything else is told."""
        expect(
            len(args) == 1,
            f"{name}'s step gets {len(args)} arguments, expected 1: "
            f"{'the images' if name == 'D' else 'the number of fakes'}.",
        )
        thing = args[0]
        if name == "D":
            expect(
                not isinstance(thing, (list, tuple)),
                f"D's step gets {kind_of(thing)}, expected the images alone. "
                "The loader yields pairs (images, labels): unpack them.",
            )
            expect(
                torch.is_tensor(thing),
                f"D's step gets {kind_of(thing)}, expected a tensor of images.",
            )
            expect(
                thing.dim() == 4,
                f"D's step gets the shape {tuple(thing.shape)}, expected (B, 1, 28, 28). "
                "Those look like labels or a single image: the images come first in the pair.",
            )
        else:
            single = torch.is_tensor(thing) and thing.dim() == 0 or isinstance(thing, int)
            expect(
                single,
                f"G's step gets {kind_of(thing)}, expected a whole number: how many fakes to make.",
            )


def played(answer, sizes):
    """The diary and the result of an epoch; sizes: of its batches, the first the largest."""
    images = reals(sum(sizes))
    labels = torch.arange(len(images)) % 10
    loader = DataLoader(TensorDataset(images, labels), batch_size=sizes[0])
    diary = Diary(list(images.split(sizes[0])))
    return diary, answer(loader, diary.step("D"), diary.step("G"))


def whole_epoch(diary, sizes):
    """Every batch once, D and G in turn, as many fakes as images."""
    names, wanted = "".join(name for name, _ in diary.turns), len(sizes)
    d, g = names.count("D"), names.count("G")
    seen = f"the turns are {names or 'none'}"
    expect(d or g, f"{seen}, expected D and G in each of {wanted} batches. Nothing is called.")
    expect(
        not (d == g == 1),
        f"{seen}, and the loader has {wanted} batches: expected DGDGDG. An epoch is all "
        "of them; look at a return, or a next(), that ends it early.",
    )
    expect(g, f"{seen}: G never learns, expected one step of G in each of {wanted} batches.")
    expect(d, f"{seen}: D never learns, expected one step of D in each of {wanted} batches.")
    expect(
        names != "D" * d + "G" * g,
        f"{seen}, expected DGDGDG: one runs ahead for a whole epoch before the "
        "other may answer. Both calls belong inside the same loop.",
    )
    expect(
        names != "G" * g + "D" * d, f"{seen}, expected DGDGDG: one runs ahead for a whole epoch."
    )
    expect(d == g or max(d, g) <= wanted, f"{seen}, expected one step of each per batch, DGDGDG.")
    expect(
        d == wanted and g == wanted,
        f"{seen}: {d} steps of D and {g} of G for {wanted} batches, expected {wanted} of each.",
    )
    expect(names in ("DG" * wanted, "GD" * wanted), f"{seen}, expected DGDGDG.")
    given = [thing for name, thing in diary.turns if name == "D"]
    same_images = all(
        a.shape == b.shape and torch.equal(a, b) for a, b in zip(given, diary.batches, strict=True)
    )
    expect(
        same_images,
        "D's step gets other images than the loader gives, expected each batch once and as it is.",
    )
    counts = [int(thing) for name, thing in diary.turns if name == "G"]
    expect(
        counts == sizes,
        f"G's step is asked for {counts} fakes, expected {sizes}. The last batch is smaller: "
        "take the number from the batch.",
    )


def mean_losses(result, diary, sizes):
    """The pair (mean D loss, mean G loss), over batches or over images."""
    expect(result is not None, "None came back, expected the pair (mean D loss, mean G loss).")
    pair = (
        isinstance(result, (tuple, list))
        and len(result) == 2
        or torch.is_tensor(result)
        and result.numel() == 2
    )
    expect(pair, f"{kind_of(result)} came back, expected the pair (mean D loss, mean G loss).")
    expect(
        all(map(is_number, result)),
        f"({kind_of(result[0])}, {kind_of(result[1])}) came back, expected two numbers: the means "
        "of the losses, and not all of them.",
    )
    seen = tuple(float(x) for x in result)
    d, g = diary.losses["D"], diary.losses["G"]
    total, n = sum(sizes), len(sizes)

    def pair_of(of):
        return of(d), of(g)

    def fits(wanted):
        return all(abs(a - b) < 1e-4 for a, b in zip(seen, wanted, strict=True))

    means = pair_of(lambda x: sum(x) / n)
    weighted = pair_of(lambda x: sum(a * b for a, b in zip(x, sizes, strict=True)) / total)
    if fits(means) or fits(weighted):
        return
    suspects = [
        (means[::-1], "The two are exchanged: D's loss comes first."),
        (pair_of(sum), "Those are sums: divide by the number of batches."),
        (
            pair_of(lambda x: x[-1]),
            "Those are the losses of the last batch. Collect them over the epoch.",
        ),
        (
            pair_of(lambda x: x[0]),
            "Those are the losses of the first batch. Collect them over the epoch.",
        ),
        (
            pair_of(lambda x: sum(x) / total),
            "You divide by the number of images, and add one loss per batch.",
        ),
        (pair_of(lambda x: x[-1] / n), "Only the last batch is in the sum: += adds, = replaces."),
        ((means[0], means[0]), "Both are D's loss."),
        ((means[1], means[1]), "Both are G's loss."),
        ((0, 0), "The totals are never added to."),
        (
            pair_of(lambda x: (x[0] / 2 + x[1] / 2) / 2 + x[2] / 2),
            "A running average weighs the last batch most.",
        ),
        (pair_of(lambda x: sum(x) / (n + 1)), "You divide by one too many."),
        (pair_of(lambda x: sum(x) / (n - 1)), "You divide by one too few."),
    ]
    why = diagnosis(
        suspects,
        fits,
        "Add each loss as it comes and divide by the number of batches at the end.",
    )
    raise CheckError(
        f"({seen[0]:.3g}, {seen[1]:.3g}) came back, expected ({means[0]:.3g}, {means[1]:.3g}): "
        f"the mean "
        f"of D's losses {[float(x) for x in d]} and of G's {[float(x) for x in g]}. {why}"
    )
