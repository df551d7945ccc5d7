"""Two domains share no example, what is called a pair is one, any folder of pictures is read."""

import io
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import data, domains


@pytest.fixture(scope="module")
def digits():
    return domains.striped_digits(n_test=300)


@pytest.fixture(scope="module")
def emoji():
    return domains.emoji()


def in_range(*pictures):
    return all(x.dtype == torch.float32 and x.min() >= -1 and x.max() <= 1 for x in pictures)


# ---------------------------------------------------------------- striped digits


def test_a_horse_is_brown_on_grass_and_a_zebra_striped_on_sand():
    ink, paper = torch.ones(1, 1, 4, 4), torch.zeros(1, 1, 4, 4)
    brown, grass = domains.horses(ink)[0, :, 0, 0], domains.horses(paper)[0, :, 0, 0]
    assert brown[0] > brown[1] > brown[2] and grass.argmax() == 1
    stripes = domains.zebras(ink)[0]
    assert torch.equal(stripes[0], stripes[1]) and len(stripes.unique()) == 2
    signs = [[-1, -1, 1, 1], [-1, 1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
    assert stripes[0].sign().tolist() == signs
    sand = domains.zebras(paper)[0]
    assert torch.equal(sand, sand[:, :1, :1].expand(3, 4, 4)) and sand[0, 0, 0] > sand[2, 0, 0]


def test_grey_is_between_ink_and_paper():
    for paint in (domains.horses, domains.zebras):
        ends = paint(torch.ones(1, 1, 6, 6)), paint(torch.zeros(1, 1, 6, 6))
        middle = paint(torch.full((1, 1, 6, 6), 0.25))
        torch.testing.assert_close(middle, 0.25 * ends[0] + 0.75 * ends[1])


def test_striped_digits_have_the_shapes_and_the_range(digits):
    assert digits.A.shape == digits.B.shape == (10_000, 3, 28, 28)
    assert digits.test_A.shape == digits.test_B.shape == (300, 3, 28, 28)
    assert in_range(*digits[:4]) and digits.paired and digits.labels.shape == (300,)


def test_the_test_digits_are_true_counterparts(digits):
    grey, labels = data.mnist("test", low=0.0)
    torch.testing.assert_close(digits.test_A, domains.horses(grey[:300]))
    torch.testing.assert_close(digits.test_B, domains.zebras(grey[:300]))
    assert torch.equal(digits.labels, labels[:300])


def test_the_two_domains_are_made_of_different_digits(digits):
    def grey_of(x, ink, paper):  # the channel where ink and paper differ in both coats
        return ((x[:, 0] - paper) / (ink - paper)).round(decimals=2).flatten(1)

    horses = grey_of(digits.A, 2 * 0.45 - 1, 2 * 0.25 - 1)
    white = digits.B[:, 0] > 0.6  # sand is a red of 0.6: only white stripes are above
    grey, _ = data.mnist("train", low=0.0)
    assert (horses - grey[: domains.HALF, 0].flatten(1)).abs().max() < 0.01
    assert not (white & (grey[domains.HALF : 2 * domains.HALF, 0] == 0)).any()
    torch.testing.assert_close(digits.B, domains.zebras(grey[domains.HALF : 2 * domains.HALF]))


def test_a_dyed_horse_has_a_colour_of_its_own_and_the_same_every_time(digits):
    dyed = domains.dyed_digits(50)
    assert in_range(*dyed[:4]) and torch.equal(dyed.B, digits.B)
    assert torch.equal(dyed.test_B, digits.test_B[:50]) and dyed.paired
    coats = domains._dyes(200, 0)[:, :, 0, 0]
    assert torch.equal(coats, domains._dyes(200, 0)[:, :, 0, 0])
    assert len(coats.unique(dim=0)) == 200 and coats.min() >= 0.04
    torch.testing.assert_close(coats.sum(1), torch.full((200,), 1.2))  # as bright as each other
    grey, _ = data.mnist("test", low=0.0)
    paper, ink = grey[:50] == 0, grey[:50] == 1
    assert torch.equal(dyed.test_A * paper, digits.test_A[:50] * paper)  # on the same grass
    expected = data.to_gan_range(domains._dyes(50, 1)).expand(-1, 3, 28, 28)
    torch.testing.assert_close(dyed.test_A * ink, expected * ink)


# ---------------------------------------------------------------- emoji


def test_the_emoji_have_their_counts_and_range(emoji):
    assert [len(x) for x in emoji[:4]] == [696, 722, 144, 144]
    assert all(x.shape[1:] == (3, 32, 32) for x in emoji[:4]) and in_range(*emoji[:4])
    assert emoji.paired and emoji.labels is None


def test_no_emoji_of_A_has_its_counterpart_in_B(emoji):
    """But for one: the set draws the cat (B) as the smiling cat (A), pixel by pixel."""
    flat, clay, split = domains._emoji()
    assert len(split) == 1562 and set(split) == {"A", "B", "test"}
    assert torch.equal(emoji.A, flat[split == "A"]) and torch.equal(emoji.B, clay[split == "B"])
    counterparts = {x.numpy().tobytes() for x in clay[split == "A"]}
    assert len(counterparts & {x.numpy().tobytes() for x in emoji.B}) == 1
    assert len({x.numpy().tobytes() for x in clay}) == 1561


def test_to_change_nothing_is_off_by_six_hundredths(emoji):
    off = (emoji.test_A - emoji.test_B).abs().mean() / 2  # pixels of [0, 1]
    assert off.item() == pytest.approx(0.061, abs=0.001)


def test_the_pairs_are_pairs_and_leave_the_test_out(emoji):
    flat, clay = domains.emoji_pairs()
    assert torch.equal(flat, emoji.A) and clay.shape == flat.shape
    together = (flat - clay).abs().mean((1, 2, 3))
    apart = (flat - clay.roll(1, 0)).abs().mean((1, 2, 3))
    assert (together < apart).float().mean() > 0.99
    tested = {x.numpy().tobytes() for x in emoji.test_A}
    assert not tested & {x.numpy().tobytes() for x in flat}


def test_tiles_lie_on_the_sheet_row_by_row(emoji):
    sheet = np.asarray(Image.open(data.ROOT / "emoji" / "fluentflat_32.png").convert("RGB"))
    flat, _, _ = domains._emoji()
    for i in (0, 39, 40, 1561):
        row, column = divmod(i, 40)
        tile = sheet[32 * row : 32 * row + 32, 32 * column : 32 * column + 32]
        expected = torch.from_numpy(tile / 255).permute(2, 0, 1).float()
        torch.testing.assert_close(data.to_display_range(flat[i]), expected, atol=1e-6, rtol=0)


# ---------------------------------------------------------------- batches


def test_batches_take_each_domain_in_an_order_of_its_own():
    A, B = torch.arange(20.0), torch.arange(100.0, 120.0)
    both = domains.Domains(A, B, A, B, False)
    batches = list(both.batches(5, 9))
    assert len(batches) == 9 and all(a.shape == b.shape == (5,) for a, b in batches)
    first_pass = [torch.cat(part) for part in zip(*batches[:4])]
    assert torch.equal(first_pass[0].sort().values, A)
    assert torch.equal(first_pass[1].sort().values, B)
    assert not torch.equal(first_pass[0] + 100, first_pass[1])


def test_domains_of_different_size_go_on_until_the_steps_are_done():
    both = domains.Domains(torch.zeros(4), torch.ones(10), None, None, False)
    assert len(list(both.batches(4, 7))) == 7
    with pytest.raises(ValueError, match="1 to 4"):
        list(both.batches(5, 1))


def test_domains_move_as_a_whole(digits):
    moved = digits.to("meta")
    assert all(x.device.type == "meta" for x in (*moved[:4], moved.labels)) and moved.paired
    assert digits.A.device.type == "cpu"


# ---------------------------------------------------------------- photographs


@pytest.fixture
def folder(tmp_path):
    """The usual layout: one, two, three and four grey pictures, and what else lies about."""
    for count, part in enumerate(domains.PARTS, 1):
        (tmp_path / part).mkdir()
        for i in range(count):
            image = Image.new("RGB", (20 + i, 16), (50 * count,) * 3)
            image.save(tmp_path / part / f"{i}.{'jpg' if i % 2 else 'PNG'}")
        for name in (".DS_Store", "._0.jpg", ".hidden.png", "Thumbs.db", "notes.txt"):
            (tmp_path / part / name).write_bytes(b"no picture")
    return tmp_path


def saved(tmp_path, image, name="picture.png", **options):
    image.save(tmp_path / name, **options)
    return tmp_path / name


def test_photographs_are_read_from_the_four_folders(folder):
    both = domains.photographs(folder, size=8)
    assert [x.shape for x in both[:4]] == [(n, 3, 8, 8) for n in (1, 2, 3, 4)]
    assert in_range(*both[:4]) and not both.paired and both.labels is None
    for count, x in enumerate(both[:4], 1):
        assert (data.to_display_range(x) - 50 * count / 255).abs().max() < 0.01
    assert domains.photographs(str(folder)).A.shape == (1, 3, 64, 64)


def test_photographs_come_in_the_order_of_their_names(folder):
    for i, grey in enumerate((200, 10, 90)):
        Image.new("L", (9, 9), grey).save(folder / "trainA" / f"b{i}.png")
    greys = domains.photographs(folder, size=4).A[1:, 0, 0, 0]
    torch.testing.assert_close(data.to_display_range(greys) * 255, torch.tensor([200.0, 10, 90]))


@pytest.mark.parametrize("part", domains.PARTS)
def test_a_missing_folder_is_named_with_all_that_are_expected(folder, part):
    shutil.rmtree(folder / part)
    with pytest.raises(data.DataError, match=f"{part} is missing: expected.*trainA.*testB"):
        domains.photographs(folder)


def test_a_folder_without_pictures_says_what_it_holds(folder):
    for path in (folder / "testA").iterdir():
        path.unlink()
    with pytest.raises(data.DataError, match="testA holds no pictures.*found 0 files. Save"):
        domains.photographs(folder)
    (folder / "testA" / "IMG_1.HEIC").write_bytes(b"")
    with pytest.raises(data.DataError, match="found 1 files, such as IMG_1.HEIC.*iPhone"):
        domains.photographs(folder)


def test_a_picture_that_is_damaged_is_named(folder):
    path = folder / "trainB" / "1.jpg"
    for content in (path.read_bytes()[:-300], b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"?" * 90):
        path.write_bytes(content)
        with pytest.raises(
            data.DataError, match="1.jpg is no picture that can be read .*: expected"
        ):
            domains.photographs(folder)


def test_the_middle_square_is_taken_and_scaled(tmp_path):
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 9:21] = 255  # the middle square is white, and what its edge is mixed with
    x = domains.picture(saved(tmp_path, Image.fromarray(pixels)), 5)
    assert x.shape == (1, 3, 5, 5) and x.min() == 1
    assert (
        domains.picture(saved(tmp_path, Image.fromarray(pixels).rotate(90, expand=True)), 5).min()
        == 1
    )


def test_small_pictures_are_scaled_up(tmp_path):
    assert domains.picture(saved(tmp_path, Image.new("RGB", (3, 2), "red")), 32).shape[2:] == (
        32,
        32,
    )


@pytest.mark.parametrize("mode", ["L", "1", "RGBA", "LA", "P", "CMYK", "YCbCr"])
def test_every_kind_of_picture_becomes_three_colours(tmp_path, mode):
    name = "picture.tif" if mode in ("CMYK", "YCbCr") else "picture.png"
    x = domains.picture(saved(tmp_path, Image.new("RGB", (8, 8), "white").convert(mode), name), 4)
    assert x.shape == (1, 3, 4, 4) and x.min() > 0.98


def test_what_is_clear_is_white(tmp_path):
    clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    assert domains.picture(saved(tmp_path, clear), 4).min() == 1


def test_a_photograph_is_upright_as_the_camera_was_held(tmp_path):
    """Orientation 6: the top of the picture is on the left of the stored one."""
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[20:] = 255
    stored = Image.fromarray(pixels)
    tag = Image.Exif()
    tag[0x0112] = 6
    x = domains.picture(saved(tmp_path, stored, "photo.jpg", exif=tag, quality=95), 4)[0, 0]
    assert x[:, 0].min() > 0.9 and x[:, 3].max() < -0.9


def test_a_large_photograph_is_the_same_read_at_its_size(tmp_path):
    """JPEG is decoded at about the size that is wanted; the picture stays the same."""
    coarse = np.random.default_rng(0).integers(0, 256, (64, 80, 3), np.uint8)
    image = Image.fromarray(coarse.repeat(8, 0).repeat(8, 1))
    quick, whole = (
        domains.picture(saved(tmp_path, image, name, quality=95, subsampling=0), 128)
        for name in ("photo.jpg", "photo.png")
    )
    assert (quick - whole).abs().mean() < 0.02  # what JPEG loses; 0.11 if decoded too small


def test_a_file_in_memory_is_read_and_named(tmp_path):
    memory = io.BytesIO(saved(tmp_path, Image.new("RGB", (8, 8), "red")).read_bytes())
    assert domains.picture(memory, 4)[0, :, 0, 0].tolist() == [1, -1, -1]
    bad = io.BytesIO(b"no picture")
    bad.name = "cat.jpg"
    with pytest.raises(data.DataError, match="^cat.jpg is no picture.*another kind of file"):
        domains.picture(bad, 4)


def test_a_picture_as_large_as_a_bomb_is_refused(tmp_path, monkeypatch):
    path = saved(tmp_path, Image.new("L", (40, 40)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(data.DataError, match="picture.png is no picture.*exceeds limit"):
        domains.picture(path, 4)
