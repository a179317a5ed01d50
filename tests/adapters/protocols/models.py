"""Anthropic, OpenAI-compatible servers and Perplexity: their documented requests and answers."""

from tests.adapters.wire import Exchange, Protocol, Says

TURNS = [{"role": "user", "content": "Hello there."}]
JSON = {"content-type": "application/json"}

PROTOCOLS = (
    Protocol(
        "anthropic",
        "complete",
        "https://docs.anthropic.com/en/api/messages",
        {"anthropic_url": "{root}", "anthropic_api_key": "sk-ant-secret"},
        {
            "model": "claude-sonnet-4-5",
            "messages": TURNS,
            "system": "Be brief.",
            "max_tokens": 1024,
        },
        (
            Exchange(
                "POST",
                "/v1/messages",
                Says(
                    {
                        "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
                        "type": "message",
                        "role": "assistant",
                        "content": [{"type": "text", "text": "Hi! My name is Claude."}],
                        "model": "claude-sonnet-4-5-20250929",
                        "stop_reason": "end_turn",
                        "stop_sequence": None,
                        "usage": {"input_tokens": 2095, "output_tokens": 503},
                    }
                ),
                headers={**JSON, "x-api-key": "sk-ant-secret", "anthropic-version": "2023-06-01"},
                body={
                    "model": "claude-sonnet-4-5",
                    "messages": TURNS,
                    "max_tokens": 1024,
                    "system": "Be brief.",
                },
            ),
        ),
        {
            "text": "Hi! My name is Claude.",
            "model": "claude-sonnet-4-5-20250929",
            "tokens_in": 2095,
            "tokens_out": 503,
        },
    ),
    Protocol(
        "openai",
        "complete",
        "https://platform.openai.com/docs/api-reference/chat/create",
        {"openai_url": "{root}/v1", "openai_api_key": "sk-secret"},
        {"model": "gpt-4.1", "messages": TURNS, "max_tokens": 100, "temperature": 0.0},
        (
            Exchange(
                "POST",
                "/v1/chat/completions",
                Says(
                    {
                        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
                        "object": "chat.completion",
                        "created": 1741569952,
                        "model": "gpt-4.1-2025-04-14",
                        "choices": [
                            {
                                "index": 0,
                                "message": {
                                    "role": "assistant",
                                    "content": "Hello! How can I assist you today?",
                                    "refusal": None,
                                    "annotations": [],
                                },
                                "logprobs": None,
                                "finish_reason": "stop",
                            }
                        ],
                        "usage": {
                            "prompt_tokens": 19,
                            "completion_tokens": 10,
                            "total_tokens": 29,
                        },
                        "service_tier": "default",
                    }
                ),
                headers={**JSON, "authorization": "Bearer sk-secret"},
                body={
                    "model": "gpt-4.1",
                    "messages": TURNS,
                    "max_tokens": 100,
                    "temperature": 0.0,
                },
            ),
        ),
        {
            "text": "Hello! How can I assist you today?",
            "model": "gpt-4.1-2025-04-14",
            "tokens_in": 19,
            "tokens_out": 10,
        },
    ),
    Protocol(
        "perplexity",
        "search",
        "https://docs.perplexity.ai/api-reference/chat-completions-post",
        {"perplexity_url": "{root}", "perplexity_api_key": "pplx-secret"},
        {"messages": TURNS},
        (
            Exchange(
                "POST",
                "/chat/completions",
                Says(
                    {
                        "id": "66f3900f-e32e-4d59-b677-1a55de188262",
                        "model": "sonar",
                        "created": 1756485272,
                        "usage": {
                            "prompt_tokens": 12,
                            "completion_tokens": 315,
                            "total_tokens": 327,
                            "search_context_size": "low",
                        },
                        "object": "chat.completion",
                        "citations": ["https://grain.example/study"],
                        "search_results": [
                            {
                                "title": "How households buy flour, 2025",
                                "url": "https://grain.example/study",
                                "date": "2025-07-01",
                            }
                        ],
                        "choices": [
                            {
                                "index": 0,
                                "message": {"role": "assistant", "content": "64 % buy online [1]."},
                                "finish_reason": "stop",
                            }
                        ],
                    }
                ),
                headers={**JSON, "authorization": "Bearer pplx-secret"},
                body={
                    "model": "sonar",
                    "messages": TURNS,
                    "max_tokens": 1500,
                    "temperature": 0.2,
                },
            ),
        ),
        {
            "text": "64 % buy online [1].",
            "model": "sonar",
            "tokens_in": 12,
            "tokens_out": 315,
            "sources": [
                {"url": "https://grain.example/study", "title": "How households buy flour, 2025"}
            ],
        },
    ),
)
