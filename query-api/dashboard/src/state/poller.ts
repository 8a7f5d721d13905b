/**
 * Calls `load` again and again: at a steady pace while it succeeds, ever more slowly while it fails, never while
 * the page is hidden, and at once when the page is shown again.
 */
const PACE_MS = 5_000;
const SLOWEST_MS = 60_000;

/** Resolves to whether everything was loaded. */
export type Load = (signal: AbortSignal) => Promise<boolean>;

export class Poller {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: AbortController | undefined;
  private failures = 0;

  constructor(
    private readonly load: Load,
    private readonly isHidden: () => boolean,
    private readonly onWait: (delayMs: number) => void = () => {},
  ) {}

  /** Starts, or starts over: what is under way is given up. Call it when the page is shown or hidden too. */
  restart(): void {
    this.stop();
    if (!this.isHidden()) void this.run();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = undefined;
  }

  private async run(): Promise<void> {
    const controller = new AbortController();
    this.running = controller;
    const succeeded = await this.load(controller.signal).catch(() => false);
    if (controller.signal.aborted) return;
    this.failures = succeeded ? 0 : this.failures + 1;
    const delay = Math.min(SLOWEST_MS, PACE_MS * 2 ** Math.min(this.failures, 10));
    this.onWait(delay);
    this.timer = setTimeout(() => void this.run(), delay);
  }
}
