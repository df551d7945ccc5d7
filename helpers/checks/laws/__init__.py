"""What the checks of all lessons ask of an answer, by the kind of object that is judged.

    basics          what all laws share: the right kind of thing, words for what is seen
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

A law is a function that raises CheckError through `expect`, or gives back a remark or None. Imports
go downwards: a kind uses basics and the kinds that it is made of, and no lesson's checks.
"""
