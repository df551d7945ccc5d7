"""Known answers to the exercises of lesson 5, the conditional GAN."""

import re

from mistakes import Wrong, edit, function, one

HEAVY = {
    "generator_input",
    "label_maps",
    "ConditionalGenerator",
    "ConditionalDiscriminator",
    "discriminator_step",
    "generator_step",
    "sample_digit",
    "class_grid",
    "class_accuracy",
}
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
    Wrong("scalar", "the label is a number", "9 is nine times 1", h("y.float().unsqueeze(1)")),
    Wrong("identity", "labels are numbers already", "9 is nine times 1", h("y.float()")),
    Wrong("scaled", "a scaled label", "9 is nine times 1", h("(y / (num_classes - 1))[:, None]")),
    Wrong("noK", "the number of classes is inferred", "The width follows the largest label", h("F.one_hot(y).float()")),
    Wrong("eye of max", "the number of classes is inferred", "The width follows the largest label", h("torch.eye(y.max() + 1)[y]")),
    Wrong("unique", "classes are what occurs", "The width follows the labels that occur", h("(y[:, None] == y.unique()).float()")),
    Wrong("ten", "there are ten digits", "10 is for digits", h("F.one_hot(y, 10).float()")),
    Wrong("batch eye", "as many columns as rows", "The width is the batch size", h("torch.eye(len(y))[y]")),
    Wrong("columns", "out[:, y] sets column y of each row", "has the labels of the whole batch",
          hb("out = torch.zeros(len(y), num_classes)\nout[:, y] = 1.0\nreturn out")),
    Wrong("rows", "out[y] sets row y", "names rows, and whole rows are set",
          hb("out = torch.zeros(len(y), num_classes)\nout[y] = 1.0\nreturn out")),
    Wrong("shift", "classes start at 1", "Which column belongs to digit 0", h("torch.eye(num_classes)[y - 1]")),
    Wrong("shift up", "classes start at 1", "Which column belongs to digit 0", h("(y[:, None] + 1 == torch.arange(num_classes)).float()")),
    Wrong("shift out", "classes start at 1", "Which column belongs to digit 0", h("torch.eye(num_classes)[y + 1]")),
    Wrong("too narrow", "the largest label is K - 2", "does not fit the number of classes", h("F.one_hot(y, num_classes - 4).float()")),
    Wrong("one more", "labels run to K", "One column too many", h("F.one_hot(y, num_classes + 1).float()")),
    Wrong("one less", "labels run to K - 1", "A column is missing", h("(y[:, None] == torch.arange(num_classes - 1)).float()")),
    Wrong("transposed", "classes down, images across", "one row per class", h("F.one_hot(y, num_classes).float().T")),
    Wrong("int", "ones and zeros are whole", "expected torch.float32", h("F.one_hot(y, num_classes)")),
    Wrong("bool", "a comparison is enough", "expected torch.float32", h("y[:, None] == torch.arange(num_classes)")),
    Wrong("filled", "mark the class with its number", "class 0 has an empty row", h("F.one_hot(y, num_classes).float() * y[:, None]")),
    Wrong("filled plus one", "mark the class with its number", "the value in its column marks it. Which", h("F.one_hot(y, num_classes) * (y[:, None] + 1.0)")),
    Wrong("repeated", "widen the label", "each column repeats it", h("y.float()[:, None].repeat(1, num_classes)")),
    Wrong("ladder", "all classes up to y", "says 'at least'", h("(y[:, None] >= torch.arange(num_classes)).float()")),
    Wrong("ladder below", "as many ones as the label says", "says 'more than'", h("(y[:, None] > torch.arange(num_classes)).float()")),
    Wrong("inverted", "sign slip", "Ones and zeros are exchanged", h("(y[:, None] != torch.arange(num_classes)).float()")),
    Wrong("minus one", "centred codes", "The other columns hold -1", h("2 * F.one_hot(y, num_classes).float() - 1")),
    Wrong("softmax", "class probabilities", "softmax blurs", h("F.one_hot(y, num_classes).float().softmax(1)")),
    Wrong("smooth", "label smoothing", "label smoothing", h("F.one_hot(y, num_classes) * 0.9 + 0.1 / num_classes")),
    Wrong("first", "the label of the batch", "Every row has the label of the first", h("torch.eye(num_classes)[y[0]].repeat(len(y), 1)")),
    Wrong("first, one row", "the label of the batch", "one row for the whole batch", h("torch.eye(num_classes)[y[0]]")),
    Wrong("sorted", "labels in order", "The labels are sorted", h("torch.eye(num_classes)[y.sort().values]")),
    Wrong("ranks", "classes are what occurs", "counted anew in each batch", h("F.one_hot(y.unique(return_inverse=True)[1], num_classes).float()")),
    Wrong("copy", "scatter writes in place", "nothing is written",
          hb("out = torch.zeros(len(y), num_classes)\nout.scatter(1, y.unsqueeze(1), 1.0)\nreturn out")),
    Wrong("float index", "labels are floats", "Labels are looked up by their number", h("torch.eye(num_classes)[y.float()]")),
    Wrong("float one_hot", "labels are floats", "Labels are looked up by their number", h("F.one_hot(y.float(), num_classes)")),
    Wrong("scatter row", "the index has one axis", "as many axes as the table",
          hb("out = torch.zeros(len(y), num_classes)\nout.scatter_(1, y, 1.0)\nreturn out")),
    Wrong("axis left", "keepdim", "One axis is left over", h("F.one_hot(y[:, None], num_classes).float()")),
    Wrong("no return", "assignment is enough", "None came back", hb("out = F.one_hot(y, num_classes).float()")),
    Wrong("numpy", "arrays are fine", "an ndarray came back", h("np.eye(num_classes)[y]")),
    Wrong("list", "lists are fine", "torch.stack.list. makes one|a list of", h("[torch.eye(num_classes)[k] for k in y]")),
    Wrong("in place", "y may be used up", "an argument has changed", hb("y += 0\ny[0] = 0\nreturn F.one_hot(y, num_classes).float()")),
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
    Wrong("add", "add the condition", "Two tensors of different shapes meet", g(f"z + {HOT}")),
    Wrong("multiply", "gate the noise", "Two tensors of different shapes meet", g(f"z * {HOT}")),
    Wrong("cat 0", "cat's default axis", "The concatenation makes the batch longer", g(f"torch.cat([z, {HOT}])")),
    Wrong("vstack", "stack them", "The concatenation makes the batch longer", g(f"torch.vstack([z, {HOT}])")),
    Wrong("scalar", "append the label", "one column for it", g("torch.cat([z, y.float()[:, None]], 1)")),
    Wrong("scaled", "append a scaled label", "one column for it", g("torch.cat([z, y[:, None] / (num_classes - 1)], 1)")),
    Wrong("raw label", "append the label", "Tensors of different numbers of axes", g("torch.cat([z, y], dim=1)")),
    Wrong("nonoise", "the label decides the image", "what makes two 7s differ", g(HOT)),
    Wrong("noise only", "z is the input", "Only z is there", g("z")),
    Wrong("perm", "shuffle for variety", "The rows are shuffled", g("torch.cat([z, F.one_hot(y[torch.randperm(len(y))], num_classes).float()], 1)")),
    Wrong("new noise", "fresh noise each time", "The label is there, and z has changed", g(f"torch.cat([torch.randn_like(z), {HOT}], dim=1)")),
    Wrong("tanh z", "bound the noise", "The label is there, and z has changed", g(f"torch.cat([torch.tanh(z), {HOT}], dim=1)")),
    Wrong("z flipped", "order does not matter", "The label is there, and z has changed", g(f"torch.cat([z.flip(0), {HOT}], dim=1)")),
    Wrong("noK", "the classes are inferred", "The width follows the largest label", g("torch.cat([z, F.one_hot(y).float()], 1)")),
    Wrong("ten", "there are ten digits", "10 is for digits", g("torch.cat([z, F.one_hot(y, 10).float()], 1)")),
    Wrong("columns", "out[:, y]", "has the labels of the whole batch",
          function("generator_input", "z, y, num_classes", "h = torch.zeros(len(y), num_classes)\nh[:, y] = 1\nreturn torch.cat([z, h], 1)")),
    Wrong("shift", "classes start at 1", "Which column belongs to digit 0", g("torch.cat([z, torch.eye(num_classes)[y - 1]], 1)")),
    Wrong("filled", "mark the class with its number", "class 0 has an empty row", g(f"torch.cat([z, {HOT} * y[:, None]], 1)")),
    Wrong("first", "the label of the batch", "Every row has the label of the first", g("torch.cat([z, F.one_hot(y[:1], num_classes).float().expand(len(z), -1)], 1)")),
    Wrong("zeros", "placeholder left in", "Every entry is 0|nothing is written", g("torch.cat([z, torch.zeros(len(z), num_classes)], 1)")),
    Wrong("labels of noise", "embed at random", "columns beside it are not the one-hot", g("torch.cat([z, torch.randn(len(z), num_classes)], 1)")),
    Wrong("outer", "every pair", "in a product", g(f"(z[:, :, None] * {HOT}[:, None, :]).flatten(1)")),
    Wrong("transposed", "columns are images", "one ROW per image", g(f"torch.cat([z, {HOT}], 1).T")),
    Wrong("long", "whole numbers", "The label is there, and z has changed", g(f"torch.cat([z, {HOT}], dim=1).long()")),
    Wrong("detached", "inputs need no gradient", "no path back to z", g(f"torch.cat([z.detach(), {HOT}], dim=1)")),
    Wrong("tuple", "give both", "a tuple came back", g(f"(z, {HOT})")),
    Wrong("cat without a list", "cat takes tensors", "in one pair of brackets of their own", g(f"torch.cat(z, {HOT})")),
    Wrong("cat without a list, dim", "cat takes tensors", "in one pair of brackets of their own", g(f"torch.cat(z, {HOT}, dim=1)")),
    Wrong("hstack without a list", "hstack takes tensors", "in one pair of brackets of their own", g(f"torch.hstack(z, {HOT})")),
    Wrong("stack", "stack puts side by side", "stack lays tensors of one shape", g(f"torch.stack([z, {HOT}], dim=1)")),
    Wrong("no return", "assignment is enough", "None came back", function("generator_input", "z, y, num_classes", f"h = torch.cat([z, {HOT}], 1)")),
    Wrong("embedding", "an embedding is the same", "columns beside it are not the one-hot", g("torch.cat([z, nn.Embedding(num_classes, num_classes)(y)], dim=1)")),
    Wrong("in place", "write into z", "an argument has changed", function("generator_input", "z, y, num_classes", f"z.mul_(0.5)\nreturn torch.cat([z, {HOT}], 1)")),
    Wrong("float label", "labels are floats", "Labels are looked up by their number", g("torch.cat([z, F.one_hot(y.float(), num_classes)], 1)")),
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
    Wrong("transposed", "index the channel with y", "Every image has the planes of the whole batch",
          mb("out = torch.zeros(len(y), num_classes, height, width)\nout[:, y] = 1.0\nreturn out")),
    Wrong("filled", "fill with the label value", "class 0 has an empty row", m(f"({HOT} * y[:, None])[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("one plane", "one plane with the number", "hold it as one number", m("y.float().view(-1, 1, 1, 1).expand(-1, 1, height, width)")),
    Wrong("one plane, no axis", "one plane with the number", "The axis of the classes is missing", m("y.float().view(-1, 1, 1).expand(-1, height, width)")),
    Wrong("swapped", "width first", "Height and width are exchanged", m(HOT + "[:, :, None, None].expand(-1, -1, width, height)")),
    Wrong("no expand", "broadcasting will do it", "The planes have one pixel each", m(HOT + "[:, :, None, None]")),
    Wrong("row", "one-hot is enough", "That is the one-hot row", m(HOT)),
    Wrong("28", "MNIST is 28 by 28", "28 is for MNIST", m(HOT + "[:, :, None, None].expand(-1, -1, 28, 28)")),
    Wrong("noK", "the classes are inferred", "The planes follow the largest label", m("F.one_hot(y).float()[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("int", "zeros and ones are whole", "expected torch.float32", m("F.one_hot(y, num_classes)[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("corner", "one pixel marks it", "Only one pixel of the plane", mb("out = torch.zeros(len(y), num_classes, height, width)\nout[torch.arange(len(y)), y, 0, 0] = 1\nreturn out")),
    Wrong("one row", "a stripe", "A plane is not constant", mb("out = torch.zeros(len(y), num_classes, height, width)\nout[torch.arange(len(y)), y, 0] = 1\nreturn out")),
    Wrong("shift", "classes start at 1", "Which column belongs to digit 0", m("torch.eye(num_classes)[y - 1][:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("classes first", "one block per class", "The first two axes are exchanged", m(HOT + ".T[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("flat", "pixels in a row", "The pixels stand in a row", m(HOT + "[:, :, None].expand(-1, -1, height * width)")),
    Wrong("first", "the label of the batch", "Every row has the label of the first", m("F.one_hot(y[:1], num_classes).float()[:, :, None, None].expand(len(y), -1, height, width)")),
    Wrong("inverted", "sign slip", "Ones and zeros are exchanged", m(f"(1 - {HOT})[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("random", "noise planes", "A plane is not constant", m("torch.rand(len(y), num_classes, height, width)")),
    Wrong("ten", "ten digits", "10 is for digits", m("F.one_hot(y, 10).float()[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("no return", "assignment is enough", "None came back", mb(f"out = {HOT}[:, :, None, None].expand(-1, -1, height, width)")),
    Wrong("view", "view repeats", "the code stops", m(HOT + ".view(len(y), num_classes, height, width)")),
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
    Wrong("scalar", "append the label", SIZE, edit(G, (GCAT, "h = torch.cat([z, y.float().unsqueeze(1)], dim=1)"), ("z_dim + num_classes", "z_dim + 1"))),
    Wrong("scalar_norm", "a scaled label", SIZE, edit(G, (GCAT, "h = torch.cat([z, (y.float() / 9).unsqueeze(1)], dim=1)"), ("z_dim + num_classes", "z_dim + 1"))),
    Wrong("scalar_K", "a label from 0 to 1", SIZE, edit(G, (GCAT, "h = torch.cat([z, (y / self.num_classes)[:, None]], dim=1)"), ("z_dim + num_classes", "z_dim + 1"))),
    Wrong("centred", "a label from -1 to 1", SIZE, edit(G, (GCAT, "h = torch.cat([z, (2 * y / (self.num_classes - 1) - 1)[:, None]], dim=1)"), ("z_dim + num_classes", "z_dim + 1"))),
    Wrong("linear of one", "a layer makes it a code", SIZE,
          edit(G, ("        self.net", "        self.emb = nn.Linear(1, 5)\n        self.net"), (GCAT, "h = torch.cat([z, self.emb(y.float()[:, None])], dim=1)"), ("z_dim + num_classes", "z_dim + 5"))),
    Wrong("net of one", "a network makes it a code", SIZE,
          edit(G, ("        self.net", "        self.emb = nn.Sequential(nn.Linear(1, 8), nn.ReLU())\n        self.net"), (GCAT, "h = torch.cat([z, self.emb(y.float()[:, None] / self.num_classes)], dim=1)"), ("z_dim + num_classes", "z_dim + 8"))),
    Wrong("added number", "add the label to the noise", SIZE, edit(G, (GCAT, "h = z + y[:, None] / 9"), ("z_dim + num_classes", "z_dim"))),
    Wrong("multiplied number", "multiply noise and label", SIZE, edit(G, (GCAT, "h = z * y[:, None] / 9"), ("z_dim + num_classes", "z_dim"))),
    Wrong("repeated number", "as many columns as classes", SIZE, edit(G, (GCAT, "h = torch.cat([z, y.float()[:, None].repeat(1, self.num_classes)], dim=1)"))),
    Wrong("filled one-hot", "mark the class with its number", "the value that marks a class grows", edit(G, (GCAT, "h = torch.cat([z, F.one_hot(y, self.num_classes) * y[:, None]], dim=1)"))),
    Wrong("noz", "label is enough", "Follow z through", edit(G, (GCAT, "h = torch.cat([torch.zeros_like(z), F.one_hot(y, self.num_classes).float()], dim=1)"))),
    Wrong("own noise", "G draws its noise", "Follow z through", edit(G, (GCAT, "h = torch.cat([torch.randn_like(z), F.one_hot(y, self.num_classes).float()], dim=1)"))),
    Wrong("no y", "z is enough", "Follow y through your forward", edit(G, (GCAT, "h = z"), ("z_dim + num_classes", "z_dim"))),
    Wrong("zero y", "placeholder left in", "Follow y through your forward", edit(G, (GCAT, "h = torch.cat([z, torch.zeros(len(z), self.num_classes)], dim=1)"))),
    Wrong("random y", "labels are random in training", "drawn or shuffled inside",
          edit(G, (GCAT, "h = torch.cat([z, F.one_hot(y[torch.randperm(len(y))], self.num_classes).float()], dim=1)"))),
    Wrong("sorted y", "labels in order", "The labels are sorted on the way", edit(G, (GCAT, "h = torch.cat([z, F.one_hot(y.sort().values, self.num_classes).float()], dim=1)"))),
    Wrong("mod 3", "fewer codes are enough", "What is left of the label there", edit(G, ("F.one_hot(y, self", "F.one_hot(y % 3, self"))),
    Wrong("first", "the label of the batch", "The whole batch gets the label of its first row", edit(G, ("F.one_hot(y, self", "F.one_hot(y[:1].expand(len(z)), self"))),
    Wrong("columns", "out[:, y]", "how many ones has each", edit(G, (GCAT, "t = torch.zeros(len(z), self.num_classes)\n        t[:, y] = 1\n        h = torch.cat([z, t], dim=1)"))),
    Wrong("sigmoid", "pixels in [0, 1]", "range of a sigmoid", edit(G, ("nn.Tanh()", "nn.Sigmoid()"))),
    Wrong("noact", "the loss will bound it", "Nothing bounds the last layer", edit(G, (", nn.Tanh()", ""))),
    Wrong("cat 0", "cat's default axis", "The concatenation makes the batch longer", edit(G, (", dim=1)", ")"))),
    Wrong("raw label", "cat z and y", "Tensors of different numbers of axes", edit(G, (GCAT, "h = torch.cat([z, y], dim=1)"))),
    Wrong("bare name", "forward sees what __init__ got", "__init__ has to keep it", edit(G, ("F.one_hot(y, self.num_classes)", "F.one_hot(y, num_classes)"))),
    Wrong("width", "the layer grows by itself", "what stands side by side there", edit(G, ("z_dim + num_classes", "z_dim"))),
    Wrong("float label", "labels must be float", "Labels are looked up by their number", edit(GEMB, ("self.emb(y)", "self.emb(y.float())"))),
    Wrong("float one_hot", "labels must be float", "Labels are looked up by their number", edit(G, ("F.one_hot(y, ", "F.one_hot(y.float(), "))),
    Wrong("ten", "there are ten digits", "num_classes comes in as an argument", edit(G, ("z_dim + num_classes", "z_dim + 10"), ("F.one_hot(y, self.num_classes)", "F.one_hot(y, 10)"))),
    Wrong("noK", "the classes are inferred", "stops on one with the labels 0 and 1", edit(G, ("F.one_hot(y, self.num_classes)", "F.one_hot(y)"))),
    Wrong("embedding too small", "labels run to K - 1", "does not fit the number of classes", edit(GEMB, ("nn.Embedding(num_classes, 5)", "nn.Embedding(num_classes - 1, 5)"))),
    Wrong("only z", "forward takes z", "disagree about the arguments", edit(G, ("forward(self, z, y)", "forward(self, z)"))),
    Wrong("swapped", "label first", "the labels come second", edit(G, ("forward(self, z, y)", "forward(self, y, z)"))),
    Wrong("no super", "__init__ is enough", r"Call super\(\)\.__init__", edit(G, ("        super().__init__()\n", ""))),
    Wrong("flat", "D flattens anyway", "view them as pictures", edit(G, (".view(-1, 1, 28, 28)", ""))),
    Wrong("linear", "depth alone", "straight line in its input", edit(G, (" nn.LeakyReLU(0.2),", ""))),
    Wrong("no return", "the last line is the result", "None came back", edit(G, ("return self", "self"))),
    Wrong("embedding in forward", "made where used", "layers that are made in forward", edit(GEMB, ("        self.emb = nn.Embedding(num_classes, 5)\n", "        self.k = num_classes\n"), ("self.emb(y)", "nn.Embedding(self.k, 5)(y)"))),
    Wrong("instance", "hand over a network", "a finished network came", G.replace("class ConditionalGenerator", "class Net") + "ConditionalGenerator = Net(16, 5)\n"),
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
    Wrong("scalar", "append the label", SIZE, edit(D, (DCAT, "h = torch.cat([x.flatten(1), y.float().unsqueeze(1)], dim=1)"), ("784 + num_classes", "784 + 1"))),
    Wrong("scaled", "a scaled label", SIZE, edit(D, (DCAT, "h = torch.cat([x.flatten(1), (y / 9).unsqueeze(1)], dim=1)"), ("784 + num_classes", "784 + 1"))),
    Wrong("linear of one", "a layer makes it a code", SIZE,
          edit(D, ("        self.net", "        self.emb = nn.Linear(1, 10)\n        self.net"), ("784 + num_classes", "794"), (DCAT, "h = torch.cat([x.flatten(1), self.emb(y.float()[:, None])], dim=1)"))),
    Wrong("one plane", "a plane with the number", SIZE, edit(DMAPS, ("1 + num_classes", "2"), ("F.one_hot(y, self.num_classes).float()[:, :, None, None].expand(-1, -1, 28, 28)", "y.float().view(-1, 1, 1, 1).expand(-1, 1, 28, 28) / 9"))),
    Wrong("added number", "add the label to the image", SIZE, edit(D, (DCAT, "h = x.flatten(1) + y[:, None] / 9"), ("784 + num_classes", "784"))),
    Wrong("filled planes", "fill with the label value", "the value that marks a class grows", edit(DMAPS, ("maps = ", "maps = y.view(-1, 1, 1, 1) * "))),
    Wrong("score times number", "weight by the label", SIZE, edit(D, (DCAT, "h = x.flatten(1)"), ("784 + num_classes", "784"), ("return self.net(h)", "return self.net(h) * y[:, None]"))),
    Wrong("sigmoid", "D outputs a probability", "a sigmoid or softmax", edit(D, ("nn.Linear(64, 1))", "nn.Linear(64, 1), nn.Sigmoid())"))),
    Wrong("tanh", "tanh for -1 and 1", "That is a tanh", edit(D, ("nn.Linear(64, 1))", "nn.Linear(64, 1), nn.Tanh())"))),
    Wrong("bare name", "forward sees what __init__ got", "__init__ has to keep it", edit(D, ("F.one_hot(y, self.num_classes)", "F.one_hot(y, num_classes)"))),
    Wrong("sum over pictures", "axis 0 is the classes", "The sum runs over the pictures", edit(DROW, (").sum(1)", ").sum(0)"))),
    Wrong("sum over pictures, keepdim", "axis 0 is the classes", "The sum runs over the pictures", edit(DROW, (").sum(1)", ").sum(0, keepdim=True)"))),
    Wrong("sum of all", "sum takes the right axis", "Which axis holds the pictures", edit(DROW, (").sum(1)", ").sum()"))),
    Wrong("softmax over classes", "probabilities of the classes", "a sigmoid or softmax", edit(DROW, ("self.net(x) *", "self.net(x).softmax(1) *"))),
    Wrong("classifier", "D must know the class, so 10 outputs", "Ten outputs are for", edit(D, ("nn.Linear(64, 1)", "nn.Linear(64, 10)"))),
    Wrong("a score per class", "D must know the class", "y says for which class", edit(DROW, ("(self.net(x) * F.one_hot(y, self.num_classes)).sum(1)", "self.net(x)"))),
    Wrong("masked, not summed", "mask the other classes", "y says for which class", edit(DROW, (").sum(1)", ")"))),
    Wrong("best class", "the most likely class", "Follow y through your forward", edit(DROW, ("(self.net(x) * F.one_hot(y, self.num_classes)).sum(1)", "self.net(x).max(1).values"))),
    Wrong("mean of classes", "average over classes", "Follow y through your forward", edit(DROW, ("(self.net(x) * F.one_hot(y, self.num_classes)).sum(1)", "self.net(x).mean(1)"))),
    Wrong("onlyy", "forgot the image", "Follow x through", edit(D, ("x.flatten(1),", "torch.zeros_like(x.flatten(1)),"))),
    Wrong("no y", "the image is enough", "Follow y through your forward", edit(D, (DCAT, "h = x.flatten(1)"), ("784 + num_classes", "784"))),
    Wrong("zero y", "placeholder left in", "Follow y through your forward", edit(D, ("F.one_hot(y, ", "F.one_hot(torch.zeros_like(y), "))),
    Wrong("after the last activation", "join at the end", "by the same amount", """class ConditionalDiscriminator(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.K = num_classes
        self.a = nn.Sequential(nn.Flatten(), nn.Linear(784, 50), nn.LeakyReLU(0.2))
        self.b = nn.Linear(50 + num_classes, 1)

    def forward(self, x, y):
        return self.b(torch.cat([self.a(x), F.one_hot(y, self.K)], 1))
"""),
    Wrong("two verdicts added", "one for the image, one for the label", "by the same amount", edit(DPROJ, ("nn.Embedding(num_classes, 32)", "nn.Embedding(num_classes, 1)"), ("(self.emb(y) * h).sum(1, keepdim=True)", "self.emb(y)"))),
    Wrong("first", "the label of the batch", "The whole batch gets the label of its first row", edit(D, ("F.one_hot(y, self", "F.one_hot(y[:1].expand(len(x)), self"))),
    Wrong("columns", "out[:, y]", "how many ones has each", edit(D, (DCAT, "t = torch.zeros(len(x), self.num_classes)\n        t[:, y] = 1\n        h = torch.cat([x.flatten(1), t], dim=1)"))),
    Wrong("chosen columns", "net(x)[:, y] chooses for each row", "one column for each label of the batch", edit(DROW, ("(self.net(x) * F.one_hot(y, self.num_classes)).sum(1)", "self.net(x)[:, y]"))),
    Wrong("cat 0", "cat's default axis", "The concatenation makes the batch longer", edit(D, (", dim=1)", ", dim=0)"))),
    Wrong("images and rows", "cat with the image", "Tensors of different numbers of axes", edit(D, ("x.flatten(1)", "x"))),
    Wrong("maps without channels", "cat makes channels", "one channel per class beside", edit(DMAPS, ("1 + num_classes", "1"))),
    Wrong("maps too small", "14 by 14", "Two tensors of different shapes", edit(DMAPS, ("28, 28", "14, 14"))),
    Wrong("width", "the layer grows by itself", "what stands side by side there", edit(D, ("784 + num_classes", "784"))),
    Wrong("ten", "there are ten digits", "num_classes comes in as an argument", edit(D, ("784 + num_classes", "794"), ("F.one_hot(y, self.num_classes)", "F.one_hot(y, 10)"))),
    Wrong("linear", "no activation needed", "straight line in its input", edit(D, (" nn.LeakyReLU(0.2),", ""))),
    Wrong("batch mean", "one verdict", "one number for the whole batch", edit(D, ("return self.net(h)", "return self.net(h).mean()"))),
    Wrong("no return", "the last line is the result", "None came back", edit(D, ("return self", "self"))),
    Wrong("only x", "forward takes x", "disagree about the arguments", edit(D, ("forward(self, x, y)", "forward(self, x)"))),
    Wrong("float label", "labels must be float", "Labels are looked up by their number", edit(DPROJ, ("self.emb(y)", "self.emb(y.float())"))),
    Wrong("sorted", "labels in order", "The labels are sorted on the way", edit(D, ("F.one_hot(y, self", "F.one_hot(y.sort().values, self"))),
    Wrong("leaky300", "an activation takes layer sizes", "has the slope 300", edit(D, ("nn.LeakyReLU(0.2)", "nn.LeakyReLU(300, 100)"))),
    Wrong("mod 2", "odd and even", "What is left of the label there", edit(D, ("F.one_hot(y, self", "F.one_hot(y % 2, self"))),
    Wrong("unused embedding", "made and forgotten", "get no gradient", edit(D, ("        self.net =", "        self.emb = nn.Embedding(num_classes, 4)\n        self.net ="))),
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
LOSS = "loss = BCE(logits_real, torch.ones_like(logits_real)) + BCE(logits_fake, torch.zeros_like(logits_fake))"
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
    Wrong("rand_mismatch", "G gets random labels, D the real ones", TRAVEL, ds(edit(own("torch.randint(0, 4, (len(x),))"), ("D(fake, y_fake)", "D(fake, y)")))),
    Wrong("drawn for D", "D gets random labels after G made the fakes", "which label was it made for", ds(edit(DSTEP, ("D(fake, y)", "D(fake, torch.randint(0, 10, (len(x),)))")))),
    Wrong("drawn twice", "a draw for G and another for D", "Two draws of labels do not agree",
          ds(edit(DSTEP, ("G(z, y)", "G(z, torch.randint(0, 10, (len(x),)))"), ("D(fake, y)", "D(fake, torch.randint(0, 10, (len(x),)))")))),
    Wrong("fakes shuffled", "shuffle the labels", "which label was it made for", ds(edit(DSTEP, ("D(fake, y)", "D(fake, y[torch.randperm(len(y))])")))),
    Wrong("wrong labels for fakes", "fakes get wrong labels", "which label was it made for", ds(edit(DSTEP, ("D(fake, y)", "D(fake, (y + 1) % 10)")))),
    Wrong("constant for fakes", "a placeholder for D", "about which class should D be asked", ds(edit(DSTEP, ("D(fake, y)", "D(fake, torch.zeros_like(y))")))),
    Wrong("constant for G", "a placeholder for G", "Which labels should G get", ds(edit(DSTEP, ("G(z, y)", "G(z, torch.zeros_like(y))")))),
    Wrong("one class", "a placeholder in both", "fakes are asked for class", ds(own("torch.zeros_like(y)"))),
    Wrong("one class drawn", "one label for the batch", "fakes are asked for class", ds(own("torch.randint(0, 4, (1,)).expand(len(y))"))),
    Wrong("from 1", "classes start at 1", "both ends of the range", ds(own("torch.randint(1, 10, (len(x),))"))),
    Wrong("not 3", "the upper bound is the largest label", "both ends of the range", ds(own("torch.randint(0, 3, (len(x),))"))),
    Wrong("eleven", "labels to 10", "expected 0 to 9", ds(own("torch.randint(0, 11, (len(x),)) * 0 + 10"))),
    Wrong("real_rand", "labels are just an input", "whose label stands next to each real", ds(edit(DSTEP, ("D(x, y)", "D(x, torch.randint(0, 4, (len(x),)))")))),
    Wrong("real shuffled", "shuffle the labels", "whose label stands next to each real", ds(edit(DSTEP, ("D(x, y)", "D(x, y[torch.randperm(len(y))])")))),
    Wrong("real gets the fakes' labels", "one label tensor for all", "they belong to the fakes", ds(edit(own("torch.randint(0, 10, y.shape)"), ("D(x, y)", "D(x, y_fake)")))),
    Wrong("overwritten y", "y is drawn anew", "they belong to the fakes", ds("y = torch.randint(0, 10, (len(x),))\n" + DSTEP)),
    Wrong("real constant", "1 for real, as a label", "All of them are called class 1", ds(edit(DSTEP, ("D(x, y)", "D(x, torch.ones_like(y))")))),
    Wrong("real 1, fake 0 as classes", "the label of D is real or fake", "All of them are called class 1", ds(edit(DSTEP, ("D(x, y), D(fake, y)", "D(x, torch.ones_like(y)), D(fake, torch.zeros_like(y))")))),
    Wrong("third kind", "real images with wrong labels too", "two kinds are asked for",
          ds(edit(DSTEP, (LOSS, LOSS + " + F.softplus(D(x, (y + 1) % 10)).mean()")))),
    Wrong("D without labels", "D judges images", "D gets images without labels", ds(edit(DSTEP, ("D(x, y), D(fake, y)", "D(x), D(fake)")))),
    Wrong("joined before G", "generator_input belongs into the step", "G joins the two by itself", ds(edit(DSTEP, ("G(z, y)", "G(torch.cat([z, F.one_hot(y, 10).float()], 1))")))),
    Wrong("joined before D", "D takes rows", "D joins the two by itself", ds(edit(DSTEP, ("D(x, y)", "D(torch.cat([x.flatten(1), F.one_hot(y, 10).float()], 1))")))),
    Wrong("G without labels", "G draws anything", "G gets z without labels", ds(edit(DSTEP, ("G(z, y)", "G(z)")))),
    Wrong("label first", "y, then the image", "the images come first", ds(edit(DSTEP, ("D(x, y)", "D(y, x)")))),
    Wrong("one-hot labels", "the step makes the rows", "itself makes one-hot rows", ds(edit(DSTEP, ("G(z, y)", "G(z, F.one_hot(y, 10).float())")))),
    Wrong("float labels", "labels are floats", "itself makes one-hot rows", ds(edit(DSTEP, ("D(fake, y)", "D(fake, y.float())")))),
    Wrong("one label", "a label for the batch", "each needs a label of its own", ds(edit(DSTEP, ("G(z, y)", "G(z, y[0])")))),
    Wrong("concatenated images only", "labels follow by themselves", "each needs a label of its own",
          ds("fake = G(torch.randn(len(x), z_dim), y).detach()\nlogits = D(torch.cat([x, fake]), y).view(-1)\n"
             "loss = BCE(logits, torch.cat([torch.ones(len(x)), torch.zeros(len(x))]))\n" + UPDATE)),
    Wrong("cross entropy", "the target is the digit", "its target is 1 or 0", ds(edit(DSTEP, (LOSS, "loss = F.cross_entropy(logits_real, y) + F.cross_entropy(logits_fake, y)")))),
    Wrong("swap", "class label and real/fake target mixed up", "other way round .real 0, fake 1.: right elsewhere",
          ds(edit(DSTEP, ("torch.ones_like", "torch.new_like"), ("torch.zeros_like", "torch.ones_like"), ("torch.new_like", "torch.zeros_like")))),
    Wrong("labels as targets", "y is what D should say", "two kinds of label", ds(edit(DSTEP, (LOSS, "loss = BCE(logits_real.flatten(), y.float()) + BCE(logits_fake, torch.zeros_like(logits_fake))")))),
    Wrong("fool", "fakes should be called real", "Both terms ask for the label 1", ds(edit(DSTEP, ("torch.zeros_like", "torch.ones_like")))),
    Wrong("nodetach", "only D is stepped", "sends a gradient into G", ds(edit(DSTEP, (".detach()", "")))),
    Wrong("rand", "rand = randn", "compare the names rand and randn", ds(edit(DSTEP, ("torch.randn", "torch.rand")))),
    Wrong("fixed z", "the same z always", "two calls draw the same z", ds("torch.manual_seed(0)\n" + DSTEP)),
    Wrong("expanded z", "the label gives the variety", "rows of z differ", ds(edit(DSTEP, ("torch.randn(len(x), z_dim)", "torch.randn(1, z_dim).expand(len(x), -1)")))),
    Wrong("nozero", "starts empty", "it does not overwrite", ds(edit(DSTEP, ("opt_D.zero_grad()\n", "")))),
    Wrong("zero_end", "zero_grad after the step", "Clearing after the step is too late", ds(edit(DSTEP, (UPDATE, "loss.backward()\nopt_D.step()\nopt_D.zero_grad()")))),
    Wrong("zero between", "zero_grad right before the step", "cleared between backward", ds(edit(DSTEP, (UPDATE, "loss.backward()\nopt_D.zero_grad()\nopt_D.step()")))),
    Wrong("no step", "backward does it all", "opt_D.step.. is missing", ds(edit(DSTEP, ("opt_D.step()\n", "")))),
    Wrong("no backward", "step does it all", "backward.. is missing", ds(edit(DSTEP, ("loss.backward()\n", "")))),
    Wrong("only fakes", "D must find the fakes", "Only the fakes count", ds(edit(DSTEP, (LOSS, "loss = BCE(logits_fake, torch.zeros_like(logits_fake))")))),
    Wrong("only reals", "D learns what is real", "G is never called", ds("logits = D(x, y)\nloss = BCE(logits, torch.ones_like(logits))\n" + UPDATE)),
    Wrong("twice_sig", "BCE needs probabilities", "A sigmoid is applied twice", ds(edit(DSTEP, ("D(x, y), D(fake, y)", "D(x, y).sigmoid(), D(fake, y).sigmoid()")))),
    Wrong("batch64", "the batch size is 64", "64 rows go in", ds(edit(DSTEP, ("torch.randn(len(x)", "torch.randn(64")))),
    Wrong("scaled fakes", "both in [0, 1]", "neither the reals nor G's fakes", ds(edit(DSTEP, ("D(fake, y)", "D((fake + 1) / 2, y)")))),
    Wrong("swapped z", "(z_dim, n)", "order of n and z_dim", ds(edit(DSTEP, ("torch.randn(len(x), z_dim)", "torch.randn(z_dim, len(x))")))),
    Wrong("signature", "the batch is x", "disagree about the arguments", ds(DSTEP).replace(", x, y, z_dim):", ", x, z_dim):")),
    Wrong("G eval", "G is fixed", "G is left in eval mode", ds("G.eval()\n" + DSTEP)),
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
GUPDATE = "opt_G.zero_grad()\nloss.backward()\nopt_G.step()"
RIGHT["generator_step"] = {
    "plain": gs(GSTEP),
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
    Wrong("other", "D picks a label", "which label was it made for", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y), torch.randint(0, 4, y.shape))")))),
    Wrong("G picks", "G picks a label", TRAVEL, gs(edit(GSTEP, ("G(z, y)", "G(z, torch.randint(0, 10, y.shape))")))),
    Wrong("drawn twice", "a draw for each", "Two draws of labels do not agree", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, torch.randint(0, 10, y.shape)), torch.randint(0, 10, y.shape))")))),
    Wrong("shuffled", "shuffle for D", "which label was it made for", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y), y[torch.randperm(len(y))])")))),
    Wrong("const", "label placeholder", "about which class should D be asked", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y), torch.zeros_like(y))")))),
    Wrong("ones as labels", "real is 1", "about which class should D be asked", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y), torch.ones_like(y))")))),
    Wrong("const for G", "label placeholder", "Which labels should G get", gs(edit(GSTEP, ("G(z, y)", "G(z, torch.zeros_like(y))")))),
    Wrong("one class", "a placeholder in both", "fakes are asked for class", gs("y = torch.full_like(y, 2)\n" + GSTEP)),
    Wrong("one class drawn", "one label for the batch", "fakes are asked for class", gs("y = y[:1].expand(len(y))\n" + GSTEP)),
    Wrong("from 1", "classes start at 1", "both ends of the range", gs("y = torch.randint(1, 10, y.shape)\n" + GSTEP)),
    Wrong("shifted", "classes start at 1", TRAVEL, gs(edit(GSTEP, ("G(z, y)", "G(z, (y + 1) % 10)")))),
    Wrong("D without labels", "D judges images", "D gets images without labels", gs(edit(GSTEP, ("D(G(z, y), y)", "D(G(z, y))")))),
    Wrong("G without labels", "G draws anything", "G gets z without labels", gs(edit(GSTEP, ("G(z, y)", "G(z)")))),
    Wrong("zeros", "fakes are 0", "The label of the fakes is 0", gs(edit(GSTEP, ("ones_like", "zeros_like")))),
    Wrong("onenoise", "label gives the variety", "rows of z differ", gs(edit(GSTEP, ("torch.randn(len(y), z_dim)", "torch.randn(1, z_dim).expand(len(y), -1)")))),
    Wrong("fixed z", "the same z always", "two calls draw the same z", gs("torch.manual_seed(1)\n" + GSTEP)),
    Wrong("rand", "rand", "compare the names rand and randn", gs(edit(GSTEP, ("torch.randn", "torch.rand")))),
    Wrong("zeros as noise", "the label is enough", "Constants are no noise", gs(edit(GSTEP, ("torch.randn", "torch.zeros")))),
    Wrong("ce", "the target is the digit", "its target is 1 or 0", gs(edit(GSTEP, (GLOSS, "loss = F.cross_entropy(logits, y)")))),
    Wrong("labels as targets", "y is what D should say", "two kinds of label", gs(edit(GSTEP, (GLOSS, "loss = BCE(logits.flatten(), y.float())")))),
    Wrong("detach", "detach the fakes as in the D step", "No gradient reaches G", gs(edit(GSTEP, ("G(z, y), y)", "G(z, y).detach(), y)")))),
    Wrong("no_grad", "sampling needs no gradient", "No gradient reaches G", gs(edit(GSTEP, ("logits = D(G(z, y), y)", "with torch.no_grad():\n    fake = G(z, y)\nlogits = D(fake, y)")))),
    Wrong("nozero", "gradients start empty", "it does not overwrite", gs(edit(GSTEP, ("opt_G.zero_grad()\n", "")))),
    Wrong("zero_d", "clear the discriminator", "You clear D's gradients", gs(edit(GSTEP, ("opt_G.zero_grad()", "D.zero_grad()")))),
    Wrong("zero_end", "zero_grad after the step", "Clearing after the step is too late", gs(edit(GSTEP, (GUPDATE, "loss.backward()\nopt_G.step()\nopt_G.zero_grad()")))),
    Wrong("step_d", "step everything that has a gradient", "the weights of D change in G's step",
          gs(edit(GSTEP, ("return", "with torch.no_grad():\n    for p in D.parameters():\n        p -= 0.1 * p.grad\nreturn")))),
    Wrong("frozen", "freeze D and forget it", "A frozen D never learns again", gs("D.requires_grad_(False)\n" + GSTEP)),
    Wrong("no step", "backward does it all", "opt_G.step.. is missing", gs(edit(GSTEP, ("opt_G.step()\n", "")))),
    Wrong("sum", "losses add up", "You add over the batch", gs(edit(GSTEP, (GLOSS, "loss = F.softplus(-logits).sum()")))),
    Wrong("twice_sig", "BCE needs probabilities", "A sigmoid is applied twice", gs(edit(GSTEP, (GLOSS, "loss = BCE(logits.sigmoid(), torch.ones_like(logits))")))),
    Wrong("sign", "maximise", "The sign is turned", gs(edit(GSTEP, ("loss.backward()", "(-loss).backward()")))),
    Wrong("one-hot labels", "the step makes the rows", "itself makes one-hot rows", gs(edit(GSTEP, ("G(z, y)", "G(z, F.one_hot(y, 10).float())")))),
    Wrong("batch64", "the batch size is 64", "64 rows go in", gs(edit(GSTEP, ("torch.randn(len(y)", "torch.randn(64")))),
    Wrong("n for y", "the old signature", "The arguments do not fit this call", gs(edit(GSTEP, ("torch.randn(len(y)", "torch.randn(y")))),
    Wrong("images", "the signature of D's step", "disagree about the arguments", gs(GSTEP).replace("opt_G, y, z_dim", "opt_G, x, y, z_dim")),
    Wrong("D eval", "D is fixed", "D is left in eval mode", gs("D.eval()\n" + GSTEP)),
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
    Wrong("random", "labels are random in training", "Print the labels that you hand to G", sd("y = torch.randint(0, 4, (n,))\nreturn G(torch.randn(n, z_dim), y)")),
    Wrong("range", "one of each", "Print the labels that you hand to G", sd("y = torch.arange(n) % 4\nreturn G(torch.randn(n, z_dim), y)")),
    Wrong("constant", "the digit 7", "The digit comes in as an argument", sd(edit(SAMPLE, ("digit,", "7,")))),
    Wrong("minus one", "classes start at 1", "Classes are counted from 0, so digit", sd(edit(SAMPLE, ("digit,", "digit - 1,")))),
    Wrong("samez", "the class is fixed, so is z", "rows of z differ", sd(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(1, z_dim).expand(n, -1)")))),
    Wrong("full of a number", "a size is a number", "A size is a tuple", sd("y = torch.full(n, digit)\nreturn G(torch.randn(n, z_dim), y)")),
    Wrong("full of both", "size and value together", "A size is a tuple", sd("y = torch.full((n, digit))\nreturn G(torch.randn(n, z_dim), y)")),
    Wrong("oneone", "a scalar label broadcasts", "each needs a label of its own", sd("return G(torch.randn(n, z_dim), torch.tensor(digit))")),
    Wrong("one label", "a label broadcasts", "each needs a label of its own", sd("return G(torch.randn(n, z_dim), torch.tensor([digit]))")),
    Wrong("int", "G takes the number", "G gets an int as labels", sd("return G(torch.randn(n, z_dim), digit)")),
    Wrong("list", "G takes a list", "G gets a list as labels", sd("return G(torch.randn(n, z_dim), [digit] * n)")),
    Wrong("float", "labels are floats", "itself makes one-hot rows", sd(edit(SAMPLE, ("torch.long", "torch.float")))),
    Wrong("ones", "ones are whole", "itself makes one-hot rows", sd("return G(torch.randn(n, z_dim), digit * torch.ones(n))")),
    Wrong("one-hot", "G takes rows", "itself makes one-hot rows", sd("return G(torch.randn(n, z_dim), F.one_hot(torch.full((n,), digit), 10).float())")),
    Wrong("no label", "G(z)", "G gets z without labels", sd("return G(torch.randn(n, z_dim))")),
    Wrong("graph", "a picture is a picture", "Sampling runs under no_grad", sd(SAMPLE, "")),
    Wrong("rand", "rand", "compare the names rand and randn", sd(edit(SAMPLE, ("torch.randn", "torch.rand")))),
    Wrong("zeros", "no noise needed", "all pictures are the same", sd(edit(SAMPLE, ("torch.randn", "torch.zeros")))),
    Wrong("seed", "comparable pictures", "the global seed stays alone", sd("torch.manual_seed(0)\n" + SAMPLE)),
    Wrong("local seed", "a generator of its own", "two calls give the same noise", sd(edit(SAMPLE, ("n, z_dim), y", "n, z_dim, generator=torch.Generator().manual_seed(0)), y")))),
    Wrong("wide", "more noise, more variety", "scales or clips", sd(edit(SAMPLE, ("torch.randn(n, z_dim)", "2 * torch.randn(n, z_dim)")))),
    Wrong("one picture", "one picture", "That is a single picture", sd("return G(torch.randn(1, z_dim), torch.tensor([digit]))")),
    Wrong("first", "the best one", "That is a single picture", sd(edit(SAMPLE, ("return G(torch.randn(n, z_dim), y)", "return G(torch.randn(n, z_dim), y)[0]")))),
    Wrong("ten", "ten pictures", "Take the number of pictures from the arguments", sd("return G(torch.randn(10, z_dim), torch.full((10,), digit))")),
    Wrong("display", "pictures in [0, 1]", "They are scaled to .0, 1.", sd(edit(SAMPLE, ("return G(torch.randn(n, z_dim), y)", "return (G(torch.randn(n, z_dim), y) + 1) / 2")))),
    Wrong("clamped", "no negative pixels", "You clamp", sd(edit(SAMPLE, ("return G(torch.randn(n, z_dim), y)", "return G(torch.randn(n, z_dim), y).clamp(0, 1)")))),
    Wrong("squeezed", "grey images have no channel", "The channel axis is missing", sd(edit(SAMPLE, ("return G(torch.randn(n, z_dim), y)", "return G(torch.randn(n, z_dim), y).squeeze(1)")))),
    Wrong("no return", "showing is enough", "None came back", sd(edit(SAMPLE, ("return ", "")))),
    Wrong("list of pictures", "one by one", "torch.cat and torch.stack", sd("return [G(torch.randn(1, z_dim), torch.tensor([digit])) for _ in range(n)]")),
    Wrong("swapped z", "(z_dim, n)", "order of n and z_dim", sd(edit(SAMPLE, ("torch.randn(n, z_dim)", "torch.randn(z_dim, n)")))),
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
    Wrong("fresh", "fresh noise everywhere", "what should stay equal down a column", cg(edit(GRID, (ZROW, "torch.randn(num_classes * per_class, z_dim)")))),
    Wrong("fresh by row", "noise in the loop", "what should stay equal down a column", cg("return torch.cat([G(torch.randn(per_class, z_dim), torch.full((per_class,), k)) for k in range(num_classes)])")),
    Wrong("one_z", "same noise = same everywhere", "How many z does one row", cg(edit(GRID, (ZROW, "torch.randn(1, z_dim).repeat(num_classes * per_class, 1)")))),
    Wrong("z along the row", "repeat_interleave for both", "which call repeats each vector", cg(edit(GRID, (ZROW, "torch.randn(num_classes, z_dim).repeat_interleave(per_class, 0)")))),
    Wrong("order", "imshow starts at the bottom", "Which row is plotted first", cg(edit(GRID, ("torch.arange(num_classes)", "torch.arange(num_classes).flip(0)")))),
    Wrong("repeat for both", "repeat for both", "Which call repeats each label", cg(edit(GRID, (YROW, "torch.arange(num_classes).repeat(per_class)")))),
    Wrong("interleave and repeat swapped", "the other way round", "Which call repeats each label", cg(edit(GRID, (ZROW, "torch.randn(per_class, z_dim).repeat_interleave(num_classes, 0)"), (YROW, "torch.arange(num_classes).repeat(per_class)")))),
    Wrong("z interleaved", "the other way round for z", "which call repeats each vector", cg(edit(GRID, (ZROW, "torch.randn(per_class, z_dim).repeat_interleave(num_classes, 0)")))),
    Wrong("random labels", "labels are random in training", "labels of two rows by hand", cg(edit(GRID, (YROW, "torch.randint(0, num_classes, (num_classes * per_class,))")))),
    Wrong("one class", "placeholder left in", "All pictures are of one class", cg(edit(GRID, (YROW, "torch.zeros(num_classes * per_class, dtype=torch.long)")))),
    Wrong("from 1", "classes start at 1", "Classes are counted from 0", cg(edit(GRID, ("torch.arange(num_classes)", "torch.arange(1, num_classes + 1)")))),
    Wrong("ten classes", "there are ten digits", "or the labels too many", cg(edit(GRID, ("torch.arange(num_classes)", "torch.arange(10)")))),
    Wrong("repeat once", "repeat copies rows", "one number for each axis", cg(edit(GRID, (ZROW, "torch.randn(per_class, z_dim).repeat(num_classes)")))),
    Wrong("expand once", "expand copies rows", "one number for each axis", cg(edit(GRID, (ZROW, "torch.randn(per_class, z_dim).expand(num_classes)")))),
    Wrong("one row", "z is not repeated", "latents for 28 labels", cg(edit(GRID, (ZROW, "torch.randn(per_class, z_dim)")))),
    Wrong("one of each", "labels are not repeated", "each needs a label of its own", cg(edit(GRID, (YROW, "torch.arange(num_classes)")))),
    Wrong("one per class", "a column", "Take the number of pictures from the arguments", cg("return G(torch.randn(1, z_dim).repeat(num_classes, 1), torch.arange(num_classes))")),
    Wrong("five axes", "rows and columns as axes", "Rows and columns share one axis", cg(edit(GRID, ("G(z, y)", "G(z, y).view(num_classes, per_class, 1, 28, 28)")))),
    Wrong("rand", "rand", "compare the names rand and randn", cg(edit(GRID, ("torch.randn", "torch.rand")))),
    Wrong("zeros", "no noise needed", "How many z does one row", cg(edit(GRID, ("torch.randn", "torch.zeros")))),
    Wrong("seed", "comparable grids", "the global seed stays alone", cg("torch.manual_seed(0)\n" + GRID)),
    Wrong("float labels", "labels are floats", "itself makes one-hot rows", cg(edit(GRID, (YROW, "torch.linspace(0, num_classes - 1, num_classes).repeat_interleave(per_class)")))),
    Wrong("display", "pictures in [0, 1]", "They are scaled to .0, 1.", cg(edit(GRID, ("G(z, y)", "(G(z, y) + 1) / 2")))),
    Wrong("transposed", "columns are classes", "Which call repeats each label", cg(edit(GRID, ("G(z, y)", "G(z, y).view(num_classes, per_class, 1, 28, 28).transpose(0, 1).flatten(0, 1)")))),
    Wrong("no return", "showing is enough", "None came back", cg(edit(GRID, ("return ", "")))),
    Wrong("list", "one row each", "torch.cat and torch.stack", cg("z = torch.randn(per_class, z_dim)\nreturn [G(z, torch.full((per_class,), k)) for k in range(num_classes)]")),
    Wrong("no labels", "G(z)", "G gets z without labels", cg(edit(GRID, ("G(z, y)", "G(z)")))),
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
    Wrong("from 1", "classes start at 1", "Class 0 is never drawn", r("torch.randint(1, num_classes, (n,))")),
    Wrong("from 1 to K", "classes 1 to K", "The classes are counted from 0, so that", r("torch.randint(1, num_classes + 1, (n,))")),
    Wrong("K + 1", "the upper bound is left out", "Class 7 does not exist", r("torch.randint(0, num_classes + 1, (n,))")),
    Wrong("python randint", "randint leaves its end out", "Class 7 does not exist", r("torch.tensor([random.randint(0, num_classes) for _ in range(n)])")),
    Wrong("round", "round to the nearest label", "Class 7 does not exist", r("(torch.rand(n) * num_classes).round().long()")),
    Wrong("round inside", "round to the nearest label", "half of an interval", r("(torch.rand(n) * (num_classes - 1)).round().long()")),
    Wrong("floor inside", "scale by the largest label", "The last class is never drawn", r("(torch.rand(n) * (num_classes - 1)).long()")),
    Wrong("ceil", "round up", "The classes are counted from 0, so that", r("(torch.rand(n) * num_classes).ceil().long()")),
    Wrong("float", "any number", "there is no class 3.7", r("torch.rand(n) * num_classes")),
    Wrong("float randint", "labels are floats", "there is no class 3.7", r("torch.randint(0, num_classes, (n,)).float()")),
    Wrong("normal", "random numbers", "Negative labels", r("torch.randn(n).mul(3).long() % num_classes - 1")),
    Wrong("normal folded", "random numbers", "All classes should be as likely", r("(torch.randn(n).abs() * 1.5).long().clamp(max=num_classes - 1)")),
    Wrong("perm", "a random order of classes", "a class may come again", r("torch.randperm(num_classes)[:n]")),
    Wrong("perm n", "a random order", "look at the numbers that you draw between", r("torch.randperm(n)")),
    Wrong("choice without replacement", "sample", "a class may be drawn again", r("torch.multinomial(torch.ones(num_classes), n)")),
    Wrong("fixed", "placeholder left in", "Every label is the same", r("torch.full((n,), 6)")),
    Wrong("zeros", "placeholder left in", "Every label is the same", r("torch.zeros(n, dtype=torch.long)")),
    Wrong("one draw", "one label for the batch", "Every label is the same", r("torch.randint(0, num_classes, (1,)).expand(n)")),
    Wrong("one label", "one label", "draw n of them", r("torch.randint(0, num_classes, (1,))")),
    Wrong("number", "one label", "an int came back", r("random.randrange(num_classes)")),
    Wrong("in turn", "one of each", "They come in a fixed order", r("torch.arange(n) % num_classes")),
    Wrong("sorted blocks", "equal shares", "They come in a fixed order", r("torch.arange(n) * num_classes // n")),
    Wrong("ten", "there are ten digits", "look at the numbers that you draw between", r("torch.randint(0, 10, (n,))")),
    Wrong("swapped", "classes first", "one label per class", r("torch.randint(0, n, (num_classes,))")),
    Wrong("column", "a column", "One axis is left over", r("torch.randint(0, num_classes, (n, 1))")),
    Wrong("one-hot", "rows for the networks", "one row per label", r("F.one_hot(torch.randint(0, num_classes, (n,)), num_classes)")),
    Wrong("seed", "reproducible", "without a seed and without keeping", function("random_labels", "n, num_classes", "torch.manual_seed(0)\nreturn torch.randint(0, num_classes, (n,))")),
    Wrong("list", "a list is fine", "a list of", r("[random.randrange(num_classes) for _ in range(n)]")),
    Wrong("no return", "assignment is enough", "None came back", function("random_labels", "n, num_classes", "y = torch.randint(0, num_classes, (n,))")),
    Wrong("size without brackets", "size is a number", "randint takes it in brackets", r("torch.randint(0, num_classes, n)")),
    Wrong("arguments", "K is global", "disagree about the arguments", function("random_labels", "n", "return torch.randint(0, 10, (n,))")),
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
    Wrong("previous", "previous label", "What comes after the last class", w("y - 1")),
    Wrong("shift without mod", "shift by any", "What comes after the last class", w("y + torch.randint(1, num_classes, y.shape)")),
    Wrong("minus", "mirror the label", "always stays what it is", w("(num_classes - y) % num_classes")),
    Wrong("mirror", "mirror the label", "always stays what it is", w("num_classes - 1 - y")),
    Wrong("square", "any map", "always stays what it is", w("(y * y) % num_classes")),
    Wrong("clamp", "stay in range", "always stays what it is", w("(y + 1).clamp(max=num_classes - 1)")),
    Wrong("randmod", "random offset", "A draw hits the true label", w("(y + torch.randint(0, num_classes, y.shape)) % num_classes")),
    Wrong("full turn", "offset to K", "A draw hits the true label", w("(y + torch.randint(1, num_classes + 1, y.shape)) % num_classes")),
    Wrong("random", "random labels are wrong", "A draw hits the true label", w("torch.randint(0, num_classes, y.shape)")),
    Wrong("once again", "draw once more", "A draw hits the true label", wb("w = torch.randint(0, num_classes, y.shape)\nreturn torch.where(w == y, torch.randint(0, num_classes, y.shape), w)")),
    Wrong("shuffled", "shuffle the labels", "handed around", w("y[torch.randperm(len(y))]")),
    Wrong("rolled", "the neighbour's label", "handed around", w("y.roll(1)")),
    Wrong("flipped", "backwards", "handed around", w("y.flip(0)")),
    Wrong("zeros", "a class for all", "for its own images it is right", w("torch.zeros_like(y)")),
    Wrong("one class drawn", "a class for all", "for its own images it is right", w("torch.randint(0, num_classes, (1,)).expand(len(y))")),
    Wrong("identity", "placeholder left in", "Nothing has changed", w("y")),
    Wrong("copy", "placeholder left in", "Nothing has changed", w("y.clone()")),
    Wrong("K is no class", "an extra class for wrong", "What comes after the last class", w("torch.full_like(y, num_classes)")),
    Wrong("minus one", "an extra class for wrong", "What comes after the last class", w("torch.full_like(y, -1)")),
    Wrong("one minus", "as for real and fake", "What comes after the last class", w("1 - y")),
    Wrong("float", "a shift by noise", "the labels have the dtype", w("(y + torch.rand(len(y)) * (num_classes - 1)) % num_classes")),
    Wrong("bool", "wrong or not", "the labels have the dtype", w("y != y.roll(1)")),
    Wrong("one", "one shift", "That is one label for all", w("torch.randint(0, num_classes, (1,))")),
    Wrong("empty range", "leave one neighbour out", "The range that is drawn from is empty", w("(y + torch.randint(1, num_classes - 1, y.shape)) % num_classes")),
    Wrong("ten", "there are ten digits", "What comes after the last class", w("(y + torch.randint(1, 10, y.shape)) % 10")),
    Wrong("rows", "all other classes", "which wrong class is taken", w("1 - F.one_hot(y, num_classes)")),
    Wrong("in place", "y may be used up", "an argument has changed", wb("y += 1\ny %= num_classes\nreturn y")),
    Wrong("no return", "assignment is enough", "None came back", wb("w = (y + 1) % num_classes")),
    Wrong("list", "a list is fine", "a list of", w("[(k + 1) % num_classes for k in y.tolist()]")),
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
    Wrong("overall", "one number is enough", "hides in the average", ca(edit(LOOP, ("torch.stack(accs)", "torch.stack(accs).mean()")))),
    Wrong("overall, repeated", "one number for all", "accuracy of all pictures together", ca(edit(LOOP, ("torch.stack(accs)", "torch.stack(accs).mean().repeat(num_classes)")))),
    Wrong("confidence", "a confident classifier means a right digit", "Confident about which class", ca(edit(LOOP, (".argmax(dim=1)", ".max(dim=1).values"), (SHARE, "pred.mean()")))),
    Wrong("sure", "a confident classifier means a right digit", "Confident about which class", ca(edit(LOOP, (".argmax(dim=1)", ".softmax(1).max(dim=1).values"), (SHARE, "pred.mean()")))),
    Wrong("probability", "the probability of the class", "mean probability of the class asked for", ca(edit(LOOP, (".argmax(dim=1)", ".softmax(1)"), (SHARE, "pred[:, k].mean()")))),
    Wrong("logit", "the score of the class", "mean logit of the class asked for", ca(edit(LOOP, (".argmax(dim=1)", ""), (SHARE, "pred[:, k].mean()")))),
    Wrong("wrongaxis", "mean over axis 0", "which axis is the class", ca(edit(WHOLE, ("mean(1)", "mean(0)")))),
    Wrong("wrong view", "n first", "are cut into a table", ca(edit(WHOLE, ("view(num_classes, n).mean(1)", "view(n, num_classes).mean(0)")))),
    Wrong("errors", "the mistakes", "That is the error", ca(edit(LOOP, ("pred == y", "pred != y")))),
    Wrong("counts", "how many", "Those are counts", ca(edit(LOOP, (".float().mean()", ".float().sum()")))),
    Wrong("percent", "in percent", "Those are percentages", ca(edit(LOOP, (SHARE, "100 * " + SHARE)))),
    Wrong("by all", "divide by all pictures", "divided by the number of all pictures", ca("y = torch.arange(num_classes).repeat_interleave(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn torch.stack([((pred == k) & (y == k)).float().mean() for k in range(num_classes)])")),
    Wrong("by K", "divide by the classes", "divided by the number of classes", ca(edit(LOOP, (SHARE, "(pred == y).float().sum() / num_classes")))),
    Wrong("read as", "how often k is read", "how often each class is read, in whatever", ca("y = torch.arange(num_classes).repeat_interleave(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn torch.bincount(pred, minlength=num_classes) / n")),
    Wrong("read share", "how often k is read", "share of each class among all", ca("y = torch.arange(num_classes).repeat_interleave(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn torch.stack([(pred == k).float().mean() for k in range(num_classes)])")),
    Wrong("precision", "of those read as k", "how often a reading is true", ca("y = torch.arange(num_classes).repeat_interleave(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn torch.stack([((pred == k) & (y == k)).sum() / (pred == k).sum().clamp(min=1) for k in range(num_classes)])")),
    Wrong("itself", "compare with the prediction", "compared with themselves", ca(edit(LOOP, ("pred == y", "pred == pred")))),
    Wrong("logits", "logits are labels", "which entry is its answer", ca(edit(LOOP, (".argmax(dim=1)", ".max(dim=1).values")))),
    Wrong("axis 0", "argmax over the batch", "Two tensors of different", ca(edit(LOOP, ("argmax(dim=1)", "argmax(dim=0)")))),
    Wrong("sorted", "order does not matter", "The readings are sorted", ca(edit(WHOLE, (".argmax(1)\n", ".argmax(1).sort().values\n")))),
    Wrong("rounded", "right or wrong class", "rounded to 0 and 1", ca(edit(LOOP, (SHARE, SHARE + ".round()")))),
    Wrong("mean digit", "the average reading", "classes have no average", ca(edit(LOOP, (SHARE, "pred.float().mean()")))),
    Wrong("per picture", "right or wrong for each", "one answer per picture", ca(edit(WHOLE, (".view(num_classes, n).mean(1)", "")))),
    Wrong("table", "not averaged", r"shape is \(5, 40\)", ca(edit(WHOLE, (".mean(1)", "")))),
    Wrong("confusion", "what is taken for what", "its diagonal holds", ca("y = torch.arange(num_classes).repeat_interleave(n)\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\n"
                                                                         "table = torch.zeros(num_classes, num_classes)\nfor a, b in zip(y, pred):\n    table[a, b] += 1\nreturn table / n")),
    Wrong("n in all", "n pictures in all", "They share n among them", ca("y = torch.arange(n) % num_classes\npred = classifier(G(torch.randn(n, z_dim), y)).argmax(1)\nreturn torch.stack([(pred[y == k] == k).float().mean() for k in range(num_classes)])")),
    Wrong("random labels", "labels are random in training", "The labels are drawn", ca("y = torch.randint(0, num_classes, (n * num_classes,))\npred = classifier(G(torch.randn(len(y), z_dim), y)).argmax(1)\nreturn torch.stack([(pred[y == k] == k).float().mean() for k in range(num_classes)])")),
    Wrong("one class", "placeholder left in", "All are of one class", ca(edit(LOOP, ("torch.full((n,), k)", "torch.zeros(n, dtype=torch.long)")))),
    Wrong("from 1", "classes start at 1", "A class is left out", ca(edit(LOOP, ("range(num_classes)", "range(1, num_classes)")))),
    Wrong("same noise", "the class decides", "rows of z differ", ca(edit(LOOP, ("torch.randn(n, z_dim)", "torch.randn(1, z_dim).expand(n, -1)")))),
    Wrong("rand", "rand", "compare the names rand and randn", ca(edit(LOOP, ("torch.randn", "torch.rand")))),
    Wrong("zeros", "no noise", "all pictures are the same", ca(edit(LOOP, ("torch.randn", "torch.zeros")))),
    Wrong("seed", "reproducible", "the global seed stays alone", ca("torch.manual_seed(0)\n" + LOOP)),
    Wrong("scaled", "pictures in [0, 1]", "images that the classifier gets are not G's", ca(edit(LOOP, ("classifier(G(torch.randn(n, z_dim), y))", "classifier((G(torch.randn(n, z_dim), y) + 1) / 2)")))),
    Wrong("list", "a list is fine", "a list of", ca(edit(LOOP, ("torch.stack(accs)", "accs")))),
    Wrong("no return", "assignment is enough", "None came back", ca(edit(LOOP, ("return ", "")))),
    Wrong("no classifier", "D judges", "the classifier is never called", ca("return torch.ones(num_classes) * G(torch.randn(n, z_dim), torch.zeros(n, dtype=torch.long)).mean()")),
    Wrong("no labels", "G(z)", "G gets z without labels", ca(edit(LOOP, (", y)).argmax", ")).argmax")))),
    Wrong("bool mean", "mean of booleans", "could not infer output dtype", ca(edit(LOOP, (".float().mean()", ".mean()")))),
    Wrong("dict", "by name", "a dict came back", ca(edit(LOOP, ("torch.stack(accs)", "dict(enumerate(accs))")))),
]

REMARKS = {  # (exercise, id of a right answer): words of its line
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
