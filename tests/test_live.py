"""The living figure keeps its curves, its budget and the reader's work."""

import io
import json
import random
import re

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from PIL import Image
from torch import nn

from helpers import images, live, quiz, runtime, training, translation, widgets


class Slot:
    """Stands in for IPython's display slot; notes every figure."""

    def __init__(self):
        self.figures = []

    def __call__(self, figure, display_id=None):
        self.figures.append(figure)
        return self

    update = __call__


@pytest.fixture
def slot(monkeypatch):
    slot = Slot()
    monkeypatch.setattr(live, "display", slot)
    monkeypatch.setattr(widgets, "display", lambda thing, display_id=None: slot(thing))
    return slot


def steps(first, last):
    return [training.Step(n, 0.7, 0.7, 0.6, 0.4) for n in range(first, last + 1)]


def curve(figure, label):
    lines = [line for ax in figure.axes for line in ax.get_lines() if line.get_label() == label]
    return list(lines[0].get_xdata())


def feed(plot, items):
    with plot:
        for step in items:
            plot.update(step)


def test_last_figure_shows_every_point_the_probabilities_and_the_line_at_a_half(slot):
    feed(live.LivePlot(lambda ax: ax.set_title("picture"), every=1), steps(1, 9))
    last = slot.figures[-1]
    assert curve(last, "loss_D") == list(range(1, 10))
    assert [ax.get_title() for ax in last.axes][1:] == [
        "D(x_real) = 0.60\nD(x_fake) = 0.40", "picture"
    ]  # fmt: skip
    assert curve(last, "cannot tell")
    assert plt.get_fignums() == []


def test_other_panels_take_their_curves_from_any_step(slot):
    steps_of_a_vae = [training.VAEStep(n, 30.0, 0.5 * n) for n in range(1, 5)]
    feed(live.LivePlot(lambda ax: None, every=1, groups=live.VAE), steps_of_a_vae)
    last = slot.figures[-1]
    assert curve(last, "loss_kl") == curve(last, "loss_recon") == [1, 2, 3, 4]
    assert [ax.get_title() for ax in last.axes] == ["loss_kl = 2.00", "loss_recon = 30.00", ""]
    assert [ax.get_ylabel() for ax in last.axes][:2] == sorted(live.VAE)


def test_the_panels_of_a_cyclegan_hold_all_of_its_losses(slot):
    items = [translation.CycleStep(n, 2.0, 0.1 * n, 0.3, 0.5) for n in range(1, 5)]
    feed(live.LivePlot(lambda ax: None, every=1, groups=live.CYCLEGAN), items)
    curves = {key: name for panel in live.CYCLEGAN.values() for key, name in panel.items()}
    assert set(curves) == set(translation.CycleStep._fields[1:])
    assert all(curve(slot.figures[-1], name) == [1, 2, 3, 4] for name in curves.values())
    titles = {ax.get_ylabel(): ax.get_title() for ax in slot.figures[-1].axes}
    assert titles["adversarial, both directions"] == "loss_adv (G) = 2.00\nloss_D = 0.50"
    assert titles["mean absolute error"] == "loss_cycle = 0.40\nloss_identity = 0.30"
    colours = {live.COLOURS[name] for name in curves.values()}
    assert len(colours) == 4


def test_points_are_means_and_the_rest_is_not_lost(slot):
    plot = live.LivePlot(lambda ax: None, every=4)
    feed(plot, steps(1, 10))
    assert curve(slot.figures[-1], "loss_G") == [4, 8, 10]


def test_curves_go_on_after_an_interruption(slot):
    plot = live.LivePlot(lambda ax: None, every=1)
    with pytest.raises(live.Stopped, match="Stopped after step 3.*kept"), plot:
        for step in steps(1, 9):
            plot.update(step)
            if step.number == 3:
                raise KeyboardInterrupt
    assert curve(slot.figures[-1], "loss_D") == [1, 2, 3]
    feed(plot, steps(plot.number + 1, 6))
    assert curve(slot.figures[-1], "loss_D") == [1, 2, 3, 4, 5, 6]


def test_stopped_is_one_line_and_still_stops_a_run_of_all_cells():
    error = live.Stopped("Stopped after step 3.")
    assert isinstance(error, KeyboardInterrupt)
    assert error._render_traceback_() == ["Stopped after step 3."]


def test_other_errors_pass_and_the_curves_are_drawn(slot):
    plot = live.LivePlot(lambda ax: None, every=1)
    with pytest.raises(ValueError, match="broken"), plot:
        plot.update(steps(1, 1)[0])
        raise ValueError("broken")
    assert curve(slot.figures[-1], "loss_D") == [1]


def test_drawing_waits_until_it_is_a_small_share_of_the_time(slot, monkeypatch):
    clock = iter(range(10_000))  # every look at the clock takes a second
    monkeypatch.setattr(live.time, "perf_counter", lambda: next(clock))
    feed(live.LivePlot(lambda ax: None, every=1), steps(1, 200))
    looks = next(clock)
    assert 2 < len(slot.figures) < looks * live.DRAWING_SHARE * 2


def test_samples_draw_the_same_latents_and_leave_the_mode(slot):
    G = nn.Sequential(nn.Linear(4, 784), nn.Dropout(0.5), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    picture = live.samples(G, torch.randn(8, 4))
    shown = []
    for _ in range(2):
        figure, ax = plt.subplots()
        picture(ax)
        shown.append(ax.get_images()[0].get_array().data.tobytes())
        plt.close(figure)
    assert shown[0] == shown[1] and G.training


def test_latent_walk_redraws_when_the_slider_moves(slot, monkeypatch):
    sliders = []
    slider = widgets.ipywidgets.IntSlider
    monkeypatch.setattr(
        widgets.ipywidgets,
        "IntSlider",
        lambda *a, **k: sliders.append(slider(*a, **k)) or sliders[-1],
    )
    G = nn.Sequential(nn.Linear(4, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    widgets.latent_walk(G, torch.randn(4), torch.randn(4))
    before = len(slot.figures)
    first = slot.figures[0].axes[0].get_images()[0].get_array()
    sliders[0].value = 90
    assert len(slot.figures) == before + 1
    assert (slot.figures[-1].axes[0].get_images()[0].get_array() != first).any()
    assert plt.get_fignums() == []


def test_a_walk_ends_at_its_two_latents(slot):
    G = nn.Sequential(nn.Linear(4, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    ends = torch.randn(4), torch.randn(4)
    widgets.latent_walk(G, *ends, stops=3)
    strip = torch.as_tensor(slot.figures[0].axes[1].get_images()[0].get_array())
    with torch.no_grad():
        for part, z in ((strip[:, :28], ends[0]), (strip[:, -28:], ends[1])):
            torch.testing.assert_close(part, images.grid(G(z.unsqueeze(0)), 1), atol=1e-5, rtol=0)


class Stripes(nn.Module):
    """A conditional G whose pictures show the label above and z below; with dropout."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.5)
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, z, y):
        rows = torch.stack([y / 10, torch.tanh(self.drop(z)[:, 0])], dim=1)
        return self.weight * rows.view(-1, 1, 2, 1).repeat_interleave(14, 2).expand(-1, -1, -1, 28)


def test_a_digit_walk_shows_the_class_and_goes_on_from_z_to_z(slot, monkeypatch):
    sliders, slider = [], widgets.ipywidgets.IntSlider
    monkeypatch.setattr(
        widgets.ipywidgets,
        "IntSlider",
        lambda *a, **k: sliders.append(slider(*a, **k)) or sliders[-1],
    )
    G = Stripes()
    widgets.digit_walk(G, 4, stops=3)
    digit, number, angle = sliders

    def shown(digit_now, number_now, angle_now):
        digit.value, number.value, angle.value = digit_now, number_now, angle_now
        figures = [thing for thing in slot.figures if isinstance(thing, plt.Figure)]
        return torch.as_tensor(figures[-1].axes[0].get_images()[0].get_array())

    start, end = shown(3, 2, 0), shown(3, 2, 90)
    assert not torch.allclose(start, end)
    torch.testing.assert_close(end, shown(3, 3, 0), atol=1e-5, rtol=0)
    other = shown(8, 3, 0)
    assert other[0, 0] == pytest.approx((1 + 8 / 10) / 2) and torch.equal(other[-1], end[-1])
    assert G.training and plt.get_fignums() == []


class Brightness(nn.Module):
    """Reads 1 where a picture's mean is above 1/2, else 0; with dropout, so that the mode shows."""

    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(0.9)

    def forward(self, x):
        mean = self.drop(x).mean((1, 2, 3))
        return 20 * torch.stack([0.5 - mean, mean - 0.5], dim=1)


def test_the_attack_slider_shows_the_change_and_what_the_model_says_of_it(slot, monkeypatch):
    sliders = []
    for kind in ("IntSlider", "FloatSlider"):
        made = getattr(widgets.ipywidgets, kind)
        monkeypatch.setattr(
            widgets.ipywidgets,
            kind,
            lambda *a, made=made, **k: sliders.append(made(*a, **k)) or sliders[-1],
        )
    model, x = Brightness(), torch.full((2, 1, 4, 4), 0.4)
    widgets.attack(model, x, torch.tensor([0, 1]), lambda model, x, y, epsilon: x + epsilon)
    epsilon, which = sliders

    def said(epsilon_now, which_now):
        epsilon.value, which.value = epsilon_now, which_now
        figure = [thing for thing in slot.figures if isinstance(thing, plt.Figure)][-1]
        bars = figure.axes[3].patches
        change = torch.as_tensor(figure.axes[2].get_images()[0].get_array())
        return change.mean().item(), [bar.get_height() for bar in bars], bars[which_now]

    change, (zero, one), _ = said(0.05, 0)
    assert change == pytest.approx(0.05) and zero > 0.6 and one == pytest.approx(1 - zero)
    change, (zero, one), true = said(0.25, 1)
    assert change == pytest.approx(0.25) and one > 0.9
    assert true.get_facecolor() == matplotlib.colors.to_rgba("C0")
    assert model.training and plt.get_fignums() == []


class Times(nn.Module):
    """Multiplies a picture; with dropout, so that the mode shows."""

    def __init__(self, factor):
        super().__init__()
        self.factor, self.drop = nn.Parameter(torch.tensor(factor)), nn.Dropout(0.5)

    def forward(self, x):
        return self.factor * self.drop(x)


class Pair(nn.Module):
    """G_AB halves a picture, G_BA turns dark into bright."""

    def __init__(self):
        super().__init__()
        self.G_AB, self.G_BA = Times(0.5), Times(-1.0)


def of_one_grey(*values):
    """Pictures `(N, 3, 8, 8)`, each of one grey in [-1, 1]."""
    return torch.tensor(values).view(-1, 1, 1, 1).expand(-1, 3, 8, 8)


def test_translations_are_drawn_row_by_row_both_ways(slot):
    pair, figure = Pair(), plt.figure()
    live.translations(pair, of_one_grey(0.8, 0.4), of_one_grey(-0.6, -0.2))(figure.gca())
    shown = torch.as_tensor(figure.gca().get_images()[0].get_array())
    plt.close(figure)
    rows = [[0.8, 0.4], [0.4, 0.2], [-0.4, -0.2], [-0.6, -0.2], [0.6, 0.2], [0.3, 0.1]]
    assert shown.shape == (6 * 8, 2 * 8, 3) and pair.training and pair.G_AB.drop.training
    torch.testing.assert_close(shown[::8, ::8, 1], (torch.tensor(rows) + 1) / 2)
    assert figure.axes[0].get_title() == "real_A → fake_B → rec_A\nreal_B → fake_A → rec_B"


@pytest.fixture
def desk(slot):
    """The translate widget over three pictures of A and two of B: its parts by their names."""
    pair = Pair()
    widgets.translate(pair, of_one_grey(0.8, 0.4, 0.0), of_one_grey(-0.6, -0.2))
    figure, *parts = slot.figures
    assert isinstance(figure, plt.Figure)
    which, way, upload, answer = parts

    class Desk:
        def shown(self):
            """The grey in [-1, 1] of x, its translation, the way back, the other G's answer."""
            last = [thing for thing in slot.figures if isinstance(thing, plt.Figure)][-1]
            assert pair.training and plt.get_fignums() == []
            arrays = [ax.get_images()[0].get_array() for ax in last.axes]
            assert {array.shape for array in arrays} == {(8, 8, 3)}
            return [round(2 * float(array.mean()) - 1, 2) for array in arrays]

        def titles(self):
            last = [thing for thing in slot.figures if isinstance(thing, plt.Figure)][-1]
            return [ax.get_title() for ax in last.axes]

        def put(self, name, content):
            """As when the browser has read a file."""
            file = dict(name=name, type="", size=len(content), content=memoryview(content))
            upload.set_state({"value": [file | dict(last_modified=0)]})

    desk = Desk()
    desk.which, desk.way, desk.upload, desk.answer = which, way, upload, answer
    return desk


def encoded(grey, kind="PNG", size=(30, 20)):
    """The bytes of a picture of one grey, 0 to 255."""
    memory = io.BytesIO()
    Image.new("L", size, grey).save(memory, kind)
    return memory.getvalue()


def test_translate_shows_both_ways_of_the_picture_chosen(desk):
    assert desk.shown() == [0.8, 0.4, -0.4, -0.8]
    desk.which.value = 1
    assert desk.shown() == [0.4, 0.2, -0.2, -0.4]
    assert desk.which.max == 1  # as many as both domains have
    assert [name for name, _ in desk.way.options] == ["horse → zebra", "zebra → horse"]
    desk.way.value = "B"
    assert desk.shown() == [-0.2, 0.2, 0.1, -0.1]
    assert desk.titles()[:2] == ["x: zebra", "G_BA(x): horse?"]
    assert desk.titles()[2:] == [  # in units of [0, 1]
        "G_AB(G_BA(x)),\noff by 0.150", "G_AB(x), to be x:\noff by 0.050"
    ]  # fmt: skip


def test_an_uploaded_picture_comes_after_the_last_and_stays(desk):
    desk.put("my horse.jpg", encoded(255, "JPEG"))
    assert desk.which.value == desk.which.max == 2
    assert desk.shown() == [1.0, 0.5, -0.5, -1.0]
    assert desk.answer.value == "my horse.jpg is picture 2."
    desk.way.value = "B"
    assert desk.shown() == [1.0, -1.0, -0.5, 0.5]
    desk.put("another.png", encoded(0))
    assert desk.which.value == 3 and desk.shown()[0] == -1.0
    desk.which.value = 2
    assert desk.shown()[0] == 1.0
    desk.which.value = 0
    assert desk.shown()[0] == -0.6


@pytest.mark.parametrize("content", [b"no picture", b"", encoded(9)[:40]], ids=len)
def test_a_bad_upload_hears_why_and_the_figure_stays(desk, slot, content):
    before = len(slot.figures)
    desk.put("<notes>.txt", content)
    words = f"&lt;notes&gt;.txt is no picture.*expected a JPEG.*found {len(content)} bytes"
    assert re.match(words, desk.answer.value)
    assert len(slot.figures) == before and desk.which.max == 1
    desk.put("good.png", encoded(255))
    assert desk.answer.value == "good.png is picture 2." and desk.shown()[0] == 1.0


def test_an_upload_is_read_in_either_version_of_ipywidgets():
    seven = {"a.png": {"metadata": {"name": "a.png"}, "content": b"abc"}}
    eight = ({"name": "a.png", "content": memoryview(b"abc")},)
    assert widgets._uploaded(seven) == widgets._uploaded(eight) == [("a.png", b"abc")]
    assert widgets._uploaded({}) == widgets._uploaded(()) == []


def test_readings_are_red_where_the_model_is_wrong(monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: None)
    model, x = Brightness(), torch.stack([torch.zeros(1, 4, 4), torch.ones(1, 4, 4)])
    images.show_readings(model, {"as they are": x, "turned": 1 - x}, torch.tensor([0, 1]))
    titles = [ax.title for ax in plt.gcf().axes]
    plt.close("all")
    assert [title.get_text() for title in titles] == ["0: 100%", "1: 100%", "1: 100%", "0: 100%"]
    assert [title.get_color() for title in titles] == ["black", "black", "red", "red"]
    assert model.training


def test_quiz_repeats_and_leaves_the_random_state(capsys):
    state = random.getstate()
    quiz.show("vanilla_gan")
    assert random.getstate() == state


def test_every_question_has_one_right_answer_and_a_reason_for_each():
    for path in (quiz.ROOT / "quiz").glob("*.json"):
        questions = json.loads(path.read_text(encoding="utf-8"))
        assert 4 <= len(questions) <= 6
        for question in questions:
            assert sum(answer["correct"] for answer in question["answers"]) == 1
            assert all(answer["feedback"] for answer in question["answers"])


def test_quick_mode_shortens_every_training(monkeypatch):
    monkeypatch.setattr(runtime, "QUICK", False)
    assert runtime.steps(500) == 500
    monkeypatch.setattr(runtime, "QUICK", True)
    assert runtime.steps(500) < 100 and runtime.steps(2) == 2


def test_seed_repeats_what_follows():
    draws = []
    for _ in range(2):
        runtime.seed(4)
        draws.append(torch.randn(3).tolist())
    assert draws[0] == draws[1]
