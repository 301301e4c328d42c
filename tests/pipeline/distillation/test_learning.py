"""Heads that learn from teachers, on the toy pipeline."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import fix_random_seed

from spacy_mtl.annotation import LESSONS_KEY, TASKS_KEY, copy_tokens
from spacy_mtl.distillation.teachers import Teacher, annotate, match_tasks
from spacy_mtl.pipeline.distillation.settings import Distillation, make_distillation

from ..toy_pipeline import HEADS, build, make_examples, train


@pytest.fixture(scope="module")
def teacher():
    return build(steps=8)


@pytest.fixture(autouse=True)
def no_teachers(teacher):
    yield
    for name in HEADS:
        teacher.get_pipe(name).distillation = None


def teach(teacher, examples, temperature=1.0, top_k=100):
    """Examples without annotation, with lessons."""
    bare = [Example(copy_tokens(one.predicted), copy_tokens(one.predicted)) for one in examples]
    annotate([Teacher("toy", teacher, {name: name for name in HEADS})], bare, temperature, top_k)
    return bare


def find_loss(nlp, name, examples):
    """The training loss of a head and its gradient, without dropout."""
    pipe = nlp.get_pipe(name)
    docs = [example.predicted for example in examples]
    vectors = nlp.get_pipe("tok2vec").predict(docs)
    nlp.get_pipe("tok2vec").set_annotations(docs, vectors)
    scores, _ = pipe.begin_update(examples)
    return pipe.get_training_loss(examples, scores)


def arrays(gradient):
    return [part for part in gradient if part.dtype.kind == "f"] if isinstance(gradient, tuple) else [gradient]


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_a_student_with_its_teachers_weights_has_no_gradient(teacher, name, temperature, monkeypatch):
    # what is left is the half precision, summed over the batch
    monkeypatch.setattr("spacy_mtl.heads.crf.soft_targets.SMALLEST", 0)
    monkeypatch.setattr("spacy_mtl.pipeline.ner.distillation.SMALLEST", 0)
    examples = teach(teacher, make_examples(teacher), temperature)
    pipe = teacher.get_pipe(name)
    pipe.distillation = Distillation()
    loss, gradient = find_loss(teacher, name, examples)
    assert loss > 0
    pipe.distillation = None
    assert all(abs(part).max() < 4e-3 for part in arrays(gradient))
    assert not any(part.any() for part in arrays(find_loss(teacher, name, examples)[1]))


@pytest.mark.parametrize("name", HEADS)
def test_gradients_by_finite_differences(teacher, name):
    student = build(steps=3)
    examples = teach(teacher, make_examples(teacher)[:3], temperature=1.5)
    pipe = student.get_pipe(name)
    pipe.distillation = Distillation()
    docs = [example.predicted for example in examples]
    student.get_pipe("tok2vec").set_annotations(docs, student.get_pipe("tok2vec").predict(docs))
    scores, _ = pipe.begin_update(examples)
    scores = type(scores)(*(part.copy() for part in scores)) if isinstance(scores, tuple) else scores.copy()
    (group,) = pipe.group_lessons(examples, pipe.read_lessons(examples))
    _, gradient = pipe.get_lesson_loss(examples, scores, group)
    rng, step = numpy.random.default_rng(0), 0.02
    for part, found in zip(arrays(scores), arrays(gradient)):
        for place in rng.permutation(part.size)[:15]:
            index = numpy.unravel_index(place, part.shape)
            old = part[index]
            part[index] = old + step
            up, _ = pipe.get_lesson_loss(examples, scores, group)
            part[index] = old - step
            down, _ = pipe.get_lesson_loss(examples, scores, group)
            part[index] = old
            assert found[index] == pytest.approx((up - down) / (2 * step), abs=4e-3)


def test_what_a_source_masks_teachers_still_say(teacher):
    (example, *_) = teach(teacher, make_examples(teacher))
    example.reference.user_data[TASKS_KEY] = ("ner",)
    for name in HEADS:
        pipe = teacher.get_pipe(name)
        pipe.distillation = Distillation()
        (own,) = pipe.own_examples([example])
        assert len(pipe.read_lessons([own])[0]) == 1
        find_loss(teacher, name, [own])
        pipe.begin_update([own])
        # a Doc; its tokens; pairs of a predicate and the tokens of its sentence
        assert pipe.count_training_targets([own]) == {"sentiment": 1, "ner": 8, "srl": 8}[name]


def test_the_share_of_gold_rises(teacher):
    settings = make_distillation(weight=0.5, gold_share=0.2, final_gold_share=1.0, steps=4)
    examples = make_examples(teacher)
    taught = teach(teacher, examples)
    for example, bare in zip(examples, taught):
        example.reference.user_data[LESSONS_KEY] = bare.reference.user_data[LESSONS_KEY]
    for name in HEADS:
        pipe = teacher.get_pipe(name)
        gold, _ = find_loss(teacher, name, examples)
        pipe.distillation = Distillation(gold_share=0.0)
        soft, _ = find_loss(teacher, name, examples)
        pipe.distillation = settings
        settings.restart()
        for share in (0.2, 0.4, 0.6, 0.8, 1.0, 1.0):
            assert find_loss(teacher, name, examples)[0] == pytest.approx(
                share * gold + (1 - share) * 0.5 * soft, rel=1e-4
            )
            settings.advance()
        assert find_loss(teacher, name, taught)[0] == pytest.approx(0.5 * soft, rel=1e-4)


def test_a_student_becomes_like_its_teacher():
    teacher = build(steps=30)
    examples = teach(teacher, make_examples(teacher))
    student = build(steps=0)
    for name in HEADS:
        student.get_pipe(name).distillation = Distillation()
    fix_random_seed(0)
    before = sum(find_loss(student, name, examples)[0] for name in HEADS)
    train(student, examples, steps=40)
    assert sum(find_loss(student, name, examples)[0] for name in HEADS) < 0.5 * before
    assert all(student.get_pipe(name).distillation.done == 40 for name in HEADS)
    docs = [[nlp(one.predicted.text) for one in examples] for nlp in (teacher, student)]
    for theirs, own in zip(*docs):
        assert [(ent.text, ent.label_) for ent in theirs.ents] == [(ent.text, ent.label_) for ent in own.ents]
        assert theirs.cats["good"] == pytest.approx(own.cats["good"], abs=0.25)


def test_several_teachers_count_alike(teacher):
    other = build(steps=2)
    examples, of_other = teach(teacher, make_examples(teacher)), teach(other, make_examples(teacher))
    expected = {}
    for name in HEADS:
        teacher.get_pipe(name).distillation = Distillation()
        expected[name] = [find_loss(teacher, name, of_one) for of_one in (examples, of_other)]
    for one, two in zip(examples, of_other):
        lessons, more = (example.reference.user_data[LESSONS_KEY]["lessons"] for example in (one, two))
        for name in HEADS:
            lessons[name] = [*lessons[name], *more[name]]
    # each names predicates of its own, so that the sums of roles and senses are over different ones
    for name in HEADS[:2]:
        loss, gradient = find_loss(teacher, name, examples)
        (first, d_first), (second, d_second) = expected[name]
        assert loss == pytest.approx((first + second) / 2, rel=1e-4)
        for part, one, two in zip(*map(arrays, (gradient, d_first, d_second))):
            assert part == pytest.approx((one + two) / 2, abs=1e-4)
    assert find_loss(teacher, "srl", examples)[0] > 0


def test_other_tokens_are_refused(teacher):
    (example, *_) = teach(teacher, make_examples(teacher))
    other = Doc(teacher.vocab, words=["".join(token.text_with_ws for token in example.reference)])
    teacher.get_pipe("ner").distillation = Distillation()
    with pytest.raises(ValueError, match="E459"):
        teacher.get_pipe("ner").read_lessons([Example(other, example.reference)])


@pytest.mark.parametrize("scheme", ["bio", "biluo"])
def test_schemes_say_the_same(scheme):
    """What one scheme knows of the sequences, the other learns: there is no gradient either."""
    from spacy_mtl.heads.crf.chain import TagScores
    from spacy_mtl.heads.crf.forward_backward import forward_backward
    from spacy_mtl.heads.crf.soft_targets import expected_crf_loss
    from spacy_mtl.heads.ner.tagging_scheme import make_tag_set
    from spacy_mtl.pipeline.ner.distillation import find_tags, widen

    rng = numpy.random.default_rng(0)
    labels = ("PER", "LOC")
    own, wide = make_tag_set(scheme, labels), make_tag_set("biluo", labels)
    n_tags = len(own.tags)
    shapes = ((5, n_tags), (n_tags, n_tags), (n_tags,), (n_tags,))
    emissions, *others = (rng.normal(size=shape).astype("float32") for shape in shapes)
    scores = TagScores(emissions, numpy.array([4, 1]), *others)
    theirs = forward_backward(widen(scores, own, wide), wide.legal)
    mine = forward_backward(scores, own.legal)
    assert theirs.log_partition == pytest.approx(mine.log_partition, rel=1e-5)
    to_own = numpy.zeros((len(wide.tags), n_tags), dtype="float32")
    to_own[numpy.arange(len(wide.tags)), find_tags(labels, own)] = 1
    expected = TagScores(theirs.marginals @ to_own, scores.lengths, to_own.T @ theirs.transitions @ to_own,
                         theirs.start @ to_own, theirs.end @ to_own)  # fmt: skip
    _, gradient = expected_crf_loss(scores, expected, own.legal)
    assert all(abs(part).max() < 1e-5 for part in arrays(gradient))


def test_labels_of_one_alone():
    teacher, student = build(steps=8), build(steps=0)
    examples = teach(teacher, make_examples(teacher))
    pipe = student.get_pipe("ner")
    pipe.distillation = Distillation()
    index = [tag[2:] == "PER" for tag in pipe.tag_set.tags]
    for example in examples:
        for lesson in example.reference.user_data[LESSONS_KEY]["lessons"]["ner"]:
            lesson["labels"] = lesson["labels"].replace("PER", "NAME")
    with pytest.warns(UserWarning, match="W450.*NAME.*PER"):
        _, gradient = find_loss(student, "ner", examples)
    assert not gradient.emissions[:, index].any() and gradient.emissions.any()


def test_a_teacher_of_other_labels_takes_nothing_from_gold(teacher):
    examples = make_examples(teacher)
    for example, bare in zip(examples, teach(teacher, examples)):
        lessons = bare.reference.user_data[LESSONS_KEY]
        for lesson in lessons["lessons"]["sentiment"]:
            lesson["labels"] = lesson["labels"].replace("bad", "poor")
        example.reference.user_data[LESSONS_KEY] = lessons
    gold = find_loss(teacher, "sentiment", examples)
    teacher.get_pipe("sentiment").distillation = Distillation()
    with pytest.warns(UserWarning, match="W450.*poor.*bad"):
        loss, gradient = find_loss(teacher, "sentiment", examples)
    assert loss == gold[0] and (gradient == gold[1]).all()


def test_tasks_are_matched_by_kind_and_name(teacher):
    assert match_tasks(teacher, teacher) == {name: name for name in HEADS}
    student = spacy.blank("en")
    student.add_pipe("mtl_ner", name="entities")
    assert match_tasks(student, teacher) == {"entities": "ner"}
    student.add_pipe("mtl_ner", name="others")
    assert match_tasks(student, teacher) == {}


@pytest.mark.parametrize("settings", [{"weight": -1}, {"gold_share": 2}, {"final_gold_share": -1}, {"steps": -1}])
def test_settings_out_of_range(settings):
    with pytest.raises(ValueError, match="E409"):
        make_distillation(**settings)
