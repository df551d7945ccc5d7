"""Known answers to the exercises of lesson 1, generative against discriminative models."""

from mistakes import Wrong, edit, function, one

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
WRONG["class_priors"] = [
    Wrong("counts", "counts are already a distribution", "Those are counts", p("torch.bincount(y, minlength=num_classes).float()")),
    Wrong("divide y", "labels as counts", "one number per example", p("y / len(y)")),
    Wrong("sum of labels", "sum where count is meant", "add up to|Count by hand", p("torch.stack([y[y == k].sum() / y.sum() for k in range(num_classes)])")),
    Wrong("bool mean", "mean of booleans", "make them float first", p("torch.stack([(y == k).mean() for k in range(num_classes)])")),
    Wrong("from one", "labels start at 1", "Count by hand|add up to", p("torch.stack([(y == k).float().mean() for k in range(1, num_classes + 1)])")),
    Wrong("in place", "y is scratch space", "y itself has changed, expected that what comes in stays as", pb("y.clamp_(max=1)\nreturn torch.bincount(y, minlength=num_classes) / len(y)")),
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
WRONG["gaussian_log_prob"] = [
    Wrong("nll loss", "the loss is the density", "term with 2 pi is missing", g("-F.gaussian_nll_loss(x, mu.expand_as(x), var.expand_as(x), reduction='none').sum(1)")),
    Wrong("epsilon", "an epsilon saves the log", "many features|far from mu", g("((torch.exp(-0.5 * (x - mu) ** 2 / var) / torch.sqrt(2 * math.pi * var)).prod(dim=1) + 1e-30).log()")),
    Wrong("no sum", "broadcasting does it", "That is one number per example and feature:", g("-0.5 * ((x - mu) ** 2 / var + torch.log(var) + math.log(2 * math.pi))")),
    Wrong("keepdim", "keep the axis", "One axis is left over", g(G.replace("dim=1", "dim=1, keepdim=True"))),
    Wrong("pairs", "matrix form", "one number per pair of rows", gb("d = x - mu\nreturn -0.5 * d @ torch.diag(1 / var) @ d.T - 0.5 * torch.log(2 * math.pi * var).sum()")),
    Wrong("math.log", "math.log takes tensors", "math.log and math.sqrt take one number", g("-0.5 * ((x - mu) ** 2 / var + math.log(var) + math.log(2 * math.pi)).sum(1)")),
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
WRONG["fit_gaussians"] = [
    Wrong("global_var unbiased", "variance is about the mean of x", OVERALL, fv("((c - x.mean(0)) ** 2).sum(dim=0) / (len(c) - 1)")),
    Wrong("dim", "dim=1 means over rows", "which axis should be gone", f("mu = torch.stack([x[y == k].mean(dim=1) for k in range(num_classes)])\n" + VAR.replace("dim=0", "dim=1"))),
    Wrong("one row", "one variance for all", "After averaging, which axis should be gone:", f(MU + "var = x.var(0)\n")),
    Wrong("covariance", "torch.cov", "full covariance", fv("torch.cov(c.T).reshape(x.shape[1], -1)")),
    Wrong("order of appearance", "classes as they come", "stand in another order",
          f("labels = list(dict.fromkeys(y.tolist()))\nmu = torch.stack([x[y == k].mean(0) for k in labels])\nvar = torch.stack([x[y == k].var(0) for k in labels])\n")),
    Wrong("columns", "features first", "The two axes are exchanged:", f(MU + VAR, "mu.T, var.T")),
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
WRONG["log_joint"] = [
    Wrong("stacked", "stack gives one column per class", "Examples and classes are exchanged", j(STACKED, "")),
    Wrong("summed classes", "p(x)", "one number per example", j("(ll + prior.log()).sum(1)")),
    Wrong("no feature sum", "broadcasting does it", "That is one number per example and class and feature:", j("ll + prior.log()[:, None]", LL.replace(".sum(-1)", ""))),
    Wrong("no class axis", "x - mu broadcasts", "different shapes meet", j("ll + prior.log()", LL.replace("x[:, None, :] - mu[None]", "x - mu"))),
    Wrong("keepdim", "keep the axis", "One axis is left over", j("ll + prior.log()[:, None]", LL.replace(".sum(-1)", ".sum(-1, keepdim=True)"))),
    Wrong("mean var", "the classes share their spread", r"mu.0. = .*same var: take that of class k", j("ll + prior.log()", LL.replace("var", "var.mean(0)"))),
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
    Wrong("batchsum", "divide by the sum", "whole table adds up to 1", qb(M + "return p / p.sum()")),
    Wrong("nokeep", "logsumexp keeps the axis", "different shapes meet", q("torch.exp(log_joint - torch.logsumexp(log_joint, dim=1))")),
    Wrong("marginal", "p(x)", "one number per example", q("log_joint.logsumexp(1)")),
    Wrong("in place", "saves memory", "log_joint itself has changed, expected that what comes in", qb("lj -= lj.logsumexp(1, keepdim=True)\nreturn lj.exp()")),
    Wrong("columns", "transposed", "the shape of the posterior is .", q("log_joint.softmax(1).T")),
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
    Wrong("mean", "average over the classes", "average over the classes", m("torch.logsumexp(log_joint, 1) - math.log(log_joint.shape[1])")),
    Wrong("naive", "the definition", EXP500, m("log_joint.exp().sum(1).log()")),
    Wrong("keepdim", "keep the axis", "One axis is left over", m("log_joint.logsumexp(1, keepdim=True)")),
    Wrong("log posterior", "normalise", "p.x. is the sum of the p.x, y. over the classes.", m("log_joint.log_softmax(1)")),
    Wrong("no return", "assignment is enough", "None came back", mb("lse = lj.logsumexp(1)")),
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
    Wrong("pair", "max with dim gives labels", "a pair .values, indices.", b("log_joint.max(dim=1)")),
    Wrong("negative", "a loss", "least probable class", b("(-log_joint).argmax(dim=1)")),
    Wrong("exp", "probabilities first", "exp.-800. is 0", b("log_joint.exp().argmax(1)")),
    Wrong("order", "argsort gives labels", "one entry per class and example", b("log_joint.argsort(1)")),
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
    Wrong("all spreads in torch.normal", "var broadcasts", "mu and var have one row per class, and the noise has one per", sx("torch.normal(mu[y], var.sqrt())")),
    Wrong("centred rand", "uniform noise", "standard deviation|looks uniform", sx("mu[y] + var[y].sqrt() * (2 * torch.rand(n, mu.shape[1]) - 1)")),
    Wrong("laplace", "any bell will do", "not the tails of N", sx("torch.distributions.Laplace(mu[y], (var[y] / 2).sqrt()).sample()")),
    Wrong("one number", "one noise", "noise is drawn once for all", sx("mu[y] + var[y].sqrt() * torch.randn(1)")),
    Wrong("drawn apart", "x and y are both random", APART, s(Y + "k = torch.multinomial(prior, n, replacement=True)\nx = mu[k] + var[k].sqrt() * torch.randn(n, mu.shape[1])\n")),
    Wrong("one-hot y", "labels are rows", "One row of x and one label for each of the n examples, each", s(Y + X, "x, F.one_hot(y, len(prior))")),
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
    Wrong("detached", "detach everywhere", "no history that leads back", tl("F.cross_entropy(logits.detach(), y)")),
    Wrong("no step", "backward moves the weights", "opt.step.. is missing", t(("opt.step()\n", ""))),
    Wrong("no log", "raise the probability", "log is missing|nll_loss wants log", tl("-logits.softmax(1)[torch.arange(len(y)), y].mean()")),
    Wrong("step per example", "one example at a time", "runs 6 times", function("train_step", "model, opt, x, y", "for a, b in zip(x, y):\n    opt.zero_grad()\n    F.cross_entropy(model(a[None]), b[None]).backward()\n    opt.step()")),
    Wrong("backward twice", "retain the graph", "2 times the expected", t(("loss.backward()", "loss.backward(retain_graph=True)\nloss.backward()"))),
    Wrong("own optimiser", "Adam is better", "opt never steps", t(("opt.zero_grad()", "opt = torch.optim.SGD(model.parameters(), lr=0.1)\nopt.zero_grad()"))),
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
    Wrong("logit", "logit of the posterior", ROUNDS, o("torch.logit(log_joint.softmax(1)[:, 1])")),
    Wrong("odds", "log forgotten", "Those are the odds", o("(log_joint[:, 1] - log_joint[:, 0]).exp()")),
    Wrong("diff", "diff drops the axis", "One axis is left over", o("torch.diff(log_joint, dim=1)")),
    Wrong("log_softmax", "normalise", "The odds compare the two classes of each row.", o("log_joint.log_softmax(1)")),
    Wrong("no return", "assignment is enough", "None came back", function("log_odds", "lj", "odds = lj[:, 1] - lj[:, 0]")),
    Wrong("in place", "saves memory", "log_joint itself has changed, expected that what comes in", o("log_joint[:, 1].sub_(log_joint[:, 0])")),
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
UNCUT = "x has 2 features left and mu or var still 3: cut them, too"
WRONG["log_joint_missing"] = [
    Wrong("x cut only", "only x is cut", UNCUT, k("lp.sum(-1) + prior.log()", "x = x[:, seen]\n" + LP)),
    Wrong("x and mu times seen", "0 is missing", "At its mean a density is not 1", JOINT + k("log_joint(x * seen, prior, mu * seen, var)", "")),
    Wrong("no sum", "broadcasting does it", "shape", k("lp[..., seen] + prior.log()[:, None]")),
    Wrong("transposed", "classes first", "Examples and classes are exchanged", k("(lp[..., seen].sum(-1) + prior.log()).T")),
    Wrong("summed classes", "p(x)", "one number per example", k("(lp[..., seen].sum(-1) + prior.log()).logsumexp(1)")),
    Wrong("in place", "x is scratch space", "x itself has changed, expected that what comes in stays as", k("lp[..., seen].sum(-1) + prior.log()", "x[:, ~seen] = 0\n" + LP)),
]

REMARKS = {  # (exercise, id of a right answer): words of its line
    ("fit_gaussians", "unbiased"): "maximum likelihood divides by n",
    ("fit_gaussians", "scatter, unbiased"): "maximum likelihood divides by n",
    ("train_step", "zero after forward"): r"asks for a float: loss.item\(\)",
    ("train_step", "detached loss"): r"asks for a float: loss.item\(\)",
    ("log_marginal", "float64, accepted with a remark"): "At -3000",
}
