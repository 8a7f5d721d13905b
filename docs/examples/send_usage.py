"""Tells Tokenmeter of a call that did not pass its gateway. Python 3.8 and newer, no package needed.

    TOKENMETER_URL=http://127.0.0.1:8090 TOKENMETER_TOKEN=... python3 send_usage.py
"""
import datetime
import json
import os
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("TOKENMETER_URL", "http://127.0.0.1:8090") + "/api/v1/events"


def send(calls, attempts=5):
    """Sends calls; may be repeated under the same ids, as each id counts once."""
    headers = {"Content-Type": "application/json"}
    if os.environ.get("TOKENMETER_TOKEN"):
        headers["Authorization"] = "Bearer " + os.environ["TOKENMETER_TOKEN"]
    for attempt in range(attempts):
        try:
            request = urllib.request.Request(URL, json.dumps(calls).encode(), headers)
            with urllib.request.urlopen(request, timeout=35) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                raise SystemExit(json.load(error)["detail"])
        except OSError:
            pass
        time.sleep(2**attempt)
    raise SystemExit("Tokenmeter could not be reached; keep the calls and send them later")


def call(model, usage, **tags):
    """A call, from the usage object of OpenAI's chat completions."""
    return {
        "id": str(uuid.uuid4()),
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "provider": "openai",
        "model": model,
        "input_tokens": usage["prompt_tokens"],
        "cache_read_input_tokens": usage.get("prompt_tokens_details", {}).get("cached_tokens", 0),
        "output_tokens": usage["completion_tokens"],
        "tags": tags,
    }


if __name__ == "__main__":
    usage = {"prompt_tokens": 1200, "completion_tokens": 300, "prompt_tokens_details": {"cached_tokens": 1024}}
    print(send([call("gpt-4o-2024-08-06", usage, feature="nightly-summary", team="growth")]))
