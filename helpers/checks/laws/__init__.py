"""What the checks of all lessons ask of an answer, by the kind of object that is judged.

    basics          what all laws share: the right kind of thing, words for what is seen
    arguments       any function: it works on what is handed in
    pixels          a map from one range of pixels to another
    latents         the noise z
    networks        any network
    generators      z to images
    discriminators  images to logits
    named_losses    losses by formula, right and mistaken, each mistake with its diagnosis
    losses          a loss on logits
    steps           a training step of D or of G
    rounds          a step of both in one call
    sampling        pictures from G
    accuracy        the fraction that D tells apart
    epochs          D and G in turn over all batches
    formulas        any function of tensors that follows a formula
    estimates       class priors, and mean and variance of each class
    densities       Gaussian log densities, alone, with a prior, with features missing
    bayes           what is read off log p(x, y): posterior, marginal, label, log odds
    pairs           labelled points drawn from a model
    classifier_steps  a training step of a classifier
    encoders        images to codes, and the two heads of a VAE's encoder
    autoencoders    images through a code and back
    named_terms     the two terms of the ELBO by formula, right and mistaken
    terms           a loss that adds over the parts of an image and averages over the batch
    draws           z drawn around mu with sigma
    priors          images from codes of N(0, I)
    corruption      a denoising loss: what the model sees, and what it is compared with
    blur            the one image that a loss would give, and the measure of edges
    lines           a walk between two codes
    descents        a training step of a VAE
    victims         small classifiers that write down what an attack does with them
    input_gradients  the gradient of the cross-entropy with respect to the images
    signed_steps    one step along the sign of the gradient
    pixel_steps     such a step in pixel units on a model of normalised images
    wrappers        a model that normalises its images itself
    balls           the ball around an image: the way back into it, and its measure
    starts          a random start in the ball
    paths           the steps of an iterated attack by formula, right and mistaken
    chases          an iterated attack
    bouts           a step of adversarial training
    robustness      accuracy under attack, and an attack's success
    labels          one-hot rows, beside z, and as planes
    class_labels    labels that are drawn: any class, or any but the true one
    conditioning    a G or D that takes a label
    labelled_steps  a training step on pairs of image and label
    class_pictures  pictures of chosen classes
    recognised      the share of each class that a classifier reads as asked
    convolutions    what one output of a convolutional network sees, and that an activation bends it
    residuals       a residual block
    patches         a discriminator with a score for each patch
    quartets        the four networks of a CycleGAN as spies, and a step taken apart into its terms
    cycle_steps     what holds for both of its steps
    translator_steps  a step of its generators
    judge_steps     a step of its discriminators
    pools           a history of fakes
    freezing        weights that stop learning, and let the gradient pass
    optimisers      one optimiser for two networks

A law is a function that raises CheckError through `expect`, or gives back a remark or None. Imports
go downwards: a kind uses basics and the kinds that it is made of, and no lesson's checks.
"""
