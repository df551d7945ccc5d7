"""Laws of pictures of chosen classes: which label and which z each of them was made from."""

import torch

from helpers.checks.guard import reseed
from helpers.checks.labelled import asked, labelled_generator
from helpers.checks.laws.basics import diagnosis, is_tensor, kind_of, listed
from helpers.checks.laws.latents import is_fresh, is_independent, is_normal, leaves_seed
from helpers.checks.laws.old import CheckError, expect
from helpers.checks.spies import rows_in

Z_DIM = 6
GRAPH = "no_grad would also spare building the graph that detach drops."
KEPT = "The pictures still carry G's graph: no_grad spares it."
MODE = "G is in eval mode now: call train() before the next training step."
TROUBLE = (
    "A picture starts from noise of N(0, I), as in training: elsewhere G has not learnt to draw."
)


class Sample:
    """One call of the answer: the pictures, and the z and label that each of them came from."""

    def __init__(self, answer, *args, z_dim=Z_DIM):
        """Calls answer(G, *args, z_dim) with a spy G in train mode."""
        G = labelled_generator(z_dim)
        self.pictures = _one_batch(answer(G, *args, z_dim))
        expect(G.calls, "G is never called, expected pictures from G(z, y).")
        rows = torch.cat([call["x"].detach() for call in G.calls])
        images = torch.cat([call["y"].detach() for call in G.calls])
        self.made, self.grad = images, any(call["grad"] for call in G.calls)
        self.rows, self.left_in_eval = rows, not G.training
        self.z_dim, self.labels_asked, self.z_drawn = z_dim, asked(rows), rows[:, :z_dim]

    def traced(self, n, what):
        """z and label of each picture, of which n are asked for, in the form of G's images."""
        shape, images = tuple(self.pictures.shape), self.made
        hints = {
            (n, 28, 28): "The channel axis is missing: leave the axes as G gives them.",
            (n, 784): "The pixels stand in a row: leave the axes as G gives them.",
            (1, 1, 28, 28): "That is a single picture.",
            (1, 28, 28): "That is a single picture.",
        }
        crowd = "Rows and columns share one axis, row after row." if len(shape) > 4 else ""
        if len(shape) == 4 and shape[1:] == (1, 28, 28):
            crowd = "Take the number of pictures from the arguments."
        expect(
            shape == (n, 1, 28, 28),
            f"the pictures have the shape {shape}, expected {(n, 1, 28, 28)}: {what}. "
            f"{hints.get(shape, crowd or 'One axis for all pictures, then the axes of an image.')}",
        )
        pictures = self.pictures.detach().float()
        known = rows_in(pictures, images)
        if not known.all():
            raise CheckError(
                f"{int((~known).sum())} of the {n} pictures are none of the images that G made, "
                f"expected them as they come out of G. {self._altered(pictures)}"
            )
        far = torch.cdist(pictures.flatten(1), images.flatten(1))
        rows = self.rows[far.argmin(1)]
        return rows[:, : self.z_dim], asked(rows)

    def _altered(self, pictures):
        images = self.made
        suspects = [
            (
                (images + 1) / 2,
                "They are scaled to [0, 1]: a plot does that. Give back G's range, -1 to 1.",
            ),
            (images.clamp(0, 1), "You clamp: everything below 0 turns black."),
            (images * 255, "That is the range 0 to 255."),
            ((images + 1) * 127.5, "That is the range 0 to 255."),
        ]
        return diagnosis(
            suspects,
            lambda changed: rows_in(pictures, changed).all(),
            "Look at what happens between G and return.",
        )

    def remark(self):
        """What is right and could be better: a graph that is built in vain, a mode left behind."""
        if self.pictures.requires_grad:
            return KEPT
        return (MODE if self.left_in_eval else None) or (GRAPH if self.grad else None)


def _one_batch(result):
    if isinstance(result, (list, tuple)) and result and all(map(torch.is_tensor, result)):
        raise CheckError(
            f"{kind_of(result)} of {len(result)} tensors came back, expected one tensor: "
            "torch.cat and torch.stack make one of it."
        )
    is_tensor(result, "pictures of shape (n, 1, 28, 28)")
    return result


def digit_laws(answer):
    """n pictures of one digit, each from its own normal z, without a graph; a remark."""
    remark = None
    for digit, n in ((3, 7), (8, 1), (0, 5)):
        sample = Sample(answer, digit, n)
        _is_digit(sample.labels_asked, digit)
        z, labels = sample.traced(n, f"{n} of them")
        _is_digit(labels, digit)
        expect(
            not sample.pictures.requires_grad,
            "the pictures carry a graph, expected none: every picture would hold on to the memory "
            "of its pass through G. Sampling runs under no_grad.",
        )
        remark = remark or sample.remark()
    noise_laws(lambda n, d: Sample(answer, 2, n, z_dim=d).z_drawn)
    is_fresh(lambda: Sample(answer, 2, 5).z_drawn)
    return remark


def _is_digit(labels, digit):
    """G is asked for this digit, and no other."""
    if (labels == digit).all():
        return
    seen = f"digit {digit} is asked for, and G gets the labels {listed(labels[:6])}; expected"
    fixed = len(labels.unique()) == 1
    why = (
        "Classes are counted from 0, so digit and label are the same number."
        if fixed and abs(int(labels[0]) - digit) == 1
        else "The digit comes in as an argument."
        if fixed
        else "Print the labels that you hand to G: which digit was asked for?"
    )
    raise CheckError(f"{seen} {digit} for every picture. {why}")


def noise_laws(draw):
    """draw(n, z_dim): no global seed, no row of z twice, and N(0, 1)."""
    leaves_seed(lambda: draw(3, Z_DIM))
    reseed(51)
    z = draw(300, 8)
    expect(
        z.std() > 1e-6,
        f"every entry of z is {z.flatten()[0]:g}, expected N(0, 1): all pictures are the same.",
    )
    is_independent(z)
    is_normal(z, TROUBLE)


def grid_laws(answer):
    """Row k shows class k, column j one z in every row; a remark."""
    remark = None
    for k, columns in ((4, 7), (5, 3), (3, 3), (10, 2), (4, 1)):
        sample = Sample(answer, k, columns)
        what = f"{columns} of each of {k} classes"
        z, labels = sample.traced(k * columns, what)
        _has_rows(labels.view(k, columns), k, columns)
        _has_columns(z.view(k, columns, -1))
        remark = remark or sample.remark()
    noise_laws(lambda n, d: Sample(answer, 2, n, z_dim=d).z_drawn.unique(dim=0))
    return remark


def _has_rows(labels, k, columns):
    """Every picture of row k has the label k."""
    rows = torch.arange(k)[:, None].expand(k, columns)
    if torch.equal(labels, rows):
        return
    row = next(n for n in range(k) if not torch.equal(labels[n], rows[n]))
    along = torch.arange(k).repeat(columns).view(k, columns)
    suspects = [
        (
            rows.flip(0),
            "The rows run from the last class to the first. Which row is plotted first?",
        ),
        (
            along,
            "The classes run along the rows: picture 0 is class 0, picture 1 is class 1. Which "
            "call repeats each label, and which the whole list?",
        ),
        (labels[:1, :1].expand(k, columns), "All pictures are of one class."),
        (rows + 1, "Classes are counted from 0."),
        ((rows + 1) % k, "Classes are counted from 0."),
    ]
    why = diagnosis(
        suspects,
        lambda table: torch.equal(labels, table),
        "Write down the labels of two rows by hand: which label does each picture need?",
    )
    raise CheckError(
        f"row {row} of the grid ({k} classes, {columns} columns) has the labels "
        f"{listed(labels[row])}, expected {listed(rows[row])}. {why}"
    )


def _has_columns(z):
    """One z down each column, another in the next."""
    k, columns, _ = z.shape
    down = bool((z - z[:1]).abs().max() < 1e-6)
    different = len(torch.unique(z[0], dim=0))
    if down and different == columns:
        return
    seen = f"in a grid of {k} rows and {columns} columns "
    if down:
        raise CheckError(
            f"{seen}row 0 has {different} different z, expected {columns}: every row is one "
            "picture again and again. How many z does one row of the grid need?"
        )
    repeated = len(torch.unique(z.flatten(0, 1), dim=0)) < k * columns
    count = len(torch.unique(z[:, 0], dim=0))
    raise CheckError(
        f"{seen}column 0 has {count} different z, expected 1: its pictures should differ by the "
        "label alone. "
        + (
            "Some z come again, in other places: which call repeats each vector, and which the "
            "whole block?"
            if repeated
            else "New noise in every row hides what the label changes: what should stay equal "
            "down a column?"
        )
    )
