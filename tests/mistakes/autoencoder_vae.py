"""Known answers to the exercises of lesson 2: wrong ones with the words meant for each, and right ones."""

from mistakes import Wrong, edit, function, one

RIGHT, WRONG = {}, {}
HEAVY = {
    "Autoencoder",
    "VAEEncoder",
    "train_step",
    "reparameterize",
    "kl_divergence",
    "vae_loss",
    "sample_prior",
    "denoising_loss",
}

# --- Autoencoder ----------------------------------------------------------------------------------

AE = """class Autoencoder(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, latent_dim))
        self.decoder = nn.Sequential(
            nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid())

    def encode(self, x):
        return self.encoder(x)

    def forward(self, x):
        return self.decoder(self.encode(x)).view(-1, 1, 28, 28)
"""
PARTS = """class Autoencoder(nn.Module):
    def __init__(self, latent_dim, hidden=100):
        super(Autoencoder, self).__init__()
        self.e1, self.e2 = nn.Linear(28 * 28, hidden), nn.Linear(hidden, latent_dim)
        self.d1, self.d2 = nn.Linear(latent_dim, hidden), nn.Linear(hidden, 28 * 28)

    def encode(self, x):
        return self.e2(F.leaky_relu(self.e1(x.reshape(x.size(0), -1)), 0.2))

    def forward(self, x):
        h = F.leaky_relu(self.d1(self.encode(x)), 0.2)
        return torch.sigmoid(self.d2(h)).view_as(x)
"""
CONV = """class Autoencoder(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Flatten(), nn.Linear(16 * 49, latent_dim))
        self.wide = nn.Linear(latent_dim, 16 * 49)
        self.up = nn.Sequential(
            nn.Unflatten(1, (16, 7, 7)), nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Sigmoid())

    def encode(self, images):
        return self.down(images)

    def decode(self, z):
        return self.up(self.wide(z))

    def forward(self, images):
        return self.decode(self.encode(images))
"""
LAST = "return self.decoder(self.encode(x)).view(-1, 1, 28, 28)"
RIGHT["Autoencoder"] = {
    "sequential": AE,
    "functional": PARTS,
    "convolutions": CONV,
    "unflatten": edit(AE, ("nn.Sigmoid())", "nn.Sigmoid(), nn.Unflatten(1, (1, 28, 28)))"), (LAST, "return self.decoder(self.encode(x))")),
    "dropout": edit(AE, ("nn.Flatten(), ", "nn.Flatten(), nn.Dropout(0.2), ")),
    "batch norm": edit(AE, ("nn.Linear(784, 64)", "nn.Linear(784, 64), nn.BatchNorm1d(64)")),
    "layer norm": edit(AE, ("nn.Linear(784, 64)", "nn.Linear(784, 64), nn.LayerNorm(64)")),
    "tanh, halved": edit(AE, ("nn.Sigmoid()", "nn.Tanh()"), (LAST, "return (self.decoder(self.encode(x)).view(-1, 1, 28, 28) + 1) / 2")),
    "hardsigmoid, accepted with a remark": edit(AE, ("nn.Sigmoid()", "nn.Hardsigmoid()")),
    "straight encoder, accepted with a remark": edit(AE, ("nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, latent_dim)", "nn.Linear(784, latent_dim)"),
                                                     ("nn.Linear(latent_dim, 64), nn.ReLU(), nn.Linear(64, 784)", "nn.Linear(latent_dim, 784)")),
    "relu on the code, accepted with a remark": edit(AE, ("nn.Linear(64, latent_dim))", "nn.Linear(64, latent_dim), nn.ReLU())")),
    "sigmoid on the code, accepted with a remark": edit(AE, ("nn.Linear(64, latent_dim))", "nn.Linear(64, latent_dim), nn.Sigmoid())")),
    "softplus on the code, accepted with a remark": edit(AE, ("return self.encoder(x)", "return F.softplus(self.encoder(x))")),
    "tanh on the code": edit(AE, ("nn.Linear(64, latent_dim))", "nn.Linear(64, latent_dim), nn.Tanh())")),
    "deep": edit(AE, ("nn.Linear(784, 64), nn.ReLU()", "nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU()"),
                 ("nn.Linear(64, 784)", "nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 784)")),
    "deep sigmoids": edit(AE, ("nn.Linear(784, 64), nn.ReLU()", "nn.Linear(784, 128), nn.Sigmoid(), nn.Linear(128, 64), nn.Sigmoid()"),
                          ("nn.Linear(latent_dim, 64), nn.ReLU()", "nn.Linear(latent_dim, 64), nn.Sigmoid()")),
    "narrow": edit(AE, ("784, 64", "784, 12"), ("64, latent_dim", "12, latent_dim"), ("latent_dim, 64", "latent_dim, 12"), ("64, 784", "12, 784")),
    "lazy": edit(AE, ("nn.Linear(784, 64)", "nn.LazyLinear(64)")),
    "module attribute encode": edit(AE, ("self.encoder =", "self.encode ="), ("    def encode(self, x):\n        return self.encoder(x)\n\n", "")),
    "start_dim": edit(PARTS, ("x.reshape(x.size(0), -1)", "torch.flatten(x, start_dim=1)")),
    "max pooling": edit(CONV, ("nn.Conv2d(1, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU()", "nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)")),
    "upsampling": edit(CONV, ("nn.ConvTranspose2d(8, 1, 4, 2, 1)", "nn.Upsample(scale_factor=2), nn.Conv2d(8, 1, 3, padding=1)")),
    "output padding": edit(CONV, ("nn.ConvTranspose2d(8, 1, 4, 2, 1)", "nn.ConvTranspose2d(8, 1, 3, 2, 1, output_padding=1)")),
    "weight norm": edit(PARTS, ("nn.Linear(hidden, latent_dim)", "nn.utils.parametrizations.weight_norm(nn.Linear(hidden, latent_dim))")),
    "spectral norm": edit(PARTS, ("nn.Linear(hidden, latent_dim)", "nn.utils.parametrizations.spectral_norm(nn.Linear(hidden, latent_dim))")),
    "init": edit(AE, ("    def encode", "        for p in self.parameters():\n            nn.init.normal_(p, 0, 0.02)\n\n    def encode")),
    "clamped sigmoid": edit(AE, ("return self.decoder(self.encode(x)).view", "return self.decoder(self.encode(x)).clamp(0, 1).view")),
    "softplus ratio": edit(AE, (", nn.Sigmoid()", ""), (LAST, "y = F.softplus(self.decoder(self.encode(x)))\n        return (y / (1 + y)).view(-1, 1, 28, 28)")),
    "module lists": edit(PARTS, ("self.e1, self.e2 = nn.Linear(28 * 28, hidden), nn.Linear(hidden, latent_dim)",
                                 "self.e = nn.ModuleList([nn.Linear(28 * 28, hidden), nn.Linear(hidden, latent_dim)])"),
                         ("self.e2(F.leaky_relu(self.e1(", "self.e[1](F.leaky_relu(self.e[0](")),
    "factory": edit(AE, ("class Autoencoder", "class Net")) + "\ndef Autoencoder(latent_dim):\n    return Net(latent_dim)\n",
}
WRONG["Autoencoder"] = [
    Wrong("tanh_out", "image generators end in tanh", "That is a tanh", edit(AE, ("nn.Sigmoid()", "nn.Tanh()"))),
    Wrong("flat", "shape will broadcast in the loss", "The pixels are there, in a row", edit(AE, (".view(-1, 1, 28, 28)", ""))),
    Wrong("view_batch", "one entry per image", "one image has 1 . 28 . 28 of them", edit(AE, (".view(-1, 1, 28, 28)", ".view(x.size(0))"))),
    Wrong("view_mix", "reshape then transpose gives (N, 784)", "Something mixes the images", edit(AE, ("nn.Flatten(), ", ""), ("self.encoder(x)", "self.encoder(x.reshape(784, -1).t())"))),
    Wrong("returns_z", "the code is the output", "What should an autoencoder give back", edit(AE, (LAST, "return self.encode(x)"))),
    Wrong("relu_out", "pixels are not negative", "That is a ReLU", edit(AE, ("nn.Sigmoid()", "nn.ReLU()"))),
    Wrong("clamp", "clamp keeps the range", "a ReLU or a clamp ends the decoder", edit(AE, (", nn.Sigmoid()", ""), (".view", ".clamp(0, 1).view"))),
    Wrong("relu then clamp", "clamp keeps the range", "a ReLU or a clamp ends the decoder", edit(AE, ("nn.Sigmoid()", "nn.ReLU()"), (".view", ".clamp(max=1).view"))),
    Wrong("hardtanh 0 1", "a clamp layer", "a ReLU or a clamp ends the decoder", edit(AE, ("nn.Sigmoid()", "nn.Hardtanh(0, 1)"))),
    Wrong("linear", "no activation at the end", "Nothing bounds the last layer", edit(AE, (", nn.Sigmoid()", ""))),
    Wrong("softmax", "outputs between 0 and 1", "it is for classes", edit(AE, ("nn.Sigmoid()", "nn.Softmax(dim=1)"))),
    Wrong("relu before sigmoid", "a ReLU after each Linear", "Nothing is darker than grey", edit(AE, ("nn.Linear(64, 784)", "nn.Linear(64, 784), nn.ReLU()"))),
    Wrong("two sigmoids", "sigmoid in forward, too", "Nothing is darker than grey", edit(AE, ("return self.decoder", "return torch.sigmoid(self.decoder"), (".view(", ").view("))),
    Wrong("softplus", "smooth ReLU", "That is a ReLU or softplus", edit(AE, ("nn.Sigmoid()", "nn.Softplus()"))),
    Wrong("half range", "scale by half", "Black or white is out of reach", edit(AE, (LAST, LAST + " / 2"))),
    Wrong("255", "pixels go to 255", "there is no upper end", edit(AE, (LAST, LAST + " * 255"))),
    Wrong("encode gives pictures", "encode is the whole network", "encode stops at the code", edit(AE, ("return self.encoder(x)", "return self.decoder(self.encoder(x)).view(-1, 1, 28, 28)"), (LAST, "return self.encode(x)"))),
    Wrong("encode hidden", "the hidden layer is the code", "as many numbers as the argument latent_dim",
          edit(AE, ("return self.encoder(x)", "return self.encoder[:2](x)"), ("self.encode(x))", "self.encoder(x))"))),
    Wrong("latent constant", "the code has 2 numbers", "as many numbers as the argument latent_dim", edit(AE, ("64, latent_dim", "64, 2"), ("(latent_dim, 64)", "(2, 64)"))),
    Wrong("no bottleneck", "decoder sees everything", "as large as the image", edit(AE, ("nn.Linear(64, latent_dim)", "nn.Linear(64, 784)"), ("(latent_dim, 64)", "(784, 64)"))),
    Wrong("decoder constant", "the code has 32 numbers", "A linear layer met", edit(AE, ("nn.Linear(latent_dim, 64)", "nn.Linear(32, 64)"))),
    Wrong("skip", "skip connections help", "A skip connection", edit(AE, (LAST, "return torch.sigmoid(self.decoder[:3](self.encode(x)).view(-1, 1, 28, 28) + x)"), (", nn.Sigmoid()", ""))),
    Wrong("returns x", "placeholder", "lets the network copy|carries no gradient|get no gradient|Black or white", edit(AE, (LAST, "return x"))),
    Wrong("tuple", "return both", "forward gives a tuple of 2", edit(AE, (LAST, "z = self.encode(x)\n        return self.decoder(z).view(-1, 1, 28, 28), z"))),
    Wrong("encode tuple", "codes with their input", "encode gives a tuple of 2", edit(AE, ("return self.encoder(x)", "return self.encoder(x), x"))),
    Wrong("no encode", "forward is enough", "has no method encode", edit(AE, ("def encode", "def encoded"), ("self.encode(x)", "self.encoded(x)"))),
    Wrong("no return", "assignment is enough", "None came back from forward", edit(AE, ("return self.decoder", "x_hat = self.decoder"))),
    Wrong("no return encode", "assignment is enough", "None came back from encode", edit(AE, ("return self.encoder", "z = self.encoder"))),
    Wrong("no super", "super is optional", "Call super", edit(AE, ("        super().__init__()\n", ""))),
    Wrong("plain class", "a class is a class", "subclass of nn.Module", edit(AE, ("(nn.Module)", ""), ("        super().__init__()\n", ""))),
    Wrong("python list", "a list of layers", "Python list of layers",
          edit(PARTS, ("self.e1, self.e2 = nn.Linear(28 * 28, hidden), nn.Linear(hidden, latent_dim)", "self.e = [nn.Linear(28 * 28, hidden), nn.Linear(hidden, latent_dim)]"),
               ("self.e2(F.leaky_relu(self.e1(", "self.e[1](F.leaky_relu(self.e[0]("))),
    Wrong("fresh layers", "layers in forward", "made in forward", edit(PARTS, ("self.d2(h)", "nn.Linear(100, 784)(h)"))),
    Wrong("idle layer", "an extra layer is harmless", "get no gradient", edit(PARTS, ("torch.sigmoid(self.d2(h))", "torch.sigmoid(self.d2(h))"), ("self.d1, self.d2 =", "self.d3 = nn.Linear(3, 3)\n        self.d1, self.d2 ="))),
    Wrong("detach", "encode and decode are separate", "get no gradient", edit(AE, ("self.decoder(self.encode(x))", "self.decoder(self.encode(x).detach())"))),
    Wrong("no_grad", "encoding needs no gradient", "get no gradient", edit(AE, ("    def encode", "    @torch.no_grad()\n    def encode"))),
    Wrong("zeros", "start from an empty code", "give the same picture", edit(AE, ("self.decoder(self.encode(x))", "self.decoder(torch.zeros_like(self.encode(x)))"))),
    Wrong("noise", "generate from noise", "noise there", edit(AE, ("self.decoder(self.encode(x))", "self.decoder(torch.randn_like(self.encode(x)))"))),
    Wrong("noisy code", "a VAE already", "noise there", edit(AE, ("self.decoder(self.encode(x))", "self.decoder(self.encode(x) + torch.randn(1))"))),
    Wrong("softmax over batch", "dim 0", "Something mixes the images", edit(AE, ("return self.encoder(x)", "return torch.softmax(self.encoder(x), dim=0)"))),
    Wrong("batch standardised", "normalise the code", "Something mixes the images", edit(AE, ("return self.encoder(x)", "z = self.encoder(x)\n        return z - z.mean(0)"))),
    Wrong("view 64", "the batch size is 64", "Take the batch size from the tensor", edit(AE, ("view(-1, 1", "view(64, 1"))),
    Wrong("flatten all", "flatten() before the first layer", "A linear layer met|other shape|axis", edit(PARTS, ("x.reshape(x.size(0), -1)", "x.flatten()"))),
    Wrong("decoder of x", "the decoder makes pictures", "the decoder got the picture", edit(AE, ("self.decoder(self.encode(x))", "self.decoder(x)"))),
    Wrong("decoder of flat x", "rows for the decoder", "the decoder got the picture", edit(AE, ("self.decoder(self.encode(x))", "self.decoder(x.flatten(1))"))),
    Wrong("decoder of x, functional", "the decoder makes pictures", "the decoder got the picture", edit(PARTS, ("self.d1(self.encode(x))", "self.d1(x)"))),
    Wrong("no flatten", "Linear takes images", "A linear layer met", edit(AE, ("nn.Flatten(), ", ""))),
    Wrong("slope", "LeakyReLU takes sizes", "not a layer size", edit(AE, ("nn.Linear(784, 64), nn.ReLU()", "nn.Linear(784, 64), nn.LeakyReLU(64)"))),
    Wrong("channels last", "pictures are H, W, C", "in the shape of x", edit(AE, ("view(-1, 1, 28, 28)", "view(-1, 28, 28, 1)"))),
    Wrong("squeezed", "grey images have no channel", "The channel axis is missing", edit(AE, ("view(-1, 1, 28, 28)", "view(-1, 28, 28)"))),
    Wrong("instance", "hand over the network", "without brackets", edit(AE, ("class Autoencoder", "class Net")) + "\nAutoencoder = Net(6)\n"),
    Wrong("no argument", "latent_dim is global", "disagree about the arguments", edit(AE, ("__init__(self, latent_dim)", "__init__(self)"), ("64, latent_dim", "64, 2"), ("(latent_dim, 64)", "(2, 64)"))),
    Wrong("frozen", "the encoder is fixed", "requires_grad False", edit(AE, ("    def encode", "        self.encoder.requires_grad_(False)\n\n    def encode"))),
]

# --- reconstruction_loss --------------------------------------------------------------------------

r = one("reconstruction_loss", "x_hat, x")
RIGHT["reconstruction_loss"] = {
    "flatten": r("((x_hat - x) ** 2).flatten(1).sum(dim=1).mean()"),
    "summed, divided": r("F.mse_loss(x_hat, x, reduction='sum') / x.size(0)"),
    "mean times pixels": r("F.mse_loss(x_hat, x) * x[0].numel()"),
    "axes": r("(x_hat - x).pow(2).sum((1, 2, 3)).mean(0)"),
    "einsum": r("torch.einsum('nchw,nchw->', x_hat - x, x_hat - x) / len(x)"),
    "view": r("(x_hat.view(-1, 784) - x.view(-1, 784)).square().sum(-1).mean()"),
    "none": r("F.mse_loss(x_hat, x, reduction='none').sum([1, 2, 3]).mean()"),
    "module": r("nn.MSELoss(reduction='sum')(x_hat, x) / x.shape[0]"),
    "loop": function("reconstruction_loss", "x_hat, x", "total = 0\nfor a, b in zip(x_hat, x):\n    total = total + ((a - b) ** 2).sum()\nreturn total / len(x)"),
    "other way": r("((x - x_hat) ** 2).sum() / len(x_hat)"),
    "norm squared": r("(x_hat - x).flatten(1).norm(dim=1).square().mean()"),
    "clone": function("reconstruction_loss", "x_hat, x", "d = x_hat.clone()\nd -= x\nreturn (d * d).sum() / d.size(0)"),
    "shape (1,)": r("((x_hat - x) ** 2).flatten(1).sum(1).mean(0, keepdim=True)"),
}
WRONG["reconstruction_loss"] = [
    Wrong("mean", "mse_loss is the squared error", "You average over the pixels", r("F.mse_loss(x_hat, x)")),
    Wrong("l1", "distance is distance", "That is the absolute error", r("(x_hat - x).abs().flatten(1).sum(1).mean()")),
    Wrong("nosquare", "difference is the error", "The differences are not squared", r("(x_hat - x).flatten(1).sum(1).mean()")),
    Wrong("wrongdim", "dim 1 holds the pixels", "You average over the pixels", r("((x_hat - x) ** 2).sum(dim=1).mean()")),
    Wrong("sum", "sum everything", "You add over the batch", r("((x_hat - x) ** 2).sum()")),
    Wrong("rows", "the last axis is the image", "one axis of the picture", r("((x_hat - x) ** 2).sum(-1).mean()")),
    Wrong("columns", "axis 2 is the image", "one axis of the picture|starts with", r("((x_hat - x) ** 2).sum(2).mean()")),
    Wrong("batch axis", "axis 0 holds the pixels", "it is the other way round", r("((x_hat - x) ** 2).sum(0).mean()")),
    Wrong("vector", "one loss per image", "There is one per image", r("((x_hat - x) ** 2).flatten(1).sum(1)")),
    Wrong("pixels", "reduction none", "expected one number", r("F.mse_loss(x_hat, x, reduction='none')")),
    Wrong("l1 mean", "l1_loss", "That is the absolute error", r("F.l1_loss(x_hat, x)")),
    Wrong("rmse", "root mean square", "You take a root", r("torch.sqrt(((x_hat - x) ** 2).flatten(1).sum(1)).mean()")),
    Wrong("norm", "the distance", "You take a root", r("(x_hat - x).norm()")),
    Wrong("half", "the Gaussian has a half", "It is halved", r("0.5 * ((x_hat - x) ** 2).flatten(1).sum(1).mean()")),
    Wrong("negative", "log-likelihood", "The sign is turned", r("-((x_hat - x) ** 2).flatten(1).sum(1).mean()")),
    Wrong("bce", "pixels are probabilities", "binary cross entropy", r("F.binary_cross_entropy(x_hat, x, reduction='sum') / len(x)")),
    Wrong("sum then square", "square at the end", "square the sum", r("((x_hat - x).flatten(1).sum(1) ** 2).mean()")),
    Wrong("twice divided", "mean and divide", "by the batch size twice", r("((x_hat - x) ** 2).flatten(1).sum(1).mean() / len(x)")),
    Wrong("plus", "sign slip", "add the two pictures", r("((x_hat + x) ** 2).flatten(1).sum(1).mean()")),
    Wrong("squares", "a^2 - b^2", "Square the difference", r("(x_hat ** 2 - x ** 2).flatten(1).sum(1).mean()")),
    Wrong("times 28", "28 pixels", "one axis of the picture", r("F.mse_loss(x_hat, x) * 28")),
    Wrong("constant batch", "the batch size is 64", "Work one image by hand", r("F.mse_loss(x_hat, x, reduction='sum') / 64")),
    Wrong("detached", "numbers are enough", "carries no gradient", r("((x_hat.detach() - x) ** 2).flatten(1).sum(1).mean()")),
    Wrong("item", "a number is a number", "a float came back", r("((x_hat - x) ** 2).flatten(1).sum(1).mean().item()")),
    Wrong("no return", "printing is enough", "None came back", function("reconstruction_loss", "x_hat, x", "print(F.mse_loss(x_hat, x))")),
    Wrong("in place", "saves memory", "has changed|in-place", function("reconstruction_loss", "x_hat, x", "x -= x_hat\nreturn (x ** 2).flatten(1).sum(1).mean()")),
    Wrong("broadcast", "flatten one of them", "shapes meet|to a table|Work one image", r("((x_hat.flatten(1)[:, None] - x.flatten(1)) ** 2).sum(2).mean()")),
    Wrong("swallowed", "x is global", "disagree about the arguments", function("reconstruction_loss", "x_hat", "return (x_hat ** 2).sum()")),
    Wrong("max", "the worst pixel", "Work one image", r("((x_hat - x) ** 2).flatten(1).amax(1).mean()")),
]

# --- denoising_loss -------------------------------------------------------------------------------

d = one("denoising_loss", "model, x, noise_std")
DN = "noisy = x + noise_std * torch.randn_like(x)\nreturn F.mse_loss(model(noisy), x)"


def dn(*changes):
    """denoising_loss with some of its lines changed."""
    return function("denoising_loss", "model, x, noise_std", edit(DN, *changes))


RIGHT["denoising_loss"] = {
    "plain": dn(),
    "clamped": dn(("x + noise_std * torch.randn_like(x)", "(x + noise_std * torch.randn_like(x)).clamp(0, 1)")),
    "summed": dn(("F.mse_loss(model(noisy), x)", "((model(noisy) - x) ** 2).flatten(1).sum(1).mean()")),
    "normal": d("F.mse_loss(model(torch.normal(x, noise_std)), x)"),
    "empty": dn(("torch.randn_like(x)", "torch.empty_like(x).normal_()")),
    "normal_ with std": d("F.mse_loss(model(x + torch.zeros_like(x).normal_(0, noise_std)), x)"),
    "distribution": d("((model(torch.distributions.Normal(x, noise_std).sample()) - x) ** 2).mean()"),
    "shape": dn(("torch.randn_like(x)", "torch.randn(x.shape)")),
    "binary cross entropy": dn(("F.mse_loss(model(noisy), x)", "F.binary_cross_entropy(model(noisy), x)")),
    "absolute": dn(("F.mse_loss", "F.l1_loss")),
    "root": dn(("F.mse_loss(model(noisy), x)", "torch.sqrt(F.mse_loss(model(noisy), x))")),
    "target first": dn(("model(noisy), x", "x, model(noisy)")),
    "minus": dn(("x + noise", "x - noise")),
    "clone": function("denoising_loss", "model, x, noise_std", "noisy = x.clone()\nnoisy += noise_std * torch.randn_like(x)\nreturn nn.MSELoss()(model(noisy), x)"),
}
WRONG["denoising_loss"] = [
    Wrong("noisy_target", "an autoencoder reconstructs its input", "does it contain noise", dn(("model(noisy), x", "model(noisy), noisy"))),
    Wrong("overwrite", "reusing the name x is harmless", "does it contain noise", dn(("noisy = x", "x = x"), ("model(noisy)", "model(x)"))),
    Wrong("var", "the spread is the variance", "noise_std is squared", dn(("noise_std *", "noise_std ** 2 *"))),
    Wrong("clean_in", "forgot which variable to pass", "goes into the model", dn(("model(noisy)", "model(x)"))),
    Wrong("one_noise", "noise broadcasts over the batch", "get the same noise", dn(("randn_like(x)", "randn_like(x[0])"))),
    Wrong("rand", "rand", "Compare the names rand and randn", dn(("randn_like", "rand_like"))),
    Wrong("uniform", "noise from -1 to 1", "It looks uniform", dn(("torch.randn_like(x)", "(2 * torch.rand_like(x) - 1)"))),
    Wrong("root", "std is a root", "The root is taken", dn(("noise_std *", "noise_std ** 0.5 *"))),
    Wrong("no std", "unit noise", "has no effect", dn(("noise_std * ", ""))),
    Wrong("constant std", "noise of 0.3", "has no effect", dn(("noise_std *", "0.3 *"))),
    Wrong("added std", "noise plus std", "has no effect", dn(("noise_std * torch.randn_like(x)", "noise_std + torch.randn_like(x)"))),
    Wrong("per image", "one number per image", "for each pixel", dn(("torch.randn_like(x)", "torch.randn(len(x), 1, 1, 1)"))),
    Wrong("per row", "one number per row", "for each pixel", dn(("torch.randn_like(x)", "torch.randn(len(x), 1, 28, 1)"))),
    Wrong("seed", "reproducible noise", "two calls add the same noise", function("denoising_loss", "model, x, noise_std", "torch.manual_seed(0)\n" + DN)),
    Wrong("in place", "saves memory", "x itself has changed", function("denoising_loss", "model, x, noise_std", "x += noise_std * torch.randn_like(x)\nreturn F.mse_loss(model(x), x)")),
    Wrong("add_", "saves memory", "x itself has changed", dn(("x + noise_std * torch.randn_like(x)", "x.add_(noise_std * torch.randn_like(x))"))),
    Wrong("no model", "compare the noisy image", "the model is never called", dn(("model(noisy)", "noisy"))),
    Wrong("noise in", "the model sees noise", "mean|std", dn(("x + noise", "noise"))),
    Wrong("multiplied", "noise is a factor", "mean|std", dn(("x + noise_std * torch.randn_like(x)", "x * (noise_std * torch.randn_like(x))"))),
    Wrong("output noise", "noise on the output", "goes into the model", d("F.mse_loss(model(x) + noise_std * torch.randn_like(x), x)")),
    Wrong("target noise", "the model predicts the noise", "pull the model's output", dn(("model(noisy), x", "model(noisy), noisy - x"))),
    Wrong("not squared", "difference is the error", "The differences are not squared", dn(("F.mse_loss(model(noisy), x)", "(model(noisy) - x).mean()"))),
    Wrong("negative", "sign slip", "The sign is turned", dn(("return F", "return -F"))),
    Wrong("vector", "one loss per image", "expected one number", dn(("F.mse_loss(model(noisy), x)", "((model(noisy) - x) ** 2).flatten(1).sum(1)"))),
    Wrong("no_grad", "noise needs no gradient", "carries no gradient", function("denoising_loss", "model, x, noise_std", "with torch.no_grad():\n    y = model(x + noise_std * torch.randn_like(x))\nreturn F.mse_loss(y, x)")),
    Wrong("detach", "the output is data", "carries no gradient", dn(("model(noisy)", "model(noisy).detach()"))),
    Wrong("eval", "no dropout while measuring", "in eval mode afterwards", function("denoising_loss", "model, x, noise_std", "model.eval()\n" + DN)),
    Wrong("shrunk", "keep the range", "the mean", dn(("x + noise_std", "(1 - noise_std) * x + noise_std"))),
    Wrong("dropout", "masking is noise", "mean|std", d("F.mse_loss(model(F.dropout(x, noise_std)), x)")),
    Wrong("flattened", "rows for the network", "The model takes images", dn(("model(noisy)", "model(noisy.flatten(1))"))),
    Wrong("no return", "printing is enough", "None came back", dn(("return F", "loss = F"))),
    Wrong("abs", "noise brightens", "the mean", dn(("torch.randn_like(x)", "torch.randn_like(x).abs()"))),
]

# --- reparameterize -------------------------------------------------------------------------------

RP = "std = torch.exp(0.5 * logvar)\neps = torch.randn_like(std)\nreturn mu + std * eps"
p = one("reparameterize", "mu, logvar")


def rp(*changes):
    """reparameterize with some of its lines changed."""
    return function("reparameterize", "mu, logvar", edit(RP, *changes))


RIGHT["reparameterize"] = {
    "plain": rp(),
    "rsample": p("torch.distributions.Normal(mu, (logvar / 2).exp()).rsample()"),
    "addcmul": p("torch.addcmul(mu, logvar.mul(0.5).exp(), torch.empty_like(mu).normal_())"),
    "sqrt of the variance": rp(("torch.exp(0.5 * logvar)", "logvar.exp().sqrt()")),
    "power": rp(("torch.exp(0.5 * logvar)", "torch.exp(logvar) ** 0.5")),
    "randn of the shape": rp(("torch.randn_like(std)", "torch.randn(mu.shape)")),
    "minus": rp(("mu + std", "mu - std")),
    "clamped": rp(("0.5 * logvar", "0.5 * logvar.clamp(-10, 10)")),
    "numpy e": rp(("torch.exp(0.5 * logvar)", "math.e ** (logvar / 2)")),
    "as in the tutorial": rp(("torch.exp(0.5 * logvar)", "logvar.mul(0.5).exp_()")),
    "eps first": function("reparameterize", "mu, logvar", "eps = torch.randn(mu.size(0), mu.size(1))\nreturn eps.mul(torch.exp(logvar / 2)).add(mu)"),
    "normal": rp(("torch.randn_like(std)", "torch.normal(torch.zeros_like(mu), torch.ones_like(mu))")),
    "independent": p("torch.distributions.Independent(torch.distributions.Normal(mu, (logvar / 2).exp()), 1).rsample()"),
    "exp2": rp(("torch.exp(0.5 * logvar)", "torch.exp2(logvar / (2 * math.log(2)))")),
    "small guard": rp(("mu + std", "mu + 1e-8 + std")),
}
WRONG["reparameterize"] = [
    Wrong("nohalf", "exp undoes the log, done", "The spread is the variance", rp(("0.5 * ", ""))),
    Wrong("noexp", "the encoder outputs the std", "logvar itself multiplies eps", rp(("torch.exp(0.5 * logvar)", "logvar"))),
    Wrong("sqrtlog", "sigma is the root of what I have", "The root is taken of logvar itself", rp(("torch.exp(0.5 * logvar)", "torch.sqrt(logvar.clamp_min(0))"))),
    Wrong("neg", "sign slip", "The sign in the exponent", rp(("0.5 *", "-0.5 *"))),
    Wrong("rand", "rand and randn are the same", "Compare the names rand and randn", rp(("randn_like", "rand_like"))),
    Wrong("oneeps", "eps broadcasts over the batch", "drawn once for the whole batch", rp(("torch.randn_like(std)", "torch.randn(std.shape[1:])"))),
    Wrong("swap", "swapped roles", "exchanged their roles", rp(("mu + std * eps", "std + mu * eps"))),
    Wrong("sqrt", "root of logvar", "nan comes from a root", rp(("torch.exp(0.5 * logvar)", "torch.sqrt(logvar)"))),
    Wrong("abs root", "root of logvar", "The root is taken of logvar itself", rp(("torch.exp(0.5 * logvar)", "logvar.abs().sqrt()"))),
    Wrong("per image", "one eps per image", "shared by its latents", rp(("torch.randn_like(std)", "torch.randn(mu.size(0), 1)"))),
    Wrong("scalar eps", "eps is a number", "drawn once for the whole batch", rp(("torch.randn_like(std)", "torch.randn(1)"))),
    Wrong("random number", "a random number", "drawn once for the whole batch", rp(("torch.randn_like(std)", "random.gauss(0, 1)"))),
    Wrong("no eps", "sigma is the noise", "z is mu . sigma: no noise", rp(("std * eps", "std"))),
    Wrong("mean only", "z is the mean", "z is mu itself", p("mu")),
    Wrong("no mu", "noise with sigma", "mu does not enter", rp(("mu + ", ""))),
    Wrong("no sigma", "unit noise", "sigma does not enter", rp(("std * eps", "eps"))),
    Wrong("only eps", "noise is all", "z is eps itself", rp(("mu + std * eps", "eps"))),
    Wrong("added", "add all three", "sigma is added", rp(("std * eps", "std + eps"))),
    Wrong("bracket", "brackets", "A bracket is too wide", rp(("mu + std * eps", "(mu + eps) * std"))),
    Wrong("double", "two for half", "The exponent is doubled", rp(("0.5 *", "2 *"))),
    Wrong("half outside", "half of the exponential", "is halved", rp(("torch.exp(0.5 * logvar)", "0.5 * torch.exp(logvar)"))),
    Wrong("quarter", "half twice", "The root is taken twice", rp(("torch.exp(0.5 * logvar)", "torch.exp(0.5 * logvar).sqrt()"))),
    Wrong("softplus", "softplus is safe", "softplus is for", rp(("torch.exp(0.5 * logvar)", "F.softplus(logvar)"))),
    Wrong("sigmoid", "a std in (0, 1)", "A sigmoid is no way back", rp(("torch.exp(0.5 * logvar)", "torch.sigmoid(logvar)"))),
    Wrong("sample", "sample draws", "carries no gradient", p("torch.distributions.Normal(mu, (logvar / 2).exp()).sample()")),
    Wrong("torch.normal", "torch.normal draws", "gradient", p("torch.normal(mu, torch.exp(0.5 * logvar))")),
    Wrong("no_grad", "sampling needs no gradient", "carries no gradient", function("reparameterize", "mu, logvar", "with torch.no_grad():\n    return mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)")),
    Wrong("detach mu", "mu is a statistic", "no gradient reaches mu", rp(("return mu", "return mu.detach()"))),
    Wrong("detach std", "sigma is a statistic", "no gradient reaches logvar", rp(("std * eps", "std.detach() * eps"))),
    Wrong("data", ".data is the tensor", "no gradient reaches logvar", rp(("0.5 * logvar", "0.5 * logvar.data"))),
    Wrong("seed", "reproducible noise", "sets the global seed|same noise", function("reparameterize", "mu, logvar", "torch.manual_seed(0)\n" + RP)),
    Wrong("local seed", "a generator of its own", "two calls give the same noise", rp(("torch.randn_like(std)", "torch.randn(mu.shape, generator=torch.Generator().manual_seed(0))"))),
    Wrong("swapped arguments", "order of the arguments", "order of the arguments", function("reparameterize", "logvar, mu", RP)),
    Wrong("abs", "noise is positive", "eps is never negative", rp(("eps = torch.randn_like(std)", "eps = torch.randn_like(std).abs()"))),
    Wrong("uniform", "noise from -1 to 1", "eps looks uniform", rp(("torch.randn_like(std)", "2 * torch.rand_like(std) - 1"))),
    Wrong("wide uniform", "std 1 is enough", "it is not normal", rp(("torch.randn_like(std)", "(torch.rand_like(std) - 0.5) * 12 ** 0.5"))),
    Wrong("signs", "plus or minus sigma", "it is not normal|get a z of their own", rp(("torch.randn_like(std)", "torch.randn_like(std).sign()"))),
    Wrong("laplace", "any bell", "it is not normal", rp(("torch.randn_like(std)", "torch.distributions.Laplace(0.0, 0.5 ** 0.5).sample(mu.shape)"))),
    Wrong("small", "little noise", "times sigma", rp(("torch.randn_like(std)", "0.1 * torch.randn_like(std)"))),
    Wrong("in place", "saves memory", "mu or logvar has changed|in-place", rp(("torch.exp(0.5 * logvar)", "logvar.mul_(0.5).exp_()"))),
    Wrong("normal with logvar", "Normal takes logvar", "std that is 0, negative or nan", p("torch.distributions.Normal(mu, logvar).rsample()")),
    Wrong("normal with var", "Normal takes the variance", "The spread is the variance", p("torch.distributions.Normal(mu, logvar.exp()).rsample()")),
    Wrong("pair", "return both", "a tuple came back", rp(("return mu + std * eps", "return mu + std * eps, std"))),
    Wrong("mean", "one number", "the shape is", rp(("return mu + std * eps", "return (mu + std * eps).mean(1)"))),
    Wrong("no return", "assignment is enough", "None came back", rp(("return mu", "z = mu"))),
    Wrong("square shape", "L by L", "shapes meet|shape", rp(("torch.randn_like(std)", "torch.randn(mu.size(1), mu.size(0))"))),
    Wrong("minus mu", "sign slip", "The sign of mu", rp(("return mu", "return -mu"))),
    Wrong("shifted", "noise plus a half", "What shifts z|expected mu", rp(("return mu", "return 0.5 + mu"))),
    Wrong("eps squared", "chi square", "What shifts z|expected mu|never negative", rp(("std * eps", "std * eps ** 2"))),
]

# --- kl_divergence --------------------------------------------------------------------------------

KL = "(-0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(dim=1)).mean()"
k = one("kl_divergence", "mu, logvar")


def kd(*changes):
    """kl_divergence with its expression changed."""
    return k(edit(KL, *changes))


DIST = """q = torch.distributions.Normal(mu, torch.exp(0.5 * logvar))
p = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
return torch.distributions.kl_divergence(q, p).sum(1).mean()"""
RIGHT["kl_divergence"] = {
    "closed form": kd(),
    "distributions": function("kl_divergence", "mu, logvar", DIST),
    "sigma": function("kl_divergence", "mu, logvar", "sigma = torch.exp(logvar / 2)\nreturn (0.5 * (mu ** 2 + sigma ** 2 - 1) - torch.log(sigma)).sum(-1).mean(0)"),
    "sum, divided": k("0.5 * torch.sum(mu ** 2 + logvar.exp() - 1 - logvar) / mu.size(0)"),
    "mean times latents": k("0.5 * (mu.square() + logvar.exp() - logvar - 1).mean() * mu.shape[1]"),
    "independent": function("kl_divergence", "mu, logvar",
                            "D = torch.distributions\nq = D.Independent(D.Normal(mu, (logvar / 2).exp()), 1)\np = D.Independent(D.Normal(torch.zeros_like(mu), 1.0), 1)\nreturn D.kl_divergence(q, p).mean()"),
    "scalar prior": edit(function("kl_divergence", "mu, logvar", DIST), ("torch.zeros_like(mu), torch.ones_like(mu)", "0.0, 1.0")),
    "mean first": k("-0.5 * (1 + logvar - mu ** 2 - logvar.exp()).mean(0).sum()"),
    "expm1": k("0.5 * (mu * mu + torch.expm1(logvar) - logvar).sum(1).mean()"),
    "einsum": k("0.5 * torch.einsum('nl->n', mu ** 2 + logvar.exp() - 1 - logvar).mean()"),
    "keepdim": k("-0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1, keepdim=True).mean()"),
    "loop": function("kl_divergence", "mu, logvar", "total = 0\nfor m, v in zip(mu, logvar):\n    total = total + 0.5 * (m @ m + v.exp().sum() - v.sum() - len(m))\nreturn total / len(mu)"),
    "multivariate": function("kl_divergence", "mu, logvar", "D = torch.distributions\nq = D.MultivariateNormal(mu, torch.diag_embed(logvar.exp()))\np = D.MultivariateNormal(torch.zeros_like(mu), torch.eye(mu.size(1)))\nreturn D.kl_divergence(q, p).mean()"),
}
WRONG["kl_divergence"] = [
    Wrong("sign", "lost the minus sign", "smallest value a KL can take", kd(("-0.5", "0.5"))),
    Wrong("mean", "mean is the standard reduction", "You average over the latents", k("-0.5 * torch.mean(1 + logvar - mu.pow(2) - logvar.exp())")),
    Wrong("sum", "sum everything", "You add over the batch", k("-0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())")),
    Wrong("noexp", "logvar is the variance", "You put logvar itself", kd(("logvar.exp()", "logvar"))),
    Wrong("std", "sigma instead of sigma^2", "Which power of sigma", kd(("logvar.exp()", "(0.5 * logvar).exp()"))),
    Wrong("no1", "constants do not matter for the gradient", "The constant 1 is missing", kd(("1 + ", ""))),
    Wrong("vec", "per-example loss is fine", "There is one per image", k("-0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(dim=1)")),
    Wrong("axis", "axis 0 is the latent", "The axes are exchanged", kd(("dim=1", "dim=0"))),
    Wrong("no half", "the half is a constant", "factor 1/2", kd(("-0.5 * ", "-"))),
    Wrong("quarter", "half twice", "It is half the KL", kd(("-0.5", "-0.25"))),
    Wrong("direction", "prior first", "the other way round", function("kl_divergence", "mu, logvar", edit(DIST, ("divergence(q, p)", "divergence(p, q)")))),
    Wrong("direction by hand", "prior first", "the other way round", k("0.5 * (logvar + (1 + mu ** 2) / logvar.exp() - 1).sum(1).mean()")),
    Wrong("variance as sigma", "Normal takes the variance", "as sigma", function("kl_divergence", "mu, logvar", edit(DIST, ("torch.exp(0.5 * logvar)", "torch.exp(logvar)")))),
    Wrong("logvar as sigma", "Normal takes logvar", "std that is 0, negative or nan", function("kl_divergence", "mu, logvar", edit(DIST, ("torch.exp(0.5 * logvar)", "logvar")))),
    Wrong("logvar as sigma by hand", "logvar is sigma", "nan comes from", k("0.5 * (mu ** 2 + logvar ** 2 - 1).sum(1).mean() - torch.log(logvar).sum(1).mean()")),
    Wrong("over logvar", "divide by the variance", "the KL of .*inf comes from", k("0.5 * (mu ** 2 + logvar.exp() - 1 + 1 / logvar.abs()).sum(1).mean()")),
    Wrong("log of logvar", "logvar is the variance", "the KL of .*inf comes from a log of 0", k("0.5 * (mu ** 2 + logvar - 1 - torch.log(logvar)).sum(1).mean()")),
    Wrong("mu not squared", "mu", "mu is not squared", kd(("mu.pow(2)", "mu"))),
    Wrong("mu abs", "the size of mu", "mu is not squared", kd(("mu.pow(2)", "mu.abs()"))),
    Wrong("plus mu", "sign slip", "sign of mu.2", kd(("- mu", "+ mu"))),
    Wrong("plus var", "sign slip", "sign of the variance", kd(("- logvar.exp()", "+ logvar.exp()"))),
    Wrong("minus logvar", "sign slip", "sign of logvar", kd(("1 + logvar", "1 - logvar"))),
    Wrong("minus 1", "sign slip", "sign of the 1", kd(("1 + logvar", "logvar - 1"))),
    Wrong("no mu", "only the variance", "mu is missing", kd((" - mu.pow(2)", ""))),
    Wrong("no logvar", "the log term", "logvar is missing", kd(("1 + logvar", "1"))),
    Wrong("no var", "the variance term", "is missing", kd((" - logvar.exp()", ""))),
    Wrong("var squared", "square all", "The variance is squared", kd(("logvar.exp()", "logvar.exp().pow(2)"))),
    Wrong("neg exponent", "sign slip", "The sign in the exponent", kd(("logvar.exp()", "(-logvar).exp()"))),
    Wrong("half log", "log sigma", "logvar has the wrong factor", kd(("1 + logvar", "1 + 0.5 * logvar"))),
    Wrong("half bracket", "the half on the sigma only", "mu.2 counts twice", k("(mu ** 2 - 0.5 * (1 + logvar - logvar.exp())).sum(1).mean()")),
    Wrong("detach", "statistics", "carries no gradient", k("-0.5 * (1 + logvar.detach() - mu.detach() ** 2 - logvar.detach().exp()).sum(1).mean()")),
    Wrong("detach mu", "statistics", "no gradient reaches mu", kd(("mu.pow(2)", "mu.detach().pow(2)"))),
    Wrong("detach logvar", "statistics", "no gradient reaches logvar", k("-0.5 * (1 + logvar.detach() - mu ** 2 - logvar.detach().exp()).sum(1).mean()")),
    Wrong("half detached", "statistics", "a part of its path is cut", kd(("logvar.exp()", "logvar.exp().detach()"))),
    Wrong("item", "a number", "a float came back", kd((".mean()", ".mean().item()"))),
    Wrong("no return", "printing", "None came back", function("kl_divergence", "mu, logvar", "kl = " + KL)),
    Wrong("pair", "both parts", "a tuple came back", k("(mu ** 2).mean(), logvar.mean()")),
    Wrong("in place", "saves memory", "has changed|in-place", kd(("logvar.exp()", "logvar.exp_()"))),
    Wrong("swapped", "order of the arguments", "the KL of .*have changed places", function("kl_divergence", "logvar, mu", "return " + KL)),
    Wrong("twice divided", "mean and divide", "by the batch size twice", kd((".mean()", ".mean() / len(mu)"))),
    Wrong("sampled", "Monte Carlo", "Work one latent", function("kl_divergence", "mu, logvar", "s = (logvar / 2).exp()\nz = mu + s * torch.randn_like(mu)\nD = torch.distributions\nreturn (D.Normal(mu, s).log_prob(z) - D.Normal(0.0, 1.0).log_prob(z)).sum(1).mean()")),
    Wrong("mse", "distance to zero", "Work one latent|missing", k("(mu ** 2).sum(1).mean() + (logvar ** 2).sum(1).mean()")),
    Wrong("kl_div", "F.kl_div is the KL", "Work one latent|nan", k("F.kl_div(mu, logvar, reduction='batchmean')")),
    Wrong("log2", "bits", "another base", k("0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(1).mean() / math.log(2)")),
]

# --- vae_loss -------------------------------------------------------------------------------------

VL = """rec = ((x_hat - x) ** 2).flatten(1).sum(1)
kl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1)
return (rec + beta * kl).mean()"""
SPLIT = """rec = F.mse_loss(x_hat, x, reduction='sum') / x.size(0)
kl = 0.5 * torch.sum(logvar.exp() + mu.pow(2) - 1 - logvar) / x.size(0)
return rec + beta * kl"""
OWN = """def reconstruction_loss(x_hat, x):
    return ((x_hat - x) ** 2).flatten(1).sum(1).mean()

def kl_divergence(mu, logvar):
    return 0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(1).mean()

"""


def vl(*changes, body=VL, arguments="x_hat, x, mu, logvar, beta=1.0"):
    """vae_loss with some of its lines changed."""
    return function("vae_loss", arguments, edit(body, *changes))


RIGHT["vae_loss"] = {
    "per image": vl(),
    "one division": vl(body="rec = F.mse_loss(x_hat, x, reduction='sum')\nkl = 0.5 * torch.sum(logvar.exp() + mu.pow(2) - 1 - logvar)\nreturn (rec + beta * kl) / x.size(0)"),
    "own helpers": OWN + vl(body="return reconstruction_loss(x_hat, x) + beta * kl_divergence(mu, logvar)"),
    "split": vl(body=SPLIT),
    "mean times size": vl(body="return 784 * F.mse_loss(x_hat, x) - beta * 0.5 * mu.size(1) * (1 + logvar - mu ** 2 - logvar.exp()).mean()"),
    "distributions": vl(("-0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1)", "torch.distributions.kl_divergence(torch.distributions.Normal(mu, (logvar / 2).exp()), torch.distributions.Normal(0.0, 1.0)).sum(1)")),
    "integer default": vl(arguments="x_hat, x, mu, logvar, beta=1"),
    "helper as default": OWN + vl(body="return kl(mu, logvar) * beta + reconstruction_loss(x_hat, x)", arguments="x_hat, x, mu, logvar, beta=1.0, kl=kl_divergence"),
    "minus elbo": vl(("return (rec + beta * kl).mean()", "elbo = -rec - beta * kl\nreturn -elbo.mean()")),
}
WRONG["vae_loss"] = [
    Wrong("minus", "ELBO has a minus in front of the KL", "The KL is subtracted", vl(("rec + beta", "rec - beta"))),
    Wrong("beta_rec", "beta weighs the important term", "beta weighs the reconstruction", vl(("rec + beta * kl", "beta * rec + kl"))),
    Wrong("klmean", "mean everywhere", "You average over the latents", vl(("exp()).sum(1)", "exp()).mean(1)"))),
    Wrong("nobeta", "beta is 1 anyway", "beta has no effect", vl(("beta * ", ""))),
    Wrong("sumkl", "sum the KL", "The KL is added over the batch", vl(("(rec + beta * kl).mean()", "rec.mean() + beta * kl.sum()"))),
    Wrong("beta both", "beta weighs the loss", "beta weighs both", vl(("rec + beta * kl", "beta * (rec + kl)"))),
    Wrong("mse mean", "mse_loss is the squared error", "The reconstruction: You average over the pixels", vl(body="return F.mse_loss(x_hat, x) + beta * 0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).sum(1).mean()")),
    Wrong("both mean", "mean everywhere", "Both terms are averaged", vl(body="return F.mse_loss(x_hat, x) + beta * 0.5 * (mu ** 2 + logvar.exp() - 1 - logvar).mean()")),
    Wrong("both sum", "sum everywhere", "Both terms are added over the batch", vl((".mean()", ".sum()"))),
    Wrong("rec sum", "sum the pixels", "The reconstruction is added over the batch", vl(("(rec + beta * kl).mean()", "rec.sum() + beta * kl.mean()"))),
    Wrong("only rec", "the KL comes later", "The KL is missing", vl(("rec + beta * kl", "rec"))),
    Wrong("only kl", "the reconstruction is elsewhere", "The reconstruction is missing", vl(("rec + beta * kl", "beta * kl"))),
    Wrong("elbo", "maximise the ELBO", "The sign is turned", vl(("(rec + beta * kl)", "-(rec + beta * kl)"))),
    Wrong("kl sign", "lost the minus sign", "The KL is subtracted", vl(("-0.5", "0.5"))),
    Wrong("no half", "the half is a constant", "The KL: It is twice the KL", vl(("-0.5 * ", "-"))),
    Wrong("l1", "distance is distance", "The reconstruction: That is the absolute error", vl(("(x_hat - x) ** 2", "(x_hat - x).abs()"))),
    Wrong("bce", "pixels are probabilities", "The reconstruction: That is the binary cross entropy", vl(("((x_hat - x) ** 2)", "F.binary_cross_entropy(x_hat, x, reduction='none')"))),
    Wrong("half rec", "the Gaussian has a half", "The reconstruction: It is halved", vl(("((x_hat", "0.5 * ((x_hat"))),
    Wrong("kl per pixel", "divide by the pixels", "The KL|Print the two terms", vl(("beta * kl", "beta * kl / 784"))),
    Wrong("convex", "weights add to 1", "beta shares the weight", vl(("rec + beta * kl", "(1 - beta) * rec + beta * kl"))),
    Wrong("divided", "beta divides", "The KL is divided by beta", vl(("beta * kl", "kl / max(beta, 1e-3)"), ("kl / max(beta, 1e-3)", "kl / (beta + 1e-12)"))),
    Wrong("squared beta", "beta twice", "beta enters twice", vl(("beta * kl", "beta * beta * kl"))),
    Wrong("added beta", "beta is a bonus", "beta is added", vl(("beta * kl", "beta + kl"))),
    Wrong("no default", "beta is always given", "expected the default 1", vl(arguments="x_hat, x, mu, logvar, beta")),
    Wrong("default 0", "the default is off", "Look at the default", vl(arguments="x_hat, x, mu, logvar, beta=0.0")),
    Wrong("default 4", "the paper's beta", "Look at the default", vl(arguments="x_hat, x, mu, logvar, beta=4.0")),
    Wrong("other name", "any name", "An argument has a name", vl(("beta", "b"), arguments="x_hat, x, mu, logvar, b=1.0")),
    Wrong("vector", "one loss per image", "There is one per image", vl((".mean()", ""))),
    Wrong("axis", "axis 0", "The axes are exchanged|shapes meet", vl(body="rec = ((x_hat - x) ** 2).flatten(1).sum(1).mean()\nkl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(0).mean()\nreturn rec + beta * kl")),
    Wrong("detached kl", "statistics", "no gradient reaches mu", vl(body="rec = ((x_hat - x) ** 2).flatten(1).sum(1)\nmu, logvar = mu.detach(), logvar.detach()\nkl = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).sum(1)\nreturn (rec + beta * kl).mean()")),
    Wrong("detached logvar", "statistics", "no gradient reaches logvar", vl(body="logvar = logvar.detach()\n" + VL)),
    Wrong("detached x_hat", "pictures are data", "no gradient reaches x_hat", vl(("x_hat - x", "x_hat.detach() - x"))),
    Wrong("kl item", "a number to add", "no gradient reaches mu", vl(("beta * kl", "beta * kl.mean().item()"))),
    Wrong("item", "a number", "a float came back", vl((".mean()", ".mean().item()"))),
    Wrong("two terms", "the optimiser adds them", "It holds two terms", vl(("return (rec + beta * kl).mean()", "return rec.mean(), beta * kl.mean()"))),
    Wrong("two terms in a list", "the optimiser adds them", "It holds two terms", vl(("return (rec + beta * kl).mean()", "return [rec.mean(), beta * kl.mean()]"))),
    Wrong("swapped call", "order of the arguments", "The KL: mu and logvar have changed places", OWN + vl(body="return reconstruction_loss(x_hat, x) + beta * kl_divergence(logvar, mu)")),
    Wrong("tuple", "all three", "a tuple came back.*return the whole alone", vl(("return (rec", "return rec.mean(), kl.mean(), (rec"))),
    Wrong("no return", "printing", "None came back", vl(("return", "loss ="))),
    Wrong("no exp", "logvar is the variance", "You put logvar itself", vl(("logvar.exp()", "logvar"))),
    Wrong("multiplied", "both count", "The terms are multiplied", vl(("rec + beta", "rec * beta"))),
    Wrong("swapped codes", "order of the arguments", "The KL: mu and logvar have changed places", vl(arguments="x_hat, x, logvar, mu, beta=1.0")),
    Wrong("beta outside", "beta at the end", "beta weighs both", vl((".mean()", ".mean() * beta"), ("beta * kl", "kl"))),
]

# --- VAEEncoder -----------------------------------------------------------------------------------

VE = """class VAEEncoder(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU())
        self.mu = nn.Linear(64, latent_dim)
        self.logvar = nn.Linear(64, latent_dim)

    def forward(self, x):
        h = self.body(x)
        return self.mu(h), self.logvar(h)
"""
CHUNK = """class VAEEncoder(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(), nn.Linear(784, 64), nn.LeakyReLU(0.2), nn.Linear(64, 2 * latent_dim))

    def forward(self, x):
        return self.net(x).chunk(2, dim=1)
"""
OUT = "return self.mu(h), self.logvar(h)"
BODY = "nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU())"
RIGHT["VAEEncoder"] = {
    "two heads": VE,
    "chunk": CHUNK,
    "split": edit(CHUNK, (".chunk(2, dim=1)", ".split(self.net[-1].out_features // 2, dim=-1)")),
    "slices": edit(CHUNK, ("super().__init__()", "super().__init__()\n        self.n = latent_dim"), ("return self.net(x).chunk(2, dim=1)", "h = self.net(x)\n        return h[:, :self.n], h[:, self.n:]")),
    "interleaved": edit(CHUNK, ("return self.net(x).chunk(2, dim=1)", "h = self.net(x)\n        return h[:, 0::2], h[:, 1::2]")),
    "unbind": edit(CHUNK, ("nn.Linear(64, 2 * latent_dim)", "nn.Linear(64, 2 * latent_dim), nn.Unflatten(1, (2, latent_dim))"), (".chunk(2, dim=1)", ".unbind(1)")),
    "convolutions": edit(VE, (BODY, "nn.Sequential(nn.Conv2d(1, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 4, 2, 1), nn.ReLU(), nn.Flatten())"), ("nn.Linear(64", "nn.Linear(392")),
    "batch norm": edit(VE, ("nn.Linear(784, 64)", "nn.Linear(784, 64), nn.BatchNorm1d(64)")),
    "dropout": edit(VE, ("nn.ReLU()", "nn.ReLU(), nn.Dropout(0.3)")),
    "layer norm": edit(VE, ("nn.ReLU()", "nn.ReLU(), nn.LayerNorm(64)")),
    "tanh inside": edit(VE, ("nn.ReLU()", "nn.Tanh()")),
    "two networks": """class VAEEncoder(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.nets = nn.ModuleList(
            nn.Sequential(nn.Linear(784, 32), nn.GELU(), nn.Linear(32, latent_dim)) for _ in range(2))

    def forward(self, x):
        return [net(x.flatten(1)) for net in self.nets]
""",
    "clamped logvar": edit(VE, ("self.logvar(h)", "self.logvar(h).clamp(-10, 10)")),
    "log of a std": edit(VE, ("self.logvar(h)", "2 * torch.log(F.softplus(self.logvar(h)) + 1e-6)")),
    "narrow heads": edit(VE, ("nn.ReLU())", "nn.ReLU(), nn.Linear(64, latent_dim))"), ("self.mu = nn.Linear(64", "self.mu = nn.Linear(latent_dim"), ("self.logvar = nn.Linear(64", "self.logvar = nn.Linear(latent_dim")),
    "small logvar at first": edit(VE, ("    def forward", "        nn.init.zeros_(self.logvar.weight)\n        nn.init.constant_(self.logvar.bias, -3.0)\n\n    def forward")),
    "straight, accepted with a remark": edit(VE, (", nn.ReLU()", "")),
    "logvar from mu, accepted with a remark": edit(VE, ("self.logvar = nn.Linear(64, latent_dim)", "self.logvar = nn.Linear(latent_dim, latent_dim)"), (OUT, "mu = self.mu(h)\n        return mu, self.logvar(mu)")),
    "logvar from mu with a bend": edit(VE, ("self.logvar = nn.Linear(64, latent_dim)", "self.logvar = nn.Sequential(nn.Linear(latent_dim, 16), nn.ReLU(), nn.Linear(16, latent_dim))"), (OUT, "mu = self.mu(h)\n        return mu, self.logvar(mu)")),
    "lazy": edit(VE, ("nn.Linear(784, 64)", "nn.LazyLinear(64)")),
    "deep": edit(VE, ("nn.Linear(784, 64), nn.ReLU()", "nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU()")),
    "view": edit(VE, ("nn.Flatten(), ", ""), ("self.body(x)", "self.body(x.view(-1, 784))")),
    "batch norm on mu": edit(VE, ("self.mu = nn.Linear(64, latent_dim)", "self.mu = nn.Sequential(nn.Linear(64, latent_dim), nn.BatchNorm1d(latent_dim))")),
    "named tuple": "from collections import namedtuple\nCode = namedtuple('Code', 'mu logvar')\n" + edit(VE, (OUT, "return Code(self.mu(h), self.logvar(h))")),
    "stacked": edit(VE, (OUT, "return torch.stack([self.mu(h), self.logvar(h)])")),
}
WRONG["VAEEncoder"] = [
    Wrong("softplus", "softplus keeps the std positive", "That is for a std", edit(VE, ("self.logvar(h)", "F.softplus(self.logvar(h))"))),
    Wrong("sigmoid", "outputs should be in (0,1)", "mu lies between.*That is a sigmoid", edit(VE, (OUT, "return torch.sigmoid(self.mu(h)), torch.sigmoid(self.logvar(h))"))),
    Wrong("same", "one vector describes the latent", "the same tensor", edit(VE, (OUT, "z = self.mu(h)\n        return z, z"))),
    Wrong("body_relu", "a ReLU after every Linear", "mu lies between.*No value is negative", edit(CHUNK, ("nn.Linear(64, 2 * latent_dim)", "nn.Linear(64, 2 * latent_dim), nn.ReLU()"))),
    Wrong("exp", "the variance comes out", "logvar lies between.*That is for a std", edit(VE, ("self.logvar(h)", "self.logvar(h).exp()"))),
    Wrong("std", "sigma comes out", "logvar lies between.*That is for a std", edit(VE, ("self.logvar(h)", "torch.exp(0.5 * self.logvar(h))"))),
    Wrong("relu logvar", "a variance is positive", "logvar lies between.*That is for a std", edit(VE, ("self.logvar(h)", "F.relu(self.logvar(h))"))),
    Wrong("square", "a variance is positive", "logvar lies between.*That is for a std", edit(VE, ("self.logvar(h)", "self.logvar(h) ** 2"))),
    Wrong("tanh mu", "codes in [-1, 1]", "mu lies between.*tanh or a clamp", edit(VE, ("self.mu(h)", "torch.tanh(self.mu(h))"))),
    Wrong("tanh logvar", "a bounded variance", "logvar lies between.*tanh or a clamp", edit(VE, ("self.logvar(h)", "torch.tanh(self.logvar(h))"))),
    Wrong("sigmoid logvar", "a std in (0, 1)", "logvar lies between.*sigmoid", edit(VE, ("self.logvar(h)", "torch.sigmoid(self.logvar(h))"))),
    Wrong("log sigmoid", "a log below 0", "No value is positive", edit(VE, ("self.logvar(h)", "F.logsigmoid(self.logvar(h))"))),
    Wrong("clamp", "keep it small", "logvar lies between.*tanh or a clamp", edit(VE, ("self.logvar(h)", "self.logvar(h).clamp(-1, 1)"))),
    Wrong("softmax", "codes are classes", "mu lies between.*softmax", edit(VE, ("self.mu(h)", "torch.softmax(self.mu(h), dim=1)"))),
    Wrong("shared head", "one head is enough", "the same tensor", edit(VE, ("        self.logvar = nn.Linear(64, latent_dim)\n", ""), ("self.logvar(h)", "self.mu(h)"))),
    Wrong("tied", "one is the other scaled", "computed from mu alone", edit(VE, (OUT, "z = self.mu(h)\n        return z, -z"), ("        self.logvar = nn.Linear(64, latent_dim)\n", ""))),
    Wrong("log of mu", "the logarithm of mu squared", "computed from mu alone", edit(VE, (OUT, "z = self.mu(h)\n        return z, torch.log(z ** 2 + 1e-6)"), ("        self.logvar = nn.Linear(64, latent_dim)\n", ""))),
    Wrong("one tensor", "split later", "one tensor of shape .7, 6.*Split it in two", edit(CHUNK, (".chunk(2, dim=1)", ""))),
    Wrong("mu only", "as in the autoencoder", "one tensor of shape .7, 3.*Return both", edit(VE, (OUT, "return self.mu(h)"))),
    Wrong("batch chunk", "chunk's default axis", "takes the batch apart", edit(CHUNK, (", dim=1", ""))),
    Wrong("no double", "chunk doubles", "Take it from the argument|numbers in a row", edit(CHUNK, ("2 * latent_dim", "latent_dim"))),
    Wrong("three", "z as well", "z is drawn outside", edit(VE, (OUT, "mu, logvar = self.mu(h), self.logvar(h)\n        return mu + torch.randn_like(mu) * (logvar / 2).exp(), mu, logvar"))),
    Wrong("z", "the code is drawn", "expected the pair", edit(VE, (OUT, "mu, logvar = self.mu(h), self.logvar(h)\n        return mu + torch.randn_like(mu) * (logvar / 2).exp()"))),
    Wrong("distribution", "a Normal", "forward gives a Normal", edit(VE, (OUT, "return torch.distributions.Normal(self.mu(h), (self.logvar(h) / 2).exp())"))),
    Wrong("dict", "by name", "forward gives a dict", edit(VE, (OUT, "return {'mu': self.mu(h), 'logvar': self.logvar(h)}"))),
    Wrong("constant", "the code has 2 numbers", "Take it from the argument", edit(VE, ("latent_dim)\n        self.logvar", "2)\n        self.logvar"))),
    Wrong("scalar logvar", "one variance for all", "Take it from the argument", edit(VE, ("self.logvar = nn.Linear(64, latent_dim)", "self.logvar = nn.Linear(64, 1)"))),
    Wrong("both wide", "both in each", "split along the latent axis", edit(VE, ("64, latent_dim", "64, 2 * latent_dim"))),
    Wrong("mixed", "reshape and transpose", "Something mixes the images", edit(VE, ("nn.Flatten(), ", ""), ("self.body(x)", "self.body(x.reshape(784, -1).t())"))),
    Wrong("batch mean", "one variance for the batch", "Something mixes the images", edit(VE, ("self.logvar(h)", "self.logvar(h).mean(0, keepdim=True).expand(len(x), -1)"))),
    Wrong("noise", "mu is drawn", "noise there", edit(VE, (OUT, "return self.mu(h) + torch.randn(1), self.logvar(h)"))),
    Wrong("idle", "a head unused", "get no gradient", edit(VE, ("self.mu =", "self.spare = nn.Linear(64, 2)\n        self.mu ="))),
    Wrong("parameter", "a learnt variance for all", "give the same logvar", edit(VE, ("self.logvar = nn.Linear(64, latent_dim)", "self.logvar = nn.Parameter(torch.zeros(latent_dim))"), ("self.logvar(h)", "self.logvar.expand(len(x), -1)"))),
    Wrong("zeros", "unit variance", "give the same logvar", edit(VE, ("self.logvar(h)", "torch.zeros_like(self.mu(h))"))),
    Wrong("detached", "statistics", "get no gradient", edit(VE, ("self.logvar(h)", "self.logvar(h).detach()"))),
    Wrong("python list", "a list of heads", "Python list of layers", edit(VE, ("self.mu = nn.Linear(64, latent_dim)\n        self.logvar = nn.Linear(64, latent_dim)", "self.heads = [nn.Linear(64, latent_dim), nn.Linear(64, latent_dim)]"), (OUT, "return self.heads[0](h), self.heads[1](h)"))),
    Wrong("no super", "super is optional", "Call super", edit(VE, ("        super().__init__()\n", ""))),
    Wrong("plain class", "a class is a class", "subclass of nn.Module", edit(VE, ("(nn.Module)", ""), ("        super().__init__()\n", ""))),
    Wrong("no return", "assignment is enough", "images give None", edit(VE, (OUT, "mu, logvar = self.mu(h), self.logvar(h)"))),
    Wrong("no flatten", "Linear takes images", "A linear layer met", edit(VE, ("nn.Flatten(), ", ""))),
    Wrong("flatten batch", "flatten everything", "A linear layer met|axis", edit(VE, ("nn.Flatten(), ", ""), ("self.body(x)", "self.body(x.flatten())"))),
    Wrong("layers in forward", "heads in forward", "made in forward", edit(VE, ("self.logvar(h)", "nn.Linear(64, self.mu.out_features)(h)"), ("        self.logvar = nn.Linear(64, latent_dim)\n", ""))),
    Wrong("instance", "hand over the network", "without brackets", edit(VE, ("class VAEEncoder", "class Net")) + "\nVAEEncoder = Net(6)\n"),
    Wrong("abs mu", "codes are positive", "mu lies between.*No value is negative", edit(VE, ("self.mu(h)", "self.mu(h).abs()"))),
]

# --- sample_prior ---------------------------------------------------------------------------------

GLOBAL_VAE = "vae = nn.Module()\nvae.decoder = nn.Sequential(nn.Linear(4, 784), nn.Unflatten(1, (1, 28, 28)))\n"
SP = "z = torch.randn(n, latent_dim)\nreturn decoder(z)"


def sp(*changes, before="@torch.no_grad()\n", body=SP):
    """sample_prior with some of its lines changed."""
    return function("sample_prior", "decoder, n, latent_dim", edit(body, *changes), before)


RIGHT["sample_prior"] = {
    "decorator": sp(),
    "context, eval mode": sp(before="", body="decoder.eval()\nwith torch.no_grad():\n    return decoder(torch.normal(0.0, 1.0, size=(n, latent_dim)))"),
    "mode restored": sp(before="", body="mode = decoder.training\ndecoder.eval()\nwith torch.no_grad():\n    x = decoder(torch.randn(n, latent_dim))\ndecoder.train(mode)\nreturn x"),
    "device": sp(("latent_dim)", "latent_dim, device=next(decoder.parameters()).device)")),
    "inference mode": sp(before="@torch.inference_mode()\n"),
    "detached": sp(("decoder(z)", "decoder(z).detach()"), before=""),
    "one by one": sp(body="return torch.cat([decoder(torch.randn(1, latent_dim)) for _ in range(n)])"),
    "distribution": sp(("torch.randn(n, latent_dim)", "torch.distributions.Normal(0.0, 1.0).sample((n, latent_dim))")),
    "multivariate": sp(("torch.randn(n, latent_dim)", "torch.distributions.MultivariateNormal(torch.zeros(latent_dim), torch.eye(latent_dim)).sample((n,))")),
    "numpy": sp(("torch.randn(n, latent_dim)", "torch.from_numpy(np.random.randn(n, latent_dim)).float()")),
    "clamped, harmless": sp(("decoder(z)", "decoder(z).clamp(0, 1)")),
    "view": sp(("decoder(z)", "decoder(z).view(n, 1, 28, 28)")),
    "like": sp(("torch.randn(n, latent_dim)", "torch.randn_like(torch.empty(n, latent_dim))")),
    "reparameterized prior": sp(body="mu, logvar = torch.zeros(n, latent_dim), torch.zeros(n, latent_dim)\nreturn decoder(mu + (logvar / 2).exp() * torch.randn_like(mu))"),
}
WRONG["sample_prior"] = [
    Wrong("zeros", "the mean of the prior", "Where should the variety", sp(("torch.randn", "torch.zeros"))),
    Wrong("one", "one z", "How many latent vectors", sp(("torch.randn(n, latent_dim)", "torch.randn(latent_dim)"))),
    Wrong("expand", "repeat z n times", "of 300 rows of z differ", sp(("torch.randn(n, latent_dim)", "torch.randn(1, latent_dim).expand(n, -1)"))),
    Wrong("col", "noise broadcasts over dimensions", "of 8 columns of z differ", sp(("torch.randn(n, latent_dim)", "torch.randn(n, 1).expand(n, latent_dim)"))),
    Wrong("wide", "more noise, more variety", "Something scales or clips", sp(("torch.randn", "3 * torch.randn"))),
    Wrong("rand", "rand", "compare the names rand and randn", sp(("torch.randn", "torch.rand"))),
    Wrong("uniform", "noise from -1 to 1", "where are its tails", sp(("torch.randn(n, latent_dim)", "2 * torch.rand(n, latent_dim) - 1"))),
    Wrong("narrow", "typical samples", "Something scales or clips", sp(("torch.randn", "0.5 * torch.randn"))),
    Wrong("clamped z", "no outliers", "Something scales or clips|tails", sp(("torch.randn(n, latent_dim)", "torch.randn(n, latent_dim).clamp(-1, 1)"))),
    Wrong("shifted", "mean 1", "shifts or folds", sp(("torch.randn", "1 + torch.randn"))),
    Wrong("ones", "ones", "Where should the variety", sp(("torch.randn", "torch.ones"))),
    Wrong("swapped", "columns are samples", "one ROW per image|expected .n, ", sp(("n, latent_dim", "latent_dim, n"))),
    Wrong("constant latent", "the code has 20 numbers", "Both numbers come in as arguments", sp(("n, latent_dim", "n, 20"))),
    Wrong("constant n", "a grid has 64", "for n = 7, expected 7", sp(("n, latent_dim", "64, latent_dim"))),
    Wrong("single row", "one row", "How many latent vectors", sp(("n, latent_dim", "1, latent_dim"))),
    Wrong("image noise", "noise pictures", "no encoder is needed", sp(("n, latent_dim", "n, 1, 28, 28"))),
    Wrong("graph", "no_grad is for evaluation", "carry a graph", sp(before="")),
    Wrong("z returned", "the codes are the samples", "images, not codes", sp(("return decoder(z)", "decoder(z)\nreturn z"))),
    Wrong("global decoder", "the trained decoder", "never reads its argument decoder, and it reads vae", GLOBAL_VAE + sp(("decoder(z)", "vae.decoder(z)"))),
    Wrong("global decoder of another size", "the trained decoder", "never reads its argument decoder, and it reads vae", GLOBAL_VAE + sp(("decoder(z)", "decoder(z)"), body="decoder = vae.decoder\n" + SP)),
    Wrong("global size", "the size of the notebook", "never reads its argument latent_dim, and it reads size", "size = 20\n" + sp(("latent_dim", "size"))),
    Wrong("no decoder", "noise is the sample", "never called", sp(("decoder(z)", "z"))),
    Wrong("seed", "reproducible pictures", "sets the global seed|global seed stays alone", sp(body="torch.manual_seed(0)\n" + SP)),
    Wrong("local seed", "reproducible pictures", "two calls give the same noise", sp(("latent_dim)", "latent_dim, generator=torch.Generator().manual_seed(0))"))),
    Wrong("rescaled", "decoders end in tanh", "They are scaled", sp(("decoder(z)", "(decoder(z) + 1) / 2"))),
    Wrong("gan range", "images in [-1, 1]", "They are scaled", sp(("decoder(z)", "2 * decoder(z) - 1"))),
    Wrong("sigmoid", "sigmoid to be safe", "A sigmoid on top", sp(("decoder(z)", "decoder(z).sigmoid()"))),
    Wrong("tuple", "with their codes", "a tuple came back", sp(("return decoder(z)", "return decoder(z), z"))),
    Wrong("numpy", "plots want arrays", "an ndarray came back", sp(("decoder(z)", "decoder(z).numpy()"))),
    Wrong("list", "a list of images", "a list came back", sp(body="return [decoder(torch.randn(1, latent_dim)) for _ in range(n)]")),
    Wrong("squeezed", "imshow", "the shape is", sp(("decoder(z)", "decoder(z).squeeze()"))),
    Wrong("first", "one is enough", "the shape is", sp(("decoder(z)", "decoder(z)[0]"))),
    Wrong("no return", "printing", "None came back", sp(("return decoder", "x = decoder"))),
    Wrong("ints", "random numbers", "from N.0, I", sp(("torch.randn(n, latent_dim)", "torch.randint(0, 5, (n, latent_dim))"))),
    Wrong("unit sphere", "normalise z", "the same length", sp(("torch.randn(n, latent_dim)", "F.normalize(torch.randn(n, latent_dim), dim=1)"))),
    Wrong("std as mean", "normal's arguments", "Where should the variety", sp(("torch.randn(n, latent_dim)", "torch.normal(1.0, 0.0, (n, latent_dim))"))),
    Wrong("average", "the mean image", "the shape is|images differ", sp(("decoder(z)", "decoder(z).mean(0, keepdim=True)"))),
]

# --- best_constant --------------------------------------------------------------------------------

BC = """if loss == "mse":
    return targets.mean(dim=0)
return targets.median(dim=0).values"""


def bc(*changes, body=BC):
    """best_constant with some of its lines changed."""
    return function("best_constant", "targets, loss", edit(body, *changes))


RIGHT["best_constant"] = {
    "mean and median": bc(),
    "sum and sort": bc(("targets.mean(dim=0)", "targets.sum(0) / len(targets)"), ("targets.median(dim=0).values", "targets.sort(dim=0).values[len(targets) // 2]")),
    "lower middle": bc(("targets.median(dim=0).values", "targets.sort(dim=0)[0][(len(targets) - 1) // 2]")),
    "quantile": bc(("targets.median(dim=0).values", "torch.quantile(targets, 0.5, dim=0)")),
    "by name": bc(body="return {'mse': lambda t: t.mean(0), 'l1': lambda t: torch.median(t, 0)[0]}[loss](targets)"),
    "conditional": bc(body="return targets.mean(0) if loss == 'mse' else targets.median(0)[0]"),
    "nanmedian": bc(("targets.median(dim=0).values", "targets.nanmedian(dim=0).values")),
    "numpy median": bc(("targets.median(dim=0).values", "torch.from_numpy(np.median(targets.numpy(), axis=0))")),
    "best of the targets, l1": bc(("return targets.median(dim=0).values", "costs = (targets[:, None] - targets[None]).abs().sum(0)\nreturn targets.gather(0, costs.argmin(0, keepdim=True))[0]")),
    "kthvalue": bc(("targets.median(dim=0).values", "targets.kthvalue((len(targets) + 1) // 2, dim=0).values")),
}
WRONG["best_constant"] = [
    Wrong("mean_both", "the average is always best", "for 'l1'.*The mean is the best answer to another loss", bc(("targets.median(dim=0).values", "targets.mean(dim=0)"))),
    Wrong("median_both", "the typical image is best", "for 'mse'.*The median is the best answer to another", bc(("targets.mean(dim=0)", "targets.median(dim=0).values"))),
    Wrong("swapped", "mixed up", "for 'mse'.*The median is the best answer to another", bc(("mse", "l1"))),
    Wrong("sample", "predict a real image", "That is the first target", bc(body="return targets[0]")),
    Wrong("last", "predict a real image", "That is the last target", bc(body="return targets[-1]")),
    Wrong("l1 sample", "the sharp one", "for 'l1'.*That is the first target", bc(("targets.median(dim=0).values", "targets[0]"))),
    Wrong("middle", "the middle is the median", "for 'l1'.*That is the middle target in the order", bc(("targets.median(dim=0).values", "targets[len(targets) // 2]"))),
    Wrong("midrange", "the middle of the range", "one odd target", bc(("targets.median(dim=0).values", "(targets.amax(0) + targets.amin(0)) / 2"))),
    Wrong("mode", "the most frequent", "for 'l1'|most frequent|smallest", bc(("targets.median(dim=0).values", "targets.mode(0).values"))),
    Wrong("mean of all", "the mean", "one number for all", bc(("targets.mean(dim=0)", "targets.mean()"))),
    Wrong("median of all", "the median", "one number for all", bc(("targets.median(dim=0).values", "targets.median()"))),
    Wrong("wrong axis", "axis 1", "combine them along axis 0", bc(("mean(dim=0)", "mean(dim=1)"))),
    Wrong("channel axis gone", "one picture is (H, W)", "7 pictures of 5 x 3", bc(("mean(dim=0)", "mean(dim=(0, 1))"))),
    Wrong("keepdim", "keep the batch axis", "leave the batch axis out", bc(("mean(dim=0)", "mean(dim=0, keepdim=True)"))),
    Wrong("no values", "median gives the median", "take the values", bc((".values", ""))),
    Wrong("indices", "the second result", "for 'l1'|floating|dtype", bc((".values", ".indices.float()"))),
    Wrong("sum", "add up", "That is the sum", bc(("targets.mean(dim=0)", "targets.sum(dim=0)"))),
    Wrong("max", "the brightest", "That is the largest", bc(("targets.median(dim=0).values", "targets.amax(0)"))),
    Wrong("min", "the darkest", "That is the smallest", bc(("targets.median(dim=0).values", "targets.amin(0)"))),
    Wrong("loss", "the value of the loss", "the shape is|one number for all", bc(("targets.mean(dim=0)", "((targets - targets.mean(0)) ** 2).mean()"))),
    Wrong("targets", "all of them", "one answer per target", bc(("targets.mean(dim=0)", "targets"))),
    Wrong("in place", "saves memory", "the targets have changed", bc(("targets.mean(dim=0)", "targets.div_(len(targets)).sum(0)"))),
    Wrong("no return", "assignment is enough", "None came back", bc(("return targets.mean", "best = targets.mean"), ("return targets.median", "best = targets.median"))),
    Wrong("else missing", "only one case", "None came back", bc(body="if loss == 'mse':\n    return targets.mean(0)")),
    Wrong("capitals", "MSE is written in capitals", "branches was taken.*letter for letter", bc(body="if loss == 'MSE':\n    return targets.mean(0)\nif loss == 'L1':\n    return targets.median(0).values")),
    Wrong("capitals, else", "MSE is written in capitals", "in lower case", bc(("mse", "MSE"))),
    Wrong("global targets", "the pictures of the notebook", "never reads its argument targets, and it reads places", "places = torch.rand(5, 1, 28, 28)\n" + bc(("targets", "places"))),
    Wrong("pixel mean", "the mean of the pixels", "the shape is", bc(("mean(dim=0)", "mean((1, 2, 3))"))),
    Wrong("quarter", "a quantile", "for 'l1'", bc(("targets.median(dim=0).values", "torch.quantile(targets, 0.25, dim=0)"))),
    Wrong("trimmed", "without the extremes", "for 'l1'", bc(("targets.median(dim=0).values", "(targets.sum(0) - targets.amax(0) - targets.amin(0)) / max(len(targets) - 2, 1)"))),
    Wrong("rms", "root mean square", "That is the root of the mean square", bc(("targets.mean(dim=0)", "targets.pow(2).mean(0).sqrt()"))),
    Wrong("numpy", "arrays", "an ndarray came back", bc(("targets.mean(dim=0)", "targets.mean(dim=0).numpy()"))),
    Wrong("constant", "grey", "for 'mse'", bc(body="return torch.full_like(targets[0], 0.5)")),
    Wrong("spread one", "one value everywhere", "Each pixel has a best value|constants by hand|for '", bc(("targets.mean(dim=0)", "targets.mean().expand(targets.shape[1:])"))),
]

# --- sharpness ------------------------------------------------------------------------------------

SH = """dx = (img[..., :, 1:] - img[..., :, :-1]).abs()
dy = (img[..., 1:, :] - img[..., :-1, :]).abs()
return dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))"""


def sh(*changes, body=SH):
    """sharpness with some of its lines changed."""
    return function("sharpness", "img", edit(body, *changes))


ROLL = """dx = (img - img.roll(1, dims=-1)).abs()
dy = (img - img.roll(1, dims=-2)).abs()
return (dx + dy).mean((1, 2, 3))"""
RIGHT["sharpness"] = {
    "slices": sh(),
    "squared, accepted with a remark": sh(body="gx = img.diff(dim=3).pow(2).flatten(1).mean(1)\ngy = img.diff(dim=2).pow(2).flatten(1).mean(1)\nreturn gx + gy"),
    "diff": sh(body="return sum(img.diff(dim=d).abs().flatten(1).mean(1) for d in (-1, -2))"),
    "averaged": sh(("return dx", "return (dx"), ("dy.mean((1, 2, 3))", "dy.mean((1, 2, 3))) / 2")),
    "all differences": sh(("return dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))", "return torch.cat([dx.flatten(1), dy.flatten(1)], 1).mean(1)")),
    "sums, accepted with a remark": sh(("dx.mean", "dx.sum"), ("dy.mean", "dy.sum")),
    "sums of squares, accepted with a remark": sh((").abs()", ") ** 2"), ("dx.mean", "dx.sum"), ("dy.mean", "dy.sum")),
    "gradient length": sh(body="dx = img[:, :, :-1, 1:] - img[:, :, :-1, :-1]\ndy = img[:, :, 1:, :-1] - img[:, :, :-1, :-1]\nreturn torch.sqrt(dx ** 2 + dy ** 2).mean((1, 2, 3))"),
    "cropped": sh(body="c = img[:, 0, :-1, :-1]\nright, below = img[:, 0, :-1, 1:], img[:, 0, 1:, :-1]\nreturn ((right - c).abs() + (below - c).abs()).mean((1, 2))"),
    "loop": sh(body="return torch.stack([x.diff(dim=-1).abs().mean() + x.diff(dim=-2).abs().mean() for x in img])"),
    "convolution": sh(body="k = torch.tensor([[[[1.0, -1.0]]]])\nreturn F.conv2d(img, k).abs().mean((1, 2, 3)) + F.conv2d(img, k.mT).abs().mean((1, 2, 3))"),
    "root mean square, accepted with a remark": sh(body="return (img.diff(dim=-1).pow(2).mean((1, 2, 3)) + img.diff(dim=-2).pow(2).mean((1, 2, 3))).sqrt()"),
    "by view": sh(body="x = img.reshape(len(img), *img.shape[-2:])\nreturn (x[:, :, 1:] - x[:, :, :-1]).abs().mean(dim=(1, 2)) + (x[:, 1:] - x[:, :-1]).abs().mean(dim=(1, 2))"),
}
WRONG["sharpness"] = [
    Wrong("onedir", "one direction is enough", "nothing compares neighbours from top to bottom", sh((" + dy.mean((1, 2, 3))", ""))),
    Wrong("only down", "one direction is enough", "nothing compares neighbours from left to right", sh(("dx.mean((1, 2, 3)) + ", ""))),
    Wrong("std", "contrast is sharpness", "Contrast is not sharpness", sh(body="return img.flatten(1).std(1)")),
    Wrong("var", "contrast is sharpness", "Contrast is not sharpness", sh(body="return img.var((1, 2, 3))")),
    Wrong("range", "contrast is sharpness", "Contrast is not sharpness|clearly more for two", sh(body="return img.amax((1, 2, 3)) - img.amin((1, 2, 3))")),
    Wrong("batch", "mean of everything", "one number for all images", sh(("dx.mean((1, 2, 3))", "dx.mean()"), ("dy.mean((1, 2, 3))", "dy.mean()"))),
    Wrong("no abs", "differences measure change", "rising and falling edges cancel", sh((").abs()", ")"))),
    Wrong("abs last", "abs at the end", "rising and falling edges cancel", sh((").abs()", ")"), ("return dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))", "return dx.mean((1, 2, 3)).abs() + dy.mean((1, 2, 3)).abs()"))),
    Wrong("relu", "only rising edges", "whichever side|cancel", sh((").abs()", ").relu()"))),
    Wrong("roll", "roll gives the neighbour", "Only true neighbours count", sh(body=ROLL)),
    Wrong("padding", "same size", "beyond the border", sh(body="p = F.pad(img, (1, 0, 1, 0))\nreturn (img - p[..., 1:, :-1]).abs().mean((1, 2, 3)) + (img - p[..., :-1, 1:]).abs().mean((1, 2, 3))")),
    Wrong("same twice", "copy and paste", "nothing compares neighbours from top to bottom", sh(("img[..., 1:, :] - img[..., :-1, :]", "img[..., 1:] - img[..., :-1]"))),
    Wrong("batch differences", "axis 0", "Something mixes the images|is nan|batch|expected", sh(body="return img.diff(dim=0).abs().mean() + img.diff(dim=3).abs().mean((1, 2, 3))")),
    Wrong("channel axis", "axes 1 and 2", "is nan", sh(body="return img.diff(dim=1).abs().mean((1, 2, 3)) + img.diff(dim=2).abs().mean((1, 2, 3))")),
    Wrong("weighted", "rows count double", "Both directions weigh the same", sh(("return dx", "return 2 * dx"))),
    Wrong("sum and mean", "one slip", "Both directions weigh the same", sh(("dx.mean", "dx.sum"))),
    Wrong("brightness", "bright is sharp", "three flat images", sh(body="return img.mean((1, 2, 3))")),
    Wrong("total", "all that is there", "three flat images", sh(body="return img.abs().sum((1, 2, 3))")),
    Wrong("two apart", "central differences", "further apart", sh(("img[..., :, 1:] - img[..., :, :-1]", "img[..., :, 2:] - img[..., :, :-2]"), ("img[..., 1:, :] - img[..., :-1, :]", "img[..., 2:, :] - img[..., :-2, :]"))),
    Wrong("max", "the strongest edge", "expected clearly more for two|Contrast", sh(("dx.mean", "dx.amax"), ("dy.mean", "dy.amax"))),
    Wrong("product", "both must change", "nothing compares neighbours", sh((") + dy", ") * dy"))),
    Wrong("column", "keepdim", "axis of length 1 too many", sh(body="return (img.diff(dim=3).abs().flatten(1).mean(1) + img.diff(dim=2).abs().flatten(1).mean(1))[:, None]")),
    Wrong("rows kept", "mean over one axis", "How many images, how many numbers", sh(("dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))", "dx.mean((1, 3))[:, 1:] + dy.mean((1, 3))"))),
    Wrong("list", "one by one", "a list came back", sh(body="return [float(x.diff(dim=-1).abs().mean() + x.diff(dim=-2).abs().mean()) for x in img]")),
    Wrong("item", "a number", "came back", sh(body="return (img.diff(dim=-1).abs().mean() + img.diff(dim=-2).abs().mean()).item()")),
    Wrong("no return", "printing", "None came back", sh(("return", "s ="))),
    Wrong("relative", "divide by the batch", "Something mixes the images", sh(body="s = img.diff(dim=-1).abs().mean((1, 2, 3)) + img.diff(dim=-2).abs().mean((1, 2, 3))\nreturn s / s.max()")),
    Wrong("negative", "blur is positive", "expected the same number above 0", sh(("return dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))", "return -(dx.mean((1, 2, 3)) + dy.mean((1, 2, 3)))"))),
    Wrong("minus", "sign slip", "horizontal edge scores -|expected", sh((") + dy", ") - dy"))),
    Wrong("diagonal", "both steps at once", "Only true neighbours|Both directions|expected", sh(body="return (img[..., 1:, 1:] - img[..., :1, :1]).abs().mean((1, 2, 3))")),
    Wrong("in place", "saves memory", "the images have changed", sh(body="x = img.mul_(255)\nreturn x.diff(dim=-1).abs().mean((1, 2, 3)) + x.diff(dim=-2).abs().mean((1, 2, 3))")),
    Wrong("shapes", "add the pictures", "shapes meet", sh(("dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))", "(dx + dy).mean((1, 2, 3))"))),
]

# --- interpolate ----------------------------------------------------------------------------------

IN = "t = torch.linspace(0, 1, steps).unsqueeze(1)\nreturn (1 - t) * z1 + t * z2"


def ip(*changes, body=IN):
    """interpolate with some of its lines changed."""
    return function("interpolate", "z1, z2, steps", edit(body, *changes))


RIGHT["interpolate"] = {
    "weights": ip(),
    "outer": ip(body="t = torch.linspace(0, 1, steps)\nreturn z1 + torch.outer(t, z2 - z1)"),
    "lerp": ip(body="return torch.lerp(z1, z2, torch.linspace(0, 1, steps)[:, None])"),
    "stack": ip(body="return torch.stack([z1 + (z2 - z1) * i / (steps - 1) for i in range(steps)])"),
    "columns": ip(body="return torch.stack([torch.linspace(a, b, steps) for a, b in zip(z1.tolist(), z2.tolist())], dim=1)"),
    "view": ip(("unsqueeze(1)", "view(-1, 1)")),
    "einsum": ip(body="t = torch.linspace(0, 1, steps)\nreturn torch.einsum('s,l->sl', 1 - t, z1) + torch.einsum('s,l->sl', t, z2)"),
    "arange": ip(("torch.linspace(0, 1, steps).unsqueeze(1)", "torch.arange(steps)[:, None] / (steps - 1)")),
    "cat": ip(body="rows = [z1 * (1 - i / (steps - 1)) + z2 * (i / (steps - 1)) for i in range(steps)]\nreturn torch.cat([row[None] for row in rows])"),
    "backwards": ip(body="t = torch.linspace(1, 0, steps)[:, None]\nreturn t * z1 + (1 - t) * z2"),
    "numpy": ip(body="return torch.from_numpy(np.linspace(z1.numpy(), z2.numpy(), steps)).float()"),
}
WRONG["interpolate"] = [
    Wrong("sum", "walk from z1 by z2", "ends at z1 . z2", ip(("(1 - t) * z1", "z1"))),
    Wrong("linspace of codes", "linspace walks between codes", "linspace takes two numbers", ip(body="return torch.linspace(z1, z2, steps)")),
    Wrong("global codes", "the codes of the notebook", "never reads its arguments z1 and z2, and it reads mu", "mu = torch.rand(2, 3)\n" + ip(("z1", "mu[0]"), ("z2", "mu[1]"))),
    Wrong("global start", "the code of the notebook", "never reads its argument z1, and it reads start", "start = torch.rand(3)\n" + ip(("z1", "start"))),
    Wrong("bcast", "broadcasting sorts it out", "t has one value per step|Each dimension gets a t", ip((".unsqueeze(1)", ""))),
    Wrong("intdiv", "// divides", "What is 2 // 4", ip(body="return torch.stack([z1 + (z2 - z1) * (i // (steps - 1)) for i in range(steps)])")),
    Wrong("reversed", "t belongs to z1", "The order is the other way round", ip(("(1 - t) * z1 + t * z2", "t * z1 + (1 - t) * z2"))),
    Wrong("open end", "range stops before", "The last step stops before z2", ip(("torch.linspace(0, 1, steps).unsqueeze(1)", "(torch.arange(steps) / steps).unsqueeze(1)"))),
    Wrong("open start", "count from 1", "The first row has left z1", ip(("torch.linspace(0, 1, steps).unsqueeze(1)", "(torch.arange(1, steps + 1) / steps).unsqueeze(1)"))),
    Wrong("open both", "between the two", "Both ends are missing", ip(("torch.linspace(0, 1, steps)", "torch.linspace(0, 1, steps + 2)[1:-1]"))),
    Wrong("one too many", "steps are gaps", "one row too many", ip(("steps)", "steps + 1)"))),
    Wrong("one too few", "steps counts one end", "One row is missing", ip(("torch.linspace(0, 1, steps)", "torch.linspace(0, 1, steps)[:-1]"))),
    Wrong("transposed", "columns are steps", "one ROW per step|shape", ip(body="t = torch.linspace(0, 1, steps)\nreturn z1[:, None] + torch.outer(z2 - z1, t)")),
    Wrong("list", "a list of codes", "torch.stack makes one", ip(body="return [z1 + (z2 - z1) * i / (steps - 1) for i in range(steps)]")),
    Wrong("flat", "one row", "in one long row", ip(("return (1 - t) * z1 + t * z2", "return ((1 - t) * z1 + t * z2).flatten()"))),
    Wrong("extra axis", "a batch of one", "one axis too many", ip(body="t = torch.linspace(0, 1, steps).view(-1, 1, 1)\nreturn (1 - t) * z1 + t * z2")),
    Wrong("one number", "t only", "Where does the axis of the steps|That is one", ip(body="return torch.linspace(0, 1, steps)")),
    Wrong("middle", "the mean of both", "axis of the steps", ip(body="return (z1 + z2) / 2")),
    Wrong("middle repeated", "the mean of both", "Every row is the middle", ip(body="return ((z1 + z2) / 2).repeat(steps, 1)")),
    Wrong("no z1", "the direction is the path", "z1 is missing at the start", ip(body="t = torch.linspace(0, 1, steps)[:, None]\nreturn t * (z2 - z1)")),
    Wrong("turned", "z1 - z2", "The direction is turned", ip(body="t = torch.linspace(0, 1, steps)[:, None]\nreturn z1 + t * (z1 - z2)")),
    Wrong("too far", "t counts steps", "It runs too far", ip(("torch.linspace(0, 1, steps)", "torch.arange(steps).float()"))),
    Wrong("slerp", "codes lie on a sphere", "slerp", ip(body="t = torch.linspace(0, 1, steps)[:, None]\na = torch.acos((z1 @ z2 / (z1.norm() * z2.norm())).clamp(-1, 1))\nreturn (torch.sin((1 - t) * a) * z1 + torch.sin(t * a) * z2) / torch.sin(a)")),
    Wrong("squared", "ease in", "t is squared", ip((".unsqueeze(1)", ".unsqueeze(1) ** 2"))),
    Wrong("smooth", "ease in and out", "a cosine of t", ip((".unsqueeze(1)", ".unsqueeze(1)\nt = (1 - torch.cos(math.pi * t)) / 2"))),
    Wrong("random", "any point between", "Put t = 0", ip(("torch.linspace(0, 1, steps).unsqueeze(1)", "torch.rand(steps, 1)"))),
    Wrong("sorted random", "any point between", "Put t = 0", ip(("torch.linspace(0, 1, steps).unsqueeze(1)", "torch.rand(steps, 1).sort(0).values"))),
    Wrong("weights", "both weights t", "do not add up to 1", ip(("(1 - t) * z1", "t * z1"))),
    Wrong("only z1", "repeat the start", "Every row is z1", ip(body="return z1.repeat(steps, 1)")),
    Wrong("steps ignored", "ten steps", "One row per step|steps counts", ip(("steps)", "10)"))),
    Wrong("0 to steps", "linspace to steps", "Put t = 0|It runs too far", ip(("(0, 1, steps)", "(0, steps, steps)"))),
    Wrong("in place", "saves memory", "z1 or z2 has changed", ip(body="rows = [z1.clone()]\nd = (z2 - z1) / (steps - 1)\nfor _ in range(steps - 1):\n    z1 += d\n    rows.append(z1.clone())\nreturn torch.stack(rows)")),
    Wrong("same memory", "append the name", "z1 or z2 has changed|Every row is z2", ip(body="z = z1.clone()\nrows = [z]\nd = (z2 - z1) / (steps - 1)\nfor _ in range(steps - 1):\n    z += d\n    rows.append(z)\nreturn torch.stack(rows)")),
    Wrong("no return", "printing", "None came back", ip(("return", "path ="))),
    Wrong("plus", "sign slip", "z1 is missing in the direction|Put t", ip(body="t = torch.linspace(0, 1, steps)[:, None]\nreturn z1 + t * (z2 + z1)")),
]

# --- train_step -----------------------------------------------------------------------------------

TS = """x_hat, mu, logvar = model(x)
loss = loss_fn(x_hat, x, mu, logvar)
opt.zero_grad()
loss.backward()
opt.step()
return loss.item()"""


def ts(*changes, body=TS):
    """train_step with some of its lines changed."""
    return function("train_step", "model, opt, x, loss_fn", edit(body, *changes))


RIGHT["train_step"] = {
    "plain": ts(),
    "zero at the end": ts(("opt.zero_grad()\n", ""), ("opt.step()", "opt.step()\nopt.zero_grad()")),
    "zero first": ts(("opt.zero_grad()\n", ""), ("x_hat, mu", "opt.zero_grad()\nx_hat, mu")),
    "model.zero_grad": ts(("opt.zero_grad()", "model.zero_grad()")),
    "set to zero": ts(("zero_grad()", "zero_grad(set_to_none=False)")),
    "by hand": ts(("opt.zero_grad()", "for p in model.parameters():\n    p.grad = None")),
    "train mode": ts(("x_hat, mu", "model.train()\nx_hat, mu")),
    "detached": ts(("loss.item()", "loss.detach()")),
    "float": ts(("loss.item()", "float(loss)")),
    "names": ts(("loss_fn(x_hat, x, mu, logvar)", "loss_fn(x_hat=x_hat, x=x, mu=mu, logvar=logvar)")),
    "star": ts(body="opt.zero_grad()\nx_hat, *code = model(x)\nloss = loss_fn(x_hat, x, *code)\nloss.backward()\nopt.step()\nreturn float(loss.detach())"),
    "indices": ts(body="out = model(x)\nloss = loss_fn(out[0], x, out[1], out[2])\nopt.zero_grad()\nloss.backward()\nopt.step()\nreturn loss.detach().numpy()"),
    "closure": ts(body="def closure():\n    opt.zero_grad()\n    x_hat, mu, logvar = model(x)\n    loss = loss_fn(x_hat, x, mu, logvar)\n    loss.backward()\n    return loss\nreturn opt.step(closure).item()"),
    "autograd.grad": ts(("opt.zero_grad()\nloss.backward()", "for p, g in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()))):\n    p.grad = g")),
}
WRONG["train_step"] = [
    Wrong("late", "clear before stepping", "Cleared between", ts(("opt.zero_grad()\nloss.backward()", "loss.backward()\nopt.zero_grad()"))),
    Wrong("nostep", "backward updates the weights", "opt.step.. is missing", ts(("opt.step()\n", ""))),
    Wrong("detach", "mu and logvar are statistics, detach them", "The KL has no effect", ts(("x, mu, logvar)", "x, mu.detach(), logvar.detach())"))),
    Wrong("returns_graph", "loss is a number", "comes back with its graph", ts(("loss.item()", "loss"))),
    Wrong("no zero", "gradients are fresh", "The gradient of the step before", ts(("opt.zero_grad()\n", ""))),
    Wrong("no backward", "step does it", "backward.. is missing", ts(("loss.backward()\n", ""))),
    Wrong("step first", "order", "The step comes before backward", ts(("loss.backward()\nopt.step()", "opt.step()\nloss.backward()"))),
    Wrong("detach mu", "statistics", "does not reach mu", ts(("x, mu, logvar)", "x, mu.detach(), logvar)"))),
    Wrong("detach logvar", "statistics", "does not reach logvar", ts(("x, mu, logvar)", "x, mu, logvar.detach())"))),
    Wrong("detach x_hat", "pictures are data", "x_hat is detached", ts(("fn(x_hat,", "fn(x_hat.detach(),"))),
    Wrong("swapped images", "target first", "gets x in the place of x_hat", ts(("fn(x_hat, x", "fn(x, x_hat"))),
    Wrong("swapped codes", "logvar first", "gets logvar in the place of mu", ts(("mu, logvar)", "logvar, mu)"))),
    Wrong("wrong unpacking", "order of the outputs", "in the place of", ts(("x_hat, mu, logvar = model", "mu, logvar, x_hat = model"))),
    Wrong("minus", "maximise", "the step climbs", ts(("loss.backward()", "(-loss).backward()"))),
    Wrong("doubled", "twice is better", "is doubled|runs twice", ts(("loss.backward()", "(2 * loss).backward()"))),
    Wrong("backward twice", "both terms", "runs twice", ts(("loss.backward()", "loss.backward(retain_graph=True)\nloss.backward()"))),
    Wrong("two steps", "twice is better", "runs 2 times", ts(("opt.step()", "opt.step()\nopt.step()"))),
    Wrong("divided", "mean over the batch", "The direction is right", ts(("loss.backward()", "(loss / len(x)).backward()"))),
    Wrong("clipped", "clip to be safe", "The direction is right", ts(("opt.step()", "nn.utils.clip_grad_norm_(model.parameters(), 0.5)\nopt.step()"))),
    Wrong("new optimiser", "an optimiser of its own", "opt never steps", ts(("opt.step()", "torch.optim.SGD(model.parameters(), lr=0.02).step()"))),
    Wrong("own update", "by hand", "opt never steps", ts(("opt.step()", "with torch.no_grad():\n    for p in model.parameters():\n        p -= 0.02 * p.grad"))),
    Wrong("no_grad", "saves memory", "no history", ts(("x_hat, mu, logvar = model(x)", "with torch.no_grad():\n    x_hat, mu, logvar = model(x)"))),
    Wrong("decoder only", "the encoder is fixed", "The encoder does not move|the encoder does not move", ts(("x_hat, mu, logvar = model(x)", "for p in model.encoder.parameters():\n    p.requires_grad_(False)\nx_hat, mu, logvar = model(x)"))),
    Wrong("eval", "no noise", "The model runs in eval mode|the model runs in eval mode", ts(("x_hat, mu, logvar =", "model.eval()\nx_hat, mu, logvar ="))),
    Wrong("eval after", "ready for pictures", "in eval mode after the step", ts(("return", "model.eval()\nreturn"))),
    Wrong("own loss", "the loss of before", "loss_fn is never called", ts(("loss_fn(x_hat, x, mu, logvar)", "((x_hat - x) ** 2).sum() + (mu ** 2).sum() + (logvar ** 2).sum()"))),
    Wrong("three arguments", "the loss needs no logvar", "disagree about the arguments", ts((", mu, logvar)", ", mu)"))),
    Wrong("no return", "training is enough", "None came back", ts(("return loss.item()", "loss.item()"))),
    Wrong("tuple", "return all", "a tuple came back", ts(("loss.item()", "loss.item(), mu"))),
    Wrong("text", "formatted", "a str came back", ts(("loss.item()", "f'{loss.item():.2f}'"))),
    Wrong("picture", "return the pictures", "came back", ts(("loss.item()", "x_hat.detach()"))),
    Wrong("summed", "times the batch", "the loss of this batch", ts(("loss.item()", "loss.item() * len(x)"))),
    Wrong("after", "the loss afterwards", "the loss of this batch", ts(("return loss.item()", "return loss_fn(x_hat, x, mu + 1, logvar).item()"), ("loss_fn(x_hat, x, mu + 1, logvar).item()", "loss.item() - 1"))),
    Wrong("item first", "a number is a number", "A Python number took", ts(("logvar)\nopt", "logvar).item()\nopt"))),
    Wrong("flattened", "rows for the network", "hand the batch over as it is", ts(("model(x)", "model(x.flatten(1))"))),
    Wrong("scaled", "to [-1, 1]", "other images than the batch", ts(("model(x)", "model(2 * x - 1)"))),
    Wrong("denoising", "noise helps", "other images than the batch", ts(("model(x)", "model(x + 0.1 * torch.randn_like(x))"))),
    Wrong("one output", "the model gives pictures", "in the place of|is_tensor|a tuple|came back", ts(("x_hat, mu, logvar = model(x)\nloss = loss_fn(x_hat, x, mu, logvar)", "x_hat = model(x)\nloss = loss_fn(x_hat, x, None, None)"))),
    Wrong("kl zeroed", "warm up at 0", "in the place of", ts(("mu, logvar)\nopt", "torch.zeros_like(mu), torch.zeros_like(logvar))\nopt"))),
]

# --- what a right answer hears beside that --------------------------------------------------------

STRAIGHT, POSITIVE = "two linear layers in a row", "the code cannot be negative"
REMARKS = {  # (exercise, id of a right answer): words of its line; every other right answer has none
    ("Autoencoder", "hardsigmoid, accepted with a remark"): "A hard end",
    ("Autoencoder", "straight encoder, accepted with a remark"): STRAIGHT,
    ("Autoencoder", "relu on the code, accepted with a remark"): POSITIVE,
    ("Autoencoder", "sigmoid on the code, accepted with a remark"): POSITIVE,
    ("Autoencoder", "softplus on the code, accepted with a remark"): POSITIVE,
    ("VAEEncoder", "straight, accepted with a remark"): STRAIGHT,
    ("VAEEncoder", "logvar from mu, accepted with a remark"): "logvar follows from mu",
    ("VAEEncoder", "logvar from mu with a bend"): "logvar follows from mu",
    ("VAEEncoder", "narrow heads"): "logvar follows from mu",
    ("sample_prior", "context, eval mode"): "in eval mode now",
    ("sharpness", "squared, accepted with a remark"): "You square the differences",
    ("sharpness", "root mean square, accepted with a remark"): "You square the differences",
    ("sharpness", "sums, accepted with a remark"): "the formula takes their mean",
    ("sharpness", "sums of squares, accepted with a remark"): "You square .* their mean",
}
