"""Pictures at rest: tiles in their places, the range of a picture, every class in its row."""

import matplotlib.pyplot as plt
import torch
from torch import nn

from helpers import images


def test_grid_tiles_row_by_row_in_the_range_of_a_picture():
    x = torch.stack([torch.full((1, 2, 2), value) for value in (-1.0, 0.0, 1.0)])
    picture = images.grid(x, columns=2)
    assert picture.shape == (4, 4)
    assert picture[0, 0] == 0 and picture[0, 3] == 0.5 and picture[3, 0] == 1 and picture[3, 3] == 0


def test_a_grid_of_colours_keeps_them_and_ends_a_short_row_in_black():
    red, green, blue = torch.eye(3).view(3, 3, 1, 1).expand(3, 3, 2, 5) * 2 - 1
    picture = images.grid(torch.stack([red, green, blue]), columns=2)
    assert picture.shape == (4, 10, 3)
    corners = picture[0, 0], picture[0, 9], picture[3, 0], picture[3, 9]
    assert [c.tolist() for c in corners] == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert torch.equal(picture[:2, :5], picture[:1, :1].expand(2, 5, 3))


def test_each_tile_of_a_grid_is_the_picture_itself():
    for channels in (1, 3):
        x = torch.rand(6, channels, 4, 5)
        picture = images.grid(x, columns=3, low=0.0).view(8, 15, channels)
        for i, tile in enumerate(x):
            row, column = divmod(i, 3)
            part = picture[4 * row : 4 * row + 4, 5 * column : 5 * column + 5]
            assert torch.equal(part, tile.permute(1, 2, 0))


def test_a_colour_beyond_the_range_is_cut_and_a_graph_is_left_behind():
    x = torch.tensor([-3.0, 0.0, 3.0]).view(1, 3, 1, 1).requires_grad_()
    assert images.grid(x, 1).flatten().tolist() == [0, 0.5, 1]


def test_colours_are_drawn_as_they_are():
    figure, ax = plt.subplots()
    images.draw(ax, torch.tensor([1.0, 0.0, -1.0]).view(1, 3, 1, 1), "orange", columns=1)
    shown = ax.get_images()[0].get_array()
    plt.close(figure)
    assert shown.shape == (1, 1, 3) and shown[0, 0].tolist() == [1, 0.5, 0]


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
