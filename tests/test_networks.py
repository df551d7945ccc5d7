"""Networks keep their shapes and ranges; a label reaches its own row; constants travel along."""

import copy

import pytest
import torch
from torch import nn

from helpers import data, networks


@pytest.mark.parametrize("n", [1, 7])
@pytest.mark.parametrize(
    "G, D",
    [
        (networks.Generator(100), networks.Discriminator()),
        (networks.ConvGenerator(64), networks.ConvDiscriminator()),
        (networks.MendedGenerator(100), networks.MendedDiscriminator()),
    ],
)
def test_networks_keep_their_shapes_and_range(G, D, n):
    z_dim = getattr(G, "z_dim", 100)
    x_fake = G.eval()(data.sample_z(n, z_dim))
    assert x_fake.shape == (n, 1, 28, 28) and x_fake.abs().max() <= 1
    assert D(x_fake).shape == (n,)


@pytest.mark.parametrize("n", [1, 7])
def test_lenet_gives_ten_logits_for_each_image(n):
    torch.manual_seed(0)
    logits = networks.LeNet()(torch.rand(n, 1, 28, 28))
    assert logits.shape == (n, 10) and logits.min() < 0 < logits.max()


# ---------------------------------------------------------------- the mode


def test_evaluating_puts_back_the_mode_of_every_layer_even_after_an_error():
    net = nn.Sequential(nn.BatchNorm1d(2).eval(), nn.Sequential(nn.Dropout()))
    for mode in (True, False):
        net.training = mode
        before = [module.training for module in net.modules()]
        with pytest.raises(RuntimeError), networks.evaluating(net) as same:
            assert same is net and not any(module.training for module in net.modules())
            raise RuntimeError
        assert [module.training for module in net.modules()] == before


# ---------------------------------------------------------------- NormalizedModel


@pytest.mark.parametrize("kind", [list, tuple, torch.tensor])
def test_normalized_model_shifts_and_scales_each_channel(kind):
    model = networks.NormalizedModel(nn.Identity(), kind([0.5, 0.0, 1.0]), kind([0.5, 1.0, 2.0]))
    x = torch.tensor([1.0, 0.25, 0.0]).view(1, 3, 1, 1).expand(2, 3, 4, 5)
    expected = torch.tensor([1.0, 0.25, -0.5]).view(1, 3, 1, 1).expand_as(x)
    torch.testing.assert_close(model(x), expected)


def test_normalized_models_constants_are_saved_and_follow_but_do_not_train():
    inner = nn.Linear(2, 2)
    model = networks.NormalizedModel(inner, [0.25], [0.5])
    assert list(model.state_dict()) == ["mean", "std", "model.weight", "model.bias"]
    assert {id(p) for p in model.parameters()} == {id(p) for p in inner.parameters()}
    other = networks.NormalizedModel(nn.Linear(2, 2), [0.0], [1.0])
    other.load_state_dict(model.state_dict())
    x = torch.rand(1, 1, 2, 2)
    assert torch.equal(other(x), model(x))
    double = model.to(torch.float64)
    assert double.mean.dtype == double.std.dtype == torch.float64
    assert double(x.double()).dtype == torch.float64


def test_normalized_models_constants_are_its_own():
    mean, std = torch.tensor([0.25]), torch.tensor([0.5])
    model = networks.NormalizedModel(nn.Identity(), mean, std)
    model.load_state_dict({"mean": torch.zeros(1, 1, 1), "std": torch.ones(1, 1, 1)})
    assert (mean, std) == (0.25, 0.5)


# ---------------------------------------------------------------- with labels


def test_generator_input_puts_the_one_hot_label_after_z():
    z = torch.randn(2, 3)
    expected = torch.cat([z, torch.tensor([[0.0, 0, 0, 1], [0.0, 1, 0, 0]])], 1)
    assert torch.equal(networks.generator_input(z, torch.tensor([3, 1]), 4), expected)


def test_label_maps_are_ones_in_the_plane_of_the_class():
    planes = networks.label_maps(torch.tensor([2, 0]), 3, 4, 5)
    assert planes.shape == (2, 3, 4, 5) and planes.dtype == torch.float32
    assert planes.mean((2, 3)).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert planes.unique().tolist() == [0, 1]
    assert torch.cat([torch.rand(2, 1, 4, 5), planes], 1).shape == (2, 4, 4, 5)


@pytest.fixture
def players():
    torch.manual_seed(0)
    G, D = networks.ConditionalGenerator(), networks.ConditionalDiscriminator()
    return G.eval(), D.eval()


@pytest.mark.parametrize("n", [1, 7])
def test_conditional_networks_keep_their_shapes_and_range(players, n):
    G, D = (net.train() for net in copy.deepcopy(players))
    y = torch.arange(n) % 10
    x_fake = G(data.sample_z(n, G.z_dim), y)
    assert x_fake.shape == (n, 1, 28, 28) and x_fake.abs().max() <= 1
    assert D(x_fake, y).shape == (n,)
    D(x_fake, y).sum().backward()
    assert all(p.grad is not None for net in (G, D) for p in net.parameters())


def test_a_label_matters_to_its_own_row_and_to_no_other(players):
    G, D = players
    z, x, y = data.sample_z(5, G.z_dim), torch.rand(5, 1, 28, 28), torch.tensor([0, 1, 2, 3, 4])
    with torch.no_grad():
        for net, given in ((G, z), (D, x)):
            before = net(given, y).flatten(1) if net is G else net(given, y)[:, None]
            for row in range(5):
                other = y.clone()
                other[row] = 9
                after = net(given, other).view_as(before)
                changed = (after - before).abs().amax(1) > 1e-5
                assert changed.tolist() == [i == row for i in range(5)]


def test_all_ten_labels_give_different_answers(players):
    G, D = players
    y = torch.arange(10)
    with torch.no_grad():
        images = G(data.sample_z(1, G.z_dim).expand(10, -1), y).flatten(1)
        logits = D(torch.rand(1, 1, 28, 28).expand(10, -1, -1, -1), y)
    assert torch.pdist(images).min() > 1e-3 and torch.pdist(logits[:, None]).min() > 1e-6


# ---------------------------------------------------------------- from image to image


@pytest.mark.parametrize("skips", [False, True])
@pytest.mark.parametrize("size", [28, 32, 64])
def test_a_translator_keeps_shape_and_range(size, skips):
    torch.manual_seed(0)
    x = torch.rand(2, 3, size, size) * 2 - 1
    y = networks.Translator(8, 2, skips)(x)
    assert y.shape == x.shape and y.abs().max() <= 1 and y.std() > 0.01
    D = networks.PatchDiscriminator(3, 8)
    assert D(y).shape == (2, 1, size // 4, size // 4)
    assert D(y[:, :, :, :16]).shape == (2, 1, size // 4, 4)


def test_skips_let_the_input_pass_beside_the_narrow_middle():
    torch.manual_seed(0)
    x = torch.rand(2, 3, 16, 16) * 2 - 1
    for skips in (False, True):
        G = networks.Translator(4, 1, skips)
        for up in (G.up_1, G.up_2):  # cut the way through the middle
            nn.init.zeros_(up[0].weight)
        differs = (G(x)[0] - G(x)[1]).abs().max() > 1e-3
        assert differs == skips
        nn.init.zeros_(G.last[0].weight)
        assert (G(x)[0] - G(x)[1]).abs().max() == 0


def test_a_translator_has_the_blocks_it_is_asked_for():
    kinds = networks.ResidualBlock, type("Own", (networks.ResidualBlock,), {})
    for kind, G in zip(
        kinds, (networks.Translator(4, 3), networks.Translator(4, 3, block=kinds[1]))
    ):
        assert sum(type(module) is kind for module in G.modules()) == 3


def test_two_translators_share_the_options_and_no_weight():
    pair = networks.Translators(4, blocks=2, skips=True)
    assert pair.G_AB.skips and pair.G_BA.skips
    ours, theirs = (dict(G.named_parameters()) for G in (pair.G_AB, pair.G_BA))
    assert {k: p.shape for k, p in ours.items()} == {k: p.shape for k, p in theirs.items()}
    assert not {id(p) for p in ours.values()} & {id(p) for p in theirs.values()}
    assert not torch.equal(pair.G_AB.first[0].weight, pair.G_BA.first[0].weight)


def test_a_residual_block_without_weights_is_the_identity():
    block, x = networks.ResidualBlock(4), torch.randn(2, 4, 5, 6)
    kept = x.clone()
    assert block(x).shape == x.shape and not torch.allclose(block(x), x)
    for p in block.parameters():
        nn.init.zeros_(p)
    assert torch.equal(block(x), kept) and torch.equal(x, kept)


def test_images_of_a_batch_stay_apart():
    torch.manual_seed(0)
    x = torch.rand(5, 3, 16, 16) * 2 - 1
    for net in (networks.Translator(4, 1, skips=True), networks.PatchDiscriminator(3, 4)):
        together, alone = net(x), torch.cat([net(part) for part in x.split(1)])
        torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_a_score_sees_a_patch_of_eighteen_pixels():
    """Instance normalisation, which takes mean and spread from the whole map, is left out."""
    D = networks.PatchDiscriminator(1, 4)
    D.net = nn.Sequential(*(m for m in D.net if not isinstance(m, nn.InstanceNorm2d)))
    for p in D.parameters():  # all of one sign, so that nothing cancels
        nn.init.constant_(p, 0.1)
    x = torch.rand(1, 1, 64, 64).requires_grad_()
    D(x)[0, 0, 8, 5].backward()
    rows, columns = (x.grad[0, 0].abs().sum(axis).nonzero().flatten() for axis in (1, 0))
    assert rows.tolist() == list(range(4 * 8 - 7, 4 * 8 + 11)) and len(rows) == 18
    assert columns.tolist() == list(range(4 * 5 - 7, 4 * 5 + 11))


def test_patch_scores_are_raw():
    torch.manual_seed(0)
    scores = networks.PatchDiscriminator(3, 8)(torch.randn(4, 3, 32, 32))
    assert scores.min() < 0 < scores.max()
