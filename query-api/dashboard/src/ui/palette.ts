/** Colours by role. A canvas cannot use CSS variables, so they are read from the style sheet for each theme. */
const ROLES = ['accent', 'accent-soft', 'second', 'attention', 'line', 'grid', 'muted', 'text', 'raised'] as const;

export type Role = (typeof ROLES)[number];
export type Palette = Record<Role, string>;

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(ROLES.map((role) => [role, style.getPropertyValue(`--${role}`).trim()])) as Palette;
}
