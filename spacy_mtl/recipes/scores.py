"""The scores of tasks, and what each counts in the choice of the best pipeline."""

from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from .tasks import TRANSLATE, Task

MAIN_SCORES = {
    "ner": "ents_f",
    "srl": "srl_argument_f",
    "dependency": "dep_las",
    "translate": "translation_bleu",
    "tagger": "tag_acc",
    "morphologizer": "pos_acc",
    "senter": "sents_f",
    "parser": "dep_las",
}
# Beside the main score: what the log shows, and what it does not.
OTHER_SCORES: Mapping[str, Mapping[str, Optional[float]]] = {
    "textcat": {"cats_score": None},
    "ner": {"ents_p": None, "ents_r": None, "ents_per_type": None},
    "srl": {
        "srl_predicate_f": 0.0,
        "srl_gold_sense_acc": 0.0,
        "srl_gold_argument_f": 0.0,
        "srl_argument_p": None,
        "srl_argument_r": None,
        "srl_argument_per_role": None,
        "srl_gold_argument_per_role": None,
        "srl_sense_acc": None,
    },
    "dependency": {"dep_uas": 0.0, "tag_acc": 0.0, "dep_las_per_type": None},
    "translate": {"translation_chrf": 0.0},
    "tagger": {"pos_acc": None},
    "parser": {"dep_uas": 0.0, "dep_las_per_type": None, "sents_p": None, "sents_r": None, "sents_f": None},
    "morphologizer": {"morph_acc": 0.0, "morph_per_feat": None},
    "senter": {"sents_p": None, "sents_r": None},
}


def name_main_score(task: Task, tasks: Sequence[Task]) -> str:
    """The score that a task is judged by.

    task (Task): The task.
    tasks (Sequence[Task]): All tasks of the pipeline: of several that translate each has scores under its own name.
    RETURNS (str): The name of the score.
    """
    if task.kind == "textcat":
        return f"{task.name}_acc" if task.exclusive else f"{task.name}_macro_f"
    return _name_own(MAIN_SCORES[task.kind], task, tasks)


def weigh_scores(tasks: Sequence[Task], scaffold: Sequence[str]) -> List[Tuple[str, Optional[float]]]:
    """The weights of [training.score_weights]: every task alike that is saved; what rounding leaves goes to the last.

    tasks (Sequence[Task]): The tasks.
    scaffold (Sequence[str]): The names of those that are not saved.
    RETURNS (List[Tuple[str, Optional[float]]]): Scores with their weights, the highest first.
    """
    # two tasks may have one score in common
    main = list(dict.fromkeys(name_main_score(task, tasks) for task in tasks if task.name not in scaffold))
    share = round(1 / len(main), 2)
    weights: Dict[str, Optional[float]] = dict.fromkeys(main, share)
    weights[main[-1]] = round(1 - share * (len(main) - 1), 2)
    for task in tasks:
        weights.setdefault(name_main_score(task, tasks), 0.0)
        for name, weight in OTHER_SCORES.get(task.kind, {}).items():
            weights.setdefault(_name_own(name, task, tasks), weight)
    return sorted(weights.items(), key=lambda item: (item[1] is None, not item[1]))


def _name_own(score: str, task: Task, tasks: Sequence[Task]) -> str:
    several = task.kind == TRANSLATE and sum(one.kind == TRANSLATE for one in tasks) > 1
    return score.replace("translation_", f"{task.name}_", 1) if several else score
