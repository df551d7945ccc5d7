"""Known answers to the exercises of lesson 3, a vanilla GAN on MNIST."""

import re

from mistakes import Wrong, edit, function, one

RIGHT, WRONG = {}, {}

# --- to_gan_range, to_display_range ---------------------------------------------------------------

x = one("to_gan_range", "x")
RIGHT["to_gan_range"] = {
    "normalize": x("(x - 0.5) / 0.5"),
    "twice minus one": x("2 * x - 1"),
    "methods": x("x.mul(2).sub(1)"),
    "lambda": "to_gan_range = lambda images: images + images - 1\n",
    "lerp": x("torch.lerp(torch.full_like(x, -1.0), torch.ones_like(x), x)"),
    "clamped, harmless": x("(x * 2 - 1).clamp(-1, 1)"),
    "copy in place": function("to_gan_range", "x", "x = x.clone()\nx *= 2\nx -= 1\nreturn x"),
    "instance": "class Map:\n    def __call__(self, x):\n        return 2 * x - 1\nto_gan_range = Map()\n",
    "module": "class Map(nn.Module):\n    def forward(self, x):\n        return 2 * x - 1\nto_gan_range = Map()\n",
    "partial": "import functools\nto_gan_range = functools.partial(lambda a, x: a * x - 1, 2)\n",
}
WRONG["to_gan_range"] = [
    Wrong("per image", "each image has its own range", "Something of the batch|You stretch",
          x("(x - x.amin((1, 2, 3), True)) / (x.amax((1, 2, 3), True) - x.amin((1, 2, 3), True)) * 2 - 1")),
    Wrong("no return", "assignment is enough", "None came back", function("to_gan_range", "x", "y = 2 * x - 1")),
    Wrong("in place", "saves memory", "x itself has changed", x("x.mul_(2).sub_(1)")),
    Wrong("mean", "one number", "nothing is averaged", x("(2 * x - 1).mean()")),
    Wrong("long", "pixels are whole", "every shade of grey", x("(2 * x - 1).long()")),
    Wrong("constant", "placeholder left in", "It is the same number everywhere:", x("torch.zeros_like(x)")),
]
x = one("to_display_range", "x")
RIGHT["to_display_range"] = {
    "half": x("x * 0.5 + 0.5"),
    "shift and halve": x("(x + 1) / 2"),
    "clamped, harmless": x("((x + 1) / 2).clamp(0, 1)"),
    "detached": x("x.detach().add(1).div(2)"),
    "lambda": "to_display_range = lambda pixels: pixels / 2 + 1 / 2\n",
    "one minus": x("1 - (1 - x) / 2"),
    "no_grad": "@torch.no_grad()\n" + x("(x + 1) * 0.5"),
}
WRONG["to_display_range"] = [
    Wrong("clamp", "imshow needs [0, 1]", "You clamp", x("x.clamp(0, 1)")),
    Wrong("uint8", "pixels are bytes", "every shade of grey", x("((x + 1) / 2).to(torch.uint8)")),
    Wrong("in place", "saves memory", "x itself has changed", x("x.add_(1).div_(2)")),
    Wrong("squeeze", "imshow wants (28, 28)", "nothing is averaged, added or flattened",
          x("((x + 1) / 2).squeeze()")),
    Wrong("no return", "printing is enough", "None came back",
          function("to_display_range", "x", "print((x + 1) / 2)")),
]

# --- sample_z -------------------------------------------------------------------------------------

z = one("sample_z", "n, z_dim")
RIGHT["sample_z"] = {
    "randn": z("torch.randn(n, z_dim)"),
    "normal_": z("torch.empty(n, z_dim).normal_()"),
    "distribution": z("torch.distributions.Normal(0.0, 1.0).sample((n, z_dim))"),
    "tuple": z("torch.randn((n, z_dim), dtype=torch.float32)"),
    "normal": z("torch.normal(0.0, 1.0, size=(n, z_dim))"),
    "stack of rows": z("torch.stack([torch.randn(z_dim) for _ in range(n)])"),
    "numpy": z("torch.from_numpy(np.random.randn(n, z_dim)).float()"),
    "numpy generator": z("torch.tensor(np.random.default_rng().normal(size=(n, z_dim)), dtype=torch.float32)"),
    "gauss": z("torch.tensor([[random.gauss(0, 1) for _ in range(z_dim)] for _ in range(n)])"),
    "device": "def sample_z(n, z_dim, device='cpu'):\n    return torch.randn(n, z_dim, device=device)\n",
    "lambda": "sample_z = lambda n, d: torch.randn(d, n).T\n",
    "like": z("torch.randn_like(torch.zeros(n, z_dim))"),
    "box muller": z("torch.sqrt(-2 * torch.log(1 - torch.rand(n, z_dim))) * torch.cos(2 * math.pi * torch.rand(n, z_dim))"),
    "requires grad": z("torch.randn(n, z_dim, requires_grad=True)"),
}
WRONG["sample_z"] = [
    Wrong("hard coded", "z has 100 numbers", "both come in as arguments", z("torch.randn(n, 100)")),
    Wrong("kept", "draw once, use always", "without keeping the result",
          "import functools\n@functools.lru_cache\n" + z("torch.randn(n, z_dim)")),
    Wrong("uniform wide", "std 1 is enough", "where are its tails", z("(torch.rand(n, z_dim) * 2 - 1) * 3 ** 0.5")),
    Wrong("wide", "more noise, more variety", "scales or clips", z("2 * torch.randn(n, z_dim)")),
    Wrong("unit sphere", "normalise z", "the same length", z("F.normalize(torch.randn(n, z_dim), dim=1)")),
    Wrong("numpy", "arrays are fine", "an ndarray came back", z("np.random.randn(n, z_dim)")),
]

# --- Generator ------------------------------------------------------------------------------------

G = """class Generator(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(z_dim, 128), nn.LeakyReLU(0.2),
            nn.Linear(128, 256), nn.LeakyReLU(0.2),
            nn.Linear(256, 28 * 28), nn.Tanh())

    def forward(self, z):
        return self.net(z).view(z.size(0), 1, 28, 28)
"""
END = "return self.net(z).view(z.size(0), 1, 28, 28)"
CONV = """class Generator(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.start = nn.Linear(z_dim, 32 * 7 * 7)
        self.up = nn.Sequential(
            nn.BatchNorm2d(32), nn.ReLU(True),
            nn.ConvTranspose2d(32, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.ReLU(True),
            nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh())

    def forward(self, z):
        return self.up(self.start(z).reshape(-1, 32, 7, 7))
"""
PARTS = """class Generator(nn.Module):
    def __init__(self, z_dim, hidden=64):
        super(Generator, self).__init__()
        self.a = nn.Linear(z_dim, hidden)
        self.b = nn.Linear(hidden, 784)

    def forward(self, z):
        h = F.relu(self.a(z))
        return torch.tanh(self.b(h)).reshape(len(z), 1, 28, 28)
"""
RIGHT["Generator"] = {
    "view": G,
    "unflatten": edit(G, ("nn.Tanh())", "nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))"), (END, "return self.net(z)")),
    "layer norm": edit(G, ("nn.Linear(128, 256)", "nn.LayerNorm(128), nn.Linear(128, 256)")),
    "2 sigmoid - 1": edit(G, ("nn.Tanh()", "nn.Sigmoid()"),
                          (END, "return (2 * self.net(z) - 1).view(z.size(0), 1, 28, 28)")),
    "batch norm": edit(G, ("nn.Linear(128, 256)", "nn.Linear(128, 256), nn.BatchNorm1d(256)")),
    "slope 0.9": edit(G, ("nn.Linear(128, 256), nn.LeakyReLU(0.2)", "nn.Linear(128, 256), nn.LeakyReLU(0.9)")),
    "functional": PARTS,
    "convolutions": CONV,
    "dropout": edit(G, ("nn.Linear(128, 256)", "nn.Dropout(0.3), nn.Linear(128, 256)")),
    "spectral norm": edit(PARTS, ("self.b = nn.Linear(hidden, 784)",
                                  "self.b = nn.utils.parametrizations.spectral_norm(nn.Linear(hidden, 784))")),
    "weight norm": edit(PARTS, ("self.a = nn.Linear(z_dim, hidden)",
                                "self.a = nn.utils.parametrizations.weight_norm(nn.Linear(z_dim, hidden))")),
    "module list": edit(PARTS, ("self.a = nn.Linear(z_dim, hidden)", "self.ls = nn.ModuleList([nn.Linear(z_dim, hidden)])"),
                        ("self.a(z)", "self.ls[0](z)")),
    "dcgan init": edit(CONV, ("    def forward", "        self.apply(self.init)\n\n    @staticmethod\n    def init(m):\n"
                              "        if 'Conv' in type(m).__name__:\n            nn.init.normal_(m.weight, 0, 0.02)\n\n"
                              "    def forward")),
    "batch norm before tanh": edit(G, ("nn.Linear(256, 28 * 28),", "nn.Linear(256, 28 * 28), nn.BatchNorm1d(784),")),
    "sizes in a list": edit(G, ("self.net = nn.Sequential(", "self.sizes = [128, 256]\n        self.net = nn.Sequential(")),
    "lazy": edit(G, ("nn.Linear(z_dim, 128)", "nn.LazyLinear(128)")),
    "hardtanh": edit(G, ("nn.Tanh()", "nn.Hardtanh()")),
    "factory": edit(PARTS, ("class Generator", "class Net"), ("super(Generator, self)", "super()"))
               + "\ndef Generator(z_dim):\n    return Net(z_dim)\n",
    "sequential subclass": "class Generator(nn.Sequential):\n    def __init__(self, z_dim):\n        super().__init__("
                           "nn.Linear(z_dim, 99), nn.ELU(), nn.Linear(99, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))\n",
    "gelu, no bias": edit(PARTS, ("F.relu", "F.gelu"), ("nn.Linear(hidden, 784)", "nn.Linear(hidden, 784, bias=False)")),
    "relu in place": edit(G, ("nn.LeakyReLU(0.2)", "nn.ReLU(inplace=True)")),
    "xavier": edit(PARTS, ("    def forward", "        for p in (self.a, self.b):\n            "
                           "nn.init.xavier_normal_(p.weight)\n\n    def forward")),
}
WRONG["Generator"] = [
    Wrong("leaky_out", "LeakyReLU everywhere", "Nothing bounds the last layer", edit(G, ("nn.Tanh()", "nn.LeakyReLU(0.2)"))),
    Wrong("view_batch", "one entry per image", "view with the batch size alone",
          edit(G, (END, "out = self.net(z).view(z.size(0), 1, 28, 28)\n        return out.view(z.size(0))"))),
    Wrong("list", "a Python list of layers is registered", "is a Python list of layers", """class Generator(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.layers = [nn.Linear(z_dim, 128), nn.LeakyReLU(0.2), nn.Linear(128, 784), nn.Tanh()]

    def forward(self, z):
        for layer in self.layers:
            z = layer(z)
        return z.view(-1, 1, 28, 28)
"""),
    Wrong("noise_inside", "placeholder left in", "Follow z through your forward",
          edit(G, ("        return", "        z = torch.zeros_like(z)\n        return"))),
    Wrong("one layer", "one layer is enough", "straight line in its input",
          edit(PARTS, ("self.b = nn.Linear(hidden, 784)", "self.b = nn.Identity()"), ("hidden)\n", "784)\n"), ("F.relu", ""))),
    Wrong("always dropout", "F.dropout knows the mode", "F.dropout without self.training",
          edit(PARTS, ("F.relu(self.a(z))", "F.dropout(F.relu(self.a(z)), 0.5)"))),
]

# --- Discriminator --------------------------------------------------------------------------------

D = """class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Flatten(),
            nn.Linear(28 * 28, 300), nn.LeakyReLU(0.2),
            nn.Linear(300, 100), nn.LeakyReLU(0.2),
            nn.Linear(100, 1))

    def forward(self, x):
        return self.net(x)
"""
DEND = "return self.net(x)"
DPARTS = """class Discriminator(nn.Module):
    def __init__(self, hidden=128, p=0.3):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(784, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, 1)
        self.p = p

    def forward(self, x):
        x = x.flatten(1)
        x = F.dropout(F.leaky_relu(self.a(x), 0.01), self.p, self.training)
        x = F.dropout(F.leaky_relu(self.b(x), 0.01), self.p, self.training)
        return self.c(x).squeeze(1)
"""
DCONV = """class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(8, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.LeakyReLU(0.2, inplace=True),
            nn.Flatten(), nn.Linear(16 * 49, 1))

    def forward(self, x):
        return self.net(x).view(-1)
"""
LAST = "nn.Linear(100, 1))"
RIGHT["Discriminator"] = {
    "column": D,
    "row": edit(D, (DEND, "return self.net(x).view(x.size(0))")),
    "functional, dropout": DPARTS,
    "norm layers": edit(D, ("nn.Linear(300, 100)", "nn.LayerNorm(300), nn.Linear(300, 100), nn.BatchNorm1d(100)")),
    "convolutions": DCONV,
    "flatten 0": edit(D, (LAST, "nn.Linear(100, 1), nn.Flatten(0))")),
    "view": edit(D, ("            nn.Flatten(),\n", ""), (DEND, "return self.net(x.view(-1, 28 * 28))")),
    "spectral norm": edit(D, ("nn.Linear(300, 100)", "nn.utils.parametrizations.spectral_norm(nn.Linear(300, 100))")),
    "all spectral norm": edit(D, ("nn.Linear(300, 100)", "sn(nn.Linear(300, 100))"), (LAST, "sn(nn.Linear(100, 1)))"),
                              ("nn.Linear(28 * 28, 300)", "sn(nn.Linear(784, 300))"))
                         .replace("class", "sn = nn.utils.parametrizations.spectral_norm\nclass"),
    "squeeze": edit(D, (DEND, "return self.net(x).squeeze()")),
    "maxout": edit(D, ("nn.Linear(28 * 28, 300), nn.LeakyReLU(0.2)", "nn.Linear(784, 600), nn.MaxPool1d(2)")),
    "pooling": "class Discriminator(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
               "        self.f = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 3))\n"
               "    def forward(self, x):\n        return self.f(x).mean((1, 2, 3))\n",
    "kaiming": edit(D, ("    def forward", "        for m in self.net:\n            if isinstance(m, nn.Linear):\n"
                        "                nn.init.kaiming_normal_(m.weight)\n\n    def forward")),
    "lazy": edit(D, ("nn.Linear(28 * 28, 300)", "nn.LazyLinear(300)")),
    "module dropout": edit(D, (LAST, "nn.Dropout(0.5), nn.Linear(100, 1))")),
    "no last bias": edit(D, (LAST, "nn.Linear(100, 1, bias=False))")),
}
WRONG["Discriminator"] = [
    Wrong("softmax 0", "softmax over the scores", "alone than in a batch", edit(D, (LAST, "nn.Linear(100, 1), nn.Softmax(dim=0))"))),
    Wrong("slope 1", "the slope is 1", "has the slope 1, ",
          edit(D, ("nn.Linear(300, 100), nn.LeakyReLU(0.2)", "nn.Linear(300, 100), nn.LeakyReLU(1.0)"))),
    Wrong("dropout end", "dropout after every layer", "dropout sits on the logit", edit(D, (LAST, "nn.Linear(100, 1), nn.Dropout(0.3))"))),
    Wrong("noflat", "Linear takes images", "images need flattening", edit(D, ("            nn.Flatten(),\n", ""))),
    Wrong("one row", "flatten everything", "one number for the whole batch",
          edit(D, ("nn.Linear(28 * 28, 300)", "nn.LazyLinear(300)"), (DEND, "return self.net(x.reshape(1, -1))"))),
    Wrong("big init", "weights from N(0, 1)", "Large initial weights",
          edit(D, ("    def forward", "        for p in self.parameters():\n            nn.init.normal_(p, 0, 1)\n\n    def forward"))),
]


def renamed(source, old, new):
    """The source for another exercise of the same kind."""
    return source.replace(f"class {old}", f"class {new}").replace(f"super({old}", f"super({new}").replace(f"def {old}", f"def {new}").replace(f"\n{old} =", f"\n{new} =").replace(f"{old} = None", f"{new} = None")


for old in ("Generator", "Discriminator"):
    new = "Mended" + old
    RIGHT[new] = {key: renamed(source, old, new) for key, source in RIGHT[old].items()}
    WRONG[new] = [wrong._replace(source=renamed(wrong.source, old, new)) for wrong in WRONG[old]]
MENDED_G = renamed(G, "Generator", "MendedGenerator")
RIGHT["MendedGenerator"] |= {"the sources', repaired": """class MendedGenerator(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(z_dim, 100), nn.LeakyReLU(0.2),
            nn.Linear(100, 300), nn.LeakyReLU(0.2),
            nn.Linear(300, 28 * 28), nn.Tanh())

    def forward(self, z):
        out = self.layers(z)
        return out.view(z.size(0), 1, 28, 28)
"""}
WRONG["MendedGenerator"] += [
    Wrong("only the commas", "a comma mends it", "view with the batch size alone",
          edit(MENDED_G, (END, "return self.net(z).view(z.size(0))"), ("nn.Tanh()", "nn.Sigmoid()"))),
]

# --- losses ---------------------------------------------------------------------------------------

PREFIX = "bce = nn.BCEWithLogitsLoss()\n"
BCE = "F.binary_cross_entropy_with_logits"


def dl(body, before=""):
    """discriminator_loss with this body."""
    body = re.sub(r"(?<!\.)BCE\(", BCE + "(", body)
    return function("discriminator_loss", "real_logits, fake_logits", body, before)


TWO = ("real = BCE(real_logits, torch.ones_like(real_logits))\n"
       "fake = BCE(fake_logits, torch.zeros_like(fake_logits))\n")
RIGHT["discriminator_loss"] = {
    "sum": dl(TWO + "return real + fake"),
    "half": dl(TWO + "return (real + fake) / 2"),
    "softplus": dl("return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()"),
    "bce and sigmoid": dl("p, q = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)\n"
                          "return nn.BCELoss()(p, torch.ones_like(p)) + nn.BCELoss()(q, torch.zeros_like(q))"),
    "logsigmoid": dl("return -(F.logsigmoid(real_logits).mean() + F.logsigmoid(-fake_logits).mean())"),
    "concatenated": dl("logits = torch.cat([real_logits, fake_logits])\n"
                       "labels = torch.cat([torch.ones_like(real_logits), torch.zeros_like(fake_logits)])\n"
                       "return BCE(logits, labels)"),
    "module": dl("return bce(real_logits, torch.ones_like(real_logits)) + bce(fake_logits, torch.zeros_like(fake_logits))", PREFIX),
    "columns only": dl("n = len(real_logits)\nreturn BCE(real_logits, torch.ones(n, 1)) + BCE(fake_logits, torch.zeros(n, 1))"),
    "logaddexp": dl("zero = torch.zeros_like(real_logits)\nreturn (torch.logaddexp(zero, -real_logits) + torch.logaddexp(zero, fake_logits)).mean()"),
    "flattened": dl("r, f = real_logits.flatten(), fake_logits.flatten()\nreturn (BCE(r, torch.ones(len(r))) + BCE(f, torch.zeros(len(f)))) / 2"),
    "summed and divided": dl("return BCE(real_logits, torch.ones_like(real_logits), reduction='sum') / len(real_logits)"
                             " + F.softplus(fake_logits).mean()"),
    "one element": dl("return (F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()).view(1)"),
    "full_like": dl("return 0.5 * BCE(real_logits, torch.full_like(real_logits, 1.0)) + 0.5 * BCE(fake_logits, torch.full_like(fake_logits, 0.0))"),
    "closure": "def make():\n    bce = nn.BCEWithLogitsLoss()\n    def discriminator_loss(r, f):\n"
               "        return bce(r, torch.ones_like(r)) + bce(f, torch.zeros_like(f))\n    return discriminator_loss\n"
               "discriminator_loss = make()\n",
    "lambda": "discriminator_loss = lambda r, f: (F.softplus(-r) + F.softplus(f)).mean()\n",
    "class": "class Loss(nn.Module):\n    def forward(self, r, f):\n        return F.softplus(-r).mean() + F.softplus(f).mean()\ndiscriminator_loss = Loss()\n",
}
ones, zeros = "torch.ones_like(real_logits)", "torch.zeros_like(fake_logits)"
SUM = TWO + "return real + fake"
WRONG["discriminator_loss"] = [
    Wrong("bce on logits", "BCELoss is BCE", "wants probabilities between 0 and 1",
          dl(SUM.replace("BCE", "F.binary_cross_entropy"))),
    Wrong("no reduction", "one loss per image", "Average over the images",
          dl("return F.softplus(-real_logits) + F.softplus(fake_logits)")),
    Wrong("naive log", "the formula as written", "log is infinite",
          dl("return -torch.log(torch.sigmoid(real_logits)).mean() - torch.log(1 - torch.sigmoid(fake_logits)).mean()")),
    Wrong("detached fakes", "fakes are detached", "no gradient reaches fake_logits, expected one from the loss.", dl("fake_logits = fake_logits.detach()\n" + SUM)),
    Wrong("no_grad", "a loss needs no gradient", "carries no gradient", "@torch.no_grad()\n" + dl(SUM)),
    Wrong("arguments", "labels first", "arguments of the cross entropy are swapped",
          dl(f"return (BCE({ones}, real_logits) + BCE({zeros}, fake_logits)) / 2")),
]


def gl(body, before=""):
    """generator_loss with this body."""
    body = re.sub(r"(?<!\.)BCE\(", BCE + "(", body)
    return function("generator_loss", "fake_logits", body, before)


ONES = "torch.ones_like(fake_logits)"
RIGHT["generator_loss"] = {
    "functional": gl(f"return BCE(fake_logits, {ONES})"),
    "softplus": gl("return F.softplus(-fake_logits).mean()"),
    "bce and sigmoid": gl(f"return nn.BCELoss()(torch.sigmoid(fake_logits), {ONES})"),
    "logsigmoid": gl("return -F.logsigmoid(fake_logits).mean()"),
    "module": gl(f"return bce(fake_logits, {ONES})", PREFIX),
    "columns only": gl("return BCE(fake_logits, torch.ones(fake_logits.size(0), 1))"),
    "partial": "import functools\ngenerator_loss = functools.partial(lambda t, l: F.softplus(t * l).mean(), -1)\n",
    "flattened": gl("f = fake_logits.view(-1)\nreturn BCE(f, f.new_ones(len(f)))"),
    "by hand, stable": gl("return (torch.relu(-fake_logits) + torch.log1p(torch.exp(-fake_logits.abs()))).mean()"),
    "small number": gl("return -torch.log(torch.sigmoid(fake_logits) + 1e-8).mean()"),
    "method": "class Losses:\n    def g(self, f):\n        return F.softplus(-f).mean()\ngenerator_loss = Losses().g\n",
}
WRONG["generator_loss"] = [
    Wrong("minimax", "the formula of the game", "This is the minimax loss, right elsewhere; here the non-saturating one is asked for",
          gl("return -BCE(fake_logits, torch.zeros_like(fake_logits))")),
    Wrong("bce on logits", "BCELoss is BCE", "wants probabilities between 0 and 1", gl(f"return F.binary_cross_entropy(fake_logits, {ONES})")),
    Wrong("no reduction", "one loss per image", "Average over the images", gl("return F.softplus(-fake_logits)")),
    Wrong("naive log", "the formula as written", "log is infinite", gl("return -torch.log(torch.sigmoid(fake_logits)).mean()")),
    Wrong("detached", "fakes are detached", "carries no gradient", gl("return F.softplus(-fake_logits.detach()).mean()")),
    Wrong("half", "as in D's loss", "look for a factor, or for a sum where a mean is asked for.", gl("return F.softplus(-fake_logits).mean() / 2")),
]

# --- steps ----------------------------------------------------------------------------------------


def ds(body, before=""):
    """discriminator_step with this body."""
    return function("discriminator_step", "G, D, opt_D, real, z_dim", re.sub(r"(?<!\.)BCE\(", BCE + "(", body), before)


DSTEP = """z = torch.randn(real.size(0), z_dim)
fake = G(z).detach()
logits_real, logits_fake = D(real), D(fake)
loss = BCE(logits_real, torch.ones_like(logits_real)) + BCE(logits_fake, torch.zeros_like(logits_fake))
opt_D.zero_grad()
loss.backward()
opt_D.step()
return loss.item()"""
LOSSES = """
def discriminator_loss(r, f):
    return (F.softplus(-r).mean() + F.softplus(f).mean()) / 2

def generator_loss(f):
    return F.softplus(-f).mean()

def sample_z(n, z_dim):
    return torch.randn(n, z_dim)

"""
LOSS = "loss = BCE(logits_real, torch.ones_like(logits_real)) + BCE(logits_fake, torch.zeros_like(logits_fake))"
UPDATE = "opt_D.zero_grad()\nloss.backward()\nopt_D.step()"
RIGHT["discriminator_step"] = {
    "plain": ds(DSTEP),
    "two backward, no_grad": ds("""opt_D.zero_grad()
out_r = D(real)
BCE(out_r, torch.ones_like(out_r)).backward()
with torch.no_grad():
    fake = G(torch.randn(len(real), z_dim))
out_f = D(fake)
BCE(out_f, torch.zeros_like(out_f)).backward()
opt_D.step()"""),
    "concatenated": ds("""n = real.size(0)
inputs = torch.cat([real, G(torch.randn(n, z_dim)).detach()])
labels = torch.cat([torch.ones(n), torch.zeros(n)])
loss = nn.BCEWithLogitsLoss()(D(inputs).view(-1), labels)
D.zero_grad()
loss.backward()
opt_D.step()
return loss"""),
    "G frozen": ds(edit(DSTEP, ("fake = G(z).detach()", "G.requires_grad_(False)\nfake = G(z)\nG.requires_grad_(True)"))),
    "course's helpers": ds("""x_fake = G(sample_z(len(real), z_dim)).detach()
loss_D = discriminator_loss(D(real), D(x_fake))
opt_D.zero_grad()
loss_D.backward()
opt_D.step()
return loss_D.item()""", LOSSES),
    "columns only": ds(edit(DSTEP, ("torch.ones_like(logits_real)", "torch.ones(len(real), 1)"), ("torch.zeros_like(logits_fake)", "torch.zeros(len(real), 1)"))),
    "zero first": ds("opt_D.zero_grad(set_to_none=False)\n" + edit(DSTEP, ("opt_D.zero_grad()\n", ""))),
    "autograd.grad": ds(edit(DSTEP, ("opt_D.zero_grad()\nloss.backward()",
                                    "for p, g in zip(D.parameters(), torch.autograd.grad(loss, D.parameters())):\n    p.grad = g"))),
    "device": ds(edit(DSTEP, ("torch.randn(real.size(0), z_dim)", "torch.randn(real.size(0), z_dim, device=real.device)"))),
    "G's device": ds(edit(DSTEP, ("z_dim)\n", "z_dim).to(next(G.parameters()).device)\n"))),
    "inference_mode": ds(edit(DSTEP, ("fake = G(z).detach()", "with torch.inference_mode():\n    fake = G(z)\nfake = fake.clone()"))),
    "squeezed": ds(edit(DSTEP, ("D(real), D(fake)", "D(real).squeeze(), D(fake).squeeze()"))),
    "train()": ds("D.train()\nG.train()\n" + DSTEP),
    "data": ds(edit(DSTEP, ("G(z).detach()", "G(z).data"))),
    "closure": ds("""fake = G(torch.randn(len(real), z_dim)).detach()
def closure():
    opt_D.zero_grad()
    loss = (F.softplus(-D(real)).mean() + F.softplus(D(fake)).mean()) / 2
    loss.backward()
    return loss
opt_D.step(closure)"""),
    "shared forward, retained once": ds("""fake = G(torch.randn(len(real), z_dim)).detach()
out = D(torch.cat([real, fake])).flatten()
n = len(real)
opt_D.zero_grad()
BCE(out[:n], torch.ones(n)).backward(retain_graph=True)
BCE(out[n:], torch.zeros(n)).backward()
opt_D.step()"""),
    "with accuracy": ds(edit(DSTEP, ("return loss.item()", "with torch.no_grad():\n    acc = (D(real) > 0).float().mean()\nreturn loss.item(), acc"))),
}
WRONG["discriminator_step"] = [
    Wrong("zero_end", "zero_grad after the step worked before", "Clearing after the step is too late",
          ds(edit(DSTEP, (UPDATE, "loss.backward()\nopt_D.step()\nopt_D.zero_grad()")))),
    Wrong("nozero", "a new loss means new gradients", "it does not overwrite", ds(edit(DSTEP, ("opt_D.zero_grad()\n", "")))),
    Wrong("real term dropped", "the fakes teach D", "Only the fakes count", ds(edit(DSTEP, (LOSS, "loss = BCE(logits_fake, torch.zeros_like(logits_fake))")))),
    Wrong("one fake", "one z", "1 fakes? (are|is) made for 6 reals|1 fakes and 6 reals|1 fakes", ds(edit(DSTEP, ("real.size(0)", "1")))),
    Wrong("all no_grad", "D sees, not learns", "has no history", ds("with torch.no_grad():\n    z = torch.randn(real.size(0), z_dim)\n    fake = G(z)\n    logits_real, logits_fake = D(real), D(fake)\n" + LOSS + "\n" + UPDATE)),
    Wrong("fakes to display", "both in [0, 1]", "and the direction of one step on its loss.", ds(edit(DSTEP, ("D(fake)", "D((fake + 1) / 2)")))),
]


def gs(body, before=""):
    """generator_step with this body."""
    return function("generator_step", "G, D, opt_G, n, z_dim", re.sub(r"(?<!\.)BCE\(", BCE + "(", body), before)


GSTEP = """z = torch.randn(n, z_dim)
logits = D(G(z))
loss = BCE(logits, torch.ones_like(logits))
opt_G.zero_grad()
loss.backward()
opt_G.step()
return loss.item()"""
GLOSS = "loss = BCE(logits, torch.ones_like(logits))"
GUPDATE = "opt_G.zero_grad()\nloss.backward()\nopt_G.step()"
FREEZE = "for p in D.parameters():\n    p.requires_grad_({})\n"
RIGHT["generator_step"] = {
    "plain": gs(GSTEP),
    "softplus": gs(edit(GSTEP, (GLOSS, "loss = F.softplus(-logits).mean()"))),
    "cleared after the step": gs(edit(GSTEP, (GUPDATE, "loss.backward()\nopt_G.step()\nopt_G.zero_grad()"))),
    "D frozen": gs(FREEZE.format(False) + edit(GSTEP, ("return loss.item()", FREEZE.format(True).rstrip()))),
    "columns only": gs(edit(GSTEP, ("torch.ones_like(logits)", "torch.ones(n, 1)"))),
    "course's helpers": gs("loss_G = generator_loss(D(G(sample_z(n, z_dim))))\nopt_G.zero_grad()\nloss_G.backward()\nopt_G.step()\nreturn loss_G.item()", LOSSES),
    "minimax, accepted with a remark": gs(edit(GSTEP, (GLOSS, "loss = -BCE(logits, torch.zeros_like(logits))"))),
    "sigmoid and BCELoss": gs(edit(GSTEP, (GLOSS, "p = torch.sigmoid(logits)\nloss = nn.BCELoss()(p, torch.ones_like(p))"))),
    "G.zero_grad": gs(edit(GSTEP, ("opt_G.zero_grad()", "G.zero_grad()"))),
    "zero first": gs("opt_G.zero_grad()\n" + edit(GSTEP, ("opt_G.zero_grad()\n", ""))),
    "both cleared": gs(edit(GSTEP, ("opt_G.zero_grad()", "G.zero_grad(); D.zero_grad()"))),
    "D clean afterwards": gs(edit(GSTEP, ("return", "D.zero_grad()\nreturn"))),
    "autograd.grad": gs(edit(GSTEP, ("opt_G.zero_grad()\nloss.backward()",
                                     "for p, g in zip(G.parameters(), torch.autograd.grad(loss, G.parameters())):\n    p.grad = g"))),
    "flattened": gs(edit(GSTEP, ("D(G(z))", "D(G(z)).view(-1)"), ("torch.ones_like(logits)", "torch.ones(n)"))),
    "eval and back": gs("D.eval()\n" + edit(GSTEP, ("return", "D.train()\nreturn"))),
    "returns the tensor": gs(edit(GSTEP, (".item()", ""))),
}
WRONG["generator_step"] = [
    Wrong("nozero", "gradients start empty", "it does not overwrite", gs(edit(GSTEP, ("opt_G.zero_grad()\n", "")))),
    Wrong("zero_d", "clear the discriminator", "You clear D's gradients", gs(edit(GSTEP, ("opt_G.zero_grad()", "D.zero_grad()")))),
    Wrong("step_d", "step everything that has a gradient", "the weights of D change in G's step",
          gs(edit(GSTEP, ("return", "with torch.no_grad():\n    for p in D.parameters():\n        p -= 0.1 * p.grad\nreturn")))),
    Wrong("item", "loss is a number", "has no history", gs(edit(GSTEP, (GLOSS, "loss = torch.tensor(F.softplus(-logits).mean().item())")))),
    Wrong("D's loss of two z", "one loss for both steps", "The loss is not the generator loss of D.G.z..:",
          gs("loss = discriminator_loss(D(G(sample_z(n, z_dim))), D(G(sample_z(n, z_dim))))\n" + GUPDATE, LOSSES)),
    Wrong("no backward", "step does it all", "backward.. is missing", gs(edit(GSTEP, ("loss.backward()\n", "")))),
]

# --- generate -------------------------------------------------------------------------------------


def gen(body, before=""):
    """generate with this body."""
    return function("generate", "G, n, z_dim", body, before)


SAMPLE = """was_training = G.training
G.eval()
with torch.no_grad():
    x = G(torch.randn(n, z_dim))
G.train(was_training)
return (x + 1) / 2"""
RIGHT["generate"] = {
    "plain": gen(SAMPLE),
    "decorator": gen("G.eval()\nx = G(torch.randn(n, z_dim)) * 0.5 + 0.5\nG.train()\nreturn x", "@torch.no_grad()\n"),
    "inference_mode": gen(edit(SAMPLE, ("torch.no_grad()", "torch.inference_mode()"))),
    "try finally": gen("mode = G.training\ntry:\n    G.eval()\n    with torch.no_grad():\n        return G(torch.randn(n, z_dim)).add(1).div(2)\nfinally:\n    G.train(mode)"),
    "detached": gen(edit(SAMPLE, ("with torch.no_grad():\n    x = G(torch.randn(n, z_dim))", "x = G(torch.randn(n, z_dim)).detach()"))),
    "helpers": gen("was = G.training\nG.eval()\nwith torch.no_grad():\n    x = to_display(G(sample_z(n, z_dim)))\nif was:\n    G.train()\nreturn x",
                   LOSSES + "def to_display(x):\n    return x * 0.5 + 0.5\n"),
    "clamped, on the CPU": gen(edit(SAMPLE, ("(x + 1) / 2", "((x + 1) / 2).clamp(0, 1).cpu()"))),
    "device": gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(n, z_dim, device=next(G.parameters()).device)"))),
    "one by one": gen(edit(SAMPLE, ("x = G(torch.randn(n, z_dim))", "x = torch.cat([G(torch.randn(1, z_dim)) for _ in range(n)])"))),
    "copy in eval": gen("twin = copy.deepcopy(G).eval()\nwith torch.no_grad():\n    return (twin(torch.randn(n, z_dim)) + 1) / 2"),
}
WRONG["generate"] = [
    Wrong("train_mode", "sampling needs no mode", "G runs in train mode", gen(edit(SAMPLE, ("G.eval()\n", "")))),
    Wrong("stuck_eval", "eval() only affects this function", "put the mode back", gen(edit(SAMPLE, ("G.train(was_training)\n", "")))),
    Wrong("range", "imshow copes", "still in the range of tanh", gen(edit(SAMPLE, ("(x + 1) / 2", "x")))),
    Wrong("one picture", "n is the batch", "G makes 1 images", gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(1, z_dim)")))),
    Wrong("first only", "one picture", "Leave the axes as G gives them", gen(edit(SAMPLE, ("(x + 1) / 2", "(x[:1] + 1) / 2")))),
    Wrong("numpy", "plots want arrays", "an ndarray came back", gen(edit(SAMPLE, ("(x + 1) / 2", "((x + 1) / 2).numpy()")))),
]

# --- further --------------------------------------------------------------------------------------


def tb(body, before=""):
    """train_batch with this body."""
    return function("train_batch", "G, D, opt_G, opt_D, real, z_dim", re.sub(r"(?<!\.)BCE\(", BCE + "(", body), before)


BATCH = """n = real.size(0)
fake = G(torch.randn(n, z_dim))
opt_D.zero_grad()
r, f = D(real), D(fake.detach())
loss_D = BCE(r, torch.ones_like(r)) + BCE(f, torch.zeros_like(f))
loss_D.backward()
opt_D.step()
opt_G.zero_grad()
g = D(fake)
loss_G = BCE(g, torch.ones_like(g))
loss_G.backward()
opt_G.step()
return loss_D.item(), loss_G.item()"""
RIGHT["train_batch"] = {
    "plain": tb(BATCH),
    "fresh fakes": tb(edit(BATCH, ("g = D(fake)", "g = D(G(torch.randn(n, z_dim)))"))),
    "retained, G cleared in time": tb("""fake = G(torch.randn(len(real), z_dim))
loss_D = (F.softplus(-D(real)).mean() + F.softplus(D(fake)).mean()) / 2
D.zero_grad()
loss_D.backward(retain_graph=True)
opt_D.step()
loss_G = F.softplus(-D(fake)).mean()
G.zero_grad()
loss_G.backward()
opt_G.step()"""),
    "other convention": tb(edit(BATCH, ("torch.ones_like(r)", "torch.zeros_like(r)"), ("torch.zeros_like(f)", "torch.ones_like(f)"), ("torch.ones_like(g)", "torch.zeros_like(g)"))),
    "minimax": tb(edit(BATCH, ("loss_G = BCE(g, torch.ones_like(g))", "loss_G = -BCE(g, torch.zeros_like(g))"))),
    "concatenated": tb(edit(BATCH, ("r, f = D(real), D(fake.detach())", "r, f = D(torch.cat([real, fake.detach()])).chunk(2)"))),
    "helpers": tb("z = sample_z(len(real), z_dim)\nloss_D = discriminator_loss(D(real), D(G(z).detach()))\nopt_D.zero_grad()\nloss_D.backward()\nopt_D.step()\n"
                  "loss_G = generator_loss(D(G(z)))\nopt_G.zero_grad()\nloss_G.backward()\nopt_G.step()", LOSSES),
    "simultaneous": tb("""z = torch.randn(len(real), z_dim)
loss_D = F.softplus(-D(real)).mean() + F.softplus(D(G(z).detach())).mean()
opt_D.zero_grad()
loss_D.backward()
grads = [p.grad.clone() for p in D.parameters()]
loss_G = F.softplus(-D(G(z))).mean()
opt_G.zero_grad()
loss_G.backward()
opt_G.step()
for p, g in zip(D.parameters(), grads):
    p.grad = g
opt_D.step()"""),
    "G first": tb("""z = torch.randn(len(real), z_dim)
opt_G.zero_grad()
F.softplus(-D(G(z))).mean().backward()
opt_G.step()
fake = G(torch.randn(len(real), z_dim)).detach()
opt_D.zero_grad()
(F.softplus(-D(real)).mean() + F.softplus(D(fake)).mean()).backward()
opt_D.step()"""),
    "D frozen": tb(edit(BATCH, ("opt_G.zero_grad()\n", "opt_G.zero_grad()\nD.requires_grad_(False)\n"), ("return", "D.requires_grad_(True)\nreturn"))),
}
WRONG["train_batch"] = [
    Wrong("nodetach_err", "detach is optional", "Two backward passes share one graph", tb(edit(BATCH, ("fake.detach()", "fake")))),
    Wrong("zero_after", "zero_grad right before step", "cleared between backward",
          tb(edit(BATCH, ("opt_D.zero_grad()\n", ""), ("loss_D.backward()\n", "loss_D.backward()\nopt_D.zero_grad()\n")))),
    Wrong("same label", "fakes are fake", "it uses the same label for the fakes as D does", tb(edit(BATCH, ("torch.ones_like(g)", "torch.zeros_like(g)")))),
    Wrong("no D zero", "gradients start empty", "left in D's .grad", tb(edit(BATCH, ("opt_D.zero_grad()\n", "")))),
    Wrong("no G zero", "gradients start empty", "left in G's .grad", tb(edit(BATCH, ("opt_G.zero_grad()\n", "")))),
    Wrong("D zero at the end of its step", "zero_grad after the step", "Clearing after the step is too late",
          tb(edit(BATCH, ("opt_D.zero_grad()\n", ""), ("opt_D.step()\n", "opt_D.step()\nopt_D.zero_grad()\n")))),
]


a = one("discriminator_accuracy", "real_logits, fake_logits")
RIGHT["discriminator_accuracy"] = {
    "counts": function("discriminator_accuracy", "real_logits, fake_logits",
                       "right = (real_logits > 0).sum() + (fake_logits <= 0).sum()\nreturn right.item() / (real_logits.numel() + fake_logits.numel())"),
    "probabilities": function("discriminator_accuracy", "real_logits, fake_logits",
                              "p, q = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)\nreturn ((p > 0.5).float().mean() + (q < 0.5).float().mean()) / 2"),
    "concatenated": function("discriminator_accuracy", "real_logits, fake_logits",
                             "logits = torch.cat([real_logits, -fake_logits])\nreturn (logits > 0).float().mean().item()"),
    "loop": function("discriminator_accuracy", "real_logits, fake_logits",
                     "right = sum(float(l) > 0 for l in real_logits.flatten()) + sum(float(l) < 0 for l in fake_logits.flatten())\n"
                     "return right / (len(real_logits) + len(fake_logits))"),
    "round": a("(real_logits.sigmoid().round().mean() + 1 - fake_logits.sigmoid().round().mean()).item() / 2"),
    "sign": a("((real_logits.sign() - fake_logits.sign()).mean() / 4 + 0.5).item()"),
    "numpy": a("np.mean(np.concatenate([real_logits.numpy() > 0, fake_logits.numpy() < 0]))"),
}
WRONG["discriminator_accuracy"] = [
    Wrong("no mean", "right or wrong for each", "The code never reads its argument fake_logits.", a("(real_logits > 0).float()")),
    Wrong("divided by n", "n images", "You add two fractions", a("((real_logits > 0).sum() + (fake_logits < 0).sum()).item() / len(real_logits)")),
]

EPOCH = """d_total = g_total = 0.0
for real, _ in loader:
    d_total += discriminator_step(real)
    g_total += generator_step(real.size(0))
return d_total / len(loader), g_total / len(loader)"""


def te(body):
    """train_epoch with this body."""
    return function("train_epoch", "loader, discriminator_step, generator_step", body)


RIGHT["train_epoch"] = {
    "totals": te(EPOCH),
    "lists": te("""ds, gs = [], []
for i, batch in enumerate(loader):
    x = batch[0]
    ds.append(discriminator_step(x))
    gs.append(generator_step(len(x)))
return sum(ds) / len(ds), sum(gs) / len(gs)"""),
    "weighted": te("""d = g = n = 0
for x, y in loader:
    d += discriminator_step(x) * len(x)
    g += generator_step(len(x)) * len(x)
    n += len(x)
return d / n, g / n"""),
    "tensor": te("pairs = [(discriminator_step(x), generator_step(x.shape[0])) for x, _ in loader]\nreturn tuple(torch.tensor(pairs).mean(0).tolist())"),
    "numpy": te("d, g = [], []\nfor x, _ in loader:\n    d.append(discriminator_step(x))\n    g.append(generator_step(len(x)))\nreturn np.mean(d), np.mean(g)"),
    "item": te("d, g = [], []\nfor x, _ in loader:\n    d.append(discriminator_step(x).item())\n    g.append(generator_step(len(x)).item())\nreturn sum(d) / len(d), sum(g) / len(g)"),
    "G first": te(edit(EPOCH, ("    d_total += discriminator_step(real)\n    g_total += generator_step(real.size(0))", "    g_total += generator_step(real.size(0))\n    d_total += discriminator_step(real)"))),
}
WRONG["train_epoch"] = [
    Wrong("blocks", "first D for an epoch, then G", "belong inside the same loop",
          te("d = [discriminator_step(real) for real, _ in loader]\ng = [generator_step(real.size(0)) for real, _ in loader]\nreturn sum(d) / len(d), sum(g) / len(g)")),
    Wrong("labels", "the pair the other way round", "Those look like labels", te(edit(EPOCH, ("for real, _ in", "for _, real in")))),
    Wrong("once", "one batch is one epoch", "An epoch is all of them", te("real, _ = next(iter(loader))\nreturn discriminator_step(real), generator_step(real.size(0))")),
    Wrong("no g", "D only", "G never learns", te(edit(EPOCH, ("    g_total += generator_step(real.size(0))\n", "")))),
    Wrong("no d", "G only", "D never learns", te(edit(EPOCH, ("    d_total += discriminator_step(real)\n", "")))),
    Wrong("swapped", "G first", "The two are exchanged", te(edit(EPOCH, ("d_total / len(loader), g_total / len(loader)", "g_total / len(loader), d_total / len(loader)")))),
]

REMARKS = {  # (exercise, id of a right answer): words of its line
    ("discriminator_step", "columns only"): "ones_like",
    ("generator_step", "columns only"): "ones_like",
    ("generator_step", "cleared after the step"): "clears .grad after the step",
    ("generator_step", "minimax, accepted with a remark"): "minimax",
    ("generate", "decorator"): "in eval mode comes back",
    ("generate", "detached"): "no_grad",
    ("train_batch", "retained, G cleared in time"): "detach",
    ("Discriminator", "squeeze"): "squeeze",
    ("Generator", "hardtanh"): "clamp",
    ("discriminator_loss", "columns only"): "ones_like",
}
