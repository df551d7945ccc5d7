"""Letters that no model of digits has seen: framed as MNIST frames its digits."""

import pytest
import torch

from helpers import data
from helpers.letters import letter, letters


@pytest.fixture(scope="module")
def pictures():
    return letters()


def spans(picture):
    """How many rows and how many columns hold ink."""
    return [int((picture.sum(axis) > 0.5).sum()) for axis in (1, 0)]


def centre(picture):
    """The centre of mass, (row, column)."""
    places = torch.arange(28.0)
    return [(picture.sum(axis) * places).sum().item() / picture.sum().item() for axis in (1, 0)]


def test_every_letter_in_two_fonts_and_two_angles(pictures):
    assert pictures.shape == (104, 1, 28, 28)
    assert pictures.min() == 0 and pictures.max() == 1
    assert len({tuple(p.flatten().tolist()) for p in pictures}) == 104


def test_the_frame_is_that_of_the_digits(pictures):
    for picture in pictures.squeeze(1):
        assert 18 <= max(spans(picture)) <= 21
        assert centre(picture) == pytest.approx([13.5, 13.5], abs=0.2)


def test_as_much_ink_as_digits(pictures):
    digits, _ = data.mnist("test", low=0.0)
    assert 0.7 < (pictures.mean() / digits.mean()).item() < 1.3


def test_a_hole_stays_open():
    ring = letter("O", "DejaVu Sans", 0)
    assert ring[12:16, 12:16].max() == 0 and ring[14].max() == 1


def test_a_letter_stands_upright_and_turns():
    upright, turned = letter("T", "DejaVu Sans", 0), letter("T", "DejaVu Sans", 90)
    bar = upright.sum(1).argmax()
    assert bar < 12  # the bar of a T is on top
    torch.testing.assert_close(turned, upright.rot90(), atol=0.3, rtol=0)
