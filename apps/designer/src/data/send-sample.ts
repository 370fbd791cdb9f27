/**
 * Sends a file to the runtime with progress. XMLHttpRequest, because fetch tells nothing about what was sent.
 * Errors  ApiError; an abort rejects with an AbortError. Always same origin, with the header that marks our own page.
 */
import { type Sample, zProblem, zSample } from '@tidemark/protocol';
import { resolveRoute } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import type { SampleFormat } from './upload.ts';

export interface SendOptions {
  readonly name: string;
  readonly format: SampleFormat | null;
  readonly signal: AbortSignal;
  onProgress(sent: number): void;
}

export function sendSample(body: Blob, { name, format, signal, onProgress }: SendOptions): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const { method, url } = resolveRoute('uploadSample', {}, { name: name.slice(0, 255), ...(format === null ? {} : { format }) });
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('x-tidemark', '1');
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => onProgress(event.loaded));
    request.upload.addEventListener('load', () => onProgress(body.size));
    request.addEventListener('error', () => reject(new ApiError('network', 'upload')));
    request.addEventListener('abort', () => reject(new DOMException('cancelled', 'AbortError')));
    request.addEventListener('load', () => {
      const sample = zSample.safeParse(request.response);
      if (request.status >= 200 && request.status < 300 && sample.success) return resolve(sample.data);
      const problem = zProblem.safeParse(request.response);
      const kind = request.status === 401 ? 'session' : request.status >= 200 && request.status < 300 ? 'shape' : 'problem';
      return reject(problem.success
        ? new ApiError(kind, problem.data.detail || problem.data.title, { status: request.status, problem: problem.data })
        : new ApiError(kind, `upload answered ${request.status}`, { status: request.status }));
    });
    if (signal.aborted) return reject(new DOMException('cancelled', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    return request.send(body);
  });
}
