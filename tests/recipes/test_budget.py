import pytest

from spacy_mtl.recipes.budget import FEWEST_STEPS, choose_budget, choose_settings
from spacy_mtl.recipes.choices import ENCODERS, choose
from spacy_mtl.recipes.tasks import parse_tasks


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("words", [0, 50, 600, 20_000, 300_000, 5_000_000])
@pytest.mark.parametrize("minutes", [0.001, 1, 5, 600])
def test_every_training_has_evaluations_a_warmup_and_an_end_at_one(encoder, words, minutes):
    budget = choose_budget(words, encoder, minutes)
    assert budget.steps % budget.every == 0 and budget.steps >= 2 * budget.every
    assert 1 <= budget.warmup < budget.steps and 100 <= budget.batch <= 1000


def test_more_to_read_takes_longer_and_less_time_ends_earlier():
    sizes = [100, 1000, 10_000, 100_000, 1_000_000]
    read = [budget.steps * budget.batch for budget in (choose_budget(n, "cnn", 1000) for n in sizes)]
    assert read == sorted(read) and choose_budget(10, "cnn", 5).steps >= FEWEST_STEPS
    steps = [choose_budget(1_000_000, "cnn", minutes).steps for minutes in (1, 5, 30)]
    assert steps == sorted(steps) and len(set(steps)) == 3


def test_translators_take_their_time():
    plain, one, two = (choose_budget(1_000_000, "cnn", 5, translators=n).steps for n in range(3))
    assert plain > one > two
    # the slowest encoder is slow enough alone
    assert choose_budget(1_000_000, "pretrained", 5, translators=1) == choose_budget(1_000_000, "pretrained", 5)


@pytest.mark.parametrize("words,minutes", [(600, 0.1), (5000, 5), (100_000, 5), (5_000_000, 600)])
def test_a_pretrained_encoder_learns_in_most_of_a_training(words, minutes):
    budget = choose_budget(words, "pretrained", minutes)
    settings = choose_settings(choose(parse_tasks("ner,srl"), (), encoder="pretrained"), {}, budget, seed=0)
    assert 1 <= settings["components.tok2vec.model.frozen_steps"] <= min(100, budget.steps / 2)
    others = choose_settings(choose(parse_tasks("ner,srl"), (), encoder="lstm"), {}, budget, seed=0)
    assert "components.tok2vec.model.frozen_steps" not in others
