"""The numbers that judge samples equal a library's, and see the faults they are there for."""

import math

import pytest
import torch
import torchmetrics
from torch.nn import functional as F

from helpers import data, metrics, weights


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
