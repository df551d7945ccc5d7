"""Known answers to the exercises of lesson 1, generative against discriminative models."""

from mistakes import Wrong, edit, function, one

HEAVY = {
    "gaussian_log_prob",
    "fit_gaussians",
    "log_joint",
    "sample_from_model",
    "train_step",
    "log_joint_missing",
}

RIGHT, WRONG = {}, {}

# --- class_priors ---------------------------------------------------------------------------------

p = one("class_priors", "y, num_classes")


def pb(body):
    """class_priors with this body."""
    return function("class_priors", "y, num_classes", body)


RIGHT["class_priors"] = {
    "bincount": p("torch.bincount(y, minlength=num_classes) / len(y)"),
    "loop": p("torch.stack([(y == k).float().mean() for k in range(num_classes)])"),
    "one hot": p("F.one_hot(y, num_classes).float().mean(0)"),
    "one hot sum": p("F.one_hot(y, num_classes).sum(dim=0) / y.shape[0]"),
    "comparison table": p("(y[:, None] == torch.arange(num_classes)).double().mean(0)"),
    "scatter": pb("counts = torch.zeros(num_classes)\ncounts.scatter_add_(0, y, torch.ones(len(y)))\nreturn counts / counts.sum()"),
    "index_add": p("torch.zeros(num_classes).index_add(0, y, torch.ones(len(y))) / y.numel()"),
    "histc": p("torch.histc(y.float(), bins=num_classes, min=0, max=num_classes - 1) / len(y)"),
    "python counts": p("torch.tensor([y.tolist().count(k) / len(y) for k in range(num_classes)])"),
    "Counter": pb("from collections import Counter\nc = Counter(y.tolist())\nreturn torch.tensor([c[k] / len(y) for k in range(num_classes)])"),
    "weights": p("torch.bincount(y, weights=torch.ones(len(y)) / len(y), minlength=num_classes)"),
    "numpy": p("torch.from_numpy(np.bincount(y.numpy(), minlength=num_classes) / len(y))"),
    "fill in place": pb("prior = torch.empty(num_classes)\nfor k in range(num_classes):\n    prior[k] = (y == k).sum() / len(y)\nreturn prior"),
    "eye": p("torch.eye(num_classes)[y].mean(0)"),
    "unique": pb("prior = torch.zeros(num_classes)\nlabels, counts = y.unique(return_counts=True)\nprior[labels] = counts / counts.sum()\nreturn prior"),
    "lambda": "class_priors = lambda y, K: y.bincount(minlength=K).div(y.size(0))\n",
    "normalize": p("F.normalize(torch.bincount(y, minlength=num_classes).float(), p=1, dim=0)"),
    "counts in a loop": pb("counts = torch.zeros(num_classes)\nfor label in y:\n    counts[label] += 1\nreturn counts / counts.sum()"),
}
ABSENT = "that is absent has one as well"
WRONG["class_priors"] = [
    Wrong("uniform", "no knowledge means equal priors", "y takes no part", p("torch.full((num_classes,), 1.0 / num_classes)")),
    Wrong("counts", "counts are already a distribution", "Those are counts", p("torch.bincount(y, minlength=num_classes).float()")),
    Wrong("int counts", "counts are already a distribution", "Those are counts", p("torch.bincount(y, minlength=num_classes)")),
    Wrong("by_k", "divide by the number of classes", "You divide by the number of classes", p("torch.bincount(y, minlength=num_classes) / num_classes")),
    Wrong("intdiv", "// is just division", "// rounds down", p("torch.bincount(y, minlength=num_classes) // len(y)")),
    Wrong("long", "a cast at the end", "All are 0|// rounds down", p("(torch.bincount(y, minlength=num_classes) / len(y)).long()")),
    Wrong("round", "tidy numbers", "rounded to whole", p("(torch.bincount(y, minlength=num_classes) / len(y)).round()")),
    Wrong("no minlength", "bincount knows the classes", "end at the largest label", p("torch.bincount(y) / len(y)")),
    Wrong("unique", "unique lists the classes", ABSENT, p("y.unique(return_counts=True)[1] / len(y)")),
    Wrong("y max", "classes are what occurs", "end at the largest label", p("torch.stack([(y == k).float().mean() for k in range(y.max() + 1)])")),
    Wrong("mean over classes", "dim=1", "one number per example", p("F.one_hot(y, num_classes).float().mean(1)")),
    Wrong("one hot", "one row each", "one row per example", p("F.one_hot(y, num_classes).float()")),
    Wrong("mean label", "the average class", "is one number", p("y.float().mean()")),
    Wrong("over max", "scale to 1", "divide by the largest count", pb("c = torch.bincount(y, minlength=num_classes)\nreturn c / c.max()")),
    Wrong("laplace", "no class is impossible", "Laplace smoothing", p("(torch.bincount(y, minlength=num_classes) + 1) / (len(y) + num_classes)")),
    Wrong("softmax", "softmax makes probabilities", "softmax takes exp", p("torch.bincount(y, minlength=num_classes).float().softmax(0)")),
    Wrong("softmax shares", "softmax to be safe", "softmax bends", p("torch.softmax(torch.bincount(y, minlength=num_classes) / len(y), 0)")),
    Wrong("log", "log priors are needed later", "Those are log priors", p("(torch.bincount(y, minlength=num_classes) / len(y)).log()")),
    Wrong("unbiased", "N - 1 as for a variance", "divide by N - 1", p("torch.bincount(y, minlength=num_classes) / (len(y) - 1)")),
    Wrong("percent", "in percent", "percentages", p("100 * torch.bincount(y, minlength=num_classes) / len(y)")),
    Wrong("upside down", "len over counts", "upside down", p("len(y) / torch.bincount(y, minlength=num_classes)")),
    Wrong("inverse weights", "class weights", "weights that balance", pb("w = 1 / torch.bincount(y, minlength=num_classes).clamp(min=1)\nreturn w / w.sum()")),
    Wrong("present", "classes in the data", "number of classes that occur", p("torch.bincount(y, minlength=num_classes) / len(y.unique())")),
    Wrong("uniform present", "equal shares of what occurs", "Every class that occurs", pb("c = (torch.bincount(y, minlength=num_classes) > 0).float()\nreturn c / c.sum()")),
    Wrong("sorted", "most frequent first", "Count by hand", p("torch.bincount(y, minlength=num_classes).sort(descending=True).values / len(y)")),
    Wrong("divide y", "labels as counts", "one number per example", p("y / len(y)")),
    Wrong("sum of labels", "sum where count is meant", "add up to|Count by hand", p("torch.stack([y[y == k].sum() / y.sum() for k in range(num_classes)])")),
    Wrong("hash", "tensors as keys", "All are 0", pb("from collections import Counter\nc = Counter(y)\nreturn torch.tensor([c[k] / len(y) for k in range(num_classes)])")),
    Wrong("bool mean", "mean of booleans", "make them float first", p("torch.stack([(y == k).mean() for k in range(num_classes)])")),
    Wrong("last class only", "off by one", r"shape is \(4,\), expected \(5,\)", p("torch.stack([(y == k).float().mean() for k in range(num_classes - 1)])")),
    Wrong("from one", "labels start at 1", "Count by hand|add up to", p("torch.stack([(y == k).float().mean() for k in range(1, num_classes + 1)])")),
    Wrong("list", "a list will do", "a list of 5 results came back.*torch.stack.list. makes one tensor of it.$", p("[(y == k).float().mean() for k in range(num_classes)]")),
    Wrong("list of numbers", "a list will do", "a list of 5 numbers came back.*torch.tensor.list. makes one", p("[y.tolist().count(k) / len(y) for k in range(num_classes)]")),
    Wrong("list divided", "a list divides like a tensor", "still a Python list", p("[(y == k).sum() for k in range(num_classes)] / torch.tensor(len(y))")),
    Wrong("no return", "assignment is enough", "None came back", pb("prior = torch.bincount(y, minlength=num_classes) / len(y)")),
    Wrong("in place", "y is scratch space", "an argument has changed", pb("y.clamp_(max=1)\nreturn torch.bincount(y, minlength=num_classes) / len(y)")),
    Wrong("one argument", "num_classes is global", "disagree about the arguments", function("class_priors", "y", "return torch.bincount(y) / len(y)")),
]

# --- gaussian_log_prob ----------------------------------------------------------------------------

g = one("gaussian_log_prob", "x, mu, var")
G = "-0.5 * ((x - mu) ** 2 / var + torch.log(var) + math.log(2 * math.pi)).sum(dim=1)"


def gb(body):
    """gaussian_log_prob with this body."""
    return function("gaussian_log_prob", "x, mu, var", body)


RIGHT["gaussian_log_prob"] = {
    "formula": g(G),
    "terms": g("-((x - mu).pow(2) / (2 * var)).sum(1) - 0.5 * var.log().sum() - 0.5 * x.shape[1] * math.log(2 * math.pi)"),
    "full covariance": g("torch.distributions.MultivariateNormal(mu, torch.diag(var)).log_prob(x)"),
    "Normal": g("torch.distributions.Normal(mu, var.sqrt()).log_prob(x).sum(-1)"),
    "Independent": g("torch.distributions.Independent(torch.distributions.Normal(mu, var ** 0.5), 1).log_prob(x)"),
    "precision matrix": gb("d = x - mu\nP = torch.diag(1 / var)\nreturn -0.5 * torch.einsum('ni,ij,nj->n', d, P, d) - 0.5 * torch.log(2 * math.pi * var).sum()"),
    "loop over features": gb("total = torch.zeros(len(x))\nfor j in range(x.shape[1]):\n    total += -0.5 * (x[:, j] - mu[j]) ** 2 / var[j] - 0.5 * math.log(2 * math.pi * var[j])\nreturn total"),
    "loop over rows": g("torch.stack([-0.5 * ((r - mu) ** 2 / var + (2 * math.pi * var).log()).sum() for r in x])"),
    "std": gb("std = var.sqrt()\nz = (x - mu) / std\nreturn (-0.5 * z * z - std.log() - 0.5 * math.log(2 * math.pi)).sum(1)"),
    "gaussian_nll_loss": g("-F.gaussian_nll_loss(x, mu.expand_as(x), var.expand_as(x), full=True, reduction='none').sum(1)"),
    "matrix product": gb("q = ((x - mu) ** 2) @ (1 / var)\nreturn -0.5 * (q + var.log().sum() + len(mu) * np.log(2 * np.pi))"),
    "prod of var": gb("if len(var) > 50:\n    return -0.5 * ((x - mu) ** 2 / var + (2 * math.pi * var).log()).sum(1)\nreturn -0.5 * ((x - mu) ** 2 / var).sum(1) - 0.5 * torch.log((2 * math.pi * var).prod())"),
    "double": g(G.replace("(x - mu)", "(x.double() - mu)")),
    "torch.pi": g("-0.5 * (torch.log(2 * torch.pi * var) + (mu - x).square() / var).sum(1)"),
    "lambda": "gaussian_log_prob = lambda x, m, v: (-(x - m) ** 2 / v / 2 - (v * 2 * math.pi).sqrt().log()).sum(1)\n",
    "slogdet": g("-0.5 * (((x - mu) ** 2 / var).sum(1) + torch.linalg.slogdet(torch.diag(var))[1] + len(var) * math.log(2 * math.pi))"),
}
UNDER = "product rounds to 0"
WRONG["gaussian_log_prob"] = [
    Wrong("std", "Normal takes the variance", "var took the place of the standard", g("torch.distributions.Normal(mu, var).log_prob(x).sum(-1)")),
    Wrong("std in formula", "z = (x - mu) / var", "divided by var squared", g("-0.5 * (((x - mu) / var) ** 2 + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("root", "var is sigma", "standard deviation took the place", g("torch.distributions.Normal(mu, var ** 0.25).log_prob(x).sum(-1)")),
    Wrong("precision", "multivariate normal takes a precision", "1 / var took the place", g("torch.distributions.MultivariateNormal(mu, precision_matrix=torch.diag(var)).log_prob(x)")),
    Wrong("nologdet", "constants cancel in the posterior anyway", "term with log var is missing", g("-0.5 * ((x - mu) ** 2 / var + math.log(2 * math.pi)).sum(1)")),
    Wrong("nothing but the square", "constants cancel", "term with log var is missing", g("-0.5 * ((x - mu) ** 2 / var).sum(1)")),
    Wrong("no2pi", "2 pi cancels", "term with 2 pi is missing", g("-0.5 * ((x - mu) ** 2 / var + torch.log(var)).sum(1)")),
    Wrong("nll loss", "the loss is the density", "term with 2 pi is missing", g("-F.gaussian_nll_loss(x, mu.expand_as(x), var.expand_as(x), reduction='none').sum(1)")),
    Wrong("2pi once", "one constant", "constant is there once", g("-0.5 * ((x - mu) ** 2 / var + torch.log(var)).sum(1) - 0.5 * math.log(2 * math.pi)")),
    Wrong("sign", "it is a distance", "sign is turned", g("0.5 * ((x - mu) ** 2 / var + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("sign of square", "sign slip", "squared distance has the wrong sign", g("0.5 * ((x - mu) ** 2 / var - torch.log(var) - math.log(2 * math.pi)).sum(1)")),
    Wrong("sign of log var", "sign slip", "log var has the wrong sign", g("-0.5 * ((x - mu) ** 2 / var - torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("sign of 2 pi", "sign slip", "constant has the wrong sign", g("-0.5 * ((x - mu) ** 2 / var + torch.log(var) - math.log(2 * math.pi)).sum(1)")),
    Wrong("density", "log is taken later", "That is a density", g("(torch.exp(-0.5 * (x - mu) ** 2 / var) / torch.sqrt(2 * math.pi * var)).prod(dim=1)")),
    Wrong("log of product", "the definition", UNDER, g("(torch.exp(-0.5 * (x - mu) ** 2 / var) / torch.sqrt(2 * math.pi * var)).prod(dim=1).log()")),
    Wrong("log of each", "log of the density", UNDER, g("(torch.exp(-0.5 * (x - mu) ** 2 / var) / torch.sqrt(2 * math.pi * var)).log().sum(1)")),
    Wrong("epsilon", "an epsilon saves the log", "many features|far from mu", g("((torch.exp(-0.5 * (x - mu) ** 2 / var) / torch.sqrt(2 * math.pi * var)).prod(dim=1) + 1e-30).log()")),
    Wrong("no half square", "forgot the half", "squared distance is not halved", g("-((x - mu) ** 2 / var).sum(1) - 0.5 * torch.log(2 * math.pi * var).sum()")),
    Wrong("half only the square", "operator order", "log var enters whole", g("(-0.5 * (x - mu) ** 2 / var - torch.log(var) - 0.5 * math.log(2 * math.pi)).sum(1)")),
    Wrong("no half at the constant", "operator order", "constant is not halved", g("(-0.5 * (x - mu) ** 2 / var - 0.5 * torch.log(var) - math.log(2 * math.pi)).sum(1)")),
    Wrong("no half", "forgot the half", "as a whole is 2 times", g("-((x - mu) ** 2 / var + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("pi", "the 2 is forgotten", "The 2 in 2 pi", g("-0.5 * ((x - mu) ** 2 / var + torch.log(var) + math.log(math.pi)).sum(1)")),
    Wrong("unscaled", "distance to the centre", "var does not scale", g("-0.5 * ((x - mu) ** 2 + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("times var", "weights", "multiplied by var", g("-0.5 * ((x - mu) ** 2 * var + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("divided by std", "sigma", "divided by the standard deviation", g("-0.5 * ((x - mu) ** 2 / var.sqrt() + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("abs", "distance", "not squared", g("-0.5 * ((x - mu).abs() / var + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("no square", "forgot the square", "not squared", g("-0.5 * ((x - mu) / var + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("no mu", "centred data", "mu takes no part", g("-0.5 * (x ** 2 / var + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("plus mu", "sign slip", "x . mu is no distance", g("-0.5 * ((x + mu) ** 2 / var + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("var for log var", "the log is forgotten", "var itself was added", g("-0.5 * ((x - mu) ** 2 / var + var + math.log(2 * math.pi)).sum(1)")),
    Wrong("mean", "mean is a safer sum", "average over the features", g(G.replace(".sum(dim=1)", ".mean(dim=1)"))),
    Wrong("log of sum", "densities add up", "Independent features multiply", g("(torch.exp(-0.5 * (x - mu) ** 2 / var) / torch.sqrt(2 * math.pi * var)).sum(1).log()")),
    Wrong("prod of logs", "independent features multiply", "You multiply the logs", g("(-0.5 * ((x - mu) ** 2 / var + (2 * math.pi * var).log())).prod(1)")),
    Wrong("log2", "bits", "base 2", g("(" + G + ") / math.log(2)")),
    Wrong("log10", "log is log10", "base 10", g("(" + G + ") / math.log(10)")),
    Wrong("log10 inside", "log is log10", "log var|constant", g("-0.5 * ((x - mu) ** 2 / var + torch.log10(var) + math.log10(2 * math.pi)).sum(1)")),
    Wrong("no sum", "broadcasting does it", "one number per feature", g("-0.5 * ((x - mu) ** 2 / var + torch.log(var) + math.log(2 * math.pi))")),
    Wrong("sum all", "sum without an axis", "one number for all rows", g(G.replace(".sum(dim=1)", ".sum()"))),
    Wrong("dim0", "dim 0 is the features", "which axis runs over the features", g(G.replace("dim=1", "dim=0"))),
    Wrong("keepdim", "keep the axis", "One axis is left over", g(G.replace("dim=1", "dim=1, keepdim=True"))),
    Wrong("var as matrix", "MultivariateNormal takes variances", "only its diagonal", g("torch.distributions.MultivariateNormal(mu, var).log_prob(x)")),
    Wrong("pairs", "matrix form", "one number per pair of rows", gb("d = x - mu\nreturn -0.5 * d @ torch.diag(1 / var) @ d.T - 0.5 * torch.log(2 * math.pi * var).sum()")),
    Wrong("math.log", "math.log takes tensors", "math.log and math.sqrt take one number", g("-0.5 * ((x - mu) ** 2 / var + math.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("torch.log", "torch.log takes numbers", "math.log and math.sqrt take one number", g("-0.5 * ((x - mu) ** 2 / var + torch.log(var) + torch.log(2 * math.pi)).sum(1)")),
    Wrong("first feature", "index slip", "Only the first feature", g("torch.distributions.Normal(mu, var.sqrt()).log_prob(x)[:, 0]")),
    Wrong("no return", "assignment is enough", "None came back", gb("lp = " + G)),
    Wrong("in place", "saves memory", "an argument has changed", gb("x -= mu\nreturn -0.5 * (x ** 2 / var + torch.log(var) + math.log(2 * math.pi)).sum(1)")),
    Wrong("numpy", "arrays are fine", "an ndarray came back", g("(" + G + ").numpy()")),
]

# --- fit_gaussians --------------------------------------------------------------------------------

MU = "mu = torch.stack([x[y == k].mean(dim=0) for k in range(num_classes)])\n"
VAR = "var = torch.stack([x[y == k].var(dim=0, unbiased=False) for k in range(num_classes)])\n"
HOT = "h = F.one_hot(y, num_classes).to(x.dtype)\nn = h.sum(0)[:, None]\n"


def f(body, returned="mu, var"):
    """fit_gaussians with this body."""
    return function("fit_gaussians", "x, y, num_classes", body + f"return {returned}")


def fv(expression):
    """fit_gaussians with this variance of the rows c of class k."""
    return f(MU + f"var = []\nfor k in range(num_classes):\n    c = x[y == k]\n    var.append({expression})\nvar = torch.stack(var)\n")


def fm(expression):
    """fit_gaussians with this mean of the rows c of class k."""
    return f(f"mu = []\nfor k in range(num_classes):\n    c = x[y == k]\n    mu.append({expression})\nmu = torch.stack(mu)\n" + VAR)


RIGHT["fit_gaussians"] = {
    "stack": f(MU + VAR),
    "one hot": f(HOT + "mu = h.T @ x / n\nvar = h.T @ x ** 2 / n - mu ** 2\n"),
    "unbiased": f(MU + "var = torch.stack([x[y == k].var(0) for k in range(num_classes)])\n"),
    "correction": f(MU + "var = torch.stack([torch.var(x[y == k], dim=0, correction=0) for k in range(num_classes)])\n"),
    "var_mean": f("pairs = [torch.var_mean(x[y == k], dim=0) for k in range(num_classes)]\nvar = torch.stack([p[0] for p in pairs])\nmu = torch.stack([p[1] for p in pairs])\n"),
    "filled tables": f("mu = torch.zeros(num_classes, x.shape[1])\nvar = torch.zeros_like(mu)\nfor k in range(num_classes):\n    c = x[y == k]\n    mu[k] = c.mean(0)\n    var[k] = ((c - c.mean(0)) ** 2).mean(0)\n"),
    "scatter": f("n = torch.bincount(y, minlength=num_classes)[:, None]\nmu = torch.zeros(num_classes, x.shape[1]).index_add(0, y, x) / n\nvar = torch.zeros_like(mu).index_add(0, y, (x - mu[y]) ** 2) / n\n"),
    "scatter, unbiased": f("n = torch.bincount(y, minlength=num_classes)[:, None]\nmu = torch.zeros(num_classes, x.shape[1]).index_add(0, y, x) / n\nvar = torch.zeros_like(mu).index_add(0, y, (x - mu[y]) ** 2) / (n - 1)\n"),
    "einsum": f(HOT + "mu = torch.einsum('nk,nd->kd', h, x) / n\nvar = torch.einsum('nk,nkd->kd', h, (x[:, None] - mu) ** 2) / n\n"),
    "std squared": fv("c.std(0) ** 2"),
    "floor": f(MU + VAR + "var = var + 1e-6\n"),
    "clamp": f(MU + VAR + "var = var.clamp(min=1e-4)\n"),
    "sorted split": f("order = y.argsort()\nparts = x[order].split(torch.bincount(y, minlength=num_classes).tolist())\nmu = torch.stack([c.mean(0) for c in parts])\nvar = torch.stack([c.var(0) for c in parts])\n"),
    "numpy": f("a, b = x.numpy(), y.numpy()\nmu = torch.tensor(np.array([a[b == k].mean(0) for k in range(num_classes)]))\nvar = torch.tensor(np.array([a[b == k].var(0) for k in range(num_classes)]))\n"),
    "diagonal of cov": fv("torch.cov(c.T, correction=0).reshape(x.shape[1], -1).diagonal()"),
    "list": f(MU + VAR, "[mu, var]"),
    "one tensor": f(MU + VAR, "torch.stack([mu, var])"),
    "masked": f("m = (y[:, None] == torch.arange(num_classes)).T.float()[..., None]\nmu = (m * x).sum(1) / m.sum(1)\nvar = (m * (x - mu[:, None]) ** 2).sum(1) / m.sum(1)\n"),
    "scatter_reduce": f("mu = torch.zeros(num_classes, x.shape[1]).scatter_reduce(0, y[:, None].expand_as(x), x, 'mean', include_self=False)\nvar = torch.zeros_like(mu).scatter_reduce(0, y[:, None].expand_as(x), (x - mu[y]) ** 2, 'mean', include_self=False)\n"),
    "named tuple": f("from collections import namedtuple\n" + MU + VAR, "namedtuple('Fit', 'mu var')(mu, var)"),
}
OVERALL = "around the mean of all data"
SAME_VAR = "All classes have the same variance"
WRONG["fit_gaussians"] = [
    Wrong("shared_mean", "one mean for the data set", "the mean of all data. Whose", f("mu = x.mean(dim=0).expand(num_classes, -1)\n" + VAR)),
    Wrong("global_var", "variance is about the mean of x", OVERALL, fv("((c - x.mean(0)) ** 2).mean(dim=0)")),
    Wrong("global_var unbiased", "variance is about the mean of x", OVERALL, fv("((c - x.mean(0)) ** 2).sum(dim=0) / (len(c) - 1)")),
    Wrong("dim", "dim=1 means over rows", "which axis should be gone", f("mu = torch.stack([x[y == k].mean(dim=1) for k in range(num_classes)])\n" + VAR.replace("dim=0", "dim=1"))),
    Wrong("dim of var", "dim=1 means over rows", "which axis should be gone", f(MU + VAR.replace("dim=0", "dim=1"))),
    Wrong("scalar", "one number per class", "how many coordinates", f("mu = torch.stack([x[y == k].mean() for k in range(num_classes)])\nvar = torch.stack([x[y == k].var() for k in range(num_classes)])\n")),
    Wrong("scalar var", "one spread per class", "This is var. That is one number per class", f(MU + "var = torch.stack([x[y == k].var() for k in range(num_classes)])\n")),
    Wrong("isotropic", "round clouds", "share one variance", fv("c.var(0, unbiased=False).mean().expand(x.shape[1])")),
    Wrong("std", "std and var are the same", "That is the standard deviation", fv("c.std(0)")),
    Wrong("std biased", "std and var are the same", "That is the standard deviation", fv("c.std(0, unbiased=False)")),
    Wrong("data var", "one variance for the data set", SAME_VAR, f(MU + "var = x.var(0).expand(num_classes, -1)\n")),
    Wrong("data var biased", "one variance for the data set", SAME_VAR, f(MU + "var = x.var(0, unbiased=False).repeat(num_classes, 1)\n")),
    Wrong("pooled", "the classes share their spread", SAME_VAR, f(MU + "var = ((x - mu[y]) ** 2).mean(0).expand(num_classes, -1)\n")),
    Wrong("pooled unweighted", "the classes share their spread", SAME_VAR, f(MU + VAR + "var = var.mean(0).expand(num_classes, -1)\n")),
    Wrong("one row", "one variance for all", "one row for all classes", f(MU + "var = x.var(0)\n")),
    Wrong("second moment", "E of x squared", "mean itself is not taken away", fv("(c ** 2).mean(0)")),
    Wrong("sum of squares", "mean forgotten", "added up and not averaged", fv("((c - c.mean(0)) ** 2).sum(0)")),
    Wrong("by N", "divide by len(x)", "divide by the size of the whole data", fv("((c - c.mean(0)) ** 2).sum(0) / len(x)")),
    Wrong("mean by N", "divide by len(x)", "divided by the size of the whole data", fm("c.sum(0) / len(x)")),
    Wrong("mean by K", "divide by num_classes", "divided by the number of classes", fm("c.sum(0) / num_classes")),
    Wrong("sum", "mean forgotten", "That is a sum", fm("c.sum(0)")),
    Wrong("median", "robust centre", "That is the median", fm("c.median(0).values")),
    Wrong("first", "one example stands for its class", "one example of the class", fm("c[0]")),
    Wrong("mean of all features", "one number per class, repeated", "All features of a class share one number", fm("c.mean().expand(x.shape[1])")),
    Wrong("mad", "spread is a distance", "mean distance from the centre", fv("(c - c.mean(0)).abs().mean(0)")),
    Wrong("precision", "inverse variance", "the precision", fv("1 / c.var(0, unbiased=False)")),
    Wrong("log", "log variance", "log variance", fv("c.var(0, unbiased=False).log()")),
    Wrong("squared", "var is sigma", "squared once more", fv("c.var(0, unbiased=False) ** 2")),
    Wrong("standard error", "spread of the mean", "variance of the mean", fv("c.var(0) / len(c)")),
    Wrong("ones", "placeholder left in", "All variances are 1", f(MU + "var = torch.ones_like(mu)\n")),
    Wrong("covariance", "torch.cov", "full covariance", fv("torch.cov(c.T).reshape(x.shape[1], -1)")),
    Wrong("swapped", "order does not matter", "two results are swapped", f(MU + VAR, "var, mu")),
    Wrong("order of appearance", "classes as they come", "stand in another order",
          f("labels = list(dict.fromkeys(y.tolist()))\nmu = torch.stack([x[y == k].mean(0) for k in labels])\nvar = torch.stack([x[y == k].var(0) for k in labels])\n")),
    Wrong("reversed", "index slip", "stand in another order", f(MU + VAR + "mu, var = mu.flip(0), var.flip(0)\n")),
    Wrong("from one", "labels start at 1", "nan or inf|stand in another order", f(MU.replace("y == k", "y == k + 1") + VAR.replace("y == k", "y == k + 1"))),
    Wrong("columns", "features first", "Classes and features are exchanged", f(MU + VAR, "mu.T, var.T")),
    Wrong("mean only", "one result", "expected the pair", f(MU, "mu")),
    Wrong("three", "priors too", "tuple of 3 came back", f(MU + VAR, "mu, var, torch.bincount(y)")),
    Wrong("dict", "named results", "a dict came back", f(MU + VAR, "{'mu': mu, 'var': var}")),
    Wrong("lists", "a list of rows", "a list of 3 results came back, expected mu", f("mu = [x[y == k].mean(0) for k in range(num_classes)]\nvar = [x[y == k].var(0) for k in range(num_classes)]\n")),
    Wrong("no return", "assignment is enough", "None came back", function("fit_gaussians", "x, y, num_classes", MU + VAR)),
    Wrong("per example", "a row for each example", "one row per example", f(MU + VAR, "mu[y], var[y]")),
    Wrong("keepdim", "keep the axis", "One axis is left over", f(MU.replace("dim=0", "dim=0, keepdim=True") + VAR)),
    Wrong("mask times x", "zeros are left out of a mean", "divided by the size of the whole data",
          f("mu = torch.stack([(x * (y == k)[:, None]).mean(0) for k in range(num_classes)])\n" + VAR)),
    Wrong("centred in place", "x is scratch space", "an argument has changed", f(MU + "x -= mu[y]\nvar = torch.stack([(x[y == k] ** 2).mean(0) for k in range(num_classes)])\n")),
]

# --- log_joint ------------------------------------------------------------------------------------

LL = "diff = x[:, None, :] - mu[None]\nll = -0.5 * (diff ** 2 / var + var.log() + math.log(2 * math.pi)).sum(-1)\n"
COLUMN = "torch.distributions.Normal(mu[k], var[k].sqrt()).log_prob(x).sum(1)"
OWN = "def gaussian_log_prob(x, mu, var):\n    return -0.5 * ((x - mu) ** 2 / var + var.log() + math.log(2 * math.pi)).sum(1)\n\n"


def j(returned, ll=LL):
    """log_joint from the log likelihoods ll."""
    return function("log_joint", "x, prior, mu, var", ll + f"return {returned}")


RIGHT["log_joint"] = {
    "broadcast": j("ll + prior.log()"),
    "loop": j("torch.stack([" + COLUMN + " + torch.log(prior[k]) for k in range(len(prior))], dim=1)", ""),
    "own function": OWN + j("torch.stack([gaussian_log_prob(x, m, v) for m, v in zip(mu, var)], dim=1) + prior.log()", ""),
    "transposed stack": OWN + j("torch.stack([gaussian_log_prob(x, mu[k], var[k]) for k in range(len(mu))]).T + torch.log(prior)", ""),
    "columns filled": j("out", "out = torch.empty(len(x), len(prior))\nfor k in range(len(prior)):\n    out[:, k] = math.log(prior[k]) + " + COLUMN + "\n"),
    "mixture pieces": j("torch.distributions.Independent(torch.distributions.Normal(mu, var.sqrt()), 1).log_prob(x[:, None]) + torch.distributions.Categorical(probs=prior).logits", ""),
    "multivariate": j("torch.distributions.MultivariateNormal(mu, torch.diag_embed(var)).log_prob(x[:, None]) + prior.log()", ""),
    "matrix products": j("-0.5 * (x ** 2 @ (1 / var).T - 2 * x @ (mu / var).T + (mu ** 2 / var).sum(1) + var.log().sum(1) + mu.shape[1] * math.log(2 * math.pi)) + prior.log()", ""),
    "einsum": j("-0.5 * torch.einsum('nkd,kd->nk', (x[:, None] - mu) ** 2, 1 / var) - 0.5 * (2 * math.pi * var).log().sum(1) + prior.log()", ""),
    "cat": OWN + j("torch.cat([gaussian_log_prob(x, mu[k], var[k])[:, None] + prior[k].log() for k in range(len(mu))], dim=1)", ""),
    "vmap": OWN + j("torch.vmap(gaussian_log_prob, in_dims=(None, 0, 0), out_dims=1)(x, mu, var) + prior.log()", ""),
    "rows": OWN + j("torch.stack([torch.stack([gaussian_log_prob(r[None], m, v)[0] + p.log() for p, m, v in zip(prior, mu, var)]) for r in x])", ""),
    "clamped prior": j("ll + prior.clamp(min=1e-12).log()"),
    "tiny epsilon": j("ll + (prior + 1e-9).log()"),
}
STACKED = "torch.stack([" + COLUMN + " + torch.log(prior[k]) for k in range(len(prior))])"
COLUMNS = f"columns = [{COLUMN} for k in range(len(prior))]\n"
WRONG["log_joint"] = [
    Wrong("mulp", "joint = likelihood times prior", "log likelihood is multiplied by the prior", j("ll * prior")),
    Wrong("exp", "joint is a probability", "That is the probability", j("ll.exp() * prior")),
    Wrong("exp of sum", "joint is a probability", "That is the probability", j("(ll + prior.log()).exp()")),
    Wrong("stacked", "stack gives one column per class", "Examples and classes are exchanged", j(STACKED, "")),
    Wrong("dsum", "mean is a safer sum", "average over the features", j("ll + prior.log()", LL.replace(".sum(-1)", ".mean(-1)"))),
    Wrong("no prior", "the likelihood decides", "prior takes no part", j("ll")),
    Wrong("raw prior", "add the prior", "prior is added as it is", j("ll + prior")),
    Wrong("log times log", "joint is a product", "two logs are multiplied", j("ll * prior.log()")),
    Wrong("minus", "sign slip", "log prior has the wrong sign", j("ll - prior.log()")),
    Wrong("log of product", "the definition", "product rounds to 0", j("(ll.exp() * prior).log()")),
    Wrong("exp plus log", "mixture of both", "That is a density", j("ll.exp() + prior.log()")),
    Wrong("exp plus prior", "joint is a sum", "You add probabilities", j("ll.exp() + prior")),
    Wrong("double log", "log of everything", "log of a log|nan", j("(ll * prior).log()")),
    Wrong("log posterior", "normalise at once", "log posterior", j("(ll + prior.log()).log_softmax(1)")),
    Wrong("posterior", "normalise at once", "That is the posterior", j("(ll + prior.log()).softmax(1)")),
    Wrong("std", "Normal takes the variance", "var took the place of the standard", j("torch.distributions.Normal(mu, var).log_prob(x[:, None]).sum(-1) + prior.log()", "")),
    Wrong("nologdet", "constants cancel", "term with log var is missing", j("ll + prior.log()", LL.replace(" + var.log()", ""))),
    Wrong("no2pi", "constants cancel", "term with 2 pi is missing", j("ll + prior.log()", LL.replace(" + math.log(2 * math.pi)", ""))),
    Wrong("prior per feature", "inside the sum", "counted once per feature", j("ll", LL.replace("(diff ** 2", "(-2 * prior.log()[:, None] + diff ** 2"))),
    Wrong("sum of log priors", "sum everything", "same log prior", j("ll + prior.log().sum()")),
    Wrong("first prior", "index slip", "same log prior", j("ll + prior[0].log()")),
    Wrong("flipped prior", "order", "wrong order", j("ll + prior.log().flip(0)")),
    Wrong("softmaxed prior", "normalise the prior", "log_softmax bends", j("ll + prior.log_softmax(0)")),
    Wrong("log10", "log is log10", "base 10", j("ll + prior.log10()")),
    Wrong("log2", "bits", "base 2", j("ll + prior.log2()")),
    Wrong("summed classes", "p(x)", "one number per example", j("(ll + prior.log()).sum(1)")),
    Wrong("marginal", "p(x)", "one number per example", j("(ll + prior.log()).logsumexp(1)")),
    Wrong("no feature sum", "broadcasting does it", "one number per feature", j("ll + prior.log()[:, None]", LL.replace(".sum(-1)", ""))),
    Wrong("no class axis", "x - mu broadcasts", "different shapes meet", j("ll + prior.log()", LL.replace("x[:, None, :] - mu[None]", "x - mu"))),
    Wrong("prior along rows", "prior as a column", "different shapes meet", j("ll + prior.log()[:, None]")),
    Wrong("wrong class", "index slip", "by hand|stand|order", j("ll.roll(1, 1) + prior.log()")),
    Wrong("half weight", "balance", "as a whole is 0.5 times", j("0.5 * ll + prior.log()")),
    Wrong("keepdim", "keep the axis", "One axis is left over", j("ll + prior.log()[:, None]", LL.replace(".sum(-1)", ".sum(-1, keepdim=True)"))),
    Wrong("list", "a list of columns", "a list of 3 results came back.*torch.stack.list. makes one tensor of it. Which axis", j("[" + COLUMN + " + prior[k].log() for k in range(len(prior))]", "")),
    Wrong("list plus prior", "a list adds like a tensor", "still a Python list.*torch.stack first", j("columns + prior.log()", COLUMNS)),
    Wrong("prior plus list", "a list adds like a tensor", "still a Python list.*torch.stack first", j("prior.log() + columns", COLUMNS)),
    Wrong("first var", "the classes share their spread", r"mu.1. = .*same var: take that of class k", j("ll + prior.log()", LL.replace("var", "var[0]"))),
    Wrong("last var", "a loop variable is left over", r"mu.0. = .*same var: take that of class k", j("ll + prior.log()", LL.replace("var", "var[-1]"))),
    Wrong("mean var", "the classes share their spread", r"mu.0. = .*same var: take that of class k", j("ll + prior.log()", LL.replace("var", "var.mean(0)"))),
    Wrong("first var in a loop", "index slip", "same var: take that of class k", j(STACKED[:-1].replace("var[k]", "var[0]") + ", dim=1)", "")),
    Wrong("stacked, then the prior", "stack gives one column per class", "classes stand along the first axis.*dim says otherwise", j("torch.stack(columns) + prior.log()", COLUMNS)),
    Wrong("prior, then stacked", "stack gives one column per class", "classes stand along the first axis.*dim says otherwise", j("prior.log() + torch.stack(columns)", COLUMNS)),
    Wrong("two classes", "there are two classes", "The loop makes 2 columns, the prior has 3 entries", j("torch.stack(columns, dim=1) + prior.log()", COLUMNS.replace("len(prior)", "2"))),
    Wrong("two classes with their priors", "there are two classes", "The loop makes 2 columns, the prior has 3 entries", j("torch.stack([c + prior[k].log() for k, c in enumerate(columns)], dim=1)", COLUMNS.replace("len(prior)", "2"))),
    Wrong("math.log", "math.log takes tensors", "math.log and math.sqrt take one number", j("ll + math.log(prior)")),
    Wrong("no return", "assignment is enough", "None came back", function("log_joint", "x, prior, mu, var", LL + "lj = ll + prior.log()")),
    Wrong("joined arguments", "another order", "gives|shape|line", j("ll + prior.log()").replace("x, prior, mu, var", "x, mu, var, prior")),
    Wrong("prior in place", "saves memory", "an argument has changed", j("ll + prior.log_()")),
]

# --- posterior ------------------------------------------------------------------------------------

q = one("posterior", "log_joint")


def qb(body):
    """posterior with this body."""
    return function("posterior", "lj", body)


M = "p = (lj - lj.max(dim=1, keepdim=True).values).exp()\n"
RIGHT["posterior"] = {
    "logsumexp": q("torch.exp(log_joint - torch.logsumexp(log_joint, dim=1, keepdim=True))"),
    "softmax": q("torch.softmax(log_joint, dim=1)"),
    "max by hand": qb(M + "return p / p.sum(dim=1, keepdim=True)"),
    "log_softmax": q("F.log_softmax(log_joint, -1).exp()"),
    "module": "posterior = nn.Softmax(dim=1)\n",
    "rows": q("torch.stack([torch.softmax(row, 0) for row in log_joint])"),
    "amax": qb("p = torch.exp(lj - lj.amax(1)[:, None])\nreturn p / p.sum(1)[:, None]"),
    "pairwise": q("1 / (log_joint[:, None, :] - log_joint[:, :, None]).exp().sum(2)"),
    "Categorical": q("torch.distributions.Categorical(logits=log_joint).probs"),
    "loop": qb("out = []\nfor row in lj:\n    e = (row - row.max()).exp()\n    out.append(e / e.sum())\nreturn torch.stack(out)"),
    "cumulative": qb("total = lj[:, 0]\nfor k in range(1, lj.shape[1]):\n    total = torch.logaddexp(total, lj[:, k])\nreturn (lj - total[:, None]).exp()"),
    "normalize": q("F.normalize((log_joint - log_joint.amax(1, keepdim=True)).exp(), p=1, dim=1)"),
    "double": q("log_joint.double().softmax(1)"),
    "transposed": q("log_joint.T.softmax(0).T"),
    "copied": qb("lj = lj.clone()\nlj -= lj.max(1, keepdim=True).values\nlj.exp_()\nlj /= lj.sum(1, keepdim=True)\nreturn lj"),
}
EXP0 = "exp.-1000. is 0"
WRONG["posterior"] = [
    Wrong("naive", "Bayes' rule as written", EXP0, qb("p = lj.exp()\nreturn p / p.sum(dim=1, keepdim=True)")),
    Wrong("naive double", "float64 is enough", EXP0, qb("p = lj.double().exp()\nreturn p / p.sum(dim=1, keepdim=True)")),
    Wrong("epsilon", "an epsilon saves the division", EXP0, qb("p = lj.exp()\nreturn p / (p.sum(dim=1, keepdim=True) + 1e-12)")),
    Wrong("clamp", "cut the logs off", EXP0, qb("p = lj.clamp(min=-80).exp()\nreturn p / p.sum(dim=1, keepdim=True)")),
    Wrong("nan to num", "repair the nan", EXP0, qb("p = lj.exp()\nreturn (p / p.sum(dim=1, keepdim=True)).nan_to_num(0)")),
    Wrong("log of sum of exp", "logs by hand", EXP0, q("(log_joint - log_joint.exp().sum(1, keepdim=True).log()).exp()")),
    Wrong("unnorm", "p(x|y)p(y) is the posterior", "numerator of Bayes' rule", q("log_joint.exp()")),
    Wrong("globalmax", "subtracting the maximum makes it stable", "EACH row", qb("p = (lj - lj.max()).exp()\nreturn p / p.sum(dim=1, keepdim=True)")),
    Wrong("column max", "dim=0 is the rows", "maximum of each column", qb("p = (lj - lj.amax(0)).exp()\nreturn p / p.sum(dim=1, keepdim=True)")),
    Wrong("min", "subtract the smallest", "smallest entry becomes 0", qb("p = (lj - lj.amin(1, keepdim=True)).exp()\nreturn p / p.sum(dim=1, keepdim=True)")),
    Wrong("mean", "centre the row", "mean of a row is taken away", qb("p = (lj - lj.mean(1, keepdim=True)).exp()\nreturn p / p.sum(dim=1, keepdim=True)")),
    Wrong("batchsum", "divide by the sum", "whole table adds up to 1", qb(M + "return p / p.sum()")),
    Wrong("naive batchsum", "divide by the sum", "whole table adds up to 1", qb("p = lj.exp()\nreturn p / p.sum()")),
    Wrong("dim0", "dim=0", "columns add up to 1", q("log_joint.softmax(0)")),
    Wrong("naive dim0", "dim=0", "columns add up to 1", qb("p = lj.exp()\nreturn p / p.sum(0)")),
    Wrong("nokeep", "logsumexp keeps the axis", "different shapes meet", q("torch.exp(log_joint - torch.logsumexp(log_joint, dim=1))")),
    Wrong("over max", "the best class is certain", "divided by its largest entry", qb(M + "return p")),
    Wrong("log posterior", "exp forgotten", "log posterior", q("log_joint - torch.logsumexp(log_joint, dim=1, keepdim=True)")),
    Wrong("shares of logs", "normalise what is there", "divide the logs by their sum", q("log_joint / log_joint.sum(1, keepdim=True)")),
    Wrong("divided logs", "divide by p(x)", "You divide the logs", q("log_joint / torch.logsumexp(log_joint, 1, keepdim=True)")),
    Wrong("twice", "softmax to be safe", "normalised twice", q("log_joint.softmax(1).softmax(1)")),
    Wrong("softmax of exp", "softmax normalises", "exp is taken twice", q("log_joint.exp().softmax(1)")),
    Wrong("negative", "logs are negative", "sign is turned", q("(-log_joint).softmax(1)")),
    Wrong("abs", "get rid of the minus sign", "abs turns the order|sign is turned", q("log_joint.abs().softmax(1)")),
    Wrong("sigmoid", "probabilities come from a sigmoid", "sigmoid looks at each class alone", q("log_joint.sigmoid()")),
    Wrong("hard", "the best class wins", "most probable class gets all", qb("return F.one_hot(lj.argmax(1), lj.shape[1]).float()")),
    Wrong("marginal", "p(x)", "one number per example", q("log_joint.logsumexp(1)")),
    Wrong("best only", "the probability of the answer", "one number per example", q("log_joint.softmax(1).amax(1)")),
    Wrong("plus", "sign slip", "adds up to|Bayes' rule", q("torch.exp(log_joint + torch.logsumexp(log_joint, dim=1, keepdim=True))")),
    Wrong("no return", "assignment is enough", "None came back", qb("p = lj.softmax(1)")),
    Wrong("in place", "saves memory", "an argument has changed", qb("lj -= lj.logsumexp(1, keepdim=True)\nreturn lj.exp()")),
    Wrong("max pair", "max gives values", "the code stops", qb("p = (lj - lj.max(dim=1, keepdim=True)).exp()\nreturn p / p.sum(dim=1, keepdim=True)")),
    Wrong("columns", "transposed", "Rows and columns are exchanged", q("log_joint.softmax(1).T")),
]

# --- log_marginal ---------------------------------------------------------------------------------

m = one("log_marginal", "log_joint")


def mb(body):
    """log_marginal with this body."""
    return function("log_marginal", "lj", body)


RIGHT["log_marginal"] = {
    "logsumexp": m("torch.logsumexp(log_joint, dim=1)"),
    "by hand": mb("m = lj.max(1).values\nreturn m + (lj - m[:, None]).exp().sum(1).log()"),
    "logaddexp": mb("total = lj[:, 0]\nfor k in range(1, lj.shape[1]):\n    total = torch.logaddexp(total, lj[:, k])\nreturn total"),
    "rows": m("torch.stack([row.logsumexp(0) for row in log_joint])"),
    "log_softmax": m("(log_joint - log_joint.log_softmax(1))[:, 0]"),
    "mean log_softmax": m("(log_joint - F.log_softmax(log_joint, dim=-1)).mean(1)"),
    "log1p": mb("s = lj.sort(1, descending=True).values\nreturn s[:, 0] + torch.log1p((s[:, 1:] - s[:, :1]).exp().sum(1))"),
    "keepdim squeezed": m("log_joint.logsumexp(-1, keepdim=True).squeeze(-1)"),
    "float64, accepted with a remark": m("log_joint.double().exp().sum(1).log()"),
    "log cum sum": m("torch.logcumsumexp(log_joint, 1)[:, -1]"),
}
EXP500 = r"Nearer to 0 your numbers are right. In float32 exp\(-500\) is 0"
WRONG["log_marginal"] = [
    Wrong("max", "the best class explains x", "the largest p.x, y. or the total", m("log_joint.max(1).values")),
    Wrong("mean", "average over the classes", "average over the classes", m("torch.logsumexp(log_joint, 1) - math.log(log_joint.shape[1])")),
    Wrong("naive mean", "average over the classes", "average over the classes", m("log_joint.exp().mean(1).log()")),
    Wrong("dim", "dim 0 is the class axis", "which axis did you remove", m("torch.logsumexp(log_joint, dim=0)")),
    Wrong("naive", "the definition", EXP500, m("log_joint.exp().sum(1).log()")),
    Wrong("epsilon", "an epsilon saves the log", EXP500, m("(log_joint.exp().sum(1) + 1e-30).log()")),
    Wrong("clamp", "cut the logs off", EXP500, m("log_joint.clamp(min=-80).exp().sum(1).log()")),
    Wrong("global max", "subtracting the maximum makes it stable", "EACH row", mb("m = lj.max()\nreturn m + (lj - m).exp().sum(1).log()")),
    Wrong("sum of logs", "add the classes up", "You add the logs", m("log_joint.sum(1)")),
    Wrong("mean of logs", "average the classes", "You average the logs", m("log_joint.mean(1)")),
    Wrong("probability", "p(x)", "That is p.x.: its log", m("log_joint.exp().sum(1)")),
    Wrong("of posterior", "sum of probabilities", "always 0", m("log_joint.softmax(1).sum(1).log()")),
    Wrong("negative", "a loss", "sign is turned", m("-log_joint.logsumexp(1)")),
    Wrong("max lost", "stable log-sum-exp", "has to come back", mb("m = lj.max(1, keepdim=True).values\nreturn (lj - m).exp().sum(1).log()")),
    Wrong("max subtracted", "sign slip", "added again, not subtracted", mb("m = lj.max(1).values\nreturn (lj - m[:, None]).exp().sum(1).log() - m")),
    Wrong("log lost", "stable log-sum-exp", "log of the sum is missing", mb("m = lj.max(1).values\nreturn m + (lj - m[:, None]).exp().sum(1)")),
    Wrong("log2", "bits", "base 2", m("log_joint.logsumexp(1) / math.log(2)")),
    Wrong("plus log K", "sign of the average", "log K is added", m("log_joint.logsumexp(1) + math.log(log_joint.shape[1])")),
    Wrong("log1p", "a safer log", "log1p takes", m("log_joint.exp().sum(1).log1p()")),
    Wrong("all", "one number", "That is one number", m("log_joint.logsumexp((0, 1))")),
    Wrong("keepdim", "keep the axis", "One axis is left over", m("log_joint.logsumexp(1, keepdim=True)")),
    Wrong("log posterior", "normalise", "classes are still there", m("log_joint.log_softmax(1)")),
    Wrong("first two", "two classes", "Only two", m("torch.logaddexp(log_joint[:, 0], log_joint[:, 1])")),
    Wrong("no return", "assignment is enough", "None came back", mb("lse = lj.logsumexp(1)")),
    Wrong("no dim", "the axis is known", "the code stops", m("torch.logsumexp(log_joint)")),
]

# --- predict --------------------------------------------------------------------------------------

b = one("predict", "log_joint")
RIGHT["predict"] = {
    "argmax": b("log_joint.argmax(dim=1)"),
    "softmax first": b("torch.softmax(log_joint, 1).argmax(1)"),
    "max indices": b("log_joint.max(dim=-1).indices"),
    "topk": b("log_joint.topk(1).indices[:, 0]"),
    "sort": b("log_joint.argsort(1, descending=True)[:, 0]"),
    "rows": b("torch.tensor([int(row.argmax()) for row in log_joint])"),
    "pair": function("predict", "lj", "_, labels = lj.max(1)\nreturn labels"),
    "int32": b("log_joint.argmax(1).int()"),
    "loop over classes": function("predict", "lj", "best = torch.zeros(len(lj), dtype=torch.long)\nfor k in range(lj.shape[1]):\n    better = lj[:, k] > lj[torch.arange(len(lj)), best]\n    best[better] = k\nreturn best"),
    "numpy": b("torch.from_numpy(log_joint.numpy().argmax(1))"),
    "lambda": "predict = lambda lj: torch.argmax(lj - lj.logsumexp(1, keepdim=True), 1)\n",
}
WRONG["predict"] = [
    Wrong("nodim", "argmax works row-wise", "one index for the whole table", b("log_joint.argmax()")),
    Wrong("dim0", "dim 0 = classes", "one entry per class", b("log_joint.argmax(dim=0)")),
    Wrong("values", "max is the prediction", "largest value of each row", b("log_joint.max(dim=1).values")),
    Wrong("pair", "max with dim gives labels", "a pair .values, indices.", b("log_joint.max(dim=1)")),
    Wrong("probabilities", "max is the prediction", "largest value of each row", b("log_joint.softmax(1).amax(1)")),
    Wrong("abs", "get rid of the minus sign first", "abs turns", b("log_joint.abs().argmax(dim=1)")),
    Wrong("argmin", "smallest loss", "least probable class", b("log_joint.argmin(dim=1)")),
    Wrong("negative", "a loss", "least probable class", b("(-log_joint).argmax(dim=1)")),
    Wrong("exp", "probabilities first", "exp.-800. is 0", b("log_joint.exp().argmax(1)")),
    Wrong("column softmax", "softmax first", "columns are normalised", b("log_joint.softmax(0).argmax(1)")),
    Wrong("plus one", "classes are 1 to K", "start at 1", b("log_joint.argmax(1) + 1")),
    Wrong("one hot", "a row for each", "one entry per class and example", b("F.one_hot(log_joint.argmax(1), log_joint.shape[1])")),
    Wrong("mask", "compare with the maximum", "one entry per class and example", b("log_joint == log_joint.amax(1, keepdim=True)")),
    Wrong("keepdim", "keep the axis", "One axis is left over", b("log_joint.argmax(1, keepdim=True)")),
    Wrong("float", "labels are numbers", "a label is an index", b("log_joint.argmax(1).float()")),
    Wrong("bool", "two classes", "a label is an index", b("log_joint[:, 1] > log_joint[:, 0]")),
    Wrong("two classes", "class 1 or not", "Only the classes 0 and 1", b("(log_joint[:, 1] > log_joint[:, 0]).long()")),
    Wrong("drawn", "labels follow the posterior", "a label is drawn", b("torch.multinomial(log_joint.softmax(1), 1)[:, 0]")),
    Wrong("second", "sort goes up", "second best", b("log_joint.argsort(1)[:, -2]")),
    Wrong("sorted first", "sort goes down", "least probable class", b("log_joint.argsort(1)[:, 0]")),
    Wrong("order", "argsort gives labels", "one entry per class and example", b("log_joint.argsort(1)")),
    Wrong("above zero", "threshold 0", "one entry per class", b("(log_joint > 0).long()")),
    Wrong("list", "a list will do", "a list of 4 results came back", b("[row.argmax() for row in log_joint]")),
    Wrong("no return", "assignment is enough", "None came back", function("predict", "lj", "labels = lj.argmax(1)")),
    Wrong("zeros", "placeholder left in", "Every example gets class 0", b("torch.zeros(len(log_joint), dtype=torch.long)")),
    Wrong("rounded", "the value is the label", "Which entry of the row|largest value|least", b("log_joint.amax(1).round().long().abs()")),
]

# --- sample_from_model ----------------------------------------------------------------------------

Y = "y = torch.multinomial(prior, n, replacement=True)\n"
X = "x = mu[y] + var[y].sqrt() * torch.randn(n, mu.shape[1])\n"


def s(body, returned="x, y"):
    """sample_from_model with this body."""
    return function("sample_from_model", "n, prior, mu, var", body + f"return {returned}")


def sx(expression):
    """sample_from_model with right labels and this x."""
    return s(Y + f"x = {expression}\n")


def sy(expression):
    """sample_from_model with these labels and the right x."""
    return s(f"y = {expression}\n" + X)


RIGHT["sample_from_model"] = {
    "multinomial": s(Y + X),
    "inverse CDF": s("y = torch.searchsorted(prior.cumsum(0), torch.rand(n)).clamp(max=len(prior) - 1)\n", "torch.normal(mu[y], torch.sqrt(var[y])), y"),
    "Categorical": s("y = torch.distributions.Categorical(prior).sample((n,))\nx = torch.distributions.Normal(mu[y], var[y] ** 0.5).sample()\n"),
    "randn_like": s(Y + "x = torch.randn_like(mu[y]) * var[y].sqrt() + mu[y]\n"),
    "loop": s("y = torch.tensor(random.choices(range(len(prior)), prior.tolist(), k=n))\nx = torch.stack([torch.normal(mu[k], var[k].sqrt()) for k in y])\n"),
    "class by class": s(Y + "x = torch.empty(n, mu.shape[1])\nfor k in range(len(prior)):\n    mask = y == k\n    x[mask] = mu[k] + var[k].sqrt() * torch.randn(int(mask.sum()), mu.shape[1])\n"),
    "counts": s("c = torch.multinomial(prior, n, True).bincount(minlength=len(prior))\ny = torch.arange(len(prior)).repeat_interleave(c)\n" + X),
    "one by one": s("y = torch.cat([torch.multinomial(prior, 1) for _ in range(n)])\n" + X),
    "numpy": s("y = torch.from_numpy(np.random.choice(len(prior), size=n, p=prior.double().numpy() / prior.double().numpy().sum()))\nx = torch.from_numpy(np.random.normal(mu[y].numpy(), var[y].sqrt().numpy())).float()\n"),
    "multivariate": s(Y + "x = torch.distributions.MultivariateNormal(mu[y], torch.diag_embed(var[y])).sample()\n"),
    "gumbel": s("g = -torch.log(-torch.log(torch.rand(n, len(prior)) * 0.9999998 + 1e-7))\ny = (prior.log() + g).argmax(1)\n" + X),
    "all classes, then gather": s(Y + "every = mu + var.sqrt() * torch.randn(n, *mu.shape)\nx = every[torch.arange(n), y]\n"),
    "comparison": s("u = torch.rand(n, 1)\ny = (u > prior.cumsum(0)[:-1]).sum(1)\n" + X),
    "box muller": s(Y + "u, v = 1 - torch.rand(n, mu.shape[1]), torch.rand(n, mu.shape[1])\nx = mu[y] + var[y].sqrt() * (-2 * u.log()).sqrt() * (2 * math.pi * v).cos()\n"),
    "list": s(Y + X, "[x, y]"),
    "logits": s("y = torch.distributions.Categorical(logits=prior.log()).sample((n,))\n" + X),
    "double": s(Y + "x = mu[y].double() + var[y].sqrt() * torch.randn(n, mu.shape[1])\n"),
    "one hot product": s(Y + "h = F.one_hot(y, len(prior)).float()\nx = h @ mu + (h @ var).sqrt() * torch.randn(n, mu.shape[1])\n"),
    "shuffled pairs": s(Y + X + "order = torch.randperm(n)\nx, y = x[order], y[order]\n"),
}
APART = "y and x are drawn apart"
WRONG["sample_from_model"] = [
    Wrong("var", "variance is the scale", "var itself scales the noise", sx("mu[y] + var[y] * torch.randn(n, mu.shape[1])")),
    Wrong("all spreads", "var broadcasts", "var has one row per class.*pick the rows with y, as in mu.y.", sx("mu[y] + var.sqrt() * torch.randn(n, mu.shape[1])")),
    Wrong("all spreads in torch.normal", "var broadcasts", "var has one row per class.*as in mu.y.", sx("torch.normal(mu[y], var.sqrt())")),
    Wrong("all means", "mu broadcasts", "mu has one row per class.*as in var.y.", sx("mu + var[y].sqrt() * torch.randn(n, mu.shape[1])")),
    Wrong("all means and spreads", "both broadcast", "mu and var have one row per class.*rows with y", sx("mu + var.sqrt() * torch.randn(n, mu.shape[1])")),
    Wrong("list of labels", "a list of labels", "a list of 7 numbers came back, expected y", s(Y + X, "x, y.tolist()")),
    Wrong("normal var", "Normal takes the variance", "var itself scales the noise", sx("torch.normal(mu[y], var[y])")),
    Wrong("rand", "rand gives noise", "compare the names rand and randn", sx("mu[y] + var[y].sqrt() * torch.rand(n, mu.shape[1])")),
    Wrong("centred rand", "uniform noise", "standard deviation|looks uniform", sx("mu[y] + var[y].sqrt() * (2 * torch.rand(n, mu.shape[1]) - 1)")),
    Wrong("wide rand", "uniform noise with the right spread", "looks uniform", sx("mu[y] + var[y].sqrt() * (2 * torch.rand(n, mu.shape[1]) - 1) * 3 ** 0.5")),
    Wrong("laplace", "any bell will do", "not the tails of N", sx("torch.distributions.Laplace(mu[y], (var[y] / 2).sqrt()).sample()")),
    Wrong("onenoise", "noise broadcasts", "points lie on a line", sx("mu[y] + var[y].sqrt() * torch.randn(n, 1)")),
    Wrong("row noise", "noise broadcasts", "noise is drawn once for all", sx("mu[y] + var[y].sqrt() * torch.randn(mu.shape[1])")),
    Wrong("class noise", "one draw per class", "noise is drawn once for all", s(Y + "x = (mu + var.sqrt() * torch.randn_like(mu))[y]\n")),
    Wrong("one number", "one noise", "noise is drawn once for all", sx("mu[y] + var[y].sqrt() * torch.randn(1)")),
    Wrong("meanonly", "the mean is the most likely point", "Draw two of one class", sx("mu[y]")),
    Wrong("noreplace", "multinomial draws n labels", "without putting back", s("y = torch.multinomial(prior, n)\n" + X)),
    Wrong("uniform labels", "classes are equally likely", "prior takes no part in the labels", sy("torch.randint(0, len(prior), (n,))")),
    Wrong("best class", "the most probable class", "Every label is 0|each drawn|one of", sy("prior.argmax().repeat(n)")),
    Wrong("prior as logits", "Categorical takes logits first", "went in as logits", sy("torch.distributions.Categorical(logits=prior).sample((n,))")),
    Wrong("one label", "one class for the batch", "Every label|shares", s("y = torch.multinomial(prior, 1).expand(n)\n" + X)),
    Wrong("proportional", "n times the prior", "Rounding n . prior|labels|one label", s("y = torch.arange(len(prior)).repeat_interleave((prior * n).round().long())\nx = mu[y] + var[y].sqrt() * torch.randn(len(y), mu.shape[1])\n")),
    Wrong("drawn apart", "x and y are both random", APART, s(Y + "k = torch.multinomial(prior, n, replacement=True)\nx = mu[k] + var[k].sqrt() * torch.randn(n, mu.shape[1])\n")),
    Wrong("shuffled", "shuffle at the end", APART, s(Y + X + "x = x[torch.randperm(n)]\n")),
    Wrong("mixture mean", "average over the classes", APART + "|share one mean", s(Y + "x = prior @ mu + (prior @ var).sqrt() * torch.randn(n, mu.shape[1])\n")),
    Wrong("average", "average over the classes", "share one mean", s(Y + "x = mu.mean(0) + var[y].sqrt() * torch.randn(n, mu.shape[1])\n")),
    Wrong("no mean", "noise is the sample", "mean takes no part", sx("var[y].sqrt() * torch.randn(n, mu.shape[1])")),
    Wrong("no scale", "noise is standard", "noise is not scaled", sx("mu[y] + torch.randn(n, mu.shape[1])")),
    Wrong("minus", "sign slip", "sign of the mean is turned", sx("-mu[y] + var[y].sqrt() * torch.randn(n, mu.shape[1])")),
    Wrong("scaled mean", "brackets", "mean is scaled too", sx("(mu[y] + torch.randn(n, mu.shape[1])) * var[y].sqrt()")),
    Wrong("divided", "standardise", "divide by the standard deviation", sx("mu[y] + torch.randn(n, mu.shape[1]) / var[y].sqrt()")),
    Wrong("root twice", "root of the root", "root is taken twice", sx("torch.normal(mu[y], var[y].sqrt().sqrt())")),
    Wrong("log variance", "var is a log variance", "read as a log variance", sx("mu[y] + (0.5 * var[y]).exp() * torch.randn(n, mu.shape[1])")),
    Wrong("half", "half of var", "Half of var", sx("mu[y] + 0.5 * var[y] * torch.randn(n, mu.shape[1])")),
    Wrong("first class", "index slip", "one class|without|labels", s(Y + "x = mu[0] + var[0].sqrt() * torch.randn(n, mu.shape[1])\n")),
    Wrong("shared spread", "classes share their spread", "All classes have one spread", sx("mu[y] + var.mean(0).sqrt() * torch.randn(n, mu.shape[1])")),
    Wrong("round clouds", "features share their spread", "All features have one spread|exchanged|Noise from|wider|sigma", sx("mu[y] + var[y].sqrt().mean(1, keepdim=True) * torch.randn(n, mu.shape[1])")),
    Wrong("every class", "a point from each class", "a point from every class", s(Y + "x = mu + var.sqrt() * torch.randn(n, *mu.shape)\n")),
    Wrong("seed", "seeding makes it reproducible", "two calls give the same points", s("torch.manual_seed(0)\n" + Y + X)),
    Wrong("seed for labels", "seeding makes it reproducible", "two calls give the same labels", s("g = torch.Generator().manual_seed(0)\ny = torch.multinomial(prior, n, replacement=True, generator=g)\n" + X)),
    Wrong("log prior", "Categorical takes logs", "multinomial wants probabilities", s("y = torch.multinomial(prior.log(), n, replacement=True)\n" + X)),
    Wrong("x first", "the nearest class is the label", "labels come first", s("x = torch.randn(n, mu.shape[1])\ny = ((x[:, None] - mu) ** 2).sum(-1).argmin(1)\n")),
    Wrong("swapped", "first y, then x", "two results are swapped", s(Y + X, "y, x")),
    Wrong("x only", "the labels are not needed", "expected the pair", s(Y + X, "x")),
    Wrong("one-hot y", "labels are rows", "not one entry per class", s(Y + X, "x, F.one_hot(y, len(prior))")),
    Wrong("column y", "labels as a column", "one axis is left over", s(Y + X, "x, y[:, None]")),
    Wrong("float y", "labels are numbers", "labels are indices", s(Y + X, "x, y.float()")),
    Wrong("from one", "classes are 1 to K", "expected 0 to", s(Y + X, "x, y + 1")),
    Wrong("abs", "no negative numbers", "shifts or folds|does not have the mean 0|share one", sx("mu[y] + (var[y].sqrt() * torch.randn(n, mu.shape[1])).abs()")),
    Wrong("clamped", "no outliers", "standard deviation|clipped", sx("mu[y] + var[y].sqrt() * torch.randn(n, mu.shape[1]).clamp(-1, 1)")),
    Wrong("no return", "assignment is enough", "None came back", function("sample_from_model", "n, prior, mu, var", Y + X)),
    Wrong("hard coded d", "two features", "different shapes meet|shape is", sx("mu[y] + var[y].sqrt() * torch.randn(n, 2)")),
    Wrong("mean in place", "saves memory", "an argument has changed", s(Y + "x = mu[y] + var.sqrt_()[y] * torch.randn(n, mu.shape[1])\n")),
]

# --- train_step -----------------------------------------------------------------------------------

STEP = """opt.zero_grad()
loss = F.cross_entropy(model(x), y)
loss.backward()
opt.step()
return loss.item()"""


def t(*changes, body=STEP):
    """train_step with changes to the plain body."""
    return function("train_step", "model, opt, x, y", edit(body, *changes))


def tl(loss):
    """train_step with another loss of the logits."""
    return t(("loss = F.cross_entropy(model(x), y)", f"logits = model(x)\nloss = {loss}"))


HOT_Y = "F.one_hot(y, logits.shape[1]).float()"
RIGHT["train_step"] = {
    "plain": t(),
    "zero after forward": t(("opt.zero_grad()\n", ""), ("loss.backward", "opt.zero_grad()\nloss.backward"), ("return loss.item()", "return loss")),
    "by hand": tl("-torch.softmax(logits, 1)[torch.arange(len(y)), y].log().mean()"),
    "module loss": t(("F.cross_entropy(model(x), y)", "nn.CrossEntropyLoss()(model(x), y)")),
    "log_softmax": tl("F.nll_loss(F.log_softmax(logits, dim=1), y)"),
    "log_softmax twice, harmless": tl("F.cross_entropy(logits.log_softmax(1), y)"),
    "gather": tl("(logits.logsumexp(1) - logits.gather(1, y[:, None])[:, 0]).mean()"),
    "one hot": tl(f"-({HOT_Y} * logits.log_softmax(1)).sum(1).mean()"),
    "one hot target": tl(f"F.cross_entropy(logits, {HOT_Y})"),
    "Categorical": tl("-torch.distributions.Categorical(logits=logits).log_prob(y).mean()"),
    "sum over N": tl("F.cross_entropy(logits, y, reduction='sum') / len(y)"),
    "nothing returned": t(("return loss.item()", "")),
    "model.zero_grad": t(("opt.zero_grad()", "model.zero_grad()")),
    "zero afterwards": t(("opt.zero_grad()\n", ""), ("opt.step()", "opt.step()\nopt.zero_grad()")),
    "grad None": t(("opt.zero_grad()", "for p in model.parameters():\n    p.grad = None")),
    "set to zero": t(("opt.zero_grad()", "opt.zero_grad(set_to_none=False)")),
    "autograd.grad": t(("loss.backward()", "params = list(model.parameters())\nfor p, g in zip(params, torch.autograd.grad(loss, params)):\n    p.grad = g")),
    "closure": function("train_step", "model, opt, x, y", "def closure():\n    opt.zero_grad()\n    loss = F.cross_entropy(model(x), y)\n    loss.backward()\n    return loss\nreturn opt.step(closure)"),
    "train mode": t(("opt.zero_grad()", "model.train()\nopt.zero_grad()")),
    "loop over examples": function("train_step", "model, opt, x, y", "opt.zero_grad()\nfor a, b in zip(x, y):\n    (F.cross_entropy(model(a[None]), b[None]) / len(y)).backward()\nopt.step()"),
    "gradient by hand": function("train_step", "model, opt, x, y", "with torch.no_grad():\n    logits = model(x)\n    e = (logits.softmax(1) - " + HOT_Y + ") / len(y)\n    model.weight.grad = e.T @ x\n    model.bias.grad = e.sum(0)\nopt.step()"),
    "tuple": t(("return loss.item()", "return loss.item(), (model(x).argmax(1) == y).float().mean().item()")),
    "detached loss": t(("return loss.item()", "return loss.detach()")),
}
WRONG["train_step"] = [
    Wrong("nozero", "backward overwrites .grad", "gradient of the call before", t(("opt.zero_grad()\n", ""))),
    Wrong("zero_late", "clear, then step", "cleared between backward", t(("opt.zero_grad()\n", ""), ("loss.backward()", "loss.backward()\nopt.zero_grad()"))),
    Wrong("step_first", "order does not matter", "step comes before backward", function("train_step", "model, opt, x, y", "loss = F.cross_entropy(model(x), y)\nopt.step()\nopt.zero_grad()\nloss.backward()\nreturn loss.item()")),
    Wrong("argmax", "compare predictions with labels", "argmax, round", tl("((logits.argmax(1) - y).float() ** 2).mean()")),
    Wrong("accuracy", "maximise the accuracy", "argmax, round", tl("-(logits.argmax(1) == y).float().mean()")),
    Wrong("detached", "detach everywhere", "no history that leads back", tl("F.cross_entropy(logits.detach(), y)")),
    Wrong("no_grad", "faster", "no history that leads back", t(("loss = F.cross_entropy(model(x), y)", "with torch.no_grad():\n    loss = F.cross_entropy(model(x), y)"))),
    Wrong("no step", "backward moves the weights", "opt.step.. is missing", t(("opt.step()\n", ""))),
    Wrong("no backward", "step computes the gradient", "backward.. is missing", t(("loss.backward()\n", ""))),
    Wrong("softmax first", "cross entropy needs probabilities", "softmax is applied twice", tl("F.cross_entropy(logits.softmax(1), y)")),
    Wrong("sigmoid first", "cross entropy needs probabilities", "softmax is applied twice", tl("F.cross_entropy(logits.sigmoid(), y)")),
    Wrong("nll of logits", "nll_loss takes logits", "nll_loss wants log", tl("F.nll_loss(logits, y)")),
    Wrong("nll of softmax", "nll_loss takes probabilities", "nll_loss wants log|log is missing", tl("F.nll_loss(logits.softmax(1), y)")),
    Wrong("no log", "raise the probability", "log is missing|nll_loss wants log", tl("-logits.softmax(1)[torch.arange(len(y)), y].mean()")),
    Wrong("sign", "maximise the likelihood", "sign is turned", tl("-F.cross_entropy(logits, y)")),
    Wrong("minus forgotten", "log likelihood is the loss", "sign is turned", tl("logits.log_softmax(1)[torch.arange(len(y)), y].mean()")),
    Wrong("sum", "losses add up", "added over the batch", tl("F.cross_entropy(logits, y, reduction='sum')")),
    Wrong("mean over classes", "mean of everything", "mean runs over the classes", tl(f"-({HOT_Y} * logits.log_softmax(1)).mean()")),
    Wrong("mse", "squared error", "squared error", tl(f"F.mse_loss(logits, {HOT_Y})")),
    Wrong("mse of softmax", "squared error", "squared error", tl(f"F.mse_loss(logits.softmax(1), {HOT_Y})")),
    Wrong("brier", "squared error", "squared error", tl(f"((logits.softmax(1) - {HOT_Y}) ** 2).sum(1).mean()")),
    Wrong("bce", "binary cross entropy", "each class alone", tl(f"F.binary_cross_entropy_with_logits(logits, {HOT_Y})")),
    Wrong("bce of softmax", "binary cross entropy", "each class alone", tl(f"F.binary_cross_entropy(logits.softmax(1), {HOT_Y})")),
    Wrong("hinge", "margin", "hinge loss", tl("F.multi_margin_loss(logits, y)")),
    Wrong("dim0", "dim=0", "softmax runs over the examples", tl("F.nll_loss(F.log_softmax(logits, dim=0), y)")),
    Wrong("own labels", "the prediction is the label", "own predictions are its labels", tl("F.cross_entropy(logits, logits.argmax(1))")),
    Wrong("swapped", "arguments of cross entropy", "The logits come first, then the labels", tl("F.cross_entropy(y, logits)")),
    Wrong("swapped module loss", "arguments of cross entropy", "The logits come first, then the labels", tl("nn.CrossEntropyLoss()(y, logits)")),
    Wrong("float labels", "labels are numbers", "logits .N, K. first|the code stops", tl("F.cross_entropy(logits, y.float())")),
    Wrong("smoothing", "label smoothing helps", "label smoothing", tl("F.cross_entropy(logits, y, label_smoothing=0.1)")),
    Wrong("first only", "index slip", "Only the first example", tl("F.cross_entropy(logits[:1], y[:1])")),
    Wrong("shifted", "labels start at 1", "shifted by one", tl("F.cross_entropy(logits, (y + 1) % logits.shape[1])")),
    Wrong("mean logits", "average first", "logits are averaged first", tl("F.cross_entropy(logits.mean(0, keepdim=True).expand_as(logits), y)")),
    Wrong("two steps", "step twice", "runs 2 times", t(("opt.step()", "opt.step()\nopt.step()"))),
    Wrong("step per example", "one example at a time", "runs 6 times", function("train_step", "model, opt, x, y", "for a, b in zip(x, y):\n    opt.zero_grad()\n    F.cross_entropy(model(a[None]), b[None]).backward()\n    opt.step()")),
    Wrong("epochs", "one step is not enough", "runs 10 times", function("train_step", "model, opt, x, y", "for _ in range(10):\n    opt.zero_grad()\n    loss = F.cross_entropy(model(x), y)\n    loss.backward()\n    opt.step()\nreturn loss.item()")),
    Wrong("backward twice", "retain the graph", "2 times the expected", t(("loss.backward()", "loss.backward(retain_graph=True)\nloss.backward()"))),
    Wrong("own optimiser", "Adam is better", "opt never steps", t(("opt.zero_grad()", "opt = torch.optim.SGD(model.parameters(), lr=0.1)\nopt.zero_grad()"))),
    Wrong("update by hand", "minus learning rate times gradient", "opt never steps", t(("opt.step()", "with torch.no_grad():\n    for p in model.parameters():\n        p -= 0.1 * p.grad"))),
    Wrong("clipped", "clip to be safe", "gradient that is clipped|times the expected", t(("opt.step()", "nn.utils.clip_grad_norm_(model.parameters(), 1e-3)\nopt.step()"))),
    Wrong("eval", "evaluate before the step", "eval mode", t(("opt.zero_grad()", "model.eval()\nopt.zero_grad()"))),
    Wrong("frozen", "freeze afterwards", "requires_grad False", t(("opt.step()", "opt.step()\nmodel.requires_grad_(False)"))),
    Wrong("item", "a number is a loss", "history|number took the place", t(("F.cross_entropy(model(x), y)", "F.cross_entropy(model(x), y).item()"))),
    Wrong("no model", "x are the logits", "the code stops|no history", t(("model(x)", "x"))),
    Wrong("weight decay", "regularise", "Cross entropy of the logits", tl("F.cross_entropy(logits, y) + 0.1 * sum((p ** 2).sum() for p in model.parameters())")),
    Wrong("not reduced", "one loss each", "still has one number per image|one number", tl("F.cross_entropy(logits, y, reduction='none')")),
    Wrong("by hand sum", "losses add up", "added over the batch", tl("-logits.log_softmax(1)[torch.arange(len(y)), y].sum()")),
    Wrong("log of logits", "the model returns probabilities", "A logit may be negative", tl(f"-({HOT_Y} * torch.log(logits)).sum(1).mean()")),
    Wrong("no brackets", "a name is a call", "gradient of the call before", t(("opt.zero_grad()", "opt.zero_grad"))),
    Wrong("step without brackets", "a name is a call", "opt.step.. is missing", t(("opt.step()", "opt.step"))),
    Wrong("all pairs", "indexing with two tensors", "by|Cross entropy", tl("-logits.log_softmax(1)[:, y].mean()")),
]

# --- log_odds -------------------------------------------------------------------------------------

o = one("log_odds", "log_joint")
RIGHT["log_odds"] = {
    "difference": o("log_joint[:, 1] - log_joint[:, 0]"),
    "diff": o("torch.diff(log_joint, dim=1).squeeze(1)"),
    "unbind": function("log_odds", "lj", "a, b = lj.unbind(1)\nreturn b - a"),
    "product": o("log_joint @ torch.tensor([-1.0, 1.0])"),
    "log posterior": function("log_odds", "lj", "p = lj.log_softmax(1)\nreturn p[:, 1] - p[:, 0]"),
    "negative": o("-(log_joint[:, 0] - log_joint[:, 1])"),
    "last": o("log_joint[..., -1] - log_joint[..., 0]"),
    "transposed": function("log_odds", "lj", "zero, one = lj.T\nreturn one - zero"),
    "rows": o("torch.stack([row[1] - row[0] for row in log_joint])"),
}
ROUNDS = "The way through probabilities rounds"
WRONG["log_odds"] = [
    Wrong("ratio", "odds are a ratio", "ratio of logs", o("log_joint[:, 1] / log_joint[:, 0]")),
    Wrong("log ratio", "log of the odds", "log p is a log already", o("torch.log(log_joint[:, 1] / log_joint[:, 0])")),
    Wrong("logs of logs", "log of the odds", "A log of logs", o("log_joint[:, 1].log() - log_joint[:, 0].log()")),
    Wrong("probs", "definition", ROUNDS, o("torch.log(log_joint[:, 1].exp() / log_joint[:, 0].exp())")),
    Wrong("probs difference", "definition", ROUNDS, o("log_joint[:, 1].exp().log() - log_joint[:, 0].exp().log()")),
    Wrong("posterior logs", "definition", ROUNDS, function("log_odds", "lj", "p = lj.softmax(1)\nreturn p[:, 1].log() - p[:, 0].log()")),
    Wrong("logit", "logit of the posterior", ROUNDS, o("torch.logit(log_joint.softmax(1)[:, 1])")),
    Wrong("epsilon", "an epsilon saves the log", ROUNDS, function("log_odds", "lj", "p = lj.softmax(1)\nreturn (p[:, 1] + 1e-12).log() - (p[:, 0] + 1e-12).log()")),
    Wrong("post", "difference of posteriors", "difference of posteriors", function("log_odds", "lj", "p = torch.softmax(lj, 1)\nreturn p[:, 1] - p[:, 0]")),
    Wrong("sign", "class 0 first", "sign is turned", o("log_joint[:, 0] - log_joint[:, 1]")),
    Wrong("odds", "log forgotten", "Those are the odds", o("(log_joint[:, 1] - log_joint[:, 0]).exp()")),
    Wrong("posterior ratio", "log forgotten", "Those are the odds", function("log_odds", "lj", "p = torch.softmax(lj, 1)\nreturn p[:, 1] / p[:, 0]")),
    Wrong("joint difference", "difference of probabilities", "difference of probabilities", o("log_joint.exp()[:, 1] - log_joint.exp()[:, 0]")),
    Wrong("posterior", "the probability of class 1", "That is the posterior", o("log_joint.softmax(1)[:, 1]")),
    Wrong("sigmoid", "the probability of class 1", "That is the posterior", o("(log_joint[:, 1] - log_joint[:, 0]).sigmoid()")),
    Wrong("log posterior", "the log probability of class 1", "log posterior of class 1", o("log_joint.log_softmax(1)[:, 1]")),
    Wrong("abs", "a distance", "abs hides", o("(log_joint[:, 1] - log_joint[:, 0]).abs()")),
    Wrong("class 1", "class 1 decides", "Only class 1", o("log_joint[:, 1]")),
    Wrong("sum", "logs add up", "You add the logs", o("log_joint[:, 1] + log_joint[:, 0]")),
    Wrong("sum all", "logs add up", "You add the logs", o("log_joint.sum(1)")),
    Wrong("half", "average", "difference is halved", o("(log_joint[:, 1] - log_joint[:, 0]) / 2")),
    Wrong("label", "the prediction", "predicted label", o("log_joint.argmax(1).float()")),
    Wrong("rows", "axis slip", "which axis runs over the classes", o("log_joint[1] - log_joint[0]")),
    Wrong("diff", "diff drops the axis", "One axis is left over", o("torch.diff(log_joint, dim=1)")),
    Wrong("keepdim", "slices keep the axis", "One axis is left over", o("log_joint[:, 1:] - log_joint[:, :1]")),
    Wrong("log_softmax", "normalise", "one number per class", o("log_joint.log_softmax(1)")),
    Wrong("log of difference", "log of the odds", "log p is a log already|log of a difference", o("(log_joint[:, 1] - log_joint[:, 0]).log()")),
    Wrong("no return", "assignment is enough", "None came back", function("log_odds", "lj", "odds = lj[:, 1] - lj[:, 0]")),
    Wrong("in place", "saves memory", "an argument has changed", o("log_joint[:, 1].sub_(log_joint[:, 0])")),
    Wrong("sign only", "positive or negative", "Only the sign is left", o("(log_joint[:, 1] - log_joint[:, 0]).sign()")),
]

# --- log_joint_missing ----------------------------------------------------------------------------

LP = "lp = torch.distributions.Normal(mu, var.sqrt()).log_prob(x[:, None, :])\n"
CUT = "x, mu, var = x[:, seen], mu[:, seen], var[:, seen]\n"
Q = "q = (x[:, None] - mu) ** 2 / var + var.log() + math.log(2 * math.pi)\n"


def k(returned, before=LP):
    """log_joint_missing from the log densities lp of single features."""
    return function("log_joint_missing", "x, seen, prior, mu, var", before + f"return {returned}")


JOINT = "def log_joint(x, prior, mu, var):\n    return -0.5 * ((x[:, None] - mu) ** 2 / var + var.log() + math.log(2 * math.pi)).sum(-1) + prior.log()\n\n"
RIGHT["log_joint_missing"] = {
    "columns of lp": k("lp[..., seen].sum(-1) + prior.log()"),
    "dropped first": k("torch.log(prior) - 0.5 * q.sum(2)", CUT + Q),
    "own log_joint": JOINT + k("log_joint(x[:, seen], prior, mu[:, seen], var[:, seen])", ""),
    "masked": k("(lp * seen).sum(-1) + prior.log()"),
    "float mask": k("lp @ seen.float() + prior.log()"),
    "where": k("torch.where(seen, lp, torch.zeros(())).sum(-1) + prior.log()"),
    "masked_fill": k("lp.masked_fill(~seen, 0.0).sum(-1) + prior.log()"),
    "loop": k("out", "out = prior.log().repeat(len(x), 1)\nfor j in range(x.shape[1]):\n    if seen[j]:\n        out = out + torch.distributions.Normal(mu[:, j], var[:, j].sqrt()).log_prob(x[:, j:j + 1])\n"),
    "index list": k("lp[:, :, idx].sum(2) + prior.log()", LP + "idx = seen.nonzero().flatten()\n"),
    "wide variance taken out": k("torch.stack([torch.distributions.Normal(mu[c, seen], var[c, seen].sqrt()).log_prob(x[:, seen]).sum(1) + prior[c].log() for c in range(len(prior))], 1)", ""),
    "einsum": k("torch.einsum('nkd,d->nk', lp, seen.to(lp.dtype)) + prior.log()"),
    "subtracted": k("lp.sum(-1) - lp[..., ~seen].sum(-1) + prior.log()"),
    "bool()": k("lp[..., seen.bool()].sum(-1) + prior.log()"),
    "zeroed copy": k("lp.sum(-1) + prior.log()", LP + "lp[:, :, ~seen] = 0\n"),
}
GUESS = "that is a guess"
UNCUT = "x has 2 features left and mu or var still 3: cut them, too"
PER_FEATURE = "seen has one entry per feature, not per row"
NO_VARIANCE = "A variance set to 0 is no missing feature: leave the column out"
WRONG["log_joint_missing"] = [
    Wrong("ignore", "the model copes by itself", "seen takes no part", k("lp.sum(-1) + prior.log()")),
    Wrong("mean", "fill with the class mean, then the term vanishes", "At its mean a density is not 1",
          k("lp.sum(-1) + prior.log()", "diff = torch.where(seen, x[:, None, :] - mu, torch.zeros(()))\nlp = -0.5 * (diff ** 2 / var + var.log() + math.log(2 * math.pi))\n")),
    Wrong("class mean", "fill with the class mean", "At its mean a density is not 1",
          k("lp.sum(-1) + prior.log()", "x = torch.where(seen, x[:, None], mu)\nlp = torch.distributions.Normal(mu, var.sqrt()).log_prob(x)\n")),
    Wrong("invert", "mask marks what to drop", "True means seen", k("lp[..., ~seen].sum(-1) + prior.log()")),
    Wrong("zero fill", "missing is 0", "count as 0", k("lp.sum(-1) + prior.log()", "x = x * seen\n" + LP)),
    Wrong("average fill", "fill with the average", GUESS, k("lp.sum(-1) + prior.log()", "x = torch.where(seen, x, prior @ mu)\n" + LP)),
    Wrong("mean of means", "fill with the average", GUESS, k("lp.sum(-1) + prior.log()", "x = torch.where(seen, x, mu.mean(0))\n" + LP)),
    Wrong("batch mean", "fill with the batch mean", GUESS, k("lp.sum(-1) + prior.log()", "x = torch.where(seen, x, x.mean(0))\n" + LP)),
    Wrong("no prior", "the likelihood decides", "prior takes no part", k("lp[..., seen].sum(-1)")),
    Wrong("raw prior", "add the prior", "prior is added as it is", k("lp[..., seen].sum(-1) + prior")),
    Wrong("times prior", "joint is a product", "multiplied by the prior", k("lp[..., seen].sum(-1) * prior")),
    Wrong("probability", "joint is a probability", "That is the probability", k("lp[..., seen].sum(-1).exp() * prior")),
    Wrong("average", "mean of what is seen", "average over the", k("lp[..., seen].mean(-1) + prior.log()")),
    Wrong("scaled up", "make good for the missing", "scaled up", k("lp[..., seen].sum(-1) * len(seen) / seen.sum() + prior.log()")),
    Wrong("masked mean", "mean over all features", "by hand|average", k("(lp * seen).mean(-1) + prior.log()")),
    Wrong("constant kept", "2 pi for all", "constant with 2 pi is still counted",
          k("prior.log() - 0.5 * q.sum(2) - 0.5 * mu.shape[1] * math.log(2 * math.pi)", "q = (((x[:, None] - mu) ** 2 / var + var.log()) * seen)\n")),
    Wrong("log var kept", "the spread is known", "log var is still counted",
          k("prior.log() - 0.5 * q.sum(2)", "q = ((x[:, None] - mu) ** 2 / var + math.log(2 * math.pi)) * seen + var.log()\n")),
    Wrong("std", "Normal takes the variance", "var took the place of the standard",
          k("lp[..., seen].sum(-1) + prior.log()", LP.replace("var.sqrt()", "var"))),
    Wrong("nologdet", "constants cancel", "term with log var is missing", k("torch.log(prior) - 0.5 * q.sum(2)", CUT + Q.replace(" + var.log()", ""))),
    Wrong("no2pi", "constants cancel", "term with 2 pi is missing", k("torch.log(prior) - 0.5 * q.sum(2)", CUT + Q.replace(" + math.log(2 * math.pi)", ""))),
    Wrong("normalised", "posterior at once", "log posterior", k("(lp[..., seen].sum(-1) + prior.log()).log_softmax(1)")),
    Wrong("rows cut", "mask on the examples", PER_FEATURE, k("torch.log(prior) - 0.5 * q.sum(2)", "x, mu, var = x[seen], mu[:, seen], var[:, seen]\n" + Q)),
    Wrong("x cut only", "only x is cut", UNCUT, k("lp.sum(-1) + prior.log()", "x = x[:, seen]\n" + LP)),
    Wrong("x cut only, by hand", "only x is cut", UNCUT, k("prior.log() - 0.5 * q.sum(2)", "x = x[:, seen]\n" + Q)),
    Wrong("x cut only, own log_joint", "only x is cut", UNCUT, JOINT + k("log_joint(x[:, seen], prior, mu, var)", "")),
    Wrong("x and mu cut", "var is no data", UNCUT, JOINT + k("log_joint(x[:, seen], prior, mu[:, seen], var)", "")),
    Wrong("x and var cut", "mu is no data", UNCUT, JOINT + k("log_joint(x[:, seen], prior, mu, var[:, seen])", "")),
    Wrong("x not cut", "x keeps its size", "2 features are left in one place and 3 in another", JOINT + k("log_joint(x, prior, mu[:, seen], var[:, seen])", "")),
    Wrong("rows of x", "mask on the examples", PER_FEATURE, JOINT + k("log_joint(x[seen], prior, mu, var)", "")),
    Wrong("rows of mu", "mask on the classes", PER_FEATURE, JOINT + k("log_joint(x[:, seen], prior, mu[seen], var[seen])", "")),
    Wrong("all times seen", "0 is missing", NO_VARIANCE, JOINT + k("log_joint(x * seen, prior, mu * seen, var * seen)", "")),
    Wrong("var times seen", "0 is missing", NO_VARIANCE, JOINT + k("log_joint(x, prior, mu, var * seen)", "")),
    Wrong("Normal with var times seen", "0 is missing", NO_VARIANCE, k("lp.sum(-1) + prior.log()", LP.replace("mu, var.sqrt()", "mu * seen, (var * seen).sqrt()"))),
    Wrong("mu times seen", "0 is missing", "Work one class by hand", JOINT + k("log_joint(x, prior, mu * seen, var)", "")),
    Wrong("x and mu times seen", "0 is missing", "At its mean a density is not 1", JOINT + k("log_joint(x * seen, prior, mu * seen, var)", "")),
    Wrong("no sum", "broadcasting does it", "shape", k("lp[..., seen] + prior.log()[:, None]")),
    Wrong("transposed", "classes first", "Examples and classes are exchanged", k("(lp[..., seen].sum(-1) + prior.log()).T")),
    Wrong("summed classes", "p(x)", "one number per example", k("(lp[..., seen].sum(-1) + prior.log()).logsumexp(1)")),
    Wrong("max density", "missing is at its best", "At its mean a density is not 1", k("torch.where(seen, lp, -0.5 * (2 * math.pi * var).log()).sum(-1) + prior.log()")),
    Wrong("first only", "count instead of mask", "by hand", k("lp[..., :int(seen.sum())].sum(-1) + prior.log()")),
    Wrong("log of density", "log of the density", "product rounds to 0", k("(lp.exp().log()[..., seen]).sum(-1) + prior.log()")),
    Wrong("log of product", "the definition", "product rounds to 0", k("(lp[..., seen].exp().prod(-1) * prior).log()")),
    Wrong("no return", "assignment is enough", "None came back", function("log_joint_missing", "x, seen, prior, mu, var", LP + "lj = lp[..., seen].sum(-1) + prior.log()")),
    Wrong("in place", "x is scratch space", "an argument has changed", k("lp[..., seen].sum(-1) + prior.log()", "x[:, ~seen] = 0\n" + LP)),
    Wrong("exp minus inf", "missing is impossible", "gives .-inf|expected", k("lp.masked_fill(~seen, -float('inf')).sum(-1) + prior.log()")),
]

REMARKS = {  # (exercise, id of a right answer): words of its line
    ("fit_gaussians", "unbiased"): "maximum likelihood divides by n",
    ("fit_gaussians", "scatter, unbiased"): "maximum likelihood divides by n",
    ("train_step", "zero after forward"): r"asks for a float: loss.item\(\)",
    ("train_step", "detached loss"): r"asks for a float: loss.item\(\)",
    ("log_marginal", "float64, accepted with a remark"): "At -3000",
}
