"""How exact, how faithful and how fast explanations are: python benchmarks/explanation.py PIPELINE CORPUS [--limit N]

Takes some texts of a corpus at random, and prints, for both methods: the largest difference between the log-odds that
are explained and the probability that is shown; how far the parts miss the whole; comprehensiveness and sufficiency
against words chosen at random; processor time for all predictions of a text; memory for a long one. The part "ceiling"
chooses words by the measure itself, one after the other: what is lost without them is about the most there is to lose,
and what is lost with them alone about the least.
"""

import argparse
import random
import resource
import time
from typing import Dict, List

import numpy
import spacy
from spacy.tokens import Doc, DocBin

from spacy_mtl.analysis.explanation.attribution import measure_many
from spacy_mtl.analysis.explanation.explain import Explainer
from spacy_mtl.analysis.explanation.faithfulness import average, erase
from spacy_mtl.analysis.explanation.tasks import probability

LONG = 400


def measure_methods(nlp, docs) -> None:
    """Print what both methods are worth on texts."""
    explainer = Explainer(nlp)
    for method in ("occlusion", "integrated"):
        erased: Dict[str, List] = {}
        differences, gaps, own = [], [], []
        for i, doc in enumerate(docs):
            with explainer.opened(doc) as (queries, text):
                found = explainer.describe(queries, text, method)
                for one, figures in zip(found, erase(queries, found, seed=i)):
                    erased.setdefault(one.kind, []).append(figures)
            differences += [abs(probability(one.log_odds) - one.probability) for one in found]
            gaps += [one.gap for one in found if one.gap is not None]
            by_routes = [(sum(map(abs, one.encoder)), sum(map(abs, one.own))) for one in found if one.own]
            own += [theirs / (theirs + through) for through, theirs in by_routes if theirs]
        print(f"{method}: {len(differences)} predictions of {len(docs)} texts; ", end="")
        print(f"|p explained - p shown| at most {max(differences):.1e}", end="")
        if gaps:
            print(f"; gap median {numpy.median(gaps):.3f}, 95% {numpy.percentile(gaps, 95):.3f}", end="")
        print(f"; share by own features where there are some {numpy.mean(own):.2f}" if own else "")
        for kind, figures in average(erased).items():
            print(f"  {kind:10} {figures.number:4} comprehensiveness {figures.comprehensiveness:.3f}", end="")
            print(f" (random {figures.random_comprehensiveness:.3f}), sufficiency {figures.sufficiency:.3f}", end="")
            print(f" (random {figures.random_sufficiency:.3f})")


def measure_ceiling(nlp, docs) -> None:
    """Print what explanations that knew the measure would reach, and how sure predictions are."""
    explainer = Explainer(nlp)
    erased: Dict = {}
    for i, doc in enumerate(docs):
        with explainer.opened(doc) as (queries, text):
            found = explainer.describe(queries, text, "occlusion")
            for keeps in (False, True):
                best = [choose_words(query, len(text), keeps) for query in queries]
                ranked = [one._replace(encoder=tuple(parts), own=None) for one, parts in zip(found, best)]
                for one, figures in zip(found, erase(queries, ranked, seed=i)):
                    away = one.probability - probability(one.baseline)
                    erased.setdefault((one.kind, keeps), []).append((figures[keeps], one.probability, away))
    for kind in dict.fromkeys(kind for kind, _ in erased):
        most, shown, away = numpy.mean(erased[kind, False], axis=0)
        least = numpy.mean(erased[kind, True], axis=0)[0]
        print(f"ceiling: {kind:10} {len(erased[kind, False]):4} comprehensiveness at most about {most:.3f}", end="")
        print(f", sufficiency at least about {least:.3f}", end="")
        print(f"; mean probability {shown:.3f}, which loses {away:.3f} without any words")


def choose_words(query, tokens: int, keeps: bool) -> List[float]:
    """Rank words by hiding, step by step, the one without which the prediction loses most; or by keeping the one with
    which it gains most."""
    kept, ranks = numpy.full(tokens, 0.0 if keeps else 1.0, dtype="f"), [0.0] * tokens
    for step in range((tokens + 1) // 2):
        left = [token for token, rank in enumerate(ranks) if not rank]
        rows = numpy.repeat(kept[None], len(left), axis=0)
        rows[numpy.arange(len(left)), left] = keeps
        (values,) = measure_many([query], rows)
        chosen = left[int(values.argmax() if keeps else values.argmin())]
        kept[chosen], ranks[chosen] = keeps, float(tokens - step)
    return ranks


def measure_time(nlp, docs, tokens: int = 15) -> None:
    """Print how long one text takes."""
    of_length = [doc for doc in docs if abs(len(doc) - tokens) <= 1][:10] or docs[:10]
    explainer = Explainer(nlp)
    for name, run in (("annotation", nlp), ("explanation of all", explainer.explain)):
        best = []
        for doc in of_length:
            words, spaces = [token.text for token in doc], [bool(token.whitespace_) for token in doc]
            times = []
            for _ in range(5):
                copied = Doc(nlp.vocab, words=words, spaces=spaces)
                start = time.process_time()
                run(copied)
                times.append(time.process_time() - start)
            best.append(min(times))
        print(f"{name}: {1000 * numpy.mean(best):.1f} ms a text of about {tokens} tokens")


def measure_memory(nlp, docs) -> None:
    """Print how much more memory a long text needs."""
    words = [token.text for doc in docs for token in doc]
    words = (words * (1 + LONG // len(words)))[:LONG]
    explainer, asked = Explainer(nlp), []
    for method in ("auto", "integrated"):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        text = Doc(nlp.vocab, words=words)
        # of integrated gradients one, as for a target that is asked
        found = explainer.explain(text, *([] if method == "auto" else asked), method=method)
        asked = [found[0].component, found[0].name + ("" if found[0].kind == "category" else f"@{found[0].start}")]
        more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(f"{method}, {LONG} tokens, {len(found)} predictions: {more / 1024:.0f} MiB more at the peak, ", end="")
        print(f"{time.process_time() - start:.1f} s")


def main() -> None:
    """Print all figures of a pipeline."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pipeline")
    parser.add_argument("corpus")
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--parts", default="time,memory,methods,ceiling")
    arguments = parser.parse_args()
    nlp = spacy.load(arguments.pipeline)
    docs = [doc for doc in DocBin().from_disk(arguments.corpus).get_docs(nlp.vocab) if 3 <= len(doc) <= 64]
    random.Random(1).shuffle(docs)
    parts = {
        "time": measure_time,
        "methods": measure_methods,
        "ceiling": measure_ceiling,
        "memory": measure_memory,
    }
    for part in arguments.parts.split(","):
        parts[part](nlp, docs[: arguments.limit] if part in ("methods", "ceiling") else docs)


if __name__ == "__main__":
    main()
