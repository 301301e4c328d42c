"""Balance logs for tests."""

import json

HEADER = {"encoders": {"tok2vec": {"tasks": ["sentiment", "ner", "srl"], "balancer": "PCGrad", "level": "parameters"}}}


def make_batch(step, **fields):
    return {"step": step, "encoder": "tok2vec", **fields}


def write_log(path, *lines, end="\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(shown) + end, encoding="utf8")
    return path


def make_training(steps=40):
    """A training with weights, norms and cosines of three tasks, of which `srl` is in every second batch."""
    batches = []
    for step in range(steps):
        tasks = ["sentiment", "ner", "srl"][: 3 - step % 2]
        cosines = [["ner", "sentiment", -0.5 if step % 4 == 0 else 0.1]]
        if "srl" in tasks:
            cosines += [["sentiment", "srl", 0.25], ["ner", "srl", -0.25]]
        batches.append(
            make_batch(
                step,
                losses={task: 10.0 * (i + 1) / (step + 1) for i, task in enumerate(tasks)},
                targets=dict.fromkeys(tasks, 5),
                weights={task: 1 / len(tasks) for task in tasks},
                norms={task: 10.0**-i for i, task in enumerate(tasks)},
                cosines=cosines,
                dropped=[],
            )
        )
    return [HEADER, *batches]
