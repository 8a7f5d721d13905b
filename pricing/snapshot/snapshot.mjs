// Makes the shipped price list from @pydantic/genai-prices (MIT). Facts only: names, dates, USD per million tokens.
// What our format cannot say exactly is left out, so that it shows as unpriced rather than wrong.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Names in the source, and ours. */
const PROVIDERS = {
  openai: 'openai',
  anthropic: 'anthropic',
  deepseek: 'deepseek',
  google: 'gemini',
  mistral: 'mistral',
  groq: 'groq',
  'x-ai': 'xai',
};
const TOKENS = {
  input_mtok: ['uncached_input_tokens'],
  output_mtok: ['text_output_tokens'],
  cache_read_mtok: ['cache_read_input_tokens'],
  cache_write_mtok: ['cache_write_5m_input_tokens'],
  cache_write_1h_mtok: ['cache_write_1h_input_tokens'],
  input_audio_mtok: ['audio_input_tokens'],
  output_audio_mtok: ['audio_output_tokens'],
  input_image_mtok: ['image_input_tokens'],
  output_image_mtok: ['image_output_tokens'],
  output_reasoning_mtok: ['reasoning_output_tokens'],
};
/** Units that a provider counts in its usage and documents as free of charge. */
const FREE = {
  // https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-fetch-tool
  anthropic: ['web_fetch_requests'],
};
/** ^name-20260101$ or ^name-2026-01-01$ */
const DATED = /^\^([^^$]+?)-\\d\{(?:8\}|4\}-\\d\{2\}-\\d\{2\})\$$/;
/** Our unit, and how many of it the source's figure is for. */
const UNITS = {
  web_searches_kcount: ['web_search_requests', 1e3],
  cache_audio_read_mtok: ['cache_read_audio_tokens', 1e6],
};
/** By the source's own words of what they are billed by, which our events do not count: no part may pass for the whole. */
const UNCOUNTED = /video|hours|kpages|text_messages/;

const packageDir = new URL('./node_modules/@pydantic/genai-prices/', import.meta.url);
const source = JSON.parse(fs.readFileSync(new URL('package.json', packageDir)));
const providers = embeddedData(fs.readFileSync(new URL('dist/index.js', packageDir), 'utf8'));
const prices = [];
const leftOut = [];
for (const provider of providers.filter((p) => PROVIDERS[p.id])) {
  for (const model of provider.models) addModel(PROVIDERS[provider.id], model);
}
const file = {
  format: 'tokenmeter-prices/1',
  source: `${source.name} ${source.version} (MIT, ${source.homepage})`,
  made_by: 'pricing/snapshot/snapshot.mjs',
  currency: 'USD',
  prices,
};
const target = fileURLToPath(new URL('../src/main/resources/prices/shipped.json', import.meta.url));
fs.writeFileSync(target, JSON.stringify(file, null, 1) + '\n');
console.log(`${prices.length} prices written; left out: ${leftOut.join(', ') || 'none'}`);

/** The package holds its data as the first array literal of its module; it exports no way to list it. */
function embeddedData(code) {
  const start = code.indexOf('[');
  const end = code.indexOf('\n]', start) + 2;
  return (0, eval)(`(${code.slice(start, end)})`);
}

function addModel(provider, model) {
  const names = matchNames(model.match) ?? literalNames(model.match);
  const entries = Array.isArray(model.prices) ? model.prices.map((p) => p.prices) : [model.prices];
  if (!names || entries.some((p) => Object.keys(p).some((key) => UNCOUNTED.test(key)))) return leftOut.push(`${provider}/${model.id}`);
  const list = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  const dated = list.filter((p) => p.constraint?.type === 'start_date');
  const hourly = list.filter((p) => p.constraint?.type === 'time_of_date');
  list.forEach((entry) => {
    // Hours of the day came in with the last dated price: the source cannot say both on one entry.
    const from = hourly.includes(entry) ? dated.at(-1)?.constraint.start_date : entry.constraint?.start_date;
    if (!Object.keys(entry.prices).some((key) => TOKENS[key])) return;
    const next = dated.map((p) => p.constraint.start_date).filter((d) => d > (from ?? ''))[0];
    prices.push({
      provider,
      ...names,
      ...(from && { from: utc(from) }),
      ...(next && { until: utc(next) }),
      ...(entry.constraint?.type === 'time_of_date' && { hours_utc: hours(entry.constraint) }),
      ...rates(provider, entry.prices),
    });
  });
}

function matchNames(match) {
  const models = [];
  const dated = [];
  for (const part of match.or ?? [match]) {
    if (part.equals) models.push(part.equals);
    else if (part.starts_with) dated.push(part.starts_with);
    else if (part.regex && DATED.test(part.regex)) dated.push(part.regex.match(DATED)[1].replaceAll('\\', ''));
    else return null;
  }
  return {
    ...(models.length && { models }),
    ...(dated.length && { dated_models: dated }),
  };
}

/** Of a rule that our format cannot say, the names that it spells out and that are meant by it. */
function literalNames(match) {
  const models = literals(match).filter((name) => isMeant(match, name));
  return models.length ? { models } : null;
}

function literals(match) {
  const parts = match.or ?? match.and;
  return parts ? [...new Set(parts.flatMap(literals))] : [match.equals ?? match.starts_with].filter(Boolean);
}

function isMeant(match, name) {
  if (match.or) return match.or.some((part) => isMeant(part, name));
  if (match.and) return match.and.every((part) => isMeant(part, name));
  if (match.equals) return name === match.equals;
  if (match.starts_with) return name.startsWith(match.starts_with);
  if (match.ends_with) return name.endsWith(match.ends_with);
  if (match.contains) return name.includes(match.contains);
  return new RegExp(match.regex).test(name);
}

function rates(provider, prices) {
  const tiers = new Map();
  for (const value of Object.values(prices)) for (const tier of value?.tiers ?? []) tiers.set(tier.start, true);
  const at = (value, edge) =>
    typeof value === 'number' ? value : [...value.tiers].filter((t) => t.start <= edge).pop()?.price ?? value.base;
  const table = (edge) => ({
    usd_per_million_tokens: pick(prices, TOKENS, (v) => decimal(at(v, edge))),
    ...unitRates(provider, prices, edge, at),
  });
  const edges = [...tiers.keys()].sort((a, b) => a - b);
  return {
    ...table(-1),
    ...(edges.length && { context_tiers: edges.map((edge) => ({ above_input_tokens: edge, ...table(edge) })) }),
  };
}

function unitRates(provider, prices, edge, at) {
  const units = Object.fromEntries((FREE[provider] ?? []).map((unit) => [unit, '0']));
  for (const [key, [unit, count]] of Object.entries(UNITS)) {
    if (prices[key] !== undefined) units[unit] = decimal(at(prices[key], edge) / count, 12);
  }
  return Object.keys(units).length ? { usd_per_unit: units } : {};
}

function pick(prices, names, convert) {
  const out = {};
  for (const [key, targets] of Object.entries(names)) {
    if (prices[key] === undefined) continue;
    for (const target of targets) out[target] = convert(prices[key]);
  }
  return out;
}

/** At most so many digits after the point, without zeros at the end. */
function decimal(number, digits = 6) {
  const text = number.toFixed(digits).replace(/\.?0+$/, '');
  if (Math.abs(Number(text) - number) > 1e-6 * 10 ** -digits) throw new Error(`not a short decimal: ${number}`);
  return text;
}

function utc(date) {
  return `${date}T00:00:00Z`;
}

function hours({ start_time, end_time }) {
  return { from: start_time.slice(0, 5), until: end_time.slice(0, 5) };
}
