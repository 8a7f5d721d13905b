// Tells Tokenmeter of a call that did not pass its gateway. Node 18 and newer, no package needed.
//
//   TOKENMETER_URL=http://127.0.0.1:8090 TOKENMETER_TOKEN=... node send-usage.js
const { randomUUID } = require("node:crypto");

const url = (process.env.TOKENMETER_URL ?? "http://127.0.0.1:8090") + "/api/v1/events";

/** Sends calls; may be repeated under the same ids, as each id counts once. */
async function send(calls, attempts = 5) {
  const headers = { "Content-Type": "application/json" };
  if (process.env.TOKENMETER_TOKEN) headers.Authorization = `Bearer ${process.env.TOKENMETER_TOKEN}`;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(calls) }).catch(() => null);
    if (answer?.ok) return (await answer.json()).data;
    if (answer && answer.status < 500 && answer.status !== 429) throw new Error((await answer.json()).detail);
    await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt));
  }
  throw new Error("Tokenmeter could not be reached; keep the calls and send them later");
}

/** A call, from the usage object of Anthropic's messages, which leaves cached tokens out of input_tokens. */
function call(model, usage, tags) {
  return {
    id: randomUUID(),
    time: new Date().toISOString(),
    provider: "anthropic",
    model,
    uncached_input_tokens: usage.input_tokens,
    cache_read_input_tokens: usage.cache_read_input_tokens ?? 0,
    cache_write_5m_input_tokens: usage.cache_creation_input_tokens ?? 0,
    output_tokens: usage.output_tokens,
    tags,
  };
}

const usage = { input_tokens: 200, cache_read_input_tokens: 1000, output_tokens: 80 };
send([call("claude-sonnet-4-5-20250929", usage, { feature: "triage", team: "support" })])
  .then((data) => console.log(JSON.stringify(data)))
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
