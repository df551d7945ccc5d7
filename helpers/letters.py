"""Letters framed as the digits are: pictures that no model of digits has ever seen."""

import math
from string import ascii_uppercase

import numpy as np
import torch
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
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
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    corners = path.vertices @ np.array([[cos, sin], [-sin, cos]])
    corners *= 20 / np.ptp(corners, axis=0).max()
    corners -= (corners.max(0) + corners.min(0)) / 2
    inside = _inside(Path(corners, path.codes))
    rows, columns = np.nonzero(inside)
    middle = (len(inside) - 1) / 2
    shift = round(middle - rows.mean()), round(middle - columns.mean())
    fine = torch.from_numpy(np.roll(inside, shift, (0, 1))).float()
    return F.avg_pool2d(fine[None, None], FINE)[0, 0]


def _inside(path):
    """True at the points of a grid of 28 x 28 pixels, FINE x FINE points each, inside `path`."""
    ticks = (np.arange(28 * FINE) + 0.5) / FINE - 14
    x, y = np.meshgrid(ticks, -ticks)  # the first row is on top
    points = np.stack([x.ravel(), y.ravel()], 1)
    outlines = [Path(outline).contains_points(points) for outline in path.to_polygons()]
    return (sum(outlines) % 2 == 1).reshape(x.shape)  # a hole's outline lies inside another
