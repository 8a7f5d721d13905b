import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the page also works below a path of a reverse proxy.
  base: './',
  build: {
    outDir: process.env.DASHBOARD_OUT ?? '../target/classes/dashboard',
    emptyOutDir: true,
    // The page is served with `default-src 'self'`, which forbids data: URLs.
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2022',
  },
  server: {
    proxy: { '/api': process.env.TOKENMETER_API ?? 'http://127.0.0.1:8090' },
  },
});
