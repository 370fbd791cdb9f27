/**
 * Headers that hold for every answer, the content security policy above all.
 *
 * Scripts come from this server alone, nothing is evaluated but WebAssembly. Styles come from this server, or from a
 * style element that carries the nonce of this answer: Mantine and CodeMirror make such elements, and read the nonce
 * from the page (`<meta property="csp-nonce">`). Style attributes in markup are not allowed and not needed: React,
 * React Flow and uPlot set styles through the object model, which the policy does not concern.
 */
import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { hostName } from '../auth/origin.ts';

/** Where the server writes the nonce of each answer into the page. */
export const NONCE_PLACEHOLDER = '__CSP_NONCE__';

export const nonceOf = (locals: Record<string, unknown>): string => String(locals.nonce);

const common = helmet({
  contentSecurityPolicy: false, // below: with a nonce for each answer
  crossOriginEmbedderPolicy: false,
  crossOriginOpenerPolicy: { policy: 'same-origin' },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  referrerPolicy: { policy: 'no-referrer' },
  strictTransportSecurity: false, // plain HTTP on the loopback
  xFrameOptions: { action: 'deny' },
});

export function policyText(nonce: string, host: string): string {
  return [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`, // 'self' does not cover ws: in every browser
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export const securityHeaders: RequestHandler = (request, response, next) => {
  const nonce = randomBytes(16).toString('base64');
  response.locals.nonce = nonce;
  response.setHeader('Content-Security-Policy', policyText(nonce, hostName(request.headers.host) === null ? 'localhost' : request.headers.host as string));
  response.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=()');
  common(request, response, next);
};
