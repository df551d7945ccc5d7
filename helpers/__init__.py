"""The course's shared package: small modules, each with one job.

    runtime    device, seeds, threads, how much to train
    data       where tensors come from: digits, batches, latents, checksums
    networks   the finished networks of the lessons
    losses     adversarial losses on logits
    gaussians  the generative classifier: one Gaussian a class
    training   one step each, and a loop that yields a Step each time
    live       the figure that redraws while a model trains
    images     pictures at rest
    metrics    numbers that judge samples
    weights    trained weights that ship with the course
    widgets    sliders over the student's own models
    checks     one check for each exercise, one module for each lesson

As data, the way is: data -> Batches -> D, sample_z -> G -> images.grid. Digits and fakes live in
[-1, 1]; images is the only door out of that range.
"""
