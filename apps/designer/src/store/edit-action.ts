/**
 * What a gesture on the Design page asks for, in the page's own words: one action, one entry of the history.
 * Not here: how it is done (packages/editor).
 */
import type { AfterMatch, JobDocument, OutputSpec, PatternEdge, Quantifier, SourceSpec, Window } from '@tidemark/pattern';

export interface At { readonly x: number; readonly y: number }
export type LinkType = 'STRICT' | 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY';

export type EditAction =
  /** After a stage or group; null = at the end of the main chain. `at`: where it was dropped. */
  | { readonly kind: 'append-stage'; readonly after: string | null; readonly at?: At; readonly condition?: string; readonly name?: string }
  /** Not connected to anything. */
  | { readonly kind: 'place-stage'; readonly at: At }
  | { readonly kind: 'insert-stage'; readonly link: PatternEdge }
  /** On the link, or (target null) after the last stage. */
  | { readonly kind: 'add-gate'; readonly source: string; readonly target: string | null }
  | { readonly kind: 'set-link'; readonly source: string; readonly target: string; readonly type: PatternEdge['type'] }
  | { readonly kind: 'connect'; readonly source: string; readonly target: string }
  | { readonly kind: 'delete-link'; readonly source: string; readonly target: string }
  | { readonly kind: 'delete'; readonly ids: readonly string[] }
  | { readonly kind: 'rename'; readonly id: string; readonly name: string }
  | { readonly kind: 'label'; readonly id: string; readonly language: 'en' | 'zh'; readonly label: string | null }
  | { readonly kind: 'condition'; readonly id: string; readonly text: string }
  | { readonly kind: 'quantifier'; readonly id: string; readonly quantifier: Quantifier }
  | { readonly kind: 'stage-window'; readonly id: string; readonly window: Window | null }
  | { readonly kind: 'window'; readonly window: Window | null }
  | { readonly kind: 'key'; readonly fields: readonly string[] }
  | { readonly kind: 'after-match'; readonly strategy: AfterMatch }
  | { readonly kind: 'output'; readonly output: OutputSpec }
  | { readonly kind: 'advance-every-key'; readonly on: boolean }
  | { readonly kind: 'source'; readonly source: SourceSpec | null }
  | { readonly kind: 'schema'; readonly schema: JobDocument['schema']; readonly outOfOrdernessMs?: number }
  | { readonly kind: 'settings'; readonly settings: Partial<Pick<JobDocument, 'name' | 'outOfOrdernessMs' | 'parallelism' | 'checkpointing' | 'restart' | 'limits'>> }
  | { readonly kind: 'move'; readonly positions: ReadonlyMap<string, At> }
  | { readonly kind: 'collapse'; readonly id: string; readonly collapsed: boolean }
  | { readonly kind: 'tidy'; readonly ids: readonly string[] | null }
  | { readonly kind: 'group'; readonly ids: readonly string[] }
  | { readonly kind: 'ungroup'; readonly id: string }
  | { readonly kind: 'duplicate'; readonly ids: readonly string[] }
  | { readonly kind: 'paste'; readonly text: string; readonly at: At | null }
  | { readonly kind: 'replace'; readonly document: JobDocument };
