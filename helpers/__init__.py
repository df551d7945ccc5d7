"""The course's shared package: small modules, each with one job.

    runtime    device, seeds, threads, how much to train
    data       where tensors come from: digits, batches, latents, checksums
    domains    two domains of pictures, unpaired: striped digits, emoji, photographs
    downloads  a file from the net: verified, resumed where it broke off
    networks   the finished networks of the lessons
    losses     adversarial losses on logits; a VAE's terms
    gaussians  the generative classifier: one Gaussian a class
    letters    letters framed as digits, which no model of digits has seen
    training   one step each, and a loop that yields a Step each time
    translation  CycleGAN's steps and loop, and its paired cousin
    attacks    what a gradient does to a picture: FGSM, PGD, and what they must keep
    live       the figure that redraws while a model trains
    images     pictures at rest
    metrics    numbers that judge samples and classifiers
    weights    trained weights that ship with the course
    widgets    sliders over the student's own models
    checks     one check for each exercise, one module for each lesson

As data, the way is: data -> Batches -> D, sample_z -> G -> images.grid. A GAN's digits and fakes
live in [-1, 1], those of lessons 1, 2 and 4 in [0, 1] (`low=0.0`); images.grid draws either.
"""
