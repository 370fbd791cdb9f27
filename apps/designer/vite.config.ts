/**
 * Build and development server of the designer.
 *
 * The page runs under a policy without inline scripts and without evaluation: nothing is inlined (no data: URLs
 * either), and styles that libraries add carry the nonce that the server writes in place of CSP_NONCE_PLACEHOLDER.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const runtime = `http://127.0.0.1:${process.env['TIDEMARK_PORT'] ?? '4747'}`;

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    proxy: {
      '/api': { target: runtime, changeOrigin: false },
      '/socket.io': { target: runtime, ws: true, changeOrigin: false },
    },
  },
});
