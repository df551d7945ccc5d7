"""Train lesson 06's paired cousin on the emoji: `python tools/train_pix2pix.py`.

Ten minutes on one core. Flat to shaded, then shaded to flat. Writes data/weights/pix2pix_emoji.pt,
the moving averages of both generators, and the log beside it.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import data, domains, metrics, networks, runtime, training, weights  # noqa: E402
from helpers.translation import SCALES, paired_step  # noqa: E402

OPTIONS, _, BATCH_SIZE, LR, STEPS = SCALES["emoji"]  # as for the CycleGAN


def trained(G, pictures, targets):
    """The moving average of `G` after STEPS steps on pairs; the rate falls in the second half."""
    D = networks.PatchDiscriminator(channels=6).to(pictures.device)
    average = training.Average(G)
    opts = [training.adam(net, LR) for net in (G, D)]
    batches = data.Batches(pictures, BATCH_SIZE, targets).take(STEPS)
    for number, (a, b) in enumerate(batches, 1):
        for opt in opts:
            opt.param_groups[0]["lr"] = LR * min(1.0, max(0.02, 2 * (1 - number / STEPS)))
        losses = paired_step(G, D, *opts, a, b)
        average.update(G)
        if number % (STEPS // 4) == 0:
            names = "loss_adv", "loss_l1", "loss_D"
            print(json.dumps({"step": number} | dict(zip(names, losses))), flush=True)
    return average.net


def main():
    device = runtime.setup(seed=0)
    flat, clay = (x.to(device) for x in domains.emoji_pairs())
    both = domains.emoji().to(device)
    pair = networks.Translators(**OPTIONS).to(device)
    pair.G_AB, pair.G_BA = trained(pair.G_AB, flat, clay), trained(pair.G_BA, clay, flat)
    weights.save("pix2pix_emoji", pair)
    shipped = metrics.translation(weights.load("pix2pix_emoji", device), both)
    rows = {"nothing": metrics.pixel_error(both.test_A, both.test_B)} | shipped._asdict()
    log = json.dumps({k: round(v, 4) for k, v in rows.items() if v == v})
    print(log)
    (data.ROOT / "weights" / "pix2pix_emoji.log").write_text(log + "\n")


if __name__ == "__main__":
    main()
