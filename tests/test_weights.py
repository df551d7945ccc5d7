"""Shipped weights load only if they are whole, and saving loses nothing."""

import shutil

import pytest
import torch

from helpers import data, networks, weights


@pytest.fixture
def own_root(tmp_path):
    (tmp_path / "weights").mkdir()
    shutil.copy(data.ROOT / "checksums.sha256", tmp_path)
    for path in (data.ROOT / "weights").glob("*.pt"):
        shutil.copy(path, tmp_path / "weights")
    return tmp_path


def test_every_network_on_the_list_ships_and_every_file_is_on_the_list():
    shipped = {path.stem for path in (data.ROOT / "weights").glob("*.pt")}
    assert shipped == set(weights.NETWORKS)
    for name in weights.NETWORKS:
        assert not weights.load(name).training
    assert set(data.checksums()) >= {f"weights/{name}.pt" for name in shipped}


def test_every_training_ships_with_its_log():
    for name in weights.NETWORKS:
        assert (data.ROOT / "weights" / f"{name}.log").read_text()


def test_an_unknown_name_hears_the_known_ones():
    with pytest.raises(ValueError, match="vanilla_gan.*not for 'vanilla'"):
        weights.load("vanilla")


def test_saved_weights_come_back_rounded_to_half(own_root, monkeypatch):
    net = networks.Generator()
    weights.save("vanilla_gan", net, own_root)
    monkeypatch.setattr(weights, "verified", lambda name: data.verified(name, own_root))
    loaded = weights.load("vanilla_gan")
    for mine, theirs in zip(net.parameters(), loaded.parameters()):
        assert torch.equal(mine.half().float(), theirs)
    assert data.checksums(own_root).keys() == data.checksums().keys()


def test_two_trainings_that_end_one_after_the_other_keep_both_checksums(own_root):
    data.checksums(own_root)  # read when this training began
    listing = own_root / "checksums.sha256"
    listing.write_text(f"{'0' * 64}  weights/other.pt\n" + listing.read_text())  # another one ends
    weights.save("vanilla_gan", networks.Generator(), own_root)
    assert "weights/other.pt" in listing.read_text()


def test_damaged_weights_are_not_opened(own_root):
    path = own_root / "weights" / "vanilla_gan.pt"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(data.DataError, match="vanilla_gan.pt is damaged: expected SHA-256"):
        data.verified("weights/vanilla_gan.pt", own_root)


def test_a_full_disk_leaves_the_old_weights(own_root, monkeypatch):
    path = own_root / "weights" / "vanilla_gan.pt"
    old = path.read_bytes()

    def no_space(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", no_space)
    with pytest.raises(OSError, match="No space left"):
        weights.save("vanilla_gan", networks.Generator(), own_root)
    assert path.read_bytes() == old
    assert {p.name for p in path.parent.iterdir()} == {f"{name}.pt" for name in weights.NETWORKS}
