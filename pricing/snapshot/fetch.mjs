// Lays out for SnapshotCommand what it makes the shipped price list of: the data of two packages, as pinned by
// package-lock.json and requirements.txt. Facts only: names, dates, rates.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('./build/', import.meta.url));
fs.rmSync(build, { recursive: true, force: true });
fs.mkdirSync(build, { recursive: true });

const genai = genaiPrices();
const litellm = liteLlm();
fs.writeFileSync(
  build + 'sources.properties',
  [`made=${new Date().toISOString().slice(0, 10)}`, `genai=${genai}`, `litellm=${litellm}`, ''].join('\n'),
);

function genaiPrices() {
  const folder = new URL('./node_modules/@pydantic/genai-prices/', import.meta.url);
  const about = JSON.parse(fs.readFileSync(new URL('package.json', folder)));
  const data = embeddedData(fs.readFileSync(new URL('dist/index.js', folder), 'utf8'));
  fs.writeFileSync(build + 'genai.json', JSON.stringify(data));
  return `${about.name} ${about.version} (npm, ${about.license}, ${about.homepage})`;
}

/** The package holds its data as the first array literal of its module; it exports no way to list it. */
function embeddedData(code) {
  const start = code.indexOf('[');
  const end = code.indexOf('\n]', start) + 2;
  return (0, eval)(`(${code.slice(start, end)})`);
}

/** One wheel for whatever machine this is, so that the hash holds; nothing of it is run. */
function liteLlm() {
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '--only-binary', ':all:'];
  const platform = ['--platform', 'manylinux_2_28_x86_64', '--python-version', '3.12', '--abi', 'abi3', '--implementation', 'cp'];
  execFileSync('python3', [...pip, ...platform, '-r', 'requirements.txt', '-d', build], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: 'inherit',
  });
  const wheel = fs.readdirSync(build).find((name) => name.endsWith('.whl'));
  const member = 'litellm/model_prices_and_context_window_backup.json';
  const data = execFileSync('python3', ['-c', 'import sys,zipfile;sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))', build + wheel, member], { maxBuffer: 1 << 28 });
  fs.writeFileSync(build + 'litellm.json', data);
  fs.rmSync(build + wheel);
  return `litellm ${wheel.split('-')[1]} (PyPI, MIT, https://github.com/BerriAI/litellm), ${member}`;
}
