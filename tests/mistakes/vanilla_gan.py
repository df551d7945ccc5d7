"""Known answers to the exercises of lesson 3, a vanilla GAN on MNIST."""

import re

from mistakes import Wrong, edit, function, one

HEAVY = {
    "Generator",
    "Discriminator",
    "MendedGenerator",
    "MendedDiscriminator",
    "discriminator_step",
    "generator_step",
    "train_batch",
}
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
    Wrong("half", "subtract the mean", "the width stays 1", x("x - 0.5")),
    Wrong("identity", "ToTensor normalises already", "Nothing has changed", x("x")),
    Wrong("standardise", "normalising means mean 0, std 1", "You standardise", x("(x - x.mean()) / x.std()")),
    Wrong("minmax", "stretch to the full range", "You stretch each batch",
          x("2 * (x - x.min()) / (x.max() - x.min()) - 1")),
    Wrong("per image", "each image has its own range", "Something of the batch|You stretch",
          x("(x - x.amin((1, 2, 3), True)) / (x.amax((1, 2, 3), True) - x.amin((1, 2, 3), True)) * 2 - 1")),
    Wrong("per channel mean", "batch statistics are constants", "Something of the batch", x("(x - x.mean()) / 0.5")),
    Wrong("times two", "double the range", "nothing shifts", x("x * 2")),
    Wrong("inverted", "sign slip", "Black and white are exchanged", x("1 - 2 * x")),
    Wrong("way back", "the other direction", "That is the way back", x("x * 0.5 + 0.5")),
    Wrong("brackets", "doubling the shift", "Order of operations", x("2 * (x - 1)")),
    Wrong("times half", "std 0.5 is a factor", "dividing by it would widen", x("(x - 0.5) * 0.5")),
    Wrong("bytes", "pixels go to 255", "whole numbers from 0 to 255", x("x / 127.5 - 1")),
    Wrong("by 255", "pixels go to 255", "nothing is left to divide by 255", x("x / 255")),
    Wrong("mnist stats", "the constants of a classifier tutorial", "mean and std of MNIST",
          x("(x - 0.1307) / 0.3081")),
    Wrong("tanh", "tanh gives the range", "tanh belongs at the end of G", x("torch.tanh(x)")),
    Wrong("tanh of right", "tanh to be safe", "tanh on top of it", x("torch.tanh(2 * x - 1)")),
    Wrong("clamp", "pixels cannot be negative", "cuts off everything below 0", x("(2 * x - 1).clamp(0, 1)")),
    Wrong("sign", "black or white", "shade of grey becomes", x("(2 * x - 1).sign()")),
    Wrong("no return", "assignment is enough", "None came back", function("to_gan_range", "x", "y = 2 * x - 1")),
    Wrong("in place", "saves memory", "x itself has changed", x("x.mul_(2).sub_(1)")),
    Wrong("augmented", "*= makes a new name", "x itself has changed",
          function("to_gan_range", "x", "x *= 2\nx -= 1\nreturn x")),
    Wrong("flattened", "networks want rows", "nothing is averaged, added or flattened",
          x("(2 * x - 1).flatten(1)")),
    Wrong("mean", "one number", "nothing is averaged", x("(2 * x - 1).mean()")),
    Wrong("long", "pixels are whole", "every shade of grey", x("(2 * x - 1).long()")),
    Wrong("numpy", "images are arrays", "an ndarray came back", x("(2 * x - 1).numpy()")),
    Wrong("no argument", "x is global", "disagree about the arguments",
          function("to_gan_range", "", "return 2 * x - 1")),
    Wrong("undefined", "a name of another cell", "That name does not exist", x("2 * images - 1")),
    Wrong("constant", "placeholder left in", "Two fixed numbers", x("torch.zeros_like(x)")),
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
    Wrong("minmax", "stretch for display", "You stretch each batch", x("(x - x.min()) / (x.max() - x.min())")),
    Wrong("per image", "normalize=True", "Something of the batch|You stretch",
          x("(x - x.amin((1, 2, 3), True)) / (x.amax((1, 2, 3), True) - x.amin((1, 2, 3), True))")),
    Wrong("clamp", "imshow needs [0, 1]", "You clamp", x("x.clamp(0, 1)")),
    Wrong("relu", "negative pixels are black", "You c(ut|lamp): everything below 0", x("torch.relu(x)")),
    Wrong("identity", "imshow copes", "Nothing has changed", x("x")),
    Wrong("shift", "lift above 0", "the width stays 2: white", x("x + 1")),
    Wrong("halve", "halve the range", "nothing shifts: black has to land at 0", x("x / 2")),
    Wrong("plus half", "shift by the mean", "shift by a half, and the width stays 2", x("x + 0.5")),
    Wrong("brackets", "division first", "divide after the shift", x("x / 2 + 1")),
    Wrong("brackets2", "division binds tighter", "divide after the shift|Two numbers|Two fixed", x("x + 1 / 2 * x")),
    Wrong("inverted", "sign slip", "Black and white are exchanged", x("(1 - x) / 2")),
    Wrong("abs", "no negative pixels", "abs folds", x("x.abs()")),
    Wrong("other way", "the same map again", "That is the other direction", x("2 * x - 1")),
    Wrong("other way 2", "Normalize again", "That is the other direction", x("(x - 0.5) / 0.5")),
    Wrong("sigmoid", "sigmoid gives [0, 1]", "sigmoid bends", x("torch.sigmoid(x)")),
    Wrong("bytes", "pixels go to 255", "0 to 255", x("(x + 1) * 127.5")),
    Wrong("uint8", "pixels are bytes", "every shade of grey", x("((x + 1) / 2).to(torch.uint8)")),
    Wrong("mnist stats", "denormalise with MNIST's numbers", "mean and std of MNIST", x("x * 0.3081 + 0.1307")),
    Wrong("standardise", "normalise", "You standardise", x("(x - x.mean()) / x.std()")),
    Wrong("in place", "saves memory", "x itself has changed", x("x.add_(1).div_(2)")),
    Wrong("squeeze", "imshow wants (28, 28)", "nothing is averaged, added or flattened",
          x("((x + 1) / 2).squeeze()")),
    Wrong("no return", "printing is enough", "None came back",
          function("to_display_range", "x", "print((x + 1) / 2)")),
    Wrong("numpy", "plots want arrays", "an ndarray came back", x("((x + 1) / 2).cpu().numpy()")),
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
    Wrong("shape", "one vector is the input of G", "That is one vector", z("torch.randn(z_dim)")),
    Wrong("n only", "one number each", "That is one number per image", z("torch.randn(n)")),
    Wrong("swapped", "columns are samples", "one ROW per image", z("torch.randn(z_dim, n)")),
    Wrong("flat", "numbers are numbers", "in one long row", z("torch.randn(n * z_dim)")),
    Wrong("conv", "as in DCGAN", "Four axes belong", z("torch.randn(n, z_dim, 1, 1)")),
    Wrong("hard coded", "z has 100 numbers", "both come in as arguments", z("torch.randn(n, 100)")),
    Wrong("batch 64", "the batch size is 64", "both come in as arguments", z("torch.randn(64, z_dim)")),
    Wrong("image", "noise image", "both come in as arguments", z("torch.randn(n, 1, 28, 28)")),
    Wrong("seed", "seeding makes it reproducible", "sets the global seed",
          function("sample_z", "n, z_dim", "torch.manual_seed(0)\nreturn torch.randn(n, z_dim)")),
    Wrong("local seed", "a generator of its own", "without a seed and without keeping",
          z("torch.randn(n, z_dim, generator=torch.Generator().manual_seed(0))")),
    Wrong("kept", "draw once, use always", "without keeping the result",
          "import functools\n@functools.lru_cache\n" + z("torch.randn(n, z_dim)")),
    Wrong("expand", "repeat to fill the batch", "of 200 rows of z differ", z("torch.randn(1, z_dim).repeat(n, 1)")),
    Wrong("half repeated", "fill the batch up", "of 200 rows of z differ",
          z("torch.randn((n + 1) // 2, z_dim).repeat(2, 1)[:n]")),
    Wrong("columns", "one number per image, repeated", "of 64 columns of z differ",
          z("torch.randn(n, 1).expand(n, z_dim)")),
    Wrong("ints", "random numbers", "noise from N.0, 1. is not whole", z("torch.randint(0, 10, (n, z_dim))")),
    Wrong("rand", "rand", "compare the names rand and randn", z("torch.rand(n, z_dim)")),
    Wrong("uniform", "noise from -1 to 1", "where are its tails", z("torch.rand(n, z_dim) * 2 - 1")),
    Wrong("uniform wide", "std 1 is enough", "where are its tails", z("(torch.rand(n, z_dim) * 2 - 1) * 3 ** 0.5")),
    Wrong("scaled", "small noise is safer", "scales or clips", z("0.1 * torch.randn(n, z_dim)")),
    Wrong("wide", "more noise, more variety", "scales or clips", z("2 * torch.randn(n, z_dim)")),
    Wrong("clamped", "keep z in range", "scales or clips|tails", z("torch.randn(n, z_dim).clamp(-1, 1)")),
    Wrong("tanh", "z in the range of images", "scales or clips|tails", z("torch.tanh(torch.randn(n, z_dim))")),
    Wrong("shifted", "mean 1", "shifts or folds", z("torch.randn(n, z_dim) + 1")),
    Wrong("abs", "no negative noise", "shifts or folds", z("torch.randn(n, z_dim).abs()")),
    Wrong("normal args", "normal(mean=1, std=0)", "Constants are no noise", z("torch.normal(1.0, 0.0, (n, z_dim))")),
    Wrong("std 0.02", "the DCGAN init", "scales or clips", z("torch.normal(0.0, 0.02, (n, z_dim))")),
    Wrong("zeros", "placeholder", "Constants are no noise", z("torch.zeros(n, z_dim)")),
    Wrong("unit sphere", "normalise z", "the same length", z("F.normalize(torch.randn(n, z_dim), dim=1)")),
    Wrong("sphere scaled", "normalise z", "the same length",
          z("F.normalize(torch.randn(n, z_dim), dim=1) * z_dim ** 0.5")),
    Wrong("laplace", "any bell will do", "fourth moment",
          z("torch.distributions.Laplace(0.0, 2 ** -0.5).sample((n, z_dim))")),
    Wrong("float64", "numpy is the same", "numpy draws in float64", z("torch.from_numpy(np.random.randn(n, z_dim))")),
    Wrong("numpy", "arrays are fine", "an ndarray came back", z("np.random.randn(n, z_dim)")),
    Wrong("no return", "assignment is enough", "None came back",
          function("sample_z", "n, z_dim", "z = torch.randn(n, z_dim)")),
    Wrong("one argument", "z_dim is global", "disagree about the arguments",
          function("sample_z", "n", "return torch.randn(n, 100)")),
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
    Wrong("sigmoid", "pixels are in [0, 1]", "range of a sigmoid", edit(G, ("nn.Tanh()", "nn.Sigmoid()"))),
    Wrong("display", "return what can be plotted", "range of a sigmoid",
          edit(G, (END, "return (self.net(z).view(-1, 1, 28, 28) + 1) / 2"))),
    Wrong("noact", "the loss will bound it", "Nothing bounds the last layer", edit(G, (", nn.Tanh()", ""))),
    Wrong("leaky_out", "LeakyReLU everywhere", "Nothing bounds the last layer", edit(G, ("nn.Tanh()", "nn.LeakyReLU(0.2)"))),
    Wrong("relu_out", "ReLU is the default activation", "range of ReLU", edit(G, ("nn.Tanh()", "nn.ReLU()"))),
    Wrong("softmax_out", "networks end in softmax", "Softmax makes all pixels", edit(G, ("nn.Tanh()", "nn.Softmax(dim=1)"))),
    Wrong("half_tanh", "keep away from the ends", "out of reach",
          edit(G, (END, "return 0.5 * self.net(z).view(z.size(0), 1, 28, 28)"))),
    Wrong("byte_range", "images go to 255", "Nothing bounds",
          edit(G, (END, "return 255 * self.net(z).view(z.size(0), 1, 28, 28)"))),
    Wrong("view_batch", "one entry per image", "view with the batch size alone",
          edit(G, (END, "out = self.net(z).view(z.size(0), 1, 28, 28)\n        return out.view(z.size(0))"))),
    Wrong("view_64", "the batch size is 64", "Take the batch size from the tensor",
          edit(G, (END, "return self.net(z).view(64, 1, 28, 28)"))),
    Wrong("list", "a Python list of layers is registered", "is a Python list of layers", """class Generator(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.layers = [nn.Linear(z_dim, 128), nn.LeakyReLU(0.2), nn.Linear(128, 784), nn.Tanh()]

    def forward(self, z):
        for layer in self.layers:
            z = layer(z)
        return z.view(-1, 1, 28, 28)
"""),
    Wrong("half list", "a list next to a layer", "is a Python list of layers",
          edit(PARTS, ("self.a = nn.Linear(z_dim, hidden)", "self.a = [nn.Linear(z_dim, hidden)]"), ("self.a(z)", "self.a[0](z)"))),
    Wrong("dict", "a dict of layers", "is a Python dict of layers",
          edit(PARTS, ("self.a = nn.Linear(z_dim, hidden)", "self.d = {'a': nn.Linear(z_dim, hidden)}"),
               ("self.a(z)", "self.d['a'](z)"))),
    Wrong("layer in forward", "layers can be made where used", "layers that are made in forward",
          edit(PARTS, ("self.a(z)", "nn.Linear(z.size(1), 64)(z)"))),
    Wrong("noise_inside", "placeholder left in", "Follow z through your forward",
          edit(G, ("        return", "        z = torch.zeros_like(z)\n        return"))),
    Wrong("own noise", "G draws its noise", "Follow z through your forward",
          edit(G, ("        return", "        z = torch.randn_like(z)\n        return"))),
    Wrong("linear", "depth alone makes it deep", "straight line in its input", edit(G, (", nn.LeakyReLU(0.2)", ""))),
    Wrong("one layer", "one layer is enough", "straight line in its input",
          edit(PARTS, ("self.b = nn.Linear(hidden, 784)", "self.b = nn.Identity()"), ("hidden)\n", "784)\n"), ("F.relu", ""))),
    Wrong("leaky300", "an activation takes layer sizes", "has the slope 300", edit(G, ("nn.LeakyReLU(0.2)", "nn.LeakyReLU(300, 100)"))),
    Wrong("one leaky300", "one of the activations takes layer sizes", "has the slope 300",
          edit(G, ("nn.Linear(128, 256), nn.LeakyReLU(0.2)", "nn.Linear(128, 256), nn.LeakyReLU(300, 100)"))),
    Wrong("big init", "weights from N(0, 1)", "saturated at -1 or 1. expected|pixels are saturated",
          edit(PARTS, ("    def forward", "        for p in self.parameters():\n            nn.init.normal_(p, 0, 1)\n\n    def forward"))),
    Wrong("no super", "__init__ is enough", r"Call super\(\)\.__init__", edit(G, ("        super().__init__()\n", ""))),
    Wrong("no return", "the last line is the result", "None came back", edit(G, (END, END.removeprefix("return ")))),
    Wrong("flat", "D flattens anyway", "view them as pictures", edit(G, (END, "return self.net(z)"))),
    Wrong("no channel", "grey images have no channel", "channel axis is missing", edit(G, (END, "return self.net(z).view(-1, 28, 28)"))),
    Wrong("channel last", "as matplotlib wants", "channel before height", edit(G, (END, "return self.net(z).view(-1, 28, 28, 1)"))),
    Wrong("hard z_dim", "z has 100 numbers", "not a constant", edit(G, ("nn.Linear(z_dim, 128)", "nn.Linear(100, 128)"))),
    Wrong("sizes", "layers fit by themselves", "have to follow each other", edit(G, ("nn.Linear(128, 256)", "nn.Linear(100, 256)"))),
    Wrong("LeakyRelu", "spelling", "letter by letter, capitals too", edit(G, ("nn.LeakyReLU(0.2)", "nn.LeakyRelu(0.2)"))),
    Wrong("no z_dim", "no argument needed", "disagree about the arguments",
          edit(G, ("self, z_dim", "self"), ("nn.Linear(z_dim, 128)", "nn.Linear(100, 128)"))),
    Wrong("plain class", "any class", "is a plain class", edit(G, ("(nn.Module)", ""), ("        super().__init__()\n", ""))),
    Wrong("forward name", "spelling", "no method forward", edit(G, ("def forward", "def foward"))),
    Wrong("detach", "fakes are detached", "carries no gradient", edit(G, (END, END.replace("self.net(z)", "self.net(z).detach()")))),
    Wrong("no_grad", "sampling needs no gradient", "carries no gradient",
          edit(G, ("    def forward", "    @torch.no_grad()\n    def forward"))),
    Wrong("unused", "a layer forgotten in forward", "get no gradient",
          edit(PARTS, ("        self.b =", "        self.c = nn.Linear(hidden, hidden)\n        self.b ="))),
    Wrong("always dropout", "F.dropout knows the mode", "F.dropout without self.training",
          edit(PARTS, ("F.relu(self.a(z))", "F.dropout(F.relu(self.a(z)), 0.5)"))),
    Wrong("instance", "hand over a network", "a finished network came", G.replace("class Generator", "class Net") + "Generator = Net(100)\n"),
    Wrong("none", "overwritten", "None came, expected Generator|None came, expected Mended", "Generator = None\n"),
    Wrong("build not returned", "a factory without return", "Look for a missing return",
          G.replace("class Generator", "class Net") + "def Generator(z_dim):\n    Net(z_dim)\n"),
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
    Wrong("softmax", "classifiers end in softmax", "Softmax makes the outputs", edit(D, (LAST, "nn.Linear(100, 1), nn.Softmax(dim=1))"))),
    Wrong("softmax 0", "softmax over the scores", "alone than in a batch", edit(D, (LAST, "nn.Linear(100, 1), nn.Softmax(dim=0))"))),
    Wrong("sigmoid", "D gives a probability", "That is a sigmoid", edit(D, (LAST, "nn.Linear(100, 1), nn.Sigmoid())"))),
    Wrong("tanh", "tanh for -1 and 1", "That is a tanh", edit(D, (LAST, "nn.Linear(100, 1), nn.Tanh())"))),
    Wrong("relu end", "every layer has a ReLU", "D can never say fake", edit(D, (LAST, "nn.Linear(100, 1), nn.ReLU())"))),
    Wrong("logsigmoid", "log probability", "a log of a probability", edit(D, (LAST, "nn.Linear(100, 1), nn.LogSigmoid())"))),
    Wrong("leaky300b", "an activation takes layer sizes", "has the slope 300", edit(D, ("nn.LeakyReLU(0.2)", "nn.LeakyReLU(300, 100)"))),
    Wrong("one leaky300", "one of the activations takes layer sizes", "has the slope 300",
          edit(D, ("nn.Linear(28 * 28, 300), nn.LeakyReLU(0.2)", "nn.Linear(28 * 28, 300), nn.LeakyReLU(300, 100)"))),
    Wrong("slope 1", "the slope is 1", "has the slope 1, ",
          edit(D, ("nn.Linear(300, 100), nn.LeakyReLU(0.2)", "nn.Linear(300, 100), nn.LeakyReLU(1.0)"))),
    Wrong("functional 300", "an activation takes layer sizes", "a steep slope", edit(DPARTS, (", 0.01)", ", 300)"))),
    Wrong("dropout end", "dropout after every layer", "dropout sits on the logit", edit(D, (LAST, "nn.Linear(100, 1), nn.Dropout(0.3))"))),
    Wrong("functional dropout end", "dropout after every layer", "dropout sits on the logit",
          edit(DPARTS, ("return self.c(x).squeeze(1)", "return F.dropout(self.c(x).squeeze(1), 0.1, self.training)"))),
    Wrong("noflat", "Linear takes images", "images need flattening", edit(D, ("            nn.Flatten(),\n", ""))),
    Wrong("flat0", "flatten keeps the batch", "takes the batch axis away", edit(D, (DEND, "return self.net(x.flatten())"))),
    Wrong("ten", "MNIST has 10 classes", "Ten outputs are for", edit(D, (LAST, "nn.Linear(100, 10))"))),
    Wrong("two", "two classes: real and fake", "Two outputs are for cross entropy", edit(D, (LAST, "nn.Linear(100, 2))"))),
    Wrong("batch mean", "one verdict", "one number for the whole batch", edit(D, (DEND, "return self.net(x).mean()"))),
    Wrong("one row", "flatten everything", "one number for the whole batch",
          edit(D, ("nn.Linear(28 * 28, 300)", "nn.LazyLinear(300)"), (DEND, "return self.net(x.reshape(1, -1))"))),
    Wrong("patches", "as in PatchGAN", "one logit per image",
          "class Discriminator(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
          "        self.f = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 1, 3))\n"
          "    def forward(self, x):\n        return self.f(x)\n"),
    Wrong("list", "a Python list is registered", "is a Python list of layers",
          edit(D, ("nn.Sequential(", "["), (LAST, "nn.Linear(100, 1)]"),
               (DEND, "for layer in self.net:\n            x = layer(x)\n        return x"))),
    Wrong("no super", "__init__ is enough", r"Call super\(\)\.__init__", edit(D, ("        super().__init__()\n", ""))),
    Wrong("no return", "the last line is the result", "None came back", edit(D, (DEND, "self.net(x)"))),
    Wrong("linear", "no activation needed", "straight line in its input", edit(D, (", nn.LeakyReLU(0.2)", ""))),
    Wrong("ignored", "placeholder left in", "Follow x through your forward", edit(D, (DEND, "return self.net(torch.ones_like(x))"))),
    Wrong("own noise", "placeholder left in", "Follow x through your forward", edit(D, (DEND, "return self.net(torch.randn_like(x))"))),
    Wrong("instance noise", "noise helps D", "with the same input differ", edit(D, (DEND, "return self.net(x + 0.1 * torch.randn_like(x))"))),
    Wrong("always dropout", "F.dropout knows the mode", "F.dropout without self.training", edit(DPARTS, (", self.training", ""))),
    Wrong("centred", "scores have mean 0", "alone than in a batch",
          edit(D, (DEND, "s = self.net(x)\n        return s - s.mean()"))),
    Wrong("big init", "weights from N(0, 1)", "Large initial weights",
          edit(D, ("    def forward", "        for p in self.parameters():\n            nn.init.normal_(p, 0, 1)\n\n    def forward"))),
    Wrong("detach", "D is fixed", "carries no gradient", edit(D, (DEND, "return self.net(x).detach()"))),
    Wrong("item", "a score is a number", "a float came back",
          edit(D, (DEND, "return self.net(x).mean().item()"))),
    Wrong("unused", "a layer forgotten", "get no gradient", edit(DPARTS, ("        self.p = p", "        self.p = p\n        self.d = nn.Linear(9, 9)"))),
    Wrong("in_dim", "sizes come from outside", "disagree about the arguments", edit(D, ("def __init__(self)", "def __init__(self, in_dim)"))),
    Wrong("plain class", "any class", "is a plain class", edit(D, ("(nn.Module)", ""), ("        super().__init__()\n", ""))),
    Wrong("sizes", "28 * 28 = 748", "have to follow each other", edit(D, ("28 * 28", "748"))),
    Wrong("indent", "forward outside", "no method forward", edit(D, ("    def forward(self, x):\n        return self.net(x)\n", "")) + "def forward(self, x):\n    return self.net(x)\n"),
    Wrong("instance", "hand over a network", "a finished network came", D.replace("class Discriminator", "class Net") + "Discriminator = Net()\n"),
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
    Wrong("sources' sigmoid", "everything else is mended", "range of a sigmoid", edit(MENDED_G, ("nn.Tanh()", "nn.Sigmoid()"))),
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
    Wrong("mixed_conv", "real = 0 from another tutorial", "other way round .real 0, fake 1.: right elsewhere",
          dl(edit(SUM, (ones, "torch.zeros_like(real_logits)"), (zeros, "torch.ones_like(fake_logits)")))),
    Wrong("swapped", "order of the arguments", "order of the arguments",
          function("discriminator_loss", "fake_logits, real_logits", SUM.replace("BCE", BCE))),
    Wrong("both_ones", "copy and paste", "Both terms ask for the label 1", dl(edit(SUM, (zeros, "torch.ones_like(fake_logits)")))),
    Wrong("both_zeros", "copy and paste", "Both terms ask for the label 0", dl(edit(SUM, (ones, "torch.zeros_like(real_logits)")))),
    Wrong("only_fake", "D must find the fakes", "Only the fakes count", dl(TWO + "return fake")),
    Wrong("only_real", "D learns what real looks like", "Only the reals count", dl(TWO + "return real")),
    Wrong("twice_sig", "BCE needs probabilities", "A sigmoid is applied twice",
          dl("real_logits, fake_logits = real_logits.sigmoid(), fake_logits.sigmoid()\n" + SUM)),
    Wrong("bce on logits", "BCELoss is BCE", "wants probabilities between 0 and 1",
          dl(SUM.replace("BCE", "F.binary_cross_entropy"))),
    Wrong("sum batch", "losses add up", "You add over the batch", dl(edit(SUM, (ones, ones + ", reduction='sum'"), (zeros, zeros + ", reduction='sum'")))),
    Wrong("no reduction", "one loss per image", "Average over the images",
          dl("return F.softplus(-real_logits) + F.softplus(fake_logits)")),
    Wrong("naive log", "the formula as written", "log is infinite",
          dl("return -torch.log(torch.sigmoid(real_logits)).mean() - torch.log(1 - torch.sigmoid(fake_logits)).mean()")),
    Wrong("sign", "D maximises V", "The sign is turned", dl(TWO + "return -(real + fake)")),
    Wrong("difference", "real minus fake", "One of the two terms has the wrong sign", dl(TWO + "return real - fake")),
    Wrong("difference 2", "fake minus real", "The reals' term has the wrong sign", dl(TWO + "return fake - real")),
    Wrong("wasserstein", "the critic's loss", "Wasserstein", dl("return fake_logits.mean() - real_logits.mean()")),
    Wrong("hinge", "the hinge loss", "hinge", dl("return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()")),
    Wrong("lsgan", "a squared error", "least-squares GAN", dl("return ((real_logits - 1) ** 2).mean() + (fake_logits ** 2).mean()")),
    Wrong("mse of probabilities", "a squared error", "least-squares GAN",
          dl("p, q = real_logits.sigmoid(), fake_logits.sigmoid()\nreturn F.mse_loss(p, torch.ones_like(p)) + F.mse_loss(q, torch.zeros_like(q))")),
    Wrong("smooth", "labels 0.9", "label smoothing", dl(edit(SUM, (ones, "0.9 * " + ones)))),
    Wrong("smooth both", "labels 0.9 and 0.1", "label smoothing", dl(edit(SUM, (ones, "0.9 * " + ones), (zeros, "0.1 + " + zeros)))),
    Wrong("probabilities", "raise D(x)", "average the probabilities themselves", dl("return fake_logits.sigmoid().mean() - real_logits.sigmoid().mean()")),
    Wrong("mean first", "average first", "average the logits and then",
          dl("r, f = real_logits.mean(), fake_logits.mean()\nreturn F.softplus(-r) + F.softplus(f)")),
    Wrong("answers averaged", "average D's answers", "average D's answers", dl("out = (real_logits + fake_logits) / 2\nreturn BCE(out, torch.ones_like(out)) + BCE(out, torch.zeros_like(out))")),
    Wrong("relativistic", "compare the pair", "relativistic", dl("return F.softplus(fake_logits - real_logits).mean()")),
    Wrong("log2", "bits", "The logarithm has another base", dl(TWO + "return (real + fake) / math.log(2)")),
    Wrong("item", "a loss is a number", "a float came back", dl(TWO + "return (real + fake).item()")),
    Wrong("new tensor", "wrap it", "carries no gradient", dl(TWO + "return torch.tensor((real + fake).item())")),
    Wrong("detached fakes", "fakes are detached", "no gradient reaches some of the logits", dl("fake_logits = fake_logits.detach()\n" + SUM)),
    Wrong("no_grad", "a loss needs no gradient", "carries no gradient", "@torch.no_grad()\n" + dl(SUM)),
    Wrong("labelshape", "labels are a vector", "Make the labels with ones_like", dl(edit(SUM, (ones, "torch.ones(len(real_logits))")))),
    Wrong("broadcast table", "labels are a vector", "Every logit meets every label",
          dl("n = len(real_logits)\nx = torch.cat([real_logits, fake_logits])\ny = torch.cat([torch.ones(n), torch.zeros(n)])\n"
             "return -(y * F.logsigmoid(x) + (1 - y) * F.logsigmoid(-x)).mean()")),
    Wrong("torch.zero", "torch.zero makes zeros", "in the plural", dl(edit(SUM, (zeros, "torch.zero(4, 1)")))),
    Wrong("int labels", "labels are classes", "dtype|float32|stops",
          dl("return F.cross_entropy(real_logits, torch.ones(len(real_logits)).long()) + F.cross_entropy(fake_logits, torch.zeros(len(fake_logits)).long())")),
    Wrong("no return", "assignment is enough", "None came back", dl(TWO + "loss = real + fake")),
    Wrong("tuple", "two losses", "a tuple came back", dl(TWO + "return real, fake")),
    Wrong("one argument", "logits of both", "disagree about the arguments", function("discriminator_loss", "logits", "return F.softplus(-logits).mean()")),
    Wrong("in place", "sigmoid_", "in-place operation", dl("real_logits.sigmoid_()\n" + SUM)),
    Wrong("double", "twice as strong", "Work one logit by hand", dl(TWO + "return 2 * (real + fake)")),
    Wrong("quarter", "half of each, and half of the sum", "halved twice", dl(TWO + "return (0.5 * real + 0.5 * fake) / 2")),
    Wrong("arguments", "labels first", "arguments of the cross entropy are swapped",
          dl(f"return (BCE({ones}, real_logits) + BCE({zeros}, fake_logits)) / 2")),
    Wrong("real arguments", "labels first", "the logits come first", dl(f"return BCE({ones}, real_logits) + BCE(fake_logits, {zeros})")),
    Wrong("fake arguments", "labels first", "the logits come first", dl(f"return BCE(real_logits, {ones}) + BCE({zeros}, fake_logits)")),
    Wrong("log of logits", "D's output is D(x)", "The log of a logit is not log D",
          dl("return -torch.log(real_logits).mean() - torch.log(1 - fake_logits).mean()")),
    Wrong("nan", "divide by the count of negatives", "nan comes from",
          dl(TWO + "zero = (real_logits > 99).float().mean()\nreturn (real + fake) * zero / zero")),
    Wrong("weighted", "fakes matter more", "Work one logit by hand", dl(TWO + "return real + 2 * fake")),
    Wrong("called with images", "D belongs to the loss", "That name does not exist", dl("return F.softplus(-D(real_logits)).mean()")),
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
    Wrong("g_same", "fakes are fake, so label 0", "The label of the fakes is 0", gl("return BCE(fake_logits, torch.zeros_like(fake_logits))")),
    Wrong("minimax", "the formula of the game", "This is the minimax loss, right elsewhere; here the non-saturating one is asked for",
          gl("return -BCE(fake_logits, torch.zeros_like(fake_logits))")),
    Wrong("minimax log", "log(1 - D)", "This is the minimax loss", gl("return F.logsigmoid(-fake_logits).mean()")),
    Wrong("g_neg_d", "zero-sum: minus D's loss", "D's loss with a minus",
          gl(f"return -(BCE(fake_logits, {ONES}) + BCE(fake_logits, torch.zeros_like(fake_logits)))")),
    Wrong("d_loss", "the same loss for both", "Two terms with both labels",
          gl(f"return BCE(fake_logits, {ONES}) + BCE(fake_logits, torch.zeros_like(fake_logits))")),
    Wrong("sign", "maximise log D", "The sign is turned", gl(f"return -BCE(fake_logits, {ONES})")),
    Wrong("no minus", "log D(G(z))", "The sign is turned", gl("return F.logsigmoid(fake_logits).mean()")),
    Wrong("twice_sig", "BCE needs probabilities", "A sigmoid is applied twice", gl(f"return BCE(fake_logits.sigmoid(), {ONES})")),
    Wrong("bce on logits", "BCELoss is BCE", "wants probabilities between 0 and 1", gl(f"return F.binary_cross_entropy(fake_logits, {ONES})")),
    Wrong("sum", "losses add up", "You add over the batch", gl(f"return BCE(fake_logits, {ONES}, reduction='sum')")),
    Wrong("no reduction", "one loss per image", "Average over the images", gl("return F.softplus(-fake_logits)")),
    Wrong("naive log", "the formula as written", "log is infinite", gl("return -torch.log(torch.sigmoid(fake_logits)).mean()")),
    Wrong("wasserstein", "the critic's loss", "Wasserstein", gl("return -fake_logits.mean()")),
    Wrong("wasserstein sign", "the critic's loss", "The sign is D's, too", gl("return fake_logits.mean()")),
    Wrong("lsgan", "a squared error", "least-squares GAN", gl("return ((fake_logits - 1) ** 2).mean()")),
    Wrong("mse", "a squared error", "least-squares GAN", gl(f"return F.mse_loss(fake_logits.sigmoid(), {ONES})")),
    Wrong("sigmoid_neg", "maximise D(G(z))", "You raise the probability itself", gl("return -torch.sigmoid(fake_logits).mean()")),
    Wrong("one minus", "1 - D(G(z))", "You lower 1 - D", gl("return (1 - torch.sigmoid(fake_logits)).mean()")),
    Wrong("smooth", "labels 0.9", "label smoothing", gl(f"return BCE(fake_logits, 0.9 * {ONES})")),
    Wrong("mean first", "average first", "average the logits and then", gl("return F.softplus(-fake_logits.mean())")),
    Wrong("item", "a loss is a number", "a float came back", gl("return F.softplus(-fake_logits).mean().item()")),
    Wrong("detached", "fakes are detached", "carries no gradient", gl("return F.softplus(-fake_logits.detach()).mean()")),
    Wrong("labelshape", "labels are a vector", "Make the labels with ones_like", gl("return BCE(fake_logits, torch.ones(len(fake_logits)))")),
    Wrong("torch.one", "torch.one makes ones", "in the plural", gl("return BCE(fake_logits, torch.one(4, 1))")),
    Wrong("no return", "assignment is enough", "None came back", gl(f"loss = BCE(fake_logits, {ONES})")),
    Wrong("two arguments", "the same signature", "disagree about the arguments", function("generator_loss", "real_logits, fake_logits", "return F.softplus(-fake_logits).mean()")),
    Wrong("log of logits", "D's output is D(G(z))", "The log of a logit is not log D", gl("return -torch.log(fake_logits).mean()")),
    Wrong("arguments", "labels first", "the logits come first", gl(f"return BCE({ONES}, fake_logits)")),
    Wrong("half d_loss", "D's loss, with its half", "Two terms with both labels",
          gl("return (F.softplus(-fake_logits).mean() + F.softplus(fake_logits).mean()) / 2")),
    Wrong("half", "as in D's loss", "Work one logit by hand", gl("return F.softplus(-fake_logits).mean() / 2")),
    Wrong("log2", "bits", "The logarithm has another base", gl("return F.softplus(-fake_logits).mean() / math.log(2)")),
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
    Wrong("zero_g", "clear the other one", "You clear G's gradients", ds(edit(DSTEP, ("opt_D.zero_grad()", "G.zero_grad()")))),
    Wrong("nodetach", "opt_D only updates D", "sends a gradient into G.*method detach", ds(edit(DSTEP, (".detach()", "")))),
    Wrong("nodetach, cleared", "clear it afterwards", "sends a gradient into G",
          ds(edit(DSTEP, (".detach()", ""), ("opt_D.step()", "opt_D.step()\nG.zero_grad()")))),
    Wrong("detached answer", "detach anywhere on the way", "Only the reals count.*detach on D's answer",
          ds(edit(DSTEP, ("G(z).detach()", "G(z)"), ("D(fake)", "D(fake).detach()")))),
    Wrong("D forgotten", "the loss takes images", "D is never called.*not the images themselves",
          ds("fake = G(sample_z(len(real), z_dim)).detach()\nloss = discriminator_loss(real, fake)\n" + UPDATE, LOSSES)),
    Wrong("D forgotten, no detach", "the loss takes images", "D is never called.*not the images themselves",
          ds("fake = G(sample_z(len(real), z_dim))\nloss = discriminator_loss(real, fake)\n" + UPDATE, LOSSES)),
    Wrong("quarter", "the loss is not halved yet", "halved twice",
          ds("fake = G(sample_z(len(real), z_dim)).detach()\nloss = discriminator_loss(D(real), D(fake)) / 2\n" + UPDATE, LOSSES)),
    Wrong("log of logits", "D's output is D(x)", "The log of a logit is not log D",
          ds(edit(DSTEP, (LOSS, "loss = -torch.log(logits_real).mean() - torch.log(1 - logits_fake).mean()")))),
    Wrong("retain", "always retain to be safe", "leave retain_graph out", ds(edit(DSTEP, ("backward()", "backward(retain_graph=True)")))),
    Wrong("retain first", "retain between two backward calls", "leave retain_graph out",
          ds(edit(DSTEP, (LOSS, "opt_D.zero_grad()\nF.softplus(-logits_real).mean().backward(retain_graph=True)\nloss = F.softplus(logits_fake).mean()"),
                  ("opt_D.zero_grad()\nloss.backward", "loss.backward")))),
    Wrong("flipped", "real = 0 from another tutorial", "other way round .real 0, fake 1.: right elsewhere",
          ds(edit(DSTEP, ("torch.ones_like", "torch.new_like"), ("torch.zeros_like", "torch.ones_like"), ("torch.new_like", "torch.zeros_like")))),
    Wrong("swapped", "order of the arguments", "order of the arguments",
          ds("fake = G(sample_z(len(real), z_dim)).detach()\nloss = discriminator_loss(D(fake), D(real))\n" + UPDATE, LOSSES)),
    Wrong("fool", "fakes should be called real", "Both terms ask for the label 1", ds(edit(DSTEP, ("torch.zeros_like", "torch.ones_like")))),
    Wrong("both zero", "copy and paste", "Both terms ask for the label 0", ds(edit(DSTEP, ("torch.ones_like", "torch.zeros_like")))),
    Wrong("only_real", "D learns what real looks like", "G is never called",
          ds("logits = D(real)\nloss = BCE(logits, torch.ones_like(logits))\n" + UPDATE)),
    Wrong("fakes unused", "making them is enough", "D judges 0 of them",
          ds(edit(DSTEP, ("D(real), D(fake)", "D(real), D(real)")))),
    Wrong("only_fake", "D must find the fakes", "D judges 0 of the 6 reals", ds(edit(DSTEP, ("D(real), D(fake)", "D(fake), D(fake)")))),
    Wrong("real term dropped", "the fakes teach D", "Only the fakes count", ds(edit(DSTEP, (LOSS, "loss = BCE(logits_fake, torch.zeros_like(logits_fake))")))),
    Wrong("overwritten", "loss twice", "Only the fakes count",
          ds(edit(DSTEP, (LOSS, "loss = F.softplus(-logits_real).mean()\nloss = F.softplus(logits_fake).mean()")))),
    Wrong("zero between", "clear before each backward", "Only the fakes count",
          ds(edit(DSTEP, (LOSS, "F.softplus(-logits_real).mean().backward()\nloss = F.softplus(logits_fake).mean()")))),
    Wrong("mean_first", "average D's answers", "average D's answers",
          ds(edit(DSTEP, (LOSS, "out = (logits_real + logits_fake) / 2\nloss = BCE(out, torch.ones_like(out)) + BCE(out, torch.zeros_like(out))")))),
    Wrong("torchzero", "torch.zero makes zeros", "in the plural", ds(edit(DSTEP, ("torch.zeros_like(logits_fake)", "torch.zero(real.size(0), 1)")))),
    Wrong("labelshape", "labels are a vector", "Make the labels with ones_like", ds(edit(DSTEP, ("torch.ones_like(logits_real)", "torch.ones(real.size(0))")))),
    Wrong("label table", "labels are a vector", "Every logit meets every label",
          ds("""n = len(real)
fake = G(torch.randn(n, z_dim)).detach()
out, y = D(torch.cat([real, fake])), torch.cat([torch.ones(n), torch.zeros(n)])
loss = -(y * F.logsigmoid(out) + (1 - y) * F.logsigmoid(-out)).mean()
""" + UPDATE)),
    Wrong("both_opts", "everyone learns from the loss", "the weights of G change in D's step",
          ds(edit(DSTEP, (".detach()", ""), ("opt_D.step()", "opt_D.step()\nwith torch.no_grad():\n    for p in G.parameters():\n        p -= 0.1 * p.grad")))),
    Wrong("batch64", "the batch size is 64", "64 fakes are made for 6 reals", ds(edit(DSTEP, ("real.size(0)", "64")))),
    Wrong("one fake", "one z", "1 fakes? (are|is) made for 6 reals|1 fakes and 6 reals|1 fakes", ds(edit(DSTEP, ("real.size(0)", "1")))),
    Wrong("twice_sig", "BCE needs probabilities", "A sigmoid is applied twice", ds(edit(DSTEP, ("D(real), D(fake)", "D(real).sigmoid(), D(fake).sigmoid()")))),
    Wrong("bce on logits", "BCELoss is BCE", "wants probabilities", ds(edit(DSTEP, ("BCE(logits_real", "F.binary_cross_entropy(logits_real")))),
    Wrong("sum", "losses add up", "You add over the batch", ds(edit(DSTEP, (LOSS, "loss = F.softplus(-logits_real).sum() + F.softplus(logits_fake).sum()")))),
    Wrong("smooth", "labels 0.9", "label smoothing", ds(edit(DSTEP, ("torch.ones_like(logits_real)", "0.9 * torch.ones_like(logits_real)")))),
    Wrong("wasserstein", "the critic's loss", "Wasserstein", ds(edit(DSTEP, (LOSS, "loss = logits_fake.mean() - logits_real.mean()")))),
    Wrong("lsgan", "a squared error", "least-squares", ds(edit(DSTEP, (LOSS, "loss = ((logits_real - 1) ** 2).mean() + (logits_fake ** 2).mean()")))),
    Wrong("ascent", "D maximises", "The sign is turned", ds(edit(DSTEP, ("loss.backward()", "(-loss).backward()")))),
    Wrong("double", "twice as strong", "4 times the expected", ds(edit(DSTEP, ("loss.backward()", "(2 * loss).backward()")))),
    Wrong("zero after backward", "zero_grad belongs before step", "cleared between backward", ds(edit(DSTEP, (UPDATE, "loss.backward()\nopt_D.zero_grad()\nopt_D.step()")))),
    Wrong("step first", "order does not matter", "The step comes before backward", ds(edit(DSTEP, (UPDATE, "opt_D.zero_grad()\nopt_D.step()\nloss.backward()")))),
    Wrong("no backward", "step does it all", "backward.. is missing", ds(edit(DSTEP, ("loss.backward()\n", "")))),
    Wrong("no step", "backward does it all", "opt_D.step.. is missing", ds(edit(DSTEP, ("opt_D.step()\n", "")))),
    Wrong("two steps", "one step per term", "runs 2 times",
          ds("""fake = G(torch.randn(len(real), z_dim)).detach()
for x, sign in ((real, -1), (fake, 1)):
    opt_D.zero_grad()
    F.softplus(sign * D(x)).mean().backward()
    opt_D.step()""")),
    Wrong("new optimiser", "make one where needed", "a new one made inside", ds("opt_D = torch.optim.Adam(D.parameters())\n" + DSTEP)),
    Wrong("item", "loss is a number", "has no history|history", ds(edit(DSTEP, ("loss.backward()", "loss = torch.tensor(loss.item())\nloss.backward()")))),
    Wrong("float backward", "loss is a number", "throws the history away", ds(edit(DSTEP, ("opt_D.zero_grad()", "loss = loss.item()\nopt_D.zero_grad()")))),
    Wrong("all no_grad", "D sees, not learns", "has no history", ds("with torch.no_grad():\n    z = torch.randn(real.size(0), z_dim)\n    fake = G(z)\n    logits_real, logits_fake = D(real), D(fake)\n" + LOSS + "\n" + UPDATE)),
    Wrong("rand", "rand", "compare the names rand and randn", ds(edit(DSTEP, ("torch.randn", "torch.rand")))),
    Wrong("fixed z", "the same z always", "two calls draw the same z", ds("torch.manual_seed(0)\n" + DSTEP)),
    Wrong("expanded z", "one z for all", "rows of z differ", ds(edit(DSTEP, ("torch.randn(real.size(0), z_dim)", "torch.randn(1, z_dim).expand(len(real), z_dim)")))),
    Wrong("ints", "random numbers", "a latent vector is normal noise", ds(edit(DSTEP, ("torch.randn(real.size(0), z_dim)", "torch.randint(0, 9, (len(real), z_dim))")))),
    Wrong("image noise", "noise has the shape of an image", "One vector z for each image goes into G", ds(edit(DSTEP, ("torch.randn(real.size(0), z_dim)", "torch.randn_like(real)")))),
    Wrong("z to D", "D judges z", "D judges images", ds(edit(DSTEP, ("D(fake)", "D(z)")))),
    Wrong("swapped nets", "D, G", "order of n and z_dim|goes into G|judges images", ds(edit(DSTEP, ("G(z)", "D(z)")))),
    Wrong("fakes to display", "both in [0, 1]", "neither the reals nor G's fakes", ds(edit(DSTEP, ("D(fake)", "D((fake + 1) / 2)")))),
    Wrong("noisy reals", "instance noise", "neither the reals nor G's fakes", ds(edit(DSTEP, ("D(real)", "D(real + 0.1 * torch.randn_like(real))")))),
    Wrong("G eval", "G is fixed", "G is left in eval mode", ds("G.eval()\n" + DSTEP)),
    Wrong("G frozen for ever", "G is fixed", "weights of G have requires_grad False", ds("G.requires_grad_(False)\n" + DSTEP)),
    Wrong("undefined", "names of another cell", "That name does not exist", ds(edit(DSTEP, ("D(real)", "D(images)")))),
    Wrong("signature", "z_dim is global", "disagree about the arguments", ds(DSTEP).replace(", z_dim):", "):")),
    Wrong("half the reals", "half a batch each", "fakes (are|is) made for 6|of the 6 reals", ds(edit(DSTEP, ("D(real)", "D(real[:3])")))),
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
    Wrong("detach", "freeze D and detach the fakes", "has no history", gs("D.requires_grad_(False)\n" + edit(GSTEP, ("G(z)", "G(z).detach()")))),
    Wrong("detach2", "detach the fakes as in the D step", "No gradient reaches G", gs(edit(GSTEP, ("G(z)", "G(z).detach()")))),
    Wrong("data", "detach by .data", "No gradient reaches G", gs(edit(GSTEP, ("G(z)", "G(z).data")))),
    Wrong("nozero", "gradients start empty", "it does not overwrite", gs(edit(GSTEP, ("opt_G.zero_grad()\n", "")))),
    Wrong("zero_d", "clear the discriminator", "You clear D's gradients", gs(edit(GSTEP, ("opt_G.zero_grad()", "D.zero_grad()")))),
    Wrong("zero_end", "zero_grad after the step", "Clearing after the step is too late", gs(edit(GSTEP, (GUPDATE, "loss.backward()\nopt_G.step()\nopt_G.zero_grad()")))),
    Wrong("step_d", "step everything that has a gradient", "the weights of D change in G's step",
          gs(edit(GSTEP, ("return", "with torch.no_grad():\n    for p in D.parameters():\n        p -= 0.1 * p.grad\nreturn")))),
    Wrong("frozen", "freeze D and forget it", "A frozen D never learns again", gs("D.requires_grad_(False)\n" + GSTEP)),
    Wrong("D eval", "D is fixed", "D is left in eval mode", gs("D.eval()\n" + GSTEP)),
    Wrong("sigmoid_neg", "maximise D(G(z))", "You raise the probability itself", gs(edit(GSTEP, (GLOSS, "loss = -torch.sigmoid(logits).mean()")))),
    Wrong("item", "loss is a number", "has no history", gs(edit(GSTEP, (GLOSS, "loss = torch.tensor(F.softplus(-logits).mean().item())")))),
    Wrong("float", "loss is a number", "throws the history away", gs(edit(GSTEP, (GLOSS, "loss = F.softplus(-logits).mean().item()")))),
    Wrong("label 0", "fakes are fake", "The label of the fakes is 0", gs(edit(GSTEP, ("ones_like", "zeros_like")))),
    Wrong("D's loss of two z", "one loss for both steps", "step: the loss is not the generator loss .*: it is D's loss",
          gs("loss = discriminator_loss(D(G(sample_z(n, z_dim))), D(G(sample_z(n, z_dim))))\n" + GUPDATE, LOSSES)),
    Wrong("D's loss of one z", "one loss for both steps", "step: the loss is not the generator loss .*: it is D's loss",
          gs("fake = G(sample_z(n, z_dim))\nloss = discriminator_loss(D(fake), D(fake))\n" + GUPDATE, LOSSES)),
    Wrong("log of logits", "D's output is D(G(z))", "The log of a logit is not log D", gs(edit(GSTEP, (GLOSS, "loss = -torch.log(logits).mean()")))),
    Wrong("d's loss", "reuse D's loss on the fakes", "Two terms with both labels",
          gs(edit(GSTEP, (GLOSS, "loss = BCE(logits, torch.ones_like(logits)) + BCE(logits, torch.zeros_like(logits))")))),
    Wrong("minus and flip", "ascent, and the label flipped as well", "The sign is turned", gs(edit(GSTEP, (GLOSS, "loss = -BCE(logits, torch.ones_like(logits))")))),
    Wrong("neg d loss", "zero-sum: minus D's loss", "D's loss with a minus",
          gs(edit(GSTEP, (GLOSS, "loss = -BCE(logits, torch.ones_like(logits)) - BCE(logits, torch.zeros_like(logits))")))),
    Wrong("twice_sig", "BCE needs probabilities", "A sigmoid is applied twice", gs(edit(GSTEP, (GLOSS, "loss = BCE(logits.sigmoid(), torch.ones_like(logits))")))),
    Wrong("sum", "losses add up", "You add over the batch", gs(edit(GSTEP, (GLOSS, "loss = F.softplus(-logits).sum()")))),
    Wrong("wasserstein", "the critic's loss", "Wasserstein", gs(edit(GSTEP, (GLOSS, "loss = -logits.mean()")))),
    Wrong("lsgan", "a squared error", "least-squares", gs(edit(GSTEP, (GLOSS, "loss = ((logits - 1) ** 2).mean()")))),
    Wrong("smooth", "labels 0.9", "label smoothing", gs(edit(GSTEP, ("torch.ones_like(logits)", "0.9 * torch.ones_like(logits)")))),
    Wrong("half", "as in D's loss", "0.5 times the expected", gs(edit(GSTEP, ("loss.backward()", "(loss / 2).backward()")))),
    Wrong("labelshape", "labels are a vector", "Make the labels with ones_like", gs(edit(GSTEP, ("torch.ones_like(logits)", "torch.ones(n)")))),
    Wrong("bce on logits", "BCELoss is BCE", "wants probabilities", gs(edit(GSTEP, (GLOSS, "loss = F.binary_cross_entropy(logits, torch.ones_like(logits))")))),
    Wrong("vector loss", "one loss per image", "Average it over the batch first", gs(edit(GSTEP, (GLOSS, "loss = F.softplus(-logits)")))),
    Wrong("D no_grad", "D must not change", "has no history", gs("fake = G(torch.randn(n, z_dim))\nwith torch.no_grad():\n    logits = D(fake)\n" + GLOSS + "\n" + GUPDATE)),
    Wrong("rand", "rand", "compare the names rand and randn", gs(edit(GSTEP, ("torch.randn", "torch.rand")))),
    Wrong("fixed z", "the same z always", "two calls draw the same z", gs("torch.manual_seed(1)\n" + GSTEP)),
    Wrong("expanded z", "one z for all", "rows of z differ", gs(edit(GSTEP, ("torch.randn(n, z_dim)", "torch.randn(1, z_dim).repeat(n, 1)")))),
    Wrong("batch64", "the batch size is 64", "64 fakes are made for 6 fakes asked for", gs(edit(GSTEP, ("torch.randn(n", "torch.randn(64")))),
    Wrong("swapped z", "(z_dim, n)", "order of n and z_dim", gs(edit(GSTEP, ("torch.randn(n, z_dim)", "torch.randn(z_dim, n)")))),
    Wrong("no fakes", "D judges noise", "G is never called|judges images", gs(edit(GSTEP, ("D(G(z))", "D(torch.randn(n, 1, 28, 28))")))),
    Wrong("D not asked", "G's own loss", "D is never called", gs("loss = G(torch.randn(n, z_dim)).mean()\n" + GUPDATE)),
    Wrong("no backward", "step does it all", "backward.. is missing", gs(edit(GSTEP, ("loss.backward()\n", "")))),
    Wrong("no step", "backward does it all", "opt_G.step.. is missing", gs(edit(GSTEP, ("opt_G.step()\n", "")))),
    Wrong("step first", "order does not matter", "The step comes before backward", gs(edit(GSTEP, (GUPDATE, "opt_G.zero_grad()\nopt_G.step()\nloss.backward()")))),
    Wrong("zero after backward", "zero_grad belongs before step", "cleared between backward", gs(edit(GSTEP, (GUPDATE, "loss.backward()\nopt_G.zero_grad()\nopt_G.step()")))),
    Wrong("new optimiser", "make one where needed", "a new one made inside", gs("opt_G = torch.optim.Adam(G.parameters(), lr=2e-4)\n" + GSTEP)),
    Wrong("two steps", "G needs more", "runs 2 times", gs("for _ in range(2):\n    " + GSTEP.replace("\nreturn loss.item()", "").replace("\n", "\n    "))),
    Wrong("S10", "n from the images of another cell", "That name does not exist", gs("n = images.size(0)\n" + GSTEP)),
    Wrong("S11", "names of another cell", "That name does not exist", gs(edit(GSTEP, ("torch.ones_like(logits)", "labels")))),
    Wrong("sampled fakes", "no_grad around G", "No gradient reaches G", gs("with torch.no_grad():\n    fake = G(torch.randn(n, z_dim))\nlogits = D(fake)\n" + GLOSS + "\n" + GUPDATE)),
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
    Wrong("train called", "train() by slip", "G runs in train mode", gen(edit(SAMPLE, ("G.eval()", "G.train()")))),
    Wrong("stuck_eval", "eval() only affects this function", "put the mode back", gen(edit(SAMPLE, ("G.train(was_training)\n", "")))),
    Wrong("mode by attribute", "the mode is one attribute", "does not reach the layers inside.*G.train.mode",
          gen(edit(SAMPLE, ("G.train(was_training)", "G.training = was_training")))),
    Wrong("both by attribute", "the mode is one attribute", "does not reach the layers inside.*G.train.mode",
          gen(edit(SAMPLE, ("G.eval()", "G.training = False"), ("G.train(was_training)", "G.training = was_training")))),
    Wrong("restored too soon", "the mode before the call", "put the mode back", gen(edit(SAMPLE, ("was_training = G.training\nG.eval()", "G.eval()\nwas_training = G.training")))),
    Wrong("range", "imshow copes", "still in the range of tanh", gen(edit(SAMPLE, ("(x + 1) / 2", "x")))),
    Wrong("clamp", "cut to [0, 1]", "You clamp", gen(edit(SAMPLE, ("(x + 1) / 2", "x.clamp(0, 1)")))),
    Wrong("minmax", "normalize=True", "You stretch from min to max", gen(edit(SAMPLE, ("(x + 1) / 2", "(x - x.min()) / (x.max() - x.min())")))),
    Wrong("halve", "halve the range", "nothing shifts", gen(edit(SAMPLE, ("(x + 1) / 2", "x / 2")))),
    Wrong("shift", "lift above 0", "the width stays 2", gen(edit(SAMPLE, ("(x + 1) / 2", "x + 1")))),
    Wrong("other way", "to_gan_range", "the other direction", gen(edit(SAMPLE, ("(x + 1) / 2", "2 * x - 1")))),
    Wrong("inverted", "sign slip", "Black and white are exchanged", gen(edit(SAMPLE, ("(x + 1) / 2", "(1 - x) / 2")))),
    Wrong("bytes", "pixels go to 255", "0 to 255", gen(edit(SAMPLE, ("(x + 1) / 2", "(x + 1) * 127.5")))),
    Wrong("seed", "seed for comparable pictures", "the global seed stays alone", gen("torch.manual_seed(0)\n" + SAMPLE)),
    Wrong("fixed z", "a generator of its own", "two calls give the same noise",
          gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(n, z_dim, generator=torch.Generator().manual_seed(1))")))),
    Wrong("rand", "rand", "compare the names rand and randn", gen(edit(SAMPLE, ("torch.randn", "torch.rand")))),
    Wrong("uniform", "noise from -1 to 1", "where are its tails", gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "2 * torch.rand(n, z_dim) - 1")))),
    Wrong("truncated", "small z look better", "scales or clips", gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "0.7 * torch.randn(n, z_dim)")))),
    Wrong("zeros", "the mean image", "Constants are no noise", gen(edit(SAMPLE, ("torch.randn", "torch.zeros")))),
    Wrong("one z", "one z for all", "rows of z differ", gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(1, z_dim).expand(n, -1)")))),
    Wrong("graph", "drawing needs no care", "the pictures carry a graph", gen(edit(SAMPLE, ("with torch.no_grad():\n    x", "x")))),
    Wrong("one picture", "n is the batch", "G makes 1 images", gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(1, z_dim)")))),
    Wrong("64", "a grid has 64", "G makes 64 images", gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(64, z_dim)")))),
    Wrong("swapped", "(z_dim, n)", "order of n and z_dim", gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(z_dim, n)")))),
    Wrong("squeeze", "imshow wants (28, 28)", "Leave the axes as G gives them", gen(edit(SAMPLE, ("(x + 1) / 2", "((x + 1) / 2).squeeze(1)")))),
    Wrong("first only", "one picture", "Leave the axes as G gives them", gen(edit(SAMPLE, ("(x + 1) / 2", "(x[:1] + 1) / 2")))),
    Wrong("numpy", "plots want arrays", "an ndarray came back", gen(edit(SAMPLE, ("(x + 1) / 2", "((x + 1) / 2).numpy()")))),
    Wrong("no return", "drawing is enough", "None came back", gen(edit(SAMPLE, ("return (x + 1) / 2", "x = (x + 1) / 2")))),
    Wrong("G not called", "noise is a picture", "G is never called", gen("return torch.rand(n, 1, 28, 28)")),
    Wrong("1-D z", "one vector", "One vector z for each image", gen(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(z_dim)")))),
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
    Wrong("leak", "clear both at the top, retain the graph", "G's update holds the gradient of D's loss",
          tb(edit(BATCH, ("opt_D.zero_grad()\n", "opt_D.zero_grad(); opt_G.zero_grad()\n"), ("fake.detach()", "fake"), ("loss_D.backward()", "loss_D.backward(retain_graph=True)"),
                  ("opt_D.step()\nopt_G.zero_grad()", "opt_D.step()")))),
    Wrong("nodetach_err", "detach is optional", "Two backward passes share one graph", tb(edit(BATCH, ("fake.detach()", "fake")))),
    Wrong("inplace", "reuse D(fake) for both losses", "Compute G's loss after D's step",
          tb("""fake = G(torch.randn(real.size(0), z_dim))
r, f = D(real), D(fake)
loss_D = BCE(r, torch.ones_like(r)) + BCE(f, torch.zeros_like(f))
loss_G = BCE(f, torch.ones_like(f))
opt_D.zero_grad()
loss_D.backward(retain_graph=True)
opt_D.step()
opt_G.zero_grad()
loss_G.backward()
opt_G.step()""")),
    Wrong("zero_after", "zero_grad right before step", "cleared between backward",
          tb(edit(BATCH, ("opt_D.zero_grad()\n", ""), ("loss_D.backward()\n", "loss_D.backward()\nopt_D.zero_grad()\n")))),
    Wrong("one_backward", "add the losses, backward once", "D's update holds the gradient of G's loss",
          tb("""fake = G(torch.randn(real.size(0), z_dim))
r, f = D(real), D(fake)
loss_D = BCE(r, torch.ones_like(r)) + BCE(f, torch.zeros_like(f))
loss_G = BCE(f, torch.ones_like(f))
opt_D.zero_grad(); opt_G.zero_grad()
(loss_D + loss_G).backward()
opt_D.step(); opt_G.step()""")),
    Wrong("same label", "fakes are fake", "it uses the same label for the fakes as D does", tb(edit(BATCH, ("torch.ones_like(g)", "torch.zeros_like(g)")))),
    Wrong("mixed conventions", "D from one tutorial, G from another", "it uses the same label for the fakes as D does",
          tb(edit(BATCH, ("torch.ones_like(r)", "torch.zeros_like(r)"), ("torch.zeros_like(f)", "torch.ones_like(f)")))),
    Wrong("no D zero", "gradients start empty", "left in D's .grad", tb(edit(BATCH, ("opt_D.zero_grad()\n", "")))),
    Wrong("no G zero", "gradients start empty", "left in G's .grad", tb(edit(BATCH, ("opt_G.zero_grad()\n", "")))),
    Wrong("D zero at the end of its step", "zero_grad after the step", "Clearing after the step is too late",
          tb(edit(BATCH, ("opt_D.zero_grad()\n", ""), ("opt_D.step()\n", "opt_D.step()\nopt_D.zero_grad()\n")))),
    Wrong("no D step", "G only", "opt_D.step.. is missing", tb(edit(BATCH, ("opt_D.step()\n", "")))),
    Wrong("no G step", "D only", "opt_G.step.. is missing", tb(edit(BATCH, ("opt_G.step()\n", "")))),
    Wrong("G detached", "detach everywhere", "No gradient reaches G", tb(edit(BATCH, ("g = D(fake)", "g = D(fake.detach())")))),
    Wrong("both labels 1", "copy and paste", "Both terms ask for the label 1", tb(edit(BATCH, ("torch.zeros_like(f)", "torch.ones_like(f)")))),
    Wrong("only fakes", "D must find the fakes", "Only the fakes count", tb(edit(BATCH, ("BCE(r, torch.ones_like(r)) + ", "")))),
    Wrong("batch64", "the batch size is 64", "64 fakes are made for 6 reals", tb(edit(BATCH, ("n = real.size(0)", "n = 64")))),
    Wrong("rand", "rand", "compare the names rand and randn", tb(edit(BATCH, ("torch.randn", "torch.rand")))),
    Wrong("fixed z", "the same z always", "two calls draw the same z", tb("torch.manual_seed(0)\n" + BATCH)),
    Wrong("swapped optimisers", "opt_D, opt_G", "follows G's loss and not its own|do not move", tb(BATCH).replace("opt_G, opt_D, real", "opt_D, opt_G, real")),
    Wrong("wasserstein G", "the critic's loss", "Wasserstein", tb(edit(BATCH, ("loss_G = BCE(g, torch.ones_like(g))", "loss_G = -g.mean()")))),
    Wrong("twice_sig", "BCE needs probabilities", "A sigmoid is applied twice", tb(edit(BATCH, ("g = D(fake)", "g = D(fake).sigmoid()")))),
    Wrong("D sum", "losses add up", "You add over the batch", tb(edit(BATCH, ("loss_D = BCE(r, torch.ones_like(r)) + BCE(f, torch.zeros_like(f))", "loss_D = F.softplus(-r).sum() + F.softplus(f).sum()")))),
    Wrong("labelshape", "labels are a vector", "Make the labels with ones_like", tb(edit(BATCH, ("torch.ones_like(g)", "torch.ones(n)")))),
    Wrong("D frozen", "freeze D and forget it", "A frozen D never learns again", tb(edit(BATCH, ("g = D(fake)", "D.requires_grad_(False)\ng = D(fake)")))),
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
    Wrong("half", "D's threshold is 0.5", "Your boundary is the logit 0.5", a("((real_logits > 0.5).sum() + (fake_logits <= 0.5).sum()).item() / (2 * real_logits.numel())")),
    Wrong("fooled", "fakes called real are successes", "Whose accuracy is that", a("((real_logits > 0).sum() + (fake_logits > 0).sum()).item() / (2 * real_logits.numel())")),
    Wrong("mean_prob", "the mean probability is the accuracy", "You average probabilities. An image", a("(torch.sigmoid(real_logits).mean() + 1 - torch.sigmoid(fake_logits).mean()) / 2")),
    Wrong("real only", "accuracy on reals", "Only the reals are counted", a("(real_logits > 0).float().mean().item()")),
    Wrong("fake only", "accuracy on fakes", "Only the fakes are counted", a("(fake_logits < 0).float().mean().item()")),
    Wrong("sum of two", "add both", "You add two fractions", a("(real_logits > 0).float().mean() + (fake_logits < 0).float().mean()")),
    Wrong("count", "how many", "That is a count", a("((real_logits > 0).sum() + (fake_logits < 0).sum()).item()")),
    Wrong("percent", "in percent", "That is a percentage", a("50 * ((real_logits > 0).float().mean() + (fake_logits < 0).float().mean()).item()")),
    Wrong("errors", "the mistakes", "error rate", a("((real_logits < 0).float().mean() + (fake_logits > 0).float().mean()).item() / 2")),
    Wrong("twice_sig", "a probability of a probability", "a sigmoid too often",
          a("((real_logits.sigmoid().sigmoid() > 0.5).float().mean() + (fake_logits.sigmoid().sigmoid() < 0.5).float().mean()) / 2")),
    Wrong("no mean", "right or wrong for each", "average over all images", a("(real_logits > 0).float()")),
    Wrong("no return", "assignment is enough", "None came back", function("discriminator_accuracy", "real_logits, fake_logits", "acc = (real_logits > 0).float().mean()")),
    Wrong("tuple", "one each", "a tuple came back", a("((real_logits > 0).float().mean(), (fake_logits < 0).float().mean())")),
    Wrong("divided by n", "n images", "You add two fractions", a("((real_logits > 0).sum() + (fake_logits < 0).sum()).item() / len(real_logits)")),
    Wrong("bool mean", "mean of booleans", "dtype|float32", a("(real_logits > 0).mean()")),
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
    Wrong("g_once", "indentation slip", "belong inside the same loop", te(edit(EPOCH, ("    g_total +=", "g_total +=")))),
    Wrong("blocks", "first D for an epoch, then G", "belong inside the same loop",
          te("d = [discriminator_step(real) for real, _ in loader]\ng = [generator_step(real.size(0)) for real, _ in loader]\nreturn sum(d) / len(d), sum(g) / len(g)")),
    Wrong("unpack", "the loader yields images", "unpack them", te(edit(EPOCH, ("for real, _ in", "for real in")))),
    Wrong("labels", "the pair the other way round", "Those look like labels", te(edit(EPOCH, ("for real, _ in", "for _, real in")))),
    Wrong("once", "one batch is one epoch", "An epoch is all of them", te("real, _ = next(iter(loader))\nreturn discriminator_step(real), generator_step(real.size(0))")),
    Wrong("return inside", "indentation slip", "An epoch is all of them", te(edit(EPOCH, ("return", "    return")))),
    Wrong("no g", "D only", "G never learns", te(edit(EPOCH, ("    g_total += generator_step(real.size(0))\n", "")))),
    Wrong("no d", "G only", "D never learns", te(edit(EPOCH, ("    d_total += discriminator_step(real)\n", "")))),
    Wrong("batch 5", "the batch size is a constant", "The last batch is smaller", te(edit(EPOCH, ("real.size(0)", "5")))),
    Wrong("images to G", "both get the batch", "expected a whole number", te(edit(EPOCH, ("generator_step(real.size(0))", "generator_step(real)")))),
    Wrong("shape to G", "shape is the size", "expected a whole number", te(edit(EPOCH, ("real.size(0)", "real.shape")))),
    Wrong("swapped", "G first", "The two are exchanged", te(edit(EPOCH, ("d_total / len(loader), g_total / len(loader)", "g_total / len(loader), d_total / len(loader)")))),
    Wrong("sums", "totals", "Those are sums", te(edit(EPOCH, ("d_total / len(loader), g_total / len(loader)", "d_total, g_total")))),
    Wrong("last", "the last loss", "losses of the last batch", te("for real, _ in loader:\n    d = discriminator_step(real)\n    g = generator_step(len(real))\nreturn d, g")),
    Wrong("per image", "divided by the data set", "divide by the number of images", te(edit(EPOCH, ("len(loader)", "len(loader.dataset)")))),
    Wrong("replaced", "= for +=", "Only the last batch is in the sum", te(edit(EPOCH, ("+=", "=")))),
    Wrong("lists", "keep them all", "expected two numbers", te("d, g = [], []\nfor x, _ in loader:\n    d.append(discriminator_step(x))\n    g.append(generator_step(len(x)))\nreturn d, g")),
    Wrong("no return", "printing is enough", "None came back", te(edit(EPOCH, ("return d_total / len(loader), g_total / len(loader)", "print(d_total, g_total)")))),
    Wrong("one mean", "one loss", "expected the pair", te(edit(EPOCH, ("return d_total / len(loader), g_total / len(loader)", "return (d_total + g_total) / len(loader)")))),
    Wrong("two d", "D needs more", "expected one step of each", te(edit(EPOCH, ("    d_total += discriminator_step(real)\n", "    d_total += discriminator_step(real)\n    d_total += discriminator_step(real)\n")))),
    Wrong("skip last", "full batches only", "steps of D and|expected one step of each", te(edit(EPOCH, ("    d_total +=", "    if len(real) < 5:\n        break\n    d_total +=")))),
    Wrong("flattened", "rows for the network", r"expected \(B, 1, 28, 28\)", te(edit(EPOCH, ("discriminator_step(real)", "discriminator_step(real.flatten(1))")))),
    Wrong("scaled", "scale again", "other images than the loader gives", te(edit(EPOCH, ("discriminator_step(real)", "discriminator_step(2 * real - 1)")))),
    Wrong("globals", "G and D in the step", "expected 1", te(edit(EPOCH, ("discriminator_step(real)", "discriminator_step(None, None, real)")))),
]

REMARKS = {  # (exercise, id of a right answer): words of its line
    ("discriminator_step", "columns only"): "ones_like",
    ("generator_step", "columns only"): "ones_like",
    ("generator_step", "minimax, accepted with a remark"): "minimax",
    ("generate", "decorator"): "in eval mode comes back",
    ("generate", "detached"): "no_grad",
    ("train_batch", "retained, G cleared in time"): "detach",
    ("Discriminator", "squeeze"): "squeeze",
    ("Generator", "hardtanh"): "clamp",
    ("discriminator_loss", "columns only"): "ones_like",
}
