"""Train lesson 04's classifiers: `python tools/train_lenet.py lenet` (also lenet_robust).

A minute on one core of a laptop; lenet_robust, trained on PGD's examples, about twenty. Writes
data/weights/NAME.pt and, beside it, a log of the accuracy on test digits, clean and under PGD-20.
"""

import argparse
import functools
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import attacks, data, metrics, runtime, training, weights  # noqa: E402

BATCH_SIZE, PEAK_LR, EPSILON = 128, 4e-3, 0.2
ATTACKS = {  # what the digits of a training batch go through first; and the number of passes
    "lenet": (lambda model, x, y: x, 4),
    "lenet_robust": (functools.partial(attacks.pgd, epsilon=EPSILON, alpha=0.08, steps=5), 12),
}
PGD_20 = functools.partial(attacks.pgd, epsilon=EPSILON, alpha=0.02, steps=20)


def trained(name, x, y):
    """Yield (epoch, model) after every pass; one cycle of the learning rate over all of them."""
    attack, epochs = ATTACKS[name]
    model, batches = weights.NETWORKS[name]().to(x.device), data.Batches(x, BATCH_SIZE, y)
    opt = training.adam(model, PEAK_LR, (0.9, 0.999))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        opt, PEAK_LR, total_steps=epochs * len(batches), cycle_momentum=False
    )
    for epoch in range(1, epochs + 1):
        for batch in batches.epoch():
            training.adversarial_train_step(model, opt, *batch, attack)
            schedule.step()
        yield epoch, model


def scores(model, x, y):
    """Accuracy on all of x and, under PGD-20, on the same."""
    robust = metrics.robust_accuracy(model, zip(x.split(500), y.split(500)), PGD_20)
    return {"clean": round(metrics.accuracy(model, x, y), 4), "pgd_20": round(robust, 4)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=ATTACKS)
    name = parser.parse_args().name
    device = runtime.setup(seed=0)
    x, y, x_test, y_test = (
        tensor.to(device) for split in ("train", "test") for tensor in data.mnist(split, low=0.0)
    )
    log = []
    for epoch, model in trained(name, x, y):
        log.append(json.dumps({"epoch": epoch} | scores(model, x_test[:1000], y_test[:1000])))
        print(log[-1], flush=True)
    weights.save(name, model)
    shipped = scores(weights.load(name, device), x_test, y_test)
    log.append(json.dumps({"as shipped, all 10,000": shipped}))
    print(log[-1])
    (data.ROOT / "weights" / f"{name}.log").write_text("\n".join(log) + "\n")


if __name__ == "__main__":
    main()
