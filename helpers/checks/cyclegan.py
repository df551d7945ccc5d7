"""Checks of lesson 6, CycleGAN: one function an exercise, named as the exercise.

Each is a list of laws in the order of diagnosis: the most specific mistake speaks first, the plain
value last. Images are (N, 3, H, W) in [-1, 1]; a and b are unpaired batches of domains A and B.
G_AB leads from A to B; D_A judges images of A, with one raw score a patch; real is 1, fake is 0.
"""

from helpers.checks import Topic

CAUSES = []
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress

# ==== section 1: losses

# ==== section 2: networks, optimiser, steps, pool, freezing
