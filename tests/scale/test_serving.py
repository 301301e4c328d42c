import asyncio
import importlib.util
import threading
from pathlib import Path

import pytest
import spacy

from spacy_mtl.pipeline.findings import Describer
from spacy_mtl.scale.serving import BatchedPipeline

from .nasty import build

SERVER = Path(__file__).parents[2] / "examples" / "server.py"


def serve(nlp, texts, **settings):
    """What clients get who come at the same time."""

    async def ask():
        async with BatchedPipeline(nlp, **settings) as pipeline:
            return await asyncio.gather(*(pipeline.annotate(text) for text in texts), return_exceptions=True)

    return asyncio.run(ask())


def test_each_client_gets_the_answer_to_its_text():
    nlp = build()
    texts = [f"{i} Ada sings" for i in range(50)]
    describe = Describer(nlp)
    assert serve(nlp, texts, batch_size=7) == [describe(doc) for doc in nlp.pipe(texts)]


def test_texts_that_come_together_are_annotated_together(monkeypatch):
    nlp = build()
    sizes, threads = [], set()
    pipe = type(nlp).pipe

    def count(self, texts, **settings):
        texts = list(texts)
        sizes.append(len(texts))
        threads.add(threading.get_ident())
        return pipe(self, texts, **settings)

    monkeypatch.setattr(type(nlp), "pipe", count)
    serve(nlp, ["a"] * 20, batch_size=8)
    assert sizes == [8, 8, 4] and len(threads) == 1 and threading.get_ident() not in threads


def test_bad_texts_harm_no_others():
    nlp = build()
    nlp.max_length = 30
    found = serve(nlp, ["Ada", "please fail", 7, "x" * 31, "\ud800", "", "Ada runs"])
    assert [result["text"] for result in found if isinstance(result, dict)] == ["Ada", "", "Ada runs"]
    assert [str(error)[5:9] for error in found if not isinstance(error, dict)] == ["E783", "E781", "E782", "E783"]


def test_too_many_texts_are_turned_away():
    found = serve(build(), ["Ada"] * 9, max_waiting=4, batch_size=2)
    assert sum(isinstance(result, BlockingIOError) and "E747" in str(result) for result in found) == 5
    assert sum(isinstance(result, dict) for result in found) == 4


def test_clients_that_are_gone_and_a_server_that_ends():
    async def leave():
        async with BatchedPipeline(build(seconds=0.05)) as pipeline:
            gone = asyncio.create_task(pipeline.annotate("gone"))
            await asyncio.sleep(0.01)
            gone.cancel()
            assert (await pipeline.annotate("Ada"))["text"] == "Ada"
            left = [asyncio.create_task(pipeline.annotate("left")) for _ in range(3)]
            await asyncio.sleep(0.01)
        return await asyncio.gather(*left, return_exceptions=True)

    assert all(isinstance(result, asyncio.CancelledError) for result in asyncio.run(leave()))


def test_the_page_shows_the_example():
    page = (SERVER.parents[1] / "docs" / "serving.md").read_text(encoding="utf8")
    assert SERVER.read_text(encoding="utf8") in page


def test_the_example(tmp_path, monkeypatch):
    pytest.importorskip("fastapi")
    httpx = pytest.importorskip("httpx")
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ada"}])
    nlp.to_disk(tmp_path)
    monkeypatch.setenv("PIPELINE", str(tmp_path))
    spec = importlib.util.spec_from_file_location("server", SERVER)
    server = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "server", server)
    spec.loader.exec_module(server)

    async def ask(client, number):
        answers = []
        for i in range(5):
            texts = [f"Ada {number} {i}", "x" * 1_000_001] if i == 2 else [f"Ada {number} {i}"]
            answers.append(await client.post("/annotate", json={"texts": texts}))
        return answers

    async def run():
        async with server.app.router.lifespan_context(server.app):
            transport = httpx.ASGITransport(server.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
                answers = await asyncio.gather(*(ask(client, number) for number in range(8)))
                bad = [
                    await client.post("/annotate", **given)
                    for given in ({"content": b"{"}, {"json": {"texts": "Ada"}}, {"json": {"texts": ["a"] * 101}}, {})
                ]
                return answers, bad, await client.get("/health")

    answers, bad, health = asyncio.run(run())
    for number, of_client in enumerate(answers):
        assert [answer.json()[0]["text"] for answer in of_client] == [f"Ada {number} {i}" for i in range(5)]
        assert all(answer.json()[0]["entities"][0]["label"] == "PERSON" for answer in of_client)
        assert "E782" in of_client[2].json()[1]["error"]
    assert [answer.status_code for answer in bad] == [422] * 4 and health.json() == {"status": "ok"}
