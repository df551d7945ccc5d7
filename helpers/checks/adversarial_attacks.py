"""Checks of lesson 4, adversarial attacks: one function an exercise, named as the exercise.

Each is a list of laws in the order of diagnosis: the most specific mistake speaks first, the plain
value last. Images are (N, C, H, W) in [0, 1], epsilon is in units of the pixels, labels are the
true ones, a model gives logits. It is in eval mode during an attack, and in its old mode after it.
"""

from helpers.checks.laws.arguments import reads_arguments
from helpers.checks.laws.balls import DISTANCE, PROJECT, distance_cases, project_cases
from helpers.checks.laws.basics import is_function
from helpers.checks.laws.bouts import bout_laws
from helpers.checks.laws.chases import chase_laws
from helpers.checks.laws.formulas import follows
from helpers.checks.laws.input_gradients import gradient_laws
from helpers.checks.laws.old import Topic
from helpers.checks.laws.pixel_steps import pixel_laws
from helpers.checks.laws.robustness import robust_laws, success_laws
from helpers.checks.laws.signed_steps import fgsm_laws, targeted_laws
from helpers.checks.laws.starts import start_laws
from helpers.checks.laws.wrappers import wrapper_laws

CAUSES = [
    (
        r"differentiated Tensors? ",
        "The gradient is asked for a tensor that took no part in the loss: it has to require grad "
        "before the model is called, and it is this very tensor that goes into the model.",
    ),
    (
        r"'NoneType' object has no attribute|NoneType.*(Tensor|float)|must be Tensor, not NoneType",
        ".grad is None there. A tensor gets one if it required grad before the model was called, "
        "and if it is no result of other operations: what cuts a new point loose from them?",
    ),
    (
        r"can't retain_grad|only Tensors of floating point",
        "Only real numbers collect gradients: images as float32, not whole numbers.",
    ),
    (
        r"leaf variables? .*requires_grad|you can only change requires_grad flags of leaf",
        "The flag of a result of other operations cannot be changed: detach() gives a tensor that "
        "starts anew.",
    ),
    (
        r"element \d+ of tensors does not require grad|does not have a grad_fn",
        "The loss has no history. Look for no_grad, detach or .item() between the images, the "
        "model and the loss.",
    ),
    (
        r"backward through the graph a second time",
        "backward() runs twice on one graph, and the first run has freed it: call the model again "
        "in each step, on the new point.",
    ),
    (
        r"sign\(\)|'tuple'|not tuple",
        "torch.autograd.grad gives a tuple, one gradient for each tensor that it is asked for: "
        "take out the one.",
    ),
    (
        r"'list'|not list",
        "mean and std come in as lists of numbers, one per channel: torch.tensor makes a tensor "
        "of a list.",
    ),
    (
        r"Boolean value of Tensor.*ambiguous",
        "and, or and a chain of comparisons want one truth value, and a mask has many: & joins "
        "two masks, each comparison in brackets of its own.",
    ),
    (
        r"(size|shape) of tensor a .* must match|not broadcastable|Sizes of tensors must match",
        "Two tensors of different shapes meet. Print both shapes right before that line: axes are "
        "paired from the right. Which one counts the images, which one the channels or classes?",
    ),
    (
        r"grad can be implicitly created only for scalar",
        "A gradient starts from one number, and there is still one for each image. What does "
        "cross entropy do by itself?",
    ),
]
topic = Topic(CAUSES)
exercise, progress = topic.exercise, topic.progress


@exercise(
    "helpers.attacks:input_gradient", "You now know which pixels the loss is most sensitive to."
)
def input_gradient(answer):
    """The gradient of the cross entropy with respect to x."""
    is_function(answer, "input_gradient")
    reads_arguments(answer)
    return gradient_laws(answer)


@exercise("helpers.attacks:fgsm", "One step of epsilon in every pixel now raises the loss.")
def fgsm(answer):
    """x + epsilon * sign of the gradient, in [0, 1]; the model stays as it was."""
    is_function(answer, "fgsm")
    reads_arguments(answer)
    return fgsm_laws(answer)


@exercise(
    "helpers.attacks:linf_distance",
    "You can now measure whether an attack kept its budget.",
    stretch=True,
)
def linf_distance(answer):
    """The largest change of a pixel, image by image."""
    is_function(answer, "linf_distance")
    reads_arguments(answer)
    follows(answer, DISTANCE, distance_cases())


@exercise("helpers.metrics:robust_accuracy", "Accuracy now also counts what an attacker can do.")
def robust_accuracy(answer):
    """The share of all images that are right after the attack."""
    is_function(answer, "robust_accuracy")
    reads_arguments(answer)
    return robust_laws(answer)


@exercise("helpers.attacks:linf_project", "A point outside the budget now finds its way back.")
def linf_project(answer):
    """The nearest images within epsilon of x, and in [0, 1]."""
    is_function(answer, "linf_project")
    reads_arguments(answer)
    follows(answer, PROJECT, project_cases())


@exercise(
    "helpers.attacks:random_start",
    "Every attack now starts somewhere else in the ball.",
    stretch=True,
)
def random_start(answer):
    """A uniform random point of the ball around x, in [0, 1]."""
    is_function(answer, "random_start")
    reads_arguments(answer)
    start_laws(answer)


@exercise("helpers.attacks:pgd", "Many small steps now find what one large step misses.")
def pgd(answer):
    """A random start, then steps of alpha, each projected on the ball around x and [0, 1]."""
    is_function(answer, "pgd")
    reads_arguments(answer)
    return chase_laws(answer)


@exercise("helpers.attacks:fgsm_targeted", "The attacker now chooses what the model should say.")
def fgsm_targeted(answer):
    """One step down the loss of the target."""
    is_function(answer, "fgsm_targeted")
    reads_arguments(answer)
    return targeted_laws(answer)


@exercise(
    "helpers.networks:NormalizedModel",
    "Every attack on pixels now works on this model too.",
    stretch=True,
)
def NormalizedModel(answer):
    """class NormalizedModel(model, mean, std): pixels in [0, 1] to the model's logits."""
    return wrapper_laws(answer, "NormalizedModel")


@exercise(
    "helpers.attacks:fgsm_pixel",
    "epsilon now means the same for every model, whatever it wants its images to look like.",
    stretch=True,
)
def fgsm_pixel(answer):
    """FGSM in pixel units on a model that expects (x - mean) / std."""
    is_function(answer, "fgsm_pixel")
    reads_arguments(answer)
    return pixel_laws(answer)


@exercise(
    "helpers.metrics:attack_success_rate",
    "An attack is now paid only for the images that it could win.",
    stretch=True,
)
def attack_success_rate(answer):
    """Of the images that were right, the share that the attack turned wrong."""
    is_function(answer, "attack_success_rate")
    reads_arguments(answer)
    return success_laws(answer)


@exercise(
    "helpers.training:adversarial_train_step", "The model now learns from the attacks on itself."
)
def adversarial_train_step(answer):
    """One step on the loss of attacked images, made from the model as it is."""
    is_function(answer, "adversarial_train_step")
    reads_arguments(answer)
    return bout_laws(answer)
