"""Train the classifier that judges samples: `python tools/train_digit_classifier.py` (minutes).

Writes data/weights/digit_classifier.pt and the log beside it.
"""

import sys
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import data, metrics, networks, runtime, weights  # noqa: E402

EPOCHS, BATCH_SIZE, PEAK_LR = 5, 128, 3e-3


def main():
    device = runtime.setup(seed=0)
    x, labels = (t.to(device) for t in data.mnist("train"))
    test = [t.to(device) for t in data.mnist("test")]
    net = networks.DigitClassifier().to(device)
    rows = data.Batches(torch.arange(len(x), device=device), BATCH_SIZE)
    opt = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, PEAK_LR, total_steps=EPOCHS * len(rows))
    log = []
    for epoch in range(1, EPOCHS + 1):
        net.train()
        for row in rows.epoch():
            loss = F.cross_entropy(net(x[row]), labels[row])
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
        log.append(f"epoch {epoch}: test accuracy {metrics.accuracy(net, *test):.4f}")
        print(log[-1], flush=True)
    weights.save("digit_classifier", net)
    shipped = metrics.accuracy(weights.load("digit_classifier", device), *test)
    log.append(f"as shipped, in half precision: test accuracy {shipped:.4f}")
    print(log[-1])
    (data.ROOT / "weights" / "digit_classifier.log").write_text("\n".join(log) + "\n")


if __name__ == "__main__":
    main()
