/** Light or dark: the system's choice until the reader makes one, which is then remembered (see public/theme.js). */
import { createContext } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export type Theme = 'light' | 'dark';

/** For what cannot follow the style sheet by itself. */
export const ThemeContext = createContext<Theme>('light');

const KEY = 'tokenmeter.theme';
const SYSTEM = matchMedia('(prefers-color-scheme: dark)');

function current(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return SYSTEM.matches ? 'dark' : 'light';
}

export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState(current);
  useEffect(() => {
    const onSystem = () => setTheme(current());
    SYSTEM.addEventListener('change', onSystem);
    return () => SYSTEM.removeEventListener('change', onSystem);
  }, []);
  const toggle = () => {
    const next: Theme = theme === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Storage may be switched off; the choice then holds until the page is left.
    }
    setTheme(next);
  };
  return [theme, toggle];
}
