"""Digits reach the reader whole, or the reader hears which file is wrong and what to do."""

import gzip
import os
import shutil
import subprocess
import sys

import pytest
import torch
from torchvision import datasets, transforms

from helpers import data

LABELS = "MNIST/raw/t10k-labels-idx1-ubyte.gz"


@pytest.fixture
def own_data(tmp_path):
    """A copy of the shipped archives that a test may damage."""
    shutil.copytree(
        data.ROOT / "MNIST", tmp_path / "MNIST", ignore=shutil.ignore_patterns("*-ubyte")
    )
    shutil.copy(data.ROOT / "checksums.sha256", tmp_path)
    return tmp_path


def test_mnist_is_the_real_one():
    x, labels = data.mnist("train", low=0.0)
    assert x.shape == (60_000, 1, 28, 28) and labels.shape == (60_000,)
    assert x.mean().item() == pytest.approx(0.1307, abs=1e-4)
    assert x.std().item() == pytest.approx(0.3081, abs=1e-4)
    assert torch.bincount(labels).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949
    ]  # fmt: skip


@pytest.mark.parametrize("low", [-1.0, 0.0])
def test_range_is_the_one_asked_for(low):
    x, _ = data.mnist("test", low=low)
    assert (x.min().item(), x.max().item()) == (low, 1.0)


def test_the_same_pixels_as_torchvision_offline(own_data):
    scale = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    theirs = datasets.MNIST(own_data, train=False, download=True, transform=scale)
    x, labels = data.mnist("test")
    for i in (0, 17, 9_999):
        torch.testing.assert_close(theirs[i][0], x[i])
        assert theirs[i][1] == labels[i]


@pytest.mark.parametrize("harm", ["missing", "truncated", "one bit"])
def test_a_damaged_file_is_named_with_both_checksums_and_a_remedy(own_data, harm):
    path = own_data / LABELS
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        changed = content[:1000] if harm == "truncated" else content[:-1] + bytes([content[-1] ^ 1])
        path.write_bytes(changed)
    with pytest.raises(data.DataError) as caught:
        data.mnist("test", root=own_data)
    text = str(caught.value)
    assert path.name in text and data.checksums()[LABELS] in text and "git checkout" in text
    assert ("found" in text) == (harm != "missing")


def test_a_missing_list_of_checksums_is_named(own_data):
    (own_data / "checksums.sha256").unlink()
    with pytest.raises(data.DataError, match="checksums.sha256 is missing"):
        data.mnist("test", root=own_data)


def test_a_file_without_checksum_is_not_trusted(own_data):
    (own_data / "MNIST" / "raw" / "more.gz").write_bytes(gzip.compress(b"0"))
    with pytest.raises(data.DataError, match="no checksum"):
        data.verified("MNIST/raw/more.gz", own_data)


@pytest.mark.skipif(os.name != "posix", reason="folders are made read-only by POSIX permissions")
def test_a_read_only_data_folder_works(own_data, tmp_path_factory):
    """Root may write everywhere, so it gives up that power first."""
    powerless = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("run by root, and there is no setpriv to give up root's power to write")
        powerless = ["setpriv", "--bounding-set=-dac_override"]
    folders = own_data / "MNIST" / "raw", own_data / "MNIST", own_data
    code = (
        "from helpers import data; from torchvision import datasets\n"
        f"shipped = {str(own_data)!r}\n"
        "root = data.torchvision_root(shipped)\n"
        "assert str(root) != shipped, root\n"
        "print(len(datasets.MNIST(root, download=True)), len(data.mnist('test', root=shipped)[0]))"
    )
    for folder in folders:
        folder.chmod(0o555)
    run = subprocess.run(
        [*powerless, sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("own"))},
        cwd=data.ROOT.parent, capture_output=True, text=True,
    )  # fmt: skip
    for folder in reversed(folders):
        folder.chmod(0o755)
    assert run.stdout.split() == ["60000", "10000"], run.stderr


def test_wrong_arguments_hear_both_sides():
    with pytest.raises(ValueError, match='"train" or "test", not \'validation\''):
        data.mnist("validation")
    with pytest.raises(ValueError, match="not -0.5"):
        data.mnist("test", low=-0.5)
    with pytest.raises(ValueError, match="1 to 10.*not 11"):
        data.Batches(torch.zeros(10, 1), 11)


def test_batches_use_every_example_once_a_pass_in_a_new_order():
    batches = data.Batches(torch.arange(100), 10)
    first, second = torch.cat(list(batches.epoch())), torch.cat(list(batches.epoch()))
    assert first.sort().values.tolist() == list(range(100))
    assert first.tolist() != second.tolist()
    assert len(batches) == 10


def test_batches_leave_the_short_one_out_and_go_on_for_as_long_as_asked():
    batches = data.Batches(torch.arange(25), 10)
    taken = list(batches.take(7))
    assert [len(b) for b in taken] == [10] * 7
    assert list(batches.take(0)) == []


def test_batches_repeat_with_the_seed():
    batches = data.Batches(torch.arange(50), 5)
    runs = []
    for _ in range(2):
        torch.manual_seed(3)
        runs.append(torch.cat(list(batches.take(4))).tolist())
    assert runs[0] == runs[1]


def test_ranges_undo_each_other():
    x = torch.tensor([0.0, 0.25, 1.0])
    assert data.to_gan_range(x).tolist() == [-1.0, -0.5, 1.0]
    torch.testing.assert_close(data.to_display_range(data.to_gan_range(x)), x)


# ---------------------------------------------------------------- labels


def test_batches_with_labels_keep_the_pairs_together():
    x = torch.arange(23)
    batches = data.Batches(x, 5, labels=x * 10)
    seen = []
    for _ in range(2):
        for x_part, labels in batches.epoch():
            assert torch.equal(labels, x_part * 10) and len(labels) == 5
            seen.append(x_part)
    assert len(torch.cat(seen[:4]).unique()) == 20 and not torch.equal(seen[0], seen[4])
    assert all(torch.equal(labels, part * 10) for part, labels in batches.take(9))


@pytest.mark.parametrize("count", [9, 11])
def test_labels_of_another_number_hear_both(count):
    with pytest.raises(ValueError, match=f"need 10 labels, not {count}"):
        data.Batches(torch.zeros(10, 1), 2, labels=torch.zeros(count))


def test_one_hot_is_a_row_for_each_label():
    rows = data.one_hot(torch.tensor([2, 0]), 4)
    assert rows.dtype == torch.float32 and rows.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]


def test_random_labels_are_uniform_and_new():
    torch.manual_seed(0)
    labels = data.random_labels(20_000, 10)
    assert labels.shape == (20_000,) and labels.dtype == torch.int64
    shares = torch.bincount(labels) / 20_000
    assert len(shares) == 10 and (shares - 0.1).abs().max() < 0.01
    assert not torch.equal(data.random_labels(50, 10), data.random_labels(50, 10))


def test_wrong_labels_are_never_right_and_uniform_over_the_others():
    torch.manual_seed(0)
    y = torch.arange(10).repeat_interleave(5000)
    wrong = data.wrong_labels(y, 10)
    assert wrong.shape == y.shape and wrong.dtype == torch.int64
    shares = torch.bincount(10 * y + wrong, minlength=100).view(10, 10) / 5000
    assert shares.diagonal().tolist() == [0] * 10
    others = shares[~torch.eye(10, dtype=torch.bool)]
    assert (others - 1 / 9).abs().max() < 0.02
    assert data.wrong_labels(torch.tensor([0, 1, 1]), 2).tolist() == [1, 0, 0]
