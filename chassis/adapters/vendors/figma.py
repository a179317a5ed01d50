"""Figma's REST API: pictures of a file's components. Nothing is written there.

https://developers.figma.com/docs/rest-api/file-endpoints/#get-images-endpoint. Figma renders and
answers with an address for each node; `null` where the node cannot be drawn.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chassis.adapters.description import (
    READING,
    Action,
    Adapter,
    Args,
    Call,
    Kind,
    Outcome,
    adapter_to,
)
from chassis.adapters.failures import CallFailed
from chassis.adapters.settings import AdapterSettings
from chassis.adapters.web import Ask, Vendor
from contracts.envelope import FailureReason


class RenderComponent(Args):
    """Nodes of a file to draw."""

    file_key: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+$")]
    node_ids: Annotated[tuple[str, ...], Field(min_length=1, max_length=100)]
    format: Literal["png", "jpg", "svg", "pdf"] = "png"
    scale: Annotated[float, Field(ge=0.01, le=4)] = 1.0


class Rendered(Outcome):
    """The address of each picture by its node; `failed` could not be drawn."""

    images: dict[str, str]
    failed: tuple[str, ...] = ()


class _Images(BaseModel):
    err: str | None = None
    images: dict[str, str | None]


def figma(settings: AdapterSettings) -> Adapter:
    """The adapter as it is configured."""
    vendor = Vendor(
        name="figma",
        root=settings.figma_url,
        headers={"x-figma-token": settings.figma_access_token},
        needs={"FIGMA_ACCESS_TOKEN": settings.figma_access_token},
        secrets=(settings.figma_access_token,),
    )

    async def render(args: RenderComponent, call: Call) -> Rendered:
        params = {
            "ids": ",".join(args.node_ids),
            "format": args.format,
            "scale": f"{args.scale:g}",
        }
        ask = Ask("GET", f"/v1/images/{args.file_key}", params=params)
        found = (await call.web.ask(vendor, ask)).of(_Images)
        if found.err:
            raise CallFailed(FailureReason.REJECTED, f"figma refused ({found.err})")
        return Rendered(
            images={node: url for node, url in found.images.items() if url},
            failed=tuple(node for node, url in found.images.items() if not url),
        )

    return adapter_to(
        vendor,
        Kind.DESIGN,
        "pictures of a Figma file's components",
        actions=(
            Action(
                name="render_component",
                about="draw nodes of a file",
                args=RenderComponent,
                outcome=Rendered,
                run=render,
                timeout_s=60.0,
                retry=READING,
            ),
        ),
    )
