"""Pictures at rest: tiles in their places, the range of a picture, every class in its row."""

import torch
from torch import nn

from helpers import images


def test_grid_tiles_row_by_row_in_the_range_of_a_picture():
    x = torch.stack([torch.full((1, 2, 2), value) for value in (-1.0, 0.0, 1.0)])
    picture = images.grid(x, columns=2)
    assert picture.shape == (4, 4)
    assert picture[0, 0] == 0 and picture[0, 3] == 0.5 and picture[3, 0] == 1 and picture[3, 3] == 0


def test_generate_gives_pictures_and_leaves_the_mode():
    G = nn.Sequential(nn.Linear(4, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    x = images.generate(G, 5, 4)
    assert x.shape == (5, 1, 28, 28) and x.min() >= 0 and x.max() <= 1 and G.training


def test_pictures_of_zero_to_one_stay_as_they_are():
    x = torch.rand(4, 1, 2, 3)
    picture = images.grid(x, columns=2, low=0.0)
    assert torch.equal(picture[:2, :3], x[0, 0]) and torch.equal(picture[2:, 3:], x[3, 0])


class Stamp(nn.Module):
    """An image of 3 pixels: the label, the first number of z, and the mode."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, z, y):
        mode = torch.full_like(z[:, 0], float(self.training))
        return torch.stack([y * self.weight, z[:, 0], mode], 1)


def test_class_grid_has_a_row_for_each_class_and_the_same_z_in_each_column():
    G = Stamp()
    x = images.class_grid(G, 4, 5, z_dim=3)
    assert x.shape == (20, 3) and not x.requires_grad and G.training
    label, z, training = x.view(4, 5, 3).unbind(2)
    assert torch.equal(label, torch.arange(4.0)[:, None].expand(4, 5))
    assert torch.equal(z, z[:1].expand(4, 5)) and len(z[0].unique()) == 5
    assert not training.any()
    assert not torch.equal(images.class_grid(G, 4, 5, z_dim=3), x)


def test_sample_digit_asks_for_one_class_with_a_new_z_each():
    G = Stamp().eval()
    x = images.sample_digit(G, 7, 6, z_dim=2)
    assert x.shape == (6, 3) and not x.requires_grad and not G.training
    assert x[:, 0].tolist() == [7] * 6 and len(x[:, 1].unique()) == 6
    assert not images.sample_digit(G.train(), 7, 6, z_dim=2)[:, 2].any() and G.training
