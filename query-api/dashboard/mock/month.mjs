// A company's two months, made up but adding up: hourly cells of tenant × model × feature × team with token counts by
// kind, priced with whole numbers of 10⁻¹² USD. The same hour always yields the same cell.
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

// Micro-USD per token = USD per million tokens.
const MODELS = {
  'gpt-5.2': { provider: 'openai', input: 1.75, cached: 0.175, output: 14, tokens: [2400, 520], cache: 0.45, reasoning: 0.4 },
  'gpt-5-mini': { provider: 'openai', input: 0.25, cached: 0.025, output: 2, tokens: [1500, 310], cache: 0.3, reasoning: 0.2 },
  'gpt-realtime': { provider: 'openai', input: 4, cached: 0.4, output: 16, audioIn: 32, audioOut: 64, tokens: [600, 120], audio: [420, 260] },
  'claude-opus-4-6': { provider: 'anthropic', input: 5, cached: 0.5, write: 6.25, write1h: 10, output: 25, tokens: [5200, 900], cache: 0.6, cacheWrite: 0.1 },
  'claude-sonnet-4-6': { provider: 'anthropic', input: 3, cached: 0.3, write: 3.75, write1h: 6, output: 15, tokens: [3600, 610], cache: 0.55, cacheWrite: 0.12 },
  'claude-haiku-4-5': { provider: 'anthropic', input: 1, cached: 0.1, write: 1.25, output: 5, tokens: [1800, 240], cache: 0.2 },
  'deepseek-chat': { provider: 'deepseek', input: 0.28, cached: 0.028, output: 0.42, tokens: [2200, 480], cache: 0.5 },
  'gemini-3-flash': { provider: 'google', input: 0.5, cached: 0.05, output: 3, tokens: [2600, 350], cache: 0.2, reasoning: 0.3 },
  // No price is known of it, whatever stands here.
  'llama-next-preview': { provider: 'groq', unpriced: true, input: 0, output: 0, tokens: [1100, 203] },
  'text-embedding-3-large': { provider: 'openai', input: 0.13, cached: 0.13, output: 0, tokens: [900, 0] },
};

const WORKLOADS = [
  ['acme', 'claude-sonnet-4-6', 'support-chat', 'customer-care', 'production', 150],
  ['acme', 'gpt-5-mini', 'ticket-triage', 'customer-care', 'production', 420],
  ['acme', 'claude-opus-4-6', 'code-review', 'platform', 'production', 22],
  ['acme', 'gpt-5.2', 'contract-summary', 'legal', 'production', 34],
  ['acme', 'text-embedding-3-large', 'search-index', 'platform', 'production', 260],
  ['globex', 'gpt-5.2', 'report-writer', 'analytics', 'production', 60],
  ['globex', 'gemini-3-flash', 'image-captions', 'media', 'production', 190],
  ['globex', 'claude-haiku-4-5', 'support-chat', 'customer-care', 'staging', 80],
  ['initech', 'deepseek-chat', 'sql-assistant', 'analytics', 'production', 240],
  ['initech', 'gpt-realtime', 'voice-agent', 'customer-care', 'production', 9],
  ['globex', 'llama-next-preview', 'report-writer', 'analytics', 'staging', 3],
  ['initech', 'llama-next-preview', 'prompt-lab', 'research', 'staging', 2],
  ['initech', 'claude-sonnet-4-6', '', '', 'development', 14],
];

/** A repeatable number in [0, 1) for whole numbers. */
function noise(a, b) {
  let x = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
}

function load(hour, anomalyDay) {
  const date = new Date(hour);
  const weekend = [0, 6].includes(date.getUTCDay()) ? 0.38 : 1;
  const growth = 1 + (hour / DAY - anomalyDay) * 0.006;
  return weekend * growth * (0.35 + 0.65 * Math.exp(-(((date.getUTCHours() - 14) / 5) ** 2)));
}

function kindsOf(model, requests, jitter) {
  const [input, output] = model.tokens.map((tokens) => Math.round(tokens * requests * jitter));
  const cached = Math.round(input * (model.cache ?? 0));
  const write = Math.round(input * (model.cacheWrite ?? 0));
  const reasoning = Math.round(output * (model.reasoning ?? 0));
  const [audioIn, audioOut] = (model.audio ?? [0, 0]).map((tokens) => Math.round(tokens * requests));
  return [
    ['uncached_input_tokens', input - cached - write, model.input],
    ['cache_read_input_tokens', cached, model.cached ?? 0],
    ['cache_write_5m_input_tokens', write - (write >> 2), model.write ?? 0],
    ['cache_write_1h_input_tokens', write >> 2, model.write1h ?? 0],
    ['audio_input_tokens', audioIn, model.audioIn ?? 0],
    ['image_input_tokens', 0, 0],
    ['text_output_tokens', output - reasoning, model.output],
    ['reasoning_output_tokens', reasoning, model.output],
    ['audio_output_tokens', audioOut, model.audioOut ?? 0],
    ['image_output_tokens', 0, 0],
  ].map(([kind, tokens, price]) => ({ kind, tokens, picos: BigInt(tokens) * BigInt(Math.round(price * 1e6)) }));
}

/** Cells of the 62 days up to now; five days ago one feature ran wild. */
export function monthCells(now) {
  const cells = [];
  const anomalyDay = Math.floor(now / DAY) - 5;
  for (let hour = Math.floor((now - 62 * DAY) / HOUR) * HOUR; hour <= now; hour += HOUR) {
    WORKLOADS.forEach(([tenant, name, feature, team, environment, perHour], index) => {
      const random = noise(hour / HOUR, index);
      const wild = feature === 'code-review' && Math.floor(hour / DAY) === anomalyDay ? 9 : 1;
      const share = hour + HOUR > now ? (now - hour) / HOUR : 1;
      const requests = Math.round(perHour * load(hour, anomalyDay) * (0.7 + 0.6 * random) * wild * share);
      if (requests === 0) return;
      const kinds = kindsOf(MODELS[name], requests, 0.85 + 0.3 * noise(index, hour / HOUR));
      cells.push({ hour, tenant, model: name, provider: MODELS[name].provider, tags: { feature, team, environment }, requests, kinds, unpriced: MODELS[name].unpriced === true });
    });
  }
  return cells;
}

/** The same call to a model without a price. */
export function unpricedCell(now) {
  return oneCell(now).map((cell) => ({ ...cell, model: 'llama-next-preview', provider: 'groq', unpriced: true }));
}

/** One call: 100 tokens in and 50 out on gpt-5-mini is $0.000125. */
export function oneCell(now) {
  const kinds = kindsOf({ input: 0.25, output: 2, tokens: [100, 50] }, 1, 1).filter(({ tokens }) => tokens > 0);
  const tags = { feature: 'quickstart', team: '', environment: '' };
  return [{ hour: Math.floor(now / HOUR) * HOUR, tenant: 'default', model: 'gpt-5-mini', provider: 'openai', tags, requests: 1, kinds }];
}
