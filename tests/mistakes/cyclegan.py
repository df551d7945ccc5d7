"""Known answers to the exercises of lesson 6, CycleGAN."""

from mistakes import Wrong, edit, function, one

HEAVY = set()
RIGHT, WRONG = {}, {}

# --- networks -------------------------------------------------------------------------------------

R = """class ResidualBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.block = nn.Sequential(
            nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c))

    def forward(self, x):
        return x + self.block(x)
"""
RBARE = """class ResidualBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = nn.Conv2d(c, c, 3, padding=1)
        self.b = nn.Conv2d(c, c, kernel_size=3, stride=1, padding="same")

    def forward(self, x):
        h = F.relu(self.a(x))
        return self.b(h) + x
"""
REND = "return x + self.block(x)"
RFIRST = "nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU(),"
RLAST = "nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c))"
RIGHT["ResidualBlock"] = {
    "plain": R,
    "no norm, functional": RBARE,
    "reflection": edit(R, ("nn.Conv2d(c, c, 3, padding=1)", "nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3)")),
    "reflect mode": edit(R, ("padding=1", "padding=1, padding_mode='reflect', bias=False")),
    "batch norm": edit(R, ("InstanceNorm2d", "BatchNorm2d")),
    "affine": edit(R, ("nn.InstanceNorm2d(c)", "nn.InstanceNorm2d(c, affine=True)")),
    "group norm, gelu": edit(R, ("nn.InstanceNorm2d(c)", "nn.GroupNorm(1, c)"), ("nn.ReLU()", "nn.GELU()")),
    "tanh inside": edit(R, ("nn.ReLU()", "nn.Tanh()")),
    "relu in place": edit(R, ("nn.ReLU()", "nn.ReLU(inplace=True)")),
    "dropout": edit(R, ("nn.ReLU(),", "nn.ReLU(), nn.Dropout(0.5),")),
    "pre-activation": edit(R, ("nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU(),", "nn.ReLU(), nn.Conv2d(c, c, 3, padding=1), nn.ReLU(),"), (", nn.InstanceNorm2d(c))", ")")),
    "pre-activation on a copy": edit(R, ("            nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU(),", "            nn.ReLU(inplace=True), nn.Conv2d(c, c, 3, padding=1), nn.ReLU(),"), ("self.block(x)", "self.block(x.clone())")),
    "spectral norm": edit(RBARE, ("nn.Conv2d(c, c, 3, padding=1)", "nn.utils.parametrizations.spectral_norm(nn.Conv2d(c, c, 3, padding=1))")),
    "old spectral norm": edit(RBARE, ("nn.Conv2d(c, c, 3, padding=1)", "nn.utils.spectral_norm(nn.Conv2d(c, c, 3, padding=1))")),
    "weight norm": edit(RBARE, ("nn.Conv2d(c, c, 3, padding=1)", "nn.utils.parametrizations.weight_norm(nn.Conv2d(c, c, 3, padding=1))")),
    "starts as the identity": edit(RBARE, ("\n    def forward", "        nn.init.zeros_(self.b.weight)\n        nn.init.zeros_(self.b.bias)\n\n    def forward")),
    "scaled branch": edit(RBARE, ("self.b(h) + x", "x + 0.1 * self.b(h)")),
    "learned gain": edit(RBARE, ("        self.a =", "        self.gain = nn.Parameter(torch.zeros(1))\n        self.a ="), ("self.b(h) + x", "x + self.gain * self.b(h)")),
    "wider inside": edit(R, ("nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU()", "nn.Conv2d(c, 2 * c, 3, padding=1), nn.InstanceNorm2d(2 * c), nn.ReLU()"), ("nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c))", "nn.Conv2d(2 * c, c, 3, padding=1), nn.InstanceNorm2d(c))")),
    "one layer twice": edit(RBARE, ("self.b(h)", "self.a(h)"), ("        self.b = nn.Conv2d(c, c, kernel_size=3, stride=1, padding=\"same\")\n", "")),
    "skip saved": edit(R, (REND, "skip = x\n        x = self.block(x)\n        return torch.add(skip, x)")),
    "own default": edit(R, ("def __init__(self, c)", "def __init__(self, c, kernel=3)"), ("c, 3, padding=1", "c, kernel, padding=kernel // 2")),
    "lazy": edit(RBARE, ("nn.Conv2d(c, c, 3, padding=1)", "nn.LazyConv2d(c, 3, padding=1)")),
    "ends in relu": edit(R, (RLAST, "nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU())")),
}
AFTER = "An activation stands after the sum"
WRONG["ResidualBlock"] = [
    Wrong("relu_after", "ResNet ends in ReLU", AFTER, edit(R, (REND, "return F.relu(x + self.block(x))"))),
    Wrong("leaky after", "a leaky one keeps a little", AFTER, edit(R, (REND, "return F.leaky_relu(x + self.block(x), 0.2)"))),
    Wrong("tanh after", "maps stay in range", AFTER, edit(R, (REND, "return torch.tanh(x + self.block(x))"))),
    Wrong("relu module after", "a block ends in an activation", AFTER, edit(R, ("        self.block", "        self.act = nn.ReLU()\n        self.block"), (REND, "return self.act(self.block(x) + x)"))),
    Wrong("inplace", "+= is the same", "x holds the result of the block now", edit(R, (REND, "y = self.block(x)\n        x += y\n        return x"))),
    Wrong("add_", "saves memory", "x holds the result of the block now", edit(R, (REND, "return x.add_(self.block(x))"))),
    Wrong("inplace skip", "a new name is a new tensor", "x holds the result of the block now", edit(R, (REND, "out = x\n        out += self.block(x)\n        return out"))),
    Wrong("inplace_relu", "pre-activation with inplace saves memory", "The first activation of f writes", edit(R, ("            nn.Conv2d(c, c, 3, padding=1), nn.Inst", "            nn.ReLU(inplace=True), nn.Conv2d(c, c, 3, padding=1), nn.Inst", ))),
    Wrong("relu_", "activation first", "The first activation of f writes", edit(R, ("self.block(x)", "self.block(F.relu_(x))"))),
    Wrong("+= on a copy", "a copy may be written over", "Something was overwritten", edit(R, (REND, "out = x.clone()\n        out += self.block(out)\n        return out"))),
    Wrong("scaled in place", "normalise the input", "Something writes into x", edit(R, (REND, "x *= 0.5\n        return x + self.block(x)"))),
    Wrong("mul", "combine", "x and f\\(x\\) are multiplied", edit(R, (REND, "return x * self.block(x)"))),
    Wrong("gate", "a gate lets x through", "x and f\\(x\\) are multiplied", edit(R, (REND, "return x * torch.sigmoid(self.block(x))"))),
    Wrong("no skip", "two convolutions are a block", "x itself does not reach the result", edit(R, (REND, "return self.block(x)"))),
    Wrong("f twice", "f(x) + f(x)", "x itself does not reach the result", edit(R, (REND, "return self.block(x) + self.block(x)"))),
    Wrong("shortcut layer", "the shortcut needs a 1x1 convolution", "the shortcut has no layers", edit(R, ("        self.block", "        self.short = nn.Conv2d(c, c, 1)\n        self.block"), (REND, "return self.short(x) + self.block(x)"))),
    Wrong("skip around the second", "h + conv(h)", "the shortcut has no layers", edit(RBARE, ("self.b(h) + x", "h + self.b(h)"))),
    Wrong("skip of relu", "f and the shortcut start from the activation", "The shortcut starts behind an activation", edit(RBARE, ("h = F.relu(self.a(x))", "x = F.relu(x)\n        h = self.a(x)"))),
    Wrong("norm after", "normalise the sum", "The sum is normalised, or", edit(R, ("        self.block", "        self.norm = nn.InstanceNorm2d(c)\n        self.block"), (REND, "return self.norm(x + self.block(x))"))),
    Wrong("batch norm after", "normalise the sum", "normalised over the batch", edit(R, ("        self.block", "        self.norm = nn.BatchNorm2d(c, affine=False)\n        self.block"), (REND, "return self.norm(x + self.block(x))"))),
    Wrong("doubled", "f has a shortcut, too", "x is added twice", edit(R, (REND, "h = x + self.block(x)\n        return x + h"))),
    Wrong("minus", "the residual is a difference", "the sign of the shortcut", edit(R, (REND, "return self.block(x) - x"))),
    Wrong("mean", "keep the scale", "The sum is halved", edit(R, (REND, "return (x + self.block(x)) / 2"))),
    Wrong("root two", "keep the variance", "divided by the root of 2", edit(R, (REND, "return (x + self.block(x)) / math.sqrt(2)"))),
    Wrong("dropout after", "regularise", "Dropout stands on the shortcut", edit(R, (REND, "return F.dropout(x + self.block(x), 0.5, self.training)"))),
    Wrong("concatenated", "as in a U-Net", "stand side by side", edit(R, (REND, "return torch.cat([x, self.block(x)], dim=1)"))),
    Wrong("detached skip", "the shortcut needs no gradient", "carries it past f", edit(R, (REND, "return x.detach() + self.block(x)"))),
    Wrong("data skip", ".data is the value", "carries it past f", edit(R, (REND, "return x.data + self.block(x)"))),
    Wrong("identity", "placeholder left in", "f adds nothing", edit(R, (REND, "self.block(x)\n        return x"))),
    Wrong("no padding", "3 x 3 keeps the size", "Which padding keeps the size", edit(R, ("3, padding=1", "3"))),
    Wrong("cropped", "crop what is lost", "lose two pixels on every side", edit(R, ("3, padding=1", "3"), (REND, "return x[:, :, 2:-2, 2:-2] + self.block(x)"))),
    Wrong("stride", "a block halves", "Which padding keeps the size", edit(R, ("nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU()", "nn.Conv2d(c, c, 3, stride=2, padding=1), nn.InstanceNorm2d(c), nn.ReLU()"))),
    Wrong("padding 2", "padding 2 for two layers", "Which padding keeps the size", edit(R, ("padding=1", "padding=2"))),
    Wrong("64 channels", "blocks have 64 channels", "c in and c out hold for both", edit(R, ("nn.Conv2d(c, c,", "nn.Conv2d(64, 64,"))),
    Wrong("doubles channels", "deeper means wider", "those of x", edit(R, (RLAST, "nn.Conv2d(c, 2 * c, 3, padding=1))"))),
    Wrong("one channel", "one residual map", "adds the same map to all", edit(R, (RLAST, "nn.Conv2d(c, 1, 3, padding=1))"))),
    Wrong("widths do not follow", "slip", "c in and c out hold for both", edit(R, ("nn.Conv2d(c, c, 3, padding=1), nn.InstanceNorm2d(c), nn.ReLU()", "nn.Conv2d(c, 2 * c, 3, padding=1), nn.InstanceNorm2d(2 * c), nn.ReLU()"))),
    Wrong("no activation", "norms bend it", "straight line in its input", edit(R, (" nn.ReLU(),", ""))),
    Wrong("no activation, no norm", "two layers are deep", "straight line in its input", edit(RBARE, ("F.relu(self.a(x))", "self.a(x)"))),
    Wrong("one convolution", "one is enough", "One convolution with kernel 3 sees that much", edit(RBARE, ("self.b(h) + x", "h + x"), ("        self.b = nn.Conv2d(c, c, kernel_size=3, stride=1, padding=\"same\")\n", ""))),
    Wrong("kernels of 1", "channels are mixed", "look at each pixel alone", edit(R, ("3, padding=1", "1"))),
    Wrong("unused layer", "copied the wrong name", "get no gradient", edit(RBARE, ("self.b(h)", "self.a(h)"))),
    Wrong("python list", "a list of layers", "is a Python list of layers", edit(RBARE, ("        self.a = nn.Conv2d(c, c, 3, padding=1)\n", "        self.layers = [nn.Conv2d(c, c, 3, padding=1)]\n"), ("self.a(x)", "self.layers[0](x)"))),
    Wrong("made in forward", "layers where they are used", "parameters\\(\\) finds 0", edit(RBARE, ("        self.a = nn.Conv2d(c, c, 3, padding=1)\n        self.b = nn.Conv2d(c, c, kernel_size=3, stride=1, padding=\"same\")\n", "        self.c = c\n"), ("self.a(x)", "nn.Conv2d(self.c, self.c, 3, padding=1)(x)"), ("self.b(h)", "nn.Conv2d(self.c, self.c, 3, padding=1)(h)"))),
    Wrong("no return", "the last line is the result", "None came back", edit(R, (REND, "x + self.block(x)"))),
    Wrong("no super", "forgot", "super\\(\\).__init__", edit(R, ("        super().__init__()\n", ""))),
    Wrong("no module", "a class is enough", "a plain class", edit(R, ("(nn.Module)", ""), ("        super().__init__()\n", ""))),
    Wrong("no c", "c is global", "disagree about the arguments", edit(R, ("def __init__(self, c)", "def __init__(self)"), ("        super().__init__()", "        super().__init__()\n        c = 6"))),
    Wrong("slope", "an activation takes layer sizes", "has the slope 64", edit(R, ("nn.ReLU()", "nn.LeakyReLU(64)"))),
    Wrong("noise", "noise makes it robust", "two calls of ResidualBlock in eval mode", edit(R, (REND, "return x + F.dropout(self.block(x), 0.5)"))),
]

P = """class PatchDiscriminator(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(channels, 16, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, 4, 2, 1), nn.InstanceNorm2d(32), nn.LeakyReLU(0.2),
            nn.Conv2d(32, 1, 4, 1, 1))

    def forward(self, x):
        return self.net(x)
"""
PEND = "nn.Conv2d(32, 1, 4, 1, 1))"
PBARE = """class PatchDiscriminator(nn.Module):
    def __init__(self, channels=3, width=8):
        super().__init__()
        self.a = nn.Conv2d(channels, width, kernel_size=3, stride=2, padding=1)
        self.b = nn.Conv2d(width, 2 * width, kernel_size=3, stride=2, padding=1)
        self.c = nn.Conv2d(2 * width, 1, kernel_size=1)

    def forward(self, x):
        x = F.leaky_relu(self.a(x), 0.2)
        x = F.leaky_relu(self.b(x), 0.2)
        return self.c(x)
"""
PCALL = "return self.net(x)"
RIGHT["PatchDiscriminator"] = {
    "plain": P,
    "without norm": edit(P, ("nn.InstanceNorm2d(32), ", "")),
    "functional, small patches": PBARE,
    "70 x 70": """class PatchDiscriminator(nn.Module):
    def __init__(self, channels, ndf=16):
        super().__init__()
        layers = [nn.Conv2d(channels, ndf, 4, 2, 1), nn.LeakyReLU(0.2, True)]
        for k, stride in ((1, 2), (2, 2), (4, 1)):
            layers += [nn.Conv2d(k * ndf, 2 * k * ndf, 4, stride, 1, bias=False), nn.InstanceNorm2d(2 * k * ndf), nn.LeakyReLU(0.2, True)]
        self.model = nn.Sequential(*layers, nn.Conv2d(8 * ndf, 1, 4, 1, 1))

    def forward(self, input):
        return self.model(input)
""",
    "batch norm": edit(P, ("InstanceNorm2d", "BatchNorm2d")),
    "affine": edit(P, ("nn.InstanceNorm2d(32)", "nn.InstanceNorm2d(32, affine=True)")),
    "group norm": edit(P, ("nn.InstanceNorm2d(32)", "nn.GroupNorm(4, 32)")),
    "spectral norm": edit(P, ("nn.Conv2d(16, 32, 4, 2, 1), nn.InstanceNorm2d(32)", "nn.utils.parametrizations.spectral_norm(nn.Conv2d(16, 32, 4, 2, 1))")),
    "relu": edit(P, ("nn.LeakyReLU(0.2)", "nn.ReLU()")),
    "pooling": edit(P, ("nn.Conv2d(16, 32, 4, 2, 1)", "nn.AvgPool2d(2), nn.Conv2d(16, 32, 3, padding=1)")),
    "max pooling": edit(P, ("nn.Conv2d(16, 32, 4, 2, 1)", "nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1)")),
    "reflection": edit(P, ("nn.Conv2d(channels, 16, 4, 2, 1)", "nn.ReflectionPad2d(1), nn.Conv2d(channels, 16, 4, 2)")),
    "dropout": edit(P, ("nn.LeakyReLU(0.2)", "nn.LeakyReLU(0.2), nn.Dropout2d(0.3)")),
    "no padding": edit(P, ("4, 2, 1)", "4, 2)"), ("4, 1, 1)", "4)")),
    "one stride of 2": edit(P, ("nn.Conv2d(16, 32, 4, 2, 1)", "nn.Conv2d(16, 32, 3, 1, 1)")),
    "smoothed scores": edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.AvgPool2d(3, 1, 1))")),
    "scaled scores": edit(P, (PCALL, "return 0.5 * self.net(x)")),
    "two heads": edit(PBARE, ("        self.c =", "        self.d = nn.Conv2d(2 * width, 1, kernel_size=1)\n        self.c ="), ("return self.c(x)", "return self.c(x) + self.d(x.tanh())")),
    "dense in each place": edit(PBARE, ("nn.Conv2d(2 * width, 1, kernel_size=1)", "nn.Linear(2 * width, 1)"), ("return self.c(x)", "return self.c(x.movedim(1, 3)).movedim(3, 1)")),
    "no last bias": edit(P, ("4, 1, 1)", "4, 1, 1, bias=False)")),
    "lazy": edit(P, ("nn.Conv2d(channels, 16,", "nn.LazyConv2d(16,")),
    "normal init": edit(P, ("    def forward", "        for m in self.modules():\n            if isinstance(m, nn.Conv2d):\n                nn.init.normal_(m.weight, 0, 0.02)\n                nn.init.zeros_(m.bias)\n\n    def forward")),
    "layer by layer": edit(P, ("return self.net(x)", "for layer in self.net:\n            x = layer(x)\n        return x")),
}
IMAGE = "one score for the whole image"
WRONG["PatchDiscriminator"] = [
    Wrong("sigmoid", "D outputs probabilities", "That is a sigmoid", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.Sigmoid())"))),
    Wrong("functional sigmoid", "a score is a probability", "That is a sigmoid", edit(P, (PCALL, "return torch.sigmoid(self.net(x))"))),
    Wrong("clamped", "scores lie between 0 and 1", "That is a sigmoid", edit(P, (PCALL, "return self.net(x).clamp(0, 1)"))),
    Wrong("tanh", "real 1, fake -1", "That is a tanh", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.Tanh())"))),
    Wrong("relu at the end", "every layer has an activation", "No score is negative", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.ReLU())"))),
    Wrong("log sigmoid", "stable", "No score is positive", edit(P, (PCALL, "return F.logsigmoid(self.net(x))"))),
    Wrong("softmax over patches", "patches share one verdict", "the patches do not compete", edit(P, (PCALL, "s = self.net(x)\n        return s.flatten(1).softmax(1).view_as(s)"))),
    Wrong("softmax over channels", "probabilities", "every score is exactly 1", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.Softmax(dim=1))"))),
    Wrong("norm at the end", "every convolution has a norm", "the mean score of every image is", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.InstanceNorm2d(1))"))),
    Wrong("batch norm at the end", "every convolution has a norm", "a batch norm stands behind the last", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.BatchNorm2d(1))"))),
    Wrong("channels", "one score per colour", "a map for each colour", edit(P, ("nn.Conv2d(32, 1,", "nn.Conv2d(32, 3,"))),
    Wrong("features", "the last layer is wide", "There are 32 maps", edit(P, (PEND, "nn.Conv2d(32, 32, 4, 1, 1))"))),
    Wrong("two classes", "real and fake", "There are 2 maps", edit(P, ("nn.Conv2d(32, 1,", "nn.Conv2d(32, 2,"))),
    Wrong("stride1", "1x1 convolutions give a map", "as many scores as pixels", """class PatchDiscriminator(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(channels, 16, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 1, 1))

    def forward(self, x):
        return self.net(x)
"""),
    Wrong("no stride", "strides lose detail", "as many scores as pixels", edit(PBARE, ("stride=2", "stride=1"))),
    Wrong("strides of 1", "the kernel makes the patch", "All strides are 1", edit(P, ("4, 2, 1)", "4, 1, 1)"))),
    Wrong("strides of 1, no padding", "the kernel makes the patch", "All strides are 1", edit(P, ("4, 2, 1)", "4)"), ("4, 1, 1)", "4)"))),
    Wrong("leaky at the end", "every layer has an activation", "An activation stands after it", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.LeakyReLU(0.2))"))),
    Wrong("functional leaky at the end", "every layer has an activation", "An activation stands after it", edit(PBARE, ("return self.c(x)", "return F.leaky_relu(self.c(x), 0.2)"))),
    Wrong("elu at the end", "a smooth activation", "An activation stands after it", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.ELU())"))),
    Wrong("upsampled", "a map as large as the image", "as many scores as pixels", edit(P, (PCALL, "return F.interpolate(self.net(x), x.shape[2:])"))),
    Wrong("1x1 with stride", "a stride makes patches", "look at each pixel by itself", edit(PBARE, ("kernel_size=3, stride=2, padding=1", "kernel_size=1, stride=2"))),
    Wrong("mean of patches", "D answers once", IMAGE, edit(P, (PCALL, "return self.net(x).mean((1, 2, 3))"))),
    Wrong("mean, column", "D answers once", IMAGE, edit(P, (PCALL, "return self.net(x).mean((2, 3))"))),
    Wrong("global pooling", "pool before the score", IMAGE, edit(P, (PEND, "nn.AdaptiveAvgPool2d(1), nn.Conv2d(32, 1, 1))"))),
    Wrong("global mean kept", "keepdim", IMAGE, edit(P, (PCALL, "return self.net(x).mean((2, 3), keepdim=True)"))),
    Wrong("one number", "a loss wants a number", "one number for the whole batch", edit(P, (PCALL, "return self.net(x).mean()"))),
    Wrong("flattened", "a row of scores", "The map is flattened", edit(P, (PCALL, "return self.net(x).flatten(1)"))),
    Wrong("no channel axis", "one channel is no channel", "The axis of the channel is gone", edit(P, (PCALL, "return self.net(x).squeeze(1)"))),
    Wrong("squeeze", "drop what is 1", "The axis of the channel is gone", edit(P, (PCALL, "return self.net(x).squeeze()"))),
    Wrong("linear end", "D ends in a linear layer", "stop at a linear layer", edit(P, (PEND, "nn.Flatten(), nn.Linear(32 * 7 * 7, 1))"))),
    Wrong("adaptive linear", "pooling makes any size fit", IMAGE, edit(P, (PEND, "nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(512, 1))"))),
    Wrong("adaptive map", "always 4 x 4 patches", "maps that grow and shrink", edit(P, (PEND, "nn.AdaptiveAvgPool2d(4), nn.Conv2d(32, 1, 1))"))),
    Wrong("resized input", "D wants 32 x 32", "maps that grow and shrink", edit(P, (PCALL, "return self.net(F.interpolate(x, (32, 32)))"))),
    Wrong("whole image repeated", "each place sees all", "less than half", edit(P, (PCALL, "s = self.net(x)\n        return s.mean((2, 3), keepdim=True).expand_as(s)"))),
    Wrong("five strides, norm", "deeper is better", "The map has become too small", edit(P, ("nn.Conv2d(16, 32, 4, 2, 1)", "*[part for _ in range(4) for part in (nn.Conv2d(16, 16, 4, 2, 1), nn.LeakyReLU(0.2))], nn.Conv2d(16, 32, 3, 1, 1)"), (PEND, "nn.Conv2d(32, 1, 3, 1, 1))"))),
    Wrong("five strides", "deeper is better", "less than half", edit(P, ("nn.Conv2d(16, 32, 4, 2, 1), nn.InstanceNorm2d(32)", "*[part for _ in range(4) for part in (nn.Conv2d(16, 16, 4, 2, 1), nn.LeakyReLU(0.2))], nn.Conv2d(16, 32, 3, 1, 1)"), (PEND, "nn.Conv2d(32, 1, 3, 1, 1))"))),
    Wrong("three channels", "images have 3 channels", "takes the argument channels", edit(P, ("nn.Conv2d(channels, 16,", "nn.Conv2d(3, 16,"))),
    Wrong("widths do not follow", "slip", "takes the argument channels", edit(P, ("nn.Conv2d(16, 32,", "nn.Conv2d(64, 32,"))),
    Wrong("no activation", "norms bend it", "straight line in its input", edit(P, (" nn.LeakyReLU(0.2),", ""))),
    Wrong("no activation, no norm", "three layers are deep", "straight line in its input", edit(P, (" nn.LeakyReLU(0.2),", ""), (" nn.InstanceNorm2d(32),", ""))),
    Wrong("leaky300", "an activation takes layer sizes", "has the slope 300", edit(P, ("nn.LeakyReLU(0.2)", "nn.LeakyReLU(300)"))),
    Wrong("python list", "a list of layers", "is a Python list of layers", edit(PBARE, ("        self.a = nn.Conv2d", "        self.first = [None]\n        self.first[0] = nn.Conv2d"), ("self.a(x)", "self.first[0](x)"))),
    Wrong("no return", "the last line is the result", "None came back", edit(P, (PCALL, "self.net(x)"))),
    Wrong("no super", "forgot", "super\\(\\).__init__", edit(P, ("        super().__init__()\n", ""))),
    Wrong("no grad", "D judges only", "no_grad, detach", edit(P, (PCALL, "with torch.no_grad():\n            return self.net(x)"))),
    Wrong("mixed batch", "average the verdicts", "Something mixes the images", edit(P, (PCALL, "s = self.net(x)\n        return s + s.mean(0, keepdim=True)"))),
    Wrong("batch statistics in eval", "norm over the batch", "Something mixes the images", edit(P, (PCALL, "return self.net(x - x.mean(0))"))),
    Wrong("noise", "noise helps D", "two calls of PatchDiscriminator in eval mode", edit(P, (PCALL, "return self.net(x + 0.1 * torch.randn_like(x))"))),
    Wrong("no channels", "channels is global", "disagree about the arguments", edit(P, ("(self, channels)", "(self)"), ("        super().__init__()", "        super().__init__()\n        channels = 3"))),
    Wrong("unused layer", "made and forgotten", "get no gradient", edit(PBARE, ("        x = F.leaky_relu(self.b(x), 0.2)\n", ""), ("nn.Conv2d(2 * width, 1", "nn.Conv2d(width, 1"))),
]

# --- losses ---------------------------------------------------------------------------------------

HEAVY |= {
    "cycle_loss",
    "identity_loss",
    "generator_adversarial_loss",
    "discriminator_adversarial_loss",
    "generator_loss",
}

c = one("cycle_loss", "G_AB, G_BA, a, b")
cl = "G_AB, G_BA, a, b"
RIGHT["cycle_loss"] = {
    "plain": c("F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)"),
    "abs": c("(G_BA(G_AB(a)) - a).abs().mean() + (G_AB(G_BA(b)) - b).abs().mean()"),
    "mean of both": c("(F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)) / 2"),
    "module": function("cycle_loss", cl, "l1 = nn.L1Loss()\nfake_B, fake_A = G_AB(a), G_BA(b)\nreturn l1(a, G_BA(fake_B)) + l1(b, G_AB(fake_A))"),
    "joint batch": c("F.l1_loss(torch.cat([G_BA(G_AB(a)), G_AB(G_BA(b))]), torch.cat([a, b]))"),
    "one pass": function("cycle_loss", cl, "n = len(a)\nto_B, to_A = G_AB(torch.cat([a, b]))[:n], G_BA(b)\nreturn (a - G_BA(to_B)).abs().mean() + (b - G_AB(to_A)).abs().mean()"),
    "image by image": function("cycle_loss", cl, "loss = 0\nfor x, y in zip(a, b):\n    loss = loss + (G_BA(G_AB(x[None])) - x).abs().mean() + (G_AB(G_BA(y[None])) - y).abs().mean()\nreturn loss / len(a)"),
    "sum over numel": c("(G_BA(G_AB(a)) - a).abs().sum() / a.numel() + (G_AB(G_BA(b)) - b).abs().sum() / b.numel()"),
    "inner function": function("cycle_loss", cl, "def tour(out, home, x):\n    return torch.mean(torch.abs(home(out(x)) - x))\nreturn tour(G_AB, G_BA, a) + tour(G_BA, G_AB, b)"),
    "lambda": "cycle_loss = lambda F_, G_, x, y: nn.L1Loss()(G_(F_(x)), x) + nn.L1Loss()(F_(G_(y)), y)\n",
    "keeps an axis": c("((G_BA(G_AB(a)) - a).abs() + (G_AB(G_BA(b)) - b).abs()).flatten().mean(0, keepdim=True)"),
    "detached targets": c("F.l1_loss(G_BA(G_AB(a)), a.detach()) + F.l1_loss(G_AB(G_BA(b)), b.detach())"),
    "frozen and thawed": function("cycle_loss", cl, "G_AB.train()\nG_BA.train()\nreturn F.l1_loss(G_BA.forward(G_AB.forward(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)"),
}
tours = "rec_a, rec_b = G_BA(G_AB(a)), G_AB(G_BA(b))\n"
WRONG["cycle_loss"] = [
    Wrong("cross", "after a tour through B it must look like b", "After the tour an image is compared with one of the other",
          function("cycle_loss", cl, tours + "return F.l1_loss(rec_a, b) + F.l1_loss(rec_b, a)")),
    Wrong("one cross", "copy and paste", "compared with one of the other domain.*One of your two terms is right",
          function("cycle_loss", cl, tours + "return F.l1_loss(rec_a, a) + F.l1_loss(rec_b, a)")),
    Wrong("against the fake", "compare with the step before", "compared with its half",
          c("F.l1_loss(G_BA(G_AB(a)), G_AB(a)) + F.l1_loss(G_AB(G_BA(b)), G_BA(b))")),
    Wrong("order", "order of composition", "in the wrong order", c("F.l1_loss(G_AB(G_BA(a)), a) + F.l1_loss(G_BA(G_AB(b)), b)")),
    Wrong("one order", "the second line is copied from the first", "in the wrong order.*One of your two terms is right",
          c("F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_BA(G_AB(b)), b)")),
    Wrong("fakes mixed up", "fake_a belongs to a", "The fakes are mixed up",
          function("cycle_loss", cl, "fake_b, fake_a = G_AB(a), G_BA(b)\nreturn F.l1_loss(G_BA(fake_a), a) + F.l1_loss(G_AB(fake_b), b)")),
    Wrong("one fake mixed up", "copy and paste", "The fakes are mixed up.*One of your two terms is right",
          function("cycle_loss", cl, "fake_b, fake_a = G_AB(a), G_BA(b)\nreturn F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_b), b)")),
    Wrong("other start", "copy and paste", "starts with an image of the other batch.*One of your two terms is right",
          c("F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(a)), b)")),
    Wrong("product", "both should be small", "The two terms are multiplied", c("F.l1_loss(G_BA(G_AB(a)), a) * F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("twice", "apply it twice", "same generator runs twice", c("F.l1_loss(G_AB(G_AB(a)), a) + F.l1_loss(G_BA(G_BA(b)), b)")),
    Wrong("twice the other", "the way back, twice", "same generator runs twice", c("F.l1_loss(G_BA(G_BA(a)), a) + F.l1_loss(G_AB(G_AB(b)), b)")),
    Wrong("no way back", "the translation should keep the image", "There is no way back: the translated image itself",
          c("F.l1_loss(G_AB(a), a) + F.l1_loss(G_BA(b), b)")),
    Wrong("paired", "as in pix2pix", "no way back, and a translated image is compared", c("F.l1_loss(G_AB(a), b) + F.l1_loss(G_BA(b), a)")),
    Wrong("identity", "the two losses of the paper are mixed up", "That is the identity loss", c("F.l1_loss(G_BA(a), a) + F.l1_loss(G_AB(b), b)")),
    Wrong("forward only", "one cycle closes it", "directions is missing", c("F.l1_loss(G_BA(G_AB(a)), a)")),
    Wrong("backward only", "one cycle closes it", "directions is missing", c("F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("forward twice", "copy and paste", "directions is missing, or one of them counts twice",
          c("F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_BA(G_AB(a)), a)")),
    Wrong("mse", "the usual distance", "You square the differences", c("F.mse_loss(G_BA(G_AB(a)), a) + F.mse_loss(G_AB(G_BA(b)), b)")),
    Wrong("one mse", "mixed up with the adversarial loss", "You square the differences.*One of your two terms is right",
          c("F.l1_loss(G_BA(G_AB(a)), a) + F.mse_loss(G_AB(G_BA(b)), b)")),
    Wrong("norm", "a distance is a norm", "You square the differences",
          c("(G_BA(G_AB(a)) - a).square().mean().sqrt() + (G_AB(G_BA(b)) - b).square().mean().sqrt()")),
    Wrong("smooth", "the smooth one trains better", "smooth_l1 and huber", c("F.smooth_l1_loss(G_BA(G_AB(a)), a) + F.smooth_l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("no abs", "the difference is the error", "keep their signs", c("(G_BA(G_AB(a)) - a).mean() + (G_AB(G_BA(b)) - b).mean()")),
    Wrong("abs outside", "brackets", "average first and take the absolute value", c("(G_BA(G_AB(a)) - a).mean().abs() + (G_AB(G_BA(b)) - b).mean().abs()")),
    Wrong("sum", "all pixels count", "add over all pixels of all images",
          c("F.l1_loss(G_BA(G_AB(a)), a, reduction='sum') + F.l1_loss(G_AB(G_BA(b)), b, reduction='sum')")),
    Wrong("sum per image", "as in the VAE", "add over the pixels of an image",
          c("(G_BA(G_AB(a)) - a).abs().flatten(1).sum(1).mean() + (G_AB(G_BA(b)) - b).abs().flatten(1).sum(1).mean()")),
    Wrong("per pixel", "forgets to average", "expected one number. Average over all", c("(G_BA(G_AB(a)) - a).abs() + (G_AB(G_BA(b)) - b).abs()")),
    Wrong("per image", "one loss an image", "expected one number. Average over all",
          c("(G_BA(G_AB(a)) - a).abs().mean((1, 2, 3)) + (G_AB(G_BA(b)) - b).abs().mean((1, 2, 3))")),
    Wrong("subtracted", "sign slip", "The two terms are subtracted", c("F.l1_loss(G_BA(G_AB(a)), a) - F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("negative", "consistency is to be raised", "The sign is turned", c("-F.l1_loss(G_BA(G_AB(a)), a) - F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("lambda inside", "the paper's 10 belongs to it", "10 times that in every case", c("10 * (F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b))")),
    Wrong("detach", "fakes are detached, as in the D step", "cut between the two generators", c("F.l1_loss(G_BA(G_AB(a).detach()), a) + F.l1_loss(G_AB(G_BA(b).detach()), b)")),
    Wrong("one detach", "a detach is forgotten there", "cut between the two generators.*One of your two terms is right",
          c("F.l1_loss(G_BA(G_AB(a).detach()), a) + F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("fakes without grad", "the first pass needs no graph", "cut between the two generators",
          function("cycle_loss", cl, "with torch.no_grad():\n    fake_b, fake_a = G_AB(a), G_BA(b)\nreturn F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b)")),
    Wrong("item", "losses are numbers", "a float came back", c("F.l1_loss(G_BA(G_AB(a)), a).item() + F.l1_loss(G_AB(G_BA(b)), b).item()")),
    Wrong("no_grad", "saves memory", "carries no gradient at all", "@torch.no_grad()\n" + c("F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("half without grad", "one direction trains, the other is watched", "A whole tour is cut off",
          c("F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b).detach()")),
    Wrong("tuple", "two losses", "A comma after return", c("F.l1_loss(G_BA(G_AB(a)), a), F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("no return", "assignment is enough", "None came back", function("cycle_loss", cl, "loss = F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("backward", "a loss trains", "has collected gradients", function("cycle_loss", cl, "loss = F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)\nloss.backward(retain_graph=True)\nreturn loss")),
    Wrong("in place", "saves memory", "a has changed during the call", c("a.sub_(G_BA(G_AB(a))).abs().mean() + (G_AB(G_BA(b)) - b).abs().mean()")),
    Wrong("eval", "no training noise in the tour", "in eval mode after", function("cycle_loss", cl, "G_BA.eval()\nreturn F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("frozen", "one generator a time", "never learns again", function("cycle_loss", cl, "loss = F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)\nG_BA.requires_grad_(False)\nreturn loss")),
    Wrong("second frozen", "only the first generator learns from a tour", "second generator of a tour is frozen",
          function("cycle_loss", cl, "def still(G):\n    return copy.deepcopy(G).requires_grad_(False)\nreturn F.l1_loss(still(G_BA)(G_AB(a)), a) + F.l1_loss(still(G_AB)(G_BA(b)), b)")),
    Wrong("globals", "the names of the notebook", "never reads its arguments",
          "G_AB, G_BA = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)\n" + function("cycle_loss", "G, F_, a, b", "return F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("largest", "the worst pixel", "You take the largest difference alone", c("(G_BA(G_AB(a)) - a).abs().max() + (G_AB(G_BA(b)) - b).abs().max()")),
    Wrong("both batches", "a generator takes both", "disagree about the arguments", c("F.l1_loss(G_BA(G_AB(a, b)), a) + F.l1_loss(G_AB(G_BA(b)), b)")),
    Wrong("three arguments", "a is enough", "disagree about the arguments", function("cycle_loss", "G_AB, G_BA, a", "return F.l1_loss(G_BA(G_AB(a)), a)")),
]

i = one("identity_loss", cl)
RIGHT["identity_loss"] = {
    "plain": i("F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)"),
    "module": function("identity_loss", cl, "f = nn.L1Loss()\nsame_b, same_a = G_AB(b), G_BA(a)\nreturn f(b, same_b) + f(a, same_a)"),
    "abs": i("(G_AB(b) - b).abs().mean() + (a - G_BA(a)).abs().mean()"),
    "mean of both": i("0.5 * (F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a))"),
    "stack": i("torch.stack([(G_AB(b) - b).abs().mean(), (G_BA(a) - a).abs().mean()]).sum()"),
    "joint batch": i("F.l1_loss(torch.cat([G_AB(b), G_BA(a)]), torch.cat([b, a]))"),
    "loop": function("identity_loss", cl, "loss = 0\nfor G, x in ((G_AB, b), (G_BA, a)):\n    loss += torch.mean(torch.abs(G(x) - x))\nreturn loss"),
    "one pass": function("identity_loss", cl, "n = len(b)\nboth = G_AB(torch.cat([a, b]))\nreturn F.l1_loss(both[n:], b) + F.l1_loss(G_BA(a), a)"),
    "lambda": "identity_loss = lambda G, F_, x, y: nn.L1Loss()(G(y), y) + nn.L1Loss()(F_(x), x)\n",
}
WRONG["identity_loss"] = [
    Wrong("source", "output equals input, so feed what it usually gets", "Each generator gets the images it translates",
          i("F.l1_loss(G_AB(a), a) + F.l1_loss(G_BA(b), b)")),
    Wrong("reuse the fakes", "the fakes are there already", "Each generator gets the images it translates",
          function("identity_loss", cl, "fake_b, fake_a = G_AB(a), G_BA(b)\nreturn F.l1_loss(fake_b, a) + F.l1_loss(fake_a, b)")),
    Wrong("one source", "the second line is half corrected", "Both terms run the same generator|Each generator gets.*One of your two terms is right",
          i("F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(b), b)")),
    Wrong("paired", "G_AB(a) should look like b", "A translated image is compared with the other batch", i("F.l1_loss(G_AB(a), b) + F.l1_loss(G_BA(b), a)")),
    Wrong("crossed target", "the targets are exchanged", "right image goes in, and it is compared with the other", i("F.l1_loss(G_AB(b), a) + F.l1_loss(G_BA(a), b)")),
    Wrong("cycle", "identity = cycle", "That is the cycle loss", i("F.l1_loss(G_AB(G_BA(b)), b) + F.l1_loss(G_BA(G_AB(a)), a)")),
    Wrong("cycle turned", "an identity after two steps", "Two generators take part in one term", i("F.l1_loss(G_BA(G_AB(b)), b) + F.l1_loss(G_AB(G_BA(a)), a)")),
    Wrong("only AB", "one generator", "directions is missing", i("F.l1_loss(G_AB(b), b)")),
    Wrong("only BA", "one generator", "directions is missing", i("F.l1_loss(G_BA(a), a)")),
    Wrong("same generator", "copy and paste", "Both terms run the same generator", i("F.l1_loss(G_AB(b), b) + F.l1_loss(G_AB(a), a)")),
    Wrong("same generator BA", "copy and paste", "Both terms run the same generator", i("F.l1_loss(G_BA(b), b) + F.l1_loss(G_BA(a), a)")),
    Wrong("same term twice", "copy and paste", "directions is missing, or one of them counts twice", i("F.l1_loss(G_AB(b), b) + F.l1_loss(G_AB(b), b)")),
    Wrong("mse", "the usual distance", "You square the differences", i("F.mse_loss(G_AB(b), b) + F.mse_loss(G_BA(a), a)")),
    Wrong("one mse", "another line of the notebook", "You square the differences.*One of your two terms", i("F.mse_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)")),
    Wrong("no abs", "the difference is the change", "keep their signs", i("(G_AB(b) - b).mean() + (G_BA(a) - a).mean()")),
    Wrong("abs outside", "brackets", "average first and take the absolute value", i("(G_AB(b) - b).mean().abs() + (G_BA(a) - a).mean().abs()")),
    Wrong("sum", "all pixels count", "add over all pixels of all images", i("(G_AB(b) - b).abs().sum() + (G_BA(a) - a).abs().sum()")),
    Wrong("sum over images", "as in the VAE", "add over the pixels of an image", i("((G_AB(b) - b).abs().sum() + (G_BA(a) - a).abs().sum()) / len(a)")),
    Wrong("per image", "one loss an image", "expected one number. Average over all", i("(G_AB(b) - b).abs().mean((1, 2, 3)) + (G_BA(a) - a).abs().mean((1, 2, 3))")),
    Wrong("subtracted", "sign slip", "The two terms are subtracted", i("F.l1_loss(G_AB(b), b) - F.l1_loss(G_BA(a), a)")),
    Wrong("negative", "identity is to be raised", "The sign is turned", i("-(F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a))")),
    Wrong("half of lambda", "the program's lambda is inside", "5 times that in every case", i("5 * (F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a))")),
    Wrong("two outputs", "same_b should be the fake", "Two outputs of one generator", i("F.l1_loss(G_AB(b), G_AB(a)) + F.l1_loss(G_BA(a), G_BA(b))")),
    Wrong("batches", "the domains should agree", "a and b themselves are compared", i("F.l1_loss(a, b) + F.l1_loss(b, a)")),
    Wrong("detach", "only one trains", "is cut off, so it never hears", i("F.l1_loss(G_AB(b).detach(), b) + F.l1_loss(G_BA(a), a)")),
    Wrong("no_grad", "a check needs no graph", "carries no gradient at all", "@torch.no_grad()\n" + i("F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)")),
    Wrong("item", "losses are numbers", "a float came back", i("(F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)).item()")),
    Wrong("tuple", "two losses", "A comma after return", i("F.l1_loss(G_AB(b), b), F.l1_loss(G_BA(a), a)")),
    Wrong("no return", "assignment is enough", "None came back", function("identity_loss", cl, "loss = F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)")),
    Wrong("wrong name", "real_A of the program", "That name does not exist", i("F.l1_loss(G_AB(real_B), real_B) + F.l1_loss(G_BA(real_A), real_A)")),
]

g = one("generator_adversarial_loss", "D, fake")
gs = lambda body: function("generator_adversarial_loss", "D, fake", "s = D(fake)\n" + body)  # noqa: E731
RIGHT["generator_adversarial_loss"] = {
    "plain": gs("return F.mse_loss(s, torch.ones_like(s))"),
    "square": g("((D(fake) - 1) ** 2).mean()"),
    "broadcast target": gs("return ((s - torch.ones(s.size(0), 1, 1, 1)) ** 2).mean()"),
    "half": g("0.5 * (D(fake) - 1).square().mean()"),
    "turned": g("(1 - D(fake)).pow(2).mean()"),
    "module": gs("return nn.MSELoss()(s, torch.ones(s.shape, device=s.device))"),
    "flat": gs("return torch.mean((s.view(-1) - 1.0) ** 2)"),
    "images then batch": gs("return ((s - 1) ** 2).mean(dim=(1, 2, 3)).mean()"),
    "expanded": gs("return (s.square() - 2 * s + 1).mean()"),
    "sum over numel": gs("return ((s - 1) ** 2).sum() / s.numel()"),
    "freezes and thaws": function("generator_adversarial_loss", "D, fake", "for p in D.parameters():\n    p.requires_grad_(False)\nloss = (D(fake) - 1).square().mean()\nfor p in D.parameters():\n    p.requires_grad_(True)\nreturn loss"),
    "target tensor": gs("target = torch.tensor(1.0).expand_as(s)\nreturn F.mse_loss(s, target)"),
    "lambda": "generator_adversarial_loss = lambda net, images: (net(images) - 1).square().mean()\n",
}
WRONG["generator_adversarial_loss"] = [
    Wrong("zero", "fakes are 0", "The target is 0: that is what D wants", gs("return F.mse_loss(s, torch.zeros_like(s))")),
    Wrong("zero by square", "the score of a fake should be small", "The target is 0: that is what D wants", g("(D(fake) ** 2).mean()")),
    Wrong("smooth", "labels of 0.9 are better", "label smoothing", gs("return F.mse_loss(s, 0.9 * torch.ones_like(s))")),
    Wrong("minus one", "the other targets of the paper", "The targets are 1 and -1", g("((D(fake) + 1) ** 2).mean()")),
    Wrong("half", "D should not be able to tell", "The target is 0.5", g("((D(fake) - 0.5) ** 2).mean()")),
    Wrong("avgfirst", "average the patches to one score", "You average the scores and then", gs("s = s.mean((1, 2, 3))\nreturn ((s - 1) ** 2).mean()")),
    Wrong("avgfirst all", "one number for the batch", "You average the scores and then", g("(D(fake).mean() - 1) ** 2")),
    Wrong("bce", "the usual GAN loss", "That is a cross entropy", gs("return F.binary_cross_entropy_with_logits(s, torch.ones_like(s))")),
    Wrong("softplus", "the usual GAN loss", "That is a cross entropy", g("F.softplus(-D(fake)).mean()")),
    Wrong("bce of sigmoid", "the usual GAN loss", "That is a cross entropy", gs("return F.binary_cross_entropy(torch.sigmoid(s), torch.ones_like(s))")),
    Wrong("bce of scores", "BCELoss takes D's output", "A cross entropy met raw scores", gs("return F.binary_cross_entropy(s, torch.ones_like(s))")),
    Wrong("minimax", "log(1 - D)", "That is a cross entropy", g("-F.softplus(D(fake)).mean()")),
    Wrong("sigmoid", "scores are probabilities", "A sigmoid is applied first", gs("return F.mse_loss(torch.sigmoid(s), torch.ones_like(s))")),
    Wrong("clamp", "scores live in [0, 1]", "The scores are clamped", g("((D(fake).clamp(0, 1) - 1) ** 2).mean()")),
    Wrong("wasserstein", "raise the score", "plain mean of scores", g("-D(fake).mean()")),
    Wrong("score", "the score is the loss", "plain mean of scores", g("D(fake).mean()")),
    Wrong("hinge", "hinge", "plain mean of scores", g("F.relu(1 - D(fake)).mean()")),
    Wrong("no square", "distance to 1", "The distances are not squared", g("(1 - D(fake)).mean()")),
    Wrong("brackets", "square first", "score is squared, and then the target", g("(D(fake) ** 2 - 1).mean()")),
    Wrong("l1", "L1 as in the cycle", "absolute distance from the target", gs("return F.l1_loss(s, torch.ones_like(s))")),
    Wrong("root", "a distance has a root", "A root is taken", g("((D(fake) - 1) ** 2).mean().sqrt()")),
    Wrong("norm", "a distance has a root", "A root is taken", g("(D(fake) - 1).flatten(1).norm(dim=1).mean()")),
    Wrong("sum", "all patches count", "You add over the patches or images", gs("return F.mse_loss(s, torch.ones_like(s), reduction='sum')")),
    Wrong("sum of patches", "mean over the batch only", "You add over the patches or images", g("((D(fake) - 1) ** 2).sum((1, 2, 3)).mean()")),
    Wrong("map", "one loss a patch", "expected one number. Average over all", g("(D(fake) - 1) ** 2")),
    Wrong("per image", "one loss an image", "expected one number. Average over all", g("((D(fake) - 1) ** 2).mean((1, 2, 3))")),
    Wrong("negative", "G raises it", "The sign is turned", g("-((D(fake) - 1) ** 2).mean()")),
    Wrong("minus D's", "G wants the opposite of D", "D's term with its sign turned", g("-(D(fake) ** 2).mean()")),
    Wrong("both targets", "half real, half fake", "Two terms with both targets", gs("return F.mse_loss(s, torch.ones_like(s)) + F.mse_loss(s, torch.zeros_like(s))")),
    Wrong("first patch", "one score an image", "Only one patch of each image", g("((D(fake)[:, :, 0, 0] - 1) ** 2).mean()")),
    Wrong("best patch", "one patch has to convince", "Only one patch of each image", g("((D(fake).amax((1, 2, 3)) - 1) ** 2).mean()")),
    Wrong("first image", "index instead of loop", "Only the first image counts", g("((D(fake)[0] - 1) ** 2).mean()")),
    Wrong("image itself", "fake should be 1", "D is never asked", g("((fake - 1) ** 2).mean()")),
    Wrong("ten times", "a weight inside", "10 times that in every case", g("10 * ((D(fake) - 1) ** 2).mean()")),
    Wrong("detach", "as in the D step", "The fakes are cut off before D sees them", g("((D(fake.detach()) - 1) ** 2).mean()")),
    Wrong("data", "as in the D step", "The fakes are cut off before D sees them", g("((D(fake.data) - 1) ** 2).mean()")),
    Wrong("detach_", "detach in place", "has lost its history", g("((D(fake.detach_()) - 1) ** 2).mean()")),
    Wrong("no_grad", "D does not learn here", "carries no gradient at all", function("generator_adversarial_loss", "D, fake", "with torch.no_grad():\n    s = D(fake)\nreturn ((s - 1) ** 2).mean()")),
    Wrong("score detached", "D does not learn here", "carries no gradient at all", g("((D(fake).detach() - 1) ** 2).mean()")),
    Wrong("item", "losses are numbers", "a float came back", g("((D(fake) - 1) ** 2).mean().item()")),
    Wrong("frozen", "D does not learn here", "never learns again", function("generator_adversarial_loss", "D, fake", "D.requires_grad_(False)\nreturn ((D(fake) - 1) ** 2).mean()")),
    Wrong("eval", "D does not learn here", "in eval mode after", function("generator_adversarial_loss", "D, fake", "D.eval()\nreturn ((D(fake) - 1) ** 2).mean()")),
    Wrong("no return", "assignment is enough", "None came back", gs("loss = ((s - 1) ** 2).mean()")),
    Wrong("swapped", "order of the arguments", "was called. Look for a missing or doubled bracket", function("generator_adversarial_loss", "fake, D", "return ((D(fake) - 1) ** 2).mean()")),
    Wrong("column of ones", "one label an image", "Two tensors of different shapes", gs("return F.mse_loss(s, torch.ones(s.size(0), 1))")),
    Wrong("square map", "the map is square", "Two tensors of different shapes", gs("return F.mse_loss(s, torch.ones(len(s), 1, 30, 30))")),
]

da = "D, real, fake"
d = one("discriminator_adversarial_loss", da)
ds = lambda body: function("discriminator_adversarial_loss", da, "r, f = D(real), D(fake.detach())\n" + body)  # noqa: E731
RIGHT["discriminator_adversarial_loss"] = {
    "plain": d("((D(real) - 1).square().mean() + D(fake.detach()).square().mean()) / 2"),
    "mse half": ds("return 0.5 * (F.mse_loss(r, torch.ones_like(r)) + F.mse_loss(f, torch.zeros_like(f)))"),
    "without the half": ds("return F.mse_loss(r, torch.ones_like(r)) + F.mse_loss(f, torch.zeros_like(f))"),
    "data": d("((D(real) - 1) ** 2).mean() + (D(fake.data) ** 2).mean()"),
    "joint batch": function("discriminator_adversarial_loss", da, "r, f = D(torch.cat([real, fake.detach()])).chunk(2)\nreturn ((r - 1) ** 2 + f ** 2).mean()"),
    "joint targets": function("discriminator_adversarial_loss", da, "s = D(torch.cat([real, fake.detach()]))\nt = torch.zeros_like(s)\nt[: len(real)] = 1\nreturn F.mse_loss(s, t)"),
    "real detached, harmless": d("((D(real.detach()) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()"),
    "each half": ds("loss_real = 0.5 * (1 - r).pow(2).mean()\nloss_fake = 0.5 * f.pow(2).mean()\nreturn loss_real + loss_fake"),
    "module": ds("mse = nn.MSELoss()\nreturn mse(r, torch.ones(r.shape)) + mse(f, torch.zeros(f.shape))"),
    "broadcast targets": ds("return ((r - torch.ones(len(r), 1, 1, 1)) ** 2).mean() + ((f - torch.zeros(1)) ** 2).mean()"),
    "detach first": function("discriminator_adversarial_loss", da, "fake = fake.detach()\nreturn (D(real) - 1).square().mean() + D(fake).square().mean()"),
    "lambda": "discriminator_adversarial_loss = lambda net, x, y: ((net(x) - 1) ** 2).mean() + (net(y.detach()) ** 2).mean()\n",
}
WRONG["discriminator_adversarial_loss"] = [
    Wrong("swap", "0 = real", "The targets are the other way round", ds("return 0.5 * (F.mse_loss(r, torch.zeros_like(r)) + F.mse_loss(f, torch.ones_like(f)))")),
    Wrong("arguments swapped", "fake, real", "The targets are the other way round", function("discriminator_adversarial_loss", "D, fake, real", "return ((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()")),
    Wrong("ones", "copy and paste", "Both terms have the target 1", ds("return 0.5 * (F.mse_loss(r, torch.ones_like(r)) + F.mse_loss(f, torch.ones_like(f)))")),
    Wrong("zeros", "copy and paste", "Both terms have the target 0", ds("return F.mse_loss(r, torch.zeros_like(r)) + F.mse_loss(f, torch.zeros_like(f))")),
    Wrong("realonly", "teach D the real domain", "Only the reals count", d("((D(real) - 1) ** 2).mean()")),
    Wrong("fakeonly", "teach D the fakes", "Only the fakes count", d("(D(fake.detach()) ** 2).mean()")),
    Wrong("smooth", "labels of 0.9 are better", "label smoothing", ds("return F.mse_loss(r, 0.9 * torch.ones_like(r)) + F.mse_loss(f, torch.zeros_like(f))")),
    Wrong("smooth both", "labels of 0.9 and 0.1", "label smoothing", ds("return ((r - 0.9) ** 2).mean() + ((f - 0.1) ** 2).mean()")),
    Wrong("symmetric", "the other targets of the paper", "The targets are 1 and -1", ds("return ((r - 1) ** 2).mean() + ((f + 1) ** 2).mean()")),
    Wrong("avgfirst", "average the patches to one score", "You average the scores and then", ds("return ((r.mean((1, 2, 3)) - 1) ** 2).mean() + (f.mean((1, 2, 3)) ** 2).mean()")),
    Wrong("avgfirst all", "one number for the batch", "You average the scores and then", ds("return (r.mean() - 1) ** 2 + f.mean() ** 2")),
    Wrong("bce", "the usual GAN loss", "That is a cross entropy", ds("return F.binary_cross_entropy_with_logits(r, torch.ones_like(r)) + F.binary_cross_entropy_with_logits(f, torch.zeros_like(f))")),
    Wrong("softplus", "the usual GAN loss", "That is a cross entropy", ds("return F.softplus(-r).mean() + F.softplus(f).mean()")),
    Wrong("mixed", "half of the lesson before", "One of the two terms is another loss", ds("return ((r - 1) ** 2).mean() + F.softplus(f).mean()")),
    Wrong("bce of scores", "BCELoss takes D's output", "A cross entropy met raw scores", ds("return F.binary_cross_entropy(r, torch.ones_like(r)) + F.binary_cross_entropy(f, torch.zeros_like(f))")),
    Wrong("sigmoid", "scores are probabilities", "A sigmoid is applied first", ds("return ((r.sigmoid() - 1) ** 2).mean() + (f.sigmoid() ** 2).mean()")),
    Wrong("diff", "the WGAN critic loss", "plain mean of scores", d("(D(fake.detach()) - D(real)).mean()")),
    Wrong("hinge", "hinge", "plain mean of scores", ds("return F.relu(1 - r).mean() + F.relu(1 + f).mean()")),
    Wrong("subtracted", "sign slip", "The fakes' term is subtracted", ds("return ((r - 1) ** 2).mean() - (f ** 2).mean()")),
    Wrong("subtracted real", "sign slip", "The reals' term is subtracted", ds("return (f ** 2).mean() - ((r - 1) ** 2).mean()")),
    Wrong("negative", "D raises it", "The sign is turned", ds("return -((r - 1) ** 2).mean() - (f ** 2).mean()")),
    Wrong("l1", "L1 as in the cycle", "absolute distance from the target", ds("return (r - 1).abs().mean() + f.abs().mean()")),
    Wrong("one l1", "another line of the notebook", "In the fakes' term: You take the absolute", ds("return ((r - 1) ** 2).mean() + f.abs().mean()")),
    Wrong("one sum", "forgets a mean", "In the reals' term: You add over", ds("return ((r - 1) ** 2).sum() + (f ** 2).mean()")),
    Wrong("root", "a distance has a root", "A root is taken", ds("return ((r - 1) ** 2).mean().sqrt() + (f ** 2).mean().sqrt()")),
    Wrong("sum", "all patches count", "You add over the patches or images", ds("return ((r - 1) ** 2).sum() + (f ** 2).sum()")),
    Wrong("sum of patches", "mean over the batch only", "You add over the patches or images", ds("return ((r - 1) ** 2).sum((1, 2, 3)).mean() + (f ** 2).sum((1, 2, 3)).mean()")),
    Wrong("map", "one loss a patch", "expected one number. Average over all", ds("return (r - 1) ** 2 + f ** 2")),
    Wrong("one half", "brackets", "Only one of the two terms is halved", ds("return 0.5 * ((r - 1) ** 2).mean() + (f ** 2).mean()")),
    Wrong("other half", "brackets", "Only one of the two terms is halved", ds("return ((r - 1) ** 2).mean() + (f ** 2).mean() / 2")),
    Wrong("quarter", "half twice", "It is halved twice", ds("return 0.5 * (0.5 * ((r - 1) ** 2).mean() + 0.5 * (f ** 2).mean())")),
    Wrong("relativistic", "real better than fake", "a relativistic loss", ds("return ((r - f - 1) ** 2).mean()")),
    Wrong("compared", "mse of the two outputs", "are compared with each other", ds("return F.mse_loss(r, f)")),
    Wrong("real twice", "copy and paste", "The reals are judged with both targets", d("((D(real) - 1) ** 2).mean() + (D(real) ** 2).mean()")),
    Wrong("fake twice", "copy and paste", "The fakes are judged with both targets", d("((D(fake.detach()) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()")),
    Wrong("no square", "distance from the target", "The distances are not squared", ds("return (1 - r).mean() + f.mean()")),
    Wrong("brackets", "square first", "score is squared, and then the target", ds("return (r ** 2 - 1).mean() + (f ** 2).mean()")),
    Wrong("first patch", "one score an image", "Only one patch of each image", ds("return ((r[..., 0, 0] - 1) ** 2).mean() + (f[..., 0, 0] ** 2).mean()")),
    Wrong("product", "both should be small", "The two terms are multiplied", ds("return ((r - 1) ** 2).mean() * (f ** 2).mean()")),
    Wrong("three times", "a weight inside", "times that in every case", ds("return 3 * (((r - 1) ** 2).mean() + (f ** 2).mean())")),
    Wrong("no detach", "autograd knows who learns", "reaches fake, expected none", d("((D(real) - 1) ** 2).mean() + (D(fake) ** 2).mean()")),
    Wrong("wrong detach", "detach cuts G off wherever it stands", "says about the fakes is cut off from D", d("((D(real) - 1) ** 2).mean() + (D(fake).detach() ** 2).mean()")),
    Wrong("fake without grad", "the fakes need no graph", "says about the fakes is cut off from D", function("discriminator_adversarial_loss", da, "with torch.no_grad():\n    f = D(fake)\nreturn ((D(real) - 1) ** 2).mean() + (f ** 2).mean()")),
    Wrong("detach_real", "detach everything that is not trained", "says about the reals is cut off from D", d("0.5 * (((D(real).detach() - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean())")),
    Wrong("detach_", "detach in place", "has lost its history", d("((D(real) - 1) ** 2).mean() + (D(fake.detach_()) ** 2).mean()")),
    Wrong("all detached", "no gradient into G", "carries no gradient at all", "@torch.no_grad()\n" + d("((D(real) - 1) ** 2).mean() + (D(fake) ** 2).mean()")),
    Wrong("backward", "a loss trains", "has collected gradients", ds("loss = ((r - 1) ** 2).mean() + (f ** 2).mean()\nloss.backward()\nreturn loss")),
    Wrong("item", "losses are numbers", "a float came back", ds("return (((r - 1) ** 2).mean() + (f ** 2).mean()).item()")),
    Wrong("tuple", "two losses", "A comma after return", ds("return ((r - 1) ** 2).mean(), (f ** 2).mean()")),
    Wrong("no return", "assignment is enough", "None came back", ds("loss = ((r - 1) ** 2).mean() + (f ** 2).mean()")),
    Wrong("column of ones", "one label an image", "Two tensors of different shapes", ds("return F.mse_loss(r, torch.ones(len(r), 1)) + F.mse_loss(f, torch.zeros(len(f), 1))")),
]

ga = "G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, lambda_id"
whole = function("generator_loss", ga, """\
fake_b, fake_a = G_AB(a), G_BA(b)
sb, sa = D_B(fake_b), D_A(fake_a)
adv = F.mse_loss(sb, torch.ones_like(sb)) + F.mse_loss(sa, torch.ones_like(sa))
cyc = F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b)
idt = F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)
return adv + lambda_cyc * cyc + lambda_id * idt
""")
own = """\
def adversarial(D, fake):
    return (D(fake) - 1).square().mean()

def cycle(G_AB, G_BA, a, b):
    return (F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)) / 2

def identity(G_AB, G_BA, a, b):
    return F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)

"""
adv_line = "adv = F.mse_loss(sb, torch.ones_like(sb)) + F.mse_loss(sa, torch.ones_like(sa))"
cyc_line = "cyc = F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b)"
idt_line = "idt = F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)"
judged = "sb, sa = D_B(fake_b), D_A(fake_a)"
total = "adv + lambda_cyc * cyc + lambda_id * idt"
RIGHT["generator_loss"] = {
    "plain": whole,
    "only if": edit(whole, (f"return {total}", "loss = adv\n    if lambda_cyc > 0:\n        loss = loss + cyc * lambda_cyc\n    if lambda_id > 0:\n        loss = loss + idt * lambda_id\n    return loss")),
    "own losses": function("generator_loss", ga, "loss = adversarial(D_B, G_AB(a)) + adversarial(D_A, G_BA(b))\nloss += lambda_cyc * cycle(G_AB, G_BA, a, b) + lambda_id * identity(G_AB, G_BA, a, b)\nreturn loss", own),
    "halves": edit(whole, (total, "adv / 2 + lambda_cyc * cyc / 2 + lambda_id * idt / 2")),
    "halved adversarial": edit(whole, (adv_line, "adv = 0.5 * (sb - 1).square().mean() + 0.5 * (1 - sa).pow(2).mean()")),
    "mean of halves": edit(whole, (total, "adv / 4 + lambda_cyc * cyc / 2 + lambda_id * idt / 2")),
    "squares": edit(whole, (adv_line, "adv = ((sb - 1) ** 2).mean() + ((sa - 1) ** 2).mean()")),
    "sum of list": edit(whole, (total, "sum([adv, lambda_cyc * cyc, lambda_id * idt])")),
    "loop": function("generator_loss", ga, "loss = 0\nfor out, home, D, x, y in ((G_AB, G_BA, D_B, a, b), (G_BA, G_AB, D_A, b, a)):\n    fake = out(x)\n    loss = loss + (D(fake) - 1).square().mean() + lambda_cyc * F.l1_loss(home(fake), x) + lambda_id * F.l1_loss(out(y), y)\nreturn loss"),
    "one pass": edit(whole, ("fake_b, fake_a = G_AB(a), G_BA(b)", "fake_b, same_b = G_AB(torch.cat([a, b])).chunk(2)\n    fake_a, same_a = G_BA(torch.cat([b, a])).chunk(2)"), (idt_line, "idt = F.l1_loss(same_b, b) + F.l1_loss(same_a, a)")),
    "freezes and thaws": edit(whole, ("fake_b, fake_a", "for D in (D_A, D_B):\n        D.requires_grad_(False)\n    fake_b, fake_a", ), (f"return {total}", f"loss = {total}\n    for D in (D_A, D_B):\n        D.requires_grad_(True)\n    return loss")),
    "tours anew": edit(whole, (cyc_line, "cyc = (G_BA(G_AB(a)) - a).abs().mean() + (G_AB(G_BA(b)) - b).abs().mean()")),
    "distributed": edit(whole, (f"return {total}", "loss_a = F.l1_loss(G_BA(fake_b), a) * lambda_cyc + lambda_id * F.l1_loss(G_BA(a), a)\n    loss_b = F.l1_loss(G_AB(fake_a), b) * lambda_cyc + lambda_id * F.l1_loss(G_AB(b), b)\n    return adv + loss_a + loss_b")),
}


def changed(id, belief, says, *changes):
    """The plain generator_loss with one slip."""
    return Wrong(id, belief, says, edit(whole, *changes))


WRONG["generator_loss"] = [
    changed("wrongD", "fake_b comes from a, so D_A", "Each fake is shown to the discriminator of the domain from which", (judged, "sb, sa = D_A(fake_b), D_B(fake_a)")),
    changed("D_B twice", "copy and paste", "D_A is never asked", (judged, "sb, sa = D_B(fake_b), D_B(fake_a)")),
    changed("D_A twice", "copy and paste", "D_B is never asked", (judged, "sb, sa = D_A(fake_b), D_A(fake_a)")),
    changed("one D", "one discriminator is enough", "One generator alone hears a discriminator", (adv_line, "adv = F.mse_loss(sb, torch.ones_like(sb))")),
    changed("other D", "one discriminator is enough", "One generator alone hears a discriminator", (adv_line, "adv = F.mse_loss(sa, torch.ones_like(sa))")),
    changed("reals judged", "D judges real images", "Real images are judged here", (judged, "sb, sa = D_B(b), D_A(a)")),
    changed("identity judged", "same_b is a fake B", "never changed their domain", (judged, "sb, sa = D_B(G_AB(b)), D_A(G_BA(a))")),
    changed("tour judged", "what comes home is judged", "that came home from a tour", (judged, "sb, sa = D_B(G_AB(fake_a)), D_A(G_BA(fake_b))")),
    changed("target 0", "fakes are 0", "The target of the fakes is 0", (adv_line, "adv = F.mse_loss(sb, torch.zeros_like(sb)) + F.mse_loss(sa, torch.zeros_like(sa))")),
    changed("with reals", "a D is asked about both", "D's scores of the real images take part", (adv_line, adv_line + " + (D_A(a) - 1).square().mean() + (D_B(b) - 1).square().mean()")),
    changed("D's loss", "the same loss for both", "That is the discriminators' loss", (adv_line, "adv = sum(((D(x) - 1) ** 2).mean() + (s ** 2).mean() for D, x, s in ((D_A, a, sa), (D_B, b, sb)))")),
    changed("one target 0", "copy and paste", "The target of the fakes is 0.*One of your two terms is right", (adv_line, adv_line.replace("ones_like(sa)", "zeros_like(sa)"))),
    changed("adversarial subtracted", "sign slip", "The sign is turned.*One of your two terms is right", (adv_line, adv_line.replace(" + ", " - "))),
    changed("three times", "a weight inside", "3 times that in every case", (adv_line, adv_line.replace("= ", "= 3 * (") + ")")),
    changed("bce", "the usual GAN loss", "That is a cross entropy", (adv_line, "adv = F.softplus(-sb).mean() + F.softplus(-sa).mean()")),
    changed("avgfirst", "one score an image", "You average the scores and then", (judged, "sb, sa = D_B(fake_b).mean((1, 2, 3)), D_A(fake_a).mean((1, 2, 3))")),
    changed("wasserstein", "raise the score", "a Wasserstein critic's", (adv_line, "adv = -sb.mean() - sa.mean()")),
    changed("lambda_adv", "weight the GAN", "lambda_cyc multiplies the adversarial part", (total, "lambda_cyc * adv + cyc + lambda_id * idt")),
    changed("lambda_id on adv", "weight the GAN", "lambda_id multiplies the adversarial part", (total, "lambda_id * adv + lambda_cyc * cyc + idt")),
    changed("lambdas exchanged", "order of the arguments", "The two lambdas are exchanged", (ga, "G_AB, G_BA, D_A, D_B, a, b, lambda_id, lambda_cyc")),
    changed("convention", "lambda_id is a share of lambda_cyc", "some programs mean lambda_id as a share", (total, "adv + lambda_cyc * cyc + lambda_cyc * lambda_id * idt")),
    changed("brackets", "factor out lambda_cyc", "multiplies more than its own term", (total, "lambda_cyc * (adv + cyc) + lambda_id * idt")),
    changed("brackets 2", "one lambda for both", "multiplies more than its own term", (total, "adv + lambda_cyc * (cyc + idt)")),
    changed("no lambda_cyc", "forgets a factor", "One of the lambdas has no effect", (total, "adv + cyc + lambda_id * idt")),
    changed("no lambda_id", "forgets a factor", "One of the lambdas has no effect", (total, "adv + lambda_cyc * cyc + idt")),
    changed("no lambdas", "add them up", "neither lambda has an effect", (total, "adv + cyc + idt")),
    changed("no identity", "it is optional", "The identity term is missing", (total, "adv + lambda_cyc * cyc")),
    changed("no cycle", "adversarial and identity are enough", "The cycle term is missing", (total, "adv + lambda_id * idt")),
    changed("no adversarial", "the cycle is CycleGAN", "The adversarial part is missing", (total, "lambda_cyc * cyc + lambda_id * idt")),
    changed("only adversarial", "a GAN loss", "Only the adversarial part is there", (total, "adv")),
    changed("minus", "minus slip", "A term is subtracted", (total, "adv - lambda_cyc * cyc + lambda_id * idt")),
    changed("minus identity", "minus slip", "A term is subtracted", (total, "adv + lambda_cyc * cyc - lambda_id * idt")),
    changed("minus adversarial", "G fights D", "A term is subtracted", (total, "-adv + lambda_cyc * cyc + lambda_id * idt")),
    changed("negative", "to be raised", "The sign of the whole is turned", (total, f"-({total})")),
    changed("average", "three terms, their mean", "The three terms are averaged", (total, f"({total}) / 3")),
    changed("convex", "weights sum to one", "made to add up to 1", (total, "(1 - lambda_cyc - lambda_id) * adv + lambda_cyc * cyc + lambda_id * idt")),
    changed("twice", "lambda inside and outside", "The lambdas act twice", (cyc_line, cyc_line.replace("F.l1_loss", "lambda_cyc * F.l1_loss")), (idt_line, idt_line.replace("F.l1_loss", "lambda_id * F.l1_loss"))),
    changed("onecycle", "forward cycle only", "lambda_cyc = 10 adds.*directions is missing", (cyc_line, "cyc = F.l1_loss(G_BA(fake_b), a)")),
    changed("cycle crossed", "must look like b", "lambda_cyc = 10 adds.*After the tour an image is compared", (cyc_line, "cyc = F.l1_loss(G_BA(fake_b), b) + F.l1_loss(G_AB(fake_a), a)")),
    changed("cycle order", "order of composition", "lambda_cyc = 10 adds.*same generator runs twice", (cyc_line, "cyc = F.l1_loss(G_AB(fake_b), a) + F.l1_loss(G_BA(fake_a), b)")),
    changed("cycle squared", "the usual distance", "lambda_cyc = 10 adds.*You square the differences", (cyc_line, cyc_line.replace("l1", "mse"))),
    changed("idsource", "identity with the source domain", "lambda_id = 4 adds.*Each generator gets the images it translates", (idt_line, "idt = F.l1_loss(G_AB(a), a) + F.l1_loss(G_BA(b), b)")),
    changed("identity is cycle", "identity = cycle", "lambda_id = 4 adds.*That is the cycle loss", (idt_line, "idt = F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)")),
    changed("one identity", "one generator", "lambda_id = 4 adds.*directions is missing", (idt_line, "idt = F.l1_loss(G_AB(b), b)")),
    changed("paired", "a fake is compared with b", "lambda_id = 4 adds.*A translated image is compared", (idt_line, "idt = F.l1_loss(fake_b, b) + F.l1_loss(fake_a, a)")),
    changed("paper's ten", "lambda is 10", "Neither lambda changes the loss", (total, "adv + 10 * cyc + 5 * idt")),
    changed("fakes detached", "as in the D step", "A fake is cut off before a discriminator", (judged, "sb, sa = D_B(fake_b.detach()), D_A(fake_a.detach())")),
    changed("one detached", "a detach is forgotten there", "A fake is cut off before a discriminator.*One of your two terms is right", (judged, "sb, sa = D_B(fake_b.detach()), D_A(fake_a)")),
    changed("D without grad", "D does not learn here", "A fake is cut off before a discriminator", (judged, "with torch.no_grad():\n        " + judged)),
    changed("cycle detached", "the fakes were used already", "cut between the two generators", (cyc_line, cyc_line.replace("fake_b", "fake_b.detach()").replace("fake_a", "fake_a.detach()"))),
    changed("all detached", "fakes made without graph", "A fake is cut off before a discriminator", ("fake_b, fake_a = G_AB(a), G_BA(b)", "fake_b, fake_a = G_AB(a).detach(), G_BA(b).detach()")),
    changed("identity detached", "it only regularises", "is cut off, so it never hears", (idt_line, "idt = F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a).detach(), a)")),
    changed("frozen", "D does not learn here", "never learns again", ("fake_b, fake_a =", "D_A.requires_grad_(False)\n    D_B.requires_grad_(False)\n    fake_b, fake_a =")),
    changed("item", "losses are numbers", "a float came back", (total, f"({total}).item()")),
    changed("tuple", "the fakes are needed later", "A comma after return", (total, f"{total}, fake_a, fake_b")),
    changed("map", "one loss a patch", "expected one number. Average over all", (adv_line, "adv = (sb - 1) ** 2 + (sa - 1) ** 2")),
    changed("no return", "assignment is enough", "None came back", (f"return {total}", f"loss = {total}")),
    changed("six arguments", "lambdas are constants", "disagree about the arguments", (ga, "G_AB, G_BA, D_A, D_B, a, b"), (total, "adv + 10 * cyc + 5 * idt")),
]

# --- optimiser, steps, pool, freezing -------------------------------------------------------------

HEAVY |= {
    "ResidualBlock",
    "PatchDiscriminator",
    "set_requires_grad",
    "make_generator_optimizer",
    "generator_step",
    "ImagePool",
    "discriminator_step",
}

FREEZE = "for net in nets:\n    for p in net.parameters():\n        p.requires_grad_(flag)"


def fr(body, before=""):
    """set_requires_grad with this body."""
    return function("set_requires_grad", "nets, flag", body, before)


RIGHT["set_requires_grad"] = {
    "method": fr(FREEZE),
    "attribute": fr("for net in nets:\n    for p in net.parameters():\n        p.requires_grad = flag"),
    "chain": fr("for p in itertools.chain(*(n.parameters() for n in nets)):\n    p.requires_grad = flag"),
    "module method": fr("for net in nets:\n    net.requires_grad_(flag)"),
    "comprehension": fr("[net.requires_grad_(flag) for net in nets]"),
    "gives the nets back": fr(FREEZE + "\nreturn nets"),
    "index": fr("for i in range(len(nets)):\n    nets[i].requires_grad_(requires_grad=flag)"),
    "accepts one": fr("if not isinstance(nets, (list, tuple)):\n    nets = [nets]\nfor net in nets:\n    if net is not None:\n        for param in net.parameters():\n            param.requires_grad = flag"),
    "named": fr("for net in nets:\n    for name, p in net.named_parameters():\n        p.requires_grad_(flag)"),
    "module list": fr("nn.ModuleList(nets).requires_grad_(flag)"),
    "apply": fr("for net in nets:\n    net.apply(lambda m: m.requires_grad_(flag))"),
    "clears, too": fr("for net in nets:\n    net.requires_grad_(flag)\n    if not flag:\n        net.zero_grad()"),
    "setattr": fr("for net in nets:\n    for p in net.parameters():\n        setattr(p, 'requires_grad', bool(flag))"),
}
NO_FLAG = "does your code use flag"
WRONG["set_requires_grad"] = [
    Wrong("noarg", "the underscore toggles", NO_FLAG, fr("for net in nets:\n    for p in net.parameters():\n        p.requires_grad_()")),
    Wrong("always False", "freezing means False", NO_FLAG, fr("for net in nets:\n    for p in net.parameters():\n        p.requires_grad = False")),
    Wrong("module noarg", "the method switches", NO_FLAG, fr("for net in nets:\n    net.requires_grad_()")),
    Wrong("inverted", "flag says frozen", NO_FLAG, fr("for net in nets:\n    for p in net.parameters():\n        p.requires_grad = not flag")),
    Wrong("eval", "eval() freezes a network", "eval\\(\\) change what dropout and norm layers do", fr("for net in nets:\n    net.train(flag)")),
    Wrong("eval and freeze", "both to be sure", "also changes the mode", fr(FREEZE + "\n    net.train(flag)")),
    Wrong("detach", "detach freezes", "They are as they were before", fr("for net in nets:\n    for p in net.parameters():\n        p.detach()")),
    Wrong("detached name", "p = p.detach()", "gives the name p to something else", fr("for net in nets:\n    for p in net.parameters():\n        p = p.detach() if not flag else p")),
    Wrong("renamed", "p = flag sets p", "gives the name p to something else", fr("for net in nets:\n    for p in net.parameters():\n        p = flag")),
    Wrong("net renamed", "net = flag sets the net", "gives the name net to something else", fr("for net in nets:\n    net = flag")),
    Wrong("all but the first", "counts from 1", "Some of the networks", fr("for net in nets[1:]:\n    net.requires_grad_(flag)")),
    Wrong("data", ".data has no gradient", "They are as they were before", fr("for net in nets:\n    for p in net.parameters():\n        p.data.requires_grad = flag")),
    Wrong("global", "gradients off = frozen", "switched off everywhere", fr("torch.set_grad_enabled(flag)")),
    Wrong("no_grad block", "no_grad around the loop", "They are as they were before", fr("for net in nets:\n    with torch.no_grad():\n        for p in net.parameters():\n            p.requires_grad")),
    Wrong("zero_grad", "no gradient left", "They are as they were before", fr("for net in nets:\n    if not flag:\n        net.zero_grad()")),
    Wrong("attribute of the net", "a network has the flag", "a network is no weight", fr("for net in nets:\n    net.requires_grad = flag")),
    Wrong("typo", "require_grad", "compare the spelling", fr("for net in nets:\n    for p in net.parameters():\n        p.require_grad = flag")),
    Wrong("list has parameters", "a list is a network", "nets is a list of networks", fr("for p in nets.parameters():\n    p.requires_grad = flag")),
    Wrong("list method", "a list is a network", "nets is a list of networks", fr("nets.requires_grad_(flag)")),
    Wrong("first only", "return ends the inner loop", "Only the first network is set", fr("for net in nets:\n    for p in net.parameters():\n        p.requires_grad_(flag)\n    return")),
    Wrong("index 0", "nets[0]", "Only the first network is set", fr("for p in nets[0].parameters():\n    p.requires_grad_(flag)")),
    Wrong("last only", "indentation", "Only the last network is set", fr("for net in nets:\n    pass\nfor p in net.parameters():\n    p.requires_grad_(flag)")),
    Wrong("top layers", "children are all layers", "Layers inside of layers", fr("for net in nets:\n    for layer in net.children():\n        for p in layer.parameters(recurse=False):\n            p.requires_grad_(flag)\n    net.scale.requires_grad_(flag)")),
    Wrong("weights only", "weight is what learns", "Only the weights with several axes", fr("for net in nets:\n    for p in net.parameters():\n        if p.dim() > 1:\n            p.requires_grad_(flag)")),
    Wrong("biases only", "a slip in the condition", "Only the biases", fr("for net in nets:\n    for name, p in net.named_parameters():\n        if 'weight' not in name or p.dim() == 1:\n            p.requires_grad_(flag)")),
    Wrong("zeroed", "a frozen weight is 0", "the values of the weights", fr("for net in nets:\n    for p in net.parameters():\n        p.requires_grad_(flag)\n        if not flag:\n            p.data.zero_()")),
    Wrong("forward in no_grad", "freeze the forward pass", "gets through a frozen network", fr(FREEZE + "\n    net.forward = net.forward if flag else torch.no_grad()(net.forward)")),
    Wrong("one argument", "flag is global", "disagree about the arguments", function("set_requires_grad", "nets", "for net in nets:\n    net.requires_grad_(False)")),
    Wrong("no loop", "iterates by itself", "takes apart something that has no parts", fr("for net in nets:\n    for p in net:\n        p.requires_grad_(flag)\n        for q in p.weight.requires_grad:\n            pass")),
]

# --- make_generator_optimizer ---------------------------------------------------------------------


def mo(body, before=""):
    """make_generator_optimizer with this body."""
    return function("make_generator_optimizer", "G_AB, G_BA, lr", body, before)


CHAIN = "params = itertools.chain(G_AB.parameters(), G_BA.parameters())\n"
ADAM = "return torch.optim.Adam(params, lr=lr, betas=(0.5, 0.999))"
RIGHT["make_generator_optimizer"] = {
    "chain": mo(CHAIN + ADAM),
    "lists": mo("params = list(G_AB.parameters()) + list(G_BA.parameters())\n" + ADAM),
    "unpacked": mo("return torch.optim.Adam([*G_AB.parameters(), *G_BA.parameters()], lr, (0.5, 0.999))"),
    "two groups": mo("return torch.optim.Adam([{'params': G_AB.parameters()}, {'params': G_BA.parameters()}], lr=lr, betas=(0.5, 0.999))"),
    "two optimisers": mo("return [torch.optim.Adam(g.parameters(), lr=lr, betas=(0.5, 0.999)) for g in (G_AB, G_BA)]"),
    "a pair": mo("a = torch.optim.Adam(G_AB.parameters(), lr=lr, betas=(0.5, 0.999))\nb = torch.optim.Adam(G_BA.parameters(), lr=lr, betas=(0.5, 0.999))\nreturn a, b"),
    "module list": mo("return torch.optim.Adam(nn.ModuleList([G_AB, G_BA]).parameters(), lr=lr, betas=(0.5, 0.9))"),
    "add_param_group": mo("opt = torch.optim.Adam(G_AB.parameters(), lr=lr, betas=(0.5, 0.999))\nopt.add_param_group({'params': G_BA.parameters()})\nreturn opt"),
    "named groups": mo("groups = [{'params': list(G.parameters()), 'lr': lr} for G in (G_AB, G_BA)]\nreturn torch.optim.Adam(groups, betas=(0.5, 0.999))"),
    "comprehension": mo("return torch.optim.Adam([p for G in (G_AB, G_BA) for p in G.parameters() if p.requires_grad], lr=lr, betas=(0.5, 0.99))"),
    "generator": mo("params = (p for G in (G_AB, G_BA) for p in G.parameters())\n" + ADAM),
    "lambda": "make_generator_optimizer = lambda A, B, lr: torch.optim.Adam([*A.parameters(), *B.parameters()], lr=lr, betas=(0.5, 0.999))\n",
    "decay": mo(CHAIN + "return torch.optim.AdamW(params, lr=lr, betas=(0.5, 0.999))"),
}
WRONG["make_generator_optimizer"] = [
    Wrong("plus", "add the parameter lists", "\\+ joins lists", mo("params = G_AB.parameters() + G_BA.parameters()\n" + ADAM)),
    Wrong("exhausted", "a chain can be used many times", "can be gone through once", mo(CHAIN + "n_params = sum(p.numel() for p in params)\n" + ADAM)),
    Wrong("exhausted by list", "list looks only", "can be gone through once", mo(CHAIN + "print(len(list(params)))\n" + ADAM)),
    Wrong("taken from", "next looks only", "did something else take them", mo(CHAIN + "first = next(params)\n" + ADAM)),
    Wrong("twoargs", "pass both", "An argument comes twice", mo("return torch.optim.Adam(G_AB.parameters(), G_BA.parameters(), lr=lr)")),
    Wrong("twice", "copy and paste", "are in it twice", mo("params = list(G_AB.parameters()) + list(G_AB.parameters()) + list(G_BA.parameters())\n" + ADAM)),
    Wrong("both in both", "each optimiser needs all", "are in it twice", mo("return [torch.optim.Adam([*G_AB.parameters(), *G_BA.parameters()], lr=lr, betas=(0.5, 0.999)) for _ in range(2)]")),
    Wrong("twice in groups", "copy and paste", "stand in two groups", mo("return torch.optim.Adam([{'params': G_AB.parameters()}, {'params': G_AB.parameters()}, {'params': G_BA.parameters()}], lr=lr, betas=(0.5, 0.999))")),
    Wrong("same net", "copy and paste", "Both sets of weights go in", mo("return torch.optim.Adam([{'params': G_AB.parameters()}], lr=lr, betas=(0.5, 0.999))")),
    Wrong("and", "and joins", "Both sets of weights go in", mo("return torch.optim.Adam(G_AB.parameters() and G_BA.parameters(), lr=lr, betas=(0.5, 0.999))")),
    Wrong("overwritten", "the second call adds", "Both sets of weights go in", mo("opt = torch.optim.Adam(G_AB.parameters(), lr=lr, betas=(0.5, 0.999))\nopt = torch.optim.Adam(G_BA.parameters(), lr=lr, betas=(0.5, 0.999))\nreturn opt")),
    Wrong("list of iterators", "a list of both", "one by one in a single row", mo("return torch.optim.Adam([G_AB.parameters(), G_BA.parameters()], lr=lr, betas=(0.5, 0.999))")),
    Wrong("pair of iterators", "a tuple of both", "one by one in a single row", mo("return torch.optim.Adam((G_AB.parameters(), G_BA.parameters()), lr=lr, betas=(0.5, 0.999))")),
    Wrong("networks", "the optimiser takes networks", "one by one in a single row", mo("return torch.optim.Adam([G_AB, G_BA], lr=lr, betas=(0.5, 0.999))")),
    Wrong("zip", "zip joins", "Both sets of weights go in", mo("return torch.optim.Adam(zip(G_AB.parameters(), G_BA.parameters()), lr=lr, betas=(0.5, 0.999))")),
    Wrong("default betas", "Adam's defaults are good", "0.9 is Adam's default", mo(CHAIN + "return torch.optim.Adam(params, lr=lr)")),
    Wrong("betas exchanged", "the order of betas", "the two are exchanged", mo(CHAIN + "return torch.optim.Adam(params, lr=lr, betas=(0.999, 0.5))")),
    Wrong("beta2", "0.5 is the second", "the two are exchanged", mo(CHAIN + "return torch.optim.Adam(params, lr=lr, betas=(0.9, 0.5))")),
    Wrong("both 0.5", "both betas", "so short a memory", mo(CHAIN + "return torch.optim.Adam(params, lr=lr, betas=(0.5, 0.5))")),
    Wrong("no momentum", "as in WGAN-GP", "the memory of the gradient's average", mo(CHAIN + "return torch.optim.Adam(params, lr=lr, betas=(0.0, 0.9))")),
    Wrong("no lr", "Adam has a good lr", "Adam's own default", mo(CHAIN + "return torch.optim.Adam(params, betas=(0.5, 0.999))")),
    Wrong("paper's lr", "2e-4 as in the paper", "the rate of many papers", mo(CHAIN + "return torch.optim.Adam(params, lr=2e-4, betas=(0.5, 0.999))")),
    Wrong("half lr", "two networks share it", "It is halved", mo(CHAIN + "return torch.optim.Adam(params, lr=lr / 2, betas=(0.5, 0.999))")),
    Wrong("lr for one", "groups share an lr", "Adam's own default", mo("return torch.optim.Adam([{'params': G_AB.parameters(), 'lr': lr}, {'params': G_BA.parameters()}], betas=(0.5, 0.999))")),
    Wrong("sgd", "momentum is beta1", "the optimiser is SGD", mo(CHAIN + "return torch.optim.SGD(params, lr=lr, momentum=0.5)")),
    Wrong("rmsprop", "as in WGAN", "the optimiser is RMSprop", mo(CHAIN + "return torch.optim.RMSprop(params, lr=lr)")),
    Wrong("no return", "the name is enough", "None came back", mo(CHAIN + "opt_G = torch.optim.Adam(params, lr=lr, betas=(0.5, 0.999))")),
    Wrong("params", "the weights are the optimiser", "a chain came back", mo(CHAIN + "return params")),
    Wrong("dict", "by name", "a dict came back", mo("return {n: torch.optim.Adam(g.parameters(), lr=lr, betas=(0.5, 0.999)) for n, g in (('AB', G_AB), ('BA', G_BA))}")),
    Wrong("copies", "copy to be safe", "Copies are other tensors", mo("params = [*copy.deepcopy(G_AB).parameters(), *copy.deepcopy(G_BA).parameters()]\n" + ADAM)),
    Wrong("more", "D learns with it", "tensors of neither generator", mo(CHAIN + "params = [*params, nn.Parameter(torch.ones(1))]\n" + ADAM)),
    Wrong("maximize", "G wants to win", "maximize is True", mo(CHAIN + "return torch.optim.Adam(params, lr=lr, betas=(0.5, 0.999), maximize=True)")),
    Wrong("optim.adam", "lower case", "PyTorch has no such name", mo(CHAIN + "return torch.optim.adam(params, lr=lr, betas=(0.5, 0.999))")),
]

# --- generator_step -------------------------------------------------------------------------------

EARLIER = """
def generator_adversarial_loss(D, fake):
    return ((D(fake) - 1) ** 2).mean()

def discriminator_adversarial_loss(D, real, fake):
    return (((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()) / 2

def cycle_loss(G_AB, G_BA, a, b):
    return F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)

def identity_loss(G_AB, G_BA, a, b):
    return F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)

def generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, lambda_id):
    adv = generator_adversarial_loss(D_B, G_AB(a)) + generator_adversarial_loss(D_A, G_BA(b))
    return adv + lambda_cyc * cycle_loss(G_AB, G_BA, a, b) + lambda_id * identity_loss(G_AB, G_BA, a, b)

def set_requires_grad(nets, flag):
    for net in nets:
        for p in net.parameters():
            p.requires_grad_(flag)

"""


def gs(body, before=""):
    """generator_step with this body."""
    return function("generator_step", "G_AB, G_BA, D_A, D_B, opt_G, a, b, lambda_cyc", body, before)


FAKES = "fake_b, fake_a = G_AB(a), G_BA(b)\n"
ADV = "loss = ((D_B(fake_b) - 1) ** 2).mean() + ((D_A(fake_a) - 1) ** 2).mean()\n"
CYC = "loss = loss + lambda_cyc * (F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b))\n"
DOWN = "opt_G.zero_grad()\nloss.backward()\nopt_G.step()\nreturn loss.item()"
GSTEP = FAKES + ADV + CYC + DOWN
GFREEZE = "set_requires_grad([D_A, D_B], False)\n"
GTHAW = "set_requires_grad([D_A, D_B], True)\n"
RIGHT["generator_step"] = {
    "plain": gs(edit(GFREEZE + GSTEP, ("return loss", GTHAW + "return loss")), EARLIER),
    "nothing frozen": gs(GSTEP),
    "one frozen": gs("D_A.requires_grad_(False)\n" + edit(GSTEP, ("return loss", "D_A.requires_grad_(True)\nreturn loss"))),
    "frozen too late": gs(edit(GSTEP, ("opt_G.zero_grad()", GFREEZE + "opt_G.zero_grad()"), ("return loss", GTHAW + "return loss")), EARLIER),
    "only the generators' gradients": gs(edit(GSTEP, ("loss.backward()", "loss.backward(inputs=[*G_AB.parameters(), *G_BA.parameters()])"))),
    "two backward passes": gs("""opt_G.zero_grad()
fake_b = G_AB(a)
(((D_B(fake_b) - 1) ** 2).mean() + lambda_cyc * (G_BA(fake_b) - a).abs().mean()).backward()
fake_a = G_BA(b)
(((D_A(fake_a) - 1) ** 2).mean() + lambda_cyc * (G_AB(fake_a) - b).abs().mean()).backward()
opt_G.step()"""),
    "earlier functions": gs("""set_requires_grad([D_A, D_B], False)
loss = generator_loss(G_AB, G_BA, D_A, D_B, a, b, lambda_cyc, 0.0)
opt_G.zero_grad()
loss.backward()
opt_G.step()
set_requires_grad([D_A, D_B], True)
return loss.item()""", EARLIER),
    "earlier terms": gs("""opt_G.zero_grad(set_to_none=False)
loss = generator_adversarial_loss(D_B, G_AB(a)) + generator_adversarial_loss(D_A, G_BA(b))
loss += lambda_cyc * cycle_loss(G_AB, G_BA, a, b)
loss.backward()
opt_G.step()
return float(loss)""", EARLIER),
    "module losses": gs("""mse, l1 = nn.MSELoss(), nn.L1Loss()
fake_b, fake_a = G_AB(a), G_BA(b)
p, q = D_B(fake_b), D_A(fake_a)
loss = mse(p, torch.ones_like(p)) + mse(q, torch.ones_like(q))
loss = loss + l1(G_BA(fake_b), a) * lambda_cyc + l1(G_AB(fake_a), b) * lambda_cyc
G_AB.zero_grad(), G_BA.zero_grad()
loss.backward()
opt_G.step()
return loss.detach()"""),
    "mean of directions": gs(edit(GSTEP, ("opt_G.zero_grad()", "loss = loss / 2\nopt_G.zero_grad()"))),
    "half of the least squares": gs(edit(GSTEP, (ADV, ADV + "loss = loss / 2\n"))),
    "mean of the tours": gs(edit(GSTEP, ("F.l1_loss(G_AB(fake_a), b))", "F.l1_loss(G_AB(fake_a), b)) / 2"))),
    "retain_graph": gs("""fake_b, fake_a = G_AB(a), G_BA(b)
opt_G.zero_grad()
adv = F.mse_loss(D_B(fake_b), torch.ones_like(D_B(fake_b))) + F.mse_loss(D_A(fake_a), torch.ones_like(D_A(fake_a)))
adv.backward(retain_graph=True)
cyc = lambda_cyc * (F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b))
cyc.backward()
opt_G.step()"""),
    "clears D as well": gs(edit(GSTEP, ("opt_G.zero_grad()", "for net in (D_A, D_B, G_AB, G_BA):\n    net.zero_grad()"))),
    "fakes twice": gs("""loss = ((D_B(G_AB(a)) - 1) ** 2).mean() + ((1 - D_A(G_BA(b))) ** 2).mean()
loss = loss + lambda_cyc * ((G_BA(G_AB(a)) - a).abs().mean() + (b - G_AB(G_BA(b))).abs().mean())
opt_G.zero_grad()
loss.backward()
opt_G.step()
return loss.item()"""),
    "gives all losses": gs(edit(GSTEP, ("return loss.item()", "return loss.item(), fake_a.detach(), fake_b.detach()"))),
    "frozen while judging": gs("""fake_b, fake_a = G_AB(a), G_BA(b)
for p in [*D_A.parameters(), *D_B.parameters()]:
    p.requires_grad = False
adv = (D_B(fake_b) - 1).pow(2).mean() + (D_A(fake_a) - 1).pow(2).mean()
for p in [*D_A.parameters(), *D_B.parameters()]:
    p.requires_grad = True
loss = adv + lambda_cyc * (F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b))
opt_G.zero_grad(); loss.backward(); opt_G.step()"""),
    "with its graph": gs(edit(GSTEP, ("return loss.item()", "return loss"))),
    "closure": gs("""def compute():
    opt_G.zero_grad()
    fake_b, fake_a = G_AB(a), G_BA(b)
    loss = ((D_B(fake_b) - 1) ** 2).mean() + ((D_A(fake_a) - 1) ** 2).mean()
    loss = loss + lambda_cyc * (F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b))
    loss.backward()
    return loss
return opt_G.step(compute).item()"""),
}
SWAP = "has seen real zebras"
WRONG["generator_step"] = [
    Wrong("domains", "a goes with D_A", SWAP, gs(edit(GSTEP, ("D_B(fake_b)", "D_A(fake_b)"), ("D_A(fake_a)", "D_B(fake_a)")))),
    Wrong("one D", "copy and paste", "D_A is never asked", gs(edit(GSTEP, ("D_A(fake_a)", "D_B(fake_a)")))),
    Wrong("nograd", "detach fakes", "the fakes are cut off", gs(edit(GSTEP, ("D_B(fake_b)", "D_B(fake_b.detach())"), ("D_A(fake_a)", "D_A(fake_a.detach())")))),
    Wrong("no_grad around D", "D must not learn", "is computed inside no_grad", gs(FAKES + "with torch.no_grad():\n    adv = ((D_B(fake_b) - 1) ** 2).mean() + ((D_A(fake_a) - 1) ** 2).mean()\nloss = adv\n" + CYC + DOWN)),
    Wrong("one fake detached", "slip", "What D_B says about G_AB\\(a\\) has no effect", gs(edit(GSTEP, ("D_B(fake_b)", "D_B(fake_b.detach())")))),
    Wrong("judges real", "D's opinion counts", "judge only the images of a and b", gs(edit(GSTEP, ("D_B(fake_b)", "D_B(b)"), ("D_A(fake_a)", "D_A(a)")))),
    Wrong("nozero", "empty at the start", "does not overwrite", gs(edit(GSTEP, ("opt_G.zero_grad()\n", "")))),
    Wrong("zero at the end", "clear after the step", "Clearing after the step is too late", gs(edit(GSTEP, ("opt_G.zero_grad()\n", ""), ("opt_G.step()", "opt_G.step()\nopt_G.zero_grad()")))),
    Wrong("clears D", "D's gradients disturb", "You clear D_A and D_B", gs(edit(GSTEP, ("opt_G.zero_grad()", "D_A.zero_grad()\nD_B.zero_grad()")))),
    Wrong("cleared late", "clear before the step", "cleared between backward", gs(edit(GSTEP, ("opt_G.zero_grad()\nloss.backward()\n", "loss.backward()\nopt_G.zero_grad()\n")))),
    Wrong("nolambda", "weights are details", "lambda_cyc does not enter", gs(edit(GSTEP, ("lambda_cyc * ", "")))),
    Wrong("lambda on adv", "lambda weighs the game", "lambda_cyc multiplies the adversarial terms", gs(edit(GSTEP, ("loss + lambda_cyc * ", "lambda_cyc * loss + ")))),
    Wrong("lambda on all", "brackets", "lambda_cyc multiplies everything", gs(edit(GSTEP, ("loss + lambda_cyc * (", "lambda_cyc * (loss + ")))),
    Wrong("lambda on one", "brackets", "does lambda_cyc multiply both", gs(edit(GSTEP, ("lambda_cyc * (F.l1_loss(G_BA(fake_b), a) +", "(lambda_cyc * F.l1_loss(G_BA(fake_b), a) +")))),
    Wrong("lambda twice", "weighted inside and outside", "lambda_cyc enters twice", gs(edit(GSTEP, ("loss + lambda_cyc * ", "loss + lambda_cyc * lambda_cyc * ")))),
    Wrong("divided", "a mean of weights", "look for a factor, for clipping", gs(edit(GSTEP, ("opt_G.zero_grad()", "loss = loss / (2 + 2 * lambda_cyc)\nopt_G.zero_grad()")))),
    Wrong("no cycle", "the game is enough", "each generator runs once", gs(edit(GSTEP, (CYC, "")))),
    Wrong("cycle detached", "the cycle only measures", "the generators do run more than once", gs(edit(GSTEP, (CYC, CYC.replace("lambda_cyc * (", "lambda_cyc * float(") ))) ),
    Wrong("cycle in no_grad", "the cycle only measures", "the generators do run more than once", gs(FAKES + ADV + "with torch.no_grad():\n    cyc = F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b)\nloss = loss + lambda_cyc * cyc\n" + DOWN)),
    Wrong("one tour", "one cycle is enough", "The tour from B over A has no effect", gs(edit(GSTEP, (" + F.l1_loss(G_AB(fake_a), b)", "")))),
    Wrong("no adversary", "the cycle is enough", "are never called", gs(FAKES + "loss = 0\n" + CYC + DOWN)),
    Wrong("one judge", "one translation matters", "What D_A says about G_BA\\(b\\)", gs(edit(GSTEP, (" + ((D_A(fake_a) - 1) ** 2).mean()", "")))),
    Wrong("path cut", "fakes are detached", "The path is cut between the two generators", gs(edit(GSTEP, ("G_BA(fake_b), a", "G_BA(fake_b.detach()), a"), ("G_AB(fake_a), b", "G_AB(fake_a.detach()), b")))),
    Wrong("cross", "after a tour through B it must look like b", "compared with one of the other domain", gs(edit(GSTEP, ("G_BA(fake_b), a", "G_BA(fake_b), b"), ("G_AB(fake_a), b", "G_AB(fake_a), a")))),
    Wrong("vsfake", "compare with the step before", "compared with its half", gs(edit(GSTEP, ("G_BA(fake_b), a", "G_BA(fake_b), fake_b"), ("G_AB(fake_a), b", "G_AB(fake_a), fake_a")))),
    Wrong("order", "order of composition", "stand in the wrong order", gs(edit(GSTEP, ("G_BA(fake_b), a", "G_AB(G_BA(a)), a"), ("G_AB(fake_a), b", "G_BA(G_AB(b)), b")))),
    Wrong("twice", "apply it twice", "The same generator runs twice", gs(edit(GSTEP, ("G_BA(fake_b), a", "G_AB(fake_b), a"), ("G_AB(fake_a), b", "G_BA(fake_a), b")))),
    Wrong("no way back", "the fake keeps the picture", "There is no way back", gs(edit(GSTEP, ("G_BA(fake_b), a", "fake_b, a"), ("G_AB(fake_a), b", "fake_a, b")))),
    Wrong("identity instead", "identity is the cycle", "That is the identity loss", gs(edit(GSTEP, ("G_BA(fake_b), a", "G_BA(a), a"), ("G_AB(fake_a), b", "G_AB(b), b")))),
    Wrong("squared cycle", "L2 is L1", "You square the differences", gs(edit(GSTEP, ("F.l1_loss", "F.mse_loss")))),
    Wrong("summed cycle", "sum over pixels", "a sum stands where a mean", gs(edit(GSTEP, ("F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b)", "(G_BA(fake_b) - a).abs().sum() + (G_AB(fake_a) - b).abs().sum()")))),
    Wrong("identity as well", "the whole loss", "An identity term is in it as well", gs(edit(GSTEP, (CYC, CYC + "loss = loss + 0.5 * lambda_cyc * (F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a))\n")))),
    Wrong("target 0", "fake is 0", "The target of the fakes is 0|That is the discriminators' loss", gs(edit(GSTEP, ("(D_B(fake_b) - 1)", "D_B(fake_b)"), ("(D_A(fake_a) - 1)", "D_A(fake_a)")))),
    Wrong("bce", "as in the GAN before", "That is a cross entropy", gs(edit(GSTEP, (ADV, "p, q = D_B(fake_b), D_A(fake_a)\nloss = F.binary_cross_entropy_with_logits(p, torch.ones_like(p)) + F.binary_cross_entropy_with_logits(q, torch.ones_like(q))\n")))),
    Wrong("wasserstein", "raw scores are averaged", "the plain mean of the scores", gs(edit(GSTEP, (ADV, "loss = -D_B(fake_b).mean() - D_A(fake_a).mean()\n")))),
    Wrong("mean first", "one verdict an image", "take the distance", gs(edit(GSTEP, (ADV, "loss = (D_B(fake_b).mean() - 1) ** 2 + (D_A(fake_a).mean() - 1) ** 2\n")))),
    Wrong("d's loss", "the game has one loss", "The target of the fakes is 0|That is the discriminators' loss", gs(edit(GSTEP, (ADV, "loss = ((D_B(b) - 1) ** 2).mean() + (D_B(fake_b) ** 2).mean() + ((D_A(a) - 1) ** 2).mean() + (D_A(fake_a) ** 2).mean()\n")))),
    Wrong("judges the tour", "what comes home is judged", "that came home from a tour", gs(edit(GSTEP, ("D_B(fake_b)", "D_A(G_BA(fake_b))"), ("D_A(fake_a)", "D_B(G_AB(fake_a))")))),
    Wrong("sign of adv", "G works against D", "One of the signs is turned", gs(edit(GSTEP, ("loss = ((D_B(fake_b) - 1) ** 2).mean() + ", "loss = -((D_B(fake_b) - 1) ** 2).mean() - ")))),
    Wrong("climbs", "G maximises", "All signs are turned", gs(edit(GSTEP, ("loss.backward()", "(-loss).backward()")))),
    Wrong("no step", "backward trains", "step\\(\\) is missing", gs(edit(GSTEP, ("opt_G.step()\n", "")))),
    Wrong("no backward", "step trains", "backward\\(\\) is missing", gs(edit(GSTEP, ("loss.backward()\n", "")))),
    Wrong("step first", "order", "comes before backward", gs(edit(GSTEP, ("loss.backward()\nopt_G.step()", "opt_G.step()\nloss.backward()")))),
    Wrong("two steps", "one step for each direction", "runs 2 times", gs("""fake_b = G_AB(a)
loss = ((D_B(fake_b) - 1) ** 2).mean() + lambda_cyc * F.l1_loss(G_BA(fake_b), a)
opt_G.zero_grad()
loss.backward()
opt_G.step()
fake_a = G_BA(b)
loss = ((D_A(fake_a) - 1) ** 2).mean() + lambda_cyc * F.l1_loss(G_AB(fake_a), b)
opt_G.zero_grad()
loss.backward()
opt_G.step()""")),
    Wrong("two backward, no retain", "adv and cyc in turn", "share a part of the graph", gs("""fake_b, fake_a = G_AB(a), G_BA(b)
opt_G.zero_grad()
(((D_B(fake_b) - 1) ** 2).mean() + ((D_A(fake_a) - 1) ** 2).mean()).backward()
(lambda_cyc * (F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b))).backward()
opt_G.step()""")),
    Wrong("never thawed", "freezing is for the step", "have requires_grad False after the step", gs("set_requires_grad([D_A, D_B], False)\n" + GSTEP, EARLIER)),
    Wrong("D in eval", "D only judges", "is in eval mode after the step", gs("D_A.eval()\nD_B.eval()\n" + GSTEP)),
    Wrong("D moves", "both learn at once", "the weights of D_A or D_B change", gs(edit(GSTEP, ("opt_G.step()", "opt_G.step()\nwith torch.no_grad():\n    for p in D_A.parameters():\n        p -= 0.01 * p.grad")))),
    Wrong("new optimiser", "an optimiser for the step", "opt_G never steps", gs(edit(GSTEP, ("opt_G.zero_grad()", "opt_G = torch.optim.SGD([*G_AB.parameters(), *G_BA.parameters()], lr=0.01)\nopt_G.zero_grad()")))),
    Wrong("only G_AB", "one direction is the task", "do not move and those of the other", gs("""fake_b = G_AB(a)
with torch.no_grad():
    fake_a = G_BA(b)
loss = ((D_B(fake_b) - 1) ** 2).mean() + lambda_cyc * F.l1_loss(G_AB(fake_a), b)
opt_G.zero_grad()
loss.backward()
opt_G.step()""")),
    Wrong("clipped", "stable training", "look for a factor, for clipping", gs(edit(GSTEP, ("opt_G.step()", "nn.utils.clip_grad_norm_([*G_AB.parameters(), *G_BA.parameters()], 0.01)\nopt_G.step()")))),
    Wrong("item", "numbers add up", "throws the history away", gs(edit(GSTEP, ("opt_G.zero_grad()", "loss = loss.item()\nopt_G.zero_grad()")))),
    Wrong("D of the numbers", "D takes a", "expected images", gs(edit(GSTEP, ("D_B(fake_b)", "D_B(fake_b.mean())")))),
    Wrong("no lambda argument", "lambda is 10", "disagree about the arguments", function("generator_step", "G_AB, G_BA, D_A, D_B, opt_G, a, b", GSTEP, "lambda_cyc = 10\n")),
    Wrong("lambda 10", "lambda is 10", "Which number weighs the cycle", gs(edit(GSTEP, ("lambda_cyc * ", "10 * ")))),
]

# --- ImagePool ------------------------------------------------------------------------------------

POOL = """class ImagePool:
    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, batch):
        out = []
        for img in batch.detach():
            img = img.clone()
            if len(self.images) < self.size:
                self.images.append(img)
                out.append(img)
            elif random.random() < 0.5:
                i = random.randrange(self.size)
                out.append(self.images[i])
                self.images[i] = img
            else:
                out.append(img)
        return torch.stack(out)
"""
SWAPS = "                i = random.randrange(self.size)\n                out.append(self.images[i])\n                self.images[i] = img\n"
RIGHT["ImagePool"] = {
    "plain": POOL,
    "choice": edit(POOL, ("random.random() < 0.5", "random.choice([True, False])")),
    "torch draws": edit(POOL, ("random.random() < 0.5", "torch.rand(1).item() > 0.5"), ("random.randrange(self.size)", "torch.randint(0, self.size, (1,)).item()")),
    "numpy draws": edit(POOL, ("random.random() < 0.5", "np.random.rand() > 0.5"), ("random.randrange(self.size)", "np.random.randint(self.size)")),
    "randint": edit(POOL, ("random.randrange(self.size)", "random.randint(0, self.size - 1)")),
    "cat": edit(POOL, ("batch.detach():\n            img = img.clone()", "batch.detach().clone().split(1):"), ("torch.stack(out)", "torch.cat(out)")),
    "pop and append": edit(POOL, (SWAPS, "                i = random.randrange(len(self.images))\n                out.append(self.images.pop(i))\n                self.images.append(img)\n")),
    "counter": edit(POOL, ("self.size, self.images = size, []", "self.size, self.images, self.n = size, [], 0"), ("len(self.images) < self.size:", "self.n < self.size:\n                self.n += 1")),
    "reference": """class ImagePool():
    def __init__(self, pool_size):
        self.pool_size = pool_size
        if self.pool_size > 0:
            self.num_imgs = 0
            self.images = []

    def query(self, images):
        if self.pool_size == 0:
            return images
        return_images = []
        for image in images:
            image = torch.unsqueeze(image.data.clone(), 0)
            if self.num_imgs < self.pool_size:
                self.num_imgs = self.num_imgs + 1
                self.images.append(image)
                return_images.append(image)
            else:
                p = random.uniform(0, 1)
                if p > 0.5:
                    random_id = random.randint(0, self.pool_size - 1)
                    tmp = self.images[random_id].clone()
                    self.images[random_id] = image
                    return_images.append(tmp)
                else:
                    return_images.append(image)
        return torch.cat(return_images, 0)
""",
    "in place of the batch": """class ImagePool:
    def __init__(self, size):
        self.size = size
        self.images = []

    @torch.no_grad()
    def query(self, batch):
        result = batch.clone()
        for k in range(len(result)):
            if len(self.images) < self.size:
                self.images.append(result[k].clone())
            elif torch.rand(()) < 0.5:
                i = int(torch.randint(self.size, ()))
                stored = self.images[i]
                self.images[i] = result[k].clone()
                result[k] = stored
        return result
""",
    "one tensor": """class ImagePool:
    def __init__(self, size):
        self.size, self.n, self.store = size, 0, None

    def query(self, batch):
        batch = batch.detach()
        if self.store is None:
            self.store = torch.zeros(self.size, *batch.shape[1:])
        out = batch.clone()
        for k, image in enumerate(batch):
            if self.n < self.size:
                self.store[self.n] = image
                self.n += 1
            elif np.random.random() < 0.5:
                i = np.random.randint(self.size)
                out[k] = self.store[i]
                self.store[i] = image
        return out
""",
    "module": edit(POOL, ("class ImagePool:", "class ImagePool(nn.Module):"), ("        self.size, self", "        super().__init__()\n        self.size, self")),
    "one coin a batch": """class ImagePool:
    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, batch):
        batch = batch.detach().clone()
        if len(self.images) < self.size:
            self.images += list(batch)
            return batch
        if random.random() < 0.5:
            return batch
        places = random.sample(range(self.size), len(batch))
        old = torch.stack([self.images[i] for i in places])
        for i, image in zip(places, batch):
            self.images[i] = image.clone()
        return old
""",
    "helper method": """class ImagePool:
    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, batch):
        return torch.stack([self.one(x) for x in batch.detach().clone()])

    def one(self, x):
        if len(self.images) < self.size:
            self.images += [x]
            return x
        if random.getrandbits(1):
            i = random.choice(range(self.size))
            x, self.images[i] = self.images[i], x
        return x
""",
}
WRONG["ImagePool"] = [
    Wrong("noreplace", "return a stored one", "the pool stays as it was filled", edit(POOL, ("                self.images[i] = img\n", ""))),
    Wrong("always_new", "store the new one, return the new one", "No image of the past ever comes back", edit(POOL, (SWAPS, "                i = random.randrange(self.size)\n                self.images[i] = img\n                out.append(img)\n"))),
    Wrong("replaced before", "the order of the two lines", "No image of the past ever comes back", edit(POOL, (SWAPS, "                i = random.randrange(self.size)\n                self.images[i] = img\n                out.append(self.images[i])\n"))),
    Wrong("never swaps", "a store", "No image of the past ever comes back", edit(POOL, ("random.random() < 0.5", "False"))),
    Wrong("always_old", "the pool is the point", "when does a new one go straight", edit(POOL, ("elif random.random() < 0.5:", "elif True:"))),
    Wrong("fifo", "a queue is a buffer", "that is a queue, and D never sees", """class ImagePool:
    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, batch):
        out = []
        for img in batch.detach().clone():
            self.images.append(img)
            if len(self.images) > self.size:
                out.append(self.images.pop(0))
            else:
                out.append(img)
        return torch.stack(out)
"""),
    Wrong("oldest with a coin", "the oldest goes out", "the oldest image comes back every time", edit(POOL, (SWAPS, "                out.append(self.images.pop(0))\n                self.images.append(img)\n"))),
    Wrong("same place", "the last one goes out", "always at the same place", edit(POOL, (SWAPS, "                out.append(self.images[0])\n                self.images[0] = img\n"))),
    Wrong("stack", "pop takes one", "always at the same place", edit(POOL, (SWAPS, "                out.append(self.images.pop())\n                self.images.append(img)\n"))),
    Wrong("a place left out", "randrange excludes its end", "a place of the pool is never drawn", edit(POOL, ("random.randrange(self.size)", "random.randrange(self.size - 1)"))),
    Wrong("from place 1", "places count from 1", "a place of the pool is never drawn", edit(POOL, ("random.randrange(self.size)", "random.randint(1, self.size - 1)"))),
    Wrong("randint", "randint excludes its end", "includes both of its ends", edit(POOL, ("random.randrange(self.size)", "random.randint(0, self.size)"))),
    Wrong("emptyfirst", "sample from the pool at once", "The coin and the swap begin when", edit(POOL, ("                self.images.append(img)\n                out.append(img)\n", "                self.images.append(img)\n                out.append(random.choice(self.images))\n"))),
    Wrong("coin while filling", "a coin for each image", "The coin and the swap begin when", edit(POOL, ("len(self.images) < self.size:\n                self.images.append(img)\n                out.append(img)\n            elif random.random() < 0.5:", "not self.images or random.random() < 0.5:\n                self.images = (self.images + [img])[-self.size:]\n                out.append(img)\n            elif True:"), ("random.randrange(self.size)", "random.randrange(len(self.images))"))),
    Wrong("if for elif", "two questions", "while there is still room", edit(POOL, ("elif random", "if random"))),
    Wrong("if for elif, torch", "two questions", "while there is still room", edit(POOL, ("elif random.random() < 0.5", "if torch.rand(1).item() < 0.5"), ("random.randrange(self.size)", "torch.randint(self.size, (1,)).item()"))),
    Wrong("coin first", "the coin decides", "while there is still room", edit(POOL, ("len(self.images) < self.size:", "random.random() < 0.5:"), ("                out.append(img)\n            elif random.random() < 0.5:", "                out.append(img)\n            elif True:"))),
    Wrong("if for elif, own length", "two questions", "Look for a branch|The coin and the swap", edit(POOL, ("elif random", "if random"), ("random.randrange(self.size)", "random.randrange(len(self.images))"))),
    Wrong("nothing while filling", "wait until the pool is full", "also while the pool fills", edit(POOL, ("                self.images.append(img)\n                out.append(img)\n            elif", "                self.images.append(img)\n            elif"))),
    Wrong("twice while filling", "append in both", "Look for a branch", edit(POOL, ("                self.images.append(img)\n                out.append(img)\n", "                self.images.append(img)\n                out.append(img)\n                out.append(img)\n"))),
    Wrong("one more", "<= size", "one image too many", edit(POOL, ("< self.size", "<= self.size"))),
    Wrong("grows", "a history is long", "takes the place of the one that goes out", edit(POOL, ("                self.images[i] = img\n", "                self.images.append(img)\n"))),
    Wrong("kept and appended", "size limits later", "comes back \\d+ times from the pool", edit(POOL, (SWAPS, "                i = random.randrange(self.size)\n                out.append(self.images[i])\n                self.images[(i + 1) % self.size] = img\n"))),
    Wrong("another place", "two draws", "comes back \\d+ times from the pool", edit(POOL, ("                self.images[i] = img\n", "                self.images[random.randrange(self.size)] = img\n"))),
    Wrong("stores all", "every fake enters the history", "either returned or stored", edit(POOL, ("            else:\n                out.append(img)\n", "            else:\n                self.images[random.randrange(self.size)] = img\n                out.append(img)\n"))),
    Wrong("one in ten", "seldom", "condition of the coin", edit(POOL, ("< 0.5", "< 0.1"))),
    Wrong("three quarters", "mostly old", "condition of the coin", edit(POOL, ("< 0.5", "< 0.75"))),
    Wrong("normal coin", "randn is a coin", "condition of the coin", edit(POOL, ("random.random() < 0.5", "torch.randn(()) > 0.5"))),
    Wrong("alternating", "every second one", "bring back the same images", edit(POOL, ("[]\n", "[]\n        self.k = 0\n"), ("            img = img.clone()\n", "            img = img.clone()\n            self.k += 1\n"), ("random.random() < 0.5", "self.k % 2"), ("random.randrange(self.size)", "(self.k // 2 * 5) % self.size"))),
    Wrong("seeded", "reproducible", "bring back the same images", edit(POOL, ("        self.size, self", "        random.seed(0)\n        self.size, self"))),
    Wrong("graph returned", "fakes go on", "still hang on the generator", edit(POOL, ("batch.detach()", "batch"))),
    Wrong("graph stored", "detach what goes out", "images with their graph", edit(POOL, ("batch.detach()", "batch"), ("torch.stack(out)", "torch.stack(out).detach()"))),
    Wrong("detached while filling only", "new fakes are needed whole", "still hang on the generator", edit(POOL, ("batch.detach()", "batch"), ("self.images.append(img)\n                out.append(img)", "self.images.append(img.detach())\n                out.append(img.detach())"), ("            else:\n                out.append(img)", "            else:\n                out.append(img.detach())"))),
    Wrong("no copy", "detach copies", "shares its memory", edit(POOL, ("            img = img.clone()\n", ""))),
    Wrong("shared list", "a class attribute", "both share one list", edit(POOL, ("    def __init__(self, size):\n        self.size, self.images = size, []", "    images = []\n\n    def __init__(self, size):\n        self.size = size"))),
    Wrong("default list", "a default argument", "both share one list", edit(POOL, ("(self, size):\n        self.size, self.images = size, []", "(self, size, images=[]):\n        self.size, self.images = size, images"))),
    Wrong("list", "a list is a batch", "a list came back", edit(POOL, ("torch.stack(out)", "out"))),
    Wrong("cat of images", "cat joins", "joined along the channels", edit(POOL, ("torch.stack(out)", "torch.cat(out)"))),
    Wrong("stack of batches", "stack joins", "An axis is left over", edit(POOL, ("img.clone()", "img.clone()[None]"))),
    Wrong("returns in the loop", "indentation", "One image comes back for the whole batch", edit(POOL, ("        return torch", "            return torch"))),
    Wrong("squeezed", "drop what is 1", "The batch axis is gone", edit(POOL, ("torch.stack(out)", "torch.stack(out).squeeze(0)"))),
    Wrong("no return", "the list is kept", "None came back", edit(POOL, ("return torch.stack(out)", "torch.stack(out)"))),
    Wrong("no self", "forgot self", "disagree about the arguments", edit(POOL, ("query(self, batch)", "query(batch)"))),
    Wrong("other name", "get", "with the methods __init__, get", edit(POOL, ("def query", "def get"))),
    Wrong("a function", "a function with a list", "with the methods none", "def ImagePool(size):\n    images = []\n    def query(batch):\n        return batch\n    return query\n"),
    Wrong("nothing made", "__init__ by another name", "disagree about the arguments", edit(POOL, ("__init__", "_init_"))),
    Wrong("average", "history is an average", "never went in", edit(POOL, ("                out.append(self.images[i])\n", "                out.append((self.images[i] + img) / 2)\n"))),
    Wrong("size 50", "the paper has 50", "where does your code use size", edit(POOL, ("self.size, self.images = size, []", "self.size, self.images = 50, []"))),
    Wrong("reversed", "insert at the front", "The order has changed", edit(POOL, ("torch.stack(out)", "torch.stack(out[::-1])"))),
    Wrong("batches stored", "store what comes in", "hold whole batches", """class ImagePool:
    def __init__(self, size):
        self.size, self.images = size, []

    def query(self, batch):
        batch = batch.detach().clone()
        if len(self.images) < self.size:
            self.images.append(batch)
            return batch
        if random.random() < 0.5:
            i = random.randrange(self.size)
            old = self.images[i]
            self.images[i] = batch
            return old
        return batch
"""),
    Wrong("emptied in place", "the batch is used up", "the batch itself has changed", edit(POOL, ("        return torch.stack(out)", "        result = torch.stack(out)\n        batch.zero_()\n        return result"))),
]

# --- discriminator_step ---------------------------------------------------------------------------


def dst(body, before=""):
    """discriminator_step with this body."""
    return function("discriminator_step", "D_A, D_B, opt_D, a, b, fake_a, fake_b", body, before)


DSTEP = """loss = 0
for D, real, fake in ((D_A, a, fake_a), (D_B, b, fake_b)):
    loss = loss + ((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()
opt_D.zero_grad()
loss.backward()
opt_D.step()
return loss.item()"""
ROWS = "((D_A, a, fake_a), (D_B, b, fake_b))"
TERMS = "((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()"
RIGHT["discriminator_step"] = {
    "plain": dst(DSTEP),
    "halved": dst(edit(DSTEP, ("loss.backward()", "(0.5 * loss).backward()"))),
    "quartered": dst(edit(DSTEP, ("loss.backward()", "(loss / 4).backward()"))),
    "written out": dst("""fake_a, fake_b = fake_a.detach(), fake_b.detach()
loss_A = (F.mse_loss(D_A(a), torch.ones_like(D_A(a))) + F.mse_loss(D_A(fake_a), torch.zeros_like(D_A(fake_a)))) / 2
loss_B = (F.mse_loss(D_B(b), torch.ones_like(D_B(b))) + F.mse_loss(D_B(fake_b), torch.zeros_like(D_B(fake_b)))) / 2
opt_D.zero_grad()
loss_D = loss_A + loss_B
loss_D.backward()
opt_D.step()
return loss_D.item()"""),
    "earlier function": dst("""loss = discriminator_adversarial_loss(D_A, a, fake_a) + discriminator_adversarial_loss(D_B, b, fake_b)
opt_D.zero_grad()
loss.backward()
opt_D.step()
return loss.item()""", EARLIER),
    "two backward passes": dst("""opt_D.zero_grad()
for D, real, fake in ((D_A, a, fake_a), (D_B, b, fake_b)):
    (((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()).backward()
opt_D.step()"""),
    "four backward passes": dst("""D_A.zero_grad()
D_B.zero_grad()
for D, x, target in ((D_A, a, 1), (D_A, fake_a.detach(), 0), (D_B, b, 1), (D_B, fake_b.detach(), 0)):
    (D(x) - target).square().mean().backward()
opt_D.step()"""),
    "joint batch": dst("""def judge(D, real, fake):
    scores = D(torch.cat([real, fake.detach()]))
    target = torch.zeros_like(scores)
    target[:len(real)] = 1
    return nn.MSELoss()(scores, target)
opt_D.zero_grad()
loss = judge(D_A, a, fake_a) + judge(D_B, b, fake_b)
loss.backward()
opt_D.step()
return loss.item()"""),
    "two steps, cleared": dst("""for D, real, fake in ((D_A, a, fake_a), (D_B, b, fake_b)):
    opt_D.zero_grad()
    loss = ((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()
    loss.backward()
    opt_D.step()"""),
    "thawed first": dst("set_requires_grad([D_A, D_B], True)\n" + DSTEP, EARLIER),
    "data": dst(edit(DSTEP, ("fake.detach()", "fake.data"))),
    "clone": dst(edit(DSTEP, ("fake.detach()", "fake.detach().clone()"))),
    "zero first": dst("opt_D.zero_grad()\n" + edit(DSTEP, ("opt_D.zero_grad()\n", ""))),
    "detach_": dst("fake_a.detach_()\nfake_b.detach_()\n" + edit(DSTEP, (".detach()", ""))),
    "with its graph": dst(edit(DSTEP, ("loss.item()", "loss"))),
    "image by image": dst("""opt_D.zero_grad()
n = len(a)
for x, y, u, v in zip(a, b, fake_a.detach(), fake_b.detach()):
    loss = ((D_A(x[None]) - 1) ** 2).mean() + (D_A(u[None]) ** 2).mean() + ((D_B(y[None]) - 1) ** 2).mean() + (D_B(v[None]) ** 2).mean()
    (loss / n).backward()
opt_D.step()"""),
}
WRONG["discriminator_step"] = [
    Wrong("domains", "fake_b was made from a", "fake_b was made from a, and which domain", dst(edit(DSTEP, (ROWS, "((D_A, a, fake_b), (D_B, b, fake_a))")))),
    Wrong("realcross", "mixed up", "it would accept zebras as real", dst(edit(DSTEP, (ROWS, "((D_A, b, fake_a), (D_B, a, fake_b))")))),
    Wrong("both cross", "D_A sees what G_AB makes", "some programs name them so", dst(edit(DSTEP, (ROWS, "((D_A, b, fake_b), (D_B, a, fake_a))")))),
    Wrong("copied row", "copy and paste", "it would accept zebras as real", dst(edit(DSTEP, (ROWS, "((D_A, a, fake_a), (D_B, a, fake_b))")))),
    Wrong("copied fake", "copy and paste", "fake_b was made from a, and which domain", dst(edit(DSTEP, (ROWS, "((D_A, a, fake_a), (D_B, b, fake_a))")))),
    Wrong("nodetach", "opt_d holds only D", "leaves gradients in G_AB or G_BA", dst(edit(DSTEP, ("fake.detach()", "fake")))),
    Wrong("one detach", "slip", "leaves gradients in G_AB or G_BA", dst("fake_a = fake_a.detach()\n" + edit(DSTEP, ("fake.detach()", "fake")))),
    Wrong("labels", "0 = real", "the other way round \\(real 0, fake 1\\)", dst(edit(DSTEP, (TERMS, "(D(real) ** 2).mean() + ((D(fake.detach()) - 1) ** 2).mean()")))),
    Wrong("both 1", "D should please G", "Both terms have the target 1", dst(edit(DSTEP, (TERMS, "((D(real) - 1) ** 2).mean() + ((D(fake.detach()) - 1) ** 2).mean()")))),
    Wrong("both 0", "slip", "Both terms have the target 0", dst(edit(DSTEP, (TERMS, "(D(real) ** 2).mean() + (D(fake.detach()) ** 2).mean()")))),
    Wrong("labels of one", "slip", "One of the two discriminators is right", dst("""loss = ((D_A(a) - 1) ** 2).mean() + (D_A(fake_a.detach()) ** 2).mean() + (D_B(b) ** 2).mean() + ((D_B(fake_b.detach()) - 1) ** 2).mean()
opt_D.zero_grad()
loss.backward()
opt_D.step()""")),
    Wrong("nozero", "empty at the start", "does not overwrite", dst(edit(DSTEP, ("opt_D.zero_grad()\n", "")))),
    Wrong("zero at the end", "clear after the step", "Clearing after the step is too late", dst(edit(DSTEP, ("opt_D.zero_grad()\n", ""), ("opt_D.step()", "opt_D.step()\nopt_D.zero_grad()")))),
    Wrong("cleared late", "clear before the step", "cleared between backward", dst(edit(DSTEP, ("opt_D.zero_grad()\nloss.backward()", "loss.backward()\nopt_D.zero_grad()")))),
    Wrong("only D_A", "one D", "D_B is never called", dst(edit(DSTEP, (ROWS, "((D_A, a, fake_a),)")))),
    Wrong("overwritten", "= adds", "D_A do not move", dst(edit(DSTEP, ("loss = loss + ", "loss = ")))),
    Wrong("no reals", "the fakes teach", "The reals have no effect", dst(edit(DSTEP, ("((D(real) - 1) ** 2).mean() + ", "")))),
    Wrong("no fakes", "the reals teach", "The fakes have no effect", dst(edit(DSTEP, (" + (D(fake.detach()) ** 2).mean()", "")))),
    Wrong("detach behind D", "detach the score", "The fakes have no effect", dst(edit(DSTEP, ("D(fake.detach())", "D(fake).detach()")))),
    Wrong("no_grad on fakes", "no_grad is detach", "The fakes have no effect", dst("""loss = 0
for D, real, fake in ((D_A, a, fake_a), (D_B, b, fake_b)):
    with torch.no_grad():
        loss_fake = (D(fake) ** 2).mean()
    loss = loss + ((D(real) - 1) ** 2).mean() + loss_fake
opt_D.zero_grad()
loss.backward()
opt_D.step()""")),
    Wrong("one term missing", "slip", "One term has no effect", dst("""loss = ((D_A(a) - 1) ** 2).mean() + (D_A(fake_a.detach()) ** 2).mean() + ((D_B(b) - 1) ** 2).mean()
opt_D.zero_grad()
loss.backward()
opt_D.step()""")),
    Wrong("subtracted", "real minus fake", "A term is subtracted", dst(edit(DSTEP, (".mean() + (D(fake", ".mean() - (D(fake")))),
    Wrong("climbs", "D maximises", "The sign is turned: the step climbs", dst(edit(DSTEP, ("loss.backward()", "(-loss).backward()")))),
    Wrong("one halved", "brackets", "where does a factor, a bracket", dst(edit(DSTEP, (TERMS, "((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean() / 2")))),
    Wrong("summed", "sum over patches", "a sum where a mean is asked for", dst(edit(DSTEP, (TERMS, "((D(real) - 1) ** 2).sum() + (D(fake.detach()) ** 2).sum()")))),
    Wrong("bce", "as in the GAN before", "That is a cross entropy", dst(edit(DSTEP, (TERMS, "F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()")))),
    Wrong("wasserstein", "raw scores are averaged", "a plain mean of scores", dst(edit(DSTEP, (TERMS, "D(fake.detach()).mean() - D(real).mean()")))),
    Wrong("smoothing", "0.9 is better", "label smoothing", dst(edit(DSTEP, ("D(real) - 1", "D(real) - 0.9")))),
    Wrong("minus one", "fake is -1", "The targets are 1 and -1", dst(edit(DSTEP, ("D(fake.detach()) **", "(D(fake.detach()) + 1) **")))),
    Wrong("mean first", "one verdict an image", "average the scores and then", dst(edit(DSTEP, (TERMS, "(D(real).mean() - 1) ** 2 + D(fake.detach()).mean() ** 2")))),
    Wrong("sigmoid", "D's score is a probability", "A sigmoid is applied first", dst(edit(DSTEP, (TERMS, "((D(real).sigmoid() - 1) ** 2).mean() + (D(fake.detach()).sigmoid() ** 2).mean()")))),
    Wrong("absolute", "distance", "absolute distance from the target", dst(edit(DSTEP, (TERMS, "(D(real) - 1).abs().mean() + D(fake.detach()).abs().mean()")))),
    Wrong("difference", "real minus fake should be 1", "The difference of two scores", dst(edit(DSTEP, (TERMS, "((D(real) - D(fake.detach()) - 1) ** 2).mean()")))),
    Wrong("generator's loss", "the other loss", "That is the generators' loss", dst(edit(DSTEP, (TERMS, "((D(fake.detach()) - 1) ** 2).mean()")))),
    Wrong("two steps, not cleared", "a step for each D", "opt_D steps 2 times", dst("""opt_D.zero_grad()
for D, real, fake in ((D_A, a, fake_a), (D_B, b, fake_b)):
    loss = ((D(real) - 1) ** 2).mean() + (D(fake.detach()) ** 2).mean()
    loss.backward()
    opt_D.step()""")),
    Wrong("no step", "backward trains", "step\\(\\) is missing", dst(edit(DSTEP, ("opt_D.step()\n", "")))),
    Wrong("no backward", "step trains", "backward\\(\\) is missing", dst(edit(DSTEP, ("loss.backward()\n", "")))),
    Wrong("step first", "order", "comes before backward", dst(edit(DSTEP, ("loss.backward()\nopt_D.step()", "opt_D.step()\nloss.backward()")))),
    Wrong("frozen", "freeze after use", "have requires_grad False after the step", dst(edit(DSTEP, ("return loss", "D_A.requires_grad_(False)\nD_B.requires_grad_(False)\nreturn loss")))),
    Wrong("eval", "eval while judging", "is in eval mode after the step", dst("D_A.eval()\n" + DSTEP)),
    Wrong("new optimiser", "an optimiser for the step", "opt_D never steps", dst(edit(DSTEP, ("opt_D.zero_grad()", "opt_D = torch.optim.SGD([*D_A.parameters(), *D_B.parameters()], lr=0.01)\nopt_D.zero_grad()")))),
    Wrong("images, not scores", "the loss compares images", "are never called", dst("""loss = ((a - 1) ** 2).mean() + (fake_a.detach() ** 2).mean() + ((b - 1) ** 2).mean() + (fake_b.detach() ** 2).mean()
opt_D.zero_grad()
loss.backward()
opt_D.step()""")),
    Wrong("makes fakes", "the fakes are made here", "That name does not exist", dst("fake_a, fake_b = G_BA(b).detach(), G_AB(a).detach()\n" + DSTEP)),
    Wrong("noisy reals", "noise helps D", "without noise and scaling", dst(edit(DSTEP, ("D(real)", "D(real + 0.3 * torch.randn_like(real))")))),
    Wrong("one argument less", "one D at a time", "disagree about the arguments", function("discriminator_step", "D, opt_D, real, fake", "opt_D.zero_grad()\n((D(real) - 1) ** 2).mean().backward()\nopt_D.step()")),
    Wrong("sum of all scores", "one loss for both", "Take one patch of a real", dst(edit(DSTEP, (TERMS, "((D(real) + D(fake.detach()) - 1) ** 2).mean()")))),
]

APART = "instance norm keeps them apart"
FREE = "Not frozen: D_A and D_B"
REMARKS = {  # (exercise, id of a right answer): words of its line
    ("ResidualBlock", "batch norm"): APART,
    ("PatchDiscriminator", "batch norm"): APART,
    ("make_generator_optimizer", "a pair"): "A list is as right",
    ("make_generator_optimizer", "two optimisers"): "A list is as right",
    ("generator_step", "nothing frozen"): FREE,
    ("generator_step", "one frozen"): "Not frozen: D_B",
    ("generator_step", "frozen too late"): "frozen too late",
    ("ResidualBlock", "ends in relu"): "it can only add to a map",
    ("PatchDiscriminator", "70 x 70"): "judges the whole image",
    ("make_generator_optimizer", "decay"): "weight_decay",
    ("generator_step", "with its graph"): "comes back with its graph",
    ("ImagePool", "one coin a batch"): "One coin decides",
    ("discriminator_step", "with its graph"): "comes back with its graph",
    ("discriminator_step", "detach_"): "cuts the caller's fakes",
}
