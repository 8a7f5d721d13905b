/** One view: a section with a stable id, a heading, what the figures cover, and its states. */
import type { ComponentChildren } from 'preact';

export interface CardProps {
  id: string;
  title: string;
  /** What the figures cover, e.g. the period. */
  note?: string;
  /** Controls at the right of the heading. */
  actions?: ComponentChildren;
  /** The figures answer an older choice; newer ones are on their way. */
  busy?: boolean;
  className?: string;
  children: ComponentChildren;
}

export function Card({ id, title, note, actions, busy, className = '', children }: CardProps) {
  return (
    <section id={id} class={`card ${className}`} aria-labelledby={`${id}-title`} aria-busy={busy ?? false}>
      <header class="card-head">
        <div class="card-title">
          <h2 id={`${id}-title`}>{title}</h2>
          {note && <p class="note">{note}</p>}
        </div>
        {actions}
      </header>
      <div class="card-body">{children}</div>
    </section>
  );
}

/** In place of a view whose first answer is awaited, or has failed. */
export function Pending({ error, rows = 4 }: { error?: string | undefined; rows?: number }) {
  if (error) return <p class="quiet">Could not be loaded: {error}</p>;
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="bone" />
      ))}
    </div>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="quiet">{children}</p>;
}
