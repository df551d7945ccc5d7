"""Known answers to the exercises of lesson 4, adversarial attacks and training."""

from mistakes import Wrong, edit, function, one

RIGHT, WRONG = {}, {}

EVAL = "runs in train mode, expected eval mode"
HINT_BACKWARD = "has also filled .grad of the weights"

# --- input_gradient -------------------------------------------------------------------------------

G = """def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_(True)
    loss = F.cross_entropy(model(x), y)
    return torch.autograd.grad(loss, x)[0]
"""
B = """def input_gradient(model, x, y):
    x = x.detach().clone().requires_grad_(True)
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    return x.grad
"""
LOSS = "F.cross_entropy(model(x), y)"
CALL = "torch.autograd.grad(loss, x)[0]"


def g(loss):
    """An answer that follows another loss."""
    return edit(G, (LOSS, loss))


def out(result):
    """An answer that gives back something else."""
    return edit(G, (CALL, result))


def body(text, before=""):
    """An answer by its lines."""
    return function("input_gradient", "model, x, y", text, before)


RIGHT["input_gradient"] = {
    "autograd.grad": G,
    "backward, sum": edit(B, ("y)\n    loss", 'y, reduction="sum")\n    loss')),
    "backward, mean": B,
    "module loss": g("nn.CrossEntropyLoss()(model(x), y)"),
    "log_softmax and nll": g("F.nll_loss(F.log_softmax(model(x), dim=1), y)"),
    "by hand": g("(torch.logsumexp(model(x), 1) - model(x)[torch.arange(len(y)), y]).mean()"),
    "sum of losses": g("F.cross_entropy(model(x), y, reduction='none').sum()"),
    "one-hot labels": edit(G, (LOSS, "F.cross_entropy((z := model(x)), F.one_hot(y, z.shape[1]).float())")),
    "flag put back": body("x.requires_grad_(True)\ng, = torch.autograd.grad(F.cross_entropy(model(x), y), [x])\nx.requires_grad_(False)\nreturn g"),
    "eval inside": body("was = model.training\nmodel.eval()\nx = x.clone().requires_grad_()\ng = torch.autograd.grad(F.cross_entropy(model(x), y), x)[0]\nmodel.train(was)\nreturn g"),
    "through delta": body("delta = torch.zeros_like(x, requires_grad=True)\nF.cross_entropy(model(x + delta), y).backward()\nmodel.zero_grad()\nreturn delta.grad"),
    "retain_grad": body("x = (x + torch.zeros_like(x, requires_grad=True))\nx.retain_grad()\nF.cross_entropy(model(x), y).backward()\nreturn x.grad"),
    "image by image": body("gs = []\nfor xi, yi in zip(x, y):\n    xi = xi[None].clone().requires_grad_()\n    gs.append(torch.autograd.grad(F.cross_entropy(model(xi), yi[None]), xi)[0])\nreturn torch.cat(gs)"),
    "create_graph, accepted with a remark": out("torch.autograd.grad(loss, x, create_graph=True)[0]"),
    "grad of a detached copy": body("copy = x.data.clone()\ncopy.requires_grad = True\nloss = F.cross_entropy(model(copy), y)\nloss.backward()\nreturn copy.grad.detach()"),
}
WRONG["input_gradient"] = [
    Wrong("never, backward", "the graph knows x", "x has to ask for its gradient before the model", edit(B, (".requires_grad_(True)", ""))),
    Wrong("accumulates", "backward replaces .grad", "backward.. adds to .grad", body("x.requires_grad = True\nF.cross_entropy(model(x), y).backward()\nreturn x.grad.clone()")),
    Wrong("winner's probability", "confidence", "winning class", g("model(x).softmax(1).max(1).values.sum()")),
    Wrong("loss", "loss is the gradient", "one number, a loss perhaps", out("loss")),
    Wrong("logits", "outputs", "looks like the logits", out("model(x)")),
    Wrong("first image", "grad(...)[0][0]", "one image for the whole batch", out("torch.autograd.grad(loss, x)[0][0]")),
]

# --- fgsm -----------------------------------------------------------------------------------------

F1 = """def fgsm(model, x, y, eps):
    was_training = model.training
    model.eval()
    x_adv = x.clone().detach().requires_grad_(True)
    loss = F.cross_entropy(model(x_adv), y)
    grad = torch.autograd.grad(loss, x_adv)[0]
    model.train(was_training)
    return (x + eps * grad.sign()).clamp(0, 1).detach()
"""
STEP = "(x + eps * grad.sign()).clamp(0, 1).detach()"


def f(result):
    """fgsm with another last line."""
    return edit(F1, (STEP, result))


def fl(loss):
    """fgsm along another loss."""
    return edit(F1, ("F.cross_entropy(model(x_adv), y)", loss))


RIGHT["fgsm"] = {
    "plain": F1,
    "delta": """def fgsm(model, x, y, eps):
    mode = model.training
    model.eval()
    delta = torch.zeros_like(x, requires_grad=True)
    nn.CrossEntropyLoss()(model(x + delta), y).backward()
    model.zero_grad()
    model.train(mode)
    return torch.clamp(x + eps * delta.grad.sign(), 0, 1)
""",
    "backward, accepted with a remark": edit(F1, ("grad = torch.autograd.grad(loss, x_adv)[0]", "loss.backward()\n    grad = x_adv.grad")),
    "own input_gradient": G + function("fgsm", "model, x, y, epsilon", "mode = model.training\nmodel.eval()\ng = input_gradient(model, x, y)\nmodel.train(mode)\nreturn (x + epsilon * g.sign()).clamp(0, 1)"),
    "sum": fl("F.cross_entropy(model(x_adv), y, reduction='sum')"),
    "torch.sign, torch.clamp": f("torch.clamp(x + eps * torch.sign(grad), min=0.0, max=1.0)"),
    "in place on its own": edit(F1, ("    return " + STEP, "    with torch.no_grad():\n        x_adv += eps * grad.sign()\n        x_adv.clamp_(0, 1)\n    return x_adv.detach()")),
    "max and min": f("torch.min(torch.max(x + eps * grad.sign(), torch.zeros_like(x)), torch.ones_like(x))"),
    "log p": edit(fl("F.log_softmax(model(x_adv), 1)[torch.arange(len(y)), y].sum()"), ("x + eps", "x - eps")),
    "try, finally": function("fgsm", "model, x, y, eps", "mode = model.training\ntry:\n    model.eval()\n    z = x.clone().requires_grad_()\n    g = torch.autograd.grad(F.cross_entropy(model(z), y), z)[0]\nfinally:\n    model.train(mode)\nreturn x.add(g.sign(), alpha=eps).clamp(0, 1)"),
    "if training": function("fgsm", "model, x, y, eps", "mode = model.training\nmodel.eval()\nz = x.clone().requires_grad_()\ng = torch.autograd.grad(F.cross_entropy(model(z), y), z)[0]\nif mode:\n    model.train()\nreturn (x + eps * g.sign()).clamp(0, 1)"),
    "ternary sign": f("(x + eps * torch.where(grad > 0, 1.0, torch.where(grad < 0, -1.0, 0.0))).clamp(0, 1)"),
    "data": f("(x_adv.data + eps * grad.data.sign()).clamp(0, 1)"),
    "grad over abs": f("(x + eps * torch.nan_to_num(grad / grad.abs())).clamp(0, 1)"),
}
LEAVES = "can a camera produce"
WRONG["fgsm"] = [
    Wrong("clamp forgotten", "clamp works in place", LEAVES, edit(F1, ("    return " + STEP, "    x_adv = (x + eps * grad.sign()).detach()\n    x_adv.clamp(0, 1)\n    return x_adv"))),
    Wrong("no mode at all", "the mode does not matter", EVAL, edit(F1, ("    model.eval()\n", ""), ("    was_training = model.training\n", ""), ("    model.train(was_training)\n", ""))),
    Wrong("leaves eval", "eval() ends with the function", "left in eval mode", edit(F1, ("    model.train(was_training)\n", ""))),
    Wrong("graph", "clamp ends the graph", "still carries a graph", f("(x_adv + eps * grad.sign()).clamp(0, 1)")),
    Wrong("x grad", "tidy the flag", "x.grad is filled", function("fgsm", "model, x, y, eps", "mode = model.training\nmodel.eval()\nx.requires_grad_(True)\nF.cross_entropy(model(x), y).backward()\nx.requires_grad_(False)\nmodel.train(mode)\nreturn (x + eps * x.grad.sign()).clamp(0, 1)")),
    Wrong("decorated", "attacks need no grad", "The loss has no history", "@torch.no_grad()\n" + F1),
]

# --- fgsm_targeted --------------------------------------------------------------------------------

T = """def fgsm_targeted(model, x, target, eps):
    x_adv = x.clone().detach().requires_grad_(True)
    grad = torch.autograd.grad(F.cross_entropy(model(x_adv), target), x_adv)[0]
    return (x - eps * grad.sign()).clamp(0, 1).detach()
"""
TSTEP = "(x - eps * grad.sign()).clamp(0, 1).detach()"
TLOSS = "F.cross_entropy(model(x_adv), target)"


def t(result):
    """fgsm_targeted with another last line."""
    return edit(T, (TSTEP, result))


RIGHT["fgsm_targeted"] = {
    "plain": T,
    "log p": """def fgsm_targeted(model, x, target, eps):
    xi = x.detach().clone().requires_grad_()
    logp = F.log_softmax(model(xi), 1)
    logp[torch.arange(len(x)), target].sum().backward()
    return torch.clamp(x + eps * xi.grad.sign(), 0, 1)
""",
    "minus loss": edit(T, (TLOSS, "-" + TLOSS), ("x - eps", "x + eps")),
    "fgsm with minus eps": F1 + function("fgsm_targeted", "model, x, target, eps", "return fgsm(model, x, target, -eps)"),
    "own input_gradient": G + function("fgsm_targeted", "model, x, target, epsilon", "return (x - epsilon * input_gradient(model, x, target).sign()).clamp(0, 1)"),
    "mode kept": edit(T, ("    x_adv =", "    mode = model.training\n    model.eval()\n    x_adv ="), ("    return", "    model.train(mode)\n    return")),
    "graph, accepted with a remark": t("(x_adv - eps * grad.sign()).clamp(0, 1)"),
    "sum": edit(T, ("target)", "target, reduction='sum')")),
}
AWAY = "runs away from the target"
WRONG["fgsm_targeted"] = [
    Wrong("fgsm", "the target is a label", AWAY, F1 + function("fgsm_targeted", "model, x, target, eps", "return fgsm(model, x, target, eps)")),
    Wrong("x flag", "the flag is local", "the caller's x requires grad", edit(T, ("x_adv = x.clone().detach().requires_grad_(True)", "x_adv = x.requires_grad_(True)"), ("(x - eps", "(x.detach() - eps"))),
    Wrong("no return", "assignment is enough", "None came back", edit(T, ("return ", "x_adv = "))),
    Wrong("left in train", "train afterwards", "left in train mode", edit(T, ("    return", "    model.train()\n    return"))),
]

# --- fgsm_pixel -----------------------------------------------------------------------------------

P = """def fgsm_pixel(model, x, y, eps, mean, std):
    x_adv = x.clone().detach().requires_grad_(True)
    loss = F.cross_entropy(model((x_adv - mean) / std), y)
    grad = torch.autograd.grad(loss, x_adv)[0]
    return (x + eps * grad.sign()).clamp(0, 1).detach()
"""
N = """def fgsm_pixel(model, x, y, eps, mean, std):
    xn = ((x - mean) / std).detach().requires_grad_()
    F.cross_entropy(model(xn), y).backward()
    xn_adv = xn.detach() + (eps / std) * xn.grad.sign()
    return (xn_adv * std + mean).clamp(0, 1)
"""
W = """class NormalizedModel(nn.Module):
    def __init__(self, model, mean, std):
        super().__init__()
        self.model = model
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x):
        return self.model((x - self.mean) / self.std)
"""


def p(*changes):
    """fgsm_pixel in pixel space, changed."""
    return edit(P, *changes)


def n(*changes):
    """fgsm_pixel in normalised space, changed."""
    return edit(N, *changes)


RIGHT["fgsm_pixel"] = {
    "mode kept": p(("    loss", "    mode = model.training\n    model.eval()\n    loss"), ("    return", "    model.train(mode)\n    return")),
    "pixel space": P,
    "normalised space": N,
    "wrapper and fgsm, accepted with a remark": W + F1 + function("fgsm_pixel", "model, x, y, epsilon, mean, std", "return fgsm(NormalizedModel(model, mean, std), x, y, epsilon)"),
    "lambda": G + function("fgsm_pixel", "model, x, y, epsilon, mean, std", "g = input_gradient(lambda x: model((x - mean) / std), x, y)\nreturn (x + epsilon * g.sign()).clamp(0, 1)"),
    "gradient in normalised space": function("fgsm_pixel", "model, x, y, epsilon, mean, std", "z = ((x - mean) / std).requires_grad_()\ng = torch.autograd.grad(F.cross_entropy(model(z), y), z)[0]\nreturn (x + epsilon * g.sign()).clamp(0, 1)"),
    "clamped to normalised borders": n(("    return (xn_adv * std + mean).clamp(0, 1)", "    return xn_adv.clamp((0 - mean) / std, (1 - mean) / std) * std + mean")),
}
STILL = "still in normalised units"
WRONG["fgsm_pixel"] = [
    Wrong("normalised at the end", "ready for the model", STILL, p(("(x + eps * grad.sign()).clamp(0, 1).detach()", "((x + eps * grad.sign()).clamp(0, 1) - mean) / std"))),
    Wrong("x in place", "normalise in place", "x itself has changed", p(("    x_adv =", "    x.sub_(mean).div_(std)\n    x_adv ="))),
    Wrong("no return", "assignment is enough", "None came back", p(("return ", "x_adv = "))),
    Wrong("left in train flag", "train for the gradient", EVAL, p(("    loss", "    model.train()\n    loss"))),
]

# --- NormalizedModel ------------------------------------------------------------------------------

FORWARD = "self.model((x - self.mean) / self.std)"


def w(*changes):
    """The wrapper, changed."""
    return edit(W, *changes)


def seen(expression):
    """The wrapper with another input of the model."""
    return w((FORWARD, f"self.model({expression})"))


BUFFERS = '''        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))
'''
PLAIN = '''        self.mean = torch.tensor(mean).view(1, -1, 1, 1)
        self.std = torch.tensor(std).view(1, -1, 1, 1)
'''
RIGHT["NormalizedModel"] = {
    "buffers": W,
    "other names": w(("self.mean", "self.m"), ("self.std", "self.s"), ('"mean"', '"m"'), ('"std"', '"s"'), ("self.model", "self.net")),
    "(C, 1, 1)": w((".view(1, -1, 1, 1)", "[:, None, None]")),
    "as_tensor": w(("torch.tensor(", "torch.as_tensor("), (".view(", ".float().reshape(")),
    "div": seen("x.sub(self.mean).div(self.std)"),
    "not persistent": w(("-1, 1, 1))", "-1, 1, 1), persistent=False)")),
    "reshaped in forward": w((".view(1, -1, 1, 1)", ""), ("self.mean)", "self.mean.view(1, -1, 1, 1))"), ("/ self.std", "/ self.std.view(1, -1, 1, 1)")),
    "frozen parameters": w(('self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))', "self.mean = nn.Parameter(torch.tensor(mean).view(1, -1, 1, 1), requires_grad=False)"),
                           ('self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))', "self.std = nn.Parameter(torch.tensor(std).view(1, -1, 1, 1), requires_grad=False)")),
    "scale and shift": w((BUFFERS, '        std = torch.tensor(std).view(1, -1, 1, 1)\n        self.register_buffer("scale", 1 / std)\n        self.register_buffer("shift", -torch.tensor(mean).view(1, -1, 1, 1) / std)\n'), (FORWARD, "self.model(x * self.scale + self.shift)")),
    "lists, tensors in forward": w((BUFFERS, "        self.mean, self.std = list(mean), list(std)\n"), (FORWARD, "self.model((x - x.new_tensor(self.mean).view(1, -1, 1, 1)) / x.new_tensor(self.std).view(1, -1, 1, 1))")),
    "inner layer": """class Normalize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x):
        return (x - self.mean) / self.std


class NormalizedModel(nn.Sequential):
    def __init__(self, model, mean, std):
        super().__init__(Normalize(mean, std), model)
""",
    "plain, moved in forward": w((BUFFERS, PLAIN), (FORWARD, "self.model((x - self.mean.to(x)) / self.std.to(x))")),
}
STAY = "stay behind"
WRONG["NormalizedModel"] = [
    Wrong("channels last", "as in numpy", "meet the last axis", w((".view(1, -1, 1, 1)", ".view(1, 1, 1, -1)"))),
    Wrong("plain", "attributes move with the module", STAY, w((BUFFERS, PLAIN))),
    Wrong("list", "a list holds modules", "self.model is a Python list", w(("self.model = model", "self.model = [model]"), ("self.model(", "self.model[0]("))),
    Wrong("argmax", "predictions", "logits of the model come back", w((FORWARD, FORWARD + ".argmax(1)"))),
    Wrong("detached", "constants", "no gradient reaches x", seen("((x - self.mean) / self.std).detach()")),
    Wrong("no return", "calling is enough", "None came back", w(("return self.model", "self.model"))),
]

# --- linf_project ---------------------------------------------------------------------------------

q = one("linf_project", "x_adv, x, eps")
RIGHT["linf_project"] = {
    "delta": function("linf_project", "x_adv, x, eps", "delta = (x_adv - x).clamp(-eps, eps)\nreturn (x + delta).clamp(0, 1)"),
    "max, min": q("torch.max(torch.min(x_adv, x + eps), x - eps).clamp(0, 1)"),
    "tensors as bounds": q("torch.clamp(x_adv, min=x - eps, max=x + eps).clamp(0, 1)"),
    "box first": q("x + torch.clamp(x_adv.clamp(0, 1) - x, min=-eps, max=eps)"),
    "bounds first": q("x_adv.clamp((x - eps).clamp(min=0), (x + eps).clamp(max=1))"),
    "where": q("torch.where(x_adv > x + eps, x + eps, torch.where(x_adv < x - eps, x - eps, x_adv)).clamp(0, 1)"),
    "lambda": "linf_project = lambda a, x, e: x.add((a - x).clamp(-e, e)).clamp(0, 1)\n",
    "no_grad": "@torch.no_grad()\n" + q("(x + torch.clip(x_adv - x, -eps, eps)).clip(0, 1)"),
    "maximum": q("torch.maximum(torch.minimum(x_adv, (x + eps).clamp(0, 1)), (x - eps).clamp(0, 1))"),
}
WRONG["linf_project"] = [
    Wrong("abs", "size of the change", "Only one side", q("(x + (x_adv - x).abs().clamp(max=eps)).clamp(0, 1)")),
    Wrong("in place", "clamp_ is faster", "x_adv itself has changed, expected that what comes in stays", q("x_adv.clamp_(0, 1).sub_(x).clamp_(-eps, eps).add_(x)")),
    Wrong("no return", "assignment is enough", "None came back", function("linf_project", "x_adv, x, eps", "x_adv = (x + (x_adv - x).clamp(-eps, eps)).clamp(0, 1)")),
]

# --- random_start ---------------------------------------------------------------------------------

r = one("random_start", "x, eps")
RIGHT["random_start"] = {
    "uniform_": function("random_start", "x, eps", "noise = torch.empty_like(x).uniform_(-eps, eps)\nreturn (x + noise).clamp(0, 1)"),
    "rand_like": r("(x + (2 * torch.rand_like(x) - 1) * eps).clamp(0, 1)"),
    "rand of the shape": r("(x + eps * (2 * torch.rand(x.shape) - 1)).clamp(0, 1)"),
    "minus eps plus 2 eps": r("torch.clamp(x - eps + 2 * eps * torch.rand_like(x), 0, 1)"),
    "distribution": r("(x + torch.distributions.Uniform(-eps, eps).sample(x.shape)).clamp(0, 1)"),
    "numpy": r("(x + torch.from_numpy(np.random.uniform(-eps, eps, x.shape)).float()).clamp(0, 1)"),
    "zeros_like": r("(x + torch.zeros_like(x).uniform_(-eps, eps)).clamp(0, 1).detach()"),
    "centred rand": r("(x + 2 * eps * (torch.rand_like(x) - 0.5)).clamp(0, 1)"),
    "init": function("random_start", "x, eps", "noise = torch.empty_like(x)\nnn.init.uniform_(noise, -eps, eps)\nreturn (x + noise).clip(0, 1)"),
}
WRONG["random_start"] = [
    Wrong("small randn", "Gaussian in the ball", "Look at the distribution", r("(x + (eps / 3 * torch.randn_like(x)).clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("seed", "reproducible", "sets the global seed", function("random_start", "x, eps", "torch.manual_seed(0)\nreturn (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)")),
    Wrong("own generator", "reproducible", "without a seed and without keeping", r("(x + eps * (2 * torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) - 1)).clamp(0, 1)")),
    Wrong("noise only", "the noise is the start", "never brighter", r("torch.empty_like(x).uniform_(-eps, eps).clamp(0, 1)")),
    Wrong("in place", "saves memory", "x itself has changed", r("x.add_(torch.empty_like(x).uniform_(-eps, eps)).clamp_(0, 1)")),
    Wrong("no return", "assignment is enough", "None came back", function("random_start", "x, eps", "x = (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)")),
]

# --- pgd ------------------------------------------------------------------------------------------

ITERATED = """def pgd(model, x, y, eps, alpha, steps):
    was_training = model.training
    model.eval()
    x_adv = (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)
    for _ in range(steps):
        x_adv = x_adv.detach().requires_grad_(True)
        loss = F.cross_entropy(model(x_adv), y)
        grad = torch.autograd.grad(loss, x_adv)[0]
        x_adv = x_adv + alpha * grad.sign()
        x_adv = (x + (x_adv - x).clamp(-eps, eps)).clamp(0, 1)
    model.train(was_training)
    return x_adv.detach()
"""
ISTEP = "x_adv = x_adv + alpha * grad.sign()"
IPROJ = "x_adv = (x + (x_adv - x).clamp(-eps, eps)).clamp(0, 1)"
ISTART = "x_adv = (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)"
ILOSS = "F.cross_entropy(model(x_adv), y)"


def i(*changes):
    """pgd, changed."""
    return edit(ITERATED, *changes)


DELTA = """def pgd(model, x, y, epsilon, alpha, steps):
    mode = model.training
    model.eval()
    delta = torch.empty_like(x).uniform_(-epsilon, epsilon)
    delta = (x + delta).clamp(0, 1) - x
    for _ in range(steps):
        delta.requires_grad_(True)
        loss = nn.CrossEntropyLoss()(model(x + delta), y)
        loss.backward()
        delta = (delta.detach() + alpha * delta.grad.sign()).clamp(-epsilon, epsilon)
        delta = (x + delta).clamp(0, 1) - x
    model.zero_grad()
    model.train(mode)
    return (x + delta).detach()
"""
ZEROED = """def pgd(model, x, y, epsilon, alpha, steps):
    mode = model.training
    model.eval()
    delta = torch.empty_like(x).uniform_(-epsilon, epsilon)
    delta.data = (x + delta).clamp(0, 1) - x
    delta.requires_grad_(True)
    for _ in range(steps):
        F.cross_entropy(model(x + delta), y).backward()
        delta.data = (delta + alpha * delta.grad.sign()).clamp(-epsilon, epsilon)
        delta.data = (x + delta).clamp(0, 1) - x
        delta.grad.zero_()
    model.train(mode)
    return (x + delta).detach()
"""
PER_IMAGE = """def pgd(model, x, y, epsilon, alpha, steps):
    mode = model.training
    model.eval()
    found = []
    for xi, yi in zip(x, y):
        xi, yi = xi[None], yi[None]
        z = (xi + torch.empty_like(xi).uniform_(-epsilon, epsilon)).clamp(0, 1)
        for _ in range(steps):
            z.requires_grad_()
            g = torch.autograd.grad(F.cross_entropy(model(z), yi), z)[0]
            z = (z.detach() + alpha * g.sign()).clamp(xi - epsilon, xi + epsilon).clamp(0, 1)
        found.append(z.detach())
    model.train(mode)
    return torch.cat(found)
"""
RIGHT["pgd"] = {
    "plain": ITERATED,
    "max, min": i((IPROJ, "x_adv = torch.max(torch.min(x_adv, x + eps), x - eps)\n        x_adv = torch.clamp(x_adv, 0, 1)")),
    "no detach, accepted with a remark": i(("x_adv = x_adv.detach().requires_grad_(True)", "x_adv.requires_grad_(True)")),
    "delta": DELTA,
    "delta, zeroed": ZEROED,
    "parts of the lesson": G + RIGHT["linf_project"]["delta"] + RIGHT["random_start"]["uniform_"]
    + function("pgd", "model, x, y, epsilon, alpha, steps", "mode = model.training\nmodel.eval()\nx_adv = random_start(x, epsilon)\nfor _ in range(steps):\n    x_adv = linf_project(x_adv + alpha * input_gradient(model, x_adv, y).sign(), x, epsilon)\nmodel.train(mode)\nreturn x_adv"),
    "start not clamped": i((ISTART, "x_adv = x + torch.empty_like(x).uniform_(-eps, eps)")),
    "eval in the loop": G + function("pgd", "model, x, y, epsilon, alpha, steps", "z = (x + (2 * torch.rand_like(x) - 1) * epsilon).clamp(0, 1)\nfor _ in range(steps):\n    mode = model.training\n    model.eval()\n    g = input_gradient(model, z, y)\n    model.train(mode)\n    z = torch.clamp(z + alpha * g.sign(), x - epsilon, x + epsilon).clamp(0, 1)\nreturn z"),
    "backward, accepted with a remark": i(("grad = torch.autograd.grad(loss, x_adv)[0]", "loss.backward()\n        grad = x_adv.grad")),
    "no_grad update": i((f"        {ISTEP}\n        {IPROJ}", f"        with torch.no_grad():\n            {ISTEP}\n            {IPROJ}")),
    "in place on its own": i((f"        {ISTEP}\n        {IPROJ}", "        with torch.no_grad():\n            x_adv += alpha * grad.sign()\n            x_adv.clamp_(x - eps, x + eps).clamp_(0, 1)")),
    "box on the way out only, accepted with a remark": i((IPROJ, "x_adv = x + (x_adv - x).clamp(-eps, eps)"), ("return x_adv.detach()", "return x_adv.detach().clamp(0, 1)")),
    "box first": i((IPROJ, "x_adv = x + (x_adv.clamp(0, 1) - x).clamp(-eps, eps)")),
    "loss printed at the end": i(("    model.train(", "    with torch.no_grad():\n        print(F.cross_entropy(model(x_adv), y))\n    model.train(")),
    "corner start, accepted with a remark": i((ISTART, "x_adv = (x + eps * torch.randn_like(x).sign()).clamp(0, 1)")),
    "cut normal start, accepted with a remark": i((ISTART, "x_adv = (x + (eps * torch.randn_like(x)).clamp(-eps, eps)).clamp(0, 1)")),
    "image by image": PER_IMAGE,
    "while": i(("for _ in range(steps):", "n = 0\n    while n < steps:\n        n += 1")),
    "sum": i((ILOSS, "F.cross_entropy(model(x_adv), y, reduction='sum')")),
}
NEVER_BACK = "never brought back into the ball"
WRONG["pgd"] = [
    Wrong("fgsm in a loop, no projection", "iterate FGSM", NEVER_BACK, F1 + function("pgd", "model, x, y, eps, alpha, steps", "x_adv = (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)\nfor _ in range(steps):\n    x_adv = fgsm(model, x_adv, y, alpha)\nreturn x_adv")),
    Wrong("one gradient", "compute it once", "gradient is taken 1 times", i(("    for _ in range(steps):\n        x_adv = x_adv.detach().requires_grad_(True)\n        loss = F.cross_entropy(model(x_adv), y)\n        grad = torch.autograd.grad(loss, x_adv)[0]\n", "    x_adv = x_adv.detach().requires_grad_(True)\n    loss = F.cross_entropy(model(x_adv), y)\n    grad = torch.autograd.grad(loss, x_adv)[0]\n    for _ in range(steps):\n"))),
    Wrong("ten steps", "steps is 10", "gradient is taken 10 times", i(("range(steps)", "range(10)"))),
    Wrong("point lost", "in place is remembered", "at the same point", i((f"        {ISTEP}\n        {IPROJ}", "        x_adv + alpha * grad.sign()"))),
    Wrong("no flag", "the graph knows", "took no part", i((".requires_grad_(True)", ""))),
    Wrong("x in place", "saves memory", "x itself has changed", i((ISTART, "x_adv = x.add_(torch.empty_like(x).uniform_(-eps, eps)).clamp_(0, 1)"))),
]

# --- adversarial_train_step -----------------------------------------------------------------------

A = """def adversarial_train_step(model, opt, x, y, attack):
    x_adv = attack(model, x, y)
    model.train()
    opt.zero_grad()
    loss = F.cross_entropy(model(x_adv), y)
    loss.backward()
    opt.step()
    return loss.item()
"""
ALOSS = "F.cross_entropy(model(x_adv), y)"


def a(*changes):
    """adversarial_train_step, changed."""
    return edit(A, *changes)


RIGHT["adversarial_train_step"] = {
    "plain": A,
    "train first, accepted with a remark": a(("    model.train()\n", ""), ("    x_adv =", "    model.train()\n    x_adv =")),
    "concatenated": """def adversarial_train_step(model, opt, x, y, attack):
    x_adv = attack(model, x, y)
    logits = model(torch.cat([x, x_adv]))
    loss = nn.CrossEntropyLoss()(logits, torch.cat([y, y]))
    model.zero_grad()
    loss.backward()
    opt.step()
""",
    "half and half": a((ALOSS, f"0.5 * F.cross_entropy(model(x), y) + 0.5 * {ALOSS}")),
    "sum of both": a((ALOSS, f"F.cross_entropy(model(x), y) + {ALOSS}")),
    "weighted": a((ALOSS, f"0.3 * F.cross_entropy(model(x), y) + 0.7 * {ALOSS}")),
    "zero twice": a(("    x_adv =", "    opt.zero_grad()\n    x_adv =")),
    "zero after forward": a(("    opt.zero_grad()\n", ""), ("    loss.backward", "    opt.zero_grad()\n    loss.backward")),
    "eval for the attack": a(("    x_adv =", "    model.eval()\n    x_adv =")),
    "detached": a(("attack(model, x, y)", "attack(model, x, y).detach()")),
    "two backward calls": a(("    loss.backward()", "    (loss / 2).backward()\n    (F.cross_entropy(model(x), y) / 2).backward()")),
    "nll": a((ALOSS, "F.nll_loss(F.log_softmax(model(x_adv), 1), y)")),
    "model.zero_grad": a(("opt.zero_grad()", "model.zero_grad()")),
    "grads set to None": a(("opt.zero_grad()", "for p in model.parameters():\n        p.grad = None")),
    "eval afterwards": a(("    return", "    model.eval()\n    return")),
}
CLEAR = "cleared after the attack"
WRONG["adversarial_train_step"] = [
    Wrong("maximise adversarial", "clean down, adversarial up", "Who minimises", a((ALOSS, f"F.cross_entropy(model(x), y) - {ALOSS}"))),
    Wrong("eval", "leave it in the mode of the attack", "update runs in eval mode", a(("model.train()", "model.eval()"))),
    Wrong("no zero", "fresh gradients each step", CLEAR, a(("    opt.zero_grad()\n", ""))),
    Wrong("no attack", "plain training", "attack is never called", a(("attack(model, x, y)", "x"))),
    Wrong("all under no_grad", "attacks change nothing", "attack runs under no_grad", "@torch.no_grad()\n" + A),
    Wrong("doubled", "backward twice", "look for a factor, for clipping, or for a sum where a mean", a(("loss.backward()", "(3 * loss).backward()"))),
]

# --- robust_accuracy ------------------------------------------------------------------------------

R = """def robust_accuracy(model, loader, attack):
    model.eval()
    right = total = 0
    for x, y in loader:
        x_adv = attack(model, x, y)
        with torch.no_grad():
            right += (model(x_adv).argmax(1) == y).sum().item()
        total += len(y)
    return right / total
"""


def ra(*changes):
    """robust_accuracy, changed."""
    return edit(R, *changes)


RIGHT["robust_accuracy"] = {
    "plain": R,
    "hits together": """def robust_accuracy(model, loader, attack):
    model.eval()
    hits = torch.cat([(model(attack(model, x, y)).argmax(dim=1) == y).float() for x, y in loader])
    return hits.mean().item()
""",
    "data set's length": ra(("return right / total", "return right / len(loader.dataset)")),
    "mode kept": ra(("    model.eval()", "    mode = model.training\n    model.eval()"), ("    return", "    model.train(mode)\n    return")),
    "max": ra(("model(x_adv).argmax(1)", "model(x_adv).max(1)[1]")),
    "tensor, accepted with a remark": ra((".sum().item()", ".sum()")),
    "weighted means": ra(("(model(x_adv).argmax(1) == y).sum().item()", "(model(x_adv).argmax(1) == y).float().mean().item() * len(y)")),
    "softmax first": ra(("model(x_adv).argmax(1)", "model(x_adv).softmax(1).argmax(-1)")),
    "numpy": ra(("(model(x_adv).argmax(1) == y).sum().item()", "int(np.sum(model(x_adv).argmax(1).numpy() == y.numpy()))")),
    "eval in the loop": ra(("    model.eval()\n", ""), ("        with", "        model.eval()\n        with")),
    "list": ra(("right = total = 0", "hits = []"), ("right += (model(x_adv).argmax(1) == y).sum().item()", "hits += (model(x_adv).argmax(1) == y).tolist()"), ("        total += len(y)\n", ""), ("right / total", "sum(hits) / len(hits)")),
}
NO_GRAD = "attack runs under no_grad"
WRONG["robust_accuracy"] = [
    Wrong("no_grad around the loop", "evaluation runs under no_grad", NO_GRAD, ra(("    for x, y in loader:\n        x_adv = attack(model, x, y)\n        with torch.no_grad():\n            right += (model(x_adv).argmax(1) == y).sum().item()\n        total += len(y)\n", "    with torch.no_grad():\n        for x, y in loader:\n            right += (model(attack(model, x, y)).argmax(1) == y).sum().item()\n            total += len(y)\n"))),
    Wrong("batch means", "mean of batch means", "accuracies of the batches are averaged", ra(("right += (model(x_adv).argmax(1) == y).sum().item()", "right += (model(x_adv).argmax(1) == y).float().mean().item()"), ("total += len(y)", "total += 1"))),
    Wrong("no attack", "accuracy", "attack is never called", ra(("attack(model, x, y)", "x"))),
    Wrong("first batch", "return inside the loop", "the attack gets batches of .", ra(("    return", "        return"))),
    Wrong("train mode", "the mode does not matter", "runs in train mode, expected eval", ra(("    model.eval()\n", ""))),
    Wrong("no model", "the attack tells", "model is never called", ra(("model(x_adv).argmax(1)", "x_adv.flatten(1).argmax(1)"))),
]

# --- attack_success_rate --------------------------------------------------------------------------


def sm(text):
    """attack_success_rate by its lines, with the mask of the right images."""
    return function("attack_success_rate", "clean_pred, adv_pred, y", "m = clean_pred == y\n" + text)


RIGHT["attack_success_rate"] = {
    "counts": sm("return (m & (adv_pred != y)).sum().item() / m.sum().item()"),
    "masked mean": sm("return (adv_pred[m] != y[m]).float().mean()"),
    "item": sm("return (adv_pred[m] != y[m]).double().mean().item()"),
    "one minus": sm("return 1 - (adv_pred[m] == y[m]).float().mean().item()"),
    "moved from right": sm("return (adv_pred != clean_pred)[m].float().mean().item()"),
    "loop": function("attack_success_rate", "clean_pred, adv_pred, y", "won = could = 0\nfor c, a, t in zip(clean_pred.tolist(), adv_pred.tolist(), y.tolist()):\n    if c == t:\n        could += 1\n        won += a != t\nreturn won / could"),
    "numpy": sm("m = m.numpy()\nreturn np.mean(adv_pred.numpy()[m] != y.numpy()[m])"),
    "weights": sm("return ((adv_pred != y).float() * m).sum().item() / m.float().sum().item()"),
}
WRONG["attack_success_rate"] = [
    Wrong("all over right", "every error is a success", "Every error after the attack counts", sm("return (adv_pred != y).sum().item() / m.sum().item()")),
    Wrong("python and", "and is &", "& joins two masks", sm("return (m and adv_pred != y).sum().item() / m.sum().item()")),
    Wrong("in place", "mark the wrong ones", "adv_pred itself has changed, expected that what comes in", sm("adv_pred[~m] = y[~m]\nreturn (adv_pred != y).sum().item() / m.sum().item()")),
]

# --- linf_distance --------------------------------------------------------------------------------

d = one("linf_distance", "x_adv, x")
RIGHT["linf_distance"] = {
    "flatten, max": d("(x_adv - x).abs().flatten(1).max(dim=1).values"),
    "amax": d("(x_adv - x).abs().amax(dim=(1, 2, 3))"),
    "norm inf": d("(x_adv - x).flatten(1).norm(p=float('inf'), dim=1)"),
    "linalg": d("torch.linalg.vector_norm((x_adv - x).flatten(1), ord=float('inf'), dim=1)"),
    "stack": d("torch.stack([(a - b).abs().max() for a, b in zip(x_adv, x)])"),
    "tensor of numbers": d("torch.tensor([(a - b).abs().max().item() for a, b in zip(x_adv, x)])"),
    "both signs": d("torch.maximum((x_adv - x).flatten(1).amax(1), (x - x_adv).flatten(1).amax(1))"),
    "cdist": d("torch.stack([torch.dist(a, b, p=float('inf')) for a, b in zip(x_adv, x)])"),
    "view": d("torch.abs(x_adv - x).view(len(x), -1).max(1)[0]"),
}
WRONG["linf_distance"] = [
    Wrong("global", "one number", "one number for the whole batch", d("(x_adv - x).abs().max()")),
    Wrong("global item", "one number", "a float came back", d("(x_adv - x).abs().max().item()")),
    Wrong("mean", "average change", "average change", d("(x_adv - x).abs().flatten(1).mean(1)")),
    Wrong("channel", "max over the last axes", "one number per channel", d("(x_adv - x).abs().amax((2, 3))")),
    Wrong("keepdim", "keep the axes", "keepdim keeps them", d("(x_adv - x).abs().amax((1, 2, 3), keepdim=True)")),
    Wrong("column", "one column", "axis of length 1", d("(x_adv - x).abs().flatten(1).amax(1, keepdim=True)")),
]

REMARKS = {  # (exercise, id of a right answer): words of its line
    ("input_gradient", "backward, sum"): HINT_BACKWARD,
    ("input_gradient", "backward, mean"): HINT_BACKWARD,
    ("input_gradient", "create_graph, accepted with a remark"): "nothing here needs create_graph",
    ("fgsm", "backward, accepted with a remark"): HINT_BACKWARD,
    ("fgsm_targeted", "log p"): HINT_BACKWARD,
    ("fgsm_targeted", "graph, accepted with a remark"): "detach.. would let it go",
    ("fgsm_pixel", "normalised space"): HINT_BACKWARD,
    ("fgsm_pixel", "wrapper and fgsm, accepted with a remark"): "a new nn.Module around it starts in train mode",
    ("fgsm_pixel", "pixel space"): "relies on a model in eval mode",
    ("fgsm_pixel", "lambda"): "relies on a model in eval mode",
    ("adversarial_train_step", "half and half"): "mixed form",
    ("adversarial_train_step", "concatenated"): "mixed form",
    ("adversarial_train_step", "train first, accepted with a remark"): "set before the attack",
    ("pgd", "no detach, accepted with a remark"): "graph grows from step to step",
    ("pgd", "backward, accepted with a remark"): HINT_BACKWARD,
    ("pgd", "box on the way out only, accepted with a remark"): "pixels outside .0, 1. on the way",
    ("pgd", "corner start, accepted with a remark"): "random, and not uniform",
    ("pgd", "cut normal start, accepted with a remark"): "random, and not uniform",
    ("robust_accuracy", "tensor, accepted with a remark"): "A tensor came back",
    ("attack_success_rate", "masked mean"): "A tensor came back",
}
