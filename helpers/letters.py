"""Letters framed as the digits are: pictures that no model of digits has ever seen."""

from string import ascii_uppercase

import numpy as np
import torch
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D
from torch.nn import functional as F

FAMILIES = ("DejaVu Sans", "DejaVu Serif")  # they come with matplotlib
FINE = 4  # a pixel's grey is the share of its 4 x 4 points that lie inside the letter


def letters(angles=(-10, 10)):
    """A to Z in two fonts, turned by `angles` in degrees: `(104, 1, 28, 28)` in [0, 1].

    Framed as MNIST is: the longer side is 20 pixels, the centre of mass is in the middle.
    """
    pictures = [
        letter(character, family, angle)
        for character in ascii_uppercase
        for family in FAMILIES
        for angle in angles
    ]
    return torch.stack(pictures).unsqueeze(1)


def letter(character, family, angle):
    """One letter, `(28, 28)` in [0, 1]."""
    path = TextPath((0, 0), character, size=1, prop=FontProperties(family=family))
    path = path.transformed(Affine2D().rotate_deg(angle))
    box = path.get_extents()
    middle = -(box.x0 + box.x1) / 2, -(box.y0 + box.y1) / 2
    path = path.transformed(Affine2D().translate(*middle).scale(20 / max(box.size)))
    inside = _inside(path)
    rows, columns = np.nonzero(inside)
    centre = (len(inside) - 1) / 2
    shift = round(centre - rows.mean()), round(centre - columns.mean())
    fine = torch.from_numpy(np.roll(inside, shift, (0, 1))).float()
    return F.avg_pool2d(fine[None, None], FINE)[0, 0]


def _inside(path):
    """True at the points of a grid of 28 x 28 pixels, FINE x FINE points each, inside `path`."""
    ticks = (np.arange(28 * FINE) + 0.5) / FINE - 14
    x, y = np.meshgrid(ticks, -ticks)  # the first row is on top
    points = np.stack([x.ravel(), y.ravel()], 1)
    outlines = [Path(outline).contains_points(points) for outline in path.to_polygons()]
    return (sum(outlines) % 2 == 1).reshape(x.shape)  # a hole's outline lies inside another
