"""The numbers that judge samples equal a library's, and see the faults they are there for."""

import math

import pytest
import torch
import torchmetrics
from torch import nn
from torch.nn import functional as F

from helpers import attacks, data, domains, metrics, weights


def gaussian(seed, d=6):
    generator = torch.Generator().manual_seed(seed)
    root = torch.randn(d, d, generator=generator, dtype=torch.float64)
    mu = torch.randn(d, generator=generator, dtype=torch.float64) * 3
    return mu, root @ root.T + 0.1 * torch.eye(d)


@pytest.mark.parametrize("seeds", [(0, 1), (2, 3), (4, 4)])
def test_frechet_distance_equals_torchmetrics(seeds):
    fid = pytest.importorskip("torchmetrics.image.fid")
    (mu1, cov1), (mu2, cov2) = gaussian(seeds[0]), gaussian(seeds[1])
    expected = fid._compute_fid(mu1, cov1, mu2, cov2).item()
    assert metrics.frechet_distance(mu1, cov1, mu2, cov2) == pytest.approx(expected, abs=1e-4)


def test_frechet_distance_equals_scipys_matrix_root_on_real_features():
    linalg = pytest.importorskip("scipy.linalg")
    x = data.mnist("test")[0]
    classifier = weights.load("digit_classifier")
    (mu1, cov1), (mu2, cov2) = (
        metrics.mean_and_cov(metrics.digit_features(classifier, part)[0])
        for part in (x[:1500], x[1500:3000] * 0.8)
    )
    ridge = 1e-6 * torch.eye(128, dtype=torch.float64)  # scipy's root needs full rank
    root = linalg.sqrtm((cov1 + ridge).numpy() @ (cov2 + ridge).numpy()).real
    expected = (mu1 - mu2).square().sum() + (cov1 + cov2 + 2 * ridge).trace() - 2 * root.trace()
    found = metrics.frechet_distance(mu1, cov1 + ridge, mu2, cov2 + ridge)
    assert found == pytest.approx(expected.item(), abs=1e-4)


def test_frechet_distance_by_hand():
    mu, cov = torch.zeros(2).double(), torch.eye(2).double()
    assert metrics.frechet_distance(mu, cov, mu, cov) == pytest.approx(0, abs=1e-9)
    assert metrics.frechet_distance(mu, cov, mu + 3, cov) == pytest.approx(18)
    assert metrics.frechet_distance(mu, cov, mu, 4 * cov) == pytest.approx(2)


def test_mode_coverage_by_hand():
    even = torch.arange(10).repeat(50)
    assert metrics.mode_coverage(even) == (10, 0.1, pytest.approx(1))
    one = torch.full((500,), 3)
    assert metrics.mode_coverage(one) == (1, 0.0, pytest.approx(0))
    two = torch.tensor([0] * 990 + [1] * 10)
    found, rarest, entropy = metrics.mode_coverage(two)
    expected = -(0.99 * math.log(0.99) + 0.01 * math.log(0.01)) / math.log(10)
    assert (found, rarest) == (1, 0.0) and entropy == pytest.approx(expected)


def test_sharpness_falls_with_blur_and_rises_with_specks():
    x = data.mnist("test")[0][:500]
    sharp = metrics.sharpness(x).mean()
    blurred = torch.nn.functional.avg_pool2d(x, 3, 1, 1)
    specks = torch.where(torch.rand_like(x) < 0.02, torch.ones_like(x), x)
    assert metrics.sharpness(blurred).mean() < sharp / 2
    assert metrics.sharpness(specks).mean() > 1.2 * sharp
    assert metrics.sharpness(torch.zeros(2, 1, 28, 28)).tolist() == [0, 0]


@pytest.fixture(scope="module")
def judge():
    return metrics.Judge(weights.load("digit_classifier"), data.mnist("test")[0][:4000])


def test_the_judge_knows_99_of_100_digits():
    x, labels = data.mnist("test")
    _, probs = metrics.digit_features(weights.load("digit_classifier"), x)
    assert (probs.argmax(1) == labels).float().mean() > 0.99


def test_the_judge_orders_what_is_known_to_be_worse(judge):
    x, labels = data.mnist("test")
    x, labels = x[4000:], labels[4000:]
    fresh, no_sevens = judge(x), judge(x[labels != 7])
    blurred = judge(torch.nn.functional.avg_pool2d(x, 3, 1, 1))
    noise = judge(torch.rand_like(x) * 2 - 1)
    assert fresh.frechet < no_sevens.frechet < noise.frechet
    assert fresh.frechet < blurred.frechet and blurred.sharpness < 0.5
    assert (fresh.digits, no_sevens.digits) == (10, 9) and no_sevens.rarest < 0.02
    assert fresh.sharpness == pytest.approx(1, abs=0.1) and noise.sharpness > 3


def test_the_judge_leaves_generator_and_random_state_as_they_were(judge):
    G = weights.load("vanilla_gan").train()
    state = torch.get_rng_state()
    first = judge.generator(G, 100, n=300)
    assert torch.equal(torch.get_rng_state(), state) and G.training
    assert judge.generator(G, 100, n=300) == first


def test_the_shipped_generator_covers_all_ten_digits(judge):
    scores = judge.generator(weights.load("vanilla_gan"), 100)
    assert scores.digits == 10 and scores.entropy > 0.9


def test_table_has_a_row_for_each_and_one_column_a_score(capsys):
    metrics.table({"one": metrics.Scores(1234.5, 10, 0.05, 0.9, 1.0)})
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == list(metrics.Scores._fields)
    assert row.split() == ["one", "1234", "10", "0.05", "0.90", "1.00"]


def test_discriminator_accuracy_counts_both_sides():
    real, fake = torch.tensor([1.0, -1.0, 0.3]), torch.tensor([-2.0, 0.4, 0.0])
    assert metrics.discriminator_accuracy(real, fake) == pytest.approx(4 / 6)


def test_edge_strength_falls_with_blur_and_sees_both_directions():
    stripes = torch.zeros(1, 1, 8, 6)
    stripes[..., ::2] = 1
    assert metrics.edge_strength(stripes) == metrics.edge_strength(stripes.mT) == 1
    assert metrics.edge_strength(F.avg_pool2d(stripes, 3, 1)) < 1
    assert metrics.edge_strength(torch.ones(2, 1, 5, 7)).tolist() == [0, 0]


def test_roc_auc_equals_torchmetrics_with_and_without_ties():
    torch.manual_seed(0)
    for decimals in (6, 1):
        positive, negative = (torch.rand(300) * 0.8 + 0.2), torch.rand(200)
        scores = torch.cat([positive, negative]).round(decimals=decimals)
        truth = torch.cat([torch.ones(300), torch.zeros(200)]).long()
        library = torchmetrics.functional.auroc(scores, truth, task="binary").item()
        assert metrics.roc_auc(scores[:300], scores[300:]) == pytest.approx(library, abs=1e-6)


# ---------------------------------------------------------------- classifiers and attacks


class Moody(nn.Module):
    """Reads the label off the first pixel, in eval mode only; has a weight and takes a gradient."""

    def __init__(self):
        super().__init__()
        self.weight, self.dropout = nn.Parameter(torch.ones(1)), nn.Dropout()

    def forward(self, x):
        first = x.flatten(1)[:, 0].round().long() % 10
        right = F.one_hot(first + (1 if self.training else 0), 11)[:, :10].float()
        return right * self.weight + 0 * x.flatten(1)[:, :1]


def labelled(n):
    """Images whose first pixel is their label, and the labels."""
    y = torch.arange(n) % 10
    return y.float().view(n, 1, 1, 1).repeat(1, 1, 2, 2), y


@pytest.mark.parametrize("training", [True, False])
def test_accuracy_counts_every_image_once_in_eval_mode_and_keeps_the_mode(training):
    x, y = labelled(7)
    model = Moody().train(training)
    model.dropout.train(not training)
    assert metrics.accuracy(model, x, y, batch_size=3) == 1
    y[:2] += 1
    assert metrics.accuracy(model, x, y, batch_size=3) == pytest.approx(5 / 7)
    assert (model.training, model.dropout.training) == (training, not training)


def test_robust_accuracy_weighs_each_image_the_same_in_uneven_batches():
    """The attack turns every image of the batch of one, and the first of each other batch."""
    x, y = labelled(8)
    model, calls = Moody().train(), []

    def attack(net, images, labels):
        assert net is model and torch.is_grad_enabled()
        calls.append((images, labels))
        images = images.clone()
        images[0] += 1
        return images

    loader = list(zip(x.split([5, 2, 1]), y.split([5, 2, 1])))
    assert metrics.robust_accuracy(model, loader, attack) == pytest.approx(5 / 8)
    assert metrics.robust_accuracy(model, loader, lambda net, images, labels: images) == 1
    assert all(a is b and c is d for (a, c), (b, d) in zip(calls, loader)) and len(calls) == 3
    assert model.training


def test_attack_success_rate_by_hand():
    y = torch.tensor([0, 1, 2, 3, 4, 5])
    clean = torch.tensor([0, 1, 2, 3, 9, 9])  # four were right
    adv = torch.tensor([0, 2, 3, 0, 4, 0])  # three of them turned
    assert metrics.attack_success_rate(clean, adv, y) == pytest.approx(3 / 4)
    assert metrics.attack_success_rate(y, y, y) == 0
    assert type(metrics.attack_success_rate(clean, adv, y)) is float


def test_fgsm_accuracy_is_fgsm_one_epsilon_at_a_time():
    x, y = (part[:500] for part in data.mnist("test", low=0.0))
    model, epsilons = weights.load("lenet").train(), [0.0, 0.1, 0.25, 0.05]
    expected = [metrics.accuracy(model, attacks.fgsm(model, x, y, e), y) for e in epsilons]
    found = metrics.fgsm_accuracy(model, x, y, epsilons, batch_size=300)
    assert found == pytest.approx(expected, abs=1e-6) and len(set(found)) == 4
    assert found[0] == pytest.approx(metrics.accuracy(model, x, y), abs=1e-6)
    assert model.training and all(p.grad is None for p in model.parameters())


def test_fgsm_accuracy_refuses_other_ranges_as_fgsm_does():
    x, y = (part[:5] for part in data.mnist("test"))
    with pytest.raises(ValueError, match=r"pixels in \[0, 1\]; these go from -1.00 to 1.00"):
        metrics.fgsm_accuracy(weights.load("lenet"), x, y, [0.1])


# ---------------------------------------------------------------- samples that were asked for


class Stamp(nn.Module):
    """G: an image whose pixels are its label, moved by `shift(z, y)`; in eval mode only."""

    def __init__(self, shift=lambda z, y: 0):
        super().__init__()
        self.weight, self.shift, self.z = nn.Parameter(torch.ones(1)), shift, []

    def forward(self, z, y):
        self.z.append(z)
        value = (y + self.shift(z, y) + int(self.training)) % 10
        return (value * self.weight).view(-1, 1, 1, 1).repeat(1, 1, 2, 2)


@pytest.mark.parametrize("n", [1, 130])
def test_class_accuracy_of_an_oracle_is_one_and_with_shifted_labels_zero(n):
    G, classifier = Stamp().train(), Moody().train()
    found = metrics.class_accuracy(G, classifier, 10, n, z_dim=3)
    assert found.shape == (10,) and found.tolist() == [1] * 10
    assert G.training and classifier.training and not found.requires_grad
    shifted = Stamp(lambda z, y: 1)
    assert metrics.class_accuracy(shifted, classifier, 10, n, z_dim=3).tolist() == [0] * 10


def test_class_accuracy_belongs_to_its_class():
    G = Stamp(lambda z, y: (y == 3).long() * 4)
    assert metrics.class_accuracy(G, Moody(), 10, 60, 3).tolist() == [1, 1, 1, 0, *[1] * 6]


def test_class_accuracy_draws_a_new_z_for_every_sample():
    torch.manual_seed(0)
    G = Stamp(lambda z, y: (z[:, 0] > 0).long())
    found = metrics.class_accuracy(G, Moody(), 10, 400, 3)
    assert (found - 0.5).abs().max() < 0.1
    z = torch.cat(G.z)
    assert z.shape == (4000, 3) and len(z[:, 0].unique()) > 3990


class Painters(nn.Module):
    """A pair that maps between two domains whose pictures differ by a constant."""

    def __init__(self, there, back):
        super().__init__()
        self.G_AB, self.G_BA = Shift(there), Shift(back)


class Shift(nn.Module):
    def __init__(self, by):
        super().__init__()
        self.by = by

    def forward(self, x):
        return x + self.by


def two_greys(labels=None):
    """Ten test pictures of grey 0 in [-1, 1] as A, of 0.5 as B, in pairs."""
    x = torch.zeros(10, 3, 4, 4)
    return domains.Domains(x, x + 0.5, x, x + 0.5, True, labels)


def test_translation_measures_truth_and_way_back_in_units_of_0_to_1():
    right = metrics.translation(Painters(0.5, -0.5), two_greys())
    assert right[2:] == pytest.approx((0.0, 0.0, 0.0, 0.0), abs=1e-6)
    nothing = metrics.translation(Painters(0.0, 0.0), two_greys())
    assert nothing[2:] == pytest.approx((0.25, 0.25, 0.0, 0.0), abs=1e-6)
    one_way = metrics.translation(Painters(0.5, 0.0), two_greys())
    assert one_way[2:] == pytest.approx((0.0, 0.25, 0.25, 0.25), abs=1e-6)


def test_translation_asks_the_classifier_only_where_there_are_labels():
    class Reader(nn.Module):
        def forward(self, x):  # reads 1 where the picture is bright, else 0
            return torch.stack([-x.mean((1, 2, 3)), x.mean((1, 2, 3)) - 0.4], dim=1)

    kept = metrics.translation(Painters(0.5, -0.5), two_greys(torch.ones(10).long()), Reader())
    assert kept[:2] == (1.0, 0.0)
    unknown = metrics.translation(Painters(0.5, -0.5), two_greys(), Reader())
    assert all(math.isnan(share) for share in unknown[:2])


def test_translation_without_pairs_still_knows_the_way_back():
    both = two_greys()._replace(paired=False, test_B=torch.ones(3, 3, 4, 4))
    scores = metrics.translation(Painters(0.5, 0.0), both)
    assert all(math.isnan(value) for value in scores[:4])
    assert scores.cycle_A == scores.cycle_B == pytest.approx(0.25)
