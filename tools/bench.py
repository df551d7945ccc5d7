"""Measure the course's speed: `make bench` (some minutes, on an idle machine).

Rivals take turns in one process, so that noise hits all alike; a time is the median over the
rounds. Nothing here is a test: times differ from machine to machine.
"""

import contextlib
import functools
import importlib
import io
import itertools
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402
from torchvision import datasets, transforms  # noqa: E402

from helpers import attacks, data, metrics, networks, runtime, training, weights  # noqa: E402
from helpers.checks import resolved  # noqa: E402

ROUNDS, IMAGES, Z_DIM, EPOCH = 5, 3840, 100, 60_000
BATCHES = 64, 128  # the usual size, and the one that lesson 03 trains with
EPSILONS, PICTURES = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3], 300  # the sweep, its rival's share of it


def usual_loop(batch_size):
    """As most courses write it: DataLoader, two passes of D, plain Adam, BCE on a sigmoid."""
    scale = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    mnist = datasets.MNIST(data.torchvision_root(), download=True, transform=scale)
    G, D = networks.Generator(Z_DIM), nn.Sequential(networks.Discriminator(), nn.Sigmoid())
    opt_G, opt_D = (torch.optim.Adam(net.parameters(), 2e-4) for net in (G, D))
    bce = nn.BCELoss()

    def run(count):
        loader = iter(DataLoader(mnist, batch_size=batch_size, shuffle=True))
        ones, zeros = torch.ones(batch_size), torch.zeros(batch_size)
        for _ in range(count // batch_size):
            x_real, _ = next(loader)
            opt_D.zero_grad()
            x_fake = G(torch.randn(batch_size, Z_DIM))
            loss_D = bce(D(x_real), ones) + bce(D(x_fake.detach()), zeros)
            loss_D.backward()
            opt_D.step()
            opt_G.zero_grad()
            loss_G = bce(D(G(torch.randn(batch_size, Z_DIM))), ones)
            loss_G.backward()
            opt_G.step()
            loss_D.item(), loss_G.item()

    return run


def course_loop(batch_size, x_real):
    """The course's own loop, training.gan_steps."""
    G, D = networks.Generator(Z_DIM), networks.Discriminator()
    opt_G, opt_D = training.adam(G), training.adam(D)
    batches = data.Batches(x_real, batch_size)

    def run(count):
        for _ in training.gan_steps(G, D, opt_G, opt_D, batches.take(count // batch_size), Z_DIM):
            pass

    return run


def machine_limit(batch_size):
    """Only the matrix products of the course's loop and Adam's traffic through memory."""
    widths_G, widths_D = (Z_DIM, 256, 512, 1024, 784), (784, 1024, 512, 256, 1)
    products = [*_products(widths_G, batch_size, True, False)]
    products += _products(widths_D, 2 * batch_size, True, False)
    products += _products(widths_D, batch_size, False, True)
    nets = networks.Generator(Z_DIM), networks.Discriminator()
    for net in nets:
        for p in net.parameters():
            p.grad = torch.zeros_like(p)
    optimizers = [training.adam(net) for net in nets]

    def run(count):
        for _ in range(count // batch_size):
            for a, b in products:
                torch.mm(a, b)
            for opt in optimizers:
                opt.step()

    return run


def _products(widths, rows, weights, inputs):
    """Factors of the products of linear layers: forward, gradient of weights, of inputs."""
    for i, (wide, narrow) in enumerate(zip(widths, widths[1:])):
        x, w, y = torch.randn(rows, wide), torch.randn(wide, narrow), torch.randn(rows, narrow)
        yield x, w
        if weights:
            yield x.T.contiguous(), y
        if inputs or i > 0:
            yield y, w.T.contiguous()


def in_turns(runs, clock=time.process_time):
    """Seconds of each of `{name: run}`, CPU's unless another clock is given.

    The median of ROUNDS rounds, after one to warm up.
    """
    seconds = {name: [] for name in runs}
    for _ in range(ROUNDS + 1):
        for name, run in runs.items():
            start = clock()
            run()
            seconds[name].append(clock() - start)
    return {name: statistics.median(values[1:]) for name, values in seconds.items()}


def loops():
    """The training loops against each other, one thread."""
    torch.set_num_threads(1)
    runtime.seed(0)
    x_real = data.mnist("train")[0]
    runs = {"usual loop, batch 64": usual_loop(64)}
    runs |= {f"course's loop, batch {b}": course_loop(b, x_real) for b in BATCHES}
    runs |= {f"machine's limit, batch {b}": machine_limit(b) for b in BATCHES}
    seconds = in_turns({name: functools.partial(run, IMAGES) for name, run in runs.items()})
    seconds = {name: value * EPOCH / IMAGES for name, value in seconds.items()}
    usual = seconds["usual loop, batch 64"]
    for name, value in seconds.items():
        print(f"{name:28} {value:6.1f} CPU s an epoch   {usual / value:5.2f} x the usual loop")
    for b in BATCHES:
        ratio = seconds[f"course's loop, batch {b}"] / seconds[f"machine's limit, batch {b}"]
        print(f"course's loop over the machine's limit, batch {b}: {ratio:.2f}")


def drawing():
    """Share of a training cell that goes into the living figure."""
    import matplotlib

    matplotlib.use("Agg")
    from helpers import live

    x_real = data.mnist("train")[0]
    G, D = networks.Generator(Z_DIM), networks.Discriminator()
    opt_G, opt_D = training.adam(G), training.adam(D)
    plot = live.LivePlot(live.samples(G, data.sample_z(32, Z_DIM)), every=10)
    batches, drawn = data.Batches(x_real, 64).take(400), 0.0
    start = time.perf_counter()
    with open(os.devnull, "w") as nowhere:
        shown, sys.stdout = sys.stdout, nowhere
        with plot:
            for step in training.gan_steps(G, D, opt_G, opt_D, batches, Z_DIM):
                before = time.perf_counter()
                plot.update(step)
                drawn += time.perf_counter() - before
        sys.stdout = shown
    print(f"drawing: {drawn / (time.perf_counter() - start):.1%} of a training cell")


def imports():
    """What `import helpers...` adds to the imports that every PyTorch notebook has."""
    base = "import torch, torchvision, matplotlib.pyplot"
    ours = "from helpers import data, images, live, metrics, quiz, training, weights, widgets"
    code = f"import time; {base}; t = time.perf_counter(); {ours}; print(time.perf_counter() - t)"
    runs = [
        float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).stdout)
        for _ in range(ROUNDS)
    ]
    print(f"importing the helpers adds {statistics.median(runs):.2f} s")


def checks():
    """Seconds of each check of each lesson on the finished answer."""
    for path in sorted((ROOT / "helpers" / "checks").glob("*.py")):
        check = importlib.import_module(f"helpers.checks.{path.stem}")
        for name, stand_in in check.topic.stand_ins.items() if hasattr(check, "topic") else ():
            finished = resolved(stand_in)
            start = time.perf_counter()
            with contextlib.redirect_stdout(io.StringIO()):
                getattr(check, name)(finished)
            print(f"check {path.stem + '.' + name:52} {time.perf_counter() - start:5.2f} s")


def usual_sweep(model, mnist):
    """As most tutorials write it: one picture at a time, its gradient again for each epsilon."""
    for epsilon in EPSILONS:
        right = 0
        for x, y in itertools.islice(DataLoader(mnist, batch_size=1), PICTURES):
            x.requires_grad = True
            logits = model(x)
            if logits.argmax(1).item() != y.item():
                continue
            model.zero_grad()
            F.cross_entropy(logits, y).backward()
            x_adv = (x + epsilon * x.grad.sign()).clamp(0, 1)
            right += model(x_adv).argmax(1).item() == y.item()


def fgsm_attacks():
    """The curve of accuracy against epsilon over all test digits, and one batch of examples."""
    torch.set_num_threads(1)
    model, (x, y) = weights.load("lenet"), data.mnist("test", low=0.0)
    mnist = datasets.MNIST(
        data.torchvision_root(), train=False, download=True, transform=transforms.ToTensor()
    )
    runs = {
        "usual": lambda: usual_sweep(model, mnist),
        "ours": lambda: metrics.fgsm_accuracy(model, x, y, EPSILONS),
        "fgsm": lambda: attacks.fgsm(model, x[:500], y[:500], 0.1),
        "pass": lambda: F.cross_entropy(model(x[:500]), y[:500]).backward(),
    }
    seconds = in_turns(runs)
    usual, ours = seconds["usual"] * len(x) / PICTURES, seconds["ours"]
    print(f"sweep of {len(EPSILONS)} epsilons over {len(x):,} digits: {ours:.1f} CPU s; ", end="")
    print(f"picture by picture {usual:.0f}, {usual / ours:.1f} x")
    print(f"fgsm over two forward-backward passes: {seconds['fgsm'] / seconds['pass'] / 2:.2f}")


if __name__ == "__main__":
    imports()
    checks()
    fgsm_attacks()
    drawing()
    loops()
