"""Attacks equal a library's on the shipped network, stay in their budget, and leave no trace."""

import copy
import functools

import pytest
import torch
import torchattacks
from torch import nn
from torch.nn import functional as F

from helpers import attacks, data, metrics, networks, weights

EPSILON = 0.1
ATTACKS = {
    "fgsm": functools.partial(attacks.fgsm, epsilon=EPSILON),
    "fgsm_targeted": functools.partial(attacks.fgsm_targeted, epsilon=EPSILON),
    "fgsm_pixel": functools.partial(attacks.fgsm_pixel, epsilon=EPSILON, mean=[0.1], std=[0.3]),
    "pgd": functools.partial(attacks.pgd, epsilon=EPSILON, alpha=0.04, steps=3),
}
each_attack = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)


@pytest.fixture(scope="module")
def digits():
    """Every tenth test digit, in [0, 1], and the labels."""
    x, y = data.mnist("test", low=0.0)
    return x[::10], y[::10]


@pytest.fixture(scope="module")
def lenet():
    return weights.load("lenet")


@pytest.fixture
def victim():
    """A classifier of 4 by 4 pixels that answers otherwise in train mode."""
    torch.manual_seed(0)
    body = nn.Flatten(), nn.Linear(16, 12), nn.BatchNorm1d(12), nn.Tanh(), nn.Dropout(0.5)
    return nn.Sequential(*body, nn.Linear(12, 5))


@pytest.fixture
def batch():
    """Images with black and white pixels among them, and labels."""
    torch.manual_seed(1)
    return (torch.rand(6, 1, 4, 4) * 1.4 - 0.2).clamp(0, 1), torch.tensor([0, 1, 2, 3, 4, 0])


# ---------------------------------------------------------------- against a library


@pytest.mark.parametrize("epsilon", [0.05, 0.25])
def test_fgsm_makes_the_examples_of_torchattacks(lenet, digits, epsilon):
    theirs = torchattacks.FGSM(lenet, eps=epsilon)(*digits)
    assert (attacks.fgsm(lenet, *digits, epsilon) - theirs).abs().max() < 1e-6


def test_targeted_fgsm_makes_the_examples_of_torchattacks(lenet, digits):
    x, y = digits
    library = torchattacks.FGSM(lenet, eps=0.2)
    library.set_mode_targeted_by_function(lambda images, labels: (labels + 1) % 10)
    ours = attacks.fgsm_targeted(lenet, x, (y + 1) % 10, 0.2)
    assert (ours - library(x, y)).abs().max() < 1e-6


@pytest.mark.parametrize("epsilon, alpha, steps", [(0.1, 0.03, 4), (0.13, 0.04, 5)])
def test_pgd_is_as_strong_as_torchattacks(lenet, digits, epsilon, alpha, steps):
    x, y = digits
    torch.manual_seed(0)
    theirs = torchattacks.PGD(lenet, eps=epsilon, alpha=alpha, steps=steps, random_start=True)(x, y)
    ours = attacks.pgd(lenet, x, y, epsilon, alpha, steps)
    expected = metrics.accuracy(lenet, theirs, y)
    assert 0.1 < expected < 0.9  # where a weaker attack would show
    assert metrics.accuracy(lenet, ours, y) == pytest.approx(expected, abs=0.01)


# ---------------------------------------------------------------- the shipped networks


def test_fgsm_takes_60_points_from_the_shipped_network(lenet):
    clean, attacked = metrics.fgsm_accuracy(lenet, *data.mnist("test", low=0.0), [0, 0.25])
    assert clean > 0.985 and clean - attacked >= 0.6


def test_the_robust_network_keeps_85_of_100_under_pgd_20(digits):
    net = weights.load("lenet_robust")
    x_adv = attacks.pgd(net, *digits, epsilon=0.2, alpha=0.02, steps=20)
    assert metrics.accuracy(net, digits[0], digits[1]) > 0.96
    assert metrics.accuracy(net, x_adv, digits[1]) >= 0.85


def test_more_effort_makes_a_stronger_attack(lenet, digits):
    x, y = digits[0][::2], digits[1][::2]
    torch.manual_seed(0)
    noise = attacks.random_start(x, EPSILON)
    fgsm, pgd = attacks.fgsm(lenet, x, y, EPSILON), attacks.pgd(lenet, x, y, EPSILON, 0.03, 5)
    ours = [metrics.accuracy(lenet, images, y) for images in (noise, fgsm, pgd)]
    assert ours[0] > ours[1] + 0.1 and ours[1] > ours[2] + 0.1


# ---------------------------------------------------------------- what an attack keeps


@each_attack
def test_budget_and_box_are_kept_and_used(victim, batch, attack):
    x_adv = attack(victim, *batch)
    assert x_adv.shape == batch[0].shape and x_adv.dtype == batch[0].dtype
    assert x_adv.min() >= 0 and x_adv.max() <= 1
    distance = attacks.linf_distance(x_adv, batch[0])
    assert distance.shape == (6,) and distance.max() <= EPSILON + 1e-6
    assert distance.min() > EPSILON / 2


@each_attack
@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_kept_in_every_layer(victim, batch, attack, training):
    victim.train(training)
    victim[2].eval()  # a frozen BatchNorm, as in fine-tuning
    before = [module.training for module in victim.modules()]
    attack(victim, *batch)
    assert [module.training for module in victim.modules()] == before


@each_attack
def test_the_model_answers_in_eval_mode(victim, batch, attack):
    buffers = copy.deepcopy(dict(victim.named_buffers()))
    results = []
    for training in (True, False):
        torch.manual_seed(2)
        results.append(attack(victim.train(training), *batch))
    assert torch.equal(*results)
    assert all(torch.equal(now, buffers[name]) for name, now in victim.named_buffers())


@each_attack
@pytest.mark.parametrize("grad", [None, 3.0])
def test_gradients_and_weights_of_the_model_are_untouched(victim, batch, attack, grad):
    for p in victim.parameters():
        p.grad = None if grad is None else torch.full_like(p, grad)
    victim[1].requires_grad_(False)
    before = copy.deepcopy(victim.state_dict())
    attack(victim, *batch)
    assert all(torch.equal(now, before[name]) for name, now in victim.state_dict().items())
    for p in victim.parameters():
        assert p.grad is None if grad is None else torch.equal(p.grad, torch.full_like(p, grad))
    assert [p.requires_grad for p in victim.parameters()] == [False] * 2 + [True] * 4


@each_attack
@pytest.mark.parametrize("wanted", [True, False])
def test_images_are_untouched_and_the_result_has_no_graph(victim, batch, attack, wanted):
    x, y = batch[0].requires_grad_(wanted), batch[1]
    before, labels = x.detach().clone(), y.clone()
    x.grad = torch.ones_like(x) if wanted else None
    x_adv = attack(victim, x, y)
    assert not x_adv.requires_grad and x_adv.data_ptr() != x.data_ptr()
    assert x.requires_grad == wanted and torch.equal(x, before) and torch.equal(y, labels)
    assert torch.equal(x.grad, torch.ones_like(x)) if wanted else x.grad is None


@each_attack
def test_an_attack_works_where_gradients_are_off(victim, batch, attack):
    torch.manual_seed(2)
    expected = attack(victim, *batch)
    with torch.no_grad():
        torch.manual_seed(2)
        assert torch.equal(attack(victim, *batch), expected)
        assert not torch.is_grad_enabled()


@each_attack
@pytest.mark.parametrize("name", ["from -1 to 1", "from 0 to 255"])
def test_other_ranges_are_refused_with_both_numbers(victim, batch, attack, name):
    x = {"from -1 to 1": data.to_gan_range(batch[0]), "from 0 to 255": batch[0] * 255}[name]
    numbers = rf"from {x.min():.2f} to {x.max():.2f}.*NormalizedModel"
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\].*" + numbers):
        attack(victim, x, batch[1])


@pytest.mark.parametrize("name", ["fgsm", "fgsm_targeted", "fgsm_pixel"])
def test_one_image_alone_gets_what_it_gets_in_a_batch(victim, batch, name):
    x, y = batch
    expected = ATTACKS[name](victim, x, y)
    for i in range(len(x)):
        torch.testing.assert_close(
            ATTACKS[name](victim, x[i : i + 1], y[i : i + 1])[0], expected[i]
        )


# ---------------------------------------------------------------- each by its formula


def linear(rows):
    """A classifier with one row of weights for each class."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, len(rows), bias=False))
    net[1].weight.data = torch.tensor(rows)
    return net


def test_input_gradient_is_the_softmax_formula_and_leaves_x():
    torch.manual_seed(0)
    net, x, y = linear(torch.randn(3, 4).tolist()), torch.rand(5, 1, 2, 2), torch.arange(5) % 3
    misses = net(x).softmax(1) - F.one_hot(y, 3)
    expected = (misses @ net[1].weight / 5).view_as(x)
    for _ in range(2):  # nothing adds up
        torch.testing.assert_close(attacks.input_gradient(net, x, y), expected.detach())
    assert not x.requires_grad and net[1].weight.grad is None


def test_fgsm_by_hand():
    net = linear([[0.0, 0.0, 0.0, 0.0], [1.0, -2.0, 0.0, 3.0]])
    x, y = torch.tensor([0.5, 0.5, 0.5, 0.95]).view(1, 1, 2, 2), torch.tensor([0])
    expected = torch.tensor([0.6, 0.4, 0.5, 1.0]).view_as(x)  # a pixel without a say stays
    torch.testing.assert_close(attacks.fgsm(net, x, y, 0.1), expected)
    torch.testing.assert_close(attacks.fgsm_targeted(net, x, 1 - y, 0.1), expected)


def test_fgsm_sweep_is_fgsm_at_each_epsilon_in_turn(victim, batch):
    epsilons = [0.0, 0.3, 0.1]
    found = list(attacks.fgsm_sweep(victim, *batch, epsilons))
    assert len(found) == 3 and victim.training
    for x_adv, epsilon in zip(found, epsilons):
        assert torch.equal(x_adv, attacks.fgsm(victim, *batch, epsilon))


def test_no_other_step_of_the_same_size_raises_a_linear_models_loss_more():
    torch.manual_seed(0)
    net, x, y = linear(torch.randn(2, 4).tolist()), torch.rand(1, 1, 2, 2) / 2 + 0.25, torch.ones(1)
    y = y.long()
    best = F.cross_entropy(net(attacks.fgsm(net, x, y, 0.2)), y)
    others = x + torch.empty(500, 1, 2, 2).uniform_(-0.2, 0.2)
    assert F.cross_entropy(net(others), y.expand(500), reduction="none").max() < best


def test_fgsm_pixel_steps_by_epsilon_in_pixels_for_each_channel():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 3), nn.Tanh(), nn.Linear(3, 4))
    x, y = torch.rand(5, 3, 2, 2) / 2 + 0.25, torch.arange(5) % 4
    mean, std = [0.1, 0.5, 0.9], [0.2, 1.0, 3.0]
    pixels = x.clone().requires_grad_()
    shift, scale = (torch.tensor(values).view(1, 3, 1, 1) for values in (mean, std))
    F.cross_entropy(net((pixels - shift) / scale), y).backward()
    expected = x + 0.1 * pixels.grad.sign()
    torch.testing.assert_close(attacks.fgsm_pixel(net, x, y, 0.1, mean, std), expected)
    wrapped = networks.NormalizedModel(net, mean, std)
    torch.testing.assert_close(attacks.fgsm(wrapped, x, y, 0.1), expected)


def test_linf_project_gives_the_nearest_allowed_pixel():
    torch.manual_seed(0)
    x, x_adv = torch.rand(2, 1, 5, 5), torch.rand(2, 1, 5, 5) * 3 - 1
    found = attacks.linf_project(x_adv, x, 0.3)
    assert attacks.linf_distance(found, x).max() <= 0.3 + 1e-6
    candidates = torch.linspace(0, 1, 2001).view(-1, 1, 1, 1, 1)
    far = (candidates - x).abs() > 0.3
    nearest = (candidates - x_adv).abs().masked_fill(far, torch.inf).amin(0)
    torch.testing.assert_close((found - x_adv).abs(), nearest, atol=1e-3, rtol=0)
    assert torch.equal(attacks.linf_project(found, x, 0.3), found)


def test_random_start_is_uniform_new_at_every_call_and_for_every_pixel():
    torch.manual_seed(0)
    x = torch.full((200, 1, 10, 10), 0.5)
    first, second = (attacks.random_start(x, 0.2) - x for _ in range(2))
    assert not torch.equal(first, second)
    rank = (first / 0.4 + 0.5).flatten().sort().values
    assert (rank - torch.linspace(0, 1, len(rank))).abs().max() < 1.95 / len(rank) ** 0.5
    flat = first.flatten(1)
    assert len(flat.unique()) > 0.9 * flat.numel()  # float32 has few numbers near 1/2
    assert attacks.random_start(torch.ones(3, 1, 4, 4), 0.2).max() == 1


def test_pgd_starts_anew_and_projects_on_the_clean_image(victim, batch):
    """Steps longer than the budget end on its border, or on the border of [0, 1]."""
    torch.manual_seed(0)
    first, second = (attacks.pgd(victim, *batch, 0.1, 0.01, 1) for _ in range(2))
    assert not torch.equal(first, second)
    x_adv = attacks.pgd(victim, *batch, 0.1, 1.0, 3)
    x = batch[0]
    at_border = [(x_adv - end).abs() < 1e-6 for end in ((x - 0.1).clamp(0), (x + 0.1).clamp(max=1))]
    assert (at_border[0] | at_border[1]).all()


def test_linf_distance_is_the_largest_change_in_each_image():
    x = torch.zeros(2, 1, 2, 2)
    x_adv = torch.tensor([[0.1, -0.3, 0.0, 0.2], [0.0, 0.0, 0.0, 0.05]]).view_as(x)
    torch.testing.assert_close(attacks.linf_distance(x_adv, x), torch.tensor([0.3, 0.05]))
