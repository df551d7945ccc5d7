"""Known answers to the exercises of lesson 6, CycleGAN."""

from mistakes import Wrong, edit, function, one

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
    Wrong("relu module after", "a block ends in an activation", AFTER, edit(R, ("        self.block", "        self.act = nn.ReLU()\n        self.block"), (REND, "return self.act(self.block(x) + x)"))),
    Wrong("add_", "saves memory", ".= and names that end in _ write into the caller's tensor.", edit(R, (REND, "return x.add_(self.block(x))"))),
    Wrong("relu_", "activation first", "The first activation writes its result into x, and all that", edit(R, ("self.block(x)", "self.block(F.relu_(x))"))),
    Wrong("mul", "combine", "x and f\\(x\\) are multiplied", edit(R, (REND, "return x * self.block(x)"))),
    Wrong("no skip", "two convolutions are a block", "x itself does not reach the result", edit(R, (REND, "return self.block(x)"))),
    Wrong("no padding", "3 x 3 keeps the size", "Which padding keeps the size", edit(R, ("3, padding=1", "3"))),
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
    Wrong("functional sigmoid", "a score is a probability", "That is a sigmoid", edit(P, (PCALL, "return torch.sigmoid(self.net(x))"))),
    Wrong("stride1", "1x1 convolutions give a map", "as many scores as pixels", """class PatchDiscriminator(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(channels, 16, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 1, 1))

    def forward(self, x):
        return self.net(x)
"""),
    Wrong("strides of 1, no padding", "the kernel makes the patch", "All strides are 1", edit(P, ("4, 2, 1)", "4)"), ("4, 1, 1)", "4)"))),
    Wrong("leaky at the end", "every layer has an activation", "An activation stands after it", edit(P, (PEND, "nn.Conv2d(32, 1, 4, 1, 1), nn.LeakyReLU(0.2))"))),
    Wrong("mean, column", "D answers once", IMAGE, edit(P, (PCALL, "return self.net(x).mean((2, 3))"))),
    Wrong("three channels", "images have 3 channels", "takes the argument channels", edit(P, ("nn.Conv2d(channels, 16,", "nn.Conv2d(3, 16,"))),
]

# --- losses ---------------------------------------------------------------------------------------


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
WRONG["cycle_loss"] = [
    Wrong("forward twice", "copy and paste", "directions is missing, or one of them counts twice",
          c("F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_BA(G_AB(a)), a)")),
    Wrong("per pixel", "forgets to average", "images, patches, colours and pixels.", c("(G_BA(G_AB(a)) - a).abs() + (G_AB(G_BA(b)) - b).abs()")),
    Wrong("lambda inside", "the paper's 10 belongs to it", "look for a factor, or for a sum where a mean is asked for.", c("10 * (F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b))")),
    Wrong("backward", "a loss trains", "backward.. fills .grad of G_AB and G_BA, expected none.", function("cycle_loss", cl, "loss = F.l1_loss(G_BA(G_AB(a)), a) + F.l1_loss(G_AB(G_BA(b)), b)\nloss.backward(retain_graph=True)\nreturn loss")),
    Wrong("in place", "saves memory", "a itself has changed, expected that what comes in stays as", c("a.sub_(G_BA(G_AB(a))).abs().mean() + (G_AB(G_BA(b)) - b).abs().mean()")),
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
    Wrong("same term twice", "copy and paste", "directions is missing, or one of them counts twice", i("F.l1_loss(G_AB(b), b) + F.l1_loss(G_AB(b), b)")),
    Wrong("per image", "one loss an image", "images, patches, colours and pixels.", i("(G_AB(b) - b).abs().mean((1, 2, 3)) + (G_BA(a) - a).abs().mean((1, 2, 3))")),
    Wrong("half of lambda", "the program's lambda is inside", "look for a factor, or for a sum where a mean is asked for.", i("5 * (F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a))")),
    Wrong("item", "losses are numbers", "a float came back", i("(F.l1_loss(G_AB(b), b) + F.l1_loss(G_BA(a), a)).item()")),
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
    Wrong("bce of sigmoid", "the usual GAN loss", "That is a cross entropy", gs("return F.binary_cross_entropy(torch.sigmoid(s), torch.ones_like(s))")),
    Wrong("map", "one loss a patch", "images, patches, colours and pixels.", g("(D(fake) - 1) ** 2")),
    Wrong("image itself", "fake should be 1", "D is never asked", g("((fake - 1) ** 2).mean()")),
    Wrong("ten times", "a weight inside", "look for a factor, or for a sum where a mean is asked for.", g("10 * ((D(fake) - 1) ** 2).mean()")),
    Wrong("score detached", "D does not learn here", "Look for .item.., detach, no_grad or torch.tensor..... on", g("((D(fake).detach() - 1) ** 2).mean()")),
    Wrong("column of ones", "one label an image", "Two tensors of different shapes", gs("return F.mse_loss(s, torch.ones(s.size(0), 1))")),
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
    Wrong("bce of scores", "BCELoss takes D's output", "A cross entropy met raw scores", ds("return F.binary_cross_entropy(r, torch.ones_like(r)) + F.binary_cross_entropy(f, torch.zeros_like(f))")),
    Wrong("map", "one loss a patch", "images, patches, colours and pixels.", ds("return (r - 1) ** 2 + f ** 2")),
    Wrong("three times", "a weight inside", "look for a factor, or for a sum where a mean is asked for.", ds("return 3 * (((r - 1) ** 2).mean() + (f ** 2).mean())")),
    Wrong("detach_", "detach in place", "fake itself has changed, expected that what comes in stays", d("((D(real) - 1) ** 2).mean() + (D(fake.detach_()) ** 2).mean()")),
    Wrong("all detached", "no gradient into G", "Look for .item.., detach, no_grad or torch.tensor..... on", "@torch.no_grad()\n" + d("((D(real) - 1) ** 2).mean() + (D(fake) ** 2).mean()")),
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
    changed("three times", "a weight inside", "look for a factor, or for a sum where a mean is asked for", (adv_line, adv_line.replace("= ", "= 3 * (") + ")")),
    changed("brackets", "factor out lambda_cyc", "multiplies more than its own term", (total, "lambda_cyc * (adv + cyc) + lambda_id * idt")),
    changed("all detached", "fakes made without graph", "Look for .item.., detach, no_grad or torch.tensor", ("fake_b, fake_a = G_AB(a), G_BA(b)", "fake_b, fake_a = G_AB(a).detach(), G_BA(b).detach()")),
    changed("frozen", "D does not learn here", "never learns again", ("fake_b, fake_a =", "D_A.requires_grad_(False)\n    D_B.requires_grad_(False)\n    fake_b, fake_a =")),
    changed("item", "losses are numbers", "a float came back", (total, f"({total}).item()")),
    changed("map", "one loss a patch", "images, patches, colours and pixels", (adv_line, "adv = (sb - 1) ** 2 + (sa - 1) ** 2")),
]

# --- optimiser, steps, pool, freezing -------------------------------------------------------------


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
    Wrong("inverted", "flag says frozen", NO_FLAG, fr("for net in nets:\n    for p in net.parameters():\n        p.requires_grad = not flag")),
    Wrong("eval", "eval() freezes a network", "eval\\(\\) change what dropout and norm layers do", fr("for net in nets:\n    net.train(flag)")),
    Wrong("eval and freeze", "both to be sure", "also changes the mode", fr(FREEZE + "\n    net.train(flag)")),
    Wrong("net renamed", "net = flag sets the net", "gives the name net to something else", fr("for net in nets:\n    net = flag")),
    Wrong("global", "gradients off = frozen", "switched off everywhere", fr("torch.set_grad_enabled(flag)")),
    Wrong("list method", "a list is a network", "nets is a list of networks", fr("nets.requires_grad_(flag)")),
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
    Wrong("both in both", "each optimiser needs all", "are in it twice", mo("return [torch.optim.Adam([*G_AB.parameters(), *G_BA.parameters()], lr=lr, betas=(0.5, 0.999)) for _ in range(2)]")),
    Wrong("same net", "copy and paste", "Both sets of weights go in", mo("return torch.optim.Adam([{'params': G_AB.parameters()}], lr=lr, betas=(0.5, 0.999))")),
    Wrong("networks", "the optimiser takes networks", "one by one in a single row", mo("return torch.optim.Adam([G_AB, G_BA], lr=lr, betas=(0.5, 0.999))")),
    Wrong("beta2", "0.5 is the second", "Which of them averages the gradient, and which its square.", mo(CHAIN + "return torch.optim.Adam(params, lr=lr, betas=(0.9, 0.5))")),
    Wrong("lr for one", "groups share an lr", "Adam's own default", mo("return torch.optim.Adam([{'params': G_AB.parameters(), 'lr': lr}, {'params': G_BA.parameters()}], betas=(0.5, 0.999))")),
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
    "cleared after the step": gs(edit(GSTEP, ("opt_G.zero_grad()\n", ""), ("opt_G.step()", "opt_G.step()\nopt_G.zero_grad()"))),
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
WRONG["generator_step"] = [
    Wrong("no_grad around D", "D must not learn", "the fakes are cut off .detach, .data, .item.., no_grad.", gs(FAKES + "with torch.no_grad():\n    adv = ((D_B(fake_b) - 1) ** 2).mean() + ((D_A(fake_a) - 1) ** 2).mean()\nloss = adv\n" + CYC + DOWN)),
    Wrong("nozero", "empty at the start", "does not overwrite", gs(edit(GSTEP, ("opt_G.zero_grad()\n", "")))),
    Wrong("clears D", "D's gradients disturb", "what another backward pass has left in G_AB's .grad enters", gs(edit(GSTEP, ("opt_G.zero_grad()", "D_A.zero_grad()\nD_B.zero_grad()")))),
    Wrong("divided", "a mean of weights", "look for a factor, for clipping", gs(edit(GSTEP, ("opt_G.zero_grad()", "loss = loss / (2 + 2 * lambda_cyc)\nopt_G.zero_grad()")))),
    Wrong("two backward, no retain", "adv and cyc in turn", "share a part of the graph", gs("""fake_b, fake_a = G_AB(a), G_BA(b)
opt_G.zero_grad()
(((D_B(fake_b) - 1) ** 2).mean() + ((D_A(fake_a) - 1) ** 2).mean()).backward()
(lambda_cyc * (F.l1_loss(G_BA(fake_b), a) + F.l1_loss(G_AB(fake_a), b))).backward()
opt_G.step()""")),
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
    Wrong("never swaps", "a store", "No image of the past ever comes back", edit(POOL, ("random.random() < 0.5", "False"))),
    Wrong("same place", "the last one goes out", "always at the same place", edit(POOL, (SWAPS, "                out.append(self.images[0])\n                self.images[0] = img\n"))),
    Wrong("coin first", "the coin decides", "while there is still room", edit(POOL, ("len(self.images) < self.size:", "random.random() < 0.5:"), ("                out.append(img)\n            elif random.random() < 0.5:", "                out.append(img)\n            elif True:"))),
    Wrong("one in ten", "seldom", "condition of the coin", edit(POOL, ("< 0.5", "< 0.1"))),
    Wrong("no self", "forgot self", "disagree about the arguments", edit(POOL, ("query(self, batch)", "query(batch)"))),
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
    Wrong("nozero", "empty at the start", "does not overwrite", dst(edit(DSTEP, ("opt_D.zero_grad()\n", "")))),
    Wrong("zero at the end", "clear after the step", "Clearing after the step is too late", dst(edit(DSTEP, ("opt_D.zero_grad()\n", ""), ("opt_D.step()", "opt_D.step()\nopt_D.zero_grad()")))),
    Wrong("only D_A", "one D", "the weights of D_B do not move, expected one step of its", dst(edit(DSTEP, (ROWS, "((D_A, a, fake_a),)")))),
    Wrong("no_grad on fakes", "no_grad is detach", "The fakes have no effect", dst("""loss = 0
for D, real, fake in ((D_A, a, fake_a), (D_B, b, fake_b)):
    with torch.no_grad():
        loss_fake = (D(fake) ** 2).mean()
    loss = loss + ((D(real) - 1) ** 2).mean() + loss_fake
opt_D.zero_grad()
loss.backward()
opt_D.step()""")),
    Wrong("no backward", "step trains", "backward\\(\\) is missing", dst(edit(DSTEP, ("loss.backward()\n", "")))),
    Wrong("images, not scores", "the loss compares images", "are never called", dst("""loss = ((a - 1) ** 2).mean() + (fake_a.detach() ** 2).mean() + ((b - 1) ** 2).mean() + (fake_b.detach() ** 2).mean()
opt_D.zero_grad()
loss.backward()
opt_D.step()""")),
]

APART = "instance norm keeps them apart"
FREE = "Not frozen: D_A and D_B"
REMARKS = {  # (exercise, id of a right answer): words of its line
    ("generator_step", "cleared after the step"): "clears .grad after the step",
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
