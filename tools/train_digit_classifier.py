"""Train the classifiers that judge samples: `python tools/train_digit_classifier.py` (minutes).

`digit_classifier` reads grey digits, `striped_classifier` lesson 6's horses and zebras, painted
anew for every batch. Writes data/weights/NAME.pt and the log beside it.
"""

import argparse
import sys
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import data, domains, metrics, networks, runtime, weights  # noqa: E402

EPOCHS, BATCH_SIZE, PEAK_LR = 5, 128, 3e-3


def striped(x):
    """Grey digits as horses or zebras `(N, 3, H, W)`, by chance."""
    grey = data.to_display_range(x)
    horse = torch.rand(len(x), 1, 1, 1) < 0.5
    return torch.where(horse, domains.horses(grey), domains.zebras(grey))


# a name: the channels of its pictures, and how a grey digit becomes one
NETWORKS = {"digit_classifier": (1, lambda x: x), "striped_classifier": (3, striped)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", default="digit_classifier", choices=NETWORKS)
    name = parser.parse_args().name
    channels, paint = NETWORKS[name]
    device = runtime.setup(seed=0)
    x, labels = (t.to(device) for t in data.mnist("train"))
    test = [t.to(device) for t in data.mnist("test")]
    test[0] = paint(test[0])
    net = networks.DigitClassifier(channels).to(device)
    rows = data.Batches(torch.arange(len(x), device=device), BATCH_SIZE)
    opt = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, PEAK_LR, total_steps=EPOCHS * len(rows))
    log = []
    for epoch in range(1, EPOCHS + 1):
        net.train()
        for row in rows.epoch():
            loss = F.cross_entropy(net(paint(x[row])), labels[row])
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
        log.append(f"epoch {epoch}: test accuracy {metrics.accuracy(net, *test):.4f}")
        print(log[-1], flush=True)
    weights.save(name, net)
    shipped = metrics.accuracy(weights.load(name, device), *test)
    log.append(f"as shipped, in half precision: test accuracy {shipped:.4f}")
    print(log[-1])
    (data.ROOT / "weights" / f"{name}.log").write_text("\n".join(log) + "\n")


if __name__ == "__main__":
    main()
