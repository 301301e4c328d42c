"""Messages 8xx: what predictions rest on."""


class ExplanationErrors:
    """Errors 8xx."""

    E801 = (
        "The component '{name}' cannot be explained: {problem}. Expected one of {expected}. Name one of them, or none "
        "for all."
    )
    E802 = (
        "The target '{target}' is not among what the pipeline finds{where}. Expected one of: {expected}. Name one of "
        "them, by its label, its words or both, as in 'PER:Ana'."
    )
    E803 = (
        "The target '{target}' fits {count} predictions. Expected a name that fits one: {found}. Name one of them in "
        "full, and its component where two components find it."
    )
    E804 = "There is no word to explain by: expected a text with words, found {found!r}. Give a text with words."
    E805 = (
        "The text is too long for the method '{method}': expected {limit} tokens at most, found {found}. "
        "Cut it into parts{advice}."
    )
    E806 = (
        "The prediction '{target}' cannot be set against '{against}': expected another label that '{name}' could have "
        "given it, one of {expected}. Name one of them."
    )
    E807 = "The method '{method}' is unknown: expected one of {expected}. Name one of them, or leave it out."
    E808 = (
        "The prediction '{target}' has no gradient in the words, as the method 'integrated' needs: {problem}. Expected "
        "an encoder with the parts `embed` and `encode`, such as spacy.Tok2Vec.v2, and a head of this package. Use the "
        "method 'occlusion'."
    )
    E809 = (
        "The pipeline gives '{target}' the probability {shown:.6f}, but {found:.6f} where its encoder is run for the "
        "explanation. Expected the same. A component that is not deterministic cannot be explained: remove what is "
        "random in its prediction."
    )
    E810 = (
        "The corpus has nothing to explain: expected texts in which the pipeline finds something, found {texts} in "
        "which it finds nothing, and {skipped} without words or too long. Name another corpus or another component."
    )
    E811 = (
        "'{name}' reads {expected} tokens, and {found} are left of them at the end: a component behind it changes the "
        "tokens before another one that is to be explained. Expected the same tokens throughout. Name one component."
    )
    E812 = (
        "The translation '{target}' cannot be explained: expected text in characters that the subwords of '{name}' "
        "have, found others, or none at all. The component can never write it. Give a translation in the script of "
        "its training."
    )
    E835 = (
        "'{path}' is no comparison with the seed {seed}: expected the pipeline {expected} in it, as "
        "`spacy mtl compare` leaves it; found {found}. Name the folder that was its --output, and a seed that it was "
        "trained with."
    )
    E836 = (
        "The task '{task}' has no pipeline of its own: expected {expected}, found {found}. Name one of the tasks that "
        "were trained alone, or let the comparison finish."
    )
    E837 = (
        "The corpus '{path}' has no text to compare predictions of: expected texts with words, found {found} without. "
        "Name another corpus."
    )
    E838 = (
        "The task '{task}' listens to no encoder in '{path}': expected a head with a listener. Leave the task out with "
        "--tasks."
    )


class ExplanationWarnings:
    """Warnings 8xx."""

    W801 = (
        "{skipped} of {texts} texts of the corpus were not explained: expected words in each, and not too many. Cut "
        "long texts into parts."
    )
