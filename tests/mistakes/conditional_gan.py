"""Known answers to the exercises of lesson 5, the conditional GAN."""

import re

from mistakes import Wrong, edit, function, one

RIGHT, WRONG = {}, {}

# --- one_hot --------------------------------------------------------------------------------------

h = one("one_hot", "y, num_classes")


def hb(body):
    """one_hot with this body."""
    return function("one_hot", "y, num_classes", body)


RIGHT["one_hot"] = {
    "functional": h("F.one_hot(y, num_classes).float()"),
    "eye": h("torch.eye(num_classes)[y]"),
    "comparison": h("(y[:, None] == torch.arange(num_classes)).float()"),
    "scatter": hb("out = torch.zeros(len(y), num_classes)\nout.scatter_(1, y.unsqueeze(1), 1.0)\nreturn out"),
    "two indices": hb("out = torch.zeros(y.size(0), num_classes)\nout[torch.arange(len(y)), y] = 1\nreturn out"),
    "loop": hb("out = torch.zeros(len(y), num_classes)\nfor i, k in enumerate(y):\n    out[i, k] = 1.0\nreturn out"),
    "lists": h("torch.tensor([[float(k == label) for k in range(num_classes)] for label in y.tolist()])"),
    "index_select": h("torch.eye(num_classes).index_select(0, y)"),
    "device": h("torch.eye(num_classes, device=y.device)[y]"),
    "to": h("F.one_hot(y.long(), num_classes=num_classes).to(torch.float32)"),
    "lambda": "one_hot = lambda labels, K: F.one_hot(labels, K) * 1.0\n",
    "stacked": h("torch.stack([(y == k).float() for k in range(num_classes)], dim=1)"),
    "numpy, float64": h("torch.from_numpy(np.eye(num_classes)[y.numpy()])"),
    "embedding": h("F.embedding(y, torch.eye(num_classes))"),
}
WRONG["one_hot"] = [
    Wrong("scaled", "a scaled label", "9 is nine times 1", h("(y / (num_classes - 1))[:, None]")),
    Wrong("int", "ones and zeros are whole", "expected torch.float32", h("F.one_hot(y, num_classes)")),
    Wrong("float index", "labels are floats", "Labels are looked up by their number", h("torch.eye(num_classes)[y.float()]")),
    Wrong("in place", "y may be used up", "y itself has changed, expected that what comes in stays as", hb("y += 0\ny[0] = 0\nreturn F.one_hot(y, num_classes).float()")),
]

# --- generator_input ------------------------------------------------------------------------------

g = one("generator_input", "z, y, num_classes")
HOT = "F.one_hot(y, num_classes).float()"
RIGHT["generator_input"] = {
    "cat": g(f"torch.cat([z, {HOT}], dim=1)"),
    "label first": g("torch.hstack((torch.eye(num_classes)[y], z))"),
    "column_stack": g(f"torch.column_stack([z, {HOT}])"),
    "last axis": g(f"torch.cat((z, {HOT}), -1)"),
    "integers are promoted": g("torch.cat([z, F.one_hot(y, num_classes)], dim=1)"),
    "helper": g("torch.cat([z, one_hot(y, num_classes)], dim=1)") + "\n\ndef one_hot(y, K):\n    return torch.eye(K)[y]\n",
    "filled": function("generator_input", "z, y, num_classes", "out = torch.zeros(len(z), z.size(1) + num_classes)\nout[:, :z.size(1)] = z\nout[torch.arange(len(z)), z.size(1) + y] = 1\nreturn out"),
    "rows": g("torch.stack([torch.cat([a, torch.eye(num_classes)[k]]) for a, k in zip(z, y)])"),
    "concat": g("torch.concat([z, (y[:, None] == torch.arange(num_classes)).float()], axis=1)"),
    "pad": function("generator_input", "z, y, num_classes", "out = F.pad(z, (0, num_classes))\nreturn out.scatter(1, (y + z.shape[1])[:, None], 1.0)"),
}
WRONG["generator_input"] = [
    Wrong("scaled", "append a scaled label", "one column for it", g("torch.cat([z, y[:, None] / (num_classes - 1)], 1)")),
    Wrong("perm", "shuffle for variety", "The rows are shuffled", g("torch.cat([z, F.one_hot(y[torch.randperm(len(y))], num_classes).float()], 1)")),
    Wrong("labels of noise", "embed at random", "columns beside it are not the one-hot", g("torch.cat([z, torch.randn(len(z), num_classes)], 1)")),
    Wrong("long", "whole numbers", "The label is there, and z has changed", g(f"torch.cat([z, {HOT}], dim=1).long()")),
    Wrong("detached", "inputs need no gradient", "no path back to z", g(f"torch.cat([z.detach(), {HOT}], dim=1)")),
    Wrong("cat without a list", "cat takes tensors", "in one pair of brackets of their own", g(f"torch.cat(z, {HOT})")),
]

# --- label_maps -----------------------------------------------------------------------------------

m = one("label_maps", "y, num_classes, height, width")


def mb(body):
    """label_maps with this body."""
    return function("label_maps", "y, num_classes, height, width", body)


RIGHT["label_maps"] = {
    "expand": m(HOT + "[:, :, None, None].expand(-1, -1, height, width)"),
    "repeat": m("torch.eye(num_classes)[y].view(len(y), num_classes, 1, 1).repeat(1, 1, height, width)"),
    "two indices": mb("out = torch.zeros(len(y), num_classes, height, width)\nout[torch.arange(len(y)), y] = 1.0\nreturn out"),
    "loop": mb("out = torch.zeros(len(y), num_classes, height, width)\nfor i, k in enumerate(y):\n    out[i, k] = 1\nreturn out"),
    "product": m(HOT + "[:, :, None, None] * torch.ones(height, width)"),
    "comparison": m("(y.view(-1, 1, 1, 1) == torch.arange(num_classes).view(1, -1, 1, 1)).float().expand(-1, -1, height, width)"),
    "scatter": mb("out = torch.zeros(len(y), num_classes, height, width)\nindex = y.view(-1, 1, 1, 1).expand(-1, 1, height, width)\nreturn out.scatter(1, index, 1.0)"),
    "identity planes": m("torch.eye(num_classes)[:, :, None, None].expand(-1, -1, height, width)[y]"),
    "interpolate": m("F.interpolate(" + HOT + "[:, :, None, None], size=(height, width))"),
    "einsum": m(f"torch.einsum('nk,hw->nkhw', {HOT}, torch.ones(height, width))"),
}
WRONG["label_maps"] = [
    Wrong("last", "channels last", "The classes stand last", m(HOT + "[:, None, None, :].expand(-1, height, width, -1)")),
    Wrong("int", "zeros and ones are whole", "expected torch.float32", m("F.one_hot(y, num_classes)[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("random", "noise planes", "A plane is not constant", m("torch.rand(len(y), num_classes, height, width)")),
    Wrong("no return", "assignment is enough", "None came back", mb(f"out = {HOT}[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("mean plane", "shared among the pixels", "Plane y.i. of image i is 1 everywhere", m(HOT + "[:, :, None, None].expand(-1, -1, height, width) / (height * width)")),
]

# --- networks -------------------------------------------------------------------------------------

G = """class ConditionalGenerator(nn.Module):
    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.net = nn.Sequential(
            nn.Linear(z_dim + num_classes, 64), nn.LeakyReLU(0.2), nn.Linear(64, 784), nn.Tanh())

    def forward(self, z, y):
        h = torch.cat([z, F.one_hot(y, self.num_classes).float()], dim=1)
        return self.net(h).view(-1, 1, 28, 28)
"""
GCAT = "h = torch.cat([z, F.one_hot(y, self.num_classes).float()], dim=1)"
GEMB = """class ConditionalGenerator(nn.Module):
    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.emb = nn.Embedding(num_classes, 5)
        self.net = nn.Sequential(nn.Linear(z_dim + 5, 64), nn.ReLU(), nn.Linear(64, 784), nn.Tanh())

    def forward(self, z, y):
        return self.net(torch.cat([z, self.emb(y)], dim=1)).reshape(-1, 1, 28, 28)
"""
GCONV = """class ConditionalGenerator(nn.Module):
    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.start = nn.Linear(z_dim + num_classes, 16 * 7 * 7)
        self.up = nn.Sequential(
            nn.BatchNorm2d(16), nn.ReLU(True),
            nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.BatchNorm2d(8), nn.ReLU(True),
            nn.ConvTranspose2d(8, 1, 4, 2, 1), nn.Tanh())

    def forward(self, z, y):
        h = torch.cat([z, torch.eye(self.num_classes)[y]], 1)
        return self.up(self.start(h).view(-1, 16, 7, 7))
"""
GCBN = """class ConditionalGenerator(nn.Module):
    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.a, self.b, self.bn = nn.Linear(z_dim, 64), nn.Linear(64, 784), nn.BatchNorm1d(64, affine=False)
        self.scale, self.shift = nn.Embedding(num_classes, 64), nn.Embedding(num_classes, 64)
        nn.init.ones_(self.scale.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, z, y):
        h = self.bn(self.a(z)) * self.scale(y) + self.shift(y)
        return torch.tanh(self.b(F.relu(h))).view(-1, 1, 28, 28)
"""
RIGHT["ConditionalGenerator"] = {
    "one-hot": G,
    "label first": edit(G, (GCAT, "h = torch.hstack((torch.eye(self.num_classes)[y], z))")),
    "comparison": edit(G, (GCAT, "h = torch.cat([z, (y[:, None] == torch.arange(self.num_classes)).float()], dim=1)")),
    "embedding": GEMB,
    "narrow embedding": edit(GEMB, ("num_classes, 5", "num_classes, 2"), ("z_dim + 5", "z_dim + 2")),
    "product with an embedding": edit(GEMB, ("num_classes, 5", "num_classes, z_dim"), ("z_dim + 5", "z_dim"), ("torch.cat([z, self.emb(y)], dim=1)", "z * self.emb(y)")),
    "sum with an embedding": edit(GEMB, ("num_classes, 5", "num_classes, z_dim"), ("z_dim + 5", "z_dim"), ("torch.cat([z, self.emb(y)], dim=1)", "z + self.emb(y)")),
    "dcgan": GCONV,
    "two inputs, then one": """class ConditionalGenerator(nn.Module):
    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.noise, self.label = nn.Linear(z_dim, 40), nn.Linear(num_classes, 20)
        self.out = nn.Sequential(nn.ReLU(), nn.Linear(60, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))

    def forward(self, z, y):
        return self.out(torch.cat([self.noise(z), self.label(F.one_hot(y, self.num_classes).float())], 1))
""",
    "conditional batch norm": GCBN,
    "layer norm": edit(G, ("nn.LeakyReLU(0.2)", "nn.LayerNorm(64), nn.LeakyReLU(0.2)")),
    "wrapped generator": """class Plain(nn.Module):
    def __init__(self, z_dim):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(z_dim, 50), nn.BatchNorm1d(50), nn.ReLU(), nn.Linear(50, 784), nn.Tanh())

    def forward(self, z):
        return self.net(z).view(-1, 1, 28, 28)


class ConditionalGenerator(nn.Module):
    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.K = num_classes
        self.body = Plain(z_dim + num_classes)

    def forward(self, z, y):
        return self.body(torch.cat([z, F.one_hot(y, self.K)], 1))
""",
    "hardtanh": edit(G, ("nn.Tanh()", "nn.Hardtanh()")),
    "lazy": edit(G, ("nn.Linear(z_dim + num_classes, 64)", "nn.LazyLinear(64)")),
    "one column of weights per class": """class ConditionalGenerator(nn.Module):
    def __init__(self, z_dim, num_classes):
        super().__init__()
        self.a, self.b = nn.Linear(z_dim, 64), nn.Linear(64, 784)
        self.w = nn.Parameter(torch.randn(num_classes, 64) * 0.1)

    def forward(self, z, labels):
        return torch.tanh(self.b(F.leaky_relu(self.a(z) + self.w[labels], 0.2))).view(len(z), 1, 28, 28)
""",
}
SIZE = "Is a 5 something between a 4 and a 6"
WRONG["ConditionalGenerator"] = [
    Wrong("added number", "add the label to the noise", SIZE, edit(G, (GCAT, "h = z + y[:, None] / 9"), ("z_dim + num_classes", "z_dim"))),
    Wrong("noz", "label is enough", "Follow z through", edit(G, (GCAT, "h = torch.cat([torch.zeros_like(z), F.one_hot(y, self.num_classes).float()], dim=1)"))),
    Wrong("no y", "z is enough", "Follow y through your forward", edit(G, (GCAT, "h = z"), ("z_dim + num_classes", "z_dim"))),
    Wrong("sigmoid", "pixels in [0, 1]", "range of a sigmoid", edit(G, ("nn.Tanh()", "nn.Sigmoid()"))),
    Wrong("float label", "labels must be float", "Labels are looked up by their number", edit(GEMB, ("self.emb(y)", "self.emb(y.float())"))),
    Wrong("embedding in forward", "made where used", "layers that are made in forward", edit(GEMB, ("        self.emb = nn.Embedding(num_classes, 5)\n", "        self.k = num_classes\n"), ("self.emb(y)", "nn.Embedding(self.k, 5)(y)"))),
]
D = """class ConditionalDiscriminator(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.net = nn.Sequential(
            nn.Linear(784 + num_classes, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))

    def forward(self, x, y):
        h = torch.cat([x.flatten(1), F.one_hot(y, self.num_classes).float()], dim=1)
        return self.net(h)
"""
DCAT = "h = torch.cat([x.flatten(1), F.one_hot(y, self.num_classes).float()], dim=1)"
DPROJ = """class ConditionalDiscriminator(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.LeakyReLU(0.2))
        self.out, self.emb = nn.Linear(32, 1), nn.Embedding(num_classes, 32)

    def forward(self, x, y):
        h = self.body(x)
        return self.out(h) + (self.emb(y) * h).sum(1, keepdim=True)
"""
DROW = """class ConditionalDiscriminator(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.net = nn.Sequential(
            nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(8, 16, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Flatten(), nn.Linear(16 * 49, num_classes))

    def forward(self, x, y):
        return (self.net(x) * F.one_hot(y, self.num_classes)).sum(1)
"""
DMAPS = """class ConditionalDiscriminator(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.num_classes = num_classes
        self.net = nn.Sequential(
            nn.Conv2d(1 + num_classes, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(8, 16, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Flatten(), nn.Linear(16 * 49, 1))

    def forward(self, x, y):
        maps = F.one_hot(y, self.num_classes).float()[:, :, None, None].expand(-1, -1, 28, 28)
        return self.net(torch.cat([x, maps], dim=1)).squeeze(1)
"""
RIGHT["ConditionalDiscriminator"] = {
    "one-hot": D,
    "projection": DPROJ,
    "projection from zero": edit(DPROJ, ("nn.Embedding(num_classes, 32)", "nn.Embedding(num_classes, 32)\n        nn.init.zeros_(self.emb.weight)")),
    "a logit per class, y chooses": DROW,
    "gather": edit(DROW, ("(self.net(x) * F.one_hot(y, self.num_classes)).sum(1)", "self.net(x).gather(1, y[:, None])")),
    "indexed": edit(DROW, ("(self.net(x) * F.one_hot(y, self.num_classes)).sum(1)", "self.net(x)[torch.arange(len(x)), y]")),
    "label maps": DMAPS,
    "embedding": edit(D, ("        self.net", "        self.emb = nn.Embedding(num_classes, 10)\n        self.net"), ("784 + num_classes", "794"), (DCAT, "h = torch.cat([x.flatten(1), self.emb(y)], dim=1)")),
    "one plane from an embedding": """class ConditionalDiscriminator(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.emb = nn.Embedding(num_classes, 784)
        self.net = nn.Sequential(nn.Conv2d(2, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(8 * 196, 1))

    def forward(self, x, y):
        return self.net(torch.cat([x, self.emb(y).view(-1, 1, 28, 28)], 1)).view(-1)
""",
    "joined in the middle": """class ConditionalDiscriminator(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.K = num_classes
        self.a = nn.Sequential(nn.Flatten(), nn.Linear(784, 50), nn.LeakyReLU(0.2))
        self.b = nn.Sequential(nn.Linear(50 + num_classes, 30), nn.LeakyReLU(0.2), nn.Linear(30, 1))

    def forward(self, x, y):
        return self.b(torch.cat([self.a(x), F.one_hot(y, self.K)], 1))
""",
    "dropout": edit(D, ("nn.LeakyReLU(0.2)", "nn.LeakyReLU(0.2), nn.Dropout(0.3)")),
    "batch norm": edit(D, ("nn.LeakyReLU(0.2), nn.Linear(64", "nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.BatchNorm1d(64), nn.LeakyReLU(0.2), nn.Linear(64")),
    "spectral norm": edit(D, ("nn.Linear(64, 1)", "nn.utils.parametrizations.spectral_norm(nn.Linear(64, 1))")),
    "squeeze": edit(D, ("return self.net(h)", "return self.net(h).squeeze()")),
    "bilinear": """class ConditionalDiscriminator(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.K = num_classes
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 24), nn.ReLU())
        self.both = nn.Bilinear(24, num_classes, 1)

    def forward(self, x, y):
        return self.both(self.body(x), F.one_hot(y, self.K).float())
""",
}
WRONG["ConditionalDiscriminator"] = [
    Wrong("score times number", "weight by the label", SIZE, edit(D, (DCAT, "h = x.flatten(1)"), ("784 + num_classes", "784"), ("return self.net(h)", "return self.net(h) * y[:, None]"))),
    Wrong("bare name", "forward sees what __init__ got", "__init__ has to keep it", edit(D, ("F.one_hot(y, self.num_classes)", "F.one_hot(y, num_classes)"))),
    Wrong("sum over pictures", "axis 0 is the classes", "The sum runs over the pictures", edit(DROW, (").sum(1)", ").sum(0)"))),
    Wrong("softmax over classes", "probabilities of the classes", "a sigmoid or softmax", edit(DROW, ("self.net(x) *", "self.net(x).softmax(1) *"))),
    Wrong("no y", "the image is enough", "Follow y through your forward", edit(D, (DCAT, "h = x.flatten(1)"), ("784 + num_classes", "784"))),
    Wrong("batch mean", "one verdict", "one number for the whole batch", edit(D, ("return self.net(h)", "return self.net(h).mean()"))),
]

# --- steps ----------------------------------------------------------------------------------------

BCE = "F.binary_cross_entropy_with_logits"
LOSSES = """
def discriminator_loss(r, f):
    return (F.softplus(-r).mean() + F.softplus(f).mean()) / 2

def generator_loss(f):
    return F.softplus(-f).mean()

def sample_z(n, z_dim):
    return torch.randn(n, z_dim)

def random_labels(n, num_classes):
    return torch.randint(0, num_classes, (n,))

"""


def ds(body, before=""):
    """discriminator_step with this body."""
    return function("discriminator_step", "G, D, opt_D, x, y, z_dim", re.sub(r"(?<!\.)BCE\(", BCE + "(", body), before)


DSTEP = """z = torch.randn(len(x), z_dim)
fake = G(z, y).detach()
logits_real, logits_fake = D(x, y), D(fake, y)
loss = BCE(logits_real, torch.ones_like(logits_real)) + BCE(logits_fake, torch.zeros_like(logits_fake))
opt_D.zero_grad()
loss.backward()
opt_D.step()
return loss.item()"""
UPDATE = "opt_D.zero_grad()\nloss.backward()\nopt_D.step()"
OWN = ("fake = G(z, y)", "y_fake = {}\nfake = G(z, y_fake)")


def own(labels):
    """The step with labels of its own for the fakes."""
    return edit(DSTEP, (OWN[0], OWN[1].format(labels)), ("D(fake, y)", "D(fake, y_fake)"))


RIGHT["discriminator_step"] = {
    "plain": ds(DSTEP),
    "concatenated, no_grad": ds("""n = len(x)
with torch.no_grad():
    fake = G(torch.randn(n, z_dim), y)
logits = D(torch.cat([x, fake]), torch.cat([y, y])).view(-1)
target = torch.cat([torch.ones(n), torch.zeros(n)])
loss = nn.BCEWithLogitsLoss()(logits, target)
D.zero_grad()
loss.backward()
opt_D.step()"""),
    "own labels, 10 classes": ds(own("torch.randint(0, 10, (len(x),))")),
    "own labels, 4 classes": ds(own("torch.randint(0, 4, y.shape)")),
    "own labels, a permutation": ds(own("y[torch.randperm(len(y))]")),
    "own labels, helper": ds(own("random_labels(len(x), 10)"), LOSSES),
    "own labels, concatenated": ds("""y_fake = torch.randint(10, (len(x),))
fake = G(torch.randn(len(x), z_dim), y_fake).detach()
logits = D(torch.cat([x, fake]), torch.cat([y, y_fake])).flatten()
target = torch.cat([torch.ones(len(x)), torch.zeros(len(x))])
loss = BCE(logits, target)
""" + UPDATE),
    "course's helpers": ds("""x_fake = G(sample_z(len(x), z_dim), y).detach()
loss_D = discriminator_loss(D(x, y), D(x_fake, y))
opt_D.zero_grad()
loss_D.backward()
opt_D.step()
return loss_D.item()""", LOSSES),
    "two backward": ds("""opt_D.zero_grad()
out = D(x, y)
BCE(out, torch.ones_like(out)).backward()
out = D(G(torch.randn(len(x), z_dim), y).detach(), y)
BCE(out, torch.zeros_like(out)).backward()
opt_D.step()"""),
    "G frozen": ds(edit(DSTEP, ("fake = G(z, y).detach()", "G.requires_grad_(False)\nfake = G(z, y)\nG.requires_grad_(True)"))),
    "zero first": ds("opt_D.zero_grad()\n" + edit(DSTEP, ("opt_D.zero_grad()\n", ""))),
    "columns only": ds(edit(DSTEP, ("torch.ones_like(logits_real)", "torch.ones(len(x), 1)"), ("torch.zeros_like(logits_fake)", "torch.zeros(len(x), 1)"))),
    "device": ds(edit(DSTEP, ("z_dim)\n", "z_dim, device=x.device)\n"))),
    "squeezed": ds(edit(DSTEP, ("D(x, y), D(fake, y)", "D(x, y).squeeze(), D(fake, y).squeeze()"))),
}
TRAVEL = "its label has to travel along"
WRONG["discriminator_step"] = [
    Wrong("wrong labels for fakes", "fakes get wrong labels", "which label was it made for", ds(edit(DSTEP, ("D(fake, y)", "D(fake, (y + 1) % 10)")))),
    Wrong("one class", "a placeholder in both", "fakes are asked for class", ds(own("torch.zeros_like(y)"))),
    Wrong("not 3", "the upper bound is the largest label", "both ends of the range", ds(own("torch.randint(0, 3, (len(x),))"))),
    Wrong("real constant", "1 for real, as a label", "All of them are called class 1", ds(edit(DSTEP, ("D(x, y)", "D(x, torch.ones_like(y))")))),
    Wrong("concatenated images only", "labels follow by themselves", "each needs a label of its own",
          ds("fake = G(torch.randn(len(x), z_dim), y).detach()\nlogits = D(torch.cat([x, fake]), y).view(-1)\n"
             "loss = BCE(logits, torch.cat([torch.ones(len(x)), torch.zeros(len(x))]))\n" + UPDATE)),
    Wrong("swap", "class label and real/fake target mixed up", "other way round .real 0, fake 1.: right elsewhere",
          ds(edit(DSTEP, ("torch.ones_like", "torch.new_like"), ("torch.zeros_like", "torch.ones_like"), ("torch.new_like", "torch.zeros_like")))),
]


def gs(body, before=""):
    """generator_step with this body."""
    return function("generator_step", "G, D, opt_G, y, z_dim", re.sub(r"(?<!\.)BCE\(", BCE + "(", body), before)


GSTEP = """z = torch.randn(len(y), z_dim)
logits = D(G(z, y), y)
loss = BCE(logits, torch.ones_like(logits))
opt_G.zero_grad()
loss.backward()
opt_G.step()
return loss.item()"""
GLOSS = "loss = BCE(logits, torch.ones_like(logits))"
RIGHT["generator_step"] = {
    "plain": gs(GSTEP),
    "cleared after the step": gs(edit(GSTEP, ("opt_G.zero_grad()\n", ""), ("opt_G.step()", "opt_G.step()\nopt_G.zero_grad()"))),
    "softplus": gs(edit(GSTEP, (GLOSS, "loss = F.softplus(-logits).mean()"))),
    "own labels, used in both calls": gs("y = torch.randint(0, 4, y.shape)\n" + GSTEP),
    "own labels, 10 classes": gs("labels = torch.randint(0, 10, (len(y),))\n" + edit(GSTEP, ("D(G(z, y), y)", "D(G(z, labels), labels)"))),
    "shuffled, in both calls": gs("y = y[torch.randperm(len(y))]\n" + GSTEP),
    "D frozen": gs("D.requires_grad_(False)\n" + edit(GSTEP, ("return", "D.requires_grad_(True)\nreturn"))),
    "course's helpers": gs("x_fake = G(sample_z(len(y), z_dim), y)\nloss_G = generator_loss(D(x_fake, y))\nopt_G.zero_grad()\nloss_G.backward()\nopt_G.step()\nreturn loss_G.item()", LOSSES),
    "minimax, accepted with a remark": gs(edit(GSTEP, (GLOSS, "loss = -BCE(logits, torch.zeros_like(logits))"))),
    "zero first": gs("G.zero_grad()\n" + edit(GSTEP, ("opt_G.zero_grad()\n", ""))),
    "columns only": gs(edit(GSTEP, ("torch.ones_like(logits)", "torch.ones(len(y), 1)"))),
    "flattened": gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y), y).view(-1)"), ("torch.ones_like(logits)", "torch.ones(y.size(0))"))),
    "eval and back": gs("D.eval()\n" + edit(GSTEP, ("return", "D.train()\nreturn"))),
    "both cleared": gs(edit(GSTEP, ("opt_G.zero_grad()", "opt_G.zero_grad()\nD.zero_grad()"))),
}
WRONG["generator_step"] = [
    Wrong("shuffled", "shuffle for D", "which label was it made for", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y), y[torch.randperm(len(y))])")))),
    Wrong("ones as labels", "real is 1", "about which class should D be asked", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y), torch.ones_like(y))")))),
    Wrong("one class drawn", "one label for the batch", "fakes are asked for class", gs("y = y[:1].expand(len(y))\n" + GSTEP)),
    Wrong("shifted", "classes start at 1", TRAVEL, gs(edit(GSTEP, ("G(z, y)", "G(z, (y + 1) % 10)")))),
    Wrong("D without labels", "D judges images", "D gets images without labels", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y))")))),
    Wrong("zeros", "fakes are 0", "The label of the fakes is 0", gs(edit(GSTEP, ("ones_like", "zeros_like")))),
]

# --- pictures -------------------------------------------------------------------------------------

NO_GRAD = "@torch.no_grad()\n"


def sd(body, before=NO_GRAD):
    """sample_digit with this body."""
    return before + function("sample_digit", "G, digit, n, z_dim", body)


SAMPLE = "y = torch.full((n,), digit, dtype=torch.long)\nreturn G(torch.randn(n, z_dim), y)"
RIGHT["sample_digit"] = {
    "full": sd(SAMPLE),
    "detached": sd("y = torch.tensor([digit] * n)\nreturn G(torch.randn(n, z_dim), y).detach()", ""),
    "inside": sd("with torch.no_grad():\n    return G(torch.randn(n, z_dim), torch.full((n,), digit))", ""),
    "ones": sd("z = torch.randn(n, z_dim)\nreturn G(z, digit * torch.ones(n, dtype=torch.int64))"),
    "eval and back": sd("mode = G.training\nG.eval()\n" + edit(SAMPLE, ("return G(torch.randn(n, z_dim), y)", "images = G(torch.randn(n, z_dim), y)\nG.train(mode)\nreturn images"))),
    "eval": sd("G.eval()\n" + SAMPLE),
    "one by one": sd("return torch.cat([G(torch.randn(1, z_dim), torch.tensor([digit])) for _ in range(n)])"),
    "repeat": sd("y = torch.tensor([digit]).repeat(n)\nz = torch.empty(n, z_dim).normal_()\nreturn G(z, y)"),
    "expand": sd("return G(torch.randn(n, z_dim), torch.tensor(digit).expand(n))"),
    "inference_mode": sd("return G(torch.randn(n, z_dim), torch.tensor(digit).expand(n))", "@torch.inference_mode()\n"),
    "long": sd("return G(torch.randn(n, z_dim), (torch.zeros(n) + digit).long())"),
}
WRONG["sample_digit"] = [
    Wrong("range", "one of each", "Print the labels that you hand to G", sd("y = torch.arange(n) % 4\nreturn G(torch.randn(n, z_dim), y)")),
    Wrong("constant", "the digit 7", "The digit comes in as an argument", sd(edit(SAMPLE, ("digit,", "7,")))),
    Wrong("minus one", "classes start at 1", "Classes are counted from 0, so digit", sd(edit(SAMPLE, ("digit,", "digit - 1,")))),
    Wrong("samez", "the class is fixed, so is z", "rows of z differ", sd(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(1, z_dim).expand(n, -1)")))),
    Wrong("ones", "ones are whole", "itself makes one-hot rows", sd("return G(torch.randn(n, z_dim), digit * torch.ones(n))")),
    Wrong("graph", "a picture is a picture", "Sampling runs under no_grad", sd(SAMPLE, "")),
]


def cg(body, before=NO_GRAD):
    """class_grid with this body."""
    return before + function("class_grid", "G, num_classes, per_class, z_dim", body)


GRID = """z = torch.randn(per_class, z_dim).repeat(num_classes, 1)
y = torch.arange(num_classes).repeat_interleave(per_class)
return G(z, y)"""
ZROW, YROW = "torch.randn(per_class, z_dim).repeat(num_classes, 1)", "torch.arange(num_classes).repeat_interleave(per_class)"
RIGHT["class_grid"] = {
    "repeat": cg(GRID),
    "expand and reshape": cg("""z = torch.randn(1, per_class, z_dim).expand(num_classes, -1, -1).reshape(-1, z_dim)
y = torch.arange(num_classes)[:, None].expand(-1, per_class).reshape(-1)
with torch.no_grad():
    return G(z, y)""", ""),
    "row by row": cg("z = torch.randn(per_class, z_dim)\nreturn torch.cat([G(z, torch.full((per_class,), k)) for k in range(num_classes)])"),
    "one by one": cg("zs = torch.randn(per_class, z_dim)\nreturn torch.cat([G(z[None], torch.tensor([k])) for k in range(num_classes) for z in zs])"),
    "graph, with a remark": cg(GRID, ""),
    "detached": cg(edit(GRID, ("G(z, y)", "G(z, y).detach()")), ""),
    "eval and back": cg("G.eval()\n" + edit(GRID, ("return G(z, y)", "images = G(z, y)\nG.train()\nreturn images"))),
    "division": cg("i = torch.arange(num_classes * per_class)\nz = torch.randn(per_class, z_dim)\nreturn G(z[i % per_class], i // per_class)"),
    "lists": cg("y = torch.tensor([k for k in range(num_classes) for _ in range(per_class)])\nz = torch.cat([torch.randn(per_class, z_dim)] * num_classes)\nreturn G(z, y)"),
    "columns first, turned": cg("""z = torch.randn(per_class, z_dim).repeat_interleave(num_classes, 0)
y = torch.arange(num_classes).repeat(per_class)
return G(z, y).view(per_class, num_classes, 1, 28, 28).transpose(0, 1).flatten(0, 1)"""),
    "own generator": cg(edit(GRID, ("(per_class, z_dim)", "(per_class, z_dim, generator=torch.Generator().manual_seed(0))"))),
}
WRONG["class_grid"] = [
    Wrong("fresh by row", "noise in the loop", "what should stay equal down a column", cg("return torch.cat([G(torch.randn(per_class, z_dim), torch.full((per_class,), k)) for k in range(num_classes)])")),
    Wrong("z along the row", "repeat_interleave for both", "which call repeats each vector", cg(edit(GRID, (ZROW, "torch.randn(num_classes, z_dim).repeat_interleave(per_class, 0)")))),
    Wrong("random labels", "labels are random in training", "labels of two rows by hand", cg(edit(GRID, (YROW, "torch.randint(0, num_classes, (num_classes * per_class,))")))),
    Wrong("one row", "z is not repeated", "latents for 28 labels", cg(edit(GRID, (ZROW, "torch.randn(per_class, z_dim)")))),
    Wrong("zeros", "no noise needed", "How many z does one row", cg(edit(GRID, ("torch.randn", "torch.zeros")))),
    Wrong("transposed", "columns are classes", "Which call repeats each label", cg(edit(GRID, ("G(z, y)", "G(z, y).view(num_classes, per_class, 1, 28, 28).transpose(0, 1).flatten(0, 1)")))),
]

# --- drawn labels ---------------------------------------------------------------------------------

r = one("random_labels", "n, num_classes")
RIGHT["random_labels"] = {
    "randint": r("torch.randint(0, num_classes, (n,))"),
    "from 0": r("torch.randint(num_classes, size=(n,))"),
    "floor": r("(torch.rand(n) * num_classes).long()"),
    "floor and cast": r("torch.floor(torch.rand(n) * num_classes).to(torch.int64)"),
    "multinomial": r("torch.multinomial(torch.ones(num_classes), n, replacement=True)"),
    "categorical": r("torch.distributions.Categorical(probs=torch.ones(num_classes) / num_classes).sample((n,))"),
    "python": r("torch.tensor([random.randrange(num_classes) for _ in range(n)])"),
    "python randint": r("torch.tensor([random.randint(0, num_classes - 1) for _ in range(n)])"),
    "numpy": r("torch.from_numpy(np.random.randint(0, num_classes, n))"),
    "choices": r("torch.tensor(random.choices(range(num_classes), k=n))"),
    "from a list of classes": r("torch.arange(num_classes)[torch.randint(num_classes, (n,))]"),
    "balanced": r("torch.randperm(n * num_classes)[:n] % num_classes"),
    "int32, with a remark": r("torch.randint(0, num_classes, (n,), dtype=torch.int32)"),
    "device": "def random_labels(n, num_classes, device=None):\n    return torch.randint(num_classes, (n,), device=device)\n",
}
WRONG["random_labels"] = [
    Wrong("high9", "the upper bound is the largest label", "The last class is never drawn: class 6 would", r("torch.randint(0, num_classes - 1, (n,))")),
    Wrong("from 1 to K", "classes 1 to K", "The classes are counted from 0, so that", r("torch.randint(1, num_classes + 1, (n,))")),
    Wrong("K + 1", "the upper bound is left out", "Class 7 does not exist", r("torch.randint(0, num_classes + 1, (n,))")),
    Wrong("round inside", "round to the nearest label", "half of an interval", r("(torch.rand(n) * (num_classes - 1)).round().long()")),
    Wrong("choice without replacement", "sample", "a class may be drawn again", r("torch.multinomial(torch.ones(num_classes), n)")),
    Wrong("fixed", "placeholder left in", "Every label is the same", r("torch.full((n,), 6)")),
]
w = one("wrong_labels", "y, num_classes")


def wb(body):
    """wrong_labels with this body."""
    return function("wrong_labels", "y, num_classes", body)


RIGHT["wrong_labels"] = {
    "shift": w("(y + torch.randint(1, num_classes, y.shape)) % num_classes"),
    "skip the true label": wb("w = torch.randint(0, num_classes - 1, y.shape)\nreturn w + (w >= y).long()"),
    "loop": w("torch.tensor([random.choice([k for k in range(num_classes) if k != label]) for label in y.tolist()])"),
    "again until it differs": wb("w = torch.randint(num_classes, y.shape)\nwhile (w == y).any():\n    w = torch.where(w == y, torch.randint(num_classes, y.shape), w)\nreturn w"),
    "multinomial": wb("chance = 1 - F.one_hot(y, num_classes).float()\nreturn torch.multinomial(chance, 1).squeeze(1)"),
    "next": w("(y + 1) % num_classes"),
    "one shift for all": w("(y + random.randrange(1, num_classes)) % num_classes"),
    "noise and argmax": w("torch.rand(len(y), num_classes).scatter(1, y[:, None], -1.0).argmax(1)"),
    "where": w("torch.where(y == num_classes - 1, torch.zeros_like(y), y + 1)"),
    "minus": w("(y - torch.randint(1, num_classes, (len(y),))) % num_classes"),
    "device": w("(y + torch.randint(1, num_classes, (len(y),), device=y.device)).remainder(num_classes)"),
}
WRONG["wrong_labels"] = [
    Wrong("nomod", "next label", "What comes after the last class", w("y + 1")),
    Wrong("square", "any map", "always stays what it is", w("(y * y) % num_classes")),
    Wrong("random", "random labels are wrong", "A draw hits the true label", w("torch.randint(0, num_classes, y.shape)")),
    Wrong("rolled", "the neighbour's label", "handed around", w("y.roll(1)")),
    Wrong("one", "one shift", "That is one label for all", w("torch.randint(0, num_classes, (1,))")),
    Wrong("empty range", "leave one neighbour out", "The range that is drawn from is empty", w("(y + torch.randint(1, num_classes - 1, y.shape)) % num_classes")),
]

# --- class_accuracy -------------------------------------------------------------------------------


def ca(body, before=NO_GRAD):
    """class_accuracy with this body."""
    return before + function("class_accuracy", "G, classifier, num_classes, n, z_dim", body)


LOOP = """accs = []
for k in range(num_classes):
    y = torch.full((n,), k)
    pred = classifier(G(torch.randn(n, z_dim), y)).argmax(dim=1)
    accs.append((pred == y).float().mean())
return torch.stack(accs)"""
WHOLE = """y = torch.arange(num_classes).repeat_interleave(n)
pred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)
return (pred == y).float().view(num_classes, n).mean(1)"""
SHARE = "(pred == y).float().mean()"
RIGHT["class_accuracy"] = {
    "loop": ca(LOOP),
    "counts": ca(edit(LOOP, (SHARE, "torch.tensor((pred == k).sum().item() / n)"))),
    "one batch": ca(WHOLE),
    "without no_grad": ca(WHOLE, ""),
    "filled": ca("accs = torch.zeros(num_classes)\nfor k in range(num_classes):\n    images = G(torch.randn(n, z_dim), torch.full((n,), k))\n    accs[k] = (classifier(images).argmax(1) == k).float().mean()\nreturn accs"),
    "numbers": ca(edit(LOOP, (SHARE, SHARE + ".item()"), ("torch.stack(accs)", "torch.tensor(accs)"))),
    "classes along the row": ca("y = torch.arange(num_classes).repeat(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn (pred == y).double().view(n, num_classes).mean(0)"),
    "confusion table": ca("y = torch.arange(num_classes).repeat_interleave(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\n"
                          "table = torch.zeros(num_classes, num_classes)\nfor a, b in zip(y, pred):\n    table[a, b] += 1\nreturn table.diag() / n"),
    "same z for all classes": ca("z = torch.randn(n, z_dim)\n" + edit(LOOP, ("torch.randn(n, z_dim)", "z"))),
    "probabilities": ca(edit(WHOLE, (".argmax(1)", ".softmax(1).argmax(1)"))),
    "max": ca(edit(LOOP, (".argmax(dim=1)", ".max(1)[1]"))),
    "eval and back": ca("G.eval(), classifier.eval()\n" + edit(LOOP, ("return", "G.train(), classifier.train()\nreturn"))),
    "eval": ca("G.eval()\nclassifier.eval()\n" + LOOP),
    "bincount": ca("y = torch.arange(num_classes).repeat_interleave(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn torch.bincount(y[pred == y], minlength=num_classes) / n"),
    "masks": ca("y = torch.arange(num_classes).repeat(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn torch.stack([(pred[y == k] == k).float().mean() for k in range(num_classes)])"),
}
WRONG["class_accuracy"] = [
    Wrong("n latents", "n pictures, so n latents", "40 latents for 200 labels", ca(edit(WHOLE, ("torch.randn(len(y), z_dim)", "torch.randn(n, z_dim)")))),
    Wrong("sure", "a confident classifier means a right digit", "Confident about which class", ca(edit(LOOP, (".argmax(dim=1)", ".softmax(1).max(dim=1).values"), (SHARE, "pred.mean()")))),
    Wrong("n in all", "n pictures in all", "They share n among them", ca("y = torch.arange(n) % num_classes\npred = classifier(G(torch.randn(n, z_dim), y)).argmax(1)\nreturn torch.stack([(pred[y == k] == k).float().mean() for k in range(num_classes)])")),
    Wrong("random labels", "labels are random in training", "The labels are drawn", ca("y = torch.randint(0, num_classes, (n * num_classes,))\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn torch.stack([(pred[y == k] == k).float().mean() for k in range(num_classes)])")),
    Wrong("one class", "placeholder left in", "All are of one class", ca(edit(LOOP, ("torch.full((n,), k)", "torch.zeros(n, dtype=torch.long)")))),
    Wrong("from 1", "classes start at 1", "A class is left out", ca(edit(LOOP, ("range(num_classes)", "range(1, num_classes)")))),
]

REMARKS = {  # (exercise, id of a right answer): words of its line
    ("generator_step", "cleared after the step"): "clears .grad after the step",
    ("one_hot", "numpy, float64"): "float64",
    ("ConditionalGenerator", "hardtanh"): "clamp",
    ("ConditionalDiscriminator", "squeeze"): "squeeze",
    ("discriminator_step", "columns only"): "ones_like",
    ("generator_step", "columns only"): "ones_like",
    ("generator_step", "minimax, accepted with a remark"): "minimax",
    ("sample_digit", "detached"): "no_grad",
    ("sample_digit", "eval"): "is in eval mode now",
    ("class_grid", "graph, with a remark"): "still carry",
    ("class_grid", "detached"): "no_grad",
    ("random_labels", "int32, with a remark"): "int32",
    ("wrong_labels", "next"): "labels move by the same number",
    ("wrong_labels", "one shift for all"): "labels move by the same number",
    ("class_accuracy", "without no_grad"): "no_grad",
    ("class_accuracy", "eval"): "A network is in eval mode now",
}
