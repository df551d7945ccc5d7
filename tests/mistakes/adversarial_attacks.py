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
TURNED = "this is the way down"
WRONG["input_gradient"] = [
    Wrong("late", "requires_grad can be set any time before backward", "x has to ask for its gradient before the model",
          body("x = x.detach().clone()\nloss = F.cross_entropy(model(x), y)\nx.requires_grad_(True)\nloss.backward()\nreturn x.grad")),
    Wrong("late, autograd.grad", "requires_grad can be set any time", "took no part in the loss",
          body("x = x.detach().clone()\nloss = F.cross_entropy(model(x), y)\nx.requires_grad_(True)\nreturn torch.autograd.grad(loss, x)[0]")),
    Wrong("never", "the graph knows x", "took no part in the loss", edit(G, (".requires_grad_(True)", ""))),
    Wrong("never, backward", "the graph knows x", "x has to ask for its gradient before the model", edit(B, (".requires_grad_(True)", ""))),
    Wrong("other tensor", "x and its copy are one", "read of another tensor", body("copy = x.detach().clone().requires_grad_()\nF.cross_entropy(model(copy), y).backward()\nreturn x.grad")),
    Wrong("other tensor, grad", "x and its copy are one", "took no part in the loss", body("copy = x.detach().clone().requires_grad_()\nreturn torch.autograd.grad(F.cross_entropy(model(x), y), copy)[0]")),
    Wrong("non-leaf", "every tensor keeps its grad", "only the tensor at the start", body("x = x.detach().requires_grad_().clone()\nF.cross_entropy(model(x), y).backward()\nreturn x.grad")),
    Wrong("no return", "assignment is enough", "return is missing", edit(G, ("return ", "g = "))),
    Wrong("no backward", "the loss fills grad", "Is there a backward pass", edit(B, ("    loss.backward()\n", ""))),
    Wrong("backward returned", "backward gives the gradient", "return is missing", edit(B, ("    return x.grad\n", ""))),
    Wrong("in-place flag", "the flag is local", "the caller's x requires grad", body("x.requires_grad = True\nx.grad = None\nF.cross_entropy(model(x), y).backward()\nreturn x.grad.clone()")),
    Wrong("grad left", "the flag is enough", "x.grad is filled", body("x.requires_grad_(True)\nx.grad = None\nF.cross_entropy(model(x), y).backward()\nx.requires_grad_(False)\nreturn x.grad.clone()")),
    Wrong("accumulates", "backward replaces .grad", "backward.. adds to .grad", body("x.requires_grad = True\nF.cross_entropy(model(x), y).backward()\nreturn x.grad.clone()")),
    Wrong("x changed", "scale in place", "x itself has changed", body("x -= 0.1\nx = x.clone().requires_grad_()\nreturn torch.autograd.grad(F.cross_entropy(model(x), y), x)[0]")),
    Wrong("winner", "gradient of the winning score", "winning class", g("model(x).max(dim=1).values.sum()")),
    Wrong("winner, mean", "gradient of the winning score", "winning class", g("model(x).max(dim=1).values.mean()")),
    Wrong("winner's probability", "confidence", "winning class", g("model(x).softmax(1).max(1).values.sum()")),
    Wrong("label's logit", "the true class counts", "logit of the label alone", g("model(x)[torch.arange(len(y)), y].sum()")),
    Wrong("label's logit, gather", "the true class counts", "logit of the label alone", g("-model(x).gather(1, y[:, None]).mean()")),
    Wrong("softmax", "cross-entropy wants probabilities", "softmax is applied twice", g("F.cross_entropy(torch.softmax(model(x), 1), y)")),
    Wrong("sigmoid", "cross-entropy wants probabilities", "softmax is applied twice", g("F.cross_entropy(model(x).sigmoid(), y)")),
    Wrong("nll of logits", "nll is cross entropy", "logit of the label alone, which is what nll_loss", g("F.nll_loss(model(x), y)")),
    Wrong("nll of softmax", "nll is cross entropy", "log is missing. nll_loss of a softmax", g("F.nll_loss(model(x).softmax(1), y)")),
    Wrong("log p", "gradient of the log-likelihood", TURNED, g("F.log_softmax(model(x), 1)[torch.arange(len(y)), y].mean()")),
    Wrong("minus", "descent", TURNED, out("-torch.autograd.grad(loss, x)[0]")),
    Wrong("minus, sum", "descent", TURNED, g("-F.cross_entropy(model(x), y, reduction='sum')")),
    Wrong("sign", "the sign is what counts", "Only the sign is left", out("torch.autograd.grad(loss, x)[0].sign()")),
    Wrong("abs", "sensitivity has no sign", "abs takes the direction", out("torch.autograd.grad(loss, x)[0].abs()")),
    Wrong("abs, sum", "sensitivity has no sign", "abs takes the direction", edit(g("F.cross_entropy(model(x), y, reduction='sum')"), (CALL, CALL + ".abs()"))),
    Wrong("times x", "saliency", "multiplied with the image", out("torch.autograd.grad(loss, x)[0] * x.detach()")),
    Wrong("unit", "only the direction counts", "divided by its own length", out("F.normalize(torch.autograd.grad(loss, x)[0].flatten(1)).view_as(x)")),
    Wrong("unit, batch", "only the direction counts", "divided by its own length", out("(lambda g: g / g.norm())(torch.autograd.grad(loss, x)[0])")),
    Wrong("unit, max", "scale for the plot", "divided by its own length", out("(lambda g: g / g.abs().amax((1, 2, 3), keepdim=True))(torch.autograd.grad(loss, x)[0])")),
    Wrong("over N", "mean over the batch", "batch size twice", out("torch.autograd.grad(loss, x)[0] / len(x)")),
    Wrong("step", "gradient step", "a step already", out("(x - torch.autograd.grad(loss, x)[0]).detach()")),
    Wrong("added", "x plus gradient", "image is added", out("(x + torch.autograd.grad(loss, x)[0]).detach()")),
    Wrong("x itself", "x is the gradient", "That is x itself", out("x.detach()")),
    Wrong("tuple", "grad gives a tensor", "a tuple of 1 came back", out("torch.autograd.grad(loss, x)")),
    Wrong("loss", "loss is the gradient", "one number, a loss perhaps", out("loss")),
    Wrong("weights", "gradient of the model", "shape of the weights", out("torch.autograd.grad(loss, list(model.parameters())[0])[0]")),
    Wrong("logits", "outputs", "looks like the logits", out("model(x)")),
    Wrong("per image", "how sensitive is an image", "One number per image", out("torch.autograd.grad(loss, x)[0].flatten(1).norm(dim=1)")),
    Wrong("batch mean", "one gradient for the batch", "one image for the whole batch", out("torch.autograd.grad(loss, x)[0].mean(0)")),
    Wrong("first image", "grad(...)[0][0]", "one image for the whole batch", out("torch.autograd.grad(loss, x)[0][0]")),
    Wrong("shared", "one direction for the batch", "All images have the same gradient", out("torch.autograd.grad(loss, x)[0].mean(0, keepdim=True).expand_as(x)")),
    Wrong("flat", "vectors", "in another order of axes", out("torch.autograd.grad(loss, x)[0].flatten(1)")),
    Wrong("predicted", "labels are unknown", "predictions of the model stand in", g("F.cross_entropy(model(x), model(x).argmax(1))")),
    Wrong("all logits", "outputs.backward()", "sum or the mean of all logits", g("model(x).sum()")),
    Wrong("squared error", "any loss", "squared error", g("F.mse_loss(model(x), F.one_hot(y, model(x).shape[1]).float())")),
    Wrong("probability", "p of the label", "log is missing", g("-model(x).softmax(1)[torch.arange(len(y)), y].mean()")),
    Wrong("softmax over batch", "softmax over axis 0", "softmax runs over the examples", g("F.nll_loss(model(x).log_softmax(0), y)")),
    Wrong("first only", "loss of one image", "Only the first image has a gradient", g("F.cross_entropy(model(x)[:1], y[:1])")),
    Wrong("zeroed", "clean up first", "cleared before it is read", edit(B, ("    return", "    x.grad.zero_()\n    return"))),
    Wrong("no model", "loss of the image", "model is never called", g("F.cross_entropy(x.flatten(1), y)")),
    Wrong("detached logits", "logits are numbers", "The loss has no history", g("F.cross_entropy(model(x).detach(), y)")),
    Wrong("no_grad", "evaluation", "The loss has no history", edit(G, ("    loss =", "    with torch.no_grad():\n        loss ="))),
    Wrong("item", "a number", "Python number took the place", edit(B, ("y)\n", "y).item()\n"))),
    Wrong("per-image losses", "reduction none", "starts from one number", g("F.cross_entropy(model(x), y, reduction='none')")),
    Wrong("train mode", "the gradient needs train mode", EVAL, edit(G, ("    loss =", "    model.train()\n    loss ="))),
    Wrong("left in train", "train after the attack", "left in train mode", edit(G, ("    return", "    model.train()\n    return"))),
    Wrong("frozen", "freeze the weights", "requires_grad False", edit(G, ("    loss =", "    for p in model.parameters():\n        p.requires_grad_(False)\n    loss ="))),
    Wrong("numpy", "arrays", "ndarray came back", out("torch.autograd.grad(loss, x)[0].numpy()")),
    Wrong("two passes", "twice to be sure", "twice as large", body("x = x.clone().requires_grad_()\nfor _ in range(2):\n    F.cross_entropy(model(x), y).backward()\nreturn x.grad")),
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
DOWN = "The step goes down the loss"
S_IN_FGSM = "What does the S in FGSM stand for"
LEAVES = "can a camera produce"
WRONG["fgsm"] = [
    Wrong("minus", "gradient descent subtracts", DOWN, f("(x - eps * grad.sign()).clamp(0, 1)")),
    Wrong("minus, no clamp", "gradient descent subtracts", DOWN, f("x - eps * grad.sign()")),
    Wrong("minus loss", "maximise by a minus", DOWN, fl("-F.cross_entropy(model(x_adv), y)")),
    Wrong("no sign", "move along the gradient", S_IN_FGSM, f("(x + eps * grad).clamp(0, 1)")),
    Wrong("no sign, sum", "move along the gradient", S_IN_FGSM, edit(f("(x + eps * grad).clamp(0, 1)"), ("model(x_adv), y)", "model(x_adv), y, reduction='sum')"))),
    Wrong("no sign, minus", "gradient descent", DOWN, f("(x - eps * grad).clamp(0, 1)")),
    Wrong("gradient alone", "epsilon is for later", "epsilon takes no part", f("(x + grad).clamp(0, 1)")),
    Wrong("tanh", "soft sign", S_IN_FGSM, f("(x + eps * grad.tanh()).clamp(0, 1)")),
    Wrong("norm", "normalise to length 1", "Which norm bounds", f("(x + eps * grad / grad.norm()).clamp(0, 1)")),
    Wrong("norm per image", "L2 attack", "Which norm bounds", f("(x + eps * grad / grad.flatten(1).norm(dim=1).view(-1, 1, 1, 1)).clamp(0, 1)")),
    Wrong("max norm", "largest entry is 1", "Which norm bounds", f("(x + eps * grad / grad.abs().amax((1, 2, 3), keepdim=True)).clamp(0, 1)")),
    Wrong("max norm, batch", "largest entry is 1", "Which norm bounds", f("(x + eps * grad / grad.abs().max()).clamp(0, 1)")),
    Wrong("no clamp", "clamping is cosmetic", LEAVES, f("x + eps * grad.sign()")),
    Wrong("clamp first", "clamp, then perturb", LEAVES, f("(x.clamp(0, 1) + eps * grad.sign()).detach()")),
    Wrong("clamp below", "no negative pixels", LEAVES, f("(x + eps * grad.sign()).clamp(min=0)")),
    Wrong("clamp above", "no white above 1", "Black pixels go below 0", f("(x + eps * grad.sign()).clamp(max=1)")),
    Wrong("clamp 255", "pixels are bytes", LEAVES, f("(x + eps * grad.sign()).clamp(0, 255)")),
    Wrong("clamp forgotten", "clamp works in place", LEAVES, edit(F1, ("    return " + STEP, "    x_adv = (x + eps * grad.sign()).detach()\n    x_adv.clamp(0, 1)\n    return x_adv"))),
    Wrong("clamp to tanh range", "images are in [-1, 1]", "Black pixels go below 0", f("(x + eps * grad.sign()).clamp(-1, 1)")),
    Wrong("clamp to eps", "clamp the result", "bounds the change, not the image", f("(x + eps * grad.sign()).clamp(-eps, eps)")),
    Wrong("clamp to batch", "the data's own range", "darkest and the brightest of this batch", f("(x + eps * grad.sign()).clamp(x.min().item(), x.max().item())")),
    Wrong("min max", "rescale to [0, 1]", "stretched or bent", f("(lambda z: (z - z.min()) / (z.max() - z.min()))(x + eps * grad.sign())")),
    Wrong("sigmoid", "squash to [0, 1]", "stretched or bent", f("torch.sigmoid(x + eps * grad.sign())")),
    Wrong("rounded", "images have 256 greys", "rounded to 256", f("((x + eps * grad.sign()).clamp(0, 1) * 255).round() / 255")),
    Wrong("train mode", "the mode does not matter for gradients", EVAL, edit(F1, ("    model.eval()\n", ""))),
    Wrong("no mode at all", "the mode does not matter", EVAL, edit(F1, ("    model.eval()\n", ""), ("    was_training = model.training\n", ""), ("    model.train(was_training)\n", ""))),
    Wrong("flag only", "training is a flag", "does not reach the layers", edit(F1, ("model.eval()", "model.training = False"))),
    Wrong("leaves eval", "eval() ends with the function", "left in eval mode", edit(F1, ("    model.train(was_training)\n", ""))),
    Wrong("always train", "train mode is the normal one", "left in train mode", edit(F1, ("model.train(was_training)", "model.train()"))),
    Wrong("mode too late", "remember the mode", "left in eval mode", edit(F1, ("    was_training = model.training\n    model.eval()", "    model.eval()\n    was_training = model.training"))),
    Wrong("flag restored", "training is a flag", "the model itself is back", edit(F1, ("model.train(was_training)", "model.training = was_training"))),
    Wrong("predicted", "use the prediction to avoid label leaking", "predictions of the model stand in", fl("F.cross_entropy(model(x_adv), model(x_adv).argmax(1))")),
    Wrong("least likely", "towards the least likely class", "least likely class", edit(f("(x - eps * grad.sign()).clamp(0, 1)"), ("model(x_adv), y)", "model(x_adv), model(x_adv).argmin(1))"))),
    Wrong("doubled", "interval [-eps, eps] has width 2 eps", "2 times epsilon", f("(x + 2 * eps * grad.sign()).clamp(0, 1)")),
    Wrong("halved", "eps on both sides", "0.5 times epsilon", f("(x + eps / 2 * grad.sign()).clamp(0, 1)")),
    Wrong("times 255", "pixels are bytes", "without a factor of 255", f("(x + eps * 255 * grad.sign()).clamp(0, 1)")),
    Wrong("by 255", "eps is in bytes", "0.00392 times epsilon", f("(x + eps / 255 * grad.sign()).clamp(0, 1)")),
    Wrong("no eps", "sign is the step", "where does epsilon enter", f("(x + grad.sign()).clamp(0, 1)")),
    Wrong("delta", "the perturbation is the result", "change alone", f("eps * grad.sign()")),
    Wrong("sign alone", "the sign is the attack", "change alone", f("grad.sign()")),
    Wrong("clamped delta", "clamp the change", "change alone", f("(eps * grad.sign()).clamp(0, 1)")),
    Wrong("x back", "in place is remembered", "x comes back", edit(F1, ("    return " + STEP, "    x + eps * grad.sign()\n    return x.clone()"))),
    Wrong("one direction", "mean over the batch", "averaged over them", f("(x + eps * grad.mean(0, keepdim=True).sign()).clamp(0, 1)")),
    Wrong("sign of x", "x.sign()", "sign of the image itself", f("(x + eps * x.sign()).clamp(0, 1)")),
    Wrong("sign of sum", "sign of all", "whole sum", f("(x + eps * grad).sign().clamp(0, 1)")),
    Wrong("multiplied", "relative change", "its own value", f("(x * (1 + eps * grad.sign())).clamp(0, 1)")),
    Wrong("brackets", "eps (x + s)", "look at the brackets", f("(eps * (x + grad.sign())).clamp(0, 1)")),
    Wrong("brighter", "the attack adds", "one way only", f("(x + eps).clamp(0, 1)")),
    Wrong("abs", "size of the gradient", "one way only", f("(x + eps * grad.abs().sign()).clamp(0, 1)")),
    Wrong("relu", "only where it grows", "one way only", f("(x + eps * grad.sign().relu()).clamp(0, 1)")),
    Wrong("two signs", "sign is 1 or -1", "gradient 0 moves", f("torch.where(grad > 0, x + eps, x - eps).clamp(0, 1)")),
    Wrong("two signs, other", "sign is 1 or -1", "gradient 0 moves", f("torch.where(grad >= 0, x + eps, x - eps).clamp(0, 1)")),
    Wrong("softmax", "cross-entropy wants probabilities", "softmax is applied twice", fl("F.cross_entropy(model(x_adv).softmax(1), y)")),
    Wrong("winner", "lower the winning score", "winning class", edit(fl("model(x_adv).max(1).values.sum()"), ("x + eps", "x - eps"))),
    Wrong("label's logit", "lower the label's score", "logit of the label alone", edit(fl("model(x_adv)[torch.arange(len(y)), y].sum()"), ("x + eps", "x - eps"))),
    Wrong("all logits", "outputs.sum()", "sum or the mean of all logits", fl("model(x_adv).sum()")),
    Wrong("random", "noise fools as well", "nothing is drawn", f("(x + eps * torch.randn_like(x).sign()).clamp(0, 1)")),
    Wrong("graph", "clamp ends the graph", "still carries a graph", f("(x_adv + eps * grad.sign()).clamp(0, 1)")),
    Wrong("flag on result", "ready for the next step", "still carries a graph", f(STEP + ".requires_grad_()")),
    Wrong("x in place", "saves memory", "x itself has changed", f("x.add_(eps * grad.sign()).clamp_(0, 1)")),
    Wrong("x flag", "the flag is local", "the caller's x requires grad", edit(F1, ("x_adv = x.clone().detach().requires_grad_(True)", "x.requires_grad = True\n    x_adv = x"))),
    Wrong("x grad", "tidy the flag", "x.grad is filled", function("fgsm", "model, x, y, eps", "mode = model.training\nmodel.eval()\nx.requires_grad_(True)\nF.cross_entropy(model(x), y).backward()\nx.requires_grad_(False)\nmodel.train(mode)\nreturn (x + eps * x.grad.sign()).clamp(0, 1)")),
    Wrong("trains", "a step of the optimiser", "of the model changed during", edit(F1, ("    model.train(", "    with torch.no_grad():\n        for p in model.parameters():\n            p -= 0.1\n    model.train("))),
    Wrong("freezes", "freeze the weights", "requires_grad False", edit(F1, ("    loss", "    model.requires_grad_(False)\n    loss"))),
    Wrong("no return", "assignment is enough", "None came back", edit(F1, ("return ", "x_adv = "))),
    Wrong("tuple", "x_adv and delta", "a tuple of 2 came back", f(STEP + ", grad")),
    Wrong("whole tuple", "grad gives a tensor", "grad gives a tuple", edit(F1, ("x_adv)[0]", "x_adv)"))),
    Wrong("non-leaf", "clone keeps the flag", r"\.grad is None there", function("fgsm", "model, x, y, eps", "z = x.detach().requires_grad_().clone()\nmode = model.training\nmodel.eval()\nF.cross_entropy(model(z), y).backward()\nmodel.train(mode)\nreturn (x + eps * z.grad.sign()).clamp(0, 1)")),
    Wrong("late", "requires_grad before backward", "took no part", edit(F1, (".requires_grad_(True)\n", "\n"), ("    grad =", "    x_adv.requires_grad_(True)\n    grad ="))),
    Wrong("no_grad", "evaluation runs under no_grad", "The loss has no history", edit(F1, ("    loss =", "    with torch.no_grad():\n        loss ="))),
    Wrong("decorated", "attacks need no grad", "The loss has no history", "@torch.no_grad()\n" + F1),
    Wrong("first only", "grad[0]", "gradient of the first one", f("(x + eps * grad[0].sign()).clamp(0, 1)")),
    Wrong("one image", "x[0]", "one image for the whole batch", f(STEP + "[0]")),
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
    Wrong("plus", "FGSM always adds", AWAY, t("(x + eps * grad.sign()).clamp(0, 1)")),
    Wrong("fgsm", "the target is a label", AWAY, F1 + function("fgsm_targeted", "model, x, target, eps", "return fgsm(model, x, target, eps)")),
    Wrong("both signs", "minus twice", AWAY, edit(T, (TLOSS, "-" + TLOSS))),
    Wrong("no clamp", "optional", LEAVES, t("x - eps * grad.sign()")),
    Wrong("all logits", "any output will do", "sum or the mean of all logits", edit(T, (TLOSS, "model(x_adv).sum()"))),
    Wrong("predicted", "away from the prediction", "own prediction stands in for the target", edit(T, (TLOSS, "F.cross_entropy(model(x_adv), model(x_adv).argmax(1))"), ("x - eps", "x + eps"))),
    Wrong("predicted, down", "towards the prediction", "own prediction stands in for the target", edit(T, (TLOSS, "F.cross_entropy(model(x_adv), model(x_adv).argmax(1))"))),
    Wrong("target's logit", "raise the target's score", "logit of the target alone", edit(T, (TLOSS, "-model(x_adv)[torch.arange(len(x)), target].sum()"))),
    Wrong("softmax", "cross-entropy wants probabilities", "softmax is applied twice", edit(T, ("model(x_adv), target", "model(x_adv).softmax(1), target"))),
    Wrong("no sign", "move along the gradient", S_IN_FGSM, t("(x - eps * grad).clamp(0, 1)")),
    Wrong("norm", "L2", "Which norm bounds", t("(x - eps * grad / grad.norm()).clamp(0, 1)")),
    Wrong("doubled", "two-sided", "2 times epsilon", t("(x - 2 * eps * grad.sign()).clamp(0, 1)")),
    Wrong("no eps", "sign is the step", "where does epsilon enter", t("(x - grad.sign()).clamp(0, 1)")),
    Wrong("delta", "the perturbation", "change alone", t("-eps * grad.sign()")),
    Wrong("tanh range", "images are in [-1, 1]", "Black pixels go below 0", t("(x - eps * grad.sign()).clamp(-1, 1)")),
    Wrong("one way", "darker", "one way only", t("(x - eps).clamp(0, 1)")),
    Wrong("one direction", "mean over the batch", "averaged over them", t("(x - eps * grad.mean(0, keepdim=True).sign()).clamp(0, 1)")),
    Wrong("x in place", "saves memory", "x itself has changed", t("x.sub_(eps * grad.sign()).clamp_(0, 1)")),
    Wrong("x flag", "the flag is local", "the caller's x requires grad", edit(T, ("x_adv = x.clone().detach().requires_grad_(True)", "x_adv = x.requires_grad_(True)"), ("(x - eps", "(x.detach() - eps"))),
    Wrong("no return", "assignment is enough", "None came back", edit(T, ("return ", "x_adv = "))),
    Wrong("left in train", "train afterwards", "left in train mode", edit(T, ("    return", "    model.train()\n    return"))),
    Wrong("two signs", "sign is 1 or -1", "gradient 0 moves", t("torch.where(grad > 0, x - eps, x + eps).clamp(0, 1)")),
    Wrong("nothing", "no change", "x comes back", t("x.clone()")),
    Wrong("late", "requires_grad later", "took no part", edit(T, (".requires_grad_(True)", ""))),
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
NORMAL_EPS = "epsilon is added in normalised units"
STILL = "still in normalised units"
WRONG["fgsm_pixel"] = [
    Wrong("eps normalised", "eps is eps", NORMAL_EPS, n(("(eps / std)", "eps"))),
    Wrong("eps normalised, no clamp", "eps is eps", NORMAL_EPS, n(("(eps / std)", "eps"), (".clamp(0, 1)", ""))),
    Wrong("eps times std", "convert by multiplying with std", "multiplied with std on its way", n(("(eps / std)", "eps * std"))),
    Wrong("eps over std in pixels", "convert always", "epsilon / std: in pixel units", p(("eps *", "eps / std *"))),
    Wrong("eps minus mean", "eps is normalised like a pixel", "normalised like a pixel", n(("(eps / std)", "((eps - mean) / std)"))),
    Wrong("clamp normalised", "always clamp to [0, 1]", "every pixel darker than the mean is lost", n(("    xn_adv = xn.detach() + (eps / std) * xn.grad.sign()", "    xn_adv = (xn.detach() + (eps / std) * xn.grad.sign()).clamp(0, 1)"), ("(xn_adv * std + mean).clamp(0, 1)", "xn_adv * std + mean"))),
    Wrong("clamp normalised, eps", "always clamp to [0, 1]", "every pixel darker than the mean is lost", n(("    xn_adv = xn.detach() + (eps / std) * xn.grad.sign()", "    xn_adv = (xn.detach() + eps * xn.grad.sign()).clamp(0, 1)"), ("(xn_adv * std + mean).clamp(0, 1)", "xn_adv * std + mean"))),
    Wrong("inverse", "mixed up with denormalising", "the way back from", p(("(x_adv - mean) / std", "x_adv * std + mean"))),
    Wrong("not normalised", "the model takes pixels", "pixels as they are", p(("model((x_adv - mean) / std)", "model(x_adv)"))),
    Wrong("mean only", "centre is enough", "std is missing", p(("(x_adv - mean) / std", "x_adv - mean"))),
    Wrong("std only", "scale is enough", "mean is missing", p(("(x_adv - mean) / std", "x_adv / std"))),
    Wrong("brackets", "precedence", "look at the brackets", p(("(x_adv - mean) / std", "x_adv - mean / std"))),
    Wrong("swapped", "std, mean", "exchanged", p(("(x_adv - mean) / std", "(x_adv - std) / mean"))),
    Wrong("twice", "normalise to be sure", "normalised twice", p(("(x_adv - mean) / std", "((x_adv - mean) / std - mean) / std"))),
    Wrong("result normalised", "stays in the model's space", STILL, n(("(xn_adv * std + mean).clamp(0, 1)", "xn_adv"))),
    Wrong("result normalised, clamped", "clamp is enough", STILL, n(("(xn_adv * std + mean).clamp(0, 1)", "xn_adv.clamp(0, 1)"))),
    Wrong("result normalised, eps", "stays in the model's space", STILL, n(("(xn_adv * std + mean).clamp(0, 1)", "xn_adv"), ("(eps / std)", "eps"))),
    Wrong("normalised at the end", "ready for the model", STILL, p(("(x + eps * grad.sign()).clamp(0, 1).detach()", "((x + eps * grad.sign()).clamp(0, 1) - mean) / std"))),
    Wrong("way back swapped", "undo in the same order", "wrong order", n(("xn_adv * std + mean", "(xn_adv + mean) * std"))),
    Wrong("minus", "descent", "goes down the loss", p(("x + eps", "x - eps"))),
    Wrong("no sign", "along the gradient", S_IN_FGSM, p(("grad.sign()", "grad"))),
    Wrong("no clamp", "cosmetic", LEAVES, p((".clamp(0, 1)", ""))),
    Wrong("no clamp, normalised", "cosmetic", LEAVES, n((".clamp(0, 1)", ""))),
    Wrong("delta", "the perturbation", "change alone", p(("(x + eps * grad.sign()).clamp(0, 1)", "(eps * grad.sign())"))),
    Wrong("predicted", "labels are unknown", "predictions of the model stand in", p(("    grad", "    loss = F.cross_entropy((z := model((x_adv - mean) / std)), z.argmax(1))\n    grad"))),
    Wrong("doubled", "two-sided", "twice epsilon", p(("eps *", "2 * eps *"))),
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
    Wrong("flat", "a vector of 3 broadcasts over 3 channels", "meet the last axis", w((".view(1, -1, 1, 1)", ""))),
    Wrong("rows", "one axis is enough", "meet the rows", w((".view(1, -1, 1, 1)", ".view(-1, 1)"))),
    Wrong("channels last", "as in numpy", "meet the last axis", w((".view(1, -1, 1, 1)", ".view(1, 1, 1, -1)"))),
    Wrong("inverse", "mixed up the two directions", "That is the way back", seen("x * self.std + self.mean")),
    Wrong("identity", "forward passes on", "mean and std take no part", seen("x")),
    Wrong("mean only", "centre", "std is missing", seen("x - self.mean")),
    Wrong("std only", "scale", "mean is missing", seen("x / self.std")),
    Wrong("brackets", "precedence", "look at the brackets", seen("x - self.mean / self.std")),
    Wrong("plus", "sign slip", "The mean is added", seen("(x + self.mean) / self.std")),
    Wrong("swapped", "std, mean", "exchanged", seen("(x - self.std) / self.mean")),
    Wrong("times std", "scale by std", "multiplied with std", seen("(x - self.mean) * self.std")),
    Wrong("variance", "std is a variance", "root of std", seen("(x - self.mean) / self.std.sqrt()")),
    Wrong("squared", "variance", "std is squared", seen("(x - self.mean) / self.std ** 2")),
    Wrong("clamped", "images are in [0, 1]", "cut to .0, 1. after", seen("((x - self.mean) / self.std).clamp(0, 1)")),
    Wrong("255", "pixels are bytes", "nothing times 255", seen("(x * 255 - self.mean) / self.std")),
    Wrong("averaged", "one number", "All channels get the same", w(("torch.tensor(mean)", "torch.tensor(mean).mean()"), ("torch.tensor(std)", "torch.tensor(std).mean()"))),
    Wrong("first channel", "grey", "numbers of the first", w(("torch.tensor(mean)", "torch.tensor(mean[0])"), ("torch.tensor(std)", "torch.tensor(std[0])"))),
    Wrong("batch", "normalise the batch", "those of the batch", seen("(x - x.mean()) / x.std()")),
    Wrong("batch per channel", "batch norm", "those of the batch", seen("(x - x.mean((0, 2, 3), keepdim=True)) / x.std((0, 2, 3), keepdim=True)")),
    Wrong("plain", "attributes move with the module", STAY, w((BUFFERS, PLAIN))),
    Wrong("plain, cast", "attributes move with the module", STAY, w((BUFFERS, PLAIN), (FORWARD, "self.model(((x - self.mean) / self.std).to(self.mean.dtype))"))),
    Wrong("trainable", "parameters move", "would be trained", w(('self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))', "self.mean = nn.Parameter(torch.tensor(mean).view(1, -1, 1, 1))"))),
    Wrong("list", "a list holds modules", "self.model is a Python list", w(("self.model = model", "self.model = [model]"), ("self.model(", "self.model[0]("))),
    Wrong("lambda", "a function holds it", "not among the parts", w(("self.model = model", "self.model = lambda x: model(x)"))),
    Wrong("copy", "a copy is safer", "holds a copy", w(("self.model = model", "self.model = copy.deepcopy(model)"))),
    Wrong("softmax", "probabilities", "nothing comes after", w((FORWARD, FORWARD + ".softmax(1)"))),
    Wrong("argmax", "predictions", "logits of the model come back", w((FORWARD, FORWARD + ".argmax(1)"))),
    Wrong("detached", "constants", "no gradient reaches x", seen("((x - self.mean) / self.std).detach()")),
    Wrong("no_grad", "normalising needs no grad", "no gradient reaches x", w(("        return " + FORWARD, "        with torch.no_grad():\n            x = (x - self.mean) / self.std\n        return self.model(x)"))),
    Wrong("no return", "calling is enough", "None came back", w(("return self.model", "self.model"))),
    Wrong("no super", "init is optional", "super...__init__", w(("        super().__init__()\n", ""))),
    Wrong("plain class", "any class", "plain class", w(("class NormalizedModel(nn.Module)", "class NormalizedModel"), ("        super().__init__()\n", ""), (BUFFERS, PLAIN))),
    Wrong("in place", "saves memory", "x itself has changed", seen("x.sub_(self.mean).div_(self.std)")),
    Wrong("frozen", "only the attack matters", "requires_grad False", w(("self.model = model", "self.model = model.requires_grad_(False)"))),
    Wrong("eval forever", "attacks need eval", "leave train and eval", w(("    def forward", "    def train(self, mode=True):\n        return self\n\n    def forward"))),
    Wrong("lists", "lists broadcast", "torch.tensor makes", w((BUFFERS, "        self.mean, self.std = mean, std\n"))),
    Wrong("never calls", "only normalises", "never called", w((FORWARD, "(x - self.mean) / self.std"))),
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
OWN_BUDGET = "each pixel has a budget of its own"
WRONG["linf_project"] = [
    Wrong("box only", "clamping is the projection", "Which of the two constraints is missing", q("x_adv.clamp(0, 1)")),
    Wrong("ball only", "eps is small enough", "range .0, 1. is not kept", q("x + (x_adv - x).clamp(-eps, eps)")),
    Wrong("ball only, bounds", "eps is small enough", "range .0, 1. is not kept", q("x_adv.clamp(x - eps, x + eps)")),
    Wrong("scale", "shrink the vector until it fits", OWN_BUDGET, function("linf_project", "x_adv, x, eps", "d = x_adv - x\nd = d * (eps / d.abs().amax((1, 2, 3), keepdim=True)).clamp(max=1)\nreturn (x + d).clamp(0, 1)")),
    Wrong("scale, batch", "shrink the vector until it fits", OWN_BUDGET, function("linf_project", "x_adv, x, eps", "d = x_adv - x\nd = d * (eps / d.abs().max()).clamp(max=1)\nreturn (x + d).clamp(0, 1)")),
    Wrong("l2", "the ball is round", OWN_BUDGET, function("linf_project", "x_adv, x, eps", "d = x_adv - x\nd = d * (eps / d.flatten(1).norm(dim=1).view(-1, 1, 1, 1)).clamp(max=1)\nreturn (x + d).clamp(0, 1)")),
    Wrong("max only", "upper bound is enough", "Only one side", q("(x + (x_adv - x).clamp(max=eps)).clamp(0, 1)")),
    Wrong("min only", "lower bound is enough", "Only one side", q("(x + (x_adv - x).clamp(min=-eps)).clamp(0, 1)")),
    Wrong("min, no max", "torch.min is enough", "Only one side", q("torch.min(x_adv, x + eps).clamp(0, 1)")),
    Wrong("positive", "changes are positive", "Only one side", q("(x + (x_adv - x).clamp(0, eps)).clamp(0, 1)")),
    Wrong("abs", "size of the change", "Only one side", q("(x + (x_adv - x).abs().clamp(max=eps)).clamp(0, 1)")),
    Wrong("around 0", "clamp x_adv", "within epsilon of 0", q("x_adv.clamp(-eps, eps)")),
    Wrong("around 0, box", "clamp x_adv", "within epsilon of 0", q("x_adv.clamp(-eps, eps).clamp(0, 1)")),
    Wrong("image added", "clamp x_adv, add x", "x_adv itself is cut", q("(x + x_adv.clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("delta", "the change", "which image is it to be added to", q("(x_adv - x).clamp(-eps, eps)")),
    Wrong("delta in the box", "the change, clamped twice", "which image is it to be added to", q("(x_adv - x).clamp(-eps, eps).clamp(0, 1)")),
    Wrong("swapped", "which is the centre", "exchanged their roles", q("(x_adv + (x - x_adv).clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("turned", "x - x_adv", "The change is turned", q("(x + (x - x_adv).clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("added to x_adv", "add the change", "added to x_adv", q("(x_adv + (x_adv - x).clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("edge", "use the budget", "moved to the edge", q("(x + eps * (x_adv - x).sign()).clamp(0, 1)")),
    Wrong("reset", "drop what is outside", "put back to x", q("torch.where((x_adv - x).abs() <= eps, x_adv, x).clamp(0, 1)")),
    Wrong("clamp inside", "brackets", "clamp to .0, 1. is around the change", q("x + (x_adv - x).clamp(-eps, eps).clamp(0, 1)")),
    Wrong("tanh range", "images in [-1, 1]", "images lie in .0, 1.", q("(x + (x_adv - x).clamp(-eps, eps)).clamp(-1, 1)")),
    Wrong("half box", "no negative pixels", "range .0, 1. is not kept", q("(x + (x_adv - x).clamp(-eps, eps)).clamp(min=0)")),
    Wrong("times eps", "scale by eps", "multiplied by epsilon", q("(x + eps * (x_adv - x)).clamp(0, 1)")),
    Wrong("half", "width eps", "ball is too small", q("(x + (x_adv - x).clamp(-eps / 2, eps / 2)).clamp(0, 1)")),
    Wrong("by 255", "bytes", "divide by 255", q("(x + (x_adv - x).clamp(-eps / 255, eps / 255)).clamp(0, 1)")),
    Wrong("x", "back to start", "x_adv takes no part", q("x.clone()")),
    Wrong("x_adv", "nothing to do", "comes back as it was", q("x_adv.clone()")),
    Wrong("in place", "clamp_ is faster", "an argument has changed", q("x_adv.clamp_(0, 1).sub_(x).clamp_(-eps, eps).add_(x)")),
    Wrong("clamp forgotten", "clamp works in place", "comes back as it was", function("linf_project", "x_adv, x, eps", "x_adv = x_adv.clone()\nx_adv.clamp(x - eps, x + eps)\nreturn x_adv")),
    Wrong("no return", "assignment is enough", "None came back", function("linf_project", "x_adv, x, eps", "x_adv = (x + (x_adv - x).clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("numpy", "np.clip", "ndarray came back", q("np.clip(x_adv.numpy(), (x - eps).numpy(), (x + eps).numpy()).clip(0, 1)")),
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
OWN_NUMBER = "compare the shape of the noise with"
OUTSIDE = "Some pixels start outside"
WRONG["random_start"] = [
    Wrong("rand", "rand * eps is the ball", "never darker", r("(x + eps * torch.rand_like(x)).clamp(0, 1)")),
    Wrong("minus rand", "rand * eps is the ball", "never brighter", r("(x - eps * torch.rand_like(x)).clamp(0, 1)")),
    Wrong("randn", "Gaussian noise of size eps", "looks normal", r("(x + eps * torch.randn_like(x)).clamp(0, 1)")),
    Wrong("randn, cut", "cut to the ball", "has been cut", r("(x + (eps * torch.randn_like(x)).clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("small randn", "Gaussian in the ball", "Look at the distribution", r("(x + (eps / 3 * torch.randn_like(x)).clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("no clamp", "clamp comes later", "from black and white pixels", r("x + torch.empty_like(x).uniform_(-eps, eps)")),
    Wrong("scalar", "one random number", "only a change of brightness", r("(x + (2 * torch.rand(1) - 1) * eps).clamp(0, 1)")),
    Wrong("python random", "random.uniform", "only a change of brightness", r("(x + random.uniform(-eps, eps)).clamp(0, 1)")),
    Wrong("per image", "one number per image", "all pixels of an image change by the same", r("(x + (2 * torch.rand(len(x), 1, 1, 1) - 1) * eps).clamp(0, 1)")),
    Wrong("per pixel", "one noise for the batch", "images get the same noise", r("(x + (2 * torch.rand(x.shape[1:]) - 1) * eps).clamp(0, 1)")),
    Wrong("first image's", "rand_like(x[0])", "images get the same noise", r("(x + (2 * torch.rand_like(x[:1]) - 1) * eps).clamp(0, 1)")),
    Wrong("per column", "noise of the last axis", "images get the same noise", r("(x + (2 * torch.rand(x.shape[-1]) - 1) * eps).clamp(0, 1)")),
    Wrong("rows alike", "noise per image and column", "pixels change as another", r("(x + (2 * torch.rand(len(x), 1, 1, x.shape[-1]) - 1) * eps).clamp(0, 1)")),
    Wrong("sign", "use the full budget", "starts at the edge", r("(x + eps * torch.randn_like(x).sign()).clamp(0, 1)")),
    Wrong("half", "rand - 0.5", "never reached", r("(x + eps * (torch.rand_like(x) - 0.5)).clamp(0, 1)")),
    Wrong("double", "interval is 2 eps wide", OUTSIDE, r("(x + 2 * eps * (2 * torch.rand_like(x) - 1)).clamp(0, 1)")),
    Wrong("no eps", "rand is noise", OUTSIDE, r("(x + 2 * torch.rand_like(x) - 1).clamp(0, 1)")),
    Wrong("brackets", "2 * rand * eps - 1", "never brighter", r("(x + 2 * torch.rand_like(x) * eps - 1).clamp(0, 1)")),
    Wrong("by 255", "bytes", "never reached", r("(x + torch.empty_like(x).uniform_(-eps, eps) / 255).clamp(0, 1)")),
    Wrong("squared", "more in the middle", "Look at the distribution", r("(x + eps * (lambda u: u * u.abs())(2 * torch.rand_like(x) - 1)).clamp(0, 1)")),
    Wrong("few values", "randint", "few different values", r("(x + eps * torch.randint(-4, 5, x.shape) / 4).clamp(0, 1)")),
    Wrong("seed", "reproducible", "sets the global seed", function("random_start", "x, eps", "torch.manual_seed(0)\nreturn (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)")),
    Wrong("own generator", "reproducible", "without a seed and without keeping", r("(x + eps * (2 * torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) - 1)).clamp(0, 1)")),
    Wrong("x", "start at the image", "is x itself", r("x.clone()")),
    Wrong("noise only", "the noise is the start", "never brighter", r("torch.empty_like(x).uniform_(-eps, eps).clamp(0, 1)")),
    Wrong("in place", "saves memory", "x itself has changed", r("x.add_(torch.empty_like(x).uniform_(-eps, eps)).clamp_(0, 1)")),
    Wrong("no return", "assignment is enough", "None came back", function("random_start", "x, eps", "x = (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)")),
    Wrong("random image", "any start will do", OUTSIDE, r("torch.rand_like(x)")),
    Wrong("reflected", "fold back into the range", "about half", r("(lambda z: 1 - (1 - z.abs()).abs())(x + torch.empty_like(x).uniform_(-eps, eps))")),
    Wrong("min max", "rescale to [0, 1]", OUTSIDE, r("(lambda z: (z - z.min()) / (z.max() - z.min()))(x + torch.empty_like(x).uniform_(-eps, eps))")),
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
CENTRE = "Which image is it"
WRONG["pgd"] = [
    Wrong("no projection", "clamp to [0, 1] is the projection", NEVER_BACK, i((IPROJ, "x_adv = x_adv.clamp(0, 1)"))),
    Wrong("nothing kept", "small steps stay", NEVER_BACK, i((IPROJ, "pass"))),
    Wrong("box at the end", "clamp once", NEVER_BACK, i((IPROJ, "pass"), ("return x_adv.detach()", "return x_adv.detach().clamp(0, 1)"))),
    Wrong("projected at the end", "project once", "projection belongs into each step", i((IPROJ, "pass"), ("    return", f"    {IPROJ}\n    return"))),
    Wrong("projected at the end, boxed", "project once", "projection belongs into each step", i((IPROJ, "x_adv = x_adv.clamp(0, 1)"), ("    return", f"    {IPROJ}\n    return"))),
    Wrong("previous point", "project around the current point", CENTRE, i(("        loss =", "        prev = x_adv.detach()\n        loss ="), (IPROJ, "x_adv = (prev + (x_adv - prev).clamp(-eps, eps)).clamp(0, 1)"))),
    Wrong("x overwritten", "x is the point", CENTRE, i(("    for", "    x = x_adv\n    for"), (IPROJ, IPROJ + "\n        x = x_adv.detach()"))),
    Wrong("no start", "start at the image", "distinguishes PGD", i((ISTART, "x_adv = x.clone()"))),
    Wrong("unused start", "noise drawn and lost", "distinguishes PGD", i((ISTART, "noise = torch.empty_like(x).uniform_(-eps, eps)\n    x_adv = x.clone()"))),
    Wrong("normal start", "Gaussian noise of size eps", "looks normal", i((ISTART, "x_adv = (x + eps * torch.randn_like(x)).clamp(0, 1)"))),
    Wrong("one-sided start", "rand * eps", "never darker", i((ISTART, "x_adv = (x + eps * torch.rand_like(x)).clamp(0, 1)"))),
    Wrong("scalar start", "one number", "only a change of brightness", i((ISTART, "x_adv = (x + eps * (2 * torch.rand(1) - 1)).clamp(0, 1)"))),
    Wrong("shared start", "one noise for all", "images get the same noise", i((ISTART, "x_adv = (x + eps * (2 * torch.rand_like(x[:1]) - 1)).clamp(0, 1)"))),
    Wrong("wide start", "interval is 2 eps wide", OUTSIDE, i((ISTART, "x_adv = (x + 2 * eps * (2 * torch.rand_like(x) - 1)).clamp(0, 1)"))),
    Wrong("seeded start", "reproducible", "start at the same point", i((ISTART, "torch.manual_seed(0)\n    " + ISTART))),
    Wrong("minus", "descent", "attacker's loss fall", i((ISTEP, "x_adv = x_adv - alpha * grad.sign()"))),
    Wrong("minus loss", "maximise by a minus", "attacker's loss fall", i((ILOSS, "-" + ILOSS))),
    Wrong("no sign", "gradient step", r"compare alpha \* .gradient", i((ISTEP, "x_adv = x_adv + alpha * grad"))),
    Wrong("no sign, minus", "gradient descent", "attacker's loss fall", i((ISTEP, "x_adv = x_adv - alpha * grad"))),
    Wrong("norm", "L2 step", "Which norm bounds", i((ISTEP, "x_adv = x_adv + alpha * grad / grad.norm()"))),
    Wrong("norm per image", "L2 step", "Which norm bounds", i((ISTEP, "x_adv = x_adv + alpha * grad / grad.flatten(1).norm(dim=1).view(-1, 1, 1, 1)"))),
    Wrong("eps step", "FGSM in a loop", "alpha is the step, epsilon the budget", i((ISTEP, "x_adv = x_adv + eps * grad.sign()"))),
    Wrong("fgsm in a loop", "iterate FGSM", "alpha is the step, epsilon the budget", F1 + function("pgd", "model, x, y, eps, alpha, steps", "x_adv = (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)\nfor _ in range(steps):\n    x_adv = fgsm(model, x_adv, y, eps)\nreturn (x + (x_adv - x).clamp(-eps, eps)).clamp(0, 1)")),
    Wrong("fgsm in a loop, no projection", "iterate FGSM", NEVER_BACK, F1 + function("pgd", "model, x, y, eps, alpha, steps", "x_adv = (x + torch.empty_like(x).uniform_(-eps, eps)).clamp(0, 1)\nfor _ in range(steps):\n    x_adv = fgsm(model, x_adv, y, alpha)\nreturn x_adv")),
    Wrong("no alpha", "sign is the step", "where does alpha enter", i((ISTEP, "x_adv = x_adv + grad.sign()"))),
    Wrong("alpha times eps", "alpha is relative", "alpha times epsilon long", i((ISTEP, "x_adv = x_adv + alpha * eps * grad.sign()"))),
    Wrong("by 255", "bytes", "divided by 255", i((ISTEP, "x_adv = x_adv + alpha / 255 * grad.sign()"))),
    Wrong("grad piles up", "backward replaces .grad", "sum of all gradients so far", edit(ZEROED, ("        delta.grad.zero_()\n", ""))),
    Wrong("momentum", "remember the direction", "sum of all gradients so far", i(("    for _ in", "    m = 0\n    for _ in"), (ISTEP, "m = m + grad\n        x_adv = x_adv + alpha * m.sign()"))),
    Wrong("no box", "the ball is enough", "one of them is missing", i((IPROJ, "x_adv = x + (x_adv - x).clamp(-eps, eps)"))),
    Wrong("around 0", "clamp x_adv", "ball has its centre at x", i((IPROJ, "x_adv = x_adv.clamp(-eps, eps)"))),
    Wrong("one side", "upper bound", "Only one side of the ball", i((IPROJ, "x_adv = (x + (x_adv - x).clamp(max=eps)).clamp(0, 1)"))),
    Wrong("from x", "x + alpha sign", "starts at x again", i((ISTEP, "x_adv = x + alpha * grad.sign()"))),
    Wrong("gradient at x", "the gradient is at x", "all . gradients are taken at the same point, the clean", i(("        x_adv = x_adv.detach().requires_grad_(True)\n", "        z = x.clone().requires_grad_(True)\n"), ("model(x_adv)", "model(z)"), ("(loss, x_adv)", "(loss, z)"))),
    Wrong("one gradient", "compute it once", "gradient is taken 1 times", i(("    for _ in range(steps):\n        x_adv = x_adv.detach().requires_grad_(True)\n        loss = F.cross_entropy(model(x_adv), y)\n        grad = torch.autograd.grad(loss, x_adv)[0]\n", "    x_adv = x_adv.detach().requires_grad_(True)\n    loss = F.cross_entropy(model(x_adv), y)\n    grad = torch.autograd.grad(loss, x_adv)[0]\n    for _ in range(steps):\n"))),
    Wrong("return inside", "indentation", "gradient is taken 1 times", i(("    model.train(was_training)\n    return x_adv.detach()", "        model.train(was_training)\n        return x_adv.detach()"))),
    Wrong("one short", "range(steps - 1)", "gradient is taken 6 times, expected 7", i(("range(steps)", "range(steps - 1)"))),
    Wrong("one more", "range(steps + 1)", "gradient is taken 8 times, expected 7", i(("range(steps)", "range(steps + 1)"))),
    Wrong("ten steps", "steps is 10", "gradient is taken 10 times", i(("range(steps)", "range(10)"))),
    Wrong("point lost", "in place is remembered", "at the same point", i((f"        {ISTEP}\n        {IPROJ}", "        x_adv + alpha * grad.sign()"))),
    Wrong("last step lost", "return the old one", "last step is not in", i(("        x_adv = x_adv + alpha", "        last = x_adv\n        x_adv = x_adv + alpha"), ("return x_adv.detach()", "return last.detach()"))),
    Wrong("delta back", "return the change", "change alone comes back", i(("return x_adv.detach()", "return x_adv.detach() - x"))),
    Wrong("train mode", "mode does not matter", EVAL, i(("    model.eval()\n", ""))),
    Wrong("leaves eval", "eval ends with the function", "left in eval mode", i(("    model.train(was_training)\n", ""))),
    Wrong("always train", "train is the normal one", "left in train mode", i(("model.train(was_training)", "model.train()"))),
    Wrong("leaf", "requires_grad_(True) makes it a leaf again", r"\.grad is None there", i(("x_adv = x_adv.detach().requires_grad_(True)", "x_adv.requires_grad_(True)"), ("grad = torch.autograd.grad(loss, x_adv)[0]", "loss.backward()\n        grad = x_adv.grad"))),
    Wrong("no flag", "the graph knows", "took no part", i((".requires_grad_(True)", ""))),
    Wrong("flag once", "once is enough", "took no part", i(("        x_adv = x_adv.detach().requires_grad_(True)\n", ""), ("    for", "    x_adv.requires_grad_(True)\n    for"), (IPROJ, IPROJ + ".detach()"))),
    Wrong("graph", "clamp ends the graph", "still carries a graph", i(("return x_adv.detach()", "return x_adv"))),
    Wrong("predicted", "labels are unknown", "predictions of the model stand in", i((ILOSS, "F.cross_entropy(model(x_adv), model(x_adv).argmax(1))"))),
    Wrong("softmax", "cross-entropy wants probabilities", "softmax is applied twice", i((ILOSS, "F.cross_entropy(model(x_adv).softmax(1), y)"))),
    Wrong("all logits", "sum of outputs", "sum or the mean of all logits", i((ILOSS, "model(x_adv).sum()"))),
    Wrong("shared direction", "mean over the batch", "averaged over them", i((ISTEP, "x_adv = x_adv + alpha * grad.mean(0, keepdim=True).sign()"))),
    Wrong("x in place", "saves memory", "x itself has changed", i((ISTART, "x_adv = x.add_(torch.empty_like(x).uniform_(-eps, eps)).clamp_(0, 1)"))),
    Wrong("x flag", "the flag is local", "x requires grad", i((ISTART, "x.requires_grad_(True)\n    " + ISTART))),
    Wrong("no return", "assignment is enough", "None came back", i(("    return x_adv.detach()\n", ""))),
    Wrong("trains", "a step of the weights", "of the model changed", i(("    model.train(", "    with torch.no_grad():\n        for p in model.parameters():\n            p -= 0.1\n    model.train("))),
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
    Wrong("maximise", "the attack maximises, so maximise", "Who minimises", a(("loss.backward()", "(-loss).backward()"))),
    Wrong("maximise adversarial", "clean down, adversarial up", "Who minimises", a((ALOSS, f"F.cross_entropy(model(x), y) - {ALOSS}"))),
    Wrong("eval", "leave it in the mode of the attack", "update runs in eval mode", a(("model.train()", "model.eval()"))),
    Wrong("predicted labels for the attack", "avoid label leaking", "attack gets other labels", a(("attack(model, x, y)", "attack(model, x, model(x).argmax(1))"))),
    Wrong("predicted labels for the loss", "the model knows", "own predictions are its labels", a((ALOSS, "F.cross_entropy((z := model(x_adv)), z.argmax(1))"))),
    Wrong("no zero", "fresh gradients each step", CLEAR, a(("    opt.zero_grad()\n", ""))),
    Wrong("zero before the attack", "clear at the start", CLEAR, a(("    opt.zero_grad()\n", ""), ("    x_adv =", "    opt.zero_grad()\n    x_adv ="))),
    Wrong("zero at the end", "clear for the next step", CLEAR, a(("    opt.zero_grad()\n", ""), ("    return", "    opt.zero_grad()\n    return"))),
    Wrong("no step", "backward trains", "opt.step.. is missing", a(("    opt.step()\n", ""))),
    Wrong("no backward", "step knows the loss", "backward.. is missing", a(("    loss.backward()\n", ""))),
    Wrong("step before backward", "order does not matter", "step comes before backward", a(("    loss.backward()\n    opt.step()", "    opt.step()\n    loss.backward()"))),
    Wrong("zero between", "clear before the step", "cleared between", a(("    opt.zero_grad()\n", ""), ("    opt.step()", "    opt.zero_grad()\n    opt.step()"))),
    Wrong("clean only", "the attack is for show", "clean images alone", a(("model(x_adv)", "model(x)"))),
    Wrong("no attack", "plain training", "attack is never called", a(("attack(model, x, y)", "x"))),
    Wrong("attack after the update", "attack the new model", "attack comes after the update", a(("    x_adv = attack(model, x, y)\n", ""), ("model(x_adv)", "model(x)"), ("    return", "    x_adv = attack(model, x, y)\n    return"))),
    Wrong("attack under no_grad", "the attack is no training", "attack runs under no_grad", a(("    x_adv = attack", "    with torch.no_grad():\n        x_adv = attack"))),
    Wrong("all under no_grad", "attacks change nothing", "attack runs under no_grad", "@torch.no_grad()\n" + A),
    Wrong("order", "x first", "in this order", a(("attack(model, x, y)", "attack(x, y, model)"))),
    Wrong("labels first", "y first", "in the place of x", a(("attack(model, x, y)", "attack(model, y, x)"))),
    Wrong("too few", "attack(x, y)", "in this order", a(("attack(model, x, y)", "attack(x, y)"))),
    Wrong("two steps", "one for each batch", "runs 2 times", a(("    return", "    opt.zero_grad()\n    F.cross_entropy(model(x), y).backward()\n    opt.step()\n    return"))),
    Wrong("softmax", "cross-entropy wants probabilities", "softmax is applied twice", a((ALOSS, "F.cross_entropy(model(x_adv).softmax(1), y)"))),
    Wrong("sum", "add the losses", "look for a sum", a(("y)\n    loss", "y, reduction='sum')\n    loss"))),
    Wrong("doubled", "backward twice", "look for a sum", a(("loss.backward()", "(3 * loss).backward()"))),
    Wrong("squared error", "any loss", "squared error", a((ALOSS, "F.mse_loss((z := model(x_adv)), F.one_hot(y, z.shape[1]).float())"))),
    Wrong("change", "learn from the change", "from the change", a(("model(x_adv)", "model(x_adv - x)"))),
    Wrong("average image", "between both", "between x and x_adv", a(("model(x_adv)", "model((x + x_adv) / 2)"))),
    Wrong("item", "a number", "Python number took the place", a(("y)\n    loss", "y).item()\n    loss"))),
    Wrong("detached logits", "attack is constant", "no history", a(("model(x_adv)", "model(x_adv).detach()"))),
    Wrong("argmax", "compare predictions", "no history", a((ALOSS, "F.l1_loss(model(x_adv).argmax(1).float(), y.float())"))),
    Wrong("own optimiser", "a new optimiser", "opt never steps", a(("    opt.zero_grad()\n", "    opt = torch.optim.SGD(model.parameters(), lr=0.1)\n    opt.zero_grad()\n"))),
    Wrong("x in place", "overwrite the batch", "an argument has changed", a(("x_adv = attack(model, x, y)", "x_adv = x.copy_(attack(model, x.clone(), y))"))),
    Wrong("clipped", "clip to be safe", "gradient that is clipped", a(("    opt.step()", "    nn.utils.clip_grad_norm_(model.parameters(), 0.01)\n    opt.step()"))),
    Wrong("frozen", "freeze after training", "requires_grad False", a(("    return", "    model.requires_grad_(False)\n    return"))),
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
    Wrong("no_grad", "evaluation runs under no_grad", NO_GRAD, "@torch.no_grad()\n" + R),
    Wrong("no_grad around the loop", "evaluation runs under no_grad", NO_GRAD, ra(("    for x, y in loader:\n        x_adv = attack(model, x, y)\n        with torch.no_grad():\n            right += (model(x_adv).argmax(1) == y).sum().item()\n        total += len(y)\n", "    with torch.no_grad():\n        for x, y in loader:\n            right += (model(attack(model, x, y)).argmax(1) == y).sum().item()\n            total += len(y)\n"))),
    Wrong("inference", "inference mode", NO_GRAD, "@torch.inference_mode()\n" + R),
    Wrong("batch means", "mean of batch means", "accuracies of the batches are averaged", ra(("right += (model(x_adv).argmax(1) == y).sum().item()", "right += (model(x_adv).argmax(1) == y).float().mean().item()"), ("total += len(y)", "total += 1"))),
    Wrong("against predictions", "robust = the prediction did not change", "compared with those before", ra(("== y)", "== model(x).argmax(1))"))),
    Wrong("count", "number of hits", "That is a count", ra(("right / total", "right"))),
    Wrong("clean", "accuracy", "clean images", ra(("model(x_adv)", "model(x)"))),
    Wrong("no attack", "accuracy", "attack is never called", ra(("attack(model, x, y)", "x"))),
    Wrong("percent", "accuracy in percent", "percentage", ra(("right / total", "100 * right / total"))),
    Wrong("error rate", "attack wins", "error rate", ra(("== y)", "!= y)"))),
    Wrong("by batches", "len(loader)", "number of batches", ra(("right / total", "right / len(loader)"))),
    Wrong("by full batches", "batches times size", "as if all batches were full", ra(("right / total", "right / (len(loader) * loader.batch_size)"))),
    Wrong("by last batch", "len(y)", "size of the last batch", ra(("right / total", "right / len(y)"))),
    Wrong("sum of means", "add the accuracies", "accuracies of the batches are added", ra((".sum().item()", ".float().mean().item()"), ("right / total", "right"))),
    Wrong("means by images", "add the accuracies", "Fractions of batches are added", ra((".sum().item()", ".float().mean().item()"))),
    Wrong("first batch", "return inside the loop", "every batch once", ra(("    return", "        return"))),
    Wrong("last batch", "= for +=", "Only the last batch", ra(("right +=", "right ="), ("total +=", "total ="))),
    Wrong("last hits", "= for +=", "hits of the last batch", ra(("right +=", "right ="))),
    Wrong("train mode", "the mode does not matter", "runs in train mode, expected eval", ra(("    model.eval()\n", ""))),
    Wrong("train again", "train after the attack", "runs in train mode, expected eval", ra(("        with", "        model.train()\n        with"))),
    Wrong("attack with predictions", "labels are unknown", "attack gets other labels", ra(("attack(model, x, y)", "attack(model, x, model(x).argmax(1) * 0)"))),
    Wrong("attack order", "x first", "expected attack.model, x, y", ra(("attack(model, x, y)", "attack(x, y, model)"))),
    Wrong("of the right ones", "only right ones can break", "Only the images that were right before", ra(("        with torch.no_grad():\n", "        ok = model(x).argmax(1) == y\n        with torch.no_grad():\n"), ("(model(x_adv).argmax(1) == y)", "((model(x_adv).argmax(1) == y) & ok)"), ("len(y)", "ok.sum().item()"))),
    Wrong("right twice", "right before and after", "after it is enough", ra(("(model(x_adv).argmax(1) == y)", "((model(x_adv).argmax(1) == y) & (model(x).argmax(1) == y))"))),
    Wrong("success rate", "how often the attack wins", "success rate of the attack", ra(("        with torch.no_grad():\n", "        ok = model(x).argmax(1) == y\n        with torch.no_grad():\n"), ("(model(x_adv).argmax(1) == y)", "((model(x_adv).argmax(1) != y) & ok)"), ("len(y)", "ok.sum().item()"))),
    Wrong("argmax over batch", "argmax(0)", "different shapes", ra(("argmax(1)", "argmax(0)"))),
    Wrong("list", "keep all", "a list came back", ra(("right = total = 0", "hits = []"), ("right += (model(x_adv).argmax(1) == y).sum().item()", "hits += (model(x_adv).argmax(1) == y).tolist()"), ("        total += len(y)\n", ""), ("right / total", "hits"))),
    Wrong("no return", "print it", "None came back", ra(("return right / total", "print(right / total)"))),
    Wrong("no model", "the attack tells", "model is never called", ra(("model(x_adv).argmax(1)", "x_adv.flatten(1).argmax(1)"))),
]

# --- attack_success_rate --------------------------------------------------------------------------

s = one("attack_success_rate", "clean_pred, adv_pred, y")


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
ALL = "It is divided by all images"
WRONG["attack_success_rate"] = [
    Wrong("all", "every error is a success", "Every error after the attack counts", s("(adv_pred != y).float().mean()")),
    Wrong("all over right", "every error is a success", "Every error after the attack counts", sm("return (adv_pred != y).sum().item() / m.sum().item()")),
    Wrong("n", "divide by all images", ALL, s("((clean_pred == y) & (adv_pred != y)).float().mean()")),
    Wrong("masked over n", "mean over the batch", ALL, sm("return (adv_pred[m] != y[m]).sum().item() / len(y)")),
    Wrong("kept", "the other share", "stay right", sm("return (adv_pred[m] == y[m]).float().mean().item()")),
    Wrong("robust", "accuracy", "accuracy under attack", s("(adv_pred == y).float().mean().item()")),
    Wrong("clean", "accuracy", "accuracy before the attack", s("(clean_pred == y).float().mean().item()")),
    Wrong("moved", "a changed prediction is a success", "Every changed prediction", s("(clean_pred != adv_pred).float().mean().item()")),
    Wrong("moved over right", "a changed prediction is a success", "Every changed prediction", sm("return (clean_pred != adv_pred).sum().item() / m.sum().item()")),
    Wrong("difference", "accuracy lost", "accuracy lost", s("(clean_pred == y).float().mean().item() - (adv_pred == y).float().mean().item()")),
    Wrong("ratio", "relative accuracy lost", "accuracies are compared", s("1 - (adv_pred == y).sum().item() / (clean_pred == y).sum().item()")),
    Wrong("over errors", "share of errors", "errors after the attack", sm("return (m & (adv_pred != y)).sum().item() / (adv_pred != y).sum().item()")),
    Wrong("wrong ones", "mask turned", "Only images that were wrong before", function("attack_success_rate", "clean_pred, adv_pred, y", "m = clean_pred != y\nif not m.any():\n    return 0.0\nreturn (adv_pred[m] != y[m]).float().mean().item()")),
    Wrong("count", "number of successes", "That is a count", sm("return (m & (adv_pred != y)).sum().item()")),
    Wrong("percent", "percent", "percentage", sm("return 100 * (adv_pred[m] != y[m]).float().mean().item()")),
    Wrong("floor", "whole division", "rounds to a whole number", sm("return (m & (adv_pred != y)).sum().item() // m.sum().item()")),
    Wrong("y unmasked", "the mask is for predictions", "Mask y as well", sm("return (adv_pred[m] != y).float().mean()")),
    Wrong("y unmasked, sums", "the mask is for predictions", "Mask y as well", sm("return (adv_pred[m] != y).sum() / m.sum()")),
    Wrong("long mean", "mean of integers", "Make the tensor float", sm("return (adv_pred[m] != y[m]).long().mean()")),
    Wrong("per image", "no mean", "One number for all", sm("return m & (adv_pred != y)")),
    Wrong("python and", "and is &", "& joins two masks", sm("return (m and adv_pred != y).sum().item() / m.sum().item()")),
    Wrong("precedence", "& binds loosely", "& joins two masks", s("(clean_pred == y & adv_pred != y).sum().item() / (clean_pred == y).sum().item()")),
    Wrong("no return", "assignment is enough", "None came back", sm("rate = (adv_pred[m] != y[m]).float().mean()")),
    Wrong("in place", "mark the wrong ones", "an argument has changed", sm("adv_pred[~m] = y[~m]\nreturn (adv_pred != y).sum().item() / m.sum().item()")),
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
    Wrong("l2", "norm() is the norm", "L2 norm", d("(x_adv - x).flatten(1).norm(dim=1)")),
    Wrong("l1", "sum of changes", "sum over the pixels", d("(x_adv - x).abs().flatten(1).sum(1)")),
    Wrong("squares", "squared distance", "squares are added", d("((x_adv - x) ** 2).flatten(1).sum(1)")),
    Wrong("mse", "mean squared error", "mean of squares", d("((x_adv - x) ** 2).flatten(1).mean(1)")),
    Wrong("signed", "the change is positive", "gets darker counts as well", d("(x_adv - x).flatten(1).max(1).values")),
    Wrong("signed, other", "the change is positive", "gets brighter counts as well", d("(x - x_adv).flatten(1).max(1).values")),
    Wrong("abs late", "abs of the maximum", "abs comes after", d("(x_adv - x).flatten(1).max(1).values.abs()")),
    Wrong("min", "smallest", "smallest change", d("(x_adv - x).abs().flatten(1).min(1).values")),
    Wrong("median", "typical change", "median", d("(x_adv - x).abs().flatten(1).median(1).values")),
    Wrong("argmax", "place", "place of the largest", d("(x_adv - x).abs().flatten(1).argmax(1)")),
    Wrong("two maxima", "distance of maxima", "two brightest", d("(x_adv.flatten(1).amax(1) - x.flatten(1).amax(1)).abs()")),
    Wrong("no x", "x_adv is the change", "x takes no part", d("x_adv.abs().flatten(1).amax(1)")),
    Wrong("channel", "max over the last axes", "one number per channel", d("(x_adv - x).abs().amax((2, 3))")),
    Wrong("keepdim", "keep the axes", "keepdim keeps them", d("(x_adv - x).abs().amax((1, 2, 3), keepdim=True)")),
    Wrong("column", "one column", "axis of length 1", d("(x_adv - x).abs().flatten(1).amax(1, keepdim=True)")),
    Wrong("over images", "dim 0", "runs over the images", d("(x_adv - x).abs().amax(0)")),
    Wrong("pixels", "abs is enough", "one number per pixel", d("(x_adv - x).abs()")),
    Wrong("pair", "max gives a tensor", "a pair of values and indices", d("(x_adv - x).abs().flatten(1).max(dim=1)")),
    Wrong("tuple", "give both", "A comma after return", d("(x_adv - x).abs().flatten(1).amax(1), x")),
    Wrong("list", "a list of numbers", "list of 3 numbers", d("[(a - b).abs().max().item() for a, b in zip(x_adv, x)]")),
    Wrong("255", "grey levels", "nothing times 255", d("255 * (x_adv - x).abs().flatten(1).amax(1)")),
    Wrong("squared", "squared change", "change is squared", d("((x_adv - x) ** 2).flatten(1).amax(1)")),
    Wrong("in place", "saves memory", "an argument has changed", d("x_adv.sub_(x).abs_().flatten(1).amax(1)")),
    Wrong("expanded", "one number for all", "largest change of the whole batch", d("(x_adv - x).abs().max().repeat(len(x))")),
    Wrong("no return", "assignment is enough", "None came back", function("linf_distance", "x_adv, x", "dist = (x_adv - x).abs().flatten(1).amax(1)")),
    Wrong("one axis", "max over columns", "All axes but the first", d("(x_adv - x).abs().amax(3)")),
]

HEAVY = set(RIGHT)
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
