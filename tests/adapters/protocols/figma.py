"""Figma: https://developers.figma.com/docs/rest-api/file-endpoints/#get-images-endpoint."""

from tests.adapters.wire import Exchange, Protocol, Says

PICTURE = "https://figma-alpha-api.s3.us-west-2.amazonaws.com/images/0f6c1b1e"

PROTOCOLS = (
    Protocol(
        "figma",
        "render_component",
        "https://developers.figma.com/docs/rest-api/file-endpoints/#get-images-endpoint",
        {"figma_url": "{root}", "figma_access_token": "figd_secret"},
        {"file_key": "KvZ6DW1y2n", "node_ids": ["1:2", "1:3"], "scale": 2},
        (
            Exchange(
                "GET",
                "/v1/images/KvZ6DW1y2n",
                Says({"err": None, "images": {"1:2": PICTURE, "1:3": None}}),
                headers={"x-figma-token": "figd_secret"},
                params={"ids": "1:2,1:3", "format": "png", "scale": "2"},
            ),
        ),
        {"images": {"1:2": PICTURE}, "failed": ["1:3"]},
    ),
)
