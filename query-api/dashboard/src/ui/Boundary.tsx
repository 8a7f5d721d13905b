/** Keeps one view's trouble, such as a figure that cannot be read, from taking the whole page with it. */
import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';
import { Card } from './Card';

interface BoundaryProps {
  id: string;
  title: string;
  children: ComponentChildren;
}

export function Boundary({ id, title, children }: BoundaryProps) {
  const [error, reset] = useErrorBoundary((thrown: unknown) => console.warn(`${id} could not be drawn`, thrown));
  if (!error) return <>{children}</>;
  return (
    <Card id={id} title={title}>
      <p class="quiet">This view could not be drawn: {error instanceof Error ? error.message : String(error)}</p>
      <button type="button" class="link" onClick={reset}>
        Try again
      </button>
    </Card>
  );
}
