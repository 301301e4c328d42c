"""A server for a trained pipeline: PIPELINE=out/model-best uvicorn server:app --port 8000"""

import asyncio
import os
from contextlib import asynccontextmanager
from typing import Any, Dict, List

import spacy
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, Field

from spacy_mtl.scale.serving import BatchedPipeline

MAX_TEXTS = 100


class Texts(BaseModel):
    """What a client sends."""

    texts: List[str] = Field(max_length=MAX_TEXTS)


@asynccontextmanager
async def load(app: FastAPI):
    """Load the pipeline once, when the server starts."""
    async with BatchedPipeline(spacy.load(os.environ["PIPELINE"])) as app.state.pipeline:
        yield


app = FastAPI(title="Joint annotation", lifespan=load)


@app.post("/annotate")
async def annotate(given: Texts, request: Request) -> List[Dict[str, Any]]:
    """What is found in each text; `error` for one that cannot be annotated."""
    return await asyncio.gather(*(annotate_text(request.app.state.pipeline, text) for text in given.texts))


@app.get("/health")
async def health() -> Dict[str, str]:
    """Whether the server is there."""
    return {"status": "ok"}


async def annotate_text(pipeline: BatchedPipeline, text: str) -> Dict[str, Any]:
    try:
        return await pipeline.annotate(text)
    except ValueError as error:
        return {"error": str(error)}
    except BlockingIOError as error:
        raise HTTPException(503, str(error), headers={"Retry-After": "1"}) from error
