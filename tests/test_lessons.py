"""Lessons run as a student runs them: again from any training cell, with the same result."""

import contextlib
import io
import json
import warnings
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from extent import WHOLE

from helpers import runtime

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"
# the networks that the live trainings of a lesson train, and how many such cells it has at least
TRAINED = {
    "01_generative_vs_discriminative": (["line", "softmax_model"], 2),
    "02_autoencoder_vae": (["vae"], 1),
    "03_vanilla_gan": (["G", "D"], 3),
    "04_adversarial_attacks": (["robust"], 1),
    "05_conditional_gan": (["G", "D"], 1),
    "06_cyclegan": (["pair", "D_A", "D_B"], 1),
}


def code_cells(stem="03_vanilla_gan"):
    cells = json.loads((SOLUTIONS / f"{stem}.ipynb").read_text(encoding="utf-8"))["cells"]
    return ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]


def starts_anew(source):
    """A training cell that seeds and makes its networks itself."""
    return "runtime.seed(" in source and "live.LivePlot(" in source


def weights_of(names, nets=("G", "D")):
    made = [net for net in nets if net in names]  # a later cell makes the others
    return {net: torch.cat([p.detach().flatten() for p in names[net].parameters()]) for net in made}


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(runtime, "QUICK", True)
    backend = matplotlib.get_backend()
    matplotlib.use("Agg")
    yield
    plt.close("all")  # Agg's plt.show() leaves them open, and other tests count open figures
    matplotlib.use(backend)


@pytest.mark.parametrize("stem", TRAINED if WHOLE else ["01_generative_vs_discriminative"])
def test_every_training_cell_run_again_gives_the_same_weights(quick, stem):
    nets, least = TRAINED[stem]
    names, trainings = {"__name__": "lesson"}, 0
    last = max(i for i, source in enumerate(code_cells(stem)) if starts_anew(source))
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Agg says at every plt.show() that it shows nothing
        for source in code_cells(stem)[: last + 1]:
            exec(compile(source, "<cell>", "exec"), names)
            if starts_anew(source):
                first, trainings = weights_of(names, nets), trainings + 1
                exec(compile(source, "<cell>", "exec"), names)
                for name, weights in weights_of(names, nets).items():
                    assert torch.equal(weights, first[name]), (name, source)
    assert trainings >= least


def test_going_on_continues_the_curves_and_moves_the_same_networks(quick):
    """The cell after the break-off point uses G, D and the optimisers that are there."""
    sources = code_cells()
    goes_on = next(i for i, s in enumerate(sources) if "first=plot.number + 1" in s)
    names = {"__name__": "lesson"}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for source in sources[:goes_on]:
            exec(compile(source, "<cell>", "exec"), names)
        G, number, before = names["G"], names["plot"].number, weights_of(names)["G"]
        exec(compile(sources[goes_on], "<cell>", "exec"), names)
    assert names["G"] is G and names["plot"].number > number
    assert not torch.equal(weights_of(names)["G"], before)
