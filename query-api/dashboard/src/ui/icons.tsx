/** Decorative strokes; the words beside them carry the meaning. */
import type { ComponentChildren } from 'preact';

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const Sun = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.75" />
    <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" />
  </Icon>
);

export const Moon = () => (
  <Icon>
    <path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z" />
  </Icon>
);

export const TableIcon = () => (
  <Icon>
    <rect x="2.25" y="2.75" width="11.5" height="10.5" rx="1.5" />
    <path d="M2.5 6.25h11M2.5 9.75h11M6.5 6.25v6.75" />
  </Icon>
);

export const ChartIcon = () => (
  <Icon>
    <path d="M3.25 13V8.5M8 13V3M12.75 13V6.25" />
  </Icon>
);

export const Warning = () => (
  <Icon>
    <path d="M8 2.4 14.2 13H1.8L8 2.4ZM8 6.4v3.1M8 11.4v.1" />
  </Icon>
);

export const Check = () => (
  <Icon>
    <path d="M3.25 8.5 6.5 11.75 12.75 4.75" />
  </Icon>
);

export const Copy = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5" />
  </Icon>
);

export const Logo = () => (
  <svg class="logo" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
    <rect width="24" height="24" rx="6" />
    <path d="M6.5 17.5v-4M10.2 17.5v-7M13.8 17.5v-5M17.5 17.5v-11" />
  </svg>
);
