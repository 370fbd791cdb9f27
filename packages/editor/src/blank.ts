/** The document of a new, empty drawing: one pattern without stages, one alert for each burst. */
import { DOCUMENT_FORMAT, DOCUMENT_VERSION, type JobDocument, zJobDocument } from '@tidemark/pattern';

export function blankDocument({ id, name, patternId = 'p1' }: { readonly id: string; readonly name: string; readonly patternId?: string }): JobDocument {
  return zJobDocument.parse({
    format: DOCUMENT_FORMAT, version: DOCUMENT_VERSION, id, name: name.trim().slice(0, 200) || id,
    patterns: [{ id: patternId, name: name.trim().slice(0, 200) || patternId, nodes: [], edges: [], afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' } }],
  });
}
