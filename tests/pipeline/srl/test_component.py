import pickle

import numpy
import pytest
import spacy
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_mtl.frames import get_frames, read_frame_spans, set_frames
from spacy_mtl.pipeline.srl.component import SemanticRoleLabeller
from spacy_mtl.types import FrameSpans, RoleSpan

SENTENCES = [
    (
        "Ana sold the old car to Tom .",
        [FrameSpans(1, 2, "sell.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 5), RoleSpan("ARG2", 5, 7)))],
    ),
    (
        "Tom wants to drive it home .",
        [
            FrameSpans(1, 2, "want.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 2, 6))),
            FrameSpans(3, 4, "drive.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 4, 5), RoleSpan("ARGM-DIR", 5, 6))),
        ],
    ),
    (
        "She woke up early .",
        [FrameSpans(1, 3, "wake_up.02", (RoleSpan("ARG1", 0, 1), RoleSpan("ARGM-TMP", 3, 4)))],
    ),
    ("What a quiet morning !", []),
    (
        "The letter , he said , was lost .",
        [
            FrameSpans(4, 5, "say.01", (RoleSpan("ARG1", 0, 2), RoleSpan("ARG0", 3, 4), RoleSpan("C-ARG1", 6, 8))),
            FrameSpans(6, 7, "be.03"),
            FrameSpans(7, 8, "lose.02", (RoleSpan("ARG1", 0, 2),)),
        ],
    ),
]
SMALL_ENCODER = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 32,
    "depth": 2,
    "embed_size": 200,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": False,
}
SMALL_MODEL = {
    "@architectures": "spacy-mtl.SRL.v1",
    "tok2vec": SMALL_ENCODER,
    "arguments": {"@architectures": "spacy-mtl.ConcatArguments.v1", "hidden_width": 32},
    "predicate_width": 16,
}
COUNTING = {"@architectures": "spacy-mtl.ConcatArguments.v1", "hidden_width": 16, "between": 4}
BIAFFINE = {"@architectures": "spacy-mtl.BiaffineArguments.v1", "hidden_width": 16}


def make_examples(vocab, sentences=SENTENCES):
    examples = []
    for text, frames in sentences:
        reference = Doc(vocab, words=text.split())
        if frames is not None:
            set_frames(reference, frames)
        examples.append(Example(Doc(vocab, words=text.split()), reference))
    return examples


def train(nlp, steps=60, sentences=SENTENCES):
    fix_random_seed(0)
    examples = make_examples(nlp.vocab, sentences)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    losses = {}
    for _ in range(steps):
        losses = nlp.update(examples, sgd=optimizer)
    return losses


def offsets(doc, key="srl"):
    return [
        FrameSpans(f.start, f.end, f.sense, tuple(RoleSpan(*role[:3]) for role in f.roles))
        for f in read_frame_spans(doc, key)
    ]


@pytest.fixture(scope="module")
def trained():
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
    losses = train(nlp)
    assert losses["mtl_srl"] < 0.5
    return nlp


def test_overfits_and_writes_frames(trained):
    for text, frames in SENTENCES:
        doc = trained(text)
        assert "srl" in doc.spans
        assert offsets(doc) == sorted(frames)
        for frame in doc._.frames:
            assert 0.5 <= frame.probability <= 1 and 0 < frame.sense_probability <= 1
            assert all(0 < probability <= 1 for _, _, probability in frame.arguments)


@pytest.mark.parametrize("arguments", [BIAFFINE, COUNTING])
def test_other_scorers_overfit_too(arguments, tmp_path):
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.add_pipe("mtl_srl", config={"model": {**SMALL_MODEL, "arguments": arguments}})
    train(nlp)
    nlp.to_disk(tmp_path)
    for pipeline in (nlp, spacy.load(tmp_path)):
        assert [offsets(pipeline(text)) for text, _ in SENTENCES] == [sorted(frames) for _, frames in SENTENCES]


def test_a_trained_scorer_cannot_begin_to_count(trained, tmp_path):
    trained.to_disk(tmp_path)
    with pytest.raises(ValueError, match="E213"):
        spacy.load(tmp_path, config={"components.mtl_srl.model.arguments.between": 4})


def test_default_pipe_trains_in_a_blank_pipeline():
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_srl")
    assert isinstance(pipe, SemanticRoleLabeller)
    examples = make_examples(nlp.vocab)
    nlp.initialize(lambda: examples)
    first = nlp.update(examples)["mtl_srl"]
    for _ in range(10):
        last = nlp.update(examples)["mtl_srl"]
    assert last < first


def test_scores_are_perfect_when_all_is_learned(trained):
    scores = trained.evaluate(make_examples(trained.vocab))
    for name in ("predicate_f", "sense_acc", "argument_f", "gold_argument_f", "gold_sense_acc"):
        assert scores[f"srl_{name}"] == 1.0
    assert "srl_gold_predicate_f" not in scores


def test_serialization_keeps_predictions(trained, tmp_path):
    texts = [text for text, _ in SENTENCES] + ["Ana wants a letter ."]
    expected = [offsets(doc) for doc in trained.pipe(texts)]
    trained.to_disk(tmp_path)
    copies = [pickle.loads(pickle.dumps(trained))]
    for loaded in (spacy.load(tmp_path), spacy.blank("en")):
        if "mtl_srl" not in loaded.pipe_names:
            loaded.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
            loaded.from_bytes(trained.to_bytes())
        copies.append(loaded)
    for nlp in copies:
        assert nlp.get_pipe("mtl_srl").labels == trained.get_pipe("mtl_srl").labels
        assert [offsets(doc) for doc in nlp.pipe(texts)] == expected


def test_two_processes_give_what_one_gives(trained):
    texts = [text for text, _ in SENTENCES] * 3
    alone = [offsets(doc) for doc in trained.pipe(texts)]
    assert [offsets(doc) for doc in trained.pipe(texts, n_process=2, batch_size=4)] == alone


def test_a_doc_alone_gives_what_it_gives_in_a_batch(trained):
    texts = [text for text, _ in SENTENCES] + ["Tom", "Ana sold it to Tom and drove home early ."]
    for text, doc in zip(texts, trained.pipe(texts)):
        alone = trained(text)
        assert offsets(alone) == offsets(doc)
        for one, other in zip(get_frames(alone), get_frames(doc)):
            ours = [p for _, _, p in one.arguments] + [one.probability]
            theirs = [p for _, _, p in other.arguments] + [other.probability]
            numpy.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("text", ["", " ", "\n \t", "sold", "."])
def test_small_docs(trained, text):
    doc = spacy.blank("en").make_doc(text)
    for pipeline_doc in (trained.get_pipe("mtl_srl")(Doc(trained.vocab, words=[t.text for t in doc])),):
        assert "srl" in pipeline_doc.spans
        assert all(not frame.predicate.text.isspace() for frame in pipeline_doc._.frames)


def test_a_batch_of_empty_docs_changes_nothing(trained):
    pipe = trained.get_pipe("mtl_srl")
    empty = Doc(trained.vocab, words=[])
    assert pipe.predict([empty, empty]) == [[], []]
    assert pipe.update([Example(empty, empty.copy())]) == {"mtl_srl": 0.0}


def test_an_uninitialized_component_says_so():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_srl")
    with pytest.raises(ValueError, match="E503"):
        nlp("Ana sold it .")


def test_initialization_without_frames_says_so():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_srl")
    examples = make_examples(nlp.vocab, [("No frames here .", None)])
    with pytest.raises(ValueError, match="E505"):
        nlp.initialize(lambda: examples)


@pytest.mark.parametrize(
    "settings,code", [({"predicates": "guess"}, "E501"), ({"threshold": 1.5}, "E502"), ({"window": -1}, "E502")]
)
def test_bad_settings_are_refused(settings, code):
    with pytest.raises(ValueError, match=code):
        spacy.blank("en").add_pipe("mtl_srl", config=settings)


def test_labels_can_be_given(trained):
    label_data = trained.get_pipe("mtl_srl").label_data
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
    examples = make_examples(nlp.vocab, SENTENCES[:1])
    pipe.initialize(lambda: examples, nlp=nlp, labels=label_data)
    assert pipe.label_data == label_data
    with pytest.raises(ValueError, match="E506"):
        spacy.blank("en").add_pipe("mtl_srl").initialize(lambda: examples, labels=["ARG0"])


def test_rare_roles_are_left_out_on_request():
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL, "min_role_freq": 3})
    with pytest.warns(UserWarning, match="W501.*ARG2 \\(1\\)"):
        nlp.initialize(lambda: make_examples(nlp.vocab))
    assert pipe.labels == ("ARG0", "ARG1", "V")
    assert numpy.isfinite(nlp.update(make_examples(nlp.vocab))["mtl_srl"])


def gradient_of(nlp, examples):
    """The gradients of all parameters after one update without dropout."""
    pipe = nlp.get_pipe("mtl_srl")
    for node in pipe.model.walk():
        for name in node.param_names:
            node.set_grad(name, node.ops.alloc(node.get_param(name).shape))
    losses = pipe.update(examples)
    return losses["mtl_srl"], {
        (i, name): node.get_grad(name) for i, node in enumerate(pipe.model.walk()) for name in node.param_names
    }


def test_unannotated_docs_give_no_gradient(trained):
    loss, gradients = gradient_of(trained, make_examples(trained.vocab, [("Ana sold the car .", None)]))
    assert loss == 0.0
    assert all(not gradient.any() for gradient in gradients.values())


def test_unannotated_docs_change_nothing_for_the_others(trained):
    annotated = make_examples(trained.vocab, [("Tom drove the letter home .", [FrameSpans(1, 2, "drive.01")])])
    loss, gradients = gradient_of(trained, annotated)
    mixed = annotated + make_examples(trained.vocab, [("Ana sold the car .", None)])
    loss_mixed, gradients_mixed = gradient_of(trained, mixed)
    assert loss == pytest.approx(loss_mixed, rel=1e-5) and loss > 0.1
    for key, gradient in gradients.items():
        numpy.testing.assert_allclose(gradients_mixed[key], gradient, atol=1e-4, rtol=1e-3)


def test_what_cannot_be_aligned_is_masked(trained):
    reference = Doc(trained.vocab, words=["Ana", "sold", "New-York"])
    set_frames(reference, [FrameSpans(1, 2, "sell.01", (RoleSpan("ARG1", 2, 3),))])
    words, spaces = ["Ana", "sold", "New", "-", "York"], [True, True, False, False, False]
    whole = Example(Doc(trained.vocab, words=words, spaces=spaces), reference)
    loss, _ = gradient_of(trained, [whole])
    assert loss > 0
    reference = Doc(trained.vocab, words=["Ana", "sold"])
    set_frames(reference, [FrameSpans(1, 2, "sell.01")])
    crossing = Example(Doc(trained.vocab, words=["Anaso", "ld"], spaces=[False, False]), reference)
    loss, gradients = gradient_of(trained, [crossing])
    assert numpy.isfinite(loss)


def test_a_role_or_sense_unseen_in_training_is_left_open(trained):
    frames = [FrameSpans(1, 2, "sell.99", (RoleSpan("ARGM-XXX", 2, 5),))]
    loss, gradients = gradient_of(trained, make_examples(trained.vocab, [("Ana sold the old car to Tom .", frames)]))
    assert numpy.isfinite(loss)
    scores = trained.evaluate(make_examples(trained.vocab, [("Ana sold the old car", frames)]))
    assert scores["srl_sense_acc"] == scores["srl_argument_per_role"]["ARGM-XXX"]["r"] == 0.0


def test_predicates_from_the_doc(trained):
    pipe = trained.get_pipe("mtl_srl")
    pipe.cfg["predicates"] = "doc"
    try:
        doc = Doc(trained.vocab, words=SENTENCES[1][0].split())
        set_frames(doc, [FrameSpans(3, 4), FrameSpans(5, 6, "home.07")])
        drive, home = read_frame_spans(pipe(doc))
        assert (drive.start, drive.sense) == (3, "drive.01")
        assert [role.role for role in drive.roles] == ["ARG0", "ARG1", "ARGM-DIR"]
        assert (home.start, home.sense) == (5, "home.07"), "a given sense is kept"
        bare = pipe(Doc(trained.vocab, words=["Ana", "sold", "it"]))
        assert "srl" not in bare.spans, "a Doc without predicates is left alone"
    finally:
        pipe.cfg["predicates"] = "predict"


def test_arguments_stay_in_their_sentence(trained):
    words = " ".join(text for text, _ in SENTENCES).split()
    starts = [0]
    for text, _ in SENTENCES:
        starts.append(starts[-1] + len(text.split()))
    doc = Doc(trained.vocab, words=words, sent_starts=[i in starts for i in range(len(words))])
    frames = trained.get_pipe("mtl_srl")(doc)._.frames
    assert len(frames) > 3
    for frame in frames:
        sentence = frame.predicate.sent
        assert all(sentence.start <= span.start and span.end <= sentence.end for _, span, _ in frame.arguments)


def test_no_core_role_twice_unless_configured_off(trained):
    pipe = trained.get_pipe("mtl_srl")
    words = (SENTENCES[0][0] + " " + SENTENCES[4][0]).split()
    one_sentence = [i == 0 for i in range(len(words))]
    docs = [Doc(trained.vocab, words=words, sent_starts=one_sentence) for _ in range(2)]
    counts = []
    for unique, doc in zip((pipe.cfg["unique_roles"], []), docs):
        pipe.predictor.unique = [i for i, role in enumerate(pipe.labels) if role in unique]
        roles = [[role for role, _, _ in frame.arguments] for frame in pipe(doc)._.frames]
        counts.append(sum(of_frame.count("ARG0") > 1 or of_frame.count("ARG1") > 1 for of_frame in roles))
    pipe._predictor = None
    assert counts[0] == 0
    assert counts[1] > 0, "without the constraint this text repeats a role, so the test sees the constraint at work"


def test_a_given_predicate_of_several_words_keeps_clear_of_its_arguments(trained):
    pipe = trained.get_pipe("mtl_srl")
    docs = [Doc(trained.vocab, words=SENTENCES[0][0].split()) for _ in range(2)]
    (short,), (long,) = pipe.predictor.predict(docs, [[FrameSpans(1, 2)], [FrameSpans(1, 4)]])
    assert (short.end, long.end) == (2, 4)
    assert all(role.end <= 1 or role.start >= 4 for role in long.roles)
    set_frames(docs[1], [long])


def test_a_known_span_before_an_open_token_ends_where_it_ends():
    """Open tokens behind a span must not teach the model to go on with the span."""
    sentences = []
    for i, name in enumerate(["Ana", "Tom", "Kim", "Max", "Eva", "Jon"]):
        rare = RoleSpan(f"ARGM-{i}", 3, 4)
        sentences.append((f"{name} sold cars quickly", [FrameSpans(1, 2, "sell.01", (RoleSpan("ARG1", 2, 3), rare))]))
        sentences.append((f"{name} sold cars", [FrameSpans(1, 2, "sell.01", (RoleSpan("ARG1", 2, 3),))]))
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL, "min_role_freq": 2})
    with pytest.warns(UserWarning, match="W501.*ARGM-0 \\(1\\)"):
        train(nlp, sentences=sentences)
    for text, _ in sentences:
        roles = [(role.role, role.start, role.end) for role in read_frame_spans(nlp(text))[0].roles]
        assert roles == [("ARG1", 2, 3)]


def test_white_space_is_no_part_of_an_argument(trained):
    doc = Doc(trained.vocab, words=["\n", "Ana", " ", "sold", "\n", "the", "old", "car", "\n\n", "to", "Tom", "."])
    for frame in trained.get_pipe("mtl_srl")(doc)._.frames:
        spans = [frame.predicate, *(span for _, span, _ in frame.arguments)]
        assert not any(span[0].is_space or span[-1].is_space for span in spans)


def test_a_corpus_without_senses_teaches_none():
    sentences = [(text, [frame._replace(sense="") for frame in frames]) for text, frames in SENTENCES]
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
    train(nlp, sentences=sentences)
    frames = [frame for text, _ in sentences for frame in nlp(text)._.frames]
    assert len(frames) > 4
    assert {(frame.sense, frame.sense_probability) for frame in frames} == {("", None)}


def test_evaluation_with_predicates_from_the_doc_uses_the_gold_ones(trained):
    pipe = trained.get_pipe("mtl_srl")
    pipe.cfg["predicates"] = "doc"
    try:
        scores = trained.evaluate(make_examples(trained.vocab))
    finally:
        pipe.cfg["predicates"] = "predict"
    assert scores["srl_argument_f"] == scores["srl_predicate_f"] == scores["srl_gold_argument_f"] == 1.0


def test_labels_are_fixed_after_initialization(trained):
    with pytest.raises(ValueError, match="E508"):
        trained.get_pipe("mtl_srl").add_label("ARG9")


def test_nothing_frequent_enough_is_an_error():
    nlp = spacy.blank("en")
    nlp.add_pipe("mtl_srl", config={"min_role_freq": 99})
    with pytest.raises(ValueError, match="E507.*ARG0"):
        nlp.initialize(lambda: make_examples(nlp.vocab))


@pytest.mark.parametrize("name", ["mtl_srl", "mtl_ner", "mtl_textcat"])
def test_updating_an_uninitialized_head_says_so(name):
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe(name)
    with pytest.raises(ValueError, match="E011"):
        pipe.update(make_examples(nlp.vocab))


def test_diverged_weights_of_one_part(trained):
    nlp = pickle.loads(pickle.dumps(trained))
    pipe = nlp.get_pipe("mtl_srl")
    layer = pipe.model.get_ref("arguments")
    layer.set_param("output_b", layer.get_param("output_b") * numpy.nan)
    before = {name: layer.get_grad(name).copy() for name in layer.param_names}
    with pytest.warns(UserWarning, match="MTL-W403.*'mtl_srl'"):
        losses = pipe.update(make_examples(nlp.vocab))
    assert losses["mtl_srl"] == 0.0
    assert all((layer.get_grad(name) == gradient).all() for name, gradient in before.items())


def test_dependency_style_arguments_of_one_token():
    sentences = [
        ("Ana sold the old car .", [FrameSpans(1, 2, "sell.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARG1", 4, 5)))]),
        ("Tom drove home .", [FrameSpans(1, 2, "drive.01", (RoleSpan("ARG0", 0, 1), RoleSpan("ARGM-DIR", 2, 3)))]),
    ]
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL})
    train(nlp, sentences=sentences)
    assert [offsets(nlp(text)) for text, _ in sentences] == [frames for _, frames in sentences]


def test_another_spans_key():
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)
    nlp.add_pipe("mtl_srl", config={"model": SMALL_MODEL, "spans_key": "roles"})
    examples = make_examples(nlp.vocab)
    for example in examples:
        set_frames(example.reference, read_frame_spans(example.reference), "roles")
    nlp.initialize(lambda: examples)
    doc = nlp(SENTENCES[0][0])
    assert "roles" in doc.spans and "srl" not in doc.spans


def test_listens_to_a_stock_tok2vec_and_to_ours():
    for factory in ("tok2vec", "mtl_tok2vec"):
        nlp = spacy.blank("en")
        nlp.tokenizer = Tokenizer(nlp.vocab)
        nlp.add_pipe(factory, name="tok2vec", config={"model": SMALL_ENCODER})
        listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 32, "upstream": "tok2vec"}
        nlp.add_pipe("mtl_srl", config={"model": {**SMALL_MODEL, "tok2vec": listener}})
        train(nlp)
        assert [offsets(nlp(text)) for text, _ in SENTENCES] == [sorted(frames) for _, frames in SENTENCES]


@pytest.mark.slow
def test_a_doc_of_20000_tokens_needs_little_memory(trained):
    resource = pytest.importorskip("resource")

    words = (" ".join(text for text, _ in SENTENCES)).split()
    doc = Doc(trained.vocab, words=(words * (20000 // len(words) + 1))[:20000])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    trained.get_pipe("mtl_srl")(doc)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert len(doc._.frames) > 2000
    assert grown < 1024
