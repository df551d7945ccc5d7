"""Laws of images from the prior: the decoder, its own z for every image, and no graph."""

import torch
from torch import nn

from helpers.checks.laws.basics import diagnosis, has_shape, is_tensor, kind_of
from helpers.checks.laws.latents import is_fresh, is_independent, is_normal, leaves_seed
from helpers.checks.laws.old import CheckError, expect

STRAY = "The decoder was trained on codes of N(0, I): elsewhere it has never learnt what to draw."


class RecordingDecoder(nn.Module):
    """A decoder that writes down its z and its images."""

    def __init__(self, latent_dim):
        """Random weights; images in (0, 1)."""
        super().__init__()
        self.net, self.latent_dim = nn.Linear(latent_dim, 784), latent_dim
        self.z, self.images = [], []

    def forward(self, z):
        """(n, 1, 28, 28); a single vector gives a single image, as nn.Linear does."""
        expect(
            torch.is_tensor(z),
            f"the decoder gets {kind_of(z)}, expected a tensor z of shape (n, latent_dim).",
        )
        expect(
            z.dim() in (1, 2) and z.shape[-1] == self.latent_dim,
            f"the decoder gets z of shape {tuple(z.shape)}, expected (n, {self.latent_dim}) with "
            f"latent_dim {self.latent_dim}. {_shape_hint(z, self.latent_dim)}",
        )
        expect(
            z.is_floating_point() and z.dtype == torch.float32,
            f"the decoder gets {z.dtype}, expected torch.float32 numbers from N(0, I).",
        )
        images = self.net(z).sigmoid().view(-1, 1, 28, 28)
        self.z.append(z.detach().reshape(-1, self.latent_dim))
        self.images.append(images.detach())
        return images


def _shape_hint(z, latent_dim):
    if z.dim() == 2 and z.shape[0] == latent_dim:
        return "The order is the other way round: one ROW per image."
    if z.dim() == 4:
        return "That looks like images: the decoder starts from codes, and no encoder is needed."
    return "Both numbers come in as arguments."


def drawn(answer, n, latent_dim, decoder=None):
    """The images that come back, and the decoder with what it has seen."""
    decoder = decoder or RecordingDecoder(latent_dim).train()
    decoder.z.clear(), decoder.images.clear()
    result = answer(decoder, n, latent_dim)
    expect(
        decoder.z,
        "the decoder is never called, expected decoder(z): an image starts from a code.",
    )
    is_tensor(result, f"{n} images")
    return result, decoder


def gives_images(answer):
    """n images, those that the decoder gave, from n codes."""
    for n, latent_dim in ((7, 4), (1, 6), (5, 5)):
        result, decoder = drawn(answer, n, latent_dim)
        z, images = torch.cat(decoder.z), torch.cat(decoder.images)
        _one_code_each(decoder.z, z, n)
        has_shape(
            result,
            images.shape,
            "Give back what the decoder makes: images, not codes, and all of them.",
        )
        _as_decoded(result.detach(), images)


def _one_code_each(calls, z, n):
    single = " That was one vector: nn.Linear takes it, and gives one image."
    expect(
        len(z) == n,
        f"the decoder gets {len(z)} code{'s' * (len(z) != 1)} for n = {n}, expected {n}. How many "
        f"latent vectors do n images need?{single * (calls[0].shape[0] == 1 and n > 1)}",
    )


def _as_decoded(result, images):
    if torch.allclose(result.float(), images, atol=1e-5):
        return
    suspects = [
        (
            (images + 1) / 2,
            "They are scaled: this decoder ends in a sigmoid, its images are in [0, 1] already.",
        ),
        (images.sigmoid(), "A sigmoid on top of the decoder's own takes the contrast away."),
        (2 * images - 1, "They are scaled to [-1, 1]: in this lesson images live in [0, 1]."),
        (images.round(), "The greys are rounded away."),
        (images * 255, "That is the range 0 to 255. Here images live in [0, 1]."),
    ]
    why = diagnosis(
        suspects,
        lambda value: torch.allclose(result.float(), value, atol=1e-3),
        "Look at what happens after decoder(z).",
    )
    raise CheckError(f"the images differ from decoder(z), expected them as they come. {why}")


def draws_from_prior(answer):
    """z is fresh in each call, independent, and from N(0, I)."""
    z = _codes(answer, 300, 8)
    expect(
        z.std() > 1e-6,
        f"every entry of z is {z.flatten()[0]:g}, expected N(0, I): all n images are the same. "
        "Where should the variety of the samples come from?",
    )
    is_fresh(lambda: _codes(answer, 3, 6))
    leaves_seed(lambda: _codes(answer, 3, 6))
    is_independent(z)
    is_normal(z, STRAY)


def _codes(answer, n, latent_dim):
    return torch.cat(drawn(answer, n, latent_dim)[1].z)


def keeps_no_graph(answer):
    """The images hang on no graph; a remark if the decoder's mode is another one afterwards."""
    result, decoder = drawn(answer, 4, 3)
    expect(
        not result.requires_grad,
        "the images carry a graph, expected none: every picture would hold on to memory. Sampling "
        "runs under no_grad.",
    )
    if decoder.training:
        return None
    return "The decoder is in eval mode now: call train() before the next training step."
