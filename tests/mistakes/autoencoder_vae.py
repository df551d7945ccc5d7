"""Known answers to the exercises of lesson 2: wrong ones with the words meant for each, and right ones."""

from mistakes import Wrong, edit, function, one

RIGHT, WRONG = {}, {}

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
    Wrong("view_mix", "reshape then transpose gives (N, 784)", "Something mixes the images", edit(AE, ("nn.Flatten(), ", ""), ("self.encoder(x)", "self.encoder(x.reshape(784, -1).t())"))),
    Wrong("clamp", "clamp keeps the range", "a ReLU or a clamp ends the decoder", edit(AE, (", nn.Sigmoid()", ""), (".view", ".clamp(0, 1).view"))),
    Wrong("255", "pixels go to 255", "there is no upper end", edit(AE, (LAST, LAST + " * 255"))),
    Wrong("latent constant", "the code has 2 numbers", "as many numbers as the argument latent_dim", edit(AE, ("64, latent_dim", "64, 2"), ("(latent_dim, 64)", "(2, 64)"))),
    Wrong("returns x", "placeholder", "lets the network copy|carries no gradient|get no gradient|Black or white", edit(AE, (LAST, "return x"))),
    Wrong("no flatten", "Linear takes images", "A linear layer met", edit(AE, ("nn.Flatten(), ", ""))),
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
    Wrong("rows", "the last axis is the image", "one axis of the picture", r("((x_hat - x) ** 2).sum(-1).mean()")),
    Wrong("vector", "one loss per image", "There is one per image", r("((x_hat - x) ** 2).flatten(1).sum(1)")),
    Wrong("pixels", "reduction none", "add over the pixels of an image, and average over the", r("F.mse_loss(x_hat, x, reduction='none')")),
    Wrong("constant batch", "the batch size is 64", "Work one image by hand", r("F.mse_loss(x_hat, x, reduction='sum') / 64")),
    Wrong("detached", "numbers are enough", "carries no gradient", r("((x_hat.detach() - x) ** 2).flatten(1).sum(1).mean()")),
    Wrong("no return", "printing is enough", "None came back", function("reconstruction_loss", "x_hat, x", "print(F.mse_loss(x_hat, x))")),
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
    Wrong("overwrite", "reusing the name x is harmless", "does it contain noise", dn(("noisy = x", "x = x"), ("model(noisy)", "model(x)"))),
    Wrong("clean_in", "forgot which variable to pass", "goes into the model", dn(("model(noisy)", "model(x)"))),
    Wrong("per image", "one number per image", "for each pixel", dn(("torch.randn_like(x)", "torch.randn(len(x), 1, 1, 1)"))),
    Wrong("in place", "saves memory", "x itself has changed", function("denoising_loss", "model, x, noise_std", "x += noise_std * torch.randn_like(x)\nreturn F.mse_loss(model(x), x)")),
    Wrong("detach", "the output is data", "carries no gradient", dn(("model(noisy)", "model(noisy).detach()"))),
    Wrong("flattened", "rows for the network", "The model takes images", dn(("model(noisy)", "model(noisy.flatten(1))"))),
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
    Wrong("scalar eps", "eps is a number", "drawn once for the whole batch", rp(("torch.randn_like(std)", "torch.randn(1)"))),
    Wrong("sample", "sample draws", "carries no gradient", p("torch.distributions.Normal(mu, (logvar / 2).exp()).sample()")),
    Wrong("torch.normal", "torch.normal draws", "gradient", p("torch.normal(mu, torch.exp(0.5 * logvar))")),
    Wrong("data", ".data is the tensor", "no gradient reaches logvar", rp(("0.5 * logvar", "0.5 * logvar.data"))),
    Wrong("laplace", "any bell", "it is not normal", rp(("torch.randn_like(std)", "torch.distributions.Laplace(0.0, 0.5 ** 0.5).sample(mu.shape)"))),
    Wrong("in place", "saves memory", "mu or logvar has changed|in-place", rp(("torch.exp(0.5 * logvar)", "logvar.mul_(0.5).exp_()"))),
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
    Wrong("vec", "per-example loss is fine", "There is one per image", k("-0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(dim=1)")),
    Wrong("logvar as sigma by hand", "logvar is sigma", "nan comes from", k("0.5 * (mu ** 2 + logvar ** 2 - 1).sum(1).mean() - torch.log(logvar).sum(1).mean()")),
    Wrong("detach", "statistics", "carries no gradient", k("-0.5 * (1 + logvar.detach() - mu.detach() ** 2 - logvar.detach().exp()).sum(1).mean()")),
    Wrong("detach mu", "statistics", "no gradient reaches mu", kd(("mu.pow(2)", "mu.detach().pow(2)"))),
    Wrong("pair", "both parts", "a tuple came back", k("(mu ** 2).mean(), logvar.mean()")),
    Wrong("mse", "distance to zero", "Work one latent|missing", k("(mu ** 2).sum(1).mean() + (logvar ** 2).sum(1).mean()")),
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
    Wrong("vector", "one loss per image", "There is one per image", vl((".mean()", ""))),
    Wrong("detached x_hat", "pictures are data", "no gradient reaches x_hat", vl(("x_hat - x", "x_hat.detach() - x"))),
    Wrong("two terms", "the optimiser adds them", "It holds two terms", vl(("return (rec + beta * kl).mean()", "return rec.mean(), beta * kl.mean()"))),
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
    Wrong("same", "one vector describes the latent", "the weights logvar.weight and logvar.bias get no gradient,", edit(VE, (OUT, "z = self.mu(h)\n        return z, z"))),
    Wrong("std", "sigma comes out", "logvar lies between.*That is for a std", edit(VE, ("self.logvar(h)", "torch.exp(0.5 * self.logvar(h))"))),
    Wrong("tied", "one is the other scaled", "computed from mu alone", edit(VE, (OUT, "z = self.mu(h)\n        return z, -z"), ("        self.logvar = nn.Linear(64, latent_dim)\n", ""))),
    Wrong("no double", "chunk doubles", "Take it from the argument|numbers in a row", edit(CHUNK, ("2 * latent_dim", "latent_dim"))),
    Wrong("mixed", "reshape and transpose", "Something mixes the images", edit(VE, ("nn.Flatten(), ", ""), ("self.body(x)", "self.body(x.reshape(784, -1).t())"))),
    Wrong("no return", "assignment is enough", "None came back from forward, expected the pair .mu, logvar..", edit(VE, (OUT, "mu, logvar = self.mu(h), self.logvar(h)"))),
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
    Wrong("graph", "no_grad is for evaluation", "with the images comes a graph, expected no graph.", sp(before="")),
    Wrong("global decoder", "the trained decoder", "never reads its argument decoder, and it reads vae", GLOBAL_VAE + sp(("decoder(z)", "vae.decoder(z)"))),
    Wrong("no decoder", "noise is the sample", "never called", sp(("decoder(z)", "z"))),
    Wrong("tuple", "with their codes", "a tuple came back", sp(("return decoder(z)", "return decoder(z), z"))),
    Wrong("first", "one is enough", "images, not codes, and all of them.", sp(("decoder(z)", "decoder(z)[0]"))),
    Wrong("std as mean", "normal's arguments", "Where should the variety", sp(("torch.randn(n, latent_dim)", "torch.normal(1.0, 0.0, (n, latent_dim))"))),
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
    Wrong("median_both", "the typical image is best", "for 'mse'.*The median is the best answer to another", bc(("targets.mean(dim=0)", "targets.median(dim=0).values"))),
    Wrong("wrong axis", "axis 1", "combine them along axis 0", bc(("mean(dim=0)", "mean(dim=1)"))),
    Wrong("in place", "saves memory", "targets itself has changed, expected that what comes in", bc(("targets.mean(dim=0)", "targets.div_(len(targets)).sum(0)"))),
    Wrong("else missing", "only one case", "None came back", bc(body="if loss == 'mse':\n    return targets.mean(0)")),
    Wrong("global targets", "the pictures of the notebook", "never reads its argument targets, and it reads places", "places = torch.rand(5, 1, 28, 28)\n" + bc(("targets", "places"))),
    Wrong("quarter", "a quantile", "for 'l1'", bc(("targets.median(dim=0).values", "torch.quantile(targets, 0.25, dim=0)"))),
]

# --- sharpness ------------------------------------------------------------------------------------

SH = """dx = (img[..., :, 1:] - img[..., :, :-1]).abs()
dy = (img[..., 1:, :] - img[..., :-1, :]).abs()
return dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))"""


def sh(*changes, body=SH):
    """sharpness with some of its lines changed."""
    return function("sharpness", "img", edit(body, *changes))


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
    Wrong("range", "contrast is sharpness", "Contrast is not sharpness|clearly more for two", sh(body="return img.amax((1, 2, 3)) - img.amin((1, 2, 3))")),
    Wrong("rows kept", "mean over one axis", "How many images, how many numbers", sh(("dx.mean((1, 2, 3)) + dy.mean((1, 2, 3))", "dx.mean((1, 3))[:, 1:] + dy.mean((1, 3))"))),
    Wrong("list", "one by one", "a list of numbers came back, expected a tensor.", sh(body="return [float(x.diff(dim=-1).abs().mean() + x.diff(dim=-2).abs().mean()) for x in img]")),
    Wrong("diagonal", "both steps at once", "Only true neighbours|Both directions|expected", sh(body="return (img[..., 1:, 1:] - img[..., :1, :1]).abs().mean((1, 2, 3))")),
    Wrong("in place", "saves memory", "img itself has changed, expected that what comes in stays as", sh(body="x = img.mul_(255)\nreturn x.diff(dim=-1).abs().mean((1, 2, 3)) + x.diff(dim=-2).abs().mean((1, 2, 3))")),
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
    Wrong("linspace of codes", "linspace walks between codes", "linspace takes two numbers", ip(body="return torch.linspace(z1, z2, steps)")),
    Wrong("global start", "the code of the notebook", "never reads its argument z1, and it reads start", "start = torch.rand(3)\n" + ip(("z1", "start"))),
    Wrong("one too many", "steps are gaps", "one row too many", ip(("steps)", "steps + 1)"))),
    Wrong("one too few", "steps counts one end", "One row is missing", ip(("torch.linspace(0, 1, steps)", "torch.linspace(0, 1, steps)[:-1]"))),
    Wrong("random", "any point between", "Put t = 0", ip(("torch.linspace(0, 1, steps).unsqueeze(1)", "torch.rand(steps, 1)"))),
    Wrong("0 to steps", "linspace to steps", "Put t = 0|It runs too far", ip(("(0, 1, steps)", "(0, steps, steps)"))),
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
    Wrong("backward twice", "both terms", "runs twice", ts(("loss.backward()", "loss.backward(retain_graph=True)\nloss.backward()"))),
    Wrong("divided", "mean over the batch", "The direction is right", ts(("loss.backward()", "(loss / len(x)).backward()"))),
    Wrong("new optimiser", "an optimiser of its own", "opt never steps", ts(("opt.step()", "torch.optim.SGD(model.parameters(), lr=0.02).step()"))),
    Wrong("after", "the loss afterwards", "the loss of this batch", ts(("return loss.item()", "return loss_fn(x_hat, x, mu + 1, logvar).item()"), ("loss_fn(x_hat, x, mu + 1, logvar).item()", "loss.item() - 1"))),
    Wrong("scaled", "to [-1, 1]", "other images than the batch", ts(("model(x)", "model(2 * x - 1)"))),
    Wrong("one output", "the model gives pictures", "in the place of|is_tensor|a tuple|came back", ts(("x_hat, mu, logvar = model(x)\nloss = loss_fn(x_hat, x, mu, logvar)", "x_hat = model(x)\nloss = loss_fn(x_hat, x, None, None)"))),
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
