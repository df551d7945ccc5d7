"""Laws of labels as numbers that a network can take: one-hot rows, beside z, and as planes."""

import torch
import torch.nn.functional as F

from helpers.checks.laws.basics import listed
from helpers.checks.laws.formulas import Formula, close, follows, given_back
from helpers.checks.laws.old import expect

WORKED = torch.tensor([4, 0, 1, 4, 2, 0])
FLOAT64 = "Its dtype is {}: the layers are float32, so .float() saves a cast later."


def hot(y, k):
    """One row per label, 1 in its column."""
    return F.one_hot(y, k).float()


def _shifted(by):
    return lambda y, k: hot((y + by) % k, k)


def _or_empty(by):
    """Classes moved by one, where the row of the last one stays empty."""
    return lambda y, k: (y[:, None] + by == torch.arange(k)).float()


def _whole_batch(y, k):
    row = torch.zeros(k)
    row[y] = 1
    return row.expand(len(y), k)


def _rows_named(y, k):
    table = torch.zeros(len(y), k)
    table[y[y < len(y)]] = 1
    return table


def _ranks(y, k):
    return hot(y.unique(return_inverse=True)[1], k)


SIZE = "A label is a name and not a size: "
SHIFT = "The ones stand a column off. Which column belongs to digit 0, the first class?"
COLUMNS = (
    "Every row has the labels of the whole batch: [:, y] sets these columns in all rows. How many "
    "ones does a row need?"
)
# each a table (y, K), and what it means that the rows look like it
TABLES = [
    (_shifted(-1), SHIFT),
    (_shifted(1), SHIFT),
    (_or_empty(-1), SHIFT),
    (_or_empty(1), SHIFT),
    (_whole_batch, COLUMNS),
    (
        _rows_named,
        "[y] names rows, and whole rows are set. Which two indices name one entry, its row and its "
        "column?",
    ),
    (
        lambda y, k: torch.ones(len(y), k),
        "Every entry is 1: how many ones does a row need, and where?",
    ),
    (
        lambda y, k: torch.zeros(len(y), k),
        "Every entry is 0: nothing is written, or it is written into a copy. Names that end in _ "
        "write in place.",
    ),
    (
        lambda y, k: hot(y, k) * y[:, None],
        f"{SIZE}the value in its column marks it, and class 0 has an empty row here. Which value "
        "says 'this class'?",
    ),
    (
        lambda y, k: hot(y, k) * (y[:, None] + 1),
        f"{SIZE}the value in its column marks it. Which value says 'this class'?",
    ),
    (
        lambda y, k: y[:, None].float().expand(len(y), k),
        f"{SIZE}here each column repeats it. Which value says 'this class'?",
    ),
    (
        lambda y, k: (y[:, None] >= torch.arange(k)).float(),
        "Class k has ones up to column k: that says 'at least', and digits have no order.",
    ),
    (
        lambda y, k: (y[:, None] > torch.arange(k)).float(),
        "Class k has ones below column k: that says 'more than', and digits have no order.",
    ),
    (lambda y, k: 1 - hot(y, k), "Ones and zeros are exchanged: the label's column is the 1."),
    (lambda y, k: 2 * hot(y, k) - 1, "The other columns hold -1, and 0 is asked for."),
    (
        lambda y, k: hot(k - 1 - y, k),
        "The columns run backwards: class 0 belongs to the first one.",
    ),
    (_ranks, "The classes are counted anew in each batch: column k belongs to label k in all."),
    (lambda y, k: hot(y.sort().values, k), "The labels are sorted: row i belongs to y[i]."),
    (lambda y, k: hot(y.flip(0), k), "The rows run backwards: row i belongs to y[i]."),
    (
        lambda y, k: hot(y[:1].expand(len(y)), k),
        "Every row has the label of the first one: row i belongs to y[i].",
    ),
    (
        lambda y, k: hot(y, k).softmax(1),
        "softmax blurs it: the label is known, so its column is 1 and the others are 0.",
    ),
    (
        lambda y, k: hot(y, k) / k,
        "It is divided by the number of classes: the label's column is 1.",
    ),
    (
        lambda y, k: hot(y, k) * 0.9 + 0.1 / k,
        "This is label smoothing, known from classifiers. Here the label is certain.",
    ),
]


def _label_cases():
    """Labels worked by hand and drawn; in the end a single one, and the last class."""
    drawn = torch.cat([torch.randint(0, 6, (8,)), torch.tensor([4, 1, 0])])
    large = [(WORKED, 8), (torch.tensor([1, 1, 1, 0, 6, 2, 2]), 10), (drawn, 7)]
    return [*large, (torch.tensor([1]), 3), (torch.tensor([6, 0, 6, 3]), 7)]


EDGES = (
    2,
    "Large batches are right: look at a batch of one label, and at the last class, "
    "num_classes - 1.",
)


def _row_hint(args, shape):
    y, k = args
    n = len(y)
    hints = {
        (n, 1): f"{SIZE}one number suggests that 9 is nine times 1. How many columns do {k} "
        "classes need?",
        (n,): f"{SIZE}one number suggests that 9 is nine times 1. How many columns do {k} classes "
        "need?",
        (n, int(y.max()) + 1): "The width follows the largest label of this batch, and the next "
        "batch may have another: num_classes says how many columns there are.",
        (n, len(y.unique())): "The width follows the labels that occur: num_classes says how many "
        "columns there are, also for a class that is absent.",
        (k, n): "That is one row per class: one row per label is asked for.",
        (n, 1, k): "One axis is left over: (N, K) is asked for.",
        (k,): "That is one row for the whole batch: one row per label.",
        (1, k): "That is one row for the whole batch: one row per label.",
        (n, n): "The width is the batch size: one column per class, num_classes of them.",
        (n, k - 1): "A column is missing: with labels from 0 to num_classes - 1, how many are "
        "there?",
        (n, k + 1): "One column too many: labels run from 0 to num_classes - 1.",
        (n, 10): "num_classes comes in as an argument: 10 is for digits.",
    }
    return hints.get(shape, "One row per label, one column per class.")


ONE_HOT = Formula(
    right=hot,
    suspects=TABLES,
    comes="one row per label, (N, num_classes)",
    told=lambda args, n: f"label {args[0][n]} of {args[1]} classes",
    hints=_row_hint,
    otherwise="One row per label: 1 in the label's column, 0 in all others.",
    far=EDGES,
)


def is_real(result, what):
    """Real numbers, for the layers that follow; a remark if they are not float32."""
    expect(
        result.is_floating_point(),
        f"{what} has the dtype {result.dtype}, expected torch.float32: linear and convolutional "
        "layers take real numbers. Which method of a tensor makes floats?",
    )
    return None if result.dtype == torch.float32 else FLOAT64.format(result.dtype)


def one_hot_laws(answer):
    """Shapes, values, then the dtype; a remark if it is not float32."""
    follows(answer, ONE_HOT, _label_cases())
    return is_real(given_back(answer, (WORKED, 8), ONE_HOT), "the result")


# --- beside z -------------------------------------------------------------------------------------


def _z_first(table):
    return lambda z, y, k: torch.cat([z, table(y, k)], dim=1)


def _label_first(table):
    return lambda z, y, k: torch.cat([table(y, k), z], dim=1)


def _latent_cases():
    """z of another width than num_classes, of the same width, and one row alone."""
    sizes = ((4, 8), (8, 8), (7, 12))
    batches = [(torch.randn(len(WORKED), d), WORKED, k) for d, k in sizes]
    edges = torch.tensor([1]), torch.tensor([6, 0, 6, 3])
    return [*batches, *((torch.randn(len(y), 5), y, k) for y, k in zip(edges, (3, 7)))]


def _beside_hint(args, shape):
    z, y, k = args
    n, d = z.shape
    hints = {
        (n, d + 1): f"{SIZE}that is one column for it. How many columns do {k} classes need?",
        (n, k): "Only the label is there: what makes two 7s differ?",
        (n, d): "Only z is there, or the label is mixed into it: could the network tell the two "
        "apart afterwards?",
        (2 * n, d): "The batch became longer. Should every row become wider instead?",
        (n, d * k): "Every entry of z meets every class, in a product. Beside each other is what "
        "is asked for.",
        (n, d, k): "Every entry of z meets every class, in a product. Beside each other is what "
        "is asked for.",
        (d + k, n): "Rows and columns are exchanged: one ROW per image.",
        (n, d + int(y.max()) + 1): "The width follows the largest label of this batch: num_classes "
        "says how many columns the label needs.",
        (n, d + n): "The label takes as many columns as the batch has rows: num_classes of them.",
        (n, d + 10): "num_classes comes in as an argument: 10 is for digits.",
        (n, d + k, 1, 1): "Four axes belong to a convolutional layer: (N, z_dim + num_classes).",
    }
    if d == k and shape == (n, d):
        return (
            "z and the label are mixed into one another, or one of them is missing: could the "
            "network tell the two apart afterwards?"
        )
    return hints.get(shape, "z and the one-hot label of the same row, beside each other.")


def _advice(results, cases):
    """Words for a block of z or of labels that has lost its row or is another one."""
    (z, y, k), result = cases[0], results[0]
    d = z.shape[1]
    blocks = [(result[:, :d], result[:, d:]), (result[:, k:], result[:, :k])]
    for noise, label in blocks:
        rows = close(label.sum(0), hot(y, k).sum(0)) and close(
            label.max(1).values, torch.ones(len(y))
        )
        if close(noise, z) and rows:
            return "The rows are shuffled: does row i still belong to y[i]?"
        if close(noise, z):
            return "z is there as it came, and the columns beside it are not the one-hot label."
        if close(label, hot(y, k)):
            return (
                "The label is there, and z has changed: leave its numbers and its rows as they "
                "are, N(0, I)."
            )
    return None


BESIDE = Formula(
    right=_z_first(hot),
    suspects=[(order(table), why) for table, why in TABLES for order in (_z_first, _label_first)],
    comes="z and the label side by side, (N, z_dim + num_classes)",
    told=lambda args, n: f"z {listed(args[0][n], '.2g')} with label {args[1][n]} of {args[2]}",
    hints=_beside_hint,
    advice=_advice,
    otherwise="Each row: the numbers of z, and the one-hot label of the same row.",
    far=EDGES,
)


def beside_laws(answer):
    """z and one-hot label in one row, in either order; a remark if it is not float32."""
    cases = _latent_cases()
    first = given_back(answer, cases[0], BESIDE)
    swapped = _label_first(hot)
    turned = close(first, swapped(*cases[0]))
    follows(answer, BESIDE._replace(right=swapped) if turned else BESIDE, cases)
    z = torch.randn(4, 3, requires_grad=True)
    row = answer(z, torch.tensor([0, 2, 1, 2]), 3)
    expect(
        row.requires_grad,
        "the result has no path back to z, expected one: leave detach, .data and .tolist() out.",
    )
    return is_real(first, "the result")


# --- planes ---------------------------------------------------------------------------------------


def _planes(table):
    return lambda y, k, h, w: table(y, k)[:, :, None, None].expand(-1, -1, h, w)


def _corner(y, k, h, w):
    planes = torch.zeros(len(y), k, h, w)
    planes[torch.arange(len(y)), y, 0, 0] = 1
    return planes


def _map_hint(args, shape):
    y, k, h, w = args
    n = len(y)
    hints = {
        (n, h, w, k): "The classes stand last. Compare with a batch of images, (N, 1, H, W): where "
        "does PyTorch keep the channels?",
        (n, k, w, h): "Height and width are exchanged.",
        (k, n, h, w): "The first two axes are exchanged: images first, then the classes.",
        (n, 1, h, w): f"{SIZE}one plane for all classes would have to hold it as one number. One "
        "plane per class is asked for.",
        (n, h, w): "The axis of the classes is missing: one plane per class.",
        (n, k): "That is the one-hot row: which axes are missing, and who repeats it over them?",
        (n, k, 1, 1): "The planes have one pixel each: torch.cat with an image needs H and W of "
        "them.",
        (k, h, w): "That is one image: one block of planes for each label.",
        (n, k, h * w): "The pixels stand in a row: an image has two axes.",
        (n, k, h): "An axis is missing: height and width.",
        (n, int(y.max()) + 1, h, w): "The planes follow the largest label of this batch: "
        "num_classes says how many there are.",
        (n, 10, h, w): "num_classes comes in as an argument: 10 is for digits.",
        (n, k, 28, 28): "Height and width come in as arguments: 28 is for MNIST.",
    }
    return hints.get(shape, "Images, classes, height, width: (N, num_classes, height, width).")


MAPS = Formula(
    right=_planes(hot),
    suspects=[
        *((_planes(table), why) for table, why in TABLES if why != COLUMNS),
        (
            _planes(_whole_batch),
            "Every image has the planes of the whole batch: [:, y] writes to these planes of all "
            "images. Which two indices name one plane?",
        ),
        (
            _corner,
            "Only one pixel of the plane is 1: a convolution looks everywhere, so the whole plane "
            "carries the label.",
        ),
    ],
    comes="one plane per class, (N, num_classes, height, width)",
    told=lambda args, n: f"label {args[0][n]} of {args[1]} classes, {args[2]} by {args[3]} pixels,",
    hints=_map_hint,
    advice=lambda results, cases: _not_constant(results[0]),
    otherwise="Plane y[i] of image i is 1 everywhere, and its other planes are 0.",
    far=EDGES,
)


def _not_constant(planes):
    corner = planes[:, :, :1, :1].expand_as(planes)
    if close(planes, corner):
        return None
    return "A plane is not constant: every pixel of plane k says whether the label is k."


def map_laws(answer):
    """One constant plane per class; a remark if it is not float32."""
    sizes = ((8, 3, 4), (10, 7, 2), (7, 28, 28))
    cases = [(WORKED, *size) for size in sizes]
    cases += [(torch.randint(0, 6, (9,)), 8, 2, 3)]
    cases += [(torch.tensor([1]), 3, 4, 6), (torch.tensor([6, 0, 6, 3]), 7, 5, 2)]
    follows(answer, MAPS, cases)
    return is_real(given_back(answer, cases[0], MAPS), "the result")
