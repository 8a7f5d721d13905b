/** Before the first call: how to make one. */
import { useState } from 'preact/hooks';
import { Check, Copy } from '../ui/icons';

/** Tokenmeter's ports shift together: the gateway listens ten below this page, unless the API says otherwise. */
function gatewayUrl(told: unknown): string {
  if (typeof told === 'string' && told) return told.replace(/\/$/, '');
  const port = location.port ? Number(location.port) - 10 : 8080;
  return `http://${location.hostname}:${port}`;
}

export function Welcome({ gateway }: { gateway: unknown }) {
  const [copied, setCopied] = useState(false);
  const command = [
    `curl ${gatewayUrl(gateway)}/openai/v1/chat/completions \\`,
    `  -H "Authorization: Bearer $OPENAI_API_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '{"model":"gpt-5-mini","messages":[{"role":"user","content":"Hello"}]}'`,
  ].join('\n');
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <section id="welcome" class="card welcome" aria-labelledby="welcome-title">
      <p class="waiting" role="status">
        <span class="dot waiting-dot" /> Listening
      </p>
      <h2 id="welcome-title">Waiting for your first call</h2>
      <p class="quiet">
        Send one through the gateway, or change the base URL of your SDK. Its cost is here within seconds.
      </p>
      <div class="code">
        <pre tabIndex={0} aria-label="A first call with curl">
          <code>{command}</code>
        </pre>
        <button type="button" class="button" onClick={() => void copy()}>
          {copied ? <Check /> : <Copy />}
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
    </section>
  );
}
