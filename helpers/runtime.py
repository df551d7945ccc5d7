"""Device, seeds, threads, and how much to train."""

import os

import torch

QUICK = os.environ.get("COURSE_QUICK") == "1"
MAX_THREADS = 4  # nets of this size gain nothing from more


def setup(seed=0):
    """The device to train on, "cuda" or "cpu", after seeding and setting the number of threads.

    `OMP_NUM_THREADS` is respected. Denormal numbers are flushed to zero: late in training they
    can halve the speed of a CPU and change no result that matters.
    """
    torch.set_num_threads(min(torch.get_num_threads(), MAX_THREADS))
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def seed(number):
    """Seed PyTorch (CPU and GPU). Call it first in a training cell: run again, it repeats."""
    torch.manual_seed(number)


def steps(number, quick=40):
    """`number` of training steps, or at most `quick` when COURSE_QUICK=1 is set."""
    return min(number, quick) if QUICK else number
