"""A student in JupyterLab: one right answer, one wrong one, the living figure, the slider.

Needs playwright and a Chromium; skipped without, but not where COURSE_BROWSER=1.
COURSE_SCREENSHOTS names a folder for the pictures.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from extent import CHROMIUM

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 300  # at most, for the whole notebook in quick mode


class Visit(NamedTuple):
    """What a student does in a lesson: fill one exercise rightly, another wrongly, then mend it."""

    right: str  # an exercise
    typed: str  # its answer, typed line by line; the editor indents
    wrong: str  # another exercise
    found: str  # the wrong answer that stands there
    heard: str  # what its check says of it
    mended: str  # typed


VISITS = {
    "01_generative_vs_discriminative": Visit(
        right="class_priors",
        typed="def class_priors(y, num_classes):\n"
        "return torch.stack([(y == k).float().mean() for k in range(num_classes)])",
        wrong="gaussian_log_prob",
        found="def gaussian_log_prob(x, mu, var):\n"
        "    return torch.distributions.Normal(mu, var).log_prob(x).sum(1)\n",
        heard="var took the place of the standard deviation",
        mended="def gaussian_log_prob(x, mu, var):\n"
        "return torch.distributions.Normal(mu, var.sqrt()).log_prob(x).sum(1)",
    ),
    "02_autoencoder_vae": Visit(
        right="best_constant",
        typed="def best_constant(targets, loss):\n"
        "return targets.mean(0) if loss == 'mse' else targets.quantile(0.5, 0)",
        wrong="sharpness",
        found="def sharpness(img):\n    return img.diff(dim=-1).abs().flatten(1).mean(1)\n",
        heard="nothing compares neighbours from top to bottom",
        mended="def sharpness(img):\n"
        "return img.diff(dim=-1).abs().mean((1, 2, 3)) + img.diff(dim=-2).abs().mean((1, 2, 3))",
    ),
    "03_vanilla_gan": Visit(
        right="discriminator_loss",
        typed="def discriminator_loss(real_logits, fake_logits):\n"
        "loss_real = F.softplus(-real_logits).mean()\n"
        "return (loss_real + F.softplus(fake_logits).mean()) / 2",
        wrong="generator_loss",
        found="def generator_loss(fake_logits):\n    target = torch.zeros_like(fake_logits)\n"
        "    return -F.binary_cross_entropy_with_logits(fake_logits, target)\n",
        heard="This is the minimax loss",
        mended="def generator_loss(fake_logits):\n"
        "return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))",
    ),
    "04_adversarial_attacks": Visit(
        right="input_gradient",
        typed="def input_gradient(model, x, y):\nx = x.detach().clone().requires_grad_()\n"
        "return torch.autograd.grad(F.cross_entropy(model(x), y), x)[0]",
        wrong="fgsm",
        found="def fgsm(model, x, y, epsilon):\n    was_training = model.training\n"
        "    model.eval()\n    gradient = input_gradient(model, x, y)\n"
        "    model.train(was_training)\n"
        "    return (x - epsilon * gradient.sign()).clamp(0, 1)\n",
        heard="The step goes down the loss",
        mended="def fgsm(model, x, y, epsilon):\nwas_training = model.training\nmodel.eval()\n"
        "gradient = input_gradient(model, x, y)\nmodel.train(was_training)\n"
        "return (x + epsilon * gradient.sign()).clamp(0, 1)",
    ),
    "05_conditional_gan": Visit(
        right="one_hot",
        typed="def one_hot(y, num_classes):\nreturn torch.eye(num_classes, device=y.device)[y]",
        wrong="generator_input",
        found="def generator_input(z, y, num_classes):\n"
        "    return torch.cat([z, one_hot(y, num_classes)])\n",
        heard="The concatenation makes the batch longer",
        mended="def generator_input(z, y, num_classes):\n"
        "return torch.cat([z, one_hot(y, num_classes)], dim=1)",
    ),
    "06_cyclegan": Visit(
        right="cycle_loss",
        typed="def cycle_loss(G_AB, G_BA, a, b):\n"
        "return (G_BA(G_AB(a)) - a).abs().mean() + (G_AB(G_BA(b)) - b).abs().mean()",
        wrong="generator_adversarial_loss",
        found="def generator_adversarial_loss(D, fake):\n    return D(fake).square().mean()\n",
        heard="The target is 0: that is what D wants",
        mended="def generator_adversarial_loss(D, fake):\n"
        "return F.mse_loss(D(fake), torch.ones_like(D(fake)))",
    ),
}

# every picture that a cell shows, in order, as seen by the page itself: none is too quick for it
WATCH = """
window.pictures = {};
new MutationObserver(() => {
  document.querySelectorAll('.jp-Notebook .jp-Cell').forEach((cell, index) => {
    cell.querySelectorAll('.jp-OutputArea-output img').forEach(image => {
      const seen = window.pictures[index] ??= [];
      if (!seen.includes(image.src)) seen.push(image.src);
    });
  });
}).observe(document.body, {subtree: true, childList: true, attributes: true,
                           attributeFilter: ['src']});
"""


@pytest.fixture(scope="module")
def browser():
    """Chromium, or the reason why there is none."""
    reason = "" if CHROMIUM else "no Chromium: apt-get install chromium"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        reason = "no playwright: pip install -e '.[maintain]'"
    if reason and os.environ.get("COURSE_BROWSER") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course in which one exercise of each lesson is filled in wrongly."""
    root = tmp_path_factory.mktemp("browser") / "course"
    for folder in ("helpers", "data", "figures", "notebooks", "tools"):
        ignored = shutil.ignore_patterns(
            *("__pycache__", "*.state", ".ipynb_checkpoints", "horse2zebra", "horse2zebra.zip*")
        )
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    for stem, visit in VISITS.items():
        path = root / "notebooks" / f"{stem}.ipynb"
        book = nbformat.read(path, as_version=4)
        next(cell for cell in book.cells if cell.id == f"answer-{visit.wrong}").source = visit.found
        nbformat.write(book, path)
    return root


@pytest.fixture(scope="module")
def address(course, tmp_path_factory):
    """JupyterLab on the copy, as `make lab` starts it, with a student's first-time settings."""
    home = tmp_path_factory.mktemp("jupyter")
    (home / "labconfig").mkdir()
    # all cells in the page at once, so that the test can see them
    whole = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
    (home / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(whole))
    folders = {"JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run", "IPYTHONDIR": "ipython"}
    environment = os.environ | {key: str(home / name) for key, name in folders.items()}
    environment["JUPYTER_CONFIG_DIR"] = str(home)
    environment["JUPYTER_CONFIG_PATH"] = str(course / "tools" / "lab")
    environment["COURSE_QUICK"] = "1"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    command += ["--ServerApp.disable_check_xsrf=True"]  # shut_down_kernels asks without a page
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=course, env=environment, stdout=log, stderr=log)
    try:
        wait(lambda: get(f"http://127.0.0.1:{port}/api/status"), 60, home / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def get(url):
    """What the server answers, or None."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def shut_down_kernels(address):
    """One lesson's kernel must not slow down the next one's."""
    for session in get(f"{address}/api/sessions"):
        url = f"{address}/api/sessions/{session['id']}"
        urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=30).close()


def wait(condition, seconds, what):
    """Poll until `condition()` holds."""
    end = time.monotonic() + seconds
    while not (held := condition()):
        if time.monotonic() > end:
            pytest.fail(
                f"waited {seconds} s for {what.read_text() if isinstance(what, Path) else what}"
            )
        time.sleep(0.1)
    return held


class Student:
    """What a student does in the page."""

    def __init__(self, page, address, path, pictures):
        self.page, self.address, self.path, self.pictures = page, address, path, pictures
        self.book = nbformat.read(path, as_version=4)

    def open(self):
        """Open the notebook and wait for its kernel."""
        self.page.goto(f"{self.address}/lab/tree/notebooks/{self.path.name}?reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        wait(self.connected, 60, "the kernel")
        self.page.get_by_text(re.compile(r"\| Idle")).wait_for(timeout=60_000)
        self.page.evaluate(WATCH)

    def connected(self):
        """Is the page's kernel up and idle?"""
        kernels = [session["kernel"] for session in get(f"{self.address}/api/sessions") or []]
        return any(k["execution_state"] == "idle" and k["connections"] for k in kernels)

    def index(self, name):
        """The position of the cell with id `name`."""
        return [cell.id for cell in self.book.cells].index(name)

    def cell(self, name):
        """The cell with id `name`."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(self.index(name))

    def type_into(self, name, text):
        """Replace a cell's code, key by key."""
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def run_all(self):
        """Run, Run All Cells."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()

    def says(self, name, text):
        """Wait until the output of a cell holds `text`."""
        output = self.cell(name).locator(".jp-OutputArea-output", has_text=text)
        output.first.wait_for(timeout=SECONDS * 1000)

    def screenshot(self, name, cell=None):
        """Keep a picture of the page, or of a cell scrolled into it."""
        if cell is not None:
            cell.scroll_into_view_if_needed()
        self.page.screenshot(path=self.pictures / f"{self.path.stem}_{name}.png")

    def finished(self):
        """Has the last cell run?"""
        last = [cell.id for cell in self.book.cells if cell.cell_type == "code"][-1]
        return re.search(r"\[\d+\]", self.cell(last).locator(".jp-InputPrompt").inner_text())

    def moved(self, after):
        """The cells behind position `after` that showed more pictures than they show now."""
        seen = self.page.evaluate("window.pictures")
        cells = self.page.locator(".jp-Notebook .jp-Cell")
        return [
            cells.nth(int(index))
            for index, pictures in seen.items()
            if int(index) > after
            and len(pictures) > cells.nth(int(index)).locator(".jp-OutputArea-output img").count()
        ]

    def errors(self):
        """The errors that cells show."""
        return self.page.locator(
            '[data-mime-type="application/vnd.jupyter.stderr"]'
        ).all_inner_texts()


@pytest.fixture(params=VISITS)
def student(request, browser, address, course, tmp_path):
    """A student with the page open, and no request that leaves this machine."""
    pictures = Path(os.environ.get("COURSE_SCREENSHOTS") or tmp_path)
    pictures.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    asked = []
    page.on("request", lambda sent: asked.append(sent.url))
    path = course / "notebooks" / f"{request.param}.ipynb"
    student = Student(page, address, path, pictures)
    student.open()
    yield student
    page.close()
    shut_down_kernels(address)
    assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]


def test_a_students_first_hour(student):
    page, visit = student.page, VISITS[student.path.stem]
    student.type_into(f"answer-{visit.right}", visit.typed)
    student.run_all()
    student.says(f"check-{visit.right}", f"{visit.right}: right.")
    check = f"check-{visit.wrong}"
    student.says(check, visit.heard)
    student.screenshot("wrong_answer", student.cell(check))
    assert len(student.errors()) == 1 and "Traceback" not in student.errors()[0]
    wait(student.connected, 30, "the kernel after the wrong answer")

    student.type_into(f"answer-{visit.wrong}", visit.mended)
    page.evaluate("window.pictures = {}")
    student.run_all()
    student.says(check, f"{visit.wrong}: right.")
    wait(student.finished, SECONDS, f"the end of the notebook; errors: {student.errors()}")
    assert student.errors() == []
    figures = student.moved(after=student.index(check))
    assert figures, "no figure was redrawn while its cell ran"
    student.screenshot("living_figure", figures[0])

    with_slider = page.locator(".jp-Notebook .jp-CodeCell:has(.widget-slider)").first
    before = with_slider.locator("img").first.get_attribute("src")
    with_slider.locator(".noUi-handle").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    wait(
        lambda: with_slider.locator("img").first.get_attribute("src") != before,
        30,
        "the slider's picture",
    )
    page.get_by_text(re.compile(r"\| Idle")).wait_for(timeout=60_000)
    student.screenshot("slider", with_slider)

    badge = page.locator('img[alt="Open in Colab"]').first
    assert badge.evaluate("image => image.naturalWidth") > 0
    assert page.locator(".Toastify__toast").count() == 0
