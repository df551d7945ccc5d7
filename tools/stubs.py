"""What tools/build.py --new writes: stubs that work, and say TODO where they wait for their author.

NAME, ANSWER and the like are filled in by tools/new_exercise.py.
"""

from typing import NamedTuple

TEXT = """\
# %% [markdown]
# ### Exercise: NAME (TODO min)
#
# Given: TODO. Asked: TODO.
#
# <details><summary>Hint 1: a nudge</summary>
#
# TODO: where to look, in words.
#
# </details>
# <details><summary>Hint 2: the formula in the code's names</summary>
#
# TODO
#
# </details>
# <details><summary>Hint 3: nearly the line</summary>
#
# TODO: the idea stays with the student.
#
# </details>


# %%
ANSWER


# %%
NAME = ALIAS.NAME(NAME)

"""

ENTRY = """

CAST@exercise(
    KIND,
    None,  # a blank gets this right answer
    "TODO: what a right answer buys, one clause.",
)
RIGHT


NAME.mistakes.update(
    {
        "MISTAKE": "TODO: an edit of the right answer, and what to hear who made it.",
    }
)
"""


class Stub(NamedTuple):
    """What the stubs of one kind of exercise begin with."""

    answer: str  # the right answer, with the marks of a lesson
    mistake: str  # an edit of it
    kind: str
    cast: str = ""
    needs: tuple = ()  # lines of import


DOCSTRING = '"""TODO: what comes out, its shape and range."""'
KINDS = {
    "function": Stub(
        f"def NAME(x):\n    {DOCSTRING}\n    return x.mean()  # SOLUTION",
        "x.sum()",
        'Function(NAME_cast, [{}, {"n": 7}, {"n": 1}], result="TODO: the loss, or the picture")',
        '''\
def NAME_cast(n=0):
    """TODO: a few numbers to follow by hand, or n random ones."""
    return {"x": torch.randn(n) if n else torch.tensor([2.0, -1.0, 0.5])}''',
        ("import torch", "from helpers.checks.kinds.function import Function"),
    ),
    "step": Stub(
        f"def NAME(D, opt_D, x_real):\n    {DOCSTRING}\n    # BEGIN SOLUTION\n"
        "    loss_D = -D(x_real).mean()\n    opt_D.zero_grad()\n    loss_D.backward()\n"
        "    opt_D.step()\n    # END SOLUTION",
        "-D(x_real) -> D(x_real)",
        'Step(NAME_cast, ["D"], [{}, {"n": 4, "leftover": True}])',
        '''\
def NAME_cast(n=6):
    """TODO: what a step of D is called with, n images."""
    D = discriminator(generator())
    return {"D": D, "opt_D": WatchedSGD(D), "x_real": reals(n)}''',
        (
            "from helpers.checks.casts import discriminator, generator, reals",
            "from helpers.checks.kinds.step import Step",
            "from helpers.checks.plays import WatchedSGD",
        ),
    ),
    "draw": Stub(
        f"def NAME(n):\n    {DOCSTRING}\n    return torch.randn(n, 4)  # SOLUTION",
        "torch.rand(n, 4)",
        'Draw(lambda n: {"n": n}, [{"n": 7}, {"n": 1}], chance={"n": 5000}, result="TODO: z")',
        needs=("import torch", "from helpers.checks.kinds.draw import Draw"),
    ),
    "network": Stub(
        f"class NAME(nn.Module):\n    {DOCSTRING}\n\n    def __init__(self):\n"
        "        super().__init__()\n        # BEGIN SOLUTION\n        self.net = nn.Sequential("
        "nn.Flatten(), nn.Linear(784, 3))\n        # END SOLUTION\n\n    def forward(self, x):\n"
        "        return self.net(x)",
        "nn.Linear(784, 3) -> nn.Linear(784, 4)",
        'Network([()], lambda n: torch.rand(n, 1, 28, 28), "x")',
        needs=(
            "import torch",
            "from torch import nn",
            "from helpers.checks.kinds.network import Network",
        ),
    ),
}
