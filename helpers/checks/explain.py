"""From an error of the student's code to words: which line stopped, and the likely cause."""

import os
import re
import sysconfig

import torch

HELPERS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIBRARIES = (os.path.dirname(torch.__file__), *map(sysconfig.get_path, ("stdlib", "purelib", "platlib")))
BLANK = "____"

# {what the error's "Type: text" matches: the likely cause and what to try}; the first match speaks
CAUSES = {
    r"cannot assign \w+ before Module|has no attribute '_(modules|parameters|backward_hooks|buffers)'": "The layers are assigned before nn.Module is set up. Call super().__init__() in the first line of __init__.",
    r"module 'torch' has no attribute 'zero'|module 'torch' has no attribute 'one'": "torch has zeros and ones, in the plural, and the _like forms of both. With zeros_like(logits) the shape is right as well.",
    r"module '(torch[\w.]*)' has no attribute": "PyTorch has no such name. Compare it letter by letter, capitals too, with the documentation: the layer is called nn.LeakyReLU, for one.",
    r"Target size .* must be the same as input size|Using a target size .* different to the input size": "The labels and the logits have different shapes: D may return (N,) or (N, 1), and the labels must follow. Make the labels with ones_like(logits) and zeros_like(logits).",
    r"all elements of (input|target) should be between 0 and 1|Assertion .*input_val": "This BCE wants probabilities between 0 and 1, and logits came in: any real number. Use the version with_logits, which holds the sigmoid already.",
    r"backward through the graph a second time": "Two backward passes share one graph, and the first has freed it. The usual reason is a fake that D's loss did not detach and G's loss then uses again.",
    r"modified by an inplace operation": "A step changed weights that an older loss still needs for its backward pass. Compute G's loss after D's step, with a new call of D on the fakes.",
    r"leaf Variable that requires grad.*in-place": "An in-place operation (a name that ends in _) writes into a tensor that collects gradients. Use the form without the underscore.",
    r"element \d+ of tensors does not require grad|does not have a grad_fn": "The loss has no history that leads back to the weights. Look for detach, no_grad or .item() between the network that should learn and the loss.",
    r"grad can be implicitly created only for scalar": "backward() starts from one number, and the loss still has one number per image. Average it over the batch first.",
    r"'float' object has no attribute '(backward|mean|item|detach)'": "A Python number took the place of a tensor: .item() throws the history away. Keep the tensor until backward() has run.",
    r"'NoneType' object": "Something is None that should be a tensor or a module. The usual reason is a function or forward without return.",
    r"mat1 and mat2 shapes cannot be multiplied": "A linear layer met a last axis of another length than its in_features. Print the shape right before that layer: images need flattening to (N, 784), and the numbers in nn.Linear have to follow each other.",
    r"shape '\[\d+\]' is invalid for input of size": "view with the batch size alone leaves room for one number per image. An image has 1 * 28 * 28 of them: (N,) fits D's logits, never G's images.",
    r"shape '\[[^\]]*\]' is invalid for input of size": "view asks for another count of numbers than the tensor has: it arranges them anew, and neither repeats nor drops any. Multiply its lengths, and compare. Take the batch size from the tensor, size(0), where a number stands for it.",
    r"Expected more than 1 value per channel": "Batch norm cannot average over one image in train mode. Sampling a single image needs eval mode.",
    r"expected all tensors to be on the same device|on cpu.*cuda|same device": "Two tensors live on different devices. Make new tensors where the others are: device=real.device, or next(G.parameters()).device.",
    r"optimizer got an empty parameter list": "The network has no registered parameters. Layers in a Python list are not found: use nn.Sequential or nn.ModuleList.",
    r"expected .*(dtype|scalar type).*|mat1 and mat2 must have the same dtype|same dtype": "Two dtypes meet: the layers are float32. Look for integers or float64 in what goes in.",
    r"not implemented for '(Long|Int|Bool)'|floating point.*dtype|Could not infer dtype": "An operation for real numbers met integers or Python objects. Make the tensor float32.",
    r"batch_size.*same|Sizes of tensors must match|must match the size of tensor|broadcast": "Two tensors of different shapes meet. Print both shapes right before that line: as many fakes as reals, and labels in the shape of the logits (make them with ones_like(logits)).",
    r"takes (no|\d+|from \d+ to \d+) (positional )?arguments?|takes no arguments|missing \d+ required": "A call and a definition disagree about the arguments. Compare the signature with the one in the exercise, count and order.",
    r"unexpected keyword argument|multiple values for argument": "An argument has a name that the definition does not know. Check the spelling.",
    r"NotImplementedError.*forward": "The class has no method forward. Look at its spelling and its indentation: it stands inside the class.",
    r"name 'torch' is not defined|name 'nn' is not defined|name 'F' is not defined": "An import is missing. Run the setup cell at the top of the notebook.",
    r"NameError|UnboundLocalError": "That name does not exist there. Use the arguments of the function and the names of your own lines, letter by letter.",
    r"is not callable": "Something that is no function or module was called. Look for a missing or doubled bracket, or a missing comma before one.",
    r"not iterable|not subscriptable|cannot unpack": "The code takes apart something that has no parts. Print its type right before that line.",
    r"Dimension out of range": "An axis is asked for that is not there: the tensor has fewer axes than the code thinks. flatten() without an argument also takes the batch axis away.",
    r"maximum recursion": "The function calls itself without end. Call the network or the loss, not the function that is being written.",
}


class CheckError(Exception):
    """A wrong answer in words: what was seen and expected, and what to try next."""

    def __init__(self, seen, hint=""):
        super().__init__(f"{seen} {hint}".strip())
        self.seen = seen

    def _render_traceback_(self):
        """Lines that IPython shows in place of a traceback."""
        return [f"CheckError: {self}"]


def blank_line(error, name):
    """Where a blank stopped the code, "line 4" or "line 4 of f"; None for other errors."""
    while error is not None and not _is_blank(error):
        error = error.__cause__
    if error is None:
        return None
    frames = list(_frames(error)) or [(0, name)]
    line, owner = frames[-1]
    alone = owner == name or len({owner for _, owner in frames}) == 1
    return f"line {line}" if alone else f"line {line} of {owner}"


def _is_blank(error):
    return isinstance(error, NameError) and getattr(error, "name", None) == BLANK


def explained(error, name, causes=()):
    """What stopped, in which line, with which error, and the likely cause; `causes` speak first."""
    return f"{stopped(error)} {_cause(f'{type(error).__name__}: {error}', causes)}"


def stopped(error):
    """What stopped, and in which line; what a check refused, in its own words."""
    if isinstance(error, CheckError):
        return error.seen
    frames = list(_frames(error))
    where = f" in line {frames[-1][0]}" if frames else ""
    first = re.split(r"(?<=[.!])\s|\n", str(error).strip())[0]
    first = re.sub(r"!(?!=)", ".", first)  # PyTorch shouts now and then
    seen = f"{type(error).__name__}: {first}".rstrip(": ")
    return f"the code stops{where}: {_clipped(seen)}"


def _cause(seen, causes):
    for pattern, cause in [*dict(causes).items(), *CAUSES.items()]:
        if re.search(pattern, seen, re.IGNORECASE | re.DOTALL):
            return cause
    return "Expected: it runs through. Run it by hand on a small batch, line by line."


def _clipped(text, limit=180):
    text = text if len(text) <= limit else text[: limit - 3] + "..."
    return text if text.endswith((".", "?", "...")) else text + "."


def _frames(error):
    """(line, outermost name) of the frames that are the student's, outermost first."""
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if not _ours(code.co_filename):
            yield step.tb_lineno, getattr(code, "co_qualname", code.co_name).split(".")[0]
        step = step.tb_next


def _ours(filename):
    return filename.startswith((HELPERS + os.sep, "<frozen", *(path + os.sep for path in LIBRARIES)))
