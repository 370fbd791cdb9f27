/** The JSON Schema (2020-12) of the job document, made from the one zod schema: what may be written, defaults not required. */
import { z } from 'zod';
import { zJobDocument } from './document.ts';

export function jobDocumentJsonSchema(): Record<string, unknown> {
  return {
    $id: 'urn:tidemark:job-document:1',
    title: 'Tidemark job document',
    ...z.toJSONSchema(zJobDocument, { io: 'input', reused: 'inline' }),
  };
}
